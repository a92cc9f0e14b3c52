//! Whether the parts of a mail that should say the same have the same words.

use super::{Said, subtract::hash};
use crate::read::words::fold;
use std::collections::HashMap;

/// Whether something was typed in one of two parts that the other one has nowhere but in its quote. Each comes with all its text.
///
/// A text part lacks what pictures, links and lists show, and one part may know a signature or a quote where the other does not: so
/// what was typed here is looked for in all that stands there unquoted. Words without a letter count in neither.
pub(in crate::read) fn differ(one: (&Said, &str), other: (&Said, &str)) -> bool {
    lacks(one.0, other) || lacks(other.0, one)
}

fn lacks(typed: &Said, (other, whole): (&Said, &str)) -> bool {
    let mut unquoted: HashMap<u64, i64> = HashMap::new();
    words(whole, |word| *unquoted.entry(word).or_default() += 1);
    // What one part shows as a quote may be typed for all that the other one shows.
    if !typed.quoted.is_empty() {
        words(&other.quoted, |word| *unquoted.entry(word).or_default() -= 1);
    }
    let mut lacks = false;
    words(&typed.said, |word| lacks |= unquoted.get(&word).is_none_or(|count| *count < 1));
    lacks
}

/// The words of a text, folded and hashed. Links and addresses are none, nor is what stands in brackets: programs write so for a picture.
fn words(text: &str, mut each: impl FnMut(u64)) {
    let mut plain = |part: &str| {
        let is_link = |chunk: &str| chunk.contains('@') || chunk.contains("://") || chunk.contains("www.");
        let chunks = part.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>')).filter(|chunk| !is_link(chunk));
        let words = chunks.flat_map(|chunk| chunk.split(|c: char| !c.is_alphanumeric()));
        words.filter(|word| word.contains(char::is_alphabetic)).for_each(|word| each(hash(&fold(word))));
    };
    for line in text.lines() {
        let mut rest = line;
        while let Some((before, behind)) = rest.split_once('[') {
            plain(before);
            rest = behind.split_once(']').map_or(behind, |(_, behind)| behind);
        }
        plain(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(said: &str, quoted: &str) -> Said {
        Said { said: said.into(), quoted: quoted.into(), ..Said::default() }
    }

    #[test]
    fn a_word_that_is_quoted_elsewhere_is_not_said_there() {
        let differ = |one: (&str, &str), other: (&str, &str)| {
            let whole = |(said, quoted): (&str, &str)| format!("{said}\n> {quoted}");
            differ((&part(one.0, one.1), &whole(one)), (&part(other.0, other.1), &whole(other)))
        };
        let quote = "Please tell us if you cannot come.";
        assert!(differ(("I come.", quote), ("I cannot come.", quote)));
        assert!(differ(("Open this message in a browser.", ""), ("I come.", "")));
        assert!(!differ(("I *come*, see [image: logo.png] <https://x.example/a>", quote), ("I come, see", quote)));
        assert!(!differ(("I come.\nAna Pop\nMayor", quote), ("I come.\nAna Pop\nMayor", "")));
    }

    #[test]
    fn what_one_part_takes_for_a_signature_is_no_difference() {
        let (text, rich) = (part("I come.\nAna Pop\nMayor", ""), part("I come.\nAna Pop", ""));
        let whole = "I come.\nAna Pop\nMayor";
        assert!(!differ((&text, whole), (&rich, whole)));
        let (unknown, known) =
            (part("I come.\nOn Monday we wrote\nWill you come?", ""), part("I come.", "On Monday we wrote\nWill you come?"));
        assert!(!differ((&unknown, &unknown.said), (&known, &unknown.said)), "a quote that only one part shows");
    }
}
