//! Letters as the organiser sees them: those that wait, are in doubt, failed, or were withdrawn because nobody wanted them any more.

use super::{
    Result, at,
    backup::RESTORED,
    delivery::{GONE_THERE, MAY_HAVE_LEFT},
    unwanted::{self, BY_ITSELF, MISSED, Unwanted, kept_back},
    views,
};
use crate::model::Answer;
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// A letter as the organiser sees it in `outbox`, `show` and the messages of `send`.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Waiting {
    pub letter: i64,
    #[serde(skip)]
    pub invitation: i64,
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
    /// The guest's answer as it is now.
    #[serde(skip)]
    pub answer: Answer,
    /// It lies in the queue, and is withdrawn when its turn comes.
    #[serde(skip)]
    pub unwanted: Option<Unwanted>,
    /// The program withdrew it for a reason that is none any more: the guest may come, and has no invitation.
    #[serde(skip)]
    pub missed: bool,
}

/// What [`waiting`] reads, in its order.
fn columns() -> String {
    format!(
        "SELECT l.id, c.name, l.rcpt_to, i.name, i.token, l.kind, l.state, l.due, l.attempts, l.why, i.answer,
         l.state = 'cancelled' AND l.why <> '' AND {MISSED}, {}, l.invitation
         FROM letter l JOIN invitation i ON i.id = l.invitation JOIN campaign c ON c.id = l.campaign",
        unwanted::columns()
    )
}

/// True of a `letter l` that a later one of the same kind to the same guest follows.
const FOLLOWED: &str = "EXISTS (SELECT 1 FROM letter n WHERE n.invitation = l.invitation AND n.kind = l.kind AND n.number > l.number)";

/// Letters of all campaigns in the given states, as [`in_states_of`].
pub fn in_states(conn: &Connection, states: &[&str], limit: usize) -> Result<Vec<Waiting>> {
    in_states_of(conn, None, states, limit)
}

/// The states whose index begins with the campaign.
const BY_CAMPAIGN: [&str; 2] = ["queued", "cancelled"];

/// Letters of a campaign (of all where None) in the given states (the words of [`Delivery::as_str`]), oldest first, at most `limit`
/// of each state (of the queue and of those that were withdrawn, of each campaign). One that failed, came back or is uncertain and has
/// a follower is left out: it is done with, because the guest's address was mended.
pub fn in_states_of(conn: &Connection, campaign: Option<i64>, states: &[&str], limit: usize) -> Result<Vec<Waiting>> {
    let mut found = Vec::new();
    for state in states {
        let state = views::DELIVERIES.into_iter().find(|word| word == state).unwrap_or_default();
        let each: Vec<Option<i64>> =
            if BY_CAMPAIGN.contains(&state) { ids(conn, campaign)?.into_iter().map(Some).collect() } else { vec![campaign] };
        for id in each {
            found.extend(waiting(conn, &of_state(state), params![id, limit])?);
        }
    }
    found.sort_by_key(|letter| (letter.due, letter.letter));
    Ok(found)
}

/// What [`in_states_of`] asks of a state. Its word stands in the statement, because SQLite uses a partial index only where it sees it.
fn of_state(state: &'static str) -> String {
    let open = match state {
        "uncertain" | "failed" | "bounced" => format!(" AND NOT {FOLLOWED}"),
        "cancelled" => format!(" AND {BY_ITSELF}"),
        _ => String::new(),
    };
    let of = if BY_CAMPAIGN.contains(&state) { "l.campaign = ?1" } else { "(?1 IS NULL OR l.campaign = ?1)" };
    format!("{} WHERE l.state = '{state}'{open} AND {of} ORDER BY l.due, l.id LIMIT ?2", columns())
}

/// How many letters there are of those that [`in_states_of`] shows.
pub fn count(conn: &Connection, campaign: Option<i64>, states: &[&str]) -> Result<u64> {
    let mut letters = 0;
    for id in ids(conn, campaign)? {
        for state in views::DELIVERIES.into_iter().filter(|state| states.contains(state)) {
            letters += match state {
                "uncertain" | "failed" | "bounced" => unfollowed(conn, id, state)?,
                "cancelled" => kept_back(conn, id)?.letters,
                _ => views::in_state(conn, id, state)?,
            };
        }
    }
    Ok(letters)
}

