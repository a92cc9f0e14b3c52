//! Hostile mails at three sizes: they are read without a panic, in time that grows with their length, in bounded memory.
//!
//! Figures are printed by `cargo bench --bench read`. Here CPU time is only compared with itself: from 80 KB to 1 MB
//! work grows 13 times where it is linear, 160 times where it is quadratic.

#[path = "hostile/heap.rs"]
mod heap;
#[path = "hostile/shapes.rs"]
mod shapes;

use convoke::{
    judge,
    model::{Certainty, Mail},
    pair::clues,
    read::{Context, mail},
};
use shapes::{SENT, SHAPES, Shape};
use std::time::Duration;

#[global_allocator]
static HEAP: heap::Counted = heap::Counted;

/// Growth from 80 KB to 1 MB that is still linear.
const GROWTH: u32 = 20;
/// Less than this for 80 KB is too little to compare: start-up, and the coarse clock of a busy machine.
const FLOOR: Duration = Duration::from_millis(50);
/// The reader keeps no longer line for the judge: a mail of one line is judged at this size and not above.
const JUDGED: usize = 60 * 1024;
/// A hostile mail costs the judge at most so many times what a long one of plain words does; a quadratic one costs hundreds.
const DEARER: u32 = 10;
/// Bytes held at once for a mail of 1 MB.
const HELD: usize = 64 * 1024 * 1024;
/// Resident memory of the whole process, in kB.
const RESIDENT: u64 = 600 * 1024;

fn read(raw: &[u8], sent: &[String]) -> Mail {
    let mail = mail(raw, &Context { sent, authserv_id: Some("mx.us.example"), ..Context::default() });
    assert!(clues(&mail).len() <= 200);
    mail
}

/// CPU time of all threads of this process.
fn cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).expect("nanoseconds"))
}

/// A mail as it was read, and the CPU time of that.
fn cost(raw: &[u8], sent: &[String]) -> (Mail, Duration) {
    let start = cpu();
    let mail = read(raw, sent);
    (mail, cpu() - start)
}

fn is_linear((middle, large): (Duration, Duration)) -> bool {
    large <= middle.max(FLOOR) * GROWTH
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("the peak of resident memory");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("kB")
}

/// CPU time of judging.
fn judged(mail: &Mail) -> Duration {
    let start = cpu();
    let verdict = judge::verdict(mail, None, Certainty::default());
    assert!((0.0..=1.0).contains(&verdict.confidence));
    cpu() - start
}

fn complaint(shape: &Shape, sent: &[String], most: Duration) -> Option<String> {
    let (small, middle, large) = ((shape.make)(20 * 1024), (shape.make)(80 * 1024), (shape.make)(1024 * 1024));
    let little = read(&small, sent);
    let (some, before) = cost(&middle, sent);
    let ((mail, after), held) = heap::peak_of(|| cost(&large, sent));
    if [&little, &some, &mail].iter().any(|mail| mail.notes.iter().any(|note| note.starts_with("the message could not be read"))) {
        return Some(format!("{}: the parser or the reader panicked", shape.name));
    }
    let judging = judged(&read(&(shape.make)(JUDGED), sent));
    if judging > most * DEARER {
        return Some(format!("{}: it is judged in {judging:?}, and a long mail in {most:?}", shape.name));
    }
    if held > HELD {
        return Some(format!("{}: {} kB were held at once", shape.name, held / 1024));
    }
    let told = mail.said.len() + mail.quoted.len() + mail.signature.len() + mail.notes.iter().map(String::len).sum::<usize>();
    if told > 512 * 1024 {
        return Some(format!("{}: {} kB were kept of it", shape.name, told / 1024));
    }
    // A busy machine may have slowed one of them down: what is too much is measured again.
    let mut times = (before, after);
    for _ in 0..2 {
        if is_linear(times) {
            return None;
        }
        times = (cost(&middle, sent).1, cost(&large, sent).1);
    }
    let (before, after) = times;
    (!is_linear(times)).then(|| format!("{}: 80 KB take {before:?}, 1 MB takes {after:?}", shape.name))
}

#[test]
fn hostile_mails_cost_no_more_than_their_length() {
    assert!(SHAPES.len() >= 30, "{} shapes", SHAPES.len());
    let sent = [SENT.to_owned()];
    // The word lists and automata are built once, and not for a hostile mail.
    read(b"Subject: Re: Workshop\r\n\r\nDa, vin.\r\n", &sent);
    let long = read(format!("Subject: Re: Workshop\r\n\r\n{}\r\n", "da nu vin poate ".repeat(JUDGED / 16)).as_bytes(), &sent);
    judged(&long);
    let most = judged(&long).max(FLOOR);
    let complaints: Vec<String> = SHAPES.iter().filter_map(|shape| complaint(shape, &sent, most)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let resident = resident();
    assert!(resident <= RESIDENT, "{resident} kB were resident");
}
