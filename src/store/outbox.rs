//! Letters on their way out: queued, due, claimed. Plain functions over a connection.
//!
//! A letter is written when it leaves, from its [`Edition`], its guest and its stamp, all of which are in the rows; so what
//! changes with its state is small. Bytes are kept only of a letter whose attempt did not end in *sent*.

pub(super) use super::delivery::give_up;
use super::{
    Error, Result, at,
    delivery::{MAY_HAVE_LEFT, change, depart, found},
    editions::{DRAFT, Parts, REACHED},
    ms,
    unwanted::{self, Unwanted},
};
pub use super::{
    again::{Unread, renew, unread},
    delivery::{Withdrawn, fail, prove, recover, returned, settle, withdraw, withdraw_unwanted, withdrawn},
    editions::{Edition, edition},
    refused::{Apart, goes_with_others, refused},
    waiting::{
        Waiting, count, has_gone_there, in_states, in_states_of, is_queued, may_be_confirmed, newest_of, waiting_for, withdrawn_unread,
    },
};
use crate::model::{Address, Delivery, Guest, Kind, Lang, Letter, Patience, Signal, Stamp};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What of a letter is kept in its row: the rest is written again from the edition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// With angle brackets.
    pub message_id: String,
    /// The language it is written in.
    pub lang: Lang,
    pub mail_from: Address,
    pub rcpt_to: Address,
}

impl From<&Letter> for Envelope {
    fn from(letter: &Letter) -> Self {
        let Letter { message_id, lang, mail_from, rcpt_to, .. } = letter.clone();
        Self { message_id, lang, mail_from, rcpt_to }
    }
}

/// Puts a letter into the queue, due at once; its id. Its edition belongs to `campaign`.
pub fn queue(
    conn: &Connection,
    (campaign, edition, invitation): (i64, i64, i64),
    stamp: &Stamp,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<i64> {
    let sql =
        "INSERT INTO letter (invitation, campaign, edition, kind, number, message_id, mail_from, rcpt_to, earlier, created, state, due, at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'queued', ?11, ?11)";
    conn.prepare_cached(sql)?.execute(params![
        invitation,
        campaign,
        edition,
        stamp.kind.as_str(),
        stamp.number,
        envelope.message_id,
        envelope.mail_from.as_str(),
        envelope.rcpt_to.as_str(),
        stamp.earlier.join(" "),
        ms(stamp.date),
        ms(now)
    ])?;
    let id = conn.last_insert_rowid();
    let sql = "INSERT INTO sample (campaign, edition, kind, lang, letter) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
    conn.prepare_cached(sql)?.execute(params![campaign, edition, stamp.kind.as_str(), envelope.lang.as_str(), id])?;
    Ok(id)
}

/// The Message-IDs of an invitation's letters but for those that were withdrawn, oldest first, and how many there are of one kind,
/// all counted.
pub fn earlier(conn: &Connection, invitation: i64, kind: Kind) -> Result<(Vec<String>, u32)> {
    let sql = "SELECT message_id, kind = ?2, state = 'cancelled' FROM letter WHERE invitation = ?1 ORDER BY id";
    let mut statement = conn.prepare_cached(sql)?;
    let row = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, row.get::<_, bool>(2)?));
    let rows = statement.query_map(params![invitation, kind.as_str()], row)?.collect::<rusqlite::Result<Vec<_>>>()?;
    let same = rows.iter().filter(|(_, same, _)| *same).count();
    let left = rows.into_iter().filter(|(_, _, withdrawn)| !withdrawn).map(|(id, ..)| id);
    Ok((left.collect(), u32::try_from(same).unwrap_or(u32::MAX)))
}

/// True of an error that says: another process has queued the same letter, or invited the same guest, a moment before.
pub fn is_queued_already(error: &Error) -> bool {
    let unique = rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE;
    matches!(error, Error::Sqlite(error) if error.sqlite_extended_error_code() == Some(unique))
}

