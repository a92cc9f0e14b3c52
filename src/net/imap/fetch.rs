//! Which messages there are, and their bytes, by PEEK.

use super::{Failed, ImapError, Mailbox, RATION};
use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// How many messages of one folder are listed in one call.
const LISTED: usize = 2_000_000;
/// Among how many messages is searched in one go: UIDs of ten digits fill an answer of 440,000 bytes, and one line may have 512 KiB.
const SEARCHED: u32 = 40_000;
/// How many messages are asked for in one FETCH.
const BATCH: usize = 200;

/// A message that is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Listed {
    pub uid: u32,
    /// In bytes, as the server says; some servers only estimate.
    pub size: u32,
}

/// A message as it lies in the mailbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetched {
    pub uid: u32,
    /// When it came into the mailbox; None where the server gives no date, or one that cannot be read.
    pub internal_date: Option<Timestamp>,
    pub raw: Vec<u8>,
    /// `raw` is only its beginning.
    pub truncated: bool,
    /// The size that the server says it has.
    pub size: u32,
}

impl Mailbox {
    /// The messages with this UID or a higher one, lowest first. Without their dates: one that the parser cannot bear would hide them all.
    ///
    /// More than two million are an error: the folder must be read from a later UID.
    pub async fn uids_from(&mut self, uid: u32) -> Result<Vec<Listed>, ImapError> {
        self.news = false;
        let mut found = BTreeMap::new();
        let mut too_many = false;
        let uid = uid.max(1);
        self.run(&format!("UID FETCH {uid}:* (UID RFC822.SIZE)"), |response| {
            if let Some(Told { listed, .. }) = message(response) {
                // `n:*` gives the last message even when it lies below n (RFC 3501 §6.4.8).
                if listed.uid >= uid && found.len() < LISTED {
                    found.insert(listed.uid, listed);
                } else {
                    too_many |= found.len() >= LISTED;
                }
            }
        })
        .await?;
        if too_many {
            return Err(ImapError::Protocol(format!(
                "the folder has more than {LISTED} new messages; name a folder for the answers alone"
            )));
        }
        Ok(found.into_values().collect())
    }

    /// The UIDs of the messages of the open folder with this Message-ID (with angle brackets), lowest first.
    ///
    /// A Message-ID that cannot be said in a quoted string is an error: ours never are.
    pub async fn uids_of(&mut self, message_id: &str) -> Result<Vec<u32>, ImapError> {
        if !message_id.chars().all(|c| c.is_ascii_graphic() && c != '"' && c != '\\') {
            return Err(ImapError::Protocol("a Message-ID that cannot be searched for".into()));
        }
        self.search(&format!("HEADER Message-ID \"{message_id}\"")).await
    }

