//! One letter at a time: every answer, every hang-up, every lie.

use super::authority::Authority;
use super::server::{BYE, SILENT, Script};
use super::{LETTER, OFFERS, account, address, deliver, patient, relay, word};
use convoke::model::Signal;
use convoke::net::smtp::{Relay, Timeouts};
use convoke::net::{Account, Security};
use std::time::Duration;

#[tokio::test]
async fn a_letter_is_accepted_with_the_servers_words() {
    for offers in OFFERS {
        for drip in [false, true] {
            let script = Script { drip, ..Script::default().offering(offers) };
            let (port, seen) = script.serve().await;
            let mut relay = relay(port).await;
            for _ in 0..3 {
                let outcome = deliver(&mut relay).await;
                assert_eq!(outcome.signal, Signal::Accepted { receipt: "2.0.0 queued as Q1".into() });
                assert_eq!((outcome.code, outcome.enhanced.as_deref(), outcome.relay_trouble), (Some(250), Some("2.0.0"), None));
            }
            assert!(relay.usable());
            relay.noop().await.unwrap();
            relay.quit().await;
            assert_eq!(seen.letters(), ["Subject: hello\r\n\r\n..dot\r\nbye\r\n"; 3]);
            let all = seen.commands();
            assert_eq!(all.first().map(String::as_str), Some("EHLO me.example"));
            assert_eq!(all.last().map(String::as_str), Some("QUIT"));
            if offers.is_empty() {
                assert_eq!(all[1..4], ["MAIL FROM:<office@us.example>", "RCPT TO:<guest@them.example>", "DATA"]);
            } else {
                assert_eq!(all[1], format!("MAIL FROM:<office@us.example> SIZE={} RET=HDRS", LETTER.len()));
                assert_eq!(all[2], "RCPT TO:<guest@them.example> NOTIFY=FAILURE,DELAY");
            }
        }
    }
}

#[tokio::test]
async fn the_end_of_the_connection_at_every_point() {
    for offers in OFFERS {
        for (place, signal) in [("MAIL", "not begun"), ("RCPT", "not begun"), ("DATA", "not begun"), ("DOT", "unknown")] {
            for (how, answer) in [
                ("hangs up", BYE),
                ("is silent", SILENT),
                ("breaks off", "250-half\r\n25\u{1}"),
                ("babbles", "<html>\r\n"),
                ("is odd", "399 hm\r\n"),
            ] {
                let (port, _) = Script::says(&[(place, answer)]).offering(offers).serve().await;
                let patience = if answer == SILENT { Timeouts::quick() } else { patient() };
                let mut relay = Relay::connect(&account(port), "me.example", &patience).await.unwrap();
                let outcome = deliver(&mut relay).await;
                assert_eq!(word(&outcome.signal), signal, "{place} {how}: {outcome:?}");
                assert!(outcome.relay_trouble.is_some(), "{place} {how}");
                assert!(!relay.usable(), "{place} {how}");
                assert_eq!(word(&deliver(&mut relay).await.signal), "not begun");
            }
        }
    }
}

#[tokio::test]
async fn refusals_at_every_command() {
    for offers in OFFERS {
        for (place, code, signal, trouble, usable) in [
            ("MAIL", 421, "not begun", true, false),
            ("MAIL", 450, "not begun", true, true),
            ("MAIL", 451, "not begun", true, true),
            ("MAIL", 452, "not begun", true, true),
            ("MAIL", 535, "not begun", true, true),
            ("MAIL", 550, "not begun", true, true),
            ("MAIL", 552, "rejected", false, true),
            ("RCPT", 421, "deferred", true, false),
            ("RCPT", 450, "deferred", false, true),
            ("RCPT", 451, "deferred", false, true),
            ("RCPT", 452, "deferred", false, true),
            ("RCPT", 530, "not begun", true, true),
            ("RCPT", 550, "rejected", false, true),
            ("DATA", 421, "not begun", true, false),
            ("DATA", 450, "deferred", false, true),
            ("DATA", 451, "deferred", false, true),
            ("DATA", 452, "deferred", false, true),
            ("DATA", 554, "rejected", false, true),
            ("DOT", 421, "deferred", true, false),
            ("DOT", 450, "deferred", false, true),
            ("DOT", 451, "deferred", false, true),
            ("DOT", 452, "deferred", false, true),
            ("DOT", 550, "rejected", false, true),
            ("DOT", 552, "rejected", false, true),
            ("DOT", 554, "rejected", false, true),
        ] {
            let answer = format!("{code} no luck\r\n");
            let first = format!("{place}#1");
            let first: &'static str = first.leak();
            let mut rules = vec![(first, answer.as_str())];
            // A good server has no DATA without a recipient.
            if matches!(place, "MAIL" | "RCPT") {
                rules.push(("DATA#1", "503 5.5.1 no recipient\r\n"));
                if place == "MAIL" {
                    rules.push(("RCPT#1", "503 5.5.1 no sender\r\n"));
                }
                if offers.is_empty() {
                    rules.truncate(1);
                }
            }
            let (port, seen) = Script::says(&rules).offering(offers).serve().await;
            let mut relay = relay(port).await;
            let outcome = deliver(&mut relay).await;
            assert_eq!(word(&outcome.signal), signal, "{place} {code}: {outcome:?}");
            assert_eq!(outcome.relay_trouble.is_some(), trouble, "{place} {code}: {outcome:?}");
            assert_eq!(outcome.code, Some(code), "{place}");
            assert_eq!(relay.usable(), usable, "{place} {code}");
            if usable {
                let next = deliver(&mut relay).await;
                assert_eq!(word(&next.signal), "accepted", "after {place} {code}: {next:?}");
                assert!(seen.commands().contains(&"RSET".to_owned()), "{place} {code}");
                assert!(next.relay_trouble.is_none());
            }
        }
    }
}

