//! How well replies are understood: the learned judge beside a linear model and beside phrases, on replies that none of them
//! was taught (`training/corpus/apart`).
//!
//! `cargo bench --bench judge` prints how well and at what cost, and fails where a target is missed. `-- calibrate`
//! finds `models/thresholds.toml` on the share of the corpus that was held apart for it, and `-- try` prints how well on that
//! share, to choose by; `-- cost` prints what it costs alone; `-- curve` writes `models/curve.svg`, `-- known` the readings that
//! tests/judge.rs expects of every machine; `-- mistakes FILE` prints the figures of any file of labelled replies, and each mistake.

mod calibrate;
mod cost;
mod curve;
mod figures;
mod linear;
mod mistakes;
mod replies;

use convoke::model::{Answer, Certainty};
use figures::{Figures, Judged};
use replies::Reply;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.first().map(String::as_str) {
        None => compare(),
        // Asked by `cost`, in a process of its own.
        Some("memory") => {
            cost::memory();
            ExitCode::SUCCESS
        }
        Some("cost") => {
            cost::measure();
            ExitCode::SUCCESS
        }
        Some("known") => done(known()),
        Some("calibrate") => done(calibrate::run()),
        Some("try") => {
            let replies = replies::calibrate();
            let ours = judged(&replies, Certainty::Normal);
            Figures::of(&ours).print();
            figures::recorded("certainty = \"normal\"", &ours);
            ExitCode::SUCCESS
        }
        Some("curve") => done(curve::draw(&judged(&replies::apart(), Certainty::Normal))),
        Some("mistakes") if words.len() == 2 => done(mistakes::print(words[1].as_ref())),
        Some(other) => {
            eprintln!("{other:?} is not known, or not so: calibrate, try, cost, curve, known, mistakes FILE");
            ExitCode::from(2)
        }
    }
}

fn done(outcome: std::io::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// One reply of each language that was held apart for calibration, and what it reads as here.
fn known() -> std::io::Result<()> {
    let mut seen = std::collections::BTreeMap::new();
    for reply in replies::held() {
        seen.entry(reply.lang.as_str().to_owned()).or_insert(reply);
    }
    let lines = seen.values().map(|reply| {
        let answers = convoke::judge::learned::read(&reply.text).map_or([0.0; 5], |reading| reading.answers);
        let line = serde_json::json!({ "lang": reply.lang.as_str(), "text": reply.text, "answers": answers });
        format!("{line}\n")
    });
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/readings.jsonl"), lines.collect::<String>())
}

/// What the whole judge says of each reply.
fn judged(replies: &[Reply], certainty: Certainty) -> Vec<Judged<'_>> {
    let judge = |reply| {
        let verdict = convoke::judge::verdict(&replies::mail(reply), None, certainty);
        Judged {
            reply,
            answer: verdict.answer,
            recorded: verdict.sure,
            confidence: verdict.confidence,
            question: verdict.question,
            unsubscribe: verdict.unsubscribe,
            party: verdict.party,
        }
    };
    replies.iter().map(judge).collect()
}

fn compare() -> ExitCode {
    let apart = replies::apart();
    let ours = judged(&apart, Certainty::Normal);
    let figures = Figures::of(&ours);
    figures.print();
    figures::recorded("certainty = \"normal\"", &ours);
    figures::recorded("certainty = \"strict\"", &judged(&apart, Certainty::Strict));
    figures::recorded("certainty = \"lax\"", &judged(&apart, Certainty::Lax));
    let plain: Vec<Judged<'_>> = ours.iter().filter(|judged| !judged.reply.hard).cloned().collect();
    figures::recorded("normal, the plain half alone", &plain);

    println!("\npeers, on the same replies:");
    let linear = linear::judged(&replies::learned(), &apart);
    let phrases: Vec<Judged<'_>> = apart.iter().map(by_phrases).collect();
    let again = replies::apart_again();
    let reader: Vec<Judged<'_>> = apart.iter().map(|reply| by_a_reader(reply, &again[&reply.id])).collect();
    for (name, judged) in [("this judge", &ours), ("linear model", &linear), ("phrases", &phrases), ("a reader", &reader)] {
        Figures::of(judged).line(name);
    }
    Figures::of(&reader).beside("a reader");
    let best = figures::share_at(&ours, 5);
    println!("recorded at 5 wrong in 1,000: this judge {best:.1} %, linear {:.1} %", figures::share_at(&linear, 5));
    figures::languages(&[("judge", &ours), ("linear", &linear), ("phrases", &phrases)]);
    for (replies, which) in [(replies::eleven(), "that little was taught of"), (replies::beyond(), "that nothing was taught of")] {
        let far = judged(&replies, Certainty::Normal);
        println!("\n{} replies in languages {which}:", far.len());
        Figures::of(&far).line("this judge");
        figures::recorded("certainty = \"normal\"", &far);
        figures::languages(&[("judge", &far)]);
    }
    let mut missed = figures.missed();
    missed.extend(cost::measure());
    missed.iter().for_each(|line| println!("missed: {line}"));
    if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What can be reached: a reader who saw neither the labels nor any other reply's.
fn by_a_reader<'a>(reply: &'a Reply, again: &replies::Again) -> Judged<'a> {
    let replies::Again { label, party, question, unsubscribe, .. } = *again;
    Judged { reply, answer: label, recorded: false, confidence: 0.0, question, unsubscribe, party }
}

fn by_phrases(reply: &Reply) -> Judged<'_> {
    let (answer, recorded) = convoke::judge::phrases(&reply.text, &reply.lang);
    let confidence = if recorded { 1.0 } else { 0.0 };
    Judged { reply, answer, recorded, confidence, question: reply.text.contains('?'), unsubscribe: false, party: None }
}

/// The answers in the order in which tables name them.
const ANSWERS: [Answer; 5] = [Answer::Accept, Answer::Decline, Answer::Delegate, Answer::Tentative, Answer::None];
