//! The IMAP side: the organiser's mailbox over the wire (RFC 3501 with IDLE, UIDPLUS, SASL-IR and LITERAL+).
//!
//! imap-next parses and writes; this file holds the session. Nothing is ever expunged, so the sequence numbers of
//! a session stay right. Any sign-in is let in. Not known here: EXPUNGE, COPY, ENVELOPE, BODYSTRUCTURE, folders
//! other than INBOX and Junk.

mod commands;
mod items;

use super::{Clock, Folder, Store};
use imap_next::{
    imap_types::{
        auth::{AuthMechanism, AuthenticateData},
        command::{Command, CommandBody},
        core::{Tag, Text, Vec1},
        response::{Bye, Capability, Code, CommandContinuationRequest, Data, Greeting, Status, StatusBody, StatusKind, Tagged},
    },
    server::{Error, Event, Options, ResponseHandle, Server},
    stream::{self, Stream},
};
use items::number;
use std::{io, sync::Arc, time::Duration};
use tokio::net::TcpStream;

/// Octets of one APPEND.
const LITERAL: u32 = 16 << 20;
/// A client that says nothing for so long is gone (RFC 3501 §5.4 asks for at least 30 minutes).
const SILENCE: Duration = Duration::from_secs(31 * 60);
/// Commands that could not be read before the connection is closed.
const PATIENCE: u32 = 50;

/// A selected folder, as this session knows it.
struct View {
    folder: Folder,
    read_only: bool,
    /// How many messages the client was told of.
    known: usize,
}

