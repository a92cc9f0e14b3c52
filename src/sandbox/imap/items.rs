//! What a message gives to FETCH, and whether it matches a SEARCH (RFC 3501 §6.4.4, §6.4.5).

use crate::sandbox::mailbox::Message;
use imap_next::imap_types::{
    IntoStatic,
    core::{AString, IString, Literal, NString},
    datetime::{DateTime, NaiveDate},
    fetch::{MessageDataItem, MessageDataItemName as Name, Section},
    flag::{Flag, FlagFetch},
    search::SearchKey,
    sequence::{SeqOrUid, Sequence, SequenceSet},
};
use jiff::tz::TimeZone;
use mail_parser::MessageParser;
use std::num::NonZeroU32;

/// How deep AND, OR and NOT may nest; deeper matches nothing.
const DEPTH: u32 = 16;

pub(super) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

pub(super) fn non_zero(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN)
}

/// Whether a set names `n`, where `*` is `largest`. Nothing is enumerated: `1:4294967295` costs nothing.
pub(super) fn names(set: &SequenceSet, n: u32, largest: u32) -> bool {
    let value = |end: &SeqOrUid| match end {
        SeqOrUid::Value(n) => n.get(),
        SeqOrUid::Asterisk => largest,
    };
    set.0.as_ref().iter().any(|sequence| match sequence {
        Sequence::Single(one) => value(one) == n,
        Sequence::Range(a, b) => {
            let (a, b) = (value(a), value(b));
            (a.min(b)..=a.max(b)).contains(&n)
        }
    })
}

/// The messages that a set names, as (sequence number, message).
pub(super) fn pick<'a>(set: &'a SequenceSet, by_uid: bool, messages: &'a mut [Message]) -> impl Iterator<Item = (u32, &'a mut Message)> {
    let largest = if by_uid { messages.last().map_or(0, |last| last.uid) } else { number(messages.len()) };
    let numbered = messages.iter_mut().enumerate().map(|(i, message)| (number(i).saturating_add(1), message));
    numbered.filter(move |(seq, message)| names(set, if by_uid { message.uid } else { *seq }, largest))
}

pub(super) fn flags(message: &Message) -> MessageDataItem<'static> {
    let known = message.flags.iter().filter_map(|flag| Flag::try_from(flag.as_str()).ok());
    let flags = known.map(|flag| FlagFetch::Flag(flag.into_static()));
    MessageDataItem::Flags(flags.chain(message.recent.then_some(FlagFetch::Recent)).collect())
}

/// One item of a FETCH; None for what the sandbox does not know (ENVELOPE, BODYSTRUCTURE, single parts).
pub(super) fn item(name: &Name<'_>, message: &Message) -> Option<MessageDataItem<'static>> {
    let raw = &message.raw;
    Some(match name {
        Name::Uid => MessageDataItem::Uid(non_zero(message.uid)),
        Name::Flags => flags(message),
        Name::Rfc822Size => MessageDataItem::Rfc822Size(number(raw.len())),
        Name::InternalDate => MessageDataItem::InternalDate(internal_date(message)?),
        Name::Rfc822 => MessageDataItem::Rfc822(literal(raw)),
        Name::Rfc822Header => MessageDataItem::Rfc822Header(literal(halves(raw).0)),
        Name::Rfc822Text => MessageDataItem::Rfc822Text(literal(halves(raw).1)),
        Name::BodyExt { section, partial, .. } => {
            let fields;
            let whole = match section {
                None => raw,
                Some(Section::Header(None)) => halves(raw).0,
                Some(Section::Text(None)) => halves(raw).1,
                Some(Section::HeaderFields(None, wanted)) => {
                    fields = header_fields(raw, |name| wanted.as_ref().iter().any(|w| w.as_ref().eq_ignore_ascii_case(name)));
                    &fields
                }
                Some(Section::HeaderFieldsNot(None, unwanted)) => {
                    fields = header_fields(raw, |name| !unwanted.as_ref().iter().any(|w| w.as_ref().eq_ignore_ascii_case(name)));
                    &fields
                }
                Some(_) => return None,
            };
            let (data, origin) = match partial {
                Some((origin, count)) => {
                    let from = usize::try_from(*origin).unwrap_or(usize::MAX);
                    let rest = whole.get(from..).unwrap_or_default();
                    let count = usize::try_from(count.get()).unwrap_or(usize::MAX);
                    (rest.get(..count).unwrap_or(rest), Some(*origin))
                }
                None => (whole, None),
            };
            MessageDataItem::BodyExt { section: section.clone().map(IntoStatic::into_static), origin, data: literal(data) }
        }
        _ => return None,
    })
}

fn internal_date(message: &Message) -> Option<DateTime> {
    let date = message.date.to_string().parse().ok();
    date.filter(|date| DateTime::validate(date).is_ok()).map(DateTime::unvalidated)
}

fn literal(octets: &[u8]) -> NString<'static> {
    // Fails on NUL only, and the store lets none in.
    NString(Literal::try_from(octets.to_vec()).ok().map(IString::Literal))
}

