//! What stands under the text and is no part of it: `-- ` signatures, blocks of contact details.
//!
//! A closing line and the name under it ("Cu stimă, Mihai") are typed and stay.

use super::attribution::has_address;
use super::line::{Line, SEPARATOR, ends_sentence, is_sentence};
use crate::read::words::{WordSet, fold, list};
use std::{ops::Range, sync::LazyLock};

static CLOSINGS: LazyLock<WordSet> =
    LazyLock::new(|| list(include_str!("../../model/closings.txt")).map(|line| fold(line).into_owned()).collect());

/// A contact block is looked for in so many lines at the end.
const MAX_BLOCK: usize = 25;

/// `--`, `—`, `___`: a line that cuts a signature off.
pub(super) fn separator(text: &str) -> Option<Separator> {
    if text == SEPARATOR {
        return Some(Separator::Standard);
    }
    let text = text.trim();
    match text {
        "--" => Some(Separator::Bare),
        "---" | "—" | "––" | "——" | "⸺" | "––-" => Some(Separator::Loose),
        _ if text.len() >= 2 && text.bytes().all(|b| b == b'_') => Some(Separator::Loose),
        _ if text.len() >= 3 && text.chars().all(|c| matches!(c, '-' | '=' | '*' | '~' | '#' | '+' | '_' | '·' | '•')) => {
            Some(Separator::Rule)
        }
        _ => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Separator {
    /// RFC 3676 §4.3.
    Standard,
    /// That without its space, which programs lose on the way and people do not type.
    Bare,
    Loose,
    Rule,
}

/// A line that closes a letter: alone, with the name behind a comma, or with another closing there.
///
/// "Thanks, I cannot come" is none.
pub(super) fn is_closing(text: &str) -> bool {
    let mut rest = text.trim();
    if rest.is_empty() || rest.len() > 90 {
        return false;
    }
    loop {
        if CLOSINGS.contains(fold(rest).trim_matches(|c: char| !c.is_alphanumeric())) {
            return true;
        }
        let Some((head, behind)) = rest.split_once([',', '!', '.']) else { return false };
        if !CLOSINGS.contains(fold(head).trim()) {
            return false;
        }
        rest = behind.trim();
        if is_signed(rest) {
            return true;
        }
    }
}

/// What stands behind a closing is a name, perhaps with titles: one word, or all begin with capitals but for abbreviations.
fn is_signed(text: &str) -> bool {
    let count = text.split_whitespace().count();
    let is_short = |(at, word): (usize, &str)| at + 1 < count && word.ends_with('.');
    let named = || text.split_whitespace().enumerate().all(|word| is_short(word) || all_capital(word.1));
    count == 1 && !ends_sentence(text) || (2..=8).contains(&count) && named()
}

/// How much a line looks like contact details.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Contact {
    /// A telephone number, an address, a link.
    Strong,
    /// Short, without an end: a title, a company, a street.
    Weak,
    No,
}

/// The lines of the contact block at the end of `lines`, counted from 0; None where there is none.
///
/// It ends with its last detail, and the names and titles below that: a sentence there was typed.
pub(super) fn contact_block(lines: &[&Line<'_>]) -> Option<Range<usize>> {
    let mut end = lines.len();
    let first = contact_start(lines, &mut end)?;
    (first < end).then_some(first..end)
}

fn contact_start(lines: &[&Line<'_>], end: &mut usize) -> Option<usize> {
    let mut top = None;
    let mut start = lines.len();
    let mut blanks = 0;
    let mut weak = 0;
    for (index, line) in lines.iter().enumerate().rev().take(MAX_BLOCK) {
        let text = line.text.trim();
        if text.is_empty() {
            blanks += 1;
            if blanks > 2 {
                break;
            }
            continue;
        }
        if is_closing(text) {
            // What stands under a closing line is name, title and contact details: all but the name goes.
            return top.map(|_| below_closing(lines, index));
        }
        match contact(text) {
            Contact::Strong => {
                top = Some(index);
                start = index;
                weak = 0;
            }
            // "I cannot come." is as short as a title.
            Contact::Weak if top.is_some() && is_sentence(text) => break,
            Contact::Weak if weak < 5 => {
                weak += 1;
                if top.is_none() && !all_capital(text) {
                    *end = index;
                }
            }
            Contact::Weak | Contact::No => break,
        }
        blanks = 0;
    }
    let top = top?;
    let start = start.min(top);
    // Without a closing line the block may begin with the name, where a blank line stands above it.
    let head = paragraph_start(lines, start);
    let named = lines.get(head).is_some_and(|line| is_name(line.text));
    let sentence = lines.iter().take(start).skip(head).any(|line| is_sentence(line.text));
    let named = named && !sentence && start - head <= 5;
    // A lone detail in the middle of a text is part of it.
    if !named && *end < lines.len() {
        return None;
    }
    let first = if named { head } else { start };
    // "Vine colega mea:" introduces what follows: that is part of the answer.
    let above = lines.iter().take(first).rev().find(|line| !line.is_blank());
    let introduced = lines.iter().take(first).skip(head).any(|line| line.text.trim_end().ends_with(':'));
    if introduced || above.is_some_and(|line| line.text.trim_end().ends_with([':', ','])) {
        return None;
    }
    // A lone line is a contact block only when it cannot be read as part of the sentence above.
    let alone = lines.iter().skip(first).filter(|line| !line.is_blank()).count() == 1;
    let detached = first == 0 || lines.get(first - 1).is_some_and(|line| line.is_blank()) || above.is_some_and(|line| is_name(line.text));
    (first > 0 && (!alone || detached)).then_some(first)
}

fn below_closing(lines: &[&Line<'_>], closing: usize) -> usize {
    let own_name = lines.get(closing).is_some_and(|line| fold(line.text).trim_end_matches([',', '!', '.', ' ']).contains([',', '!']));
    let next = (closing + 1..lines.len()).find(|index| lines.get(*index).is_some_and(|line| !line.is_blank())).unwrap_or(lines.len());
    let name = lines.get(next).is_some_and(|line| !own_name && contact(line.text.trim()) != Contact::Strong && is_short(line.text));
    if name { next + 1 } else { next }
}

/// The small words that stand in names, titles and addresses.
const PARTICLES: [&str; 51] = [
    "a", "al", "ale", "and", "ap", "at", "bl", "bin", "by", "cu", "d", "da", "dal", "dalla", "das", "de", "degli", "dei", "del", "della",
    "den", "der", "des", "di", "do", "dos", "du", "e", "et", "for", "für", "i", "in", "jud", "la", "le", "nr", "of", "os", "pt", "sc",
    "str", "the", "u", "und", "van", "vom", "von", "y", "zu", "și",
];

/// Every word begins with a capital, but for the small ones.
///
/// "Non partecipo" and "I cannot come" are neither.
pub(super) fn all_capital(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || matches!(c, '/' | '|' | ',' | '.' | '(' | ')')).all(|word| {
        let small = word.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_lowercase);
        !small || word.starts_with(|c: char| c.is_ascii_digit()) || is_particle(word)
    })
}

pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

fn paragraph_start(lines: &[&Line<'_>], from: usize) -> usize {
    let mut start = from;
    while start > 0 && lines.get(start - 1).is_some_and(|line| !line.is_blank()) {
        start -= 1;
    }
    start
}

pub(super) fn is_short(text: &str) -> bool {
    text.len() <= 90 && text.split_whitespace().count() <= 8
}

/// Two to five words that begin with capitals, no digit: "Ana-Maria Pop", "Anna van der Berg".
pub(super) fn is_name(text: &str) -> bool {
    let text = text.trim().trim_end_matches(',');
    (2..=5).contains(&text.split_whitespace().count())
        && text.len() <= 70
        && all_capital(text)
        && text.starts_with(char::is_uppercase)
        && !text.chars().any(|c| c.is_ascii_digit() || "!?:;@".contains(c))
        && !text.ends_with('.')
}

/// Nothing but names, titles and contact details: what may stand under a rule that people also type between two thoughts.
pub(super) fn is_signature(lines: &[&str]) -> bool {
    let Some((first, rest)) = lines.split_first() else { return false };
    let detail = |text: &str| contact(text) != Contact::No && !is_sentence(text);
    // "Cannot come" is no name, nor is a name of one word to be told from "Sorry".
    let named = is_name(first);
    // "riak-users mailing list" above "riak-users@x.example".
    let word = first.split_whitespace().next().unwrap_or_default();
    let address = rest.first().and_then(|next| next.split_once('@')).is_some_and(|(local, _)| local == word);
    (named || address || contact(first) == Contact::Strong) && rest.iter().all(|text| detail(text))
}

/// A telephone number, an address, a link.
pub(super) fn is_strong(text: &str) -> bool {
    contact(text) == Contact::Strong
}

/// That, or as short as a title or a company.
pub(super) fn may_be_detail(text: &str) -> bool {
    contact(text) != Contact::No
}

fn contact(text: &str) -> Contact {
    if text.len() > 220 {
        return Contact::No;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let words = text.split_whitespace().filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 2).count();
    let listed = text.starts_with(['•', '*']) || text.starts_with("- ") || starts_with_number(text);
    let piped = text.matches('|').count() + text.matches('·').count() >= 2;
    if listed && !text.starts_with("* ") {
        return Contact::No;
    }
    let sentence = text.ends_with(['!', '?']) || text.ends_with('.') && words > 6;
    if piped && (digits >= 6 || has_address(text) || text.contains("www.")) {
        return Contact::Strong;
    }
    let link = text.contains("www.") || text.contains("http://") || text.contains("https://");
    if !sentence && words <= 5 && (has_address(text) || link) || !sentence && digits >= 6 && is_phone_number(text, digits, words) {
        return Contact::Strong;
    }
    let lower = text.chars().next().is_some_and(char::is_lowercase);
    if sentence || words > 9 || lower || text.len() > 100 || text.ends_with([':', ';']) || text.contains(['!', '?']) {
        return Contact::No;
    }
    Contact::Weak
}

/// `1. Ana Pop`, `2) Ion Pop`: a list of participants.
fn starts_with_number(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < text.len() && text.len() - rest.len() <= 2 && rest.starts_with(['.', ')'])
}

/// Digits, and little beside them but a label: `Tel. +40 256 000 000`, `0722 000 000`, `M: 0722-000-000, Fax …`.
fn is_phone_number(text: &str, digits: usize, words: usize) -> bool {
    const LABELS: [&str; 24] = [
        "tel",
        "mob",
        "fax",
        "phone",
        "ph",
        "m",
        "t",
        "p",
        "f",
        "gsm",
        "cell",
        "telefon",
        "telefono",
        "telefone",
        "telephone",
        "тел",
        "моб",
        "τηλ",
        "κιν",
        "puh",
        "handy",
        "mobil",
        "tlf",
        "telefonas",
    ];
    let folded = fold(text);
    let first = folded.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
    let labelled = LABELS.iter().any(|label| first == *label || label.len() > 2 && first.starts_with(label));
    let date = super::attribution::date_and_time(&folded);
    if labelled {
        return words <= 8 && !date.0;
    }
    let bare = text.starts_with(['+', '(', '☎', '📞']) || text.starts_with(|c: char| c.is_ascii_digit());
    bare && words <= 1 && digits >= 7 && !date.0 && !date.1
}

#[cfg(test)]
mod tests;
