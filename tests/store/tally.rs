//! The numbers kept beside the facts are those that a count finds, whatever happens.

use convoke::{
    model::{Answer, Fact, Patience, Signal},
    store::{
        Connection, Store, campaigns,
        inbox::{self, Arrived, Bucket},
        journal, outbox, views,
    },
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

use super::invited::invite;

/// Compares every number of `status`, for every campaign, with a count over the tables.
pub fn is_true(conn: &Connection) {
    for known in campaigns::all(conn).expect("campaigns") {
        let status = views::status(conn, &known.campaign.name).expect("status").expect("the campaign");
        let count = |sql: &str| -> BTreeMap<String, u64> {
            let mut statement = conn.prepare(sql).expect("SQL");
            let rows = statement.query_map([known.id], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
            rows.collect::<Result<_, _>>().expect("rows")
        };
        let told = |counts: &views::Counts| -> BTreeMap<String, u64> {
            let some = counts.0.iter().filter(|(word, count)| *count > 0 && *word != "total");
            some.map(|(word, count)| ((*word).to_owned(), *count)).collect()
        };
        let standing = count("SELECT standing, count(*) FROM invitation WHERE campaign = ?1 GROUP BY 1");
        let delivery =
            count("SELECT l.state, count(*) FROM letter l JOIN invitation i ON i.id = l.invitation WHERE i.campaign = ?1 GROUP BY 1");
        let open = count(
            "SELECT state, count(*) FROM letter l WHERE campaign = ?1 AND NOT (state IN ('uncertain', 'failed', 'bounced') AND EXISTS
             (SELECT 1 FROM letter n WHERE n.invitation = l.invitation AND n.kind = l.kind AND n.number > l.number)) GROUP BY 1",
        );
        let mail = count("SELECT bucket, count(*) FROM mail WHERE campaign = ?1 OR campaign IS NULL GROUP BY 1");
        let people = count("SELECT '', coalesce(sum(people), 0) FROM invitation WHERE campaign = ?1");
        assert_eq!(told(&status.standing), standing);
        assert_eq!(told(&status.delivery), open);
        assert_eq!(told(&status.mail), mail);
        assert_eq!(Some(&status.people), people.get(""));
        assert_eq!((status.guests, status.mail.get("total")), (standing.values().sum(), mail.values().sum()));
        for state in views::DELIVERIES {
            let counted = delivery.get(state).copied().unwrap_or(0);
            assert_eq!(views::in_state(conn, known.id, state).expect("a number"), counted, "{state}");
        }
    }
}

/// Something that happens to a database of two campaigns; numbers name a letter, a guest or a mail, if it is there.
#[derive(Clone, Debug)]
enum Happening {
    Invite(bool),
    Claim(Vec<u8>),
    Settle(u8, Signal),
    Fail(u8),
    Prove(u8, bool),
    Answer(u8, Answer, Option<u32>),
    Mail(Option<u8>, Bucket),
    Close(u8),
    Assign(u8, u8),
    Recover,
    Pause(bool),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening as H;
    let why = || "why".to_owned();
    let signal = prop_oneof![
        Just(Signal::Accepted { receipt: why() }),
        Just(Signal::Deferred { why: why() }),
        Just(Signal::Rejected { why: why() }),
        Just(Signal::Unknown { why: why() }),
        Just(Signal::NotBegun { why: why() }),
        Just(Signal::Resend),
        Just(Signal::Confirm),
        Just(Signal::Cancelled { why: why() }),
    ];
    let answer = prop_oneof![Just(Answer::Accept), Just(Answer::Decline), Just(Answer::Delegate), Just(Answer::Tentative)];
    let bucket =
        prop_oneof![Just(Bucket::Recorded), Just(Bucket::NeedsLook), Just(Bucket::Automatic), Just(Bucket::Bounces), Just(Bucket::NotOurs)];
    prop_oneof![
        3 => any::<bool>().prop_map(H::Invite),
        3 => prop::collection::vec(0u8..12, 1..5).prop_map(H::Claim),
        4 => (0u8..12, signal).prop_map(|(letter, signal)| H::Settle(letter, signal)),
        1 => (0u8..12).prop_map(H::Fail),
        1 => (0u8..12, any::<bool>()).prop_map(|(letter, back)| H::Prove(letter, back)),
        3 => (0u8..12, answer, prop::option::of(1u32..5)).prop_map(|(guest, answer, party)| H::Answer(guest, answer, party)),
        3 => (prop::option::of(0u8..12), bucket).prop_map(|(guest, bucket)| H::Mail(guest, bucket)),
        1 => (0u8..12).prop_map(H::Close),
        1 => (0u8..12, 0u8..12).prop_map(|(mail, guest)| H::Assign(mail, guest)),
        1 => Just(H::Recover),
        1 => any::<bool>().prop_map(H::Pause),
    ]
}

fn happen(conn: &Connection, what: Happening, step: u64, now: Timestamp) {
    use Happening as H;
    let patience = Patience::default();
    let letter = |number: u8| {
        let id = i64::from(number) + 1;
        conn.prepare("SELECT 1 FROM letter WHERE id = ?1").expect("SQL").exists([id]).expect("a look").then_some(id)
    };
    match what {
        H::Invite(first) => invite(conn, if first { "gala" } else { "ball" }, step, now),
        H::Claim(numbers) => {
            let ids: Vec<i64> = numbers.into_iter().map(|number| i64::from(number) + 1).collect();
            outbox::claim(conn, &ids, now).expect("claimed");
        }
        H::Settle(number, signal) => {
            // A signal that the law does not know is refused, and changes nothing.
            let _ = letter(number).map(|id| outbox::settle(conn, id, signal, now, &patience, Some(b"bytes")));
        }
        H::Fail(number) => {
            if let Some(id) = letter(number) {
                outbox::fail(conn, id, "why".into(), now).expect("failed");
            }
        }
        H::Prove(number, back) => {
            let signal = if back { Signal::Bounced { why: "back".into() } } else { Signal::Proven };
            if let Some(id) = letter(number) {
                outbox::prove(conn, id, signal, now).expect("proven");
            }
        }
        H::Answer(number, answer, party) => {
            let fact = Fact::Ruled { answer, party, delegate: None, note: String::new(), mail: None };
            if let Some(invitation) = letter(number) {
                journal::append(conn, invitation, now, &fact).expect("ruled");
            }
        }
        H::Mail(guest, bucket) => {
            let invitation = guest.and_then(letter);
            let mail = Arrived {
                identity: format!("{}", step % 20),
                folder: "INBOX".into(),
                uid: 1,
                arrived: now,
                bucket,
                campaign: invitation.map(|id| campaigns::invitation(conn, id).expect("a look").expect("a guest").campaign),
                invitation,
                sender: String::new(),
                subject: String::new(),
                said: String::new(),
                verdict: None,
                doubts: Vec::new(),
                raw: None,
            };
            inbox::keep(conn, &mail, now).expect("kept");
        }
        H::Close(mail) => inbox::close(conn, i64::from(mail) + 1).expect("closed"),
        H::Assign(mail, guest) => {
            if let Some(id) = letter(guest) {
                inbox::assign(conn, i64::from(mail) + 1, id).expect("assigned");
            }
        }
        H::Recover => {
            outbox::recover(conn, now).expect("recovered");
        }
        H::Pause(paused) => {
            campaigns::set_paused(conn, "gala", paused).expect("paused");
        }
    }
}

/// Letters that left, as the departures count them: every claim, less those that were not begun.
fn departed(conn: &Connection) -> u64 {
    let buckets = outbox::left_since(conn, Timestamp::UNIX_EPOCH, SignedDuration::from_mins(1)).expect("departures");
    buckets.into_iter().map(|(_, letters)| letters).sum()
}

fn sending(conn: &Connection) -> u64 {
    conn.query_row("SELECT count(*) FROM letter WHERE state = 'sending'", [], |row| row.get(0)).expect("a number")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_numbers_are_those_that_a_count_finds(all in prop::collection::vec(happening(), 1..60)) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("convoke.db");
        drop(Store::open(&path).expect("a database"));
        let conn = Connection::open(&path).expect("a database");
        conn.execute_batch("PRAGMA synchronous = OFF").expect("a test's speed");
        let noon: Timestamp = "2026-11-30T12:00:00Z".parse().expect("a time");
        for (step, what) in (0u64..).zip(all) {
            let now = noon + SignedDuration::from_secs(i64::try_from(step).expect("few steps"));
            let (left, held, claim) = (departed(&conn), sending(&conn), matches!(what, Happening::Claim(_)));
            happen(&conn, what, step, now);
            if claim {
                prop_assert_eq!(departed(&conn) - left, sending(&conn) - held);
            }
        }
        is_true(&conn);
    }
}
