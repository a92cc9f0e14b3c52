//! Who delivers for `send`: this process, or the one that holds the lock of the database.

use super::{
    desk,
    list::NAMED,
    words::{complain, counted, tell},
};
use crate::{
    config::{Config, Environment},
    daemon::{
        Clock,
        deliver::{self, Ended},
        rest,
    },
    store::{
        self, Connection, Store, campaigns,
        lock::{Lock, NotLocked},
        notes::{self, Side},
        outbox, views,
    },
    work::send::{self, Brake, Held, Sender},
};
use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use std::{collections::BTreeMap, time::Duration};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How often a `send` that watches another process looks.
const LOOK: Duration = Duration::from_millis(200);

/// After so many seconds at the relay's door the organiser hears that a connection is waited for.
const SLOW: u64 = 10;
/// A limit or the rate is named where it holds letters back for longer.
const PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// No more letters are in the hands of all connections together.
const HANDS: usize = 1_000;

/// Who delivers.
pub enum Hands {
    Ours(Lock, Sender),
    Theirs { who: String },
}

impl Hands {
    /// Takes the lock and the secrets; where another process has the lock, it needs no secret from us.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        match Lock::take(&config.database, &format!("convoke send, process {}", std::process::id())) {
            Ok(lock) => Ok(Self::Ours(lock, desk::sender(config, &Environment::of_process())?)),
            Err(NotLocked::Held { who }) => Ok(Self::Theirs { who }),
            Err(error) => Err(error.into()),
        }
    }

    /// Delivers, or watches the one who does, as long as it gets on with this campaign; when that one ends, however it ends, before
    /// the letters have left, takes over.
    pub async fn deliver(mut self, config: &Config, store: &Store, campaign: i64, clock: Clock, json: bool) -> anyhow::Result<Ended> {
        let stop = when_asked()?;
        let mut told = false;
        let mut watch = Watch::default();
        loop {
            let who = match self {
                Self::Ours(lock, sender) => {
                    let ended = drain(store, clock, sender, config.smtp()?.connections, stop, json).await;
                    drop(lock);
                    return ended.context(
                        "sending stopped, because the database cannot be read or written; look at the disk, and make room where it is full: the next `convoke send` goes on",
                    );
                }
                Self::Theirs { who } => who,
            };
            if !told {
                tell(json, format_args!("Delivered by: {who}."));
                told = true;
            }
            if let Some(ended) = watch.look(store, campaign, clock.now()).await? {
                return Ok(ended);
            }
            if rest(LOOK, &stop).await {
                return Ok(Ended::Stopped);
            }
            self = Self::of(config)?;
        }
    }
}

async fn drain(store: &Store, clock: Clock, sender: Sender, connections: u32, stop: CancellationToken, json: bool) -> store::Result<Ended> {
    let doubtful = send::recover(store, clock.now()).await?;
    if doubtful > 0 {
        anstream::eprintln!(
            "warning: a program was stopped in the middle of {}: uncertain now, see `convoke outbox`",
            counted(doubtful, "letter")
        );
    }
    let watch = tokio::spawn(tell_standstill(sender.clone(), clock, json));
    let ended = deliver::drain(sender.clone(), store.clone(), clock, connections, stop).await;
    watch.abort();
    if ended.is_err() {
        tell_unsaved(store, &sender).await;
    }
    let ended = ended?;
    if ended == Ended::Stopped {
        // A step that did not end in time was dropped with its letter. What troubles the relay stays written down.
        store.write(move |conn| outbox::recover(conn, clock.now())).await?;
    }
    Ok(ended)
}

/// Says why nothing moves, each reason once, where it lasts: what ends the sending at once is told when it has ended.
async fn tell_standstill(sender: Sender, clock: Clock, json: bool) {
    let mut standstill = Standstill::default();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let why = why_nothing_moves(&sender, clock.now());
        if let Some(words) = standstill.second(why, sender.has_knocked() && !sender.has_stood()) {
            tell(json, words);
        }
    }
}

fn why_nothing_moves(sender: &Sender, now: Timestamp) -> Option<String> {
    if let Some(error) = sender.refused() {
        return Some(format!(
            "The database cannot be written, and is tried again for a minute ({error}): look at the disk, and make room where it is full. What the relay said last is only in this program until then: do not end it."
        ));
    }
    match sender.trouble() {
        Some(trouble) => Some(format!("The relay has trouble, and is tried again: {}", trouble.why)),
        None => sender.held().and_then(|held| waits(held, now)),
    }
}

/// Until when a limit or the rate holds letters back, where that is worth a word, and which one.
fn waits(held: Held, now: Timestamp) -> Option<String> {
    let Held { by, until } = held;
    if until.duration_since(now) <= PAUSE {
        return None;
    }
    let by = match by {
        Brake::Rate => "`rate` of the configuration lets the next letter go then".to_owned(),
        Brake::Limit(limit) => {
            let per = match limit.per.as_secs() {
                1 => "a second".to_owned(),
                60 => "a minute".to_owned(),
                3_600 => "an hour".to_owned(),
                86_400 => "a day".to_owned(),
                seconds => format!("in {seconds} s"),
            };
            format!("`limits` of the configuration, or its `provider`, allow {} {per}", counted(limit.letters, "letter"))
        }
    };
    // Rounded up: at that second there is room.
    let second = until.saturating_add(SignedDuration::from_millis(999)).unwrap_or(until).strftime("%Y-%m-%d %H:%M:%S UTC");
    Some(format!("Waiting until {second}: {by}."))
}

