//! From a message to facts: read, pair, judge, keep. Where it lay (IMAP, a Maildir, an mbox) makes no difference here.

use super::{
    about::{self, Choice},
    day::Days,
    file::{self, Filed},
    identity::identity,
    marked,
    memory::Memory,
    proof::{hold_against, overtaken, prove, turned_elsewhere},
    rule,
};
use crate::{
    compose,
    model::{Address, Certainty, Mail, mail::CUT},
    net::{disk::DiskError, imap::ImapError},
    pair::{self, Candidate, Conclusion, Ours},
    read,
    store::{
        self, Connection, Store, campaigns, editions, files,
        inbox::{self, Arrived, Bucket, Cursor, Holder},
        journal,
    },
};
use jiff::Timestamp;
use std::sync::Arc;

/// How many bytes of one message are read; of a longer one only so many.
pub const LONGEST: u32 = 8 * 1024 * 1024;
/// A message longer than this is marked before it is opened, in case the process dies of it.
const SUSPICIOUS: usize = 128 * 1024;
/// How many bytes of a mail of ours are kept in the database.
pub(super) const KEPT: usize = 256 * 1024;
/// Why a message is set aside whose mark was found at the start.
pub(super) const DEADLY: &str = "opening it ended the program; it was set aside unopened";
/// Why a message is set aside that the reader could not finish.
const BROKEN: &str = "the program could not read it to its end; it was set aside";

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Imap(#[from] ImapError),
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// What kind of trouble it is, without a name or a text of anybody: for the log.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Imap(error) => error.kind(),
            Self::Disk(_) => "disk",
            Self::Store(_) => "database",
        }
    }
}

/// What the reader must know beside the mail.
#[derive(Clone, Debug)]
pub struct Desk {
    /// From, Reply-To and the envelope sender: mail from them is our own.
    pub ours: Vec<Address>,
    /// Whose Authentication-Results are believed.
    pub authserv_id: Option<String>,
    /// How sure the words of an answer must be to be recorded without a look.
    pub certainty: Certainty,
}

/// A message as its folder gives it: what IMAP, a Maildir and an mbox have in common.
pub(super) struct Delivered {
    /// Its number in the folder: messages are taken in the order of their numbers.
    pub uid: u32,
    /// By the folder's own clock.
    pub arrived: Timestamp,
    /// At most [`LONGEST`] bytes; empty where they were not fetched.
    pub raw: Vec<u8>,
    /// How long it is, as the folder says: an IMAP server may count otherwise than it hands out.
    pub size: u64,
    /// `raw` is only its beginning.
    pub cut: bool,
    /// Where an mbox goes on behind it.
    pub then: Option<String>,
}

impl Delivered {
    /// A message of which only the number is known.
    pub(super) fn unread(uid: u32, now: Timestamp) -> Self {
        Self { uid, arrived: now, raw: Vec::new(), size: 0, cut: true, then: None }
    }
}

/// A folder as the database knows it: its name, its generation, its cursor.
#[derive(Clone)]
pub(super) struct Ledger {
    pub folder: String,
    /// UIDVALIDITY; a folder on disk has only one generation.
    pub uidvalidity: u32,
    memory: Memory,
}

impl Ledger {
    pub(super) fn new(folder: &str, uidvalidity: u32) -> Self {
        Self { folder: folder.to_owned(), uidvalidity, memory: Memory::default() }
    }

    /// How far the folder was read. A mark that this process could not take away when it failed is taken away now.
    pub(super) async fn cursor(&self, store: &Store) -> store::Result<Option<Cursor>> {
        let folder = self.folder.clone();
        let mut cursor = store.read(move |conn| inbox::cursor(conn, &folder)).await?;
        if let Some(cursor) = &mut cursor
            && cursor.opening.is_some_and(|uid| store.is_own_mark(&self.folder, uid))
        {
            self.clear_mark(store).await?;
            cursor.opening = None;
        }
        Ok(cursor)
    }

    async fn clear_mark(&self, store: &Store) -> store::Result<()> {
        let folder = self.folder.clone();
        store.write(move |conn| inbox::clear_opening(conn, &folder)).await
    }

