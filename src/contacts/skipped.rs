//! The rows left out, written so that they can be mended and read again.

use super::table::Table;
use crate::model::Complaint;
use std::borrow::Cow;
use std::collections::BTreeMap;

pub(super) fn csv(table: &Table, complaints: &[Complaint]) -> Vec<u8> {
    let mut whys: BTreeMap<u32, String> = BTreeMap::new();
    for complaint in complaints {
        let why = whys.entry(complaint.row).or_default();
        if !why.is_empty() {
            why.push_str("; ");
        }
        if !complaint.column.is_empty() {
            why.push_str(&complaint.column);
            why.push_str(": ");
        }
        why.push_str(&complaint.why);
    }
    let rows = table.rows.iter().filter_map(|row| Some((row, whys.get(&row.number)?)));
    // A row with too many fields keeps them: `why` stands after the widest.
    let width = rows.clone().map(|(row, _)| row.cells.len()).chain([table.header.len()]).max().unwrap_or(0);
    let mut out = "\u{FEFF}".as_bytes().to_vec();
    let mut writer = csv::WriterBuilder::new().delimiter(table.delimiter).flexible(true).from_writer(&mut out);
    let mut line = |cells: &mut dyn Iterator<Item = &str>, last: &str| {
        let cells: Vec<Cow<'_, str>> = cells.map(defused).collect();
        let blanks = std::iter::repeat_n("", width - cells.len().min(width));
        let record = cells.iter().map(Cow::as_ref).chain(blanks).chain([last]);
        writer.write_record(record).is_ok()
    };
    let mut written = line(&mut table.header.iter().map(String::as_str), "why");
    for (row, why) in rows {
        written = written && line(&mut row.cells.iter(), &defused(why));
    }
    drop(writer);
    debug_assert!(written, "a Vec takes every write");
    out
}

/// What a spreadsheet would run as a formula, by its first character.
pub(super) fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn defused(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}
