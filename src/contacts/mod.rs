//! Guest lists as people have them: bytes in, guests and complaints out.
//!
//! ```text
//! bytes ─ encoding ─┬─ delimited ─┐
//!                   ├─ cards ─────┼─ Table ─ columns ─ rows (address, language, zone) ─ merge ─ List
//!        workbook ──┘             │
//!                                 └─ skipped: the rows left out, to mend and read again
//! ```

mod address_cell;
mod cards;
mod columns;
mod delimited;
mod encoding;
mod language;
mod merge;
mod rows;
mod skipped;
mod table;
#[cfg(test)]
mod tests;
mod workbook;
mod zone;

use crate::model::{Complaint, Guest};
use table::Table;
pub(crate) use zone::{OFFSET, is_offset, is_place};

/// The largest list file taken, in bytes.
pub const MAX_BYTES: usize = 200 * 1024 * 1024;
/// The most rows in one list.
pub const MAX_ROWS: usize = 2_000_000;
/// The most columns in one list.
pub const MAX_COLUMNS: usize = 200;
/// The most cells in one list, so that rows × columns stays within memory.
pub const MAX_CELLS: usize = 20_000_000;
/// The most characters in one cell; a row with a longer one is complained of.
pub const MAX_CELL_CHARS: usize = 10_000;
/// The most bytes a workbook may unpack to, and the most bytes of text in its cells.
pub const MAX_UNPACKED: u64 = 400 * 1024 * 1024;
/// The most notes about merged rows, and about shared addresses; how many more there are is told in one last note of each.
pub const MAX_NOTES: usize = 1_000;
/// The most different unknown languages, and zones, for which the nearest known one is sought in one list: each costs
/// a comparison with every name.
pub const MAX_SUGGESTIONS: usize = 500;

/// What was taken from one list.
///
/// Every row that is not empty is a guest, was merged into one, or has a complaint.
#[derive(Clone, Debug)]
pub struct List {
    /// In the order of their rows.
    pub guests: Vec<Guest>,
    /// In the order of their rows; a row may have several.
    pub complaints: Vec<Complaint>,
    /// What was done without asking, and blocks nothing: merged rows, shared addresses, ignored columns, a guessed encoding.
    pub notes: Vec<String>,
    /// How many rows under the header are not empty.
    pub rows: usize,
    /// How many rows were merged into an earlier guest.
    pub merged: usize,
    /// The names of the columns that templates may use besides our own, also where every cell is empty.
    pub columns: Vec<String>,
    table: Table,
}

impl List {
    /// The rows with complaints as CSV: the file's own header and delimiter, a last column `why`, UTF-8 with a
    /// byte order mark (for Excel). What a spreadsheet would run as a formula is defused by a leading `'`,
    /// which [`read`] takes off again.
    pub fn skipped_csv(&self) -> Vec<u8> {
        skipped::csv(&self.table, &self.complaints)
    }
}

/// Why nothing at all could be read from a list. Each message names the file and the cure.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("{file} is empty: write a first line with the column names (email,name,lang) and one guest a line below it")]
    Empty { file: String },
    #[error("{file} has a heading but no guest below it: write one guest a line")]
    NoRows { file: String },
    #[error("{file} has no column of email addresses; its headings are {found}. Name the column with the addresses \"email\"")]
    NoEmailColumn { file: String, found: String },
    #[error(
        "{file} begins with an address (\"{value}\" in row {row}) and has no headings: add a first line that names the columns, for example \"{example}\""
    )]
    NoHeader { file: String, row: u32, value: String, example: String },
    #[error(
        "{file} has two columns that mean \"{name}\": \"{first}\" (column {first_at}) and \"{second}\" (column {second_at}). Rename or remove one of them"
    )]
    SameColumnTwice { file: String, name: String, first: String, first_at: usize, second: String, second_at: usize },
    #[error(
        "{file}: a quotation mark opened in line {line} is never closed, so the rows below it cannot be told apart: close it or remove it; one that is part of a text is written twice"
    )]
    OpenQuote { file: String, line: u32 },
    #[error("{file} is {what}, not a contact list. {cure}")]
    NotAList { file: String, what: String, cure: String },
    #[error(
        "{file} is saved in an encoding that cannot be told (\"{word}\" would stand in it), so that letters of names would be lost: open it in the program that made it and save it as CSV UTF-8"
    )]
    Encoding { file: String, word: String },
    #[error("{file} is protected by a password: open it, remove the password, and save it again as .xlsx or as CSV UTF-8")]
    Locked { file: String },
    #[error("{file} is a workbook of the old kind (.xls): open it and save it as .xlsx or as CSV UTF-8")]
    OldWorkbook { file: String },
    #[error("{file} is damaged: {why}. Open it in the program that made it and save it again")]
    Damaged { file: String, why: String },
    #[error("{file} is too large: {what}. Split it into several lists")]
    TooLarge { file: String, what: String },
}

