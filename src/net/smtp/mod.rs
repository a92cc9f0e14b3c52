//! Our SMTP client: one connection, one letter at a time, one honest signal each (RFC 5321, 2920, 4954, 3207).
//!
//! The protocol is pure: [`reply`] reads bytes, [`letter`] holds the dialogue of one letter, [`rule`] weighs
//! refusals; [`Relay`] is the thin pump that owns the socket. The next letter's flight could go out behind a
//! letter's dot, since a dialogue knows nothing of what was written before its own first command.
//!
//! # When the dot is written
//!
//! "The dot is written" from the moment when a write whose bytes include the final `CRLF . CRLF` is offered to
//! the system. A letter of up to 32 KiB goes out in one write, dot included, so that no letter waits for a
//! delayed acknowledgement; any failure from then on is [`Signal::Unknown`], even where the write itself
//! failed, because a part of it may have left (TLS hides how much). Of a bigger letter everything but the last
//! 16 KiB is written and flushed first; a failure there is [`Signal::NotBegun`], and is true: without its dot
//! no server may deliver it (RFC 5321 §4.1.1.4).
//!
//! # Reply → outcome
//!
//! | answered | code | signal | relay trouble |
//! | --- | --- | --- | --- |
//! | greeting, EHLO, STARTTLS, AUTH | any refusal | none: [`Shut`] | |
//! | anything before the dot | 421 | not begun | yes |
//! | anything | 530, 534, 535, 538, 454 (sign-in), used-up allowance (5.4.5, 5.7.233, "sending limit" …) | not begun | yes |
//! | MAIL | 552 or 5.3.4 (size), 5.6.7 (no SMTPUTF8) | rejected | |
//! | MAIL | every other 4yz, 5yz | not begun | yes |
//! | RCPT | 500, 502, 503 (lost the thread); 4.3.2; about the sender or us, by 5.1.7, 5.1.8 or its words ("access denied" with 5.7.1, "relaying denied", "authentication required", "sender rejected" …) | not begun | yes |
//! | RCPT | other 4yz (greylisting, full mailbox) | deferred | |
//! | RCPT | other 5.7.z | rejected | yes |
//! | RCPT | other 5yz | rejected | |
//! | DATA | 500, 502, 503 | not begun | yes |
//! | DATA, dot | 4yz | deferred | 421: yes |
//! | DATA, dot | 5.7.z | rejected | yes |
//! | DATA, dot | other 5yz | rejected | |
//! | dot | 2yz | accepted | |
//! | dot | 3yz, nonsense, silence, end of the connection | unknown | yes |
//! | before the dot | 3yz or 2yz out of turn, nonsense, silence, end of the connection | not begun | yes |
//!
//! A relay that a caller uses again after a pause may have hung up meanwhile: that is not begun without
//! relay trouble when letters went through before.

mod body;
mod connect;
mod letter;
mod offers;
mod reply;
mod rule;

use super::wire::{Wire, seconds};
use crate::model::{Address, Signal};
use letter::{Dialogue, Next, Stage};
use offers::Offers;
use reply::{Replies, Reply};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

pub use connect::Shut;

/// Letters up to this size on the wire go out in one write.
const ONE_WRITE: usize = 32 * 1024;
/// How much of a bigger letter is kept back for the write that holds the dot.
const LAST_WRITE: usize = 16 * 1024;
/// The size of the writes before it, each with its own time-out.
const BLOCK: usize = 64 * 1024;

/// How long each part of the dialogue may take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeouts {
    /// Each address of the server, and the TLS handshake.
    pub connect: Duration,
    /// The greeting.
    pub greeting: Duration,
    /// EHLO, STARTTLS, AUTH, RSET, MAIL, RCPT.
    pub command: Duration,
    /// The 354 to DATA.
    pub data: Duration,
    /// Each write of up to 64 KiB.
    pub block: Duration,
    /// The answer to the dot. Shorter means more letters in doubt (RFC 1047).
    pub dot: Duration,
}

impl Default for Timeouts {
    /// RFC 5321 §4.5.3.2; 30 s to connect.
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(n * 60);
        Self {
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            command: minutes(5),
            data: minutes(2),
            block: minutes(3),
            dot: minutes(10),
        }
    }
}

impl Timeouts {
    /// The same time for everything: for tests, and for `check`, where somebody waits.
    pub fn all(each: Duration) -> Self {
        Self { connect: each, greeting: each, command: each, data: each, block: each, dot: each }
    }

    /// Half a second for everything.
    pub fn quick() -> Self {
        Self::all(Duration::from_millis(500))
    }
}

