//! Brackets in a sentence about a substitute: for who reads sentences they end one, and here they do not.

use super::{JOINING, german::is_role, is_of_a_body, is_title};
use crate::judge::text::fold;
use std::borrow::Cow;

/// So many brackets may stand in one sentence.
const MAX_BRACKETS: usize = 4;
/// A longer bracket, in bytes, is a sentence of its own.
const MAX_INSIDE: usize = 120;

/// Where what stands before the brackets in front of `start` begins: "Priya Shah (finance) goes for me".
pub(super) fn before(said: &str, start: usize) -> usize {
    (0..MAX_BRACKETS).try_fold(start, |start, _| said.get(..start).and_then(opening).ok_or(start)).unwrap_or_else(|start| start)
}

/// Where the words begin that stand on this line before the bracket with which it ends.
fn opening(text: &str) -> Option<usize> {
    let inside = text.trim_end_matches([' ', ',']).strip_suffix(')')?;
    let line = inside.rfind('\n').map_or(0, |at| at + 1);
    let open = line + inside.get(line..)?.rfind('(')?;
    let words = inside.get(line..open).filter(|_| inside.len() - open <= MAX_INSIDE)?;
    let ends = |at: usize, c: char| match c {
        '.' => {
            let is_last = words.get(at + 1..).is_some_and(|rest| rest.starts_with(' '));
            is_last && !words.get(..at).and_then(|before| before.split_whitespace().next_back()).is_some_and(is_title)
        }
        c => matches!(c, '!' | '?' | ';' | ':' | ')'),
    };
    let from = words.char_indices().rev().find(|(at, c)| ends(*at, *c)).map_or(0, |(at, _)| at + 1);
    words.get(from..).filter(|words| words.contains(char::is_alphabetic)).map(|_| line + from)
}

/// A sentence without what its brackets tell of a name before them: "Priya Shah (Green Valley)". In "my colleague (Priya Shah)" and
/// "Priya Shah (and Dan Rus)" they name somebody.
pub(super) fn without(sentence: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut rest = sentence;
    for _ in 0..MAX_BRACKETS {
        let Some((before, behind)) = rest.split_once('(') else { break };
        let Some((inside, behind)) = behind.split_once(')') else { break };
        kept.push_str(before);
        kept.push_str(if is_told_of_a_name(before, inside) { "( ) " } else { "( " });
        if !is_told_of_a_name(before, inside) {
            kept.push_str(inside);
            kept.push_str(" ) ");
        }
        rest = behind;
    }
    if kept.is_empty() { Cow::Borrowed(sentence) } else { Cow::Owned(kept + rest) }
}

fn is_told_of_a_name(before: &str, inside: &str) -> bool {
    let is_name = |word: &str| word.starts_with(char::is_uppercase) && !is_role(word) && !is_title(word) && !is_of_a_body(word);
    let joins = inside.split_whitespace().next().is_some_and(|word| JOINING.contains(&format!(" {} ", fold(word))));
    before.split_whitespace().next_back().is_some_and(is_name) && !joins && !inside.contains('@')
}
