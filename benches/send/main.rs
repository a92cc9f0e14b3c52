//! How fast letters leave: convoke beside smtp-source, nodemailer's pool and lettre's pool, everything on loopback.
//!
//! `cargo bench --bench send` runs every case five times, the senders in turn, and fails where a target is missed.
//! `-- --quick` is a look of a few minutes, `-- --runs N` other medians, `-- --only WORDS` some cases ("10c, 0 ms", "convoke").
//! `-- trips` only counts round trips; `-- soak [--guests N]` sends one campaign of a million.
//!
//! The convoke that is measured is the built program: `convoke send` on a database in which every letter was queued
//! beforehand, from its first connection to the end of its process, with its durable record of every letter.

#[allow(dead_code, reason = "shared with the wire tests")]
#[path = "../../tests/wire/authority.rs"]
mod authority;
mod cases;
#[allow(dead_code, reason = "shared with the wire tests")]
#[path = "../../tests/wire/delay.rs"]
mod delay;
mod dialogue;
mod measure;
mod peers;
mod place;
#[allow(dead_code, reason = "shared with the wire tests")]
#[path = "../../tests/wire/process.rs"]
mod process;
mod report;
mod sinks;
mod soak;
mod trips;

use authority::Authority;
use cases::{Case, Dkim, Sender, Sink};
use delay::Delay;
use peers::Peers;
use place::{Place, Relay};
use report::{Figures, Row, Run};
use sinks::Sinks;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

/// Half of the round trip of a far relay.
const EACH_WAY: Duration = Duration::from_millis(10);
/// The longest that one run may send.
const LIMIT: Duration = Duration::from_secs(30);

struct Options {
    quick: bool,
    runs: usize,
    only: Vec<String>,
    guests: usize,
    connections: usize,
    what: What,
}

#[derive(PartialEq, Eq)]
enum What {
    Compare,
    Soak,
    Trips,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [word, port, cert, key] = words.as_slice()
        && word == "own-sink"
    {
        sinks::own_sink(port, cert, key);
        return ExitCode::SUCCESS;
    }
    let missed = options(&words).and_then(|options| {
        let folder = sinks::folder();
        match options.what {
            What::Trips => trips::count(folder.path().join("trips")).map(|trips| report::targets(&[], Some(&Ok(trips)), Duration::ZERO)),
            What::Soak => {
                let sinks = Sinks::start(folder.path(), &Authority::create(folder.path()));
                soak::run(folder.path().join("soak"), &sinks, options.guests, options.connections)
            }
            What::Compare => compare(folder.path(), &options),
        }
    });
    match missed {
        Ok(missed) if missed.is_empty() => ExitCode::SUCCESS,
        Ok(missed) => {
            missed.iter().for_each(|line| println!("missed: {line}"));
            ExitCode::FAILURE
        }
        Err(why) => {
            eprintln!("the bench cannot run: {why}");
            ExitCode::FAILURE
        }
    }
}

fn options(words: &[String]) -> Result<Options, String> {
    let mut options = Options { quick: false, runs: 5, only: Vec::new(), guests: 1_000_000, connections: 10, what: What::Compare };
    let mut runs = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|text| text.parse().ok()).filter(|n| *n > 0).ok_or(format!("{word} needs a number"));
        match word.as_str() {
            "--quick" => options.quick = true,
            "--runs" => runs = Some(number()?),
            "--guests" => options.guests = number()?,
            "--connections" => options.connections = number()?,
            "--only" => options.only.push(words.next().ok_or("--only needs a part of a case's name")?.clone()),
            "soak" => options.what = What::Soak,
            "trips" => options.what = What::Trips,
            other => {
                return Err(format!("{other:?} is not known: --quick, --runs N, --only WORDS, trips, soak [--guests N] [--connections N]"));
            }
        }
    }
    options.runs = runs.unwrap_or(if options.quick { 1 } else { 5 });
    Ok(options)
}

/// What all cases share.
struct Bench {
    sinks: Sinks,
    /// Ports of the far ends.
    far: u16,
    authority: Authority,
    peers: Peers,
    /// Queued campaigns, by their size.
    places: Vec<Place>,
    keys: [PathBuf; 2],
    folder: PathBuf,
    quick: bool,
}

