//! Which sent letters have no copy in the Sent folder yet. The journal is the queue: a mark says how far it was worked off.

use super::{
    Result, journal,
    outbox::{self, Upcoming},
};
use rusqlite::{Connection, OptionalExtension, params};

const MARK: &str = "copied";
/// The letter in doubt that was looked for last.
const LOOKED: &str = "looked";

/// A letter that was sent, to be copied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// The fact that it was sent; [`done`] moves the mark behind it.
    pub fact: i64,
    /// With angle brackets.
    pub message_id: String,
    pub letter: Upcoming,
}

fn mark(conn: &Connection, key: &str) -> Result<Option<i64>> {
    let value: Option<String> =
        conn.prepare_cached("SELECT value FROM note WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()?;
    Ok(value.and_then(|value| value.parse().ok()))
}

fn set_mark(conn: &Connection, key: &str, id: i64) -> Result<()> {
    let sql = "INSERT INTO note (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
    conn.prepare_cached(sql)?.execute(params![key, id.to_string()])?;
    Ok(())
}

/// What is sent from now on gets a copy. Does nothing where that was said before.
pub fn begin(conn: &Connection) -> Result<()> {
    if mark(conn, MARK)?.is_none() {
        done(conn, journal::newest(conn)?)?;
    }
    Ok(())
}

/// The next letter without a copy, in the order in which they were sent. One that cannot be read in the database is passed over.
pub fn next(conn: &Connection) -> Result<Option<Due>> {
    let Some(mut mark) = mark(conn, MARK)? else { return Ok(None) };
    let sql = "SELECT f.id, l.id, l.message_id FROM fact f
               JOIN letter l ON l.invitation = f.invitation AND l.kind = f.body ->> 'kind' AND l.number = f.body ->> 'number'
               WHERE f.id > ?1 AND f.body ->> 'fact' = 'letter' AND f.body ->> 'state' = 'sent' AND l.state = 'sent'
               ORDER BY f.id LIMIT 1";
    loop {
        let row = conn.prepare_cached(sql)?.query_row([mark], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((fact, id, message_id)) = row else { return Ok(None) };
        if let Ok(letter) = outbox::load(conn, id)? {
            return Ok(Some(Due { fact, message_id, letter }));
        }
        mark = fact;
    }
}

/// Whether the journal goes on behind the mark.
pub fn is_behind(conn: &Connection) -> Result<bool> {
    let newest = journal::newest(conn)?;
    Ok(mark(conn, MARK)?.is_some_and(|mark| mark < newest))
}

/// Moves the mark to the end of the journal where no letter behind it needs a copy: answers come for months after the last letter, and
/// nobody is to go through them at each look.
pub fn pass_over(conn: &Connection) -> Result<()> {
    if is_behind(conn)? && next(conn)?.is_none() {
        done(conn, journal::newest(conn)?)?;
    }
    Ok(())
}

/// The copy of this fact's letter lies in the folder, and so do all before it.
pub fn done(conn: &Connection, fact: i64) -> Result<()> {
    set_mark(conn, MARK, fact)
}

/// Letters in doubt: (id, Message-ID), at most `limit`: those behind the last that was looked for, then the oldest, so that each has
/// its turn. A copy of one in the Sent folder is none of ours, so it proves that the relay took the letter. One that came back before
/// is left out: its copy may be of the time before that.
pub fn doubtful(conn: &Connection, limit: usize) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT id, message_id FROM letter l WHERE state = 'uncertain' AND NOT EXISTS
               (SELECT 1 FROM fact f WHERE f.invitation = l.invitation AND f.body ->> 'fact' = 'letter' AND f.body ->> 'kind' = l.kind
                AND f.body ->> 'number' = l.number AND f.body ->> 'state' = 'bounced') ORDER BY id <= ?2, id LIMIT ?1";
    let looked = mark(conn, LOOKED)?.unwrap_or_default();
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX), looked], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// This letter in doubt was looked for; [`doubtful`] goes on behind it.
pub fn looked_for(conn: &Connection, letter: i64) -> Result<()> {
    set_mark(conn, LOOKED, letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn each_letter_in_doubt_has_its_turn() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let rows = "INSERT INTO campaign (id, name, definition, created) VALUES (1, 'c', '{}', 0);
            INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, 'a', 'a', '', 'a', '', 'en', '{}', 0, 0), (2, 1, 'b', 'b', '', 'b', '', 'en', '{}', 0, 0),
                (3, 1, 'c', 'c', '', 'c', '', 'en', '{}', 0, 0), (4, 1, 'd', 'd', '', 'd', '', 'en', '{}', 0, 0),
                (5, 1, 'e', 'e', '', 'e', '', 'en', '{}', 0, 0);
            INSERT INTO letter (id, invitation, campaign, kind, number, message_id, mail_from, rcpt_to, created, state, due, at)
                SELECT id, id, 1, 'invitation', 1, email, 'd', email, 0, CASE id WHEN 2 THEN 'sent' ELSE 'uncertain' END, 0, 0
                FROM invitation;";
        store.write(move |conn| Ok(conn.execute_batch(rows)?)).await.unwrap();
        let mut rounds = Vec::new();
        for _ in 0..3 {
            let round = store.read(|conn| doubtful(conn, 3)).await.unwrap();
            let ids: Vec<i64> = round.into_iter().map(|(letter, _)| letter).collect();
            let last = *ids.last().unwrap();
            store.write(move |conn| looked_for(conn, last)).await.unwrap();
            rounds.push(ids);
        }
        assert_eq!(rounds, [[1, 3, 4], [5, 1, 3], [4, 5, 1]]);
    }
}
