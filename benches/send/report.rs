//! What the runs say: medians, ratios inside each round, and which targets are met.

use super::cases::{Case, Dkim, Sender, Sink};
use std::time::Duration;

/// What one run of a case gave, or why it gave nothing.
pub type Run = Result<Figures, String>;

#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Letters a second.
    pub rate: f64,
    /// Milliseconds of the sender's own CPU a letter, its start and end included.
    pub cpu: f64,
    /// MB.
    pub peak: f64,
}

/// All runs of one case, in the order of the rounds.
pub struct Row {
    pub case: Case,
    pub runs: Vec<Run>,
}

/// The middle of the values; NaN of none.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    match (values.get(values.len() / 2), values.get(values.len().wrapping_sub(1) / 2)) {
        (Some(upper), Some(lower)) => (upper + lower) / 2.0,
        _ => f64::NAN,
    }
}

impl Row {
    fn of(&self, figure: impl Fn(&Figures) -> f64) -> f64 {
        median(&mut self.runs.iter().flatten().map(figure).collect::<Vec<_>>())
    }

    /// The median of the rates' ratios, each taken inside one round.
    fn beside(&self, other: &Row) -> f64 {
        let pairs =
            self.runs.iter().zip(&other.runs).filter_map(|(ours, theirs)| Some(ours.as_ref().ok()?.rate / theirs.as_ref().ok()?.rate));
        median(&mut pairs.collect::<Vec<_>>())
    }
}

pub fn print(rows: &[Row]) {
    println!("\n{:<46} {:>10} {:>14} {:>9} {:>15}", "case", "letters/s", "CPU s/1,000", "peak MB", "x smtp-source");
    for row in rows {
        let name = row.case.name();
        if let Some(why) = row.runs.iter().find_map(|run| run.as_ref().err()) {
            println!("{name:<46} failed: {}", why.trim());
            continue;
        }
        let source =
            find(rows, |case| case.sender == Sender::SmtpSource && case.connections == row.case.connections && case.far == row.case.far)
                .filter(|_| row.case.sink == Sink::Postfix);
        let ratio = source.map_or_else(String::new, |source| format!("{:.2}", row.beside(source)));
        println!("{name:<46} {:>10.0} {:>14.4} {:>9.1} {ratio:>15}", row.of(|f| f.rate), row.of(|f| f.cpu), row.of(|f| f.peak));
    }
}

fn find(rows: &[Row], wanted: impl Fn(&Case) -> bool) -> Option<&Row> {
    rows.iter().find(|row| wanted(&row.case))
}

/// Prints every target of which both sides ran, and gives those that are missed.
pub fn targets(rows: &[Row], trips: Option<&Result<f64, String>>, fsync: Duration) -> Vec<String> {
    let ours = |far: bool, dkim: Dkim| {
        find(rows, move |case| {
            case.sender == Sender::Convoke && case.connections == 10 && case.far == far && case.sink == Sink::Postfix && case.dkim == dkim
        })
    };
    let theirs = |sender: Sender, far: bool| {
        find(rows, move |case| case.sender == sender && case.connections == 10 && case.far == far && case.sink == Sink::Postfix)
    };
    // smtp-sink itself takes fewer than twelve times as many letters as nodemailer sends: that one is judged at our own sink.
    let at_ours = |sender: Sender, tls: bool| {
        find(rows, move |case| case.sender == sender && case.connections == 10 && case.sink == Sink::Own && case.tls == tls)
    };
    let mut missed = Vec::new();
    let mut judge = |name: &str, found: f64, target: f64, at_least: bool| {
        // A figure that is not there meets nothing.
        let met = if at_least { found >= target } else { found <= target };
        let word = if at_least { "at least" } else { "at most" };
        let line = format!("{name}: {found:.3}, to be {word} {target}");
        println!("{:<7} {line}", if met { "met" } else { "MISSED" });
        if !met {
            missed.push(line);
        }
    };
    println!("\nTargets (10 connections; ratios inside each round, medians):");
    let fast = fsync < Duration::from_micros(500);
    for (name, ours, theirs, target) in [
        ("x smtp-source", ours(false, Dkim::None), theirs(Sender::SmtpSource, false), 0.80),
        ("x smtp-source, with Ed25519 DKIM", ours(false, Dkim::Ed25519), theirs(Sender::SmtpSource, false), 0.65),
        ("x smtp-source, with RSA-2048 DKIM", ours(false, Dkim::Rsa), theirs(Sender::SmtpSource, false), 0.20),
        ("x smtp-source at 20 ms", ours(true, Dkim::None), theirs(Sender::SmtpSource, true), 3.5),
        ("x nodemailer", at_ours(Sender::Convoke, false), at_ours(Sender::Nodemailer, false), 12.0),
        ("x nodemailer, with STARTTLS", at_ours(Sender::Convoke, true), at_ours(Sender::Nodemailer, true), 12.0),
    ] {
        let (Some(ours), Some(theirs)) = (ours, theirs) else { continue };
        if target == 0.80 && !fast {
            println!("-       {name}: {:.3}; judged only where fsync takes less than 0.5 ms", ours.beside(theirs));
            continue;
        }
        judge(name, ours.beside(theirs), target, true);
    }
    if let Some(ours) = ours(false, Dkim::None) {
        judge("ms of own CPU a letter", ours.of(|f| f.cpu), 0.07, false);
        judge("MB of peak memory", ours.of(|f| f.peak), 40.0, false);
    }
    match trips {
        Some(Ok(trips)) => judge("round trips a letter", *trips, 1.05, false),
        Some(Err(why)) => {
            println!("round trips could not be counted: {}", why.trim());
            judge("round trips a letter", f64::NAN, 1.05, false);
        }
        None => {}
    }
    missed
}
