//! The SMTP side: takes letters as a submission server would, and hands them to the guests (RFC 5321).
//!
//! Requests are parsed by smtp-proto. Any sign-in is let in; nothing is relayed anywhere.

use super::{Guests, locked};
use crate::model::Address;
use base64::{Engine, engine::general_purpose::STANDARD};
use smtp_proto::{
    AUTH_LOGIN, AUTH_PLAIN, Error, Request,
    request::receiver::{DataReceiver, DummyDataReceiver, RequestReceiver},
};
use std::{
    borrow::Cow,
    slice::Iter,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{mpsc, watch},
};

/// Octets in one letter, announced as SIZE.
const SIZE: usize = 16 << 20;
/// Recipients of one letter (RFC 5321 §4.5.3.1.8 asks for at least 100).
const RECIPIENTS: usize = 100;
/// Letters that are kept; more are refused for now.
const LETTERS: usize = 100_000;
/// Refused commands before the connection is closed.
const PATIENCE: u32 = 50;
/// A client that says nothing for so long is gone (RFC 5321 §4.5.3.2.7).
const IDLE: Duration = Duration::from_secs(300);

/// A letter as the SMTP side took it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The envelope sender; None for `<>`.
    pub mail_from: Option<Address>,
    /// The envelope recipients that were not refused.
    pub rcpt_to: Vec<Address>,
    /// The message, dots unstuffed.
    pub raw: Arc<[u8]>,
}

/// What all sessions share: the letters taken, and the way to the guests.
#[derive(Debug)]
pub(super) struct Post {
    guests: Arc<Guests>,
    letters: Mutex<Vec<Arc<Taken>>>,
    hand_over: mpsc::Sender<Arc<Taken>>,
    /// Letters taken that the guests have not yet dealt with.
    pub(super) waiting: watch::Sender<usize>,
}

impl Post {
    pub(super) fn new(guests: Arc<Guests>, hand_over: mpsc::Sender<Arc<Taken>>) -> Self {
        Self { guests, letters: Mutex::default(), hand_over, waiting: watch::Sender::new(0) }
    }

    pub(super) fn letters(&self) -> Vec<Taken> {
        locked(&self.letters).iter().map(|letter| Taken::clone(letter)).collect()
    }

    /// Keeps the letter and gives its number, or None when there is no place.
    async fn take(&self, taken: Taken) -> Option<usize> {
        let taken = Arc::new(taken);
        let number = {
            let mut letters = locked(&self.letters);
            if letters.len() >= LETTERS {
                return None;
            }
            // Counted before it can be seen: who sees the letter does not find the guests at rest.
            self.waiting.send_modify(|waiting| *waiting += 1);
            letters.push(Arc::clone(&taken));
            letters.len()
        };
        if self.hand_over.send(taken).await.is_err() {
            self.dealt_with();
        }
        Some(number)
    }

    /// The guests are done with one letter.
    pub(super) fn dealt_with(&self) {
        self.waiting.send_modify(|waiting| *waiting = waiting.saturating_sub(1));
    }
}

/// What the next octets are.
enum Expect {
    Command,
    /// The client's line of a sign-in, and whether a second one follows (LOGIN asks twice).
    SignIn {
        line: Vec<u8>,
        again: bool,
    },
    Letter {
        receiver: DataReceiver,
        raw: Vec<u8>,
    },
    /// The rest of a letter that is too long.
    Excess {
        receiver: DummyDataReceiver,
    },
}

struct Session {
    post: Arc<Post>,
    expect: Expect,
    from: Option<Option<Address>>,
    to: Vec<Address>,
    refused: u32,
    out: Vec<u8>,
    over: bool,
}

