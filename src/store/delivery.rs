//! What becomes of a letter: each change of its state, kept in its row and in the journal. Plain functions over a connection.

use super::{
    Error, Result, at, journal, ms,
    unwanted::{self, Unwanted},
};
use crate::model::{Address, Delivery, Fact, Patience, Signal};
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
    /// Why it is not to leave; None where it may.
    unwanted: Option<Unwanted>,
}

impl Found {
    pub(super) fn is_unwanted(&self) -> bool {
        self.unwanted.is_some()
    }
}

/// True of a `letter l` that has left, as far as anybody can tell.
pub(super) const MAY_HAVE_LEFT: &str = "EXISTS (SELECT 1 FROM fact f WHERE f.invitation = l.invitation AND f.body ->> 'fact' = 'letter'
    AND f.body ->> 'kind' = l.kind AND f.body ->> 'number' = l.number AND f.body ->> 'state' IN ('sent', 'uncertain', 'bounced'))";

/// True of an invitation `i` to whose address in use a letter has gone.
pub(super) const GONE_THERE: &str =
    "EXISTS (SELECT 1 FROM letter s WHERE s.invitation = i.id AND s.rcpt_to = i.email AND s.state = 'sent')";

pub(super) fn found(conn: &Connection, id: i64) -> Result<Option<Found>> {
    let sql = format!(
        "SELECT l.state, l.due, l.attempts, l.first, l.at, l.why, l.receipt, l.invitation, l.kind, l.number,
         (SELECT paused FROM campaign WHERE id = l.campaign), {}
         FROM letter l JOIN invitation i ON i.id = l.invitation WHERE l.id = ?1",
        unwanted::columns()
    );
    let read = |row: &Row<'_>| {
        let Some(delivery) = delivery(row)? else { return Ok(None) };
        Ok(Some(Found {
            delivery,
            at: at(row.get(4)?),
            invitation: row.get(7)?,
            kind: row.get(8)?,
            number: row.get(9)?,
            paused: row.get::<_, Option<bool>>(10)?.unwrap_or(false),
            unwanted: Unwanted::of(row, 11)?,
        }))
    };
    let Some(found) = conn.prepare_cached(&sql)?.query_row([id], read).optional()? else { return Ok(None) };
    found.map(Some).ok_or_else(|| Error::Unreadable(format!("the state of letter {id}")))
}

