//! The words and marks of a text, as lists are looked for in them.

use crate::judge::text::{Text, Word, fold};
use unicode_normalization::char::is_combining_mark;

/// So many words and marks of a text are looked at.
pub(super) const MAX_PIECES: usize = 1_000;

/// A word of a sentence, folded, or a mark.
pub(super) enum Piece {
    Word {
        folded: String,
        name: bool,
        /// It begins its sentence with a capital.
        first: bool,
    },
    Number(u32),
    And,
    Comma,
}

/// The words and marks of what is no question. A number in brackets is a word of the sentence around it.
pub(super) fn sentences(said: &str, text: &Text) -> Vec<Vec<Piece>> {
    let mut sentences: Vec<Vec<Piece>> = Vec::new();
    let mut left = MAX_PIECES;
    let (mut end, mut in_brackets) = (0, false);
    for sentence in &text.sentences {
        let mark = said.get(end..sentence.start).unwrap_or_default();
        end = sentence.end;
        if sentence.question {
            sentences.push(Vec::new());
            in_brackets = false;
            continue;
        }
        let mut pieces = pieces(said.get(sentence.start..sentence.end).unwrap_or_default(), sentence.start, text, left);
        left -= pieces.len();
        let goes_on = !mark.contains(['.', '!', '?', '\n']);
        let opens = goes_on && mark.contains('(') && is_count(&pieces);
        match sentences.last_mut().filter(|_| goes_on) {
            // "the kids (2)", "barna (3 stk)"
            Some(last) if opens => last.extend(pieces.drain(..1)),
            Some(last) if in_brackets => last.append(&mut pieces),
            _ => sentences.push(pieces),
        }
        in_brackets = opens;
    }
    sentences
}

/// "(2)", "(3 st)", but not "(3 Jahre)"
fn is_count(pieces: &[Piece]) -> bool {
    const COUNTERS: &str =
        " st stk stuck pers persons people personen personer personas personnes persone pessoas persoane osob osoby чел fo henkea ";
    match pieces {
        [Piece::Number(_)] => true,
        [Piece::Number(_), Piece::Word { folded, .. }] => COUNTERS.contains(&format!(" {folded} ")),
        _ => false,
    }
}

/// The words and marks of a sentence that begins at `from`, at most so many: cut at hyphens and behind apostrophes, as the words of the
/// lexicon are. A link is no word.
pub(super) fn pieces(sentence: &str, from: usize, text: &Text, most: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = sentence.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, c)) = chars.next().filter(|_| pieces.len() < most) {
        let is_apostrophe = |c: char| matches!(c, '\'' | '’' | 'ʼ');
        let inside = |c: char| (c.is_alphabetic() || is_combining_mark(c)) && !is_apostrophe(c);
        let word = word(text, from + at);
        if let Some(link) = word.filter(|word| word.inert && word.folded == "link") {
            while chars.next_if(|(at, _)| from + at < link.end).is_some() {}
            pieces.push(Piece::Comma);
        } else if inside(c) {
            let mut end = at + c.len_utf8();
            while let Some((at, c)) = chars.next_if(|(_, c)| inside(*c)) {
                end = at + c.len_utf8();
            }
            let elided = chars.next_if(|(_, c)| is_apostrophe(*c)).map_or("", |_| "'");
            let folded = sentence.get(at..end).map(fold).unwrap_or_default() + elided;
            let first = pieces.is_empty() && c.is_uppercase() && !sentence.get(at..end).is_some_and(shouts);
            pieces.push(Piece::Word { folded, name: word.is_some_and(|word| word.name), first });
        } else if let Some(digit) = c.to_digit(10) {
            let mut number = digit;
            while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_digit()) {
                number = number.saturating_mul(10).saturating_add(c.to_digit(10).unwrap_or_default());
            }
            pieces.push(Piece::Number(number));
        } else if matches!(c, '+' | '&') {
            pieces.push(Piece::And);
        } else if ",;:()–—/".contains(c) || c == '-' && (last == ' ' || chars.peek().is_none_or(|(_, next)| next.is_whitespace())) {
            pieces.push(Piece::Comma);
        }
        last = c;
    }
    pieces
}

fn shouts(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().all(char::is_uppercase)
}

/// The word that stands at a place, in bytes.
fn word(text: &Text, at: usize) -> Option<&Word> {
    let behind = text.words.partition_point(|word| word.start <= at);
    behind.checked_sub(1).and_then(|word| text.words.get(word)).filter(|word| at < word.end)
}
