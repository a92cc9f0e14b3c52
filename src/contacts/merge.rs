//! Rows compared with one another: the same guest twice, an office mailbox, a name that is missing.

use super::MAX_NOTES;
use super::rows::Read;
use crate::model::{Address, Complaint, Guest};
use std::collections::{HashMap, hash_map::Entry};

pub(super) struct Merged {
    pub guests: Vec<Guest>,
    pub complaints: Vec<Complaint>,
    pub notes: Vec<String>,
    pub merged: usize,
}

/// Same address and same name: the first row is kept, later ones fill what it leaves empty. Same address, other names:
/// several guests. Same address, one with a name and one without: a complaint about the row without.
pub(super) fn merge(file: &str, read: Read) -> Merged {
    let named = named_addresses(&read);
    let mut out = Merged { guests: Vec::with_capacity(read.guests.len()), complaints: read.complaints, notes: read.notes, merged: 0 };
    let mut places: HashMap<(Address, String), usize> = HashMap::with_capacity(read.guests.len());
    for guest in read.guests {
        let key = guest.name_key();
        if let (true, Some((name, row))) = (key.is_empty(), named.get(&guest.email)) {
            let email = &guest.email;
            let why = format!(
                "{email} stands in row {row} with the name \"{name}\", and here without one: write the name here too, or remove this row"
            );
            let (column, value) = (read.name_heading.clone(), String::new());
            out.complaints.push(Complaint { file: file.to_owned(), row: guest.row, column, value, why });
            continue;
        }
        match places.entry((guest.email.clone(), key)) {
            Entry::Vacant(place) => {
                place.insert(out.guests.len());
                out.guests.push(guest);
            }
            Entry::Occupied(place) => {
                out.merged += 1;
                if let Some(first) = out.guests.get_mut(*place.get()) {
                    let note = fill(file, first, guest);
                    if out.merged <= MAX_NOTES {
                        out.notes.push(note);
                    }
                }
            }
        }
    }
    if out.merged > MAX_NOTES {
        out.notes.push(format!("{file}: {} more rows were merged", out.merged - MAX_NOTES));
    }
    out
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

/// Fills what `first` leaves empty from `later`, and says so.
fn fill(file: &str, first: &mut Guest, later: Guest) -> String {
    let name = if first.name.is_empty() { String::new() } else { format!(" ({})", first.name) };
    let mut note = format!("{file}: row {} is the same guest as row {}, {}{name}: merged", later.row, first.row, first.email);
    let row = later.row;
    let mut conflict = |what: &str, kept: &str, other: &str| {
        let (kept, other) = (super::table::shown(kept), super::table::shown(other));
        note.push_str(&format!("; {what} stays \"{kept}\", row {row} has \"{other}\""));
    };
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
