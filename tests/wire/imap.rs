//! A raw IMAP reader that shows a folder as it is without changing it: the proof that flags stay as they were.

use super::authority::Authority;
use super::dialogue::Dialogue;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// A folder as STATUS and FLAGS show it; two of them are equal when nobody touched the folder in between.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    pub messages: u32,
    /// Messages that no session has been told of as new: reading with SELECT would take this mark away.
    pub recent: u32,
    pub unseen: u32,
    pub uid_next: u32,
    pub uid_validity: u32,
    /// UID to flags, in the server's spelling, without \Recent, which belongs to a session and is counted above.
    pub flags: BTreeMap<u32, BTreeSet<String>>,
}

pub struct Imap {
    dialogue: Dialogue,
    number: u32,
}

impl Imap {
    pub fn plain(port: u16, user: &str, password: &str) -> io::Result<Self> {
        Self::open(Dialogue::plain(port)?, user, password)
    }

    pub fn tls(port: u16, authority: &Authority, user: &str, password: &str) -> io::Result<Self> {
        Self::open(Dialogue::tls(port, authority)?, user, password)
    }

    fn open(mut dialogue: Dialogue, user: &str, password: &str) -> io::Result<Self> {
        let greeting = dialogue.line()?;
        if !greeting.starts_with("* OK") {
            return Err(io::Error::other(greeting));
        }
        let mut imap = Self { dialogue, number: 0 };
        imap.command(&format!("LOGIN {} {}", quoted(user), quoted(password)))?;
        Ok(imap)
    }

    fn tag(&mut self) -> String {
        self.number += 1;
        format!("w{}", self.number)
    }

    /// Sends one command and gives its untagged lines; NO and BAD are errors with the server's words.
    pub fn command(&mut self, command: &str) -> io::Result<Vec<String>> {
        let tag = self.tag();
        self.dialogue.say(&format!("{tag} {command}"))?;
        self.answers(&tag)
    }

    fn answers(&mut self, tag: &str) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let line = self.dialogue.line()?;
            match line.strip_prefix(tag).map(str::trim_start) {
                Some(end) if end.starts_with("OK") => return Ok(lines),
                Some(end) => return Err(io::Error::other(end.to_owned())),
                None => lines.push(line),
            }
        }
    }

    /// STATUS before EXAMINE, so that the folder is asked before anyone looks into it.
    pub fn snapshot(&mut self, folder: &str) -> io::Result<Snapshot> {
        let lines = self.command(&format!("STATUS {} (MESSAGES RECENT UNSEEN UIDNEXT UIDVALIDITY)", quoted(folder)))?;
        let status = lines.iter().find(|line| line.starts_with("* STATUS")).cloned().unwrap_or_default();
        let number = |name: &str| after(&status, name).ok_or_else(|| io::Error::other(format!("no {name} in {status:?}")));
        let (messages, recent, unseen) = (number("MESSAGES")?, number("RECENT")?, number("UNSEEN")?);
        let (uid_next, uid_validity) = (number("UIDNEXT")?, number("UIDVALIDITY")?);
        Ok(Snapshot { messages, recent, unseen, uid_next, uid_validity, flags: self.flags(folder)? })
    }

    /// UID to flags of every message, read with EXAMINE.
    fn flags(&mut self, folder: &str) -> io::Result<BTreeMap<u32, BTreeSet<String>>> {
        self.command(&format!("EXAMINE {}", quoted(folder)))?;
        let lines = self.command("UID FETCH 1:* (UID FLAGS)")?;
        self.command("UNSELECT")?;
        let mut all = BTreeMap::new();
        for line in lines.iter().filter(|line| line.contains(" FETCH (")) {
            let uid = after(line, "UID").ok_or_else(|| io::Error::other(format!("no UID in {line:?}")))?;
            let flags = line.split_once("FLAGS (").and_then(|(_, rest)| rest.split_once(')')).map_or("", |(flags, _)| flags);
            all.insert(uid, flags.split_whitespace().filter(|flag| *flag != "\\Recent").map(str::to_owned).collect());
        }
        Ok(all)
    }

    /// The whole message, by BODY.PEEK[].
    pub fn fetch(&mut self, folder: &str, uid: u32) -> io::Result<Vec<u8>> {
        self.command(&format!("EXAMINE {}", quoted(folder)))?;
        let tag = self.tag();
        self.dialogue.say(&format!("{tag} UID FETCH {uid} (BODY.PEEK[])"))?;
        let mut raw = None;
        loop {
            let line = self.dialogue.line()?;
            if line.starts_with(&tag) {
                break;
            }
            if let Some(count) = line.strip_suffix('}').and_then(|line| line.rsplit_once('{')) {
                raw = Some(self.dialogue.exactly(count.1.parse().map_err(io::Error::other)?)?);
            }
        }
        self.command("UNSELECT")?;
        raw.ok_or_else(|| io::Error::other(format!("no message with UID {uid} in {folder}")))
    }

    /// Every message of a folder with its UID.
    pub fn fetch_all(&mut self, folder: &str) -> io::Result<Vec<(u32, Vec<u8>)>> {
        let uids: Vec<u32> = self.flags(folder)?.into_keys().collect();
        uids.into_iter().map(|uid| Ok((uid, self.fetch(folder, uid)?))).collect()
    }

    /// Opens a folder read-only and begins IDLE: from now on [`Imap::news`] tells of arrivals.
    #[allow(dead_code, reason = "for tests/latency.rs")]
    pub fn idle(&mut self, folder: &str) -> io::Result<()> {
        self.command(&format!("EXAMINE {}", quoted(folder)))?;
        let tag = self.tag();
        self.dialogue.say(&format!("{tag} IDLE"))?;
        let line = self.dialogue.line()?;
        if line.starts_with('+') { Ok(()) } else { Err(io::Error::other(line)) }
    }

    /// The next EXISTS of an idle session: how many messages there are now.
    #[allow(dead_code, reason = "for tests/latency.rs")]
    pub fn news(&mut self) -> io::Result<u32> {
        loop {
            let line = self.dialogue.line()?;
            if let Some(count) = line.strip_prefix("* ").and_then(|line| line.strip_suffix(" EXISTS")) {
                return count.parse().map_err(io::Error::other);
            }
        }
    }

    /// Does what `convoke` must never do: marks a message as read.
    pub fn mark_seen(&mut self, folder: &str, uid: u32) -> io::Result<()> {
        self.command(&format!("SELECT {}", quoted(folder)))?;
        self.command(&format!("UID STORE {uid} +FLAGS (\\Seen)"))?;
        self.command("UNSELECT").map(drop)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The number after the word `name`.
fn after(line: &str, name: &str) -> Option<u32> {
    let mut words = line.split([' ', '(', ')']);
    words.find(|word| *word == name)?;
    words.next()?.parse().ok()
}
