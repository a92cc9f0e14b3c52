//! Answers from a calendar, made of the REQUEST in our letter (RFC 5546 §3.2.3) in the shape of two vendors.

use super::{
    Vendor,
    answers::{delivered, encoded, envelope, multi, on_the_wire, part, raw_header},
    guests::Partstat,
    letter::Opened,
    quotes::escaped,
};
use crate::model::Address;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use lettre::message::{
    Mailbox, MultiPartKind,
    header::{ContentDisposition, ContentTransferEncoding, ContentType},
};

/// What the guest answers from the calendar.
pub(super) struct Answer<'a> {
    pub(super) vendor: Vendor,
    pub(super) partstat: Partstat,
    pub(super) comment: Option<&'a str>,
    pub(super) guests: u32,
}

/// The VEVENT of a REQUEST as its unfolded content lines, those of inner components left out.
struct Request {
    lines: Vec<String>,
}

impl Request {
    fn read(calendar: &str) -> Option<Self> {
        // Unfolding comes first (RFC 5545 §3.1).
        let unfolded = calendar.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
        let inside = unfolded.lines().skip_while(|line| !line.eq_ignore_ascii_case("BEGIN:VEVENT")).skip(1);
        let inside = inside.take_while(|line| !line.eq_ignore_ascii_case("END:VEVENT"));
        let mut depth = 0_u32;
        let mut lines = Vec::new();
        for line in inside {
            match name(line) {
                "BEGIN" => depth += 1,
                "END" => depth = depth.saturating_sub(1),
                _ if depth == 0 => lines.push(line.to_owned()),
                _ => {}
            }
        }
        let request = Self { lines };
        request.value("UID").is_some().then_some(request)
    }

    /// The whole content line of a property.
    fn line(&self, property: &str) -> Option<&str> {
        self.lines.iter().map(String::as_str).find(|line| name(line).eq_ignore_ascii_case(property))
    }

    /// What stands after the colon.
    fn value(&self, property: &str) -> Option<&str> {
        let line = self.line(property)?;
        let mut quoted = false;
        let colon = line.find(|c| {
            quoted ^= c == '"';
            c == ':' && !quoted
        })?;
        line.get(colon + 1..)
    }

    fn organizer(&self) -> Option<Address> {
        Address::parse(self.value("ORGANIZER")?).ok()
    }

    /// SUMMARY as people read it.
    fn title(&self) -> String {
        let text = self.value("SUMMARY").unwrap_or_default();
        text.replace("\\,", ",").replace("\\;", ";").replace("\\n", " ").replace("\\N", " ").replace("\\\\", "\\")
    }
}

fn name(line: &str) -> &str {
    line.split([':', ';']).next().unwrap_or_default()
}

/// The mail that the calendar sends; None where the letter has no REQUEST that can be answered.
pub(super) fn write(answer: &Answer<'_>, letter: &Opened, at: Timestamp) -> Option<Vec<u8>> {
    let request = Request::read(letter.request.as_deref()?)?;
    match answer.vendor {
        Vendor::Google => google(answer, letter, &request, at),
        Vendor::Exchange => exchange(answer, letter, &request, at),
    }
}

