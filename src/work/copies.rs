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

/// Whether a visit has anything to do.
pub async fn is_due(store: &Store) -> store::Result<bool> {
    store.read(|conn| Ok(copies::next(conn)?.is_some())).await
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
