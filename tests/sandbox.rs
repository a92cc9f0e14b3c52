//! The sandbox over the wire: what a sender, a mailbox loop and a reader of its mails rely on.

use async_imap::{Client as Imap, Session, extensions::idle::IdleResponse};
use convoke::{
    model::{Address, Answer},
    sandbox::{Client, Folder, Guests, Message, Partstat, Reaction, Sandbox, Vendor, workshop},
};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use lettre::message::{Mailbox, MultiPart, SinglePart, header::ContentType};
use mail_parser::{MessageParser, MimeHeaders, PartType};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

const TOKEN: &str = "k7q2m9x4t8wn";
const NOON: &str = "2026-11-30T12:00:00Z";

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

async fn start(guests: Guests) -> Sandbox {
    let noon: Timestamp = NOON.parse().expect("a time");
    Sandbox::start(guests, move || noon, address("workshop@primaria.example")).await.expect("free ports")
}

fn scripted(script: impl IntoIterator<Item = (&'static str, Vec<Reaction>)>) -> Guests {
    Guests::scripted(script.into_iter().map(|(guest, does)| (address(guest), does)).collect())
}

/// A letter as the campaign sends it: text, HTML with three buttons, a REQUEST.
fn letter(guest: &str, lang: &str) -> Vec<u8> {
    let link = |word: &str, label: &str| {
        format!(
            "<a href=\"mailto:reply@primaria.example?subject={label}%3A%20Title%20%5B%23{TOKEN}%3A{word}%5D&amp;body={label}%2C%20I%20will%20take%20part.%0D%0A%0D%0A\">{label}</a>"
        )
    };
    let html = format!(
        "<html lang=\"{lang}\"><head></head><body><p>You are invited.</p>{}{}{}</body></html>",
        link("yes", "Yes"),
        link("no", "No"),
        link("maybe", "Maybe")
    );
    let ics = format!(
        "BEGIN:VCALENDAR\r\nPRODID:-//x//y//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:{TOKEN}@primaria.example\r\nSEQUENCE:2\r\n\
         DTSTAMP:20261130T100000Z\r\nDTSTART:20261210T111500Z\r\nDTEND:20261210T133000Z\r\nSUMMARY:Title\\, with a comma\r\n\
         ORGANIZER;CN=\"Town: hall\":mailto:reply@primaria.example\r\n\
         ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Guest:mailto:{guest}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let kind = ContentType::parse("text/calendar; charset=utf-8; method=REQUEST").expect("a type");
    let body = MultiPart::alternative()
        .singlepart(SinglePart::plain("You are invited.\r\n.\r\n>quoted\r\nTo answer, reply.\r\n".to_owned()))
        .singlepart(SinglePart::html(html))
        .singlepart(SinglePart::builder().header(kind).body(ics));
    let at: Timestamp = "2026-11-30T10:00:00Z".parse().expect("a time");
    lettre::Message::builder()
        .from("Town hall <town@primaria.example>".parse::<Mailbox>().expect("a mailbox"))
        .reply_to("reply@primaria.example".parse().expect("a mailbox"))
        .to(format!("Guest Ăâ <{guest}>").parse().expect("a mailbox"))
        .subject(format!("Title [#{TOKEN}]"))
        .date(at.into())
        .message_id(Some(format!("<invitation.{TOKEN}.1@primaria.example>")))
        .multipart(body)
        .expect("a letter")
        .formatted()
}

/// A raw SMTP client: what it writes is what goes out.
struct Dialogue(BufReader<TcpStream>);

impl Dialogue {
    async fn open(sandbox: &Sandbox) -> Self {
        let mut dialogue = Self(BufReader::new(TcpStream::connect(("127.0.0.1", sandbox.smtp_port)).await.expect("a server")));
        assert!(dialogue.reply().await.starts_with("220 "));
        dialogue
    }

    /// One reply, all its lines.
    async fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let from = reply.len();
            assert_ne!(self.0.read_line(&mut reply).await.expect("a line"), 0, "closed after {reply:?}");
            if reply.as_bytes().get(from + 3) != Some(&b'-') {
                return reply;
            }
        }
    }

    async fn write(&mut self, octets: &[u8]) {
        self.0.get_mut().write_all(octets).await.expect("written");
    }

    async fn say(&mut self, line: &str) -> String {
        self.write(format!("{line}\r\n").as_bytes()).await;
        self.reply().await
    }

    async fn closed(&mut self) -> bool {
        self.0.fill_buf().await.is_ok_and(<[u8]>::is_empty)
    }
}

