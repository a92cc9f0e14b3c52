//! What each command does in a session (RFC 3501 §6).

use super::{
    Done, Session, View, capabilities,
    items::{Scope, flags, item, matches, non_zero, number, pick},
};
use crate::sandbox::{Folder, mailbox::next_uid};
use imap_next::imap_types::{
    IntoStatic,
    command::CommandBody,
    core::{Atom, Charset, IString, QuotedChar, Vec1},
    extensions::binary::LiteralOrLiteral8,
    fetch::{MacroOrMessageDataItemNames, MessageDataItemName as Name},
    flag::{Flag, FlagNameAttribute, FlagPerm, StoreResponse, StoreType},
    mailbox::{ListMailbox, Mailbox},
    response::{Code, Data, Status},
    search::SearchKey,
    sequence::SequenceSet,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A message with this flag is listed, and its text is refused: as of a mail that a server cannot read any more.
const WITHHELD: &str = "$Withheld";

impl Session {
    /// A command of a client that has not signed in.
    pub(super) fn stranger(&mut self, body: CommandBody<'static>) -> Done {
        match body {
            CommandBody::Login { .. } => {
                self.signed_in = true;
                Done::ok("welcome").with(Code::Capability(capabilities()))
            }
            CommandBody::Capability | CommandBody::Noop | CommandBody::Id { .. } => self.command(body),
            _ => Done::no("sign in first"),
        }
    }

    pub(super) fn command(&mut self, body: CommandBody<'static>) -> Done {
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
        let bodies = names.iter().any(|name| matches!(name, Name::BodyExt { .. } | Name::Rfc822 | Name::Rfc822Text));
        let mut unknown = false;
        let mut withheld = false;
        let found: Vec<_> = self.store.with(view.folder, |messages| {
            let given = pick(set, uid, messages).filter(|(_, message)| {
                let kept = bodies && message.flags.contains(WITHHELD);
                withheld |= kept;
                !kept
            });
            let picked = given.map(|(seq, message)| {
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
        if withheld { Done::no("a message cannot be read") } else { Done::ok("fetched") }
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
