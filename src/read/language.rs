//! The language of what was typed.
//!
//! Small words decide first: they are quicker than trigrams, and surer in the two or three sentences of a reply.

use super::words::{fold, list};
use crate::model::Lang;
use std::{collections::HashMap, sync::LazyLock};

/// So much of a text is looked at.
const MAX_CHARS: usize = 1_000;

struct SmallWords {
    codes: Vec<&'static str>,
    /// Word to the places of its languages in `codes`.
    places: HashMap<String, Vec<usize>>,
}

static SMALL: LazyLock<SmallWords> = LazyLock::new(|| {
    let mut small = SmallWords { codes: Vec::new(), places: HashMap::new() };
    for line in list(include_str!("words/language.txt")) {
        let mut words = line.split_whitespace();
        let Some(code) = words.next() else { continue };
        small.codes.push(code);
        let place = small.codes.len() - 1;
        for word in words {
            let places = small.places.entry(fold(word).into_owned()).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    small
});

/// The language whose small words stand in the text clearly more often than any other's.
fn by_small_words(text: &str) -> Option<&'static str> {
    let folded = fold(text);
    // A word of one language counts 12, of two 6, and so on.
    let mut scores = vec![0usize; SMALL.codes.len()];
    for word in folded.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()) {
        let Some(places) = SMALL.places.get(word) else { continue };
        for place in places {
            if let Some(score) = scores.get_mut(*place) {
                *score += 12 / places.len().min(12);
            }
        }
    }
    let (best, score) = scores.iter().enumerate().max_by_key(|(_, score)| **score)?;
    let second = scores.iter().enumerate().filter(|(place, _)| *place != best).map(|(_, score)| *score).max().unwrap_or(0);
    (*score >= 24 && *score * 2 >= second * 3 || *score >= 12 && *score >= second * 2).then(|| SMALL.codes.get(best).copied()).flatten()
}

/// Fewer letters are too few to tell a language by.
const MIN_LETTERS: usize = 20;

/// The language of a text that is long enough, of those spoken in Europe.
pub(super) fn of(text: &str) -> Option<Lang> {
    use whatlang::Lang as W;
    const KNOWN: [(W, &str); 31] = [
        (W::Eng, "en"),
        (W::Ron, "ro"),
        (W::Deu, "de"),
        (W::Fra, "fr"),
        (W::Ita, "it"),
        (W::Spa, "es"),
        (W::Por, "pt"),
        (W::Nld, "nl"),
        (W::Dan, "da"),
        (W::Nob, "no"),
        (W::Swe, "sv"),
        (W::Fin, "fi"),
        (W::Est, "et"),
        (W::Lav, "lv"),
        (W::Lit, "lt"),
        (W::Pol, "pl"),
        (W::Ces, "cs"),
        (W::Slk, "sk"),
        (W::Slv, "sl"),
        (W::Hrv, "hr"),
        (W::Srp, "sr"),
        (W::Hun, "hu"),
        (W::Ell, "el"),
        (W::Bul, "bg"),
        (W::Rus, "ru"),
        (W::Ukr, "uk"),
        (W::Tur, "tr"),
        (W::Cat, "ca"),
        (W::Mkd, "mk"),
        (W::Bel, "be"),
        (W::Kat, "ka"),
    ];
    static DETECTOR: std::sync::LazyLock<whatlang::Detector> =
        std::sync::LazyLock::new(|| whatlang::Detector::with_allowlist(KNOWN.iter().map(|(lang, _)| *lang).collect()));
    if text.chars().filter(|c| c.is_alphabetic()).take(MIN_LETTERS).count() < MIN_LETTERS {
        return None;
    }
    let head: String = text.chars().take(MAX_CHARS).collect();
    if let Some(code) = by_small_words(&head) {
        return Lang::parse(code);
    }
    let found = DETECTOR.detect_lang(&head)?;
    KNOWN.iter().find(|(lang, _)| *lang == found).and_then(|(_, code)| Lang::parse(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_replies_are_told_apart() {
        for (text, code) in [
            ("Hvala za povabilo, vendar moram žal odpovedati, ne bom prišel.", "sl"),
            ("Nažalost neću moći doći, hvala na pozivu.", "hr"),
            ("Пока не знаю, но спасибо, отвечу в пятницу.", "ru"),
            ("Multumesc pentru invitatie, dar nu pot sa particip.", "ro"),
            ("Ačiū, bet deja negaliu dalyvauti.", "lt"),
            ("Kiitos kutsusta, mutta valitettavasti en pääse.", "fi"),
        ] {
            assert_eq!(of(text).as_ref().map(Lang::as_str), Some(code), "{text}");
        }
        assert_eq!(of("Da."), None);
    }
}
