//! Mails a second on one core: our reading beside mail-parser alone, on the same mails of the corpus.
//!
//! `cargo bench --bench read`. No harness: the numbers are printed, nothing is judged.

use convoke::read::{Context, mail};
use mail_parser::MessageParser;
use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

/// How long each reader runs.
const TIME: Duration = Duration::from_secs(3);

fn collect(folder: &Path, mails: &mut Vec<Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("the corpus").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, mails);
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            mails.push(std::fs::read(path).expect("a mail"));
        }
    }
}

/// Mails a second.
fn rate(mails: &[&Vec<u8>], mut read: impl FnMut(&[u8])) -> f64 {
    let start = Instant::now();
    let mut count = 0u32;
    while start.elapsed() < TIME {
        for raw in mails {
            read(raw);
            count += 1;
        }
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

fn main() {
    let mut mails = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"), &mut mails);
    let has_html = |raw: &&Vec<u8>| raw.windows(9).any(|window| window.eq_ignore_ascii_case(b"text/html"));
    let (html, text): (Vec<&Vec<u8>>, Vec<&Vec<u8>>) = mails.iter().partition(has_html);
    let parser = MessageParser::default();
    for (name, mails) in [("text only", text), ("with HTML", html)] {
        let alone = rate(&mails, |raw| {
            black_box(parser.parse(raw));
        });
        let whole = rate(&mails, |raw| {
            black_box(mail(raw, &Context::default()));
        });
        println!("{name:10} {:5} mails   mail-parser {alone:>9.0}/s   read {whole:>9.0}/s   {:>5.1} %", mails.len(), 100.0 * whole / alone);
    }
}
