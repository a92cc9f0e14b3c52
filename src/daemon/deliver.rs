//! The sender's loop: for the daemon without end, for `send` until nothing is due.

use super::{Clock, GRACE, rest};
use crate::{
    store::{self, Store, campaigns, notes::Trouble, outbox},
    work::{
        Step,
        send::{Seat, Sender},
    },
};
use jiff::{SignedDuration, Timestamp};
use std::{ops::ControlFlow, pin::pin, slice, sync::Arc, time::Duration};
use tokio::{select, sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// The longest rest without looking at the queue.
const POLL: Duration = Duration::from_secs(30);
/// The rests where the database refuses. A `send` ends after the last one, a minute in all: the organiser is there and can make room on
/// the disk. The daemon goes on every [`POLL`], because each try may knock at the relay for nothing.
const AGAIN: [Duration; 8] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
];
/// `send` ends when nothing is due within this time.
pub const SOON: SignedDuration = SignedDuration::from_secs(60);
/// `send` waits so long for a limit or the rate: the limit of a minute lasts up to 61 s, a rate of 30 an hour gives leave every 2
/// minutes; that of an hour or a day lasts longer than anybody wants to look on.
const LIMIT: SignedDuration = SignedDuration::from_secs(150);
/// No connection is kept open over a rest that lasts longer.
const IDLE: Duration = Duration::from_secs(10);

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
    let mut again = AGAIN.iter();
    while !stop.is_cancelled() {
        let mut rung = pin!(bell.notified());
        rung.as_mut().enable();
        let step = sender.turn(&store, &mut place, &|| clock.now()).await;
        if step.is_ok() {
            again = AGAIN.iter();
        }
        let pause = match step {
            Ok(Step::Did) => continue,
            Ok(Step::Rest { until }) => until.map_or(POLL, |until| clock.until(until).min(POLL)),
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read or written; no letter leaves until it can; look at the disk");
                again.next().map_or(POLL, |pause| *pause)
            }
        };
        if pause > IDLE {
            retire(&sender, &store, &mut place).await;
        }
        select! { () = stop.cancelled() => {}, () = rung => sender.look_again(), () = sleep(pause) => {} }
    }
    retire(&sender, &store, &mut place).await;
    Ok(())
}

async fn retire(sender: &Sender, store: &Store, place: &mut Seat) {
    if let Err(error) = sender.retire(store, place).await {
        tracing::error!(
            %error,
            "what became of some letters cannot be written down yet; if the daemon ends before it can, they are uncertain at the next start, and this log has what the relay said of each"
        );
    }
}

/// How a `send` without a daemon ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// Nothing is due within a minute.
    Quiet,
    /// Letters are due, and a limit or the rate keeps them back until then, for longer than `send` waits.
    Limited {
        until: Timestamp,
    },
    /// The relay will not have us, or stays away for longer than a minute.
    Trouble(Trouble),
    Stopped,
}

/// Delivers until nothing is due within a minute, or a limit or the rate wants a long rest. Trouble before the first letter of this
/// call ends it at once: the organiser is there and can mend it. Asked to stop, a letter under way gets 4 s to end; then it is dropped
/// as if the power had failed, and is found *sending*.
///
/// Where the database refuses, no other letter is begun, and what was heard is kept and tried again for a minute.
///
/// # Errors
/// The database refuses: what could not be saved in the end is still in [`Sender::unsaved`].
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
            if !std::mem::take(&mut last_look) || !matches!(ended, Ok(Ended::Quiet | Ended::Limited { .. })) {
                break;
            }
            // The letter that another seat held last may have come back when seat 0 had left.
            seats.spawn(until_quiet(sender.clone(), store.clone(), clock, 0, quiet.clone()));
            continue;
        };
        match seat {
            Ok(Ok(Ended::Quiet)) => {}
            Ok(Ok(limited @ Ended::Limited { .. })) => {
                if matches!(ended, Ok(Ended::Quiet)) {
                    ended = Ok(limited);
                }
            }
            Ok(other) => {
                ended = other;
                quiet.cancel();
            }
            Err(error) => std::panic::resume_unwind(error.try_into_panic().unwrap_or_else(|_| Box::new("a sender was cancelled"))),
        }
    }
    let ended = ended?;
    if stop.is_cancelled() {
        return Ok(Ended::Stopped);
    }
    // A seat cannot tell a letter that is kept back from one that another seat holds.
    if matches!(ended, Ended::Limited { .. }) && !are_due(&store, clock.now()).await? {
        return Ok(Ended::Quiet);
    }
    Ok(ended)
}

