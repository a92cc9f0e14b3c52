//! What stands in a sentence about a substitute only because it is part of a letter: whom it greets, and who signs it.

use super::{ARTICLES, FROM, JOINING, PARTICLES, german::is_role, is_of_a_body, is_title};
use crate::judge::text::fold;
use std::{collections::HashSet, sync::LazyLock};

/// A phrase has at most so many words.
const MAX_PHRASE: usize = 4;
/// So many phrases greet one behind the other: "Guten Tag, liebe".
const MAX_GREETINGS: usize = 4;
/// So many words are the name and the titles of who is greeted.
const MAX_GREETED: usize = 6;
/// So many words are the name and the office of who signs.
const MAX_SIGNED: usize = 8;
/// So many words before a name are looked at for whom the guest has spoken with.
const MAX_AGREED: usize = 3;
/// What ends a greeting.
const MARKS: [char; 5] = [',', '!', ':', ';', '\n'];

/// Phrases of letters in all languages, folded.
#[derive(Default)]
struct Phrases {
    greetings: HashSet<String>,
    closings: HashSet<String>,
    /// How words begin that tell of an agreement.
    agreed: Vec<String>,
    with: HashSet<String>,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let mut phrases = Phrases::default();
    let closings = include_str!("../../model/closings.txt").lines().filter(|line| !line.starts_with('#'));
    phrases.closings.extend(closings.map(|phrase| joined(phrase.split_whitespace())));
    for (kind, text) in include_str!("letters.txt").lines().filter_map(|line| line.split_once('\t')) {
        let list = || text.split(',').map(|phrase| joined(phrase.split_whitespace()));
        let words = || text.split_whitespace().map(fold);
        match kind {
            "greeting" => phrases.greetings.extend(list()),
            "closing" => phrases.closings.extend(list()),
            "agreed" => phrases.agreed.extend(words()),
            "with" => phrases.with.extend(words()),
            _ => {}
        }
    }
    phrases
});

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(bare).collect::<Vec<_>>().join(" ")
}

/// A word without the marks beside it, folded.
fn bare(word: &str) -> String {
    fold(word.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// How many words at the beginning are a phrase of the list: the longest.
fn phrase(words: &[Word<'_>], list: &HashSet<String>) -> Option<usize> {
    (1..=MAX_PHRASE).rev().find(|count| {
        let texts = words.get(..*count).unwrap_or_default().iter().map(|word| word.text);
        let whole = words.len() >= *count && words.iter().take(count - 1).all(|word| !word.ends());
        whole && list.contains(&joined(texts))
    })
}

/// A word of a text, with its marks and the white space behind it.
struct Word<'a> {
    text: &'a str,
    /// Where it ends, in bytes of the text.
    end: usize,
}

impl Word<'_> {
    /// Whether a mark or a line ends behind it, or it is a dash.
    fn ends(&self) -> bool {
        let text = self.text.trim_end_matches([' ', '\t', '\r']);
        text.ends_with(MARKS) || matches!(text, "-" | "–" | "—")
    }

    fn is_capital(&self) -> bool {
        self.text.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with(char::is_uppercase)
    }

    /// Whether it may stand in a name or between two, in lower case.
    fn is_small(&self) -> bool {
        let folded = format!(" {} ", bare(self.text));
        PARTICLES.contains(&folded.trim()) || [JOINING, FROM, ARTICLES].iter().any(|list| list.contains(&folded))
    }

    /// Whether it says who somebody is.
    fn is_office(&self) -> bool {
        let word = self.text.trim_matches(|c: char| !c.is_alphanumeric());
        is_title(word) || is_role(word) || is_of_a_body(word)
    }
}

/// The words of a text, with the bytes where they end.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut end = 0;
    let pieces = text.split_inclusive(char::is_whitespace).map(|piece| {
        end += piece.len();
        Word { text: piece, end }
    });
    pieces.filter(|word| !word.text.trim().is_empty()).take(super::MAX_WORDS).collect()
}

/// How a text greets somebody.
pub(super) struct Greeting<'a> {
    /// Who is greeted, with titles and marks.
    pub greeted: &'a str,
    /// So many bytes are no part of what is said. Where no mark ends the greeting that may be less than all of it: "Hi Anna Schmidt
    /// will come".
    pub length: usize,
    /// A mark ends it.
    pub ends: bool,
}

