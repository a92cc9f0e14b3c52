//! The ledger loop: claims and settlements of all seats, written in groups, one commit at a time.
//!
//! While one commit runs, the next group collects; over many connections at speed a small group waits up to a millisecond for more,
//! because the pages that a commit writes are nearly the same for ten letters and for forty. Entries are written in the order in which they were
//! handed in, all settlements of a group before its claims, so that at every commit a seat holds no more claimed letters than
//! it was allowed when it asked. An outcome is never thrown away: where the disk refuses, the settlements stay and are
//! written with the next group, and nobody gets a claim until they are. So no more of them gather than the seats had letters in their
//! hands. Whoever lets the process end before they are written looks at [`Ledger::unsaved`].

use super::office::Office;
use crate::{
    model::{Delivery, Fact, Patience, Signal},
    plan::refusal,
    store::{self, Connection, Error, Store, campaigns, journal, outbox},
};
use jiff::Timestamp;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, oneshot};

/// How many entries share one commit at most.
const GROUP: usize = 256;
/// How long a small group waits for more at most …
const GATHER: Duration = Duration::from_millis(1);
/// … over at least so many connections: fewer would wait for their claims …
const MANY: u32 = 5;
/// … while it has fewer entries for each of them than this.
const EACH: usize = 4;

/// One thing to write down about one letter.
pub(super) struct Entry {
    pub letter: i64,
    pub at: Timestamp,
    pub deed: Deed,
}

pub(super) enum Deed {
    /// The letter becomes *sending*, with the date that it was written with; told true when that is on the disk, false where it is
    /// not to be had.
    Claim {
        date: Timestamp,
        tell: oneshot::Sender<bool>,
    },
    Settle(Settlement),
    /// It cannot be written.
    Fail(String),
    /// Its guest has said no since it was queued.
    Withdraw,
    /// The campaign pauses itself. `letter` is the one that was too much.
    Pause {
        campaign: i64,
        why: String,
    },
}

pub(super) struct Settlement {
    pub signal: Signal,
    /// The server's enhanced status.
    pub enhanced: Option<String>,
    /// What was offered, where the letter may go out again.
    pub bytes: Option<Vec<u8>>,
    /// The server refused it before it was claimed: both are written at once, with its date.
    pub unclaimed: Option<Timestamp>,
    pub patience: Patience,
    /// The log tells already that the disk refused it.
    pub logged: bool,
}

#[derive(Default)]
pub(super) struct Ledger {
    queue: Mutex<Queue>,
    /// The group that gathers is large enough.
    full: Notify,
}

#[derive(Default)]
struct Queue {
    entries: VecDeque<Entry>,
    /// Somebody writes already.
    running: bool,
    /// The size that the group waits for; 0 while none gathers.
    wanted: usize,
    /// Why the last group could not be written.
    failed: Option<String>,
    /// Woken when everything is written, or nothing can be.
    waiting: Vec<oneshot::Sender<()>>,
}

impl Ledger {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes entries without writing them: for a seat that is dropped. The next group takes them along.
    pub fn leave(&self, entries: impl IntoIterator<Item = Entry>) {
        self.queue().entries.extend(entries);
    }

    /// True while outcomes wait for a disk that refused them, also while they are tried again.
    pub fn is_behind(&self) -> bool {
        let queue = self.queue();
        if queue.running { queue.failed.is_some() } else { !queue.entries.is_empty() }
    }

    /// Why the disk refused the last group, if it did.
    pub fn refused(&self) -> Option<String> {
        self.queue().failed.clone()
    }

    /// Letters that are claimed on the disk, and what was heard of them since, where the disk refused that; without those in doubt, which
    /// are in doubt in either case. Those that are being written at this moment are not among them.
    pub fn unsaved(&self) -> Vec<(i64, &'static str)> {
        let queue = self.queue();
        let known = |entry: &Entry| match &entry.deed {
            Deed::Settle(Settlement { signal, unclaimed: None, .. }) => Some((entry.letter, heard(signal)?)),
            _ => None,
        };
        if queue.failed.is_none() {
            return Vec::new();
        }
        queue.entries.iter().filter_map(known).collect()
    }
}

