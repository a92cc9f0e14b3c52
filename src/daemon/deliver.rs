//! The sender's loop: for the daemon without end, for `send` until nothing is due.

use super::{Clock, GRACE, rest};
use crate::{
    store::{self, Store, notes::Trouble},
    work::{
        Step,
        send::{Seat, Sender},
    },
};
use jiff::SignedDuration;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{select, sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// The longest rest without looking at the queue.
const POLL: Duration = Duration::from_secs(30);
/// The rest after trouble with the database.
const STUMBLE: Duration = Duration::from_secs(5);
/// `send` ends when nothing is due within this time.
pub const SOON: SignedDuration = SignedDuration::from_secs(60);

/// One connection's loop in the daemon. Seat 0 always serves; the others only when letters queue up.
pub async fn serve(
    sender: Sender,
    store: Store,
    clock: Clock,
    seat: u32,
    bell: Arc<Notify>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut place = Seat::new(seat);
    while !stop.is_cancelled() {
        let mut rung = pin!(bell.notified());
        rung.as_mut().enable();
        let pause = match sender.turn(&store, &mut place, &|| clock.now()).await {
            Ok(Step::Did) => continue,
            Ok(Step::Rest { until }) => until.map_or(POLL, |until| clock.until(until).min(POLL)),
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read or written; no letter leaves until it can");
                STUMBLE
            }
        };
        if pause > Duration::from_secs(10) {
            retire(&sender, &store, &mut place).await;
        }
        select! { () = stop.cancelled() => {}, () = rung => sender.look_again(), () = sleep(pause) => {} }
    }
    retire(&sender, &store, &mut place).await;
    Ok(())
}

async fn retire(sender: &Sender, store: &Store, place: &mut Seat) {
    if let Err(error) = sender.retire(store, place).await {
        tracing::error!(%error, "what became of some letters cannot be written down yet");
    }
}

/// How a `send` without a daemon ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// Nothing is due within a minute.
    Quiet,
    /// The relay will not have us, or stays away for longer than a minute.
    Trouble(Trouble),
    Stopped,
}

/// Delivers until nothing is due within a minute. Trouble before the first letter of this call ends it at once:
/// the organiser is there and can mend it. Asked to stop, a letter under way gets 4 s to end; then it is dropped as if the
/// power had failed, and is found *sending*.
pub async fn drain(sender: Sender, store: Store, clock: Clock, connections: u32, stop: CancellationToken) -> store::Result<Ended> {
    let quiet = stop.child_token();
    let mut seats = tokio::task::JoinSet::new();
    for seat in 0..connections {
        seats.spawn(until_quiet(sender.clone(), store.clone(), clock, seat, quiet.clone()));
    }
    let late = async {
        stop.cancelled().await;
        sleep(GRACE).await;
    };
    let mut late = pin!(late);
    let mut ended = Ok(Ended::Quiet);
    let mut last_look = connections > 1;
    loop {
        let seat = select! {
            seat = seats.join_next() => seat,
            () = &mut late => {
                seats.shutdown().await;
                // What the seats had not begun goes back to the queue.
                sender.settled(&store).await?;
                return Ok(Ended::Stopped);
            }
        };
        let Some(seat) = seat else {
            if !std::mem::take(&mut last_look) || !matches!(ended, Ok(Ended::Quiet)) {
                break;
            }
            // The letter that another seat held last may have come back when seat 0 had left.
            seats.spawn(until_quiet(sender.clone(), store.clone(), clock, 0, quiet.clone()));
            continue;
        };
        match seat {
            Ok(Ok(Ended::Quiet)) => {}
            Ok(other) => {
                ended = other;
                quiet.cancel();
            }
            Err(error) => std::panic::resume_unwind(error.try_into_panic().unwrap_or_else(|_| Box::new("a sender was cancelled"))),
        }
    }
    if stop.is_cancelled() { Ok(Ended::Stopped) } else { ended }
}

async fn until_quiet(sender: Sender, store: Store, clock: Clock, seat: u32, stop: CancellationToken) -> store::Result<Ended> {
    let mut place = Seat::new(seat);
    let ended = loop {
        if stop.is_cancelled() {
            break Ok(Ended::Quiet);
        }
        let step = sender.turn(&store, &mut place, &|| clock.now()).await;
        if let Some(trouble) = sender.trouble() {
            let far = clock.until(trouble.until()) > Duration::from_secs(60);
            if trouble.permanent || far || (seat == 0 && !sender.has_stood()) {
                break Ok(Ended::Trouble(trouble));
            }
        }
        let pause = match step {
            Err(error) => break Err(error),
            Ok(Step::Did) => continue,
            Ok(Step::Rest { until: None }) => break Ok(Ended::Quiet),
            Ok(Step::Rest { until: Some(until) }) => clock.until(until),
        };
        if pause > Duration::try_from(SOON).unwrap_or(POLL) {
            break Ok(Ended::Quiet);
        }
        if rest(pause, &stop).await {
            break Ok(Ended::Quiet);
        }
    };
    sender.retire(&store, &mut place).await?;
    ended
}
