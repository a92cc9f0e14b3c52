//! A seat: one connection, and the letters in its hand.
//!
//! At the front of the hand is the letter that is announced or will be; behind it letters that are prepared. A letter leaves the
//! hand when its body is written, so whatever lies in a hand that is dropped was not begun.

use super::{
    ledger::{Deed, Entry, Settlement},
    office::Office,
};
use crate::{
    model::{Patience, Signal},
    net::smtp::{Outcome, Parcel, Relay},
    store::{self, Store, outbox::Upcoming},
};
use jiff::{SignedDuration, Timestamp};
use std::{collections::VecDeque, sync::Arc};
use tokio::sync::oneshot;

/// How long a connection may have been idle and still be trusted without a knock.
const FRESH: SignedDuration = SignedDuration::from_secs(20);

/// One connection's place; the connection itself comes and goes.
///
/// Dropped with letters in its hand, it gives them back: they were not begun, and are queued again with the next thing that its
/// sender writes (see [`super::Sender::settled`]). Of a letter whose body was being written, nobody can tell: it stays claimed.
#[derive(Default)]
pub struct Seat {
    pub(super) number: u32,
    pub(super) relay: Option<Relay>,
    pub(super) used: Option<Timestamp>,
    pub(super) hand: VecDeque<Job>,
    /// The end of the front letter, where it was heard early.
    pub(super) told: Option<Outcome>,
    /// How many claims were handed in and not settled.
    pub(super) claims: usize,
    pub(super) office: Option<Arc<Office>>,
}

/// A letter in a hand.
pub(super) struct Job {
    pub letter: Box<Upcoming>,
    pub parcel: Option<Parcel>,
    pub claim: Claim,
    /// MAIL, RCPT and DATA may have been said for it.
    pub announced: bool,
}

pub(super) enum Claim {
    Unasked,
    Asked(oneshot::Receiver<bool>),
    Granted,
}

impl Job {
    /// A letter that was never offered is dated now.
    pub fn new(mut letter: Box<Upcoming>, now: Timestamp) -> Self {
        if !letter.dated {
            letter.stamp.date = now;
        }
        Self { letter, parcel: None, claim: Claim::Unasked, announced: false }
    }

    /// An entry that asks for the claim.
    pub fn ask(&mut self, at: Timestamp) -> Entry {
        let (tell, told) = oneshot::channel();
        self.claim = Claim::Asked(told);
        Entry { letter: self.letter.id, at, deed: Deed::Claim { date: self.letter.stamp.date, tell } }
    }

    /// True once the claim is on the disk; false where there is none to be had; None where the disk refuses.
    pub async fn granted(&mut self) -> Option<bool> {
        let granted = match &mut self.claim {
            Claim::Granted => return Some(true),
            Claim::Unasked => return Some(false),
            Claim::Asked(told) => told.await.ok(),
        };
        self.claim = if granted == Some(true) { Claim::Granted } else { Claim::Unasked };
        granted
    }

    /// What gives a letter that was not begun back to the queue, if it may be claimed.
    fn back(self, at: Timestamp, why: &str) -> Option<Entry> {
        if matches!(self.claim, Claim::Unasked) {
            return None;
        }
        let settlement = Settlement {
            signal: Signal::NotBegun { why: why.to_owned() },
            enhanced: None,
            bytes: self.parcel.filter(|_| self.announced).map(|parcel| parcel.raw),
            unclaimed: None,
            patience: Patience::default(),
            logged: false,
        };
        Some(Entry { letter: self.letter.id, at, deed: Deed::Settle(settlement) })
    }
}

impl Seat {
    /// Seat 0 always serves. A seat with a higher number works where more letters wait than there are seats before it; where
    /// the relay does not want so many connections, the others go on without it.
    pub fn new(number: u32) -> Self {
        let mut seat = Self::default();
        seat.number = number;
        seat
    }

    /// Says goodbye to the relay, if it is there, and gives back what lies in the hand.
    pub async fn leave(mut self) {
        self.put_down("the connection was closed before it");
        self.goodbye().await;
    }

    pub(super) async fn goodbye(&mut self) {
        if let Some(relay) = self.let_go() {
            relay.quit().await;
        }
    }

    /// Ends the connection without a word: a letter that is announced on it is not delivered.
    pub(super) fn hang_up(&mut self) {
        drop(self.let_go());
    }

    fn let_go(&mut self) -> Option<Relay> {
        let relay = self.relay.take()?;
        if let Some(office) = &self.office {
            office.disconnected(&relay);
        }
        Some(relay)
    }

    /// Everything in the hand goes back; a connection on which some of it was announced is given up.
    pub(super) fn put_down(&mut self, why: &str) {
        let Some(office) = self.office.clone() else { return };
        if self.hand.iter().any(|job| job.announced) {
            self.hang_up();
        }
        let jobs: Vec<Job> = self.hand.drain(..).collect();
        (self.claims, self.told) = (0, None);
        if jobs.is_empty() {
            return;
        }
        let now = self.used.unwrap_or(Timestamp::UNIX_EPOCH);
        let mut shared = office.shared();
        for _ in &jobs {
            shared.give_back(now);
        }
        let unclaimed = jobs.iter().filter(|job| matches!(job.claim, Claim::Unasked)).map(|job| job.letter.id);
        shared.tray.release(unclaimed);
        drop(shared);
        office.ledger.leave(jobs.into_iter().filter_map(|job| job.back(now, why)));
    }

    /// A connection that answers, or None with the trouble written down.
    pub(super) async fn connected(
        &mut self,
        office: &Arc<Office>,
        store: &Store,
        now: &(dyn Fn() -> Timestamp + Sync),
    ) -> store::Result<bool> {
        if let Some(relay) = &mut self.relay {
            let fresh = self.used.is_some_and(|used| {
                let idle = now().duration_since(used);
                !idle.is_negative() && idle < FRESH
            });
            if relay.usable() && (fresh || relay.noop().await.is_ok()) {
                return Ok(true);
            }
            self.hang_up();
        }
        self.relay = office.connect(store, self.number, now).await?;
        self.used = Some(now());
        Ok(self.relay.is_some())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.put_down("the program was asked to stop before it");
        self.hang_up();
    }
}
