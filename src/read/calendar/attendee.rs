//! The ATTENDEE of an answer: who, what they said, and what stands in its parameters.

use crate::model::Address;
use calcard::{
    common::IanaString,
    icalendar::{ICalendarEntry, ICalendarParameter, ICalendarParameterName, ICalendarParameterValue},
};
use percent_encoding::percent_decode_str;
use regex::Regex;
use std::sync::LazyLock;

/// One ATTENDEE (or ORGANIZER) line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Attendee {
    pub email: Option<Address>,
    /// In capitals.
    pub partstat: Option<String>,
    pub comment: Option<String>,
    pub num_guests: Option<u32>,
    pub delegated_to: Option<Address>,
    pub delegated_from: Option<Address>,
    pub sent_by: Option<Address>,
}

impl Attendee {
    pub fn of(entry: &ICalendarEntry) -> Self {
        let text = |name: &str| entry.params.iter().find(|p| p.name.as_str().eq_ignore_ascii_case(name)).and_then(parameter_text);
        let in_address = |name: &str| text(name).and_then(|text| address(&text));
        let value = entry.values.first().and_then(|value| value.as_text()).and_then(address);
        Self {
            email: value.or_else(|| in_address("EMAIL")).or_else(|| in_address("X-EMAIL")),
            partstat: text("PARTSTAT").map(|p| p.trim().trim_matches('"').to_ascii_uppercase()).filter(|p| !p.is_empty()),
            comment: text("X-RESPONSE-COMMENT").map(|comment| unescape(&comment)),
            num_guests: text("X-NUM-GUESTS").and_then(|n| n.trim().parse().ok()),
            delegated_to: in_address("DELEGATED-TO"),
            delegated_from: in_address("DELEGATED-FROM"),
            sent_by: in_address("SENT-BY"),
        }
    }

    fn decided(&self) -> bool {
        self.partstat.as_deref().is_some_and(|partstat| partstat != "NEEDS-ACTION")
    }
}

fn parameter_text(parameter: &ICalendarParameter) -> Option<String> {
    match &parameter.value {
        ICalendarParameterValue::Integer(number) => Some(number.to_string()),
        ICalendarParameterValue::Partstat(partstat) => Some(partstat.as_str().to_owned()),
        ICalendarParameterValue::Text(text) => Some(text.clone()),
        other if parameter.name == ICalendarParameterName::Partstat => other.as_text().map(str::to_owned),
        other => other.as_text().map(str::to_owned),
    }
}

/// RFC 6868: `^'`, `^n` and `^^` in a parameter; and the `\n` that Google writes there.
fn unescape(text: &str) -> String {
    text.replace("^n", "\n").replace("^N", "\n").replace("^'", "\"").replace("^^", "^").replace("\\n", "\n").replace("\\,", ",")
}

/// An address as calendars write it: with or without `mailto:`, percent-encoded, in quotes.
pub(super) fn address(text: &str) -> Option<Address> {
    let text = text.trim().trim_matches(['"', '\'', '<', '>', ' ']);
    let text = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => text.get(7..).unwrap_or_default(),
        _ => text,
    };
    let text = text.split('?').next().unwrap_or_default();
    Address::parse(text).ok().filter(|address| !address.as_str().contains('%')).or_else(|| {
        let decoded = percent_decode_str(text).decode_utf8().ok()?;
        Address::parse(&decoded).ok()
    })
}

/// The attendee who answers: the only one; else the sender, else the one who delegates, else the only one who decided.
pub(super) fn who(attendees: &[Attendee], from: Option<&Address>, notes: &mut Vec<String>) -> Option<Attendee> {
    match attendees {
        [] => {
            notes.push("the calendar answer names no attendee".to_owned());
            None
        }
        [one] => Some(one.clone()),
        several => {
            if let Some(sender) = several.iter().find(|a| a.decided() && a.email.is_some() && a.email.as_ref() == from) {
                return Some(sender.clone());
            }
            if let Some(delegator) = several.iter().find(|a| a.partstat.as_deref() == Some("DELEGATED")) {
                return Some(delegator.clone());
            }
            let mut decided = several.iter().filter(|a| a.decided());
            if let (Some(one), None) = (decided.next(), decided.next()) {
                return Some(one.clone());
            }
            notes.push("the calendar answer names several attendees, and none is the sender".to_owned());
            None
        }
    }
}

/// A parameter's value in a raw line, quoted or not.
pub(super) fn raw_parameter<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let at = find_ignoring_case(line, &format!(";{name}="))?;
    let rest = line.get(at + name.len() + 2..)?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None if rest.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:")) => {
            let address = rest.get(7..)?.split([';', ':', ',', '"']).next()?;
            rest.get(..7 + address.len())
        }
        None => rest.split([';', ':']).next(),
    }
}

fn find_ignoring_case(text: &str, what: &str) -> Option<usize> {
    text.as_bytes().windows(what.len()).position(|window| window.eq_ignore_ascii_case(what.as_bytes()))
}

/// The address at the end of a line whose parameters no parser can follow.
pub(super) fn raw_address(line: &str) -> Option<Address> {
    static AT_END: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?i)(?:[:;]\s*mailto:\s*|:)([^\s;:,"<>]+@[^\s;:,"<>]+)[">]*\s*$"#).expect("a constant pattern"));
    AT_END.captures(line).and_then(|found| found.get(1)).and_then(|m| address(m.as_str()))
}

/// Attendees of raw lines, where the parser found no calendar at all.
pub(super) fn in_lines(lines: &str) -> Vec<Attendee> {
    let attendees = lines.lines().filter(|line| line.get(..8).is_some_and(|name| name.eq_ignore_ascii_case("ATTENDEE")));
    attendees
        .take(200)
        .map(|line| Attendee {
            email: raw_address(line),
            partstat: raw_parameter(line, "PARTSTAT").map(|p| p.trim().to_ascii_uppercase()).filter(|p| !p.is_empty()),
            comment: raw_parameter(line, "X-RESPONSE-COMMENT").map(unescape),
            num_guests: raw_parameter(line, "X-NUM-GUESTS").and_then(|n| n.parse().ok()),
            delegated_to: raw_parameter(line, "DELEGATED-TO").and_then(address),
            delegated_from: raw_parameter(line, "DELEGATED-FROM").and_then(address),
            sent_by: raw_parameter(line, "SENT-BY").and_then(address),
        })
        .collect()
}
