//! What the organiser sees: status, guests, a guest's timeline. Read only.

use super::{
    Result, at,
    campaigns::Known,
    editions::{self, Moved, REACHED},
    from_json,
    inbox::Bucket,
    journal, json, notes,
    unwanted::{self, KeptBack, Withdrawals},
    waiting,
};
use crate::model::{Delegate, Event, Fact, Hours, StandingKind, Verdict};
use jiff::{Timestamp, Zoned};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

pub(crate) fn as_time<S: Serializer>(time: &Timestamp, to: S) -> std::result::Result<S::Ok, S::Error> {
    to.serialize_str(&seconds(*time))
}

fn as_time_or_null<S: Serializer>(time: &Option<Timestamp>, to: S) -> std::result::Result<S::Ok, S::Error> {
    time.map(seconds).serialize(to)
}

/// RFC 3339, UTC, whole seconds.
fn seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The numbers of one campaign. The standings sum to `guests`, the buckets to `mail["total"]`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Status {
    pub campaign: String,
    pub deadline: Option<jiff::civil::Date>,
    pub guests: u64,
    pub standing: Counts,
    /// How many come: the parties (or 1) of those who accept or send somebody.
    pub people: u64,
    /// How many of them were invited to another start than the campaign's, and which that is. None where nobody was. Not in the
    /// contract of the JSON line, as all that is skipped here: shown in words.
    #[serde(skip)]
    pub moved: Invited<Zoned>,
    /// The same of the place, in the campaign's language.
    #[serde(skip)]
    pub elsewhere: Invited<String>,
    /// A letter that failed, came back, is uncertain or was withdrawn, and has a follower, is not counted: it is done with.
    pub delivery: Counts,
    pub mail: Counts,
    pub mailbox: Vec<Folder>,
    /// Guests who ask something beside their answer.
    pub question: u64,
    /// Guests who want no more letters.
    pub unsubscribe: u64,
    #[serde(skip)]
    pub paused: bool,
    /// Why it paused itself; empty where the organiser did.
    #[serde(skip)]
    pub paused_why: String,
    /// Outside of them its letters rest.
    #[serde(skip)]
    pub hours: Option<Hours>,
    /// How many letters in the queue are withdrawn when their turn comes.
    #[serde(skip)]
    pub unwanted: Withdrawals,
    /// How many were withdrawn so.
    #[serde(skip)]
    pub kept_back: KeptBack,
    #[serde(skip)]
    pub relay: Option<notes::Trouble>,
    #[serde(skip)]
    pub reader: Option<notes::Trouble>,
    /// Of the Maildir and the mbox.
    #[serde(skip)]
    pub files: Vec<notes::Trouble>,
    /// Of the Sent folder, where copies go.
    #[serde(skip)]
    pub sent: Option<notes::Trouble>,
}

/// Named numbers in a fixed order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counts(pub Vec<(&'static str, u64)>);

impl Counts {
    fn of(names: impl IntoIterator<Item = &'static str>, found: &BTreeMap<String, u64>) -> Self {
        Self(names.into_iter().map(|name| (name, found.get(name).copied().unwrap_or(0))).collect())
    }

    /// Zero for a name that is not there.
    pub fn get(&self, name: &str) -> u64 {
        self.0.iter().find(|(n, _)| *n == name).map_or(0, |(_, count)| *count)
    }

    pub fn sum(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().copied())
    }
}

/// How far a folder was read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Folder {
    pub folder: String,
    #[serde(serialize_with = "as_time_or_null")]
    pub last_read: Option<Timestamp>,
}

/// The words of a delivery, in the order in which they are shown.
pub const DELIVERIES: [&str; 7] = ["queued", "sending", "sent", "uncertain", "failed", "bounced", "cancelled"];
const BUCKETS: [Bucket; 5] = [Bucket::Recorded, Bucket::NeedsLook, Bucket::Automatic, Bucket::Bounces, Bucket::NotOurs];

/// By indices of their own: nobody counts a million guests.
const ASK: &str = "SELECT count(*) FROM invitation WHERE campaign = ?1 AND question";
const WANT_NO_MORE: &str = "SELECT count(*) FROM invitation WHERE campaign = ?1 AND unsubscribe";

