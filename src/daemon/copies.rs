//! The copyist's loop: copies of sent letters into the Sent folder.

use super::{Clock, rest};
use crate::{
    net::{
        Account,
        imap::{ImapError, Mailbox, Timeouts},
    },
    plan::Backoff,
    store::{
        self, Store, copies as queue,
        notes::{self, Side, Trouble},
    },
    work::{
        Step,
        copies::{self, Visit},
        door::Door,
        edition::Editions,
        receive::Error,
    },
};
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio::select;
use tokio_util::sync::CancellationToken;

/// How often letters in doubt are looked for in the folder.
const PROOF: SignedDuration = SignedDuration::from_mins(10);
/// How long sent letters gather for one connection.
const GATHER: Duration = Duration::from_secs(30);
/// The rest after trouble with the database.
const STUMBLE: Duration = Duration::from_secs(5);

/// Where copies go.
pub struct Copyist {
    pub account: Account,
    pub timeouts: Timeouts,
    pub folder: String,
    pub editions: Editions,
}

impl Copyist {
    /// One visit: what was sent gets its copy, what is in doubt is looked for.
    async fn visit(&self, mut mailbox: Mailbox, store: &Store, clock: Clock, stop: &CancellationToken) -> Result<(), Error> {
        let mut visit = Visit::begin(&mut mailbox, &self.folder, &self.editions).await?;
        let proven = visit.prove(store, clock.now()).await?;
        if proven > 0 {
            tracing::info!(letters = proven, "letters in doubt lie in the Sent folder: they were sent");
        }
        while !stop.is_cancelled() && visit.step(store).await? == Step::Did {}
        mailbox.logout().await;
        Ok(())
    }

    /// For a `send` without a daemon: copies what it sent.
    pub async fn catch_up(&self, store: &Store, clock: Clock) -> Result<(), Error> {
        if !copies::is_due(store).await? {
            return Ok(());
        }
        let mailbox = Mailbox::connect(&self.account, &self.timeouts).await?;
        self.visit(mailbox, store, clock, &CancellationToken::new()).await
    }
}

/// Copies until `stop`; any outage is waited out and caught up. What was sent within half a minute shares one connection.
pub async fn keep(
    copyist: Arc<Copyist>,
    door: Arc<Door<ImapError>>,
    store: Store,
    clock: Clock,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut rounds = Rounds::default();
    loop {
        let pause = match rounds.next(&copyist, &door, &store, clock, &stop).await {
            Ok(()) => GATHER,
            Err(error) => {
                tracing::error!(%error, "the database cannot be read or written; no copy is put into the Sent folder until it can");
                STUMBLE
            }
        };
        if rest(pause, &stop).await {
            return Ok(());
        }
    }
}

/// What is remembered from one visit to the next.
#[derive(Default)]
struct Rounds {
    begun: bool,
    backoff: Backoff,
    /// Until when letters in doubt need not be looked for again.
    looked: Option<Timestamp>,
}

impl Rounds {
    /// A visit, where one is due; the trouble of a visit is noted and waited out. An error is the database's.
    async fn next(
        &mut self,
        copyist: &Copyist,
        door: &Door<ImapError>,
        store: &Store,
        clock: Clock,
        stop: &CancellationToken,
    ) -> store::Result<()> {
        if !self.begun {
            store.write(queue::begin).await?;
            self.begun = true;
        }
        let overdue = is_over(self.looked, clock.now());
        if !overdue && !copies::is_due(store).await? {
            return Ok(());
        }
        let now = || clock.now();
        let entered = select! {
            () = stop.cancelled() => return Ok(()),
            entered = door.enter(Mailbox::connect(&copyist.account, &copyist.timeouts), &now) => entered,
        };
        let visited = match entered {
            Ok(mailbox) => {
                tracing::debug!("signed in for the Sent folder");
                copyist.visit(mailbox, store, clock, stop).await
            }
            Err(error) => Err(error.into()),
        };
        match visited {
            Ok(()) => {
                self.looked = clock.now().checked_add(PROOF).ok();
                tracing::debug!("the visit to the Sent folder is over");
                let again = self.backoff.succeed();
                if again {
                    tracing::info!("copies are put into the Sent folder again");
                }
                if again || overdue {
                    store.write(|conn| notes::set(conn, Side::Sent, None)).await?;
                }
            }
            Err(error) => {
                let permanent = matches!(&error, Error::Imap(error) if error.permanent());
                let own = self.backoff.fail(permanent, clock.now());
                let until = door.due(&error).unwrap_or(own);
                let (kind, failures) = (error.kind(), self.backoff.failures());
                tracing::warn!(failures, kind, "no copies can be put into the Sent folder; trying again (`convoke status` says why)");
                let trouble = Trouble::new(words(&error), until, permanent);
                let noted = store.write(move |conn| notes::set(conn, Side::Sent, Some(&trouble))).await;
                rest(clock.until(until), stop).await;
                noted?;
            }
        }
        Ok(())
    }
}

/// Whether a pause that lasts until then is over. A clock that was set back does not make it longer than usual.
fn is_over(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_none_or(|until| until <= now || until.duration_since(now) > PROOF)
}

/// With the cure.
pub fn words(error: &Error) -> String {
    match error {
        Error::Imap(ImapError::NoSuchFolder(name)) => {
            format!("there is no folder \"{name}\" for copies of letters: name it under `sent` in [imap] as the server does")
        }
        error => format!("no copies of letters: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_makes_nobody_wait_longer() {
        let now = Timestamp::UNIX_EPOCH;
        let after = |pause: SignedDuration| is_over(Some(now + pause), now);
        assert!(is_over(None, now) && after(SignedDuration::ZERO) && after(SignedDuration::from_secs(-1)));
        assert!(!after(SignedDuration::from_secs(1)) && !after(PROOF));
        assert!(after(PROOF + SignedDuration::from_secs(1)) && after(SignedDuration::from_hours(24)));
    }
}