/// Whose next line imap-next gives us as an event of its own.
enum Dialogue {
    None,
    Idle(Tag<'static>),
    SignIn(Tag<'static>),
}

/// How a command ended: the tagged status.
struct Done {
    kind: StatusKind,
    code: Option<Code<'static>>,
    words: &'static str,
}

impl Done {
    fn ok(words: &'static str) -> Self {
        Self { kind: StatusKind::Ok, code: None, words }
    }

    fn no(words: &'static str) -> Self {
        Self { kind: StatusKind::No, code: None, words }
    }

    fn bad(words: &'static str) -> Self {
        Self { kind: StatusKind::Bad, code: None, words }
    }

    fn with(self, code: Code<'static>) -> Self {
        Self { code: Some(code), ..self }
    }

    fn tagged(self, tag: Tag<'static>) -> Status<'static> {
        Status::Tagged(Tagged { tag, body: StatusBody { kind: self.kind, code: self.code, text: text(self.words) } })
    }
}

struct Session {
    server: Server,
    store: Arc<Store>,
    now: Arc<Clock>,
    signed_in: bool,
    view: Option<View>,
    dialogue: Dialogue,
    /// The last response of the session, once LOGOUT came.
    last: Option<ResponseHandle>,
    unreadable: u32,
}

/// One connection, until LOGOUT, its end, or an error.
pub(super) async fn session(stream: TcpStream, store: Arc<Store>, now: Arc<Clock>) -> io::Result<()> {
    let mut stream = Stream::insecure(stream);
    let mut changes = store.changes();
    let mut options = Options::default();
    options.max_literal_size = LITERAL;
    options.max_command_size = LITERAL + (64 << 10);
    let greeting = Greeting::ok(Some(Code::Capability(capabilities())), "sandbox ready").map_err(io::Error::other)?;
    let mut session = Session {
        server: Server::new(options, greeting),
        store,
        now,
        signed_in: false,
        view: None,
        dialogue: Dialogue::None,
        last: None,
        unreadable: 0,
    };
    loop {
        let idle = matches!(session.dialogue, Dialogue::Idle(_));
        let event = tokio::select! {
            event = tokio::time::timeout(SILENCE, stream.next(&mut session.server)) => event.map_err(io::Error::other)?,
            changed = changes.changed(), if idle => {
                changed.map_err(io::Error::other)?;
                session.tell_news();
                continue;
            }
        };
        let event = match event {
            Ok(event) => event,
            Err(stream::Error::Closed) => return Ok(()),
            Err(stream::Error::State(error)) => {
                session.unreadable(error)?;
                continue;
            }
            Err(error) => return Err(io::Error::other(error.to_string())),
        };
        if let Event::ResponseSent { handle, .. } = &event
            && session.last == Some(*handle)
        {
            return stream.flush().await.map_err(|error| io::Error::other(error.to_string()));
        }
        session.event(event);
    }
}

impl Session {
    fn event(&mut self, event: Event) {
        match event {
            Event::GreetingSent { .. } | Event::ResponseSent { .. } => {}
            Event::IdleCommandReceived { tag } if self.view.is_some() => {
                if let Ok(go) = CommandContinuationRequest::basic(None, "idling") {
                    // Only refused when no IDLE is pending, and one is.
                    let _ = self.server.idle_accept(go);
                }
                self.dialogue = Dialogue::Idle(tag);
                self.tell_news();
            }
            Event::IdleCommandReceived { tag } => {
                let _ = self.server.idle_reject(Done::bad("select a folder first").tagged(tag));
            }
            Event::IdleDoneReceived => {
                if let Dialogue::Idle(tag) = std::mem::replace(&mut self.dialogue, Dialogue::None) {
                    self.end(tag, Done::ok("no longer idling"));
                }
            }
            Event::CommandAuthenticateReceived { command_authenticate: command } => match command.initial_response {
                _ if command.mechanism != AuthMechanism::Plain => {
                    let _ = self.server.authenticate_finish(Done::no("only PLAIN is known").tagged(command.tag));
                }
                Some(response) => self.sign_in(command.tag, response.declassify()),
                None => {
                    let go = CommandContinuationRequest::base64(b"".as_slice());
                    let _ = self.server.authenticate_continue(go);
                    self.dialogue = Dialogue::SignIn(command.tag);
                }
            },
            Event::AuthenticateDataReceived { authenticate_data } => {
                if let Dialogue::SignIn(tag) = std::mem::replace(&mut self.dialogue, Dialogue::None) {
                    match authenticate_data {
                        AuthenticateData::Continue(response) => self.sign_in(tag, response.declassify()),
                        AuthenticateData::Cancel => {
                            let _ = self.server.authenticate_finish(Done::bad("given up").tagged(tag));
                        }
                    }
                }
            }
            Event::CommandReceived { command: Command { tag, body: CommandBody::Logout } } => {
                self.server.enqueue_status(Status::Bye(Bye { code: None, text: text("bye") }));
                self.last = Some(self.server.enqueue_status(Done::ok("logged out").tagged(tag)));
            }
            Event::CommandReceived { command: Command { tag, body } } => {
                let done = if self.signed_in { self.command(body) } else { self.stranger(body) };
                self.end(tag, done);
            }
        }
    }

    /// PLAIN (RFC 4616) is three fields; whatever they hold is let in.
    fn sign_in(&mut self, tag: Tag<'static>, response: &[u8]) {
        self.signed_in = response.split(|octet| *octet == 0).count() == 3;
        let done = if self.signed_in { Done::ok("welcome").with(Code::Capability(capabilities())) } else { Done::no("this is not PLAIN") };
        let _ = self.server.authenticate_finish(done.tagged(tag));
    }

    fn end(&mut self, tag: Tag<'static>, done: Done) {
        self.tell_news();
        self.server.enqueue_status(done.tagged(tag));
    }

    /// EXISTS, when messages came since the client last heard of them.
    fn tell_news(&mut self) {
        let Some(view) = &mut self.view else { return };
        let (count, recent) = self.store.with(view.folder, |m| (m.len(), m.iter().filter(|m| m.recent).count()));
        if count != view.known {
            view.known = count;
            self.server.enqueue_data(Data::Exists(number(count)));
            self.server.enqueue_data(Data::Recent(number(recent)));
        }
    }

    /// A command that could not be parsed: BAD with its own tag where it has one, so that the client does not wait.
    fn unreadable(&mut self, error: Error) -> io::Result<()> {
        self.unreadable += 1;
        if self.unreadable > PATIENCE {
            return Err(io::Error::other("too many commands that cannot be read"));
        }
        let (Error::MalformedMessage { discarded_bytes } | Error::ExpectedCrlfGotLf { discarded_bytes }) = error else {
            return Err(io::Error::other(error.to_string()));
        };
        let first = discarded_bytes.declassify().split(u8::is_ascii_whitespace).next().unwrap_or_default();
        let tag = std::str::from_utf8(first).ok().and_then(|tag| Tag::try_from(tag.to_owned()).ok());
        match tag {
            Some(tag) => self.end(tag, Done::bad("this command cannot be read")),
            None => {
                let status = Status::bad(None, None, text("this command cannot be read")).map_err(io::Error::other)?;
                self.server.enqueue_status(status);
            }
        }
        Ok(())
    }
}

fn text(words: &'static str) -> Text<'static> {
    Text::try_from(words).unwrap_or_else(|_| Text::unvalidated("ok"))
}

fn capabilities() -> Vec1<Capability<'static>> {
    let extensions = ["UIDPLUS", "LITERAL+", "ID"].into_iter().filter_map(|name| Capability::try_from(name).ok());
    let known = [Capability::Idle, Capability::Auth(AuthMechanism::Plain), Capability::SaslIr];
    let all: Vec<_> = [Capability::Imap4Rev1].into_iter().chain(known).chain(extensions).collect();
    Vec1::try_from(all).unwrap_or_else(|_| Vec1::from(Capability::Imap4Rev1))
}
