//! The dialogue of one letter, without a socket: replies in, bytes and in the end an outcome out.

use super::Outcome;
use super::offers::Offers;
use super::reply::Reply;
use super::rule::{At, refused};
use crate::model::{Address, Signal};

/// What the pump has to do next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Write what was put into the buffer, then give the next reply.
    Send,
    /// Give the next reply.
    Read,
    /// Write the letter and its dot, then give the next reply.
    Body,
    /// It is over.
    Over(Outcome),
}

/// Whose answer is awaited.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stage {
    Reset,
    Mail,
    Rcpt,
    Data,
    /// The letter's own dot.
    Dot,
    /// A dot without a letter: the server said 354 although it had refused the recipient (RFC 2920 §3.1).
    LoneDot,
}

/// One letter on its way through the dialogue.
#[derive(Debug)]
pub(crate) struct Dialogue<'a> {
    host: &'a str,
    mail: String,
    rcpt: String,
    pipelined: bool,
    stage: Stage,
    refusal: Option<Outcome>,
    /// False from the moment that nobody can tell what the server's next reply would belong to.
    in_step: bool,
    /// The first byte of a write that holds the dot was offered to the system.
    dot_written: bool,
}

const DATA: &str = "DATA\r\n";
const RESET: &str = "RSET\r\n";

impl<'a> Dialogue<'a> {
    /// Refuses at once what this server cannot carry: nothing is said to it then.
    pub fn new(host: &'a str, offers: &Offers, mail_from: &Address, rcpt_to: &Address, raw: &[u8]) -> Result<Self, Outcome> {
        let rejected = |why: String| Outcome { signal: Signal::Rejected { why }, code: None, enhanced: None, relay_trouble: None };
        let speakable = |a: &Address| !a.as_str().contains(|c: char| c.is_control() || c.is_whitespace() || c == '<' || c == '>');
        if !speakable(rcpt_to) {
            return Err(rejected("the address holds a character that SMTP cannot carry; correct it".into()));
        }
        let utf8 = !rcpt_to.as_str().is_ascii() || !mail_from.as_str().is_ascii();
        if !speakable(mail_from) || !mail_from.as_str().is_ascii() && !offers.utf8 {
            let why = format!("{host} cannot carry the envelope sender {mail_from}; set another bounce_to in [sender]");
            return Err(Outcome::not_begun(why));
        }
        if utf8 && !offers.utf8 {
            return Err(rejected(format!(
                "the address {rcpt_to} has letters outside ASCII before the @, and {host} cannot carry such an address (no SMTPUTF8)"
            )));
        }
        let size = raw.len();
        if let Some(most) = offers.size.filter(|&most| most > 0 && size as u64 > most) {
            return Err(rejected(format!("the letter has {size} bytes, and {host} takes at most {most}; make it smaller")));
        }
        let mut mail = format!("MAIL FROM:<{mail_from}>");
        if offers.size.is_some() {
            mail.push_str(&format!(" SIZE={size}"));
        }
        if offers.eight_bit && !raw.is_ascii() {
            mail.push_str(" BODY=8BITMIME");
        }
        if utf8 {
            mail.push_str(" SMTPUTF8");
        }
        let mut rcpt = format!("RCPT TO:<{rcpt_to}>");
        if offers.dsn {
            mail.push_str(" RET=HDRS");
            rcpt.push_str(" NOTIFY=FAILURE,DELAY");
        }
        mail.push_str("\r\n");
        rcpt.push_str("\r\n");
        let pipelined = offers.pipelining;
        Ok(Self { host, mail, rcpt, pipelined, stage: Stage::Reset, refusal: None, in_step: true, dot_written: false })
    }

    /// The first flight. `reset`: the letter before was refused, so its remains are cleared first.
    pub fn begin(&mut self, reset: bool, out: &mut Vec<u8>) {
        self.stage = if reset { Stage::Reset } else { Stage::Mail };
        if reset {
            out.extend_from_slice(RESET.as_bytes());
        }
        if self.pipelined {
            for command in [self.mail.as_str(), &self.rcpt, DATA] {
                out.extend_from_slice(command.as_bytes());
            }
        } else if !reset {
            out.extend_from_slice(self.mail.as_bytes());
        }
    }

