//! A list as rows of text, whatever file it came from.

use super::{MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Unreadable};
use csv::StringRecord;

/// The header and the rows under it. Cells are as written; entirely empty rows are left out.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Row>,
    /// How many fields a row should have: the header's, its empty ones at the end included.
    pub width: usize,
    /// How a CSV file separates its fields; a comma for other files.
    pub delimiter: u8,
    /// True where a row may have fewer or more fields than the header by mistake (CSV).
    pub ragged: bool,
    pub notes: Vec<String>,
}

/// One row: cells and where it is in the file.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Row as a spreadsheet shows it (whatever lines its cells have), or number of the card; the first is 1.
    pub number: u32,
    pub cells: StringRecord,
}

/// Counts what is taken against the bounds of a list.
pub(super) struct Meter<'a> {
    file: &'a str,
    rows: usize,
    cells: usize,
}

impl<'a> Meter<'a> {
    pub fn new(file: &'a str) -> Self {
        Self { file, rows: 0, cells: 0 }
    }

    /// Counts one more row of `cells` cells. Fails when the list becomes too large.
    pub fn row(&mut self, cells: usize) -> Result<(), Unreadable> {
        self.rows += 1;
        self.cells += cells;
        let what = if self.rows > MAX_ROWS {
            format!("more than {MAX_ROWS} rows")
        } else if self.cells > MAX_CELLS {
            format!("more than {MAX_CELLS} cells")
        } else {
            return Ok(());
        };
        Err(Unreadable::TooLarge { file: self.file.to_owned(), what })
    }

    /// Fails when a header is wider than a list may be.
    pub fn header(&self, cells: usize) -> Result<(), Unreadable> {
        if cells <= MAX_COLUMNS {
            return Ok(());
        }
        let what = format!("{cells} columns, and a list may have {MAX_COLUMNS}");
        Err(Unreadable::TooLarge { file: self.file.to_owned(), what })
    }
}

pub(super) fn is_blank(cells: &StringRecord) -> bool {
    cells.iter().all(|c| c.trim().is_empty())
}

/// True when a cell has more than [`MAX_CELL_CHARS`] characters.
pub(super) fn is_too_long(cell: &str) -> bool {
    cell.len() > MAX_CELL_CHARS && cell.chars().nth(MAX_CELL_CHARS).is_some()
}

/// The value as a message shows it: one line, at most 80 characters.
pub(super) fn shown(value: &str) -> String {
    let one_line = value.chars().take(400).map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let folded = one_line.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.chars().nth(80).is_none() && value.chars().nth(400).is_none() {
        return folded;
    }
    folded.chars().take(79).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_value_has_at_most_eighty_characters() {
        assert_eq!(shown(" a\r\nb\t c "), "a b c");
        assert_eq!(shown(&"ă".repeat(80)).chars().count(), 80);
        assert!(shown(&"ă".repeat(81)).ends_with("ă…"));
        assert_eq!(shown(&"ă".repeat(100_000)).chars().count(), 80);
        assert!(is_too_long(&"ă".repeat(MAX_CELL_CHARS + 1)));
        assert!(!is_too_long(&"ă".repeat(MAX_CELL_CHARS)));
    }

    #[test]
    fn the_meter_stops_at_its_bounds() {
        let mut meter = Meter::new("a.csv");
        assert!(meter.row(MAX_CELLS).is_ok());
        assert!(meter.row(1).is_err());
        assert!(meter.header(MAX_COLUMNS).is_ok() && meter.header(MAX_COLUMNS + 1).is_err());
    }
}
