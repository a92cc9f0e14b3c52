//! What each column means: headings in the organiser's language, names in two halves, names for templates.

use super::table::Table;
use super::{Unreadable, address_cell};
use crate::model::guest::column_name;
pub(super) use crate::model::guest::fold;
use crate::model::names::plain;
use csv::StringRecord;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

/// The header stands within the first so many rows that are not empty.
pub(super) const HEADER_WITHIN: usize = 10;
/// How many rows are looked at to tell an address column or a full name from half a one.
const LOOKED_AT: usize = 200;
/// So many letters of a heading are compared.
const LONGEST: usize = 100;
/// The names that `guest.` has of its own in a template.
const OWN: [&str; 5] = ["email", "name", "lang", "organisation", "zone"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Meaning {
    Email,
    Address,
    Name,
    Plain,
    First,
    Last,
    Person,
    Lang,
    Organisation,
    Zone,
}

static HEADINGS: LazyLock<HashMap<String, Meaning>> = LazyLock::new(|| {
    let lines = include_str!("headings.tsv").lines().filter(|l| !l.starts_with('#'));
    let entries = lines.filter_map(|line| {
        let (meaning, words) = line.split_once('\t')?;
        let meaning = match meaning {
            "email" => Meaning::Email,
            "address" => Meaning::Address,
            "name" => Meaning::Name,
            "plain" => Meaning::Plain,
            "first" => Meaning::First,
            "last" => Meaning::Last,
            "person" => Meaning::Person,
            "lang" => Meaning::Lang,
            "organisation" => Meaning::Organisation,
            "zone" => Meaning::Zone,
            _ => return None,
        };
        Some(words.split(", ").map(move |word| (bare(word), meaning)))
    });
    entries.flatten().collect()
});

fn meaning(heading: &str) -> Option<Meaning> {
    // A heading may carry a remark: "Email (obligatoriu)", "Language:".
    let head = heading.split(['(', '[', '*']).next().unwrap_or_default();
    HEADINGS.get(&bare(heading)).or_else(|| HEADINGS.get(&bare(head))).copied()
}

/// A heading folded; in a script of which folding leaves no letter, its words in small letters without accents.
fn bare(heading: &str) -> String {
    let folded = fold(heading);
    if folded.contains(|c: char| c.is_ascii_alphabetic()) {
        return folded;
    }
    let plain = plain(heading, LONGEST);
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

pub(super) fn is_known(heading: &str) -> bool {
    meaning(heading).is_some()
}

/// Whether one of the headings can stand above addresses.
pub(super) fn has_email<'a>(mut headings: impl Iterator<Item = &'a str>) -> bool {
    headings.any(|h| matches!(meaning(h), Some(Meaning::Email | Meaning::Address)))
}

/// The place of the header among the rows, and its cells without their trailing empty ones.
pub(super) fn find_header<'a>(file: &str, rows: impl Iterator<Item = (u32, &'a StringRecord)>) -> Result<(usize, Vec<String>), Unreadable> {
    let (mut first, mut above): (Option<&StringRecord>, Option<&StringRecord>) = (None, None);
    for (at, (row, cells)) in rows.take(HEADER_WITHIN).enumerate() {
        if let Some(value) = cells.iter().find(|c| address_cell::has_address(c)) {
            let filled = |cells: &StringRecord| cells.iter().filter(|c| !c.trim().is_empty()).count();
            if let Some(headings) = above.filter(|above| filled(above) > 1 || filled(cells) == 1) {
                return Err(Unreadable::NoEmailColumn { file: file.to_owned(), found: found(headings) });
            }
            let example = example_header(cells);
            return Err(Unreadable::NoHeader { file: file.to_owned(), row, value: super::table::shown(value), example });
        }
        if has_email(cells.iter()) {
            let width = cells.iter().enumerate().filter(|(_, c)| !c.trim().is_empty()).last().map_or(0, |(last, _)| last + 1);
            return Ok((at, cells.iter().take(width).map(|c| c.trim().to_owned()).collect()));
        }
        first.get_or_insert(cells);
        above = Some(cells);
    }
    let first = first.ok_or_else(|| Unreadable::Empty { file: file.to_owned() })?;
    Err(Unreadable::NoEmailColumn { file: file.to_owned(), found: found(first) })
}

/// The headings that were found, as a message shows them.
fn found<'a>(headings: impl IntoIterator<Item = &'a str>) -> String {
    headings.into_iter().take(20).map(|c| format!("\"{}\"", super::table::shown(c))).collect::<Vec<_>>().join(", ")
}

