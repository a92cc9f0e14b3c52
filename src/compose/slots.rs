//! Where a guest's values stand in a finished page, and what each place does to a value.
//!
//! A page is written once with stand-ins instead of values: a stand-in is one character that nothing else holds, between
//! ends that make it a link where the value is one. Where it comes out, and in which form, there the value will stand.

use super::mark;

/// The first of 256 characters of the private plane 15, one for each slot.
const FIRST: u32 = 0xF0000;
pub(super) const MAX_SLOTS: usize = 256;

/// Whether a text holds a character that stands for a slot.
pub(super) fn is_taken(text: &str) -> bool {
    text.chars().any(|c| slot(c).is_some())
}

fn slot(c: char) -> Option<usize> {
    usize::try_from(u32::from(c).checked_sub(FIRST)?).ok().filter(|slot| *slot < MAX_SLOTS)
}

/// What a value is when a template uses it as a link ([`mark::target`] does something else to each).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    /// No link.
    Word,
    Web,
    Mailto,
    Tel,
    /// `www.…`, without a scheme.
    Www,
    Email,
}

impl Class {
    pub(super) fn of(value: &str) -> Self {
        let begins = |scheme: &str| value.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
        match value {
            _ if begins("http://") || begins("https://") => Self::Web,
            _ if begins("mailto:") => Self::Mailto,
            _ if begins("tel:") => Self::Tel,
            _ if begins("www.") => Self::Www,
            _ if crate::model::Address::parse(value).is_ok() => Self::Email,
            _ => Self::Word,
        }
    }

    pub(super) fn letter(self) -> char {
        match self {
            Self::Word => 'w',
            Self::Web => 'h',
            Self::Mailto => 'm',
            Self::Tel => 't',
            Self::Www => 'd',
            Self::Email => 'e',
        }
    }

    /// What stands before and after a stand-in's character. With a character in it that percent-encoding changes inside a longer target,
    /// so that the two are told apart.
    fn ends(self) -> (&'static str, &'static str) {
        match self {
            Self::Word => ("", ""),
            Self::Web => ("https://", ""),
            Self::Mailto => ("mailto:", ""),
            Self::Tel => ("tel:", ""),
            Self::Www => ("www.+", ""),
            Self::Email => ("+", "@x.example"),
        }
    }

    /// What stands in the place of the value of this slot.
    pub(super) fn stand_in(self, slot: usize) -> String {
        let (before, after) = self.ends();
        let own = u32::try_from(slot).ok().and_then(|slot| char::from_u32(FIRST + slot)).unwrap_or_default();
        format!("{before}{own}{after}")
    }
}

/// What a place does to the value that stands in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    AsItIs,
    /// HTML text.
    Text,
    /// An HTML attribute.
    Attribute,
    /// A part of a link's target.
    Inside,
    /// A link's whole target, in an HTML attribute.
    Target,
}

impl How {
    pub(super) fn write(self, value: &str, out: &mut String) {
        match self {
            Self::AsItIs => out.push_str(value),
            Self::Text | Self::Attribute => {
                for part in value.split_inclusive(['&', '<', '>', '"']) {
                    let (text, last) = part.split_at_checked(part.len().saturating_sub(1)).unwrap_or((part, ""));
                    out.push_str(text);
                    out.push_str(match (last, self) {
                        ("&", _) => "&amp;",
                        ("<", Self::Text) => "&lt;",
                        (">", Self::Text) => "&gt;",
                        ("\"", Self::Attribute) => "&quot;",
                        (last, _) => last,
                    });
                }
            }
            Self::Inside => out.extend(mark::inside(value)),
            Self::Target => {
                // What pulldown-cmark writes and the HTML reader reads back.
                for part in percent_encoding::utf8_percent_encode(value, TARGET) {
                    Self::Attribute.write(part, out);
                }
            }
        }
    }
}

/// What pulldown-cmark encodes in an href.
const TARGET: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A page cut at its slots.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece<T> {
    Fixed(T),
    Slot(usize, How),
}

/// Cuts a plain text. `classes` has the class of each slot. None where a stand-in is not whole.
pub(super) fn plain(text: &str, classes: &[Class]) -> Option<Vec<Piece<String>>> {
    let mut pieces = Vec::new();
    cut(text, How::AsItIs, classes, &mut pieces)?;
    Some(pieces)
}

/// Cuts one stretch of one context, in which a stand-in as it is means `how`.
fn cut(text: &str, how: How, classes: &[Class], pieces: &mut Vec<Piece<String>>) -> Option<()> {
    let mut fixed = 0;
    let mut from = 0;
    while let Some((at, end, slot, encoded)) = next(text, from) {
        let class = *classes.get(slot)?;
        let (before, after) = class.ends();
        let around = |before: &str, after: &str| {
            let whole = text.get(fixed..at)?.ends_with(before) && text.get(end..)?.starts_with(after);
            whole.then(|| (at - before.len(), end + after.len()))
        };
        let encode = |end: &str| mark::inside(end).collect::<String>();
        let (begin, end, how) = match encoded {
            false => around(before, after).map(|(begin, end)| (begin, end, how)),
            true => around(&encode(before), &encode(after))
                .map(|(begin, end)| (begin, end, How::Inside))
                .or_else(|| around(before, after).map(|(begin, end)| (begin, end, How::Target))),
        }?;
        add(pieces, text.get(fixed..begin)?);
        pieces.push(Piece::Slot(slot, how));
        fixed = end;
        from = end;
    }
    add(pieces, text.get(fixed..)?);
    Some(())
}

