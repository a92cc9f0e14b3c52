//! The reader's loop: one connection for each folder, IDLE with a poll beside it.

use super::{Clock, rest};
use crate::{
    net::{
        Account,
        imap::{ImapError, Mailbox, Timeouts},
    },
    plan::Backoff,
    store::{
        Store,
        notes::{self, Side, Trouble},
    },
    work::{
        Step,
        folder::Folder,
        receive::{Desk, Error},
    },
};
use std::{sync::Arc, time::Duration};
use tokio::{select, sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// How long IDLE is trusted before the folder is asked anyway; also the poll of a server without IDLE.
const POLL: Duration = Duration::from_secs(60);
/// How often a folder that the server lacks is looked for again.
const MISSING: Duration = Duration::from_secs(600);

/// The mailbox that is watched.
pub struct Reader {
    pub account: Account,
    pub timeouts: Timeouts,
    pub folders: Vec<String>,
    pub desk: Desk,
}

/// Watches one folder until `stop`; any outage is waited out and caught up.
pub async fn watch(
    reader: Arc<Reader>,
    store: Store,
    clock: Clock,
    folder: String,
    bell: Arc<Notify>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut backoff = Backoff::default();
    while !stop.is_cancelled() {
        let mut well = false;
        let pause = match session(&reader, &store, clock, &folder, &bell, &stop, &mut well).await {
            Ok(()) => continue,
            Err(Error::Imap(ImapError::NoSuchFolder(_))) => {
                tracing::warn!(%folder, "the server has no such folder");
                MISSING
            }
            Err(error) => {
                if well {
                    backoff.succeed();
                }
                let until = backoff.fail(clock.now());
                tracing::warn!(%folder, failures = backoff.failures(), "the mailbox cannot be read; trying again");
                let permanent = matches!(&error, Error::Imap(error) if error.permanent());
                let trouble = Trouble::new(error.to_string(), until, permanent);
                if let Err(error) = store.write(move |conn| notes::set(conn, Side::Mailbox, Some(&trouble))).await {
                    tracing::error!(%error, "the database cannot be written");
                }
                clock.until(until)
            }
        };
        rest(pause, &stop).await;
    }
    Ok(())
}

/// One connection, from sign-in to its end. `well` is set once the folder could be read.
async fn session(
    reader: &Reader,
    store: &Store,
    clock: Clock,
    folder: &str,
    bell: &Notify,
    stop: &CancellationToken,
    well: &mut bool,
) -> Result<(), Error> {
    let mut mailbox = select! {
        () = stop.cancelled() => return Ok(()),
        mailbox = Mailbox::connect(&reader.account, &reader.timeouts) => mailbox?,
    };
    let Some(mut open) = Folder::open(store, &mut mailbox, folder, clock.now()).await? else {
        mailbox.logout().await;
        select! { () = stop.cancelled() => {}, () = bell.notified() => {}, () = sleep(POLL) => {} }
        return Ok(());
    };
    loop {
        while !stop.is_cancelled() && open.step(store, &mut mailbox, &reader.desk, clock.now()).await? == Step::Did {}
        if !*well {
            *well = true;
            store.write(|conn| notes::set(conn, Side::Mailbox, None)).await?;
        }
        if stop.is_cancelled() {
            mailbox.logout().await;
            return Ok(());
        }
        (mailbox, _) = mailbox.idle(POLL, stop.cancelled()).await?;
    }
}

/// Reads every folder once, to the end of what is there: for `demo`, and for a `send` without a daemon.
pub async fn catch_up(reader: &Reader, store: &Store, clock: Clock) -> Result<(), Error> {
    for folder in &reader.folders {
        let mut mailbox = Mailbox::connect(&reader.account, &reader.timeouts).await?;
        if let Some(mut open) = Folder::open(store, &mut mailbox, folder, clock.now()).await? {
            while open.step(store, &mut mailbox, &reader.desk, clock.now()).await? == Step::Did {}
        }
        mailbox.logout().await;
    }
    Ok(())
}