fn ids(conn: &Connection, campaign: Option<i64>) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached("SELECT id FROM campaign WHERE ?1 IS NULL OR id = ?1 ORDER BY id")?;
    Ok(statement.query_map([campaign], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Whether a letter has gone to the address that a guest has now.
pub fn has_gone_there(conn: &Connection, invitation: i64) -> Result<bool> {
    let sql = format!("SELECT 1 FROM invitation i WHERE i.id = ?1 AND {GONE_THERE}");
    Ok(conn.prepare_cached(&sql)?.exists([invitation])?)
}

/// Whether a letter waits.
pub fn is_queued(conn: &Connection, letter: i64) -> Result<bool> {
    Ok(conn.prepare_cached("SELECT 1 FROM letter WHERE id = ?1 AND state = 'queued'")?.exists([letter])?)
}

/// Whether the organiser may count a letter as sent: it is uncertain, or waits in a backup that was put back and not resumed yet, and
/// so may have left since the backup was made. Anywhere else a letter that waits has not left.
pub fn may_be_confirmed(conn: &Connection, letter: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM letter l JOIN campaign c ON c.id = l.campaign WHERE l.id = ?1
               AND (l.state = 'uncertain' OR l.state = 'queued' AND c.paused AND instr(c.paused_why, ?2) > 0)";
    Ok(conn.prepare_cached(sql)?.exists(params![letter, RESTORED])?)
}

/// The newest letter of a guest.
pub fn newest_of(conn: &Connection, invitation: i64) -> Result<Option<Waiting>> {
    let sql = format!("{} WHERE l.invitation = ?1 ORDER BY l.id DESC LIMIT 1", columns());
    Ok(waiting(conn, &sql, params![invitation])?.pop())
}

/// The letters in the queue, of whatever campaign, that go to the address of this guest; at most `limit`. Those that were queued after
/// a sure wish of the guest for no more letters are the organiser's own, and are left out.
pub fn waiting_for(conn: &Connection, invitation: i64, limit: usize) -> Result<Vec<Waiting>> {
    let sql = format!(
        "{} JOIN invitation g ON g.email = i.email WHERE g.id = ?1 AND l.state = 'queued' AND l.rcpt_to = g.email
         AND (g.unwilling IS NULL OR g.unwilling >= l.at) ORDER BY l.id LIMIT ?2",
        columns()
    );
    waiting(conn, &sql, params![invitation, limit])
}

/// The addresses of guests of a campaign who have no invitation, because it was withdrawn before it left, and have written what waits
/// for a look: nobody knows yet whether they are to be invited again.
pub fn withdrawn_unread(conn: &Connection, campaign: &str) -> Result<Vec<String>> {
    let sql = format!(
        "SELECT i.email FROM campaign c JOIN invitation i ON i.campaign = c.id JOIN letter l ON l.invitation = i.id
         WHERE c.name = ?1 AND i.standing = 'needs_look' AND i.answer = 'none' AND l.state = 'cancelled' AND l.kind = 'invitation'
         AND NOT EXISTS (SELECT 1 FROM letter n WHERE n.invitation = l.invitation AND n.id > l.id) AND NOT {MAY_HAVE_LEFT}
         AND NOT (l.why <> '' AND i.unwilling IS NOT NULL) AND NOT {GONE_THERE} ORDER BY i.id"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    Ok(statement.query_map([campaign], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// How many letters of a campaign are in a state and have no follower; the index makes it quick where few are.
pub(super) fn unfollowed(conn: &Connection, campaign: i64, state: &'static str) -> Result<u64> {
    let sql = format!("SELECT count(*) FROM letter l WHERE l.state = '{state}' AND l.campaign = ?1 AND NOT {FOLLOWED}");
    Ok(conn.prepare_cached(&sql)?.query_row([campaign], |row| row.get(0))?)
}

fn waiting(conn: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Waiting>> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(values, |row| {
        let state: String = row.get(6)?;
        let unwanted = Unwanted::of(row, 12)?.filter(|_| state == "queued");
        Ok(Waiting {
            letter: row.get(0)?,
            invitation: row.get(14)?,
            campaign: row.get(1)?,
            email: row.get(2)?,
            name: row.get(3)?,
            token: row.get(4)?,
            kind: row.get(5)?,
            state,
            due: at(row.get(7)?),
            attempts: row.get(8)?,
            why: row.get(9)?,
            answer: Answer::parse(&row.get::<_, String>(10)?).unwrap_or(Answer::None),
            missed: row.get(11)?,
            unwanted,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::plan;

    #[test]
    fn letters_that_are_shown_are_found_without_walking_all() {
        for state in views::DELIVERIES.into_iter().filter(|state| *state != "sent") {
            let plan = plan(&of_state(state));
            assert!(plan.contains("letter_") && !plan.contains("SCAN"), "{state}: {plan}");
        }
    }
}
