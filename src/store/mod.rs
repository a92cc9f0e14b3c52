//! The thread that owns SQLite. Everybody else posts closures to it.
//!
//! Writes that wait together share one commit, each but the first in a savepoint of its own, so durability
//! (`synchronous=FULL`) costs one fsync a group and a caller hears of success only after it.

mod again;
pub mod backup;
pub mod campaigns;
pub mod copies;
mod delivery;
pub mod editions;
pub mod files;
pub mod inbox;
pub mod journal;
pub mod kept;
pub mod lock;
pub mod notes;
pub mod outbox;
mod refused;
mod schema;
pub mod unwanted;
pub mod views;
mod waiting;

use crate::model::delivery::Unlawful;
use jiff::Timestamp;
use lock::Lock;
pub use rusqlite::Connection;
use rusqlite::OpenFlags;
use std::{
    collections::HashMap,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// How many writes share one commit at most.
const GROUP: usize = 64;
/// How many jobs may wait before callers wait too.
const WAITING: usize = 256;
/// How long SQLite waits for another process (`send` beside the daemon) to finish its commit.
const BUSY: Duration = Duration::from_secs(20);

/// How many pages (of 4 kB) the log may have before they are copied into the database. A page that many commits changed is copied
/// once, so a longer log is less work; 16 MB are read again in a moment after a crash.
const CHECKPOINT: u32 = 4_000;

/// How often a new database is opened again when another process makes it at the same moment.
const TRIES: u32 = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database is closed")]
    Closed,
    #[error("the database was written by a newer convoke; install that version, or restore a backup")]
    TooNew,
    /// Its schema is to be changed, and a process that knows the older one is at work on it.
    #[error("a convoke of an older version is at work on this database ({who}): restart the daemon, or let it end, then try again")]
    Older { who: String },
    #[error("the database refuses: {0}")]
    Sqlite(rusqlite::Error),
    /// A piece of the file is not what SQLite wrote there.
    #[error("the database is damaged ({0}): put its files aside, and see \"Restore a backup\" in README.md")]
    Damaged(String),
    #[error("the database could not save: {0}")]
    Commit(String),
    #[error("the database holds something that this version cannot read: {0}")]
    Unreadable(String),
    #[error(transparent)]
    Law(#[from] Unlawful),
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

pub type Result<T> = std::result::Result<T, Error>;

type Read = Box<dyn FnOnce(&Connection) + Send>;
/// True keeps what it changed. The second half tells the caller, after the commit.
type Write = Box<dyn FnOnce(&Connection) -> (bool, Tell) + Send>;
type Tell = Box<dyn FnOnce(Option<Failed>) + Send>;

/// Why nothing of a group is on the disk.
#[derive(Clone)]
enum Failed {
    /// No transaction could begin, so what the closure says of its own failure is no news.
    Begin(String),
    Commit(String),
}

enum Job {
    Read(Read),
    Write(Write),
}

/// A cheap handle. When the last one is dropped the database is closed, and the drop waits for that:
/// so no `-wal` file stays behind a program that has ended well.
#[derive(Clone)]
pub struct Store {
    owner: Arc<Owner>,
}

struct Owner {
    /// None only while it is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    /// The message of each folder that this process marked last.
    marked: Mutex<HashMap<String, u32>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Store {
    /// Opens the database, making it and its schema where they are missing.
    ///
    /// A new one is for its owner alone: it holds guests, their tokens and their mail.
    pub fn open(path: &Path) -> Result<Self> {
        Self::opened(path, false)
    }

    /// As [`Store::open`], for the one who holds the lock of this database: an older schema is changed under it.
    pub fn open_under(path: &Path, _: &Lock) -> Result<Self> {
        Self::opened(path, true)
    }

    fn opened(path: &Path, locked: bool) -> Result<Self> {
        if path != Path::new(":memory:") {
            let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        }
        let mut conn = Connection::open(path)?;
        let mut tries = TRIES;
        loop {
            match prepare(&conn).and_then(|()| schema::migrate(&mut conn, path, locked)) {
                Ok(()) => return Ok(Self::own(conn)),
                Err(error) if tries > 0 && is_race(&error) => {
                    tries -= 1;
                    std::thread::sleep(BETWEEN_TRIES);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Opens an existing database; a missing one is an error (SQLite's "unable to open").
    pub fn open_existing(path: &Path) -> Result<Self> {
        drop(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?);
        Self::open(path)
    }

    /// The thread that has the connection to itself. It never runs `PRAGMA optimize`: statistics that were taken when one guest was
    /// invited make SQLite walk all guests for each letter when there are a million.
    fn own(mut conn: Connection) -> Self {
        let (jobs, mut inbox) = mpsc::channel::<Job>(WAITING);
        let thread = move || {
            let mut next = None;
            while let Some(job) = next.take().or_else(|| inbox.blocking_recv()) {
                match job {
                    Job::Read(read) => read(&conn),
                    Job::Write(write) => next = group(&mut conn, write, &mut inbox),
                }
            }
        };
        let thread = std::thread::Builder::new().name("store".into()).spawn(thread).expect("a thread can be started");
        Self { owner: Arc::new(Owner { jobs: Some(jobs), thread: Some(thread), marked: Mutex::default() }) }
    }

    /// Remembers that this process is about to mark a message: where the database cannot be written, the mark may outlast the
    /// opening, and then it tells of no death.
    pub fn remember_mark(&self, folder: &str, uid: u32) {
        self.owner.marked.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned(), uid);
    }

    /// Whether the mark of this message is this process's own, which lives.
    pub fn is_own_mark(&self, folder: &str, uid: u32) -> bool {
        self.owner.marked.lock().unwrap_or_else(PoisonError::into_inner).get(folder) == Some(&uid)
    }

    async fn send(&self, job: Job) -> Result<()> {
        let jobs = self.owner.jobs.as_ref().ok_or(Error::Closed)?;
        jobs.send(job).await.map_err(|_| Error::Closed)
    }

    /// Looks, and changes nothing. Sees only what is committed.
    pub async fn read<T: Send + 'static>(&self, look: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let (tell, told) = oneshot::channel();
        let job = Job::Read(Box::new(move |conn| drop(tell.send(look(conn)))));
        self.send(job).await?;
        told.await.map_err(|_| Error::Closed)?
    }

    /// One closure, all of it or none of it. Returns after it is on the disk.
    pub async fn write<T: Send + 'static>(&self, change: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let (tell, told) = oneshot::channel();
        let write: Write = Box::new(move |conn| {
            let outcome = change(conn);
            let keep = outcome.is_ok();
            let after = move |failed: Option<Failed>| {
                let outcome = match failed {
                    Some(Failed::Begin(why)) => Err(Error::Commit(why)),
                    Some(Failed::Commit(why)) if outcome.is_ok() => Err(Error::Commit(why)),
                    _ => outcome,
                };
                drop(tell.send(outcome));
            };
            (keep, Box::new(after))
        });
        self.send(Job::Write(write)).await?;
        told.await.map_err(|_| Error::Closed)?
    }
}

fn prepare(conn: &Connection) -> Result<()> {
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "wal_autocheckpoint", CHECKPOINT)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// Looks through the whole file for damage, as a bad disk leaves it, or a copy that was laid beside the log of another database.
pub fn look_for_damage(conn: &Connection) -> Result<()> {
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(Error::Damaged(verdict)) }
}

/// Whether another process that makes or changes the same schema may be the reason: SQLite's busy time-out covers neither the
/// change to WAL nor a schema that was made between the look at its version and the change (which is a plain SQL error).
fn is_race(error: &Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked, Unknown};
    match error {
        Error::Older { .. } => true,
        Error::Sqlite(error) => matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked | Unknown)),
        _ => false,
    }
}

/// Runs `first` and whatever writes wait behind it in one transaction; returns the read that ended the group, if any.
fn group(conn: &mut Connection, first: Write, inbox: &mut mpsc::Receiver<Job>) -> Option<Job> {
    if let Err(error) = conn.execute_batch("BEGIN IMMEDIATE") {
        refuse(conn, first, &error);
        return None;
    }
    // A savepoint makes SQLite copy every page that is changed after it, so the first write has none: where it fails, there is
    // nothing else to be rolled back.
    let (keep, tell) = first(conn);
    if !keep {
        if !conn.is_autocommit() {
            let _ = conn.execute_batch("ROLLBACK");
        }
        tell(None);
        return None;
    }
    let mut tells = vec![tell];
    let mut behind = None;
    let mut failed = None;
    while tells.len() < GROUP && failed.is_none() {
        let write = match inbox.try_recv() {
            Ok(Job::Write(write)) => write,
            Ok(read) => {
                behind = Some(read);
                break;
            }
            Err(_) => break,
        };
        if let Err(error) = run(conn, "SAVEPOINT one") {
            failed = Some(error.to_string());
        }
        let (keep, tell) = write(conn);
        let ended = if keep { run(conn, "RELEASE one") } else { conn.execute_batch("ROLLBACK TO one; RELEASE one") };
        if let Err(error) = ended {
            failed = Some(error.to_string());
        }
        tells.push(tell);
    }
    if failed.is_none() {
        failed = conn.execute_batch("COMMIT").err().map(|error| error.to_string());
    }
    if failed.is_some() && !conn.is_autocommit() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    for tell in tells {
        tell(failed.clone().map(Failed::Commit));
    }
    behind
}

fn run(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}

/// Nothing could begin: the caller hears why. The closure still runs, outside a transaction, on a connection
/// that refuses writes, because only it can tell its caller.
fn refuse(conn: &Connection, write: Write, why: &rusqlite::Error) {
    let _ = conn.pragma_update(None, "query_only", true);
    let (_, tell) = write(conn);
    let _ = conn.pragma_update(None, "query_only", false);
    tell(Some(Failed::Begin(why.to_string())));
}

/// Runs a change of very many rows with 64 MiB of pages in memory: tokens are random, so without room for the indexes the same
/// pages are written over and over.
pub fn with_room<T>(conn: &Connection, change: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let usual: i64 = conn.query_row("PRAGMA cache_size", [], |row| row.get(0))?;
    conn.pragma_update(None, "cache_size", -65_536)?;
    let outcome = change(conn);
    conn.pragma_update(None, "cache_size", usual)?;
    outcome
}

/// A number that changes when another process has written to the database. Asked on a connection of its own.
pub fn data_version(conn: &Connection) -> Result<i64> {
    Ok(conn.query_row("PRAGMA data_version", [], |row| row.get(0))?)
}

/// Milliseconds since 1970, as stored.
pub(crate) fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A stored time; the epoch where the column holds nonsense.
pub(crate) fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Unreadable(error.to_string()))
}

pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Unreadable(error.to_string()))
}

/// How SQLite goes about a statement in a new database: its steps, from which `SCAN` tells that it walks a table.
#[cfg(test)]
fn plan(sql: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("convoke.db");
    drop(Store::open(&path).unwrap());
    let conn = Connection::open(&path).unwrap();
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let (mut rows, mut steps) = (statement.raw_query(), Vec::new());
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    steps.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_read_that_ends_a_group_of_writes_is_answered() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let (go, wait) = std::sync::mpsc::channel();
        // The first write is held until everything else waits behind it.
        let first = store.write(move |_| {
            wait.recv().unwrap();
            Ok(())
        });
        let second = store.write(|conn| notes::set(conn, notes::Side::Relay, Some(&notes::Trouble::new("x".into(), Timestamp::MAX, true))));
        let read = store.read(|conn| notes::get(conn, notes::Side::Relay));
        let third = store.write(|conn| notes::set(conn, notes::Side::Relay, None));
        let release = async { go.send(()).unwrap() };
        let (first, second, read, third, ()) = tokio::join!(first, second, read, third, release);
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        assert_eq!(read.unwrap().unwrap().why, "x", "it sees what was written before it, and not what comes after");
        assert_eq!(store.read(|conn| notes::get(conn, notes::Side::Relay)).await.unwrap(), None);
    }

    #[test]
    fn processes_that_open_a_new_database_at_once_all_open_it() {
        for round in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("convoke.db");
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        if let Err(error) = Store::open(&path) {
                            panic!("round {round}: {error:?}");
                        }
                    });
                }
            });
        }
    }
}