/// The numbers of one campaign by its name; None where there is no such campaign.
///
/// A mail that was not paired belongs to no campaign and counts in each, so that no mail is out of sight.
pub fn status(conn: &Connection, name: &str) -> Result<Option<Status>> {
    let Some(known) = super::campaigns::by_name(conn, name)? else { return Ok(None) };
    let id = known.id;
    let (standing, mut delivery) = (tally(conn, id, "standing")?, tally(conn, id, "delivery")?);
    for state in ["uncertain", "failed", "bounced", "cancelled"] {
        delivery.insert(state.to_owned(), waiting::unfollowed(conn, id, state)?);
    }
    let mut mail = tally(conn, id, "mail")?;
    for (bucket, count) in tally(conn, NO_CAMPAIGN, "mail")? {
        *mail.entry(bucket).or_insert(0) += count;
    }
    let people = tally(conn, id, "people")?.into_values().sum();
    let standing = Counts::of(StandingKind::ALL.map(StandingKind::as_str), &standing);
    let mut mail = Counts::of(BUCKETS.map(Bucket::as_str), &mail);
    mail.0.push(("total", mail.sum()));
    let mut statement = conn.prepare_cached("SELECT folder, read_at FROM cursor ORDER BY folder")?;
    let mailbox = statement
        .query_map([], |row| Ok(Folder { folder: row.get(0)?, last_read: Some(at(row.get(1)?)) }))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let (moved, elsewhere) = moved(conn, &known)?;
    let count = |sql: &str| conn.prepare_cached(sql)?.query_row([id], |row| row.get::<_, u64>(0));
    let (question, unsubscribe) = (count(ASK)?, count(WANT_NO_MORE)?);
    Ok(Some(Status {
        campaign: name.to_owned(),
        deadline: known.campaign.deadline,
        guests: standing.sum(),
        standing,
        people,
        moved,
        elsewhere,
        delivery: Counts::of(DELIVERIES, &delivery),
        mail,
        mailbox,
        question,
        unsubscribe,
        paused: known.paused,
        paused_why: known.paused_why,
        hours: known.campaign.hours,
        unwanted: unwanted::unwanted(conn, id)?,
        kept_back: unwanted::kept_back(conn, id)?,
        relay: notes::get(conn, notes::Side::Relay)?,
        reader: notes::get(conn, notes::Side::Mailbox)?,
        files: [notes::Side::Maildir, notes::Side::Mbox]
            .into_iter()
            .filter_map(|side| notes::get(conn, side).transpose())
            .collect::<Result<_>>()?,
        sent: notes::get(conn, notes::Side::Sent)?,
    }))
}

/// How many people come who were invited to another start or place, and which the event has now.
pub type Invited<T> = Option<(u64, T)>;

/// How many come of whom no letter names the start that the event has now, and how many of whom none names the place; None where
/// there are none.
fn moved(conn: &Connection, known: &Known) -> Result<(Invited<Zoned>, Invited<String>)> {
    let Some(Moved { event, others }) = editions::moved(conn, known.id)? else { return Ok((None, None)) };
    let people = |differs: fn(&Event, &Event) -> bool| {
        let others = others.iter().filter(|(_, other)| differs(&event, other)).map(|(id, _)| *id).collect::<Vec<_>>();
        people_of(conn, known.id, &others).map(|people| Some(people).filter(|people| *people > 0))
    };
    let (by_start, by_place) = (people(Event::is_at_another_time)?, people(Event::is_at_another_place)?);
    let place =
        event.place.as_ref().map_or_else(String::new, |place| place.get(&known.campaign.language, &known.campaign.language).to_owned());
    Ok((by_start.map(|people| (people, event.start)), by_place.map(|people| (people, place))))
}

/// How many come of whom all letters were written from these editions.
fn people_of(conn: &Connection, campaign: i64, editions: &[i64]) -> Result<u64> {
    if editions.is_empty() {
        return Ok(0);
    }
    let editions = json(&editions)?;
    let (letter, named) = (
        format!("SELECT 1 FROM letter l WHERE l.invitation = i.id AND l.state IN ({REACHED}) AND"),
        "l.edition IN (SELECT value FROM json_each(?2))",
    );
    let sql = format!(
        "SELECT coalesce(sum(people), 0) FROM invitation i WHERE campaign = ?1 AND people > 0
         AND EXISTS ({letter} {named}) AND NOT EXISTS ({letter} (l.edition IS NULL OR NOT {named}))"
    );
    Ok(conn.prepare_cached(&sql)?.query_row(params![campaign, editions], |row| row.get(0))?)
}

/// The campaign of the mails of none.
const NO_CAMPAIGN: i64 = 0;

