//! When the connection is of no use any more: what that means for the letters in it.

use super::super::reply::{Replies, Reply};
use super::super::rule::{At, fills_connection, refused};
use super::super::{Lost, Outcome};
use super::ahead::{Ahead, Stage};
use super::{Dialogue, Turn};
use crate::model::Signal;

/// The connection is of no use any more.
#[derive(Debug)]
pub(super) struct Dead {
    pub why: String,
    pub cause: Cause,
    /// An outcome has told it as relay trouble.
    pub told: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    Ended,
    Silent,
    /// Nonsense, or an answer out of step.
    Astray,
    /// It does not understand a flight that it offered to understand.
    Confused,
    /// It said 421, and an outcome told so.
    Said,
}

impl Dialogue {
    /// It said 421.
    pub(super) fn hung_up(&mut self, mut outcome: Outcome, at: At, reply: &Reply) -> Turn<Result<(), Outcome>> {
        // A server may end a connection after any letter.
        let harmless = at == At::Mail && self.proven && fills_connection(reply);
        if harmless {
            outcome.relay_trouble = None;
        }
        let told = harmless || outcome.relay_trouble.is_some();
        self.dead = Some(Dead { why: format!("{} said {}", self.host, reply.whole()), cause: Cause::Said, told });
        self.ahead = None;
        Turn::Done(Err(outcome))
    }

    /// The reply is not one to what was said.
    pub(super) fn astray(&mut self, reply: &Reply, cause: Cause) -> Turn<Result<(), Outcome>> {
        let at = self.ahead.as_ref().map_or(At::Mail, Ahead::at);
        let why = format!("{} answered out of step ({} for {}); the connection is given up", self.host, reply.whole(), at.word());
        self.dead.get_or_insert(Dead { why, cause, told: false });
        Turn::Done(Err(self.gone()))
    }

    /// Bytes lie there that answer nothing.
    pub(super) fn unasked(&mut self) {
        let said = self.next_reply().map_or_else(|| "nonsense".to_owned(), |reply| reply.whole());
        self.lost(Lost::Garbage(format!("{} spoke before it was asked ({said}); the connection is given up", self.host)));
    }

    /// The connection was lost in the middle of the letter, before its dot.
    pub(in super::super) fn broken_off(&mut self) -> Outcome {
        let spoken = self.next_reply().filter(|reply| reply.code >= 400);
        let outcome = match spoken {
            Some(reply) => {
                let at = if reply.code == 421 { At::Data } else { At::Dot };
                let outcome = refused(&self.host, at, &reply);
                if let Some(dead) = &mut self.dead {
                    dead.told = outcome.relay_trouble.is_some();
                }
                outcome
            }
            None => self.gone(),
        };
        self.replies = Replies::default();
        self.ahead = None;
        self.promote();
        if let Some(next) = &mut self.ahead {
            (next.stage, next.behind) = (Stage::Noted, false);
        }
        outcome
    }

    /// The letter whose dot was written got no answer.
    pub(super) fn doubt(&mut self) -> Outcome {
        self.sent = false;
        let behind = self.ahead.as_ref().is_some_and(|ahead| ahead.behind);
        // Some firewalls end the connection when they see a flight behind a dot.
        self.lockstep |= behind && self.behind == 0;
        let why = match &mut self.dead {
            Some(dead) => {
                dead.told = true;
                dead.why.as_str()
            }
            None => "the connection was lost",
        };
        let why = format!("{why}; the whole letter had been written, so it may have been taken");
        Outcome { relay_trouble: Some(why.clone()), signal: Signal::Unknown { why }, code: None, enhanced: None }
    }

    /// The connection ended, fell silent or spoke nonsense. What it said before still counts.
    pub(in super::super) fn lost(&mut self, lost: Lost) {
        let (why, cause) = match lost {
            Lost::Ended(why) => (why, Cause::Ended),
            Lost::Silent(why) => (why, Cause::Silent),
            Lost::Garbage(why) => (why, Cause::Astray),
        };
        self.dead.get_or_insert(Dead { why, cause, told: false });
    }

    /// The letter ahead has no chance any more on this connection.
    pub(super) fn gone(&mut self) -> Outcome {
        let Some(ahead) = self.ahead.take() else {
            let why = self.dead.as_ref().map_or_else(|| format!("no letter is announced to {}", self.host), |dead| dead.why.clone());
            return Outcome { relay_trouble: None, ..Outcome::not_begun(why) };
        };
        let (host, behind) = (&self.host, self.behind);
        let dead =
            self.dead.get_or_insert_with(|| Dead { why: format!("the connection to {host} was lost"), cause: Cause::Ended, told: false });
        let unanswered = matches!(ahead.stage, Stage::Reset | Stage::Mail);
        let begun = matches!(ahead.stage, Stage::Rcpt | Stage::Data);
        let lies = match dead.cause {
            Cause::Silent | Cause::Astray => ahead.pipelined && begun || ahead.behind && unanswered,
            Cause::Ended => ahead.behind && unanswered && behind == 0,
            Cause::Confused => true,
            Cause::Said => false,
        };
        self.lockstep |= lies;
        // A server may end a connection after any letter, and one that lies is well when it is spoken to step by step.
        let harmless = match dead.cause {
            Cause::Ended => unanswered && self.proven,
            Cause::Confused => true,
            Cause::Silent | Cause::Astray | Cause::Said => lies && ahead.behind,
        };
        let trouble = (!dead.told && !harmless).then(|| dead.why.clone());
        dead.told = true;
        match ahead.refusal {
            Some(mut refusal) => {
                refusal.relay_trouble = refusal.relay_trouble.or(trouble);
                refusal
            }
            None => Outcome { relay_trouble: trouble, ..Outcome::not_begun(dead.why.clone()) },
        }
    }
}
