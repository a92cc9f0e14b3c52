//! The outbox, by hand: what is upcoming, who may claim it, what is kept of it.

use super::invited::invite;
use convoke::{
    model::{Answer, Delivery, Fact, Patience, Signal},
    store::{Connection, Store, backup, campaigns, journal, outbox, outbox::Apart, views},
    work::rule::{self, Word},
};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

/// A database with guests 0 to 3 invited to `gala` at noon, and 4 and 5 to `ball` a second earlier.
fn two_campaigns() -> (TempDir, Connection) {
    let folder = super::folder();
    let path = folder.path().join("convoke.db");
    drop(Store::open(&path).expect("a database"));
    let conn = Connection::open(&path).expect("a database");
    (0..4).for_each(|number| invite(&conn, "gala", number, noon()));
    (4..6).for_each(|number| invite(&conn, "ball", number, later(-1)));
    (folder, conn)
}

fn noon() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().expect("a time")
}

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

fn upcoming(conn: &Connection, now: Timestamp, closed: &[i64], held: &[i64], limit: usize) -> Vec<i64> {
    let batch = outbox::upcoming(conn, now, closed, |id| held.contains(&id), limit).expect("a look");
    assert_eq!(batch.unreadable, []);
    batch.letters.iter().map(|letter| letter.id).collect()
}

fn settle(conn: &Connection, id: i64, signal: Signal, now: Timestamp, bytes: &[u8]) -> Delivery {
    outbox::settle(conn, id, signal, now, &Patience::default(), Some(bytes)).expect("settled")
}

#[tokio::test]
async fn no_statistics_are_kept_of_a_list_that_may_grow() {
    let folder = super::folder();
    let path = folder.path().join("convoke.db");
    let store = Store::open(&path).expect("a database");
    let write = |conn: &Connection| {
        invite(conn, "gala", 0, noon());
        Ok(())
    };
    store.write(write).await.expect("written");
    drop(store);
    let conn = Connection::open(&path).expect("a database");
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'";
    let kept: i64 = conn.query_row(sql, [], |row| row.get(0)).expect("a number");
    assert_eq!(kept, 0);
}

#[test]
fn a_clock_that_was_set_back_keeps_no_letter_waiting() {
    let (_folder, conn) = two_campaigns();
    let (an_hour, nine_hours) = (later(-3_600), later(-9 * 3_600));
    assert_eq!(upcoming(&conn, an_hour, &[], &[], 9), [5, 6, 1, 2, 3, 4], "nobody has tried them");
    assert_eq!(outbox::next_due(&conn, an_hour).expect("a look"), Some(an_hour));
    conn.execute("UPDATE letter SET attempts = 1", []).expect("tried");
    assert_eq!(upcoming(&conn, an_hour, &[], &[], 9), Vec::<i64>::new(), "it may be a pause");
    assert_eq!(outbox::next_due(&conn, an_hour).expect("a look"), Some(later(-1)));
    assert_eq!(upcoming(&conn, nine_hours, &[], &[], 9), [5, 6, 1, 2, 3, 4], "no pause is so long");
    assert_eq!(outbox::next_due(&conn, nine_hours).expect("a look"), Some(nine_hours));
    assert_eq!(outbox::claim(&conn, &[5], nine_hours).expect("claimed"), [5]);
}

