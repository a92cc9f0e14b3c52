//! A whole campaign on real servers: three hundred guests are invited, a hundred and twenty answers come back.

use super::answers::Received;
use super::dovecot::{self, Dovecot};
use super::imap::{Imap, Snapshot};
use super::installation::{DESK, Installation, PASSWORD, Server, sum};
use super::lmtp::Lmtp;
use super::postfix::{self, Postfix};
use super::process::until;
use super::script::{self, Does, Guest};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// How long the servers may take for hundreds of mails.
const LONG: Duration = Duration::from_secs(120);
const FOLDERS: [&str; 2] = ["INBOX", "Junk"];

#[test]
fn three_hundred_guests_are_invited_and_every_answer_is_understood() {
    let guests = script::guests();
    let dovecot = Dovecot::start(&dovecot::Options { tls: true, users: vec![(DESK.to_owned(), PASSWORD.to_owned())] });
    let postfix = Postfix::start(&dovecot, &treatment(&guests));
    let authority = Some(dovecot.authority());
    let smtp = Server { port: postfix.submission_port(), security: "starttls", authority, signs_in: true };
    let imap = Server { port: dovecot.imaps_port(), security: "tls", authority, signs_in: true };
    let house = Installation::create(&smtp, Some((&imap, &FOLDERS)), &script::list(&guests));

    let began = Instant::now();
    invite(&house, &guests);
    let sent = began.elapsed();
    let letters = arrived(&dovecot, &guests);
    let extra = deliver(&dovecot, &guests, letters);
    let before = snapshots(&dovecot);

    let began = Instant::now();
    let daemon = house.daemon();
    let notices = guests.iter().filter(|guest| guest.does == Does::Gone).count();
    let total = u64::try_from(script::ANSWERS + notices + extra.mails).expect("a number");
    let status = house.until_mails(total, LONG);
    let read = began.elapsed();
    println!("300 letters in {sent:?}; {total} mails read in {read:?}");

    let rows = house.guests();
    compare(&guests, &rows);
    reconcile(&guests, &rows, &status, &extra);
    assert_eq!(snapshots(&dovecot), before, "the mailbox is as it was");
    let took = daemon.stop();
    println!("SIGTERM took {took:?}");

    // A second daemon finds nothing new, and a second `send` invites nobody.
    let look = house.last_look();
    let daemon = house.daemon();
    house.until_read_after(look, FOLDERS.len(), LONG);
    assert_eq!(house.guests(), rows);
    assert_eq!(without_times(house.status()), without_times(status));
    daemon.stop();
    assert_eq!(snapshots(&dovecot), before);
    let again = house.convoke(&["send", "--yes", "0"]);
    assert_eq!(again.code, Some(3), "{}{}", again.out, again.err);
    assert_eq!(house.letters().len(), guests.len());
}

/// Which addresses Postfix treats in which way.
fn treatment(guests: &[Guest]) -> postfix::Options {
    let of = |does| guests.iter().filter(|guest| guest.does == does).map(|guest| guest.email.clone()).collect();
    postfix::Options { refused: of(Does::Refused), deferred: of(Does::Busy), bounced: of(Does::Gone) }
}

fn invite(house: &Installation, guests: &[Guest]) {
    let wrong = house.convoke(&["send", "--yes", "299"]);
    assert_eq!(wrong.code, Some(2), "a wrong number queues nothing: {}", wrong.err);
    let ran = house.convoke(&["send", "--yes", "300"]);
    // One address is busy: its letter waits.
    assert_eq!(ran.code, Some(3), "{}\n{}", ran.out, ran.err);
    let status = house.status();
    let delivery = &status["delivery"];
    let count = |does| guests.iter().filter(|guest| guest.does == does).count();
    let (refused, busy) = (count(Does::Refused), count(Does::Busy));
    assert_eq!((&delivery["failed"], &delivery["queued"]), (&Value::from(refused), &Value::from(busy)), "{delivery}");
    assert_eq!(delivery["sent"], guests.len() - refused - busy, "{delivery}");
}

