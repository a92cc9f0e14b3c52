//! CSV and its cousins: which delimiter, where each row begins, which row is the header.

use super::columns::{self, Columns};
use super::table::{Meter, Row, Table, is_blank};
use super::{Unreadable, encoding::Guess};
use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};
use std::io::Read;

/// In order of preference where nothing else decides.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// How much of the file is looked at to find the delimiter, in bytes.
const SAMPLE: usize = 64 * 1024;
/// How many records of it.
const SAMPLE_ROWS: usize = 30;
/// Stands alone in a last line of our own; when it does not come back alone, a quotation mark was left open.
const END: &str = "\u{1}end\u{1}";

pub(super) fn read(file: &str, text: &str, guessed: Option<Guess>) -> Result<(Table, Columns), Unreadable> {
    let (text, first_line, told) = without_sep_line(text);
    let delimiter = told.unwrap_or_else(|| delimiter_of(file, text));
    let (records, open_quote) = records(file, text, delimiter, first_line)?;
    if let Some(line) = open_quote {
        return Err(Unreadable::OpenQuote { file: file.to_owned(), line });
    }
    let mut notes: Vec<String> = guessed.map(|g| g.note(file)).into_iter().collect();
    let (at, header) = columns::find_header(file, records.iter().map(|r| (r.number, &r.cells)))?;
    Meter::new(file).header(header.len())?;
    let row = records.get(at).map_or(1, |r| r.number);
    if at > 0 {
        notes.push(format!("{file}: the headings are in row {row}; what stands above them is not taken"));
    }
    let headed = records.get(at).map_or(0, |r| r.cells.len());
    let rows: Vec<Row> = records.into_iter().skip(at + 1).collect();
    let width = every_width(&rows, headed).unwrap_or(headed);
    let table = Table { header, rows, width, delimiter, ragged: true, notes };
    let columns = Columns::of(file, &table)?;
    Ok((table, columns))
}

/// Excel's first line `sep=;` tells the delimiter and is no row.
fn without_sep_line(text: &str) -> (&str, u32, Option<u8>) {
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let line = line.trim_matches(['\r', '"', ' ']);
    let told = line.get(..4).filter(|s| s.eq_ignore_ascii_case("sep=")).and_then(|_| line.get(4..));
    match told.map(str::as_bytes) {
        Some(&[byte]) if byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b'"' => (rest, 2, Some(byte)),
        Some([]) => (rest, 2, Some(b'\t')),
        _ => (text, 1, None),
    }
}

/// The delimiter under which the text looks most like a list: an email heading first, then rows as wide as the header,
/// then the number of headings that are known.
fn delimiter_of(file: &str, text: &str) -> u8 {
    let end = (0..=SAMPLE.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let sample = text.get(..end).unwrap_or_default();
    let is_tsv = file.to_lowercase().ends_with(".tsv");
    let score = |delimiter: u8| {
        let mut reader = reader(sample.as_bytes(), delimiter);
        let rows: Vec<StringRecord> = reader.records().map_while(Result::ok).filter(|r| !is_blank(r)).take(SAMPLE_ROWS).collect();
        let header = rows.iter().take(columns::HEADER_WITHIN).find(|r| columns::has_email(r.iter()));
        let width = header.or(rows.first()).map_or(0, StringRecord::len);
        let same = if width > 1 { rows.iter().filter(|r| r.len() == width).count() } else { 0 };
        let known = header.map_or(0, |h| h.iter().filter(|c| columns::is_known(c)).count());
        (header.is_some(), known, same, delimiter == b'\t' && is_tsv)
    };
    // Of equals, the first of the list: max_by_key would take the last.
    DELIMITERS.into_iter().rev().max_by_key(|d| score(*d)).unwrap_or(b',')
}

/// Some programs end every row with a delimiter, but not the header: then each row has more fields, and those are empty.
fn every_width(rows: &[Row], headed: usize) -> Option<usize> {
    let width = rows.first()?.cells.len();
    let all = rows.iter().all(|r| r.cells.len() == width && r.cells.iter().skip(headed).all(|c| c.trim().is_empty()));
    (width > headed && all).then_some(width)
}

fn reader<R: Read>(bytes: R, delimiter: u8) -> Reader<R> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes)
}

