//! Who comes along, as a sentence lists them: "granny, my parents, me and the twins" are six.
//!
//! The third witness of numbers, beside the learned one, which cannot add, and the phrases of `party`, which know few of these lists. It
//! knows words for persons, numbers and what joins them, one by one, in 38 languages (`words/company/`; Bosnians write Croatian or
//! Serbian words), and no grammar: so it is believed only where the learned witness does not find its number improbable; where the two
//! hear different numbers, none is sure. The words were written by a language model; no native speaker has looked at them.

mod lexicon;
mod parts;
mod pieces;
#[cfg(test)]
mod tests;

use super::{delegate::behind_greeting, text::Text};
use parts::{Of, brought, coordinated, counts, part, sum};
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

/// The numbers that sentences tell, with the guest in each of them.
#[derive(Default)]
struct Told {
    /// By lists, and by words for so many.
    counted: Vec<u32>,
    /// One of these is a list.
    listed: bool,
    /// By those whom the guest brings.
    brought: Vec<u32>,
}

fn told_by(sentences: impl Iterator<Item = Vec<Tag>>) -> Option<u32> {
    let (mut told, mut alone, mut only) = (Told::default(), false, false);
    let mut above = Vec::new();
    for tags in sentences.filter(|tags| !is_either(tags)) {
        let numbers: Vec<u32> = tags.iter().filter_map(number).collect();
        match counted_in(&tags) {
            Counted::No => {}
            Counted::Yes(number) => told.counted.push(number),
            Counted::Unclear => return None,
        }
        let items = items(tags);
        for (at, item) in items.iter().enumerate() {
            let behind = || items.get(at + 1).filter(|next| next.join > Join::Mark).and_then(|next| part(leading(&next.tags)));
            let is_one = item.join == Join::Mark && is_alone(&item.tags) && behind().is_none();
            let before = at.checked_sub(1).and_then(|before| items.get(before));
            alone |= is_one;
            only |= is_one && before.is_none_or(|before| before.join == Join::Mark) && !item.tags.iter().any(|tag| counts(*tag));
        }
        lists(&items, &above, &mut told);
        above.extend(numbers);
    }
    // "Tom and I will come. I bring my son."
    if told.listed && !told.brought.is_empty() {
        return None;
    }
    let mut numbers = told.counted.into_iter().chain(told.brought);
    match numbers.next() {
        // "Thanks from me and my wife, but only I am coming."
        Some(_) if only => None,
        Some(number) => numbers.all(|other| other == number).then_some(number),
        None => alone.then_some(1),
    }
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
    settle(&mut items);
    items
}

/// The first word of a sentence is a name where it is joined to another one or to the guest ("Tom and I"); before a comma it may be one.
fn settle(items: &mut [Item]) {
    let first_of = |item: Option<&Item>| item.and_then(|item| item.tags.first().copied());
    for at in 0..items.len() {
        let next = first_of(items.get(at + 1));
        let Some(item) = items.get_mut(at).filter(|item| item.tags.contains(&Tag::Perhaps)) else { continue };
        let is_whole = matches!(item.tags.as_slice(), [Tag::Perhaps] | [Tag::Perhaps, Tag::Name]);
        let settled = match item.join {
            Join::Mark if is_whole => Tag::Perhaps,
            Join::And | Join::With if is_whole && matches!(next, Some(Tag::Me | Tag::Name)) => Tag::Name,
            _ => Tag::Other,
        };
        item.tags.iter_mut().filter(|tag| **tag == Tag::Perhaps).for_each(|tag| *tag = settled);
    }
}

/// "2-3 of us", "zu dritt oder zu viert"
fn is_either(tags: &[Tag]) -> bool {
    let counts = |tag: &Tag| matches!(tag, Tag::Number(_) | Tag::Total(_));
    // "my wife and I (2)" says it twice.
    tags.windows(2).any(|pair| pair.iter().all(counts) && pair.first().and_then(number) != pair.last().and_then(number))
        || tags.windows(3).any(|three| matches!(three, [one, Tag::Other, other] if counts(one) && counts(other)))
}

/// Whether the guest comes alone, and not "not alone"; where an "and" follows, not alone either ("only me and the little one").
fn is_alone(tags: &[Tag]) -> bool {
    let first = tags.iter().find(|tag| matches!(tag, Tag::Alone | Tag::JustMe | Tag::Not));
    first.is_some_and(|tag| *tag != Tag::Not)
}

/// The numbers that the lists of a sentence tell. One that may begin with a name counts only where its number stands further up ("put four
/// down: Kate, Mark, Jo and me").
fn lists(items: &[Item], above: &[u32], told: &mut Told) {
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
        let before = before.filter(|before| before.join != Join::Mark);
        // "avec la voiture de mon mari"
        let joined = before.is_some() && (behind == 0 || tags.len() == ends.len());
        // "Je viens et mon mari garde les enfants"
        let is_joined_to_take = |before: &Item| ends_with_take(&before.tags) && (before.join == Join::With || open);
        let taken = brought(tags) || joined && before.is_some_and(is_joined_to_take);
        let next = items.get(at + list.len()).filter(|_| open).map(|next| leading(&next.tags)).unwrap_or_default();
        let is_several = |tag: &Tag| matches!(tag, Tag::Many | Tag::Either);
        // "with my wife and kids", "our sons Tom and Jo and I": nobody knows how many.
        let is_unknown = list.last().is_some_and(|(_, join)| *join != Join::Mark) && next.iter().any(is_several)
            || before.is_some_and(|before| before.tags.iter().any(is_several) && before.tags.contains(&Tag::Name));
        let is_all = list.len() == 1 && first.of == Of::Us && first.people > 2;
        // "I am coming, my wife and son are staying at home."
        let is_clause = first.of == Of::Me && tags.contains(&Tag::Take) && list.len() > 1 && item.join != Join::With && !open;
        if is_clause || is_unknown && !is_all {
            at += list.len();
            continue;
        }
        // "Perfecto, vamos los cuatro": a name before all that come adds none.
        if tags.contains(&Tag::Perhaps) && list.get(1).is_some_and(|(part, _)| part.of == Of::Us) {
            at += 1;
            continue;
        }
        if let Some(number) = sum(&list) {
            // "Only me, Tom and Ann cannot make it"
            let is_of_others = tags.contains(&Tag::JustMe) && !open;
            let is_sure = !is_of_others && (!tags.contains(&Tag::Perhaps) || above.contains(&number));
            if is_sure {
                told.counted.push(number);
                told.listed |= list.len() > 1;
            }
        } else if taken && list.iter().all(|(part, _)| !part.guest) && (joined || matches!(first.of, Of::Person | Of::Named)) {
            let others: u32 = coordinated(&list).iter().map(|(part, _)| part.people).sum();
            told.brought.push(others + 1);
        }
        at += list.len();
    }
}

/// The tags before the first word that is none of a list. A "both" before such a word may be of anything ("both days").
fn leading(tags: &[Tag]) -> &[Tag] {
    let Some(end) = tags.iter().position(|tag| *tag == Tag::Other) else { return tags };
    let before = tags.get(..end).unwrap_or_default();
    let is_of_more = before.iter().rev().find(|tag| **tag != Tag::Filler) == Some(&Tag::Both) && !before.contains(&Tag::We);
    if is_of_more { &[] } else { before }
}

/// Whether the last word of these, articles aside, is a verb by which somebody is brought.
fn ends_with_take(tags: &[Tag]) -> bool {
    tags.iter().rev().find(|tag| **tag != Tag::Filler) == Some(&Tag::Take)
}
