//! A body as lines: how deep each is quoted, and what the HTML said of it.

use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// What the structure of the HTML says of a line, before any word is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::read) enum Mark {
    /// It says nothing.
    #[default]
    None,
    /// The line that introduces a quote.
    Attribution,
    /// A signature that the program set.
    Signature,
    /// From here to the end all is quoted.
    Rest,
}

/// What stands above a signature (RFC 3676 §4.3). Its space is kept: people type `--` between two thoughts.
pub(super) const SEPARATOR: &str = "-- ";

/// One line without its quote prefix and the white space at its end.
#[derive(Clone, Copy, Debug)]
pub(in crate::read) struct Line<'a> {
    pub(in crate::read) text: &'a str,
    /// How often it is quoted: `> > text` is 2.
    pub(in crate::read) depth: u8,
    pub(in crate::read) mark: Mark,
}

impl Line<'_> {
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

/// A sentence ends where this text ends.
pub(super) fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches([' ', '*', '_', '"', '”', '\'', ')']).ends_with(['.', '!', '?', '…'])
}

/// Three words or more, and an end.
pub(super) fn is_sentence(text: &str) -> bool {
    ends_sentence(text) && text.split_whitespace().count() >= 3
}

/// At most this many lines are looked at; the rest of the text is left out.
pub(super) const MAX_LINES: usize = 20_000;

/// Splits a normalised text into lines.
pub(in crate::read) fn split(text: &str) -> Vec<Line<'_>> {
    let breaks = || memchr::memchr_iter(b'\n', text.as_bytes());
    let mut lines: Vec<Line<'_>> = Vec::with_capacity((breaks().count() + 1).min(MAX_LINES));
    let mut start = 0;
    for end in breaks().chain([text.len()]).take(MAX_LINES) {
        lines.push(unquote(text.get(start..end).unwrap_or_default()));
        start = end + 1;
    }
    unquote_wrapped_addresses(&mut lines);
    mark_foreign_prefixes(&mut lines);
    lines
}

/// Takes the `>` marks off one line.
fn unquote(line: &str) -> Line<'_> {
    if line == SEPARATOR {
        return Line { text: line, depth: 0, mark: Mark::None };
    }
    let mut rest = line.trim_end();
    let mut depth = 0u8;
    if rest.trim_start().starts_with('>') {
        while let Some(inner) = rest.trim_start().strip_prefix('>') {
            depth = depth.saturating_add(1);
            rest = inner;
            if depth == u8::MAX {
                break;
            }
        }
        rest = rest.strip_prefix(' ').unwrap_or(rest);
    }
    Line { text: rest, depth, mark: Mark::None }
}

/// `<ana@x.example` / `> wrote:` is one address wrapped, not a quote.
fn unquote_wrapped_addresses(lines: &mut [Line<'_>]) {
    let mut above_is_address = false;
    for line in lines {
        let tail = line.depth == 1 && line.text.len() <= 40 && line.text.trim_end().ends_with([':', '：']);
        if above_is_address && tail {
            line.depth = 0;
        }
        above_is_address = line.depth == 0 && line.text.contains('@');
    }
}

/// Finds quotes marked by `| ` or by a name (`Richard> `): two such lines in a row.
fn mark_foreign_prefixes(lines: &mut [Line<'_>]) {
    let prefix = |line: &Line<'_>| -> usize {
        if line.depth > 0 {
            return 0;
        }
        let head = line.text.get(..line.text.len().min(21)).or_else(|| line.text.get(..line.text.len().min(20))).unwrap_or(line.text);
        match head.char_indices().find(|(_, c)| !c.is_alphanumeric()) {
            Some((at, '>')) => at + 1,
            Some((0, '|')) => 1,
            _ => 0,
        }
    };
    let mut start = 0;
    while start < lines.len() {
        let Some(first) = lines.get(start) else { break };
        let width = prefix(first);
        let mark = first.text.get(..width).unwrap_or_default();
        let run =
            if width == 0 { 0 } else { lines.iter().skip(start).take_while(|line| line.depth == 0 && line.text.starts_with(mark)).count() };
        if run >= 2 {
            for line in lines.iter_mut().skip(start).take(run) {
                line.text = line.text.get(width..).unwrap_or_default().trim();
                line.depth = 1;
            }
        }
        start += run.max(1);
    }
}

/// Line ends as `\n`, spaces of every kind as a space, invisible marks gone, letters composed (NFC).
pub(in crate::read) fn normalise(text: &str) -> Cow<'_, str> {
    let clean =
        if !some(text.as_bytes(), |byte| byte != b'\r' && may_change(byte)) { without_returns(text) } else { Cow::Owned(mended(text)) };
    if is_surely_composed(clean.as_bytes()) || is_nfc_quick(clean.chars()) == IsNormalized::Yes {
        return clean;
    }
    Cow::Owned(clean.nfc().collect())
}

/// True for the first bytes of characters that [`mended`] may change: control signs, and the rows of Unicode with spaces and marks.
const fn may_change(byte: u8) -> bool {
    byte < 0x20 && byte != b'\t' && byte != b'\n' || matches!(byte, 0x7F | 0xC2 | 0xE1 | 0xE2 | 0xE3 | 0xEF)
}

/// True where some byte is so. Whole runs are asked at once: that is far quicker than to stop at the first.
pub(in crate::read) fn some(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    bytes.chunks(128).any(|run| run.iter().fold(false, |some, byte| some | is(*byte)))
}