/// Tells what the relay said of letters where that could not be saved: who rules on them later need not guess.
async fn tell_unsaved(store: &Store, sender: &Sender) {
    let unsaved = sender.unsaved();
    let held = store.read(|conn| outbox::in_states(conn, &["sending"], HANDS)).await;
    let whose = held.ok().map(|held| held.into_iter().map(|letter| (letter.letter, letter.email)).collect::<BTreeMap<_, _>>());
    let known = unsaved.into_iter().filter_map(|(letter, heard)| match &whose {
        // What is not held on the disk is not in doubt either.
        Some(whose) => Some((whose.get(&letter)?.clone(), heard)),
        None => Some((format!("letter {letter}"), heard)),
    });
    unsaved_words(&known.collect::<Vec<_>>()).into_iter().for_each(complain);
}

fn unsaved_words(letters: &[(String, &'static str)]) -> Vec<String> {
    if letters.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!("The relay has answered for {}, and the database could not save it:", counted(letters.len(), "letter"))];
    lines.extend(letters.iter().take(NAMED).map(|(whose, heard)| format!("  {heard} {whose}")));
    if letters.len() > NAMED {
        lines.push(format!("  … and {} more", letters.len() - NAMED));
    }
    lines.push(
        "The next `convoke send` finds them uncertain, and sends none of them again by itself. Then `convoke outbox confirm EMAIL` counts as sent what was accepted, and `convoke outbox resend EMAIL` sends what was not.".to_owned(),
    );
    lines
}

/// Why nothing moves, as it was in the last second, and what was told of it.
#[derive(Default)]
struct Standstill {
    last: Option<String>,
    told: Option<String>,
    /// For so many seconds the relay was asked for a connection, and none has stood.
    outside: u64,
}

impl Standstill {
    /// What is to be told after one more second with this reason; `outside`: a connection was asked for, and none has stood yet.
    fn second(&mut self, why: Option<String>, outside: bool) -> Option<String> {
        let lasts = why.is_some() && why == self.last && why != self.told;
        self.outside += u64::from(outside && why.is_none());
        let words = if lasts {
            self.told.clone_from(&why);
            why.clone()
        } else {
            let waits = outside && why.is_none() && self.outside == SLOW;
            waits.then(|| "The relay has not let us in yet; it may take its time.".to_owned())
        };
        self.last = why;
        words
    }
}

/// What is remembered from one look at another process's work to the next.
#[derive(Default)]
struct Watch {
    /// The letters of all campaigns that are queued, and since when there are so many.
    queued: Option<(u64, Timestamp)>,
}

impl Watch {
    /// How the campaign stands; None while its letters leave within a minute, or others leave before them.
    async fn look(&mut self, store: &Store, campaign: i64, now: Timestamp) -> store::Result<Option<Ended>> {
        let look = move |conn: &Connection| {
            let all: Vec<i64> = campaigns::all(conn)?.into_iter().map(|known| known.id).collect();
            let rests = campaigns::hours(conn)?.iter().any(|(id, hours)| *id == campaign && hours.rest_until(now).is_some());
            let closed: Vec<i64> = all.iter().copied().filter(|id| *id != campaign || rests).collect();
            let mut queued = 0;
            for id in all {
                queued += views::in_state(conn, id, "queued")?;
            }
            let held = views::in_state(conn, campaign, "sending")? > 0;
            Ok((outbox::next_due_beside(conn, &closed, now)?, notes::get(conn, Side::Relay)?, held, queued))
        };
        let (due, trouble, held, queued) = store.read(look).await?;
        let far = |until: Timestamp| until.duration_since(now) > deliver::SOON;
        if let Some(trouble) = trouble
            && (trouble.permanent || far(trouble.until()))
        {
            return Ok(Some(Ended::Trouble(trouble)));
        }
        if held {
            // A letter on its way is no standstill, however long it takes.
            self.queued = None;
            return Ok(None);
        }
        Ok((due.is_none_or(far) || self.is_stuck(queued, now)).then_some(Ended::Quiet))
    }

    /// Whether no letter has left the queue for a minute: the other process waits for its limits or its rate, of which nothing
    /// stands in the database.
    fn is_stuck(&mut self, queued: u64, now: Timestamp) -> bool {
        match self.queued {
            Some((before, since)) if before == queued && since <= now => now.duration_since(since) > deliver::SOON,
            _ => {
                self.queued = Some((queued, now));
                false
            }
        }
    }
}

/// Cancelled by Ctrl-C, by SIGTERM, and when the terminal is closed (but not under `nohup`).
pub fn when_asked() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) };
    let asked = stop.clone();
    tokio::spawn(async move {
        let closed = async {
            match &mut hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {}, () = closed => {} }
        asked.cancel();
    });
    Ok(stop)
}

