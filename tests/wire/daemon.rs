//! The daemon beside real servers: what it survives. How soon it sees an answer is measured in `tests/latency.rs`.

use super::answers::Decision;
use super::imap::Imap;
use super::installation::{DESK, Installation, PASSWORD, Server, sum};
use super::invited::{Desk, LONG, list};
use super::process::until;
use super::silence::Silence;
use super::sink::{Faults, Sink};
use serde_json::Value;
use std::time::{Duration, Instant};

#[test]
fn an_outage_of_the_mail_server_loses_nothing() {
    let seconds = std::env::var("CONVOKE_OUTAGE_SECONDS").map_or(6, |text| text.parse().expect("CONVOKE_OUTAGE_SECONDS is a number"));
    let mut desk = Desk::invite(12, &["INBOX", "Junk"]);
    let daemon = desk.daemon(2);
    let mut lmtp = desk.lmtp();
    for guest in 0..4 {
        desk.answer(&mut lmtp, guest);
    }
    desk.house.until_mails(4, LONG);
    drop(lmtp);

    desk.dovecot.stop();
    let stopped = Instant::now();
    for guest in 4..8 {
        desk.dovecot.put(DESK, &format!("1.outage{guest}.mail"), &desk.letters[guest].button(Decision::Yes, ""));
    }
    let trouble = until("the trouble to be shown", LONG, || {
        let words = desk.house.convoke(&["status"]).out;
        words.contains("The mailbox has trouble").then_some(words)
    });
    println!("{}", trouble.lines().find(|line| line.contains("trouble")).unwrap_or_default());
    // The outage itself is what is tested: it lasts as long as it is said to.
    std::thread::sleep(Duration::from_secs(seconds).saturating_sub(stopped.elapsed()));
    desk.dovecot.start_again();
    let back = Instant::now();
    let mut lmtp = desk.lmtp();
    for guest in 8..12 {
        desk.answer(&mut lmtp, guest);
    }
    let status = desk.house.until_mails(12, LONG + Duration::from_secs(2 * seconds));
    println!("after {seconds} s without a server everything was read {:?} after it came back", back.elapsed());
    assert_eq!((&status["standing"]["accept"], &status["mail"]["total"]), (&Value::from(12), &Value::from(12)), "{status}");
    until("the trouble to be over", LONG + Duration::from_secs(2 * seconds), || {
        (!desk.house.convoke(&["status"]).out.contains("trouble")).then_some(())
    });
    daemon.stop();
}

#[test]
fn a_second_daemon_on_the_same_database_is_refused() {
    let desk = Desk::invite(1, &["INBOX"]);
    let daemon = desk.daemon(1);
    let second = desk.house.convoke(&["run"]);
    assert_eq!(second.code, Some(1), "{}", second.err);
    assert!(second.err.contains(&format!("the daemon, process {}", daemon.id())), "it says who holds it: {}", second.err);
    daemon.stop();
    desk.daemon(1).stop();
}

#[test]
fn a_mailbox_that_is_numbered_anew_is_counted_once() {
    let mut desk = Desk::invite(6, &["INBOX"]);
    let daemon = desk.daemon(1);
    let mut lmtp = desk.lmtp();
    for guest in 0..5 {
        desk.answer(&mut lmtp, guest);
    }
    desk.house.until_mails(5, LONG);
    drop(lmtp);
    let validity = |desk: &Desk| {
        let mut imap = Imap::plain(desk.dovecot.imap_port(), DESK, PASSWORD).expect("IMAP");
        imap.snapshot("INBOX").expect("the inbox").uid_validity
    };
    let before = (validity(&desk), desk.house.guests());
    desk.dovecot.stop();
    desk.dovecot.forget_numbers(DESK);
    desk.dovecot.start_again();
    assert_ne!(validity(&desk), before.0, "the test needs another UIDVALIDITY");
    desk.answer(&mut desk.lmtp(), 5);
    // The new answer has the highest number, so everything before it was walked through.
    let status = desk.house.until_mails(6, LONG);
    assert_eq!((&status["mail"]["total"], &status["mail"]["recorded"]), (&Value::from(6), &Value::from(6)), "{status}");
    let after = desk.house.guests();
    assert_eq!(after.get(..5), before.1.get(..5), "those who had answered stand as before");
    assert_eq!(after[5]["standing"], "accept");
    let facts: u64 =
        desk.house.database().query_row("SELECT count(*) FROM fact WHERE body LIKE '%answered%'", [], |row| row.get(0)).unwrap();
    assert_eq!(facts, 6, "one fact an answer");
    daemon.stop();
}

#[test]
fn a_folder_that_the_server_lacks_is_a_warning() {
    let desk = Desk::invite(1, &["Nowhere", "INBOX"]);
    let daemon = desk.daemon(1);
    desk.answer(&mut desk.lmtp(), 0);
    let status = desk.house.until_mails(1, LONG);
    assert_eq!(status["standing"]["accept"], 1);
    let warning = until("the warning", LONG, || daemon.log().lines().find(|line| line.contains("Nowhere")).map(str::to_owned));
    assert!(warning.contains("WARN"), "{warning}");
    daemon.stop();
}

