//! What the mail says: each witness gives evidence, then it is weighed.
//!
//! The witnesses, strongest first: the calendar part, the button, the guest's own words as learned from
//! examples, plain phrases in them, the subject. A verdict is
//! *sure* only where no witness that is sure, and no part of a long text, speaks against it, and its words are probable
//! enough; everything else is a guess with its doubts, for the organiser.
//! The words are read twice: by an encoder that has learned from labelled replies in 39 languages ([`learned`]), and by phrases
//! in data files (`words/LANG.tsv`), which know few answers and know them surely. How many come is told by three: the encoder, phrases
//! (`party`), and lists of persons (`company`).

mod afterthought;
mod clauses;
mod company;
mod days;
mod delegate;
mod digits;
mod form;
mod language;
pub mod learned;
mod lexicon;
mod party;
mod sayings;
mod short;
mod subject;
mod text;
pub mod thresholds;
mod unread;
mod weigh;
mod words;

#[cfg(test)]
mod traps;

pub use weigh::verdict;

use crate::model::{Answer, Lang};

/// What plain phrases alone say of a text, and whether they are sure of it: one witness of several, and a measure for the others.
pub fn phrases(said: &str, lang: &Lang) -> (Answer, bool) {
    let reading = words::read(said, &[lang]);
    (reading.answer, reading.sure)
}

/// How many people come, by rules alone, where a text of this language plainly says one number.
pub fn people(said: &str, lang: &Lang) -> Option<u32> {
    party::of(said, Some(lang.as_str()), true)
}

/// The language of what a guest typed, of those spoken in Europe; None where it is too short to tell, or where it would be a mere guess.
pub fn language(said: &str) -> Option<Lang> {
    language::of(said)
}

/// The language of what a guest typed whose language the contact list names: a few words outrank it only where they are plain.
pub fn language_of_guest(said: &str, listed: &Lang) -> Lang {
    language::of_one_who_speaks(said, listed)
}

/// Whether a word in lower case is one that every text of some language is full of.
pub fn is_common(word: &str) -> bool {
    language::is_common(word)
}