/// Every record that is not blank with its row in a spreadsheet, and the line of a quotation mark that is never closed.
fn records(file: &str, text: &str, delimiter: u8, first_line: u32) -> Result<(Vec<Row>, Option<u32>), Unreadable> {
    let end = format!("\n{END}");
    let mut reader = reader(text.as_bytes().chain(end.as_bytes()), delimiter);
    let mut lines = Lines { bytes: text.as_bytes(), at: 0, line: first_line };
    let mut meter = Meter::new(file);
    let mut rows: Vec<Row> = Vec::new();
    let mut record = ByteRecord::new();
    let mut last = first_line;
    // Lines that are no row: the one above the text, and those that begin within a cell.
    let mut hidden = first_line.saturating_sub(1);
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let start = record.position().map_or(0, |p| p.byte());
        last = lines.of(usize::try_from(start).unwrap_or(usize::MAX));
        if record.len() == 1 && record.get(0) == Some(END.as_bytes()) {
            return Ok((rows, None));
        }
        let cells = StringRecord::from_byte_record_lossy(std::mem::take(&mut record));
        let number = last.saturating_sub(hidden);
        let within = cells.iter().fold(0u32, |within, cell| within.saturating_add(line_ends(cell)));
        hidden = hidden.saturating_add(within);
        if within > 0
            && let Some(above) = astray(written(text, start, reader.position().byte()), delimiter)
        {
            return Ok((rows, Some(last.saturating_add(above))));
        }
        if !is_blank(&cells) {
            meter.row(cells.len())?;
            rows.push(Row { number, cells });
        }
    }
    Ok((rows, Some(last)))
}

/// What stands in the file between two places, from the first byte that ends no line.
fn written(text: &str, start: u64, end: u64) -> &[u8] {
    let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(text.len());
    let written = text.as_bytes().get(at(start)..at(end)).unwrap_or_default();
    written.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).and_then(|begin| written.get(begin..)).unwrap_or_default()
}

/// Where a cell of one record runs over several lines and the quotation mark that ends it has text behind it, the mark that began
/// it was left open in its own row and has swallowed rows up to the next one: how many lines of the record stand above it.
fn astray(record: &[u8], delimiter: u8) -> Option<u32> {
    let ends_cell = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == delimiter || matches!(byte, b'\r' | b'\n'));
    let (mut at, mut begins) = (0, true);
    while let Some(byte) = record.get(at) {
        if !(begins && *byte == b'"') {
            begins = *byte == delimiter || matches!(byte, b'\r' | b'\n');
            at += 1;
            continue;
        }
        let opened = at;
        loop {
            // A mark within the cell is written twice.
            at += 1 + record.get(at + 1..)?.iter().position(|byte| *byte == b'"')?;
            if record.get(at + 1) != Some(&b'"') {
                break;
            }
            at += 1;
        }
        let lines = |bytes: Option<&[u8]>| Lines { bytes: bytes.unwrap_or_default(), at: 0, line: 0 }.of(usize::MAX);
        let behind = record.get(at + 1..)?.iter().find(|byte| !matches!(byte, b' ' | b'\t') || **byte == delimiter);
        if !ends_cell(behind) && lines(record.get(opened..at)) > 0 {
            return Some(lines(record.get(..opened)));
        }
        (at, begins) = (at + 1, false);
    }
    None
}

/// How many line ends a cell has: the file has as many, since a quotation mark keeps them as they are.
fn line_ends(cell: &str) -> u32 {
    Lines { bytes: cell.as_bytes(), at: 0, line: 0 }.of(usize::MAX)
}