/// mixed{alternative{plain, html, calendar}, ics}; comment and guests as parameters of ATTENDEE; no In-Reply-To.
fn google(answer: &Answer<'_>, letter: &Opened, request: &Request, at: Timestamp) -> Option<Vec<u8>> {
    let guest = &letter.guest;
    let to = request.organizer()?;
    let comment = answer.comment.map(|comment| format!(";X-RESPONSE-COMMENT=\"{}\"", parameter(comment))).unwrap_or_default();
    let attendee = format!(
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={};CN=\"{}\";X-NUM-GUESTS={}{comment}:mailto:{guest}",
        answer.partstat.as_str(),
        parameter(&letter.guest_name),
        answer.guests,
    );
    let stamp = stamp(at);
    let mut lines: Vec<String> =
        ["BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN"]
            .into_iter()
            .chain(["METHOD:REPLY", "BEGIN:VEVENT"])
            .map(str::to_owned)
            .collect();
    lines.extend(["DTSTART", "DTEND"].iter().filter_map(|p| request.line(p)).map(str::to_owned));
    lines.push(format!("DTSTAMP:{stamp}"));
    lines.extend(["ORGANIZER", "UID"].iter().filter_map(|p| request.line(p)).map(str::to_owned));
    lines.push(attendee);
    // Google gives back the properties that it does not know.
    lines.extend(request.lines.iter().filter(|line| name(line).to_ascii_uppercase().starts_with("X-")).cloned());
    lines.extend([format!("CREATED:{stamp}"), "DESCRIPTION:".into(), format!("LAST-MODIFIED:{stamp}")]);
    lines.extend(["LOCATION", "SUMMARY"].iter().filter_map(|p| request.line(p)).map(str::to_owned));
    lines.push(format!("SEQUENCE:{}", request.value("SEQUENCE").unwrap_or("0")));
    lines.extend(["STATUS:CONFIRMED", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR"].map(str::to_owned));
    let ics = fold(&lines);

    let sentence = format!("{} {}", letter.guest_name, letter.dialect.google(answer.partstat));
    let note = answer.comment.map(|comment| format!("\n\n\"{comment}\"")).unwrap_or_default();
    let title = request.title();
    let when = when(request, letter).map(|when| format!(" @ {when}")).unwrap_or_default();
    let plain =
        format!("{sentence}{note}\n\n{title}\n{}\n\nInvitation from Google Calendar: https://calendar.google.com/calendar/", when.trim());
    let html =
        format!("<html><body><div><p>{}</p><p>{}</p><h2>{}</h2></div></body></html>", escaped(&sentence), escaped(&note), escaped(&title));
    let subject = format!("{}{title}{when} ({})", letter.dialect.calendar(answer.partstat), letter.guest);

    let sender = Mailbox::new(Some("Google Calendar".into()), "calendar-notification@google.com".parse().ok()?);
    let mail = envelope(letter, &to, at, &subject)?;
    let mail = mail.reply_to(Mailbox::new(Some(letter.guest_name.clone()), on_the_wire(guest)?)).sender(sender);
    let alternative = multi(MultiPartKind::Alternative, at, "alt")
        .singlepart(encoded("text/plain; charset=\"UTF-8\"; format=flowed; delsp=yes", ContentTransferEncoding::Base64, plain)?)
        .singlepart(part("text/html; charset=\"UTF-8\"", html)?)
        .singlepart(part("text/calendar; charset=\"UTF-8\"; method=REPLY", ics.clone())?);
    let file = lettre::message::SinglePart::builder()
        .header(ContentType::parse("application/ics; name=\"invite.ics\"").ok()?)
        .header(ContentDisposition::attachment("invite.ics"))
        .header(ContentTransferEncoding::Base64)
        .body(ics);
    let mut mail = mail.multipart(multi(MultiPartKind::Mixed, at, "mix").multipart(alternative).singlepart(file)).ok()?;
    raw_header(&mut mail, "Auto-Submitted", "auto-generated");
    Some(delivered(&mail, guest.as_str(), &to))
}

/// alternative{plain, html, calendar}; no ORGANIZER, the note in COMMENT, the status in SUMMARY; no In-Reply-To.
fn exchange(answer: &Answer<'_>, letter: &Opened, request: &Request, at: Timestamp) -> Option<Vec<u8>> {
    let guest = &letter.guest;
    let to = request.organizer()?;
    let region = letter.dialect.region;
    let subject = format!("{}{}", letter.dialect.calendar(answer.partstat), request.title());
    let comment = answer.comment.unwrap_or_default();
    let sequence = request.value("SEQUENCE").unwrap_or("0");
    let utc = ["BEGIN:VTIMEZONE", "TZID:UTC", "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000"];
    let mut lines: Vec<String> = ["BEGIN:VCALENDAR", "METHOD:REPLY", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0"]
        .into_iter()
        .chain(utc)
        .chain(["END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT"])
        .map(str::to_owned)
        .collect();
    lines.push(format!("ATTENDEE;PARTSTAT={};CN=\"{}\":mailto:{guest}", answer.partstat.as_str(), parameter(&letter.guest_name)));
    lines.push(format!("COMMENT;LANGUAGE={region}:{}\\n", escape(comment)));
    lines.push(format!("UID:{}", request.value("UID")?));
    lines.push(format!("SUMMARY;LANGUAGE={region}:{}", escape(&subject)));
    for property in ["DTSTART", "DTEND"] {
        if let Some(line) = request.line(property) {
            let utc = request.value(property).and_then(|value| value.strip_suffix('Z'));
            lines.push(utc.map_or(line.to_owned(), |utc| format!("{property};TZID=UTC:{utc}")));
        }
    }
    lines.extend(["CLASS:PUBLIC".into(), "PRIORITY:5".into(), format!("DTSTAMP:{}", stamp(at)), "TRANSP:OPAQUE".into()]);
    lines.extend(["STATUS:CONFIRMED".into(), format!("SEQUENCE:{sequence}")]);
    lines.extend(request.line("LOCATION").map(str::to_owned));
    lines.push(format!("X-MICROSOFT-CDO-APPT-SEQUENCE:{sequence}"));
    lines.extend(
        ["X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY", "X-MICROSOFT-DISALLOW-COUNTER:FALSE", "END:VEVENT", "END:VCALENDAR"].map(str::to_owned),
    );

    let html = format!(
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body><p>{}</p></body></html>",
        escaped(comment)
    );
    let mail = envelope(letter, &to, at, &subject)?;
    let alternative = multi(MultiPartKind::Alternative, at, "alt")
        .singlepart(part("text/plain; charset=\"utf-8\"", format!("{comment}\n"))?)
        .singlepart(part("text/html; charset=\"utf-8\"", html)?)
        .singlepart(encoded("text/calendar; charset=\"utf-8\"; method=REPLY", ContentTransferEncoding::Base64, fold(&lines))?);
    let mut mail = mail.multipart(alternative).ok()?;
    raw_header(&mut mail, "Thread-Topic", &request.title());
    // Any 22 octets do: 1, a FILETIME, and an identity.
    let index = format!("\u{1}{:0>21}", at.as_second());
    raw_header(&mut mail, "Thread-Index", &STANDARD.encode(index));
    raw_header(&mut mail, "X-MS-Has-Attach", "");
    Some(delivered(&mail, guest.as_str(), &to))
}

/// The tail of Google's subject, in the zone of the guest: `Thu Dec 10, 2026 1:15pm - 3:30pm (EET)`.
fn when(request: &Request, letter: &Opened) -> Option<String> {
    let zone = TimeZone::get(letter.dialect.zone).unwrap_or(TimeZone::UTC);
    let read = |property| {
        let value = DateTime::strptime("%Y%m%dT%H%M%SZ", request.value(property)?).ok()?;
        Some(value.to_zoned(TimeZone::UTC).ok()?.with_time_zone(zone.clone()))
    };
    let (start, end) = (read("DTSTART")?, read("DTEND")?);
    Some(format!("{} - {}", start.strftime("%a %b %-d, %Y %-I:%M%P"), end.strftime("%-I:%M%P (%Z)")))
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A TEXT value (RFC 5545 §3.3.11).
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\r', "").replace('\n', "\\n")
}

/// A quoted parameter value, which can hold neither quotes nor line ends.
fn parameter(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '"' {
                '\''
            } else if c.is_control() {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// Content lines of at most 75 octets, CRLF (RFC 5545 §3.1).
fn fold(lines: &[String]) -> String {
    let mut out = String::new();
    for line in lines {
        let mut width = 0;
        for c in line.chars() {
            if width + c.len_utf8() > 75 {
                out.push_str("\r\n ");
                width = 1;
            }
            out.push(c);
            width += c.len_utf8();
        }
        out.push_str("\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_unfolded_and_its_quoted_colons_are_no_ends() {
        let ics = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:k7\r\n q@x\r\nORGANIZER;CN=\"A: B\":mailto:o@x.example\r\n\
                   BEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\nSUMMARY:Yes\\, all\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let request = Request::read(ics).expect("a request");
        assert_eq!(request.value("UID"), Some("k7q@x"));
        assert_eq!(request.organizer().map(|a| a.to_string()).as_deref(), Some("o@x.example"));
        assert_eq!(request.title(), "Yes, all");
    }

    #[test]
    fn folded_lines_keep_to_75_octets_and_unfold_again() {
        let line = format!("COMMENT:{}", "ăș".repeat(100));
        let folded = fold(std::slice::from_ref(&line));
        assert!(folded.lines().all(|line| line.len() <= 75));
        assert_eq!(folded.replace("\r\n ", "").trim_end(), line);
    }
}
