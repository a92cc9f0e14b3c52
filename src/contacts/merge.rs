//! Rows compared with one another: the same guest twice, an office mailbox, a name that is missing.

use super::MAX_NOTES;
use super::rows::Read;
use crate::model::{Address, Complaint, Guest, names};
use std::collections::{BTreeMap, HashMap, HashSet, hash_map::Entry};

pub(super) struct Merged {
    pub guests: Vec<Guest>,
    pub complaints: Vec<Complaint>,
    pub notes: Vec<String>,
    pub merged: usize,
}

/// Where a guest stands in the list, and every name that went into it.
type Place = (usize, Vec<String>);

/// Same address and same name, however it is spelt: the first row is kept, later ones fill what it leaves empty. Same address, other
/// names: several guests, and a note. Same address, one with a name and one without: a complaint about the row without. Same
/// address, no name in either, and other words elsewhere: a complaint, because they may be two people.
pub(super) fn merge(file: &str, read: Read) -> Merged {
    let named = named_addresses(&read);
    let mut out = Merged { guests: Vec::with_capacity(read.guests.len()), complaints: read.complaints, notes: read.notes, merged: 0 };
    let mut places: HashMap<(Address, Name), Vec<Place>> = HashMap::with_capacity(read.guests.len());
    for guest in read.guests {
        let key = guest.name_key();
        let mut refuse = |why: String| {
            let (column, value) = (read.name_heading.clone(), String::new());
            out.complaints.push(Complaint { file: file.to_owned(), row: guest.row, column, value, why });
        };
        let email = &guest.email;
        if let (true, Some((name, row))) = (key.is_empty(), named.get(email)) {
            refuse(format!(
                "{email} stands in row {row} with the name \"{name}\", and here without one: write the name here too, or remove this row"
            ));
            continue;
        }
        let same = places.entry((email.clone(), Name::of(&guest.name, &key))).or_default();
        // Every name that went into a guest is asked: "Andrea" may be either of Herr and Frau, not both.
        let is_same = |(at, taken): &&mut Place| {
            let is_one = |one: &String| !names::are_two(one, &guest.name);
            out.guests.get(*at).is_some_and(|one| one.name_key() == key) || taken.iter().all(is_one)
        };
        let place = same.iter_mut().find(is_same);
        let Some((first, taken)) = place.and_then(|(at, taken)| Some((out.guests.get_mut(*at)?, taken))) else {
            same.push((out.guests.len(), vec![guest.name.clone()]));
            out.guests.push(guest);
            continue;
        };
        if !taken.contains(&guest.name) {
            taken.push(guest.name.clone());
        }
        if let (true, Some((what, one, other))) = (key.is_empty(), two_people(first, &guest)) {
            let row = first.row;
            let (one, other) = (super::table::shown(one), super::table::shown(other));
            refuse(format!(
                "{email} stands in row {row} too, neither has a name, and their {what} differs (\"{one}\", \"{other}\"): if they are two guests, write their names in a column \"name\"; if they are one, remove this row"
            ));
            continue;
        }
        out.merged += 1;
        let note = fill(file, first, guest);
        if out.merged <= MAX_NOTES {
            out.notes.push(note);
        }
    }
    if out.merged > MAX_NOTES {
        out.notes.push(format!("{file}: {} more rows were merged", out.merged - MAX_NOTES));
    }
    let shared = shared(file, &out.guests);
    out.notes.extend(shared);
    let respelt = respelt(file, &out.guests);
    out.notes.extend(respelt);
    out
}

/// What two rows of an address must have in common to be one guest.
#[derive(PartialEq, Eq, Hash)]
enum Name {
    Spoken(Vec<String>),
    /// Where the words do not tell one person: letter by letter.
    Written(String),
}

impl Name {
    fn of(name: &str, key: &str) -> Self {
        // Mr and Mrs in one name are two people, whoever else is compared with them.
        let spoken = names::spoken(name).filter(|_| !names::are_two(name, name));
        spoken.map_or_else(|| Self::Written(key.to_owned()), Self::Spoken)
    }
}

/// What tells two rows without names apart: a column (or the organisation) that both fill with other words. Words have no digits:
/// two telephone numbers, or the times of two answers to a form, are no two people.
fn two_people<'a>(first: &'a Guest, later: &'a Guest) -> Option<(&'a str, &'a str, &'a str)> {
    let is_words = |text: &str| text.chars().any(char::is_alphabetic) && !text.contains(|c: char| c.is_numeric() || c == '@');
    let key = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let of = |guest: &'a Guest| guest.organisation.as_deref();
    let organisations = of(first).zip(of(later)).map(|(one, other)| ("organisation", one, other));
    let fields = first.fields.iter().filter_map(|(name, one)| Some((name.as_str(), one.as_str(), later.fields.get(name)?.as_str())));
    fields.chain(organisations).find(|(_, one, other)| is_words(one) && is_words(other) && key(one) != key(other))
}

/// How many rows one note about a shared address names.
const ROWS_NAMED: usize = 10;

