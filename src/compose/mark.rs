//! Marks: values on their way through the Markdown reader.
//!
//! A mark looks like a URI of letters and digits (`cv:` and the value in hexadecimal between two private-use
//! characters). To CommonMark it is a plain word, `<{{event.link}}>` is an autolink and `[x]({{event.link}})` a
//! link, whatever the value holds. Templates and values that hold these two characters are refused or cleaned.

const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';
const SCHEME: &str = "cv:\u{E000}";

/// Where the reply buttons go.
pub(super) const BUTTONS: &str = "cb:\u{E002}";

/// Characters that only marks may hold.
pub(super) fn is_reserved(c: char) -> bool {
    ('\u{E000}'..='\u{E002}').contains(&c)
}

/// The mark of a value; nothing for nothing.
pub(super) fn wrap(value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let mut mark = String::with_capacity(value.len().saturating_mul(2).saturating_add(10));
    mark.push_str(SCHEME);
    for byte in value.bytes() {
        for four in [byte >> 4, byte & 15] {
            mark.push(char::from_digit(u32::from(four), 16).unwrap_or('0'));
        }
    }
    mark.push(CLOSE);
    mark
}

/// A stretch of text: written by the organiser, or a value.
pub(super) enum Stretch<'a> {
    Text(&'a str),
    Value(String),
}

/// Cuts a text into what stood in the template and what was a value.
pub(super) fn stretches(text: &str) -> Vec<Stretch<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(SCHEME) {
        let Some((hex, tail)) = after.split_once(CLOSE) else { break };
        if !before.is_empty() {
            found.push(Stretch::Text(before));
        }
        found.push(Stretch::Value(unhex(hex)));
        rest = tail;
    }
    if !rest.is_empty() {
        found.push(Stretch::Text(rest));
    }
    found
}

/// The text with every value in its place, changed by `show`.
pub(super) fn unwrap_with(text: &str, show: impl Fn(&str) -> String) -> String {
    if !text.contains(OPEN) {
        return text.to_owned();
    }
    stretches(text)
        .into_iter()
        .map(|stretch| match stretch {
            Stretch::Text(text) => text.to_owned(),
            Stretch::Value(value) => show(&value),
        })
        .collect()
}

/// The text with every value in its place as it is.
pub(super) fn unwrap(text: &str) -> String {
    unwrap_with(text, str::to_owned)
}

fn unhex(hex: &str) -> String {
    let digits: Vec<u32> = hex.chars().filter_map(|c| c.to_digit(16)).collect();
    let bytes: Vec<u8> =
        digits.chunks_exact(2).filter_map(|pair| u8::try_from(pair.iter().fold(0, |sum, four| sum * 16 + four)).ok()).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A link target with its values in place, as a program opens it: an HTML attribute still needs its own escapes.
///
/// A value at the beginning must be an http, https, mailto or tel address, an email address, or begin with `www.`, and stays
/// whole whatever follows; a value further on is percent-encoded. The error is the value that cannot be a target.
pub(super) fn target(text: &str) -> Result<String, String> {
    let mut out = String::new();
    for part in stretches(text) {
        match part {
            Stretch::Text(text) => out.push_str(text),
            Stretch::Value(value) if out.trim().is_empty() => out.push_str(&whole_target(&value)?),
            Stretch::Value(value) => out.extend(inside(&value)),
        }
    }
    Ok(out)
}

const INSIDE: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@').remove(b'/');

/// A value as it stands inside a longer link target.
pub(super) fn inside(value: &str) -> percent_encoding::PercentEncode<'_> {
    percent_encoding::utf8_percent_encode(value, INSIDE)
}

fn whole_target(value: &str) -> Result<String, String> {
    let lower = value.to_ascii_lowercase();
    if ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| lower.starts_with(scheme)) {
        return Ok(value.to_owned());
    }
    if lower.starts_with("www.") {
        return Ok(format!("https://{value}"));
    }
    match crate::model::Address::parse(value) {
        Ok(_) => Ok(format!("mailto:{value}")),
        Err(_) => Err(value.to_owned()),
    }
}

/// A value made harmless in raw HTML, even in an attribute without quotes: everything but letters and digits
/// of ASCII becomes a numeric reference.
pub(super) fn entities(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        if c.is_ascii() && !c.is_ascii_alphanumeric() {
            out.push_str(&format!("&#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// One line of plain text: control characters and line ends become spaces, runs of spaces one, the ends are trimmed.
pub(super) fn fold(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        if is_reserved(c) || c == '\u{FEFF}' {
            continue;
        }
        if c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else {
            out.push(c);
        }
    }
    out.truncate(out.trim_end_matches(' ').len());
    out
}

/// Whether [`fold`] would leave it as it is, and it has no white space but single spaces between words: such a text
/// goes through Markdown, HTML and line breaking as one word or several, whatever else it holds.
pub(super) fn is_folded(value: &str) -> bool {
    let mut before = ' ';
    for c in value.chars() {
        let odd = match c {
            ' ' => before == ' ',
            '!'..='~' => false,
            c => c.is_control() || c.is_whitespace() || is_reserved(c) || c == '\u{FEFF}',
        };
        if odd {
            return false;
        }
        before = c;
    }
    before != ' ' || value.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_gives_its_value_back() {
        for value in ["Ana", "*Ana* <b>", "„Ș” ț \u{1F600}", "[x](http://evil)"] {
            assert_eq!(unwrap(&format!("a{}b{}", wrap(value), wrap("2"))), format!("a{value}b2"));
        }
        assert_eq!(wrap(""), "");
    }

    #[test]
    fn only_addresses_are_targets() {
        assert_eq!(target(&wrap("javascript:alert(1)")), Err("javascript:alert(1)".into()));
        assert_eq!(target(&wrap("ana@x.example")).as_deref(), Ok("mailto:ana@x.example"));
        assert_eq!(target(&wrap("https://x.example/a?b")).as_deref(), Ok("https://x.example/a?b"));
        let mixed = format!("{}{}", wrap("javascript"), wrap(":alert(1)"));
        assert_eq!(target(&mixed), Err("javascript".into()));
        let mixed = format!("https://x.example/{mixed}");
        assert_eq!(target(&mixed).as_deref(), Ok("https://x.example/javascript%3Aalert%281%29"));
        let longer = format!(" {}?x={}", wrap("https://x.example/a?b"), wrap("c&d"));
        assert_eq!(target(&longer).as_deref(), Ok(" https://x.example/a?b?x=c%26d"));
    }

    #[test]
    fn what_is_folded_is_left_as_it_is() {
        for value in
            ["", "a", "a b", " a", "a ", "a  b", "a\tb", "a\u{A0}b", "a\u{2003}b", "\u{E001}", "\u{FEFF}a", "ș\u{200B}😀", "\u{85}"]
        {
            assert!(!is_folded(value) || fold(value) == value, "{value:?}");
        }
        assert!(is_folded("Ana-Maria „Ș” <b> 😀") && !is_folded("a\u{A0}b"));
    }

    #[test]
    fn folding_leaves_one_line() {
        assert_eq!(fold(" a\r\nBcc: x\t\u{0}b\u{2028}c "), "a Bcc: x b c");
    }
}