#[test]
fn what_is_due_comes_oldest_first_and_what_is_paused_closed_or_held_does_not() {
    let (_folder, conn) = two_campaigns();
    let ball = campaigns::by_name(&conn, "ball").expect("a look").expect("a campaign").id;
    assert_eq!(upcoming(&conn, later(-1), &[], &[], 2), [5, 6], "what is due comes before what nobody has tried");
    assert_eq!(upcoming(&conn, noon(), &[], &[], 9), [5, 6, 1, 2, 3, 4]);
    assert_eq!(upcoming(&conn, noon(), &[], &[5, 1], 3), [6, 2, 3]);
    assert_eq!(upcoming(&conn, noon(), &[ball], &[], 2), [1, 2]);
    assert_eq!(outbox::next_due_beside(&conn, &[ball], noon()).expect("a look"), Some(noon()));
    assert_eq!(outbox::next_due(&conn, noon()).expect("a look"), Some(later(-1)));

    campaigns::pause_itself(&conn, ball, "20 letters in a row were refused").expect("paused");
    assert_eq!(upcoming(&conn, noon(), &[], &[], 9), [1, 2, 3, 4]);
    assert_eq!(outbox::claim(&conn, &[5, 3, 2, 99], noon()).expect("claimed"), [3, 2], "neither a paused one nor one that is not there");
    assert_eq!(outbox::claim(&conn, &[1, 2, 3], noon()).expect("claimed"), [1], "what is claimed is nobody else's");
    let why = |name| views::status(&conn, name).expect("status").expect("a campaign").paused_why;
    assert_eq!((why("ball").as_str(), why("gala").as_str()), ("20 letters in a row were refused", ""));
    campaigns::set_paused(&conn, "ball", false).expect("resumed");
    assert_eq!((why("ball").as_str(), upcoming(&conn, noon(), &[], &[], 9)), ("", vec![5, 6, 4]));
}

#[test]
fn bytes_are_kept_until_a_letter_is_sent_and_are_those_of_the_first_attempt() {
    let (_folder, conn) = two_campaigns();
    let kept = |id: i64| conn.query_row("SELECT count(*) FROM body WHERE letter = ?1", [id], |row| row.get::<_, u32>(0)).expect("a number");
    outbox::claim(&conn, &[1, 2, 3], noon()).expect("claimed");
    settle(&conn, 1, Signal::Accepted { receipt: "250 ok".into() }, noon(), b"one");
    settle(&conn, 2, Signal::Deferred { why: "451 later".into() }, noon(), b"two");
    settle(&conn, 3, Signal::NotBegun { why: "the connection ended".into() }, noon(), b"three");
    assert_eq!((kept(1), kept(2), kept(3)), (0, 1, 1));
    let again = outbox::upcoming(&conn, later(3600), &[], |_| false, 9).expect("a look").letters;
    let bytes = |id: i64| again.iter().find(|letter| letter.id == id).expect("it is due again").kept.clone();
    assert_eq!((bytes(2).as_deref(), bytes(3).as_deref(), bytes(4)), (Some(b"two".as_slice()), Some(b"three".as_slice()), None));
    outbox::claim(&conn, &[2], later(3600)).expect("claimed");
    settle(&conn, 2, Signal::Unknown { why: "no answer".into() }, later(3600), b"other bytes");
    let raw: Vec<u8> = conn.query_row("SELECT raw FROM body WHERE letter = 2", [], |row| row.get(0)).expect("bytes");
    assert_eq!(raw, b"two");
}

#[test]
fn departures_are_counted_for_limits_that_outlive_the_program() {
    let (_folder, conn) = two_campaigns();
    outbox::claim(&conn, &[5, 6], noon()).expect("claimed");
    outbox::claim(&conn, &[1, 2, 3], later(90)).expect("claimed");
    settle(&conn, 2, Signal::NotBegun { why: "the connection ended".into() }, later(200), b"");
    outbox::fail(&conn, 3, "its templates cannot be read".into(), later(200)).expect("failed");
    outbox::fail(&conn, 4, "its guest cannot be read".into(), later(200)).expect("failed");
    let minute = SignedDuration::from_mins(1);
    let left = |since| outbox::left_since(&conn, since, minute).expect("a look");
    assert_eq!(left(later(-86_400)), [(noon(), 2), (later(60), 1)], "one was not begun, and what failed unwritten did not leave");
    assert_eq!(left(later(60)), [(later(60), 1)]);
    outbox::recover(&conn, later(50 * 86_400)).expect("recovered");
    assert_eq!(left(Timestamp::UNIX_EPOCH), [], "after forty days nobody asks");
}

