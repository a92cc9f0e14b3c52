//! The dialogue of one connection after sign-in, without a socket: bytes in, bytes and outcomes out.
//!
//! At any moment at most two letters are in it: the one whose dot was written (`sent`), and the one that is
//! announced (`ahead`). The server answers in order, so every reply belongs to the dot first, then to the
//! announcement. [`Turn`] tells the pump what to do next; whatever breaks comes in by [`Dialogue::lost`].

mod ahead;
mod loss;

use super::body;
use super::envelope::Envelope;
use super::offers::Offers;
use super::reply::{Replies, Reply};
use super::rule::{At, refused};
use super::{Lost, Outcome};
use crate::model::{Address, Signal};
use ahead::{Ahead, DATA, RESET, Stage, confused};
use loss::{Cause, Dead};

/// After so many flights behind a dot that were answered well, a connection is believed to pipeline.
const TRUSTED: u32 = 8;
/// Letters up to this size on the wire go out in one write.
const ONE_WRITE: usize = 32 * 1024;
/// How much of a bigger letter is kept back for the write that holds the dot.
const LAST_WRITE: usize = 16 * 1024;

const LONE_DOT: &[u8] = b".\r\n";

/// What the pump has to do next.
#[derive(Debug)]
pub(crate) enum Turn<T> {
    /// Write [`Dialogue::out`], then ask again.
    Write,
    /// Read, feed, ask again.
    Read(Wait),
    Done(T),
}

/// How long the next answer may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wait {
    Command,
    Data,
    Dot,
    /// An answer to a flight that stood behind a dot, from a server that has not shown yet that it reads such flights.
    Behind,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Dialogue {
    pub host: String,
    pub offers: Offers,
    pub replies: Replies,
    /// What is to be written.
    pub out: Vec<u8>,
    ahead: Option<Ahead>,
    /// Given to [`Self::letter`], and ahead as soon as the letter is out.
    next: Option<Result<Ahead, Outcome>>,
    /// What became of the letter ahead before anything was said.
    unspoken: Option<Outcome>,
    /// A dot was written and not answered.
    sent: bool,
    /// The letter before was refused: its remains are cleared first.
    reset: bool,
    /// At least one letter got an answer on this connection.
    proven: bool,
    /// How many flights behind a dot were answered in step.
    behind: u32,
    step_by_step: bool,
    lockstep: bool,
    dead: Option<Dead>,
}

impl Dialogue {
    pub fn new(host: String) -> Self {
        Self {
            host,
            offers: Offers::default(),
            replies: Replies::default(),
            out: Vec::new(),
            ahead: None,
            next: None,
            unspoken: None,
            sent: false,
            reset: false,
            proven: false,
            behind: 0,
            step_by_step: false,
            lockstep: false,
            dead: None,
        }
    }

    /// From the next announcement on, every command waits for its answer.
    pub fn go_step_by_step(&mut self) {
        self.step_by_step = true;
    }

    /// The server seems to lie about PIPELINING.
    pub fn lockstep(&self) -> bool {
        self.lockstep
    }

    /// Nothing is wrong, and no dot is unanswered.
    pub fn usable(&self) -> bool {
        self.dead.is_none() && !self.sent
    }

    /// No letter is on its way in any form.
    pub fn idle(&self) -> bool {
        self.usable() && self.ahead.is_none() && self.unspoken.is_none()
    }

    /// Announces a letter while nothing else is on the wire; what to say is in `out`.
    pub fn open(&mut self, mail_from: &Address, rcpt_to: &Address, raw: &[u8]) -> Result<(), Outcome> {
        if self.idle() && !self.replies.is_empty() {
            let said = self.next_reply().map_or_else(|| "nonsense".to_owned(), |reply| reply.whole());
            self.lost(Lost::Ended(format!("{} closed the connection before the letter was begun: {said}", self.host)));
        }
        if let Some(dead) = &mut self.dead {
            // A server may end a connection after any letter.
            let harmless = dead.told || self.proven && dead.cause == Cause::Ended;
            dead.told = true;
            let outcome = Outcome::not_begun(dead.why.clone());
            return Err(Outcome { relay_trouble: outcome.relay_trouble.filter(|_| !harmless), ..outcome });
        }
        if !self.idle() {
            let why = format!("the connection to {} was left in the middle of another letter", self.host);
            self.lost(Lost::Ended(why.clone()));
            return Err(Outcome { relay_trouble: None, ..Outcome::not_begun(why) });
        }
        let ahead = self.note(mail_from, rcpt_to, raw)?;
        self.out.clear();
        self.ahead = Some(ahead);
        self.begin();
        Ok(())
    }

    fn note(&self, mail_from: &Address, rcpt_to: &Address, raw: &[u8]) -> Result<Ahead, Outcome> {
        let envelope = Envelope::of(&self.host, &self.offers, mail_from, rcpt_to, raw)?;
        let pipelined = self.offers.pipelining && !self.step_by_step;
        Ok(Ahead { envelope, stage: Stage::Noted, pipelined, behind: false, refusal: None })
    }