    /// Moves the cursor, and in an mbox the place.
    pub(super) async fn advance(&self, store: &Store, next: u32, then: Option<String>, now: Timestamp) -> store::Result<()> {
        let ledger = self.clone();
        store.write(move |conn| ledger.go_on(conn, next, then.as_deref(), now)).await
    }

    /// Notes that the folder was looked at and held nothing new.
    pub(super) async fn touch(&self, store: &Store, now: Timestamp) -> store::Result<()> {
        let folder = self.folder.clone();
        store.write(move |conn| inbox::touch(conn, &folder, now)).await
    }

    pub(super) fn go_on(&self, conn: &Connection, next: u32, then: Option<&str>, now: Timestamp) -> store::Result<()> {
        inbox::move_cursor(conn, &self.folder, self.uidvalidity, next, now)?;
        then.map_or(Ok(()), |place| files::move_place(conn, &self.folder, place))
    }

    /// A message that is not opened again: it needs a look, and the cursor goes on behind it.
    pub(super) async fn set_aside(&self, store: &Store, message: Delivered, why: &str, now: Timestamp) -> store::Result<()> {
        let (ledger, why) = (self.clone(), why.to_owned());
        let Delivered { uid, arrived, raw, size, then, .. } = message;
        let identity = if raw.is_empty() { format!("{}/{}/{uid}", self.folder, self.uidvalidity) } else { identity(&raw, size) };
        store
            .write(move |conn| {
                let mail = Arrived {
                    identity,
                    folder: ledger.folder.clone(),
                    uid,
                    arrived,
                    bucket: Bucket::NeedsLook,
                    campaign: None,
                    invitation: None,
                    sender: String::new(),
                    subject: format!("(message {uid} of {})", ledger.folder),
                    said: String::new(),
                    verdict: None,
                    doubts: vec![why],
                    raw: None,
                };
                let id = inbox::keep(conn, &mail, now)?;
                tracing::debug!(mail = id, uid, bucket = mail.bucket.as_str(), "a message is set aside");
                ledger.go_on(conn, uid.saturating_add(1), then.as_deref(), now)
            })
            .await
    }

    /// One mail: read, paired, judged and kept, with the cursor moved, in one transaction.
    pub(super) async fn take(&self, store: &Store, desk: &Desk, message: Delivered, now: Timestamp) -> store::Result<()> {
        let identity = identity(&message.raw, message.size);
        let key = identity.clone();
        if store.read(move |conn| inbox::is_known(conn, &key)).await? {
            return self.advance(store, message.uid.saturating_add(1), message.then, now).await;
        }
        if message.raw.len() <= SUSPICIOUS {
            return self.open(store, desk, message, identity, now).await;
        }
        let (folder, uid) = (self.folder.clone(), message.uid);
        store.remember_mark(&folder, uid);
        store.write(move |conn| inbox::mark_opening(conn, &folder, uid)).await?;
        let opened = self.open(store, desk, message, identity, now).await;
        if opened.is_err() {
            // An error is no death. Where this cannot be written either, the store remembers it.
            drop(self.clear_mark(store).await);
        }
        opened
    }

    async fn open(&self, store: &Store, desk: &Desk, message: Delivered, identity: String, now: Timestamp) -> store::Result<()> {
        let (reading, memory, desk) = (store.clone(), self.memory.clone(), desk.clone());
        let bytes = Bytes { raw: message.raw.clone(), cut: message.cut };
        // What is over when a mail is read late was not when it was written.
        let arrived = message.arrived.min(now);
        let opened = match tokio::spawn(async move { understand(&reading, &memory, &desk, bytes, arrived).await }).await {
            Ok(opened) => opened?,
            Err(error) if error.is_panic() => return self.set_aside(store, message, BROKEN, now).await,
            Err(_) => std::future::pending().await, // the runtime is ending, and this task with it
        };
        let Delivered { uid, arrived, mut raw, then, .. } = message;
        raw.truncate(KEPT);
        let ledger = self.clone();
        store
            .write(move |conn| {
                keep(conn, opened, Place { identity, folder: ledger.folder.clone(), uid, arrived, raw }, now)?;
                ledger.go_on(conn, uid.saturating_add(1), then.as_deref(), now)
            })
            .await
    }
}

/// Where a mail lay.
struct Place {
    identity: String,
    folder: String,
    uid: u32,
    arrived: Timestamp,
    raw: Vec<u8>,
}

