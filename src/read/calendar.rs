//! The calendar part of an answer (RFC 5546, RFC 6047): which part speaks, which attendee, and what it says.
//!
//! Parsed by calcard behind a normaliser for what real programs send ([`text`]). ORGANIZER is never required
//! (Exchange leaves it out), nor is the `method` parameter (Apple leaves it out); the METHOD property is trusted
//! before the parameter (KMail writes `reply` for everything). A REQUEST or CANCEL that comes back is never an answer.

mod attendee;
#[cfg(test)]
mod tests;
mod text;

use super::tnef;
use crate::model::mail::{NO_EVENT, NO_METHOD, ONE_DAY_OF_A_SERIES};
use crate::model::{Address, Answer, CalendarReply};
use attendee::Attendee;
use calcard::{
    Entry, Parser,
    common::IanaString,
    icalendar::{ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty},
};

/// A MIME part that may hold a calendar.
pub(super) struct CalendarPart<'a> {
    /// The `method` parameter of Content-Type.
    pub method_param: Option<String>,
    /// `text/calendar`, in lower case.
    pub content_type: String,
    pub file_name: Option<String>,
    /// Transfer-decoded.
    pub bytes: &'a [u8],
    pub charset: Option<String>,
}

/// What the calendar parts of a message say.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// REPLY or COUNTER.
    pub reply: Option<CalendarReply>,
    /// REQUEST, CANCEL … where that is all there was.
    pub other_method: Option<String>,
    pub notes: Vec<String>,
}

/// A comment is kept up to this many bytes.
const MAX_COMMENT: usize = 4 * 1024;
/// Where programs keep what the guest typed beside COMMENT.
const COMMENTS: [&str; 3] = ["X-RESPONSE-COMMENT", "X-CALENDARSERVER-PRIVATE-COMMENT", "X-CALENDARSERVER-ATTENDEE-COMMENT"];
/// More calendar parts than this are not looked at.
const MAX_PARTS: usize = 10;
/// More parser entries than this are not asked for.
const MAX_ENTRIES: usize = 200;

