//! Every fault at every step of the way in, in one table; and the two commands between letters.

use super::authority::Authority;
use super::server::{BYE, SILENT, Script};
use super::{account, deliver, patient, relay, with_password, word};
use convoke::net::smtp::{Relay, Timeouts};
use convoke::net::{Account, Auth, Security};
use std::time::Duration;

/// A step of the way in, and which account goes there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    Plain,
    Login,
    Token,
    StartTls,
}

const STEPS: &[(&str, Way)] = &[
    ("CONNECT", Way::Plain),
    ("EHLO#1", Way::Plain),
    ("AUTH PLAIN", Way::Plain),
    ("AUTH LOGIN", Way::Login),
    // The user, and the password.
    ("YW5h", Way::Login),
    ("cGFzcw==", Way::Login),
    ("AUTH XOAUTH2", Way::Token),
    ("EHLO#1", Way::StartTls),
    ("STARTTLS", Way::StartTls),
    ("TLS EHLO", Way::StartTls),
    ("AUTH PLAIN", Way::StartTls),
];

fn faults() -> Vec<(&'static str, String, &'static str)> {
    vec![
        ("hangs up", BYE.into(), "Unreachable"),
        ("breaks off", format!("250-half\r\n25{BYE}"), "Unreachable"),
        ("is silent", SILENT.into(), "Timeout"),
        ("babbles", "<html>\r\n".into(), "Protocol"),
        ("speaks binary", "\u{0}\u{7f}\u{3}\r\n".into(), "Protocol"),
        ("has two codes", "250-a\r\n550 b\r\n".into(), "Protocol"),
        ("never ends a line", "2".repeat(100_000), "Protocol"),
        ("never ends a reply", "250-more\r\n".repeat(10_000), "Protocol"),
        ("says 421", format!("421 4.3.2 closing\r\n{BYE}"), "Refused"),
        ("says 450", "450 4.3.2 later\r\n".into(), "Refused"),
        ("says 451", "451 4.3.0 later\r\n".into(), "Refused"),
        ("says 452", "452 4.3.1 full\r\n".into(), "Refused"),
        ("says 454", "454 4.7.0 later\r\n".into(), "Refused"),
        ("says 554", "554 5.7.1 no\r\n".into(), "Refused"),
    ]
}

#[tokio::test]
async fn every_fault_at_every_step() {
    let authority = Authority::new();
    for (step, way) in STEPS {
        for (how, answer, name) in faults() {
            let silent = answer == SILENT;
            let mut script = Script::default().offering(match way {
                Way::Plain => &["AUTH PLAIN"],
                Way::Login => &["AUTH LOGIN"],
                Way::Token => &["AUTH XOAUTH2"],
                Way::StartTls => &["STARTTLS", "AUTH PLAIN"],
            });
            script.rules.push((step, answer));
            script.rules.push(("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n".into()));
            script.rules.push(("YW5h", "334 UGFzc3dvcmQ6\r\n".into()));
            if *way == Way::StartTls {
                script.starttls = Some(authority.server("localhost", 2100));
            }
            let (port, seen) = script.serve().await;
            let account = match way {
                Way::Plain | Way::Login => with_password(port),
                Way::Token => Account { user: Some("ana".into()), auth: Auth::TokenCommand("echo tok".into()), ..account(port) },
                Way::StartTls => {
                    let ca = Some(authority.pem.clone());
                    Account { host: "localhost".into(), security: Security::StartTls, ca, ..with_password(port) }
                }
            };
            let times = if silent {
                Timeouts { command: Duration::from_millis(400), greeting: Duration::from_millis(400), ..patient() }
            } else {
                patient()
            };
            let shut = Relay::connect(&account, "me.example", &times).await.expect_err("the door should be shut");
            let signing_in = step.starts_with("AUTH") || matches!(*step, "YW5h" | "cGFzcw==");
            let name = if signing_in && how == "says 554" { "SignIn" } else { name };
            assert!(format!("{shut:?}").starts_with(name), "{step} {way:?}, the server {how}: {shut:?}");
            assert_eq!(shut.permanent(), how == "says 554", "{step} {way:?}, the server {how}: {shut}");
            assert!(shut.to_string().contains(&account.host) && shut.to_string().len() < 1000, "{shut}");
            assert!(seen.letters().is_empty() && !seen.commands().iter().any(|said| said.starts_with("MAIL")));
        }
    }
}

/// The server consents to TLS, or should speak it from the start, and then does something else.
#[tokio::test]
async fn every_fault_of_the_handshake() {
    for (how, answer, name, permanent) in [
        ("hangs up", BYE.to_owned(), "Unreachable", false),
        ("is silent", SILENT.to_owned(), "Timeout", false),
        ("babbles", format!("{}\r\n", "x".repeat(300)), "Tls", true),
        ("goes on in plain text", "250-hello\r\n250 AUTH PLAIN\r\n".to_owned(), "Tls", true),
    ] {
        let script = Script::says(&[("CONNECT", &answer)]);
        let (port, seen) = script.serve().await;
        let short = Timeouts { connect: Duration::from_millis(if answer == SILENT { 400 } else { 20_000 }), ..patient() };
        let account = Account { security: Security::Tls, ..with_password(port) };
        let shut = Relay::connect(&account, "me.example", &short).await.expect_err("the door should be shut");
        assert!(format!("{shut:?}").starts_with(name), "{how}: {shut:?}");
        assert_eq!(shut.permanent(), permanent, "{how}: {shut}");
        assert!(!seen.commands().iter().any(|said| said.starts_with("EHLO")));
    }
}

#[tokio::test]
async fn between_letters() {
    for (answer, name) in [
        (BYE, "Unreachable"),
        (SILENT, "Timeout"),
        ("421 bye\r\n\u{1}", "Refused"),
        ("500 what\r\n", "Refused"),
        ("<html>\r\n", "Protocol"),
    ] {
        let (port, _) = Script::says(&[("NOOP", answer)]).serve().await;
        let times = if answer == SILENT { Timeouts { command: Duration::from_millis(400), ..patient() } } else { patient() };
        let mut relay = Relay::connect(&account(port), "me.example", &times).await.unwrap();
        assert_eq!(word(&deliver(&mut relay).await.signal), "accepted");
        let shut = relay.noop().await.expect_err("no sign of life");
        assert!(format!("{shut:?}").starts_with(name), "{answer:?}: {shut:?}");
        assert!(!relay.usable());
        assert_eq!(word(&deliver(&mut relay).await.signal), "not begun");
    }
    for answer in [BYE, "500 what\r\n", "<html>\r\n"] {
        let (port, seen) = Script::says(&[("QUIT", answer)]).serve().await;
        relay(port).await.quit().await;
        assert_eq!(seen.commands().last().map(String::as_str), Some("QUIT"));
    }
}
