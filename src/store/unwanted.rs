//! Letters that nobody wants any more: since they were queued, their guests have said no, or asked for no more letters. They are
//! withdrawn instead of sent, and counted here.
//!
//! What a guest says is about the own invitation: several guests may share an address, and a wish to be left out of one event says
//! nothing of another.

use super::{Result, views};
use crate::model::Answer;
use rusqlite::{Connection, Row};

/// Why a letter that waits is not to leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unwanted {
    /// It is an invitation, and its guest has said no, or sends somebody.
    No(Answer),
    /// Its guest surely wants no more letters of this campaign, of whatever kind.
    NoMoreLetters,
}

impl Unwanted {
    /// From the two columns of [`columns`] in a row; None where the letter may leave.
    pub(super) fn of(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Self>> {
        let answer: Option<String> = row.get(first)?;
        let no_more: bool = row.get(first + 1)?;
        let no = answer.and_then(|answer| Answer::parse(&answer)).map(Self::No);
        Ok(no.or(no_more.then_some(Self::NoMoreLetters)))
    }

    /// Why it was withdrawn, as it stands in the letter's row and in the journal.
    pub(super) fn before(&self) -> String {
        match self {
            Self::No(answer) => format!("the guest had answered {answer} before it left"),
            Self::NoMoreLetters => "the guest had asked for no more letters before it left".to_owned(),
        }
    }
}

/// True of an invitation (`letter l`) whose guest (`invitation i`) has said no, or sends somebody, since it was queued. One that the
/// organiser queued after the no is wanted.
const SAID_NO: &str = "(l.kind = 'invitation' AND i.answer IN ('decline', 'delegate') AND i.since >= l.at)";

/// True of a `letter l`, of whatever kind, whose guest (`invitation i`) surely asked for no more letters since it was queued; NULL where
/// there is no such wish.
const NO_MORE_LETTERS: &str = "i.unwilling >= l.at";

/// True of a `letter l` that was withdrawn by the program itself: it then has a reason (a range of the index, as `<>` would not be). No
/// letter follows it unless the organiser queues one.
pub(super) const BY_ITSELF: &str = "l.why > '' AND NOT EXISTS (SELECT 1 FROM letter n WHERE n.invitation = l.invitation AND n.id > l.id)";

/// The two columns that [`Unwanted::of`] reads, of a `letter l` to an `invitation i`.
pub(super) fn columns() -> String {
    format!("CASE WHEN {SAID_NO} THEN i.answer END, coalesce({NO_MORE_LETTERS}, 0)")
}

/// True of an invitation `i` with a letter `l` that was withdrawn for a reason which is none any more: the guest may come, and has no
/// invitation.
pub(super) const MISSED: &str = "(i.answer IN ('accept', 'tentative') OR i.answer NOT IN ('decline', 'delegate') AND i.unwilling IS NULL)";

/// How many letters in the queue are withdrawn when their turn comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Withdrawals {
    /// Invitations whose guests have said no since.
    pub no: u64,
    /// Other letters whose guests have asked for no more since.
    pub unwilling: u64,
}

/// How many letters of a campaign are withdrawn when their turn comes.
pub fn unwanted(conn: &Connection, campaign: i64) -> Result<Withdrawals> {
    if views::in_state(conn, campaign, "queued")? == 0 {
        return Ok(Withdrawals::default());
    }
    let count = |sql: String| -> Result<u64> { Ok(conn.prepare_cached(&sql)?.query_row([campaign], |row| row.get(0))?) };
    // In this order: there are fewer guests who have said no, or want no more letters, than letters.
    let no = count(format!(
        "SELECT count(*) FROM invitation i CROSS JOIN letter l ON l.invitation = i.id
         WHERE i.campaign = ?1 AND i.standing IN ('decline', 'delegate', 'needs_look') AND l.state = 'queued' AND {SAID_NO}"
    ))?;
    let unwilling = count(format!(
        "SELECT count(*) FROM invitation i INDEXED BY invitation_unwilling CROSS JOIN letter l ON l.invitation = i.id
         WHERE i.campaign = ?1 AND {NO_MORE_LETTERS} AND l.state = 'queued' AND NOT {SAID_NO}"
    ))?;
    Ok(Withdrawals { no, unwilling })
}

/// Letters of a campaign that the program withdrew because nobody wanted them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KeptBack {
    pub letters: u64,
    /// So many of their guests say no to nothing, and want no more letters.
    pub unwilling: u64,
    /// So many may come after all, and have no invitation.
    pub missed: u64,
}

/// How many letters of a campaign the program withdrew, and what their guests say now.
pub(super) fn kept_back(conn: &Connection, campaign: i64) -> Result<KeptBack> {
    let row = |row: &Row<'_>| Ok(KeptBack { letters: row.get(0)?, unwilling: row.get(1)?, missed: row.get(2)? });
    Ok(conn.prepare_cached(&of_kept_back())?.query_row([campaign], row)?)
}

