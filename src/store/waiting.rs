//! Letters as the organiser sees them: those that wait, are in doubt or failed.

use super::{Result, at};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// A letter as the organiser sees it in `outbox`, `show` and the messages of `send`.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Waiting {
    pub letter: i64,
    pub campaign: String,
    /// Where this letter goes, whatever the guest's address is now.
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

/// True of a `letter l` that a later one of the same kind to the same guest follows.
const FOLLOWED: &str = "EXISTS (SELECT 1 FROM letter n WHERE n.invitation = l.invitation AND n.kind = l.kind AND n.number > l.number)";

/// Letters of all campaigns in the given states, as [`in_states_of`].
pub fn in_states(conn: &Connection, states: &[&str], limit: usize) -> Result<Vec<Waiting>> {
    in_states_of(conn, None, states, limit)
}

/// Letters of a campaign (of all where None) in the given states (the words of [`Delivery::as_str`]), oldest first, at most `limit`
/// of each state (of the queue, of each campaign). One that failed or came back and has a follower is left out: it is done with.
pub fn in_states_of(conn: &Connection, campaign: Option<i64>, states: &[&str], limit: usize) -> Result<Vec<Waiting>> {
    let mut found = Vec::new();
    for state in states {
        // The word stands in the statement, because SQLite uses a partial index only where it sees it.
        let state = super::views::DELIVERIES.into_iter().find(|word| word == state).unwrap_or_default();
        let open = if matches!(state, "failed" | "bounced") { format!(" AND NOT {FOLLOWED}") } else { String::new() };
        let sql = format!(
            "SELECT l.id, c.name, l.rcpt_to, i.name, i.token, l.kind, l.state, l.due, l.attempts, l.why
             FROM letter l JOIN invitation i ON i.id = l.invitation JOIN campaign c ON c.id = l.campaign
             WHERE l.state = '{state}'{open}"
        );
        if state == "queued" {
            let sql = format!("{sql} AND l.campaign = ?1 ORDER BY l.due, l.id LIMIT ?2");
            for id in ids(conn, campaign)? {
                found.extend(waiting(conn, &sql, params![id, limit])?);
            }
        } else {
            let sql = format!("{sql} AND (?1 IS NULL OR l.campaign = ?1) ORDER BY l.due, l.id LIMIT ?2");
            found.extend(waiting(conn, &sql, params![campaign, limit])?);
        }
    }
    found.sort_by_key(|letter| (letter.due, letter.letter));
    Ok(found)
}

/// How many letters there are of those that [`in_states_of`] shows.
pub fn count(conn: &Connection, campaign: Option<i64>, states: &[&str]) -> Result<u64> {
    let mut letters = 0;
    for id in ids(conn, campaign)? {
        for state in super::views::DELIVERIES.into_iter().filter(|state| states.contains(state)) {
            letters +=
                if matches!(state, "failed" | "bounced") { unfollowed(conn, id, state)? } else { super::views::in_state(conn, id, state)? };
        }
    }
    Ok(letters)
}

fn ids(conn: &Connection, campaign: Option<i64>) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached("SELECT id FROM campaign WHERE ?1 IS NULL OR id = ?1 ORDER BY id")?;
    Ok(statement.query_map([campaign], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// How many letters of a campaign failed and have no follower: those that [`in_states`] shows.
pub fn failed(conn: &Connection, campaign: i64) -> Result<u64> {
    unfollowed(conn, campaign, "failed")
}

/// How many letters of a campaign are in a state and have no follower; the index makes it quick where few are.
pub(super) fn unfollowed(conn: &Connection, campaign: i64, state: &'static str) -> Result<u64> {
    let sql = format!("SELECT count(*) FROM letter l WHERE l.state = '{state}' AND l.campaign = ?1 AND NOT {FOLLOWED}");
    Ok(conn.prepare_cached(&sql)?.query_row([campaign], |row| row.get(0))?)
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
