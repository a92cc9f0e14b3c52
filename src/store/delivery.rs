//! What becomes of a letter: each change of its state, kept in its row and in the journal. Plain functions over a connection.

use super::{Error, Result, at, journal, ms, views::in_state};
use crate::model::{Delivery, Fact, Patience, Signal};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashSet;

/// How long departures are counted.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(40 * 24);

/// A letter's state, and what its next fact needs.
pub(super) struct Found {
    pub(super) delivery: Delivery,
    at: Timestamp,
    invitation: i64,
    kind: String,
    number: u32,
    pub(super) paused: bool,
}

pub(super) fn found(conn: &Connection, id: i64) -> Result<Option<Found>> {
    let sql = "SELECT state, due, attempts, first, at, why, receipt, invitation, kind, number,
               (SELECT paused FROM campaign WHERE id = letter.campaign) FROM letter WHERE id = ?1";
    let read = |row: &Row<'_>| {
        Ok((delivery(row)?, row.get(4)?, row.get(7)?, row.get(8)?, row.get(9)?, row.get::<_, Option<bool>>(10)?.unwrap_or(false)))
    };
    let Some((delivery, moment, invitation, kind, number, paused)) = conn.prepare_cached(sql)?.query_row([id], read).optional()? else {
        return Ok(None);
    };
    let delivery = delivery.ok_or_else(|| Error::Unreadable(format!("the state of letter {id}")))?;
    Ok(Some(Found { delivery, at: at(moment), invitation, kind, number, paused }))
}