    /// The first words of the letter ahead.
    fn begin(&mut self) {
        let Some(ahead) = &mut self.ahead else { return };
        ahead.stage = if self.reset { Stage::Reset } else { Stage::Mail };
        if self.reset {
            self.out.extend_from_slice(RESET.as_bytes());
        }
        if ahead.pipelined {
            ahead.flight(&mut self.out);
        } else if !self.reset {
            self.out.extend_from_slice(ahead.envelope.mail.as_bytes());
        }
        self.reset = false;
    }

    /// Until the server wants the body of the letter ahead, or it is known what became of it.
    pub fn ready(&mut self) -> Turn<Result<(), Outcome>> {
        if self.sent {
            self.lost(Lost::Ended(format!("the answer of {} to the letter before was not waited for", self.host)));
            return Turn::Done(Err(self.gone()));
        }
        if let Some(outcome) = self.unspoken.take() {
            return Turn::Done(Err(outcome));
        }
        match &self.ahead {
            None => return Turn::Done(Err(self.gone())),
            Some(Ahead { stage: Stage::Noted | Stage::Wanted, .. }) if self.dead.is_some() => return Turn::Done(Err(self.gone())),
            Some(Ahead { stage: Stage::Wanted, .. }) => return Turn::Done(Ok(())),
            Some(Ahead { stage: Stage::Noted, .. }) => {
                self.out.clear();
                self.begin();
                return Turn::Write;
            }
            Some(_) => {}
        }
        loop {
            match self.next_reply() {
                Some(reply) => {
                    if let Some(turn) = self.take(&reply) {
                        return turn;
                    }
                }
                None if self.dead.is_some() => return Turn::Done(Err(self.gone())),
                None => return Turn::Read(self.wait()),
            }
        }
    }

    fn next_reply(&mut self) -> Option<Reply> {
        match self.replies.next() {
            Ok(reply) => reply,
            Err(garbage) => {
                self.lost(Lost::Garbage(format!("{}: {garbage}", self.host)));
                None
            }
        }
    }

    fn wait(&self) -> Wait {
        match &self.ahead {
            Some(Ahead { stage: Stage::LoneDot, .. }) => Wait::Dot,
            Some(ahead) if ahead.behind && self.behind < TRUSTED => Wait::Behind,
            Some(Ahead { stage: Stage::Data, .. }) => Wait::Data,
            _ => Wait::Command,
        }
    }

    /// The reply to the oldest unanswered command of the letter ahead. `None`: the next reply, please.
    fn take(&mut self, reply: &Reply) -> Option<Turn<Result<(), Outcome>>> {
        let ahead = self.ahead.as_mut()?;
        let at = ahead.at();
        if reply.code == 421 {
            let outcome = ahead.refusal.take().unwrap_or_else(|| refused(&self.host, at, reply));
            return Some(self.hung_up(outcome, at, reply));
        }
        if ahead.refusal.is_none() && ahead.pipelined && confused(reply, ahead.behind) {
            return Some(self.astray(reply, Cause::Confused));
        }
        match ahead.stage {
            Stage::Reset if reply.is_ok() => self.ask(Stage::Mail),
            Stage::Mail | Stage::Rcpt => {
                match reply.code {
                    200..300 => {}
                    300..400 => return Some(self.astray(reply, Cause::Astray)),
                    _ => {
                        ahead.refusal.get_or_insert_with(|| refused(&self.host, at, reply));
                    }
                }
                if ahead.refusal.is_some() && !ahead.pipelined {
                    return Some(self.refusal());
                }
                let stage = if ahead.stage == Stage::Mail { Stage::Rcpt } else { Stage::Data };
                self.ask(stage)
            }
            Stage::Data => Some(self.data(reply)),
            Stage::LoneDot => Some(self.refusal()),
            Stage::Reset | Stage::Noted | Stage::Wanted => Some(self.astray(reply, Cause::Astray)),
        }
    }

    fn ask(&mut self, stage: Stage) -> Option<Turn<Result<(), Outcome>>> {
        let ahead = self.ahead.as_mut()?;
        ahead.stage = stage;
        if ahead.pipelined {
            return None;
        }
        self.out.clear();
        self.out.extend_from_slice(match stage {
            Stage::Mail => ahead.envelope.mail.as_bytes(),
            Stage::Rcpt => ahead.envelope.rcpt.as_bytes(),
            _ => DATA.as_bytes(),
        });
        Some(Turn::Write)
    }

