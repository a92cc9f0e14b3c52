//! Claim, deliver, settle.

use super::{
    Step,
    edition::{Editions, told},
};
use crate::{
    model::{Delivery, Fact, Patience, Signal},
    net::{
        Account,
        smtp::{Outcome, Relay, Timeouts},
    },
    plan::{Backoff, Pace, refusal},
    store::{
        self, Store, journal,
        notes::{self, Side, Trouble},
        outbox::{self, Upcoming},
    },
};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a connection may have been idle and still be trusted without a knock.
const FRESH: SignedDuration = SignedDuration::from_secs(20);

/// What all connections to one relay share: who it is, how fast, and whether it has trouble.
pub struct Sender {
    account: Account,
    hello: String,
    timeouts: Timeouts,
    patience: Patience,
    editions: Editions,
    shared: Mutex<Shared>,
}

struct Shared {
    pace: Pace,
    backoff: Backoff,
    trouble: Option<Trouble>,
}

/// One connection's place; the connection itself comes and goes.
#[derive(Default)]
pub struct Seat {
    relay: Option<Relay>,
    used: Option<Timestamp>,
    extra: bool,
}

impl Seat {
    /// A second or further connection: where the relay does not want so many, the others go on without it.
    pub fn extra() -> Self {
        Self { extra: true, ..Self::default() }
    }

    /// Says goodbye to the relay, if it is there.
    pub async fn leave(self) {
        if let Some(relay) = self.relay {
            relay.quit().await;
        }
    }

    pub fn is_connected(&self) -> bool {
        self.relay.is_some()
    }
}

impl Sender {
    pub fn new(account: Account, hello: String, timeouts: Timeouts, pace: Pace, patience: Patience) -> Self {
        let shared = Shared { pace, backoff: Backoff::default(), trouble: None };
        Self { account, hello, timeouts, patience, editions: Editions::default(), shared: Mutex::new(shared) }
    }

    /// What keeps the relay from working, if anything does.
    pub fn trouble(&self) -> Option<Trouble> {
        self.shared().trouble.clone()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends one letter, if one is due and the relay is well.
    ///
    /// The relay is knocked at before a letter is claimed, so that a wrong password or a dead host touches no letter.
    pub async fn step(&self, store: &Store, seat: &mut Seat, now: Timestamp) -> store::Result<Step> {
        let Some(due) = store.read(outbox::next_due).await? else { return Ok(Step::Rest { until: None }) };
        let until = due.max(self.shared().backoff.until());
        if until > now {
            return Ok(Step::Rest { until: Some(until) });
        }
        if let Err(until) = self.shared().pace.take(now) {
            return Ok(Step::Rest { until: Some(until) });
        }
        let Some(mut relay) = self.ready(store, seat, now).await? else {
            let mut shared = self.shared();
            shared.pace.give_back(now);
            return Ok(Step::Rest { until: (!seat.extra).then(|| shared.backoff.until()) });
        };
        let Some((letter, raw)) = self.next(store, now).await? else {
            seat.relay = Some(relay);
            self.shared().pace.give_back(now);
            return Ok(Step::Did); // another connection was quicker
        };
        let outcome = relay.deliver(&letter.mail_from, &letter.rcpt_to, &raw).await;
        if relay.usable() {
            seat.relay = Some(relay);
            seat.used = Some(now);
        }
        let Outcome { signal, enhanced, relay_trouble, .. } = outcome;
        let patience = self.patience.clone();
        store.write(move |conn| settle(conn, letter.id, signal, enhanced.as_deref(), now, &patience, &raw)).await?;
        match relay_trouble {
            Some(why) => self.troubled(store, why, false, now).await?,
            None => self.well(store).await?,
        }
        Ok(Step::Did)
    }

    /// The next letter, claimed and written; None where there is none now. One that cannot be written fails and stops no other.
    async fn next(&self, store: &Store, now: Timestamp) -> store::Result<Option<(Upcoming, Vec<u8>)>> {
        let batch = store.read(move |conn| outbox::upcoming(conn, now, &[], |_| false, 1)).await?;
        for (id, why) in batch.unreadable {
            store.write(move |conn| outbox::fail(conn, id, why, now)).await?;
        }
        let Some(mut letter) = batch.letters.into_iter().next() else { return Ok(None) };
        let raw = match (letter.kept.take(), letter.edition) {
            (Some(raw), _) => Ok(raw),
            (None, Some(edition)) => match self.editions.get(store, edition).await? {
                Ok(set) => set.letter(&letter.guest, &letter.stamp).map(|letter| letter.raw).map_err(|flaws| told(&flaws)),
                Err(why) => Err(why),
            },
            (None, None) => Err("neither its bytes nor its templates are in the database".to_owned()),
        };
        let id = letter.id;
        match raw {
            Ok(raw) => {
                let claimed = store.write(move |conn| outbox::claim(conn, &[id], now)).await?;
                Ok((claimed == [id]).then_some((letter, raw)))
            }
            Err(why) => store.write(move |conn| outbox::fail(conn, id, why, now)).await.map(|()| None),
        }
    }

    /// A connection that answers, or None with the trouble written down.
    async fn ready(&self, store: &Store, seat: &mut Seat, now: Timestamp) -> store::Result<Option<Relay>> {
        if let Some(mut relay) = seat.relay.take() {
            let fresh = seat.used.is_some_and(|used| now.duration_since(used) < FRESH);
            if fresh || relay.noop().await.is_ok() {
                return Ok(Some(relay));
            }
        }
        match Relay::connect(&self.account, &self.hello, &self.timeouts).await {
            Ok(relay) => Ok(Some(relay)),
            Err(_) if seat.extra => Ok(None),
            Err(shut) => {
                self.troubled(store, shut.to_string(), shut.permanent(), now).await?;
                Ok(None)
            }
        }
    }

    async fn troubled(&self, store: &Store, why: String, permanent: bool, now: Timestamp) -> store::Result<()> {
        let trouble = {
            let mut shared = self.shared();
            let until = shared.backoff.fail(now);
            let trouble = Trouble::new(why, until, permanent);
            shared.trouble = Some(trouble.clone());
            trouble
        };
        tracing::warn!(permanent, "the relay has trouble");
        store.write(move |conn| notes::set(conn, Side::Relay, Some(&trouble))).await
    }

    async fn well(&self, store: &Store) -> store::Result<()> {
        let recovered = {
            let mut shared = self.shared();
            shared.trouble = None;
            shared.backoff.succeed()
        };
        if recovered { store.write(|conn| notes::set(conn, Side::Relay, None)).await } else { Ok(()) }
    }
}

/// Settles a letter; a guest whose address does not exist becomes unreachable in the same transaction.
fn settle(
    conn: &store::Connection,
    letter: i64,
    signal: Signal,
    enhanced: Option<&str>,
    now: Timestamp,
    patience: &Patience,
    raw: &[u8],
) -> store::Result<()> {
    if let Delivery::Failed { why, .. } = outbox::settle(conn, letter, signal, now, patience, Some(raw))?
        && refusal::address_is_invalid(enhanced, &why)
    {
        let invitation = outbox::invitation_of(conn, letter)?;
        journal::append(conn, invitation, now, &Fact::Unreachable { why })?;
    }
    Ok(())
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