/// What [`kept_back`] asks.
fn of_kept_back() -> String {
    format!(
        "SELECT count(*), count(*) FILTER (WHERE i.answer NOT IN ('decline', 'delegate') AND NOT {MISSED}), count(*) FILTER (WHERE {MISSED})
         FROM letter l JOIN invitation i ON i.id = l.invitation
         WHERE l.campaign = ?1 AND l.state = 'cancelled' AND {BY_ITSELF}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Fact, Patience, Signal},
        store::{Store, journal, outbox, plan},
    };
    use jiff::Timestamp;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_was_kept_back_is_counted_without_walking_all_letters() {
        let plan = plan(&of_kept_back());
        assert!(plan.contains("letter_withdrawn (campaign=? AND why>?)") && !plan.contains("SCAN"), "{plan}");
    }

    /// Two campaigns; in the first, b@x has had a letter, and in the second a reminder waits for each of two guests at b@x since second 10.
    async fn waits(store: &Store) {
        let rows = r#"INSERT INTO campaign (id, name, definition, created) VALUES (1, 'gala', '{}', 0), (2, 'ball', '{}', 0);
            INSERT INTO edition VALUES (1, 2, '', '{', 0);
            INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, 'a', 'b', '', 'b@x.example', '', 'en', '{}', 0, 0), (2, 2, 'b', 'b', '', 'b@x.example', '', 'en', '{}', 0, 0),
                (3, 2, 'c', 'c', '', 'b@x.example', '', 'en', '{}', 0, 0);
            INSERT INTO letter (id, invitation, campaign, edition, kind, number, message_id, mail_from, rcpt_to, created, state, due, at)
                VALUES (2, 2, 2, 1, 'reminder', 1, '2', 'd@x.example', 'b@x.example', 0, 'queued', 0, 10000),
                       (3, 3, 2, 1, 'reminder', 1, '3', 'd@x.example', 'b@x.example', 0, 'queued', 0, 10000);"#;
        store.write(move |conn| Ok(conn.execute_batch(rows)?)).await.unwrap();
    }

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        waits(&store).await;
        (folder, store)
    }

    #[tokio::test]
    async fn a_letter_of_any_kind_of_the_own_invitation_is_withdrawn_and_no_other_to_the_address() {
        let (_folder, store) = store().await;
        let claimed = store.write(|conn| {
            journal::append(conn, 1, at(20), &Fact::Complained { mail: 1 })?;
            assert_eq!(unwanted(conn, 2)?, Withdrawals::default(), "a wish in another campaign");
            journal::append(conn, 2, at(20), &Fact::Complained { mail: 2 })?;
            Ok((unwanted(conn, 2)?, unwanted(conn, 1)?, outbox::claim(conn, &[2, 3], at(30))?))
        });
        let (ball, gala, claimed) = claimed.await.unwrap();
        assert_eq!((ball, gala, claimed), (Withdrawals { no: 0, unwilling: 1 }, Withdrawals::default(), vec![3]));
        let why = store.read(|conn| Ok(outbox::newest_of(conn, 2)?.unwrap().why)).await.unwrap();
        assert_eq!(why, "the guest had asked for no more letters before it left");
        let kept_back = store.read(|conn| kept_back(conn, 2)).await.unwrap();
        assert_eq!(kept_back, KeptBack { letters: 1, unwilling: 1, missed: 0 });
    }

    #[tokio::test]
    async fn a_letter_that_was_queued_after_the_wish_may_leave() {
        let (_folder, store) = store().await;
        let claimed = store.write(|conn| {
            journal::append(conn, 2, at(5), &Fact::Complained { mail: 1 })?;
            // A mail that needs a look is no new wish.
            journal::append(conn, 2, at(20), &Fact::Looked { mail: 2, why: Vec::new(), guess: None })?;
            Ok((unwanted(conn, 2)?, outbox::claim(conn, &[2], at(30))?))
        });
        assert_eq!(claimed.await.unwrap(), (Withdrawals::default(), vec![2]));
    }

    #[tokio::test]
    async fn a_letter_in_a_senders_hands_is_not_tried_again() {
        let (_folder, store) = store().await;
        let settled = store.write(|conn| {
            outbox::claim(conn, &[2, 3], at(15))?;
            journal::append(conn, 2, at(20), &Fact::Complained { mail: 1 })?;
            let later = |id| outbox::settle(conn, id, Signal::Deferred { why: "later".into() }, at(30), &Patience::default(), Some(b"x"));
            Ok((later(2)?.as_str(), later(3)?.as_str()))
        });
        assert_eq!(settled.await.unwrap(), ("cancelled", "queued"));
    }
}