/// What became of one letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Exactly one of accepted, deferred, rejected, unknown, not-begun.
    pub signal: Signal,
    /// The reply code that decided, where the server spoke.
    pub code: Option<u16>,
    /// Its enhanced status (RFC 3463), as `5.1.1`.
    pub enhanced: Option<String>,
    /// The relay itself is in trouble, or will not have us: slow down, or stop and tell the organiser. In words, with the cure.
    pub relay_trouble: Option<String>,
}

impl Outcome {
    fn not_begun(why: String) -> Self {
        Self { relay_trouble: Some(why.clone()), signal: Signal::NotBegun { why }, code: None, enhanced: None }
    }
}

/// One live connection, signed in and ready for a letter.
#[derive(Debug)]
pub struct Relay {
    host: String,
    times: Timeouts,
    wire: Wire,
    replies: Replies,
    offers: Offers,
    usable: bool,
    /// The letter before was refused.
    reset: bool,
    /// At least one letter got an answer on this connection.
    proven: bool,
    out: Vec<u8>,
}

/// Why there will be no reply, in words.
#[derive(Debug)]
enum Lost {
    Ended(String),
    Silent(String),
    Garbage(String),
}

impl Lost {
    fn words(&self) -> &str {
        match self {
            Self::Ended(words) | Self::Silent(words) | Self::Garbage(words) => words,
        }
    }
}

impl Relay {
    /// Offers one letter to one recipient. Never fails: what happened is the [`Outcome`].
    ///
    /// Dropping the future before it ends leaves the connection unusable and the letter in doubt, if it was begun.
    /// Bare CR and LF in `raw` go out as CRLF; an 8-bit letter goes out as such even where the server does not
    /// offer 8BITMIME, as every server in use takes it.
    pub async fn deliver(&mut self, mail_from: &Address, rcpt_to: &Address, raw: &[u8]) -> Outcome {
        if !self.usable {
            return Outcome::not_begun(format!("the connection to {} has ended", self.host));
        }
        let host = self.host.clone();
        let mut dialogue = match Dialogue::new(&host, &self.offers, mail_from, rcpt_to, raw) {
            Ok(dialogue) => dialogue,
            Err(outcome) => return outcome,
        };
        self.usable = false;
        if let Some(outcome) = self.stale().await {
            return outcome;
        }
        let outcome = self.converse(&mut dialogue, raw).await;
        self.usable = dialogue.in_step();
        self.reset = !matches!(outcome.signal, Signal::Accepted { .. });
        self.proven |= self.usable;
        if self.out.capacity() > 1 << 20 {
            self.out = Vec::new();
        }
        outcome
    }

    async fn converse(&mut self, dialogue: &mut Dialogue<'_>, raw: &[u8]) -> Outcome {
        self.out.clear();
        dialogue.begin(self.reset, &mut self.out);
        if let Err(lost) = self.flush_out().await {
            return dialogue.lost(lost.words());
        }
        loop {
            let patience = match dialogue.stage() {
                Stage::Reset | Stage::Mail | Stage::Rcpt => self.times.command,
                Stage::Data => self.times.data,
                Stage::Dot | Stage::LoneDot => self.times.dot,
            };
            let reply = match self.reply(patience).await {
                Ok(reply) => reply,
                Err(lost) => return dialogue.lost(lost.words()),
            };
            self.out.clear();
            let written = match dialogue.take(&reply, !self.replies.is_empty(), &mut self.out) {
                Next::Over(outcome) => return outcome,
                Next::Read => Ok(()),
                Next::Send => self.flush_out().await,
                Next::Body => self.body(dialogue, raw).await,
            };
            if let Err(lost) = written {
                return self.last_words(dialogue, &lost).await;
            }
        }
    }

    /// Writes the letter; see the module's documentation for when the dot counts as written.
    async fn body(&mut self, dialogue: &mut Dialogue<'_>, raw: &[u8]) -> Result<(), Lost> {
        body::stuff(raw, &mut self.out);
        let out = std::mem::take(&mut self.out);
        let at = if out.len() <= ONE_WRITE { 0 } else { out.len().saturating_sub(LAST_WRITE) };
        let (head, tail) = out.split_at(at);
        for block in head.chunks(BLOCK) {
            self.put(block).await?;
        }
        dialogue.writing_dot();
        let written = self.put(tail).await;
        self.out = out;
        written
    }

