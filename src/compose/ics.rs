//! The calendar part: one `METHOD:REQUEST` for one guest (RFC 5545, 5546, 6047), times in UTC.

use super::{mark, mime};
use crate::model::{Campaign, Guest, Lang, Sender, Stamp, words::ButtonWords};
use jiff::Timestamp;

/// The SEQUENCE of the event in every letter: no update of an event is sent yet, so an answer to any is to the newest.
pub const SEQUENCE: u32 = 0;

/// Octets of a line before the fold. 75 are allowed; at 73 an ASCII object stays 7bit in the letter.
const FOLD: usize = 73;

/// The object, CRLF line ends.
///
/// One attendee, one UID: a client then shows its buttons, and an answer tells which invitation it is for.
/// ORGANIZER carries a CN, or Outlook takes the guest for the organiser.
pub(super) fn request(
    campaign: &Campaign,
    sender: &Sender,
    guest: &Guest,
    stamp: &Stamp,
    lang: &Lang,
    words: Option<&ButtonWords>,
) -> String {
    let event = &campaign.event;
    let organizer = mime::reply_address(sender, stamp);
    let link = event.link.as_deref().map(mark::fold).unwrap_or_default();
    let place = event.place.as_ref().map(|place| mark::fold(place.get(lang, &campaign.language))).unwrap_or_default();
    let location = if place.is_empty() { &link } else { &place };
    let how = words.map(|words| format!("{} / {} / {}: {organizer}", words.yes, words.no, words.maybe));
    let how = how.unwrap_or_else(|| organizer.to_string());
    let description = if link.is_empty() { how } else { format!("{how}\n{link}") };

    let mut ics = Lines(String::new());
    ics.line("BEGIN:VCALENDAR");
    ics.line("PRODID:-//convoke//convoke//EN");
    ics.line("VERSION:2.0");
    ics.line("CALSCALE:GREGORIAN");
    ics.line("METHOD:REQUEST");
    ics.line("BEGIN:VEVENT");
    ics.line(&format!("UID:{}", stamp.uid(sender.from.domain())));
    ics.line(&format!("SEQUENCE:{SEQUENCE}"));
    ics.line(&format!("DTSTAMP:{}", utc(stamp.date)));
    ics.line(&format!("DTSTART:{}", utc(event.start.timestamp())));
    ics.line(&format!("DTEND:{}", utc(event.end.timestamp())));
    ics.line(&format!("SUMMARY:{}", text(&mark::fold(event.title.get(lang, &campaign.language)))));
    if !location.is_empty() {
        ics.line(&format!("LOCATION:{}", text(location)));
    }
    ics.line(&format!("DESCRIPTION:{}", text(&description)));
    ics.line(&format!("ORGANIZER;CN=\"{}\":mailto:{organizer}", name(&sender.name, sender.from.as_str())));
    attendee(guest, &mut ics.0);
    ics.line("STATUS:CONFIRMED");
    ics.line("TRANSP:OPAQUE");
    ics.line("CLASS:PUBLIC");
    ics.line("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE");
    ics.line("X-MICROSOFT-DISALLOW-COUNTER:TRUE");
    ics.line(&format!("X-CONVOKE-TOKEN:{}", stamp.token));
    ics.line("END:VEVENT");
    ics.line("END:VCALENDAR");
    ics.0
}

/// The one line that names the guest, folded.
pub(super) fn attendee(guest: &Guest, out: &mut String) {
    let line = format!(
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=\"{}\";X-NUM-GUESTS=0:mailto:{}",
        name(&guest.name, guest.email.as_str()),
        guest.email
    );
    fold(&line, out);
}

fn name(name: &str, address: &str) -> String {
    param(if name.trim().is_empty() { address } else { name })
}

struct Lines(String);

impl Lines {
    fn line(&mut self, line: &str) {
        fold(line, &mut self.0);
    }
}

/// Writes one line, folded between characters.
fn fold(line: &str, out: &mut String) {
    let mut used = 0;
    for c in line.chars() {
        if used + c.len_utf8() > FOLD {
            out.push_str("\r\n ");
            used = 1;
        }
        out.push(c);
        used += c.len_utf8();
    }
    out.push_str("\r\n");
}

/// `20261123T100000Z`.
pub(super) fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// TEXT of RFC 5545 §3.3.11.
fn text(value: &str) -> String {
    value.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// A parameter's value between quotes, as RFC 6868 says.
fn param(value: &str) -> String {
    mark::fold(value).chars().take(200).collect::<String>().replace('^', "^^").replace('"', "^'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_within_octets_and_between_characters() {
        let mut lines = Lines(String::new());
        let value = format!("SUMMARY:{}", "ăș😀".repeat(60));
        lines.line(&value);
        assert!(lines.0.split("\r\n").all(|line| line.len() <= FOLD));
        assert_eq!(lines.0.replace("\r\n ", "").trim_end(), value);
    }

    #[test]
    fn escapes_texts_and_names() {
        assert_eq!(text("a\\b;c,d\ne"), "a\\\\b\\;c\\,d\\ne");
        assert_eq!(param("Ana \"A\" ^x\r\nATTENDEE:y"), "Ana ^'A^' ^^x ATTENDEE:y");
    }
}
