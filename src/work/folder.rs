//! A folder of an IMAP mailbox, message by message.

use super::{
    Step,
    receive::{DEADLY, Delivered, Desk, Error, LONGEST, Ledger},
};
use crate::{
    net::imap::{Fetched, ImapError, Mailbox},
    store::{Store, inbox},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::collections::VecDeque;

/// How many messages are fetched in one go.
const BATCH: usize = 32;
/// How many bytes are fetched in one go.
const BATCH_BYTES: u64 = 16 * 1024 * 1024;
/// Why a message is set aside that the server has and will not give.
const WITHHELD: &str = "the server does not hand it out; it was set aside unread";

/// One folder, open on one connection.
pub struct Folder {
    ledger: Ledger,
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
        let ledger = Ledger::new(name, state.uid_validity);
        let cursor = ledger.cursor(store).await?;
        let mut folder = Self { ledger, walk: VecDeque::new(), end_of_walk: 0 };
        if cursor.is_some_and(|cursor| cursor.uidvalidity == state.uid_validity) {
            return Ok(Some(folder));
        }
        let day = start.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(start).to_zoned(TimeZone::UTC).date();
        folder.walk = mailbox.uids_since(day).await?.into();
        folder.end_of_walk = state.uid_next;
        let next = folder.walk.front().copied().unwrap_or(state.uid_next);
        folder.ledger.advance(store, next, None, now).await?;
        Ok(Some(folder))
    }

    /// Reads what is new, at most one batch of it.
    pub async fn step(&mut self, store: &Store, mailbox: &mut Mailbox, desk: &Desk, now: Timestamp) -> Result<Step, Error> {
        let Some(cursor) = self.ledger.cursor(store).await? else { return Ok(Step::Rest { until: None }) };
        if let Some(poison) = cursor.opening {
            self.ledger.set_aside(store, Delivered::unread(poison, now), DEADLY, now).await?;
            self.walk.retain(|uid| *uid > poison);
            return Ok(Step::Did);
        }
        let batch = self.next_batch(mailbox, cursor.next_uid).await?;
        let Some(last) = batch.last().copied() else {
            self.ledger.touch(store, now).await?;
            return Ok(Step::Rest { until: None });
        };
        for fetched in fetch(mailbox, &batch).await? {
            match fetched {
                Ok(Fetched { uid, internal_date, raw, size, .. }) => {
                    let message = Delivered { uid, arrived: internal_date, raw, size: size.into(), then: None };
                    self.ledger.take(store, desk, message, now).await?;
                }
                Err(withheld) => self.ledger.set_aside(store, Delivered::unread(withheld, now), WITHHELD, now).await?,
            }
        }
        let walked = !self.walk.is_empty();
        self.walk.retain(|uid| *uid > last);
        let next = if walked && self.walk.is_empty() { self.end_of_walk.max(last.saturating_add(1)) } else { last.saturating_add(1) };
        self.ledger.advance(store, next, None, now).await?;
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
}

/// The messages of a batch, lowest UID first; of one that the server refuses to hand out, its UID.
///
/// A batch that is refused is asked for again one by one. Where nothing of several is given, or the server itself says that it
/// cannot now, the trouble is the server's and no message's: that is an error, and all are asked for again later.
async fn fetch(mailbox: &mut Mailbox, batch: &[u32]) -> Result<Vec<Result<Fetched, u32>>, ImapError> {
    match mailbox.fetch_many(batch, LONGEST).await {
        Ok(all) => return Ok(all.into_iter().map(Ok).collect()),
        Err(ImapError::Refused(_)) => {}
        Err(error) => return Err(error),
    }
    let mut found = Vec::new();
    let mut gives = false;
    let mut refusal = None;
    for uid in batch {
        match mailbox.fetch(*uid, LONGEST).await {
            Ok(one) => {
                gives = true;
                found.extend(one.map(Ok));
            }
            Err(ImapError::Refused(why)) => {
                refusal = Some(why);
                found.push(Err(*uid));
            }
            Err(error) => return Err(error),
        }
    }
    match refusal {
        Some(why) if !gives && (batch.len() > 1 || is_for_now(&why)) => Err(ImapError::Refused(why)),
        _ => Ok(found),
    }
}

/// The server says that it may answer otherwise later (RFC 5530 §3, RFC 9051 §7.1).
fn is_for_now(why: &str) -> bool {
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]"].iter().any(|code| why.contains(code))
}
