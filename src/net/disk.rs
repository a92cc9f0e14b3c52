//! Mail that lies in files of this machine: what a Maildir and an mbox have in common. Opened for reading only.

use jiff::Timestamp;
use std::{
    io::{self, ErrorKind},
    path::Path,
    time::SystemTime,
};

/// Why a Maildir or an mbox cannot be read, in words, with the cure.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DiskError {
    /// It is not there. It may come: the first mail makes it.
    #[error("{0}")]
    Missing(String),
    /// Something else lies there.
    #[error("{0}")]
    Wrong(String),
    /// It is there and cannot be read: permissions, the disk.
    #[error("{0}")]
    Unreadable(String),
}

impl DiskError {
    /// True: tell the organiser, it will not mend by itself.
    pub fn permanent(&self) -> bool {
        matches!(self, Self::Wrong(_) | Self::Unreadable(_))
    }

    pub(super) fn of(what: &str, path: &Path, error: &io::Error) -> Self {
        let path = path.display();
        match error.kind() {
            ErrorKind::NotFound => Self::Missing(format!(
                "there is no {what} {path} yet; it is waited for (if it should be there, correct the path in the configuration)"
            )),
            ErrorKind::PermissionDenied => {
                Self::Unreadable(format!("the {what} {path} may not be read by this user; change its permissions or its owner"))
            }
            _ => Self::Unreadable(format!("the {what} {path} cannot be read: {error}; check the path and the disk")),
        }
    }
}

/// A time of the file system; 1970 where the system has none.
pub(super) fn time(modified: io::Result<SystemTime>) -> Timestamp {
    modified.ok().and_then(|time| Timestamp::try_from(time).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}
