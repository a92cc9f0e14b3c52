//! How soon an answer that arrives while the daemon is in IDLE stands in `status`.
//!
//! It is a test program of its own, because time is measured here and programs of tests run one after the other.

#![allow(dead_code, reason = "the harness is the one of tests/wire; only a part of it is needed here")]

#[path = "wire/answers.rs"]
mod answers;
#[path = "wire/authority.rs"]
mod authority;
#[path = "wire/dialogue.rs"]
mod dialogue;
#[path = "wire/dovecot.rs"]
mod dovecot;
#[path = "wire/imap.rs"]
mod imap;
#[path = "wire/installation.rs"]
mod installation;
#[path = "wire/invited.rs"]
mod invited;
#[path = "wire/lmtp.rs"]
mod lmtp;
#[path = "wire/phrases.rs"]
mod phrases;
#[path = "wire/process.rs"]
mod process;
#[path = "wire/sink.rs"]
mod sink;

use imap::Imap;
use installation::{DESK, PASSWORD, mails};
use invited::{Desk, LONG};
use rusqlite::Connection;
use std::sync::mpsc;
use std::time::{Duration, Instant};

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[test]
fn an_answer_stands_in_status_within_two_seconds() {
    const ANSWERS: usize = 20;
    let desk = Desk::invite(ANSWERS, &["INBOX"]);
    let daemon = desk.daemon(1);
    let mut watcher = Imap::plain(desk.dovecot.imap_port(), DESK, PASSWORD).expect("IMAP");
    watcher.idle("INBOX").expect("IDLE");
    let (tell, told) = mpsc::channel();
    let watching = std::thread::spawn(move || {
        for _ in 0..ANSWERS {
            tell.send((watcher.news().expect("EXISTS"), Instant::now())).expect("the test listens");
        }
    });
    let database = desk.house.database();
    let mut lmtp = desk.lmtp();
    let (mut shown, mut committed, mut behind) = (Vec::new(), Vec::new(), Vec::new());
    for guest in 0..ANSWERS {
        let wanted = u64::try_from(guest + 1).expect("a number");
        let delivered = Instant::now();
        desk.answer(&mut lmtp, guest);
        let row = row_at(&database, wanted);
        let status = desk.house.status();
        assert_eq!(status["standing"]["accept"], wanted, "{status}");
        shown.push(delivered.elapsed());
        committed.push(row - delivered);
        let (count, exists) = told.recv_timeout(LONG).expect("the server tells of it");
        assert_eq!(u64::from(count), wanted);
        behind.push(row.saturating_duration_since(exists));
    }
    watching.join().expect("the watcher");
    let last = *behind.iter().max().expect("some");
    let (shown, committed, behind) = (median(&mut shown), median(&mut committed), median(&mut behind));
    println!(
        "from LMTP to status: median {shown:?}; to the row: median {committed:?}; from EXISTS to the row: median {behind:?}, most {last:?}"
    );
    assert!(shown < Duration::from_secs(2), "an answer took {shown:?} to stand in status");
    assert!(behind < Duration::from_millis(50), "the row came {behind:?} after EXISTS");
    daemon.stop();
}

/// When the database first shows this many mails; asked every millisecond.
fn row_at(database: &Connection, wanted: u64) -> Instant {
    let end = Instant::now() + LONG;
    loop {
        if mails(database) >= wanted {
            return Instant::now();
        }
        assert!(Instant::now() < end, "waited {LONG:?} in vain for mail {wanted}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