    /// The UIDs of the messages that came on this day or later, by the server's own calendar, lowest first.
    ///
    /// Of a large folder a part at a time, the last one first: what somebody expunges meanwhile moves messages into a part that is
    /// still to be searched, and never out of one. More than two million are an error.
    pub async fn uids_since(&mut self, day: Date) -> Result<Vec<u32>, ImapError> {
        let since = format!("SINCE {}", day.strftime("%-d-%b-%Y"));
        if self.exists <= SEARCHED {
            return self.search(&since).await;
        }
        let mut uids = Vec::new();
        let mut last = self.exists;
        while last > 0 {
            let first = last.saturating_sub(SEARCHED - 1).max(1);
            uids.extend(self.search(&format!("{first}:{last} {since}")).await?);
            if uids.len() > LISTED {
                return Err(ImapError::Protocol(format!(
                    "the folder has more than {LISTED} messages since {day}; name a folder for the answers alone"
                )));
            }
            last = (first - 1).min(self.exists);
        }
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    async fn search(&mut self, keys: &str) -> Result<Vec<u32>, ImapError> {
        let mut uids = Vec::new();
        self.run(&format!("UID SEARCH {keys}"), |response| {
            if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                uids.extend_from_slice(found);
            }
        })
        .await?;
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// One message, or its first `max_bytes`. `None` when it was expunged meanwhile, or the server gives no text.
    pub async fn fetch(&mut self, uid: u32, max_bytes: u32) -> Result<Option<Fetched>, ImapError> {
        let fetched = self.fetch_many(&[uid], max_bytes).await?;
        Ok(fetched.into_iter().find(|message| message.uid == uid))
    }

    /// As [`Mailbox::fetch`], without its date: for a message whose date may be what the parser cannot bear.
    pub async fn fetch_undated(&mut self, uid: u32, max_bytes: u32) -> Result<Option<Fetched>, ImapError> {
        let fetched = self.texts(&[uid], "UID RFC822.SIZE", max_bytes).await?;
        Ok(fetched.into_iter().find(|message| message.uid == uid))
    }

    /// Whether the folder still has this message.
    pub async fn lists(&mut self, uid: u32) -> Result<bool, ImapError> {
        let mut here = false;
        self.run(&format!("UID FETCH {uid} (UID)"), |response| {
            if let Response::Fetch(_, attributes) = response {
                here |= attributes.iter().any(|attribute| matches!(attribute, AttributeValue::Uid(found) if *found == uid));
            }
        })
        .await?;
        Ok(here)
    }

    /// Several messages in as few round trips as may be, each at most `max_bytes`, lowest UID first.
    ///
    /// Those that were expunged meanwhile are left out, and those of which the server gives no text. Up to `uids.len() × max_bytes`
    /// bytes are held at once: the caller bounds it by the sizes that [`Mailbox::uids_from`] gave.
    pub async fn fetch_many(&mut self, uids: &[u32], max_bytes: u32) -> Result<Vec<Fetched>, ImapError> {
        self.texts(uids, "UID RFC822.SIZE INTERNALDATE", max_bytes).await
    }

    async fn texts(&mut self, uids: &[u32], items: &str, max_bytes: u32) -> Result<Vec<Fetched>, ImapError> {
        let max_bytes = max_bytes.max(1);
        let mut found: BTreeMap<u32, Fetched> = BTreeMap::new();
        for batch in uids.chunks(BATCH) {
            let command = format!("UID FETCH {} ({items} BODY.PEEK[]<0.{max_bytes}>)", set(batch));
            let tag = self.write(&command).await?;
            let ration = u64::from(max_bytes) + RATION;
            let mut each = |response: &Response<'_>| {
                if let Some(Told { listed: Listed { uid, size }, internal_date, body: Some(body) }) = message(response)
                    && batch.contains(&uid)
                {
                    let raw = body.get(..max_bytes as usize).unwrap_or(body).to_vec();
                    let truncated = raw.len() < body.len() || raw.len() == max_bytes as usize && size > max_bytes;
                    found.insert(uid, Fetched { uid, internal_date, raw, truncated, size });
                }
            };
            loop {
                match self.step(&tag, &command, ration, &mut each).await? {
                    Some(Ok(())) => break,
                    // Some servers answer NO when a message of the set is gone; what came is good (RFC 2180 §4.1).
                    Some(Err(Failed::No(words))) if words.contains("EXPUNGEISSUED") => break,
                    Some(Err(failed)) => return Err(failed.into()),
                    None => {}
                }
            }
        }
        Ok(found.into_values().collect())
    }
}

/// What a FETCH response tells of a message: its date and its text where they are in it.
struct Told<'a> {
    listed: Listed,
    internal_date: Option<Timestamp>,
    body: Option<&'a [u8]>,
}

/// None for news of a changed flag.
fn message<'a>(response: &'a Response<'_>) -> Option<Told<'a>> {
    let Response::Fetch(_, attributes) = response else { return None };
    let (mut uid, mut size, mut date, mut body) = (None, None, None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(n) => uid = Some(*n),
            AttributeValue::Rfc822Size(n) => size = Some(*n),
            AttributeValue::InternalDate(text) => date = internal_date(text),
            AttributeValue::BodySection { section: None, data, .. } => body = data.as_deref(),
            _ => {}
        }
    }
    Some(Told { listed: Listed { uid: uid?, size: size? }, internal_date: date, body })
}

/// `17-Jul-1996 02:44:25 -0700`, the day with a leading space or not (RFC 3501 §9, date-time).
fn internal_date(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()
}

/// UIDs as an IMAP set: `1:3,7`.
fn set(uids: &[u32]) -> String {
    let mut sorted = uids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in sorted {
        match runs.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(uid) => *last = uid,
            _ => runs.push((uid, uid)),
        }
    }
    let words = runs.iter().map(|(first, last)| if first == last { first.to_string() } else { format!("{first}:{last}") });
    words.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_short() {
        for (uids, text) in [
            (&[7u32] as &[u32], "7"),
            (&[3, 1, 2], "1:3"),
            (&[1, 2, 4, 6, 7, 7, 8], "1:2,4,6:8"),
            (&[u32::MAX, u32::MAX - 1], "4294967294:4294967295"),
            (&[], ""),
        ] {
            assert_eq!(set(uids), text);
        }
    }

    #[test]
    fn internal_dates_as_servers_write_them() {
        for (text, utc) in [
            ("17-Jul-1996 02:44:25 -0700", Some("1996-07-17T09:44:25Z")),
            (" 7-Dec-2026 00:30:00 +0200", Some("2026-12-06T22:30:00Z")),
            ("yesterday", None),
        ] {
            assert_eq!(internal_date(text).map(|date| date.to_string()).as_deref(), utc);
        }
    }
}
