//! Mails that arrived: each one once, with the mailbox cursor moved in the same transaction.

use super::{Result, at, campaigns::token_of, delivery::MAY_HAVE_LEFT, editions::REACHED, from_json, json, ms};
use crate::model::{Address, Token, Verdict};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// How far a folder was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cursor {
    pub uidvalidity: u32,
    /// The first UID that was not read.
    pub next_uid: u32,
    /// The UID that was being opened when a process died.
    pub opening: Option<u32>,
}

pub fn cursor(conn: &Connection, folder: &str) -> Result<Option<Cursor>> {
    let sql = "SELECT uidvalidity, next_uid, opening FROM cursor WHERE folder = ?1";
    let row = |row: &Row<'_>| Ok(Cursor { uidvalidity: row.get(0)?, next_uid: row.get(1)?, opening: row.get(2)? });
    Ok(conn.prepare_cached(sql)?.query_row([folder], row).optional()?)
}

/// Moves the cursor of a folder, and clears the mark of what was being opened.
pub fn move_cursor(conn: &Connection, folder: &str, uidvalidity: u32, next_uid: u32, now: Timestamp) -> Result<()> {
    let sql = "INSERT INTO cursor (folder, uidvalidity, next_uid, read_at) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (folder) DO UPDATE SET uidvalidity = ?2, next_uid = ?3, read_at = ?4, opening = NULL";
    conn.prepare_cached(sql)?.execute(params![folder, uidvalidity, next_uid, ms(now)])?;
    Ok(())
}

/// Notes that a folder was looked at and held nothing new.
pub fn touch(conn: &Connection, folder: &str, now: Timestamp) -> Result<()> {
    conn.prepare_cached("UPDATE cursor SET read_at = ?2 WHERE folder = ?1")?.execute(params![folder, ms(now)])?;
    Ok(())
}

/// Marks the message that is about to be opened: if the process dies of it, it is not opened again.
pub fn mark_opening(conn: &Connection, folder: &str, uid: u32) -> Result<()> {
    conn.prepare_cached("UPDATE cursor SET opening = ?2 WHERE folder = ?1")?.execute(params![folder, uid])?;
    Ok(())
}

/// Takes the mark away: the process lives, and the message may be opened again.
pub fn clear_opening(conn: &Connection, folder: &str) -> Result<()> {
    conn.prepare_cached("UPDATE cursor SET opening = NULL WHERE folder = ?1")?.execute([folder])?;
    Ok(())
}

/// Where a mail lies: every mail in exactly one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    Recorded,
    NeedsLook,
    Automatic,
    Bounces,
    NotOurs,
}

impl Bucket {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::NeedsLook => "needs_look",
            Self::Automatic => "automatic",
            Self::Bounces => "bounces",
            Self::NotOurs => "not_ours",
        }
    }
}

/// A mail as it goes into the database. Of a mail that is not ours only number, identity and bucket are kept.
#[derive(Clone, PartialEq, Debug)]
pub struct Arrived {
    pub identity: String,
    pub folder: String,
    pub uid: u32,
    pub arrived: Timestamp,
    pub bucket: Bucket,
    pub campaign: Option<i64>,
    pub invitation: Option<i64>,
    pub sender: String,
    pub subject: String,
    pub said: String,
    pub verdict: Option<Verdict>,
    pub doubts: Vec<String>,
    pub raw: Option<Vec<u8>>,
}

/// Keeps a mail; its row, or None where this mail was counted before (another folder, a changed UIDVALIDITY).
pub fn keep(conn: &Connection, mail: &Arrived, now: Timestamp) -> Result<Option<i64>> {
    let sql = "INSERT INTO mail (identity, folder, uid, arrived, received, bucket, campaign, invitation, sender, subject, said, verdict, doubts, raw)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT (identity) DO NOTHING RETURNING id";
    let ours = mail.bucket != Bucket::NotOurs;
    let only = |text: &str| if ours { text.to_owned() } else { String::new() };
    let verdict = mail.verdict.as_ref().filter(|_| ours).map(json).transpose()?;
    let values = params![
        mail.identity,
        mail.folder,
        mail.uid,
        ms(mail.arrived),
        ms(now),
        mail.bucket.as_str(),
        mail.campaign.filter(|_| ours),
        mail.invitation.filter(|_| ours),
        only(&mail.sender),
        only(&mail.subject),
        only(&mail.said),
        verdict,
        json(&mail.doubts)?,
        mail.raw.as_ref().filter(|_| ours),
    ];
    Ok(conn.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?)
}