/// One connection, until QUIT, its end, or an error.
pub(super) async fn session(mut stream: TcpStream, post: Arc<Post>) -> std::io::Result<()> {
    stream.write_all(b"220 sandbox.example ESMTP rehearsal, nothing is relayed\r\n").await?;
    let (from, to, out) = (None, Vec::new(), Vec::new());
    let mut session = Session { post, expect: Expect::Command, from, to, refused: 0, out, over: false };
    let mut receiver = RequestReceiver::default();
    let mut buffer = vec![0; 16 << 10];
    loop {
        let count = match tokio::time::timeout(IDLE, stream.read(&mut buffer)).await {
            Ok(count) => count?,
            Err(_) => return stream.write_all(b"421 4.4.2 sandbox.example too long silent\r\n").await,
        };
        if count == 0 {
            return Ok(());
        }
        let mut octets = buffer.get(..count).unwrap_or_default().iter();
        while !session.over && session.advance(&mut receiver, &mut octets).await {}
        // Answers to pipelined commands leave together (RFC 2920 §3.2).
        stream.write_all(&session.out).await?;
        session.out.clear();
        if session.over {
            return stream.shutdown().await;
        }
    }
}

impl Session {
    fn say(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    fn refuse(&mut self, line: &str) {
        self.say(line);
        self.refused += 1;
        if self.refused >= PATIENCE {
            self.say("421 4.7.0 sandbox.example too many errors");
            self.over = true;
        }
    }

    /// Uses up octets; false when more are needed.
    async fn advance(&mut self, receiver: &mut RequestReceiver, octets: &mut Iter<'_, u8>) -> bool {
        match &mut self.expect {
            Expect::Command => match receiver.ingest(octets) {
                Ok(request) => {
                    self.command(request);
                    true
                }
                Err(Error::NeedsMoreData { .. }) => false,
                Err(Error::ResponseTooLong) => {
                    self.say("500 5.5.2 the line is too long");
                    self.over = true;
                    false
                }
                Err(error) => {
                    self.refuse(&complaint(&error));
                    true
                }
            },
            Expect::SignIn { line, again } => {
                for octet in octets.by_ref() {
                    if *octet == b'\n' {
                        let (line, again) = (std::mem::take(line), *again);
                        self.sign_in(&line, again);
                        return true;
                    }
                    line.push(*octet);
                    if line.len() > smtp_proto::request::receiver::MAX_LINE_LENGTH {
                        self.say("500 5.5.6 the line is too long");
                        self.over = true;
                        return false;
                    }
                }
                false
            }
            Expect::Letter { receiver, raw } => {
                if receiver.ingest(octets, raw) {
                    let raw = std::mem::take(raw);
                    self.expect = Expect::Command;
                    self.letter(raw).await;
                    return true;
                }
                if raw.len() > SIZE {
                    self.expect = Expect::Excess { receiver: DummyDataReceiver::new_data(receiver) };
                }
                false
            }
            Expect::Excess { receiver } => {
                if !receiver.ingest(octets) {
                    return false;
                }
                self.forget();
                self.expect = Expect::Command;
                self.refuse("552 5.3.4 the message is too big");
                true
            }
        }
    }

    fn forget(&mut self) {
        self.from = None;
        self.to.clear();
    }

    fn command(&mut self, request: Request<Cow<'_, str>>) {
        match request {
            Request::Ehlo { .. } => {
                self.forget();
                let size = format!("250-SIZE {SIZE}");
                for line in ["250-sandbox.example", "250-PIPELINING", "250-8BITMIME", &size, "250-ENHANCEDSTATUSCODES"] {
                    self.say(line);
                }
                self.say("250 AUTH PLAIN LOGIN");
            }
            Request::Helo { .. } => {
                self.forget();
                self.say("250 sandbox.example");
            }
            Request::Auth { mechanism: AUTH_PLAIN, initial_response } if !initial_response.is_empty() => {
                self.sign_in(initial_response.as_bytes(), false);
            }
            Request::Auth { mechanism: AUTH_PLAIN, .. } => {
                self.expect = Expect::SignIn { line: Vec::new(), again: false };
                self.say("334 ");
            }
            Request::Auth { mechanism: AUTH_LOGIN, initial_response } => {
                let again = initial_response.is_empty();
                self.expect = Expect::SignIn { line: Vec::new(), again };
                // "Username:" and "Password:" in base 64
                self.say(if again { "334 VXNlcm5hbWU6" } else { "334 UGFzc3dvcmQ6" });
            }
            Request::Auth { .. } => self.refuse("504 5.5.4 only PLAIN and LOGIN"),
            Request::Mail { from } => self.mail(&from.address, from.size),
            Request::Rcpt { to } => self.rcpt(&to.address),
            Request::Data if self.from.is_none() => self.refuse("503 5.5.1 MAIL first"),
            Request::Data if self.to.is_empty() => self.refuse("554 5.5.1 no valid recipients"),
            Request::Data => {
                let mut receiver = DataReceiver::new();
                // A dot at the very start stands at the start of a line: tell the receiver so.
                receiver.ingest(&mut b"\r\n".iter(), &mut Vec::new());
                self.expect = Expect::Letter { receiver, raw: Vec::new() };
                self.say("354 end with a line that is one dot");
            }
            Request::Rset => {
                self.forget();
                self.say("250 2.0.0 ok");
            }
            Request::Noop { .. } => self.say("250 2.0.0 ok"),
            Request::Vrfy { .. } => self.say("252 2.1.5 send it and see"),
            Request::Quit => {
                self.say("221 2.0.0 bye");
                self.over = true;
            }
            other => self.refuse(&format!("502 5.5.1 {} is not known here", other.name())),
        }
    }

    fn mail(&mut self, address: &str, size: usize) {
        if self.from.is_some() {
            return self.refuse("503 5.5.1 one MAIL at a time");
        }
        if size > SIZE {
            return self.refuse("552 5.3.4 the message is too big");
        }
        let from = match address {
            "" => None,
            address => match Address::parse(address) {
                Ok(from) => Some(from),
                Err(_) => return self.refuse("553 5.1.7 this is no address"),
            },
        };
        self.from = Some(from);
        self.say("250 2.1.0 ok");
    }

    fn rcpt(&mut self, address: &str) {
        if self.from.is_none() {
            return self.refuse("503 5.5.1 MAIL first");
        }
        if self.to.len() >= RECIPIENTS {
            return self.refuse("452 4.5.3 too many recipients");
        }
        let Ok(to) = Address::parse(address) else { return self.refuse("553 5.1.3 this is no address") };
        if let Some(reply) = self.post.guests.refusal(&to) {
            // A refused recipient is not the client's error: it does not count against its patience.
            let reply: String = reply.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            return self.say(&reply);
        }
        self.to.push(to);
        self.say("250 2.1.5 ok");
    }

    /// Any user with any password is let in; what is not base 64 is refused.
    fn sign_in(&mut self, line: &[u8], again: bool) {
        self.expect = Expect::Command;
        let line = line.trim_ascii();
        if line == b"*" {
            return self.refuse("501 5.7.0 sign-in given up");
        }
        if line != b"=" && STANDARD.decode(line).is_err() {
            return self.refuse("501 5.5.2 this is not base 64");
        }
        if again {
            self.expect = Expect::SignIn { line: Vec::new(), again: false };
            return self.say("334 UGFzc3dvcmQ6");
        }
        self.say("235 2.7.0 welcome");
    }

    async fn letter(&mut self, raw: Vec<u8>) {
        let mail_from = self.from.take().flatten();
        let rcpt_to = std::mem::take(&mut self.to);
        match self.post.take(Taken { mail_from, rcpt_to, raw: raw.into() }).await {
            Some(number) => self.say(&format!("250 2.0.0 taken as {number}")),
            None => self.refuse("452 4.3.1 the sandbox is full"),
        }
    }
}

fn complaint(error: &Error) -> String {
    match error {
        Error::UnknownCommand => "500 5.5.1 this command is not known".into(),
        Error::InvalidSenderAddress => "553 5.1.7 this is no address".into(),
        Error::InvalidRecipientAddress => "553 5.1.3 this is no address".into(),
        Error::SyntaxError { syntax } => format!("501 5.5.4 write {syntax}"),
        Error::InvalidParameter { param } => format!("501 5.5.4 bad parameter {param}"),
        _ => "501 5.5.4 this cannot be read".into(),
    }
}
