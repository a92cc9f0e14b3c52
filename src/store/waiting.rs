//! Letters as the organiser sees them: those that wait, are in doubt or failed.

use super::{Result, at};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// A letter as the organiser sees it in `outbox`, `show` and the messages of `send`.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Waiting {
    pub letter: i64,
    pub campaign: String,
    pub email: String,
    pub name: String,
    pub token: String,
    pub kind: String,
    pub state: String,
    #[serde(serialize_with = "crate::store::views::as_time")]
    pub due: Timestamp,
    pub attempts: u32,
    pub why: String,
}

/// Letters in the given states (the words of [`Delivery::as_str`]), oldest first, at most `limit`.
pub fn in_states(conn: &Connection, states: &[&str], limit: usize) -> Result<Vec<Waiting>> {
    let mut found = Vec::new();
    for state in states {
        // The word stands in the statement, because SQLite uses a partial index only where it sees it.
        let state = super::views::DELIVERIES.into_iter().find(|word| word == state).unwrap_or_default();
        let sql = format!(
            "SELECT l.id, c.name, i.email, i.name, i.token, l.kind, l.state, l.due, l.attempts, l.why
             FROM letter l JOIN invitation i ON i.id = l.invitation JOIN campaign c ON c.id = l.campaign WHERE l.state = '{state}'"
        );
        if state == "queued" {
            let mut campaigns = conn.prepare_cached("SELECT id FROM campaign")?;
            let sql = format!("{sql} AND l.campaign = ?1 ORDER BY l.due, l.id LIMIT ?2");
            for campaign in campaigns.query_map([], |row| row.get::<_, i64>(0))? {
                found.extend(waiting(conn, &sql, params![campaign?, limit])?);
            }
        } else {
            found.extend(waiting(conn, &format!("{sql} ORDER BY l.due, l.id LIMIT ?1"), params![limit])?);
        }
    }
    found.sort_by_key(|letter| (letter.due, letter.letter));
    found.truncate(limit);
    Ok(found)
}

fn waiting(conn: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Waiting>> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(values, |row| {
        Ok(Waiting {
            letter: row.get(0)?,
            campaign: row.get(1)?,
            email: row.get(2)?,
            name: row.get(3)?,
            token: row.get(4)?,
            kind: row.get(5)?,
            state: row.get(6)?,
            due: at(row.get(7)?),
            attempts: row.get(8)?,
            why: row.get(9)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
