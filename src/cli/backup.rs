//! `backup`: a copy of the database, also while the daemon runs.

use super::{Exit, args::Backup, desk, hands, usage};
use crate::{daemon::Clock, store::backup};
use anyhow::Context as _;
use std::{
    fs::OpenOptions,
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

pub async fn run(path: &Path, options: &Backup) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let stop = hands::when_asked()?;
    let part = Part::of(&options.file)?;
    let (to, now) = (part.path.clone(), Clock::default().now());
    let whole = store.read(move |conn| backup::copy(conn, &to, now, || stop.is_cancelled())).await;
    let cannot = || format!("cannot copy the database to {}", options.file.display());
    if !whole.with_context(cannot)? {
        anyhow::bail!("stopped before the copy was whole; nothing of it is kept");
    }
    part.finish().with_context(cannot)?;
    anstream::println!("Copied to {}.", options.file.display());
    Ok(Exit::Done)
}

/// A copy that is not whole yet, under another name, so that no half copy is ever taken for one. Gone unless it is finished.
struct Part<'a> {
    file: &'a Path,
    path: PathBuf,
}

impl<'a> Part<'a> {
    /// For its owner alone, as the database is.
    fn of(file: &'a Path) -> anyhow::Result<Self> {
        if file.symlink_metadata().is_ok() {
            return Err(exists(file));
        }
        let mut path = file.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(_) => Ok(Self { file, path }),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(usage(format!(
                "{} exists: another backup is at work, or one was cut off; in that case remove it, or name another file",
                path.display()
            ))),
            Err(error) => Err(desk::not_created(&path, error)),
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        if self.file.symlink_metadata().is_ok() {
            return Err(exists(self.file));
        }
        Ok(std::fs::rename(&self.path, self.file)?)
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn exists(file: &Path) -> anyhow::Error {
    desk::not_created(file, ErrorKind::AlreadyExists.into())
}