/// Reads one list. `file` is its name as the organiser wrote it and stands in every message; what the bytes are decides
/// how they are read, the extension only where they do not tell (`.tsv` prefers tabs).
///
/// Complaints are not errors: the caller decides whether anything is taken from a list that has some.
/// Time grows with the bytes; memory is bounded by the constants of this module.
pub fn read(file: &str, bytes: &[u8]) -> Result<List, Unreadable> {
    if bytes.len() > MAX_BYTES {
        let what = format!("{} MB, and a list may have {} MB", bytes.len().div_ceil(1024 * 1024), MAX_BYTES / 1024 / 1024);
        return Err(Unreadable::TooLarge { file: file.to_owned(), what });
    }
    let (table, columns) = table_of(file, bytes)?;
    let read = rows::read(file, &table, &columns);
    let rows = read.rows;
    let merged = merge::merge(file, read);
    let mut complaints = merged.complaints;
    complaints.sort_by_key(|c| c.row);
    let names = columns.fields.into_iter().map(|(_, name)| name).collect();
    let notes = table.notes.iter().cloned().chain(columns.notes).chain(merged.notes).collect();
    if rows == 0 {
        return Err(Unreadable::NoRows { file: file.to_owned() });
    }
    Ok(List { guests: merged.guests, complaints, notes, rows, merged: merged.merged, columns: names, table })
}

fn table_of(file: &str, bytes: &[u8]) -> Result<(Table, columns::Columns), Unreadable> {
    let not_a_list = |what: &str, cure: &str| Unreadable::NotAList { file: file.to_owned(), what: what.to_owned(), cure: cure.to_owned() };
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook::read(file, bytes);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        let package: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let locked = bytes.windows(package.len()).any(|w| w == package);
        let file = file.to_owned();
        return Err(if locked { Unreadable::Locked { file } } else { Unreadable::OldWorkbook { file } });
    }
    if bytes.starts_with(b"%PDF") {
        return Err(not_a_list("a PDF", "Ask for the table itself (.xlsx or .csv)"));
    }
    let (text, guessed) = encoding::decode(bytes);
    let start = text.trim_start();
    if start.is_empty() {
        return Err(Unreadable::Empty { file: file.to_owned() });
    }
    let begins = |what: &str| start.get(..what.len()).is_some_and(|s| s.eq_ignore_ascii_case(what));
    if ["<html", "<!doctype", "<?xml", "<table"].into_iter().any(begins) {
        return Err(not_a_list("a web page or XML", "Open it in a spreadsheet program and save it as .xlsx or as CSV UTF-8"));
    }
    if begins("BEGIN:VCALENDAR") {
        return Err(not_a_list("a calendar", "Give a list of addresses (.csv, .xlsx or .vcf)"));
    }
    if text.contains('\0') {
        return Err(not_a_list("a binary file", "Give a list as .csv, .xlsx or .vcf"));
    }
    if guessed.is_some()
        && let Some(word) = encoding::astray(&text)
    {
        return Err(Unreadable::Encoding { file: file.to_owned(), word });
    }
    if begins("BEGIN:VCARD") {
        return cards::read(file, &text, guessed);
    }
    delimited::read(file, &text, guessed)
}
