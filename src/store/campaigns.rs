//! Campaigns and the invitations in them.

use super::{
    Error, Result, at, backup, from_json, journal, json, ms,
    outbox::{self, Envelope},
};
use crate::model::{Address, Campaign, Fact, Guest, Hours, Lang, Stamp, Token};
use jiff::{Timestamp, Zoned};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A campaign as the database knows it.
#[derive(Clone, PartialEq, Debug)]
pub struct Known {
    pub id: i64,
    pub campaign: Campaign,
    /// Where its file was at the last `send`, absolute.
    pub file: String,
    pub paused: bool,
    /// Why it paused itself; empty where the organiser paused it.
    pub paused_why: String,
    /// The edition that new guests get; None where nobody was invited since there are editions.
    pub edition: Option<i64>,
    pub created: Timestamp,
}

type Stored = (i64, String, String, bool, String, Option<i64>, i64);

fn known(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

fn believed((id, definition, file, paused, paused_why, edition, created): Stored) -> Result<Known> {
    Ok(Known { id, campaign: from_json(&definition)?, file, paused, paused_why, edition, created: at(created) })
}

const COLUMNS: &str = "SELECT id, definition, file, paused, paused_why, edition, created FROM campaign";

/// Every campaign, oldest first.
pub fn all(conn: &Connection) -> Result<Vec<Known>> {
    let mut statement = conn.prepare_cached(&format!("{COLUMNS} ORDER BY id"))?;
    let rows = statement.query_map([], known)?.collect::<rusqlite::Result<Vec<_>>>()?;
    rows.into_iter().map(believed).collect()
}

pub fn by_name(conn: &Connection, name: &str) -> Result<Option<Known>> {
    conn.query_row(&format!("{COLUMNS} WHERE name = ?1"), [name], known).optional()?.map(believed).transpose()
}

/// Writes the campaign as it is now; its id. One that is new in a backup that was put back is paused, because it may have been sent.
pub fn save(conn: &Connection, campaign: &Campaign, file: &str, now: Timestamp) -> Result<i64> {
    let doubt = backup::doubt(conn, now)?;
    let sql = "INSERT INTO campaign (name, definition, file, created, paused, paused_why) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (name) DO UPDATE SET definition = ?2, file = ?3 RETURNING id";
    let values = params![campaign.name, json(campaign)?, file, ms(now), doubt.is_some(), doubt.unwrap_or_default()];
    Ok(conn.query_row(sql, values, |row| row.get(0))?)
}

/// The organiser pauses a campaign, or lets it go on: letters of a paused one are not claimed. False where there is none.
pub fn set_paused(conn: &Connection, name: &str, paused: bool) -> Result<bool> {
    Ok(conn.execute("UPDATE campaign SET paused = ?2, paused_why = '' WHERE name = ?1", params![name, paused])? > 0)
}

/// The hours of the campaigns that have some and are not paused.
pub fn hours(conn: &Connection) -> Result<Vec<(i64, Hours)>> {
    let sql = "SELECT id, definition ->> '$.hours' FROM campaign WHERE NOT paused AND definition ->> '$.hours' IS NOT NULL";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (campaign, text) = row?;
        let hours = Hours::parse(&text).map_err(|why| Error::Unreadable(format!("the hours of a campaign, {text:?}: it {why}")))?;
        Ok((campaign, hours))
    })
    .collect()
}

/// A campaign pauses itself and tells why; one that is paused stays as it is.
pub fn pause_itself(conn: &Connection, campaign: i64, why: &str) -> Result<()> {
    conn.execute("UPDATE campaign SET paused = 1, paused_why = ?2 WHERE id = ?1 AND NOT paused", params![campaign, why])?;
    Ok(())
}

