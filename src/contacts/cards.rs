//! vCard 2.1, 3.0 and 4.0 (RFC 6350): one card, one row.

use super::Unreadable;
use super::columns::Columns;
use super::encoding::Guess;
use super::table::{Meter, Row, Table};
use crate::model::visible;
use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardParameterValue, VCardProperty, VCardValue};
use calcard::{Entry, Parser};
use csv::StringRecord;

pub(super) fn read(file: &str, text: &str, guessed: Option<Guess>) -> Result<(Table, Columns), Unreadable> {
    let mut parser = Parser::new(text);
    let mut meter = Meter::new(file);
    let header: Vec<String> = ["EMAIL", "FN", "LANG", "ORG", "TZ"].map(str::to_owned).to_vec();
    let mut notes: Vec<String> = guessed.map(|g| g.note(file)).into_iter().collect();
    if let Some(line) = unclosed(text) {
        let why = format!("the card that begins in line {line} has no END:VCARD");
        return Err(Unreadable::Damaged { file: file.to_owned(), why });
    }
    let (mut rows, mut number) = (Vec::new(), 0);
    loop {
        match parser.entry() {
            Entry::VCard(card) => {
                number += 1;
                let cells = cells(file, number, &card, &mut notes);
                rows.push(Row { number, cells });
            }
            Entry::Eof => break,
            _ => {}
        }
        // Broken lines count too, so that the loop has an end whatever the parser does.
        meter.row(header.len())?;
    }
    let table = Table { width: header.len(), header, rows, delimiter: b',', ragged: false, notes };
    let mut columns = Columns::of(file, &table)?;
    columns.notes.clear();
    Ok((table, columns))
}

/// The line of a card that is not closed before the next begins or the file ends; calcard would return half of it and
/// drop the next.
fn unclosed(text: &str) -> Option<u32> {
    let mut open = None;
    for (line, number) in text.lines().zip(1u32..) {
        let line = line.trim();
        if line.eq_ignore_ascii_case("BEGIN:VCARD") {
            if open.is_some() {
                return open;
            }
            open = Some(number);
        } else if line.eq_ignore_ascii_case("END:VCARD") {
            open = None;
        }
    }
    open
}

fn cells(file: &str, number: u32, card: &VCard, notes: &mut Vec<String>) -> StringRecord {
    let email = preferred(card, &VCardProperty::Email);
    let emails = card.entries.iter().filter(|e| e.name == VCardProperty::Email && !text(e).is_empty()).count();
    let address = email.map(text).unwrap_or_default();
    if emails > 1 && notes.len() < super::MAX_NOTES {
        notes.push(format!("{file}: card {number} has {emails} addresses; {} is taken", super::table::shown(&address)));
    }
    let zone = preferred(card, &VCardProperty::Tz).map(text).unwrap_or_default();
    // Only a name is a zone: an offset (+02:00) does not say what time it is in summer.
    let zone = if zone.contains('/') { zone } else { String::new() };
    let mut name = preferred(card, &VCardProperty::Fn).map(text).unwrap_or_default();
    if visible::is_blank(&name) {
        name = preferred(card, &VCardProperty::N).map(spoken_name).unwrap_or_default();
    }
    let lang = preferred(card, &VCardProperty::Lang).map(text).unwrap_or_default();
    let organisation = preferred(card, &VCardProperty::Org).map(|e| joined(e, ", ")).unwrap_or_default();
    let mut cells = [address, name, lang, organisation, zone].map(|c| c.trim().to_owned());
    if cells.iter().all(String::is_empty) {
        // The card is there and must be answered for: an address that is none.
        if let Some(name) = cells.get_mut(1) {
            "(no name)".clone_into(name);
        }
    }
    StringRecord::from(cells.to_vec())
}

/// The entry of a property with the lowest PREF (RFC 6350 §5.3) or TYPE=pref (RFC 2426), else the first with a text.
fn preferred<'a>(card: &'a VCard, property: &VCardProperty) -> Option<&'a VCardEntry> {
    let entries = card.entries.iter().filter(|e| e.name == *property && !joined(e, "").trim().is_empty());
    entries.min_by_key(|e| rank(e))
}

fn rank(entry: &VCardEntry) -> u32 {
    let says_pref = |t: &str| t.split(',').any(|w| w.trim().eq_ignore_ascii_case("pref"));
    let ranks = entry.params.iter().filter_map(|p| match (&p.name, &p.value) {
        (VCardParameterName::Pref, VCardParameterValue::Integer(n)) => Some(*n),
        (VCardParameterName::Pref, VCardParameterValue::Text(t)) => t.trim().parse().ok().or(Some(1)),
        (VCardParameterName::Pref, _) => Some(1),
        (VCardParameterName::Type, VCardParameterValue::Text(t)) if says_pref(t) => Some(1),
        (VCardParameterName::Other(name), _) if says_pref(name) => Some(1),
        _ => None,
    });
    ranks.min().unwrap_or(u32::MAX)
}

fn text(entry: &VCardEntry) -> String {
    joined(entry, " ")
}

fn parts(entry: &VCardEntry) -> impl Iterator<Item = String> {
    entry.values.iter().map(|value| match value {
        VCardValue::Text(text) => text.clone(),
        VCardValue::Component(texts) => texts.join(" "),
        // Old cards write bytes without saying in which encoding.
        VCardValue::Binary(data) => String::from_utf8_lossy(&data.data).into_owned(),
        _ => String::new(),
    })
}

fn joined(entry: &VCardEntry, between: &str) -> String {
    parts(entry).filter(|p| !p.trim().is_empty()).collect::<Vec<_>>().join(between)
}

/// N is family; given; additional; prefixes; suffixes (RFC 6350 §6.2.2).
fn spoken_name(entry: &VCardEntry) -> String {
    let mut parts = parts(entry).map(|p| p.trim().to_owned());
    let (family, given) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let more = parts.next().unwrap_or_default();
    [given, more, family].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
}
