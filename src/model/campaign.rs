//! What people are invited to, by whom, and how.

use super::{
    Address, Hours, Lang,
    names::{fold_letters, plain},
};
use jiff::{Zoned, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

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

    /// The text in each of its languages.
    pub fn variants(&self) -> impl Iterator<Item = &str> {
        let (one, by_lang) = match self {
            Self::One(text) => (Some(text), None),
            Self::ByLang(texts) => (None, Some(texts)),
        };
        one.into_iter().chain(by_lang.into_iter().flat_map(|texts| texts.values())).map(String::as_str)
    }

    /// The language of the text that [`get`](Self::get) gives; None where one text is for all.
    pub fn language(&self, lang: &Lang, fallback: &Lang) -> Option<&Lang> {
        match self {
            Self::One(_) => None,
            Self::ByLang(map) => choice(map, lang, fallback).map(|(lang, _)| lang),
        }
    }
}

/// How much of a place is compared, in characters.
const LONGEST_PLACE: usize = 2_000;

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

impl Event {
    /// Whether it begins at another time. Its end is not asked: whoever comes, comes to its start.
    pub fn is_at_another_time(&self, than: &Self) -> bool {
        self.start.timestamp() != than.start.timestamp()
    }

    /// Whether it is at another place, in whatever language that is told. Where either tells none, nothing contradicts the other.
    pub fn is_at_another_place(&self, than: &Self) -> bool {
        let (Some(now), Some(before)) = (&self.place, &than.place) else { return false };
        let mut pairs = now.variants().flat_map(|now| before.variants().map(move |before| (now, before))).peekable();
        pairs.peek().is_some() && !pairs.any(|(now, before)| may_be_one_place(now, before))
    }
}

/// A place that is told with more or fewer words ("Town hall", "Town hall, room 2"), or with other capitals, is the same.
fn may_be_one_place(one: &str, other: &str) -> bool {
    let words = |place: &str| -> BTreeSet<String> {
        let place = fold_letters(&plain(place, LONGEST_PLACE));
        place.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let (one, other) = (words(one), words(other));
    one.is_subset(&other) || other.is_subset(&one)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_told_otherwise_is_no_other_place() {
        let one = |place: &str| Some(Localised::One(place.to_owned()));
        let lang = |code: &str| Lang::parse(code).expect("a code");
        let by_lang = |places: &[(&str, &str)]| {
            Some(Localised::ByLang(places.iter().map(|(code, place)| (lang(code), (*place).to_owned())).collect()))
        };
        let event = |place: Option<Localised>| Event {
            title: Localised::One("Gala".into()),
            start: "2026-12-10T13:15[Europe/Bucharest]".parse().expect("a moment"),
            end: "2026-12-10T15:30[Europe/Bucharest]".parse().expect("a moment"),
            place,
            link: None,
        };
        for (before, now, moved) in [
            (one("Zoom"), one("Zoom"), false),
            (one("Zoom"), one("Primăria Iași"), true),
            (one("Primăria Iași"), one("primaria  Iasi, sala 2"), false),
            (one("Primăria Iași, sala 1"), one("Primăria Iași, sala 2"), true),
            (None, one("Zoom"), false),
            (one("Zoom"), None, false),
            (one("Zoom"), by_lang(&[("ro", "Zoom"), ("en", "Zoom")]), false),
            (one("Primăria Iași"), by_lang(&[("ro", "Primăria Iași"), ("en", "Iași town hall")]), false),
            (by_lang(&[("ro", "Primăria"), ("en", "Town hall")]), by_lang(&[("ro", "Teatrul"), ("en", "Theatre")]), true),
            (one("Zoom"), by_lang(&[]), false),
            (one("市政厅"), one("剧院"), true),
        ] {
            assert_eq!(event(now.clone()).is_at_another_place(&event(before.clone())), moved, "{before:?} {now:?}");
        }
    }
}