/// A mail as understood: what it is, and where it goes.
struct Understood {
    mail: Mail,
    invitation: Option<i64>,
    /// More than an address says that it is about our letters.
    names_us: bool,
    filed: Filed,
}

/// What is read of a message.
struct Bytes {
    raw: Vec<u8>,
    cut: bool,
}

impl Bytes {
    fn read(&self, context: &read::Context<'_>) -> Mail {
        let mut mail = read::mail(&self.raw, context);
        if self.cut {
            mail.notes.push(CUT.to_owned());
        }
        mail
    }
}

async fn understand(store: &Store, memory: &Memory, desk: &Desk, bytes: Bytes, arrived: Timestamp) -> store::Result<Understood> {
    let authserv_id = desk.authserv_id.clone();
    let (bytes, mail) = aside(move || {
        let mail = bytes.read(&read::Context { authserv_id: authserv_id.as_deref(), ..read::Context::default() });
        (bytes, mail)
    })
    .await;
    let clues = pair::clues(&mail);
    let (found, closed, events) = store
        .read(move |conn| {
            let known = campaigns::all(conn)?;
            let over = |known: &&campaigns::Known| known.campaign.event.end.timestamp() < arrived;
            let closed: Vec<i64> = known.iter().filter(over).map(|known| known.id).collect();
            let mut found = Vec::new();
            for (rung, clue) in clues {
                found.extend(holders(conn, &clue)?.into_iter().map(|holder| (rung, candidate(holder, &closed))));
            }
            let events: Vec<_> = known.into_iter().map(|known| (known.id, known.campaign.event)).collect();
            Ok((found, closed, events))
        })
        .await?;
    let nobody = found.iter().all(|(rung, _)| rung.is_address());
    let sent = if nobody { memory.sent(store).await? } else { Arc::default() };
    let quotes_us = nobody && pair::quotes(&format!("{}\n{}", mail.quoted, mail.said), sent.texts.iter().map(String::as_str));
    let namesakes = match &mail.from {
        Some(from) if nobody => memory.namesakes(store, &from.name).await?,
        _ => Vec::new(),
    };
    let namesakes: Vec<Candidate> = namesakes.into_iter().map(|holder| candidate(holder, &closed)).collect();
    let ours = Ours { addresses: &desk.ours, subjects: &sent.subjects, quotes_us, namesakes: &namesakes };
    match pair::conclude(&mail, &found, &ours) {
        Conclusion::Paired(pairing) => {
            let id = pairing.invitation;
            let names_us = quotes_us || !pairing.rung.is_address();
            let over = closed.clone();
            let senders = found.iter().filter(|(rung, _)| rung.is_address()).map(|(_, other)| other.campaign).collect();
            let (letters, subjects, guest, choice, days, title) = store
                .read(move |conn| {
                    let Some(invited) = campaigns::invitation(conn, id)? else { return Ok(Default::default()) };
                    let event = events.iter().find(|(id, _)| *id == invited.campaign).map(|(_, event)| event.clone());
                    let title = event.as_ref().map(|event| event.title.clone());
                    let days = event.map(|event| Days::of(conn, &invited, event)).transpose()?;
                    let choice = Choice::of(conn, &invited, senders, events, &over)?;
                    // The letters may have had no template in the language that the contact list names.
                    let guest = (invited.guest.lang.unwrap_or(invited.lang), invited.guest.email);
                    Ok((editions::letters(conn, id)?, editions::subjects(conn)?, Some(guest), choice, days, title))
                })
                .await?;
            let texts = memory.editions.texts(store, letters).await?;
            let Desk { ours, authserv_id, certainty } = desk.clone();
            let (mut flags, housemate) = (pairing.flags, pairing.housemate);
            let (mail, filed) = aside(move || {
                let context = read::Context { sent: &texts, subjects: &subjects, authserv_id: authserv_id.as_deref() };
                let mail = bytes.read(&context);
                let (lang, address) = guest.unzip();
                let verdict = marked::verdict(&mail, lang.as_ref(), ours.iter().chain(&address), certainty);
                let elsewhere = choice.and_then(|choice| choice.doubt(&mail.said, &texts));
                let another_day = days.and_then(|days| days.doubt(&mail.said, &verdict, &texts, arrived));
                let title = title.filter(|_| !names_us);
                let unasked = title.and_then(|title| about::unasked(&mail, &verdict, lang.as_ref(), &title, &texts));
                let counted_twice = housemate.and_then(|mate| file::counted_twice(&mail, &verdict, &mate));
                let stale = pair::stale(&mail, compose::SEQUENCE);
                flags.extend([elsewhere, another_day, unasked, counted_twice, stale].into_iter().flatten());
                let filed = file::paired(&mail, &verdict, &flags);
                (mail, filed)
            })
            .await;
            Ok(Understood { mail, invitation: Some(id), names_us, filed })
        }
        other => {
            let Desk { ours, certainty, .. } = desk.clone();
            let understand = move || {
                let looks_like_ours = matches!(other, Conclusion::LooksLikeOurs { .. });
                let verdict = looks_like_ours.then(|| marked::verdict(&mail, None, &ours, certainty));
                let filed = file::unpaired(&mail, verdict, &other);
                Understood { mail, invitation: None, names_us: false, filed }
            };
            Ok(aside(understand).await)
        }
    }
}

