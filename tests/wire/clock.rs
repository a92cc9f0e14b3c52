//! The daemon while the machine's clock is set, and while it is killed: everybody gets one letter.

use super::installation::{Installation, Server};
use super::process::until;
use super::sink::{Faults, Sink};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const GUESTS: usize = 120;

/// A campaign of plain letters at 40 a second.
fn campaign(sink: &Sink) -> Installation {
    let mut list = "email,name,salutation,language\n".to_owned();
    for number in 0..GUESTS {
        let _ = writeln!(list, "guest{number}@guest.example,Guest {number},Dear guest,en");
    }
    let house = Installation::create(&Server::plain(sink.port()), None, &list);
    let config = std::fs::read_to_string(house.path("convoke.toml")).expect("the configuration");
    house.write("convoke.toml", &format!("{config}rate = \"2400/min\"\n"));
    house
}

fn everybody_once(sink: &mut Sink, most_absent: usize) {
    let recipients = sink.recipients();
    let once: BTreeSet<&String> = recipients.iter().collect();
    assert_eq!(once.len(), recipients.len(), "somebody was written to twice");
    assert!(once.len() + most_absent >= GUESTS, "{} of {GUESTS} were written to", once.len());
}

/// The library that gives a program another time (Debian: libfaketime).
fn faketime() -> String {
    let folder = PathBuf::from(format!("/usr/lib/{}-linux-gnu/faketime", std::env::consts::ARCH));
    let library = folder.join("libfaketime.so.1");
    assert!(library.is_file(), "{} is missing: apt-get install libfaketime", library.display());
    library.display().to_string()
}

#[test]
fn a_clock_that_is_set_back_and_forth_neither_stops_nor_repeats_anything() {
    let mut sink = Sink::start(&Faults::default());
    let house = campaign(&sink);
    house.write("offset", "+0");
    let (library, offset) = (faketime(), house.path("offset").display().to_string());
    let environment =
        [("LD_PRELOAD", library.as_str()), ("FAKETIME_TIMESTAMP_FILE", &offset), ("FAKETIME_NO_CACHE", "1"), ("DONT_FAKE_MONOTONIC", "1")];
    let daemon = house.daemon_with(&environment);
    std::thread::scope(|scope| {
        let send = scope.spawn(|| house.convoke(&["send", "--yes", &GUESTS.to_string()]));
        for (letters, offset) in [(10, "-1d"), (40, "+2d"), (70, "-400d")] {
            until("letters at the sink", PATIENCE, || (sink.begun() >= letters).then_some(()));
            house.write("offset", offset);
        }
        let ran = send.join().expect("send");
        assert_eq!(ran.code, Some(0), "{}{}\n{}", ran.out, ran.err, daemon.log());
    });
    assert_eq!(house.status()["delivery"]["sent"], GUESTS, "{}", daemon.log());
    daemon.stop();
    everybody_once(&mut sink, 0);
}

#[test]
fn a_daemon_that_is_killed_while_it_sends_repeats_nothing() {
    let mut sink = Sink::start(&Faults::default());
    let house = campaign(&sink);
    let daemon = house.daemon();
    std::thread::scope(|scope| {
        // It watches the daemon, and takes over when that one is dead.
        let send = scope.spawn(|| house.convoke(&["send", "--yes", &GUESTS.to_string()]));
        until("letters at the sink", PATIENCE, || (sink.begun() >= 40).then_some(()));
        daemon.kill();
        let ran = send.join().expect("send");
        assert!(matches!(ran.code, Some(0 | 3)), "{}{}", ran.out, ran.err);
    });
    let delivery = house.status()["delivery"].clone();
    let uncertain = delivery["uncertain"].as_u64().expect("a number");
    assert!(uncertain <= 2, "{delivery}");
    assert_eq!(delivery["sent"].as_u64().expect("a number") + uncertain, GUESTS as u64, "{delivery}");
    everybody_once(&mut sink, usize::try_from(uncertain).expect("a number"));
}
