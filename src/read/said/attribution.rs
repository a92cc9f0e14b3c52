//! The line above a quote: "On Tue, Feb 24, 2026 at 6:30 PM Ana <ana@x.example> wrote:", in any language.
//!
//! Structure decides first: a date or a time, an address, a colon at the end, a quote below. The verbs
//! of thirty languages come third. Programs wrap this line at 72 to 80 columns, even inside the `<…>`.

use super::line::{Line, Mark, ends_sentence};
use crate::read::words::{VERBS, fold};
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// How many lines one attribution may be wrapped over, the blank ones of some programs included.
const MAX_WRAP: usize = 6;
/// Longer joined lines are text.
const MAX_CHARS: usize = 420;

/// An attribution that ends at the line looked at.
pub(super) struct Found {
    /// Its first line.
    pub(super) start: usize,
    /// It needs no quote below to be believed.
    pub(super) strong: bool,
}

/// "I wrote": a person tells of their own letter.
static OWN: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let phrases = ["i wrote", "wrote i ", "schrieb ich", "schreef ik", "skrev jeg", "skrev jag", "am scris", "j'ai ecrit", "ho scritto"];
    AhoCorasick::builder().prefilter(false).build(phrases).ok()
});

/// What one line, or the joined lines, show.
#[derive(Clone, Copy, Default)]
struct Signs {
    date: bool,
    time: bool,
    address: bool,
    verb: bool,
    own: bool,
}