#[test]
fn what_was_refused_for_good_goes_again_with_others_where_nothing_speaks_against_it() {
    let (_folder, conn) = two_campaigns();
    let gala = campaigns::by_name(&conn, "gala").expect("a look").expect("a campaign").id;
    let apart = || -> Vec<(i64, Option<Apart>)> {
        let refused = outbox::refused(&conn, gala).expect("a look");
        let all: Vec<_> = refused.into_iter().map(|(letter, apart)| (letter.letter, apart)).collect();
        for (letter, apart) in &all {
            assert_eq!(outbox::goes_with_others(&conn, *letter).expect("a look"), apart.is_none(), "letter {letter}");
        }
        all
    };
    let tried = |id, signal| {
        outbox::claim(&conn, &[id], noon()).expect("claimed");
        settle(&conn, id, signal, noon(), b"x");
    };
    let no = || Signal::Rejected { why: "554 no".into() };
    let goes = |id| outbox::goes_with_others(&conn, id).expect("a look");
    assert!(!goes(1), "it waits");
    (1..=3).for_each(|id| tried(id, no()));
    assert_eq!(apart(), [(1, None), (2, None), (3, None)]);

    // What is queued again, is in doubt, or was in doubt once does not go with others.
    settle(&conn, 1, Signal::Resend, noon(), b"x");
    assert!(!goes(1));
    tried(1, Signal::Unknown { why: "no answer".into() });
    assert_eq!((goes(1), apart()), (false, vec![(2, None), (3, None)]));
    settle(&conn, 1, Signal::Resend, noon(), b"x");
    tried(1, no());

    let append = |invitation, fact: Fact| journal::append(&conn, invitation, later(1), &fact).expect("a fact");
    append(2, Fact::Unreachable { why: "550 5.1.1 no such user".into() });
    append(3, Fact::Complained { mail: 1 });
    assert_eq!(apart(), [(1, Some(Apart::MayHaveLeft)), (2, Some(Apart::NoAddress)), (3, Some(Apart::Unwanted))]);
    // The organiser knows that the guest comes: the address is as dead as before. Who says no is not invited at another one.
    let ruled = |answer| Fact::Ruled { answer, party: None, delegate: None, note: String::new(), mail: None };
    append(2, ruled(Answer::Accept));
    assert_eq!(apart()[1], (2, Some(Apart::NoAddress)));
    append(2, ruled(Answer::Decline));
    assert_eq!(apart()[1], (2, Some(Apart::Unwanted)));
    append(2, ruled(Answer::Tentative));
    append(2, Fact::Mended { from: "guest1@post.example".into(), to: "guest.1@post.example".into() });
    assert_eq!(apart()[1], (2, None));
}

/// The organiser looks at a letter in doubt and has it sent again at another desk: it waits then, and has not left.
#[tokio::test]
async fn a_letter_that_is_no_more_in_doubt_when_the_word_comes_does_not_count_as_sent() {
    let (folder, conn) = two_campaigns();
    outbox::claim(&conn, &[1, 2], noon()).expect("claimed");
    (1..=2).for_each(|id| drop(settle(&conn, id, Signal::Unknown { why: "no answer".into() }, noon(), b"x")));
    settle(&conn, 1, Signal::Resend, later(1), b"x");
    let store = Store::open(&folder.path().join("convoke.db")).expect("the database");
    let confirm = |letter| rule::letter(&store, letter, Word::Confirm, later(2));
    assert_eq!([confirm(1).await.expect("no error"), confirm(2).await.expect("no error")], [false, true]);
    assert!(!confirm(2).await.expect("no error"), "once");
    let state = |id: i64| conn.query_row("SELECT state FROM letter WHERE id = ?1", [id], |row| row.get::<_, String>(0)).expect("a letter");
    assert_eq!([state(1), state(2)], ["queued", "sent"]);

    // In a backup that was put back it may have left, until the campaign goes on.
    let sql = "UPDATE campaign SET paused = ?1, paused_why = ?2 WHERE name = 'gala'";
    conn.execute(sql, (true, "20 letters in a row were refused")).expect("paused");
    assert!(!confirm(1).await.expect("no error"));
    conn.execute(sql, (true, format!("{}yesterday", backup::RESTORED))).expect("restored");
    assert!(confirm(1).await.expect("no error"));
    assert_eq!(state(1), "sent");
}