/// Reads the answer in the calendar parts of one message; `from` decides between several attendees.
///
/// Parts in order of trust: text/calendar with a method, text/calendar, application/ics, `*.ics` by name. Inside a
/// nested message/rfc822 nothing is an answer: the caller leaves such parts out. Never fails; what could not be
/// read stands in `notes`.
pub(super) fn find(parts: &[CalendarPart<'_>], from: Option<&Address>) -> Found {
    let mut found = Found::default();
    let mut ranked: Vec<(u8, &CalendarPart<'_>)> = parts.iter().filter_map(|part| rank(part).map(|rank| (rank, part))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    for (_, part) in ranked.into_iter().take(MAX_PARTS) {
        let (method, reply) = read(part, from, &mut found.notes);
        match (&found.reply, reply) {
            (Some(first), Some(second)) if first.partstat != second.partstat || first.attendee != second.attendee => {
                found.notes.push("the calendar parts say different things; the first was taken".to_owned());
            }
            (None, Some(reply)) => found.reply = Some(reply),
            _ => {}
        }
        if found.other_method.is_none() {
            found.other_method = method.filter(|method| !is_answer(method));
        }
    }
    if found.reply.is_none() && found.other_method.is_none() {
        found.reply = parts.iter().take(MAX_PARTS).find_map(|part| of_winmail(part, from));
        if found.reply.is_some() {
            found.notes.push("the answer stood in winmail.dat (Outlook rich text)".to_owned());
        }
    }
    found
}

/// The answer in `winmail.dat`: no UID and no attendee stand in it that can be trusted, so it is the sender's own.
fn of_winmail(part: &CalendarPart<'_>, from: Option<&Address>) -> Option<CalendarReply> {
    let partstat = match tnef::answer(part.bytes)? {
        Answer::Accept => "ACCEPTED",
        Answer::Decline => "DECLINED",
        Answer::Tentative => "TENTATIVE",
        Answer::Delegate | Answer::None => return None,
    };
    Some(CalendarReply {
        method: "REPLY".to_owned(),
        partstat: Some(partstat.to_owned()),
        attendee: from.cloned(),
        ..CalendarReply::default()
    })
}

fn rank(part: &CalendarPart<'_>) -> Option<u8> {
    let named = part.file_name.as_deref().is_some_and(|name| name.to_ascii_lowercase().ends_with(".ics"));
    match part.content_type.to_ascii_lowercase().as_str() {
        "text/calendar" if part.method_param.is_some() => Some(0),
        "text/calendar" | "text/x-vcalendar" => Some(1),
        "application/ics" => Some(2),
        _ if named => Some(3),
        _ => None,
    }
}

fn is_answer(method: &str) -> bool {
    matches!(method, "REPLY" | "COUNTER")
}

/// The method of one part, and the answer in it.
fn read(part: &CalendarPart<'_>, from: Option<&Address>, notes: &mut Vec<String>) -> (Option<String>, Option<CalendarReply>) {
    let text = text::normalise(part.bytes, part.charset.as_deref(), notes);
    let param = part.method_param.as_deref().map(|method| method.trim().trim_matches('"').to_ascii_uppercase());
    let mut other = None;
    for calendar in calendars(&text.lines) {
        let property = property_text(&calendar, &ICalendarProperty::Method).map(|method| method.trim().to_ascii_uppercase());
        let Some(method) = property.filter(|method| !method.is_empty()).or_else(|| param.clone()).filter(|m| !m.is_empty()) else {
            notes.push(NO_METHOD.to_owned());
            continue;
        };
        if !is_answer(&method) {
            other.get_or_insert(method);
            continue;
        }
        let Some(event) = event(&calendar, notes) else { continue };
        let reply = reply(method.clone(), event, from, notes);
        return (Some(method), Some(trusted(reply, text.whole, notes)));
    }
    match other.or_else(|| text::method(&text.lines)).or(param) {
        Some(method) if is_answer(&method) && text.is_event => {
            notes.push("the calendar part is damaged; only its attendee line was read".to_owned());
            let attendees = attendee::in_lines(&text.lines);
            let reply = CalendarReply { method: method.clone(), ..answer_of(attendee::who(&attendees, from, notes)) };
            let decided = reply.partstat.is_some();
            (Some(method), decided.then_some(reply))
        }
        method => (method, None),
    }
}

/// The UID of a calendar that ends before its END may be cut, so it names nothing.
fn trusted(mut reply: CalendarReply, whole: bool, notes: &mut Vec<String>) -> CalendarReply {
    if !whole {
        notes.push("the calendar part is cut off: its UID is not trusted".to_owned());
        reply.uid = None;
    }
    reply
}

fn calendars(lines: &str) -> Vec<ICalendar> {
    let mut parser = Parser::new(lines);
    let mut calendars = Vec::new();
    for _ in 0..MAX_ENTRIES {
        match parser.entry() {
            Entry::ICalendar(calendar) => calendars.push(calendar),
            Entry::Eof | Entry::TooManyComponents => break,
            _ => {}
        }
    }
    calendars
}

fn property_text(calendar: &ICalendar, name: &ICalendarProperty) -> Option<String> {
    let entry = calendar.components.iter().find_map(|component| component.property(name))?;
    let value = entry.values.first()?;
    match value {
        calcard::icalendar::ICalendarValue::Method(method) => Some(method.as_str().to_owned()),
        other => other.as_text().map(str::to_owned),
    }
}

/// The event that is answered: the one without RECURRENCE-ID, else the instance that is the event itself, else the first.
fn event<'c>(calendar: &'c ICalendar, notes: &mut Vec<String>) -> Option<&'c ICalendarComponent> {
    let mut events = calendar.components.iter().filter(|c| c.component_type == ICalendarComponentType::VEvent).peekable();
    if events.peek().is_none() {
        // A bare attendee line in a calendar without components is still read; a task or a journal is not an answer.
        notes.push(NO_EVENT.to_owned());
        return None;
    }
    let events: Vec<&ICalendarComponent> = events.collect();
    let of_all = events.iter().find(|event| !event.has_property(&ICalendarProperty::RecurrenceId));
    let itself = || {
        events.iter().find(|event| {
            let instance = event.property(&ICalendarProperty::RecurrenceId).map(|e| &e.values);
            instance.is_some() && instance == event.property(&ICalendarProperty::Dtstart).map(|e| &e.values)
        })
    };
    let event = of_all.or_else(itself).or_else(|| {
        notes.push(ONE_DAY_OF_A_SERIES.to_owned());
        events.first()
    })?;
    Some(event)
}