    /// The reply to the oldest unanswered command. `more`: further bytes have arrived behind it already.
    pub fn take(&mut self, reply: &Reply, more: bool, out: &mut Vec<u8>) -> Next {
        if reply.code == 421 && !self.dot_written {
            self.in_step = false;
            let at = if self.stage == Stage::Dot { At::Data } else { self.at() };
            let outcome = refused(self.host, at, reply);
            return Next::Over(self.refusal.take().unwrap_or(outcome));
        }
        match self.stage {
            Stage::Reset if reply.is_ok() => self.ask(Stage::Mail, out),
            Stage::Reset => self.astray(reply),
            Stage::Mail | Stage::Rcpt => {
                match reply.code {
                    200..300 => {}
                    300..400 => return self.astray(reply),
                    _ if self.refusal.is_none() => self.refusal = Some(refused(self.host, self.at(), reply)),
                    _ => {}
                }
                self.onward(out)
            }
            Stage::Data => self.data(reply, more, out),
            Stage::Dot => self.dot(reply),
            Stage::LoneDot => self.end(),
        }
    }

    fn at(&self) -> At {
        match self.stage {
            Stage::Reset | Stage::Mail => At::Mail,
            Stage::Rcpt => At::Rcpt,
            Stage::Data | Stage::LoneDot => At::Data,
            Stage::Dot => At::Dot,
        }
    }

    /// After the answer to MAIL or RCPT.
    fn onward(&mut self, out: &mut Vec<u8>) -> Next {
        if self.refusal.is_some() && !self.pipelined {
            return self.end();
        }
        self.ask(if self.stage == Stage::Mail { Stage::Rcpt } else { Stage::Data }, out)
    }

    fn ask(&mut self, stage: Stage, out: &mut Vec<u8>) -> Next {
        self.stage = stage;
        if self.pipelined {
            return Next::Read;
        }
        out.extend_from_slice(match stage {
            Stage::Mail => self.mail.as_bytes(),
            Stage::Rcpt => self.rcpt.as_bytes(),
            _ => DATA.as_bytes(),
        });
        Next::Send
    }

    fn data(&mut self, reply: &Reply, more: bool, out: &mut Vec<u8>) -> Next {
        match (reply.code, self.refusal.is_some()) {
            // What stands behind the 354 answers a dot that was not written: the server does not listen.
            (300..400, _) if more => self.astray(reply),
            (354, false) => {
                self.stage = Stage::Dot;
                Next::Body
            }
            (354, true) => {
                self.stage = Stage::LoneDot;
                out.extend_from_slice(b".\r\n");
                Next::Send
            }
            (200..400, _) => self.astray(reply),
            (_, true) => self.end(),
            (_, false) => {
                self.refusal = Some(refused(self.host, At::Data, reply));
                self.end()
            }
        }
    }

    fn dot(&mut self, reply: &Reply) -> Next {
        let (code, enhanced) = (Some(reply.code), reply.enhanced().map(str::to_owned));
        match reply.code {
            200..300 => {
                let signal = Signal::Accepted { receipt: reply.text() };
                Next::Over(Outcome { signal, code, enhanced, relay_trouble: None })
            }
            300..400 => {
                self.in_step = false;
                Next::Over(self.lost(&format!("{} answered the end of the letter with {}", self.host, reply.whole())))
            }
            _ => {
                self.in_step = reply.code != 421;
                Next::Over(refused(self.host, At::Dot, reply))
            }
        }
    }

    fn end(&mut self) -> Next {
        match self.refusal.take() {
            Some(outcome) => Next::Over(outcome),
            None => Next::Over(self.lost("the dialogue ended without an answer")),
        }
    }

    fn astray(&mut self, reply: &Reply) -> Next {
        self.in_step = false;
        Next::Over(self.lost(&format!(
            "{} answered out of step ({} for {}); the connection is given up",
            self.host,
            reply.whole(),
            self.at().word()
        )))
    }

    /// From now on a lost connection leaves the letter in doubt.
    pub fn writing_dot(&mut self) {
        self.dot_written = true;
    }