#[test]
fn sigterm_ends_the_daemon_while_both_servers_hang() {
    let smtp = Silence::before_the_dot_is_answered();
    let imap = Silence::after_the_greeting();
    let server = Server { signs_in: true, ..Server::plain(imap.port()) };
    // The letters are queued while nobody listens.
    let nobody = Server::plain(super::process::free_port());
    let house = Installation::create(&nobody, None, &list(2));
    let ran = house.convoke(&["send", "--yes", "2"]);
    assert_eq!(ran.code, Some(1), "{}\n{}", ran.out, ran.err);
    assert_eq!(house.status()["delivery"]["queued"], 2);

    let config = std::fs::read_to_string(house.path("convoke.toml")).expect("the configuration");
    let config = config.replace(&format!("port = {}", nobody.port), &format!("port = {}\nconnections = 1", smtp.port()));
    let imap = format!("[imap]\nhost = \"localhost\"\nport = {}\nsecurity = \"none\"\nuser = \"{DESK}\"\n", server.port);
    house.write("convoke.toml", &format!("{config}{imap}password = {{ env = \"CONVOKE_TEST_IMAP\" }}\n"));
    let daemon = house.daemon();
    smtp.reached(LONG);
    let (ended, took) = daemon.terminate();
    println!("with both servers hanging SIGTERM took {took:?}");
    assert!(ended.success(), "{ended}");
    assert!(took > Duration::from_secs(25), "the relay got its time: {took:?}");
    assert_eq!(house.status()["delivery"]["sending"], 1, "as if the power had failed");

    let sink = Sink::start(&Faults::default());
    house.write("convoke.toml", &config.replace(&format!("port = {}", smtp.port()), &format!("port = {}", sink.port())));
    let daemon = house.daemon();
    let status = until("the other letter to be sent", LONG, || {
        let status = house.status();
        (status["delivery"]["sent"] == 1).then_some(status)
    });
    assert_eq!(status["delivery"]["uncertain"], 1, "{status}");
    assert_eq!(sum(&status["delivery"]), 2);
    daemon.stop();
}

#[test]
fn a_database_that_cannot_be_written_stops_sending_before_the_first_letter() {
    const GUESTS: usize = 5;
    let mut sink = Sink::start(&Faults::default());
    let house = Installation::create(&Server::plain(sink.port()), None, &list(GUESTS));
    let ran = house.convoke(&["send", "--yes", "1", "--limit", "1"]);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.out, ran.err);
    for args in [&["send", "--yes", "4"][..], &["run"]] {
        let ran = house.convoke_read_only(args);
        assert_eq!(ran.code, Some(1), "{args:?}: {}\n{}", ran.out, ran.err);
        assert!(ran.err.contains("convoke.db"), "{args:?}: {}", ran.err);
        assert_eq!(sink.count(), 1, "{args:?}");
    }
    let ran = house.convoke(&["send", "--yes", "4"]);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.out, ran.err);
    assert_eq!(sink.count(), GUESTS);
}

#[test]
fn a_full_disk_stops_sending_before_the_first_letter_that_cannot_be_recorded() {
    const GUESTS: usize = 40;
    let nobody = Server::plain(super::process::free_port());
    let house = Installation::create(&nobody, None, &list(GUESTS));
    let ran = house.convoke(&["send", "--yes", &GUESTS.to_string()]);
    assert_eq!(ran.code, Some(1), "{}\n{}", ran.out, ran.err);
    let mut sink = Sink::start(&Faults::default());
    let config = std::fs::read_to_string(house.path("convoke.toml")).expect("the configuration");
    house.write("convoke.toml", &config.replace(&format!("port = {}", nobody.port), &format!("port = {}", sink.port())));

    let (mut held, mut on_the_way) = (0, false);
    // No file may grow beyond so many KiB: the log of the database is the first that wants to.
    for room in [0, 100, 400] {
        let before = sink.count();
        let ran = house.convoke_on_a_full_disk(room * 2, &["send", "--yes", "0"]);
        let status = house.status();
        let left = sink.count();
        println!("with {room} KiB left: {} letters left, exit {:?}: {}", left - before, ran.code, ran.err.trim());
        assert_eq!(ran.code, Some(1), "{room} KiB: {}\n{}", ran.out, ran.err);
        assert!(ran.err.contains("database"), "{}", ran.err);
        assert!(room > 0 || left == 0, "{left} letters left while nothing could be recorded");
        on_the_way |= left > before;
        // What left and could not be written down is in a sender's hands: two connections, two letters.
        let delivery = |word: &str| usize::try_from(status["delivery"][word].as_u64().expect("a number")).expect("a number");
        held = held.max(delivery("sending"));
        assert!(delivery("sending") <= 2, "{status}");
        let (sent, doubtful) = (delivery("sent"), delivery("sending") + delivery("uncertain"));
        assert!(sent <= left && left <= sent + doubtful, "{left} left: {status}");
    }
    assert!(on_the_way, "the disk was never full in the middle of sending");
    println!("at most {held} letters were in a sender's hands when the disk was full");
    let ran = house.convoke(&["send", "--yes", "0"]);
    let status = house.status();
    assert!(matches!(ran.code, Some(0 | 3)), "{}\n{}", ran.out, ran.err);
    let uncertain = usize::try_from(status["delivery"]["uncertain"].as_u64().expect("a number")).expect("a number");
    let mut recipients = sink.recipients();
    let all = recipients.len();
    recipients.sort();
    recipients.dedup();
    assert_eq!(recipients.len(), all, "nobody was written to twice");
    assert!(recipients.len() + uncertain >= GUESTS, "every letter left or is uncertain: {status}");
    assert_eq!(status["delivery"]["sent"], GUESTS - uncertain, "{status}");
}
