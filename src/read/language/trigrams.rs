//! The language whose letters and trigrams a text in Latin letters is likest to: what whatlang says of it, with the
//! tables turned around. Its few trigrams are looked up, not the thousands of all languages.

use crate::read::words::{Meanings, list};
use std::sync::LazyLock;

/// So many trigrams stand in the profile of a language; one that is not there is so far away.
const PROFILE: usize = 300;
/// No more trigrams of a text are compared, the commonest first.
const MAX_TRIGRAMS: usize = 600;

struct Profiles {
    codes: Vec<&'static str>,
    /// For each letter beside a to z the languages that have it, one bit each.
    letters: Meanings<char, u32>,
    /// For each trigram the languages whose profile has it, and its place there.
    trigrams: Meanings<u64, Vec<(usize, usize)>>,
}

static PROFILES: LazyLock<Profiles> = LazyLock::new(|| {
    let mut profiles = Profiles { codes: Vec::new(), letters: Meanings::default(), trigrams: Meanings::default() };
    for (language, line) in list(include_str!("../words/trigrams.txt")).enumerate() {
        let mut words = line.split(' ');
        profiles.codes.extend(words.next());
        for letter in words.next().unwrap_or_default().chars() {
            *profiles.letters.entry(letter).or_default() |= 1 << language;
        }
        for (place, trigram) in words.enumerate() {
            let key = trigram.chars().fold(0, |key, c| with(key, if c == '_' { ' ' } else { c }));
            profiles.trigrams.entry(key).or_default().push((language, place));
        }
    }
    profiles
});

/// The last three characters as one number that sorts as they do.
fn with(key: u64, c: char) -> u64 {
    (key << 21 | u64::from(c)) & (1 << 63) - 1
}

/// The likest of the languages that are `wanted`, by their codes.
pub(super) fn likest(text: &str, wanted: impl Fn(&str) -> bool) -> Option<&'static str> {
    let profiles = &*PROFILES;
    let wanted: Vec<(usize, &'static str)> = profiles.codes.iter().copied().enumerate().filter(|(_, code)| wanted(code)).collect();
    if let [(_, one)] = wanted.as_slice() {
        return Some(one);
    }
    let text: String = text.to_lowercase().chars().map(|c| if is_letter(c) { c } else { ' ' }).collect();
    let (letters, all) = letters(profiles, &text);
    let (distances, count) = distances(profiles, &text);
    // The fewer the letters, the more weighs the alphabet.
    let weight = (-(all as f64 / 300.0) + 2.0 / 3.0).clamp(1.0 / 3.0, 2.0 / 3.0);
    let most = count * PROFILE;
    let likeness = |language: usize| {
        let own = letters.get(language).copied().unwrap_or_default();
        let distance = distances.get(language).copied().unwrap_or_default();
        let near = most.saturating_sub(usize::try_from(distance).unwrap_or_default());
        (2 * own).saturating_sub(all) as f64 / all as f64 * weight + near as f64 / most as f64 * (1.0 - weight)
    };
    let mut best = (0.0, None);
    for (language, code) in wanted {
        let likeness = likeness(language);
        if likeness > best.0 {
            best = (likeness, Some(code));
        }
    }
    best.1
}

fn is_letter(c: char) -> bool {
    c.is_ascii_lowercase() || c > '\u{7E}'
}

/// How many of its letters each alphabet has, and how many there are.
fn letters(profiles: &Profiles, text: &str) -> (Vec<usize>, usize) {
    let (mut all, mut common) = (0, 0);
    let mut own = vec![0; profiles.codes.len()];
    for c in text.chars().filter(|c| *c != ' ') {
        all += 1;
        if c.is_ascii() {
            common += 1;
        } else if let Some(bits) = profiles.letters.get(&c) {
            own.iter_mut().enumerate().filter(|(language, _)| bits & 1 << language != 0).for_each(|(_, own)| *own += 1);
        }
    }
    own.iter_mut().for_each(|own| *own += common);
    (own, all)
}

/// How far its trigrams are from those of each language, and how many there are.
fn distances(profiles: &Profiles, text: &str) -> (Vec<i64>, usize) {
    let trigrams = commonest(text);
    // What a profile has beside as many trigrams as the text has counts for none.
    let far = PROFILE as i64;
    let mut distances = vec![far * far - (far - trigrams.len() as i64).max(0) * far; profiles.codes.len()];
    for (place, trigram) in trigrams.iter().enumerate() {
        for (language, other) in profiles.trigrams.get(trigram).into_iter().flatten() {
            if let Some(distance) = distances.get_mut(*language) {
                *distance += place.abs_diff(*other) as i64 - far;
            }
        }
    }
    (distances, trigrams.len())
}

/// The trigrams of a text, the commonest first.
fn commonest(text: &str) -> Vec<u64> {
    let mut all = Vec::with_capacity(text.len() + 1);
    let mut key = with(0, ' ');
    for (at, c) in text.chars().chain([' ']).enumerate() {
        key = with(key, c);
        let [first, second] = [key >> 42, key >> 21 & (1 << 21) - 1].map(|c| c == u64::from(' '));
        if at > 0 && !(second && (first || c == ' ')) {
            all.push(key);
        }
    }
    all.sort_unstable();
    let mut counted: Vec<(usize, u64)> = all.chunk_by(|a, b| a == b).filter_map(|run| Some((run.len(), *run.first()?))).collect();
    counted.sort_unstable_by(|a, b| b.cmp(a));
    counted.into_iter().take(MAX_TRIGRAMS).map(|(_, key)| key).collect()
}

#[cfg(test)]
mod tests {
    use super::super::KNOWN;
    use super::*;

    #[test]
    fn it_is_what_whatlang_says() {
        let detector = whatlang::Detector::with_allowlist(KNOWN.iter().map(|(lang, _)| *lang).collect());
        let mut seen = 0;
        for text in [include_str!("../words/function.txt"), include_str!("../words/notices.txt"), include_str!("../words/bounce.txt")] {
            for line in list(text) {
                let words: Vec<&str> = line.split([' ', ':']).collect();
                let pieces = words.chunks(5).map(|piece| piece.join(" ")).chain([line.to_owned()]);
                for text in pieces.filter(|text| whatlang::detect_script(text) == Some(whatlang::Script::Latin)) {
                    let known = detector.detect_lang(&text).and_then(super::super::code_of);
                    assert_eq!(likest(&text, |_| true), known, "{text}");
                    seen += 1;
                }
            }
        }
        assert!(seen > 1_000, "{seen}");
    }
}
