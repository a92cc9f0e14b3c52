//! A Maildir, message by message. Each name gets a number when it is first seen, so that a cursor can be kept as for IMAP.
//!
//! Numbers go by the time of delivery within one look, and by the order of the looks otherwise: a message that comes
//! late with an old time (copied, moved here by a mail program) is new all the same. A look reads names only, and only
//! where `new` or `cur` changed.

use super::{
    Step,
    receive::{DEADLY, Delivered, Desk, Error, LONGEST, Ledger, aside},
};
use crate::{
    net::{
        disk::DiskError,
        maildir::{self, Listed, Stamp},
    },
    store::{Store, files, inbox},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    io::ErrorKind,
    path::PathBuf,
};

/// How many messages are taken in one step.
const BATCH: usize = 32;
/// A change that is younger than this at the time of a look may have been followed by another within the same tick of
/// the file system's clock (two seconds on the coarsest).
const TICK: SignedDuration = SignedDuration::from_secs(3);
/// How often the names are read even if nothing seems changed, and how often an idle folder is noted as read.
const ANYWAY: SignedDuration = SignedDuration::from_secs(60);

/// One Maildir, and what of it is known.
pub struct Maildir {
    root: PathBuf,
    ledger: Ledger,
    /// The names that have a number.
    known: HashSet<String>,
    /// What is still to be read, lowest number first.
    waiting: VecDeque<(u32, String)>,
    /// Where the waiting ones lay at the last look.
    paths: HashMap<String, PathBuf>,
    next: u32,
    /// What the last look saw; None: look again, whatever the stamp says.
    looked: Option<Stamp>,
    looked_at: Timestamp,
    touched: Timestamp,
    /// Messages that could not be read, left alone until `refused_until`, and why the last of them could not.
    refused: HashSet<String>,
    refused_until: Timestamp,
    unreadable: Option<String>,
}

impl Maildir {
    /// Looks in and finds where to go on. None where nobody was invited yet: there is nothing to look for.
    ///
    /// `folder` is the name under which the Maildir is kept in the database. In one that was never read, messages from
    /// before the day before the first campaign are passed over.
    pub async fn open(store: &Store, folder: &str, root: PathBuf, now: Timestamp) -> Result<Option<Self>, Error> {
        let Some(start) = store.read(inbox::oldest_campaign).await? else { return Ok(None) };
        let path = root.clone();
        let _: Stamp = on_disk(move || maildir::stamp(&path)).await?;
        let ledger = Ledger::new(folder, 1);
        let mut maildir = Self {
            root,
            ledger,
            known: HashSet::new(),
            waiting: VecDeque::new(),
            paths: HashMap::new(),
            next: 1,
            looked: None,
            looked_at: Timestamp::MIN,
            touched: now,
            refused: HashSet::new(),
            refused_until: now,
            unreadable: None,
        };
        match maildir.ledger.cursor(store).await? {
            Some(cursor) => {
                let key = folder.to_owned();
                let numbered = store.read(move |conn| files::numbered(conn, &key)).await?;
                maildir.next = numbered.last().map_or(cursor.next_uid, |(last, _)| cursor.next_uid.max(last.saturating_add(1)));
                maildir.known = numbered.iter().map(|(_, name)| name.clone()).collect();
                maildir.waiting = numbered.into_iter().filter(|(number, _)| *number >= cursor.next_uid).collect();
            }
            None => {
                let since = start.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(start);
                maildir.first_walk(store, since, now).await?;
            }
        }
        Ok(Some(maildir))
    }

    /// Why some messages cannot be read; they are tried again at every look, and the others are read meanwhile.
    pub fn trouble(&self) -> Option<&str> {
        self.unreadable.as_deref()
    }

