//! The soak: one campaign of a million guests to smtp-sink. Memory and the cost of a letter must stay flat.

use super::measure::{self, Look};
use super::place::{Place, Relay};
use super::report::median;
use super::sinks::Sinks;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A line is printed after each so many letters.
const EVERY: usize = 50_000;
/// The last tenth may cost at most so much more than the second tenth, in CPU a letter and in memory.
const FLAT: f64 = 1.15;
const MEMORY: u64 = 40 * 1024;
const STATUS: Duration = Duration::from_millis(20);
const UNCHANGED: Duration = Duration::from_secs(1);

/// One line of the soak.
struct Line {
    letters: usize,
    at: Duration,
    cpu: f64,
    resident: u64,
}

/// Gives what was missed.
pub fn run(folder: PathBuf, sinks: &Sinks, guests: usize, connections: usize) -> Result<Vec<String>, String> {
    let mut missed = Vec::new();
    let place = Place::create(folder, guests)?;
    let relay = Relay { port: sinks.plain, connections, ca: None, dkim: None };
    let log = place.path("soak.log");
    // The letter that makes the campaign known, then the rest under pause: what queueing costs is measured apart.
    let queued = place.queue(&relay)?;
    println!("{guests} letters queued in {:.1} s", queued.took.as_secs_f64());

    println!("{:>10} {:>12} {:>14} {:>10}", "letters", "letters/s", "CPU ms/letter", "RSS MB");
    let mut lines = vec![Line { letters: 1, at: Duration::ZERO, cpu: 0.0, resident: 0 }];
    let mut trouble = None;
    let cost =
        measure::run(&mut place.send(), &log, sinks.plain, Duration::from_secs(3600), Duration::from_millis(500), |look| {
            match place.sent() {
                Ok(sent) => step(&mut lines, sent, look),
                Err(why) => trouble = Some(why),
            }
        })?;
    if let Some(why) = trouble {
        return Err(why);
    }
    let sent = place.sent()?;
    if sent != guests || cost.code != Some(0) {
        missed.push(format!("{sent} of {guests} were sent, exit code {:?}: see the end of {}", cost.code, log.display()));
    }
    let peak = cost.peak as f64 / 1024.0;
    let rate = (guests - 1) as f64 / cost.seconds;
    println!("all: {rate:.0} letters/s, {:.4} ms of CPU a letter, peak memory {peak:.1} MB", cost.cpu * 1e3 / guests as f64);
    if cost.peak > MEMORY {
        missed.push(format!("peak memory {peak:.1} MB, not under {} MB", MEMORY / 1024));
    }
    missed.extend(flat(&lines));
    missed.extend(looks(&place, guests)?);
    Ok(missed)
}

fn step(lines: &mut Vec<Line>, sent: usize, look: &Look) {
    let Some(last) = lines.last() else { return };
    if sent / EVERY == last.letters / EVERY {
        return;
    }
    let line = Line { letters: sent, at: look.since_connected, cpu: look.cpu, resident: look.resident };
    let (letters, seconds) = ((sent - last.letters) as f64, (line.at - last.at).as_secs_f64());
    println!(
        "{:>10} {:>12.0} {:>14.4} {:>10.1}",
        sent,
        letters / seconds,
        (line.cpu - last.cpu) * 1e3 / letters,
        line.resident as f64 / 1024.0
    );
    lines.push(line);
}

/// Whether the last quarter costs what the second quarter did.
fn flat(lines: &[Line]) -> Vec<String> {
    let quarter = lines.len() / 4;
    let part = |from: usize, to: usize| Some((lines.get(from)?, lines.get(to)?));
    let (Some(early), Some(late)) = (part(quarter, 2 * quarter), part(lines.len() - 1 - quarter, lines.len() - 1)) else {
        return Vec::new();
    };
    if quarter == 0 {
        return vec![format!("too few letters to see whether the cost is flat: less than {}", 4 * EVERY)];
    }
    let per = |(from, to): (&Line, &Line)| (to.cpu - from.cpu) / (to.letters - from.letters) as f64;
    let (cost, memory) = (per(late) / per(early), late.1.resident as f64 / early.1.resident as f64);
    println!("last quarter beside the second: CPU a letter x {cost:.2}, memory x {memory:.2}");
    let mut missed = Vec::new();
    if cost > FLAT {
        missed.push(format!("a letter of the last quarter costs {cost:.2} times one of the second"));
    }
    if memory > FLAT {
        missed.push(format!("memory grows: {memory:.2} times what it was"));
    }
    missed
}

/// `status`, and `send` of the unchanged campaign: start of the process included, medians.
fn looks(place: &Place, guests: usize) -> Result<Vec<String>, String> {
    let mut missed = Vec::new();
    for (name, words, times, limit) in [
        ("status", ["status", "workshop"].as_slice(), 20, STATUS),
        ("send of the unchanged campaign", ["send", "workshop.toml", "--yes", "0"].as_slice(), 5, UNCHANGED),
    ] {
        let mut took = Vec::new();
        for _ in 0..times {
            let began = Instant::now();
            super::peers::finish(&mut place.convoke(words))?;
            took.push(began.elapsed().as_secs_f64());
        }
        let median = median(&mut took);
        println!("{name} over {guests} guests: {:.1} ms (median of {times}, start included)", median * 1e3);
        if median > limit.as_secs_f64() {
            missed.push(format!("{name}: {:.1} ms, not under {} ms", median * 1e3, limit.as_millis()));
        }
    }
    Ok(missed)
}
