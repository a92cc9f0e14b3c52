//! One process at a time may deliver and receive: a lock on a file beside the database.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
};

/// Held by the daemon, or by a `send` that delivers by itself. The system frees it when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

#[derive(Debug, thiserror::Error)]
pub enum NotLocked {
    /// Another process delivers; `who` is what it wrote about itself.
    #[error("another convoke is at work on this database ({who})")]
    Held { who: String },
    #[error("{path} cannot be written ({why}); this account must own the folder of the database", path = path.display())]
    Io { path: PathBuf, why: std::io::Error },
}

impl Lock {
    /// Takes the lock `DATABASE.lock`, or says who has it. Never waits.
    pub fn take(database: &Path, who: &str) -> Result<Self, NotLocked> {
        // Two names of one database are one lock.
        let real = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
        let mut path = real.into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let io = |why| NotLocked::Io { path: path.clone(), why };
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
        Ok(Self { _file: file })
    }
}