/// A letter that is due, with everything to write it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upcoming {
    pub id: i64,
    pub campaign: i64,
    pub invitation: i64,
    /// None only where `kept` is there: queued before there were editions.
    pub edition: Option<i64>,
    pub due: Timestamp,
    /// With the address that this letter goes to.
    pub guest: Guest,
    pub stamp: Stamp,
    pub mail_from: Address,
    pub rcpt_to: Address,
    /// The bytes of an earlier attempt: they go out again.
    pub kept: Option<Vec<u8>>,
    /// An earlier attempt may have left: its date is this one's too. The date of another letter is set when it is claimed ([`date`]).
    pub dated: bool,
    /// Nobody wants it any more.
    unwanted: bool,
}

/// What [`upcoming`] found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Batch {
    pub letters: Vec<Upcoming>,
    /// Letters whose rows cannot be read, and why: [`fail`] them, so that they stop no other.
    pub unreadable: Vec<(i64, String)>,
    /// Letters whose guests have said no, or asked for no more, since they were queued: [`withdraw_unwanted`].
    pub unwanted: Vec<i64>,
}

impl Batch {
    /// How many letters were found, of whatever kind.
    pub fn found(&self) -> usize {
        self.letters.len() + self.unreadable.len() + self.unwanted.len()
    }
}

/// Letters that are due at `now`, oldest first, at most `limit`; those of paused campaigns and of `closed` ones cost nothing.
/// `held` says which the caller has in its hands already. A letter that is due later than any pause lasts, or later than now though
/// nobody has tried it yet, was written down under another clock, one that has been set back since: it is due now.
pub fn upcoming(conn: &Connection, now: Timestamp, closed: &[i64], held: impl Fn(i64) -> bool, limit: usize) -> Result<Batch> {
    let all = "SELECT due, id FROM letter WHERE campaign = ?1 AND state = 'queued' AND due BETWEEN ?2 AND ?3 ORDER BY due, id";
    let (at_once, beyond) = (ms(now), beyond_pauses(now));
    let mut found: Vec<(i64, i64)> = Vec::new();
    for campaign in open(conn, closed)? {
        let mut taken = 0;
        for (sql, from, to) in [(all, i64::MIN, at_once), (UNTRIED, at_once + 1, beyond - 1), (all, beyond, i64::MAX)] {
            let mut statement = conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![campaign, from, to])?;
            while taken < limit
                && let Some(row) = rows.next()?
            {
                let (due, id) = (row.get(0)?, row.get(1)?);
                if !held(id) {
                    found.push((due, id));
                    taken += 1;
                }
            }
        }
    }
    found.sort_unstable();
    found.truncate(limit);
    let mut batch = Batch::default();
    for (_, id) in found {
        match load(conn, id)? {
            Ok(letter) if letter.unwanted => batch.unwanted.push(id),
            Ok(letter) => batch.letters.push(letter),
            Err(why) => batch.unreadable.push((id, why)),
        }
    }
    Ok(batch)
}

/// The campaigns that are neither paused nor in `closed`.
fn open(conn: &Connection, closed: &[i64]) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached("SELECT id FROM campaign WHERE NOT paused")?;
    let mut ids = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    ids.retain(|id| !closed.contains(id));
    Ok(ids)
}

