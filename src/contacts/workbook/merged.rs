//! Cells that a workbook shows as one over several rows: only the first of them holds the value.

use super::too_much_text;
use crate::contacts::columns::{Columns, NameFrom};
use crate::contacts::table::{Row, Table, shown};
use crate::contacts::{MAX_NOTES, MAX_UNPACKED, Unreadable};
use calamine::Dimensions;
use csv::StringRecord;
use std::collections::BTreeMap;

/// Gives each row of a merged cell what is shown in it, and says so. Addresses and names are not given: whether two rows are one
/// guest or two nobody can tell but the organiser, and that is said too.
pub(super) fn spread(file: &str, table: &mut Table, columns: &Columns, mut regions: Vec<Dimensions>) -> Result<(), Unreadable> {
    regions.retain(|region| region.end.0 > region.start.0);
    regions.sort_unstable_by_key(|region| (region.start.1, region.start.0));
    let mut values: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
    let (mut taken, mut notes, mut left) = (None, 0, MAX_UNPACKED);
    for region in regions {
        // Regions do not overlap in any sheet that a program wrote; in another one the work must have an end.
        let ((first, column), last) = (region.start, region.end.0);
        if taken.is_some_and(|(at, until)| at == column && first <= until) {
            continue;
        }
        taken = Some((column, last));
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        let begin = table.rows.partition_point(|row| row.number <= first);
        let end = table.rows.partition_point(|row| row.number <= last.saturating_add(1));
        let rows = table.rows.get(begin..end).unwrap_or_default();
        let Some((top, below)) = rows.split_first().filter(|(top, below)| top.number == first.saturating_add(1) && !below.is_empty())
        else {
            continue;
        };
        let value = top.cells.get(column).unwrap_or_default();
        let heading = table.header.get(column).filter(|heading| !heading.is_empty());
        let (Some(heading), false) = (heading, value.trim().is_empty()) else { continue };
        let in_name = match columns.name {
            NameFrom::Nowhere => false,
            NameFrom::One(at) => at == column,
            NameFrom::Two(one, other) => one == column || other == column,
        };
        let tells_who = column == columns.email || in_name;
        if !tells_who {
            let is_empty = |row: &Row| row.cells.get(column).is_none_or(|cell| cell.trim().is_empty());
            for (at, _) in below.iter().enumerate().filter(|(_, row)| is_empty(row)) {
                left = left.checked_sub(value.len() as u64).ok_or_else(|| too_much_text(file))?;
                values.entry(begin + 1 + at).or_default().push((column, value.to_owned()));
            }
        }
        notes += 1;
        if notes <= MAX_NOTES {
            let (heading, value, from, to) = (shown(heading), shown(value), first.saturating_add(1), last.saturating_add(1));
            let what = if tells_who { format!("only row {from} has it") } else { "each of these rows has it".to_owned() };
            table.notes.push(format!("{file}: the cells of \"{heading}\" in rows {from} to {to} are merged, with \"{value}\": {what}"));
        }
    }
    for (at, values) in values {
        if let Some(row) = table.rows.get_mut(at) {
            let mut cells: Vec<&str> = row.cells.iter().collect();
            for (column, value) in &values {
                cells.resize(cells.len().max(column + 1), "");
                if let Some(cell) = cells.get_mut(*column) {
                    *cell = value;
                }
            }
            row.cells = StringRecord::from(cells);
        }
    }
    Ok(())
}