/// Whether letters are due that neither a pause nor hours keep back.
async fn are_due(store: &Store, now: Timestamp) -> store::Result<bool> {
    let look = move |conn: &store::Connection| {
        let resting = campaigns::hours(conn)?.into_iter().filter(|(_, hours)| hours.rest_until(now).is_some());
        let closed: Vec<i64> = resting.map(|(campaign, _)| campaign).collect();
        outbox::next_due_beside(conn, &closed, now)
    };
    Ok(store.read(look).await?.is_some_and(|due| due <= now))
}

/// How a `send` ends instead of resting from `now` until then; None where it rests. `due`: letters are due, so it is a limit or the
/// rate that wants the rest.
fn instead_of_rest(now: Timestamp, until: Timestamp, due: bool) -> Option<Ended> {
    let pause = until.duration_since(now);
    match due {
        true if pause > LIMIT => Some(Ended::Limited { until }),
        false if pause > SOON => Some(Ended::Quiet),
        _ => None,
    }
}

async fn until_quiet(sender: Sender, store: Store, clock: Clock, seat: u32, stop: CancellationToken) -> store::Result<Ended> {
    let mut place = Seat::new(seat);
    let mut again = AGAIN.iter();
    let ended = loop {
        if stop.is_cancelled() {
            break Ok(Ended::Quiet);
        }
        match turn(&sender, &store, clock, &mut place, seat).await {
            Ok(ControlFlow::Break(ended)) => break Ok(ended),
            Ok(ControlFlow::Continue(pause)) => {
                again = AGAIN.iter();
                if !pause.is_zero() && rest(pause, &stop).await {
                    break Ok(Ended::Quiet);
                }
            }
            Err(error) => {
                if let Err(error) = stumble(error, &mut again, &stop).await {
                    break Err(error);
                }
            }
        }
    };
    while let Err(error) = sender.retire(&store, &mut place).await {
        stumble(error, &mut again, &stop).await?;
    }
    ended
}

/// One turn of a `send`: how long to rest after it, or how the `send` ends.
async fn turn(sender: &Sender, store: &Store, clock: Clock, place: &mut Seat, seat: u32) -> store::Result<ControlFlow<Ended, Duration>> {
    let step = sender.turn(store, place, &|| clock.now()).await?;
    if let Some(trouble) = sender.trouble() {
        let far = clock.until(trouble.until()) > Duration::from_secs(60);
        if trouble.permanent || far || (seat == 0 && !sender.has_stood()) {
            return Ok(ControlFlow::Break(Ended::Trouble(trouble)));
        }
    }
    let until = match step {
        Step::Did => return Ok(ControlFlow::Continue(Duration::ZERO)),
        Step::Rest { until: None } => return Ok(ControlFlow::Break(Ended::Quiet)),
        Step::Rest { until: Some(until) } => until,
    };
    let now = clock.now();
    if let Some(ended) = instead_of_rest(now, until, are_due(store, now).await?) {
        return Ok(ControlFlow::Break(ended));
    }
    let pause = clock.until(until);
    if pause > IDLE {
        sender.retire(store, place).await?;
    }
    Ok(ControlFlow::Continue(pause))
}

/// Rests before one more try. The error comes back where it was tried often enough, where trying changes nothing, and when the program
/// is asked to stop.
async fn stumble(error: store::Error, again: &mut slice::Iter<'_, Duration>, stop: &CancellationToken) -> store::Result<()> {
    let may_pass = matches!(error, store::Error::Commit(_) | store::Error::Sqlite(_));
    match again.next() {
        Some(pause) if may_pass && !rest(*pause, stop).await => Ok(()),
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_a_minute_is_waited_for_and_that_of_an_hour_is_named() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (now, ends) = (at(1_000), |seconds: i64, due| instead_of_rest(at(1_000), at(1_000 + seconds), due));
        let mut minute = crate::plan::Limits::new(&[crate::plan::Limit { letters: 1, per: SignedDuration::from_mins(1) }]);
        minute.take(now).unwrap();
        assert_eq!(instead_of_rest(now, minute.take(now).unwrap_err(), true), None);
        assert_eq!(ends(120, true), None, "a rate of 30 an hour");
        assert_eq!(ends(3_600, true), Some(Ended::Limited { until: at(4_600) }));
        assert_eq!((ends(60, false), ends(61, false)), (None, Some(Ended::Quiet)), "a letter that is put off is not waited for");
        assert_eq!(ends(-5, true), None);
    }
}