pub(super) fn load(conn: &Connection, id: i64) -> Result<std::result::Result<Upcoming, String>> {
    let sql = format!(
        "SELECT l.campaign, l.invitation, l.edition, l.due, l.mail_from, b.raw,
         b.raw IS NOT NULL OR l.attempts > 0 OR {MAY_HAVE_LEFT}, {}, {DRAFT}
         FROM letter l JOIN invitation i ON i.id = l.invitation LEFT JOIN body b ON b.letter = l.id WHERE l.id = ?1",
        unwanted::columns()
    );
    let row = |row: &Row<'_>| {
        let due: i64 = row.get(3)?;
        let (edition, kept): (Option<i64>, Option<Vec<u8>>) = (row.get(2)?, row.get(5)?);
        let (dated, unwanted): (bool, bool) = (row.get(6)?, Unwanted::of(row, 7)?.is_some());
        Ok((row.get(0)?, row.get(1)?, edition, due, row.get::<_, String>(4)?, kept, (dated, unwanted), Parts::of(row, 9)?))
    };
    let (campaign, invitation, edition, due, mail_from, kept, (dated, unwanted), parts) =
        match conn.prepare_cached(&sql)?.query_row([id], row) {
            Ok(found) => found,
            Err(error @ (rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..))) => {
                return Ok(Err(format!("its row in the database cannot be read: {error}")));
            }
            Err(error) => return Err(error.into()),
        };
    let read = || {
        let (guest, stamp) = parts.read()?;
        let mail_from = Address::parse(&mail_from).map_err(|error| format!("the address {mail_from:?} cannot be used: {error}"))?;
        if edition.is_none() && kept.is_none() {
            return Err("neither its bytes nor its templates are in the database".to_owned());
        }
        let rcpt_to = guest.email.clone();
        Ok(Upcoming { id, campaign, invitation, edition, due: at(due), guest, stamp, mail_from, rcpt_to, kept, dated, unwanted })
    };
    Ok(read())
}

/// Takes letters into a sender's hands: those that are *sending* now, in the given order. One that is no longer queued, or whose
/// campaign is paused, is left out; one that nobody wants any more is withdrawn. At that instant they are *claimed*: found so after a
/// crash, they are uncertain.
pub fn claim(conn: &Connection, ids: &[i64], now: Timestamp) -> Result<Vec<i64>> {
    let mut claimed = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(before) = found(conn, *id)? else { continue };
        if before.paused || !matches!(before.delivery, Delivery::Queued { .. }) {
            continue;
        }
        if before.is_unwanted() {
            withdraw_unwanted(conn, *id, now)?;
            continue;
        }
        change(conn, *id, &before, Signal::Claimed, now, &Patience::default())?;
        claimed.push(*id);
    }
    depart(conn, now, i64::try_from(claimed.len()).unwrap_or(0))?;
    Ok(claimed)
}

/// Sets the date that a letter bears as it leaves, in the transaction that claims it: written again, it has the same.
pub fn date(conn: &Connection, id: i64, date: Timestamp) -> Result<()> {
    conn.prepare_cached("UPDATE letter SET created = ?2 WHERE id = ?1 AND created <> ?2")?.execute(params![id, ms(date)])?;
    Ok(())
}

/// How many letters of all campaigns were claimed since a moment, less those that were not begun: (start of the bucket, letters),
/// oldest first, empty buckets left out. A bucket is at least a second long, and counted from 1970.
pub fn left_since(conn: &Connection, since: Timestamp, bucket: SignedDuration) -> Result<Vec<(Timestamp, u64)>> {
    let width = bucket.as_secs().max(1);
    let sql = "SELECT second / ?2 * ?2, sum(letters) FROM departure WHERE second >= ?1 GROUP BY 1 HAVING sum(letters) > 0 ORDER BY 1";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params![since.as_second(), width], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    rows.map(|row| {
        let (second, letters) = row?;
        Ok((at(second.saturating_mul(1_000)), letters))
    })
    .collect()
}

/// The invitation that a letter belongs to.
pub fn invitation_of(conn: &Connection, id: i64) -> Result<i64> {
    Ok(conn.prepare_cached("SELECT invitation FROM letter WHERE id = ?1")?.query_row([id], |row| row.get(0))?)
}

/// No letter that is put off waits longer: [`Patience`] ends at 4 hours and a part.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(8);

/// A due time from here on belongs to another clock.
fn beyond_pauses(now: Timestamp) -> i64 {
    ms(now.saturating_add(LONGEST_PAUSE).unwrap_or(Timestamp::MAX))
}

