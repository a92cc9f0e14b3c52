//! The language of a text: by its commonest words where they are plain, else by whatlang where it does not merely guess.
//!
//! A handful of letters tells whatlang little, and asking it takes longer than all other reading of a short mail. To tell none is
//! better than to tell a wrong one: it is shown, and its rules for numbers of people are asked.

use crate::model::{
    Lang,
    names::{fold_letters, plain},
};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};
use whatlang::Lang as W;

/// Fewer letters are too few to tell a language by.
const MIN_LETTERS: usize = 20;
/// So many tell more of a text's language than what is known of who wrote it.
const LETTERS_THAT_TELL: usize = 200;
/// Where whatlang gives its guess less than this, it was right in 66 replies of `training/corpus/calibrate` and wrong in 165.
const A_GUESS: f64 = 0.2;
/// So many words are counted.
const MAX_WORDS: usize = 120;
/// So many more common words than any other language has make it plain.
const MARGIN: u16 = 3;

/// Those spoken in Europe that whatlang tells, without Welsh. The judge was taught nine more (bs cy eu ga gl is lb mt sq): a text in
/// one of these is of no language, or is taken for a neighbour's.
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

/// For each word the languages that have it, one bit each in the order of [`KNOWN`].
static COMMON: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    let mut common = HashMap::new();
    for (code, words) in
        include_str!("words/function.txt").lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(':'))
    {
        let Some(place) = KNOWN.iter().position(|(_, known)| *known == code) else { continue };
        for word in words.split_whitespace() {
            *common.entry(word).or_default() |= 1 << place;
        }
    }
    common
});

static DETECTOR: LazyLock<whatlang::Detector> =
    LazyLock::new(|| whatlang::Detector::with_allowlist(KNOWN.iter().map(|(lang, _)| *lang).collect()));

/// The language of a text that is long enough, of those that are known; None where it would be a mere guess.
pub(super) fn of(text: &str) -> Option<Lang> {
    if !has_letters(text, MIN_LETTERS) {
        return None;
    }
    let head = || text.char_indices().nth(2_000).and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    let code = match by_words(text) {
        Words::Plain(code) => Some(code),
        // Croatian or Serbian, Danish or Norwegian: only those are weighed, which is quicker and seldomer wrong.
        Words::Among(languages) => whatlang::Detector::with_allowlist(languages).detect_lang(head()).and_then(code_of),
        Words::Few => DETECTOR.detect(head()).filter(|guess| guess.confidence() >= A_GUESS).and_then(|guess| code_of(guess.lang())),
    };
    Lang::parse(code?)
}

/// The language of a text by somebody whose language is said to be `expected`: a short one is of another only where its words
/// make that plain.
pub(super) fn of_one_who_speaks(text: &str, expected: &Lang) -> Lang {
    let is_expected = |language: &W| code_of(*language) == Some(expected.as_str());
    let stays = match by_words(text) {
        Words::Plain(_) => false,
        Words::Among(languages) => languages.iter().any(is_expected),
        Words::Few => !has_letters(text, LETTERS_THAT_TELL),
    };
    if stays { expected.clone() } else { of(text).unwrap_or_else(|| expected.clone()) }
}

fn has_letters(text: &str, count: usize) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).take(count).count() == count
}

/// Whether a word in lower case is among the commonest of some language, with its accents or without them.
pub(super) fn is_common(word: &str) -> bool {
    static PLAIN: LazyLock<HashSet<String>> = LazyLock::new(|| COMMON.keys().map(|word| fold_letters(&plain(word, word.len()))).collect());
    COMMON.contains_key(word) || PLAIN.contains(word)
}

fn code_of(found: W) -> Option<&'static str> {
    KNOWN.iter().find(|(lang, _)| *lang == found).map(|(_, code)| *code)
}

/// What the common words say.
enum Words {
    /// One language has far more of them than every other.
    Plain(&'static str),
    /// One of these.
    Among(Vec<W>),
    /// Too few are known.
    Few,
}

fn by_words(text: &str) -> Words {
    let mut counts = [0u16; KNOWN.len()];
    let mut lower = String::new();
    let words = text.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '’').filter(|word| !word.is_empty());
    for word in words.take(MAX_WORDS).filter(|word| word.len() <= 40) {
        lower.clear();
        if word.is_ascii() {
            lower.push_str(word);
            lower.make_ascii_lowercase();
        } else {
            lower.extend(word.chars().flat_map(char::to_lowercase));
        }
        let mut bits = COMMON.get(lower.as_str()).copied().unwrap_or(0);
        while bits != 0 {
            if let Some(count) = counts.get_mut(bits.trailing_zeros() as usize) {
                *count += 1;
            }
            bits &= bits - 1;
        }
    }
    let best = counts.iter().copied().max().unwrap_or(0);
    if best < MARGIN {
        return Words::Few;
    }
    let near: Vec<(W, &'static str)> =
        KNOWN.iter().zip(counts).filter(|(_, count)| count + MARGIN > best).map(|(known, _)| *known).collect();
    match near.as_slice() {
        [(_, code)] => Words::Plain(code),
        _ => Words::Among(near.into_iter().map(|(lang, _)| lang).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_words() {
        for (place, (_, code)) in KNOWN.iter().enumerate() {
            assert!(COMMON.values().filter(|bits| **bits & 1 << place != 0).count() >= 15, "{code}");
        }
    }

    #[test]
    fn plain_texts_are_told_by_their_words() {
        for (text, code) in [
            ("Bună ziua,\n\nConfirm participarea mea la eveniment.\n\nCu stimă,\nAna", "ro"),
            ("Thank you for the invitation, I will be there with my colleague.", "en"),
            ("Vielen Dank für die Einladung, ich nehme gerne teil.", "de"),
            ("Malheureusement je ne pourrai pas venir ce jour-là. Cordialement,", "fr"),
            ("Poštovani, nažalost ne mogu doći, taj tjedan sam na putu. Srdačan pozdrav", "hr"),
            ("Valitettavasti en pääse paikalle, mutta kiitos kutsusta. Ystävällisin terveisin", "fi"),
            ("Laba diena, dėkoju, mielai dalyvausiu. Pagarbiai", "lt"),
        ] {
            assert_eq!(of(text).as_ref().map(Lang::as_str), Some(code), "{text}");
        }
    }

    #[test]
    fn a_few_letters_are_of_no_language() {
        assert_eq!(of("Da, vin."), None);
    }

    #[test]
    fn a_mere_guess_is_of_no_language() {
        for text in ["Wir kommen mit circa 20 Personen.", "Ik kom met circa 15 collega's."] {
            let guess = DETECTOR.detect(text).and_then(|guess| code_of(guess.lang()));
            assert!(guess.is_some_and(|guess| !["de", "nl"].contains(&guess)), "{text}: {guess:?} is right");
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn a_short_text_is_in_the_language_of_the_guest_unless_its_words_are_plainly_of_another() {
        let by = |text: &str, lang: &str| of_one_who_speaks(text, &Lang::parse(lang).expect("a language")).as_str().to_owned();
        let short = "Ja, ik kom. Zie formulier online";
        assert_ne!(of(short).as_ref().map(Lang::as_str), Some("nl"), "it is too short for this test");
        assert_eq!(by(short, "nl"), "nl");
        assert_eq!(by("Thank you for the invitation, I will be there with my colleague.", "nl"), "en");
        assert_eq!(by("Da, vin.", "ro"), "ro");
    }
}
