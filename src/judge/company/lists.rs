//! The lists of a sentence: found, then judged.

use super::{
    Tag,
    parts::{Listed, Of, Part, brought, coordinated, counts, is_person, part, sum},
};

/// What joins an item to the next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Join {
    Mark,
    With,
    And,
}

/// What stands between the marks and the "and"s of a sentence.
pub(super) struct Item {
    tags: Vec<Tag>,
    join: Join,
}

pub(super) fn items(tags: Vec<Tag>) -> Vec<Item> {
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

/// The item before one, where it is joined to it by more than a mark.
fn joined_before(items: &[Item], at: usize) -> Option<&Item> {
    at.checked_sub(1).and_then(|before| items.get(before)).filter(|before| before.join != Join::Mark)
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alone {
    #[default]
    No,
    Said,
    /// With no word of anybody else: it stands against every number.
    Only,
}

/// Whether an item says that the guest comes alone, and not "not alone"; where persons follow behind an "and", it does not ("only me and
/// the little one").
pub(super) fn alone(items: &[Item], at: usize) -> Alone {
    let Some(item) = items.get(at) else { return Alone::No };
    let first = item.tags.iter().find(|tag| matches!(tag, Tag::Alone | Tag::JustMe | Tag::Not));
    let goes_on =
        item.join != Join::Mark || items.get(at + 1).is_some_and(|next| next.join > Join::Mark && part(leading(&next.tags)).is_some());
    if first.is_none_or(|tag| *tag == Tag::Not) || goes_on {
        return Alone::No;
    }
    let names_others = joined_before(items, at).is_some() || item.tags.iter().any(|tag| counts(*tag));
    if names_others { Alone::Said } else { Alone::Only }
}

/// Persons, one item behind the other, and what stands around them.
pub(super) struct List<'a> {
    parts: Vec<Listed>,
    /// The tags of its first item, as far as they are of the list.
    tags: &'a [Tag],
    first: Part,
    /// The item that an "and" or a "with" joins to the first one.
    before: Option<&'a Item>,
    /// No other words but an article and an adjective stand between these two.
    joined: bool,
    /// No other words stand behind the last person.
    open: bool,
    /// What is joined to the last person, up to another word.
    behind: &'a [Tag],
}

/// What a list tells.
pub(super) enum Tells {
    Nothing,
    /// How many come, the guest included.
    All(u32),
    /// The same, of those whom the guest brings.
    Brought(u32),
}

impl<'a> List<'a> {
    /// The list that begins in an item, maybe behind other words.
    pub(super) fn at(items: &'a [Item], at: usize) -> Option<Self> {
        let item = items.get(at)?;
        let other = item.tags.iter().rposition(|tag| *tag == Tag::Other).map_or(0, |other| other + 1);
        let (words, last) = item.tags.split_at_checked(other)?;
        let beginning = leading(&item.tags);
        let (first, tags, starts, mut open) = match (part(last), part(beginning)) {
            (Some(first), _) => (first, last, words.is_empty() || is_adjective(words, last), true),
            (None, Some(first)) => (first, beginning, true, beginning.len() == item.tags.len()),
            (None, None) => return None,
        };
        let mut parts = vec![(first, item.join)];
        while open && let Some(next) = items.get(at + parts.len()) {
            let tags = leading(&next.tags);
            let Some(part) = part(tags) else { break };
            parts.push((part, next.join));
            open = tags.len() == next.tags.len();
        }
        // "Perfecto, vamos los cuatro": a name before all that come adds none.
        if tags.contains(&Tag::Perhaps) && parts.get(1).is_some_and(|(part, _)| part.of == Of::Us) {
            return None;
        }
        let before = joined_before(items, at);
        let behind = items.get(at + parts.len()).filter(|_| open).map(|next| leading(&next.tags)).unwrap_or_default();
        Some(Self { parts, tags, first, before, joined: starts && before.is_some(), open, behind })
    }

    /// How many items it has, at least one.
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// That its first word may be a name or none.
    pub(super) fn may_begin_with_name(&self) -> bool {
        self.tags.contains(&Tag::Perhaps)
    }

    pub(super) fn tells(&self) -> Tells {
        if self.begins_a_clause() || self.goes_on_uncounted() && !self.is_of_all() {
            return Tells::Nothing;
        }
        match sum(&self.parts) {
            // "Only me, Tom and Ann cannot make it"
            Some(_) if self.tags.contains(&Tag::JustMe) && !self.open => Tells::Nothing,
            Some(number) => Tells::All(number),
            None if self.is_brought() => Tells::Brought(1 + coordinated(&self.parts).iter().map(|(part, _)| part.people).sum::<u32>()),
            None => Tells::Nothing,
        }
    }

    /// "I am coming, my wife and son are staying at home."
    fn begins_a_clause(&self) -> bool {
        let is_with = self.parts.first().is_some_and(|(_, join)| *join == Join::With);
        self.first.of == Of::Me && self.tags.contains(&Tag::Take) && self.len() > 1 && !is_with && !self.open
    }

    /// "With my wife and kids", "our sons Tom and Jo and I": nobody knows how many.
    fn goes_on_uncounted(&self) -> bool {
        let is_several = |tag: &Tag| matches!(tag, Tag::Many | Tag::Either);
        let is_joined = self.parts.last().is_some_and(|(_, join)| *join != Join::Mark);
        is_joined && self.behind.iter().any(is_several)
            || self.before.is_some_and(|before| before.tags.iter().any(is_several) && before.tags.contains(&Tag::Name))
    }

    /// "The four of us", with whoever follows.
    fn is_of_all(&self) -> bool {
        self.len() == 1 && self.first.of == Of::Us && self.first.people > 2
    }

    /// Whether its persons are others whom the guest brings: "avec mon mari", but not "avec la voiture de mon mari".
    fn is_brought(&self) -> bool {
        // "Je viens et mon mari garde les enfants"
        let behind_verb = |before: &Item| ends_with_take(&before.tags) && (before.join == Join::With || self.open);
        let is_taken = brought(self.tags) || self.joined && self.before.is_some_and(behind_verb);
        is_taken && self.parts.iter().all(|(part, _)| !part.guest) && (self.joined || matches!(self.first.of, Of::Person | Of::Named))
    }
}

/// Whether words before a noun are an article and one other word: "with one hungry person", but not "with my friend's car and his son".
fn is_adjective(words: &[Tag], noun: &[Tag]) -> bool {
    let article = |tags: &[Tag]| !tags.is_empty() && tags.iter().all(|tag| matches!(tag, Tag::Filler | Tag::Number(1)));
    matches!(words.split_last(), Some((Tag::Other, before)) if article(before)) && noun.first().is_some_and(|tag| is_person(*tag))
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
