//! One row: from cells to a guest, or to what is wrong with it.

use super::address_cell::{self, Cell};
use super::columns::{Columns, NameFrom};
use super::language::Languages;
use super::table::{Row, Table, is_blank, is_too_long, shown};
use super::zone::Zones;
use crate::model::{Address, Complaint, Guest, Lang, visible};
use std::collections::BTreeMap;

/// The headings of a table that was made of vCards.
const CARD: [&str; 5] = ["EMAIL", "FN", "LANG", "ORG", "TZ"];

/// The rows as read one by one, before they are compared with one another.
pub(super) struct Read {
    pub guests: Vec<Guest>,
    pub complaints: Vec<Complaint>,
    pub notes: Vec<String>,
    /// Address, name and row of rows that are complained of for something else.
    pub named_but_bad: Vec<(Address, String, u32)>,
    pub rows: usize,
    /// The heading of the name's column, for complaints about it.
    pub name_heading: String,
}

pub(super) fn read(file: &str, table: &Table, columns: &Columns) -> Read {
    let mut desk = Desk { file, table, columns, languages: Languages::new(), zones: Zones::new(), trims: trims(table) };
    let name_column = match columns.name {
        NameFrom::One(at) | NameFrom::Two(at, _) => Some(at),
        NameFrom::Nowhere => None,
    };
    let mut read = Read {
        guests: Vec::with_capacity(table.rows.len()),
        complaints: Vec::new(),
        notes: Vec::new(),
        named_but_bad: Vec::new(),
        rows: 0,
        name_heading: name_column.map(|at| desk.heading(at)).unwrap_or_default(),
    };
    let mut short = Vec::new();
    for row in table.rows.iter().filter(|r| !is_blank(&r.cells)) {
        read.rows += 1;
        let before = read.complaints.len();
        let guest = desk.guest(row, &mut read.complaints);
        match guest {
            Some(guest) if read.complaints.len() == before => {
                if table.ragged && row.cells.len() < table.header.len() {
                    short.push(row.number);
                }
                read.guests.push(guest);
            }
            Some(guest) => read.named_but_bad.push((guest.email, guest.name, guest.row)),
            None => {}
        }
    }
    if let Some(first) = short.first() {
        let (n, fields) = (short.len(), table.header.len());
        read.notes.push(format!(
            "{file}: {n} rows have fewer than the {fields} fields of the header (the first is row {first}); what is missing at their end is taken as empty"
        ));
    }
    read
}

/// Whether the program that wrote a CSV leaves out empty fields at the end of a row: then no row ends with one,
/// and a short row is no mistake.
fn trims(table: &Table) -> bool {
    let ends_empty = |r: &Row| r.cells.len() > 1 && r.cells.iter().next_back().is_some_and(|c| c.trim().is_empty());
    !table.rows.iter().any(ends_empty)
}

struct Desk<'a> {
    file: &'a str,
    table: &'a Table,
    columns: &'a Columns,
    languages: Languages,
    zones: Zones,
    trims: bool,
}

