//! XLSX: the first sheet that has an email column, those that can be seen before those that are hidden.

mod merged;
#[cfg(test)]
mod tests;

use super::columns::{self, Columns};
use super::table::{Meter, Row, Table, is_blank};
use super::{MAX_CELL_CHARS, MAX_COLUMNS, MAX_UNPACKED, Unreadable};
use calamine::{Cell, DataRef, ExcelDateTime, Reader, Sheet, SheetVisible, Xlsx, XlsxError};
use csv::StringRecord;
use std::io::{self, BufRead as _, Cursor, Read};

pub(super) fn read(file: &str, bytes: &[u8]) -> Result<(Table, Columns), Unreadable> {
    check_unpacked(file, bytes)?;
    // calamine 0.38 overflows on a cell reference such as r="A4300000000" (in builds that check); nothing outlives the panic.
    let read = std::panic::catch_unwind(|| unpacked(file, bytes));
    read.unwrap_or_else(|_| Err(Unreadable::Damaged { file: file.to_owned(), why: "its cells cannot be read".to_owned() }))
}

fn unpacked(file: &str, bytes: &[u8]) -> Result<(Table, Columns), Unreadable> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|e| not_a_workbook(file, &e))?;
    let (mut names, hidden): (Vec<String>, Vec<String>) = {
        let (shown, hidden): (Vec<_>, Vec<_>) = book.sheets_metadata().iter().partition(|sheet| sheet.visible == SheetVisible::Visible);
        let names = |sheets: Vec<&Sheet>| sheets.into_iter().map(|sheet| sheet.name.clone()).collect();
        (names(shown), names(hidden))
    };
    let shown = names.len();
    names.extend(hidden);
    let mut first_failure = None;
    let mut meter = Meter::new(file);
    for (place, name) in names.iter().enumerate() {
        let rows = sheet(file, &mut book, name, &mut meter)?;
        let (at, header) = match columns::find_header(file, rows.iter().map(|r| (r.number, &r.cells))) {
            Ok(found) => found,
            Err(failure) => {
                // An empty first sheet says less than the headings of the second.
                let says_more = matches!(first_failure, None | Some(Unreadable::Empty { .. }));
                if says_more {
                    first_failure = Some(failure);
                }
                continue;
            }
        };
        let (mut table, columns) = table(file, rows, at, header, (names.len() > 1).then_some(name.as_str()))?;
        merged::spread(file, &mut table, &columns, book.merge_cells_by_sheet_name(name).unwrap_or_default())?;
        for other in names.get(place + 1..shown).unwrap_or_default() {
            let rows = sheet(file, &mut book, other, &mut Meter::new(file)).unwrap_or_default();
            if columns::find_header(file, rows.iter().map(|row| (row.number, &row.cells))).is_ok() {
                table.notes.push(format!("{file}: the sheet \"{}\" has addresses too; they are not taken", super::table::shown(other)));
            }
        }
        let hidden = hidden_rows(bytes);
        if hidden > 0 {
            let rows = if hidden == 1 { "1 row is".to_owned() } else { format!("{hidden} rows are") };
            table
                .notes
                .push(format!("{file}: {rows} hidden in the workbook, by a filter or by hand; a hidden guest is a guest like any other"));
        }
        return Ok((table, columns));
    }
    Err(first_failure.unwrap_or_else(|| Unreadable::Empty { file: file.to_owned() }))
}

/// How many rows with cells the workbook hides; as many as can be read.
fn hidden_rows(bytes: &[u8]) -> usize {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return 0 };
    let mut found = 0;
    for at in 0..archive.len() {
        let Ok(entry) = archive.by_index(at) else { continue };
        if !entry.name().is_ok_and(|name| name.starts_with("xl/worksheets/")) {
            continue;
        }
        let mut entry = io::BufReader::new(entry.take(MAX_UNPACKED));
        let mut tag = Vec::new();
        while entry.read_until(b'>', &mut tag).is_ok_and(|read| read > 0) {
            let begin = memchr::memrchr(b'<', &tag).unwrap_or_default();
            let tag_text = tag.get(begin..).unwrap_or_default();
            let says = |words: &[u8]| memchr::memmem::find(tag_text, words).is_some();
            let is_hidden =
                tag_text.starts_with(b"<row ") && !tag_text.ends_with(b"/>") && (says(b" hidden=\"1\"") || says(b" hidden=\"true\""));
            found += usize::from(is_hidden);
            tag.clear();
        }
    }
    found
}

fn table(file: &str, rows: Vec<Row>, at: usize, mut header: Vec<String>, sheet: Option<&str>) -> Result<(Table, Columns), Unreadable> {
    let width = rows.iter().map(|r| r.cells.len()).max().unwrap_or(0).max(header.len());
    Meter::new(file).header(width)?;
    header.resize(width, String::new());
    let mut notes = Vec::new();
    if let Some(sheet) = sheet {
        notes.push(format!("{file}: the guests are read from the sheet \"{}\"", super::table::shown(sheet)));
    }
    if at > 0 {
        let row = rows.get(at).map_or(1, |r| r.number);
        notes.push(format!("{file}: the headings are in row {row}; what stands above them is not taken"));
    }
    let rows = rows.into_iter().skip(at + 1).collect();
    let table = Table { header, rows, width, delimiter: b',', ragged: false, notes };
    let columns = Columns::of(file, &table)?;
    Ok((table, columns))
}