/// An answer of this attendee, or of nobody.
fn answer_of(attendee: Option<Attendee>) -> CalendarReply {
    let attendee = attendee.unwrap_or_default();
    CalendarReply {
        partstat: attendee.partstat,
        attendee: attendee.email,
        comment: attendee.comment,
        num_guests: attendee.num_guests,
        delegated_to: attendee.delegated_to,
        delegated_from: attendee.delegated_from,
        sent_by: attendee.sent_by,
        ..CalendarReply::default()
    }
}

fn reply(method: String, event: &ICalendarComponent, from: Option<&Address>, notes: &mut Vec<String>) -> CalendarReply {
    let attendees: Vec<Attendee> = event.properties(&ICalendarProperty::Attendee).map(Attendee::of).collect();
    let who = attendee::who(&attendees, from, notes);
    let mut comments: Vec<String> = Vec::new();
    let others = COMMENTS.map(|name| ICalendarProperty::Other(name.to_owned()));
    for entry in [ICalendarProperty::Comment].iter().chain(&others).flat_map(|name| event.properties(name)) {
        comments.extend(entry.values.iter().filter_map(|value| value.as_text()).map(str::to_owned));
    }
    comments.extend(who.as_ref().and_then(|who| who.comment.clone()));
    let first = |name: &ICalendarProperty| event.property(name).and_then(|entry| entry.values.first());
    CalendarReply {
        method,
        uid: first(&ICalendarProperty::Uid).and_then(|v| v.as_text()).map(|uid| uid.trim().to_owned()).filter(|uid| !uid.is_empty()),
        comment: comment(comments),
        sequence: first(&ICalendarProperty::Sequence).and_then(|v| v.as_integer()).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        dtstamp: first(&ICalendarProperty::Dtstamp).and_then(|v| v.as_partial_date_time()).and_then(stamp),
        organizer: event.property(&ICalendarProperty::Organizer).and_then(|entry| Attendee::of(entry).email),
        ..answer_of(who)
    }
}

/// `YYYYMMDDTHHMMSSZ`, the form that sorts as time.
fn stamp(at: &calcard::common::PartialDateTime) -> Option<String> {
    let (year, month, day) = (at.year?, at.month?, at.day?);
    let (hour, minute, second) = (at.hour.unwrap_or(0), at.minute.unwrap_or(0), at.second.unwrap_or(0));
    Some(format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"))
}

/// Every comment once, without the empty ones that Exchange sends, cut to its bound.
fn comment(comments: Vec<String>) -> Option<String> {
    let mut kept: Vec<String> = Vec::new();
    for comment in comments {
        let comment = comment.replace("\\n", "\n").replace("\r\n", "\n");
        let comment = comment.trim();
        if !comment.is_empty() && !kept.iter().any(|other| other == comment) && kept.len() < 20 {
            kept.push(comment.to_owned());
        }
    }
    let mut joined = kept.join("\n");
    let mut end = joined.len().min(MAX_COMMENT);
    while !joined.is_char_boundary(end) {
        end -= 1;
    }
    joined.truncate(end);
    (!joined.is_empty()).then_some(joined)
}