impl Desk<'_> {
    fn heading(&self, column: usize) -> String {
        self.table.header.get(column).map(|h| shown(h)).unwrap_or_default()
    }

    fn complaint(&self, row: &Row, column: Option<usize>, why: String) -> Complaint {
        Complaint {
            file: self.file.to_owned(),
            row: row.number,
            column: column.map(|c| self.heading(c)).unwrap_or_default(),
            value: column.and_then(|c| row.cells.get(c)).map(shown).unwrap_or_default(),
            why,
        }
    }

    /// The guest of a row. With a guest there may be complaints too (its language, say); it is not to be taken then.
    fn guest(&mut self, row: &Row, complaints: &mut Vec<Complaint>) -> Option<Guest> {
        if let Some(why) = self.width(row) {
            complaints.push(self.complaint(row, None, why));
            return None;
        }
        self.cells(row, complaints);
        let columns = self.columns;
        let written = row.cells.get(columns.email).unwrap_or_default();
        let (email, beside) = match address_cell::parse(undefused(written)) {
            Cell::One { email, name } => (email, name),
            Cell::Several => {
                let why = "the cell has several addresses: make one row for each".to_owned();
                complaints.push(self.complaint(row, Some(columns.email), why));
                return None;
            }
            Cell::Bad(crate::model::address::NotAnAddress::Empty) => {
                let why = match self.table.header == CARD {
                    true => format!("card {} has no EMAIL: add one or remove the card", row.number),
                    false => "the row has no address: fill in the cell or remove the row".to_owned(),
                };
                complaints.push(self.complaint(row, Some(columns.email), why));
                return None;
            }
            Cell::Bad(why) => {
                let why = format!("this is not an address, {why}: write it as name@domain");
                complaints.push(self.complaint(row, Some(columns.email), why));
                return None;
            }
        };
        let named = said(self.name(row));
        let name = if named.is_empty() { said(one_line(&beside)) } else { named };
        let lang = self.lang(row, complaints);
        let zone = self.zone(row, complaints);
        let organisation = columns.organisation.and_then(|c| row.cells.get(c)).map(|c| said(one_line(c))).filter(|o| !o.is_empty());
        let field = |(at, name): &(usize, String)| {
            let value = clean(row.cells.get(*at)?);
            (!visible::is_blank(&value)).then(|| (name.clone(), value))
        };
        let fields: BTreeMap<String, String> = columns.fields.iter().filter_map(field).collect();
        Some(Guest { email, name, lang, organisation, zone, fields, row: row.number })
    }

    /// What is wrong with the number of fields.
    fn width(&self, row: &Row) -> Option<String> {
        let (has, wants) = (row.cells.len(), self.table.width);
        let cure = if !self.table.ragged {
            return None;
        } else if has > wants {
            "put a field that contains the delimiter in quotation marks, or remove what is too much"
        } else if has < self.table.header.len() && !self.trims {
            "add the missing delimiters"
        } else {
            return None;
        };
        Some(format!("the row has {has} fields and the header {wants}: {cure}"))
    }

    /// Complains of cells that cannot be right in any column.
    fn cells(&self, row: &Row, complaints: &mut Vec<Complaint>) {
        for (at, cell) in row.cells.iter().enumerate().take(self.table.header.len()) {
            if is_too_long(cell) {
                let why = format!("the cell has more than {} characters: shorten it", super::MAX_CELL_CHARS);
                complaints.push(self.complaint(row, Some(at), why));
            } else if cell.starts_with('#') && is_sheet_error(cell.trim()) {
                let why = "a formula of the spreadsheet failed here: mend it or write the value itself".to_owned();
                complaints.push(self.complaint(row, Some(at), why));
            } else if cell.contains(is_lost) {
                let why = "a letter of this cell was lost when the file was saved: save it again as CSV UTF-8".to_owned();
                complaints.push(self.complaint(row, Some(at), why));
            } else if self.table.ragged && self.has_rows(at, cell) {
                let why = "rows of the list stand within this cell, and nobody in them is a guest: \
                           close the quotation mark that was left open, or write the cell in one line";
                complaints.push(self.complaint(row, Some(at), why.to_owned()));
            }
        }
    }

    /// Whether a line of a cell, read as a row, has an address where addresses stand: then the quotation marks around the cell
    /// are of two rows. No closing mark is out of its place then, which the reader of the file would have seen.
    fn has_rows(&self, column: usize, cell: &str) -> bool {
        let email = self.columns.email;
        let line_has = |(number, line): (usize, &str)| {
            let begins = if number == 0 { column } else { 0 };
            let mut cells = line.split(char::from(self.table.delimiter)).enumerate();
            cells.any(|(at, written)| at + begins == email && written != line && address_cell::has_address(written.trim_matches('"')))
        };
        cell.contains(['\n', '\r']) && cell.split(['\n', '\r']).enumerate().any(line_has)
    }

    fn name(&self, row: &Row) -> String {
        let part = |at: usize| row.cells.get(at).map(one_line).unwrap_or_default();
        match self.columns.name {
            NameFrom::Nowhere => String::new(),
            NameFrom::One(at) => part(at),
            NameFrom::Two(a, b) => format!("{} {}", part(a), part(b)).trim().to_owned(),
        }
    }

    fn lang(&mut self, row: &Row, complaints: &mut Vec<Complaint>) -> Option<Lang> {
        let column = self.columns.lang?;
        let written = row.cells.get(column)?.trim();
        if written.is_empty() {
            return None;
        }
        match self.languages.find(written) {
            Ok(lang) => Some(lang),
            Err(why) => {
                complaints.push(self.complaint(row, Some(column), why));
                None
            }
        }
    }

    fn zone(&mut self, row: &Row, complaints: &mut Vec<Complaint>) -> Option<String> {
        let column = self.columns.zone?;
        let written = row.cells.get(column)?.trim();
        if written.is_empty() {
            return None;
        }
        match self.zones.find(written) {
            Ok(zone) => Some(zone),
            Err(why) => {
                complaints.push(self.complaint(row, Some(column), why));
                None
            }
        }
    }
}