/// Letters of a campaign (?1) that nobody has tried, due from ?2 to ?3. Only a refusal puts a letter off. Of letters that are put off
/// it passes over 10,000 at most: a look takes some milliseconds, and what lies behind them is found once they have left.
const UNTRIED: &str = "SELECT due, id FROM (SELECT due, id, attempts FROM letter WHERE campaign = ?1 AND state = 'queued'
    AND due BETWEEN ?2 AND ?3 ORDER BY due, id LIMIT 10000) WHERE attempts = 0";

/// When the next letter of a campaign that is not paused is due.
pub fn next_due(conn: &Connection, now: Timestamp) -> Result<Option<Timestamp>> {
    next_due_beside(conn, &[], now)
}

/// When the next letter of a campaign that is neither paused nor `closed` is due; never further ahead than pauses last.
pub fn next_due_beside(conn: &Connection, closed: &[i64], now: Timestamp) -> Result<Option<Timestamp>> {
    let sql = "SELECT due FROM letter WHERE campaign = ?1 AND state = 'queued' ORDER BY due, id LIMIT 1";
    let (at_once, mut next) = (ms(now), None::<i64>);
    for campaign in open(conn, closed)? {
        let mut due: Option<i64> = conn.prepare_cached(sql)?.query_row([campaign], |row| row.get(0)).optional()?;
        if due.is_some_and(|due| due > at_once)
            && conn.prepare_cached(UNTRIED)?.exists(params![campaign, at_once + 1, beyond_pauses(now) - 1])?
        {
            due = Some(at_once);
        }
        next = next.into_iter().chain(due).min();
    }
    Ok(next.map(|due| if due < beyond_pauses(now) { at(due) } else { now }))
}

/// How many letters of a campaign have come into their state since a moment.
pub fn count_since(conn: &Connection, campaign: i64, state: &str, since: Timestamp) -> Result<u64> {
    let sql = "SELECT count(*) FROM letter WHERE campaign = ?1 AND state = ?2 AND at >= ?3";
    Ok(conn.prepare_cached(sql)?.query_row(params![campaign, state, ms(since)], |row| row.get(0))?)
}

/// How many letters are in somebody's hands.
pub fn sending(conn: &Connection) -> Result<usize> {
    Ok(conn.prepare_cached("SELECT count(*) FROM letter WHERE state = 'sending'")?.query_row([], |row| row.get(0))?)
}

