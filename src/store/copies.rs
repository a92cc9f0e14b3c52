//! Which sent letters have no copy in the Sent folder yet. The journal is the queue: a mark says how far it was worked off.

use super::{
    Result,
    outbox::{self, Upcoming},
};
use rusqlite::{Connection, OptionalExtension, params};

const MARK: &str = "copied";

/// A letter that was sent, to be copied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// The fact that it was sent; [`done`] moves the mark behind it.
    pub fact: i64,
    /// With angle brackets.
    pub message_id: String,
    pub letter: Upcoming,
}

fn mark(conn: &Connection) -> Result<Option<i64>> {
    let value: Option<String> =
        conn.prepare_cached("SELECT value FROM note WHERE key = ?1")?.query_row([MARK], |row| row.get(0)).optional()?;
    Ok(value.and_then(|value| value.parse().ok()))
}

/// What is sent from now on gets a copy. Does nothing where that was said before.
pub fn begin(conn: &Connection) -> Result<()> {
    if mark(conn)?.is_none() {
        let newest: i64 = conn.query_row("SELECT coalesce(max(id), 0) FROM fact", [], |row| row.get(0))?;
        done(conn, newest)?;
    }
    Ok(())
}

/// The next letter without a copy, in the order in which they were sent. One that cannot be read in the database is passed over.
pub fn next(conn: &Connection) -> Result<Option<Due>> {
    let Some(mut mark) = mark(conn)? else { return Ok(None) };
    let sql = "SELECT f.id, l.id, l.message_id FROM fact f
               JOIN letter l ON l.invitation = f.invitation AND l.kind = f.body ->> 'kind' AND l.number = f.body ->> 'number'
               WHERE f.id > ?1 AND f.body ->> 'fact' = 'letter' AND f.body ->> 'state' = 'sent' AND l.state = 'sent'
               ORDER BY f.id LIMIT 1";
    loop {
        let row = conn.prepare_cached(sql)?.query_row([mark], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((fact, id, message_id)) = row else { return Ok(None) };
        if let Ok(letter) = outbox::load(conn, id)? {
            return Ok(Some(Due { fact, message_id, letter }));
        }
        mark = fact;
    }
}

/// The copy of this fact's letter lies in the folder, and so do all before it.
pub fn done(conn: &Connection, fact: i64) -> Result<()> {
    let sql = "INSERT INTO note (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
    conn.prepare_cached(sql)?.execute(params![MARK, fact.to_string()])?;
    Ok(())
}

/// Letters in doubt: (id, Message-ID), oldest first, at most `limit`. A copy of one in the Sent folder is none of ours, so it proves
/// that the relay took the letter. One that came back before is left out: its copy may be of the time before that.
pub fn doubtful(conn: &Connection, limit: usize) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT id, message_id FROM letter l WHERE state = 'uncertain' AND NOT EXISTS
               (SELECT 1 FROM fact f WHERE f.invitation = l.invitation AND f.body ->> 'fact' = 'letter' AND f.body ->> 'kind' = l.kind
                AND f.body ->> 'number' = l.number AND f.body ->> 'state' = 'bounced') ORDER BY id LIMIT ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
