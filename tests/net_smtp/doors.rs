//! The way in: greeting, TLS, sign-in, and who is not let in.

use super::authority::{self, Authority};
use super::server::{BYE, SILENT, Script};
use super::{account, deliver, patient, relay, with_password, word};
use convoke::net::smtp::{Relay, Shut, Timeouts};
use convoke::net::{Account, Auth, Security};
use std::time::Duration;
use tokio::net::TcpListener;

async fn shut(script: Script, account: impl Fn(u16) -> Account) -> Shut {
    let silent = script.rules.iter().any(|(_, answer)| answer == SILENT);
    let (port, _) = script.clone().serve().await;
    let account = account(port);
    // A plain client and a server that waits for TLS are silent both.
    let silent = silent || script.tls.is_some() && account.security == Security::None;
    let patience = if silent { Timeouts::quick() } else { patient() };
    Relay::connect(&account, "me.example", &patience).await.expect_err("the door should be shut")
}

#[tokio::test]
async fn a_relay_that_will_not_talk() {
    for (place, answer, name, permanent) in [
        ("CONNECT", "554 5.7.1 go away\r\n", "Refused", true),
        ("CONNECT", "421 busy\r\n\u{1}", "Refused", false),
        ("CONNECT", BYE, "Unreachable", false),
        ("CONNECT", SILENT, "Timeout", false),
        ("CONNECT", "* OK IMAP4rev1 ready\r\n", "Protocol", false),
        ("CONNECT", "250 hm\r\n", "Protocol", false),
        ("EHLO", "550 no\r\n", "Refused", true),
        ("EHLO", "451 later\r\n", "Refused", false),
        ("EHLO", BYE, "Unreachable", false),
        ("EHLO", SILENT, "Timeout", false),
        ("AUTH", "535 5.7.8 wrong\r\n", "SignIn", true),
        ("AUTH", "534 too weak\r\n", "SignIn", true),
        ("AUTH", "454 4.7.0 later\r\n", "Refused", false),
        ("AUTH", "432 4.3.2 too many\r\n", "Refused", false),
        ("AUTH", BYE, "Unreachable", false),
        ("AUTH", "250 hm\r\n", "Protocol", false),
    ] {
        let why = shut(Script::says(&[(place, answer)]).offering(&["AUTH PLAIN"]), with_password).await;
        assert!(format!("{why:?}").starts_with(name), "{place} {answer:?}: {why:?}");
        assert_eq!(why.permanent(), permanent, "{place} {answer:?}: {why}");
        assert!(why.to_string().contains("127.0.0.1") && !why.to_string().contains("pass\""), "{why}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let why = Relay::connect(&account(port), "me.example", &patient()).await.err().unwrap();
    assert!(matches!(&why, Shut::Unreachable(words) if words.contains("check host")), "{why:?}");
    let nowhere = Account { host: "no-such-host.invalid".into(), ..account(port) };
    let why = Relay::connect(&nowhere, "me.example", &Timeouts::all(Duration::from_secs(5))).await.err().unwrap();
    assert!(matches!(why, Shut::Unreachable(_) | Shut::Timeout(_)), "{why:?}");
}

#[tokio::test]
async fn every_way_to_sign_in() {
    let huge = |port| Account { user: Some("ana".into()), auth: Auth::TokenCommand("printf %09999d 7".into()), ..account(port) };
    assert!(
        matches!(shut(Script::default().offering(&["AUTH XOAUTH2"]), huge).await, Shut::NoCredentials(words) if words.contains("too long"))
    );
    let token = |port| Account { user: Some("ana".into()), auth: Auth::TokenCommand("echo tok".into()), ..account(port) };
    let long = |port| Account { auth: Auth::TokenCommand("printf %0600d 7".into()), ..token(port) };

    let (port, seen) = Script::default().offering(&["AUTH LOGIN PLAIN"]).serve().await;
    Relay::connect(&with_password(port), "me.example", &patient()).await.unwrap();
    assert_eq!(seen.commands()[1], "AUTH PLAIN AGFuYQBwYXNz");

    let script = Script::says(&[("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n"), ("YW5h", "334 UGFzc3dvcmQ6\r\n"), ("cGFzcw==", "235 ok\r\n")]);
    let (port, seen) = script.offering(&["AUTH=LOGIN"]).serve().await;
    Relay::connect(&with_password(port), "me.example", &patient()).await.unwrap();
    assert_eq!(seen.commands()[1..], ["AUTH LOGIN", "YW5h", "cGFzcw=="]);

    let (port, seen) = Script::default().offering(&["AUTH XOAUTH2"]).serve().await;
    Relay::connect(&token(port), "me.example", &patient()).await.unwrap();
    assert_eq!(seen.commands()[1], "AUTH XOAUTH2 dXNlcj1hbmEBYXV0aD1CZWFyZXIgdG9rAQE=");

    let script = Script::says(&[("AUTH XOAUTH2", "334 \r\n"), ("dXNlcj", "235 ok\r\n")]).offering(&["AUTH XOAUTH2"]);
    let (port, seen) = script.serve().await;
    Relay::connect(&long(port), "me.example", &patient()).await.unwrap();
    assert_eq!(seen.commands()[1], "AUTH XOAUTH2");

    // The bad token: a challenge with the error, an empty answer, the verdict.
    let script = Script::says(&[("AUTH XOAUTH2", "334 eyJzdGF0dXMiOiI0MDAifQ==\r\n535 5.7.8 bad token\r\n")]).offering(&["AUTH XOAUTH2"]);
    assert!(matches!(shut(script, token).await, Shut::SignIn { code: 535, .. }));

    let why = shut(Script::default().offering(&["AUTH CRAM-MD5"]), with_password).await;
    assert!(matches!(&why, Shut::NoSignIn(words) if words.contains("CRAM-MD5") && words.contains("PLAIN")), "{why:?}");
    assert!(matches!(shut(Script::default(), with_password).await, Shut::NoSignIn(_)));
    let broken = |port| Account { auth: Auth::TokenCommand("exit 1".into()), ..token(port) };
    assert!(matches!(shut(Script::default(), broken).await, Shut::NoCredentials(_)));
}

#[tokio::test]
async fn certificates_that_will_not_do() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    for (host, acceptor, ca, words) in [
        ("localhost", ours.server("other.example", 2100), Some(&ours), "another name"),
        ("127.0.0.1", ours.server("localhost", 2100), Some(&ours), "another name"),
        ("localhost", theirs.server("localhost", 2100), Some(&ours), "not signed by the authority in the file named by ca"),
        ("localhost", ours.server("localhost", 2100), None, "name its file under ca"),
        ("localhost", ours.server("localhost", 2020), Some(&ours), "expired"),
    ] {
        for starttls in [false, true] {
            let script = if starttls {
                Script { starttls: Some(acceptor.clone()), ..Script::default().offering(&["STARTTLS"]) }
            } else {
                Script { tls: Some(acceptor.clone()), ..Script::default() }
            };
            let why = shut(script, |port| Account {
                host: host.into(),
                security: if starttls { Security::StartTls } else { Security::Tls },
                ca: ca.map(|authority| authority.pem.clone()),
                ..with_password(port)
            })
            .await;
            assert!(matches!(&why, Shut::Tls(said) if said.contains(words)), "{words}: {why:?}");
            assert!(why.permanent());
        }
    }
}

#[tokio::test]
async fn a_self_signed_certificate_that_is_named_itself() {
    let (acceptor, pem) = authority::own_authority("localhost");
    let (_, other) = authority::own_authority("localhost");
    let script = Script { tls: Some(acceptor), ..Script::default() };
    let to =
        |host: &str, pem: &Vec<u8>, port| Account { host: host.into(), security: Security::Tls, ca: Some(pem.clone()), ..account(port) };
    let (port, _) = script.clone().serve().await;
    Relay::connect(&to("localhost", &pem, port), "me.example", &patient()).await.unwrap();
    let why = shut(script.clone(), |port| to("127.0.0.1", &pem, port)).await;
    assert!(matches!(&why, Shut::Tls(words) if words.contains("another name")), "{why:?}");
    let why = shut(script, |port| to("localhost", &other, port)).await;
    assert!(matches!(&why, Shut::Tls(words) if words.contains("ca")), "{why:?}");
}

#[tokio::test]
async fn tls_that_is_none() {
    let authority = Authority::new();
    let secured = |security| {
        let pem = authority.pem.clone();
        move |port| Account { security, host: "localhost".into(), ca: Some(pem.clone()), ..with_password(port) }
    };
    let why = shut(Script::default().offering(&["AUTH PLAIN"]), secured(Security::StartTls)).await;
    assert!(matches!(&why, Shut::Tls(words) if words.contains("does not offer STARTTLS")), "{why:?}");

    let injected = "220 go\r\n250-INJECTED\r\n250 AUTH PLAIN\r\n";
    let script = Script { starttls: Some(authority.server("localhost", 2100)), ..Script::says(&[("STARTTLS", injected)]) };
    let why = shut(script.offering(&["STARTTLS"]), secured(Security::StartTls)).await;
    assert!(matches!(&why, Shut::Tls(words) if words.contains("tampers")), "{why:?}");

    let why = shut(Script::says(&[("STARTTLS", "454 no TLS today\r\n")]).offering(&["STARTTLS"]), secured(Security::StartTls)).await;
    assert!(matches!(why, Shut::Refused { code: 454, .. }), "{why:?}");

    let why = shut(Script::default(), secured(Security::Tls)).await;
    assert!(matches!(&why, Shut::Tls(words) if words.contains("starttls")), "{why:?}");

    let script = Script { tls: Some(authority.server("localhost", 2100)), ..Script::default() };
    let why = shut(script, account).await;
    assert!(matches!(why, Shut::Timeout(_) | Shut::Protocol(_)), "{why:?}");
}

#[tokio::test]
async fn what_was_said_before_tls_is_forgotten() {
    let authority = Authority::new();
    let script = Script {
        starttls: Some(authority.server("localhost", 2100)),
        ..Script::says(&[("EHLO#1", "250-relay.example\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")])
    };
    let (port, seen) = script.offering(&["STARTTLS", "AUTH PLAIN"]).serve().await;
    let account =
        Account { host: "localhost".into(), security: Security::StartTls, ca: Some(authority.pem.clone()), ..with_password(port) };
    let mut relay = Relay::connect(&account, "me.example", &patient()).await.unwrap();
    assert_eq!(word(&deliver(&mut relay).await.signal), "accepted");
    assert_eq!(seen.commands()[..4], ["EHLO me.example", "STARTTLS", "EHLO me.example", "AUTH PLAIN AGFuYQBwYXNz"]);
}

#[tokio::test]
async fn without_tls_only_loopback() {
    let elsewhere = Account { host: "192.0.2.1".into(), ..account(25) };
    let why = Relay::connect(&elsewhere, "me.example", &patient()).await.err().unwrap();
    assert!(matches!(&why, Shut::Tls(words) if words.contains("only for a server on this machine")), "{why:?}");
}

#[tokio::test]
async fn three_hundred_lines_of_greeting() {
    let greeting = format!("{}220 end\r\n", "220-welcome\r\n".repeat(299));
    let (port, _) = Script::says(&[("CONNECT", &greeting)]).serve().await;
    relay(port).await.quit().await;
    let greeting = format!("{}220 end\r\n", "220-welcome\r\n".repeat(5000));
    assert!(matches!(shut(Script::says(&[("CONNECT", &greeting)]), account).await, Shut::Protocol(_)));
}
