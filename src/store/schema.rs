//! From an older schema to the newest, and never under a process that works on the older one.

use super::{
    Connection, Error, Result,
    lock::{Lock, NotLocked},
};
use rusqlite_migration::{Error as Why, M, MigrationDefinitionError, Migrations};
use std::path::Path;

fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up(include_str!("schema/001.sql")),
        M::up(include_str!("schema/002.sql")),
        M::up(include_str!("schema/003.sql")),
        M::up(include_str!("schema/004.sql")),
        M::up(include_str!("schema/005.sql")),
        M::up(include_str!("schema/006.sql")),
        M::up(include_str!("schema/007.sql")),
    ])
}

/// Makes the schema, or changes an older one. To change it takes the lock of the database, unless the caller holds it already
/// (`locked`): a daemon that an upgrade left running would go on with statements that no longer fit. A new database has no daemon.
pub(super) fn migrate(conn: &mut Connection, path: &Path, locked: bool) -> Result<()> {
    let all = migrations();
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let is_older = version > 0 && all.pending_migrations(conn).map_err(told)? > 0;
    let _lock = if is_older && !locked { Some(lock(path)?) } else { None };
    all.to_latest(conn).map_err(told)
}

fn lock(path: &Path) -> Result<Lock> {
    Lock::take(path, &format!("a change of its schema, process {}", std::process::id())).map_err(|error| match error {
        NotLocked::Held { who } => Error::Older { who },
        NotLocked::Io { .. } => Error::Commit(error.to_string()),
    })
}

fn told(why: Why) -> Error {
    match why {
        Why::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => Error::TooNew,
        Why::RusqliteError { err, .. } => err.into(),
        other => Error::Unreadable(other.to_string()),
    }
}