/// The letter of every guest whose mailbox can be reached, as it lies there; in the order of the list.
fn arrived(dovecot: &Dovecot, guests: &[Guest]) -> Vec<Option<Received>> {
    let unreached = |guest: &Guest| matches!(guest.does, Does::Refused | Does::Busy | Does::Gone);
    let mut wanted: HashMap<&str, usize> = HashMap::new();
    for guest in guests.iter().filter(|guest| !unreached(guest)) {
        *wanted.entry(&guest.email).or_default() += 1;
    }
    let mut letters: HashMap<(String, String), Received> = HashMap::new();
    for (email, count) in wanted {
        let found = until(&format!("{count} letters in the mailbox of {email}"), LONG, || {
            let found = dovecot.mailbox(email);
            (found.len() >= count).then_some(found)
        });
        assert_eq!(found.len(), count, "{email} has more letters than guests");
        for letter in found.iter().map(|raw| Received::read(raw)) {
            assert!(letters.insert(letter.guest.clone(), letter).is_none(), "{email} has two letters for one guest");
        }
    }
    guests.iter().map(|guest| letters.remove(&(guest.email.clone(), guest.name.clone()))).collect()
}

/// What else lies in the mailbox.
struct Extra {
    /// Distinct mails.
    mails: usize,
    needs_look: usize,
    not_ours: usize,
}

/// Delivers every answer: each fifth to Junk, the others to the inbox; and mail that is nobody's answer.
fn deliver(dovecot: &Dovecot, guests: &[Guest], letters: Vec<Option<Received>>) -> Extra {
    let mut imap = desk(dovecot);
    let notices = guests.iter().filter(|guest| guest.does == Does::Gone).count();
    until("Postfix's delivery notices", LONG, || {
        let found = imap.snapshot("INBOX").expect("the inbox").messages;
        (usize::try_from(found) == Ok(notices)).then_some(())
    });
    let (mut inbox, mut junk, mut twice) = (Vec::new(), Vec::new(), None);
    for (number, (guest, letter)) in guests.iter().zip(letters).enumerate() {
        let unreached = matches!(guest.does, Does::Refused | Does::Busy | Does::Gone);
        assert_eq!(letter.is_none(), unreached, "the letter of {} <{}>", guest.name, guest.email);
        let Some(mut letter) = letter else { continue };
        let mails = script::mails(guest, &mut letter);
        assert_eq!(mails.len(), script::count(guest.does));
        twice = twice.or_else(|| mails.first().filter(|_| number > 40).cloned());
        if number % 5 == 0 { &mut junk } else { &mut inbox }.extend(mails);
    }
    // One mail lies in both folders, and counts once.
    junk.extend(twice);
    let unrelated = unrelated();
    for (number, raw) in unrelated.iter().enumerate() {
        if number % 2 == 0 { &mut junk } else { &mut inbox }.push(raw.clone());
    }
    inbox.push(lookalike());

    let mut lmtp = Lmtp::connect(dovecot.lmtp_port()).expect("LMTP");
    let first = imap.snapshot("INBOX").expect("the inbox").uid_next;
    for raw in &junk {
        lmtp.deliver("someone@post.example", DESK, raw).expect("a delivery");
    }
    imap.command("SELECT INBOX").expect("the inbox");
    imap.command(&format!("UID MOVE {first}:* Junk")).expect("a move to Junk");
    imap.command("UNSELECT").expect("the inbox is left");
    for raw in &inbox {
        lmtp.deliver("someone@post.example", DESK, raw).expect("a delivery");
    }
    let lie = FOLDERS.map(|folder| usize::try_from(imap.snapshot(folder).expect("a folder").messages).expect("a number"));
    assert_eq!(lie, [inbox.len() + notices, junk.len()]);
    Extra { mails: unrelated.len() + 1, needs_look: 1, not_ours: unrelated.len() }
}

/// Mail of everyday life, which is nobody's answer.
fn unrelated() -> Vec<Vec<u8>> {
    let mail = |number: usize, from: &str, subject: &str, body: &str| {
        format!(
            "From: {from}\r\nTo: {DESK}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <other{number}@shop.example>\r\n\
             Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
        )
        .into_bytes()
    };
    vec![
        mail(1, "News <news@shop.example>", "Offers of the week", "Yes, everything is cheaper."),
        mail(2, "colleague@town.example", "Re: Lunch", "Da, vin cu plăcere."),
        mail(3, "Bank <no-reply@bank.example>", "Your statement", "Please confirm."),
        mail(4, &format!("Primăria Exemplu <{DESK}>"), "A note to myself", "I will attend."),
        mail(5, "Mail Delivery System <MAILER-DAEMON@far.example>", "Undelivered Mail Returned to Sender", "User unknown"),
        mail(6, "x@y.example", "", ""),
        mail(7, "List <list@club.example>", "[club] Who comes on Friday?", "Ik kom!"),
    ]
}

