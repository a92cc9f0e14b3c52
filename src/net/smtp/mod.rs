//! Our SMTP client: one connection, one honest signal for each letter (RFC 5321, 2920, 4954, 3207).
//!
//! The protocol is pure: [`reply`] reads bytes, [`dialogue`] holds the letters of a connection, [`rule`] weighs
//! refusals; [`pump`] is all that knows the socket, and [`Relay`] its handle.
//!
//! # One round trip a letter
//!
//! Where the server offers PIPELINING, MAIL, RCPT and DATA go out in one flight, and the flight of the next letter
//! stands in the same write behind the dot of the last one. So a letter costs one round trip, and still only one
//! letter a connection can ever be in doubt: the next one's body is not written before its 354, so its
//! announcement may be lost without harm. Everywhere else each command waits for its answer: four round trips.
//!
//! A server may offer PIPELINING and not be able to do it: it throws away what came in the packet of the dot, answers
//! the pieces of it, or ends the connection at the sight of it. What was announced behind the dot is then not begun,
//! without relay trouble, the connection is given up, and [`Relay::lockstep`] says that the next one should
//! [go step by step](Relay::go_step_by_step). Until eight such flights were answered well on a connection, their answers are
//! waited for 30 s each ([`Timeouts::behind`]) and not for minutes. A server that is only slow loses nothing but speed by it.
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
//! | MAIL, DATA | 421 | not begun | yes |
//! | MAIL, after another letter | 421 that counts letters or recipients of this connection ("too many messages in this connection") | not begun | |
//! | anything | 530, 534, 535, 538, elsewhere than at RCPT 454 (sign-in), used-up allowance (5.4.5, 5.7.233, "sending limit" …) | not begun | yes |
//! | MAIL | 552 or 5.3.4 (size), 5.6.7 (no SMTPUTF8) | rejected | |
//! | MAIL | every other 4yz, 5yz | not begun | yes |
//! | RCPT | 500, 502, 503 (lost the thread); about the sender or us, by 5.1.7, 5.1.8 or its words ("access denied" with 5.7.1, "relaying denied", "authentication required", "sender rejected" …) | not begun | yes |
//! | RCPT, DATA, dot | 4yz that counts what we send ("hourly quota exceeded", "send limit exceeded", "too many messages per hour" …) | deferred | yes |
//! | RCPT | other 421, 454, 4.3.2, "recipient address rejected: access denied" with 5.7.1: of all guests, or of this one | deferred | yes |
//! | RCPT | other 4yz (full mailbox), and greylisting in whatever words | deferred | |
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
//! At RCPT, words that a relay quotes of the guest's own server ("host mx said: …") count for nothing, and no words make a refusal with
//! a code about the recipient's address (X.1.1 …) one of us.
//!
//! The last two rows, and 421, end the connection. With a letter announced behind the dot:
//!
//! | a's dot is answered | the announcement of b behind it | a | b |
//! | --- | --- | --- | --- |
//! | 2yz, 4yz, 5yz | is answered | as above | as above; no RSET is needed, the dot ended the transaction |
//! | 421, 3yz, nonsense, silence, end | whatever | as above | not begun, no trouble of its own |
//! | 2yz, 4yz, 5yz | the connection ends before any answer | as above | not begun, no trouble: a server may end it after any letter |
//! | 2yz, 4yz, 5yz | silence, nonsense, answers out of step, 500, 502, 503, or a word about pipelining or synchronisation | as above | not begun, no trouble, `lockstep` |
//! | 2yz, 4yz, 5yz | 421 | as above | as above |
//!
//! `lockstep` is also said when the first flight behind a dot ever ended the connection, with or without an answer to
//! the dot, and when a server that answers MAIL falls silent or astray inside a flight.
//!
//! A relay that a caller uses again after a pause may have hung up meanwhile, and any server may end a connection
//! between two letters: a letter of which nothing was answered is then not begun, without relay trouble when
//! letters were answered before. Whatever the server says unasked before a body is written
//! (between the 354 and [`Relay::send`]) makes the letter not begun.

mod body;
mod connect;
mod dialogue;
mod envelope;
mod offers;
mod pump;
mod reply;
mod rule;

use super::wire::Wire;
use crate::model::{Address, Signal};
use dialogue::{Dialogue, Turn};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

pub use connect::Shut;

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
    /// Each answer to a flight behind a dot, once the dot was answered: a server that swallowed the flight never answers it.
    pub behind: Duration,
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
            behind: Duration::from_secs(30),
        }
    }
}