pub(super) fn change(conn: &Connection, id: i64, before: &Found, signal: Signal, now: Timestamp, patience: &Patience) -> Result<Delivery> {
    let after = before.delivery.clone().after(signal, now, patience)?;
    if after != before.delivery {
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

/// Counts letters that leave (or, below zero, that did not leave after all) in the second of `at`.
pub(super) fn depart(conn: &Connection, at: Timestamp, letters: i64) -> Result<()> {
    if letters != 0 {
        let sql = "INSERT INTO departure (second, letters) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET letters = letters + ?2";
        conn.prepare_cached(sql)?.execute(params![at.as_second(), letters])?;
    }
    Ok(())
}

/// Writes down what became of a letter. At that instant it is *settled*.
///
/// `bytes` are what was offered: they are kept where the letter is not *sent*, so that a retry is the same. A letter that would be
/// tried again is withdrawn where the guest's address was mended meanwhile.
pub fn settle(conn: &Connection, id: i64, signal: Signal, now: Timestamp, patience: &Patience, bytes: Option<&[u8]>) -> Result<Delivery> {
    let mut before = found(conn, id)?.ok_or_else(|| Error::Unreadable(format!("letter {id}, which is gone")))?;
    if let (Signal::NotBegun { .. }, Delivery::Sending { .. }) = (&signal, &before.delivery) {
        depart(conn, before.at, -1)?;
    }
    let mut delivery = change(conn, id, &before, signal, now, patience)?;
    if matches!(delivery, Delivery::Queued { .. }) && matches!(before.delivery, Delivery::Sending { .. }) && is_to_former_address(conn, id)?
    {
        let back = Found { delivery, ..before };
        delivery = change(conn, id, &back, Signal::Cancelled, now, patience)?;
        before = back;
    }
    if let (Some(bytes), false) = (bytes, matches!(delivery, Delivery::Sent { .. })) {
        let sql = "INSERT INTO body (letter, raw) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        conn.prepare_cached(sql)?.execute(params![id, bytes])?;
    }
    let (why, word) = match &delivery {
        Delivery::Queued { why, attempts, .. } if *attempts > 0 => (why.clone(), "queued"),
        Delivery::Sent { receipt, .. } => (receipt.clone(), "sent"),
        Delivery::Uncertain { why, .. } => (why.clone(), "uncertain"),
        Delivery::Failed { why, .. } => (why.clone(), "failed"),
        Delivery::Bounced { why, .. } => (why.clone(), "bounced"),
        Delivery::Cancelled { .. } => (String::new(), "cancelled"),
        Delivery::Queued { .. } | Delivery::Sending { .. } => return Ok(delivery),
    };
    let Found { invitation, kind, number, .. } = before;
    journal::append(conn, invitation, now, &Fact::Letter { kind, number, state: word.to_owned(), why })?;
    Ok(delivery)
}

/// A letter that cannot be written (its rows cannot be read, its guest does not fit the templates) fails, queued or claimed;
/// it stops no other. One that is neither is left as it is.
pub fn fail(conn: &Connection, id: i64, why: String, now: Timestamp) -> Result<()> {
    let Some(before) = found(conn, id)? else { return Ok(()) };
    match &before.delivery {
        Delivery::Queued { .. } => {
            change(conn, id, &before, Signal::Claimed, now, &Patience::default())?;
        }
        Delivery::Sending { .. } => depart(conn, before.at, -1)?,
        _ => return Ok(()),
    }
    settle(conn, id, Signal::Rejected { why }, now, &Patience::default(), None).map(drop)
}

/// Withdraws the letters that lie in the queue: to one guest, or to all of a campaign; how many those were. What a sender holds is
/// left to it. The next `send` of the campaign has something to do again.
pub fn withdraw(conn: &Connection, campaign: i64, invitation: Option<i64>, now: Timestamp) -> Result<usize> {
    let sql = match invitation {
        Some(_) => "SELECT id FROM letter WHERE invitation = ?1 AND state = 'queued' ORDER BY id",
        None => "SELECT id FROM letter WHERE campaign = ?1 AND state = 'queued' ORDER BY id",
    };
    let mut statement = conn.prepare_cached(sql)?;
    let ids = statement.query_map([invitation.unwrap_or(campaign)], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    for id in &ids {
        settle(conn, *id, Signal::Cancelled, now, &Patience::default(), None)?;
    }
    conn.execute("UPDATE campaign SET done = NULL WHERE id = ?1", [campaign])?;
    Ok(ids.len())
}

/// The invitations whose newest letter was withdrawn and may not have left before, and whose guests have said nothing: they are to
/// be invited again.
pub fn withdrawn(conn: &Connection, campaign: i64) -> Result<HashSet<i64>> {
    if in_state(conn, campaign, "cancelled")? == 0 {
        return Ok(HashSet::new());
    }
    let sql = "SELECT l.invitation FROM letter l JOIN invitation i ON i.id = l.invitation
               WHERE l.campaign = ?1 AND l.state = 'cancelled' AND l.kind = 'invitation' AND i.standing IN ('silent', 'unreachable')
               AND NOT EXISTS (SELECT 1 FROM letter n WHERE n.invitation = l.invitation AND n.id > l.id)
               AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.invitation = l.invitation AND f.body ->> 'fact' = 'letter'
                   AND f.body ->> 'kind' = l.kind AND f.body ->> 'number' = l.number
                   AND f.body ->> 'state' IN ('sent', 'uncertain', 'bounced'))";
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([campaign], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// A mail proves that a letter left, or brings it back. A letter still in the queue is left as it is.
pub fn prove(conn: &Connection, id: i64, signal: Signal, now: Timestamp) -> Result<()> {
    let before = found(conn, id)?.ok_or_else(|| Error::Unreadable(format!("letter {id}, which is gone")))?;
    let after = change(conn, id, &before, signal, now, &Patience::default())?.as_str();
    if before.delivery.as_str() != after {
        let Found { invitation, kind, number, .. } = before;
        let why = if after == "sent" { "a mail that names it proves that it left" } else { "it came back" };
        journal::append(conn, invitation, now, &Fact::Letter { kind, number, state: after.to_owned(), why: why.to_owned() })?;
    }
    Ok(())
}

/// Every letter that a dead process held becomes *uncertain*. Only the holder of the lock may call it. How many there were.
pub fn recover(conn: &Connection, now: Timestamp) -> Result<usize> {
    let mut statement = conn.prepare_cached("SELECT id FROM letter WHERE state = 'sending'")?;
    let held = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    for id in &held {
        settle(conn, *id, Signal::Orphaned, now, &Patience::default(), None)?;
    }
    let old = now.saturating_sub(REMEMBERED).unwrap_or(now).as_second();
    conn.execute("DELETE FROM departure WHERE second < ?1", [old])?;
    Ok(held.len())
}

/// True where the guest's address was mended after this letter was written.
pub fn is_to_former_address(conn: &Connection, id: i64) -> Result<bool> {
    let sql = "SELECT l.rcpt_to <> i.email FROM letter l JOIN invitation i ON i.id = l.invitation WHERE l.id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, outbox};

    /// One letter of one guest, in a sender's hands.
    async fn held(store: &Store, now: Timestamp) {
        let rows = r#"INSERT INTO campaign (id, name, definition, created) VALUES (1, 'c', '{}', 0);
             INSERT INTO edition VALUES (1, 1, '', '{', 0);
             INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, '0123456789ab', 'a', '', 'b@x.example', '', 'en', '{}', 0, 0);
             INSERT INTO letter (id, invitation, campaign, edition, kind, number, message_id, mail_from, rcpt_to, created, state, due, at)
                VALUES (1, 1, 1, 1, 'invitation', 1, '1', 'd@x.example', 'b@x.example', 0, 'queued', 0, 0);"#;
        let claimed = store.write(move |conn| Ok((conn.execute_batch(rows)?, outbox::claim(conn, &[1], now)?).1)).await.unwrap();
        assert_eq!(claimed, [1]);
    }

    #[tokio::test]
    async fn a_letter_to_an_address_that_was_mended_meanwhile_is_not_tried_again() {
        let now = Timestamp::from_second(10).unwrap();
        for mended in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("convoke.db")).unwrap();
            held(&store, now).await;
            let after = store.write(move |conn| {
                if mended {
                    conn.execute("UPDATE invitation SET email = 'c@x.example'", [])?;
                }
                settle(conn, 1, Signal::Deferred { why: "later".into() }, now, &Patience::default(), Some(b"x"))
            });
            let after = after.await.unwrap();
            assert_eq!(after.as_str(), if mended { "cancelled" } else { "queued" });
        }
    }

    #[tokio::test]
    async fn what_may_have_left_once_is_not_written_again_when_it_is_withdrawn() {
        let now = Timestamp::from_second(10).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        held(&store, now).await;
        let left = store.write(move |conn| {
            settle(conn, 1, Signal::Unknown { why: "no answer".into() }, now, &Patience::default(), Some(b"x"))?;
            settle(conn, 1, Signal::Resend, now, &Patience::default(), None)?;
            Ok((withdraw(conn, 1, Some(1), now)?, withdrawn(conn, 1)?))
        });
        assert_eq!(left.await.unwrap(), (1, HashSet::new()));
    }

    #[tokio::test]
    async fn what_waits_is_withdrawn_and_what_a_sender_holds_is_not() {
        let now = Timestamp::from_second(10).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        held(&store, now).await;
        let cancelled = store.write(move |conn| {
            conn.execute("UPDATE campaign SET done = 'x'", [])?;
            let before = (withdraw(conn, 1, None, now)?, withdrawn(conn, 1)?.len());
            settle(conn, 1, Signal::Deferred { why: "later".into() }, now, &Patience::default(), Some(b"x"))?;
            let after = (withdraw(conn, 1, Some(2), now)?, withdraw(conn, 2, None, now)?, withdraw(conn, 1, Some(1), now)?);
            let done: Option<String> = conn.query_row("SELECT done FROM campaign", [], |row| row.get(0))?;
            let silent = withdrawn(conn, 1)?;
            conn.execute("UPDATE invitation SET standing = 'decline'", [])?;
            Ok((before, after, done, silent, withdrawn(conn, 1)?))
        });
        let (before, after, done, silent, answered) = cancelled.await.unwrap();
        assert_eq!((before, after, done), ((0, 0), (0, 0, 1), None));
        assert_eq!((silent, answered), (HashSet::from([1]), HashSet::new()), "who has answered is not invited again");
    }
}
