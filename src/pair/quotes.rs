//! Whether a mail repeats what we wrote, when nothing else says that it answers us.

use std::{collections::HashSet, hash::BuildHasher};

/// So many words in a row, found in a letter of ours, are no coincidence.
const RUN: usize = 8;
/// How many such runs a mail must hold: one may be a formula that everybody writes.
const ENOUGH: usize = 3;
/// How many words of a mail are looked at.
const WORDS: usize = 20_000;

/// True where `text` (what was quoted and what was typed) repeats a letter of ours.
///
/// Words are compared without case, punctuation and line breaks, so re-wrapping and `>` do not hide them.
pub fn quotes<'a>(text: &str, letters: impl IntoIterator<Item = &'a str>) -> bool {
    let seed = std::hash::RandomState::new();
    let runs = |text: &str| -> Vec<u64> {
        let words: Vec<String> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(WORDS).map(str::to_lowercase).collect();
        words.windows(RUN).map(|run| seed.hash_one(run)).collect()
    };
    let found: HashSet<u64> = runs(text).into_iter().collect();
    !found.is_empty()
        && letters.into_iter().any(|letter| runs(letter).iter().filter(|run| found.contains(run)).take(ENOUGH).count() == ENOUGH)
}

#[cfg(test)]
mod tests {
    use super::quotes;

    const LETTER: &str =
        "Dear Ms Jones,\nthe town of Example invites you to an online workshop about small firms and culture, on Tuesday at noon.";

    #[test]
    fn a_wrapped_and_marked_quote_is_known_again() {
        let mail = "ok!\n\n> Dear Ms Jones, the town\n> of Example invites you to an online workshop\n> about small firms and culture, on";
        assert!(quotes(mail, [LETTER]));
    }

    #[test]
    fn a_mail_about_something_else_is_not() {
        assert!(!quotes("The town of Example invites everybody to the summer fair.", [LETTER]));
        assert!(!quotes("", [LETTER]));
        assert!(!quotes(LETTER, []));
    }
}
