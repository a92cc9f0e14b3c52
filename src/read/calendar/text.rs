//! Makes text of a calendar part that a parser can follow.
//!
//! Unfolded before it is decoded (programs fold inside a character), bare CR, trailing blanks, quoted-printable
//! left undone, lines whose quotes do not close, text around the calendar; and every bound on its size.

use super::{
    super::charset,
    attendee::{raw_address, raw_parameter},
};
use encoding_rs::Encoding;

/// Bytes of a part that are read.
const MAX_BYTES: usize = 1024 * 1024;
/// A longer line, after unfolding, is left out.
const MAX_LINE: usize = 64 * 1024;
/// What comes after this many components is left out.
const MAX_COMPONENTS: usize = 50;
/// More attendees than this are left out.
const MAX_ATTENDEES: usize = 200;

/// A calendar part as lines.
pub(super) struct Normal {
    /// Unfolded lines, each ended by CRLF, from BEGIN:VCALENDAR to END:VCALENDAR.
    pub lines: String,
    /// END:VCALENDAR stood in it.
    pub whole: bool,
    /// It is about an event, and not about a task, a journal or free time.
    pub is_event: bool,
}

/// Bytes of a part, transfer-decoded, as lines that calcard reads. Linear in its length.
pub(super) fn normalise(bytes: &[u8], charset: Option<&str>, notes: &mut Vec<String>) -> Normal {
    if bytes.len() > MAX_BYTES {
        notes.push("the calendar part is over 1 MB: the rest was not read".to_owned());
    }
    let bytes = bytes.get(..MAX_BYTES).unwrap_or(bytes);
    let undone;
    let bytes = if has(bytes, b"PARTSTAT=3D") {
        notes.push("quoted-printable was left in the calendar part".to_owned());
        undone = quoted_printable(bytes);
        &undone
    } else {
        bytes
    };
    let text = decode(bytes, charset);
    let (span, whole) = span(&text);
    let mut normal = Normal { lines: String::with_capacity(span.len() + 64), whole, is_event: false };
    let (mut components, mut attendees, mut dropped) = (0, 0, false);
    let mut lines = span.lines().peekable();
    while let Some(line) = lines.next() {
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        let cut_off = !whole && lines.peek().is_none() && !span.ends_with('\n');
        if line.len() > MAX_LINE || cut_off {
            dropped |= !cut_off;
            continue;
        }
        if begins(line, "BEGIN:") {
            components += 1;
            normal.is_event |= begins(line, "BEGIN:VEVENT");
        }
        if components > MAX_COMPONENTS {
            dropped = true;
            break;
        }
        if begins(line, "ATTENDEE") || begins(line, "ORGANIZER") {
            attendees += 1;
            if attendees > MAX_ATTENDEES {
                dropped = true;
                continue;
            }
            normal.lines.push_str(&straight(line));
        } else {
            normal.lines.push_str(line);
        }
        normal.lines.push_str("\r\n");
    }
    if dropped {
        notes.push("the calendar part is too large: some of it was not read".to_owned());
    }
    normal
}

/// The METHOD line, where no parser found it.
pub(super) fn method(lines: &str) -> Option<String> {
    let line = lines.lines().find(|line| begins(line, "METHOD:"))?;
    line.get(7..).map(|method| method.trim().to_ascii_uppercase()).filter(|method| !method.is_empty())
}

fn begins(line: &str, name: &str) -> bool {
    line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window.eq_ignore_ascii_case(what))
}

/// Unfolds bytes, then decodes: by its byte order mark, as declared, as UTF-8, as its letters look.
fn decode(bytes: &[u8], charset: Option<&str>) -> String {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes)
        && encoding != encoding_rs::UTF_8
    {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark..).unwrap_or_default());
        return String::from_utf8_lossy(&unfold(text.as_bytes())).into_owned();
    }
    let bytes = unfold(bytes);
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let declared = charset.and_then(|label| Encoding::for_label(label.trim().as_bytes())).filter(|e| *e != encoding_rs::UTF_8);
    match (std::str::from_utf8(bytes), declared) {
        // Programs declare Latin letters and send UTF-8; that hardly ever looks valid by chance.
        (Ok(text), declared) if declared.is_none_or(Encoding::is_single_byte) => text.to_owned(),
        (_, Some(encoding)) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        (Ok(text), None) => text.to_owned(),
        (Err(_), None) => charset::guess(bytes, None, None).into_owned(),
    }
}

/// One line end, LF, and continued lines joined (RFC 5545 §3.1).
fn unfold(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut input = bytes.iter().copied().peekable();
    while let Some(byte) = input.next() {
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' {
                    input.next_if_eq(&b'\n');
                }
                if input.next_if(|next| matches!(next, b' ' | b'\t')).is_none() {
                    out.push(b'\n');
                }
            }
            0 => {}
            byte => out.push(byte),
        }
    }
    out
}

/// From the first BEGIN:VCALENDAR to the last END:VCALENDAR, and whether that end stood there.
fn span(text: &str) -> (&str, bool) {
    let folded = text.to_ascii_uppercase();
    let start = folded.find("BEGIN:VCALENDAR").unwrap_or(0);
    match folded.rfind("END:VCALENDAR").map(|at| at + "END:VCALENDAR".len()).filter(|end| *end > start) {
        Some(end) => (text.get(start..end).unwrap_or_default(), true),
        None => (text.get(start..).unwrap_or_default(), false),
    }
}

/// An ATTENDEE or ORGANIZER line whose quotes or colons mislead a parser, written anew from what can be found in it.
fn straight(line: &str) -> String {
    let outside = unquoted(line);
    let odd = line.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
    let value = outside.split_once(':').map_or("", |(_, value)| value);
    let plain = value.to_ascii_lowercase();
    let misled = value.contains(';')
        || !(plain.starts_with("mailto:") || plain.starts_with("urn:") || plain.starts_with("http")) && value.contains(':')
        || plain.matches("mailto:").count() > 1;
    if !odd && !misled {
        return line.to_owned();
    }
    let name: String = line.chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-').collect();
    let mut straight = name;
    for parameter in ["PARTSTAT", "X-NUM-GUESTS", "EMAIL", "SENT-BY", "DELEGATED-TO", "DELEGATED-FROM", "X-RESPONSE-COMMENT"] {
        if let Some(value) = raw_parameter(line, parameter).filter(|value| !value.is_empty()) {
            straight.push_str(&format!(";{parameter}=\"{value}\""));
        }
    }
    match raw_address(line) {
        Some(address) => straight.push_str(&format!(":mailto:{address}")),
        None => straight.push_str(":urn:unreadable"),
    }
    straight
}

/// The line without what stands in quotes.
fn unquoted(line: &str) -> String {
    line.split('"').step_by(2).collect()
}

/// RFC 2045 §6.7, leniently: what is not an escape stays as it is.
fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'=' {
            out.push(*first);
            continue;
        }
        match tail {
            [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => rest = after,
            [high, low, after @ ..] => match (char::from(*high).to_digit(16), char::from(*low).to_digit(16)) {
                (Some(high), Some(low)) => {
                    out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                    rest = after;
                }
                _ => out.push(b'='),
            },
            _ => out.push(b'='),
        }
    }
    out
}