/// Line ends as `\n` in a text that is clean otherwise.
fn without_returns(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    if memchr::memchr(b'\r', bytes).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut start = 0;
    for at in memchr::memchr_iter(b'\r', bytes) {
        out.push_str(text.get(start..at).unwrap_or_default());
        if bytes.get(at + 1) != Some(&b'\n') {
            out.push('\n');
        }
        start = at + 1;
    }
    out.push_str(text.get(start..).unwrap_or_default());
    Cow::Owned(out)
}

/// The text with what cannot be seen taken out.
fn mended(text: &str) -> String {
    const MAY_CHANGE: [bool; 256] = {
        let mut may = [false; 256];
        let mut byte = 0;
        while byte < u8::MAX {
            may[byte as usize] = may_change(byte);
            byte += 1;
        }
        may
    };
    let mut out = String::with_capacity(text.len());
    let first = text.bytes().position(|byte| MAY_CHANGE[usize::from(byte)]).unwrap_or(text.len());
    let (head, mut rest) = text.split_at_checked(first).unwrap_or(("", text));
    out.push_str(head);
    while let Some(c) = rest.chars().next() {
        let (one, behind) = rest.split_at_checked(c.len_utf8()).unwrap_or((rest, ""));
        match c {
            '\r' => {
                if !behind.starts_with('\n') {
                    out.push('\n');
                }
            }
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => out.push(' '),
            '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            '\u{200D}' => {
                // The joiner holds emoji together; anywhere else it is noise.
                let emoji = |c: Option<char>| c.is_some_and(|c| c > '\u{1F000}' || matches!(c, '\u{2600}'..='\u{27BF}' | '\u{FE0F}'));
                if emoji(out.chars().next_back()) && emoji(behind.chars().next()) {
                    out.push(c);
                }
            }
            '\u{200B}' | '\u{200C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' => {}
            '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{AD}' | '\u{180E}' => {}
            '\u{1427}' => {}
            '\0'..='\u{8}' | '\u{B}' | '\u{E}'..='\u{1F}' | '\u{7F}' => {}
            '\u{C}' => out.push('\n'),
            _ => out.push_str(one),
        }
        // All up to the next byte that may change is taken as it is.
        let run = behind.bytes().position(|byte| MAY_CHANGE[usize::from(byte)]).unwrap_or(behind.len());
        let (run, left) = behind.split_at_checked(run).unwrap_or((behind, ""));
        out.push_str(run);
        rest = left;
    }
    out
}

/// True where every character is of a row in which nothing can be composed: Latin with its own accents, Cyrillic,
/// punctuation, emoji. Most mail is done with here.
fn is_surely_composed(bytes: &[u8]) -> bool {
    if !some(bytes, |byte| byte >= 0xCC) {
        return true;
    }
    let mut next = bytes.iter().skip(1).chain([&0]);
    bytes.iter().all(|byte| {
        let after = next.next().copied().unwrap_or(0);
        match byte {
            0xE2 => matches!(after, 0x80 | 0x82),
            0xF0 => after == 0x9F,
            0xEF => matches!(after, 0xBC | 0xBD),
            byte => *byte < 0xCC || matches!(byte, 0xD0 | 0xD1),
        }
    })
}

/// Undoes `format=flowed` (RFC 3676): joins lines that end in a space with the next of the same depth.
pub(in crate::read) fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<u8> = None;
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let depth = line.bytes().take_while(|b| *b == b'>').count();
        let body = line.get(depth..).unwrap_or_default();
        let body = body.strip_prefix(' ').unwrap_or(body);
        let level = u8::try_from(depth).unwrap_or(u8::MAX);
        let separator = body == "-- ";
        if open != Some(level) || separator {
            if open.is_some() {
                out.push('\n');
            }
            for _ in 0..level {
                out.push('>');
            }
            if level > 0 {
                out.push(' ');
            }
            // Space-stuffing kept a leading `>` from being a quote mark; keep it from being one now.
            if level == 0 && body.starts_with('>') {
                out.push('\u{200B}');
            }
        }
        let flows = body.ends_with(' ') && !separator;
        out.push_str(if flows && delsp { body.strip_suffix(' ').unwrap_or(body) } else { body });
        open = if flows { Some(level) } else { None };
        if !flows {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_and_taken_off() {
        let lines = split("a\n> b\n>> c\n> > d\n >e");
        let seen: Vec<(u8, &str)> = lines.iter().map(|line| (line.depth, line.text)).collect();
        assert_eq!(seen, [(0, "a"), (1, "b"), (2, "c"), (2, "d"), (1, "e")]);
    }

    #[test]
    fn a_name_or_a_bar_quotes_from_two_lines_on() {
        let depths = |text| split(text).iter().map(|line| line.depth).collect::<Vec<_>>();
        assert_eq!(depths("R> a\nR> b\nc"), [1, 1, 0]);
        assert_eq!(depths("| a\n| b"), [1, 1]);
        assert_eq!(depths("x> y\nz"), [0, 0]);
    }

    #[test]
    fn flowed_lines_join() {
        assert_eq!(unflow("a \nb\n> c \n> d\n-- \nx", false).trim_end(), "a b\n> c d\n-- \nx");
        assert_eq!(unflow("ab \ncd", true).trim_end(), "abcd");
    }

    #[test]
    fn invisible_marks_go_and_letters_are_composed() {
        assert_eq!(normalise("da\u{A0}\u{200B}vin\r\ns\u{326}i"), "da vin\nși");
    }
}
