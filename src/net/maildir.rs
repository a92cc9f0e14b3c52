//! A Maildir: one file a message, in `new` until a mail program has seen it, then in `cur`.
//!
//! The format is <https://cr.yp.to/proto/maildir.html>. `tmp` is never looked into, subfolders are not followed, and no
//! file is renamed: a message stays in `new` for the mail program that comes after us.

use super::disk::{DiskError, time};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    ffi::OsString,
    fs,
    io::{self, ErrorKind, Read as _},
    path::{Path, PathBuf},
};

/// How many messages of one Maildir are listed.
const LISTED: usize = 2_000_000;
/// Where messages lie, in the order in which they move.
const PLACES: [&str; 2] = ["new", "cur"];

/// When `new` and `cur` were changed last. Two equal stamps mean that no file came or went between, as far as the file
/// system's clock can tell: not when the stamp is only as old as one tick of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp([Option<Timestamp>; 2]);

impl Stamp {
    /// The newer of the two changes.
    pub fn newest(&self) -> Timestamp {
        self.0.iter().flatten().copied().max().unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// A message that is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Its file name up to the colon: flags come after it and change.
    pub name: String,
    pub path: PathBuf,
}

/// A message as it lies there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// At most as much as was asked for.
    pub raw: Vec<u8>,
    /// How long it is, in bytes.
    pub size: u64,
    /// When it was delivered: the time of its last change.
    pub modified: Timestamp,
}

/// Two looks at the disk, however many messages there are.
pub fn stamp(root: &Path) -> Result<Stamp, DiskError> {
    let mut stamp = Stamp([None; 2]);
    for (place, changed) in PLACES.iter().zip(&mut stamp.0) {
        match fs::metadata(root.join(place)) {
            Ok(folder) if folder.is_dir() => *changed = Some(time(folder.modified())),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(DiskError::of("Maildir", root, &error)),
        }
    }
    if stamp.0 != [None; 2] {
        return Ok(stamp);
    }
    match fs::metadata(root) {
        Err(error) => Err(DiskError::of("Maildir", root, &error)),
        Ok(_) => Err(DiskError::Wrong(format!(
            "{} is not a Maildir: it has neither a folder new nor a folder cur; name the folder that holds them",
            root.display()
        ))),
    }
}

/// The messages, each once, in no order. Only names are read, not files.
///
/// More than two million are an error. A message that is renamed at this very moment may be left out: ask again before
/// taking it for gone.
pub fn list(root: &Path) -> Result<Vec<Listed>, DiskError> {
    let refused = |error: io::Error| DiskError::of("Maildir", root, &error);
    let mut found: HashMap<String, PathBuf> = HashMap::new();
    for place in PLACES {
        let entries = match fs::read_dir(root.join(place)) {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            Err(error) => return Err(refused(error)),
        };
        for entry in entries {
            let entry = entry.map_err(refused)?;
            let file = entry.file_name();
            if file.as_encoded_bytes().starts_with(b".") || entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            if found.len() >= LISTED {
                let path = root.display();
                return Err(DiskError::Wrong(format!(
                    "the Maildir {path} holds more than {LISTED} messages; name one for the answers alone"
                )));
            }
            found.insert(unique(file), entry.path());
        }
    }
    Ok(found.into_iter().map(|(name, path)| Listed { name, path }).collect())
}

/// A name that is not UTF-8 is kept with its bytes escaped, so that no two become one.
fn unique(file: OsString) -> String {
    let mut name = file.into_string().unwrap_or_else(|file| format!("{file:?}"));
    if let Some(colon) = name.find(':') {
        name.truncate(colon);
    }
    name
}

/// When a message was delivered; None where it is gone.
pub fn delivered(path: &Path) -> Option<Timestamp> {
    fs::metadata(path).ok().map(|file| time(file.modified()))
}

/// A message, or its first `bound` bytes.
///
/// # Errors
/// `NotFound` when it was moved or deleted meanwhile; `InvalidData` when it is no regular file.
pub fn read(path: &Path, bound: u64) -> io::Result<Message> {
    let kind = fs::metadata(path)?;
    if !kind.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidData, "it is not a regular file")); // opening a pipe would wait for a writer
    }
    let file = fs::File::open(path)?;
    let about = file.metadata()?;
    let mut raw = Vec::with_capacity(usize::try_from(about.len().min(bound)).unwrap_or_default());
    file.take(bound).read_to_end(&mut raw)?;
    Ok(Message { size: about.len().max(raw.len() as u64), raw, modified: time(about.modified()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

    #[test]
    fn a_name_ends_at_its_flags_and_keeps_strange_bytes_apart() {
        assert_eq!(unique("1.M2P3.host,S=9:2,RS".into()), "1.M2P3.host,S=9");
        let strange = |bytes: &[u8]| unique(OsStr::from_bytes(bytes).to_owned());
        assert_ne!(strange(b"1\xFF.host:2,"), strange(b"1\xFE.host:2,"));
        assert_eq!(strange(b"1\xFF.host:2,"), strange(b"1\xFF.host:2,S").to_owned());
    }

    #[test]
    fn what_is_no_message_is_left_alone() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path();
        assert!(matches!(stamp(&root.join("none")), Err(DiskError::Missing(why)) if why.contains("waited for")));
        assert!(matches!(stamp(root), Err(DiskError::Wrong(why)) if why.contains("neither")));
        for folder in ["new", "cur", "tmp", "cur/folder", ".Junk"] {
            fs::create_dir(root.join(folder)).expect("made");
        }
        for file in ["new/1.a", "cur/2.b:2,S", "tmp/3.c", "new/.hidden", "new/4.d", "cur/4.d:2,"] {
            fs::write(root.join(file), "x").expect("written");
        }
        let mut names: Vec<_> = list(root).expect("a list").into_iter().map(|listed| listed.name).collect();
        names.sort();
        assert_eq!(names, ["1.a", "2.b", "4.d"]);
        assert_eq!(read(&root.join("cur/folder"), 10).expect_err("a folder").kind(), ErrorKind::InvalidData);
        fs::write(root.join("new/1.a"), "0123456789").expect("written");
        let message = read(&root.join("new/1.a"), 4).expect("a message");
        assert_eq!((message.raw.as_slice(), message.size), (b"0123".as_slice(), 10));
    }
}
