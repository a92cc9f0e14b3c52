//! A copy of the database while it is in use.

use super::{Error, Result};
use rusqlite::Connection;
use std::{path::Path, time::Duration};

/// Copies the open database into a new file (SQLite's online backup): consistent, also beside a running daemon.
pub fn copy(conn: &Connection, to: &Path) -> Result<()> {
    let mut target = Connection::open(to)?;
    {
        let backup = rusqlite::backup::Backup::new(conn, &mut target)?;
        backup.run_to_completion(1_000, Duration::from_millis(1), None)?;
    }
    let verdict: String = target.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Error::Unreadable(format!("the copy is damaged: {verdict}")));
    }
    Ok(())
}