/// A header that would fit a first row of data.
fn example_header(cells: &StringRecord) -> String {
    let at = cells.iter().position(address_cell::has_address);
    let mut others = ["name", "lang", "organisation"].into_iter();
    let name = |i| if Some(i) == at { "email" } else { others.next().unwrap_or("column") };
    (0..cells.len().min(6)).map(name).collect::<Vec<_>>().join(",")
}

/// Which column is what, by position in the header.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    pub email: usize,
    pub name: NameFrom,
    pub lang: Option<usize>,
    pub organisation: Option<usize>,
    pub zone: Option<usize>,
    /// Template fields: position and name.
    pub fields: Vec<(usize, String)>,
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum NameFrom {
    #[default]
    Nowhere,
    One(usize),
    /// In the order in which they are spoken.
    Two(usize, usize),
}

impl Columns {
    pub fn of(file: &str, table: &Table) -> Result<Self, Unreadable> {
        refuse_same_heading(file, &table.header)?;
        let meanings: Vec<Option<Meaning>> = table.header.iter().map(|h| meaning(h)).collect();
        let all = |wanted: Meaning| meanings.iter().enumerate().filter(move |(_, m)| **m == Some(wanted)).map(|(i, _)| i);
        let mut taken = Taken { file, table, used: HashSet::new(), notes: Vec::new() };
        let emails: Vec<usize> = all(Meaning::Email).collect();
        let email = match emails.as_slice() {
            [] => email_by_content(file, table, all(Meaning::Address).collect())?,
            [one] => *one,
            [first, second, ..] => return Err(same_twice(file, &table.header, "email", *first, *second)),
        };
        taken.used.insert(email);
        let lang = taken.one("lang", all(Meaning::Lang).collect());
        let organisation = taken.one("organisation", all(Meaning::Organisation).collect());
        let zone = taken.one("zone", all(Meaning::Zone).collect());
        let full = taken.one("name", all(Meaning::Name).collect());
        let half = |m| all(m).next();
        let mut name = name_from(table, full, half(Meaning::Plain), half(Meaning::First), half(Meaning::Last));
        if let NameFrom::One(at) = name {
            taken.used.insert(at);
        }
        if name == NameFrom::Nowhere {
            // It stays a field as well: templates may know it by its heading.
            name = all(Meaning::Person).find(|at| has_full_names(table, *at)).map_or(NameFrom::Nowhere, NameFrom::One);
        }
        let mut notes = std::mem::take(&mut taken.notes);
        if let NameFrom::Two(a, b) = name {
            let head = |i: usize| table.header.get(i).map_or("", String::as_str);
            notes.push(format!("{file}: the name is made of \"{}\" and \"{}\"", head(a), head(b)));
        }
        let fields = fields(file, table, &taken.used, &mut notes)?;
        Ok(Self { email, name, lang, organisation, zone, fields, notes })
    }
}

struct Taken<'a> {
    file: &'a str,
    table: &'a Table,
    used: HashSet<usize>,
    notes: Vec<String>,
}

impl Taken<'_> {
    /// Of several columns with one meaning: the one headed exactly so, else the first; the others become fields.
    fn one(&mut self, name: &str, columns: Vec<usize>) -> Option<usize> {
        let head = |i: usize| self.table.header.get(i).map_or("", String::as_str);
        let chosen = columns.iter().copied().find(|i| fold(head(*i)) == name).or(columns.first().copied())?;
        for other in columns.iter().filter(|i| **i != chosen) {
            let (file, chosen, other) = (self.file, head(chosen), head(*other));
            self.notes.push(format!("{file}: the {name} is read from \"{chosen}\"; \"{other}\" is kept as a template field"));
        }
        self.used.insert(chosen);
        Some(chosen)
    }
}

fn refuse_same_heading(file: &str, header: &[String]) -> Result<(), Unreadable> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (at, heading) in header.iter().enumerate() {
        let folded = fold(heading);
        if folded.is_empty() {
            continue;
        }
        if let Some(first) = seen.insert(folded.clone(), at) {
            return Err(same_twice(file, header, &folded.replace(' ', "_"), first, at));
        }
    }
    Ok(())
}

fn same_twice(file: &str, header: &[String], name: &str, first: usize, second: usize) -> Unreadable {
    let head = |i: usize| header.get(i).map(|h| super::table::shown(h)).unwrap_or_default();
    Unreadable::SameColumnTwice {
        file: file.to_owned(),
        name: name.to_owned(),
        first: head(first),
        first_at: first + 1,
        second: head(second),
        second_at: second + 1,
    }
}