/// What stands for a letter that could not be read: the sign for it, and controls that no program writes (save a line end).
fn is_lost(c: char) -> bool {
    matches!(c, '\u{FFFD}' | '\u{80}'..='\u{84}' | '\u{86}'..='\u{9F}')
}

fn is_sheet_error(cell: &str) -> bool {
    matches!(cell, "#N/A" | "#REF!" | "#NAME?" | "#VALUE!" | "#DIV/0!" | "#NULL!" | "#NUM!" | "#SPILL!" | "#CALC!")
}

/// Takes off the `'` that [`super::List::skipped_csv`] put before a cell.
fn undefused(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if super::skipped::is_formula(rest) => rest,
        _ => cell,
    }
}

/// White space and control characters folded to single spaces; marks that turn the direction of writing or part a word where nobody
/// sees it are dropped.
fn one_line(cell: &str) -> String {
    let cell = undefused(cell);
    let mut line = String::with_capacity(cell.len());
    for word in cell.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
        let start = line.len();
        line.extend(word.chars().filter(|c| !is_direction_mark(*c) && !is_hidden_break(*c)));
        if start > 0 && line.len() > start {
            line.insert(start, ' ');
        }
    }
    line
}

/// A name or an organisation; empty where the cell says in its own way that there is none ("-", "n/a", "?").
fn said(line: String) -> String {
    let is_sign = |c: char| c.is_ascii_punctuation() || "–—…".contains(c) || !visible::is_visible(c);
    let is_none = line.chars().all(is_sign) || ["n/a", "n.a.", "n. a."].iter().any(|none| line.eq_ignore_ascii_case(none));
    if is_none { String::new() } else { line }
}

/// A template field: line breaks stay (as `\n`), other control characters become spaces.
fn clean(cell: &str) -> String {
    let cell = undefused(cell).trim();
    if !cell.chars().any(|c| c.is_control() || is_direction_mark(c)) {
        return cell.to_owned();
    }
    let lines = cell.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|c| !is_direction_mark(*c)).map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Soft hyphens, zero width spaces and word joiners say where a line may end, which is nothing to a name.
fn is_hidden_break(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}' | '\u{2060}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_one_line() {
        assert_eq!(one_line("  Ana\r\n Maria\u{0} \u{202E}Pop\u{2028}x "), "Ana Maria Pop x");
        assert_eq!(one_line("'=1+1"), "=1+1");
        assert_eq!(one_line("'t Hart"), "'t Hart");
        assert_eq!(clean("a\r\nb\u{7}c"), "a\nb c");
        assert_eq!(one_line("Po\u{AD}pes\u{200B}cu \u{2060} Ana"), "Popescu Ana");
        for none in ["\u{200B}", "\u{200D}", "\u{3164}", "\u{2800}", "- \u{2800}", "-", "–", "---", "N/A", "n.a.", "?", "- -", ""] {
            assert_eq!(said(none.to_owned()), "", "{none}");
        }
        assert_eq!(said("N. A. Pop".to_owned()), "N. A. Pop");
    }
}
