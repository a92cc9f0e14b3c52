//! What the mail says: each witness gives evidence, then it is weighed.
//!
//! The witnesses, strongest first: the calendar part, the button, the guest's own words as learned from
//! examples, plain phrases in them, the subject. A verdict is
//! *sure* only where all that was said agrees; everything else is a guess with its doubts, for the organiser.
//! The words are read twice: by an encoder that has learned from labelled replies in 28 languages ([`learned`]), and by phrases
//! in data files (`words/LANG.tsv`), which know few answers and know them surely.

mod delegate;
mod language;
pub mod learned;
mod lexicon;
mod party;
mod subject;
mod text;
pub mod thresholds;
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

/// The language of what a guest typed, of those spoken in Europe; None where it is too short to tell.
pub fn language(said: &str) -> Option<Lang> {
    language::of(said)
}

/// Who gives evidence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Witness {
    /// PARTSTAT of a calendar answer.
    Calendar,
    /// The button whose letter was sent as it was prefilled.
    Button,
    /// What the guest typed, as an encoder reads it that has learned from examples.
    Learned,
    /// What the guest typed, by phrases.
    Words,
    /// The word that a calendar program puts before the subject.
    Subject,
}

/// One witness's evidence.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    pub witness: Witness,
    pub answer: Answer,
    /// 0 to 1.
    pub confidence: f64,
    /// A span of the mail.
    pub words: String,
}
