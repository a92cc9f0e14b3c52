//! A folder of an IMAP mailbox, message by message.

use super::{
    Step,
    haul::{Breaks, Haul, Piece},
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

/// One folder, open on one connection after another.
pub struct Folder {
    ledger: Ledger,
    /// What a first walk, or a walk after a changed UIDVALIDITY, has still to read.
    walk: VecDeque<u32>,
    /// Where the cursor goes when the walk is over.
    end_of_walk: u32,
    breaks: Breaks,
}

impl Folder {
    /// Opens a folder read-only and finds where to go on. None where nobody was invited yet: there is nothing to look for.
    pub async fn open(store: &Store, mailbox: &mut Mailbox, name: &str, now: Timestamp) -> Result<Option<Self>, Error> {
        let mut folder = Self::named(name);
        Ok(folder.open_on(store, mailbox, now).await?.then_some(folder))
    }

    /// A folder that is to be opened.
    pub fn named(name: &str) -> Self {
        Self { ledger: Ledger::new(name, 0), walk: VecDeque::new(), end_of_walk: 0, breaks: Breaks::default() }
    }

    /// Opens the folder on a new connection, as [`Folder::open`] does: false where nobody was invited yet. It remembers at which
    /// messages the connections before it broke.
    ///
    /// A folder never read before, or one whose UIDVALIDITY changed, is walked from the day before the first
    /// campaign; a mail that was counted is known by its identity. So is a folder in which the next UID is lower than one that was
    /// read: it was restored from an older copy, and its UIDs are given anew.
    pub async fn open_on(&mut self, store: &Store, mailbox: &mut Mailbox, now: Timestamp) -> Result<bool, Error> {
        let Some(start) = store.read(inbox::oldest_campaign).await? else { return Ok(false) };
        let state = mailbox.examine(&self.ledger.folder).await?;
        self.ledger.uidvalidity = state.uid_validity;
        (self.walk, self.end_of_walk) = (VecDeque::new(), 0);
        let restored = |next: u32| state.uid_next != 0 && state.uid_next < next;
        let cursor = self.ledger.cursor(store).await?;
        if cursor.is_some_and(|cursor| cursor.uidvalidity == state.uid_validity && !restored(cursor.next_uid)) {
            return Ok(true);
        }
        self.breaks = Breaks::default();
        let day = start.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(start).to_zoned(TimeZone::UTC).date();
        self.walk = mailbox.uids_since(day).await?.into();
        self.end_of_walk = state.uid_next;
        let next = self.walk.front().copied().unwrap_or(state.uid_next);
        self.ledger.advance(store, next, None, now).await?;
        Ok(true)
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
        self.breaks.read_to(cursor.next_uid);
        let Haul { pieces, error } = self.breaks.fetch(mailbox, &batch, now).await;
        for piece in pieces {
            match piece {
                Piece::Mail(Fetched { uid, internal_date, raw, truncated: cut, size }) => {
                    let message = Delivered { uid, arrived: internal_date.unwrap_or(now), raw, size: size.into(), cut, then: None };
                    self.ledger.take(store, desk, message, now).await?;
                }
                Piece::Withheld(uid) => self.ledger.set_aside(store, Delivered::unread(uid, now), WITHHELD, now).await?,
                Piece::Deadly(uid) => {
                    let why = format!("the connection to the server broke whenever it was fetched (UID {uid}); it was set aside unread");
                    self.ledger.set_aside(store, Delivered::unread(uid, now), &why, now).await?;
                }
            }
        }
        if let Some(error) = error {
            return Err(error.into());
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
