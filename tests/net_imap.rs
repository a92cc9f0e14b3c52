//! The IMAP client against a scripted server: NO, BAD and the end of the connection in every command, and news.

mod authority;

use authority::Authority;
use convoke::net::imap::{ImapError, Mailbox, Timeouts, Woke};
use convoke::net::{Account, Auth, Secret, Security};
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

/// After an answer with this mark the server hangs up.
const BYE: &str = "\u{1}";
/// After an answer with this mark the server says nothing more; the client gets little time then.
const SILENCE: &str = "* OK one moment\r\n";
const CAPABLE: &str = "* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN AUTH=XOAUTH2 IDLE\r\n%t OK done\r\n";
const EXAMINED: &str = "* 3 EXISTS\r\n* OK [UIDVALIDITY 42] v\r\n* OK [UIDNEXT 12] n\r\n%t OK [READ-ONLY] done\r\n";

/// What the server says otherwise than `OK done`: (start of the command, answer), the first that fits; `%t` is the tag.
#[derive(Clone)]
struct Script {
    greeting: &'static str,
    rules: Vec<(String, String)>,
    tls: Option<TlsAcceptor>,
    starttls: Option<TlsAcceptor>,
    drip: bool,
    /// When notified, `say` is sent unasked.
    cue: Arc<Notify>,
    say: &'static str,
    commands: Arc<Mutex<Vec<String>>>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Script {
    fn says(rules: &[(&str, &str)]) -> Self {
        let base = [
            ("CAPABILITY", CAPABLE),
            ("AUTHENTICATE PLAIN", "+ \r\n"),
            ("AGFuYQBwYXNz", "%t OK signed in\r\n"),
            ("IDLE", "+ idling\r\n"),
            ("DONE", "%t OK idled\r\n"),
            ("EXAMINE", EXAMINED),
        ];
        let rules = rules.iter().chain(&base).map(|(word, answer)| ((*word).to_owned(), (*answer).to_owned())).collect();
        Self {
            greeting: "* OK ready\r\n",
            rules,
            tls: None,
            starttls: None,
            drip: false,
            cue: Arc::default(),
            say: "",
            commands: Arc::default(),
        }
    }

    fn commands(&self) -> Vec<String> {
        self.commands.lock().unwrap().clone()
    }

    async fn serve(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let script = self.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tcp.set_nodelay(true).unwrap();
                let script = script.clone();
                tokio::spawn(async move {
                    if let Some(tls) = &script.tls {
                        if let Ok(stream) = tls.accept(tcp).await {
                            script.talk(stream, true).await;
                        }
                    } else if let Some(tcp) = script.talk(tcp, true).await
                        && let Ok(stream) = script.starttls.clone().unwrap().accept(tcp).await
                    {
                        script.talk(stream, false).await;
                    }
                });
            }
        });
        port
    }

    async fn write<S: Stream>(&self, stream: &mut S, text: &str) -> Option<()> {
        let words = text.trim_end_matches(BYE);
        for piece in words.as_bytes().chunks(if self.drip { 1 } else { words.len().max(1) }) {
            stream.write_all(piece).await.ok()?;
            stream.flush().await.ok()?;
        }
        (!text.ends_with(BYE)).then_some(())
    }

    /// `Some` when the client asked for TLS.
    async fn talk<S: Stream>(&self, stream: S, greet: bool) -> Option<S> {
        let mut reader = BufReader::new(stream);
        if greet {
            self.write(reader.get_mut(), self.greeting).await?;
        }
        let mut tag = String::new();
        let mut line = String::new();
        loop {
            let read = tokio::select! {
                read = reader.read_line(&mut line) => read.ok()?,
                () = self.cue.notified() => {
                    self.write(reader.get_mut(), self.say).await?;
                    continue;
                }
            };
            if read == 0 {
                return None;
            }
            let text = std::mem::take(&mut line).trim_end().to_owned();
            let (first, rest) = text.split_once(' ').unwrap_or(("", &text));
            let bare = self.rules.iter().find(|(word, _)| text.starts_with(word.as_str()));
            let command = if bare.is_some() { text.clone() } else { rest.to_owned() };
            if bare.is_none() && !first.is_empty() {
                tag = first.to_owned();
            }
            self.commands.lock().unwrap().push(command.clone());
            let rule = bare.or_else(|| self.rules.iter().find(|(word, _)| command.starts_with(word.as_str())));
            let answer = rule.map_or("%t OK done\r\n", |(_, answer)| answer).replace("%t", &tag);
            self.write(reader.get_mut(), &answer).await?;
            if command == "STARTTLS" && self.starttls.is_some() {
                return Some(reader.into_inner());
            }
            if let Some(size) = command.strip_suffix('}').and_then(|c| c.rsplit_once('{')).and_then(|(_, n)| n.parse::<usize>().ok())
                && answer.contains("+ ")
            {
                let mut literal = vec![0; size + 2];
                reader.read_exact(&mut literal).await.ok()?;
                self.commands.lock().unwrap().push(String::from_utf8_lossy(&literal).into_owned());
                self.write(reader.get_mut(), &format!("{tag} OK appended\r\n")).await?;
            }
        }
    }
}