pub(super) fn change(conn: &Connection, id: i64, before: &Found, signal: Signal, now: Timestamp, patience: &Patience) -> Result<Delivery> {
    let after = before.delivery.clone().after(signal, now, patience)?;
    if after != before.delivery {
        let (due, attempts, first, moment, why, receipt) = match &after {
            Delivery::Queued { due, attempts, first, why } => (*due, *attempts, *first, now, why.as_str(), ""),
            Delivery::Sending { attempt, first } => (now, *attempt, Some(*first), now, "", ""),
            Delivery::Sent { at, receipt } => (*at, 0, None, *at, "", receipt.as_str()),
            Delivery::Uncertain { since, why } => (*since, 0, None, *since, why.as_str(), ""),
            Delivery::Failed { at, why } | Delivery::Bounced { at, why } | Delivery::Cancelled { at, why } => {
                (*at, 0, None, *at, why.as_str(), "")
            }
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
        "cancelled" => Delivery::Cancelled { at: moment, why },
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
/// tried again is withdrawn where the guest's address was mended meanwhile, or nobody wants it any more.
pub fn settle(conn: &Connection, id: i64, signal: Signal, now: Timestamp, patience: &Patience, bytes: Option<&[u8]>) -> Result<Delivery> {
    let mut before = found(conn, id)?.ok_or_else(|| Error::Unreadable(format!("letter {id}, which is gone")))?;
    if let (Signal::NotBegun { .. }, Delivery::Sending { .. }) = (&signal, &before.delivery) {
        depart(conn, before.at, -1)?;
    }
    let mut delivery = change(conn, id, &before, signal, now, patience)?;
    if matches!(delivery, Delivery::Queued { .. }) && matches!(before.delivery, Delivery::Sending { .. }) {
        let why = if is_to_former_address(conn, id)? { Some(String::new()) } else { before.unwanted.as_ref().map(Unwanted::before) };
        if let Some(why) = why {
            let back = Found { delivery, ..before };
            delivery = change(conn, id, &back, Signal::Cancelled { why }, now, patience)?;
            before = back;
        }
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
        Delivery::Cancelled { why, .. } => (why.clone(), "cancelled"),
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

/// What became of letters that were withdrawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Withdrawn {
    /// They have never left.
    pub cancelled: usize,
    /// They were to be sent again, and are again what they were: they may have left before.
    pub taken_back: usize,
}

/// The organiser withdraws the letters that lie in the queue: to one guest, or to all of a campaign. What a sender holds is left to
/// it. The next `send` of the campaign has something to do again.
pub fn withdraw(conn: &Connection, campaign: i64, invitation: Option<i64>, now: Timestamp) -> Result<Withdrawn> {
    let mut withdrawn = Withdrawn::default();
    for id in waiting(conn, campaign, invitation)? {
        match before_resend(conn, id)? {
            Some(before) => {
                settle(conn, id, Signal::TakenBack { before: Box::new(before) }, now, &Patience::default(), None)?;
                withdrawn.taken_back += 1;
            }
            None => {
                settle(conn, id, Signal::Cancelled { why: String::new() }, now, &Patience::default(), None)?;
                withdrawn.cancelled += 1;
            }
        }
    }
    not_done(conn, campaign)?;
    Ok(withdrawn)
}

/// Withdraws what waits for the former address of a guest: a letter to the new one follows.
pub(super) fn give_up(conn: &Connection, campaign: i64, invitation: i64, now: Timestamp) -> Result<()> {
    for id in waiting(conn, campaign, Some(invitation))? {
        settle(conn, id, Signal::Cancelled { why: String::new() }, now, &Patience::default(), None)?;
    }
    not_done(conn, campaign)
}

/// The next `send` looks at the whole list again.
fn not_done(conn: &Connection, campaign: i64) -> Result<()> {
    conn.execute("UPDATE campaign SET done = NULL WHERE id = ?1", [campaign])?;
    Ok(())
}

/// Withdraws a letter whose guest has said no, or asked for no more letters, since it was queued; one that is wanted, or does not lie
/// in the queue, is left as it is. `send` does not invite the guest again. True where it was withdrawn.
pub fn withdraw_unwanted(conn: &Connection, id: i64, now: Timestamp) -> Result<bool> {
    let Some(before) = found(conn, id)? else { return Ok(false) };
    match (&before.delivery, before.unwanted.as_ref().map(Unwanted::before)) {
        (Delivery::Queued { .. }, Some(why)) => {
            // One that may have left before is what it was, not one that never left.
            let signal = match before_resend(conn, id)? {
                Some(before) => Signal::TakenBack { before: Box::new(before) },
                None => Signal::Cancelled { why },
            };
            settle(conn, id, signal, now, &Patience::default(), None)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn waiting(conn: &Connection, campaign: i64, invitation: Option<i64>) -> Result<Vec<i64>> {
    let sql = match invitation {
        Some(_) => "SELECT id FROM letter WHERE invitation = ?1 AND state = 'queued' ORDER BY id",
        None => "SELECT id FROM letter WHERE campaign = ?1 AND state = 'queued' ORDER BY id",
    };
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([invitation.unwrap_or(campaign)], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// What a letter that may have left was when the organiser had it queued again, by the journal; None where it has never left.
fn before_resend(conn: &Connection, id: i64) -> Result<Option<Delivery>> {
    let sql = format!(
        "SELECT b.body ->> 'state', b.at, b.body ->> 'why' FROM letter l JOIN fact b ON b.invitation = l.invitation
         WHERE l.id = ?1 AND {MAY_HAVE_LEFT} AND b.body ->> 'fact' = 'letter' AND b.body ->> 'kind' = l.kind
         AND b.body ->> 'number' = l.number AND b.body ->> 'state' IN ('uncertain', 'bounced', 'failed') ORDER BY b.id DESC LIMIT 1"
    );
    let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, at(row.get(1)?), row.get::<_, String>(2)?));
    let found = conn.prepare_cached(&sql)?.query_row([id], row).optional()?;
    Ok(found.map(|(state, at, why)| match state.as_str() {
        "uncertain" => Delivery::Uncertain { since: at, why },
        "bounced" => Delivery::Bounced { at, why },
        _ => Delivery::Failed { at, why },
    }))
}

/// The invitations whose newest letter was withdrawn and may not have left before, and whose guests have said nothing: they are to
/// be invited again. Not so where the program withdrew it and the guest still wants no more letters, nor where an earlier letter went to
/// the same address: it was mended, and mended back.
pub fn withdrawn(conn: &Connection, campaign: i64) -> Result<HashSet<i64>> {
    let mut statement = conn.prepare_cached(&of_withdrawn())?;
    Ok(statement.query_map([campaign], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// What [`withdrawn`] asks.
fn of_withdrawn() -> String {
    format!(
        "SELECT l.invitation FROM letter l JOIN invitation i ON i.id = l.invitation
         WHERE l.campaign = ?1 AND l.state = 'cancelled' AND l.kind = 'invitation' AND i.standing IN ('silent', 'unreachable')
         AND NOT EXISTS (SELECT 1 FROM letter n WHERE n.invitation = l.invitation AND n.id > l.id) AND NOT {MAY_HAVE_LEFT}
         AND NOT (l.why <> '' AND i.unwilling IS NOT NULL) AND NOT {GONE_THERE}"
    )
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

/// Every letter that a dead process held becomes *uncertain*, and what left later than now, by a clock that was ahead, counts as having
/// left now: else it would count for limits until that time has passed, and not for one window. Only the holder of the lock may call
/// it. How many letters became uncertain.
pub fn recover(conn: &Connection, now: Timestamp) -> Result<usize> {
    let mut statement = conn.prepare_cached("SELECT id FROM letter WHERE state = 'sending'")?;
    let held = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    for id in &held {
        settle(conn, *id, Signal::Orphaned, now, &Patience::default(), None)?;
    }
    let ahead: i64 =
        conn.query_row("SELECT coalesce(sum(letters), 0) FROM departure WHERE second > ?1", [now.as_second()], |row| row.get(0))?;
    conn.execute("DELETE FROM departure WHERE second > ?1", [now.as_second()])?;
    depart(conn, now, ahead)?;
    let old = now.saturating_sub(REMEMBERED).unwrap_or(now).as_second();
    conn.execute("DELETE FROM departure WHERE second < ?1", [old])?;
    Ok(held.len())
}

/// The letter of an invitation that a notice about these addresses brings back: the newest of those to them. Where all letters went
/// to one address it is the newest, whatever the notice calls that address: mail is passed on. Else None.
pub fn returned(conn: &Connection, invitation: i64, to: &[Address]) -> Result<Option<i64>> {
    let sql = "SELECT id, rcpt_to FROM letter WHERE invitation = ?1 AND state <> 'cancelled' ORDER BY id DESC";
    let mut statement = conn.prepare_cached(sql)?;
    let letters =
        statement.query_map([invitation], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
    let Some((newest, address)) = letters.first() else { return Ok(None) };
    let named = letters.iter().find(|(_, rcpt_to)| to.iter().any(|to| to.as_str() == rcpt_to)).map(|(id, _)| *id);
    Ok(named.or_else(|| letters.iter().all(|(_, rcpt_to)| rcpt_to == address).then_some(*newest)))
}

/// True where the guest's address was mended after this letter was written.
fn is_to_former_address(conn: &Connection, id: i64) -> Result<bool> {
    let sql = "SELECT l.rcpt_to <> i.email FROM letter l JOIN invitation i ON i.id = l.invitation WHERE l.id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, outbox, plan};

    #[test]
    fn who_is_to_be_invited_again_is_found_without_walking_all_letters() {
        let plan = plan(&of_withdrawn());
        assert!(plan.contains("letter_withdrawn (campaign=?)") && !plan.contains("SCAN"), "{plan}");
    }

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
            let taken_back = withdraw(conn, 1, Some(1), now)?;
            Ok((taken_back, withdrawn(conn, 1)?, found(conn, 1)?.map(|found| found.delivery)))
        });
        let doubt = Delivery::Uncertain { since: now, why: "no answer".into() };
        assert_eq!(left.await.unwrap(), (Withdrawn { cancelled: 0, taken_back: 1 }, HashSet::new(), Some(doubt)));
        // What was refused by a later attempt is refused; it may have left all the same.
        let refused = store.write(move |conn| {
            settle(conn, 1, Signal::Resend, now, &Patience::default(), None)?;
            fail(conn, 1, "no such user".into(), now)?;
            settle(conn, 1, Signal::Resend, now, &Patience::default(), None)?;
            Ok((withdraw(conn, 1, None, now)?.taken_back, found(conn, 1)?.map(|found| found.delivery)))
        });
        assert_eq!(refused.await.unwrap(), (1, Some(Delivery::Failed { at: now, why: "no such user".into() })));
    }

    #[tokio::test]
    async fn a_guest_who_says_no_while_a_sender_holds_the_letter_is_not_tried_again() {
        let now = Timestamp::from_second(10).unwrap();
        for (answer, since, state) in
            [("none", 20, "queued"), ("decline", 20, "cancelled"), ("delegate", 20, "cancelled"), ("decline", 5, "queued")]
        {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("convoke.db")).unwrap();
            held(&store, now).await;
            let after = store.write(move |conn| {
                conn.execute("UPDATE invitation SET answer = ?1, since = ?2", params![answer, since * 1_000])?;
                settle(conn, 1, Signal::Deferred { why: "later".into() }, now, &Patience::default(), Some(b"x"))
            });
            assert_eq!(after.await.unwrap().as_str(), state, "{answer} at {since}");
        }
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
        let (none, one) = (Withdrawn::default(), Withdrawn { cancelled: 1, taken_back: 0 });
        assert_eq!((before, after, done), ((none, 0), (none, none, one), None));
        assert_eq!((silent, answered), (HashSet::from([1]), HashSet::new()), "who has answered is not invited again");
    }
}