/// Whether a mail of this identity was counted before.
pub fn is_known(conn: &Connection, identity: &str) -> Result<bool> {
    Ok(conn.prepare_cached("SELECT 1 FROM mail WHERE identity = ?1")?.exists([identity])?)
}

/// The day before which no answer can have come: the start of the oldest campaign. None where nobody was ever invited.
pub fn oldest_campaign(conn: &Connection) -> Result<Option<Timestamp>> {
    Ok(conn.query_row("SELECT min(created) FROM campaign", [], |row| row.get::<_, Option<i64>>(0))?.map(at))
}

/// An invitation that a clue led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    pub invitation: i64,
    pub campaign: i64,
    pub token: Token,
    pub email: Address,
    pub name: String,
    /// A letter to the guest may have left.
    pub reached: bool,
}

fn holders(conn: &Connection, wher: &str, value: &str) -> Result<Vec<Holder>> {
    let sql = format!(
        "SELECT id, campaign, token, email, name,
         EXISTS (SELECT 1 FROM letter l WHERE l.invitation = invitation.id AND (l.state IN ({REACHED}) OR {MAY_HAVE_LEFT}))
         FROM invitation WHERE {wher} ORDER BY id LIMIT 50"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?, row.get(4)?, row.get(5)?));
    let mut found = Vec::new();
    for row in statement.query_map([value], row)? {
        let (invitation, campaign, token, email, name, reached) = row?;
        let Ok(email) = Address::parse(&email) else { continue };
        found.push(Holder { invitation, campaign, token: token_of(&token)?, email, name, reached });
    }
    Ok(found)
}

pub fn by_token(conn: &Connection, token: &Token) -> Result<Vec<Holder>> {
    holders(conn, "token = ?1", token.as_str())
}

pub fn by_message_id(conn: &Connection, message_id: &str) -> Result<Vec<Holder>> {
    holders(conn, "id = (SELECT invitation FROM letter WHERE message_id = ?1)", message_id)
}

/// At most fifty: more guests than that on one address are not told apart by it.
pub fn by_address(conn: &Connection, address: &Address) -> Result<Vec<Holder>> {
    holders(conn, "email = ?1", address.as_str())
}

/// The guests of an address, and those whose own is another spelling of its mailbox ([`Address::mailbox`]): at most fifty of each, who
/// may be the same.
pub fn by_mailbox(conn: &Connection, address: &Address) -> Result<Vec<Holder>> {
    let mut found = by_address(conn, address)?;
    found.extend(holders(conn, "mailbox = ?1", &address.mailbox())?);
    Ok(found)
}

/// The guest of a row.
pub fn by_id(conn: &Connection, invitation: i64) -> Result<Vec<Holder>> {
    holders(conn, "id = CAST(?1 AS INTEGER)", &invitation.to_string())
}

/// The names of guests whose rows come after one, at most ten thousand at a time; none at the end.
pub fn names(conn: &Connection, after: i64) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT id, name FROM invitation WHERE id > ?1 ORDER BY id LIMIT 10000";
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
}

/// Whether the guest sent the mail with this Message-ID (with angle brackets): its identity begins with it.
pub fn is_of_guest(conn: &Connection, invitation: i64, message_id: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM mail WHERE invitation = ?1 AND substr(identity, 1, length(?2) + 1) = ?2 || ' '";
    Ok(conn.prepare_cached(sql)?.exists(params![invitation, message_id])?)
}

/// A mail that waits for the organiser.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Look {
    pub mail: i64,
    pub invitation: Option<i64>,
    pub campaign: Option<String>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub sender: String,
    pub subject: String,
    pub said: String,
    pub verdict: Option<Verdict>,
    pub doubts: Vec<String>,
    #[serde(serialize_with = "crate::store::views::as_time")]
    pub arrived: Timestamp,
}