/// Looks for an attribution whose last line is `end`.
///
/// `first` is the first line that may belong to it; `quote_below` tells whether what follows is marked as quoted.
pub(super) fn ending_at(lines: &[Line<'_>], first: usize, end: usize, quote_below: bool) -> Option<Found> {
    let last = lines.get(end)?;
    if last.mark == Mark::Attribution
        && let Some(found) = marked(lines, first, end)
    {
        return Some(found);
    }
    let tail = last.text.trim_end_matches(['*', '_', ' ']);
    if tail.is_empty() || tail.len() > MAX_CHARS {
        return None;
    }
    let colon = tail.ends_with(':') || tail.ends_with('：');
    if !colon && !may_end_without_colon(tail, quote_below) {
        return None;
    }
    if let Some(strong) = dashed(tail) {
        return Some(Found { start: end, strong });
    }
    let mut joined = String::new();
    let mut fallback = None;
    let mut blanks = 0;
    for (back, start) in (first..=end).rev().take(MAX_WRAP).enumerate() {
        let line = lines.get(start)?;
        if line.depth != last.depth {
            break;
        }
        if line.is_blank() {
            // Polymail and Spark put the address on lines of its own, between blank ones.
            blanks += 1;
            if blanks > 2 || !joined.trim_start().starts_with(['<', '>', 'm']) {
                break;
            }
            continue;
        }
        joined = if joined.is_empty() { line.text.trim().to_owned() } else { format!("{} {joined}", line.text.trim()) };
        if joined.len() > MAX_CHARS {
            break;
        }
        let signs = Signs::of(&joined);
        match judge(&joined, signs, colon, quote_below) {
            Judged::Complete => {
                let start = if signs.date { start } else { dated_above(lines, first, start) };
                return Some(Found { start, strong: true });
            }
            Judged::NeedsQuote if quote_below => fallback = fallback.or(Some(Found { start, strong: false })),
            Judged::NeedsQuote | Judged::No => {}
        }
        let upper = start.checked_sub(1).and_then(|above| lines.get(above));
        if !upper.is_some_and(|above| continues(above, line, back)) {
            break;
        }
    }
    fallback
}

/// An attribution that the program marked, whose last line is `end`.
///
/// Thunderbird's mark takes in what the guest types above it: only the last lines are it, and they must look like one.
fn marked(lines: &[Line<'_>], first: usize, end: usize) -> Option<Found> {
    let below = lines.iter().skip(end + 1).find(|line| !line.is_blank());
    if below.is_some_and(|line| line.mark == Mark::Attribution && line.depth == 0) {
        return None;
    }
    let mut start = end;
    while let Some(line) = lines.get(start)
        && let Some(above) = start.checked_sub(1).filter(|above| *above >= first).and_then(|above| lines.get(above))
        && above.mark == Mark::Attribution
        && continues(above, line, end - start)
    {
        start -= 1;
    }
    let lines = lines.get(start..=end)?;
    let signs = lines.iter().map(|line| Signs::of(line.text)).fold(Signs::default(), |all, one| Signs {
        date: all.date || one.date,
        time: all.time || one.time,
        address: all.address || one.address,
        verb: all.verb || one.verb,
        own: false,
    });
    let colon = lines.last().is_some_and(|line| line.text.trim_end_matches(['*', '_', ' ']).ends_with([':', '：']));
    let labelled = lines.iter().any(|line| super::block::is_labelled(line.text));
    (colon || labelled || signs.date && signs.time || signs.address || signs.verb).then_some(Found { start, strong: true })
}

/// The address and the verb may be wrapped away from the date: the line above then holds it.
fn dated_above(lines: &[Line<'_>], first: usize, start: usize) -> usize {
    let mut below = lines.get(start).map(|line| line.text.trim_start()).unwrap_or_default();
    for back in 1..=4 {
        let Some(above) = start.checked_sub(back).filter(|at| *at >= first) else { break };
        let Some(line) = lines.get(above).filter(|line| line.depth == 0 && line.text.len() <= MAX_CHARS) else { break };
        let split = below.starts_with(['<', '(']) || below.starts_with("mailto:");
        if split && (line.is_blank() || line.text == "<") {
            below = if line.is_blank() { below } else { line.text };
            continue;
        }
        let (date, time) = date_and_time(&fold(line.text));
        if line.is_blank() || back > 2 && !split {
            break;
        }
        if date && (time || split || line.text.ends_with(['<', '(', ',', '"', '”'])) {
            return above;
        }
        below = line.text;
    }
    start
}

enum Judged {
    /// It is one, whatever follows.
    Complete,
    /// It is one where a quote follows.
    NeedsQuote,
    No,
}

fn judge(joined: &str, signs: Signs, colon: bool, quote_below: bool) -> Judged {
    if signs.own && !quote_below {
        return Judged::No;
    }
    let when = signs.date || signs.time;
    if colon {
        if signs.verb && (when && signs.date || signs.address) || when && signs.address && near_end(joined) {
            return Judged::Complete;
        }
        if signs.verb && when && quote_below {
            return Judged::Complete;
        }
        if signs.verb || when || signs.address {
            return Judged::NeedsQuote;
        }
        return Judged::No;
    }
    // Without a colon only the sure shapes: date and address with a verb at the end, or a quote below.
    if signs.verb && signs.date && signs.address && ends_with_verb(joined) || gmt_stamp(joined) {
        return Judged::Complete;
    }
    // A guest names dates and times too, in sentences.
    let shaped = signs.verb && closes_with_verb(joined) || signs.address && joined.ends_with(['>', ')']);
    if quote_below && signs.date && shaped && !ends_sentence(joined) {
        return Judged::Complete;
    }
    Judged::No
}

/// Behind a verb of writing stands nothing, a date (`Ana schreef op 24-2-2026 18:30`) or a name (`Am 24.2.2026 schrieb Ana Pop`).
fn closes_with_verb(joined: &str) -> bool {
    let folded = fold(joined);
    let Some((_, end)) = VERBS.all(&folded).last() else { return false };
    let behind = folded.get(end..).unwrap_or_default();
    let count = behind.split_whitespace().count();
    let dated = count <= 8 && date_and_time(behind).0 && behind.trim_end().ends_with(|c: char| c.is_ascii_digit());
    let capital = |word: &str| word.chars().find(|c| c.is_alphabetic()).is_none_or(|c| !c.is_lowercase());
    dated || end + 2 >= folded.len() || count <= 5 && joined.split_whitespace().rev().take(count).all(capital)
}

/// An address, or the verb behind it, stands just before the colon.
fn near_end(joined: &str) -> bool {
    joined.rsplit_once('@').is_some_and(|(_, after)| after.split_whitespace().count() <= 5)
}

fn ends_with_verb(joined: &str) -> bool {
    let folded = fold(joined);
    VERBS.all(&folded).any(|(_, end)| end + 2 >= folded.len())
}

/// `2016-03-03 17:21 GMT+01:00 Some One`: Gmail of old, without verb and colon.
fn gmt_stamp(joined: &str) -> bool {
    let bytes = joined.as_bytes();
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit() || **b == b'-').count();
    digits == 10 && joined.contains(" GMT") && joined.contains(':') && joined.split_whitespace().count() <= 10
}

/// Cheap look at a last line without a colon: is it worth joining?
fn may_end_without_colon(tail: &str, quote_below: bool) -> bool {
    (quote_below && tail.bytes().any(|b| b.is_ascii_digit()))
        || tail.ends_with('-') && tail.starts_with('-')
        || (tail.bytes().any(|b| b.is_ascii_digit()) && (tail.contains('@') || tail.contains(" GMT")))
}

/// `---- On Tue, 22 Dec 2015 Sam <a> wrote ----`, `-------- Ana wrote --------`.
fn dashed(tail: &str) -> Option<bool> {
    let inner = tail.strip_prefix("--")?.trim_start_matches('-');
    let inner = inner.strip_suffix("--")?.trim_end_matches('-').trim();
    let signs = Signs::of(inner);
    (signs.verb && inner.split_whitespace().count() >= 2).then_some(true)
}

/// May the line above belong to the attribution that `line` continues?
fn continues(above: &Line<'_>, line: &Line<'_>, back: usize) -> bool {
    if above.mark != line.mark && above.mark != Mark::None {
        return false;
    }
    let text = above.text.trim();
    if text.is_empty() {
        return line.text.trim_start().starts_with(['<', '>', 'm']) && back < 5;
    }
    // A sentence that has ended does not run on into an attribution.
    let ended = text.ends_with(['.', '!', '?', ':', ';', '…', ')']) && !text.ends_with("g.") && !text.ends_with("m.");
    let digit_tail = text.trim_end_matches('.').ends_with(|c: char| c.is_ascii_digit());
    !ended || digit_tail || back == 0 && text.contains('@')
}

impl Signs {
    fn of(text: &str) -> Self {
        let folded = fold(text);
        let (date, time) = date_and_time(&folded);
        let own = OWN.as_ref().is_some_and(|own| own.is_match(folded.as_ref()));
        Self { date, time, address: has_address(&folded), verb: VERBS.is_in(&folded), own }
    }
}

/// `x@y` with letters on both sides.
pub(super) fn has_address(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('@') {
        let left = before.ends_with(|c: char| c.is_alphanumeric() || "-_.+".contains(c));
        if left && after.starts_with(|c: char| c.is_alphanumeric()) {
            return true;
        }
        rest = after;
    }
    false
}

/// Whether a folded text shows a calendar date, and whether it shows a time of day.
pub(super) fn date_and_time(text: &str) -> (bool, bool) {
    let (mut date, mut time, mut year, mut day) = (false, false, false, 0u32);
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
            continue;
        }
        let run = digits_at(bytes, at);
        let value = text.get(at..at + run).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(u32::MAX);
        let glued = at > 0 && bytes.get(at - 1).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'@');
        at += run;
        if glued || run > 4 {
            continue;
        }
        year |= run == 4 && (1990..2100).contains(&value);
        day += u32::from(run <= 2 && (1..=31).contains(&value));
        let Some(separator) = bytes.get(at) else { continue };
        let next = digits_at(bytes, at + 1);
        if next == 0 {
            continue;
        }
        let after = bytes.get(at + 1 + next);
        match separator {
            b':' | b'.' | b'h' if run <= 2 && next == 2 && value < 25 && !(after == Some(&b'.') && digits_at(bytes, at + 2 + next) > 0) => {
                time |= *separator != b'.' || after.is_none_or(|b| !b.is_ascii_digit());
                at += 1 + next;
            }
            b'.' | b'-' | b'/' if next <= 2 && after == Some(separator) && digits_at(bytes, at + 2 + next) > 0 => {
                date = true;
                at += 2 + next + digits_at(bytes, at + 2 + next);
            }
            _ => {}
        }
    }
    (date || year && day > 0, time)
}

