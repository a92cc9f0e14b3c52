//! Folders that are files of this machine: the numbers of a Maildir's names, the place in an mbox.

use super::Result;
use rusqlite::{Connection, OptionalExtension, params};

/// Every name of a folder that has a number, lowest number first.
pub fn numbered(conn: &Connection, folder: &str) -> Result<Vec<(u32, String)>> {
    let mut statement = conn.prepare_cached("SELECT number, name FROM file WHERE folder = ?1 ORDER BY number")?;
    let rows = statement.query_map([folder], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Gives names their numbers; a name that has one keeps it.
pub fn number(conn: &Connection, folder: &str, names: &[(u32, String)]) -> Result<()> {
    let mut statement =
        conn.prepare_cached("INSERT INTO file (folder, name, number) VALUES (?1, ?2, ?3) ON CONFLICT (folder, name) DO NOTHING")?;
    for (number, name) in names {
        statement.execute(params![folder, name, number])?;
    }
    Ok(())
}

/// Names that are no longer there, or that could not be read: seen again, they are new.
pub fn forget(conn: &Connection, folder: &str, names: &[String]) -> Result<()> {
    let mut statement = conn.prepare_cached("DELETE FROM file WHERE folder = ?1 AND name = ?2")?;
    for name in names {
        statement.execute(params![folder, name])?;
    }
    Ok(())
}

/// Where an mbox goes on; None where it was never read.
pub fn place(conn: &Connection, folder: &str) -> Result<Option<String>> {
    let place = conn.prepare_cached("SELECT place FROM cursor WHERE folder = ?1")?.query_row([folder], |row| row.get(0)).optional()?;
    Ok(place.flatten())
}

/// Moves the place in an mbox; the folder has a cursor.
pub fn move_place(conn: &Connection, folder: &str, place: &str) -> Result<()> {
    conn.prepare_cached("UPDATE cursor SET place = ?2 WHERE folder = ?1")?.execute(params![folder, place])?;
    Ok(())
}
