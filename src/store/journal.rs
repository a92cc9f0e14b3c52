//! The journal: facts are appended, and the standing is folded from them in the same transaction.

use super::{Result, at, from_json, inbox, json, ms};
use crate::model::{Answer, Fact, Standing};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Appends a fact and brings the invitation's standing up to date.
pub fn append(conn: &Connection, invitation: i64, now: Timestamp, fact: &Fact) -> Result<()> {
    let sql = "INSERT INTO fact (invitation, at, body) VALUES (?1, ?2, ?3)";
    conn.prepare_cached(sql)?.execute(params![invitation, ms(now), json(fact)?])?;
    match fact {
        Fact::Letter { state, .. } if state == "sent" && is_unreachable(conn, invitation)? => fold(conn, invitation, now, fact),
        Fact::Invited { .. } | Fact::Letter { .. } | Fact::Away { .. } => Ok(()),
        _ => fold(conn, invitation, now, fact),
    }
}

fn is_unreachable(conn: &Connection, invitation: i64) -> Result<bool> {
    let sql = "SELECT 1 FROM invitation WHERE id = ?1 AND standing = 'unreachable'";
    Ok(conn.prepare_cached(sql)?.exists([invitation])?)
}

/// Every fact of an invitation, in the order in which they were written.
pub fn facts(conn: &Connection, invitation: i64) -> Result<Vec<(Timestamp, Fact)>> {
    let mut statement = conn.prepare_cached("SELECT at, body FROM fact WHERE invitation = ?1 ORDER BY id")?;
    let rows = statement.query_map([invitation], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (when, body) = row?;
        Ok((at(when), from_json(&body)?))
    })
    .collect()
}

/// The decision in force for an invitation, as [`append`] left it; `None` where there is none.
pub fn answer(conn: &Connection, invitation: i64) -> Result<Answer> {
    let sql = "SELECT answer FROM invitation WHERE id = ?1";
    let word: Option<String> = conn.prepare_cached(sql)?.query_row([invitation], |row| row.get(0)).optional()?;
    Ok(word.and_then(|word| Answer::parse(&word)).unwrap_or(Answer::None))
}

/// The last fact that is written: what is newer than it, the organiser cannot have seen. 0 where there is none.
pub fn newest(conn: &Connection) -> Result<i64> {
    Ok(conn.prepare_cached("SELECT coalesce(max(id), 0) FROM fact")?.query_row([], |row| row.get(0))?)
}

/// Whether a mail of the guest has said something, or the organiser has decided, since a fact was the newest.
pub fn has_news(conn: &Connection, invitation: i64, seen: i64) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM fact WHERE invitation = ?1 AND id > ?2
               AND body ->> 'fact' IN ('answered', 'looked', 'complained', 'reread', 'ruled', 'dismissed'))";
    Ok(conn.prepare_cached(sql)?.query_row([invitation, seen], |row| row.get(0))?)
}

/// The invitations on which the organiser has ruled, or whose mail the organiser has read and left as it is.
pub fn ruled(conn: &Connection) -> Result<Vec<i64>> {
    let sql = "SELECT DISTINCT invitation FROM fact WHERE body ->> 'fact' IN ('ruled', 'dismissed') ORDER BY invitation";
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The sure answers that came after a ruling, and why the organiser has to see them ([`Standing::since_ruling`]).
pub fn since_ruling(conn: &Connection, invitation: i64) -> Result<Vec<(i64, Option<String>)>> {
    Ok(Standing::since_ruling(&only_facts(conn, invitation)?))
}

/// The standing of an invitation. Where the organiser ruled on a mail whose own words decided nothing, the mail itself shows why.
pub fn standing(conn: &Connection, invitation: i64) -> Result<Standing> {
    let facts = only_facts(conn, invitation)?;
    let mut standing = Standing::of(&facts);
    if let Some(mail) = Fact::ruled_on(&facts).filter(|_| standing.sure && standing.evidence.is_empty()) {
        standing.evidence.extend(inbox::beginning(conn, mail)?);
    }
    Ok(standing)
}

pub(super) fn only_facts(conn: &Connection, invitation: i64) -> Result<Vec<Fact>> {
    Ok(facts(conn, invitation)?.into_iter().map(|(_, fact)| fact).collect())
}

/// A no keeps its date while mails that need a look come and go, and so does a wish for no more letters until it is said again.
fn fold(conn: &Connection, invitation: i64, now: Timestamp, newest: &Fact) -> Result<()> {
    let standing = standing(conn, invitation)?;
    let sql = "UPDATE invitation SET since = CASE WHEN answer = ?3 AND (standing = ?2 OR answer IN ('decline', 'delegate')) THEN since ELSE ?12 END,
               standing = ?2, answer = ?3, party = ?4, people = ?5, question = ?6, unsubscribe = ?7, delegate = ?8, note = ?9, evidence = ?10, sure = ?11,
               unwilling = CASE WHEN NOT ?13 THEN NULL WHEN ?14 THEN ?12 ELSE coalesce(unwilling, ?12) END
               WHERE id = ?1";
    conn.prepare_cached(sql)?.execute(params![
        invitation,
        standing.kind.as_str(),
        standing.answer.as_str(),
        standing.party,
        standing.people(),
        standing.question,
        standing.unsubscribe,
        standing.delegate.as_ref().map(json).transpose()?,
        standing.note,
        json(&standing.evidence)?,
        standing.sure,
        ms(now),
        standing.unwilling,
        newest.is_wish() && !matches!(newest, Fact::Reread { .. }),
    ])?;
    Ok(())
}