/// Header with its blank line, and body.
fn halves(raw: &[u8]) -> (&[u8], &[u8]) {
    let end = raw.windows(4).position(|w| w == b"\r\n\r\n").map_or(raw.len(), |p| p.saturating_add(4));
    raw.split_at_checked(end).unwrap_or((raw, &[]))
}

/// The header fields whose name is wanted, folding kept, with the closing blank line.
fn header_fields(raw: &[u8], wanted: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut taking = false;
    for line in halves(raw).0.split_inclusive(|b| *b == b'\n') {
        if line.trim_ascii().is_empty() {
            break;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            taking = line.split(|b| *b == b':').next().is_some_and(|name| wanted(name.trim_ascii()));
        }
        if taking {
            out.extend_from_slice(line);
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// What SEARCH needs to know of the folder.
pub(super) struct Scope {
    /// Sequence number of the last message.
    pub(super) last_seq: u32,
    /// UID of the last message.
    pub(super) last_uid: u32,
}

/// Whether a message matches; keys that the sandbox does not know match everything, as a hint may.
pub(super) fn matches(key: &SearchKey<'_>, seq: u32, message: &Message, scope: &Scope, depth: u32) -> bool {
    if depth > DEPTH {
        return false;
    }
    let deeper = |key: &SearchKey<'_>| matches(key, seq, message, scope, depth + 1);
    let flag = |name: &str| message.flags.iter().any(|flag| flag.eq_ignore_ascii_case(name));
    let header = |name: &str, text: &AString<'_>| header_contains(&message.raw, name, &lower(text.as_ref()));
    let size = number(message.raw.len());
    match key {
        SearchKey::And(keys) => keys.as_ref().iter().all(deeper),
        SearchKey::Or(a, b) => deeper(a) || deeper(b),
        SearchKey::Not(a) => !deeper(a),
        SearchKey::SequenceSet(set) => names(set, seq, scope.last_seq),
        SearchKey::Uid(set) => names(set, message.uid, scope.last_uid),
        SearchKey::Since(date) => day(message) >= written(date),
        SearchKey::Before(date) => day(message) < written(date),
        SearchKey::On(date) => day(message) == written(date),
        SearchKey::Seen => flag("\\Seen"),
        SearchKey::Unseen => !flag("\\Seen"),
        SearchKey::Flagged => flag("\\Flagged"),
        SearchKey::Unflagged => !flag("\\Flagged"),
        SearchKey::Deleted => flag("\\Deleted"),
        SearchKey::Undeleted => !flag("\\Deleted"),
        SearchKey::Answered => flag("\\Answered"),
        SearchKey::Unanswered => !flag("\\Answered"),
        SearchKey::Draft => flag("\\Draft"),
        SearchKey::Undraft => !flag("\\Draft"),
        SearchKey::Recent => message.recent,
        SearchKey::Old => !message.recent,
        SearchKey::New => message.recent && !flag("\\Seen"),
        SearchKey::Keyword(word) => flag(word.inner()),
        SearchKey::Unkeyword(word) => !flag(word.inner()),
        SearchKey::Larger(n) => size > *n,
        SearchKey::Smaller(n) => size < *n,
        SearchKey::From(text) => header("From", text),
        SearchKey::To(text) => header("To", text),
        SearchKey::Cc(text) => header("Cc", text),
        SearchKey::Subject(text) => header("Subject", text),
        SearchKey::Header(name, text) => header(&String::from_utf8_lossy(name.as_ref()), text),
        SearchKey::Body(text) => lower(halves(&message.raw).1).contains(&lower(text.as_ref())),
        SearchKey::Text(text) => lower(&message.raw).contains(&lower(text.as_ref())),
        _ => true,
    }
}

fn lower(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).to_lowercase()
}

fn header_contains(raw: &[u8], name: &str, text: &str) -> bool {
    let parsed = MessageParser::new().parse_headers(raw);
    parsed.is_some_and(|parsed| parsed.headers_raw().any(|(n, v)| n.eq_ignore_ascii_case(name) && v.to_lowercase().contains(text)))
}

/// The day of INTERNALDATE in UTC, the zone in which the sandbox states it, as `YYYY-MM-DD`.
fn day(message: &Message) -> String {
    message.date.to_zoned(TimeZone::UTC).date().to_string()
}

fn written(date: &NaiveDate) -> String {
    date.as_ref().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_never_enumerated() {
        let set = SequenceSet::try_from("1:4294967295,7").expect("a set");
        assert!(names(&set, 3_000_000_000, 10));
        let set = SequenceSet::try_from("12:*").expect("a set");
        assert!(names(&set, 10, 10), "n:* names the last message even when n is beyond it");
        assert!(!names(&set, 9, 10));
    }

    #[test]
    fn header_fields_keep_their_folding() {
        let raw = b"Subject: a\r\n b\r\nFrom: x\r\nsubject:c\r\n\r\nSubject: body\r\n";
        let fields = header_fields(raw, |name| name.eq_ignore_ascii_case(b"Subject"));
        assert_eq!(fields, b"Subject: a\r\n b\r\nsubject:c\r\n\r\n");
    }
}
