//! The labelled replies of `training/corpus`.

use convoke::model::{Answer, Mail, MailKind};
use std::{
    collections::{HashMap, HashSet},
    io,
    path::{Path, PathBuf},
};

pub use convoke::work::learned::Example as Reply;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("training").join(name)
}

/// The replies of any file; an error names the first line that is none.
pub fn of_file(path: &Path) -> io::Result<Vec<Reply>> {
    let text = std::fs::read_to_string(path)?;
    let reply = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|why| io::Error::other(format!("{}, line {}: {why}", path.display(), at + 1)))
    };
    text.lines().enumerate().map(reply).collect()
}

fn load<Line: serde::de::DeserializeOwned>(name: &str) -> Vec<Line> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder(name)).expect("the corpus").map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    paths.sort();
    let text: String = paths.iter().map(|path| std::fs::read_to_string(path).expect("a file of replies")).collect();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|why| panic!("{line}: {why}"))).collect()
}

/// Never shown to anything that learns.
pub fn apart() -> Vec<Reply> {
    load("corpus/apart")
}

/// In the languages of which a little is learned; never shown to anything that learns.
pub fn eleven() -> Vec<Reply> {
    load("corpus/eleven")
}

/// In languages of which nothing is learned.
pub fn beyond() -> Vec<Reply> {
    load("corpus/beyond")
}

/// What a reader says of a reply who saw nothing but its text.
#[derive(serde::Deserialize)]
pub struct Again {
    id: String,
    pub label: Answer,
    pub party: Option<u32>,
    pub question: bool,
    pub unsubscribe: bool,
}

/// Those of the replies set apart, by their names.
pub fn apart_again() -> HashMap<String, Again> {
    load("corpus/apart-again").into_iter().map(|again: Again| (again.id.clone(), again)).collect()
}

fn is_held() -> HashSet<String> {
    let list = std::fs::read_to_string(folder("held.txt")).expect("training/held.txt");
    list.lines().map(str::to_owned).collect()
}

/// What the judge has learned from.
pub fn learned() -> Vec<Reply> {
    let held = is_held();
    load("corpus").into_iter().filter(|reply: &Reply| !held.contains(&reply.id)).collect()
}

/// Held apart for calibration alone, and written as those set apart were: without a given trap.
pub fn calibrate() -> Vec<Reply> {
    load("corpus/calibrate")
}

/// Held apart from learning, of the same making as what was learned from.
pub fn held() -> Vec<Reply> {
    let held = is_held();
    load("corpus").into_iter().filter(|reply: &Reply| held.contains(&reply.id)).collect()
}

/// The reply as it comes out of reading.
pub fn mail(reply: &Reply) -> Mail {
    Mail { said: reply.text.clone(), ..Mail::empty(MailKind::Reply) }
}
