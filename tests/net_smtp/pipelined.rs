//! Many letters over one connection, each with the next one's announcement behind its dot.

use super::authority::Authority;
use super::server::{BYE, SILENT, Script, Seen};
use super::{account, address, patient, word};
use convoke::net::smtp::{Outcome, Parcel, Relay, Timeouts};
use convoke::net::{Account, Security};
use std::time::Duration;

fn parcel(id: i64) -> Parcel {
    let raw = format!("Subject: {id}\r\n\r\n.MAIL FROM:<x@y.example>\r\n{}\r\n", "text ".repeat(12));
    Parcel { id, mail_from: address("office@us.example"), rcpt_to: address(&format!("guest{id}@them.example")), raw: raw.into() }
}

/// As the engine does it. Every letter has exactly one outcome; those that come after the end of the connection have one too.
async fn send(relay: &mut Relay, letters: i64) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut announced = false;
    for id in 1..=letters {
        let this = parcel(id);
        let next = (id < letters).then(|| parcel(id + 1));
        let opened = if std::mem::take(&mut announced) { Ok(()) } else { relay.open(&this).await };
        let ready = match opened {
            Ok(()) => relay.ready().await,
            Err(outcome) => Err(outcome),
        };
        let sent = match ready {
            Ok(()) => {
                announced = next.is_some();
                relay.send(&this, next.as_ref()).await
            }
            Err(outcome) => Err(outcome),
        };
        outcomes.push(match sent {
            Ok(()) => relay.answer().await,
            Err(outcome) => outcome,
        });
    }
    outcomes
}

fn words(outcomes: &[Outcome]) -> String {
    let words =
        outcomes.iter().map(|o| format!("{}{}", word(&o.signal).replace(' ', "-"), if o.relay_trouble.is_some() { "!" } else { "" }));
    words.collect::<Vec<_>>().join(" ")
}

const PIPELINING: &[&str] = &["PIPELINING", "8BITMIME", "SIZE 100000000"];

async fn run(script: Script, step_by_step: bool, letters: i64) -> (String, bool, Seen) {
    let silent = script.eats || script.rules.iter().any(|(_, answer)| answer == SILENT);
    let (port, seen) = script.offering(PIPELINING).serve().await;
    // Only where silence is waited for may the time be short.
    let times =
        if silent { Timeouts { behind: Duration::from_millis(300), ..Timeouts::all(Duration::from_millis(1000)) } } else { patient() };
    let mut relay = Relay::connect(&account(port), "me.example", &times).await.unwrap();
    if step_by_step {
        relay.go_step_by_step();
    }
    let outcomes = send(&mut relay, letters).await;
    (words(&outcomes), relay.lockstep(), seen)
}

