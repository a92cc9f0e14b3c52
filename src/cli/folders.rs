//! The Maildir and the mbox of this installation.

use super::desk;
use crate::{
    config::{Config, OnDisk},
    daemon::files::{Files, Kind},
    net::{
        disk::DiskError,
        maildir,
        mbox::{self, Place, Wanted},
    },
};
use jiff::Timestamp;
use std::path::Path;

/// What the daemon watches beside IMAP.
pub fn on_disk(config: &Config) -> Vec<Files> {
    let files = |kind, disk: &OnDisk| Files {
        kind,
        path: desk::absolute(&disk.path).into(),
        desk: desk::reading(config, disk.authserv_id.clone()),
    };
    let maildir = config.maildir.iter().map(|disk| files(Kind::Maildir, disk));
    maildir.chain(config.mbox.iter().map(|disk| files(Kind::Mbox, disk))).collect()
}

/// Looks into them and tells; false where one cannot be read. One that is not there yet is a warning: it is waited for.
pub fn check(config: &Config) -> bool {
    let mut good = true;
    for files in on_disk(config) {
        let looked = match files.kind {
            Kind::Maildir => look_into_maildir(&files.path),
            Kind::Mbox => look_into_mbox(&files.path),
        };
        match looked {
            Ok(found) => anstream::println!("ok      {found} (reading)"),
            Err(DiskError::Missing(why)) => anstream::println!("warning {why}"),
            Err(error) => {
                good = false;
                anstream::println!("FAILED  {error}");
            }
        }
    }
    good
}

fn look_into_maildir(path: &Path) -> Result<String, DiskError> {
    maildir::stamp(path)?;
    let found = maildir::list(path)?;
    if let Some(first) = found.first()
        && let Err(error) = maildir::read(&first.path, 1)
    {
        return Err(DiskError::Unreadable(format!(
            "{} cannot be read: {error}; the messages must be readable for the user who runs convoke",
            first.path.display()
        )));
    }
    Ok(format!("{}: a Maildir with {} messages", path.display(), found.len()))
}

fn look_into_mbox(path: &Path) -> Result<String, DiskError> {
    let stamp = mbox::stamp(path)?;
    let wanted = Wanted { place: Place::start(), messages: 1, bytes: 1, bound: 1, since: Timestamp::MIN, settled: Some(stamp) };
    let found = mbox::read(path, &wanted)?;
    if found.pieces.is_empty() && stamp.size > 0 {
        return Err(DiskError::Wrong(format!(
            "{} is not an mbox: no line begins with \"From \"; check the path in the configuration",
            path.display()
        )));
    }
    Ok(format!("{}: an mbox of {} bytes", path.display(), stamp.size))
}