fn digits_at(bytes: &[u8], at: usize) -> usize {
    bytes.iter().skip(at).take(12).take_while(|b| b.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::super::line::split;
    use super::*;

    fn found(text: &str, quote_below: bool) -> Option<(usize, bool)> {
        let lines = split(text);
        ending_at(&lines, 0, lines.len() - 1, quote_below).map(|found| (found.start, found.strong))
    }

    #[test]
    fn attributions_of_many_programs() {
        for text in [
            "On Tue, Feb 24, 2026 at 6:30 PM Ana Pop <ana@x.example> wrote:",
            "În mar., 24 feb. 2026 la 18:30, Ana Pop <ana@x.example> a scris:",
            "Am Di., 24. Feb. 2026 um 18:30 Uhr schrieb Ana Pop <ana@x.example>:",
            "Op 17-feb.-2015, om 13:18 heeft Ana <ana@x.example> het volgende geschreven:",
            "вт, 24 февр. 2026 г. в 18:30, Ana <ana@x.example>:",
            "ti 24. helmik. 2026 klo 18.30 Ana (ana@x.example) kirjoitti:",
            "Ana <ana@x.example> ezt írta (időpont: 2026. febr. 24., K, 18:30):",
            "30.09.2017, 18.30, \"John - Doe\" <s@x.example>:",
            "Dana 24.2.2026. u 18:30, Ana Pop piše:",
            "Test user <test@x.example> schrieb:",
            "---- On Wed, 24 Feb 2021 14:02:50 +0530 john@x.example wrote ----",
            "On Wed, 14 Nov 2018 08:14:43 -0200 John Doe <john@x.example> wrote",
        ] {
            assert_eq!(found(text, false), Some((0, true)), "{text}");
        }
    }

    #[test]
    fn wrapped_attributions_reach_back_to_their_start() {
        assert_eq!(found("Da, vin.\nÎn mar., 24 feb. 2026 la 18:30, Ana Pop <\nana@x.example> a\nscris:", true), Some((1, true)));
        assert_eq!(found("ok.\nMax <m@x.example> schrieb am Fr., 28.\nApr. 2017 um 11:53 Uhr:", true), Some((1, true)));
    }

    #[test]
    fn without_colon_a_verb_or_an_address_makes_it_one() {
        for text in [
            "24.02.2026 18:30, Ana Pop wrote",
            "24. 2. 2026 18:30, je Ana Pop napisal/-a",
            "24.02.2026 18:30, Ana Pop napisał/-a/",
            "Am 24.02.2026 18:30 schrieb Ana Pop",
            "Ana Pop schreef op 24-02-2026 18:30",
            "2013/10/2 Ana Pop <ana@x.example>",
        ] {
            assert_eq!(found(text, true), Some((0, true)), "{text}");
        }
        for text in [
            "I cannot come on 10 November 2026 at 13:15, sorry.",
            "Sorry, I cannot come on 10 November 2026 at 13:15",
            "I wrote on 10.11.2026 at 13:15 that I cannot come",
            "I cannot come on 10 November 2026, ask ana@x.example.",
        ] {
            assert_eq!(found(text, true), None, "{text}");
        }
    }

    #[test]
    fn sentences_are_not_attributions() {
        for text in [
            "On Saturday I wrote to your sister that we would come, so yes: two people.",
            "Venim trei persoane:",
            "On 12.11.2026 at 10:00 I wrote:",
            "Întrebarea mea este:",
            "Something wrote:",
            "We come at 13:15:",
        ] {
            assert_eq!(found(text, false), None, "{text}");
        }
    }
}
