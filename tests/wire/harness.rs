//! The harness tests itself: what it says about the servers must be true before it can judge `convoke`.

use super::authority::Authority;
use super::dialogue::Dialogue;
use super::dovecot::{self, Dovecot};
use super::imap::Imap;
use super::lmtp::Lmtp;
use super::postfix::{self, Postfix};
use super::process::{self, find, until};
use super::sink::{Faults, Sink};
use super::smtp::{Login, Security, Session};
use std::ffi::OsStr;
use std::time::{Duration, Instant};

const DESK: &str = "workshop@primaria.example";
const PASSWORD: &str = "a long \"secret\"";

fn desk(tls: bool) -> Dovecot {
    Dovecot::start(&dovecot::Options { tls, users: vec![(DESK.to_owned(), PASSWORD.to_owned())] })
}

fn message(number: usize) -> Vec<u8> {
    format!(
        "From: guest{number}@post.example\r\nTo: {DESK}\r\nMessage-ID: <m{number}@post.example>\r\nSubject: Re: Workshop\r\n\r\n.Da, vin.\r\n"
    )
    .into_bytes()
}

#[test]
fn mail_delivered_by_lmtp_is_seen_by_imap_and_survives_a_restart() {
    let mut dovecot = desk(true);
    let mut lmtp = Lmtp::connect(dovecot.lmtp_port()).unwrap();
    for number in 0..300 {
        lmtp.deliver("guest@post.example", DESK, &message(number)).unwrap();
    }
    let before = Imap::plain(dovecot.imap_port(), DESK, PASSWORD).unwrap().snapshot("INBOX").unwrap();
    assert_eq!((before.messages, before.recent, before.unseen, before.flags.len()), (300, 300, 300, 300));

    let first = dovecot.id();
    dovecot.stop();
    assert!(Imap::plain(dovecot.imap_port(), DESK, PASSWORD).is_err(), "a stopped server answers nobody");
    dovecot.start_again();
    assert_ne!(dovecot.id(), first);

    let mut imap = Imap::tls(dovecot.imaps_port(), dovecot.authority(), DESK, PASSWORD).unwrap();
    assert_eq!(imap.snapshot("INBOX").unwrap(), before);
    let stranger = Authority::create(process::folder("convoke-stranger-").path());
    assert!(Dialogue::tls(dovecot.imaps_port(), &stranger).is_err(), "another authority is not trusted");
    assert!(std::fs::read_to_string(dovecot.authority().ca()).unwrap().starts_with("-----BEGIN CERTIFICATE"));
    let raw = String::from_utf8(imap.fetch("INBOX", 300).unwrap()).unwrap();
    assert!(raw.contains("Message-ID: <m299@post.example>") && raw.ends_with("\r\n.Da, vin.\r\n"), "{raw}");
    assert_eq!(imap.snapshot("INBOX").unwrap(), before, "reading by this harness changes nothing");
    imap.mark_seen("INBOX", 7).unwrap();
    let after = imap.snapshot("INBOX").unwrap();
    assert_eq!((after.unseen, after.recent), (299, 0), "a reader that marks mail is noticed");
    assert_ne!(after.flags, before.flags);
}

#[test]
fn dovecot_lets_nobody_in_with_a_wrong_password_and_delivers_tagged_addresses() {
    let dovecot = desk(false);
    assert!(Imap::plain(dovecot.imap_port(), DESK, "wrong").is_err());
    let mut lmtp = Lmtp::connect(dovecot.lmtp_port()).unwrap();
    lmtp.deliver("", "workshop+k7q2m9x4t8wn@primaria.example", &message(1)).unwrap();
    let mut imap = Imap::plain(dovecot.imap_port(), DESK, PASSWORD).unwrap();
    assert_eq!(imap.snapshot("INBOX").unwrap().messages, 1);
    assert_eq!(imap.snapshot("Junk").unwrap().messages, 0);
}

