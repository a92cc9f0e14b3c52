//! Letters that were refused for good, and may be sent again all together once the cause is mended; some need a word of their own.

use super::{
    Result,
    delivery::MAY_HAVE_LEFT,
    journal,
    outbox::newest,
    waiting::{self, Waiting},
};
use crate::model::Fact;
use rusqlite::{Connection, OptionalExtension, Row};

/// Why a letter that was refused for good is not sent again together with others: only by itself, where the organiser names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Apart {
    /// Its guest has said no, or sends somebody, or asked for no more letters.
    Unwanted,
    /// The guest's address does not exist.
    NoAddress,
    /// An earlier attempt of it may have left: the guest would be invited twice.
    MayHaveLeft,
}

/// The letters of a campaign that were refused for good and have no follower, in the order in which they were written, each with why
/// it stays apart.
pub fn refused(conn: &Connection, campaign: i64) -> Result<Vec<(Waiting, Option<Apart>)>> {
    let mut letters = waiting::in_states_of(conn, Some(campaign), &["failed"], usize::MAX >> 1)?;
    letters.sort_by_key(|letter| letter.letter);
    let with = |letter: Waiting| apart(conn, letter.letter).map(|apart| (letter, apart));
    letters.into_iter().map(with).collect()
}

/// Whether a letter was refused for good, is its guest's newest, and goes together with others.
pub fn goes_with_others(conn: &Connection, letter: i64) -> Result<bool> {
    let sql = "SELECT invitation FROM letter WHERE id = ?1 AND state = 'failed'";
    let failed: Option<i64> = conn.prepare_cached(sql)?.query_row([letter], |row| row.get(0)).optional()?;
    let Some(invitation) = failed else { return Ok(false) };
    Ok(newest(conn, invitation)? == Some(letter) && apart(conn, letter)?.is_none())
}

fn apart(conn: &Connection, letter: i64) -> Result<Option<Apart>> {
    let sql = format!(
        "SELECT l.invitation, i.answer IN ('decline', 'delegate') OR i.unwilling IS NOT NULL, {MAY_HAVE_LEFT}
         FROM letter l JOIN invitation i ON i.id = l.invitation WHERE l.id = ?1"
    );
    let row = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?, row.get::<_, bool>(2)?));
    let (invitation, unwanted, left) = conn.prepare_cached(&sql)?.query_row([letter], row)?;
    if unwanted {
        return Ok(Some(Apart::Unwanted));
    }
    // The standing does not tell: who has answered by telephone may have a dead address all the same.
    if Fact::unreachable(&journal::only_facts(conn, invitation)?).is_some() {
        return Ok(Some(Apart::NoAddress));
    }
    Ok(left.then_some(Apart::MayHaveLeft))
}
