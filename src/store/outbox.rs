//! Letters on their way out: queued, claimed, settled. Plain functions over a connection.

use super::{Error, Result, at, campaigns::token_of, journal, ms};
use crate::model::{Address, Delivery, Fact, Kind, Letter, Patience, Signal, Stamp};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A letter in a sender's hands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    pub id: i64,
    pub mail_from: Address,
    pub rcpt_to: Address,
    pub raw: Vec<u8>,
}

/// Puts a rendered letter into the queue, due at once.
pub fn queue(conn: &Connection, invitation: i64, stamp: &Stamp, letter: &Letter, now: Timestamp) -> Result<()> {
    let sql = "INSERT INTO letter (invitation, kind, number, message_id, subject, mail_from, rcpt_to, raw, text, created, state, due, at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'queued', ?10, ?10)";
    conn.prepare_cached(sql)?.execute(params![
        invitation,
        stamp.kind.as_str(),
        stamp.number,
        letter.message_id,
        letter.subject,
        letter.mail_from.as_str(),
        letter.rcpt_to.as_str(),
        letter.raw,
        letter.text,
        ms(now)
    ])?;
    Ok(())
}

/// The Message-IDs of an invitation's letters, oldest first, and how many there are of one kind.
pub fn earlier(conn: &Connection, invitation: i64, kind: Kind) -> Result<(Vec<String>, u32)> {
    let mut statement = conn.prepare_cached("SELECT message_id, kind = ?2 FROM letter WHERE invitation = ?1 ORDER BY id")?;
    let rows = statement.query_map(params![invitation, kind.as_str()], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))?;
    let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let same = rows.iter().filter(|(_, same)| *same).count();
    Ok((rows.into_iter().map(|(id, _)| id).collect(), u32::try_from(same).unwrap_or(u32::MAX)))
}

/// Takes the letter that has waited longest and is due. At that instant it is *claimed*: found so after a crash, it is uncertain.
///
/// A letter whose addresses cannot be read fails here and stops no other.
pub fn claim(conn: &Connection, now: Timestamp) -> Result<Option<Claimed>> {
    let sql = "SELECT l.id FROM letter l JOIN invitation i ON i.id = l.invitation JOIN campaign c ON c.id = i.campaign
               WHERE l.state = 'queued' AND l.due <= ?1 AND NOT c.paused ORDER BY l.due, l.id LIMIT 1";
    loop {
        let Some(id) = conn.prepare_cached(sql)?.query_row([ms(now)], |row| row.get::<_, i64>(0)).optional()? else { return Ok(None) };
        change(conn, id, Signal::Claimed, now, &Patience::default())?;
        let (mail_from, rcpt_to, raw) = conn
            .prepare_cached("SELECT mail_from, rcpt_to, raw FROM letter WHERE id = ?1")?
            .query_row([id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?)))?;
        let parse = |text: &str| Address::parse(text).map_err(|error| format!("the address {text:?} cannot be used: {error}"));
        match (parse(&mail_from), parse(&rcpt_to)) {
            (Ok(mail_from), Ok(rcpt_to)) => return Ok(Some(Claimed { id, mail_from, rcpt_to, raw })),
            (Err(why), _) | (_, Err(why)) => {
                settle(conn, id, Signal::Rejected { why }, now, &Patience::default())?;
            }
        }
    }
}

/// Writes down what became of a letter. At that instant it is *settled*.
pub fn settle(conn: &Connection, id: i64, signal: Signal, now: Timestamp, patience: &Patience) -> Result<Delivery> {
    let delivery = change(conn, id, signal, now, patience)?;
    let (why, word) = match &delivery {
        Delivery::Queued { why, attempts, .. } if *attempts > 0 => (why.clone(), "queued"),
        Delivery::Sent { receipt, .. } => (receipt.clone(), "sent"),
        Delivery::Uncertain { why, .. } => (why.clone(), "uncertain"),
        Delivery::Failed { why, .. } => (why.clone(), "failed"),
        Delivery::Bounced { why, .. } => (why.clone(), "bounced"),
        Delivery::Cancelled { .. } => (String::new(), "cancelled"),
        Delivery::Queued { .. } | Delivery::Sending { .. } => return Ok(delivery),
    };
    let (invitation, kind, number) = of(conn, id)?;
    journal::append(conn, invitation, now, &Fact::Letter { kind, number, state: word.to_owned(), why })?;
    Ok(delivery)
}

