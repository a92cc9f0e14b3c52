//! A letter finished but for one guest's own words: what the letters of one shape have in common, encoded once.
//!
//! Made of two letters written the long way, with stand-ins for values ([`super::slots`]) and two tokens ([`super::stencil`]).

mod draft;

use super::{
    Setting, ics, mime,
    plain::{self, Flow},
    quoted,
    slots::{self, Class, Piece},
    stencil::{self, Stencil},
};
use crate::model::{Campaign, Guest, Lang, Letter, Sender, Stamp};
use base64::{Engine, engine::general_purpose::STANDARD};
use draft::{Draft, Stretch};
use std::borrow::Cow;

/// Octets of the calendar on one line of base64.
const BASE64_LINE: usize = 57;

/// The letters of one shape.
pub(super) struct Skeleton {
    lang: Lang,
    /// The header up to `To`, then from `Message-ID` on, then from `Auto-Submitted` on to the text.
    from: Stencil,
    ids: Stencil,
    rest: Stencil,
    subject: Subject,
    text: Vec<Part>,
    between: Stencil,
    html: Vec<Part>,
    calendar: Option<Calendar>,
    end: Stencil,
    /// Links whose words were compared with their target, with what was found.
    compared: Vec<(Pieces, Pieces, bool)>,
}

type Pieces = Vec<Piece<Stencil>>;

enum Subject {
    /// As a person reads it, and the header field.
    Still {
        shown: Stencil,
        field: Stencil,
    },
    Live(Pieces),
}

/// A stretch of the text or of the HTML.
enum Part {
    /// The same for all: as read, and as encoded.
    Still { shown: Stencil, wire: Stencil },
    /// One line with values in it.
    Line(Pieces),
    /// Lines with values in them, to be broken anew.
    Flow(Flow, Pieces),
}

struct Calendar {
    /// The object up to the DTSTAMP, from there to ATTENDEE, and what follows that.
    object: [Stencil; 3],
    /// The letter up to the encoding of the inline object, and from there to that of the attached one.
    before: [Stencil; 2],
}

/// What the shape is written for.
pub(super) struct Maker<'a> {
    pub(super) setting: &'a Setting<'a>,
    pub(super) templates: &'a super::Templates,
    pub(super) campaign: &'a Campaign,
    pub(super) sender: &'a Sender,
    pub(super) guest: &'a Guest,
    pub(super) stamp: &'a Stamp,
    /// The variables that are slots, with the class of each.
    pub(super) names: Vec<&'a str>,
    pub(super) classes: Vec<Class>,
}

/// Why there is no skeleton.
pub(super) enum Unfit {
    /// This variable is used as a link, and its class was not thought of.
    Link(String),
    /// Some value stands where it can change more than itself.
    Other,
}

