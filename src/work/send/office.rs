//! What all seats share: who the relay is, how fast and when letters may leave, what trouble there is, and the tray.

use super::{ledger::Ledger, setback::Setbacks, tray::Tray};
use crate::{
    model::Patience,
    net::{
        Account, Auth,
        dkim::Signers,
        smtp::{Relay, Shut, Timeouts},
    },
    plan::{Backoff, Crowd, Limit, Limits, Pace, Speed, Streak, crowd::is_too_many},
    store::{
        self, Store,
        notes::{self, Side, Trouble},
    },
    work::{
        door::{Door, Failure as _},
        edition::Editions,
    },
};
use jiff::Timestamp;
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// 64 random bits a call.
pub type Chance = Box<dyn Fn() -> u64 + Send + Sync>;

/// What of the configuration keeps letters back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Brake {
    /// `rate`.
    Rate,
    /// One of `limits`.
    Limit(Limit),
}

/// A letter is due, and may not leave before then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    pub by: Brake,
    pub until: Timestamp,
}

pub(super) struct Office {
    pub door: Door<Shut>,
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
    pub shared: Mutex<Shared>,
}

pub(super) struct Shared {
    pub tray: Tray,
    pub pace: Pace,
    pub limits: Limits,
    /// The last letter that was to be taken got no leave.
    pub held: Option<Held>,
    /// What left before this process began is counted in `limits`.
    pub remembered: bool,
    pub speed: Speed,
    pub streak: Streak,
    pub crowd: Crowd,
    /// How many connections stand.
    pub standing: u32,
    pub backoff: Backoff,
    /// The server seems to lie about PIPELINING. Not forgotten while the program runs: where a firewall ends connections at the sight of it,
    /// each new try would leave a letter in doubt.
    pub lockstep: bool,
    pub setbacks: Setbacks,
    pub trouble: Option<Trouble>,
}

impl Shared {
    /// The leave for one letter, or when to ask again.
    pub fn leave(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        let rate = self.pace.may(now).err().map(|until| Held { by: Brake::Rate, until });
        let limit = self.limits.used_up(now).map(|(limit, until)| Held { by: Brake::Limit(limit), until });
        self.held = rate.into_iter().chain(limit).max_by_key(|held| held.until);
        match self.held {
            Some(held) => Err(held.until),
            None => {
                self.limits.take(now)?;
                self.pace.take(now)
            }
        }
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
    pub async fn connect(&self, store: &Store, seat: u32, now: &(dyn Fn() -> Timestamp + Sync)) -> store::Result<Option<Relay>> {
        self.knocked.store(true, Ordering::Relaxed);
        let connect = Relay::connect(&self.account, &self.hello, &self.timeouts);
        let signs_in = !matches!(self.account.auth, Auth::None);
        let entered = if signs_in { self.door.enter(connect, now).await } else { connect.await };
        // It may have taken minutes.
        let now = now();
        match entered {
            Ok(mut relay) => {
                let mut shared = self.shared();
                if shared.lockstep {
                    relay.go_step_by_step();
                }
                self.stood.store(true, Ordering::Relaxed);
                shared.standing += 1;
                tracing::debug!(seat, "a connection to the relay stands");
                Ok(Some(relay))
            }
            Err(shut) => {
                if !self.gave_way(seat, &shut, now) {
                    if shut.is_refusal() {
                        // The next try is one for all.
                        let pause = self.door.pause();
                        self.shared().backoff = pause;
                    }
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

    /// Where others stand and this one may not, there are too many: true. Also where the account was refused: those that stand work, and
    /// there is time to tell of it when they do not.
    fn gave_way(&self, seat: u32, shut: &Shut, now: Timestamp) -> bool {
        let mut shared = self.shared();
        let (standing, refused) = (shared.standing, shut.is_refusal());
        if seat == 0 && !(standing > 0 && (refused || is_too_many(&shut.to_string()))) {
            return false;
        }
        // A wrong password says nothing of how many there may be.
        if !refused {
            shared.crowd.too_many(standing, now);
        }
        true
    }

    /// A connection of ours ended.
    pub fn disconnected(&self, relay: &Relay) {
        let mut shared = self.shared();
        shared.lockstep |= relay.lockstep();
        shared.standing = shared.standing.saturating_sub(1);
        tracing::debug!(standing = shared.standing, "a connection to the relay is over");
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
