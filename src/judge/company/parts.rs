//! What one item of a list counts, and what the list does.

use super::{Tag, lists::Join};

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
    /// Somebody who is nothing but named.
    Named,
    /// A number of others.
    Others,
}

/// The persons of an item, with what joins them to the next one.
pub(super) type Listed = (Part, Join);

pub(super) fn is_person(tag: Tag) -> bool {
    matches!(tag, Tag::One | Tag::Two | Tag::Many | Tag::Either | Tag::Adult)
}

/// Whom the tags of an item are; None where they are no persons, or nobody knows how many.
pub(super) fn part(tags: &[Tag]) -> Option<Part> {
    let core = tags.iter().filter(|tag| !matches!(tag, Tag::Filler | Tag::Take | Tag::Alone));
    let mut core: Vec<Tag> = core.map(|tag| if *tag == Tag::JustMe { Tag::Me } else { *tag }).collect();
    // "I bring my son", but "I come to Paris"
    if core.first() == Some(&Tag::Me) && core.iter().any(|tag| is_person(*tag)) && tags.windows(2).any(|pair| pair == [Tag::Me, Tag::Take])
    {
        core.remove(0);
    }
    if core.is_empty() || core.iter().any(|tag| matches!(tag, Tag::Not | Tag::Incl | Tag::Other)) {
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
        return match rest.clone().all(|tag| matches!(tag, Tag::One | Tag::Name | Tag::Perhaps)) {
            _ if core.len() == 1 => me(1),
            // "me my wife", but "дъщеря ми", which is "my daughter"
            true if at == 0 => me(if has(Tag::One) { 2 } else { 1 }),
            true => person,
            false => None,
        };
    }
    let place = |wanted: fn(&Tag) -> bool| core.iter().position(wanted);
    // "three barn", but "unsere Tochter (3)"
    let is_counted = place(|tag| matches!(tag, Tag::Number(_))) < place(|tag| *tag == Tag::Either);
    let is_several = has(Tag::Many) || has(Tag::Either) && is_counted;
    let is_before_one = |number: Tag| tags.windows(2).any(|pair| pair == [number, Tag::One]);
    if let Some(number) = core.iter().copied().find(|tag| matches!(tag, Tag::Number(_))) {
        return match number {
            Tag::Number(people) if has(Tag::Adult) => Some(Part { people: people.into(), guest: true, of: Of::Adults }),
            Tag::Number(1) if has(Tag::One) || has(Tag::Either) => person,
            // "two couples", "two grandparents"
            _ if has(Tag::Two) => None,
            // "my 40 year old son" is no forty; in some languages a number is followed by the singular.
            Tag::Number(people) if is_several || is_before_one(number) => others(people.into()),
            _ => None,
        };
    }
    let noun = core.iter().position(|tag| is_person(*tag));
    match core.iter().position(|tag| *tag == Tag::Both) {
        // "both my husband and I", but "obje sestre"
        Some(both) if noun.is_some_and(|noun| both < noun) && !is_several && !has(Tag::Two) => person,
        Some(both) => noun.map_or(us(2), |noun| others(2).filter(|_| both < noun)),
        None if has(Tag::Two) => others(2),
        None if has(Tag::Many) || has(Tag::Adult) => None,
        None if noun.is_none() => Some(Part { people: 1, guest: false, of: Of::Named }),
        None => person,
    }
}

/// Whether a word is of persons, or of how many.
pub(super) fn counts(tag: Tag) -> bool {
    is_person(tag) || matches!(tag, Tag::Number(_) | Tag::Total(_) | Tag::Both | Tag::Name | Tag::Perhaps)
}

/// Whether a verb by which somebody is brought stands before the persons of an item.
pub(super) fn brought(tags: &[Tag]) -> bool {
    tags.iter().take_while(|tag| !counts(**tag)).any(|tag| *tag == Tag::Take)
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

/// Where a number of people is followed by the names of just so many, these are the same people: "me and two friends, Ann and Tom".
/// Where the guest is named among them, the number counts the guest: "three friends, Ann, Tom and me". None where one is named beside two
/// and the guest ("the two kids, Ann and me").
fn without_their_names(list: &[Listed]) -> Option<Vec<Listed>> {
    let mut list = list.to_vec();
    let is_number = |(part, join): &Listed| *join == Join::Mark && matches!(part.of, Of::Others | Of::Us | Of::Adults);
    let Some(at) = list.iter().position(is_number) else { return Some(list) };
    let (rest, number) = (list.split_off(at + 1), list.last_mut());
    let Some((part, join)) = number else { return Some(rest) };
    let named = rest.iter().take_while(|(part, _)| part.of == Of::Named).count();
    let many = part.people as usize;
    match rest.get(named..) {
        Some([]) if named == many && part.of == Of::Others => *join = Join::Mark,
        Some([(me, _)]) if at == 0 && named > 0 && named + 1 == many && me.of == Of::Me && me.people == 1 => {
            if named == 1 && part.of == Of::Others {
                return None;
            }
            *part = Part { people: part.people, guest: true, of: Of::Us };
            *join = Join::Mark;
        }
        Some(behind) if named > 0 && named == many && part.of == Of::Others => {
            *join = rest.get(named - 1).map_or(Join::Mark, |(_, join)| *join);
            list.extend_from_slice(behind);
        }
        _ => list.extend(rest),
    }
    Some(list)
}

/// How many a list with the guest in it counts, two or more.
pub(super) fn sum(list: &[Listed]) -> Option<u32> {
    let list = without_their_names(coordinated(list))?;
    let ((first, join), rest) = list.split_first()?;
    let with_guest: Vec<usize> = list.iter().enumerate().filter(|(_, (part, _))| part.guest).map(|(at, _)| at).collect();
    let others: u32 = rest.iter().map(|(part, _)| part.people).sum();
    let total = first.people + others;
    let is_with = *join == Join::With;
    let is_one_named = matches!(list.as_slice(), [(person, Join::Mark), (name, _), _] if person.of == Of::Person && name.of == Of::Named);
    let number = match (with_guest.as_slice(), first.of) {
        ([], _) => None,
        // "my wife, Anna, and I", who may be two
        _ if is_one_named => None,
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
