//! Every `corpus/**/*.eml` is read as its `.json` says, with LF and with CRLF.
//!
//! An expectation names fields of [`Mail`](convoke::model::Mail) and is a subset: what it does not name is not looked at.
//! White space of texts is folded. Beside the fields, `"sent"` lists files beside the corpus that hold what we sent to
//! this guest, `"without"` lists texts that must not stand in `said`, `"authserv_id"` names the server whose
//! Authentication-Results are believed, and `"concludes"` says what the whole program makes of the mail ([`conclusion`]).
//!
//! `corpus/known-failures.tsv` lists the mails that are read wrongly, and why. They are printed, they are few, and one
//! that is read rightly after all fails the test, so that the list stays true.

#[path = "corpus/conclusion.rs"]
mod conclusion;

use conclusion::Judge;
use convoke::{
    judge::language,
    read::{Context, mail},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn mails(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).expect("the corpus").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            mails(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            found.push(path);
        }
    }
}

fn with_line_ends(raw: &[u8], crlf: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 20);
    for byte in raw.iter().filter(|byte| **byte != b'\r') {
        if *byte == b'\n' && crlf {
            out.push(b'\r');
        }
        out.push(*byte);
    }
    out
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where `got` is not what `wanted` says; objects are compared by the keys that are wanted.
fn differences(at: &str, wanted: &Value, got: &Value, out: &mut Vec<String>) {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(_)) => {
            for (key, value) in wanted {
                differences(&format!("{at}.{key}"), value, got.get(key).unwrap_or(&Value::Null), out);
            }
        }
        (Value::String(wanted), Value::String(got)) if folded(wanted) == folded(got) => {}
        _ if wanted == got => {}
        _ => out.push(format!("  {at}\n    wanted {wanted}\n    got    {got}")),
    }
}

const FIELDS: [&str; 21] = [
    "kind",
    "from",
    "sender",
    "reply_to",
    "recipients",
    "subject",
    "message_id",
    "in_reply_to",
    "references",
    "said",
    "signature",
    "quoted",
    "language",
    "calendar",
    "bounce",
    "auto",
    "returned_ids",
    "tokens",
    "verified",
    "button",
    "notes",
];

/// How many conclusions may be unsure, how many of those are sure all the same, and how often the guess of the others is right.
#[derive(Default)]
struct Count {
    open: usize,
    sure: usize,
    guessed: usize,
}

fn check(raw: &[u8], expectation: &Value, judge: &mut Judge, count: &mut Count) -> Vec<String> {
    let text = |key: &str| -> Vec<String> {
        expectation[key].as_array().map(|list| list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()).unwrap_or_default()
    };
    let sent: Vec<String> =
        text("sent").iter().map(|name| std::fs::read_to_string(corpus().join(name)).expect("a text that we sent")).collect();
    let subjects = conclusion::SUBJECTS.map(str::to_owned);
    let context = Context { sent: &sent, subjects: &subjects, authserv_id: expectation["authserv_id"].as_str() };
    let read = mail(raw, &context);
    let mut got = serde_json::to_value(&read).expect("a mail");
    got["language"] = serde_json::to_value(language(&read.said)).expect("a code");
    let mut wrong = Vec::new();
    for field in FIELDS {
        if let Some(wanted) = expectation.get(field) {
            differences(field, wanted, &got[field], &mut wrong);
        }
    }
    for forbidden in text("without") {
        if folded(&read.said).contains(&folded(&forbidden)) {
            wrong.push(format!("  said holds {forbidden:?}\n    got    {:?}", read.said));
        }
    }
    if let Some(wanted) = expectation.get("concludes") {
        let samples: Vec<String> = SAMPLES.iter().map(|name| std::fs::read_to_string(corpus().join(name)).expect("a sample")).collect();
        let concluded = conclusion::conclude(raw, &context, &samples, wanted, judge);
        if wanted["sure"] == "may" {
            count.open += 1;
            let (sure, right) = concluded.guessed(wanted);
            count.sure += usize::from(sure);
            count.guessed += usize::from(!sure && right);
        }
        wrong.extend(concluded.differences(wanted, &differences));
    }
    wrong
}