/// Kept by the schema's triggers, in the transaction of each fact.
fn tally(conn: &Connection, campaign: i64, what: &str) -> Result<BTreeMap<String, u64>> {
    let mut statement = conn.prepare_cached("SELECT word, count FROM tally WHERE campaign = ?1 AND what = ?2")?;
    Ok(statement.query_map(params![campaign, what], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
}

/// One row of `guests`.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct GuestRow {
    pub email: String,
    pub name: String,
    pub token: String,
    pub language: String,
    pub standing: String,
    pub answer: String,
    pub party: Option<u32>,
    /// How many of these come: `status` adds them up.
    #[serde(skip)]
    pub people: u32,
    /// The newest letter's.
    pub delivery: String,
    pub question: bool,
    pub unsubscribe: bool,
    pub delegate: Option<Delegate>,
    pub note: String,
    pub evidence: Vec<String>,
    pub sure: bool,
    #[serde(serialize_with = "as_time")]
    pub since: Timestamp,
    /// The address in the list that it came from; another than `email` where that was mended.
    #[serde(skip)]
    pub listed: String,
    #[serde(skip)]
    pub invitation: i64,
    #[serde(skip)]
    pub campaign: i64,
}

/// The guests of a campaign (of all where None), in the order in which they were invited.
pub fn guests(conn: &Connection, campaign: Option<i64>) -> Result<Vec<GuestRow>> {
    let sql = "SELECT i.email, i.name, i.token, i.lang, i.standing, i.answer, i.party,
               (SELECT state FROM letter l WHERE l.invitation = i.id ORDER BY l.id DESC LIMIT 1),
               i.question, i.unsubscribe, i.delegate, i.note, i.evidence, i.sure, i.since, i.id, i.campaign, i.people, i.listed
               FROM invitation i WHERE ?1 IS NULL OR i.campaign = ?1 ORDER BY i.id";
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([campaign])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(GuestRow {
            email: row.get(0)?,
            name: row.get(1)?,
            token: row.get(2)?,
            language: row.get(3)?,
            standing: row.get(4)?,
            answer: row.get(5)?,
            party: row.get(6)?,
            delivery: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
            question: row.get(8)?,
            unsubscribe: row.get(9)?,
            delegate: row.get::<_, Option<String>>(10)?.map(|text| from_json(&text)).transpose()?,
            note: row.get(11)?,
            evidence: from_json(&row.get::<_, String>(12)?)?,
            sure: row.get(13)?,
            since: at(row.get(14)?),
            invitation: row.get(15)?,
            campaign: row.get(16)?,
            people: row.get(17)?,
            listed: row.get(18)?,
        });
    }
    Ok(found)
}

/// What the list says of a guest beside address, name and language.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Listed {
    pub organisation: Option<String>,
    pub zone: Option<String>,
    /// Every other column that is filled, by its name.
    pub fields: BTreeMap<String, String>,
}

/// What the list says of the guests of a campaign, in the order of [`guests`].
pub fn listed(conn: &Connection, campaign: i64) -> Result<Vec<Listed>> {
    let mut statement = conn.prepare_cached("SELECT guest FROM invitation WHERE campaign = ?1 ORDER BY id")?;
    let rows = statement.query_map([campaign], |row| row.get::<_, String>(0))?;
    rows.map(|text| from_json(&text?)).collect()
}

/// One line of a guest's timeline.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Moment {
    #[serde(serialize_with = "as_time")]
    pub at: Timestamp,
    pub fact: Fact,
    /// The mail that the fact speaks of.
    pub mail: Option<MailRow>,
}

/// A mail as it is shown beside a fact.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MailRow {
    pub id: i64,
    #[serde(serialize_with = "as_time")]
    pub arrived: Timestamp,
    pub sender: String,
    pub subject: String,
    pub said: String,
    pub verdict: Option<Verdict>,
    pub bucket: String,
}

pub fn mail(conn: &Connection, id: i64) -> Result<Option<MailRow>> {
    let sql = "SELECT id, arrived, sender, subject, said, verdict, bucket FROM mail WHERE id = ?1";
    let row = conn
        .prepare_cached(sql)?
        .query_row([id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get::<_, Option<String>>(5)?, row.get(6)?))
        })
        .optional()?;
    let Some((id, arrived, sender, subject, said, verdict, bucket)) = row else { return Ok(None) };
    let verdict = verdict.map(|text| from_json(&text)).transpose()?;
    Ok(Some(MailRow { id, arrived: at(arrived), sender, subject, said, verdict, bucket }))
}

/// Everything that happened to an invitation, oldest first.
pub fn timeline(conn: &Connection, invitation: i64) -> Result<Vec<Moment>> {
    let facts = journal::facts(conn, invitation)?;
    facts
        .into_iter()
        .map(|(at, fact)| {
            let ruled_on = Fact::ruled_on(std::slice::from_ref(&fact));
            let mail = fact.mail().or(ruled_on).map(|id| mail(conn, id)).transpose()?.flatten();
            Ok(Moment { at, fact, mail })
        })
        .collect()
}

/// How many letters of a campaign are in a state.
pub fn in_state(conn: &Connection, campaign: i64, state: &str) -> Result<u64> {
    let sql = "SELECT count FROM tally WHERE campaign = ?1 AND what = 'delivery' AND word = ?2";
    Ok(conn.prepare_cached(sql)?.query_row(params![campaign, state], |row| row.get(0)).optional()?.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::plan;

    #[test]
    fn those_who_ask_are_counted_without_walking_all_guests() {
        for (sql, index) in [(ASK, "invitation_question"), (WANT_NO_MORE, "invitation_unsubscribe")] {
            let plan = plan(sql);
            assert!(plan.contains(index), "{sql}: {plan}");
        }
    }
}
