//! A letter that is sent again though it has never left: nobody has read it, so it is written anew.

use super::{
    Result,
    delivery::MAY_HAVE_LEFT,
    editions::{DRAFT, Parts},
    ms,
    outbox::Envelope,
};
use crate::model::{Guest, Stamp};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What a letter that has never left is written from now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unread {
    /// The one that new guests get.
    pub edition: i64,
    /// With the address that this letter goes to.
    pub guest: Guest,
    pub stamp: Stamp,
}

/// A letter that was refused for good or withdrawn, and has never left; None where its guest may have read it, or where it cannot be
/// written anew.
pub fn unread(conn: &Connection, letter: i64) -> Result<Option<Unread>> {
    let sql = format!(
        "SELECT c.edition, {DRAFT} FROM letter l JOIN invitation i ON i.id = l.invitation JOIN campaign c ON c.id = l.campaign
         WHERE l.id = ?1 AND l.state IN ('failed', 'cancelled') AND c.edition IS NOT NULL AND NOT {MAY_HAVE_LEFT}"
    );
    let row = |row: &Row<'_>| Ok((row.get(0)?, Parts::of(row, 1)?));
    let Some((edition, parts)) = conn.prepare_cached(&sql)?.query_row([letter], row).optional()? else { return Ok(None) };
    Ok(parts.read().ok().map(|(guest, stamp)| Unread { edition, guest, stamp }))
}

/// Writes an [`unread`] letter anew: from this edition, and as if it were queued now.
pub fn renew(conn: &Connection, letter: i64, edition: i64, envelope: &Envelope, now: Timestamp) -> Result<()> {
    let Envelope { message_id, lang, mail_from, .. } = envelope;
    let sql = "UPDATE letter SET edition = ?2, message_id = ?3, mail_from = ?4, created = ?5 WHERE id = ?1";
    conn.prepare_cached(sql)?.execute(params![letter, edition, message_id, mail_from.as_str(), ms(now)])?;
    conn.prepare_cached("DELETE FROM body WHERE letter = ?1")?.execute([letter])?;
    let sql = "UPDATE invitation SET lang = ?2 WHERE id = (SELECT invitation FROM letter WHERE id = ?1)";
    conn.prepare_cached(sql)?.execute(params![letter, lang.as_str()])?;
    // Where it was the example of its former edition, another one is: answers quote that one's letters.
    let sql = "UPDATE sample SET letter = coalesce((SELECT l.id FROM letter l JOIN invitation i ON i.id = l.invitation
               WHERE l.campaign = sample.campaign AND l.edition = sample.edition AND l.kind = sample.kind AND i.lang = sample.lang
               LIMIT 1), letter) WHERE letter = ?1 AND edition <> ?2";
    conn.prepare_cached(sql)?.execute(params![letter, edition])?;
    let sql = "INSERT INTO sample (campaign, edition, kind, lang, letter)
               SELECT campaign, edition, kind, ?2, id FROM letter WHERE id = ?1 ON CONFLICT DO NOTHING";
    conn.prepare_cached(sql)?.execute(params![letter, lang.as_str()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Address, Lang},
        store::Store,
    };

    #[tokio::test]
    async fn another_letter_is_the_example_of_an_edition_once_its_own_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let rows = r#"INSERT INTO campaign (id, name, definition, created) VALUES (1, 'c', '{}', 0);
             INSERT INTO edition VALUES (1, 1, 'a', '{', 0), (2, 1, 'b', '{', 0);
             INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, 'a', 'a', '', 'a', '', 'en', '{}', 0, 0), (2, 1, 'b', 'b', '', 'b', '', 'en', '{}', 0, 0);
             INSERT INTO letter (id, invitation, campaign, edition, kind, number, message_id, mail_from, rcpt_to, created, state, due, at)
                VALUES (1, 1, 1, 1, 'invitation', 1, '1', 'd', 'a', 0, 'failed', 0, 0), (2, 2, 1, 1, 'invitation', 1, '2', 'd', 'b', 0, 'sent', 0, 0);
             INSERT INTO sample VALUES (1, 1, 'invitation', 'en', 1);
             INSERT INTO body VALUES (1, x'00', NULL);"#;
        let desk = Address::parse("desk@x.example").unwrap();
        let envelope = Envelope { message_id: "<3>".into(), lang: Lang::parse("en").unwrap(), mail_from: desk.clone(), rcpt_to: desk };
        let samples = store.write(move |conn| {
            conn.execute_batch(rows)?;
            renew(conn, 1, 2, &envelope, Timestamp::UNIX_EPOCH)?;
            let bodies: i64 = conn.query_row("SELECT count(*) FROM body", [], |row| row.get(0))?;
            let mut statement = conn.prepare("SELECT edition, letter FROM sample ORDER BY edition")?;
            let samples = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
            Ok((bodies, samples))
        });
        assert_eq!(samples.await.unwrap(), (0, vec![(1, 2), (2, 1)]));
    }
}