    async fn first_walk(&mut self, store: &Store, since: Timestamp, now: Timestamp) -> Result<(), Error> {
        let found = self.look(now).await?;
        let old = found.partition_point(|(delivered, _)| *delivered < since);
        let numbers: Vec<(u32, String)> = (1..).zip(found.into_iter().map(|(_, name)| name)).collect();
        let first =
            numbers.get(old).map_or_else(|| numbers.len().try_into().map_or(u32::MAX, |all: u32| all.saturating_add(1)), |(n, _)| *n);
        let ledger = self.ledger.clone();
        let numbers = store
            .write(move |conn| {
                files::number(conn, &ledger.folder, &numbers)?;
                ledger.go_on(conn, first, None, now)?;
                Ok(numbers)
            })
            .await?;
        self.next = numbers.last().map_or(1, |(last, _)| last.saturating_add(1));
        self.known = numbers.iter().map(|(_, name)| name.clone()).collect();
        self.waiting = numbers.into_iter().filter(|(number, _)| *number >= first).collect();
        Ok(())
    }

    /// Reads the names, remembers where they lie, and gives the unknown ones in the order of their delivery.
    async fn look(&mut self, now: Timestamp) -> Result<Vec<(Timestamp, String)>, Error> {
        let (root, known) = (self.root.clone(), std::mem::take(&mut self.known));
        let looked = on_disk(move || {
            let looked = look(root, &known);
            Ok((known, looked))
        });
        let (known, looked) = looked.await?;
        self.known = known;
        let Looked { stamp, all, unknown } = looked?;
        self.looked = (stamp.newest() < now.saturating_sub(TICK).unwrap_or(now)).then_some(stamp);
        self.looked_at = now;
        self.paths = all;
        Ok(unknown)
    }

    /// Reads what is new, at most one batch of it.
    pub async fn step(&mut self, store: &Store, desk: &Desk, now: Timestamp) -> Result<Step, Error> {
        let Some(cursor) = self.ledger.cursor(store).await? else { return Ok(Step::Rest { until: None }) };
        if let Some(poison) = cursor.opening {
            let message = self.poison(poison, now).await;
            self.ledger.set_aside(store, message, DEADLY, now).await?;
            self.waiting.retain(|(number, _)| *number > poison);
            return Ok(Step::Did);
        }
        if self.waiting.is_empty() && !self.number_new(store, now).await? {
            if now.duration_since(self.touched) >= ANYWAY {
                self.touched = now;
                self.ledger.touch(store, now).await?;
            }
            return Ok(Step::Rest { until: None });
        }
        for _ in 0..BATCH {
            let Some((number, name)) = self.waiting.front().cloned() else { break };
            self.take(store, desk, number, name, now).await?;
            self.waiting.pop_front();
        }
        if self.waiting.is_empty() {
            self.paths = HashMap::new();
        }
        self.touched = now;
        Ok(Step::Did)
    }

    /// Looks for new names, where something changed, and numbers them. True where there are some.
    async fn number_new(&mut self, store: &Store, now: Timestamp) -> Result<bool, Error> {
        let root = self.root.clone();
        let stamp = on_disk(move || maildir::stamp(&root)).await?;
        if self.looked.as_ref() == Some(&stamp) && now.duration_since(self.looked_at) < ANYWAY {
            return Ok(false);
        }
        let mut found = self.look(now).await?;
        self.refused.retain(|name| now < self.refused_until && self.paths.contains_key(name));
        if self.refused.is_empty() {
            self.unreadable = None;
        }
        found.retain(|(_, name)| !self.refused.contains(name));
        let gone: Vec<String> = self.known.iter().filter(|name| !self.paths.contains_key(*name)).cloned().collect();
        for name in &gone {
            self.known.remove(name);
        }
        let numbers: Vec<(u32, String)> = (self.next..).zip(found.into_iter().map(|(_, name)| name)).collect();
        if gone.is_empty() && numbers.is_empty() {
            return Ok(false);
        }
        let folder = self.ledger.folder.clone();
        let numbers = store
            .write(move |conn| {
                files::forget(conn, &folder, &gone)?;
                files::number(conn, &folder, &numbers)?;
                Ok(numbers)
            })
            .await?;
        self.next = numbers.last().map_or(self.next, |(last, _)| last.saturating_add(1));
        self.known.extend(numbers.iter().map(|(_, name)| name.clone()));
        self.waiting.extend(numbers);
        Ok(!self.waiting.is_empty())
    }