/// "Adresă" may head streets: the column must have addresses below it, in most cells that are filled.
fn email_by_content(file: &str, table: &Table, candidates: Vec<usize>) -> Result<usize, Unreadable> {
    let with_at = |column: usize| {
        let cells = table.rows.iter().filter_map(|r| r.cells.get(column)).filter(|c| !c.trim().is_empty()).take(LOOKED_AT);
        let (all, at) = cells.fold((0, 0), |(all, at), c| (all + 1, at + usize::from(c.contains('@'))));
        at * 2 >= all && (at > 0 || all == 0)
    };
    candidates
        .into_iter()
        .find(|c| with_at(*c))
        .ok_or_else(|| Unreadable::NoEmailColumn { file: file.to_owned(), found: found(table.header.iter().map(String::as_str)) })
}

/// `nume` is the whole name, or the family's when `prenume` has a column of its own; the cells tell.
fn name_from(table: &Table, full: Option<usize>, plain: Option<usize>, first: Option<usize>, last: Option<usize>) -> NameFrom {
    if let Some(full) = full {
        return NameFrom::One(full);
    }
    let two = |first: usize, last: usize| {
        let head = table.header.get(last).map(|h| fold(h)).unwrap_or_default();
        let family_first = matches!(head.as_str(), "vezeteknev" | "csaladnev");
        if family_first { NameFrom::Two(last, first) } else { NameFrom::Two(first, last) }
    };
    match (plain, first, last) {
        (Some(plain), Some(first), None) if !contains(table, plain, first) => NameFrom::Two(first, plain),
        (Some(plain), None, Some(last)) if !contains(table, plain, last) => two(plain, last),
        (Some(plain), Some(first), Some(last)) if !contains(table, plain, last) => two(first, last),
        (Some(plain), _, _) => NameFrom::One(plain),
        (None, Some(first), Some(last)) => two(first, last),
        (None, Some(one), None) | (None, None, Some(one)) => NameFrom::One(one),
        (None, None, None) => NameFrom::Nowhere,
    }
}

/// Whether most cells of a column that are filled have two words or more.
fn has_full_names(table: &Table, column: usize) -> bool {
    let cells = table.rows.iter().filter_map(|r| r.cells.get(column)).filter(|c| !c.trim().is_empty()).take(LOOKED_AT);
    let (all, full) = cells.fold((0, 0), |(all, full), cell| (all + 1, full + usize::from(cell.split_whitespace().nth(1).is_some())));
    full * 2 > all
}

/// Whether most cells of `whole` contain the words of `part` in the same row; true when no row can tell.
fn contains(table: &Table, whole: usize, part: usize) -> bool {
    let pairs = table.rows.iter().filter_map(|r| Some((fold(r.cells.get(whole)?), fold(r.cells.get(part)?))));
    let pairs = pairs.filter(|(w, p)| !w.is_empty() && !p.is_empty()).take(LOOKED_AT);
    let (all, within) = pairs.fold((0, 0), |(all, within), (w, p)| {
        let is_within = w != p && p.split(' ').all(|word| w.split(' ').any(|x| x == word));
        (all + 1, within + usize::from(is_within))
    });
    within * 2 >= all
}

fn fields(file: &str, table: &Table, used: &HashSet<usize>, notes: &mut Vec<String>) -> Result<Vec<(usize, String)>, Unreadable> {
    let (mut fields, mut renamed) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (at, heading) in table.header.iter().enumerate().filter(|(at, _)| !used.contains(at)) {
        if heading.is_empty() {
            if table.rows.iter().any(|r| r.cells.get(at).is_some_and(|c| !c.trim().is_empty())) {
                notes.push(format!("{file}: column {} has no heading and is not taken", at + 1));
            }
            continue;
        }
        let mut name = column_name(heading);
        if name.is_empty() {
            name = format!("column_{}", at + 1);
        } else if OWN.contains(&name.as_str()) {
            name.push_str("_2");
        }
        if name != *heading {
            let shown = super::table::shown(heading);
            renamed.push(format!("\"{shown}\" is {{{{guest.{name}}}}}"));
        }
        if let Some(first) = seen.insert(name.clone(), at) {
            return Err(same_twice(file, &table.header, &name, first, at));
        }
        fields.push((at, name));
    }
    if !renamed.is_empty() {
        notes.push(format!("{file}: in templates, {}", renamed.join(", ")));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_is_folded_and_has_one_meaning() {
        let mut seen = HashMap::new();
        for line in include_str!("headings.tsv").lines().filter(|l| !l.starts_with('#')) {
            let (meaning, words) = line.split_once('\t').unwrap();
            for word in words.split(", ") {
                assert!(fold(word) == word || !word.is_ascii() && !bare(word).is_ascii(), "{word}");
                assert_eq!(seen.insert(bare(word), meaning), None, "{word}");
            }
        }
        assert_eq!(seen.len(), HEADINGS.len());
    }
}
