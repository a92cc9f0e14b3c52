//! What letters are written from, frozen: a campaign's templates, definition and sender as they were when letters were queued.

use super::{Error, Result, at, campaigns::token_of, from_json, json, ms};
use crate::model::{Address, Campaign, Event, Guest, Kind, Sender, Stamp};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, io::Read};

/// Everything that enters a letter besides its guest and its stamp.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Content {
    /// The template files by their name in the folder.
    pub files: BTreeMap<String, String>,
    pub campaign: Campaign,
    pub sender: Sender,
}

/// A kept edition.
#[derive(Clone, PartialEq, Debug)]
pub struct Edition {
    pub id: i64,
    pub campaign: i64,
    pub content: Content,
    pub created: Timestamp,
}

/// SHA-256 in lower-case hex.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hex(digest)
}

/// SHA-256 of everything that `source` gives, of which only a piece is held at a time.
pub fn digest_of(mut source: impl Read) -> std::io::Result<String> {
    let mut digest = Sha256::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match source.read(&mut piece)? {
            0 => return Ok(hex(digest)),
            length => digest.update(piece.get(..length).unwrap_or_default()),
        }
    }
}

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Content {
    /// The same content has the same digest, in every version that writes it the same way.
    pub fn digest(&self) -> Result<String> {
        Ok(digest(&[json(self)?.as_bytes()]))
    }
}

/// Keeps an edition and makes it the one that new guests of the campaign get; one that is known is only that. Its id.
pub fn keep(conn: &Connection, campaign: i64, content: &Content, now: Timestamp) -> Result<i64> {
    let sql = "INSERT INTO edition (campaign, digest, content, created) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (campaign, digest) DO UPDATE SET digest = digest RETURNING id";
    let id: i64 = conn.prepare_cached(sql)?.query_row(params![campaign, content.digest()?, json(content)?, ms(now)], |row| row.get(0))?;
    conn.prepare_cached("UPDATE campaign SET edition = ?2 WHERE id = ?1 AND edition IS NOT ?2")?.execute(params![campaign, id])?;
    Ok(id)
}

/// An edition by its id. Unreadable content is an error of this edition only: [`super::outbox::fail`] the letter with its words.
pub fn edition(conn: &Connection, id: i64) -> Result<Edition> {
    let sql = "SELECT campaign, content, created FROM edition WHERE id = ?1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?));
    let found = conn.prepare_cached(sql)?.query_row([id], row).optional()?;
    let (campaign, content, created) = found.ok_or_else(|| Error::Unreadable(format!("edition {id}, which is gone")))?;
    Ok(Edition { id, campaign, content: from_json(&content)?, created: at(created) })
}

/// The edition that new guests of a campaign get; None where it has none yet.
pub fn current(conn: &Connection, campaign: i64) -> Result<Option<Edition>> {
    let sql = "SELECT edition FROM campaign WHERE id = ?1";
    let id: Option<i64> = conn.prepare_cached(sql)?.query_row([campaign], |row| row.get(0)).optional()?.flatten();
    id.map(|id| edition(conn, id)).transpose()
}

/// The states of letters that a guest may have read.
pub(super) const REACHED: &str = "'sending', 'sent', 'uncertain', 'bounced'";

/// What the letters were written from that a guest may have read, each once, newest first. None: before there were editions.
pub fn reached(conn: &Connection, invitation: i64) -> Result<Vec<Option<i64>>> {
    let sql = format!("SELECT edition FROM letter WHERE invitation = ?1 AND state IN ({REACHED}) GROUP BY edition ORDER BY max(id) DESC");
    let mut statement = conn.prepare_cached(&sql)?;
    Ok(statement.query_map([invitation], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// An event whose start or place was changed after letters were written.
#[derive(Clone, PartialEq, Debug)]
pub struct Moved {
    /// What new guests get.
    pub event: Event,
    /// The editions that name another start or place, with what they say.
    pub others: Vec<(i64, Event)>,
}

/// None where all editions of a campaign name the start and the place that new guests get.
pub fn moved(conn: &Connection, campaign: i64) -> Result<Option<Moved>> {
    let sql = "SELECT e.id, CASE WHEN json_valid(e.content) THEN e.content ->> '$.campaign.event' END, e.id IS c.edition
               FROM edition e JOIN campaign c ON c.id = e.campaign
               WHERE c.id = ?1 AND EXISTS (SELECT 1 FROM edition o WHERE o.campaign = c.id AND o.id <> c.edition) ORDER BY e.id";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([campaign], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, bool>(2)?)))?;
    let (mut now, mut others) = (None, Vec::new());
    for row in rows {
        let (id, event, is_current) = row?;
        let Some(event) = event.and_then(|event| from_json::<Event>(&event).ok()) else { continue };
        now = now.or_else(|| is_current.then(|| event.clone()));
        others.push((id, event));
    }
    let Some(event) = now else { return Ok(None) };
    others.retain(|(_, other)| event.is_at_another_time(other) || event.is_at_another_place(other));
    Ok((!others.is_empty()).then_some(Moved { event, others }))
}

/// Whether a letter names another start or place than new guests get.
pub fn is_of_another_event(conn: &Connection, letter: i64) -> Result<bool> {
    let sql = "SELECT campaign, edition FROM letter WHERE id = ?1";
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?));
    let Some((campaign, edition)) = conn.prepare_cached(sql)?.query_row([letter], row).optional()? else { return Ok(false) };
    let others = moved(conn, campaign)?.map(|moved| moved.others).unwrap_or_default();
    Ok(others.iter().any(|(id, _)| Some(*id) == edition))
}

/// What a letter is written from, when it is written again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    pub edition: i64,
    /// With the address that this letter goes to.
    pub guest: Guest,
    pub stamp: Stamp,
}