/// Dot-stuffed and ended.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in raw.split_inclusive(|b| *b == b'\n') {
        if line.starts_with(b".") {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    out.extend_from_slice(b".\r\n");
    out
}

async fn send(sandbox: &Sandbox, guest: &str, raw: &[u8]) {
    let mut smtp = Dialogue::open(sandbox).await;
    let commands = format!("EHLO me.example\r\nMAIL FROM:<bounce@primaria.example>\r\nRCPT TO:<{guest}>\r\nDATA\r\n");
    smtp.write(commands.as_bytes()).await;
    for expected in ["250", "250", "250", "354"] {
        assert!(smtp.reply().await.starts_with(expected));
    }
    smtp.write(&stuffed(raw)).await;
    assert!(smtp.reply().await.starts_with("250 2.0.0"));
    assert!(smtp.say("QUIT").await.starts_with("221"));
}

/// What one guest writes on one letter.
async fn answers(guest: &'static str, lang: &str, does: Vec<Reaction>) -> Vec<Message> {
    let sandbox = start(scripted([(guest, does)])).await;
    send(&sandbox, guest, &letter(guest, lang)).await;
    sandbox.until_settled().await;
    sandbox.mailbox().messages(Folder::Inbox)
}

async fn sign_in(sandbox: &Sandbox) -> Session<TcpStream> {
    let mut client = Imap::new(TcpStream::connect(("127.0.0.1", sandbox.imap_port)).await.expect("a server"));
    client.read_response().await.expect("a greeting");
    client.login("anybody", "anything").await.map_err(|(error, _)| error).expect("signed in")
}

// SMTP

#[tokio::test]
async fn the_smtp_side_speaks_as_a_submission_server() {
    let refused = Reaction::RefuseRcpt { reply: "550 5.1.1 no such user".into() };
    let sandbox = start(scripted([("gone@x.example", vec![refused])])).await;
    let mut smtp = Dialogue::open(&sandbox).await;
    let hello = smtp.say("EHLO me.example").await;
    for extension in ["PIPELINING", "8BITMIME", "SIZE 16777216", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN"] {
        assert!(hello.lines().any(|line| line.get(4..) == Some(extension)), "{extension} in {hello}");
    }
    for (line, expected) in [
        ("AUTH PLAIN AHUAcA==", "235 "),
        ("AUTH PLAIN", "334 "),
        ("AHUAcA==", "235 "),
        ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
        ("dQ==", "334 UGFzc3dvcmQ6"),
        ("cA==", "235 "),
        ("AUTH PLAIN", "334 "),
        ("*", "501 "),
        ("AUTH CRAM-MD5", "504 "),
        ("DATA", "503 "),
        ("RCPT TO:<a@x.example>", "503 "),
        ("MAIL FROM:<o@primaria.example> SIZE=99999999", "552 5.3.4"),
        ("MAIL FROM:<o@primaria.example> BODY=8BITMIME", "250 "),
        ("MAIL FROM:<o@primaria.example>", "503 "),
        ("RCPT TO:<gone@x.example>", "550 5.1.1 no such user"),
        ("RCPT TO:<nobody>", "553 5.1.3"),
        ("DATA", "554 "),
        ("RSET", "250 "),
        ("RCPT TO:<a@x.example>", "503 "),
        ("NOOP", "250 "),
        ("STARTTLS", "502 "),
        ("NONSENSE", "500 "),
        ("QUIT", "221 "),
    ] {
        let reply = smtp.say(line).await;
        assert!(reply.starts_with(expected), "{line} -> {reply}");
    }
    assert!(smtp.closed().await);
    assert!(sandbox.letters().is_empty());
}

