//! What one item of a list counts, and what the list does.

use super::{Join, Tag};

/// One item of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Part {
    pub(super) people: u32,
    /// The guest is among them.
    pub(super) guest: bool,
    pub(super) of: Of,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Of {
    Me,
    /// A number that counts the guest.
    Us,
    /// A number of adults; the guest is one of them where others are listed, too.
    Adults,
    Person,
    /// A number of others.
    Others,
}

/// The persons of an item, with what joins them to the next one.
type Listed = (Part, Join);

fn is_person(tag: Tag) -> bool {
    matches!(tag, Tag::One | Tag::Two | Tag::Many | Tag::Adult)
}

/// Whom the tags of an item are; None where they are no persons, or nobody knows how many.
pub(super) fn part(tags: &[Tag]) -> Option<Part> {
    let core: Vec<Tag> = tags.iter().copied().filter(|tag| !matches!(tag, Tag::Filler | Tag::Take | Tag::Alone)).collect();
    if core.is_empty() || core.iter().any(|tag| matches!(tag, Tag::Not | Tag::Other)) {
        return None;
    }
    let has = |wanted: Tag| core.contains(&wanted);
    let us = |people| Some(Part { people, guest: true, of: Of::Us });
    let others = |people| Some(Part { people, guest: false, of: Of::Others });
    let person = Some(Part { people: 1, guest: false, of: Of::Person });
    let total =
        core.iter().enumerate().find_map(|(at, tag)| if let Tag::Total(number) = tag { Some((at, u32::from(*number))) } else { None });
    if let Some((at, number)) = total {
        // "the two of us", but "the two sons"
        let of_others = core.iter().skip(at + 1).any(|tag| is_person(*tag)) && !has(Tag::We);
        return if of_others { others(number) } else { us(number) };
    }
    if has(Tag::We) {
        // Side by side: "we come at 12" is no number of people.
        let number = tags.windows(2).find_map(|pair| match pair {
            [Tag::We, Tag::Number(number)] | [Tag::Number(number), Tag::We] => Some(u32::from(*number)),
            _ => None,
        });
        return match number {
            Some(number) if core.len() <= 3 => us(number),
            // "we parents"
            _ if core.len() == 2 && (has(Tag::Both) || has(Tag::Two)) => us(2),
            // "our son", where one word is both
            None if core.len() == 2 && has(Tag::One) => person,
            _ => None,
        };
    }
    if let Some(at) = core.iter().position(|tag| *tag == Tag::Me) {
        let rest = core.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, tag)| *tag);
        let me = |people| Some(Part { people, guest: true, of: Of::Me });
        return match rest.clone().all(|tag| matches!(tag, Tag::One | Tag::Name)) {
            _ if core.len() == 1 => me(1),
            // "me my wife", but "дъщеря ми", which is "my daughter"
            true if at == 0 => me(if has(Tag::One) { 2 } else { 1 }),
            true => person,
            false => None,
        };
    }
    let number = core.iter().find_map(|tag| if let Tag::Number(number) = tag { Some(u32::from(*number)) } else { None });
    if let Some(number) = number {
        return match number {
            number if has(Tag::Adult) => Some(Part { people: number, guest: true, of: Of::Adults }),
            1 if has(Tag::One) => person,
            // "two couples", "two grandparents"
            _ if has(Tag::Two) => None,
            // "my 40 year old son" is no forty; in some languages a number is followed by the singular.
            number => others(number).filter(|_| has(Tag::Many) || tags.windows(2).any(|pair| matches!(pair, [Tag::Number(_), Tag::One]))),
        };
    }
    let noun = core.iter().position(|tag| is_person(*tag));
    match core.iter().position(|tag| *tag == Tag::Both) {
        // "both my husband and I"
        Some(both) if noun.is_some_and(|noun| both < noun) && !has(Tag::Many) && !has(Tag::Two) => person,
        Some(both) => noun.map_or(us(2), |noun| others(2).filter(|_| both < noun)),
        None if has(Tag::Two) => others(2),
        None if has(Tag::Many) || has(Tag::Adult) => None,
        None => person,
    }
}

/// Whether a verb by which somebody is brought stands before the persons of an item.
pub(super) fn brought(tags: &[Tag]) -> bool {
    let counts = |tag: &Tag| is_person(*tag) || matches!(tag, Tag::Number(_) | Tag::Total(_) | Tag::Both | Tag::Name);
    tags.iter().take_while(|tag| !counts(tag)).any(|tag| *tag == Tag::Take)
}

/// The items up to the one behind the last "and": what follows after a comma is no part of the list. Without any "and" three are a
/// list, and of two the second one is something else.
pub(super) fn coordinated(list: &[Listed]) -> &[Listed] {
    let joins = list.len().saturating_sub(1);
    let last = list.iter().take(joins).rposition(|(_, join)| *join != Join::Mark);
    let end = match last {
        Some(last) => last + 2,
        None if list.len() < 3 => 1,
        None => list.len(),
    };
    list.get(..end).unwrap_or(list)
}

/// How many a list with the guest in it counts, two or more.
pub(super) fn sum(list: &[Listed]) -> Option<u32> {
    let list = coordinated(list);
    let ((first, join), rest) = list.split_first()?;
    let with_guest: Vec<usize> = list.iter().enumerate().filter(|(_, (part, _))| part.guest).map(|(at, _)| at).collect();
    let others: u32 = rest.iter().map(|(part, _)| part.people).sum();
    let total = first.people + others;
    let is_with = *join == Join::With;
    let number = match (with_guest.as_slice(), first.of) {
        ([], _) => None,
        (_, of) if rest.is_empty() => (of == Of::Us).then_some(first.people),
        // "six people with me", "two adults, one son and me", which are two or four
        (_, Of::Others) if rest.len() == 1 && is_with || others == first.people && rest.len() > 1 => None,
        // The number, and who they are: "we four, my wife, the two kids and me".
        (_, Of::Us) if *join == Join::Mark && (others == first.people || others + 1 == first.people) => Some(first.people),
        // "we two with my husband, and three children": he is one of the two.
        ([0], Of::Us) if first.people == 2 && is_with && rest.first()?.0.people == 1 => Some(total - 1),
        ([0], Of::Us) if is_with => None,
        ([_], _) => Some(total),
        _ => None,
    };
    number.filter(|number| *number >= 2)
}
