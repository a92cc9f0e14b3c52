//! Real mail servers take a campaign of two hundred, with STARTTLS and sign-in: Postfix, Exim and OpenSMTPD.
//!
//! `cargo test --test servers`, as root. It is a command of its own because it fetches the Debian packages of Exim and
//! OpenSMTPD (`apt-get download`), which cannot be installed beside Postfix: they are unpacked into `target/servers` and
//! run in a root folder of their own. Postfix and Dovecot must be installed, as for the wire tests.

#[path = "../wire/authority.rs"]
#[allow(dead_code, reason = "shared with the wire tests")]
mod authority;
#[path = "../wire/dialogue.rs"]
#[allow(dead_code, reason = "shared with the wire tests")]
mod dialogue;
#[path = "../wire/dovecot.rs"]
#[allow(dead_code, reason = "shared with the wire tests")]
mod dovecot;
mod exim;
#[path = "../wire/installation.rs"]
#[allow(dead_code, reason = "shared with the wire tests")]
mod installation;
mod opensmtpd;
#[path = "../wire/postfix.rs"]
#[allow(dead_code, reason = "shared with the wire tests")]
mod postfix;
#[path = "../wire/process.rs"]
#[allow(dead_code, reason = "shared with the wire tests")]
mod process;
mod unpacked;

use authority::Authority;
use installation::{DESK, Installation, PASSWORD, Server};
use process::until;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const GUESTS: usize = 200;
/// How long a server may take to deliver what it accepted.
const LONG: Duration = Duration::from_secs(60);

fn address(number: usize) -> String {
    format!("guest{number}@post.example")
}

/// Sends the campaign to the server on `port` and counts what arrived: `found` gives the recipient of each delivered letter.
fn campaign(name: &str, port: u16, authority: &Authority, found: impl Fn() -> Vec<String>) {
    let mut list = "email,name,lang,salutation\n".to_owned();
    for number in 0..GUESTS {
        let lang = ["en", "ro", "nl", "it", "hr", "lt", "fi"][number % 7];
        let _ = writeln!(list, "{},Guest {number},{lang},Dear Guest {number}", address(number));
    }
    let server = Server { port, security: "starttls", authority: Some(authority), signs_in: true };
    let house = Installation::create(&server, None, &list);
    let began = Instant::now();
    let ran = house.convoke(&["send", "--yes", &GUESTS.to_string()]);
    let took = began.elapsed();
    assert_eq!(ran.code, Some(0), "{name}: {}\n{}", ran.out, ran.err);
    assert_eq!(house.status()["delivery"]["sent"], GUESTS, "{name}");
    until(&format!("{GUESTS} letters at {name}"), LONG, || (found().len() >= GUESTS).then_some(()));
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    found().into_iter().for_each(|recipient| *arrived.entry(recipient).or_default() += 1);
    let expected: BTreeMap<String, usize> = (0..GUESTS).map(|number| (address(number), 1)).collect();
    assert_eq!(arrived, expected, "{name}: one letter for each guest");
    println!("{name}: {GUESTS} letters sent in {took:?}, and each of them delivered once");
}

#[test]
fn postfix_takes_a_campaign() {
    let dovecot = dovecot::Dovecot::start(&dovecot::Options { tls: true, users: vec![(DESK.to_owned(), PASSWORD.to_owned())] });
    let postfix = postfix::Postfix::start(&dovecot, &postfix::Options::default());
    campaign("Postfix", postfix.submission_port(), dovecot.authority(), || {
        (0..GUESTS).map(address).flat_map(|guest| dovecot.mailbox(&guest).into_iter().map(move |_| guest.clone())).collect()
    });
}

#[test]
fn exim_takes_a_campaign() {
    let exim = exim::Exim::start();
    campaign("Exim", exim.port(), exim.authority(), || exim.recipients());
}

#[test]
fn opensmtpd_takes_a_campaign() {
    let server = opensmtpd::OpenSmtpd::start();
    campaign("OpenSMTPD", server.port(), server.authority(), || server.recipients());
}