fn compare(folder: &Path, options: &Options) -> Result<Vec<String>, String> {
    let cases: Vec<Case> = cases::all()
        .into_iter()
        .filter(|case| options.only.is_empty() || options.only.iter().any(|word| case.name().contains(word)))
        .collect();
    if cases.is_empty() {
        return Err("no case has such a name".to_owned());
    }
    let authority = Authority::create(folder);
    let sinks = Sinks::start(folder, &authority);
    let sample = Place::create(folder.join("sample"), 7)?;
    let peers = Peers::prepare(&sample)?;
    let keys = [
        key(folder, "ed25519", &["-algorithm", "ed25519"])?,
        key(folder, "rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])?,
    ];
    let far = Delay::start(sinks.plain, EACH_WAY).port();
    let mut bench = Bench { sinks, far, authority, peers, places: Vec::new(), keys, folder: folder.to_owned(), quick: options.quick };
    let mut rows: Vec<Row> = cases.iter().map(|case| Row { case: *case, runs: Vec::new() }).collect();
    let mut syncs = Vec::new();
    for round in 1..=options.runs {
        for row in &mut rows {
            syncs.push(measure::fsync(folder).map_err(|error| error.to_string())?.as_secs_f64());
            let run = bench.run(&row.case);
            match &run {
                Ok(f) => println!(
                    "round {round}: {:<46} {:>8.0} letters/s, {:.4} ms CPU a letter, {:.1} MB",
                    row.case.name(),
                    f.rate,
                    f.cpu,
                    f.peak
                ),
                Err(why) => println!("round {round}: {:<46} failed: {}", row.case.name(), why.trim()),
            }
            row.runs.push(run);
        }
    }
    let trips = options.only.is_empty().then(|| trips::count(folder.join("trips")));
    let fsync = Duration::from_secs_f64(report::median(&mut syncs));
    report::print(&rows);
    println!("\nfsync (fdatasync of 4 kB) of this disk: {:.3} ms, the median over all rounds", fsync.as_secs_f64() * 1e3);
    let mut missed = report::targets(&rows, trips.as_ref(), fsync);
    missed.extend(rows.iter().filter(|row| row.runs.iter().any(Result::is_err)).map(|row| format!("{} failed", row.case.name())));
    Ok(missed)
}

fn key(folder: &Path, name: &str, how: &[&str]) -> Result<PathBuf, String> {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(format!("{name}.pem"));
    peers::finish(Command::new("openssl").arg("genpkey").args(how).arg("-out").arg(&path))?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(|error| error.to_string())?;
    Ok(path)
}

impl Bench {
    fn run(&mut self, case: &Case) -> Run {
        let port = match (case.far, case.sink) {
            (true, _) => self.far,
            (false, Sink::Own) => self.sinks.own,
            (false, Sink::Postfix) => self.sinks.plain,
        };
        let letters = case.letters(self.quick);
        let trusted = self.authority.ca();
        let ca = case.tls.then_some(trusted.as_path());
        let log = self.folder.join("sender.log");
        let (mut command, place) = match case.sender {
            Sender::SmtpSource => (self.peers.smtp_source(port, case.connections, letters), None),
            Sender::Nodemailer => (self.peers.nodemailer(port, case.connections, letters, ca), None),
            Sender::Lettre => (self.peers.lettre(port, case.connections, letters, ca), None),
            Sender::Convoke => {
                let [ed25519, rsa] = &self.keys;
                let dkim = match case.dkim {
                    Dkim::None => None,
                    Dkim::Ed25519 => Some(("ed", ed25519.clone())),
                    Dkim::Rsa => Some(("rsa", rsa.clone())),
                };
                let dkim = dkim.as_ref().map(|(selector, key)| (*selector, key.as_path()));
                let place = self.place(letters)?;
                place.put_back().map_err(|error| error.to_string())?;
                place.configure(&Relay { port, connections: case.connections, ca, dkim })?;
                (place.send(), Some(place))
            }
        };
        let cost = measure::run(&mut command, &log, port, LIMIT, LIMIT, |_| {})
            .map_err(|why| format!("{why}; it said: {}", process::last_lines(&log, 5)))?;
        let letters = match place {
            Some(place) => place.sent()?.saturating_sub(1),
            None if cost.cut => return Err(format!("it did not send {letters} letters in {LIMIT:?}")),
            None => letters,
        };
        if !cost.cut && cost.code != Some(0) {
            return Err(format!("exit code {:?}; it said: {}", cost.code, process::last_lines(&log, 5)));
        }
        let count = letters.max(1) as f64;
        Ok(Figures { rate: letters as f64 / cost.seconds, cpu: cost.cpu * 1e3 / count, peak: cost.peak as f64 / 1024.0 })
    }

    /// The campaign of this size, queued when it is first asked for.
    fn place(&mut self, letters: usize) -> Result<&Place, String> {
        let guests = letters + 1;
        if !self.places.iter().any(|place| place.guests() == guests) {
            let place = Place::create(self.folder.join(format!("campaign-{guests}")), guests)?;
            let relay = Relay { port: self.sinks.plain, connections: 1, ca: None, dkim: None };
            let queued = place.queue(&relay)?;
            println!("{letters} letters queued in {:.1} s", queued.took.as_secs_f64());
            place.keep().map_err(|error| error.to_string())?;
            self.places.push(place);
        }
        self.places.iter().find(|place| place.guests() == guests).ok_or_else(|| "the campaign is gone".to_owned())
    }
}
