//! How fast mail is read: mails per second on one core beside mail-parser alone, and what hostile shapes cost.
//! The rates count this thread's CPU time, on both sides.
//!
//! `cargo bench --bench read` prints both; `-- mails` and `-- shapes` one of them, `-- check` fails where a target is missed.
//! A number (`-- mails 500`) is how many mails of each kind are read, for a profiler.

#[path = "../../tests/hostile/heap.rs"]
mod heap;
mod mails;
#[path = "../../tests/hostile/shapes.rs"]
mod shapes;

use convoke::{
    model::{Address, Token},
    pair::{Candidate, Clue, Conclusion, Ours, Rung, clues, conclude},
    read::{Context, mail},
};
use mail_parser::MessageParser;
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

#[global_allocator]
static HEAP: heap::Counted = heap::Counted;

/// Of each kind, where no number is given.
const MAILS: usize = 10_000;
const ROUNDS: usize = 5;
/// The least share of mail-parser's rate: text only, and with HTML.
const SHARES: [f64; 2] = [0.40, 0.10];
/// The most time for 80 KB of a hostile mail.
const HOSTILE: Duration = Duration::from_millis(50);

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = asked.iter().find_map(|word| word.parse().ok()).unwrap_or(MAILS);
    let all = !asked.iter().any(|word| word == "mails" || word == "shapes");
    let wants = |what: &str| all || asked.iter().any(|word| word == what);
    let mut missed = Vec::new();
    if wants("mails") {
        for (kind, make, share) in [("text only", mails::text as fn(usize) -> Vec<u8>, SHARES[0]), ("with HTML", mails::html, SHARES[1])] {
            let got = compare(kind, make, number);
            if got < share {
                missed.push(format!("{kind}: {got:.2} of mail-parser's rate, not {share:.2}"));
            }
        }
    }
    if wants("shapes") {
        missed.extend(table());
    }
    for line in &missed {
        println!("missed: {line}");
    }
    if !missed.is_empty() && asked.iter().any(|word| word == "check") {
        std::process::exit(1);
    }
}

/// Reads, asks and concludes as `work` does, with a store that knows one guest.
struct Desk {
    guest: Candidate,
    addresses: Vec<Address>,
    subjects: Vec<String>,
}

impl Desk {
    fn new() -> Self {
        let address = |text: &str| Address::parse(text).expect("an address");
        let guest = Candidate {
            invitation: 1,
            campaign: 1,
            token: Token::parse("k7q2m9x4t8wn").expect("a token"),
            email: address("guest1@guest.example"),
            name: "Maria Pop".to_owned(),
            closed: false,
            reached: true,
        };
        Self { guest, addresses: vec![address("rsvp@us.example")], subjects: vec!["Workshop servicii publice și acces".to_owned()] }
    }

    fn read(&self, raw: &[u8]) -> bool {
        let mail = mail(raw, &Context { authserv_id: Some("mx.us.example"), ..Context::default() });
        let found: Vec<(Rung, Candidate)> = clues(&mail)
            .into_iter()
            .filter(|(_, clue)| matches!(clue, Clue::Token(token) if *token == self.guest.token))
            .map(|(rung, _)| (rung, self.guest.clone()))
            .collect();
        let ours = Ours { addresses: &self.addresses, subjects: &self.subjects, quotes_us: !mail.quoted.is_empty(), namesakes: &[] };
        matches!(conclude(&mail, &found, &ours), Conclusion::Paired(_))
    }
}

/// CPU time of this thread: what else the machine does counts on neither side.
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.cast_unsigned(), u32::try_from(time.tv_nsec).expect("below a second"))
}

/// Prints the rates and returns read + pair's share of mail-parser's, of the best rounds.
fn compare(kind: &str, make: fn(usize) -> Vec<u8>, number: usize) -> f64 {
    let mails: Vec<Vec<u8>> = (0..number).map(make).collect();
    let bytes: usize = mails.iter().map(Vec::len).sum();
    let desk = Desk::new();
    let parser = MessageParser::default();
    let paired = mails.iter().filter(|raw| desk.read(raw)).count();
    assert_eq!(paired, mails.len(), "every one of these mails has its guest");
    let (mut alone, mut ours) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let start = cpu();
        for raw in &mails {
            black_box(parser.parse(black_box(raw.as_slice())));
        }
        alone = alone.min(cpu() - start);
        let start = cpu();
        for raw in &mails {
            black_box(desk.read(black_box(raw)));
        }
        ours = ours.min(cpu() - start);
    }
    let rate = |time: Duration| mails.len() as f64 / time.as_secs_f64();
    let share = alone.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{kind}: {} mails of {} bytes; mail-parser alone {:.0}/s, read + pair {:.0}/s: {share:.2}",
        mails.len(),
        bytes / mails.len(),
        rate(alone),
        rate(ours)
    );
    share
}

/// Prints what every shape costs and returns those that cost too much.
fn table() -> Vec<String> {
    let sent = [shapes::SENT.to_owned()];
    let read = |raw: &[u8]| {
        let mail = mail(raw, &Context { sent: &sent, authserv_id: Some("mx.us.example"), ..Context::default() });
        black_box(clues(&mail));
    };
    read(b"Subject: Re: Workshop\r\n\r\nDa, vin.\r\n");
    let mut missed = Vec::new();
    println!("{:<32} {:>10} {:>10} {:>10} {:>10}", "ms per 80 KB, of", "20 KB", "80 KB", "1 MB", "held, kB");
    for shape in shapes::SHAPES {
        let mut cells = Vec::new();
        let mut held = 0;
        for size in [20 * 1024, 80 * 1024, 1024 * 1024] {
            let raw = (shape.make)(size);
            let mut best = Duration::MAX;
            for _ in 0..3 {
                let start = Instant::now();
                held = heap::peak_of(|| read(&raw)).1;
                best = best.min(start.elapsed());
            }
            let per = best.mul_f64(80.0 * 1024.0 / size as f64);
            if per > HOSTILE {
                missed.push(format!("{}: {per:?} per 80 KB of {} KB", shape.name, size / 1024));
            }
            cells.push(format!("{:>10.2}", per.as_secs_f64() * 1e3));
        }
        println!("{:<32} {} {:>10}", shape.name, cells.join(" "), held / 1024);
    }
    missed
}
