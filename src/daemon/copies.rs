//! The copyist's loop: copies of sent letters into the Sent folder.

use super::{Clock, rest};
use crate::{
    net::{
        Account,
        imap::{ImapError, Mailbox, Timeouts},
    },
    plan::Backoff,
    store::{
        Store, copies as queue,
        notes::{self, Side, Trouble},
    },
    work::{
        Step,
        copies::{self, Visit},
        edition::Editions,
        receive::Error,
    },
};
use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// How often letters in doubt are looked for in the folder.
const PROOF: SignedDuration = SignedDuration::from_mins(10);
/// How long sent letters gather for one connection.
const GATHER: Duration = Duration::from_secs(30);

/// Where copies go.
pub struct Copyist {
    pub account: Account,
    pub timeouts: Timeouts,
    pub folder: String,
    pub editions: Editions,
}

impl Copyist {
    /// One visit: what was sent gets its copy, what is in doubt is looked for.
    async fn visit(&self, store: &Store, clock: Clock, stop: &CancellationToken) -> Result<(), Error> {
        let mut mailbox = Mailbox::connect(&self.account, &self.timeouts).await?;
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
        self.visit(store, clock, &CancellationToken::new()).await
    }
}

/// Copies until `stop`; any outage is waited out and caught up. What was sent within half a minute shares one connection.
pub async fn keep(copyist: Arc<Copyist>, store: Store, clock: Clock, stop: CancellationToken) -> anyhow::Result<()> {
    store.write(queue::begin).await?;
    let mut backoff = Backoff::default();
    let mut looked: Option<Timestamp> = None;
    loop {
        let overdue = looked.is_none_or(|then| clock.until(then).is_zero());
        if overdue || copies::is_due(&store).await? {
            match copyist.visit(&store, clock, &stop).await {
                Ok(()) => {
                    looked = clock.now().checked_add(PROOF).ok();
                    if backoff.succeed() || overdue {
                        store.write(|conn| notes::set(conn, Side::Sent, None)).await?;
                    }
                }
                Err(error) => {
                    let until = backoff.fail(clock.now());
                    tracing::warn!(failures = backoff.failures(), "no copies can be put into the Sent folder; trying again");
                    let permanent = matches!(&error, Error::Imap(error) if error.permanent());
                    let trouble = Trouble::new(words(&error), until, permanent);
                    store.write(move |conn| notes::set(conn, Side::Sent, Some(&trouble))).await?;
                    rest(clock.until(until), &stop).await;
                }
            }
        }
        if rest(GATHER, &stop).await {
            return Ok(());
        }
    }
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
