//! What all seats share: who the relay is, how fast and when letters may leave, what trouble there is, and the tray.

use super::{ledger::Ledger, setback::Setbacks, tray::Tray};
use crate::{
    model::Patience,
    net::{
        Account,
        dkim::Signers,
        smtp::{Relay, Shut, Timeouts},
    },
    plan::{Backoff, Crowd, Limits, Pace, Speed, Streak, crowd::is_too_many},
    store::{
        self, Store,
        notes::{self, Side, Trouble},
    },
    work::edition::Editions,
};
use jiff::Timestamp;
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// 64 random bits a call.
pub type Chance = Box<dyn Fn() -> u64 + Send + Sync>;

pub(super) struct Office {
    pub account: Account,
    pub hello: String,
    pub timeouts: Timeouts,
    pub patience: Patience,
    pub signers: Signers,
    pub chance: Chance,
    pub editions: Editions,
    pub ledger: Ledger,
    /// Held by the seat that looks for letters.
    pub looking: tokio::sync::Mutex<()>,
    /// This process has asked for a connection.
    pub knocked: AtomicBool,
    /// A connection of this process has stood.
    pub stood: AtomicBool,
    /// The server seems to lie about PIPELINING.
    pub lockstep: AtomicBool,
    pub shared: Mutex<Shared>,
}

pub(super) struct Shared {
    pub tray: Tray,
    pub pace: Pace,
    pub limits: Limits,
    /// What left before this process began is counted in `limits`.
    pub remembered: bool,
    pub speed: Speed,
    pub streak: Streak,
    pub crowd: Crowd,
    /// How many connections stand.
    pub standing: u32,
    pub backoff: Backoff,
    pub setbacks: Setbacks,
    pub trouble: Option<Trouble>,
}

impl Shared {
    /// The leave for one letter, or when to ask again.
    pub fn leave(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        self.pace.may(now)?;
        self.limits.take(now)?;
        self.pace.take(now)
    }

    /// The leave was not used.
    pub fn give_back(&mut self, now: Timestamp) {
        self.pace.give_back(now);
        self.limits.give_back();
    }
}

/// Why the relay does not work, in words that may stand in the log.
#[derive(Clone, Copy)]
pub(super) struct Cause {
    pub kind: &'static str,
    /// Of its answer.
    pub code: Option<u16>,
    /// Waiting changes nothing.
    pub permanent: bool,
}

impl Office {
    pub fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These letters are nobody's any more: another look may find them.
    pub fn release(&self, letters: impl IntoIterator<Item = i64>) {
        self.shared().tray.release(letters);
    }

    /// A fresh connection, or None with the trouble written down. An extra seat that finds no room gives way.
    pub async fn connect(&self, store: &Store, seat: u32, now: Timestamp) -> store::Result<Option<Relay>> {
        self.knocked.store(true, Ordering::Relaxed);
        match Relay::connect(&self.account, &self.hello, &self.timeouts).await {
            Ok(mut relay) => {
                if self.lockstep.load(Ordering::Relaxed) {
                    relay.go_step_by_step();
                }
                self.stood.store(true, Ordering::Relaxed);
                self.shared().standing += 1;
                Ok(Some(relay))
            }
            Err(shut) => {
                if !self.gave_way(seat, &shut, now) {
                    let why = if matches!(shut, Shut::SignIn { .. }) && self.account.auth.is_fixed() {
                        format!("{shut}, and restart the daemon, if one runs")
                    } else {
                        shut.to_string()
                    };
                    let cause = Cause { kind: shut.kind(), code: shut.code(), permanent: shut.permanent() };
                    self.troubled(store, why, cause, now).await?;
                }
                Ok(None)
            }
        }
    }

    /// Where others stand and this one may not, there are too many: true.
    fn gave_way(&self, seat: u32, shut: &Shut, now: Timestamp) -> bool {
        let mut shared = self.shared();
        let standing = shared.standing;
        if seat == 0 && !(standing > 0 && is_too_many(&shut.to_string())) {
            return false;
        }
        shared.crowd.too_many(standing, now);
        true
    }

    /// A connection of ours ended.
    pub fn disconnected(&self, relay: &Relay) {
        if relay.lockstep() {
            self.lockstep.store(true, Ordering::Relaxed);
        }
        let mut shared = self.shared();
        shared.standing = shared.standing.saturating_sub(1);
    }

    /// Says why the relay does not work, and leaves it alone for a while.
    pub async fn troubled(&self, store: &Store, why: String, cause: Cause, now: Timestamp) -> store::Result<()> {
        let Cause { kind, code, permanent } = cause;
        let trouble = {
            let mut shared = self.shared();
            if shared.standing > 1 && is_too_many(&why) {
                let fewer = shared.standing - 1;
                shared.crowd.too_many(fewer, now);
                return Ok(());
            }
            // Connections that die together are one failure.
            let until = shared.backoff.rests(now).unwrap_or_else(|| shared.backoff.fail(permanent, now));
            let trouble = Trouble::new(why, until, permanent);
            shared.trouble = Some(trouble.clone());
            trouble
        };
        tracing::warn!(permanent, kind, code, "the relay has trouble; `convoke status` says why");
        store.write(move |conn| notes::set(conn, Side::Relay, Some(&trouble))).await
    }

    pub async fn well(&self, store: &Store) -> store::Result<()> {
        let recovered = {
            let mut shared = self.shared();
            shared.setbacks.answered();
            shared.trouble = None;
            shared.backoff.succeed()
        };
        if recovered { store.write(|conn| notes::set(conn, Side::Relay, None)).await } else { Ok(()) }
    }
}
