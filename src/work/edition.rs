//! Editions at work: templates parsed once for many letters, and what differs between two editions, in words.

use crate::{
    compose::{Flaw, Press, Templates},
    model::{Campaign, Event, Guest, Letter, Localised, Sender, Stamp},
    store::{
        self, Error, Store,
        editions::{self, Content, Written},
    },
};
use std::sync::{Arc, Mutex, PoisonError};

/// How many editions are held parsed at a time.
const HELD: usize = 8;

/// An edition, ready to write letters.
pub struct Set {
    pub templates: Arc<Templates>,
    pub campaign: Campaign,
    pub sender: Sender,
    /// One for all threads: a shape is learned once, and a letter of it holds the lock for microseconds.
    press: Mutex<Press>,
}

impl Set {
    pub fn new(templates: Arc<Templates>, campaign: Campaign, sender: Sender) -> Self {
        let press = Mutex::new(Press::new(templates.clone(), campaign.clone(), sender.clone()));
        Self { templates, campaign, sender, press }
    }

    pub fn of(content: &Content) -> Result<Self, Vec<Flaw>> {
        let templates = Templates::parse("the templates kept with the campaign", &content.files)?;
        Ok(Self::new(Arc::new(templates), content.campaign.clone(), content.sender.clone()))
    }

    /// The same guest and stamp give the same bytes.
    pub fn letter(&self, guest: &Guest, stamp: &Stamp) -> Result<Letter, Vec<Flaw>> {
        self.press.lock().unwrap_or_else(PoisonError::into_inner).letter(guest, stamp)
    }
}

/// What to keep: only what enters letters. Sending hours do not, nor does a deadline that no template names: they may change
/// at any time.
pub fn content(templates: &Templates, campaign: &Campaign, sender: &Sender) -> Content {
    let mut files = templates.files().clone();
    files.retain(|name, _| !name.eq_ignore_ascii_case("readme.md"));
    let mut campaign = campaign.clone();
    campaign.hours = None;
    if !templates.uses("deadline") {
        campaign.deadline = None;
    }
    Content { files, campaign, sender: sender.clone() }
}

/// A set for many letters; where it cannot be read, the words for it.
type Parsed = Result<Arc<Set>, String>;

/// Parsed editions of one store, the last few of them.
#[derive(Clone, Default)]
pub struct Editions {
    /// The one used last at the end.
    held: Arc<Mutex<Vec<(i64, Parsed)>>>,
}

impl Editions {
    fn held(&self, id: i64) -> Option<Parsed> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let at = held.iter().position(|(held, _)| *held == id)?;
        let found = held.remove(at);
        let set = found.1.clone();
        held.push(found);
        Some(set)
    }

    /// An edition by its id; where it cannot be read, why: that fails its letters and no others.
    pub async fn get(&self, store: &Store, id: i64) -> store::Result<Parsed> {
        if let Some(set) = self.held(id) {
            return Ok(set);
        }
        let set = match store.read(move |conn| editions::edition(conn, id)).await {
            Ok(edition) => Set::of(&edition.content).map(Arc::new).map_err(|flaws| told(&flaws)),
            Err(Error::Unreadable(why)) => Err(format!("its templates cannot be read in the database: {why}")),
            Err(error) => return Err(error),
        };
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= HELD {
            drop(held.remove(0));
        }
        held.push((id, set.clone()));
        Ok(set)
    }

    /// What the guest reads in each letter; one that cannot be written again is left out.
    pub async fn texts(&self, store: &Store, letters: Vec<Written>) -> store::Result<Vec<String>> {
        let mut texts = Vec::with_capacity(letters.len());
        for letter in letters {
            match letter {
                Written::Kept(text) => texts.push(text),
                Written::Draft(draft) => {
                    if let Ok(set) = self.get(store, draft.edition).await?
                        && let Ok(letter) = set.letter(&draft.guest, &draft.stamp)
                    {
                        texts.push(letter.text);
                    }
                }
            }
        }
        Ok(texts)
    }
}

/// The first flaws in one line.
pub fn told(flaws: &[Flaw]) -> String {
    flaws.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What differs between a kept edition and what lies on the disk now, a few words each; empty where letters would be the same.
pub fn differences(kept: &Content, now: &Content) -> Vec<String> {
    let mut words = Vec::new();
    for (name, text) in &now.files {
        match kept.files.get(name) {
            None => words.push(format!("{name} is new")),
            Some(before) if before != text => words.push(format!("{name} was changed")),
            Some(_) => {}
        }
    }
    words.extend(kept.files.keys().filter(|name| !now.files.contains_key(*name)).map(|name| format!("{name} is gone")));
    let mut differ = |what: &str, before: String, after: String| {
        if before != after {
            words.push(format!("{what} was {before} and is now {after}"));
        }
    };
    let (before, after) = (&kept.campaign, &now.campaign);
    differ("the language", before.language.to_string(), after.language.to_string());
    let day = |campaign: &Campaign| campaign.deadline.map_or_else(|| "none".to_owned(), |day| day.to_string());
    differ("the deadline", day(before), day(after));
    differ("calendar", policy(before), policy(after));
    for ((what, before), (_, after)) in event(&before.event).into_iter().zip(event(&after.event)) {
        differ(what, before, after);
    }
    for ((what, before), (_, after)) in sender(&kept.sender).into_iter().zip(sender(&now.sender)) {
        differ(what, before, after);
    }
    words
}

fn policy(campaign: &Campaign) -> String {
    serde_json::to_value(campaign.calendar).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

fn event(event: &Event) -> [(&'static str, String); 5] {
    [
        ("the event's title", localised(&event.title)),
        ("the event's start", event.start.to_string()),
        ("the event's end", event.end.to_string()),
        ("the event's place", event.place.as_ref().map_or_else(|| "none".to_owned(), localised)),
        ("the event's link", event.link.clone().unwrap_or_else(|| "none".to_owned())),
    ]
}

fn localised(text: &Localised) -> String {
    match text {
        Localised::One(text) => format!("{text:?}"),
        Localised::ByLang(map) => map.iter().map(|(lang, text)| format!("{lang}: {text:?}")).collect::<Vec<_>>().join(", "),
    }
}

fn sender(sender: &Sender) -> [(&'static str, String); 5] {
    [
        ("the sender's name", format!("{:?}", sender.name)),
        ("from", sender.from.to_string()),
        ("reply_to", sender.reply_to.to_string()),
        ("bounce_to", sender.bounce_to.to_string()),
        ("plus_addressing", sender.plus_addressing.to_string()),
    ]
}
