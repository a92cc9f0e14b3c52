//! The loops, and the one place they start and stop.

pub mod clock;
pub mod copies;
pub mod deliver;
pub mod files;
pub mod mailbox;
mod supervisor;

pub use clock::Clock;
pub use copies::Copyist;
pub use files::Files;
pub use mailbox::Reader;

use crate::{
    store::{
        Connection, Store, data_version,
        lock::{Footing, Lost},
        notes::{self, Side},
        outbox,
    },
    work::{
        door::Door,
        send::{self, Sender},
    },
};
use anyhow::Context as _;
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::{
    select,
    sync::Notify,
    task::{JoinError, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How long a step may take to end once the program is asked to stop; then it is dropped as if the power had failed.
const GRACE: Duration = Duration::from_secs(4);
/// How long after that the relay may take to answer for letters that have left: cut off, they would be uncertain.
const ANSWER: Duration = Duration::from_secs(26);
/// How long what was dropped may take to be written down.
const DROP: Duration = Duration::from_secs(1);
/// How often the database is asked whether another process (`send`, `record`) changed it.
const LOOK: Duration = Duration::from_millis(300);

/// What a daemon works with.
pub struct Works {
    pub store: Store,
    /// Asked for its data version: tells when another process wrote.
    pub watch: Connection,
    /// The files that are to stay where they are; None where nobody else can reach them, as in `demo`.
    pub footing: Option<Arc<Footing>>,
    pub clock: Clock,
    pub sender: Option<Sender>,
    pub connections: u32,
    pub reader: Option<Arc<Reader>>,
    /// Copies of sent letters.
    pub copyist: Option<Arc<Copyist>>,
    /// The Maildir and the mbox.
    pub files: Vec<Files>,
}

/// Delivers, reads and answers systemd until `stop`, or until a loop fails. The caller holds the lock of the database.
///
/// # Errors
/// Of the loop that failed first; [`Lost`] where the database or its lock was taken away. Then the program is to be started anew.
pub async fn run(works: Works, stop: CancellationToken) -> anyhow::Result<()> {
    let Works { store, watch, footing, clock, sender, connections, reader, copyist, files } = works;
    let doubtful = send::recover(&store, clock.now()).await.context("cannot prepare the outbox")?;
    if doubtful > 0 {
        tracing::warn!(letters = doubtful, "letters were in a dead process's hands and are uncertain now");
    }
    let mut served: Vec<Side> = files.iter().map(Files::side).collect();
    served.extend(sender.as_ref().map(|_| Side::Relay));
    served.extend(reader.as_ref().map(|_| Side::Mailbox));
    served.extend(copyist.as_ref().map(|_| Side::Sent));
    store.write(move |conn| notes::forget_but(conn, &served)).await.context("cannot forget old trouble")?;
    let bell = Arc::new(Notify::new());
    let mut tasks = JoinSet::new();
    let letters = sender.clone();
    if let Some(sender) = sender {
        for seat in 0..connections {
            tasks.spawn(deliver::serve(sender.clone(), store.clone(), clock, seat, bell.clone(), stop.clone()));
        }
    }
    // Mails and copies lie in one account, that of [imap].
    let door = Arc::new(Door::default());
    if let Some(reader) = reader {
        let troubles = Arc::new(mailbox::Troubles::default());
        for folder in reader.folders.clone() {
            let (reader, store, door, bell) = (reader.clone(), store.clone(), door.clone(), bell.clone());
            let watch = mailbox::Watch { reader, store, clock, door, folder, bell, troubles: troubles.clone(), stop: stop.clone() };
            tasks.spawn(watch.run());
        }
    }
    if let Some(copyist) = copyist {
        tasks.spawn(copies::keep(copyist, door, store.clone(), clock, stop.clone()));
    }
    for files in files {
        tasks.spawn(files::watch(files, store.clone(), clock, stop.clone()));
    }
    tasks.spawn(ring(watch, footing, bell.clone(), stop.clone()));
    tasks.spawn(supervisor::report(store.clone(), stop.clone()));

    let first = match tasks.join_next().await {
        Some(ended) => verdict(ended),
        None => Ok(()),
    };
    stop.cancel();
    supervisor::stopping();
    end(tasks, first, letters, &store).await
}

/// Waits for the loops as long as they may take to end; what `first` ended with comes first.
///
/// Where the database is gone they are dropped at once, as if the power had failed: what they would still write goes into a log that
/// may lie beside another database by now.
async fn end(
    mut tasks: JoinSet<anyhow::Result<()>>,
    first: anyhow::Result<()>,
    letters: Option<Sender>,
    store: &Store,
) -> anyhow::Result<()> {
    if first.as_ref().is_err_and(|error| matches!(error.downcast_ref::<Lost>(), Some(Lost::Database { .. }))) {
        let _ = timeout(DROP, tasks.shutdown()).await;
        return first;
    }
    let ended = {
        let mut all = pin!(async {
            let mut all = Ok(());
            while let Some(ended) = tasks.join_next().await {
                all = all.and(verdict(ended));
            }
            all
        });
        match timeout(GRACE, &mut all).await {
            Ok(all) => Some(all),
            Err(_) => select! { all = &mut all => Some(all), () = answered(letters.is_some(), store) => None },
        }
    };
    match ended {
        Some(all) => first.and(all),
        None => {
            if timeout(DROP, dropped(&mut tasks, letters.as_ref(), store)).await.is_err() {
                tracing::warn!("a step did not end in time and was dropped; what it did is looked after at the next start");
            }
            first
        }
    }
}

/// Waits as long as letters are under way, and no longer than the relay may take. No loop takes another letter meanwhile.
async fn answered(sends: bool, store: &Store) {
    let under_way = async {
        while sends && store.read(outbox::sending).await.is_ok_and(|letters| letters > 0) {
            sleep(LOOK).await;
        }
    };
    let _ = timeout(ANSWER, under_way).await;
}

/// Drops the steps that did not end, and says what is lost by it: only letters that had left our hands.
async fn dropped(tasks: &mut JoinSet<anyhow::Result<()>>, sender: Option<&Sender>, store: &Store) {
    tasks.shutdown().await;
    if let Some(sender) = sender {
        // What was not begun goes back to the queue.
        let _ = sender.settled(store).await;
    }
    match store.read(outbox::sending).await {
        Ok(0) => tracing::warn!("a step did not end in time and was dropped; no letter was under way, and the next start goes on"),
        Ok(letters) => tracing::warn!(letters, "a step did not end in time and was dropped; its letters are uncertain at the next start"),
        Err(error) => tracing::error!(%error, "a step did not end in time and was dropped, and the database cannot be read"),
    }
}

fn verdict(ended: Result<anyhow::Result<()>, JoinError>) -> anyhow::Result<()> {
    ended.map_err(anyhow::Error::from).flatten()
}

/// Rings the bell when another process wrote to the database; ends when the database or its lock is gone.
async fn ring(watch: Connection, footing: Option<Arc<Footing>>, bell: Arc<Notify>, stop: CancellationToken) -> anyhow::Result<()> {
    let mut last = data_version(&watch)?;
    while !rest(LOOK, &stop).await {
        if let Some(Err(lost)) = footing.as_deref().map(Footing::look) {
            tracing::error!("the database or its lock was taken away; the daemon ends, and is to be started anew");
            return Err(lost.into());
        }
        // Where the database cannot be read just now, the loops say so, which also look without the bell.
        let Ok(now) = data_version(&watch) else { continue };
        if now != last {
            last = now;
            bell.notify_waiters();
        }
    }
    Ok(())
}

/// Waits, or is asked to stop: true.
pub(crate) async fn rest(time: Duration, stop: &CancellationToken) -> bool {
    timeout(time, stop.cancelled()).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::lock::Lock;
    use std::fs;

    #[tokio::test]
    async fn a_daemon_whose_database_or_lock_is_taken_away_ends_and_leaves_what_lies_there_now_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("convoke.db");
        let beside = |end: &str| folder.path().join(format!("convoke.db{end}"));
        let other = folder.path().join("other");
        let replace = |end: &str| {
            fs::write(&other, format!("another{end}")).unwrap();
            fs::rename(&other, beside(end)).unwrap();
        };
        for case in ["removed", "replaced", "unlocked"] {
            ["", "-wal", "-shm", ".lock"].into_iter().for_each(|end| drop(fs::remove_file(beside(end))));
            let lock = Lock::take(&path, "a test").unwrap();
            let store = Store::open_under(&path, &lock).unwrap();
            let (watch, footing) = (Connection::open(&path).unwrap(), Arc::new(Footing::of(&path, lock).unwrap()));
            let taken = async {
                match case {
                    "removed" => ["", "-wal", "-shm", ".lock"].into_iter().for_each(|end| fs::remove_file(beside(end)).unwrap()),
                    "replaced" => ["", "-wal", "-shm"].into_iter().for_each(replace),
                    _ => fs::remove_file(beside(".lock")).unwrap(),
                }
            };
            // The first of the two has looked at the database before the second begins.
            let rung = timeout(Duration::from_secs(20), ring(watch, Some(footing), Arc::default(), CancellationToken::new()));
            let (first, ()) = tokio::join!(rung, taken);
            let error = end(JoinSet::new(), first.expect("it ends"), None, &store).await.unwrap_err();
            drop(store);
            let unlocked = matches!(error.downcast_ref::<Lost>(), Some(Lost::Lock { .. }));
            assert!(error.is::<Lost>() && unlocked == (case == "unlocked"), "{case}: {error}");
            assert_eq!(path.exists(), case != "removed");
            if case == "replaced" {
                let is_left = |end: &&str| fs::read_to_string(beside(end)).is_ok_and(|text| text == format!("another{end}"));
                assert!(["", "-wal", "-shm"].iter().all(is_left));
            }
        }
    }
}