/// The letter with this Message-ID (with angle brackets): (letter, invitation).
pub fn by_message_id(conn: &Connection, message_id: &str) -> Result<Option<(i64, i64)>> {
    let sql = "SELECT id, invitation FROM letter WHERE message_id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([message_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

/// The address that a letter goes to, as it is written in its row.
pub fn recipient(conn: &Connection, id: i64) -> Result<String> {
    Ok(conn.prepare_cached("SELECT rcpt_to FROM letter WHERE id = ?1")?.query_row([id], |row| row.get(0))?)
}

/// The newest letter of an invitation.
pub fn newest(conn: &Connection, invitation: i64) -> Result<Option<i64>> {
    let sql = "SELECT id FROM letter WHERE invitation = ?1 ORDER BY id DESC LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([invitation], |row| row.get(0)).optional()?)
}

/// The letter that a mail is about which names its guest and no letter (a notice names addresses, too): the only one of them that may
/// have left. None where none has, or where nobody can tell which of several is meant.
pub fn only_departed(conn: &Connection, invitation: i64, to: &[Address]) -> Result<Option<i64>> {
    // One that the server put off may have been delivered all the same.
    let sql = format!(
        "SELECT id, rcpt_to FROM letter l WHERE invitation = ?1 AND (state IN ({REACHED}) OR attempts > 0 OR {MAY_HAVE_LEFT}
         OR EXISTS (SELECT 1 FROM fact f WHERE f.invitation = l.invitation AND f.body ->> 'fact' = 'letter'
                    AND f.body ->> 'kind' = l.kind AND f.body ->> 'number' = l.number AND f.body ->> 'state' = 'queued'))"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([invitation], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut departed = rows.collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
    let named = |rcpt_to: &str| to.iter().any(|to| to.as_str() == rcpt_to);
    if departed.iter().any(|(_, rcpt_to)| named(rcpt_to)) {
        departed.retain(|(_, rcpt_to)| named(rcpt_to));
    }
    Ok(match departed.as_slice() {
        [(only, _)] => Some(*only),
        _ => None,
    })
}

/// The invitation that waits and has no letter beside it but those that were withdrawn before they left: who knows its guest's token
/// has read it. In a restored backup it waits though it has left.
pub fn only_waiting(conn: &Connection, invitation: i64) -> Result<Option<i64>> {
    let sql = format!(
        "SELECT id, kind = 'invitation' AND state = 'queued' FROM letter l
         WHERE invitation = ?1 AND (state <> 'cancelled' OR {MAY_HAVE_LEFT}) LIMIT 2"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([invitation], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(match rows.collect::<rusqlite::Result<Vec<(i64, bool)>>>()?.as_slice() {
        [(only, true)] => Some(*only),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn a_guest_who_was_invited_meanwhile_is_no_other_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let failed = |sql: &'static str| store.write(move |conn| Ok(conn.execute_batch(sql)?));
        failed("INSERT INTO campaign (id, name, definition, created) VALUES (1, 'c', '{}', 0)").await.unwrap();
        let twice = "INSERT INTO invitation (campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
            (1, 'a', 'a', '', 'a', '', 'en', '{}', 0, 0), (1, 'b', 'a', '', 'a', '', 'en', '{}', 0, 0)";
        assert!(is_queued_already(&failed(twice).await.unwrap_err()));
        assert!(!is_queued_already(&failed("INSERT INTO nowhere VALUES (1)").await.unwrap_err()));
    }

    #[tokio::test]
    async fn what_left_by_a_clock_that_was_ahead_counts_for_one_window() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let left = move |conn: &Connection| left_since(conn, at(0), SignedDuration::from_secs(1));
        let rows = "INSERT INTO departure (second, letters) VALUES (900, 2), (1000, 3), (1728000, 4), (1728100, 5)";
        store.write(move |conn| Ok((conn.execute_batch(rows)?, recover(conn, at(1000))?))).await.unwrap();
        assert_eq!(store.read(left).await.unwrap(), [(at(900), 2), (at(1000), 12)]);
        store.write(move |conn| recover(conn, at(1060))).await.unwrap();
        assert_eq!(store.read(left).await.unwrap(), [(at(900), 2), (at(1000), 12)], "once");
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_leaves_no_letter_lying_that_nobody_has_tried() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let guest = r#"{"email":"b@x.example","name":"","lang":null,"organisation":null,"zone":null,"fields":{},"row":2}"#;
        let (now, hour) = (Timestamp::from_second(1_000).unwrap(), 3_600_000);
        let mut rows = "INSERT INTO campaign (id, name, definition, created) VALUES (1, 'c', '{}', 0);
             INSERT INTO edition VALUES (1, 1, '', '{', 0);"
            .to_owned();
        for (id, due, attempts) in [(1, 2 * hour, 0), (2, 2 * hour, 1), (3, 9 * hour, 1)] {
            rows += &format!(
                "INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since)
                    VALUES ({id}, 1, '0123456789a{id}', '{id}', '', '{id}', '', 'en', '{guest}', 0, 0);
                 INSERT INTO letter (id, invitation, campaign, edition, kind, number, message_id, mail_from, rcpt_to, created, state,
                    due, at, attempts)
                    VALUES ({id}, {id}, 1, 1, 'invitation', 1, '{id}', 'd@x.example', 'b@x.example', 0, 'queued', {due}, 0, {attempts});"
            );
        }
        store.write(move |conn| Ok(conn.execute_batch(&rows)?)).await.unwrap();
        let (batch, next) = store.read(move |conn| Ok((upcoming(conn, now, &[], |_| false, 9)?, next_due(conn, now)?))).await.unwrap();
        assert_eq!(batch.letters.iter().map(|letter| letter.id).collect::<Vec<_>>(), [1, 3], "a refusal puts the second off");
        assert_eq!(next, Some(now));
        let one = store.read(move |conn| upcoming(conn, now, &[], |letter| letter == 1, 1)).await.unwrap();
        assert_eq!(one.letters.iter().map(|letter| letter.id).collect::<Vec<_>>(), [3]);
        store.write(|conn| Ok(conn.execute_batch("DELETE FROM letter WHERE id <> 2")?)).await.unwrap();
        let next = store.read(move |conn| next_due(conn, now)).await.unwrap();
        assert_eq!(next.map(Timestamp::as_millisecond), Some(2 * hour));
    }

    #[tokio::test]
    async fn a_letter_whose_rows_cannot_be_read_stops_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let guest = r#"{"email":"b@x.example","name":"","lang":null,"organisation":null,"zone":null,"fields":{},"row":2}"#;
        let token = "0123456789a";
        let rows = format!(
            "INSERT INTO campaign (id, name, definition, created) VALUES (1, 'c', '{{}}', 0);
             INSERT INTO edition VALUES (1, 1, '', '{{', 0);
             INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, '{token}b', 'a', '', 'a', '', 'en', '{guest}', 0, 0), (2, 1, '{token}c', 'b', '', 'b', '', 'en', '{guest}', 0, 0),
                (3, 1, '{token}d', 'c', '', 'c', '', 'en', '{{\"email\":', 0, 0), (4, 1, 'short', 'd', '', 'd', '', 'en', '{guest}', 0, 0);
             INSERT INTO letter (id, invitation, campaign, edition, kind, number, message_id, mail_from, rcpt_to, created, state, due, at)
                VALUES (1, 1, 1, 1, 'invitation', 1, '1', 'd@x.example', 'a b@x.example', 0, 'queued', 0, 0),
                       (2, 2, 1, 1, 'invitation', 1, '2', 'd@x.example', 'b@x.example', 0, 'queued', 1, 0),
                       (3, 3, 1, 1, 'invitation', 1, '3', 'd@x.example', 'c@x.example', 0, 'queued', 0, 0),
                       (4, 4, 1, 1, 'invitation', 1, '4', 'd@x.example', 'd@x.example', 0, 'queued', 0, 0);"
        );
        let now = Timestamp::from_second(10).unwrap();
        let batch = store.write(move |conn| Ok((conn.execute_batch(&rows)?, upcoming(conn, now, &[], |_| false, 9)?).1)).await.unwrap();
        assert_eq!(batch.letters.iter().map(|letter| letter.id).collect::<Vec<_>>(), [2]);
        assert_eq!(batch.unreadable.len(), 3);
        for (id, why) in batch.unreadable {
            store.write(move |conn| fail(conn, id, why, now)).await.unwrap();
        }
        let failed = store.read(|conn| in_states(conn, &["failed"], 9)).await.unwrap();
        let why: Vec<&str> = failed.iter().map(|letter| letter.why.as_str()).collect();
        assert!(why.len() == 3 && why[0].contains("a b@x.example") && why[1].contains("guest") && why[2].contains("short"), "{why:?}");
        let next = store.read(move |conn| upcoming(conn, now, &[], |_| false, 9)).await.unwrap();
        assert_eq!((next.letters.len(), next.unreadable.len()), (1, 0));
        assert!(matches!(store.read(|conn| edition(conn, 1)).await, Err(Error::Unreadable(_))), "its letters fail, one by one");
    }
}