/// What the server does, the outcomes pipelined and step by step, whether it seems to lie about PIPELINING.
type Row = (&'static [(&'static str, &'static str)], &'static str, &'static str, bool);

/// What the server does → the outcomes of three letters, pipelined and step by step; whether it seems to lie about PIPELINING.
/// The whole table stands in the unit tests of `net::smtp::dialogue`; here is what the socket has a part in.
#[rustfmt::skip]
const TABLE: &[Row] = &[
    (&[], "accepted accepted accepted", "accepted accepted accepted", false),
    // Hang-ups at every point, without and with a letter announced behind.
    (&[("MAIL@1", BYE)], "not-begun! not-begun not-begun", "not-begun! not-begun not-begun", false),
    (&[("RCPT@1", BYE)], "not-begun! not-begun not-begun", "not-begun! not-begun not-begun", false),
    (&[("DATA@1", BYE)], "not-begun! not-begun not-begun", "not-begun! not-begun not-begun", false),
    (&[("DOT@1", BYE)], "unknown! not-begun not-begun", "unknown! not-begun not-begun", true),
    (&[("DOT@1", "250 ok\r\n\u{1}")], "accepted not-begun not-begun", "accepted not-begun not-begun", true),
    (&[("MAIL@2", BYE)], "accepted not-begun not-begun", "accepted not-begun not-begun", true),
    (&[("RCPT@2", BYE)], "accepted not-begun! not-begun", "accepted not-begun! not-begun", false),
    (&[("DATA@2", BYE)], "accepted not-begun! not-begun", "accepted not-begun! not-begun", false),
    (&[("DOT@2", BYE)], "accepted unknown! not-begun", "accepted unknown! not-begun", false),
    (&[("MAIL@3", BYE)], "accepted accepted not-begun", "accepted accepted not-begun", false),
    (&[("DOT@3", BYE)], "accepted accepted unknown!", "accepted accepted unknown!", false),
    // 421, 450, 451, 452 and 5yz behind a dot.
    (&[("DOT@1", "421 4.3.2 closing\r\n\u{1}")], "deferred! not-begun not-begun", "deferred! not-begun not-begun", false),
    (&[("MAIL@2", "421 4.7.0 slow down\r\n\u{1}")], "accepted not-begun! not-begun", "accepted not-begun! not-begun", false),
    (&[("RCPT@2", "421 4.7.0 slow down\r\n\u{1}")], "accepted deferred! not-begun", "accepted deferred! not-begun", false),
    (&[("DATA@2", "421 4.7.0 slow down\r\n\u{1}")], "accepted not-begun! not-begun", "accepted not-begun! not-begun", false),
    (&[("DOT@1", "450 4.2.0 later\r\n")], "deferred accepted accepted", "deferred accepted accepted", false),
    (&[("DOT@1", "451 4.3.0 later\r\n")], "deferred accepted accepted", "deferred accepted accepted", false),
    (&[("DOT@1", "452 4.3.1 full\r\n")], "deferred accepted accepted", "deferred accepted accepted", false),
    (&[("DOT@1", "554 5.6.0 bad content\r\n")], "rejected accepted accepted", "rejected accepted accepted", false),
    (&[("RCPT@2", "450 4.7.1 greylisted\r\n"), ("DATA@2", "503 5.5.1 no recipient\r\n")], "accepted deferred accepted", "accepted deferred accepted", false),
    (&[("RCPT@2", "550 5.1.1 nobody\r\n"), ("DATA@2", "554 5.5.1 no recipient\r\n")], "accepted rejected accepted", "accepted rejected accepted", false),
    (&[("RCPT@2", "550 5.1.1 nobody\r\n")], "accepted rejected accepted", "accepted rejected accepted", false),
    (&[("DATA@2", "452 4.3.1 full\r\n")], "accepted deferred accepted", "accepted deferred accepted", false),
    (&[("DOT@1", "554 5.6.0 no\r\n"), ("RCPT@2", "550 5.1.1 nobody\r\n"), ("DATA@2", "503 no\r\n"), ("DOT@3", "451 later\r\n")], "rejected rejected deferred", "rejected rejected deferred", false),
    // Silence.
    (&[("DOT@1", SILENT), ("MAIL@2", SILENT), ("RCPT@2", SILENT), ("DATA@2", SILENT)], "unknown! not-begun not-begun", "unknown! not-begun not-begun", true),
    (&[("MAIL@2", SILENT), ("RCPT@2", SILENT), ("DATA@2", SILENT)], "accepted not-begun not-begun", "accepted not-begun! not-begun", true),
    (&[("RCPT@2", SILENT), ("DATA@2", SILENT)], "accepted not-begun not-begun", "accepted not-begun! not-begun", true),
    // Nonsense.
    (&[("DOT@1", "<html>\r\n")], "unknown! not-begun not-begun", "unknown! not-begun not-begun", true),
    (&[("DOT@1", "250-half\r\n25\u{1}")], "unknown! not-begun not-begun", "unknown! not-begun not-begun", true),
    (&[("MAIL@2", "<html>\r\n")], "accepted not-begun not-begun", "accepted not-begun! not-begun", true),
    (&[("DATA@2", "354 go\r\n250 2.0.0 queued\r\n")], "accepted not-begun! not-begun", "accepted not-begun! not-begun", false),
    // It says that it cannot.
    (&[("MAIL@2", "554 SMTP synchronization error\r\n\u{1}")], "accepted not-begun not-begun", "accepted not-begun! not-begun", true),
    (&[("DATA@1", "503 5.5.0 <DATA>: Data command rejected: Improper use of SMTP command pipelining\r\n\u{1}")], "not-begun not-begun not-begun", "not-begun! not-begun not-begun", true),
];

#[tokio::test]
async fn the_table_of_three_letters() {
    for drip in [false, true] {
        for (rules, pipelined, step_by_step, lies) in TABLE {
            for slow in [false, true] {
                if drip && rules.iter().any(|(_, answer)| *answer == SILENT) {
                    continue;
                }
                let (outcomes, lockstep, seen) = run(Script { drip, ..Script::says(rules) }, slow, 3).await;
                let expected = if slow { step_by_step } else { pipelined };
                assert_eq!(outcomes, *expected, "{rules:?} step by step: {slow}, drip: {drip}");
                assert_eq!(lockstep, *lies && !slow, "{rules:?}");
                let taken = outcomes.split(' ').filter(|word| *word == "accepted").count();
                assert!(seen.letters().iter().filter(|letter| !letter.is_empty()).count() >= taken);
            }
        }
    }
}

/// The server holds each answer back until no more bytes lie there, and counts how often it had to answer. A letter and
/// the next announcement are one write of less than a kilobyte, which loopback and TLS deliver whole, so the count is exact:
/// EHLO, the announcement of the first letter, then one for each letter.
#[tokio::test]
async fn one_round_trip_a_letter() {
    let authority = Authority::new();
    for tls in [false, true] {
        let script = Script { tls: tls.then(|| authority.server("localhost", 2100)), ..Script::default().offering(PIPELINING) };
        let (port, seen) = script.serve().await;
        let security = if tls { Security::Tls } else { Security::None };
        let account = Account { security, host: "localhost".into(), ca: Some(authority.pem.clone()), ..account(port) };
        let mut relay = Relay::connect(&account, "me.example", &patient()).await.unwrap();
        let outcomes = send(&mut relay, 200).await;
        assert!(words(&outcomes).split(' ').all(|word| word == "accepted"), "{}", words(&outcomes));
        assert_eq!(seen.turns(), 202, "over TLS: {tls}");
        let letters = seen.letters();
        assert_eq!(letters.len(), 200);
        for (letter, id) in letters.iter().zip(1..) {
            assert!(letter.starts_with(&format!("Subject: {id}\r\n\r\n..MAIL FROM")), "{letter}");
        }
        relay.quit().await;
    }
}

#[tokio::test]
async fn four_round_trips_a_letter_where_nothing_may_be_pipelined() {
    let (outcomes, lockstep, seen) = run(Script::default(), true, 50).await;
    assert!(!lockstep && outcomes.split(' ').all(|word| word == "accepted"));
    assert_eq!(seen.turns(), 201);
    let (port, seen) = Script::default().serve().await;
    let mut relay = super::relay(port).await;
    send(&mut relay, 50).await;
    assert_eq!(seen.turns(), 201);
}

#[tokio::test]
async fn a_server_that_swallows_what_stands_behind_a_dot_is_spoken_to_step_by_step() {
    let eats = Script { eats: true, ..Script::default() };
    let (outcomes, lockstep, seen) = run(eats.clone(), false, 3).await;
    assert_eq!((outcomes.as_str(), lockstep), ("accepted not-begun not-begun", true));
    assert_eq!(seen.letters().len(), 1);
    let (outcomes, lockstep, seen) = run(eats, true, 3).await;
    assert_eq!((outcomes.as_str(), lockstep), ("accepted accepted accepted", false));
    assert_eq!(seen.letters().len(), 3);
}

#[tokio::test]
async fn a_next_letter_that_cannot_be_carried_is_told_in_its_turn() {
    let (port, seen) = Script::default().offering(PIPELINING).serve().await;
    let mut relay = super::relay(port).await;
    let (first, last) = (parcel(1), parcel(3));
    let odd = Parcel { rcpt_to: address("josé@them.example"), ..parcel(2) };
    relay.open(&first).await.unwrap();
    relay.ready().await.unwrap();
    relay.send(&first, Some(&odd)).await.unwrap();
    assert_eq!(words(&[relay.answer().await]), "accepted");
    assert_eq!(words(&[relay.ready().await.unwrap_err()]), "rejected");
    assert!(relay.usable());
    relay.open(&last).await.unwrap();
    relay.ready().await.unwrap();
    relay.send(&last, None).await.unwrap();
    assert_eq!(words(&[relay.answer().await]), "accepted");
    assert_eq!(seen.letters().len(), 2);
    assert!(!seen.commands().contains(&"RSET".to_owned()));
}

#[tokio::test]
async fn big_letters_with_others_behind_them() {
    let (port, seen) = Script::default().offering(PIPELINING).serve().await;
    let mut relay = super::relay(port).await;
    let line = format!("{}\r\n", "y".repeat(76));
    let letters: Vec<Parcel> = [1, 300, 420, 421, 1000, 20_000, 2, 5000, 3]
        .into_iter()
        .zip(1..)
        .map(|(lines, id)| Parcel { raw: line.repeat(lines).into_bytes(), ..parcel(id) })
        .collect();
    relay.open(&letters[0]).await.unwrap();
    for (this, n) in letters.iter().zip(1..) {
        relay.ready().await.unwrap();
        relay.send(this, letters.get(n)).await.unwrap();
        assert_eq!(words(&[relay.answer().await]), "accepted");
    }
    assert!(seen.letters().iter().zip(&letters).all(|(seen, sent)| seen.as_bytes() == sent.raw));
}

#[tokio::test]
async fn an_announced_letter_that_shall_not_go_is_not_delivered() {
    let (port, seen) = Script::default().offering(PIPELINING).serve().await;
    let mut relay = super::relay(port).await;
    let (first, second) = (parcel(1), parcel(2));
    relay.open(&first).await.unwrap();
    relay.ready().await.unwrap();
    relay.send(&first, Some(&second)).await.unwrap();
    assert_eq!(words(&[relay.answer().await]), "accepted");
    relay.ready().await.unwrap();
    relay.quit().await;
    assert_eq!(seen.letters().len(), 1);
    assert!(!seen.commands().contains(&"QUIT".to_owned()));
}

#[tokio::test]
async fn futures_that_are_dropped() {
    let (port, _) =
        Script::says(&[("DOT", SILENT), ("MAIL@2", SILENT), ("RCPT@2", SILENT), ("DATA@2", SILENT)]).offering(PIPELINING).serve().await;
    let mut relay = super::relay(port).await;
    let (first, second) = (parcel(1), parcel(2));
    relay.open(&first).await.unwrap();
    relay.ready().await.unwrap();
    relay.send(&first, Some(&second)).await.unwrap();
    let cut = tokio::time::timeout(Duration::from_millis(50), relay.answer()).await;
    assert!(cut.is_err() && !relay.usable());

    // A server that reads no more: the write of a big letter hangs, and is dropped before its dot.
    let (port, _) = Script { stuck: true, ..Script::default() }.serve().await;
    let mut relay = super::relay(port).await;
    let big = Parcel { raw: b"0123456789\r\n".repeat(4_000_000), ..parcel(1) };
    relay.open(&big).await.unwrap();
    relay.ready().await.unwrap();
    let cut = tokio::time::timeout(Duration::from_millis(200), relay.send(&big, Some(&second))).await;
    assert!(cut.is_err() && !relay.usable());
    assert_eq!(words(&[relay.answer().await]), "not-begun");
    assert_eq!(words(&[relay.open(&second).await.unwrap_err()]), "not-begun!");
}