fn add(pieces: &mut Vec<Piece<String>>, text: &str) {
    match pieces.last_mut() {
        Some(Piece::Fixed(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => pieces.push(Piece::Fixed(text.to_owned())),
    }
}

/// The next stand-in's character from `from` on: where it begins and ends, its slot, and whether it is percent-encoded.
fn next(text: &str, from: usize) -> Option<(usize, usize, usize, bool)> {
    let rest = text.get(from..)?;
    let raw = rest.char_indices().find_map(|(at, c)| Some((from + at, from + at + c.len_utf8(), slot(c)?, false)));
    let encoded = rest.match_indices("%F3%B0").find_map(|(at, _)| {
        let bytes = percent_encoding::percent_decode_str(rest.get(at..at + 12)?).collect::<Vec<u8>>();
        let c = std::str::from_utf8(&bytes).ok()?.chars().next()?;
        Some((from + at, from + at + 12, slot(c)?, true))
    });
    match (raw, encoded) {
        (Some(raw), Some(encoded)) => Some(if raw.0 < encoded.0 { raw } else { encoded }),
        (raw, encoded) => raw.or(encoded),
    }
}

/// Elements in which a text changes nothing but itself, whatever it says.
const READABLE: [&str; 45] = [
    "a",
    "abbr",
    "address",
    "article",
    "b",
    "big",
    "blockquote",
    "body",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "div",
    "dt",
    "em",
    "figcaption",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "i",
    "ins",
    "label",
    "li",
    "main",
    "p",
    "pre",
    "q",
    "s",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "td",
    "th",
    "title",
    "u",
];
/// Attributes that no rule of CSS asks for, unless it names them.
const ATTRIBUTES: [&str; 4] = ["href", "src", "title", "alt"];

/// Cuts a page of HTML as css-inline writes it. None where a value stands where it may change more than itself.
pub(super) fn html(page: &str, classes: &[Class]) -> Option<Vec<Piece<String>>> {
    let mut pieces = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some((text, tag)) = rest.split_once('<') {
        let readable = open.last().is_some_and(|name| READABLE.contains(name));
        cut(text, How::Text, classes, &mut pieces).filter(|()| readable || !holds(text))?;
        add(&mut pieces, "<");
        let until = |end: &str| tag.find(end).map(|at| at + end.len());
        let length = if tag.starts_with("!--") {
            until("-->")?
        } else if tag.starts_with('!') {
            until(">")?
        } else if tag.starts_with('/') {
            open.pop()?;
            until(">")?
        } else {
            let name = tag.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default();
            match name {
                "style" | "script" => until(&format!("</{name}>"))?,
                _ => {
                    if !super::html::VOID.contains(&name) {
                        open.push(name);
                    }
                    rest = attributes(tag, classes, &mut pieces)?;
                    continue;
                }
            }
        };
        let skipped = tag.get(..length).filter(|skipped| !holds(skipped))?;
        add(&mut pieces, skipped);
        rest = tag.get(length..)?;
    }
    add(&mut pieces, rest);
    (!holds(rest)).then_some(pieces)
}

/// Whether a text holds a stand-in.
pub(super) fn holds(text: &str) -> bool {
    next(text, 0).is_some()
}

/// Cuts a tag from behind its `<`, and gives what follows the tag.
fn attributes<'t>(tag: &'t str, classes: &[Class], pieces: &mut Vec<Piece<String>>) -> Option<&'t str> {
    let mut rest = tag;
    loop {
        let at = rest.find(['"', '>'])?;
        let (before, after) = rest.split_at_checked(at)?;
        if holds(before) {
            return None;
        }
        add(pieces, before);
        if let Some(after) = after.strip_prefix('>') {
            add(pieces, ">");
            return Some(after);
        }
        let (value, after) = after.strip_prefix('"')?.split_once('"')?;
        let name = before.strip_suffix('=')?.rsplit(char::is_whitespace).next()?;
        if holds(value) && !ATTRIBUTES.contains(&name) {
            return None;
        }
        add(pieces, "\"");
        cut(value, How::Attribute, classes, pieces)?;
        add(pieces, "\"");
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_cut_where_values_stand() {
        let (word, web) = (Class::Word.stand_in(0), Class::Web.stand_in(1));
        let classes = [Class::Word, Class::Web];
        let page = format!(
            "<p>Dear {word}, <a href=\"https://%F3%B0%80%81\" title=\"{word}\">x</a> <a href=\"https://y/?q=%F3%B0%80%80&amp;u=https%3A//%F3%B0%80%81\">{web}</a></p>"
        );
        let slots: Vec<(usize, How)> = html(&page, &classes)
            .expect("readable")
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Slot(slot, how) => Some((slot, how)),
                Piece::Fixed(text) => {
                    assert!(!text.contains("https%3A") && !is_taken(&text), "{text}");
                    None
                }
            })
            .collect();
        let expected = [(0, How::Text), (1, How::Target), (0, How::Attribute), (0, How::Inside), (1, How::Inside), (1, How::Text)];
        assert_eq!(slots, expected);
        for page in ["<b class=\"@\">x</b>", "<!-- @ -->", "<table>@</table>", "<style>@</style>", "@", "<p>@"] {
            assert!(html(&page.replace('@', &word), &classes).is_none(), "{page}");
        }
    }

    #[test]
    fn each_place_escapes_in_its_way() {
        for (how, expected) in [
            (How::AsItIs, "a&b<c>\"d' ș[%"),
            (How::Text, "a&amp;b&lt;c&gt;\"d' ș[%"),
            (How::Attribute, "a&amp;b<c>&quot;d' ș[%"),
            (How::Inside, "a%26b%3Cc%3E%22d%27%20%C8%99%5B%25"),
            (How::Target, "a&amp;b%3Cc%3E%22d'%20%C8%99%5B%"),
        ] {
            let mut out = String::new();
            how.write("a&b<c>\"d' ș[%", &mut out);
            assert_eq!(out, expected, "{how:?}");
        }
    }
}
