//! What people are invited to, by whom, and how.

use super::{Address, Hours, Lang};
use jiff::{Zoned, civil::Date};
use std::collections::BTreeMap;

/// A text that may differ by language.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum Localised {
    One(String),
    ByLang(BTreeMap<Lang, String>),
}

impl Localised {
    /// The text in `lang` or its kin, else in `fallback`, else in English, else any.
    pub fn get(&self, lang: &Lang, fallback: &Lang) -> &str {
        match self {
            Self::One(text) => text,
            Self::ByLang(map) => choice(map, lang, fallback).map_or("", |(_, text)| text),
        }
    }

    /// The language of the text that [`get`](Self::get) gives; None where one text is for all.
    pub fn language(&self, lang: &Lang, fallback: &Lang) -> Option<&Lang> {
        match self {
            Self::One(_) => None,
            Self::ByLang(map) => choice(map, lang, fallback).map(|(lang, _)| lang),
        }
    }
}

fn choice<'m>(map: &'m BTreeMap<Lang, String>, lang: &Lang, fallback: &Lang) -> Option<(&'m Lang, &'m String)> {
    let of = |lang: &Lang| map.get_key_value(lang).or_else(|| lang.kin().find_map(|kin| map.get_key_value(&kin)));
    let english = || map.iter().find(|(lang, _)| lang.as_str() == "en");
    of(lang).or_else(|| of(fallback)).or_else(english).or_else(|| map.iter().next())
}

/// What people are invited to.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Event {
    pub title: Localised,
    /// With its zone; a local time that the zone skips or repeats was refused by `config`.
    pub start: Zoned,
    pub end: Zoned,
    pub place: Option<Localised>,
    pub link: Option<String>,
}

/// Whether letters carry a calendar REQUEST.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalendarPolicy {
    Never,
    WithInvitation,
}

/// The inviting to one event.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Campaign {
    /// Unique in one database.
    pub name: String,
    /// For a guest without a language, or whose language has no template.
    pub language: Lang,
    /// The last day for an answer, in the event's zone.
    pub deadline: Option<Date>,
    pub calendar: CalendarPolicy,
    pub event: Event,
    /// None: letters leave at all hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

/// Who writes: `[sender]` of `convoke.toml`.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Sender {
    /// The display name of From; may be empty.
    pub name: String,
    pub from: Address,
    /// Where answers go; `from` where the file does not say.
    pub reply_to: Address,
    /// The envelope sender; `reply_to` where the file does not say.
    pub bounce_to: Address,
    /// True: `reply_to` and `bounce_to` carry `+TOKEN`, and the subject does not.
    pub plus_addressing: bool,
}
