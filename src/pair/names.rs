//! Guests by their names: who may write from an address that nobody knows.

use super::persons::words;
use std::{
    collections::BTreeSet,
    hash::{BuildHasher, RandomState},
};

/// What has more words is no name of a person.
const MOST_WORDS: usize = 8;
/// How many guests are taken who have the same two words in their names: those who were invited last.
const MOST_ALIKE: usize = 20;

/// The guests by every two words of their names, so that a sender's name is compared with few of very many.
#[derive(Default, Debug)]
pub struct Names {
    newest: i64,
    seed: RandomState,
    pairs: BTreeSet<(u64, i64)>,
}

impl Names {
    /// The highest row that was added; 0 before there was one.
    pub fn newest(&self) -> i64 {
        self.newest
    }

    /// Takes guests in: the row of each and the name.
    pub fn add(&mut self, guests: impl IntoIterator<Item = (i64, String)>) {
        for (guest, name) in guests {
            let keys = self.keys(&name);
            self.pairs.extend(keys.into_iter().map(|key| (key, guest)));
            self.newest = self.newest.max(guest);
        }
    }

    /// The rows of guests who have two words of this name: whether it is theirs, `conclude` says.
    pub fn alike(&self, name: &str) -> BTreeSet<i64> {
        let of = |key: u64| self.pairs.range((key, i64::MIN)..=(key, i64::MAX)).rev().take(MOST_ALIKE);
        self.keys(name).into_iter().flat_map(of).map(|(_, guest)| *guest).collect()
    }

    fn keys(&self, name: &str) -> Vec<u64> {
        let words = words(name);
        if words.len() > MOST_WORDS {
            return Vec::new();
        }
        let behind = |at: usize| words.iter().skip(at + 1);
        words.iter().enumerate().flat_map(|(at, one)| behind(at).map(move |other| self.seed.hash_one((one, other)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_are_found_by_two_words_of_their_names() {
        let mut names = Names::default();
        let guests = [(1, "Ștefan Popescu"), (2, "Ana Maria Pop"), (3, "Ana"), (7, "Dan Popescu"), (5, "")];
        names.add(guests.map(|(guest, name)| (guest, name.to_owned())));
        let alike = |name: &str| names.alike(name).into_iter().collect::<Vec<_>>();
        assert_eq!(names.newest(), 7);
        assert_eq!(alike("POPESCU Stefan"), [1]);
        assert_eq!(alike("Dr. Ana Pop"), [2]);
        assert_eq!(alike("Ana Maria Rus"), [2], "conclude compares the whole name");
        assert_eq!((alike("Ana"), alike("Popescu"), alike("")), (vec![], vec![], vec![]));
        assert_eq!(alike(&"Ana Pop ab cd ef gh ij kl mn ".repeat(1_000)), [0; 0]);

        names.add((100..150).map(|guest| (guest, "Eva Kos".to_owned())));
        assert_eq!(names.alike("Eva Kos"), (130..150).collect(), "those invited last: older campaigns are over");
    }
}
