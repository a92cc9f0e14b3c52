//! A small campaign whose letters have left, before its first answer.

use super::answers::{Decision, Received};
use super::dovecot::{self, Dovecot};
use super::installation::{DESK, Daemon, Installation, PASSWORD, Server};
use super::lmtp::Lmtp;
use super::sink::{Faults, Sink};
use std::fmt::Write as _;
use std::time::Duration;

/// How long anything may take that is not measured.
pub const LONG: Duration = Duration::from_secs(90);

/// Rows for so many guests, all in English.
pub fn list(guests: usize) -> String {
    let mut list = "email,name,lang,salutation\n".to_owned();
    for number in 0..guests {
        let _ = writeln!(list, "guest{number}@house{number}.example,Guest Number{number},en,Dear guest");
    }
    list
}

/// A campaign whose letters went into a sink, and a mailbox that waits for the answers.
pub struct Desk {
    pub dovecot: Dovecot,
    _sink: Sink,
    pub house: Installation,
    pub letters: Vec<Received>,
}

impl Desk {
    /// Sends the invitations; the daemon will look into these folders.
    pub fn invite(guests: usize, folders: &[&str]) -> Self {
        let dovecot = Dovecot::start(&dovecot::Options { tls: false, users: vec![(DESK.to_owned(), PASSWORD.to_owned())] });
        let sink = Sink::start(&Faults::default());
        let imap = Server { signs_in: true, ..Server::plain(dovecot.imap_port()) };
        let house = Installation::create(&Server::plain(sink.port()), Some((&imap, folders)), &list(guests));
        let ran = house.convoke(&["send", "--yes", &guests.to_string()]);
        assert_eq!(ran.code, Some(0), "{}\n{}", ran.out, ran.err);
        let letters = house.letters().iter().map(|(_, raw)| Received::read(raw)).collect();
        Self { dovecot, _sink: sink, house, letters }
    }

    pub fn lmtp(&self) -> Lmtp {
        Lmtp::connect(self.dovecot.lmtp_port()).expect("LMTP")
    }

    /// One guest after the other presses the button yes.
    pub fn answer(&self, lmtp: &mut Lmtp, guest: usize) {
        lmtp.deliver(&self.letters[guest].guest.0, DESK, &self.letters[guest].button(Decision::Yes, "")).expect("a delivery");
    }

    /// Starts the daemon and waits until it has looked into every folder.
    pub fn daemon(&self, folders: usize) -> Daemon {
        let look = self.house.last_look();
        let daemon = self.house.daemon();
        self.house.until_read_after(look, folders, LONG);
        daemon
    }
}
