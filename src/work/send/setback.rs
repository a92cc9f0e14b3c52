//! Letters that were not begun because of trouble: is it the relay's with every letter, or with this one alone?

use std::collections::{HashMap, HashSet};

/// How many letters are remembered; at more, all are forgotten.
const MOST: usize = 1_000;

/// Whose trouble it is that a letter was not begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Whose {
    /// It is not known yet: the same letter is tried again.
    Unknown,
    /// This letter met it again, and no other did since the relay last answered one.
    Letters,
    /// Another letter met it, too.
    Relays,
}

/// The letters that met trouble before they were begun.
///
/// A letter that is not begun stays as it was, so that it would be the first again each time. Where it cannot be sent for a reason of
/// its own, all others would wait behind it for ever.
#[derive(Default)]
pub(super) struct Setbacks {
    /// How many letters the relay has answered.
    answered: u64,
    /// How many it had answered when a letter last met trouble.
    met: HashMap<i64, u64>,
    /// Letters that met it again: others are tried before them.
    last: HashSet<i64>,
}

impl Setbacks {
    /// A letter was not begun. Where it is the relay's trouble, and not for the first time, others are tried before this one.
    pub fn meet(&mut self, letter: i64) -> Whose {
        if self.met.len() >= MOST && !self.met.contains_key(&letter) {
            (self.met, self.last) = Default::default();
        }
        let shared = self.met.iter().any(|(other, answered)| *other != letter && *answered == self.answered);
        match self.met.insert(letter, self.answered) {
            None => Whose::Unknown,
            Some(_) if shared => {
                self.last.insert(letter);
                Whose::Relays
            }
            Some(_) => Whose::Letters,
        }
    }

    /// The relay answered a letter as a well relay does: the order is again that of the queue.
    pub fn answered(&mut self) {
        self.answered += 1;
        self.last.clear();
    }

    /// Letters before which others are tried.
    pub fn last(&self) -> &HashSet<i64> {
        &self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_alone_meets_trouble_twice_has_it_by_itself() {
        let mut setbacks = Setbacks::default();
        assert_eq!((setbacks.meet(7), setbacks.meet(7)), (Whose::Unknown, Whose::Letters));
        setbacks.answered();
        assert_eq!(setbacks.meet(7), Whose::Letters, "others went through since");
        assert!(setbacks.last().is_empty());
    }

    #[test]
    fn trouble_that_two_letters_meet_is_the_relays_until_it_answers_one() {
        let mut setbacks = Setbacks::default();
        assert_eq!((setbacks.meet(7), setbacks.meet(8)), (Whose::Unknown, Whose::Unknown));
        assert_eq!((setbacks.meet(8), setbacks.meet(7)), (Whose::Relays, Whose::Relays));
        assert_eq!(*setbacks.last(), HashSet::from([7, 8]));
        setbacks.answered();
        assert!(setbacks.last().is_empty());
        assert_eq!(setbacks.meet(8), Whose::Letters);
        assert_eq!(setbacks.meet(7), Whose::Relays);
    }

    #[test]
    fn no_more_letters_are_remembered_than_the_bound() {
        let mut setbacks = Setbacks::default();
        for letter in 0..5_000 {
            setbacks.meet(letter);
            setbacks.meet(letter);
            assert!(setbacks.met.len() <= MOST && setbacks.last().len() <= MOST);
        }
    }
}
