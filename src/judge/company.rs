//! Who comes along, as a sentence lists them: "granny, my parents, me and the twins" are six.
//!
//! The third witness of numbers, beside the learned one, which cannot add, and the phrases of `party`, which know few of these lists. It
//! knows words for persons, numbers and what joins them, one by one, in 39 languages (`words/company/`), and no grammar: so it
//! is believed only where the learned witness does not find its number improbable, and where it says another one, nothing is sure. The
//! words were written by a language model; no native speaker has looked at them.

mod lexicon;
mod parts;
#[cfg(test)]
mod tests;

use super::text::{Sentence, Text, fold};
use lexicon::Lexicon;
use parts::{Of, brought, coordinated, part, sum};
use unicode_normalization::char::is_combining_mark;

/// A larger number in digits counts no persons of a list.
const MAX_NUMBER: u8 = 50;

/// What a word, or several, is in a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tag {
    /// The guest comes without anybody.
    Alone,
    /// So many come, the guest included: "zu dritt", "ötösben".
    Total(u8),
    Number(u8),
    Both,
    /// "2 adults and 3 children": the guest is one of them.
    Adult,
    /// Two by themselves: parents, twins.
    Two,
    One,
    /// Persons who need a number.
    Many,
    We,
    Me,
    /// What takes the next one out: "without", "not".
    Not,
    And,
    /// An "and" that may name one who has been counted: "we two with my husband".
    With,
    /// A verb by which somebody is brought.
    Take,
    /// What may stand beside a noun: articles, possessives, titles.
    Filler,
    Name,
    Comma,
    Other,
}

/// How it was told who comes, the plainest first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    List,
    Us,
    Brought,
}

/// How many come in all, the guest included, where a list, "we" with a number, or a person who is brought tells it; 1 where the guest
/// comes alone. None where nothing does, or two of a kind tell two numbers. Questions tell nothing.
///
/// It is read in the language that knows most of its words; where several know as many, they must agree.
pub(super) fn count(said: &str) -> Option<u32> {
    let text = Text::of(said);
    let mut known = 0;
    let mut told: Option<Option<u32>> = None;
    for lexicon in lexicon::all() {
        let tagged = tagged(said, &text, lexicon);
        let words = tagged.iter().map(|(_, words)| words).sum();
        if words < known || words == 0 {
            continue;
        }
        let number = told_by(tagged.into_iter().map(|(tags, _)| tags));
        told = if words > known || told == Some(number) { Some(number) } else { Some(None) };
        known = words;
    }
    told.flatten()
}

/// What the words of each sentence that asks nothing are, and how many of them are known.
fn tagged(said: &str, text: &Text, lexicon: &Lexicon) -> Vec<(Vec<Tag>, usize)> {
    let sentences = text.sentences.iter().filter(|sentence| !sentence.question);
    let words = |sentence: &Sentence| Some(words(said.get(sentence.start..sentence.end)?, sentence.start, text, !lexicon.capitals));
    sentences.filter_map(words).map(|words| lexicon.tags(&words)).collect()
}

fn told_by(sentences: impl Iterator<Item = Vec<Tag>>) -> Option<u32> {
    let (mut found, mut alone) = (Vec::new(), false);
    for tags in sentences {
        let items = items(tags);
        alone |= items.iter().any(|item| is_alone(&item.tags));
        lists(&items, &mut found);
    }
    let of = |by: By| found.iter().filter(move |(_, other)| *other == by).map(|(number, _)| *number);
    let Some(by) = [By::List, By::Us, By::Brought].into_iter().find(|by| of(*by).next().is_some()) else {
        return alone.then_some(1);
    };
    let number = of(by).next()?;
    of(by).all(|other| other == number).then_some(number)
}

/// A word of a sentence, folded, or a mark.
enum Piece {
    Word { folded: String, name: bool },
    Number(u32),
    And,
    Comma,
}