    /// A write failed. A server that hangs up often says why first, so one reply that is already there is read.
    async fn last_words(&mut self, dialogue: &mut Dialogue<'_>, lost: &Lost) -> Outcome {
        let spoken = timeout(Duration::from_millis(200), self.reply(self.times.command)).await;
        match spoken {
            Ok(Ok(reply)) if reply.code >= 400 => match dialogue.take(&reply, false, &mut Vec::new()) {
                Next::Over(outcome) => {
                    dialogue.lost("");
                    outcome
                }
                _ => dialogue.lost(lost.words()),
            },
            _ => dialogue.lost(lost.words()),
        }
    }

    /// What the server did while nobody looked: `Some` when it hung up or spoke unasked.
    async fn stale(&mut self) -> Option<Outcome> {
        let mut bytes = [0; 2048];
        let read = poll_fn(|cx| {
            let mut buffer = ReadBuf::new(&mut bytes);
            Poll::Ready(match Pin::new(&mut self.wire).poll_read(cx, &mut buffer) {
                Poll::Pending => None,
                Poll::Ready(Ok(())) => Some(Ok(buffer.filled().len())),
                Poll::Ready(Err(error)) => Some(Err(error)),
            })
        })
        .await;
        let why = match read {
            None if self.replies.is_empty() => return None,
            None => format!("{} spoke out of turn", self.host),
            Some(Ok(0)) => format!("{} closed the connection before the letter was begun", self.host),
            Some(Err(error)) => format!("the connection to {} was lost before the letter was begun ({error})", self.host),
            Some(Ok(n)) => {
                let said = bytes.get(..n).map(|b| self.replies.feed(b).and_then(|()| self.replies.next()));
                let said = said.and_then(Result::ok).flatten().map_or_else(|| "nonsense".to_owned(), |reply: Reply| reply.whole());
                format!("{} closed the connection before the letter was begun: {said}", self.host)
            }
        };
        let mut outcome = Outcome::not_begun(why);
        if self.proven {
            outcome.relay_trouble = None;
        }
        Some(outcome)
    }

    async fn flush_out(&mut self) -> Result<(), Lost> {
        let out = std::mem::take(&mut self.out);
        let written = self.put(&out).await;
        self.out = out;
        written
    }

    async fn put(&mut self, bytes: &[u8]) -> Result<(), Lost> {
        let write = async {
            self.wire.write_all(bytes).await?;
            self.wire.flush().await
        };
        match timeout(self.times.block, write).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Lost::Ended(format!("the connection to {} was lost ({error})", self.host))),
            Err(_) => Err(Lost::Silent(format!("{} took no bytes for {}", self.host, seconds(self.times.block)))),
        }
    }

    async fn reply(&mut self, patience: Duration) -> Result<Reply, Lost> {
        let garbage = |g: reply::Garbage| Lost::Garbage(format!("{}: {g}", self.host));
        if let Some(reply) = self.replies.next().map_err(garbage)? {
            return Ok(reply);
        }
        let read = async {
            let mut bytes = [0; 4096];
            loop {
                let n = self.wire.read(&mut bytes).await?;
                if n == 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
                }
                let fed = self.replies.feed(bytes.get(..n).unwrap_or_default());
                match fed.and_then(|()| self.replies.next()) {
                    Err(error) => return Ok(Err(error)),
                    Ok(Some(reply)) => return Ok(Ok(reply)),
                    Ok(None) => {}
                }
            }
        };
        match timeout(patience, read).await {
            Ok(Ok(Ok(reply))) => Ok(reply),
            Ok(Ok(Err(error))) => Err(Lost::Garbage(format!("{}: {error}", self.host))),
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(Lost::Ended(format!("{} closed the connection without an answer", self.host)))
            }
            Ok(Err(error)) => Err(Lost::Ended(format!("the connection to {} was lost ({error})", self.host))),
            Err(_) => Err(Lost::Silent(format!("{} gave no answer within {}", self.host, seconds(patience)))),
        }
    }

    /// False after a letter that ended out of step: open another connection.
    pub fn usable(&self) -> bool {
        self.usable
    }

    /// Keeps an idle connection alive, and learns whether it still is.
    pub async fn noop(&mut self) -> Result<(), Shut> {
        let reply = self.ask("NOOP\r\n").await.inspect_err(|_| self.usable = false)?;
        if reply.is_ok() {
            return Ok(());
        }
        self.usable = false;
        Err(Shut::refused(&self.host, "a sign of life", &reply))
    }

    /// Says goodbye; waits at most 2 s for the answer, which changes nothing.
    pub async fn quit(mut self) {
        if self.usable {
            let _ = timeout(Duration::from_secs(2), self.ask("QUIT\r\n")).await;
        }
        let _ = timeout(Duration::from_secs(1), self.wire.shutdown()).await;
    }
}
