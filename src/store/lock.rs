//! One process at a time may deliver and receive: a lock on a file beside the database. And whether both files are still where they
//! were, for a process that works on them for months.

use std::{
    fs::{self, File, Metadata, OpenOptions, TryLockError},
    io::{self, ErrorKind, Read, Seek, Write},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// Held by the daemon, or by a `send` that delivers by itself. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    named: Named,
}

#[derive(Debug, thiserror::Error)]
pub enum NotLocked {
    /// Another process delivers; `who` is what it wrote about itself.
    #[error("another convoke is at work on this database ({who})")]
    Held { who: String },
    #[error("{path} cannot be written ({why}); {cure}", path = path.display())]
    Io { path: PathBuf, why: io::Error, cure: String },
}

impl Lock {
    /// Takes the lock `DATABASE.lock`, or says who has it. Never waits.
    pub fn take(database: &Path, who: &str) -> Result<Self, NotLocked> {
        // Two names of one database are one lock.
        let real = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
        let mut path = real.into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let io = |why| refused(&path, why);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut who = String::new();
                let _ = file.take(200).read_to_string(&mut who);
                return Err(NotLocked::Held { who: who.trim().to_owned() });
            }
            Err(TryLockError::Error(why)) => return Err(io(why)),
        }
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{who}")).map_err(io)?;
        let named = Named::of(&path, &file.metadata().map_err(io)?);
        Ok(Self { _file: file, named })
    }
}

fn refused(path: &Path, why: io::Error) -> NotLocked {
    let owner = |path: &Path| fs::metadata(path).ok().map(|file| file.uid());
    let denied = why.kind() == ErrorKind::PermissionDenied;
    let file = owner(path).filter(|_| denied);
    let cure = cure(path, file, owner(folder_of(path)));
    NotLocked::Io { path: path.to_owned(), why, cure }
}

/// What helps, by the user numbers of the owners. `file` is that of a lock that is there and may not be written; None where it is
/// not there, or something else is wrong.
fn cure(lock: &Path, file: Option<u32>, folder: Option<u32>) -> String {
    match file {
        None => "this account must own the folder of the database".to_owned(),
        Some(_) if file == folder => "run convoke as the account that owns it and its folder".to_owned(),
        Some(_) => format!(
            "convoke was run by another account, as root does with sudo, and that one owns the file now: give it and the database to the owner of their folder by `sudo chown --reference='{}' '{}'*`",
            folder_of(lock).display(),
            lock.with_extension("").display()
        ),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Which file a path named at a moment, by device and inode.
#[derive(Debug)]
struct Named {
    path: PathBuf,
    file: (u64, u64),
}

impl Named {
    fn of(path: &Path, file: &Metadata) -> Self {
        Self { path: path.to_owned(), file: (file.dev(), file.ino()) }
    }

    /// Whether the path names another file now, or none. Where it cannot be looked at for any other reason, nothing is known: false.
    fn is_lost(&self) -> bool {
        match fs::metadata(&self.path) {
            Ok(now) => (now.dev(), now.ino()) != self.file,
            Err(error) => error.kind() == ErrorKind::NotFound,
        }
    }
}

/// What a daemon stands on: its database and its lock, as they were when it began. The lock is held as long as this lives.
#[derive(Debug)]
pub struct Footing {
    database: Named,
    lock: Lock,
}

/// A file of the daemon was taken away from under it.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// SQLite works on in a file that nobody else sees, and its log may lie beside another database.
    #[error(
        "the database {path} was removed, moved or replaced while the daemon was at work on it; stop the daemon before that, take away all files of the old database, and start it again (\"Restore a backup\" in README.md)",
        path = path.display()
    )]
    Database { path: PathBuf },
    /// A second daemon could start beside this one.
    #[error(
        "the lock {path} was removed or replaced while the daemon held it, so that a second one could have sent the same letters; leave this file alone, and see that one daemon runs",
        path = path.display()
    )]
    Lock { path: PathBuf },
}

impl Footing {
    /// To be made when the database has just been opened under this lock.
    ///
    /// # Errors
    /// Nothing is at the path of the database, or it may not be looked at.
    pub fn of(database: &Path, lock: Lock) -> io::Result<Self> {
        Ok(Self { database: Named::of(database, &fs::metadata(database)?), lock })
    }

    /// Whether both paths still name the files that are worked on: a glance at two names, which may be taken several times a second.
    /// Bytes that are written over in place are not noticed.
    pub fn look(&self) -> Result<(), Lost> {
        let Self { database, lock: Lock { named, .. } } = self;
        if database.is_lost() {
            return Err(Lost::Database { path: database.path.clone() });
        }
        if named.is_lost() { Err(Lost::Lock { path: named.path.clone() }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_another_account_made_is_named_with_the_cure() {
        let lock = Path::new("/srv/convoke.db.lock");
        assert!(cure(lock, Some(0), Some(1000)).ends_with("by `sudo chown --reference='/srv' '/srv/convoke.db'*`"));
        assert!(cure(lock, Some(1000), Some(1000)).contains("the account that owns it"), "it is somebody else who runs it");
        assert!(cure(lock, None, Some(1000)).contains("must own the folder"), "the file cannot be made");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("convoke.db.lock");
        let words = |why: ErrorKind| refused(&path, why.into()).to_string();
        assert!(words(ErrorKind::PermissionDenied).contains("must own the folder"), "there is none yet");
        fs::write(&path, "").unwrap();
        assert!(words(ErrorKind::PermissionDenied).contains("the account that owns it"));
        assert!(words(ErrorKind::StorageFull).contains("must own the folder"));
    }

    #[test]
    fn a_file_that_is_taken_away_or_replaced_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("convoke.db"), folder.path().join("other"));
        fs::write(&path, "").unwrap();
        let lock_path = folder.path().join("convoke.db.lock");
        let footing = Footing::of(&path, Lock::take(&path, "a test").unwrap()).unwrap();
        assert!(footing.look().is_ok());
        fs::write(&path, "more").unwrap();
        assert!(footing.look().is_ok(), "the same file");
        fs::rename(&lock_path, &other).unwrap();
        assert!(matches!(footing.look(), Err(Lost::Lock { .. })), "it is gone");
        fs::write(&lock_path, "").unwrap();
        assert!(matches!(footing.look(), Err(Lost::Lock { .. })), "it is another");
        fs::rename(&other, &path).unwrap();
        assert!(matches!(footing.look(), Err(Lost::Database { .. })), "it is another");
        fs::remove_file(&path).unwrap();
        assert!(matches!(footing.look(), Err(Lost::Database { .. })), "it is gone");
    }
}
