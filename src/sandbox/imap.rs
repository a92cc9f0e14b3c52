//! The IMAP side: the organiser's mailbox over the wire (RFC 3501 with IDLE, UIDPLUS, SASL-IR and LITERAL+).
//!
//! imap-next parses and writes; this file holds the session. Nothing is ever expunged, so the sequence numbers of
//! a session stay right. Any sign-in is let in. Not known here: EXPUNGE, COPY, ENVELOPE, BODYSTRUCTURE, folders
//! other than INBOX and Junk.

use super::{
    Clock, Folder, Store,
    imap_items::{Scope, flags, item, matches, non_zero, number, pick},
    mailbox::next_uid,
};
use imap_next::{
    imap_types::{
        IntoStatic,
        auth::{AuthMechanism, AuthenticateData},
        command::{Command, CommandBody},
        core::{Atom, Charset, IString, QuotedChar, Tag, Text, Vec1},
        extensions::binary::LiteralOrLiteral8,
        fetch::{MacroOrMessageDataItemNames, MessageDataItemName as Name},
        flag::{Flag, FlagNameAttribute, FlagPerm, StoreResponse, StoreType},
        mailbox::{ListMailbox, Mailbox},
        response::{Bye, Capability, Code, CommandContinuationRequest, Data, Greeting, Status, StatusBody, StatusKind, Tagged},
        search::SearchKey,
        sequence::SequenceSet,
    },
    server::{Error, Event, Options, ResponseHandle, Server},
    stream::{self, Stream},
};
use jiff::Timestamp;
use std::{collections::BTreeSet, io, sync::Arc, time::Duration};
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
                    if let Ok(go) = CommandContinuationRequest::basic(None, "go on") {
                        let _ = self.server.authenticate_continue(go);
                    }
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

    /// A command of a client that has not signed in.
    fn stranger(&mut self, body: CommandBody<'static>) -> Done {
        match body {
            CommandBody::Login { .. } => {
                self.signed_in = true;
                Done::ok("welcome").with(Code::Capability(capabilities()))
            }
            CommandBody::Capability | CommandBody::Noop | CommandBody::Id { .. } => self.command(body),
            _ => Done::no("sign in first"),
        }
    }

    fn command(&mut self, body: CommandBody<'static>) -> Done {
        match body {
            CommandBody::Capability => {
                self.server.enqueue_data(Data::Capability(capabilities()));
                Done::ok("that is all")
            }
            CommandBody::Id { .. } => {
                self.server.enqueue_data(Data::Id { parameters: None });
                Done::ok("a sandbox")
            }
            CommandBody::Noop | CommandBody::Check => Done::ok("done"),
            CommandBody::List { reference, mailbox_wildcard } => self.list(&reference, &mailbox_wildcard),
            CommandBody::Select { mailbox, .. } => self.select(&mailbox, false),
            CommandBody::Examine { mailbox, .. } => self.select(&mailbox, true),
            CommandBody::Append { mailbox, flags, date, message } => {
                let date = date.and_then(|date| Timestamp::from_second(date.as_ref().timestamp()).ok());
                let raw = match &message {
                    LiteralOrLiteral8::Literal(literal) => literal.data(),
                    LiteralOrLiteral8::Literal8(literal) => literal.data.as_ref(),
                };
                self.append(&mailbox, &flags, date, raw.to_vec())
            }
            CommandBody::Close | CommandBody::Unselect => match self.view.take() {
                Some(_) => Done::ok("closed"),
                None => Done::bad("select a folder first"),
            },
            CommandBody::Search { criteria, uid, charset } => self.search(criteria.as_ref(), uid, charset.as_ref()),
            CommandBody::Fetch { sequence_set, macro_or_item_names, uid, .. } => {
                let names = match macro_or_item_names {
                    MacroOrMessageDataItemNames::Macro(many) => many.expand().into_iter().map(IntoStatic::into_static).collect(),
                    MacroOrMessageDataItemNames::MessageDataItemNames(names) => names,
                };
                self.fetch(&sequence_set, names, uid)
            }
            CommandBody::Store { sequence_set, kind, response, flags, uid, .. } => {
                self.store(&sequence_set, &kind, response == StoreResponse::Answer, &flags, uid)
            }
            _ => Done::bad("not known in the sandbox"),
        }
    }

    fn list(&mut self, reference: &Mailbox<'_>, wildcard: &ListMailbox<'_>) -> Done {
        let pattern = match wildcard {
            ListMailbox::Token(token) => token.as_ref().to_vec(),
            ListMailbox::String(IString::Literal(literal)) => literal.data().to_vec(),
            ListMailbox::String(IString::Quoted(quoted)) => quoted.as_ref().as_bytes().to_vec(),
        };
        let reference = match reference {
            Mailbox::Inbox => b"INBOX",
            Mailbox::Other(other) => other.as_ref(),
        };
        let delimiter = QuotedChar::try_from('/').ok();
        if pattern.is_empty() {
            // The hierarchy delimiter is asked for (RFC 3501 §6.3.8).
            if let Ok(mailbox) = Mailbox::try_from("") {
                self.server.enqueue_data(Data::List { items: vec![FlagNameAttribute::Noselect], delimiter, mailbox });
            }
            return Done::ok("listed");
        }
        let pattern = [reference, &pattern].concat().to_ascii_lowercase();
        for folder in Folder::ALL {
            let Ok(mailbox) = Mailbox::try_from(folder.as_str()) else { continue };
            if fits(&pattern, &folder.as_str().to_ascii_lowercase()) {
                let special = (folder == Folder::Junk).then_some("Junk");
                let items = ["HasNoChildren"].into_iter().chain(special);
                let items = items.filter_map(|item| Atom::try_from(item).ok().map(FlagNameAttribute::from)).collect();
                self.server.enqueue_data(Data::List { items, delimiter, mailbox });
            }
        }
        Done::ok("listed")
    }

    fn select(&mut self, mailbox: &Mailbox<'_>, read_only: bool) -> Done {
        // A SELECT that fails leaves nothing selected (RFC 3501 §6.3.1).
        self.view = None;
        let Some(folder) = folder(mailbox) else { return Done::no("there is no such folder") };
        let (count, recent, next) = self.store.with(folder, |messages| {
            let recent = messages.iter().filter(|message| message.recent).count();
            if !read_only {
                messages.iter_mut().for_each(|message| message.recent = false);
            }
            (messages.len(), recent, next_uid(messages))
        });
        let system = vec![Flag::Seen, Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Draft];
        self.server.enqueue_data(Data::Flags(system.clone()));
        self.server.enqueue_data(Data::Exists(number(count)));
        self.server.enqueue_data(Data::Recent(number(recent)));
        let permanent = match read_only {
            true => Vec::new(),
            false => system.into_iter().map(FlagPerm::Flag).chain([FlagPerm::Asterisk]).collect(),
        };
        for code in [Code::UidValidity(non_zero(1)), Code::UidNext(non_zero(next)), Code::PermanentFlags(permanent)] {
            if let Ok(status) = Status::ok(None, Some(code), "ok") {
                self.server.enqueue_status(status);
            }
        }
        self.view = Some(View { folder, read_only, known: count });
        Done::ok("selected").with(if read_only { Code::ReadOnly } else { Code::ReadWrite })
    }

    fn append(&mut self, mailbox: &Mailbox<'_>, flags: &[Flag<'_>], date: Option<Timestamp>, raw: Vec<u8>) -> Done {
        let Some(folder) = folder(mailbox) else { return Done::no("there is no such folder").with(Code::TryCreate) };
        let date = date.unwrap_or_else(|| self.store.tick((self.now)()));
        match self.store.append(folder, raw, date, flags.iter().map(ToString::to_string)) {
            Some(uid) => Done::ok("appended").with(Code::AppendUid { uid_validity: non_zero(1), uid: non_zero(uid) }),
            None => Done::no("the folder is full").with(Code::OverQuota),
        }
    }

    fn search(&mut self, criteria: &[SearchKey<'_>], uid: bool, charset: Option<&Charset<'_>>) -> Done {
        let Some(view) = &self.view else { return Done::bad("select a folder first") };
        let known = |charset: &Charset<'_>| ["UTF-8", "US-ASCII"].iter().any(|name| charset.as_ref().eq_ignore_ascii_case(name));
        if charset.is_some_and(|charset| !known(charset)) {
            return Done::no("only UTF-8").with(Code::BadCharset { allowed: Vec::new() });
        }
        let messages = self.store.messages(view.folder);
        let scope = Scope { last_seq: number(messages.len()), last_uid: messages.last().map_or(0, |last| last.uid) };
        let numbered = messages.iter().zip(1_u32..);
        let found = numbered.filter(|(message, seq)| criteria.iter().all(|key| matches(key, *seq, message, &scope, 0)));
        let found = found.map(|(message, seq)| non_zero(if uid { message.uid } else { seq })).collect();
        self.server.enqueue_data(Data::Search(found, None));
        Done::ok("searched")
    }

    fn fetch(&mut self, set: &SequenceSet, mut names: Vec<Name<'static>>, uid: bool) -> Done {
        let Some(view) = &self.view else { return Done::bad("select a folder first") };
        if uid && !names.contains(&Name::Uid) {
            names.insert(0, Name::Uid);
        }
        let reads = |name: &Name<'_>| matches!(name, Name::BodyExt { peek: false, .. } | Name::Rfc822 | Name::Rfc822Text);
        let marks = !view.read_only && names.iter().any(reads);
        if marks && !names.contains(&Name::Flags) {
            names.push(Name::Flags);
        }
        let mut unknown = false;
        let found: Vec<_> = self.store.with(view.folder, |messages| {
            let picked = pick(set, uid, messages).map(|(seq, message)| {
                if marks {
                    message.flags.insert("\\Seen".into());
                }
                let items: Vec<_> = names.iter().filter_map(|name| item(name, message)).collect();
                unknown |= items.len() != names.len();
                (seq, items)
            });
            picked.collect()
        });
        if unknown {
            return Done::bad("such an item is not known in the sandbox");
        }
        for (seq, items) in found {
            if let Ok(items) = Vec1::try_from(items) {
                self.server.enqueue_data(Data::Fetch { seq: non_zero(seq), items });
            }
        }
        Done::ok("fetched")
    }

    fn store(&mut self, set: &SequenceSet, kind: &StoreType, answer: bool, changed: &[Flag<'_>], uid: bool) -> Done {
        let Some(view) = &self.view else { return Done::bad("select a folder first") };
        if view.read_only {
            return Done::no("the folder was opened by EXAMINE");
        }
        let changed: BTreeSet<String> = changed.iter().map(ToString::to_string).collect();
        let told: Vec<_> = self.store.with(view.folder, |messages| {
            let picked = pick(set, uid, messages).map(|(seq, message)| {
                match kind {
                    StoreType::Add => message.flags.extend(changed.iter().cloned()),
                    StoreType::Remove => message.flags.retain(|flag| !changed.contains(flag)),
                    StoreType::Replace => message.flags.clone_from(&changed),
                }
                let id = if uid { item(&Name::Uid, message) } else { None };
                (seq, id.into_iter().chain([flags(message)]).collect::<Vec<_>>())
            });
            picked.collect()
        });
        for (seq, items) in told.into_iter().filter(|_| answer) {
            if let Ok(items) = Vec1::try_from(items) {
                self.server.enqueue_data(Data::Fetch { seq: non_zero(seq), items });
            }
        }
        Done::ok("stored")
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

fn folder(mailbox: &Mailbox<'_>) -> Option<Folder> {
    match mailbox {
        Mailbox::Inbox => Some(Folder::Inbox),
        Mailbox::Other(name) => Folder::ALL.into_iter().find(|folder| name.as_ref() == folder.as_str().as_bytes()),
    }
}

/// Whether a LIST pattern fits a name without `/`, so that `*` and `%` mean the same. Both in lower case.
fn fits(pattern: &[u8], name: &str) -> bool {
    let mut parts = pattern.split(|octet| matches!(octet, b'*' | b'%'));
    let Some(mut rest) = name.as_bytes().strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut wild = false;
    let mut last: &[u8] = b"";
    for part in parts {
        if !last.is_empty() {
            let Some(at) = rest.windows(last.len()).position(|window| window == last) else { return false };
            rest = rest.get(at.saturating_add(last.len())..).unwrap_or_default();
        }
        wild = true;
        last = part;
    }
    if wild { rest.ends_with(last) } else { rest.is_empty() }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_as_rfc_3501_says() {
        for (pattern, name, expected) in [
            ("*", "inbox", true),
            ("%", "junk", true),
            ("inbox", "inbox", true),
            ("inbox", "junk", false),
            ("in", "inbox", false),
            ("i*x", "inbox", true),
            ("i*b*x", "inbox", true),
            ("i*z*x", "inbox", false),
            ("*box", "inbox", true),
            ("*bo", "inbox", false),
            ("in*inbox", "inbox", false),
            ("", "inbox", false),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name), expected, "{pattern} {name}");
        }
    }
}
