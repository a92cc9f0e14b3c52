//! What the mail says: each witness gives evidence, then it is weighed.
//!
//! The witnesses, strongest first: the calendar part, the button, the guest's own words, the subject. A verdict is
//! *sure* only where all that was said agrees; everything else is a guess with its doubts, for the organiser.
//! The words are read by phrases in data files (`words/LANG.tsv`): few answers are sure, but those are right.

mod delegate;
mod lexicon;
mod party;
mod subject;
mod text;
mod weigh;
mod words;

#[cfg(test)]
mod traps;

pub use weigh::verdict;

use crate::model::Answer;

/// Who gives evidence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Witness {
    /// PARTSTAT of a calendar answer.
    Calendar,
    /// The button whose letter was sent as it was prefilled.
    Button,
    /// What the guest typed.
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
