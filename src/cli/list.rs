//! The guest list of a campaign, as a command takes it.

use super::words::tell;
use crate::{
    config::CampaignFile,
    contacts::{self, List},
    model::{Address, Complaint, Guest},
    plan::Invitees,
    store::editions,
};
use anyhow::Context as _;
use std::{
    collections::BTreeSet,
    fs::File,
    path::{Path, PathBuf},
};

/// The guests that may be taken, and what was told about the list.
pub struct Taken {
    pub guests: Vec<Guest>,
    pub complaints: Vec<Complaint>,
    pub notes: Vec<String>,
    /// The columns that templates may use besides our own.
    pub columns: BTreeSet<String>,
    list: List,
    path: PathBuf,
}

/// The list of a campaign as it lies on the disk.
pub fn bytes(file: &CampaignFile) -> anyhow::Result<Vec<u8>> {
    readable(file, std::fs::read(&file.contacts))
}

/// The digest of the list as it lies on the disk, however long it is.
pub fn digest(file: &CampaignFile) -> anyhow::Result<String> {
    readable(file, File::open(&file.contacts).and_then(editions::digest_of))
}

fn readable<T>(file: &CampaignFile, read: std::io::Result<T>) -> anyhow::Result<T> {
    let path = file.contacts.display();
    read.with_context(|| format!("cannot read {path}, which {} names as contacts; check the path and its permissions", file.path.display()))
}

/// Reads the list of a campaign. Complaints are returned, not judged.
pub fn read(file: &CampaignFile) -> anyhow::Result<Taken> {
    of(file, &bytes(file)?)
}

/// The list of a campaign from its [`bytes`].
pub fn of(file: &CampaignFile, bytes: &[u8]) -> anyhow::Result<Taken> {
    let path = &file.contacts;
    let mut list = contacts::read(&path.display().to_string(), bytes)?;
    Ok(Taken {
        guests: std::mem::take(&mut list.guests),
        complaints: list.complaints.clone(),
        notes: list.notes.clone(),
        columns: list.columns.iter().cloned().collect(),
        path: path.clone(),
        list,
    })
}

impl Taken {
    /// How many rows are left out; a row may have several complaints.
    pub fn rows_with_complaints(&self) -> usize {
        self.complaints.iter().map(|complaint| complaint.row).collect::<BTreeSet<_>>().len()
    }

    /// Writes the rows left out to `LIST.skipped.csv`; a file that is there stays, unless it says the same.
    pub fn write_skipped(&self) -> anyhow::Result<PathBuf> {
        let bytes = self.list.skipped_csv();
        for number in 1..1_000 {
            let path = name(&self.path, number);
            match std::fs::read(&path) {
                Ok(there) if there == bytes => return Ok(path),
                Ok(_) => continue,
                Err(_) => {
                    use std::io::Write as _;
                    super::desk::create(&path)?.write_all(&bytes).with_context(|| format!("cannot write {}", path.display()))?;
                    return Ok(path);
                }
            }
        }
        anyhow::bail!("there are a thousand files {} already; delete some", name(&self.path, 1).display())
    }
}

fn name(list: &Path, number: u32) -> PathBuf {
    let stem = list.file_stem().unwrap_or_default().to_string_lossy();
    let suffix = if number == 1 { String::new() } else { format!(".{number}") };
    list.with_file_name(format!("{stem}.skipped{suffix}.csv"))
}

/// How many guests are named; the rest is counted.
pub const NAMED: usize = 20;

/// Tells who has no invitation and is not invited now, because a mail of theirs waits.
pub fn tell_unread(emails: &[String], campaign: &str, json: bool) {
    for email in emails.iter().take(NAMED) {
        tell(
            json,
            format_args!(
                "{email} has written, and the invitation was withdrawn before it left: look at the mail (`convoke review {campaign}`); whoever is silent then is invited by the next `convoke send {campaign}`."
            ),
        );
    }
    if emails.len() > NAMED {
        tell(json, format_args!("… and {} more who have written and have no invitation.", emails.len() - NAMED));
    }
}

/// Tells what a list may not mean: changes since the last `send`, and (address, campaign) of those who asked for no more letters.
pub fn warn(invitees: &Invitees, unwilling: &[(Address, String)], json: bool) {
    for (email, campaign) in unwilling.iter().take(NAMED) {
        tell(json, format_args!("Careful: {email} asked for no more letters (campaign {campaign}); take the row out, if you agree."));
    }
    for (email, before, name) in invitees.called.iter().take(NAMED) {
        tell(
            json,
            format_args!(
                "{email} was invited as {before:?}; the list now says {name:?}, which is taken for the same guest: no letter. If it is another guest, let both rows stand in the list."
            ),
        );
    }
    for email in invitees.gone.iter().take(NAMED) {
        tell(json, format_args!("{email} was invited and is no longer in the list; the invitation stands."));
    }
    for (email, before, name) in invitees.renamed.iter().take(NAMED) {
        tell(
            json,
            format_args!(
                "Careful: {email} was invited as {before:?}; the list now says {name:?}, which is another guest: one more letter to this address."
            ),
        );
    }
    for (more, what) in [
        (unwilling.len(), "who asked for no more letters"),
        (invitees.called.len(), "under a corrected name"),
        (invitees.gone.len(), "no longer in the list"),
        (invitees.renamed.len(), "under another name"),
    ] {
        if more > NAMED {
            tell(json, format_args!("… and {} more {what}.", more - NAMED));
        }
    }
}
