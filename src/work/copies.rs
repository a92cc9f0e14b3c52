//! Copies of letters in the Sent folder, and what the copies of others there prove.

use super::{Step, edition::Editions, receive::Error};
use crate::{
    model::Signal,
    net::imap::Mailbox,
    store::{
        self, Store,
        copies::{self, Due},
        outbox,
    },
};
use jiff::Timestamp;

/// How many letters in doubt are looked for in one visit.
const DOUBTFUL: usize = 200;

/// One visit to the Sent folder, which is open (read-only) in a mailbox.
pub struct Visit<'a> {
    pub mailbox: &'a mut Mailbox,
    pub folder: &'a str,
    pub editions: &'a Editions,
}

/// Whether a visit has anything to do. What was looked through in vain is not looked through again.
pub async fn is_due(store: &Store) -> store::Result<bool> {
    let (due, behind) = store.read(|conn| Ok((copies::next(conn)?.is_some(), copies::is_behind(conn)?))).await?;
    if behind && !due {
        store.write(copies::pass_over).await?;
    }
    Ok(due)
}

impl<'a> Visit<'a> {
    pub async fn begin(mailbox: &'a mut Mailbox, folder: &'a str, editions: &'a Editions) -> Result<Self, Error> {
        mailbox.examine(folder).await?;
        Ok(Self { mailbox, folder, editions })
    }

    /// Copies the next letter that was sent. It is looked for first: some servers keep copies by themselves, and a copy of ours may
    /// lie there from before a crash.
    pub async fn step(&mut self, store: &Store) -> Result<Step, Error> {
        let Some(Due { fact, message_id, letter }) = store.read(copies::next).await? else { return Ok(Step::Rest { until: None }) };
        if self.mailbox.uids_of(&message_id).await?.is_empty() {
            let raw = match (letter.kept, letter.edition) {
                (Some(raw), _) => Some(raw),
                (None, Some(edition)) => {
                    let set = self.editions.get(store, edition).await?;
                    set.ok().and_then(|set| set.letter(&letter.guest, &letter.stamp).ok()).map(|letter| letter.raw)
                }
                (None, None) => None,
            };
            match raw {
                Some(raw) => self.mailbox.append(self.folder, &["\\Seen"], &raw).await?,
                None => tracing::warn!(letter = letter.id, "there is no copy of a letter that cannot be written again"),
            }
        }
        store.write(move |conn| copies::done(conn, fact)).await?;
        Ok(Step::Did)
    }

    /// Letters in doubt whose copy lies in the folder become *sent*: copies of ours are made of sent letters only, so the server that
    /// took the letter put this one there. How many there were. The next call goes on behind the last that was looked for, also where
    /// that one was the end of the connection.
    pub async fn prove(&mut self, store: &Store, now: Timestamp) -> Result<usize, Error> {
        let (mut proven, mut last, mut trouble) = (0, None, None);
        for (letter, message_id) in store.read(|conn| copies::doubtful(conn, DOUBTFUL)).await? {
            last = Some(letter);
            match self.mailbox.uids_of(&message_id).await {
                Ok(found) if found.is_empty() => {}
                Ok(_) => {
                    store.write(move |conn| outbox::prove(conn, letter, Signal::Proven, now)).await?;
                    proven += 1;
                }
                Err(error) => {
                    trouble = Some(error);
                    break;
                }
            }
        }
        if let Some(letter) = last {
            store.write(move |conn| copies::looked_for(conn, letter)).await?;
        }
        trouble.map_or(Ok(proven), |error| Err(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Fact, Patience},
        store::journal,
    };

    #[tokio::test]
    async fn the_journal_is_gone_through_once_for_letters_to_copy() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let rows = r#"INSERT INTO campaign (id, name, definition, created) VALUES (1, 'c', '{}', 0);
            INSERT INTO edition VALUES (1, 1, '', '{', 0);
            INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, '0123456789ab', 'a', '', 'b@x.example', '', 'en',
                 '{"email":"b@x.example","name":"","lang":null,"organisation":null,"zone":null,"fields":{},"row":2}', 0, 0);
            INSERT INTO letter (id, invitation, campaign, edition, kind, number, message_id, mail_from, rcpt_to, created, state, due, at)
                VALUES (1, 1, 1, 1, 'invitation', 1, '<1@x.example>', 'd@x.example', 'b@x.example', 0, 'queued', 0, 0);"#;
        let begin = move |conn: &store::Connection| {
            conn.execute_batch(rows)?;
            copies::begin(conn)
        };
        store.write(begin).await.unwrap();
        let now = Timestamp::from_second(10).unwrap();
        let away = Fact::Away { mail: 1, until: None };
        store.write(move |conn| (0..3).try_for_each(|_| journal::append(conn, 1, now, &away))).await.unwrap();
        let look = || store.read(|conn| Ok((copies::is_behind(conn)?, copies::next(conn)?.is_some())));
        assert_eq!(look().await.unwrap(), (true, false));
        assert!(!is_due(&store).await.unwrap());
        assert_eq!(look().await.unwrap(), (false, false), "nobody goes through the answers again");

        let sent = store.write(move |conn| {
            outbox::claim(conn, &[1], now)?;
            let accepted = Signal::Accepted { receipt: "250 ok".into() };
            outbox::settle(conn, 1, accepted, now, &Patience::default(), None)
        });
        assert_eq!(sent.await.unwrap().as_str(), "sent");
        store.write(copies::pass_over).await.unwrap();
        assert!(is_due(&store).await.unwrap() && is_due(&store).await.unwrap(), "a letter that was sent is not passed over");
    }
}