    async fn take(&mut self, store: &Store, desk: &Desk, number: u32, name: String, now: Timestamp) -> Result<(), Error> {
        match self.read(&name, now).await? {
            Ok(message) => {
                let maildir::Message { raw, size, modified } = message;
                let cut = (raw.len() as u64) < size;
                let message = Delivered { uid: number, arrived: modified.min(now), raw, size, cut, then: None };
                Ok(self.ledger.take(store, desk, message, now).await?)
            }
            // Seen again, it is new: one that was only being renamed is not lost.
            Err(why) => {
                if let Some(why) = why {
                    let path = self.root.join(&name);
                    self.unreadable = Some(format!("{} cannot be read: {why}; it is tried again every minute", path.display()));
                    self.refused.insert(name.clone());
                    self.refused_until = now.saturating_add(ANYWAY).unwrap_or(now);
                }
                self.known.remove(&name);
                let ledger = self.ledger.clone();
                let forget = move |conn: &crate::store::Connection| {
                    files::forget(conn, &ledger.folder, &[name])?;
                    ledger.go_on(conn, number.saturating_add(1), None, now)
                };
                Ok(store.write(forget).await?)
            }
        }
    }

    /// A message; or None where it is gone, or why it cannot be read.
    async fn read(&mut self, name: &str, now: Timestamp) -> Result<Result<maildir::Message, Option<String>>, Error> {
        let mut fresh = self.looked_at == Timestamp::MIN;
        if fresh {
            self.look_again(now).await?;
        }
        while let Some(path) = self.paths.get(name).cloned() {
            match on_disk(move || Ok(maildir::read(&path, LONGEST.into()))).await? {
                Ok(message) => return Ok(Ok(message)),
                Err(error) if error.kind() == ErrorKind::NotFound && !fresh => {
                    fresh = true;
                    self.look_again(now).await?;
                }
                Err(error) if error.kind() == ErrorKind::NotFound => break,
                Err(error) => return Ok(Err(Some(error.to_string()))),
            }
        }
        Ok(Err(None))
    }

    /// Finds where the waiting messages lie now. What is new is left for the next look.
    async fn look_again(&mut self, now: Timestamp) -> Result<(), Error> {
        self.look(now).await?;
        self.looked = None;
        Ok(())
    }

    /// The message that ended the program: its bytes are wanted for its identity, not to be opened.
    async fn poison(&mut self, number: u32, now: Timestamp) -> Delivered {
        let name = self.waiting.iter().find(|(waiting, _)| *waiting == number).map(|(_, name)| name.clone());
        let message = match name {
            Some(name) => self.read(&name, now).await.ok().and_then(Result::ok),
            None => None,
        };
        match message {
            Some(maildir::Message { raw, size, modified }) => {
                let cut = (raw.len() as u64) < size;
                Delivered { uid: number, arrived: modified.min(now), raw, size, cut, then: None }
            }
            None => Delivered::unread(number, now),
        }
    }
}

struct Looked {
    stamp: Stamp,
    all: HashMap<String, PathBuf>,
    unknown: Vec<(Timestamp, String)>,
}

fn look(root: PathBuf, known: &HashSet<String>) -> Result<Looked, DiskError> {
    let stamp = maildir::stamp(&root)?; // before the names: what comes after it changes the next stamp
    let mut all = HashMap::new();
    let mut unknown = Vec::new();
    for Listed { name, path } in maildir::list(&root)? {
        if !known.contains(&name)
            && let Some(delivered) = maildir::delivered(&path)
        {
            unknown.push((delivered, name.clone()));
        }
        all.insert(name, path);
    }
    unknown.sort();
    Ok(Looked { stamp, all, unknown })
}

/// Runs a look at the disk away from the threads that serve sockets.
pub(super) async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> Result<T, DiskError> + Send + 'static) -> Result<T, Error> {
    Ok(aside(work).await?)
}