/// Runs what may take a while away from the threads that serve sockets.
pub(super) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.try_into_panic().unwrap_or_else(|_| Box::new("the runtime is ending"))),
    }
}

fn holders(conn: &Connection, clue: &pair::Clue) -> store::Result<Vec<Holder>> {
    match clue {
        pair::Clue::Token(token) => inbox::by_token(conn, token),
        pair::Clue::MessageId(id) => inbox::by_message_id(conn, id),
        pair::Clue::Address(address, pair::Role::From) => inbox::by_mailbox(conn, address),
        pair::Clue::Address(address, _) => inbox::by_address(conn, address),
        pair::Clue::CalendarUid(uid) => match uid.split('@').next().and_then(crate::model::Token::parse) {
            Some(token) => inbox::by_token(conn, &token),
            None => Ok(Vec::new()),
        },
    }
}

fn candidate(holder: Holder, closed: &[i64]) -> Candidate {
    let Holder { invitation, campaign, token, email, name, reached } = holder;
    Candidate { invitation, campaign, token, email, name, closed: closed.contains(&campaign), reached }
}

/// The mail's row, its facts and what it proves about letters.
fn keep(conn: &Connection, opened: Understood, place: Place, now: Timestamp) -> store::Result<()> {
    let Understood { mail, invitation, names_us, mut filed } = opened;
    let Place { identity, folder, uid, arrived, raw } = place;
    let invited = match invitation {
        Some(id) => campaigns::invitation(conn, id)?,
        None => None,
    };
    if let Some(invitation) = invitation {
        let doubts = [
            turned_elsewhere(conn, &mail, invitation, &filed)?,
            overtaken(conn, &mail, invitation, &filed, (&raw, arrived, uid))?,
            about::moved(conn, invitation)?.filter(|_| filed.answers()),
        ];
        doubts.into_iter().flatten().for_each(|why| filed.doubt(why));
    }
    if let Some(invited) = &invited {
        hold_against(conn, &mail, invited.id, invited.email.as_str(), &mut filed)?;
    }
    let row = Arrived {
        identity,
        folder,
        uid,
        arrived,
        bucket: filed.bucket,
        campaign: invited.map(|invited| invited.campaign),
        invitation,
        sender: mail.from.as_ref().map_or_else(String::new, |from| from.email.to_string()),
        subject: mail.subject.clone(),
        said: mail.said.clone(),
        verdict: filed.verdict.clone(),
        doubts: filed.doubts.clone(),
        raw: Some(raw),
    };
    let Some(id) = inbox::keep(conn, &row, now)? else { return Ok(()) };
    tracing::debug!(mail = id, invitation, campaign = row.campaign, bucket = row.bucket.as_str(), "a mail is filed");
    let about = invitation.filter(|_| names_us || filed.returned.is_some());
    prove(conn, &mail, about, &filed, now)?;
    let Some(invitation) = invitation else { return Ok(()) };
    let Some(fact) = filed.fact(id, arrived, uid) else { return Ok(()) };
    journal::append(conn, invitation, now, &fact)?;
    rule::heed(conn, invitation)
}