fn account(port: u16) -> Account {
    Account {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        ca: None,
        user: Some("ana".into()),
        auth: Auth::Password(Secret::new("pass")),
    }
}

/// Long enough for a busy machine, where the script does not end in silence.
fn patience(script: &Script) -> Timeouts {
    let falls_silent = |answer: &str| answer.is_empty() || answer.ends_with(SILENCE);
    let silent = falls_silent(script.greeting) || script.rules.iter().any(|(_, answer)| falls_silent(answer));
    if silent { Timeouts::quick() } else { Timeouts::all(Duration::from_secs(20)) }
}

async fn connect(script: &Script) -> Mailbox {
    Mailbox::connect(&account(script.serve().await), &patience(script)).await.unwrap()
}

async fn refused(script: Script, account: impl Fn(u16) -> Account) -> ImapError {
    Mailbox::connect(&account(script.serve().await), &patience(&script)).await.expect_err("the sign-in should fail")
}

fn name(error: &ImapError) -> String {
    format!("{error:?}").split('(').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_folder_is_opened_and_read() {
    for drip in [false, true] {
        let body = "Subject: x\r\n\r\nDa, vin.\r\n";
        let fetch = format!(
            "* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (UID 9 RFC822.SIZE 24 INTERNALDATE \" 7-Dec-2026 09:30:00 +0200\" BODY[]<0> {{{}}}\r\n{body})\r\n* 3 FETCH (UID 77 RFC822.SIZE 1 INTERNALDATE \"07-Dec-2026 09:30:00 +0200\" BODY[]<0> \"x\")\r\n%t OK done\r\n",
            body.len()
        );
        let mut script = Script::says(&[
            (
                "LIST",
                "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST (\\Noselect) \"/\" \"[Gmail]\"\r\n* LIST () \"/\" \"Mesaje &Ahk-terse\"\r\n* LIST () NIL {6}\r\nR&-D/\"\r\n%t OK done\r\n",
            ),
            ("UID FETCH 9 ", &fetch),
            (
                "UID FETCH 8:*",
                "* 1 FETCH (UID 7 RFC822.SIZE 9 INTERNALDATE \"01-Dec-2026 00:00:00 +0000\")\r\n* 3 FETCH (UID 11 RFC822.SIZE 300 INTERNALDATE \"02-Dec-2026 00:00:00 +0000\")\r\n* 2 FETCH (UID 9 RFC822.SIZE 24 INTERNALDATE \" 7-Dec-2026 09:30:00 +0200\")\r\n* 2 FETCH (UID 10 FLAGS (\\Seen))\r\n%t OK done\r\n",
            ),
            ("UID SEARCH SINCE 1-Dec-2026", "* SEARCH 11 9 9\r\n* SEARCH\r\n%t OK done\r\n"),
        ]);
        script.drip = drip;
        let mut mailbox = connect(&script).await;
        assert_eq!(mailbox.folders().await.unwrap(), ["INBOX", "Mesaje șterse", "R&D/\""]);
        let folder = mailbox.examine("Mesaje \"șterse\"").await.unwrap();
        assert_eq!((folder.uid_validity, folder.uid_next, folder.exists), (42, 12, 3));
        assert!(script.commands().contains(&"EXAMINE \"Mesaje \\\"&Ahk-terse\\\"\"".to_owned()), "{:?}", script.commands());
        let listed = mailbox.uids_from(8).await.unwrap();
        assert_eq!(listed.iter().map(|m| (m.uid, m.size)).collect::<Vec<_>>(), [(9, 24), (11, 300)]);
        assert_eq!(mailbox.uids_since(jiff::civil::date(2026, 12, 1)).await.unwrap(), [9, 11]);
        let mail = mailbox.fetch(9, 1000).await.unwrap().unwrap();
        assert_eq!((mail.raw.as_slice(), mail.truncated, mail.size), (body.as_bytes(), false, 24));
        assert_eq!(mail.internal_date.map(|date| date.to_string()).as_deref(), Some("2026-12-07T07:30:00Z"));
        let start = mailbox.fetch(9, 10).await.unwrap().unwrap();
        assert_eq!((start.raw.as_slice(), start.truncated), (b"Subject: x".as_slice(), true));
        let all = script.commands();
        assert!(all.contains(&"UID FETCH 9 (UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.1000>)".to_owned()), "{all:?}");
        assert!(!all.iter().any(|c| c.starts_with("SELECT") || c.contains("BODY[]") || c.contains("STORE")));
        mailbox.logout().await;
    }
}

#[tokio::test]
async fn no_bad_and_the_end_in_every_command() {
    let half = "* 1 FETCH (UID 9 RFC822.SIZE 1 INTERNALDATE \"01-Dec-2026 00:00:00 +0000\" BODY[]<0> \"x\")\r\n* SEARCH 9\r\n* LIST () \"/\" a\r\n";
    for (end, kind) in [
        ("%t NO [UNAVAILABLE] disk gone\r\n", "Refused"),
        ("%t BAD what\r\n", "Protocol"),
        ("\u{1}", "Gone"),
        ("* 5 FET\u{1}", "Gone"),
        ("* BYE shutting down\r\n\u{1}", "Gone"),
        (SILENCE, "Timeout"),
        ("zzz OK\r\n", "Protocol"),
        ("\u{7}\u{7}\u{7}\r\n", "Protocol"),
        ("* 1 FETCH (UID 9 INTERNALDATE NIL)\r\n%t OK\r\n", "Protocol"),
    ] {
        for command in ["LIST", "EXAMINE", "UID FETCH", "UID SEARCH", "NOOP", "IDLE", "APPEND"] {
            if command == "IDLE" && end.starts_with("%t") {
                continue; // It cannot idle, and the session goes on.
            }
            let answer = format!("{half}{end}");
            let mut rules = vec![(command, answer.as_str())];
            if command == "EXAMINE" {
                // A NO is followed by the question whether the folder is there.
                rules.push(("LIST", "* LIST () \"/\" INBOX\r\n%t OK done\r\n"));
            }
            let script = Script::says(&rules);
            let mut mailbox = connect(&script).await;
            let error = match command {
                "LIST" => mailbox.folders().await.err(),
                "EXAMINE" => mailbox.examine("INBOX").await.err(),
                "UID FETCH" => {
                    let listed = mailbox.uids_from(1).await.err();
                    assert_eq!(listed.as_ref().map(name).as_deref(), Some(kind), "uids_from {end:?}");
                    connect(&script).await.fetch(9, 100).await.err()
                }
                "UID SEARCH" => mailbox.uids_since(jiff::civil::date(2026, 12, 1)).await.err(),
                "NOOP" => mailbox.noop().await.err(),
                "IDLE" => mailbox.idle(Duration::from_secs(5), pending()).await.err(),
                _ => mailbox.append("Sent", &["\\Seen"], b"x").await.err(),
            };
            assert_eq!(error.as_ref().map(name).as_deref(), Some(kind), "{command} {end:?}: {error:?}");
            let words = error.unwrap().to_string();
            assert!(words.contains("127.0.0.1"), "{words}");
        }
    }
}

#[tokio::test]
async fn an_untagged_no_is_a_warning() {
    let warned = format!("* NO [ALERT] quota nearly full\r\n{EXAMINED}");
    let script = Script::says(&[("EXAMINE", &warned), ("UID SEARCH", "* SEARCH 4\r\n%t OK done\r\n")]);
    let mut mailbox = connect(&script).await;
    assert_eq!(mailbox.examine("INBOX").await.unwrap().uid_validity, 42);
    assert_eq!(mailbox.uids_since(jiff::civil::date(2026, 1, 1)).await.unwrap(), [4]);
    assert_eq!(mailbox.uids_of("<a.b@us.example>").await.unwrap(), [4]);
    assert!(script.commands().contains(&"UID SEARCH HEADER Message-ID \"<a.b@us.example>\"".to_owned()));
    assert!(mailbox.uids_of("<a\" \r\nb@us.example>").await.is_err());
}

#[tokio::test]
async fn a_folder_that_is_not_there_does_not_end_the_session() {
    let script = Script::says(&[
        ("EXAMINE \"Junk\"", "%t NO [NONEXISTENT] Mailbox doesn't exist\r\n"),
        ("EXAMINE \"Locked\"", "%t NO not today\r\n"),
        ("LIST \"\" \"Locked\"", "* LIST () \"/\" Locked\r\n%t OK done\r\n"),
    ]);
    let mut mailbox = connect(&script).await;
    let error = mailbox.examine("Junk").await.err();
    assert_eq!(error, Some(ImapError::NoSuchFolder("Junk".into())));
    assert!(matches!(mailbox.examine("Locked").await, Err(ImapError::Refused(words)) if words.contains("not today")));
    assert!(mailbox.examine("a\r\nx LOGOUT").await.is_ok_and(|_| script.commands().iter().all(|c| !c.starts_with("LOGOUT"))));
    assert!(mailbox.examine("INBOX").await.is_ok());
}

#[tokio::test]
async fn a_message_that_is_gone_is_none() {
    let gone = "* 2 EXPUNGE\r\n%t OK done\r\n";
    let issued = "* 1 FETCH (UID 5 RFC822.SIZE 1 INTERNALDATE \"01-Dec-2026 00:00:00 +0000\" BODY[]<0> \"x\")\r\n%t NO [EXPUNGEISSUED] some are gone\r\n";
    let nil = "* 1 FETCH (UID 9 RFC822.SIZE 1 INTERNALDATE \"01-Dec-2026 00:00:00 +0000\" BODY[]<0> NIL)\r\n%t OK done\r\n";
    let mut mailbox = connect(&Script::says(&[("UID FETCH 9 ", gone), ("UID FETCH 5,7", issued), ("UID FETCH 8 ", nil)])).await;
    mailbox.examine("INBOX").await.unwrap();
    assert_eq!(mailbox.fetch(9, 100).await, Ok(None));
    assert_eq!(mailbox.fetch(8, 100).await, Ok(None));
    let some = mailbox.fetch_many(&[7, 5], 100).await.unwrap();
    assert_eq!(some.iter().map(|m| m.uid).collect::<Vec<_>>(), [5]);
}

#[tokio::test]
async fn a_date_that_is_nil_hides_neither_the_list_nor_the_text() {
    let dated = "* 1 FETCH (UID 9 RFC822.SIZE 1 INTERNALDATE NIL BODY[]<0> \"x\")\r\n%t OK done\r\n";
    let undated = "* 1 FETCH (UID 9 RFC822.SIZE 1 BODY[]<0> \"x\")\r\n%t OK done\r\n";
    let listed = "* 1 FETCH (UID 9 RFC822.SIZE 1)\r\n%t OK done\r\n";
    let script = Script::says(&[
        ("UID FETCH 9 (UID RFC822.SIZE INTERNALDATE BODY", dated),
        ("UID FETCH 9 (UID RFC822.SIZE BODY", undated),
        ("UID FETCH 9 (UID)", "* 1 FETCH (UID 9)\r\n%t OK done\r\n"),
        ("UID FETCH 1:*", listed),
    ]);
    let mut mailbox = connect(&script).await;
    mailbox.examine("INBOX").await.unwrap();
    assert_eq!(mailbox.uids_from(1).await.unwrap().len(), 1);
    assert!(mailbox.lists(9).await.unwrap());
    let mail = mailbox.fetch_undated(9, 100).await.unwrap().unwrap();
    assert_eq!((mail.raw.as_slice(), mail.internal_date), (b"x".as_slice(), None));
    assert_eq!(mailbox.fetch(9, 100).await.err().as_ref().map(name).as_deref(), Some("Protocol"));
}

#[tokio::test]
async fn a_server_cannot_fill_the_memory() {
    for flood in ["* 1 FETCH (UID 9 BODY[]<0> {629145600}\r\n".to_owned(), "* OK ".to_owned()] {
        let answer = format!("{flood}{}", "x".repeat(10 << 20));
        let mut mailbox = connect(&Script::says(&[("UID FETCH", &answer)])).await;
        let error = mailbox.fetch(9, 100).await.err().unwrap();
        assert_eq!(name(&error), "Protocol", "{error}");
    }
}

#[tokio::test]
async fn idle_wakes_on_news_and_on_a_call() {
    let mut script = Script::says(&[]);
    script.say = "* OK Still here\r\n* 2 FETCH (FLAGS (\\Seen))\r\n* 4 EXISTS\r\n* 1 RECENT\r\n";
    let mut mailbox = connect(&script).await;
    mailbox.examine("INBOX").await.unwrap();
    let (mailbox, woke) = mailbox.idle(Duration::from_millis(50), pending()).await.unwrap();
    assert_eq!(woke, Woke::Timeout);
    let (mailbox, woke) = mailbox.idle(Duration::from_secs(9), async {}).await.unwrap();
    assert_eq!(woke, Woke::Asked);
    script.cue.notify_one();
    let before = std::time::Instant::now();
    let (mailbox, woke) = mailbox.idle(Duration::from_secs(9), pending()).await.unwrap();
    assert_eq!(woke, Woke::News);
    assert!(before.elapsed() < Duration::from_secs(2));
    // Until the folder is listed again the news stands.
    let (mut mailbox, woke) = mailbox.idle(Duration::from_secs(9), pending()).await.unwrap();
    assert_eq!(woke, Woke::News);
    mailbox.uids_from(1).await.unwrap();
    let (mut mailbox, woke) = mailbox.idle(Duration::from_millis(50), pending()).await.unwrap();
    assert_eq!(woke, Woke::Timeout);
    mailbox.noop().await.unwrap();
}

#[tokio::test]
async fn idle_that_ends_by_itself_is_an_error() {
    for (say, kind) in [("\u{1}", "Gone"), ("* BYE idle too long\r\n\u{1}", "Gone")] {
        let mut script = Script::says(&[]);
        script.say = say;
        let mut mailbox = connect(&script).await;
        mailbox.examine("INBOX").await.unwrap();
        script.cue.notify_one();
        let error = mailbox.idle(Duration::from_secs(9), pending()).await.err().unwrap();
        assert_eq!(name(&error), kind);
    }
}

#[tokio::test]
async fn without_idle_it_asks() {
    let script =
        Script::says(&[("CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n%t OK done\r\n"), ("NOOP", "* 4 EXISTS\r\n%t OK done\r\n")]);
    let mut mailbox = connect(&script).await;
    mailbox.examine("INBOX").await.unwrap();
    let (_, woke) = mailbox.idle(Duration::from_millis(20), pending()).await.unwrap();
    assert_eq!(woke, Woke::News);
    assert!(!script.commands().contains(&"IDLE".to_owned()));
}

#[tokio::test]
async fn a_copy_is_appended_even_when_the_server_speaks_first() {
    let script = Script::says(&[("APPEND", "* 5 EXISTS\r\n+ go on\r\n")]);
    let mut mailbox = connect(&script).await;
    mailbox.append("Sent", &["\\Seen"], b"Subject: x\r\n\r\nhi").await.unwrap();
    assert!(script.commands().contains(&"APPEND \"Sent\" (\\Seen) {16}".to_owned()), "{:?}", script.commands());
    assert!(script.commands().contains(&"Subject: x\r\n\r\nhi\r\n".to_owned()));
    mailbox.noop().await.unwrap();
}

#[tokio::test]
async fn every_way_to_sign_in() {
    let script = Script::says(&[("CAPABILITY", "* CAPABILITY IMAP4rev1\r\n%t OK done\r\n")]);
    connect(&script).await;
    assert!(script.commands().contains(&"LOGIN \"ana\" \"pass\"".to_owned()), "{:?}", script.commands());

    let token = |port| Account { auth: Auth::TokenCommand("echo tok".into()), ..account(port) };
    let script = Script::says(&[("AUTHENTICATE XOAUTH2", "+ \r\n"), ("dXNlcj1hbmEBYXV0aD1CZWFyZXIgdG9rAQE=", "%t OK\r\n")]);
    Mailbox::connect(&token(script.serve().await), &patience(&script)).await.unwrap();

    for (rules, account, kind, permanent) in [
        (vec![("AGFuYQBwYXNz", "%t NO [AUTHENTICATIONFAILED] wrong\r\n")], account as fn(u16) -> Account, "SignIn", true),
        (vec![("AGFuYQBwYXNz", "%t NO [UNAVAILABLE] later\r\n")], account, "Refused", false),
        (vec![("AGFuYQBwYXNz", "%t BAD what\r\n")], account, "Protocol", false),
        (vec![("AGFuYQBwYXNz", BYE)], account, "Gone", false),
        (vec![("AGFuYQBwYXNz", "")], account, "Timeout", false),
        (vec![("CAPABILITY", "%t BAD\r\n")], account, "Refused", false),
        (vec![("CAPABILITY", BYE)], account, "Gone", false),
        (vec![("CAPABILITY", "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n%t OK\r\n")], account, "NoSignIn", true),
        (vec![], |port| Account { auth: Auth::None, ..account(port) }, "NoSignIn", true),
        (vec![], |port| Account { auth: Auth::TokenCommand("exit 1".into()), ..account(port) }, "NoCredentials", false),
        (
            vec![("AUTHENTICATE XOAUTH2", "+ \r\n"), ("dXNlcj1", "+ eyJzdGF0dXMiOiI0MDAifQ==\r\n%t NO bad token\r\n")],
            |port| Account { auth: Auth::TokenCommand("echo tok".into()), ..account(port) },
            "SignIn",
            true,
        ),
    ] {
        let error = refused(Script::says(&rules), account).await;
        assert_eq!((name(&error).as_str(), error.permanent()), (kind, permanent), "{rules:?}: {error}");
        let words = error.to_string();
        assert!(!words.contains("AGFuYQBwYXNz") && !words.contains("Some("), "{words}");
    }
}

#[tokio::test]
async fn greetings_that_will_not_do() {
    for (greeting, kind) in [
        ("* BYE overloaded\r\n\u{1}", "Refused"),
        ("* PREAUTH hi\r\n", "Tls"),
        ("220 smtp\r\n", "Protocol"),
        (BYE, "Gone"),
        ("", "Timeout"),
    ] {
        let mut script = Script::says(&[]);
        script.greeting = greeting;
        assert_eq!(name(&refused(script, account).await), kind, "{greeting:?}");
    }
}

#[tokio::test]
async fn tls_and_what_passes_for_it() {
    let authority = Authority::new();
    let secured = |security, host: &str| {
        let (pem, host) = (authority.pem.clone(), host.to_owned());
        move |port| Account { security, host: host.clone(), ca: Some(pem.clone()), ..account(port) }
    };
    let acceptor = authority.server("localhost", 2100);
    for security in [Security::Tls, Security::StartTls] {
        let mut script = Script::says(&[]);
        match security {
            Security::Tls => script.tls = Some(acceptor.clone()),
            _ => script.starttls = Some(acceptor.clone()),
        }
        let mut mailbox = Mailbox::connect(&secured(security, "localhost")(script.serve().await), &patience(&script)).await.unwrap();
        assert_eq!(mailbox.examine("INBOX").await.unwrap().exists, 3);
        let wrong = refused(script.clone(), secured(security, "127.0.0.1")).await;
        assert!(matches!(&wrong, ImapError::Tls(words) if words.contains("another name")), "{wrong:?}");
    }
    let stripped = Script::says(&[("CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n%t OK done\r\n")]);
    let error = refused(stripped, secured(Security::StartTls, "localhost")).await;
    assert!(matches!(&error, ImapError::Tls(words) if words.contains("does not offer STARTTLS")), "{error:?}");
    let mut injected = Script::says(&[("STARTTLS", "%t OK go\r\n* CAPABILITY IMAP4rev1 INJECTED\r\n")]);
    injected.starttls = Some(acceptor);
    let error = refused(injected, secured(Security::StartTls, "localhost")).await;
    assert!(matches!(&error, ImapError::Tls(words) if words.contains("tampers")), "{error:?}");
}
