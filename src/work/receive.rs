//! From a folder of the mailbox to facts: fetch, read, pair, judge, keep.

use super::{
    Step,
    file::{self, Filed},
};
use crate::{
    judge,
    model::{Address, Fact, Mail, Signal},
    net::imap::{Fetched, ImapError, Mailbox},
    pair::{self, Candidate, Conclusion, Ours},
    read,
    store::{
        self, Connection, Store, campaigns,
        inbox::{self, Arrived, Bucket, Holder},
        journal, outbox,
    },
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;

/// How many bytes of one message are read; of a longer one only so many.
pub const LONGEST: u32 = 8 * 1024 * 1024;
/// How many messages are fetched in one go.
const BATCH: usize = 32;
/// How many bytes are fetched in one go.
const BATCH_BYTES: u64 = 16 * 1024 * 1024;
/// A message longer than this is marked before it is opened, in case the process dies of it.
const SUSPICIOUS: usize = 128 * 1024;
/// How many bytes of a mail of ours are kept in the database.
const KEPT: usize = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Imap(#[from] ImapError),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// What the reader must know beside the mail.
#[derive(Clone, Debug)]
pub struct Desk {
    /// From, Reply-To and the envelope sender: mail from them is our own.
    pub ours: Vec<Address>,
    /// Whose Authentication-Results are believed.
    pub authserv_id: Option<String>,
}

/// One folder, open on one connection.
pub struct Folder {
    name: String,
    uidvalidity: u32,
    /// What a first walk, or a walk after a changed UIDVALIDITY, has still to read.
    walk: VecDeque<u32>,
    /// Where the cursor goes when the walk is over.
    end_of_walk: u32,
}

impl Folder {
    /// Opens a folder read-only and finds where to go on. None where nobody was invited yet: there is nothing to look for.
    ///
    /// A folder never read before, or one whose UIDVALIDITY changed, is walked from the day before the first
    /// campaign; a mail that was counted is known by its identity.
    pub async fn open(store: &Store, mailbox: &mut Mailbox, name: &str, now: Timestamp) -> Result<Option<Self>, Error> {
        let Some(start) = store.read(inbox::oldest_campaign).await? else { return Ok(None) };
        let state = mailbox.examine(name).await?;
        let key = name.to_owned();
        let cursor = store.read(move |conn| inbox::cursor(conn, &key)).await?;
        let mut folder = Self { name: name.to_owned(), uidvalidity: state.uid_validity, walk: VecDeque::new(), end_of_walk: 0 };
        if cursor.is_some_and(|cursor| cursor.uidvalidity == state.uid_validity) {
            return Ok(Some(folder));
        }
        let day = start.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(start).to_zoned(TimeZone::UTC).date();
        folder.walk = mailbox.uids_since(day).await?.into();
        folder.end_of_walk = state.uid_next;
        let next = folder.walk.front().copied().unwrap_or(state.uid_next);
        folder.advance(store, next, now).await?;
        Ok(Some(folder))
    }

    async fn advance(&self, store: &Store, next: u32, now: Timestamp) -> store::Result<()> {
        let (name, validity) = (self.name.clone(), self.uidvalidity);
        store.write(move |conn| inbox::move_cursor(conn, &name, validity, next, now)).await
    }

    /// Reads what is new, at most one batch of it.
    pub async fn step(&mut self, store: &Store, mailbox: &mut Mailbox, desk: &Desk, now: Timestamp) -> Result<Step, Error> {
        let name = self.name.clone();
        let Some(cursor) = store.read(move |conn| inbox::cursor(conn, &name)).await? else { return Ok(Step::Rest { until: None }) };
        if let Some(poison) = cursor.opening {
            self.set_aside(store, poison, "opening it ended the program; it was set aside unopened", now).await?;
            self.walk.retain(|uid| *uid > poison);
            return Ok(Step::Did);
        }
        let batch = self.next_batch(mailbox, cursor.next_uid).await?;
        let Some(last) = batch.last().copied() else {
            let name = self.name.clone();
            store.write(move |conn| inbox::touch(conn, &name, now)).await?;
            return Ok(Step::Rest { until: None });
        };
        for fetched in mailbox.fetch_many(&batch, LONGEST).await? {
            self.take(store, desk, fetched, now).await?;
        }
        let walked = !self.walk.is_empty();
        self.walk.retain(|uid| *uid > last);
        let next = if walked && self.walk.is_empty() { self.end_of_walk.max(last.saturating_add(1)) } else { last.saturating_add(1) };
        self.advance(store, next, now).await?;
        Ok(Step::Did)
    }

    async fn next_batch(&self, mailbox: &mut Mailbox, next_uid: u32) -> Result<Vec<u32>, ImapError> {
        if !self.walk.is_empty() {
            return Ok(self.walk.iter().copied().take(BATCH).collect());
        }
        let mut bytes = 0;
        let waiting = mailbox.uids_from(next_uid).await?;
        let fits = waiting.iter().take(BATCH).enumerate().take_while(|(index, listed)| {
            bytes += u64::from(listed.size.min(LONGEST));
            *index == 0 || bytes <= BATCH_BYTES
        });
        Ok(fits.map(|(_, listed)| listed.uid).collect())
    }

    async fn set_aside(&self, store: &Store, uid: u32, why: &str, now: Timestamp) -> store::Result<()> {
        let (name, validity, why) = (self.name.clone(), self.uidvalidity, why.to_owned());
        store
            .write(move |conn| {
                let mail = Arrived {
                    identity: format!("{name}/{validity}/{uid}"),
                    folder: name.clone(),
                    uid,
                    arrived: now,
                    bucket: Bucket::NeedsLook,
                    campaign: None,
                    invitation: None,
                    sender: String::new(),
                    subject: format!("(message {uid} of {name})"),
                    said: String::new(),
                    verdict: None,
                    doubts: vec![why],
                    raw: None,
                };
                inbox::keep(conn, &mail, now)?;
                inbox::move_cursor(conn, &name, validity, uid.saturating_add(1), now)
            })
            .await
    }

    /// One mail: read, paired, judged and kept, with the cursor moved, in one transaction.
    async fn take(&self, store: &Store, desk: &Desk, fetched: Fetched, now: Timestamp) -> store::Result<()> {
        let identity = identity(&fetched.raw, fetched.size);
        let key = identity.clone();
        if store.read(move |conn| inbox::is_known(conn, &key)).await? {
            return self.advance(store, fetched.uid.saturating_add(1), now).await;
        }
        if fetched.raw.len() > SUSPICIOUS {
            let (name, uid) = (self.name.clone(), fetched.uid);
            store.write(move |conn| inbox::mark_opening(conn, &name, uid)).await?;
        }
        let opened = understand(store, desk, fetched.raw.clone(), now).await?;
        let Fetched { uid, internal_date, mut raw, .. } = fetched;
        raw.truncate(KEPT);
        let (folder, validity) = (self.name.clone(), self.uidvalidity);
        store
            .write(move |conn| {
                keep(conn, opened, Place { identity, folder: folder.clone(), uid, arrived: internal_date, raw }, now)?;
                inbox::move_cursor(conn, &folder, validity, uid.saturating_add(1), now)
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
    filed: Filed,
}

/// Message-ID and a digest of the body: the same mail in another folder, or under another UID, is the same mail.
fn identity(raw: &[u8], size: u32) -> String {
    let bare = raw.windows(2).position(|w| w == b"\n\n");
    let full = raw.windows(4).position(|w| w == b"\r\n\r\n");
    let split = bare.into_iter().chain(full).min();
    let (head, body) = split.and_then(|at| raw.split_at_checked(at)).unwrap_or((raw, &[]));
    let id = head.split(|b| *b == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked(11)?;
        name.eq_ignore_ascii_case(b"message-id:").then(|| String::from_utf8_lossy(value).trim().to_owned())
    });
    let mut digest = Sha256::new();
    digest.update(body);
    if raw.len() < usize::try_from(size).unwrap_or(usize::MAX) {
        digest.update(size.to_be_bytes());
    }
    let digest: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{} {digest}", id.unwrap_or_default().chars().take(200).collect::<String>())
}

async fn understand(store: &Store, desk: &Desk, raw: Vec<u8>, now: Timestamp) -> store::Result<Understood> {
    let authserv_id = desk.authserv_id.clone();
    let (raw, mail) = aside(move || {
        let mail = read::mail(&raw, &read::Context { sent: &[], authserv_id: authserv_id.as_deref() });
        (raw, mail)
    })
    .await;
    let clues = pair::clues(&mail);
    let found = store
        .read(move |conn| {
            let over = |known: &campaigns::Known| known.campaign.event.end.timestamp() < now;
            let closed: Vec<i64> = campaigns::all(conn)?.iter().filter(|known| over(known)).map(|known| known.id).collect();
            let mut found = Vec::new();
            for (rung, clue) in clues {
                found.extend(holders(conn, &clue)?.into_iter().map(|holder| (rung, candidate(holder, &closed))));
            }
            Ok(found)
        })
        .await?;
    let nobody = found.iter().all(|(rung, _)| rung.is_address());
    let (subjects, samples) =
        store.read(move |conn| if nobody { Ok((outbox::subjects(conn)?, outbox::samples(conn)?)) } else { Ok(Default::default()) }).await?;
    let quotes_us = nobody && pair::quotes(&format!("{}\n{}", mail.quoted, mail.said), samples.iter().map(String::as_str));
    let ours = Ours { addresses: &desk.ours, subjects: &subjects, quotes_us };
    match pair::conclude(&mail, &found, &ours) {
        Conclusion::Paired(pairing) => {
            let id = pairing.invitation;
            let (texts, lang) = store
                .read(move |conn| Ok((outbox::texts(conn, id)?, campaigns::invitation(conn, id)?.map(|invitation| invitation.lang))))
                .await?;
            let authserv_id = desk.authserv_id.clone();
            let (mail, verdict) = aside(move || {
                let mail = read::mail(&raw, &read::Context { sent: &texts, authserv_id: authserv_id.as_deref() });
                let verdict = judge::verdict(&mail, lang.as_ref());
                (mail, verdict)
            })
            .await;
            let filed = file::paired(&mail, &verdict, &pairing.flags);
            Ok(Understood { mail, invitation: Some(id), filed })
        }
        other => {
            let verdict = judge::verdict(&mail, None);
            let filed = file::unpaired(&mail, &verdict, &other);
            Ok(Understood { mail, invitation: None, filed })
        }
    }
}

/// Runs what may take a while away from the threads that serve sockets.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.try_into_panic().unwrap_or_else(|_| Box::new("the runtime is ending"))),
    }
}

fn holders(conn: &Connection, clue: &pair::Clue) -> store::Result<Vec<Holder>> {
    match clue {
        pair::Clue::Token(token) => inbox::by_token(conn, token),
        pair::Clue::MessageId(id) => inbox::by_message_id(conn, id),
        pair::Clue::Address(address, _) => inbox::by_address(conn, address),
        pair::Clue::CalendarUid(uid) => match uid.split('@').next().and_then(crate::model::Token::parse) {
            Some(token) => inbox::by_token(conn, &token),
            None => Ok(Vec::new()),
        },
    }
}

fn candidate(holder: Holder, closed: &[i64]) -> Candidate {
    let Holder { invitation, campaign, token, email, name } = holder;
    Candidate { invitation, campaign, token, email, name, closed: closed.contains(&campaign) }
}

/// The mail's row, its facts and what it proves about letters.
fn keep(conn: &Connection, opened: Understood, place: Place, now: Timestamp) -> store::Result<()> {
    let Understood { mail, invitation, filed } = opened;
    let Place { identity, folder, uid, arrived, raw } = place;
    let campaign = match invitation {
        Some(id) => campaigns::invitation(conn, id)?.map(|invitation| invitation.campaign),
        None => None,
    };
    let row = Arrived {
        identity,
        folder,
        uid,
        arrived,
        bucket: filed.bucket,
        campaign,
        invitation,
        sender: mail.from.as_ref().map_or_else(String::new, |from| from.email.to_string()),
        subject: mail.subject.clone(),
        said: mail.said.clone(),
        verdict: filed.verdict.clone(),
        doubts: filed.doubts.clone(),
        raw: Some(raw),
    };
    let Some(id) = inbox::keep(conn, &row, now)? else { return Ok(()) };
    let letter = prove(conn, &mail, invitation, &filed, now)?;
    let Some(invitation) = invitation else { return Ok(()) };
    let Some(mut fact) = filed.fact(id, arrived, uid) else { return Ok(()) };
    if let Fact::Bounced { invalid, .. } = &mut fact
        && letter.is_some_and(|letter| outbox::is_to_former_address(conn, letter).unwrap_or(false))
    {
        *invalid = false; // the address was mended since: the new one may be good
    }
    journal::append(conn, invitation, now, &fact)
}

/// A mail that names a letter proves that it left; a bounce brings it back.
fn prove(conn: &Connection, mail: &Mail, invitation: Option<i64>, filed: &Filed, now: Timestamp) -> store::Result<Option<i64>> {
    let named = mail.returned_ids.iter().chain(&mail.in_reply_to).chain(&mail.references).chain(&mail.message_id);
    let mut letter = None;
    for id in named.take(40) {
        if letter.is_none() {
            letter = outbox::by_message_id(conn, id)?.map(|(letter, _)| letter);
        }
    }
    let letter = match (letter, invitation) {
        (None, Some(invitation)) => outbox::newest(conn, invitation)?,
        (letter, _) => letter,
    };
    let Some(letter) = letter else { return Ok(None) };
    let signal = match &filed.returned {
        Some(why) => Signal::Bounced { why: why.clone() },
        None => Signal::Proven,
    };
    outbox::prove(conn, letter, signal, now)?;
    Ok(Some(letter))
}