impl Maker<'_> {
    pub(super) fn make(&self) -> Result<Skeleton, Unfit> {
        let [one, two] = stencil::tokens().map(|token| self.draft(Stamp { token, earlier: Vec::new(), ..self.stamp.clone() }));
        self.join(one?, two?).ok_or(Unfit::Other)
    }

    /// One letter with stand-ins, the long way.
    fn draft(&self, stamp: Stamp) -> Result<Draft, Unfit> {
        let (mut values, missing) = self.setting.values(self.campaign, self.sender, self.guest);
        if self.names.len() > slots::MAX_SLOTS || values.0.values().any(|value| slots::is_taken(value)) {
            return Err(Unfit::Other);
        }
        for (slot, (name, class)) in self.names.iter().zip(&self.classes).enumerate() {
            values.0.insert((*name).to_owned(), class.stand_in(slot));
        }
        let sheet = self.setting.sheet(self.templates, self.campaign, self.sender, &stamp, &values, missing);
        let sheet = sheet.map_err(|flaws| match flaws.into_iter().next() {
            Some(flaw) if self.names.contains(&flaw.field.as_str()) => Unfit::Link(flaw.field),
            _ => Unfit::Other,
        })?;
        let page = sheet.page();
        let letter = self.setting.letter(self.templates, self.campaign, self.sender, self.guest, &stamp, page);
        let letter = letter.map_err(|_| Unfit::Other)?;
        let raw = String::from_utf8(letter.raw).map_err(|_| Unfit::Other)?;
        let ics = self.setting.ics(self.templates, self.campaign, self.sender, self.guest, &stamp);
        Draft::of(sheet, &stamp, letter.text, raw, ics, self).ok_or(Unfit::Other)
    }

    fn join(&self, one: Draft, two: Draft) -> Option<Skeleton> {
        let frames: Vec<Stencil> = one.frames.iter().zip(&two.frames).map(|(one, two)| Stencil::of(one, two)).collect::<Option<_>>()?;
        let mut frames = frames.into_iter();
        let subject = match (one.subject.as_slice(), two.subject.as_slice()) {
            ([Piece::Fixed(shown)], [Piece::Fixed(other)]) => Subject::Still {
                shown: Stencil::of(shown, other)?,
                field: Stencil::of(&mime::subject_field(shown), &mime::subject_field(other))?,
            },
            (one, two) => Subject::Live(pieces(one, two)?),
        };
        let calendar = match (one.ics, two.ics) {
            (Some(one), Some(two)) => {
                Some([Stencil::of(&one[0], &two[0])?, Stencil::of(&one[1], &two[1])?, Stencil::of(&one[2], &two[2])?])
            }
            _ => None,
        };
        let compared = one
            .compared
            .iter()
            .zip(&two.compared)
            .map(|(one, two)| Some((pieces(&one.0, &two.0)?, pieces(&one.1, &two.1)?, one.2 == two.2 && one.2)));
        Some(Skeleton {
            lang: self.setting.lang.clone(),
            from: frames.next()?,
            ids: frames.next()?,
            rest: frames.next()?,
            between: frames.next()?,
            calendar: match calendar {
                Some(object) => Some(Calendar { object, before: [frames.next()?, frames.next()?] }),
                None => None,
            },
            end: frames.next()?,
            subject,
            text: parts(one.text, two.text)?,
            html: parts(one.html, two.html)?,
            compared: compared.collect::<Option<_>>()?,
        })
    }
}

/// The name of the encoding and the encoded object, as they stand one after the other in a part.
fn encode(ics: &str, out: &mut String) {
    if ics.is_ascii() {
        out.push_str("7bit\r\n\r\n");
        out.push_str(ics);
        return;
    }
    out.push_str("base64\r\n\r\n");
    for (at, line) in ics.as_bytes().chunks(BASE64_LINE).enumerate() {
        if at > 0 {
            out.push_str("\r\n");
        }
        STANDARD.encode_string(line, out);
    }
}

fn pieces(one: &[Piece<String>], two: &[Piece<String>]) -> Option<Pieces> {
    if one.len() != two.len() {
        return None;
    }
    let pair = |pair: (&Piece<String>, &Piece<String>)| match pair {
        (Piece::Fixed(one), Piece::Fixed(two)) => Some(Piece::Fixed(Stencil::of(one, two)?)),
        (Piece::Slot(one, how), Piece::Slot(two, same)) if (one, how) == (two, same) => Some(Piece::Slot(*one, *how)),
        _ => None,
    };
    one.iter().zip(two).map(pair).collect()
}

fn parts(one: Vec<Stretch>, two: Vec<Stretch>) -> Option<Vec<Part>> {
    if one.len() != two.len() {
        return None;
    }
    let part = |pair| match pair {
        (Stretch::Still(one), Stretch::Still(two)) => {
            let (mut first, mut second) = (String::new(), String::new());
            quoted::encode(&one, &mut first);
            quoted::encode(&two, &mut second);
            Some(Part::Still { shown: Stencil::of(&one, &two)?, wire: Stencil::of(&first, &second)? })
        }
        (Stretch::Line(one), Stretch::Line(two)) => Some(Part::Line(pieces(&one, &two)?)),
        (Stretch::Flow(flow, one), Stretch::Flow(_, two)) => Some(Part::Flow(flow, pieces(&one, &two)?)),
        _ => None,
    };
    one.into_iter().zip(two).map(part).collect()
}