#[tokio::test]
async fn a_letter_arrives_octet_for_octet() {
    let sandbox = start(Guests::default()).await;
    let mut smtp = Dialogue::open(&sandbox).await;
    let raw = b".starts with a dot\r\n\r\n..\r\n.\r\n8 bit: \xc4\x83\xff\r\nlast\r\n";
    // Two letters in one go, cut where it hurts.
    let mut all = b"EHLO me.example\r\nMAIL FROM:<>\r\nRCPT TO:<A@X.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n".to_vec();
    all.extend(stuffed(raw));
    all.extend(b"MAIL FROM:<o@primaria.example>\r\nRCPT TO:<c@x.example>\r\nDATA\r\n.\r\nQUIT\r\n");
    for octets in all.chunks(7) {
        smtp.write(octets).await;
    }
    for expected in ["250", "250", "250", "250", "354", "250", "250", "250", "354", "250", "221"] {
        let reply = smtp.reply().await;
        assert!(reply.starts_with(expected), "{expected}: {reply}");
    }
    let letters = sandbox.letters();
    let [first, second] = letters.as_slice() else { panic!("two letters, not {letters:?}") };
    assert_eq!(&*first.raw, raw);
    assert_eq!(first.mail_from, None);
    assert_eq!(first.rcpt_to, [address("a@x.example"), address("b@x.example")]);
    assert_eq!((&*second.raw, &second.mail_from), (b"".as_slice(), &Some(address("o@primaria.example"))));
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_the_next_letter_taken() {
    let sandbox = start(Guests::default()).await;
    let mut smtp = Dialogue::open(&sandbox).await;
    smtp.say("HELO me.example").await;
    smtp.say("MAIL FROM:<o@primaria.example>").await;
    smtp.say("RCPT TO:<a@x.example>").await;
    assert!(smtp.say("DATA").await.starts_with("354"));
    let block = b"0123456789012345678901234567890123456789012345678901234567890123456789\r\n".repeat(10_000);
    for _ in 0..25 {
        smtp.write(&block).await;
    }
    assert!(smtp.say(".").await.starts_with("552 5.3.4"));
    assert!(sandbox.letters().is_empty());
    send(&sandbox, "a@x.example", b"Subject: x\r\n\r\nx\r\n").await;
    assert_eq!(sandbox.letters().len(), 1);
    smtp.write("NOOP ".bytes().chain([b'x'; 5_000]).collect::<Vec<_>>().as_slice()).await;
    assert!(smtp.reply().await.starts_with("500 5.5.2"));
    assert!(smtp.closed().await);
}

#[tokio::test]
async fn dropping_it_closes_its_doors() {
    let sandbox = start(Guests::default()).await;
    let (smtp, imap) = (sandbox.smtp_port, sandbox.imap_port);
    let mut open = Dialogue::open(&sandbox).await;
    drop(sandbox);
    assert!(open.closed().await || TcpStream::connect(("127.0.0.1", smtp)).await.is_err());
    for port in [smtp, imap] {
        // The tasks are told to stop, and stop when they next run.
        let gone = async { while TcpStream::connect(("127.0.0.1", port)).await.is_ok() {} };
        tokio::time::timeout(Duration::from_secs(5), gone).await.expect("the port is closed");
    }
}

// IMAP

fn fill(sandbox: &Sandbox, dates: &[&str]) {
    for (number, date) in dates.iter().enumerate() {
        let raw = format!("Subject: number {number}\r\nFrom: a@x.example\r\n\r\nbody {number}\r\n").into_bytes();
        sandbox.mailbox().append(Folder::Inbox, raw, date.parse().expect("a date"), []);
    }
}

#[tokio::test]
async fn examine_leaves_the_mailbox_as_it_was() {
    let sandbox = start(Guests::default()).await;
    fill(&sandbox, &[NOON, NOON]);
    let before = sandbox.mailbox().messages(Folder::Inbox);
    let mut imap = sign_in(&sandbox).await;
    let opened = imap.examine("INBOX").await.expect("examined");
    assert_eq!((opened.exists, opened.recent, opened.uid_validity, opened.uid_next), (2, 2, Some(1), Some(3)));
    // Even what would mark a message as read.
    for query in ["(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])", "BODY[]", "RFC822"] {
        let got: Vec<_> = imap.uid_fetch("1:*", query).await.expect("asked").try_collect().await.expect("fetched");
        assert_eq!(got.len(), 2, "{query}");
    }
    imap.run_command_and_check_ok("UID STORE 1 +FLAGS (\\Seen)").await.expect_err("read-only");
    assert_eq!(sandbox.mailbox().messages(Folder::Inbox), before);

    let opened = imap.select("INBOX").await.expect("selected");
    assert_eq!(opened.recent, 2);
    let _: Vec<_> = imap.uid_fetch("2", "BODY[]").await.expect("asked").try_collect().await.expect("fetched");
    imap.run_command_and_check_ok("UID STORE 1 +FLAGS (\\Flagged $Mine)").await.expect("stored");
    let after = sandbox.mailbox().messages(Folder::Inbox);
    let flags: Vec<Vec<_>> = after.iter().map(|message| message.flags.iter().map(String::as_str).collect()).collect();
    assert_eq!(flags, [vec!["$Mine", "\\Flagged"], vec!["\\Seen"]]);
    assert!(after.iter().all(|message| !message.recent));
    imap.logout().await.expect("logged out");
}

#[tokio::test]
async fn a_message_is_fetched_in_parts() {
    let sandbox = start(Guests::default()).await;
    let raw: Vec<u8> =
        b"Subject: s\r\n fold\r\nFrom: f@x.example\r\n\r\n".iter().copied().chain((0..100_000).map(|n| b'a' + n as u8 % 26)).collect();
    sandbox.mailbox().append(Folder::Inbox, raw.clone(), NOON.parse().expect("a date"), ["\\Seen".to_owned()]);
    let mut imap = sign_in(&sandbox).await;
    imap.examine("INBOX").await.expect("examined");
    for (from, count) in [(0, 10), (0, 65_536), (65_536, 65_536), (99_990, 100), (200_000, 10)] {
        let query = format!("(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<{from}.{count}>)");
        let got: Vec<_> = imap.uid_fetch("1", query).await.expect("asked").try_collect().await.expect("fetched");
        let [fetch] = got.as_slice() else { panic!("one message") };
        let expected = raw.get(from..raw.len().min(from + count)).unwrap_or_default();
        assert_eq!(fetch.body().unwrap_or_default(), expected, "{from}.{count}");
        assert_eq!(fetch.size.and_then(|size| usize::try_from(size).ok()), Some(raw.len()));
        assert_eq!(fetch.internal_date().map(|date| date.timestamp()), NOON.parse::<Timestamp>().ok().map(Timestamp::as_second));
    }
    let got: Vec<_> = imap.fetch("1", "BODY.PEEK[HEADER]").await.expect("asked").try_collect().await.expect("fetched");
    assert_eq!(got.first().and_then(|fetch| fetch.header()), raw.get(..40));
}

#[tokio::test]
async fn messages_are_found_by_date_and_uid() {
    let sandbox = start(Guests::default()).await;
    fill(&sandbox, &["2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z", "2026-11-22T12:00:00Z"]);
    let mut imap = sign_in(&sandbox).await;
    imap.examine("INBOX").await.expect("examined");
    for (query, expected) in [
        ("ALL", vec![1, 2, 3]),
        ("SINCE 21-Nov-2026", vec![2, 3]),
        ("BEFORE 21-Nov-2026", vec![1]),
        ("ON 22-Nov-2026", vec![3]),
        ("UID 2:*", vec![2, 3]),
        ("UID 9:*", vec![3]),
        ("UID 2:4294967295 SINCE 22-Nov-2026", vec![3]),
        ("NOT SUBJECT \"number 1\"", vec![1, 3]),
        ("OR SUBJECT \"number 1\" BODY \"body 2\"", vec![2, 3]),
        ("SEEN", vec![]),
    ] {
        let mut found: Vec<_> = imap.uid_search(query).await.expect("searched").into_iter().collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn folders_are_listed_and_appended_to() {
    let sandbox = start(Guests::default()).await;
    let mut imap = sign_in(&sandbox).await;
    for (pattern, expected) in
        [("*", vec!["INBOX", "Junk"]), ("J%", vec!["Junk"]), ("inbox", vec!["INBOX"]), ("Sent", vec![]), ("\"\"", vec![""])]
    {
        let names: Vec<_> = imap.list(Some(""), Some(pattern)).await.expect("asked").try_collect().await.expect("listed");
        assert_eq!(names.iter().map(|name| name.name()).collect::<Vec<_>>(), expected, "{pattern}");
    }
    imap.append("Junk", Some("(\\Seen)"), Some("\"21-Nov-2026 10:00:00 +0200\""), b"Subject: j\r\n\r\nx\r\n").await.expect("appended");
    imap.append("INBOX", None, None, b"Subject: i\r\n\r\nx\r\n").await.expect("appended");
    let junk = sandbox.mailbox().messages(Folder::Junk);
    let [junk] = junk.as_slice() else { panic!("one message") };
    assert_eq!((junk.date.to_string(), junk.flags.contains("\\Seen")), ("2026-11-21T08:00:00Z".into(), true));
    assert_eq!(sandbox.mailbox().messages(Folder::Inbox).first().map(|m| m.date.to_string()).as_deref(), Some(NOON));
    assert_eq!(imap.examine("Junk").await.expect("examined").exists, 1);
    imap.examine("Nowhere").await.expect_err("no such folder");
}

#[tokio::test]
async fn idle_wakes_when_a_guest_answers() {
    let guest = "ana@x.example";
    let words = Reaction::Words { text: "Da, particip.".into(), client: Client::Gmail };
    let sandbox = start(scripted([(guest, vec![words])])).await;
    let mut imap = sign_in(&sandbox).await;
    imap.examine("INBOX").await.expect("examined");
    let mut idle = imap.idle();
    idle.init().await.expect("idling");
    let (woken, stop) = idle.wait_with_timeout(Duration::from_secs(20));
    send(&sandbox, guest, &letter(guest, "ro")).await;
    assert!(matches!(woken.await.expect("woken"), IdleResponse::NewData(_)));
    drop(stop);
    let mut imap = idle.done().await.expect("no longer idling");
    assert_eq!(imap.uid_search("ALL").await.expect("searched").len(), 1);
}

#[tokio::test]
async fn a_command_that_cannot_be_read_is_answered_with_its_own_tag() {
    let sandbox = start(Guests::default()).await;
    let mut wire = BufReader::new(TcpStream::connect(("127.0.0.1", sandbox.imap_port)).await.expect("a server"));
    for (line, expected) in [
        ("", "* OK"),
        ("a0 SELECT INBOX\r\n", "a0 NO"),
        ("a1 FETCH ((((\r\n", "a1 BAD"),
        ("a2 AUTHENTICATE PLAIN AHUAcA==\r\n", "a2 OK"),
        ("a3 FETCH 1 FLAGS\r\n", "a3 BAD"),
        ("a4 EXPUNGE\r\n", "a4 BAD"),
        ("a5 IDLE\r\n", "a5 BAD"),
    ] {
        wire.get_mut().write_all(line.as_bytes()).await.expect("written");
        let mut reply = String::new();
        wire.read_line(&mut reply).await.expect("a line");
        assert!(reply.starts_with(expected), "{line:?} -> {reply:?}");
    }
}

// Guests

fn header<'a>(message: &'a mail_parser::Message<'_>, name: &'a str) -> Option<&'a str> {
    message.header_raw(name).map(str::trim)
}

/// The calendar parts, unfolded.
fn calendars(message: &mail_parser::Message<'_>) -> Vec<String> {
    let calendar = message.parts.iter().filter(|part| part.content_type().is_some_and(|t| matches!(t.subtype(), Some("calendar" | "ics"))));
    calendar.map(|part| String::from_utf8_lossy(part.contents()).replace("\r\n ", "")).collect()
}

#[tokio::test]
async fn words_come_back_above_our_letter_in_every_program() {
    for lang in ["ro", "en", "nl", "it", "hr", "lt", "fi"] {
        for client in Client::ALL {
            let mails = answers("ana@x.example", lang, vec![Reaction::Words { text: "Da, ăîșț.\n\nAna".into(), client }]).await;
            let [mail] = mails.as_slice() else { panic!("one mail") };
            let parsed = MessageParser::default().parse(&mail.raw).expect("a message");
            assert_eq!(parsed.subject(), Some(format!("Re: Title [#{TOKEN}]").as_str()));
            assert_eq!(parsed.from().and_then(|from| from.first()?.address()), Some("ana@x.example"));
            assert_eq!(parsed.from().and_then(|from| from.first()?.name()), Some("Guest Ăâ"));
            assert_eq!(parsed.to().and_then(|to| to.first()?.address()), Some("reply@primaria.example"));
            let invitation = format!("invitation.{TOKEN}.1@primaria.example");
            assert_eq!(parsed.in_reply_to().as_text(), Some(invitation.as_str()));
            assert_eq!(parsed.references().as_text(), Some(invitation.as_str()));
            assert_eq!(parsed.date().map(|date| date.to_timestamp()), Some(mail.date.as_second()));
            let text = parsed.body_text(0).expect("text");
            assert!(text.starts_with("Da, ăîșț."), "{text}");
            assert!(text.contains("You are invited."), "{text}");
            let has_html = parsed.parts.iter().any(|part| matches!(part.body, PartType::Html(_)));
            assert_eq!(has_html, !matches!(client, Client::Thunderbird | Client::Phone));
            if has_html {
                let html = parsed.body_html(0).expect("html");
                let (words, ours) = (html.find("ăîșț").expect("words"), html.find("<p>You are invited.").expect("our letter"));
                assert!(words < ours, "{html}");
            }
        }
    }
}

#[tokio::test]
async fn a_button_sends_what_the_link_holds() {
    for (answer, word, label) in [(Answer::Accept, "yes", "Yes"), (Answer::Decline, "no", "No"), (Answer::Tentative, "maybe", "Maybe")] {
        let mails = answers("ana@x.example", "en", vec![Reaction::Button { answer, added: Some("See you!".into()) }]).await;
        let [mail] = mails.as_slice() else { panic!("one mail") };
        let parsed = MessageParser::default().parse(&mail.raw).expect("a message");
        assert_eq!(parsed.subject(), Some(format!("{label}: Title [#{TOKEN}:{word}]").as_str()));
        assert_eq!(parsed.body_text(0).as_deref().map(str::trim_end), Some(format!("{label}, I will take part.\r\n\r\nSee you!").as_str()));
        assert_eq!(header(&parsed, "In-Reply-To"), None);
    }
}

#[tokio::test]
async fn google_answers_as_google_does() {
    let does =
        Reaction::Calendar { vendor: Vendor::Google, partstat: Partstat::Accepted, comment: Some("from \"eight\"".into()), guests: 2 };
    let mails = answers("ana@x.example", "it", vec![does]).await;
    let [mail] = mails.as_slice() else { panic!("one mail") };
    let parsed = MessageParser::default().parse(&mail.raw).expect("a message");
    assert_eq!(header(&parsed, "Auto-Submitted"), Some("auto-generated"));
    assert_eq!(header(&parsed, "In-Reply-To"), None);
    assert_eq!(parsed.sender().and_then(|sender| sender.first()?.address()), Some("calendar-notification@google.com"));
    let subject = parsed.subject().unwrap_or_default();
    assert!(subject.starts_with("Accettato: Title, with a comma @ Thu Dec 10, 2026 12:15pm - 2:30pm"), "{subject}");
    let calendars = calendars(&parsed);
    let [inline, file] = calendars.as_slice() else { panic!("two copies, not {}", calendars.len()) };
    assert_eq!(inline, file);
    for line in [
        "METHOD:REPLY",
        &format!("UID:{TOKEN}@primaria.example"),
        "SEQUENCE:2",
        "ORGANIZER;CN=\"Town: hall\":mailto:reply@primaria.example",
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=\"Guest Ăâ\";X-NUM-GUESTS=2;X-RESPONSE-COMMENT=\"from 'eight'\":mailto:ana@x.example",
        "DTSTAMP:20261130T120000Z",
    ] {
        assert!(inline.lines().any(|l| l == line), "{line} in {inline}");
    }
}

#[tokio::test]
async fn exchange_answers_as_exchange_does() {
    let does =
        Reaction::Calendar { vendor: Vendor::Exchange, partstat: Partstat::Declined, comment: Some("ziek, helaas".into()), guests: 0 };
    let mails = answers("joris@x.example", "nl", vec![does]).await;
    let [mail] = mails.as_slice() else { panic!("one mail") };
    let parsed = MessageParser::default().parse(&mail.raw).expect("a message");
    assert_eq!(parsed.subject(), Some("Afgewezen: Title, with a comma"));
    assert_eq!(header(&parsed, "Auto-Submitted"), None);
    let calendars = calendars(&parsed);
    let [inline] = calendars.as_slice() else { panic!("one copy") };
    assert!(!inline.contains("ORGANIZER"));
    for line in ["METHOD:REPLY", "COMMENT;LANGUAGE=nl-NL:ziek\\, helaas\\n", "DTSTART;TZID=UTC:20261210T111500", "SEQUENCE:2"] {
        assert!(inline.lines().any(|l| l == line), "{line} in {inline}");
    }
    assert!(inline.contains("PARTSTAT=DECLINED"));
}

#[tokio::test]
async fn robots_write_to_the_envelope_sender_from_nobody() {
    let does = vec![Reaction::OutOfOffice { text: None }, Reaction::BounceLater { status: "5.1.1".into() }];
    let mails = answers("aino@x.example", "fi", does).await;
    let [away, bounce] = mails.as_slice() else { panic!("two mails") };
    for mail in [away, bounce] {
        let parsed = MessageParser::default().parse(&mail.raw).expect("a message");
        assert_eq!(header(&parsed, "Return-Path"), Some("<>"));
        assert_eq!(header(&parsed, "Auto-Submitted"), Some("auto-replied"));
        assert_eq!(parsed.to().and_then(|to| to.first()?.address()), Some("bounce@primaria.example"));
    }
    let parsed = MessageParser::default().parse(&away.raw).expect("a message");
    assert_eq!(parsed.subject(), Some(format!("Automaattinen vastaus: Title [#{TOKEN}]").as_str()));
    let parsed = MessageParser::default().parse(&bounce.raw).expect("a message");
    let kind = parsed.content_type().expect("a type");
    assert_eq!((kind.ctype(), kind.subtype(), kind.attribute("report-type")), ("multipart", Some("report"), Some("delivery-status")));
    let parts: Vec<_> = parsed.parts.iter().map(|part| String::from_utf8_lossy(part.contents())).collect();
    assert!(parts.iter().any(|part| part.contains("Final-Recipient: rfc822; aino@x.example") && part.contains("Status: 5.1.1")));
    assert!(parts.iter().any(|part| part.contains(&format!("Message-ID: <invitation.{TOKEN}.1@primaria.example>"))));
}

#[tokio::test]
async fn the_stranger_names_nobody_and_stays_within_bounds() {
    let mails = answers("tom@x.example", "en", vec![Reaction::Hostile]).await;
    let [mail] = mails.as_slice() else { panic!("one mail") };
    assert!((100_000..300_000).contains(&mail.raw.len()), "{}", mail.raw.len());
    let text = String::from_utf8_lossy(&mail.raw);
    for ours in [TOKEN, "x.example", "primaria", "Title", "invited"] {
        assert!(!text.contains(ours), "{ours}");
    }
}

#[tokio::test]
async fn the_script_of_the_workshop_runs() {
    let (guests, expected) = workshop();
    let sandbox = start(guests).await;
    for guest in expected.guests.keys() {
        send(&sandbox, guest.as_str(), &letter(guest.as_str(), "en")).await;
        // The same letter again: nobody answers twice.
        send(&sandbox, guest.as_str(), &letter(guest.as_str(), "en")).await;
    }
    sandbox.until_settled().await;
    assert!(sandbox.settled());
    let mails = sandbox.mailbox().messages(Folder::Inbox);
    assert_eq!(u32::try_from(mails.len()), Ok(expected.mail.total));
    assert!(mails.windows(2).all(|pair| pair[0].date < pair[1].date && pair[0].uid < pair[1].uid));
    let parsed = mails.iter().filter_map(|mail| MessageParser::default().parse(&mail.raw));
    let mut by_sender: BTreeMap<String, usize> = BTreeMap::new();
    for mail in parsed {
        let from = mail.from().and_then(|from| from.first()?.address()).unwrap_or_default();
        *by_sender.entry(from.to_owned()).or_default() += 1;
    }
    assert_eq!(by_sender.get("femke.bakker@ondernemers.example"), Some(&2));
    assert_eq!(by_sender.get("tom.reed@sme-forum.example"), None);
    assert_eq!(by_sender.get("MAILER-DAEMON@mx.festival-archive.example"), Some(&1));
    assert_eq!(by_sender.len(), 16, "14 who write, the notice and the stranger: {by_sender:?}");
}

#[tokio::test]
async fn a_later_letter_is_not_answered_and_a_bare_one_is_answered_in_words() {
    let guest = "ana@x.example";
    let buttons = vec![
        Reaction::Button { answer: Answer::Accept, added: None },
        Reaction::Calendar { vendor: Vendor::Google, partstat: Partstat::Declined, comment: None, guests: 0 },
    ];
    let sandbox = start(scripted([(guest, buttons)])).await;
    send(&sandbox, guest, b"In-Reply-To: <1@x>\r\nMessage-ID: <2@x>\r\nSubject: later\r\n\r\nLater.\r\n").await;
    sandbox.until_settled().await;
    assert!(sandbox.mailbox().messages(Folder::Inbox).is_empty());
    let bare = "Subject: Invitatie\r\nMessage-ID: <3@x>\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
                Vă invităm alături de noi la întâlnirea online, care va avea loc marți.\r\n";
    send(&sandbox, guest, bare.as_bytes()).await;
    sandbox.until_settled().await;
    let mails = sandbox.mailbox().messages(Folder::Inbox);
    let texts: Vec<_> =
        mails.iter().filter_map(|mail| MessageParser::default().parse(&mail.raw)?.body_text(0).map(|t| t.into_owned())).collect();
    assert_eq!(texts.len(), 2);
    assert!(texts.iter().all(|text| text.starts_with("Bună ziua,")), "{texts:?}");
}

#[tokio::test]
async fn a_plausible_crowd_uses_every_door_and_is_the_same_twice() {
    let addresses: Vec<_> = (0..40).map(|n| address(&format!("guest.{n}@x.example"))).collect();
    assert_eq!(Guests::plausible(&addresses, 3), Guests::plausible(&addresses, 3));
    assert_ne!(Guests::plausible(&addresses, 3), Guests::plausible(&addresses, 4));
    let mut twice = Vec::new();
    for _ in 0..2 {
        let sandbox = start(Guests::plausible(&addresses, 3)).await;
        for guest in &addresses {
            let mut smtp = Dialogue::open(&sandbox).await;
            smtp.say("EHLO me.example").await;
            smtp.say("MAIL FROM:<bounce@primaria.example>").await;
            if smtp.say(&format!("RCPT TO:<{guest}>")).await.starts_with("550") {
                continue;
            }
            smtp.say("DATA").await;
            smtp.write(&stuffed(SAMPLE)).await;
            assert!(smtp.reply().await.starts_with("250"));
        }
        sandbox.until_settled().await;
        assert_eq!(sandbox.letters().len(), 39, "one address is refused");
        twice.push(sandbox.mailbox().messages(Folder::Inbox));
    }
    assert_eq!(twice.first(), twice.last());
    assert!(twice.first().is_some_and(|mails| mails.len() > 30));
}

/// The same for every guest, so that two runs can be compared.
const SAMPLE: &[u8] =
    b"From: o@primaria.example\r\nSubject: Come\r\nMessage-ID: <1@primaria.example>\r\n\r\nPlease come to our workshop.\r\n";