/// Unpacks everything once into nothing, because calamine keeps what it unpacks and asks no question about its size.
fn check_unpacked(file: &str, bytes: &[u8]) -> Result<(), Unreadable> {
    let damaged = |why: &dyn std::fmt::Display| Unreadable::Damaged { file: file.to_owned(), why: why.to_string() };
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(&e))?;
    let mut left = MAX_UNPACKED;
    for at in 0..archive.len() {
        let entry = match archive.by_index(at) {
            Ok(entry) => entry,
            Err(zip::result::ZipError::UnsupportedArchive(_)) => return Err(Unreadable::Locked { file: file.to_owned() }),
            Err(e) => return Err(damaged(&e)),
        };
        if entry.name().is_ok_and(|name| name == "mimetype" || name == "xl/workbook.bin") {
            return Err(Unreadable::NotAList {
                file: file.to_owned(),
                what: "a document of another program (.ods, .odt, .xlsb or the like)".to_owned(),
                cure: "Open it and save it as .xlsx or as CSV UTF-8".to_owned(),
            });
        }
        let unpacked = io::copy(&mut entry.take(left + 1), &mut io::sink()).map_err(|e| damaged(&e))?;
        left = left.checked_sub(unpacked).ok_or_else(|| too_much_text(file))?;
    }
    Ok(())
}

fn too_much_text(file: &str) -> Unreadable {
    let what = format!("more than {} MB when unpacked", MAX_UNPACKED / 1024 / 1024);
    Unreadable::TooLarge { file: file.to_owned(), what }
}

fn not_a_workbook(file: &str, error: &XlsxError) -> Unreadable {
    let file = file.to_owned();
    match error {
        XlsxError::Password => Unreadable::Locked { file },
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound | XlsxError::WorksheetNotFound(_) => Unreadable::NotAList {
            file,
            what: "an archive (.zip, .docx or the like)".to_owned(),
            cure: "Take the list out of it, as .csv, .xlsx or .vcf".to_owned(),
        },
        other => Unreadable::Damaged { file, why: other.to_string() },
    }
}

/// The rows of one sheet that are not blank. Cells are read one by one: a rectangle over all of them could be larger
/// than any memory (one cell in A1, one in XFD1048576).
fn sheet(file: &str, book: &mut Xlsx<Cursor<&[u8]>>, name: &str, meter: &mut Meter) -> Result<Vec<Row>, Unreadable> {
    let damaged = |e: &XlsxError| Unreadable::Damaged { file: file.to_owned(), why: e.to_string() };
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        // A sheet of charts has no cells.
        Err(XlsxError::WorksheetNotFound(_) | XlsxError::NotAWorksheet(_)) => return Ok(Vec::new()),
        Err(e) => return Err(damaged(&e)),
    };
    let mut rows: Vec<Row> = Vec::new();
    let mut row = Open { number: 0, cells: Vec::new() };
    let mut text_left = MAX_UNPACKED;
    while let Some(cell) = cells.next_cell().map_err(|e| damaged(&e))? {
        let (at, column) = cell.get_position();
        let text = text_of(&cell);
        if text.is_empty() {
            continue;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MAX_COLUMNS {
            let what = format!("row {} goes beyond the {MAX_COLUMNS} columns that a list may have", at.saturating_add(1));
            return Err(Unreadable::TooLarge { file: file.to_owned(), what });
        }
        text_left = text_left.checked_sub(text.len() as u64).ok_or_else(|| too_much_text(file))?;
        let number = at.saturating_add(1);
        if number < row.number {
            let why = format!("row {number} stands below row {} in it", row.number);
            return Err(Unreadable::Damaged { file: file.to_owned(), why });
        }
        if number > row.number {
            rows.extend(row.close(meter)?);
            row.number = number;
        }
        row.set(column, text);
    }
    rows.extend(row.close(meter)?);
    Ok(rows)
}

/// The row that is being read.
struct Open {
    number: u32,
    cells: Vec<String>,
}

impl Open {
    fn set(&mut self, column: usize, text: String) {
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = text;
        }
    }

    fn close(&mut self, meter: &mut Meter) -> Result<Option<Row>, Unreadable> {
        let cells = StringRecord::from(std::mem::take(&mut self.cells));
        if is_blank(&cells) {
            return Ok(None);
        }
        meter.row(cells.len())?;
        Ok(Some(Row { number: self.number, cells }))
    }
}

/// A cell as text: numbers without `.0`, dates as ISO 8601, a formula's last value.
fn text_of(cell: &Cell<DataRef>) -> String {
    // One character over the bound is enough to be complained of.
    let cut = |s: &str| match s.char_indices().nth(MAX_CELL_CHARS + 1) {
        Some((end, _)) => s.get(..end).unwrap_or_default().to_owned(),
        None => s.to_owned(),
    };
    match cell.get_value() {
        DataRef::Empty => String::new(),
        DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => cut(s),
        DataRef::SharedString(s) => cut(s),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => number(*n),
        DataRef::Bool(true) => "true".to_owned(),
        // A tick box that is not set: nobody wants to read it, and a template asks for it by `{{#if}}`.
        DataRef::Bool(false) => String::new(),
        DataRef::Error(e) => e.to_string(),
        DataRef::DateTime(t) if t.is_duration() || t.as_f64() < 1.0 => time_of_day(t),
        DataRef::DateTime(t) => date(t),
    }
}

/// With the fifteen digits that a spreadsheet counts in: what it computes (1.2100000000000002) has more of them than it means.
fn number(n: f64) -> String {
    let rounded = if n.fract() == 0.0 { n } else { format!("{n:.14e}").parse().unwrap_or(n) };
    rounded.to_string()
}

fn date(t: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = t.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        (_, _, 0) => format!("{date}T{hour:02}:{minute:02}"),
        _ => format!("{date}T{hour:02}:{minute:02}:{second:02}"),
    }
}

fn time_of_day(t: &ExcelDateTime) -> String {
    // Saturating: a duration beyond u32 minutes is no time anyone wrote.
    let minutes = (t.as_f64().abs() * 1440.0).round().min(f64::from(u32::MAX)) as u32;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}