/// Counts lines forward; `\n`, `\r\n` and a lone `\r` each end one.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line of the first byte at or after `start` that ends no line. `start` never goes back.
    fn of(&mut self, start: usize) -> u32 {
        while let Some(byte) = self.bytes.get(self.at) {
            if self.at >= start && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            let crlf = *byte == b'\r' && self.bytes.get(self.at + 1) == Some(&b'\n');
            self.line = self.line.saturating_add(u32::from(*byte == b'\n' || *byte == b'\r' && !crlf));
            self.at += 1;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<u32> {
        let (rows, open) = records("a.csv", text, b',', 1).unwrap();
        assert_eq!(open, None);
        rows.iter().map(|r| r.number).collect()
    }

    #[test]
    fn a_row_has_the_number_that_a_spreadsheet_gives_it() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["email,name", "", "a,\"x", "y\"", "b,z", "", "", "\"", "\"", "c,\"\"", ""].join(end);
            assert_eq!(numbers(&text), [1, 3, 4, 8], "{end:?}");
        }
        assert_eq!(numbers("\n\nemail\na"), [3, 4]);
        assert_eq!(numbers("\"e\r\"\n\"a\r\"\"\n\"\n\"b\r\n\"\r\nc"), [1, 2, 3, 4]);
    }

    #[test]
    fn an_open_quotation_mark_is_found() {
        assert_eq!(records("a.csv", "email\na\n\"b\nc\n", b',', 1).unwrap().1, Some(3));
        assert_eq!(records("a.csv", "email\n\"a\nb\"\n\"c\n", b',', 1).unwrap().1, Some(4), "a line, not a row");
        assert_eq!(records("a.csv", "email\n\"a\"\"b\"\n", b',', 1).unwrap().1, None);
    }

    #[test]
    fn a_quotation_mark_that_is_closed_in_a_later_row_is_found() {
        let open = |text: &str| records("a.csv", text, b';', 1).unwrap().1;
        assert_eq!(open("email;org\na;\"Dacia” SRL\nb;Foo\nc;\"\"\"Lunca\"\" SRL\"\nd;Bar\n"), Some(2));
        assert_eq!(open("email;org\r\na;\"Dacia” SRL\r\nb;\"Lunca” SRL\r\n\"c\";d"), Some(2));
        assert_eq!(open("email;org\na;x\n\n\"b\nb\";\"Dacia”\nc;\"Foo\nd;\"\n"), Some(5), "the line of the mark");
        for good in [
            "email;org\na;\"12 \"\"Dacia\"\"\nLunca\"\nb;\"\"\"Lunca\"\"\"\n",
            "email;org\na;\"Dacia\" SRL\nb;\"Foo\" \n",
            "email;org\na;\"street\ncity\" ;x\n",
            "email;org\n\"a\n\";\"b\n\"",
            "email;org\na;5\" pipe\nb;\"x\ny\"\n",
        ] {
            assert_eq!(open(good), None, "{good}");
        }
    }

    #[test]
    fn the_delimiter_is_seen() {
        for (text, delimiter) in [
            ("email,name\na@x.example,Ana; doctor\n", b','),
            ("email;name\na@x.example;\"Pop, Ana\"\nb@x.example;Ion, Dan\n", b';'),
            ("Nume\tAdresa de e-mail\nAna, Maria\ta@x.example\n", b'\t'),
            ("email|name\na@x.example|Ana\n", b'|'),
            ("email\na@x.example\n", b','),
            ("\"nume; prenume\",email\nPop,a@x.example\n", b','),
            ("Invitați, 2026, toți\n\nemail;nume\na@x.example;Ana\n", b';'),
        ] {
            assert_eq!(char::from(delimiter_of("a.csv", text)), char::from(delimiter), "{text}");
        }
    }

    #[test]
    fn the_sep_line_is_heeded() {
        assert_eq!(without_sep_line("sep=;\r\nemail\n"), ("email\n", 2, Some(b';')));
        assert_eq!(without_sep_line("\"sep=|\"\nemail\n"), ("email\n", 2, Some(b'|')));
        assert_eq!(without_sep_line("sep=xy\nemail\n"), ("sep=xy\nemail\n", 1, None));
    }
}
