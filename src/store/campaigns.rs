//! Campaigns and the invitations in them.

use super::{Error, Result, at, from_json, journal, json, ms, outbox};
use crate::model::{Address, Campaign, Fact, Guest, Lang, Letter, Stamp, Token};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A campaign as the database knows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Known {
    pub id: i64,
    pub campaign: Campaign,
    /// Where its file was at the last `send`, absolute.
    pub file: String,
    pub paused: bool,
    pub created: Timestamp,
}

fn known(row: &Row<'_>) -> rusqlite::Result<(i64, String, String, bool, i64)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn believed((id, definition, file, paused, created): (i64, String, String, bool, i64)) -> Result<Known> {
    Ok(Known { id, campaign: from_json(&definition)?, file, paused, created: at(created) })
}

const COLUMNS: &str = "SELECT id, definition, file, paused, created FROM campaign";

/// Every campaign, oldest first.
pub fn all(conn: &Connection) -> Result<Vec<Known>> {
    let mut statement = conn.prepare_cached(&format!("{COLUMNS} ORDER BY id"))?;
    let rows = statement.query_map([], known)?.collect::<rusqlite::Result<Vec<_>>>()?;
    rows.into_iter().map(believed).collect()
}

pub fn by_name(conn: &Connection, name: &str) -> Result<Option<Known>> {
    conn.query_row(&format!("{COLUMNS} WHERE name = ?1"), [name], known).optional()?.map(believed).transpose()
}

/// Writes the campaign as it is now; its id.
pub fn save(conn: &Connection, campaign: &Campaign, file: &str, now: Timestamp) -> Result<i64> {
    let sql = "INSERT INTO campaign (name, definition, file, created) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT (name) DO UPDATE SET definition = ?2, file = ?3 RETURNING id";
    Ok(conn.query_row(sql, params![campaign.name, json(campaign)?, file, ms(now)], |row| row.get(0))?)
}

/// Letters of a paused campaign are not claimed. False where there is no such campaign.
pub fn set_paused(conn: &Connection, name: &str, paused: bool) -> Result<bool> {
    Ok(conn.execute("UPDATE campaign SET paused = ?2 WHERE name = ?1", params![name, paused])? > 0)
}

/// An invitation that exists already, by what tells guests apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invited {
    pub id: i64,
    pub token: Token,
    /// The address in the list that it came from.
    pub listed: String,
    pub name_key: String,
    /// Where letters go now.
    pub email: String,
    pub name: String,
}

pub fn invited(conn: &Connection, campaign: i64) -> Result<Vec<Invited>> {
    let mut statement =
        conn.prepare_cached("SELECT id, token, listed, name_key, email, name FROM invitation WHERE campaign = ?1 ORDER BY id")?;
    let rows = statement
        .query_map([campaign], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)))?;
    rows.map(|row| {
        let (id, token, listed, name_key, email, name) = row?;
        Ok(Invited { id, token: token_of(&token)?, listed, name_key, email, name })
    })
    .collect()
}

pub(crate) fn token_of(text: &str) -> Result<Token> {
    Token::parse(text).ok_or_else(|| Error::Unreadable(format!("the token {text:?}")))
}

/// Invites one guest: the invitation, its first letter in the queue, and the fact. At that instant the guest is *invited*.
pub fn invite(conn: &Connection, campaign: i64, guest: &Guest, stamp: &Stamp, letter: &Letter, now: Timestamp) -> Result<i64> {
    let sql = "INSERT INTO invitation (campaign, token, listed, name_key, email, name, lang, guest, created, since)
               VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?6, ?7, ?8, ?8) RETURNING id";
    let values = params![
        campaign,
        stamp.token.as_str(),
        guest.email.as_str(),
        guest.name_key(),
        guest.name,
        letter.lang.as_str(),
        json(guest)?,
        ms(now)
    ];
    let id = conn.prepare_cached(sql)?.query_row(values, |row| row.get(0))?;
    journal::append(conn, id, now, &Fact::Invited { email: guest.email.to_string() })?;
    outbox::queue(conn, id, stamp, letter, now)?;
    Ok(id)
}

/// One invitation, whole.
#[derive(Clone, PartialEq, Debug)]
pub struct Invitation {
    pub id: i64,
    pub campaign: i64,
    pub token: Token,
    pub email: Address,
    pub guest: Guest,
    pub lang: Lang,
}

pub fn invitation(conn: &Connection, id: i64) -> Result<Option<Invitation>> {
    let sql = "SELECT id, campaign, token, email, guest, lang FROM invitation WHERE id = ?1";
    let row = conn
        .prepare_cached(sql)?
        .query_row([id], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
                row.get::<_, String>(4)?,
                row.get::<_, String>(5)?,
            ))
        })
        .optional()?;
    let Some((id, campaign, token, email, guest, lang)) = row else { return Ok(None) };
    let email = Address::parse(&email).map_err(|error| Error::Unreadable(format!("the address {email:?}: {error}")))?;
    let lang = Lang::parse(&lang).ok_or_else(|| Error::Unreadable(format!("the language {lang:?}")))?;
    Ok(Some(Invitation { id, campaign, token: token_of(&token)?, email, guest: from_json(&guest)?, lang }))
}

/// Gives a guest another address and one more letter; the list's own address stays the guest's key.
pub fn mend(conn: &Connection, id: i64, guest: &Guest, from: &str, stamp: &Stamp, letter: &Letter, now: Timestamp) -> Result<()> {
    conn.execute("UPDATE invitation SET email = ?2, guest = ?3 WHERE id = ?1", params![id, guest.email.as_str(), json(guest)?])?;
    journal::append(conn, id, now, &Fact::Mended { from: from.to_owned(), to: guest.email.to_string() })?;
    outbox::queue(conn, id, stamp, letter, now)
}
