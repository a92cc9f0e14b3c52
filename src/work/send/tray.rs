//! The tray: letters that are due, fetched in batches and not claimed, so that a seat does not ask the database for each.
//!
//! A letter in the tray is only reserved in memory. Whether it may still leave is asked twice: its campaign's hours when it is
//! taken, and everything else (paused, withdrawn, mended, declined meanwhile) by its claim. A tray that has lain for half a second is
//! thrown away and fetched anew, so that new letters and paused campaigns are noticed in time.

use super::ledger::{Deed, Entry};
use super::office::Office;
use crate::{
    model::Hours,
    store::{
        self, Store, campaigns,
        outbox::{self, Upcoming},
    },
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// How many letters are fetched at a time, at speed.
const MANY: usize = 256;
/// … and when letters leave slowly: more than there may be connections.
const FEW: usize = 64;
/// How long the tray may lie.
const FRESH: SignedDuration = SignedDuration::from_millis(500);

#[derive(Default)]
pub(super) struct Tray {
    letters: VecDeque<Upcoming>,
    /// Letters in the tray and in the seats' hands, from the look that found them until their outcome is on the disk.
    held: HashSet<i64>,
    /// The hours of the campaigns that have some.
    hours: Vec<(i64, Hours)>,
    looked: Option<Timestamp>,
    /// When there may be something more: the next letter is due, or a campaign's hours begin.
    next: Option<Timestamp>,
    /// What the last look found ended before its limit: there is no more now.
    all: bool,
}

/// What the tray says.
pub(super) enum Taken {
    Letter(Box<Upcoming>),
    /// Nothing may leave before then, unless somebody rings.
    Rest(Option<Timestamp>),
    /// There was nothing more at the last look, and nothing is expected before then.
    Empty(Option<Timestamp>),
    /// Look into the database first.
    Look,
}

impl Tray {
    pub fn release(&mut self, letters: impl IntoIterator<Item = i64>) {
        for letter in letters {
            self.held.remove(&letter);
        }
        // There may be something to find again.
        self.all = false;
    }

    /// Throws away what lies here: the next one who wants a letter looks.
    pub fn clear(&mut self) {
        for letter in self.letters.drain(..) {
            self.held.remove(&letter.id);
        }
        self.looked = None;
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.looked.is_some_and(|looked| {
            let age = now.duration_since(looked);
            !age.is_negative() && age < FRESH
        })
    }

    /// True where a look ahead pays.
    pub fn is_low(&self) -> bool {
        self.letters.len() < MANY / 4 && !self.all && self.looked.is_some()
    }

    /// The letter that has waited longest.
    fn pop(&mut self, now: Timestamp) -> Option<Upcoming> {
        let letter = self.letters.pop_front()?;
        let rests = self.hours.iter().any(|(campaign, hours)| *campaign == letter.campaign && hours.rest_until(now).is_some());
        if rests {
            self.held.remove(&letter.id);
            self.clear();
            return None;
        }
        Some(letter)
    }

    fn put(&mut self, batch: Vec<Upcoming>, hours: Vec<(i64, Hours)>, found: usize, limit: usize, next: Option<Timestamp>, now: Timestamp) {
        for letter in batch {
            if self.held.insert(letter.id) {
                self.letters.push_back(letter);
            }
        }
        self.hours = hours;
        self.all = found < limit;
        self.next = next;
        self.looked = Some(now);
    }
}

impl Office {
    /// A letter with the leave to send it, without asking the database.
    ///
    /// An extra seat that would have to connect for it (`beyond` seats work before it) does so only where letters queue up.
    pub(super) fn take(&self, now: Timestamp, beyond: usize) -> Taken {
        let mut shared = self.shared();
        if let Some(until) = shared.backoff.rests(now) {
            return Taken::Rest(Some(until));
        }
        if !shared.remembered {
            return Taken::Look;
        }
        if !shared.tray.is_fresh(now) {
            shared.tray.clear();
            return Taken::Look;
        }
        if shared.tray.letters.len() <= beyond {
            let tray = &shared.tray;
            return match tray.all {
                true if tray.letters.is_empty() => Taken::Empty(tray.next),
                true => Taken::Empty(None),
                false => Taken::Look,
            };
        }
        if let Err(until) = shared.leave(now) {
            return Taken::Rest(Some(until));
        }
        match shared.tray.pop(now) {
            Some(letter) => Taken::Letter(Box::new(letter)),
            None => {
                shared.give_back(now);
                Taken::Look
            }
        }
    }

    /// Fills the tray. One seat looks at a time, the others find what it found. `anew`: also where the last look found that
    /// there was no more.
    pub(super) async fn look(self: &Arc<Self>, store: &Store, now: Timestamp, anew: bool) -> store::Result<()> {
        let _looking = self.looking.lock().await;
        let (held, last, limit, since) = {
            let shared = self.shared();
            let limit = if shared.speed.ahead(now) > 1 { MANY } else { FEW };
            if shared.remembered && shared.tray.is_fresh(now) && (shared.tray.all && !anew || shared.tray.letters.len() >= limit) {
                return Ok(());
            }
            let since = (!shared.remembered).then(|| now.saturating_sub(shared.limits.longest()).unwrap_or(Timestamp::MIN));
            (shared.tray.held.clone(), shared.setbacks.last().clone(), limit, since)
        };
        if let Some(since) = since {
            self.remember(store, since).await?;
        }
        let look = move |conn: &store::Connection| {
            let hours = campaigns::hours(conn)?;
            let resting: Vec<(i64, Timestamp)> =
                hours.iter().filter_map(|(campaign, hours)| Some((*campaign, hours.rest_until(now)?))).collect();
            let over = campaigns::over(conn, now)?;
            let closed: Vec<i64> = resting.iter().map(|(campaign, _)| *campaign).chain(over.iter().copied()).collect();
            let mut batch = outbox::upcoming(conn, now, &closed, |letter| held.contains(&letter) || last.contains(&letter), limit)?;
            if batch.found() == 0 && !last.is_empty() {
                batch = outbox::upcoming(conn, now, &closed, |letter| held.contains(&letter), limit)?;
            }
            let found = batch.found();
            let next = if found < limit {
                let due = outbox::next_due_beside(conn, &closed, now)?.filter(|due| *due > now);
                let opens = resting.iter().map(|(_, until)| *until).min();
                [due, opens].into_iter().flatten().min()
            } else {
                None
            };
            Ok((batch, hours, found, next, over))
        };
        let (batch, hours, found, next, over) = store.read(look).await?;
        for campaign in over {
            tracing::warn!(campaign, "a campaign paused itself: its event is over, and letters still wait");
            store.write(move |conn| campaigns::pause_over(conn, campaign)).await?;
        }
        self.shared().tray.put(batch.letters, hours, found, limit, next, now);
        if !batch.unreadable.is_empty() || !batch.unwanted.is_empty() {
            let failed = batch.unreadable.into_iter().map(|(letter, why)| Entry { letter, at: now, deed: Deed::Fail(why) });
            let unwanted = batch.unwanted.into_iter().map(|letter| {
                tracing::info!(letter, "a letter is withdrawn: its guest has said no, or asked for no more letters, since it was queued");
                Entry { letter, at: now, deed: Deed::Withdraw }
            });
            self.enter(store, failed.chain(unwanted));
            self.settled(store).await?;
            self.shared().tray.all = false;
        }
        Ok(())
    }

    /// Counts what left before, so that limits hold over restarts.
    async fn remember(&self, store: &Store, since: Timestamp) -> store::Result<()> {
        let empty = self.shared().limits.is_empty();
        if !empty {
            let left = store.read(move |conn| outbox::left_since(conn, since, SignedDuration::from_secs(1))).await?;
            let left = left.into_iter().map(|(at, letters)| (at, u32::try_from(letters).unwrap_or(u32::MAX)));
            self.shared().limits.remember(left);
        }
        self.shared().remembered = true;
        Ok(())
    }
}
