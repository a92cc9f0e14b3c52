//! `export`: the guests and their answers for a spreadsheet.

use super::{Exit, args::Export, desk, usage};
use crate::{
    model::Delegate,
    store::{
        self, Connection,
        views::{self, GuestRow, Listed},
    },
};
use anyhow::Context as _;
use rust_xlsxwriter::{Format, Workbook};
use std::{collections::BTreeSet, io::Write as _, path::Path};

const HEADER: [&str; 15] = [
    "email",
    "name",
    "language",
    "standing",
    "answer",
    "people",
    "question",
    "unsubscribe",
    "delegate",
    "delivery",
    "note",
    "said",
    "since (UTC)",
    "organisation",
    "zone",
];

/// One row of the file.
type Line = (GuestRow, Listed);

pub async fn run(path: &Path, options: &Export) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let id = desk::known_campaign(&store, options.which.campaign.as_deref()).await?.id;
    let lines = store.read(move |conn| lines(conn, id)).await?;
    let Some(to) = &options.to else {
        std::io::stdout().lock().write_all(&csv(&lines)?)?;
        return Ok(Exit::Done);
    };
    let extension = to.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let bytes = match extension.as_deref() {
        Some("csv") => csv(&lines)?,
        Some("xlsx") => xlsx(&lines)?,
        _ => return Err(usage(format!("{} ends neither in .csv nor in .xlsx", to.display()))),
    };
    desk::create(to)?.write_all(&bytes).with_context(|| format!("cannot write {}", to.display()))?;
    anstream::println!("{} written to {}.", super::words::counted(lines.len(), "guest"), to.display());
    Ok(Exit::Done)
}

fn lines(conn: &Connection, campaign: i64) -> store::Result<Vec<Line>> {
    Ok(views::guests(conn, Some(campaign))?.into_iter().zip(views::listed(conn, campaign)?).collect())
}

/// The names of the list's other columns, sorted; those that are empty for every guest are left out.
fn columns(lines: &[Line]) -> BTreeSet<&str> {
    lines.iter().flat_map(|(_, listed)| listed.fields.keys()).map(String::as_str).collect()
}

/// What stands above the cells. A column of the list that is called as one of ours is the second of its name.
fn header(columns: &BTreeSet<&str>) -> Vec<String> {
    let of_list = columns.iter().map(|name| if HEADER.contains(name) { format!("{name}_2") } else { (*name).to_owned() });
    HEADER.into_iter().map(str::to_owned).chain(of_list).collect()
}

/// Who comes instead: "Name <address>", or what is known of the two.
fn instead(Delegate { name, email }: &Delegate) -> String {
    match (name, email) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        (Some(name), None) => name.clone(),
        (None, Some(email)) => email.to_string(),
        (None, None) => String::new(),
    }
}

fn cells((guest, listed): &Line, columns: &BTreeSet<&str>) -> Vec<String> {
    let yes = |truth: bool| if truth { "yes".to_owned() } else { String::new() };
    let ours = [
        guest.email.clone(),
        guest.name.clone(),
        guest.language.clone(),
        guest.standing.clone(),
        guest.answer.clone(),
        guest.people.to_string(),
        yes(guest.question),
        yes(guest.unsubscribe),
        guest.delegate.as_ref().map(instead).unwrap_or_default(),
        guest.delivery.clone(),
        guest.note.clone(),
        guest.evidence.join(" … "),
        guest.since.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        listed.organisation.clone().unwrap_or_default(),
        listed.zone.clone().unwrap_or_default(),
    ];
    let of_list = columns.iter().map(|name| listed.fields.get(*name).cloned().unwrap_or_default());
    ours.into_iter().chain(of_list).collect()
}

/// Whether a spreadsheet would take a cell for a formula.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A cell of a CSV file, which cannot say that it is text otherwise than by an apostrophe. Where commas are written in numbers, a
/// spreadsheet splits the lines at semicolons and heeds no quotes but those beside them, so in each cell others may begin.
fn defused(cell: String) -> String {
    let mut out = String::with_capacity(cell.len() + 1);
    for piece in cell.split_inclusive([';', '\t', '\r', '\n']) {
        if is_formula(piece) || is_formula(piece.trim_start_matches([' ', '"'])) {
            out.push('\'');
        }
        out.push_str(piece);
    }
    out
}

/// UTF-8 with a byte order mark, by which Excel knows it.
fn csv(lines: &[Line]) -> anyhow::Result<Vec<u8>> {
    let columns = columns(lines);
    let mut writer = csv::Writer::from_writer(b"\xEF\xBB\xBF".to_vec());
    writer.write_record(header(&columns).into_iter().map(defused))?;
    for line in lines {
        writer.write_record(cells(line, &columns).into_iter().map(defused))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

fn xlsx(lines: &[Line]) -> anyhow::Result<Vec<u8>> {
    // Text, also after somebody has edited the cell; the apostrophe is not part of it.
    let text = Format::new().set_quote_prefix();
    let columns = columns(lines);
    let header = header(&columns);
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in header.iter().enumerate() {
        sheet.write_string_with_format(0, u16::try_from(column)?, name, &text)?;
    }
    for (row, line) in lines.iter().enumerate() {
        for (column, (name, cell)) in header.iter().zip(cells(line, &columns)).enumerate() {
            let (row, column) = (u32::try_from(row + 1)?, u16::try_from(column)?);
            // SUM passes over a number that is written as text.
            match name.as_str() {
                "people" => sheet.write_number(row, column, line.0.people)?,
                _ if is_formula(&cell) => sheet.write_string_with_format(row, column, cell, &text)?,
                _ => sheet.write_string(row, column, cell)?,
            };
        }
    }
    Ok(book.save_to_buffer()?)
}