/// What we sent, for mails that only quote it.
const SAMPLES: [&str; 2] = ["invitation.en.txt", "invitation.ro.txt"];

/// More known failures than this are too many.
const MOST_FAILURES: usize = 12;

/// `mail without .eml<TAB>why it is read wrongly`.
fn known_failures() -> BTreeMap<String, String> {
    let list = std::fs::read_to_string(corpus().join("known-failures.tsv")).expect("the list of known failures");
    let rows = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|row| row.split_once('\t').unwrap_or_else(|| panic!("{row:?} names no reason")))
        .map(|(name, why)| (name.into(), why.into()))
        .collect()
}

#[test]
fn every_mail_is_read_as_expected() {
    let mut found = Vec::new();
    mails(&corpus(), &mut found);
    assert!(!found.is_empty(), "no case found");
    let mut known = known_failures();
    let (mut judge, mut count) = (Judge::default(), Count::default());
    assert!(known.len() <= MOST_FAILURES, "{} known failures are too many", known.len());
    let mut wrong = Vec::new();
    for path in &found {
        let raw = std::fs::read(path).expect("a mail");
        let json = std::fs::read(path.with_extension("json")).unwrap_or_else(|_| panic!("{} has no expectation beside it", path.display()));
        let expectation: Value = serde_json::from_slice(&json).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        check_keys(path, &expectation);
        let name = path.strip_prefix(corpus()).unwrap_or(path).with_extension("").to_string_lossy().replace('\\', "/");
        let failure = known.remove(&name);
        let before = wrong.len();
        for crlf in [false, true] {
            let differences = check(&with_line_ends(&raw, crlf), &expectation, &mut judge, &mut count);
            if !differences.is_empty() {
                wrong.push(format!("{name} ({})\n{}", if crlf { "CRLF" } else { "LF" }, differences.join("\n")));
            }
        }
        if let Some(why) = failure {
            if wrong.len() == before {
                wrong.push(format!("{name} is read rightly now: take it off known-failures.tsv"));
            } else {
                println!("known failure: {name}: {why}");
                wrong.truncate(before);
            }
        }
    }
    wrong.extend(known.keys().map(|name| format!("known-failures.tsv names {name}, which is not there")));
    let Count { open, sure, guessed } = count;
    println!("{} mails read twice; of {open} conclusions that may be unsure {sure} are sure, {guessed} are right guesses", found.len());
    assert!(wrong.is_empty(), "{} of {} readings are wrong:\n{}", wrong.len(), 2 * found.len(), wrong.join("\n"));
}

/// A misspelt key would never be looked at.
fn check_keys(path: &Path, expectation: &Value) {
    for key in expectation.as_object().into_iter().flatten().map(|(key, _)| key.as_str()) {
        let known = FIELDS.contains(&key) || ["sent", "without", "authserv_id", "concludes"].contains(&key);
        assert!(known, "{}: {key:?} is no key of an expectation", path.display());
    }
}

/// What the corpus promises to hold, by folder.
#[test]
fn the_corpus_is_whole() {
    for (folder, least) in [("calendar", 60), ("bounces", 80), ("auto", 40), ("adversarial", 30), ("replies", 150), ("human", 40)] {
        let mut found = Vec::new();
        mails(&corpus().join(folder), &mut found);
        assert!(found.len() >= least, "{folder} holds {} mails, not {least}", found.len());
    }
    let mut replies = Vec::new();
    mails(&corpus().join("replies"), &mut replies);
    let mut languages: BTreeMap<String, usize> = BTreeMap::new();
    for path in &replies {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        *languages.entry(name.split('-').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    assert_eq!(languages.len(), 30, "{languages:?}");
    assert!(languages.values().all(|shapes| *shapes >= 5), "{languages:?}");
}