/// What the relay said of a letter, in a word; None where nobody can tell.
pub(super) fn heard(signal: &Signal) -> Option<&'static str> {
    match signal {
        Signal::Accepted { .. } => Some("accepted"),
        Signal::Rejected { .. } => Some("refused"),
        Signal::Deferred { .. } => Some("put off"),
        Signal::NotBegun { .. } => Some("not begun"),
        _ => None,
    }
}

impl Office {
    /// Hands entries in; they are written in their order, soon and in the background.
    pub(super) fn enter(self: &Arc<Self>, store: &Store, entries: impl IntoIterator<Item = Entry>) {
        let mut queue = self.ledger.queue();
        queue.entries.extend(entries);
        if !queue.running && !queue.entries.is_empty() {
            queue.running = true;
            drop(queue);
            tokio::spawn(self.clone().write(store.clone()));
        } else if queue.wanted > 0 && queue.entries.len() >= queue.wanted {
            queue.wanted = 0;
            self.ledger.full.notify_one();
        }
    }

    /// Waits until everything that was handed in is on the disk.
    pub(super) async fn settled(self: &Arc<Self>, store: &Store) -> store::Result<()> {
        let (tell, told) = oneshot::channel();
        {
            let mut queue = self.ledger.queue();
            if queue.entries.is_empty() && !queue.running {
                return Ok(());
            }
            queue.waiting.push(tell);
        }
        self.enter(store, []);
        let _ = told.await;
        self.refused()
    }

    /// The trouble with the disk, if the last group could not be written.
    pub(super) fn refused(&self) -> store::Result<()> {
        self.ledger.refused().map_or(Ok(()), |why| Err(Error::Commit(why)))
    }

    /// Waits for more entries where that pays.
    async fn gather(&self) {
        let (entries, last) = {
            let queue = self.ledger.queue();
            (queue.entries.len(), queue.entries.back().map(|entry| entry.at))
        };
        let enough = {
            let shared = self.shared();
            let enough = usize::try_from(shared.standing).unwrap_or(0) * EACH;
            if shared.standing < MANY || entries >= enough || last.is_none_or(|at| shared.speed.ahead(at) <= 1) {
                return;
            }
            enough
        };
        self.ledger.queue().wanted = enough;
        let _ = tokio::time::timeout(GATHER, self.ledger.full.notified()).await;
        self.ledger.queue().wanted = 0;
    }

    async fn write(self: Arc<Self>, store: Store) {
        loop {
            self.gather().await;
            let group: Vec<Entry> = {
                let mut queue = self.ledger.queue();
                if queue.entries.is_empty() {
                    queue.running = false;
                    for waiting in queue.waiting.drain(..) {
                        let _ = waiting.send(());
                    }
                    return;
                }
                let most = queue.entries.len().min(GROUP);
                queue.entries.drain(..most).collect()
            };
            let group = Arc::new(group);
            let pages = group.clone();
            match store.write(move |conn| write(conn, &pages)).await {
                Ok(granted) => {
                    self.ledger.queue().failed = None;
                    let ended = |entry: &&Entry| matches!(entry.deed, Deed::Settle(_) | Deed::Fail(_) | Deed::Withdraw);
                    self.release(group.iter().filter(ended).map(|entry| entry.letter));
                    // The store thread has dropped its half: it told us after the closure was gone.
                    let mut granted = granted.into_iter().peekable();
                    for entry in Arc::into_inner(group).unwrap_or_default() {
                        if let Deed::Claim { tell, .. } = entry.deed {
                            let mine = granted.next_if_eq(&entry.letter).is_some();
                            let _ = tell.send(mine);
                        }
                    }
                }
                Err(error) => {
                    self.keep(group, &error);
                    return;
                }
            }
        }
    }

