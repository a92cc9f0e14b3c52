//! What a reading costs: time on one core, memory while the model is open, and the start of a command that reads nothing.

use convoke::{
    judge::learned,
    model::{Certainty, Mail, MailKind},
};
use std::{
    hint::black_box,
    process::Command,
    time::{Duration, Instant},
};

/// Sixty-seven words in four sentences.
const REPLY: &str = "Bună ziua, vă mulțumesc frumos pentru invitația la atelierul din decembrie, pe care am primit-o luni dimineață. \
    Am vorbit astăzi cu directorul nostru despre program și despre deplasare, fiindcă în aceeași săptămână avem și un control. \
    Din păcate eu nu voi putea ajunge, pentru că în ziua aceea sunt la Cluj cu elevii mei, la un concurs pregătit de multă vreme. \
    Vă dorim succes și așteptăm fotografii!";

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..31)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// Resident memory of this process, in MB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

/// Memory of a process which has opened the model and read one reply, and of the same when it has judged two: then the phrases and
/// lexicons of their languages are read, too.
pub fn memory() {
    black_box(learned::read(REPLY));
    let model = resident();
    for said in [REPLY, "Vin cu drag, eu și cu soția."] {
        let mail = Mail { said: said.to_owned(), ..Mail::empty(MailKind::Reply) };
        black_box(convoke::judge::verdict(&mail, None, Certainty::Normal));
    }
    println!("{model:.0} {:.0}", resident());
}

/// Prints all of it; what is too much.
pub fn measure() -> Vec<String> {
    let pass = median(|| {
        black_box(learned::pass(REPLY));
    });
    let reading = median(|| {
        black_box(learned::read(REPLY));
    });
    let mail = Mail { said: REPLY.to_owned(), ..Mail::empty(MailKind::Reply) };
    let whole = median(|| {
        black_box(convoke::judge::verdict(&mail, None, Certainty::Normal));
    });
    let alone = std::env::current_exe().and_then(|program| Command::new(program).arg("memory").output());
    let printed = alone.ok().and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let mut megabytes = printed.split_whitespace().map(|number| number.parse::<f64>().unwrap_or(f64::NAN));
    let (memory, judged) = (megabytes.next().unwrap_or(f64::NAN), megabytes.next().unwrap_or(f64::NAN));
    let start = median(|| drop(Command::new(env!("CARGO_BIN_EXE_convoke")).arg("--version").output().expect("convoke starts")));
    let words = REPLY.split_whitespace().count();
    println!("\none pass over {words} words: {:.1} ms; a reading {:.1} ms; with the evidence {:.1} ms", ms(pass), ms(reading), ms(whole));
    println!(
        "memory of a process with the model open: {memory:.0} MB, after two verdicts {judged:.0} MB; start of a command that reads nothing: {:.1} ms",
        ms(start)
    );
    let limits = [
        (ms(pass) <= 30.0, format!("a pass takes {:.1} ms, not 30", ms(pass))),
        (ms(whole) <= 150.0, format!("a verdict takes {:.1} ms, not 150", ms(whole))),
        (memory <= 150.0, format!("{memory:.0} MB, not 150")),
    ];
    limits.into_iter().filter(|(met, _)| !met).map(|(_, what)| what).collect()
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