    fn data(&mut self, reply: &Reply) -> Turn<Result<(), Outcome>> {
        let Some(ahead) = &mut self.ahead else { return Turn::Done(Err(self.gone())) };
        match (reply.code, ahead.refusal.is_some()) {
            // What stands behind the 354 answers a dot that was not written: the server does not listen.
            (300..400, _) if !self.replies.is_empty() => {
                ahead.stage = Stage::Wanted;
                self.unasked();
                Turn::Done(Err(self.gone()))
            }
            (354, _) if self.dead.is_some() => Turn::Done(Err(self.gone())),
            (354, false) => {
                ahead.stage = Stage::Wanted;
                self.behind += u32::from(ahead.behind);
                Turn::Done(Ok(()))
            }
            (354, true) => {
                ahead.stage = Stage::LoneDot;
                self.out.clear();
                self.out.extend_from_slice(LONE_DOT);
                Turn::Write
            }
            (200..400, _) => self.astray(reply, Cause::Astray),
            (_, true) => self.refusal(),
            (_, false) => {
                ahead.refusal = Some(refused(&self.host, At::Data, reply));
                self.refusal()
            }
        }
    }

    /// The letter ahead was refused, and the connection is in step.
    fn refusal(&mut self) -> Turn<Result<(), Outcome>> {
        self.reset = true;
        self.proven = true;
        match self.ahead.take() {
            Some(Ahead { refusal: Some(outcome), behind, .. }) => {
                self.behind += u32::from(behind);
                Turn::Done(Err(outcome))
            }
            _ => Turn::Done(Err(self.gone())),
        }
    }

    /// Puts the letter into `out`, with its dot and behind it the words for `next`. Gives how many of the bytes
    /// stand before the write that holds the dot.
    ///
    /// An error is the outcome of this letter; `next` is ahead then all the same, and [`Self::ready`] says that it was not begun.
    pub fn letter(&mut self, raw: &[u8], next: Option<(&Address, &Address, &[u8])>) -> Result<usize, Outcome> {
        self.out.clear();
        self.next = next.map(|(from, to, raw)| self.note(from, to, raw));
        if !self.replies.is_empty() {
            self.unasked();
        }
        let wanted = self.ahead.as_ref().is_some_and(|ahead| ahead.stage == Stage::Wanted);
        if !wanted || self.dead.is_some() {
            if self.dead.is_none() {
                self.lost(Lost::Ended(format!("{} does not wait for this letter", self.host)));
            }
            return Err(self.broken_off());
        }
        body::stuff(raw, &mut self.out);
        let size = self.out.len();
        if let Some(Ok(next)) = &mut self.next
            && next.pipelined
        {
            next.behind = true;
            next.stage = Stage::Mail;
            next.flight(&mut self.out);
        }
        Ok(if size <= ONE_WRITE { 0 } else { size - LAST_WRITE })
    }

    /// The write that holds the dot begins: from now on a lost connection leaves the letter in doubt.
    pub fn writing_dot(&mut self) {
        self.sent = true;
        self.ahead = None;
        self.promote();
    }

    fn promote(&mut self) {
        match self.next.take() {
            Some(Ok(next)) => self.ahead = Some(next),
            Some(Err(outcome)) => self.unspoken = Some(outcome),
            None => {}
        }
    }

    /// Until the dot is answered.
    pub fn answer(&mut self) -> Turn<Outcome> {
        if !self.sent {
            let outcome = Outcome::not_begun(format!("no letter waits for an answer of {}", self.host));
            return Turn::Done(Outcome { relay_trouble: None, ..outcome });
        }
        match self.next_reply() {
            Some(reply) => Turn::Done(self.dot(&reply)),
            None if self.dead.is_some() => Turn::Done(self.doubt()),
            None => Turn::Read(Wait::Dot),
        }
    }

    fn dot(&mut self, reply: &Reply) -> Outcome {
        match reply.code {
            // The dot's write failed, so this may be the answer to anything.
            200..300 if self.dead.is_some() => return self.doubt(),
            300..400 => {
                let why = format!("{} answered the end of the letter with {}", self.host, reply.whole());
                self.dead.get_or_insert(Dead { why, cause: Cause::Astray, told: false });
                return self.doubt();
            }
            _ => {}
        }
        self.sent = false;
        self.proven = true;
        let (code, enhanced) = (Some(reply.code), reply.enhanced().map(str::to_owned));
        if reply.is_ok() {
            return Outcome { signal: Signal::Accepted { receipt: reply.text() }, code, enhanced, relay_trouble: None };
        }
        // What stands behind the dot has no need of RSET: the dot ended the transaction, whatever its answer.
        self.reset = self.ahead.as_ref().is_none_or(|ahead| ahead.stage == Stage::Noted);
        let outcome = refused(&self.host, At::Dot, reply);
        if reply.code == 421 {
            let why = format!("{} said {}", self.host, reply.whole());
            self.dead = Some(Dead { why, cause: Cause::Said, told: true });
        }
        outcome
    }
}

#[cfg(test)]
mod tests;