impl Timeouts {
    /// The same time for everything: for tests.
    pub fn all(each: Duration) -> Self {
        Self { connect: each, greeting: each, command: each, data: each, block: each, dot: each, behind: each }
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

/// One letter for the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parcel {
    /// The caller's own number; it does not go out.
    pub id: i64,
    pub mail_from: Address,
    pub rcpt_to: Address,
    pub raw: Vec<u8>,
}

/// One live connection, signed in and ready for a letter.
///
/// Either [`Self::deliver`] for a single letter, or the four verbs in this order for many:
/// `open(a)`, `ready()`, `send(a, Some(b))`, `answer()` for a, `ready()` for b, `send(b, Some(c))` …, `send(z, None)`, `answer()`.
/// The caller writes its claim down between `ready` and `send`. Each letter that was given gets exactly one
/// [`Outcome`]: from `open` or `ready` or `send` where that is an error, else from `answer`.
///
/// Dropping `ready` or `answer` in the middle is harmless, they go on when called again; dropping `open` or
/// `send` ends the connection, and the letter of `send` is then in doubt: ask `answer`.
#[derive(Debug)]
pub struct Relay {
    times: Timeouts,
    wire: Wire,
    talk: Dialogue,
    /// A write has begun and did not end yet: true at rest only after a future was dropped.
    writing: bool,
}

/// Why there will be no reply, in words.
#[derive(Debug)]
enum Lost {
    Ended(String),
    Silent(String),
    Garbage(String),
}

impl Relay {
    fn new(host: String, wire: Wire, times: Timeouts) -> Self {
        Self { times, wire, talk: Dialogue::new(host), writing: false }
    }

    /// Announces a letter: MAIL, RCPT and DATA in one flight, or MAIL alone where that is all that may be said.
    ///
    /// An error is the letter's outcome: the server cannot carry it, or the connection is gone. Not while another
    /// letter is announced or unanswered: that ends the connection.
    pub async fn open(&mut self, parcel: &Parcel) -> Result<(), Outcome> {
        self.announce(&parcel.mail_from, &parcel.rcpt_to, &parcel.raw).await
    }

    /// Waits until the server wants the body of the announced letter (354). An error is the letter's outcome instead,
    /// and nothing of the letter was written.
    pub async fn ready(&mut self) -> Result<(), Outcome> {
        self.pump(Dialogue::ready).await
    }

    /// Writes the letter and its dot, and behind the dot the announcement of `next`, in the same write where it fits.
    ///
    /// After `Ok` the letter is in doubt until [`Self::answer`]. An error is its outcome: the connection was lost
    /// before the dot. What became of `next` tells [`Self::ready`] in either case, also where nothing was said about it.
    pub async fn send(&mut self, parcel: &Parcel, next: Option<&Parcel>) -> Result<(), Outcome> {
        self.write_letter(&parcel.raw, next.map(|next| (&next.mail_from, &next.rcpt_to, next.raw.as_slice()))).await
    }

    /// The server's answer to the dot of the letter sent.
    pub async fn answer(&mut self) -> Outcome {
        self.pump(Dialogue::answer).await
    }

    /// Writes and reads what the dialogue asks for, until this question to it is settled.
    async fn pump<T>(&mut self, question: fn(&mut Dialogue) -> Turn<T>) -> T {
        self.settle_writing();
        loop {
            match question(&mut self.talk) {
                Turn::Done(settled) => return settled,
                Turn::Write => self.say().await,
                Turn::Read(wait) => self.hear(wait).await,
            }
        }
    }

    /// Offers one letter to one recipient. Never fails: what happened is the [`Outcome`].
    ///
    /// Dropping the future before it ends leaves the connection unusable and the letter in doubt, if it was begun.
    /// Bare CR and LF in `raw` go out as CRLF; an 8-bit letter goes out as such even where the server does not
    /// offer 8BITMIME, as every server in use takes it.
    pub async fn deliver(&mut self, mail_from: &Address, rcpt_to: &Address, raw: &[u8]) -> Outcome {
        let begun = async {
            self.announce(mail_from, rcpt_to, raw).await?;
            self.ready().await?;
            self.write_letter(raw, None).await
        };
        match begun.await {
            Ok(()) => self.answer().await,
            Err(outcome) => outcome,
        }
    }

    /// False after a letter that ended out of step, and while a dot is unanswered: open another connection.
    pub fn usable(&self) -> bool {
        self.talk.usable() && !self.writing
    }

    /// True when this server seems to lie about PIPELINING (RFC 2920): speak to it step by step on every further connection.
    pub fn lockstep(&self) -> bool {
        self.talk.lockstep()
    }

    /// From the next announcement on, every command waits for its answer, whatever the server offers.
    pub fn go_step_by_step(&mut self) {
        self.talk.go_step_by_step();
    }

    /// Keeps an idle connection alive, and learns whether it still is.
    pub async fn noop(&mut self) -> Result<(), Shut> {
        if !self.talk.idle() {
            return Err(Shut::Protocol(format!("the connection to {} is in the middle of a letter", self.talk.host)));
        }
        let reply = match self.ask("NOOP\r\n").await {
            Ok(reply) if reply.is_ok() => return Ok(()),
            Ok(reply) => Shut::refused(&self.talk.host, "a sign of life", &reply),
            Err(shut) => shut,
        };
        self.talk.lost(Lost::Ended(reply.to_string()));
        Err(reply)
    }

    /// Says goodbye and waits at most 2 s for the answer, which changes nothing. A letter that is announced is not
    /// delivered then: the connection is closed without a word, which tells the server so.
    pub async fn quit(mut self) {
        if self.talk.idle() && !self.writing {
            let _ = timeout(Duration::from_secs(2), self.ask("QUIT\r\n")).await;
        }
        let _ = timeout(Duration::from_secs(1), self.wire.shutdown()).await;
    }
}
