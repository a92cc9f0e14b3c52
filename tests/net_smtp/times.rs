//! Each part of the dialogue has its own time.

use super::server::{SILENT, Script};
use super::{account, address, deliver, with_password, word};
use convoke::net::smtp::{Relay, Shut, Timeouts};
use std::time::Duration;

const SHORT: Duration = Duration::from_millis(250);

/// Only one of the times is short; were another one waited for, the test would hang for a minute and fail.
fn only(set: fn(&mut Timeouts)) -> Timeouts {
    let mut times = Timeouts::all(Duration::from_secs(60));
    set(&mut times);
    times
}

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("another time was waited for")
}

#[tokio::test]
async fn the_way_in() {
    let command: fn(&mut Timeouts) = |t| t.command = SHORT;
    for (place, set) in [("CONNECT", (|t| t.greeting = SHORT) as fn(&mut Timeouts)), ("EHLO", command), ("AUTH", command)] {
        let (port, _) = Script::says(&[(place, SILENT)]).offering(&["AUTH PLAIN"]).serve().await;
        let shut = in_time(Relay::connect(&with_password(port), "me.example", &only(set))).await.err();
        assert!(matches!(&shut, Some(Shut::Timeout(words)) if words.contains("0.3 s")), "{place}: {shut:?}");
    }
}

#[tokio::test]
async fn a_letter() {
    type Set = fn(&mut Timeouts);
    let times: [(&str, Set, &str); 4] = [
        ("MAIL", |t| t.command = SHORT, "not begun"),
        ("RCPT", |t| t.command = SHORT, "not begun"),
        ("DATA", |t| t.data = SHORT, "not begun"),
        ("DOT", |t| t.dot = SHORT, "unknown"),
    ];
    for offers in super::OFFERS {
        for (place, set, signal) in times {
            let silent = ["MAIL", "RCPT", "DATA", "DOT"].into_iter().skip_while(|word| *word != place).map(|word| (word, SILENT));
            let (port, _) = Script::says(&silent.collect::<Vec<_>>()).offering(offers).serve().await;
            let mut relay = Relay::connect(&account(port), "me.example", &only(set)).await.unwrap();
            let outcome = in_time(deliver(&mut relay)).await;
            assert_eq!(word(&outcome.signal), signal, "{place}: {outcome:?}");
            assert!(outcome.relay_trouble.is_some_and(|words| words.contains("0.3 s")), "{place}");
        }
    }
}

#[tokio::test]
async fn a_server_that_takes_no_bytes() {
    let (port, _) = Script { stuck: true, ..Script::default() }.serve().await;
    let mut relay = Relay::connect(&account(port), "me.example", &only(|t| t.block = SHORT)).await.unwrap();
    let raw = b"0123456789\r\n".repeat(4_000_000);
    let outcome = in_time(relay.deliver(&address("a@us.example"), &address("b@them.example"), &raw)).await;
    assert_eq!(word(&outcome.signal), "not begun");
    assert!(outcome.relay_trouble.is_some_and(|words| words.contains("took no bytes for 0.3 s")));
}

/// RFC 5321 §4.5.3.2: what a client must wait at least.
#[test]
fn the_times_of_the_standard() {
    let times = Timeouts::default();
    let minutes = |n: u64| Duration::from_secs(n * 60);
    assert!(times.greeting >= minutes(5) && times.command >= minutes(5) && times.data >= minutes(2));
    assert!(times.block >= minutes(3) && times.dot >= minutes(10));
}
