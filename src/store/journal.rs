//! The journal: facts are appended, and the standing is folded from them in the same transaction.

use super::{Result, at, from_json, json, ms};
use crate::model::{Fact, Standing};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Appends a fact and brings the invitation's standing up to date.
pub fn append(conn: &Connection, invitation: i64, now: Timestamp, fact: &Fact) -> Result<()> {
    let sql = "INSERT INTO fact (invitation, at, body) VALUES (?1, ?2, ?3)";
    conn.prepare_cached(sql)?.execute(params![invitation, ms(now), json(fact)?])?;
    match fact {
        Fact::Invited { .. } | Fact::Letter { .. } | Fact::Away { .. } => Ok(()),
        _ => fold(conn, invitation, now),
    }
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

/// The invitations on which the organiser has ruled, or whose mail the organiser has read and left as it is.
pub fn ruled(conn: &Connection) -> Result<Vec<i64>> {
    let sql = "SELECT DISTINCT invitation FROM fact WHERE body ->> 'fact' IN ('ruled', 'dismissed') ORDER BY invitation";
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

fn fold(conn: &Connection, invitation: i64, now: Timestamp) -> Result<()> {
    let facts: Vec<Fact> = facts(conn, invitation)?.into_iter().map(|(_, fact)| fact).collect();
    let standing = Standing::of(&facts);
    let sql = "UPDATE invitation SET since = CASE WHEN standing = ?2 AND answer = ?3 THEN since ELSE ?12 END,
               standing = ?2, answer = ?3, party = ?4, people = ?5, question = ?6, unsubscribe = ?7, delegate = ?8, note = ?9, evidence = ?10, sure = ?11
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
    ])?;
    Ok(())
}