/// Mails that wait for the organiser, oldest first; of one campaign (and those of none) where it is given.
pub fn looks(conn: &Connection, campaign: Option<i64>) -> Result<Vec<Look>> {
    waiting(conn, "?1 IS NULL OR m.campaign IS NULL OR m.campaign = ?1", campaign)
}

/// Those of one guest.
pub fn looks_of(conn: &Connection, invitation: i64) -> Result<Vec<Look>> {
    waiting(conn, "m.invitation = ?1", Some(invitation))
}

fn waiting(conn: &Connection, wher: &str, value: Option<i64>) -> Result<Vec<Look>> {
    let sql = format!(
        "SELECT m.id, m.invitation, c.name, i.email, i.name, m.sender, m.subject, m.said, m.verdict, m.doubts, m.arrived
         FROM mail m LEFT JOIN invitation i ON i.id = m.invitation LEFT JOIN campaign c ON c.id = m.campaign
         WHERE m.bucket = 'needs_look' AND ({wher}) ORDER BY m.arrived, m.id"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query([value])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(Look {
            mail: row.get(0)?,
            invitation: row.get(1)?,
            campaign: row.get(2)?,
            email: row.get(3)?,
            name: row.get(4)?,
            sender: row.get(5)?,
            subject: row.get(6)?,
            said: row.get(7)?,
            verdict: row.get::<_, Option<String>>(8)?.map(|text| from_json(&text)).transpose()?,
            doubts: from_json(&row.get::<_, String>(9)?)?,
            arrived: at(row.get(10)?),
        });
    }
    Ok(found)
}

/// A mail that was recorded waits for the organiser after all.
pub fn open(conn: &Connection, mail: i64, why: &[String]) -> Result<()> {
    let sql = "UPDATE mail SET bucket = 'needs_look', doubts = ?2 WHERE id = ?1";
    conn.prepare_cached(sql)?.execute(params![mail, json(&why)?])?;
    Ok(())
}

/// A mail that waited for the organiser does not any more, though nobody has looked: it counts as recorded.
pub fn shut(conn: &Connection, mail: i64) -> Result<()> {
    let sql = "UPDATE mail SET bucket = 'recorded', doubts = '[]' WHERE id = ?1 AND bucket = 'needs_look'";
    conn.prepare_cached(sql)?.execute([mail])?;
    Ok(())
}

/// How a mail begins, up to a bound; None where it says nothing.
pub fn beginning(conn: &Connection, mail: i64) -> Result<Option<String>> {
    let sql = "SELECT substr(said, 1, 300) FROM mail WHERE id = ?1";
    let said: Option<String> = conn.prepare_cached(sql)?.query_row([mail], |row| row.get(0)).optional()?;
    Ok(said.map(|said| said.trim().to_owned()).filter(|said| !said.is_empty()))
}

/// The organiser has looked: the mail leaves the pile. One that was paired counts as recorded, one that was not as not ours.
pub fn close(conn: &Connection, mail: i64) -> Result<()> {
    let sql = "UPDATE mail SET closed = 1, bucket = CASE WHEN invitation IS NULL THEN 'not_ours' ELSE 'recorded' END WHERE id = ?1 AND bucket = 'needs_look'";
    conn.prepare_cached(sql)?.execute([mail])?;
    Ok(())
}

/// Every open look of an invitation is closed, because the organiser ruled.
pub fn close_all(conn: &Connection, invitation: i64) -> Result<()> {
    let sql = "UPDATE mail SET closed = 1, bucket = 'recorded' WHERE invitation = ?1 AND bucket = 'needs_look'";
    conn.prepare_cached(sql)?.execute([invitation])?;
    Ok(())
}

/// Whether a mail of nobody waits still as one: not given to a guest, and not read and left.
pub fn waits_unpaired(conn: &Connection, mail: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM mail WHERE id = ?1 AND invitation IS NULL AND bucket = 'needs_look'";
    Ok(conn.prepare_cached(sql)?.exists([mail])?)
}

/// The organiser says whose mail it is.
pub fn assign(conn: &Connection, mail: i64, invitation: i64) -> Result<()> {
    let sql = "UPDATE mail SET invitation = ?2, campaign = (SELECT campaign FROM invitation WHERE id = ?2) WHERE id = ?1";
    conn.prepare_cached(sql)?.execute(params![mail, invitation])?;
    Ok(())
}