/// The words of a sentence that begins at `from`: cut at hyphens and behind apostrophes, as those of the lexicon are.
fn words(sentence: &str, from: usize, text: &Text, names: bool) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = sentence.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, c)) = chars.next() {
        let inside = |c: char| c.is_alphabetic() || is_combining_mark(c);
        if c.is_alphabetic() {
            let mut end = at + c.len_utf8();
            while let Some((at, c)) = chars.next_if(|(_, c)| inside(*c)) {
                end = at + c.len_utf8();
            }
            let elided = chars.next_if(|(_, c)| matches!(c, '\'' | '’')).map_or("", |_| "'");
            let folded = sentence.get(at..end).map(fold).unwrap_or_default() + elided;
            pieces.push(Piece::Word { folded, name: names && is_name(text, from + at) });
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

fn is_name(text: &Text, at: usize) -> bool {
    let behind = text.words.partition_point(|word| word.start <= at);
    behind.checked_sub(1).and_then(|word| text.words.get(word)).is_some_and(|word| word.name)
}

/// What joins an item to the next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Join {
    Mark,
    With,
    And,
}

/// What stands between the marks and the "and"s of a sentence.
struct Item {
    tags: Vec<Tag>,
    join: Join,
}

fn items(tags: Vec<Tag>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut open = Vec::new();
    for tag in tags {
        let join = match tag {
            Tag::And => Join::And,
            Tag::With => Join::With,
            Tag::Comma => Join::Mark,
            tag => {
                open.push(tag);
                continue;
            }
        };
        match items.last_mut() {
            // ", and", "and with"
            Some(last) if open.is_empty() => last.join = last.join.max(join),
            _ => items.push(Item { tags: std::mem::take(&mut open), join }),
        }
    }
    items.push(Item { tags: open, join: Join::Mark });
    items
}

/// Whether the guest comes alone, and not "not alone".
fn is_alone(tags: &[Tag]) -> bool {
    tags.iter().find(|tag| matches!(tag, Tag::Alone | Tag::Not)) == Some(&Tag::Alone)
}

/// The numbers that the lists of a sentence tell.
fn lists(items: &[Item], found: &mut Vec<(u32, By)>) {
    let mut at = 0;
    while let Some(item) = items.get(at) {
        let before = at.checked_sub(1).and_then(|before| items.get(before));
        // Before a list, and behind one, other words may stand.
        let behind = item.tags.iter().rposition(|tag| *tag == Tag::Other).map_or(0, |other| other + 1);
        let (begins, ends) = (item.tags.get(behind..).unwrap_or_default(), leading(&item.tags));
        let (first, tags, goes_on) = match (part(begins), part(ends)) {
            (Some(first), _) => (first, begins, true),
            (None, Some(first)) => (first, ends, ends.len() == item.tags.len()),
            (None, None) => {
                at += 1;
                continue;
            }
        };
        let mut list = vec![(first, item.join)];
        let mut open = goes_on;
        while open && let Some(next) = items.get(at + list.len()) {
            let tags = leading(&next.tags);
            let Some(part) = part(tags) else { break };
            list.push((part, next.join));
            open = tags.len() == next.tags.len();
        }
        let joined = before.is_some_and(|before| before.join != Join::Mark);
        let taken = brought(tags) || joined && before.is_some_and(|before| ends_with_take(&before.tags));
        if let Some(number) = sum(&list) {
            found.push((number, if list.len() > 1 { By::List } else { By::Us }));
        } else if taken && list.iter().all(|(part, _)| !part.guest) && (joined || first.of == Of::Person) {
            let others: u32 = coordinated(&list).iter().map(|(part, _)| part.people).sum();
            found.push((others + 1, By::Brought));
        }
        at += list.len();
    }
}

/// The tags before the first word that is none of a list.
fn leading(tags: &[Tag]) -> &[Tag] {
    let end = tags.iter().position(|tag| *tag == Tag::Other).unwrap_or(tags.len());
    tags.get(..end).unwrap_or_default()
}

/// Whether the last word of these, articles aside, is a verb by which somebody is brought.
fn ends_with_take(tags: &[Tag]) -> bool {
    tags.iter().rev().find(|tag| **tag != Tag::Filler) == Some(&Tag::Take)
}