fn of(conn: &Connection, id: i64) -> Result<(i64, String, u32)> {
    Ok(conn
        .prepare_cached("SELECT invitation, kind, number FROM letter WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?)
}

/// The invitation that a letter belongs to.
pub fn invitation_of(conn: &Connection, id: i64) -> Result<i64> {
    Ok(of(conn, id)?.0)
}

fn change(conn: &Connection, id: i64, signal: Signal, now: Timestamp, patience: &Patience) -> Result<Delivery> {
    let sql = "SELECT state, due, attempts, first, at, why, receipt FROM letter WHERE id = ?1";
    let before = conn.prepare_cached(sql)?.query_row([id], delivery)?;
    let before = before.ok_or_else(|| Error::Unreadable(format!("the state of letter {id}")))?;
    let after = before.clone().after(signal, now, patience)?;
    if after != before {
        let (due, attempts, first, moment, why, receipt) = match &after {
            Delivery::Queued { due, attempts, first, why } => (*due, *attempts, *first, now, why.as_str(), ""),
            Delivery::Sending { attempt, first } => (now, *attempt, Some(*first), now, "", ""),
            Delivery::Sent { at, receipt } => (*at, 0, None, *at, "", receipt.as_str()),
            Delivery::Uncertain { since, why } => (*since, 0, None, *since, why.as_str(), ""),
            Delivery::Failed { at, why } | Delivery::Bounced { at, why } => (*at, 0, None, *at, why.as_str(), ""),
            Delivery::Cancelled { at } => (*at, 0, None, *at, "", ""),
        };
        let sql = "UPDATE letter SET state = ?2, due = ?3, attempts = ?4, first = ?5, at = ?6, why = ?7, receipt = ?8 WHERE id = ?1";
        conn.prepare_cached(sql)?.execute(params![id, after.as_str(), ms(due), attempts, first.map(ms), ms(moment), why, receipt])?;
    }
    Ok(after)
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Option<Delivery>> {
    let state: String = row.get(0)?;
    let (due, attempts): (i64, u32) = (row.get(1)?, row.get(2)?);
    let first: Option<i64> = row.get(3)?;
    let (moment, why, receipt): (i64, String, String) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let moment = at(moment);
    Ok(Some(match state.as_str() {
        "queued" => Delivery::Queued { due: at(due), attempts, first: first.map(at), why },
        "sending" => Delivery::Sending { attempt: attempts, first: first.map_or(moment, at) },
        "sent" => Delivery::Sent { at: moment, receipt },
        "uncertain" => Delivery::Uncertain { since: moment, why },
        "failed" => Delivery::Failed { at: moment, why },
        "bounced" => Delivery::Bounced { at: moment, why },
        "cancelled" => Delivery::Cancelled { at: moment },
        _ => return Ok(None),
    }))
}

/// Every letter that a dead process held becomes *uncertain*. Only the holder of the lock may call it. How many there were.
pub fn recover(conn: &Connection, now: Timestamp) -> Result<usize> {
    let held = ids(conn, "SELECT id FROM letter WHERE state = 'sending'")?;
    for id in &held {
        settle(conn, *id, Signal::Orphaned, now, &Patience::default())?;
    }
    Ok(held.len())
}

fn ids(conn: &Connection, sql: &str) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// When the next letter of a campaign that is not paused is due.
pub fn next_due(conn: &Connection) -> Result<Option<Timestamp>> {
    let sql = "SELECT l.due FROM letter l JOIN invitation i ON i.id = l.invitation JOIN campaign c ON c.id = i.campaign
               WHERE l.state = 'queued' AND NOT c.paused ORDER BY l.due, l.id LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?.map(at))
}

/// Whether more than `some` letters are due now; never looks at more than that.
pub fn more_due_than(conn: &Connection, some: u32, now: Timestamp) -> Result<bool> {
    let sql = "SELECT 1 FROM letter l JOIN invitation i ON i.id = l.invitation JOIN campaign c ON c.id = i.campaign
               WHERE l.state = 'queued' AND l.due <= ?1 AND NOT c.paused LIMIT 1 OFFSET ?2";
    Ok(conn.prepare_cached(sql)?.exists(params![ms(now), some])?)
}

/// The letter with this Message-ID (with angle brackets): (letter, invitation).
pub fn by_message_id(conn: &Connection, message_id: &str) -> Result<Option<(i64, i64)>> {
    let sql = "SELECT id, invitation FROM letter WHERE message_id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([message_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The newest letter of an invitation.
pub fn newest(conn: &Connection, invitation: i64) -> Result<Option<i64>> {
    let sql = "SELECT id FROM letter WHERE invitation = ?1 ORDER BY id DESC LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([invitation], |row| row.get(0)).optional()?)
}

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

/// Letters in the given states, oldest first, at most `limit`.
pub fn in_states(conn: &Connection, states: &[&str], limit: usize) -> Result<Vec<Waiting>> {
    let marks = vec!["?"; states.len()].join(", ");
    let sql = format!(
        "SELECT l.id, c.name, i.email, i.name, i.token, l.kind, l.state, l.due, l.attempts, l.why
         FROM letter l JOIN invitation i ON i.id = l.invitation JOIN campaign c ON c.id = i.campaign
         WHERE l.state IN ({marks}) ORDER BY l.due, l.id LIMIT {limit}"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(rusqlite::params_from_iter(states), |row| {
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

/// The texts that were sent to a guest, newest first, at most eight: what an answer may quote.
pub fn texts(conn: &Connection, invitation: i64) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached("SELECT text FROM letter WHERE invitation = ?1 ORDER BY id DESC LIMIT 8")?;
    Ok(statement.query_map([invitation], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The subjects that were sent, each once, at most a thousand: what an unpaired answer may carry.
pub fn subjects(conn: &Connection) -> Result<Vec<String>> {
    let mut statement =
        conn.prepare_cached("SELECT DISTINCT subject, (SELECT token FROM invitation WHERE id = letter.invitation) FROM letter LIMIT 5000")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let mut subjects = std::collections::BTreeSet::new();
    for row in rows {
        let (subject, token) = row?;
        let tag = crate::model::words::tag(&token_of(&token)?, None);
        subjects.insert(subject.replace(&tag, "").trim().to_owned());
    }
    Ok(subjects.into_iter().take(1_000).collect())
}

/// A mail proves that a letter left, or brings it back. A letter still in the queue is left as it is.
pub fn prove(conn: &Connection, id: i64, signal: Signal, now: Timestamp) -> Result<()> {
    let state = |conn: &Connection| -> Result<String> {
        Ok(conn.prepare_cached("SELECT state FROM letter WHERE id = ?1")?.query_row([id], |row| row.get(0))?)
    };
    let before = state(conn)?;
    change(conn, id, signal, now, &Patience::default())?;
    let after = state(conn)?;
    if before != after {
        let (invitation, kind, number) = of(conn, id)?;
        let why = if after == "sent" { "a mail that names it proves that it left" } else { "it came back" };
        journal::append(conn, invitation, now, &Fact::Letter { kind, number, state: after, why: why.to_owned() })?;
    }
    Ok(())
}

/// True where the guest's address was mended after this letter was written.
pub fn is_to_former_address(conn: &Connection, id: i64) -> Result<bool> {
    let sql = "SELECT l.rcpt_to <> i.email FROM letter l JOIN invitation i ON i.id = l.invitation WHERE l.id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

/// One letter's text for each campaign and language, at most a hundred: what an unpaired answer may quote.
pub fn samples(conn: &Connection) -> Result<Vec<String>> {
    let sql = "SELECT l.text FROM letter l WHERE l.id IN
               (SELECT min(l.id) FROM letter l JOIN invitation i ON i.id = l.invitation GROUP BY i.campaign, i.lang, l.kind LIMIT 100)";
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn a_letter_whose_address_cannot_be_read_stops_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let rows = "INSERT INTO campaign (id, name, definition, created) VALUES (1, 'c', '{}', 0);
                    INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                        (1, 1, 'a', 'a', '', 'a', '', 'en', '{}', 0, 0), (2, 1, 'b', 'b', '', 'b', '', 'en', '{}', 0, 0);
                    INSERT INTO letter (id, invitation, kind, number, message_id, subject, mail_from, rcpt_to, raw, text, created, state, due, at)
                        VALUES (1, 1, 'invitation', 1, '1', '', 'd@x.example', 'a b@x.example', x'', '', 0, 'queued', 0, 0),
                               (2, 2, 'invitation', 1, '2', '', 'd@x.example', 'b@x.example', x'', '', 0, 'queued', 0, 0);";
        let now = Timestamp::UNIX_EPOCH;
        let claimed = store.write(move |conn| conn.execute_batch(rows).map_err(Error::from).and_then(|()| claim(conn, now))).await;
        assert_eq!(claimed.unwrap().unwrap().id, 2);
        let failed = store.read(|conn| in_states(conn, &["failed"], 9)).await;
        let why = failed.unwrap().pop().unwrap().why;
        assert!(why.contains("a b@x.example"), "{why}");
        assert_eq!(store.write(move |conn| claim(conn, now)).await.unwrap(), None);
    }
}
