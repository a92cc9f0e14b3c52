//! Who is named in a mail and is no substitute: who wrote it, and whom it greets.

use super::letter;
use crate::model::{Address, Mail, names};
use std::ops::Range;

/// Addresses and names of who wrote a mail.
#[derive(Default)]
pub(in crate::judge) struct Own<'a> {
    pub(super) addresses: Vec<&'a Address>,
    names: Vec<&'a str>,
}

impl<'a> From<&'a Mail> for Own<'a> {
    /// The names are those of its From and at the top of its signature.
    fn from(mail: &'a Mail) -> Self {
        let from = mail.from.as_ref().map(|from| from.name.as_str());
        Self { addresses: mail.writers().collect(), names: from.into_iter().chain(mail.signature.lines().next()).collect() }
    }
}

/// The words of names.
pub(super) struct Others {
    writers: Vec<Vec<String>>,
    greeted: Vec<Vec<String>>,
    /// Where no mark ends a greeting, who is greeted may be who comes.
    perhaps: Vec<Vec<String>>,
}

impl Others {
    /// Those of a mail in which `said` was typed, of which the `stretches` decided.
    pub(super) fn of(said: &str, stretches: impl Iterator<Item = Range<usize>>, own: &Own<'_>) -> Self {
        let texts = [said.trim_start()].into_iter().chain(stretches.filter_map(|stretch| said.get(stretch)));
        let (sure, perhaps): (Vec<_>, Vec<_>) = texts.filter_map(letter::greeting).partition(|greeting| greeting.ends);
        let words = |greetings: Vec<letter::Greeting<'_>>| greetings.iter().map(|greeting| names::words(greeting.greeted)).collect();
        Self {
            writers: own.names.iter().copied().chain(letter::signers(said)).map(names::words).collect(),
            greeted: words(sure),
            perhaps: words(perhaps),
        }
    }

    pub(super) fn wrote(&self, name: &str) -> bool {
        self.writers.iter().any(|writer| is_one(writer, name))
    }

    pub(super) fn greets(&self, name: &str) -> bool {
        self.greeted.iter().any(|greeted| is_one(greeted, name))
    }

    pub(super) fn may_greet(&self, name: &str) -> bool {
        self.perhaps.iter().any(|greeted| is_one(greeted, name))
    }
}

/// Whether two names are one: every word of the shorter one, of two words at least, stands in the other.
fn is_one(known: &[String], name: &str) -> bool {
    let words = names::words(name);
    let (shorter, longer) = if known.len() < words.len() { (known, words.as_slice()) } else { (words.as_slice(), known) };
    shorter.len() > 1 && shorter.iter().all(|word| longer.contains(word))
}

/// Whether a name ends the sentence behind a mark, as one does that signs.
pub(super) fn signs(sentence: &str, name: &str) -> bool {
    let before = sentence.trim_end_matches(|c: char| !c.is_alphanumeric()).strip_suffix(name).map(str::trim_end);
    before.is_some_and(|before| before.ends_with([',', '.', ';', '!', '-', '–', '—']))
}