/// Whether this process was started so that it outlives its terminal; to listen for the signal would undo that.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Limit;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_relay_is_named_only_where_it_was_asked_to_let_us_in() {
        let mut resting = Standstill::default();
        assert!((0..100).all(|_| resting.second(None, false).is_none()), "a limit is used up: nobody has asked the relay");
        let told: Vec<u64> = (1..=30).filter(|_| resting.second(None, true).is_some()).collect();
        assert_eq!(told, [SLOW], "once, and not before it has taken its time");
        let mut troubled = Standstill::default();
        let why = || Some("it is down".to_owned());
        assert_eq!(troubled.second(why(), true), None);
        assert_eq!(troubled.second(why(), true).as_deref(), Some("it is down"));
        assert!((0..30).all(|_| troubled.second(why(), true).is_none()), "once");
    }

    #[test]
    fn a_limit_that_holds_letters_back_is_named_and_until_when() {
        let until = Timestamp::from_millisecond(60_001).unwrap();
        let limit = |letters, seconds| Brake::Limit(Limit { letters, per: SignedDuration::from_secs(seconds) });
        for (by, words) in [
            (Brake::Rate, "`rate` of the configuration lets the next letter go then."),
            (limit(25, 60), "`limits` of the configuration, or its `provider`, allow 25 letters a minute."),
            (limit(1, 86_400), "`limits` of the configuration, or its `provider`, allow 1 letter a day."),
        ] {
            let held = Held { by, until };
            assert_eq!(waits(held, at(0)), Some(format!("Waiting until 1970-01-01 00:01:01 UTC: {words}")));
            assert_eq!((waits(held, at(51)), waits(held, at(1_000))), (None, None), "too short for a word, and over");
        }
    }

    #[test]
    fn what_could_not_be_saved_is_told_by_address() {
        assert!(unsaved_words(&[]).is_empty());
        let told = unsaved_words(&[("ana@guests.example".to_owned(), "accepted"), ("ben@guests.example".to_owned(), "refused")]);
        let first = ["The relay has answered for 2 letters, and the database could not save it:", "  accepted ana@guests.example"];
        assert_eq!(told[..2], first);
        assert_eq!((told.len(), told[2].as_str()), (4, "  refused ben@guests.example"));
        assert!(told[3].contains("`convoke outbox confirm EMAIL`") && told[3].contains("`convoke outbox resend EMAIL`"), "{}", told[3]);
        let many = unsaved_words(&vec![("ana@guests.example".to_owned(), "accepted"); NAMED + 3]);
        assert_eq!((many.len(), many[NAMED + 1].as_str()), (NAMED + 3, "  … and 3 more"));
    }

    #[test]
    fn a_queue_that_does_not_move_for_a_minute_is_stuck() {
        let mut watch = Watch::default();
        assert!(!watch.is_stuck(3, at(0)) && !watch.is_stuck(3, at(60)) && watch.is_stuck(3, at(61)));
        assert!(!watch.is_stuck(2, at(61)) && !watch.is_stuck(3, at(62)) && !watch.is_stuck(3, at(120)) && watch.is_stuck(3, at(123)));
        assert!(!watch.is_stuck(3, at(10)), "the clock was set back");
        assert!(watch.is_stuck(3, at(71)));
    }

    #[tokio::test]
    async fn another_campaign_and_a_full_limit_hold_no_send_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let campaign = |name: &str| {
            format!(
                r#"{{"name":"{name}","language":"en","calendar":"never","deadline":null,"hours":null,"event":{{"title":{{"en":"t"}},"start":"2099-01-01T10:00:00+00:00[UTC]","end":"2099-01-01T11:00:00+00:00[UTC]","place":{{}},"link":null}}}}"#
            )
        };
        let rows = format!(
            "INSERT INTO campaign (id, name, definition, created) VALUES (1, 'ours', '{}', 0), (2, 'other', '{}', 0);
             INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, 'a', 'a', '', 'a', '', 'en', '{{}}', 0, 0), (2, 2, 'b', 'b', '', 'b', '', 'en', '{{}}', 0, 0);
             INSERT INTO letter (id, invitation, campaign, kind, number, message_id, mail_from, rcpt_to, created, state, due, at) VALUES
                (1, 1, 1, 'invitation', 1, '1', 'd', 'a', 0, 'sent', 0, 0), (2, 2, 2, 'invitation', 1, '2', 'd', 'b', 0, 'queued', 0, 0);",
            campaign("ours"),
            campaign("other")
        );
        store.write(move |conn| Ok(conn.execute_batch(&rows)?)).await.unwrap();
        let mut watch = Watch::default();
        assert_eq!(watch.look(&store, 1, at(10)).await.unwrap(), Some(Ended::Quiet), "of ours nothing waits");
        let mut watch = Watch::default();
        assert_eq!(watch.look(&store, 2, at(10)).await.unwrap(), None);
        assert_eq!(watch.look(&store, 2, at(70)).await.unwrap(), None);
        assert_eq!(watch.look(&store, 2, at(71)).await.unwrap(), Some(Ended::Quiet), "its letter may not leave: a limit is used up");
    }
}
