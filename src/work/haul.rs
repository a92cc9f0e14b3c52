//! A batch of messages as the server gives it: which came, which it withholds, and at which the connection broke.

use super::receive::LONGEST;
use crate::net::imap::{Fetched, ImapError, Mailbox};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How often the connection may break at a message in a row before the message is set aside.
const PATIENCE: u32 = 3;
/// How many bytes are asked for of a message at which the connection broke: a slow line may manage these.
const SHORT: u32 = 256 * 1024;
/// How often a message may be refused before it is set aside …
const REFUSALS: u32 = 5;
/// … and for how long at least, where the server gives others meanwhile …
const REFUSED_AMONG_OTHERS: SignedDuration = SignedDuration::from_mins(10);
/// … and where it gives none, which a server in passing trouble does, too.
const REFUSED_ALONE: SignedDuration = SignedDuration::from_hours(1);

/// A message, or why there is none.
pub(super) enum Piece {
    Mail(Fetched),
    /// The server has it and does not give it.
    Withheld(u32),
    /// The connection broke at it too often.
    Deadly(u32),
}

/// What came of a batch, lowest UID first, and the trouble that ended it.
pub(super) struct Haul {
    pub pieces: Vec<Piece>,
    pub error: Option<ImapError>,
}

/// Where connections broke while messages were fetched, and which messages were refused. It outlives the connections, and is
/// forgotten with the process. A connection that does not come about breaks at no message.
#[derive(Default)]
pub(super) struct Breaks {
    /// Up to this UID the messages are asked for one by one: a connection broke in the middle of them.
    singly: u32,
    /// How often a connection broke at a message alone.
    at: BTreeMap<u32, u32>,
    /// At which the answer could not be understood: the parser cannot bear the date NIL, so these are asked for without it.
    undated: BTreeSet<u32>,
    /// How often a message was refused, and since when.
    refused: BTreeMap<u32, (u32, Timestamp)>,
}

impl Breaks {
    /// Forgets what lies behind the cursor.
    pub fn read_to(&mut self, next: u32) {
        self.at.retain(|uid, _| *uid >= next);
        self.undated.retain(|uid| *uid >= next);
        self.refused.retain(|uid, _| *uid >= next);
    }

    /// The messages of a batch.
    ///
    /// A batch that is refused, or in which a connection broke, is asked for one by one, last those at which connections broke.
    /// Where nothing of several is given, or the server itself says that it cannot now, the trouble is the server's and no message's:
    /// that is an error, and all are asked for again later. So is one that is refused, until that has lasted: most servers say NO to
    /// a FETCH only while something is wrong with them.
    pub async fn fetch(&mut self, mailbox: &mut Mailbox, batch: &[u32], now: Timestamp) -> Haul {
        let mut found = Found::new();
        if batch.first().is_some_and(|first| *first > self.singly) {
            match mailbox.fetch_many(batch, LONGEST).await {
                Ok(all) => found.extend(all.into_iter().map(|mail| (mail.uid, Some(Piece::Mail(mail))))),
                Err(ImapError::Refused(_)) => {}
                Err(error) => {
                    self.broke_in(batch, &error);
                    return Haul { pieces: Vec::new(), error: Some(error) };
                }
            }
        }
        let missing = batch.iter().copied().filter(|uid| !found.contains_key(uid));
        let (suspects, others): (Vec<u32>, Vec<u32>) = missing.partition(|uid| self.broke_at(*uid).saturating_add(1) >= PATIENCE);
        let (mut refusal, mut error) = (None, None);
        let mut refused = Vec::new();
        for uid in others.into_iter().chain(suspects) {
            match self.alone(mailbox, uid, &mut refusal).await {
                Ok(piece) => drop(found.insert(uid, piece)),
                Err(ImapError::Refused(why)) => {
                    refused.push(uid);
                    found.insert(uid, Some(Piece::Withheld(uid)));
                    refusal = Some(why);
                }
                Err(broke) => {
                    self.broke_in(&[uid], &broke);
                    if self.broke_at(uid) >= PATIENCE && (batch.len() == 1 || gives(&found)) {
                        found.insert(uid, Some(Piece::Deadly(uid)));
                    }
                    error = Some(broke);
                    break;
                }
            }
        }
        let others = gives(&found);
        // It is not passed yet.
        let waits = refused.into_iter().filter(|uid| !self.has_lasted(*uid, others, now)).collect::<Vec<_>>();
        if let (Some(why), false) = (&refusal, waits.is_empty()) {
            error = error.or_else(|| Some(ImapError::Refused(why.clone())));
            waits.iter().for_each(|uid| drop(found.remove(uid)));
        }
        match refusal {
            Some(why) if !gives(&found) && (batch.len() > 1 || is_for_now(&why)) => {
                Haul { pieces: Vec::new(), error: error.or(Some(ImapError::Refused(why))) }
            }
            // The cursor does not pass one of which nothing is known yet.
            _ => Haul { pieces: batch.iter().map_while(|uid| found.remove(uid)).flatten().collect(), error },
        }
    }

    /// One message by itself; nothing where it was expunged. `refusal` says why the last one has no text.
    async fn alone(&self, mailbox: &mut Mailbox, uid: u32, refusal: &mut Option<String>) -> Result<Option<Piece>, ImapError> {
        let most = if self.broke_at(uid) > 0 { SHORT } else { LONGEST };
        let undated = self.undated.contains(&uid);
        let fetched = if undated { mailbox.fetch_undated(uid, most).await } else { mailbox.fetch(uid, most).await };
        match fetched {
            Ok(Some(mail)) => Ok(Some(Piece::Mail(mail))),
            Ok(None) if mailbox.lists(uid).await? => {
                *refusal = Some("the server lists messages and gives no text of any".to_owned());
                Ok(Some(Piece::Withheld(uid)))
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A message was refused once more: true where that is for good.
    fn has_lasted(&mut self, uid: u32, others: bool, now: Timestamp) -> bool {
        let (times, since) = self.refused.entry(uid).or_insert((0, now));
        *times = times.saturating_add(1);
        // A clock that was set back makes nobody wait longer.
        *since = (*since).min(now);
        *times >= REFUSALS && now.duration_since(*since) >= if others { REFUSED_AMONG_OTHERS } else { REFUSED_ALONE }
    }

    fn broke_at(&self, uid: u32) -> u32 {
        self.at.get(&uid).copied().unwrap_or_default()
    }

    fn broke_in(&mut self, batch: &[u32], error: &ImapError) {
        self.singly = batch.last().copied().unwrap_or_default().max(self.singly);
        if let [uid] = batch {
            let times = self.at.entry(*uid).or_default();
            *times = times.saturating_add(1);
            if matches!(error, ImapError::Protocol(_)) {
                self.undated.insert(*uid);
            }
        }
    }
}

/// By UID; nothing where a message was expunged.
type Found = BTreeMap<u32, Option<Piece>>;

fn gives(found: &Found) -> bool {
    found.values().any(|piece| matches!(piece, Some(Piece::Mail(_))))
}

/// The server says that it may answer otherwise later (RFC 5530 §3, RFC 9051 §7.1).
fn is_for_now(why: &str) -> bool {
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]"].iter().any(|code| why.contains(code))
}
