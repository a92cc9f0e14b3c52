//! Announce, claim, send, settle: as fast as the wire, and never twice.
//!
//! A [`Sender`] is what all connections to one relay share; each connection has a [`Seat`] and a task of its own that calls
//! [`Sender::turn`] over and over. Letters that are due lie in a tray that is fetched in batches and not claimed. A seat takes
//! one, writes it from its edition, announces it on the wire (MAIL, RCPT, DATA, behind the dot of the letter before), and when
//! the server waits for the body, the letter must be claimed on the disk before the body is written. Claims and outcomes of
//! all seats are written by one ledger loop, a group a commit.
//!
//! # How much is in doubt after a crash
//!
//! Below 200 letters a second a seat holds at most one claimed letter: the next is only announced, and claimed in the commit
//! that settles the one before. From 200 letters a second on it claims up to 8 ahead, so that the wire never waits for the
//! disk. At every commit, `claimed - settled` of a seat is within that bound, because all entries of a seat are written in
//! their order. A process that lives gives back what it did not begin; only what a dead one held is uncertain.
//!
//! # How a bench drives it
//!
//! Queue letters by `work::invite`, make a [`Sender`] with [`Terms::new`] and as many connections as the case wants, then
//! `daemon::deliver::drain(sender, store, Clock::default(), connections, CancellationToken::new())`: it returns when nothing is
//! due any more. The numbers are in the database (`store::views::status`).

mod ledger;
mod office;
mod seat;
mod setback;
mod tray;
mod turn;

use super::Step;
use crate::{
    model::Patience,
    net::{Account, dkim::Signers, smtp::Timeouts},
    plan::{Backoff, Crowd, Limits, Pace, Speed, Streak},
    store::{
        self, Store,
        notes::{self, Side, Trouble},
        outbox,
    },
};
use jiff::Timestamp;
pub use office::{Brake, Chance, Held};
use office::{Office, Shared};
pub use seat::Seat;
use std::sync::{Arc, Mutex, atomic::Ordering};

/// How letters may leave: the configuration's part of a [`Sender`].
pub struct Terms {
    pub pace: Pace,
    pub limits: Limits,
    pub patience: Patience,
    /// Who signs letters, when they are first written.
    pub signers: Signers,
    /// How many connections are wanted at most; they shrink where the relay says so, and grow back.
    pub connections: u32,
    /// A campaign pauses itself after so many rejections in a row; 0: never.
    pub pause_after: u32,
    /// Spreads retries; `|| 0` does not.
    pub chance: Chance,
}

impl Terms {
    /// No limit, no signature, the usual patience, no chance, 50 connections at most.
    pub fn new(pace: Pace) -> Self {
        let (limits, patience, signers) = Default::default();
        Self { pace, limits, patience, signers, connections: 50, pause_after: 10, chance: Box::new(|| 0) }
    }
}

/// What all connections to one relay share: who it is, how fast, and whether it has trouble. A cheap handle.
#[derive(Clone)]
pub struct Sender {
    office: Arc<Office>,
}

impl Sender {
    pub fn new(account: Account, hello: String, timeouts: Timeouts, terms: Terms) -> Self {
        let Terms { pace, limits, patience, signers, connections, pause_after, chance } = terms;
        let shared = Shared {
            tray: Default::default(),
            pace,
            limits,
            held: None,
            remembered: false,
            speed: Speed::default(),
            streak: Streak::new(pause_after),
            crowd: Crowd::new(connections),
            standing: 0,
            backoff: Backoff::default(),
            lockstep: false,
            setbacks: Default::default(),
            trouble: None,
        };
        let office = Office {
            door: Default::default(),
            account,
            hello,
            timeouts,
            patience,
            signers,
            chance,
            editions: Default::default(),
            ledger: Default::default(),
            looking: Default::default(),
            knocked: Default::default(),
            stood: Default::default(),
            shared: Mutex::new(shared),
        };
        Self { office: Arc::new(office) }
    }

    /// What keeps the relay from working, if anything does.
    pub fn trouble(&self) -> Option<Trouble> {
        self.office.shared().trouble.clone()
    }

    /// What of the configuration keeps letters back, if anything did when one was last to be taken; for as long as its `until` lies in the
    /// future.
    pub fn held(&self) -> Option<Held> {
        self.office.shared().held
    }

    /// Why the database could not save what was last handed to it; None once it could. Until then no letter is begun, and what the relay
    /// said is kept: see [`Sender::unsaved`].
    pub fn refused(&self) -> Option<String> {
        self.office.ledger.refused()
    }

    /// What the relay said of claimed letters and the database refused, in the order in which it was heard: the letter's number, and
    /// "accepted", "refused", "put off" or "not begun". It is lost with the process: whoever sees it end tells of it. One more write is
    /// tried by [`Sender::settled`].
    pub fn unsaved(&self) -> Vec<(i64, &'static str)> {
        self.office.ledger.unsaved()
    }

    /// This process has asked the relay for a connection, whatever became of it. Not while limits, the rate, hours or a pause keep all
    /// letters back: nobody knocks for nothing.
    pub fn has_knocked(&self) -> bool {
        self.office.knocked.load(Ordering::Relaxed)
    }

    /// A connection of this process has stood, whatever became of it.
    pub fn has_stood(&self) -> bool {
        self.office.stood.load(Ordering::Relaxed)
    }

    /// Something changed in the database: what was fetched is fetched anew before the next letter is taken.
    pub fn look_again(&self) {
        self.office.shared().tray.clear();
    }

    /// Sends one letter, if one is due and the relay is well; nothing is under way when it returns, and what happened is on
    /// the disk.
    ///
    /// The relay is knocked at before a letter is claimed, so that a wrong password or a dead host touches no letter.
    pub async fn step(&self, store: &Store, seat: &mut Seat, now: Timestamp) -> store::Result<Step> {
        let step = turn::Turn { office: &self.office, store, now: &|| now, ahead: false }.take(seat).await;
        self.office.settled(store).await?;
        step
    }

    /// As [`Sender::step`], with the next letter announced, prepared and, at speed, claimed already when it returns: for a
    /// loop that calls it again at once. End the loop with [`Sender::retire`].
    pub async fn turn(&self, store: &Store, seat: &mut Seat, now: &(dyn Fn() -> Timestamp + Sync)) -> store::Result<Step> {
        turn::Turn { office: &self.office, store, now, ahead: true }.take(seat).await
    }

    /// Gives back what the seat holds, says goodbye to the relay, and waits until all of it is on the disk. The seat can be
    /// used again.
    pub async fn retire(&self, store: &Store, seat: &mut Seat) -> store::Result<()> {
        seat.put_down("the sender rests");
        seat.goodbye().await;
        self.settled(store).await
    }

    /// Waits until every outcome is on the disk, also those of seats that were dropped.
    pub async fn settled(&self, store: &Store) -> store::Result<()> {
        self.office.settled(store).await
    }
}

/// Before the first step of a process: what a dead process held is uncertain now, and old trouble is forgotten.
pub async fn recover(store: &Store, now: Timestamp) -> store::Result<usize> {
    store
        .write(move |conn| {
            notes::set(conn, Side::Relay, None)?;
            outbox::recover(conn, now)
        })
        .await
}
