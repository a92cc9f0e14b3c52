//! Who comes along, as a sentence lists them: "granny, my parents, me and the twins" are six.
//!
//! The third witness of numbers, beside the learned one, which cannot add, and the phrases of `party`, which know few of these lists. It
//! knows words for persons, numbers and what joins them, one by one, in 38 languages (`words/company/`; Bosnians write Croatian or
//! Serbian words), and no grammar: so it is believed only where the learned witness does not find its number improbable; where the two
//! hear different numbers, none is sure. The words were written by a language model; no native speaker has looked at them.

mod lexicon;
mod lists;
mod parts;
mod pieces;
#[cfg(test)]
mod tests;

use super::{delegate::behind_greeting, text::Text};
use lists::{Alone, Item, List, Tells, alone, items};
use pieces::{Piece, sentences};

/// A larger number in digits counts no persons of a list.
const MAX_NUMBER: u8 = 50;

/// What a word, or several, is in a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tag {
    /// The guest comes without anybody.
    Alone,
    /// The same, and it names the guest, with whom a list may begin: "just me".
    JustMe,
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
    /// One person, or with a number several: "kollegaa", "barn".
    Either,
    We,
    Me,
    /// That a number counts the guest: "including me".
    Incl,
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
    /// The first word of a sentence, which nobody knows, with a capital: it may be a name.
    Perhaps,
    Comma,
    Other,
}

/// How many come in all, the guest included, where a list, "we" with a number, or a person who is brought tells it; 1 where the guest
/// comes alone. None where nothing does, where two of them tell two numbers, or where somebody may be listed who does not come or whom
/// nobody can count. Questions tell nothing.
///
/// A greeting at its beginning names nobody who comes. It is read in the language that knows most of its words; where several know as
/// many, they must agree.
pub(super) fn count(said: &str) -> Option<u32> {
    let said = behind_greeting(said);
    let text = Text::of(said);
    let sentences = sentences(said, &text);
    let mut most = 0;
    let mut told: Option<Option<u32>> = None;
    for lexicon in lexicon::all() {
        let tagged: Vec<(Vec<Tag>, usize)> = sentences.iter().map(|pieces| lexicon.tags(pieces)).collect();
        let known = tagged.iter().map(|(_, known)| known).sum();
        if known < most || known == 0 {
            continue;
        }
        let number = told_by(tagged.into_iter().map(|(tags, _)| tags));
        told = if known > most || told == Some(number) { Some(number) } else { Some(None) };
        most = known;
    }
    told.flatten()
}

/// What the sentences of a text tell.
#[derive(Default)]
struct Told {
    /// Numbers by lists, and by words for so many, with the guest in each of them.
    counted: Vec<u32>,
    /// One of these is a list.
    listed: bool,
    /// Numbers by those whom the guest brings, the guest included.
    brought: Vec<u32>,
    alone: Alone,
}

impl Told {
    /// Adds what a sentence tells. A list that may begin with a name counts only where its number stands in a sentence before ("put four
    /// down: Kate, Mark, Jo and me").
    fn add(&mut self, items: &[Item], above: &[u32]) {
        self.alone = (0..items.len()).map(|at| alone(items, at)).fold(self.alone, Alone::max);
        let mut at = 0;
        while at < items.len() {
            let Some(list) = List::at(items, at) else {
                at += 1;
                continue;
            };
            at += list.len();
            match list.tells() {
                Tells::Nothing => {}
                Tells::All(number) if list.may_begin_with_name() && !above.contains(&number) => {}
                Tells::All(number) => {
                    self.counted.push(number);
                    self.listed |= list.len() > 1;
                }
                Tells::Brought(number) => self.brought.push(number),
            }
        }
    }

    fn number(self) -> Option<u32> {
        // "Tom and I will come. I bring my son."
        if self.listed && !self.brought.is_empty() {
            return None;
        }
        let mut numbers = self.counted.into_iter().chain(self.brought);
        match numbers.next() {
            // "Thanks from me and my wife, but only I am coming."
            Some(_) if self.alone == Alone::Only => None,
            Some(number) => numbers.all(|other| other == number).then_some(number),
            None => (self.alone != Alone::No).then_some(1),
        }
    }
}

fn told_by(sentences: impl Iterator<Item = Vec<Tag>>) -> Option<u32> {
    let (mut told, mut above) = (Told::default(), Vec::new());
    for tags in sentences.filter(|tags| !is_either(tags)) {
        match counted_in(&tags) {
            Counted::No => {}
            Counted::Yes(number) => told.counted.push(number),
            Counted::Unclear => return None,
        }
        let numbers: Vec<u32> = tags.iter().filter_map(number).collect();
        told.add(&items(tags), &above);
        above.extend(numbers);
    }
    told.number()
}

fn number(tag: &Tag) -> Option<u32> {
    if let Tag::Number(number) | Tag::Total(number) = tag { Some(u32::from(*number)) } else { None }
}

/// Whether words say that a number counts the guest, and which one: the only one before them, else a word for so many behind.
enum Counted {
    No,
    Yes(u32),
    /// That is denied, or other numbers or persons stand beside it: the whole text tells nothing then.
    Unclear,
}

fn counted_in(tags: &[Tag]) -> Counted {
    let Some(at) = tags.iter().position(|tag| *tag == Tag::Incl) else { return Counted::No };
    let (before, behind) = tags.split_at(at);
    let is_denied = before.last() == Some(&Tag::Not);
    // "My wife and the three children will come, me included."
    if is_denied || tags.iter().any(|tag| matches!(tag, Tag::One | Tag::Two | Tag::Both)) {
        return Counted::Unclear;
    }
    let mut numbers = before.iter().enumerate().filter_map(|(at, tag)| Some((at, number(tag)?)));
    match (numbers.next(), numbers.next()) {
        (Some((at, number)), None) if number > 1 && is_of_people(before.get(at + 1..).unwrap_or_default()) => Counted::Yes(number),
        (Some(_), Some(_)) => Counted::Unclear,
        (Some(_), None) => Counted::No,
        (None, _) => {
            let total = behind.iter().find(|tag| matches!(tag, Tag::Total(_)));
            total.and_then(number).map_or(Counted::No, Counted::Yes)
        }
    }
}

/// Whether what stands behind a number says that it counts people, or nothing of it: "seven colleagues", "seven, including me".
fn is_of_people(behind: &[Tag]) -> bool {
    let next = behind.iter().find(|tag| **tag != Tag::Filler);
    next.is_none_or(|tag| matches!(tag, Tag::Many | Tag::Either | Tag::Adult | Tag::We | Tag::Comma))
}

/// "2-3 of us", "zu dritt oder zu viert"
fn is_either(tags: &[Tag]) -> bool {
    let counts = |tag: &Tag| matches!(tag, Tag::Number(_) | Tag::Total(_));
    // "my wife and I (2)" says it twice.
    tags.windows(2).any(|pair| pair.iter().all(counts) && pair.first().and_then(number) != pair.last().and_then(number))
        || tags.windows(3).any(|three| matches!(three, [one, Tag::Other, other] if counts(one) && counts(other)))
}
