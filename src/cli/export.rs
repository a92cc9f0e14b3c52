//! `export`: the guests and their answers for a spreadsheet.

use super::{Exit, args::Export, desk, usage};
use crate::store::views::{self, GuestRow};
use anyhow::Context as _;
use rust_xlsxwriter::Workbook;
use std::{io::Write as _, path::Path};

const HEADER: [&str; 13] = [
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
    "since",
];

pub async fn run(path: &Path, options: &Export) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let id = desk::known_campaign(&store, options.which.campaign.as_deref()).await?.id;
    let guests = store.read(move |conn| views::guests(conn, Some(id))).await?;
    let Some(to) = &options.to else {
        std::io::stdout().lock().write_all(&csv(&guests)?)?;
        return Ok(Exit::Done);
    };
    let bytes = match to.extension().and_then(|extension| extension.to_str()) {
        Some("csv") => csv(&guests)?,
        Some("xlsx") => xlsx(&guests)?,
        _ => return Err(usage(format!("{} ends neither in .csv nor in .xlsx", to.display()))),
    };
    desk::create(to)?.write_all(&bytes).with_context(|| format!("cannot write {}", to.display()))?;
    anstream::println!("{} written to {}.", super::words::counted(guests.len(), "guest"), to.display());
    Ok(Exit::Done)
}

fn cells(guest: &GuestRow) -> [String; 13] {
    let delegate = guest.delegate.as_ref().map_or_else(String::new, |delegate| {
        let email = delegate.email.as_ref().map(ToString::to_string);
        delegate.name.iter().cloned().chain(email).collect::<Vec<_>>().join(" ")
    });
    let yes = |truth: bool| if truth { "yes".to_owned() } else { String::new() };
    [
        guest.email.clone(),
        guest.name.clone(),
        guest.language.clone(),
        guest.standing.clone(),
        guest.answer.clone(),
        guest.people.to_string(),
        yes(guest.question),
        yes(guest.unsubscribe),
        delegate,
        guest.delivery.clone(),
        guest.note.clone(),
        guest.evidence.join(" … "),
        guest.since.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    ]
    .map(defused)
}

/// A cell that a spreadsheet would take for a formula is written as text: an apostrophe before `= + - @`, tab and return.
fn defused(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

/// UTF-8 with a byte order mark, by which Excel knows it.
fn csv(guests: &[GuestRow]) -> anyhow::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(b"\xEF\xBB\xBF".to_vec());
    writer.write_record(HEADER)?;
    for guest in guests {
        writer.write_record(cells(guest))?;
    }
    Ok(writer.into_inner().map_err(|error| error.into_error())?)
}

fn xlsx(guests: &[GuestRow]) -> anyhow::Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in HEADER.iter().enumerate() {
        sheet.write_string(0, u16::try_from(column)?, *name)?;
    }
    for (row, guest) in guests.iter().enumerate() {
        for (column, (name, cell)) in HEADER.into_iter().zip(cells(guest)).enumerate() {
            let (row, column) = (u32::try_from(row + 1)?, u16::try_from(column)?);
            // SUM passes over a number that is written as text.
            match name {
                "people" => sheet.write_number(row, column, guest.people)?,
                _ => sheet.write_string(row, column, cell)?,
            };
        }
    }
    Ok(book.save_to_buffer()?)
}
