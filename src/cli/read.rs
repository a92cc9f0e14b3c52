//! `read`: what would be understood of a message. No configuration, no database.

use super::{
    Exit,
    args::Read,
    table,
    words::{beside, people},
};
use crate::{
    judge,
    model::{Address, Answer, Bounce, Certainty, Delegate, Lang, Mail, MailKind, Verdict},
    net::mbox::Splitter,
    read,
};
use serde::Serialize;
use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

/// How deep folders are followed.
const DEPTH: usize = 32;
/// How many bytes of one file are read: an mbox may be long.
const LONGEST: u64 = 2 * 1024 * 1024 * 1024;

pub fn run(options: &Read, json: bool) -> anyhow::Result<Exit> {
    let mut walk = Walk { json, files: 0, failed: false };
    for path in &options.paths {
        let before = walk.files;
        if path == Path::new("-") {
            let mut raw = Vec::new();
            std::io::stdin().lock().take(LONGEST).read_to_end(&mut raw)?;
            file("-", &raw, json)?;
            walk.files += 1;
        } else {
            walk.path(path, 0)?;
        }
        if walk.files == before && !walk.failed {
            anstream::eprintln!(
                "{}: no message is in there; files named .eml, .mbox or .mail are read, and Maildir folders",
                path.display()
            );
        }
    }
    Ok(if walk.failed { Exit::Failed } else { Exit::Done })
}

/// A way through folders. What cannot be read is told, and the way goes on.
struct Walk {
    json: bool,
    files: usize,
    failed: bool,
}

impl Walk {
    /// Err only where nothing can be printed any more.
    fn path(&mut self, path: &Path, depth: usize) -> anyhow::Result<()> {
        match look(path, depth) {
            Ok(Found::Folder(inside)) => inside.iter().try_for_each(|path| self.path(path, depth + 1)),
            Ok(Found::File(raw)) => {
                self.files += 1;
                file(&path.display().to_string(), &raw, self.json)
            }
            Ok(Found::Nothing) => Ok(()),
            Err(error) => {
                anstream::eprintln!("convoke: cannot read {}: {error:#}; check the path and its permissions", path.display());
                self.failed = true;
                Ok(())
            }
        }
    }
}

enum Found {
    /// What is inside, in name order.
    Folder(Vec<PathBuf>),
    File(Vec<u8>),
    Nothing,
}

/// What a path is. Inside a folder, links to other folders, pipes and files that hold no mail are passed over.
fn look(path: &Path, depth: usize) -> anyhow::Result<Found> {
    let kind = std::fs::metadata(path)?;
    if kind.is_dir() {
        if depth > 0 && path.is_symlink() {
            return Ok(Found::Nothing);
        }
        anyhow::ensure!(depth < DEPTH, "it lies more than {DEPTH} folders deep");
        let mut inside: Vec<PathBuf> = std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        inside.sort();
        return Ok(Found::Folder(inside));
    }
    if depth > 0 && !(kind.is_file() && holds_mail(path)) {
        return Ok(Found::Nothing);
    }
    let mut raw = Vec::new();
    std::fs::File::open(path)?.take(LONGEST).read_to_end(&mut raw)?;
    Ok(Found::File(raw))
}

/// In a folder only messages are read: `.eml`, `.mbox`, `.mail`, and names without an extension or in Maildir's form.
fn holds_mail(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let maildir = path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "cur" || folder == "new");
    let known = path.extension().is_none_or(|extension| ["eml", "mbox", "mail"].iter().any(|known| extension.eq_ignore_ascii_case(known)));
    !name.starts_with('.') && (known || maildir)
}

/// A file: one message, or an mbox with several.
fn file(path: &str, raw: &[u8], json: bool) -> anyhow::Result<()> {
    if !raw.starts_with(b"From ") {
        return one(path, raw, json);
    }
    for (number, message) in Splitter::new(raw, raw.len()).enumerate() {
        one(&format!("{path}#{}", number + 1), &message?.raw, json)?;
    }
    Ok(())
}

fn one(path: &str, raw: &[u8], json: bool) -> anyhow::Result<()> {
    let mail = read::mail(raw, &read::Context::default());
    let verdict = judge::verdict(&mail, None, Certainty::default());
    use std::io::Write as _;
    let mut out = anstream::stdout().lock();
    if json {
        writeln!(out, "{}", object(path, &mail, &verdict)?)?
    } else {
        writeln!(out, "{}", words(path, &mail, &verdict))?
    }
    Ok(())
}

/// The object of `read --json`: its keys and their order are a contract.
#[derive(Serialize)]
struct Object<'a> {
    path: &'a str,
    kind: MailKind,
    answer: Answer,
    sure: bool,
    confidence: f64,
    party: Option<u32>,
    question: bool,
    unsubscribe: bool,
    delegate: &'a Option<Delegate>,
    language: Option<Lang>,
    said: &'a str,
    evidence: &'a [String],
    bounce: &'a Option<Bounce>,
    auto: Option<Away>,
    calendar: Option<Calendar<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Away {
    until: Option<jiff::civil::Date>,
}

#[derive(Serialize)]
struct Calendar<'a> {
    method: &'a str,
    partstat: &'a Option<String>,
    uid: &'a Option<String>,
    attendee: &'a Option<Address>,
    comment: &'a Option<String>,
    sequence: u32,
}

fn object(path: &str, mail: &Mail, verdict: &Verdict) -> anyhow::Result<String> {
    let calendar = mail.calendar.as_ref().map(|c| Calendar {
        method: &c.method,
        partstat: &c.partstat,
        uid: &c.uid,
        attendee: &c.attendee,
        comment: &c.comment,
        sequence: c.sequence,
    });
    Ok(serde_json::to_string(&Object {
        path,
        kind: mail.kind,
        answer: verdict.answer,
        sure: verdict.sure && matches!(mail.kind, MailKind::Reply | MailKind::Calendar),
        confidence: (verdict.confidence * 1_000.0).round() / 1_000.0,
        party: verdict.party,
        question: verdict.question,
        unsubscribe: verdict.unsubscribe,
        delegate: &verdict.delegate,
        language: judge::language(&mail.said),
        said: &mail.said,
        evidence: &verdict.evidence,
        bounce: &mail.bounce,
        auto: mail.auto.as_ref().map(|auto| Away { until: auto.until }),
        calendar,
        notes: &mail.notes,
    })?)
}

fn words(path: &str, mail: &Mail, verdict: &Verdict) -> String {
    let sure = if verdict.sure { "sure" } else { "not sure" };
    let mut out = format!("{path}: {}, {} ({sure})", kind(mail.kind), verdict.answer);
    if let Some(party) = verdict.party {
        out.push_str(&format!(", {}", people(party)));
    }
    out.push_str(&beside(verdict.question, verdict.unsubscribe));
    for evidence in &verdict.evidence {
        out.push_str(&format!("\n    “{}”", table::cut(evidence, 100)));
    }
    for doubt in verdict.doubts.iter().chain(&mail.notes) {
        out.push_str(&format!("\n    ({doubt})"));
    }
    out
}

fn kind(kind: MailKind) -> &'static str {
    match kind {
        MailKind::Reply => "reply",
        MailKind::Calendar => "calendar",
        MailKind::Bounce => "bounce",
        MailKind::Auto => "auto",
        MailKind::Complaint => "complaint",
        MailKind::Other => "other",
    }
}
