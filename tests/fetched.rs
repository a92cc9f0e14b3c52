//! Mail that others collected: bounces of thirty programs, and four thousand mails of people.
//!
//! The data is not ours and not in the repository: `./test` fetches it into `tests/fetched`.

use convoke::{
    model::MailKind,
    read::{Context, mail},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

fn fetched(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fetched").join(name);
    assert!(folder.join("complete").exists(), "{} is missing: run ./test, which fetches it", folder.display());
    folder
}

/// One row of flufl.bounce's table: file, and the addresses that it names.
type Row = (String, BTreeSet<String>);

/// The rows `('detector', 'file', [b'address', …], …)` of the table `DETECTORS`.
fn rows(source: &str) -> Vec<Row> {
    let table = source.split_once("\nDETECTORS = [").expect("the table DETECTORS").1;
    let table = table.split("\n    ]").next().and_then(|table| table.split("\n]").next()).unwrap_or_default();
    let mut rows: Vec<Row> = Vec::new();
    for line in table.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        for (at, text) in line.split('\'').enumerate().filter(|(at, _)| at % 2 == 1) {
            let bytes = line.split('\'').nth(at - 1).is_some_and(|before| before.ends_with('b'));
            if bytes {
                rows.last_mut().expect("a row").1.insert(text.to_lowercase());
            } else if text.ends_with(".txt") {
                rows.push((text.to_owned(), BTreeSet::new()));
            }
        }
    }
    rows
}

#[test]
fn bounces_of_thirty_programs() {
    let folder = fetched("flufl.bounce").join("tests");
    let rows = rows(&std::fs::read_to_string(folder.join("test_detectors.py")).expect("the test module"));
    assert!(rows.len() > 100, "{} rows were found", rows.len());
    let (mut unknown, mut wrong, mut named) = (Vec::new(), Vec::new(), 0);
    for (file, expected) in &rows {
        let raw = std::fs::read(folder.join("data").join(file)).expect("a bounce");
        let mail = mail(&raw, &Context::default());
        if mail.kind != MailKind::Bounce {
            unknown.push(file.as_str());
        }
        if !expected.is_empty() {
            named += 1;
            let found: BTreeSet<String> = mail.bounce.iter().flat_map(|bounce| &bounce.recipients).map(ToString::to_string).collect();
            if found != *expected {
                wrong.push(file.as_str());
            }
        }
    }
    println!("{} of {} recognised; not {unknown:?}", rows.len() - unknown.len(), rows.len());
    println!("recipients right in {} of {named}; not {wrong:?}", named - wrong.len());
    assert!(unknown.len() * 100 <= rows.len() * 5, "fewer than 95 % are recognised: {unknown:?}");
    assert!(wrong.len() * 100 <= named * 10, "recipients are right in fewer than 90 %: {wrong:?}");
}

#[test]
fn mails_of_people_are_neither_bounces_nor_automatic() {
    let folder = fetched("spam-assassin").join("data");
    let (mut all, mut bounces, mut automatic) = (0, Vec::new(), Vec::new());
    for group in ["easy-ham-1", "easy-ham-2", "hard-ham-1"] {
        for entry in std::fs::read_dir(folder.join(group)).expect("the mails").flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).expect("a mail")).expect("JSON");
            let Some(text) = json["text"].as_str() else { continue };
            all += 1;
            let name = format!("{group}/{}", path.file_stem().unwrap_or_default().to_string_lossy());
            match mail(text.as_bytes(), &Context::default()).kind {
                MailKind::Bounce => bounces.push(name),
                MailKind::Auto => automatic.push(name),
                _ => {}
            }
        }
    }
    println!("{all} mails; bounces {bounces:?}; automatic {automatic:?}");
    assert!(all > 4_000, "{all} mails were found");
    assert!(bounces.len() <= 5, "only five of them are bounces: {bounces:?}");
    assert!(automatic.len() * 1_000 <= all, "at most one in a thousand is automatic: {automatic:?}");
}