/// The greeting with which a text begins.
pub(super) fn greeting(text: &str) -> Option<Greeting<'_>> {
    let words = words(text);
    let mut rest = words.as_slice();
    let (mut length, mut ends) = (0, false);
    for _ in 0..MAX_GREETINGS {
        let Some((greets, behind)) = phrase(rest, &PHRASES.greetings).and_then(|count| rest.split_at_checked(count)) else { break };
        (length, ends) = greets.last().map_or((length, ends), |last| (last.end, last.ends()));
        rest = behind;
    }
    if length == 0 || ends {
        return (length > 0).then_some(Greeting { greeted: "", length, ends });
    }
    let (mut named, mut strange, mut apart, mut capitals) = (length, false, false, 0);
    for word in rest.iter().take(MAX_GREETED) {
        // "Dear colleague Helen": one word before the name may be any.
        let is_any = !strange && capitals == 0;
        if !(word.is_capital() || word.is_small() || word.is_office() || is_any) {
            break;
        }
        strange |= !word.is_capital() && !word.is_small() && !word.is_office();
        capitals += usize::from(word.is_capital());
        apart |= capitals == 0 && !word.is_small();
        if word.ends() {
            return Some(Greeting { greeted: text.get(length..word.end).unwrap_or_default(), length: word.end, ends: true });
        }
        if word.is_capital() {
            named = word.end;
        }
    }
    // "Draga mea colegă Ana Pop vine" greets nobody.
    if apart {
        return None;
    }
    let length = if capitals > 1 { length } else { named };
    Some(Greeting { greeted: text.get(length..named).unwrap_or_default(), length, ends })
}

/// A sentence without the closing and the name at its end: "My colleague comes, kind regards Ole Holm".
pub(super) fn unsigned(sentence: &str) -> &str {
    let words = words(sentence);
    let first = words.len().saturating_sub(MAX_SIGNED + MAX_PHRASE);
    let closes = |at: &usize| {
        let Some((earlier, here)) = words.split_at_checked(*at) else { return false };
        let Some((closing, signed)) = phrase(here, &PHRASES.closings).and_then(|count| here.split_at_checked(count)) else { return false };
        let before = earlier.last();
        let marked = before.is_none_or(|word| word.ends() || word.text.trim_end().ends_with(['.', ')']));
        // "George Best" is a name.
        let in_a_name =
            closing.len() == 1 && closing.iter().all(Word::is_capital) && before.is_some_and(|word| word.is_capital() && !word.is_office());
        let is_name = |word: &Word<'_>| word.is_capital() || word.is_small() || !word.text.contains(char::is_alphabetic);
        let signs = signed.iter().any(Word::is_capital) && signed.iter().all(is_name) && signed.len() <= MAX_SIGNED;
        signs && (marked || !in_a_name)
    };
    let at = (first..words.len()).find(closes);
    let end = at.map(|at| at.checked_sub(1).and_then(|last| words.get(last)).map_or(0, |word| word.end));
    end.and_then(|end| sentence.get(..end)).unwrap_or(sentence).trim_end()
}

/// The names that stand behind and right below closings on lines of their own.
pub(super) fn signers(said: &str) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let below = lines.clone().into_iter().skip(1).map(Some).chain([None]);
    lines.into_iter().zip(below).filter_map(|(line, below)| {
        let words = words(line);
        let count = phrase(&words, &PHRASES.closings)?;
        let behind = words.get(count.checked_sub(1)?).and_then(|last| line.get(last.end..)).unwrap_or_default();
        let name = if behind.is_empty() { below? } else { behind };
        let is_name = |word: &str| word.starts_with(char::is_uppercase) || PARTICLES.contains(&word);
        (name.split_whitespace().count() <= MAX_GREETED && name.split_whitespace().all(is_name)).then_some(name)
    })
}

/// Whether the words before a name say that the guest has spoken with that person: "As agreed with Helen Marsh".
pub(super) fn is_agreed(words: &[&str]) -> bool {
    let named = words.iter().rev().skip_while(|word| is_title(word.trim_matches('.')));
    let mut named = named.map(|word| bare(word));
    named.next().is_some_and(|word| PHRASES.with.contains(&word))
        && named.take(MAX_AGREED).any(|word| PHRASES.agreed.iter().any(|stem| word.starts_with(stem.as_str())))
}