#[test]
fn postfix_takes_signed_in_mail_over_tls_and_delivers_it_to_dovecot() {
    let guest = "ana@post.example";
    let dovecot = Dovecot::start(&dovecot::Options {
        tls: true,
        users: vec![(DESK.to_owned(), PASSWORD.to_owned()), (guest.to_owned(), "hers".to_owned())],
    });
    let options = postfix::Options {
        refused: vec!["nobody@post.example".to_owned()],
        deferred: vec!["busy@post.example".to_owned()],
        bounced: vec!["gone@post.example".to_owned()],
    };
    let postfix = Postfix::start(&dovecot, &options);
    let login = Login { user: DESK, password: PASSWORD };
    let ca = dovecot.authority();

    for (port, security) in [(postfix.submission_port(), Security::StartTls(ca)), (postfix.smtps_port(), Security::Tls(ca))] {
        let mut stranger = Session::open(port, &security, None).unwrap();
        assert!(stranger.announced.contains("AUTH PLAIN"), "{}", stranger.announced);
        let refusal = stranger.submit(DESK, guest, &message(0)).unwrap_err().to_string();
        assert!(refusal.starts_with("554"), "{refusal}");
        let wrong = Login { user: DESK, password: "wrong" };
        assert!(Session::open(port, &security, Some(&wrong)).err().unwrap().to_string().starts_with("535"));
        Session::open(port, &security, Some(&login)).unwrap().submit(DESK, guest, &message(0)).unwrap();
    }
    let mut session = Session::open(postfix.plain_port(), &Security::None, None).unwrap();
    session.submit(DESK, guest, &message(0)).unwrap();
    session.submit(DESK, "gone@post.example", &message(1)).unwrap();
    for (address, reply) in [("nobody@post.example", "550 5.1.1"), ("busy@post.example", "450 4.2.1")] {
        let mut session = Session::open(postfix.plain_port(), &Security::None, Some(&login)).unwrap();
        let refusal = session.submit(DESK, address, &message(0)).unwrap_err().to_string();
        assert!(refusal.starts_with(reply), "{refusal}");
    }

    let mut hers = Imap::plain(dovecot.imap_port(), guest, "hers").unwrap();
    until("three messages at the guest's", Duration::from_secs(20), || (hers.snapshot("INBOX").unwrap().messages == 3).then_some(()));
    let on_disk = dovecot.mailbox(guest);
    assert_eq!(on_disk.len(), 3);
    assert!(on_disk.iter().all(|raw| raw.ends_with(b"\r\n\r\n.Da, vin.\r\n")), "{on_disk:?}");
    let mut desk = Imap::plain(dovecot.imap_port(), DESK, PASSWORD).unwrap();
    until("the bounce", Duration::from_secs(20), || (desk.snapshot("INBOX").unwrap().messages == 1).then_some(()));
    let bounce = String::from_utf8_lossy(&desk.fetch_all("INBOX").unwrap().remove(0).1).into_owned();
    assert!(bounce.contains("report-type=delivery-status") && bounce.contains("Final-Recipient: rfc822; gone@post.example"), "{bounce}");
}

#[test]
fn the_sink_counts_what_was_sent_whole() {
    let mut sink = Sink::start(&Faults::default());
    let mut session = Session::open(sink.port(), &Security::None, None).unwrap();
    for number in 0..500 {
        session.submit(DESK, &format!("guest{number}@post.example"), &message(number)).unwrap();
    }
    let mut found = sink.recipients();
    found.sort();
    let mut expected: Vec<String> = (0..500).map(|number| format!("guest{number}@post.example")).collect();
    expected.sort();
    assert_eq!(found, expected);

    // A message that stops before its final dot was not sent.
    for line in [format!("MAIL FROM:<{DESK}>"), "RCPT TO:<half@post.example>".to_owned(), "DATA".to_owned()] {
        session.dialogue.say(&line).unwrap();
        session.dialogue.reply().unwrap();
    }
    session.dialogue.send(b"Subject: half\r\n\r\nhalf").unwrap();
    let mut other = Session::open(sink.port(), &Security::None, None).unwrap();
    other.submit(DESK, "guest1@post.example", &message(1)).unwrap();
    assert_eq!(sink.count(), 501);
    drop(session);
    other.submit(DESK, "guest2@post.example", &message(2)).unwrap();
    let found = sink.recipients();
    assert_eq!(found.len(), 502);
    assert_eq!(found.iter().filter(|address| *address == "guest1@post.example").count(), 2, "a second copy is seen");
    assert!(!found.iter().any(|address| address == "half@post.example"));
}

#[test]
fn the_sink_fails_on_request_and_forgets_nothing() {
    let mut sink = Sink::start(&Faults { soft: vec!["RCPT"], ..Faults::default() });
    let mut session = Session::open(sink.port(), &Security::None, None).unwrap();
    assert!(session.submit(DESK, "ana@post.example", &message(1)).unwrap_err().to_string().starts_with("450"));
    sink.stop();
    sink.start_again(&Faults { hang_up: vec!["."], ..Faults::default() });
    let mut session = Session::open(sink.port(), &Security::None, None).unwrap();
    session.submit(DESK, "bo@post.example", &message(1)).unwrap_err();
    sink.stop();
    sink.start_again(&Faults::default());
    let mut session = Session::open(sink.port(), &Security::None, None).unwrap();
    session.submit(DESK, "cy@post.example", &message(1)).unwrap();
    assert!(sink.recipients().contains(&"cy@post.example".to_owned()));
    assert!(!sink.recipients().contains(&"ana@post.example".to_owned()));
}

#[test]
fn the_sink_waits_and_refuses_for_good_on_request() {
    let mut sink = Sink::start(&Faults { waits: vec![("RCPT", 1)], hard: vec!["DATA"], ..Faults::default() });
    let mut session = Session::open(sink.port(), &Security::None, None).unwrap();
    let began = Instant::now();
    assert!(session.submit(DESK, "ana@post.example", &message(1)).unwrap_err().to_string().starts_with("500"));
    assert!(began.elapsed() >= Duration::from_millis(900), "{:?}", began.elapsed());
    assert_eq!(sink.count(), 0);
}

#[test]
fn a_missing_server_is_named_with_its_package() {
    let why = find("no-such-server", "dovecot-imapd dovecot-lmtpd", OsStr::new("/bin:/usr/bin")).unwrap_err();
    assert!(why.contains("no-such-server") && why.contains("apt-get install dovecot-imapd dovecot-lmtpd"), "{why}");
    assert!(find("sh", "dash", OsStr::new("/bin:/usr/bin")).is_ok());
}