/// Nobody we know answers our subject: it may be a guest's other address, so the organiser should see it.
fn lookalike() -> Vec<u8> {
    let subject = "Re: Invitation: ECoC-SME online workshop";
    format!(
        "From: private@home.example\r\nTo: {DESK}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <home@home.example>\r\n\
         Subject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYes, I will attend.\r\n"
    )
    .into_bytes()
}

fn desk(dovecot: &Dovecot) -> Imap {
    Imap::tls(dovecot.imaps_port(), dovecot.authority(), DESK, PASSWORD).expect("IMAP")
}

fn snapshots(dovecot: &Dovecot) -> [Snapshot; 2] {
    let mut imap = desk(dovecot);
    FOLDERS.map(|folder| imap.snapshot(folder).expect("a folder"))
}

/// Every row against the script; all that differs is told at once.
fn compare(guests: &[Guest], rows: &[Value]) {
    assert_eq!(rows.len(), guests.len());
    let mut wrong = Vec::new();
    for (guest, row) in guests.iter().zip(rows) {
        let expected = guest.row();
        let mut check = |field: &str, expected: Value| {
            if row[field] != expected {
                wrong.push(format!("{} ({}, {:?}): {field} is {}, not {expected}: {row}", guest.email, guest.lang, guest.does, row[field]));
            }
        };
        check("email", guest.email.clone().into());
        check("name", guest.name.clone().into());
        check("language", guest.lang.into());
        check("standing", expected.standing.into());
        check("answer", expected.answer.into());
        check("party", expected.party.into());
        check("delivery", expected.delivery.into());
        if let Some(question) = expected.question {
            check("question", question.into());
        }
        check("unsubscribe", expected.unsubscribe.into());
        check("sure", expected.sure.into());
        if row["delegate"]["name"] != Value::from(expected.delegate) {
            wrong.push(format!("{} ({}, {:?}): delegate is {}", guest.email, guest.lang, guest.does, row["delegate"]));
        }
        if expected.evidence && row["evidence"].as_array().is_none_or(Vec::is_empty) {
            wrong.push(format!("{} ({}, {:?}): no evidence: {row}", guest.email, guest.lang, guest.does));
        }
        if !expected.sure && row["note"] == "" {
            wrong.push(format!("{} ({}, {:?}): a look without a reason", guest.email, guest.lang, guest.does));
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// The numbers of `status --json` are those of the script, and those of the rows.
fn reconcile(guests: &[Guest], rows: &[Value], status: &Value, extra: &Extra) {
    let tally = |words: &mut dyn Iterator<Item = &str>| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        words.for_each(|word| *counts.entry(word.to_owned()).or_default() += 1);
        counts
    };
    let same = |name: &str, expected: BTreeMap<String, u64>| {
        let found = status[name].as_object().expect("an object of numbers");
        for (word, count) in found.iter().filter(|(word, _)| *word != "total") {
            assert_eq!(count.as_u64(), Some(expected.get(word).copied().unwrap_or(0)), "{name} {word}: {status}");
        }
    };
    same("standing", tally(&mut rows.iter().filter_map(|row| row["standing"].as_str())));
    same("delivery", tally(&mut guests.iter().map(|guest| guest.row().delivery)));
    let mut buckets = tally(&mut guests.iter().flat_map(|guest| guest.buckets()).copied());
    for (bucket, more) in [("needs_look", extra.needs_look), ("not_ours", extra.not_ours)] {
        *buckets.entry(bucket.to_owned()).or_default() += u64::try_from(more).expect("a number");
    }
    same("mail", buckets);
    assert_eq!(status["guests"], guests.len());
    assert_eq!(sum(&status["standing"]), status["guests"], "{status}");
    assert_eq!(sum(&status["mail"]), status["mail"]["total"], "{status}");
    assert_eq!(sum(&status["delivery"]), status["guests"], "one letter a guest: {status}");
    let comes = |row: &&Value| matches!(row["standing"].as_str(), Some("accept" | "delegate"));
    let people: u64 = rows.iter().filter(comes).map(|row| row["party"].as_u64().unwrap_or(1)).sum();
    assert_eq!(status["people"], people, "{status}");
    let mut tokens: Vec<&str> = rows.iter().filter_map(|row| row["token"].as_str()).collect();
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), guests.len(), "every guest has a token of their own");
}

fn without_times(mut status: Value) -> Value {
    status["mailbox"].as_array_mut().expect("folders").iter_mut().for_each(|folder| folder["last_read"] = Value::Null);
    status
}
