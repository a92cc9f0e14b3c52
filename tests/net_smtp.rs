//! The SMTP client against a scripted server: every answer, every hang-up, every lie.

mod authority;

use authority::Authority;
use convoke::model::{Address, Signal};
use convoke::net::smtp::{Outcome, Relay, Shut, Timeouts};
use convoke::net::{Account, Auth, Secret, Security};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// After an answer with this mark the server hangs up.
const BYE: &str = "\u{1}";
/// The answer of a server that says nothing any more.
const SILENT: &str = "";

/// What the server says otherwise than a good server would: (start of the command, answer); the first that fits.
/// `CONNECT` is the greeting, `DOT` the end of a letter. A rule with `#2` behind its word holds for the second time only.
#[derive(Clone, Default)]
struct Script {
    rules: Vec<(&'static str, String)>,
    offers: Vec<&'static str>,
    /// One byte a write.
    drip: bool,
    tls: Option<TlsAcceptor>,
    starttls: Option<TlsAcceptor>,
}

#[derive(Clone, Default)]
struct Seen {
    commands: Arc<Mutex<Vec<String>>>,
    letters: Arc<Mutex<Vec<String>>>,
}

impl Seen {
    fn commands(&self) -> Vec<String> {
        self.commands.lock().unwrap().clone()
    }

    fn letters(&self) -> Vec<String> {
        self.letters.lock().unwrap().clone()
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Script {
    fn says(rules: &[(&'static str, &str)]) -> Self {
        Self { rules: rules.iter().map(|(word, answer)| (*word, (*answer).to_owned())).collect(), ..Self::default() }
    }

    fn offering(mut self, offers: &[&'static str]) -> Self {
        self.offers = offers.to_vec();
        self
    }

    fn answer(&self, command: &str, time: usize) -> String {
        let rule = self.rules.iter().find(|(word, _)| match word.split_once('#') {
            Some((word, n)) => command.starts_with(word) && n == time.to_string(),
            None => command.starts_with(word),
        });
        if let Some((_, answer)) = rule {
            return answer.clone();
        }
        match command.split([' ', ':']).next().unwrap_or_default() {
            "CONNECT" => "220 relay.example ESMTP\r\n".into(),
            "EHLO" => {
                let mut lines = vec!["relay.example"];
                lines.extend(&self.offers);
                let last = lines.pop().unwrap();
                lines.iter().map(|line| format!("250-{line}\r\n")).chain([format!("250 {last}\r\n")]).collect()
            }
            "MAIL" => "250 2.1.0 sender ok\r\n".into(),
            "RCPT" => "250 2.1.5 recipient ok\r\n".into(),
            "DATA" => "354 go\r\n".into(),
            "DOT" => "250 2.0.0 queued as Q1\r\n".into(),
            "AUTH" => "235 2.7.0 welcome\r\n".into(),
            "RSET" | "NOOP" => "250 ok\r\n".into(),
            "STARTTLS" => "220 go ahead\r\n".into(),
            "QUIT" => "221 bye\r\n\u{1}".into(),
            _ => "500 what\r\n".into(),
        }
    }

    async fn serve(self) -> (u16, Seen) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Seen::default();
        let kept = seen.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tcp.set_nodelay(true).unwrap();
                let (script, seen) = (self.clone(), kept.clone());
                tokio::spawn(async move {
                    match script.tls.clone() {
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(tcp).await {
                                script.talk(stream, &seen, true).await;
                            }
                        }
                        None => {
                            if let Some(tcp) = script.talk(tcp, &seen, true).await
                                && let Ok(stream) = script.starttls.clone().unwrap().accept(tcp).await
                            {
                                script.talk(stream, &seen, false).await;
                            }
                        }
                    }
                });
            }
        });
        (port, seen)
    }

    /// `Some` when the client asked for TLS.
    async fn talk<S: Stream>(&self, stream: S, seen: &Seen, greet: bool) -> Option<S> {
        let mut reader = BufReader::new(stream);
        let mut times = std::collections::HashMap::<String, usize>::new();
        let (mut command, mut letter) = (if greet { "CONNECT".to_owned() } else { String::new() }, None::<String>);
        loop {
            if !command.is_empty() {
                let word = command.split([' ', ':']).next().unwrap_or_default().to_owned();
                let time = times.entry(word.clone()).or_default();
                *time += 1;
                let answer = self.answer(&command, *time);
                let words = answer.trim_end_matches(BYE);
                let step = if self.drip { 1 } else { words.len().max(1) };
                for piece in words.as_bytes().chunks(step) {
                    reader.get_mut().write_all(piece).await.ok()?;
                    reader.get_mut().flush().await.ok()?;
                }
                if answer.ends_with(BYE) {
                    return None;
                }
                if word == "STARTTLS" && answer.starts_with("220") && self.starttls.is_some() {
                    return Some(reader.into_inner());
                }
                if word == "DATA" && answer.starts_with("354") {
                    letter = Some(String::new());
                }
            }
            let mut line = Vec::new();
            if reader.read_until(b'\n', &mut line).await.ok()? == 0 {
                return None;
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            command = match &mut letter {
                Some(text) if line == ".\r\n" => {
                    seen.letters.lock().unwrap().push(std::mem::take(text));
                    letter = None;
                    "DOT".into()
                }
                Some(text) => {
                    text.push_str(&line);
                    if self.rules.iter().any(|(word, _)| *word == "BODY") {
                        return None;
                    }
                    String::new()
                }
                None => line.trim_end().to_owned(),
            };
            if !command.is_empty() {
                seen.commands.lock().unwrap().push(command.clone());
            }
        }
    }
}

fn account(port: u16) -> Account {
    Account { host: "127.0.0.1".into(), port, security: Security::None, ca: None, user: None, auth: Auth::None }
}

fn with_password(port: u16) -> Account {
    Account { user: Some("ana".into()), auth: Auth::Password(Secret::new("pass")), ..account(port) }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// Long enough for a busy machine; only silence is waited for with [`Timeouts::quick`].
fn patient() -> Timeouts {
    Timeouts::all(Duration::from_secs(20))
}

async fn relay(port: u16) -> Relay {
    Relay::connect(&account(port), "me.example", &patient()).await.unwrap()
}

const LETTER: &[u8] = b"Subject: hello\r\n\r\n.dot\r\nbye\r\n";

async fn deliver(relay: &mut Relay) -> Outcome {
    relay.deliver(&address("office@us.example"), &address("guest@them.example"), LETTER).await
}

fn word(signal: &Signal) -> &'static str {
    match signal {
        Signal::Accepted { .. } => "accepted",
        Signal::Deferred { .. } => "deferred",
        Signal::Rejected { .. } => "rejected",
        Signal::Unknown { .. } => "unknown",
        Signal::NotBegun { .. } => "not begun",
        _ => "no signal of a delivery",
    }
}

/// As they are offered; the dialogue must come to the same end with and without them.
const OFFERS: [&[&str]; 2] = [&[], &["PIPELINING", "8BITMIME", "SIZE 100000000", "DSN", "SMTPUTF8"]];

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
            ("RCPT", 421, "not begun", true, false),
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