/// What one letter puts into its skeleton.
pub(super) struct Own<'a> {
    pub(super) guest: &'a Guest,
    pub(super) stamp: &'a Stamp,
    pub(super) sender: &'a Sender,
    /// The values of the slots, in their order.
    pub(super) values: Vec<Cow<'a, str>>,
    /// The header field, and the stamp of the calendar.
    pub(super) date: (&'a str, &'a str),
}

impl Own<'_> {
    fn fill(&self, pieces: &Pieces, out: &mut String) {
        for piece in pieces {
            match piece {
                Piece::Fixed(text) => text.write(&self.stamp.token, out),
                Piece::Slot(slot, how) => how.write(self.values.get(*slot).map_or("", |value| value), out),
            }
        }
    }

    fn filled(&self, pieces: &Pieces) -> String {
        let mut out = String::new();
        self.fill(pieces, &mut out);
        out
    }

    fn parts(&self, parts: &[Part], shown: &mut String, wire: &mut String) {
        for part in parts {
            let begin = shown.len();
            match part {
                Part::Still { shown: text, wire: encoded } => {
                    text.write(&self.stamp.token, shown);
                    encoded.write(&self.stamp.token, wire);
                    continue;
                }
                Part::Line(pieces) => self.fill(pieces, shown),
                Part::Flow(flow, pieces) => flow.write(&self.filled(pieces), shown),
            }
            quoted::encode(shown.get(begin..).unwrap_or_default(), wire);
        }
    }
}

impl Skeleton {
    /// One letter. None where this guest's letter has another shape after all.
    pub(super) fn letter(&self, own: &Own<'_>) -> Option<Letter> {
        let token = &own.stamp.token;
        if self.compared.iter().any(|(text, target, same)| plain::same(&own.filled(text), &own.filled(target)) != *same) {
            return None;
        }
        let mut raw = String::with_capacity(24 * 1024);
        let (mut subject, mut text, mut html) = (String::with_capacity(128), String::with_capacity(4096), String::with_capacity(12 * 1024));
        self.from.write(token, &mut raw);
        raw.push_str(&mime::to_field(own.guest).ok()?);
        match &self.subject {
            Subject::Still { shown, field } => {
                shown.write(token, &mut subject);
                field.write(token, &mut raw);
            }
            Subject::Live(pieces) => {
                own.fill(pieces, &mut subject);
                if subject.chars().count() > super::render::MAX_SUBJECT {
                    return None;
                }
                raw.push_str(&mime::subject_field(&subject));
            }
        }
        raw.push_str(own.date.0);
        self.ids.write(token, &mut raw);
        if !own.stamp.earlier.is_empty() {
            raw.push_str(&mime::thread_fields(own.stamp));
        }
        self.rest.write(token, &mut raw);
        own.parts(&self.text, &mut text, &mut raw);
        self.between.write(token, &mut raw);
        own.parts(&self.html, &mut html, &mut raw);
        if let Some(calendar) = &self.calendar {
            calendar.write(own, &mut raw);
        }
        self.end.write(token, &mut raw);
        Some(Letter {
            message_id: own.stamp.message_id(own.sender.from.domain()),
            subject,
            lang: self.lang.clone(),
            raw: raw.into_bytes(),
            text,
            html,
            mail_from: mime::mail_from(own.sender, own.stamp),
            rcpt_to: own.guest.email.clone(),
        })
    }
}

impl Calendar {
    fn write(&self, own: &Own<'_>, raw: &mut String) {
        let token = &own.stamp.token;
        let [begin, middle, end] = &self.object;
        let mut ics = String::with_capacity(2048);
        begin.write(token, &mut ics);
        ics.push_str(own.date.1);
        middle.write(token, &mut ics);
        ics::attendee(own.guest, &mut ics);
        end.write(token, &mut ics);
        let [inline, attached] = &self.before;
        inline.write(token, raw);
        let at = raw.len();
        encode(&ics, raw);
        let until = raw.len();
        attached.write(token, raw);
        raw.extend_from_within(at..until);
    }
}
