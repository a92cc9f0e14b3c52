//! A letter with stand-ins, cut into its parts: two of them are joined into a skeleton.

use super::{Maker, encode};
use crate::{
    compose::{
        ics, mime,
        plain::{self, Chunk, Flow},
        quoted,
        render::Sheet,
        slots::{self, Piece},
    },
    model::Stamp,
};

/// A letter with stand-ins, cut into its parts.
pub(super) struct Draft {
    pub(super) frames: Vec<String>,
    pub(super) subject: Cuts,
    pub(super) text: Vec<Stretch>,
    pub(super) html: Vec<Stretch>,
    pub(super) ics: Option<[String; 3]>,
    pub(super) compared: Vec<(Cuts, Cuts, bool)>,
}

pub(super) type Cuts = Vec<Piece<String>>;

pub(super) enum Stretch {
    Still(String),
    Line(Cuts),
    Flow(Flow, Cuts),
}

impl Draft {
    pub(super) fn of(sheet: Sheet, stamp: &Stamp, text: String, raw: String, ics: Option<String>, maker: &Maker<'_>) -> Option<Self> {
        let classes = maker.classes.as_slice();
        if sheet.names_links || text.contains('\r') || sheet.html.contains('\r') {
            return None;
        }
        let html = slots::html(&sheet.html, classes)?;
        // A rule of CSS could ask for what stands in an attribute.
        let in_tag = |piece: &Piece<String>| !matches!(piece, Piece::Fixed(_) | Piece::Slot(_, slots::How::Text));
        if html.iter().any(in_tag) && maker.templates.asks_for_attributes() {
            return None;
        }
        let mut compared = Vec::new();
        for link in &sheet.compared {
            let (words, target) = (slots::plain(&link.text, classes)?, slots::plain(&link.target, classes)?);
            if [&words, &target].iter().any(|pieces| pieces.iter().any(|piece| matches!(piece, Piece::Slot(..)))) {
                compared.push((words, target, link.same));
            }
        }
        let subject = slots::plain(&mime::subject(sheet.subject, maker.sender, stamp), classes)?;
        let frames = frames(&raw, &text, &sheet.html, ics.as_deref())?;
        let mut stretches = Vec::new();
        for chunk in sheet.chunks {
            let (whole, flow) = match chunk {
                Chunk::Lines(lines) => (lines, None),
                Chunk::Flow(flow) => (plain::text(std::slice::from_ref(&Chunk::Flow(flow.clone()))), Some(flow)),
            };
            match flow {
                Some(flow) if slots::holds(&flow.words) => {
                    let pieces = slots::plain(&flow.words, classes)?;
                    stretches.push(Stretch::Flow(flow, pieces));
                }
                _ if slots::holds(&whole) => return None,
                _ => still(&mut stretches, &whole),
            }
        }
        let ics = match ics {
            None => None,
            Some(ics) => Some(calendar(&ics, maker)?),
        };
        Some(Self { frames, subject, text: stretches, html: lines(html), ics, compared })
    }
}

/// The letter's own frame, around its text, HTML and calendar.
fn frames(raw: &str, text: &str, html: &str, ics: Option<&str>) -> Option<Vec<String>> {
    const READABLE: &str = "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    let at = |name: &str| raw.find(&format!("\r\n{name}: ")).map(|at| at + 2);
    let (to, ids, auto) = (at("To")?, at("Message-ID")?, at("Auto-Submitted")?);
    let mut frames = vec![raw.get(..to)?.to_owned(), raw.get(ids..auto)?.to_owned()];
    let mut rest = raw.get(auto..)?;
    for body in [text, html] {
        let length = rest.find(READABLE)? + READABLE.len();
        frames.push(rest.get(..length)?.to_owned());
        let mut encoded = String::new();
        quoted::encode(body, &mut encoded);
        rest = rest.get(length..)?.strip_prefix(encoded.as_str())?;
    }
    if let Some(ics) = ics {
        let mut encoded = String::new();
        encode(ics, &mut encoded);
        for _ in 0..2 {
            let (before, after) = rest.split_once(encoded.as_str())?;
            frames.push(before.to_owned());
            rest = after;
        }
    }
    frames.push(rest.to_owned());
    Some(frames)
}

/// The calendar object without its DTSTAMP and without the guest.
fn calendar(ics: &str, maker: &Maker<'_>) -> Option<[String; 3]> {
    let mut attendee = String::new();
    ics::attendee(maker.guest, &mut attendee);
    let (before, after) = ics.split_once(&attendee)?;
    let mark = format!("\r\nDTSTAMP:{}\r\n", ics::utc(maker.stamp.date));
    let (begin, middle) = before.split_once(&mark)?;
    Some([format!("{begin}\r\nDTSTAMP:"), format!("\r\n{middle}"), after.to_owned()])
}

fn still(stretches: &mut Vec<Stretch>, text: &str) {
    match stretches.last_mut() {
        Some(Stretch::Still(before)) => before.push_str(text),
        _ => stretches.push(Stretch::Still(text.to_owned())),
    }
}

/// The page by its lines: those with a value one by one, the others together.
fn lines(page: Cuts) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut line = Cuts::new();
    let mut close = |line: &mut Cuts| match std::mem::take(line) {
        pieces if pieces.iter().any(|piece| matches!(piece, Piece::Slot(..))) => stretches.push(Stretch::Line(pieces)),
        pieces => pieces.iter().for_each(|piece| {
            if let Piece::Fixed(text) = piece {
                still(&mut stretches, text);
            }
        }),
    };
    for piece in page {
        match piece {
            Piece::Slot(..) => line.push(piece),
            Piece::Fixed(text) => {
                for part in text.split_inclusive('\n') {
                    line.push(Piece::Fixed(part.to_owned()));
                    if part.ends_with('\n') {
                        close(&mut line);
                    }
                }
            }
        }
    }
    close(&mut line);
    stretches
}