    /// The connection ended, fell silent or spoke nonsense: what that means for the letter now.
    pub fn lost(&mut self, why: &str) -> Outcome {
        self.in_step = false;
        if self.dot_written {
            let why = format!("{why}; the whole letter had been written, so it may have been taken");
            return Outcome { relay_trouble: Some(why.clone()), signal: Signal::Unknown { why }, code: None, enhanced: None };
        }
        match self.refusal.take() {
            Some(mut refusal) => {
                refusal.relay_trouble.get_or_insert_with(|| why.to_owned());
                refusal
            }
            None => Outcome::not_begun(why.to_owned()),
        }
    }

    /// Whose answer is awaited.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Whether the connection can carry another letter.
    pub fn in_step(&self) -> bool {
        self.in_step
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::Replies;
    use super::*;

    /// Feeds what the server says, reply by reply; gives what was written and how it ended.
    fn talk(pipelining: bool, said: &str) -> (String, Result<Outcome, Box<Dialogue<'static>>>) {
        let offers = Offers { pipelining, ..Offers::default() };
        let address = |text: &str| Address::parse(text).unwrap();
        let mut dialogue = Dialogue::new("mx", &offers, &address("a@us.example"), &address("b@them.example"), b"hi").unwrap();
        let (mut out, mut replies) = (Vec::new(), Replies::default());
        dialogue.begin(false, &mut out);
        let mut end = None;
        for line in said.lines() {
            replies.feed(format!("{line}\r\n").as_bytes()).unwrap();
            match dialogue.take(&replies.next().unwrap().unwrap(), false, &mut out) {
                Next::Over(outcome) => end = Some(outcome),
                Next::Body => {
                    dialogue.writing_dot();
                    out.extend_from_slice(b"hi\r\n.\r\n");
                }
                Next::Send | Next::Read => {}
            }
        }
        (String::from_utf8(out).unwrap(), end.ok_or(Box::new(dialogue)))
    }

    const FLIGHT: &str = "MAIL FROM:<a@us.example>\r\nRCPT TO:<b@them.example>\r\nDATA\r\n";

    #[test]
    fn with_and_without_pipelining_the_same_words_are_said() {
        for pipelining in [false, true] {
            let (out, end) = talk(pipelining, "250 ok\n250 ok\n354 go\n250 Q1");
            assert_eq!(out, format!("{FLIGHT}hi\r\n.\r\n"));
            assert_eq!(end.unwrap().signal, Signal::Accepted { receipt: "Q1".into() });
        }
        assert_eq!(talk(false, "250 ok").0, "MAIL FROM:<a@us.example>\r\nRCPT TO:<b@them.example>\r\n");
        assert_eq!(talk(true, "").0, FLIGHT);
    }

    #[test]
    fn a_lost_connection_means_what_was_written() {
        for pipelining in [false, true] {
            for (said, unknown) in [("", false), ("250 ok", false), ("250 ok\n250 ok", false), ("250 ok\n250 ok\n354 go", true)] {
                let mut dialogue = talk(pipelining, said).1.unwrap_err();
                let signal = dialogue.lost("cut").signal;
                assert_eq!(matches!(signal, Signal::Unknown { .. }), unknown, "{said:?} {signal:?}");
                assert_eq!(matches!(signal, Signal::NotBegun { .. }), !unknown, "{said:?} {signal:?}");
                assert!(!dialogue.in_step());
            }
        }
    }

    #[test]
    fn a_refused_recipient_stays_refused_whatever_follows() {
        let refused = |said: &str| talk(true, said).1;
        let rejected = |outcome: Outcome| matches!(outcome.signal, Signal::Rejected { .. });
        assert!(rejected(refused("250 ok\n550 5.1.1 nobody\n503 no").unwrap()));
        assert!(rejected(refused("250 ok\n550 5.1.1 nobody\n421 bye").unwrap()));
        let (out, end) = talk(true, "250 ok\n550 5.1.1 nobody\n354 go\n250 fine");
        assert!(rejected(end.unwrap()));
        assert_eq!(out, format!("{FLIGHT}.\r\n"));
        for said in ["250 ok\n550 5.1.1 nobody", "250 ok\n550 5.1.1 nobody\n354 go"] {
            assert!(rejected(refused(said).unwrap_err().lost("cut")));
        }
    }
}
