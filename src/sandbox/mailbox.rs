//! The organiser's mailbox, as the sandbox's IMAP side holds it in memory.

use super::locked;
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use tokio::sync::watch;

/// Messages in one folder; more are refused by APPEND, and guests fall silent.
const MESSAGES: usize = 200_000;

/// The folders of the mailbox. Guests write to the INBOX only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Folder {
    Inbox,
    Junk,
}

impl Folder {
    pub const ALL: [Self; 2] = [Self::Inbox, Self::Junk];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "INBOX",
            Self::Junk => "Junk",
        }
    }
}

/// One message in a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Unique in its folder and rising; the UIDVALIDITY of both folders is 1.
    pub uid: u32,
    /// As on the wire: `\Seen`, `$Junk`; without `\Recent`.
    pub flags: BTreeSet<String>,
    /// True until a session SELECTs the folder (RFC 3501 §2.3.2); EXAMINE leaves it.
    pub recent: bool,
    /// INTERNALDATE, whole seconds.
    pub date: Timestamp,
    /// The whole message. It holds no NUL: an IMAP literal cannot carry one.
    pub raw: Arc<[u8]>,
}

/// Both folders and what wakes the sessions in IDLE.
#[derive(Debug)]
pub struct Store {
    inner: Mutex<Inner>,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    inbox: Vec<Message>,
    junk: Vec<Message>,
    last: Option<Timestamp>,
}

impl Inner {
    fn folder(&mut self, folder: Folder) -> &mut Vec<Message> {
        match folder {
            Folder::Inbox => &mut self.inbox,
            Folder::Junk => &mut self.junk,
        }
    }
}

impl Store {
    pub(super) fn new() -> Self {
        Self { inner: Mutex::default(), changes: watch::channel(0).0 }
    }

    /// A copy of a folder, oldest first. The bodies are shared, not copied.
    pub fn messages(&self, folder: Folder) -> Vec<Message> {
        locked(&self.inner).folder(folder).clone()
    }

    /// Puts a message into a folder and wakes the sessions in IDLE; gives its UID, or None when the folder is full.
    ///
    /// `date` becomes its INTERNALDATE; NULs in `raw` become `0x80`, as Dovecot does it.
    pub fn append(&self, folder: Folder, mut raw: Vec<u8>, date: Timestamp, flags: impl IntoIterator<Item = String>) -> Option<u32> {
        for byte in raw.iter_mut().filter(|byte| **byte == 0) {
            *byte = 0x80;
        }
        let message = Message {
            uid: 0,
            flags: flags.into_iter().filter(|flag| !flag.eq_ignore_ascii_case("\\recent")).collect(),
            recent: true,
            date: whole(date),
            raw: raw.into(),
        };
        let uid = {
            let mut inner = locked(&self.inner);
            let messages = inner.folder(folder);
            if messages.len() >= MESSAGES {
                return None;
            }
            let uid = next_uid(messages);
            messages.push(Message { uid, ..message });
            uid
        };
        self.changes.send_modify(|change| *change = change.wrapping_add(1));
        Some(uid)
    }

    /// The next date for a mail: `now` in whole seconds, but at least a second after the one before.
    pub(super) fn tick(&self, now: Timestamp) -> Timestamp {
        let mut inner = locked(&self.inner);
        let after = inner.last.and_then(|last| last.checked_add(SignedDuration::from_secs(1)).ok());
        let date = after.map_or(whole(now), |after| after.max(whole(now)));
        inner.last = Some(date);
        date
    }

    /// Works on a folder under the lock.
    pub(super) fn with<T>(&self, folder: Folder, work: impl FnOnce(&mut Vec<Message>) -> T) -> T {
        work(locked(&self.inner).folder(folder))
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// UIDNEXT of a folder. Nothing is ever expunged, so the last message has the highest UID.
pub(super) fn next_uid(messages: &[Message]) -> u32 {
    messages.last().map_or(1, |last| last.uid.saturating_add(1))
}

fn whole(date: Timestamp) -> Timestamp {
    Timestamp::from_second(date.as_second()).unwrap_or(date)
}