/// A note for each address that several guests share: an office mailbox is meant so, a name spelt twice is not.
fn shared(file: &str, guests: &[Guest]) -> Vec<String> {
    let mut first: HashMap<&Address, u32> = HashMap::with_capacity(guests.len());
    let mut rows: BTreeMap<(u32, &Address), Vec<u32>> = BTreeMap::new();
    for guest in guests {
        match first.entry(&guest.email) {
            Entry::Vacant(place) => {
                place.insert(guest.row);
            }
            Entry::Occupied(place) => {
                let row = *place.get();
                rows.entry((row, &guest.email)).or_insert_with(|| vec![row]).push(guest.row);
            }
        }
    }
    let note = |((_, email), rows): (&(u32, &Address), &Vec<u32>)| {
        let (rows, letters) = (listed(rows), rows.len());
        format!("{file}: {email} stands in rows {rows} under different names: {letters} letters to this address")
    };
    let mut notes: Vec<String> = rows.iter().take(MAX_NOTES).map(note).collect();
    if rows.len() > MAX_NOTES {
        notes.push(format!("{file}: {} more addresses stand in several rows under different names", rows.len() - MAX_NOTES));
    }
    notes
}

/// "2, 3 and 5", or the first ten and how many more.
fn listed(rows: &[u32]) -> String {
    let mut words: Vec<String> = rows.iter().take(ROWS_NAMED).map(ToString::to_string).collect();
    let last = match rows.len().saturating_sub(ROWS_NAMED) {
        0 => words.pop().unwrap_or_default(),
        more => format!("{more} more"),
    };
    format!("{} and {last}", words.join(", "))
}

/// The first row with a name for each address, rows with complaints included.
fn named_addresses(read: &Read) -> HashMap<Address, (String, u32)> {
    let good = read.guests.iter().map(|g| (&g.email, &g.name, g.row));
    let bad = read.named_but_bad.iter().map(|(email, name, row)| (email, name, *row));
    let mut named = HashMap::new();
    for (email, name, row) in good.chain(bad).filter(|(_, name, _)| !name.is_empty()) {
        named.entry(email.clone()).or_insert_with(|| (name.clone(), row));
    }
    named
}

/// A note for each guest who stands there again under another spelling of the own address: the mailbox gets a letter for each.
fn respelt(file: &str, guests: &[Guest]) -> Vec<String> {
    let named = || guests.iter().filter(|guest| !guest.name.is_empty()).map(|guest| (guest, guest.email.mailbox()));
    // Most addresses have one spelling, and to compare names takes longer.
    let several: HashSet<String> = named().filter(|(guest, mailbox)| guest.email.as_str() != mailbox).map(|(_, mailbox)| mailbox).collect();
    let mut first: HashMap<(String, Vec<String>), &Guest> = HashMap::new();
    let mut notes = Vec::new();
    let mut more = 0;
    for (guest, mailbox) in named().filter(|(_, mailbox)| several.contains(mailbox)) {
        let one = *first.entry((mailbox, names::words(&guest.name))).or_insert(guest);
        if one.email == guest.email {
            continue;
        }
        if notes.len() == MAX_NOTES {
            more += 1;
            continue;
        }
        notes.push(format!(
            "{file}: {} in row {} and {} in row {} are one mailbox under one name: a letter to each; if it is one guest, remove a row",
            one.email, one.row, guest.email, guest.row
        ));
    }
    if more > 0 {
        notes.push(format!("{file}: {more} more rows have another spelling of an address under the same name"));
    }
    notes
}

/// Fills what `first` leaves empty from `later`, and says so.
fn fill(file: &str, first: &mut Guest, later: Guest) -> String {
    let name = if first.name.is_empty() { String::new() } else { format!(" ({})", first.name) };
    let mut note = format!("{file}: row {} is the same guest as row {}, {}{name}: merged", later.row, first.row, first.email);
    let row = later.row;
    let mut conflict = |what: &str, kept: &str, other: &str| {
        let (kept, other) = (super::table::shown(kept), super::table::shown(other));
        note.push_str(&format!("; {what} stays \"{kept}\", row {row} has \"{other}\""));
    };
    if first.name_key() != later.name_key() {
        conflict("name", &first.name, &later.name);
    }
    match (&first.lang, later.lang) {
        (None, other) => first.lang = other,
        (Some(kept), Some(other)) if *kept != other => conflict("lang", kept.as_str(), other.as_str()),
        _ => {}
    }
    for (what, kept, other) in [("organisation", &mut first.organisation, later.organisation), ("zone", &mut first.zone, later.zone)] {
        match (&kept, other) {
            (None, other) => *kept = other,
            (Some(kept), Some(other)) if **kept != other => conflict(what, kept, &other),
            _ => {}
        }
    }
    for (field, other) in later.fields {
        match first.fields.get(&field) {
            None => {
                first.fields.insert(field, other);
            }
            Some(kept) if *kept != other => conflict(&field, kept, &other),
            Some(_) => {}
        }
    }
    note
}