/// Campaigns that are not paused, whose event is over, and of which letters wait that were queued before. Each is told once for an
/// end: one that the organiser lets go on after [`pause_over`] is not here again, unless its event is moved and over again.
pub fn over(conn: &Connection, now: Timestamp) -> Result<Vec<i64>> {
    let sql = "SELECT id, definition ->> '$.event.end' FROM campaign c WHERE NOT paused
               AND NOT EXISTS (SELECT 1 FROM note WHERE key = 'over ' || c.id AND value = c.definition ->> '$.event.end')";
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (id, end): (i64, Option<String>) = row?;
        let Some(end) = end.and_then(|end| end.parse::<Zoned>().ok()).map(|end| end.timestamp()) else { continue };
        let waits = "SELECT 1 FROM letter WHERE campaign = ?1 AND state = 'queued' AND created < ?2";
        if end <= now && conn.prepare_cached(waits)?.exists(params![id, ms(end)])? {
            found.push(id);
        }
    }
    Ok(found)
}

/// Pauses a campaign of [`over`]: nobody wants to be invited to what is past.
pub fn pause_over(conn: &Connection, campaign: i64) -> Result<()> {
    let sql = "INSERT INTO note (key, value) SELECT 'over ' || id, definition ->> '$.event.end' FROM campaign WHERE id = ?1
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    conn.execute(sql, [campaign])?;
    pause_itself(conn, campaign, "the event is over, and letters still wait")
}

/// A `send` that found every row of its list in order and invited: the next one with the same inputs has nothing to do.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Done {
    /// A digest of the list, the edition and the definition.
    pub inputs: String,
    pub guests: usize,
    /// What was told about the list.
    pub notes: Vec<String>,
}

/// The last `send` that left nobody out; None where there was none, or another program wrote it, or somebody whose letter was
/// withdrawn is to be invited again: a guest whose mail waited then may be silent since it was looked at.
pub fn done(conn: &Connection, campaign: i64) -> Result<Option<Done>> {
    if !outbox::withdrawn(conn, campaign)?.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT done FROM campaign WHERE id = ?1";
    let done: Option<String> = conn.query_row(sql, [campaign], |row| row.get(0)).optional()?.flatten();
    Ok(done.and_then(|done| serde_json::from_str(&done).ok()))
}

