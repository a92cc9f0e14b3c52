//! Small things that one process wants another to know: the relay's trouble, the trouble of each source of mail.

use super::{Result, at, from_json, json, ms};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Why nothing moves at the moment, on one side.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Trouble {
    pub why: String,
    /// When the next try is due, milliseconds since 1970.
    until: i64,
    /// True: nothing changes by waiting; somebody has to mend the configuration or the server.
    pub permanent: bool,
}

impl Trouble {
    pub fn new(why: String, until: Timestamp, permanent: bool) -> Self {
        Self { why, until: ms(until), permanent }
    }

    pub fn until(&self) -> Timestamp {
        at(self.until)
    }
}

/// Which side has trouble.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Relay,
    /// IMAP.
    Mailbox,
    Maildir,
    Mbox,
    /// Copies in the Sent folder.
    Sent,
}

impl Side {
    const ALL: [Self; 5] = [Self::Relay, Self::Mailbox, Self::Maildir, Self::Mbox, Self::Sent];

    fn key(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Mailbox => "mailbox",
            Self::Maildir => "maildir",
            Self::Mbox => "mbox",
            Self::Sent => "sent",
        }
    }
}

/// Writes the trouble down, or that it is over.
pub fn set(conn: &Connection, side: Side, trouble: Option<&Trouble>) -> Result<()> {
    match trouble {
        Some(trouble) => {
            let sql = "INSERT INTO note (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
            conn.prepare_cached(sql)?.execute(params![side.key(), json(trouble)?])?
        }
        None => conn.prepare_cached("DELETE FROM note WHERE key = ?1")?.execute([side.key()])?,
    };
    Ok(())
}

/// Forgets the trouble of every side but these: nobody is left who would say that it is over.
pub fn forget_but(conn: &Connection, served: &[Side]) -> Result<()> {
    Side::ALL.into_iter().filter(|side| !served.contains(side)).try_for_each(|side| set(conn, side, None))
}

pub fn get(conn: &Connection, side: Side) -> Result<Option<Trouble>> {
    let value: Option<String> = conn.query_row("SELECT value FROM note WHERE key = ?1", [side.key()], |row| row.get(0)).optional()?;
    value.map(|value| from_json(&value)).transpose()
}