/// A letter that was queued, for reading: its text as it was kept, or what it is written from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Written {
    Kept(String),
    Draft(Box<Draft>),
}

/// The columns that [`draft`] reads, in its order, of `letter l` and `invitation i`.
pub(super) const DRAFT: &str = "i.guest, i.token, l.rcpt_to, l.kind, l.number, l.created, l.earlier";

/// The stored form of a draft's parts.
pub(super) struct Parts {
    guest: String,
    token: String,
    rcpt_to: String,
    kind: String,
    number: u32,
    created: i64,
    earlier: String,
}

impl Parts {
    /// Reads [`DRAFT`] from the column `first` on.
    pub(super) fn of(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            guest: row.get(first)?,
            token: row.get(first + 1)?,
            rcpt_to: row.get(first + 2)?,
            kind: row.get(first + 3)?,
            number: row.get(first + 4)?,
            created: row.get(first + 5)?,
            earlier: row.get(first + 6)?,
        })
    }

    /// The guest with the address that this letter goes to, and the stamp; what cannot be read, in words.
    pub(super) fn read(&self) -> std::result::Result<(Guest, Stamp), String> {
        let mut guest: Guest =
            serde_json::from_str(&self.guest).map_err(|error| format!("its guest cannot be read in the database: {error}"))?;
        guest.email = Address::parse(&self.rcpt_to).map_err(|error| format!("the address {:?} cannot be used: {error}", self.rcpt_to))?;
        let token = token_of(&self.token).map_err(|error| error.to_string())?;
        let kind = Kind::parse(&self.kind).ok_or_else(|| format!("{:?} is no kind of letter that this version knows", self.kind))?;
        let earlier = self.earlier.split(' ').filter(|id| !id.is_empty()).map(str::to_owned).collect();
        Ok((guest, Stamp { token, kind, number: self.number, date: at(self.created), earlier }))
    }
}

fn written(conn: &Connection, rest: &str, values: &[i64]) -> Result<Vec<Written>> {
    let sql = format!(
        "SELECT l.edition, b.text, {DRAFT} FROM letter l JOIN invitation i ON i.id = l.invitation LEFT JOIN body b ON b.letter = l.id {rest}"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map(rusqlite::params_from_iter(values), |row| {
        Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<String>>(1)?, Parts::of(row, 2)?))
    })?;
    let mut found = Vec::new();
    for row in rows {
        match row? {
            (_, Some(text), _) => found.push(Written::Kept(text)),
            // One that cannot be read again is not among what an answer may quote.
            (Some(edition), None, parts) => {
                found.extend(parts.read().ok().map(|(guest, stamp)| Written::Draft(Box::new(Draft { edition, guest, stamp }))))
            }
            (None, None, _) => {}
        }
    }
    Ok(found)
}

/// What was written to a guest, newest first, at most eight letters: what an answer may quote.
pub fn letters(conn: &Connection, invitation: i64) -> Result<Vec<Written>> {
    written(conn, "WHERE l.invitation = ?1 ORDER BY l.id DESC LIMIT 8", &[invitation])
}

/// One letter, to be written again; None where it is gone or cannot be read.
pub fn letter(conn: &Connection, id: i64) -> Result<Option<Written>> {
    Ok(written(conn, "WHERE l.id = ?1", &[id])?.pop())
}

/// One letter of each edition, kind and language, at most a hundred: what an unpaired answer may quote.
pub fn samples(conn: &Connection) -> Result<Vec<Written>> {
    written(conn, "WHERE l.id IN (SELECT letter FROM sample ORDER BY letter DESC LIMIT 100)", &[])
}

/// The subjects that were sent, without tags, each once, at most a thousand: what an unpaired answer may carry.
pub fn subjects(conn: &Connection) -> Result<Vec<String>> {
    let mut statement = conn.prepare_cached("SELECT DISTINCT subject FROM subject LIMIT 1000")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// How many subjects of a campaign are kept.
pub const SUBJECTS: usize = 1_000;

/// Keeps subjects of a campaign, without tags; beyond [`SUBJECTS`] none is added.
pub fn keep_subjects<'a>(conn: &Connection, campaign: i64, subjects: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let sql = "SELECT count(*) FROM subject WHERE campaign = ?1";
    let kept: usize = conn.prepare_cached(sql)?.query_row([campaign], |row| row.get(0))?;
    let mut statement = conn.prepare_cached("INSERT INTO subject (campaign, subject) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    for subject in subjects.into_iter().take(SUBJECTS.saturating_sub(kept)) {
        statement.execute(params![campaign, subject])?;
    }
    Ok(())
}

/// A number that grows with every letter queued: what was made of [`samples`] and [`subjects`] holds until it changes.
pub fn newest_letter(conn: &Connection) -> Result<i64> {
    Ok(conn.prepare_cached("SELECT coalesce(max(id), 0) FROM letter")?.query_row([], |row| row.get(0))?)
}
