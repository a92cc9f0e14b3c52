//! The letter that is announced, and how far its announcement has come.

use super::super::Outcome;
use super::super::envelope::Envelope;
use super::super::reply::Reply;
use super::super::rule::At;

pub(super) const DATA: &str = "DATA\r\n";
pub(super) const RESET: &str = "RSET\r\n";

/// Where the announced letter is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// Nothing was said yet.
    Noted,
    Reset,
    Mail,
    Rcpt,
    Data,
    /// The server waits for the body.
    Wanted,
    /// A dot without a letter: the server said 354 although it had refused the recipient (RFC 2920 §3.1).
    LoneDot,
}

#[derive(Debug)]
pub(super) struct Ahead {
    pub envelope: Envelope,
    pub stage: Stage,
    /// MAIL, RCPT and DATA go out together.
    pub pipelined: bool,
    /// They stood behind another letter's dot.
    pub behind: bool,
    pub refusal: Option<Outcome>,
}

impl Ahead {
    pub(super) fn flight(&self, out: &mut Vec<u8>) {
        for command in [self.envelope.mail.as_str(), &self.envelope.rcpt, DATA] {
            out.extend_from_slice(command.as_bytes());
        }
    }

    pub(super) fn at(&self) -> At {
        match self.stage {
            Stage::Noted | Stage::Reset | Stage::Mail => At::Mail,
            Stage::Rcpt => At::Rcpt,
            Stage::Data | Stage::Wanted | Stage::LoneDot => At::Data,
        }
    }
}

/// What a server says that offers PIPELINING and cannot do it: it lost commands or parts of them, or it names the thing.
pub(super) fn confused(reply: &Reply, behind: bool) -> bool {
    let text = || reply.text().to_ascii_lowercase();
    behind && matches!(reply.code, 500 | 502 | 503)
        || reply.code >= 500 && ["pipelin", "synchroni"].iter().any(|word| text().contains(word))
}
