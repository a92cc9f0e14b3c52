//! The reader's loop: one connection for each folder, IDLE with a poll beside it.

use super::{Clock, rest};
use crate::{
    net::{
        Account,
        imap::{ImapError, Mailbox, Timeouts},
    },
    plan::Backoff,
    store::{
        self, Store,
        notes::{self, Side, Trouble},
    },
    work::{
        Step,
        door::Door,
        folder::Folder,
        receive::{Desk, Error},
    },
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{select, sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;

/// How long IDLE is trusted before the folder is asked anyway; also the poll of a server without IDLE.
const POLL: Duration = Duration::from_secs(60);
/// How often a folder that the server lacks is looked for again.
const MISSING: SignedDuration = SignedDuration::from_mins(10);
/// How long a connection must have been good before the trouble before it counts no more: a server that lets us in and ends the
/// session soon is left alone longer each time.
const LASTING: SignedDuration = SignedDuration::from_mins(2);

/// The mailbox that is watched.
pub struct Reader {
    pub account: Account,
    pub timeouts: Timeouts,
    pub folders: Vec<String>,
    pub desk: Desk,
}

/// The trouble of each folder; the note in the database tells of all of them.
#[derive(Default)]
pub struct Troubles(Mutex<BTreeMap<String, Trouble>>);

impl Troubles {
    /// Writes down what troubles a folder now, or that nothing does. True where something troubled it before.
    async fn tell(self: &Arc<Self>, store: &Store, folder: &str, trouble: Option<Trouble>) -> store::Result<bool> {
        let before = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match trouble {
                Some(trouble) => all.insert(folder.to_owned(), trouble),
                None => all.remove(folder),
            }
        };
        // Composed when it is written, so that the last note tells of the last state.
        let troubles = self.clone();
        store.write(move |conn| notes::set(conn, Side::Mailbox, troubles.note().as_ref())).await?;
        Ok(before.is_some())
    }

    /// All in one, each reason once.
    fn note(&self) -> Option<Trouble> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = all.values().map(Trouble::until).min()?;
        let whys: BTreeSet<&str> = all.values().map(|trouble| trouble.why.as_str()).collect();
        let whys: Vec<&str> = whys.into_iter().collect();
        Some(Trouble::new(whys.join("; "), until, all.values().any(|trouble| trouble.permanent)))
    }
}

/// One folder that is watched.
pub struct Watch {
    pub reader: Arc<Reader>,
    pub store: Store,
    pub clock: Clock,
    pub door: Arc<Door<ImapError>>,
    pub folder: String,
    pub bell: Arc<Notify>,
    pub troubles: Arc<Troubles>,
    pub stop: CancellationToken,
}

impl Watch {
    /// Watches the folder until `stop`; any outage is waited out and caught up.
    pub async fn run(self) -> anyhow::Result<()> {
        let mut backoff = Backoff::default();
        let mut folder = Folder::named(&self.folder);
        while !self.stop.is_cancelled() {
            let mut well = None;
            let ended = self.session(&mut folder, &mut well).await;
            tracing::debug!(folder = %self.folder, well = ended.is_ok(), "no connection to the mailbox any more");
            let Err(error) = ended else { continue };
            let now = self.clock.now();
            let permanent = matches!(&error, Error::Imap(error) if error.permanent());
            let until = if matches!(&error, Error::Imap(ImapError::NoSuchFolder(_))) {
                tracing::warn!(folder = %self.folder, "the server has no such folder");
                now.saturating_add(MISSING).unwrap_or(Timestamp::MAX)
            } else {
                if well.is_some_and(|since| now.duration_since(since) >= LASTING) {
                    backoff.succeed();
                }
                let own = backoff.fail(permanent, now);
                let until = self.door.due(&error).unwrap_or(own);
                let (kind, failures) = (error.kind(), backoff.failures());
                tracing::warn!(folder = %self.folder, failures, kind, "the mailbox cannot be read; trying again (`convoke status` says why)");
                until
            };
            let trouble = Trouble::new(words(&error, &self.reader.account), until, permanent);
            if let Err(error) = self.troubles.tell(&self.store, &self.folder, Some(trouble)).await {
                tracing::error!(%error, "the database cannot be written");
            }
            rest(self.clock.until(until), &self.stop).await;
        }
        Ok(())
    }

    /// One connection, from sign-in to its end. `well`: when the folder was first read to its end.
    async fn session(&self, folder: &mut Folder, well: &mut Option<Timestamp>) -> Result<(), Error> {
        let Self { reader, store, clock, door, bell, stop, .. } = self;
        let now = || clock.now();
        let mut mailbox = select! {
            () = stop.cancelled() => return Ok(()),
            mailbox = door.enter(Mailbox::connect(&reader.account, &reader.timeouts), &now) => mailbox?,
        };
        tracing::debug!(folder = %self.folder, "signed in to the mailbox");
        if !folder.open_on(store, &mut mailbox, clock.now()).await? {
            mailbox.logout().await;
            select! { () = stop.cancelled() => {}, () = bell.notified() => {}, () = sleep(POLL) => {} }
            return Ok(());
        }
        loop {
            while !stop.is_cancelled() && folder.step(store, &mut mailbox, &reader.desk, clock.now()).await? == Step::Did {}
            if well.is_none() {
                *well = Some(clock.now());
                if self.troubles.tell(store, &self.folder, None).await? {
                    tracing::info!(folder = %self.folder, "the mailbox is read again");
                }
            }
            if stop.is_cancelled() {
                mailbox.logout().await;
                return Ok(());
            }
            (mailbox, _) = mailbox.idle(POLL, stop.cancelled()).await?;
        }
    }
}

/// With the cure.
fn words(error: &Error, account: &Account) -> String {
    match error {
        Error::Imap(error @ ImapError::SignIn(_)) if account.auth.is_fixed() => format!("{error}, and restart the daemon"),
        Error::Imap(error @ ImapError::NoSuchFolder(_)) => format!("{error}: name it under `folders` in [imap] as the server does"),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn that_a_folder_is_read_again_is_known_once_and_of_that_folder() {
        let store = Store::open(std::path::Path::new(":memory:")).unwrap();
        let troubles = Arc::new(Troubles::default());
        let down = || Some(Trouble::new("it is down".to_owned(), Timestamp::UNIX_EPOCH, false));
        let told = [(down(), false), (down(), true), (None, true), (None, false)];
        for (trouble, before) in told {
            assert_eq!(troubles.tell(&store, "INBOX", trouble).await.unwrap(), before);
            assert!(!troubles.tell(&store, "Junk", None).await.unwrap());
        }
    }
}
