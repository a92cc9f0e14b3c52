//! An mbox, message by message. The place in it moves in the transaction of the mail, together with the cursor.

use super::{
    Step,
    maildir::on_disk,
    receive::{DEADLY, Delivered, Desk, Error, LONGEST, Ledger},
};
use crate::{
    net::mbox::{self, Batch, Piece, Place, Stamp, Wanted},
    store::{Store, files, inbox},
};
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;

/// How many messages are taken in one step.
const BATCH: usize = 32;
/// How many bytes are read in one step.
const BATCH_BYTES: u64 = 16 * 1024 * 1024;
/// A last message is whole when nobody wrote to the file for so long.
const QUIET: SignedDuration = SignedDuration::from_secs(1);
/// A file that was changed so long ago, by our clock, is quiet at first sight.
const LONG_AGO: SignedDuration = SignedDuration::from_secs(30);
/// How often an idle file is noted as read.
const NOTED: SignedDuration = SignedDuration::from_secs(60);

/// One mbox, and how far it was read.
pub struct Mbox {
    path: PathBuf,
    ledger: Ledger,
    place: Place,
    since: Timestamp,
    /// The file at the last look, and since when it has been so.
    looked: Option<(Stamp, Timestamp)>,
    /// The file holds nothing new as long as it is so.
    exhausted: Option<Stamp>,
    touched: Timestamp,
}

impl Mbox {
    /// Finds where to go on. None where nobody was invited yet: there is nothing to look for.
    ///
    /// `folder` is the name under which the file is kept in the database. In a file that was never read, and in one that
    /// was written anew, messages from before the day before the first campaign are passed over.
    pub async fn open(store: &Store, folder: &str, path: PathBuf, now: Timestamp) -> Result<Option<Self>, Error> {
        let Some(start) = store.read(inbox::oldest_campaign).await? else { return Ok(None) };
        let look = path.clone();
        on_disk(move || mbox::stamp(&look)).await?;
        let ledger = Ledger::new(folder, 1);
        let key = folder.to_owned();
        let place = store.read(move |conn| files::place(conn, &key)).await?.and_then(|place| place.parse().ok());
        if ledger.cursor(store).await?.is_none() {
            ledger.advance(store, 1, Some(Place::start().to_string()), now).await?;
        }
        Ok(Some(Self {
            path,
            ledger,
            place: place.unwrap_or_else(Place::start),
            since: start.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(start),
            looked: None,
            exhausted: None,
            touched: now,
        }))
    }

    /// Reads what is new, at most one batch of it.
    pub async fn step(&mut self, store: &Store, desk: &Desk, now: Timestamp) -> Result<Step, Error> {
        let Some(cursor) = self.ledger.cursor(store).await? else { return Ok(Step::Rest { until: None }) };
        let path = self.path.clone();
        let stamp = on_disk(move || mbox::stamp(&path)).await?;
        if self.exhausted == Some(stamp) && cursor.opening.is_none() {
            if now.duration_since(self.touched) >= NOTED {
                self.touched = now;
                self.ledger.touch(store, now).await?;
            }
            return Ok(Step::Rest { until: None });
        }
        let settled = self.settled(stamp, now);
        let batch = self.read(settled, cursor.opening.map_or(BATCH, |_| 1)).await?;
        let mut number = cursor.next_uid;
        if batch.anew {
            self.place = Place::start();
            self.ledger.advance(store, number, Some(self.place.to_string()), now).await?;
        }
        let poison = cursor.opening.filter(|_| !batch.anew);
        let again = batch.tail.then(|| now.saturating_add(QUIET).unwrap_or(now));
        if poison.is_some() && batch.pieces.is_empty() && batch.tail {
            return Ok(Step::Rest { until: again });
        }
        for (piece, place) in batch.pieces {
            let message = delivered(piece, number, place.to_string(), now);
            match poison {
                Some(_) => self.ledger.set_aside(store, message, DEADLY, now).await?,
                None => self.ledger.take(store, desk, message, now).await?,
            }
            number = number.saturating_add(1);
            self.place = place;
        }
        if self.place != batch.place || cursor.opening.is_some() {
            self.place = batch.place;
            self.ledger.advance(store, number, Some(self.place.to_string()), now).await?;
        }
        self.touched = now;
        if !batch.over {
            return Ok(Step::Did);
        }
        self.exhausted = (!batch.tail).then_some(batch.stamp);
        Ok(Step::Rest { until: again })
    }

    async fn read(&self, settled: Option<Stamp>, messages: usize) -> Result<Batch, Error> {
        let bound = usize::try_from(LONGEST).unwrap_or(usize::MAX);
        let wanted = Wanted { place: self.place.clone(), messages, bytes: BATCH_BYTES, bound, since: self.since, settled };
        let path = self.path.clone();
        on_disk(move || mbox::read(&path, &wanted)).await
    }

    /// The file, where nobody has written to it for a while.
    fn settled(&mut self, stamp: Stamp, now: Timestamp) -> Option<Stamp> {
        let since = match self.looked {
            Some((last, since)) if last == stamp => since,
            _ => now,
        };
        self.looked = Some((stamp, since));
        (now.duration_since(since) >= QUIET || now.duration_since(stamp.modified) >= LONG_AGO).then_some(stamp)
    }
}

fn delivered(piece: Piece, uid: u32, then: String, now: Timestamp) -> Delivered {
    let arrived = piece.delivered().map_or(now, |delivered| delivered.min(now));
    let cut = (piece.raw.len() as u64) < piece.size;
    Delivered { uid, arrived, size: piece.size, raw: piece.raw, cut, then: Some(then) }
}
