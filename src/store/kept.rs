//! Mails that are kept whole, to be read again, and with their words, to be learned from.

use super::{Result, at, from_json, inbox::Bucket, json};
use crate::model::Verdict;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// A mail as it was kept.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept {
    pub id: i64,
    pub invitation: Option<i64>,
    pub uid: u32,
    /// By the mailbox's clock.
    pub arrived: Timestamp,
    /// When it was read first.
    pub received: Timestamp,
    pub sender: String,
    pub subject: String,
    pub said: String,
    pub verdict: Option<Verdict>,
    pub doubts: Vec<String>,
    /// Its bytes, up to a bound.
    pub raw: Option<Vec<u8>>,
}

/// What may be read again: the mails of a campaign, and those of nobody that wait for a look. Oldest first.
pub fn readable(conn: &Connection, campaign: i64) -> Result<Vec<i64>> {
    let sql = "SELECT id FROM mail WHERE raw IS NOT NULL AND (campaign = ?1 OR invitation IS NULL AND bucket = 'needs_look')
               ORDER BY arrived, uid, id";
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([campaign], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

pub fn get(conn: &Connection, id: i64) -> Result<Option<Kept>> {
    let sql = "SELECT invitation, uid, arrived, received, sender, subject, said, verdict, doubts, raw FROM mail WHERE id = ?1";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(Kept {
        id,
        invitation: row.get(0)?,
        uid: row.get(1)?,
        arrived: at(row.get(2)?),
        received: at(row.get(3)?),
        sender: row.get(4)?,
        subject: row.get(5)?,
        said: row.get(6)?,
        verdict: row.get::<_, Option<String>>(7)?.map(|text| from_json(&text)).transpose()?,
        doubts: from_json(&row.get::<_, String>(8)?)?,
        raw: row.get(9)?,
    }))
}

/// The first bytes of a mail: its header. None where nothing of it is kept.
pub fn beginning(conn: &Connection, id: i64) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT substr(raw, 1, 65536) FROM mail WHERE id = ?1";
    Ok(conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?.flatten())
}

/// The newest mail of a guest that says something in words, by the mailbox's clock.
pub fn newest_in_words(conn: &Connection, invitation: i64) -> Result<Option<i64>> {
    let sql = "SELECT id FROM mail WHERE invitation = ?1 AND verdict IS NOT NULL AND trim(said) <> ''
               ORDER BY arrived DESC, uid DESC, id DESC LIMIT 1";
    Ok(conn.prepare_cached(sql)?.query_row([invitation], |row| row.get(0)).optional()?)
}

/// Writes what a mail says now. None for the bucket: it stays where it lies.
pub fn reread(conn: &Connection, id: i64, bucket: Option<Bucket>, said: &str, verdict: Option<&Verdict>, doubts: &[String]) -> Result<()> {
    let sql = "UPDATE mail SET bucket = coalesce(?2, bucket), said = ?3, verdict = ?4, doubts = ?5 WHERE id = ?1";
    let verdict = verdict.map(json).transpose()?;
    conn.prepare_cached(sql)?.execute(params![id, bucket.map(Bucket::as_str), said, verdict, json(&doubts)?])?;
    Ok(())
}