    /// The disk refused a group: outcomes go back to the front of the queue, claims are refused.
    fn keep(&self, group: Arc<Vec<Entry>>, error: &Error) {
        let why = match error {
            Error::Commit(why) => why.clone(),
            other => other.to_string(),
        };
        let mut queue = self.ledger.queue();
        queue.failed = Some(why);
        queue.running = false;
        for mut entry in Arc::into_inner(group).unwrap_or_default().into_iter().rev() {
            if let Deed::Settle(settlement) = &mut entry.deed
                && !std::mem::replace(&mut settlement.logged, true)
            {
                let (letter, heard) = (entry.letter, heard(&settlement.signal));
                tracing::error!(letter, heard, "what the relay said of a letter cannot be written down yet; it is kept, and tried again");
            }
            queue.entries.push_front(entry);
        }
        // A dropped `Claim` tells its seat that there is none.
        queue.entries.retain(|entry| !matches!(entry.deed, Deed::Claim { .. }));
        queue.waiting.clear();
    }
}

/// One group, in one transaction; the letters that are claimed now.
fn write(conn: &Connection, group: &[Entry]) -> store::Result<Vec<i64>> {
    let mut claims = Vec::new();
    let mut first = None;
    for entry in group {
        let Entry { letter, at, deed } = entry;
        // A letter that is given back before its claim was written is not claimed at all: claims come last.
        if !matches!(deed, Deed::Pause { .. }) {
            claims.retain(|(claimed, _)| claimed != letter);
        }
        match deed {
            Deed::Claim { date, .. } => {
                claims.push((*letter, *date));
                first.get_or_insert(*at);
            }
            Deed::Settle(settlement) => bearable(*letter, settle(conn, *letter, settlement, *at))?,
            Deed::Fail(why) => bearable(*letter, outbox::fail(conn, *letter, why.clone(), *at))?,
            Deed::Withdraw => bearable(*letter, outbox::withdraw_unwanted(conn, *letter, *at).map(drop))?,
            Deed::Pause { campaign, why } => campaigns::pause_itself(conn, *campaign, why)?,
        }
    }
    match first {
        Some(at) => claim(conn, &claims, at),
        None => Ok(Vec::new()),
    }
}

/// Claims letters with their dates; those that are claimed now.
fn claim(conn: &Connection, letters: &[(i64, Timestamp)], now: Timestamp) -> store::Result<Vec<i64>> {
    let ids: Vec<i64> = letters.iter().map(|(letter, _)| *letter).collect();
    let claimed = outbox::claim(conn, &ids, now)?;
    let mut dated = claimed.iter().peekable();
    for (letter, date) in letters {
        if dated.next_if_eq(&letter).is_some() {
            outbox::date(conn, *letter, *date)?;
        }
    }
    Ok(claimed)
}

/// What is wrong with one letter (it was withdrawn or erased meanwhile) stops no other.
fn bearable(letter: i64, outcome: store::Result<()>) -> store::Result<()> {
    match outcome {
        Err(error @ (Error::Law(_) | Error::Unreadable(_))) => {
            tracing::error!(letter, %error, "the outcome of a letter cannot be written down");
            Ok(())
        }
        outcome => outcome,
    }
}

/// Settles a letter; a guest whose address does not exist becomes unreachable in the same transaction.
fn settle(conn: &Connection, letter: i64, settlement: &Settlement, now: Timestamp) -> store::Result<()> {
    let Settlement { signal, enhanced, bytes, unclaimed, patience, logged: _ } = settlement;
    if let Some(date) = unclaimed
        && claim(conn, &[(letter, *date)], now)?.is_empty()
    {
        return Ok(());
    }
    let delivery = match outbox::settle(conn, letter, signal.clone(), now, patience, bytes.as_deref()) {
        // Its claim was not granted: it lies in the queue, or was withdrawn from it.
        Err(Error::Law(_)) if matches!(signal, Signal::NotBegun { .. }) => return Ok(()),
        delivery => delivery?,
    };
    if matches!((&delivery, signal), (Delivery::Failed { .. }, Signal::Deferred { .. })) {
        tracing::info!(letter, "a letter was put off too often and failed");
    }
    if let Delivery::Failed { why, .. } = delivery
        && refusal::address_is_invalid(enhanced.as_deref(), &why)
    {
        let invitation = outbox::invitation_of(conn, letter)?;
        journal::append(conn, invitation, now, &Fact::Unreachable { why })?;
    }
    Ok(())
}