#[tokio::test]
async fn a_refused_guest_gets_nothing_even_when_the_server_asks_for_the_letter() {
    let script = Script::says(&[("RCPT#1", "550 5.1.1 nobody\r\n"), ("DOT#1", "554 5.5.1 no valid recipients\r\n")]);
    let (port, seen) = script.offering(&["PIPELINING"]).serve().await;
    let mut relay = relay(port).await;
    let outcome = deliver(&mut relay).await;
    assert_eq!(word(&outcome.signal), "rejected");
    assert_eq!(outcome.enhanced.as_deref(), Some("5.1.1"));
    assert_eq!(seen.letters(), [""]);
    assert_eq!(word(&deliver(&mut relay).await.signal), "accepted");
}

#[tokio::test]
async fn an_answer_that_comes_before_its_question_is_not_believed() {
    for offers in OFFERS {
        let (port, _) = Script::says(&[("DATA", "354 go\r\n250 2.0.0 queued\r\n")]).offering(offers).serve().await;
        let mut relay = relay(port).await;
        let outcome = deliver(&mut relay).await;
        assert_eq!(word(&outcome.signal), "not begun", "{outcome:?}");
        assert!(!relay.usable());
    }
}

#[tokio::test]
async fn a_big_letter_cut_short_was_not_begun() {
    let (port, _) = Script::says(&[("BODY", "")]).serve().await;
    let mut relay = relay(port).await;
    let raw = "x".repeat(70).into_bytes().into_iter().chain(*b"\r\n").collect::<Vec<_>>().repeat(300_000);
    let outcome = relay.deliver(&address("a@us.example"), &address("b@them.example"), &raw).await;
    assert_eq!(word(&outcome.signal), "not begun", "{outcome:?}");
    assert!(!relay.usable());
}

#[tokio::test]
async fn a_big_letter_arrives_whole() {
    for security in [Security::None, Security::Tls] {
        let authority = Authority::new();
        let tls = (security == Security::Tls).then(|| authority.server("localhost", 2100));
        let (port, seen) = Script { tls, ..Script::default().offering(&["PIPELINING"]) }.serve().await;
        let account = Account { security, host: "localhost".into(), ca: Some(authority.pem.clone()), ..account(port) };
        let mut relay = Relay::connect(&account, "me.example", &Timeouts::all(Duration::from_secs(20))).await.unwrap();
        let line = format!("{}\r\n", "y".repeat(76));
        for lines in [1, 300, 420, 421, 1000, 20_000] {
            let raw = line.repeat(lines);
            let outcome = relay.deliver(&address("a@us.example"), &address("b@them.example"), raw.as_bytes()).await;
            assert_eq!(word(&outcome.signal), "accepted", "{outcome:?}");
            assert_eq!(seen.letters().last(), Some(&raw));
        }
    }
}

#[tokio::test]
async fn a_relay_that_hung_up_while_nobody_looked_is_no_trouble_after_a_good_letter() {
    let (port, _) = Script::says(&[("DOT", "250 ok\r\n421 4.4.2 idle too long\r\n\u{1}")]).serve().await;
    let mut relay = relay(port).await;
    assert_eq!(word(&deliver(&mut relay).await.signal), "accepted");
    let outcome = deliver(&mut relay).await;
    assert_eq!(word(&outcome.signal), "not begun");
    assert_eq!(outcome.relay_trouble, None);
}

#[tokio::test]
async fn what_the_server_cannot_carry_is_not_offered() {
    let (port, seen) = Script::default().offering(&["SIZE 100"]).serve().await;
    let mut relay = relay(port).await;
    let from = address("office@us.example");
    let outcome = relay.deliver(&from, &address("josé@them.example"), b"hi").await;
    assert!(matches!(&outcome.signal, Signal::Rejected { why } if why.contains("SMTPUTF8")), "{outcome:?}");
    let outcome = relay.deliver(&from, &address("jose@them.example"), &[b'x'; 101]).await;
    assert!(matches!(&outcome.signal, Signal::Rejected { why } if why.contains("at most 100")), "{outcome:?}");
    assert!(relay.usable());
    assert_eq!(word(&deliver(&mut relay).await.signal), "accepted");
    assert_eq!(seen.letters().len(), 1);

    let (port, seen) = Script::default().offering(&["SMTPUTF8", "8BITMIME"]).serve().await;
    let mut relay = Relay::connect(&account(port), "me.example", &patient()).await.unwrap();
    relay.deliver(&from, &address("josé@bücher.example"), "é".as_bytes()).await;
    let said = seen.commands();
    assert!(said.contains(&"MAIL FROM:<office@us.example> BODY=8BITMIME SMTPUTF8".to_owned()), "{said:?}");
    assert!(said.contains(&"RCPT TO:<josé@xn--bcher-kva.example>".to_owned()), "{said:?}");
}

#[tokio::test]
async fn a_cancelled_letter_leaves_no_usable_connection() {
    let (port, _) = Script::says(&[("DOT", SILENT)]).serve().await;
    let mut relay = Relay::connect(&account(port), "me.example", &Timeouts::default()).await.unwrap();
    let cut = tokio::time::timeout(Duration::from_millis(100), deliver(&mut relay)).await;
    assert!(cut.is_err());
    assert!(!relay.usable());
}