pub fn set_done(conn: &Connection, campaign: i64, done: &Done) -> Result<()> {
    conn.execute("UPDATE campaign SET done = ?2 WHERE id = ?1", params![campaign, json(done)?])?;
    Ok(())
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

/// Who asked for no more letters, in whatever campaign: (the address in use, the campaign's name), oldest first.
pub fn no_more_letters(conn: &Connection) -> Result<Vec<(String, String)>> {
    let sql = "SELECT i.email, c.name FROM invitation i JOIN campaign c ON c.id = i.campaign WHERE i.unsubscribe ORDER BY i.id";
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn token_of(text: &str) -> Result<Token> {
    Token::parse(text).ok_or_else(|| Error::Unreadable(format!("the token {text:?}")))
}

/// Invites one guest: the invitation, its first letter in the queue, and the fact. At that instant the guest is *invited*.
pub fn invite(
    conn: &Connection,
    (campaign, edition): (i64, i64),
    guest: &Guest,
    stamp: &Stamp,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<i64> {
    let sql = "INSERT INTO invitation (campaign, token, listed, name_key, email, name, lang, guest, created, since)
               VALUES (?1, ?2, ?3, ?4, ?3, ?5, ?6, ?7, ?8, ?8)";
    conn.prepare_cached(sql)?.execute(params![
        campaign,
        stamp.token.as_str(),
        guest.email.as_str(),
        guest.name_key(),
        guest.name,
        envelope.lang.as_str(),
        json(guest)?,
        ms(now)
    ])?;
    let id = conn.last_insert_rowid();
    journal::append(conn, id, now, &Fact::Invited { email: guest.email.to_string() })?;
    outbox::queue(conn, (campaign, edition, id), stamp, envelope, now)?;
    Ok(id)
}

/// Invites a guest whose letter was withdrawn once more, by what the list says now; the guest's key stays.
pub fn invite_again(
    conn: &Connection,
    (id, campaign, edition): (i64, i64, i64),
    guest: &Guest,
    stamp: &Stamp,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE invitation SET name = ?2, lang = ?3, guest = ?4 WHERE id = ?1";
    conn.prepare_cached(sql)?.execute(params![id, guest.name, envelope.lang.as_str(), json(guest)?])?;
    journal::append(conn, id, now, &Fact::Invited { email: guest.email.to_string() })?;
    outbox::queue(conn, (campaign, edition, id), stamp, envelope, now)?;
    Ok(())
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

/// Gives a guest another address and one more letter, and withdraws those that still wait for the old one: whoever has that one gets
/// no token of the guest's. The list's own address stays the guest's key.
pub fn mend(
    conn: &Connection,
    (id, campaign, edition): (i64, i64, i64),
    guest: &Guest,
    from: &str,
    stamp: &Stamp,
    envelope: &Envelope,
    now: Timestamp,
) -> Result<()> {
    outbox::give_up(conn, campaign, id, now)?;
    conn.execute("UPDATE invitation SET email = ?2, guest = ?3 WHERE id = ?1", params![id, guest.email.as_str(), json(guest)?])?;
    journal::append(conn, id, now, &Fact::Mended { from: from.to_owned(), to: guest.email.to_string() })?;
    outbox::queue(conn, (campaign, edition, id), stamp, envelope, now)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn a_campaign_whose_event_is_over_is_found_once_while_letters_of_before_wait() {
        let rows = r#"INSERT INTO campaign (id, name, definition, created) VALUES
                (1, 'c', '{"event":{"end":"2026-12-10T15:30:00+02:00[Europe/Bucharest]"}}', 0);
             INSERT INTO edition VALUES (1, 1, '', '{', 0);
             INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, '0123456789ab', 'a', '', 'b@x.example', '', 'en', '{}', 0, 0);
             INSERT INTO letter (id, invitation, campaign, edition, kind, number, message_id, mail_from, rcpt_to, created, state, due, at)
                VALUES (1, 1, 1, 1, 'invitation', 1, '1', 'd@x.example', 'b@x.example', 0, 'queued', 0, 0);"#;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        store.write(move |conn| Ok(conn.execute_batch(rows)?)).await.unwrap();
        let during: Timestamp = "2026-12-10T13:29:59Z".parse().unwrap();
        let after: Timestamp = "2026-12-10T13:30:00Z".parse().unwrap();
        let found = |now| store.read(move |conn| over(conn, now));
        assert_eq!((found(during).await.unwrap(), found(after).await.unwrap()), (vec![], vec![1]));
        // Queued after it, on purpose.
        let at = |created: i64| store.write(move |conn| Ok(conn.execute("UPDATE letter SET created = ?1", [created])?));
        at(ms(after)).await.unwrap();
        assert_eq!(found(after).await.unwrap(), [0; 0]);
        at(0).await.unwrap();
        store.write(|conn| pause_over(conn, 1)).await.unwrap();
        let paused =
            store.read(|conn| Ok(conn.query_row("SELECT paused, paused_why FROM campaign", [], |row| Ok((row.get(0)?, row.get(1)?)))?));
        let (paused, why): (bool, String) = paused.await.unwrap();
        assert!(paused && why.contains("the event is over"), "{why}");
        store.write(|conn| set_paused(conn, "c", false)).await.unwrap();
        assert_eq!(found(after).await.unwrap(), [0; 0], "the organiser lets them go");
        // The event is moved, and that end passes too.
        let moved = r#"UPDATE campaign SET definition = '{"event":{"end":"2026-12-17T15:30:00+02:00[Europe/Bucharest]"}}'"#;
        store.write(move |conn| Ok(conn.execute(moved, [])?)).await.unwrap();
        let end: Timestamp = "2026-12-17T13:30:00Z".parse().unwrap();
        assert_eq!((found(after).await.unwrap(), found(end).await.unwrap()), (vec![], vec![1]));
        store.write(|conn| pause_over(conn, 1).and(set_paused(conn, "c", false))).await.unwrap();
        assert_eq!(found(end).await.unwrap(), [0; 0], "once for each end");
    }
}
