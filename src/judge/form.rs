//! Forms with boxes: what was ticked counts, and what was not is as if it had not been typed.

use super::words;
use crate::model::{Answer, Lang};
use regex::{Captures, Regex};
use std::{borrow::Cow, iter, sync::LazyLock};

/// Why a form needs a look of which it is not plain what was ticked.
pub(super) const UNCLEAR: &str = "it is a form with boxes";

/// Boxes are looked for in so many lines, …
const MAX_LINES: usize = 50;
/// … of at most so many bytes.
const MAX_LINE: usize = 500;

/// A line of so many characters was ended by the margin.
const FULL_LINE: usize = 50;

static BOX: LazyLock<Regex> = LazyLock::new(|| {
    let ticked = r"[☑☒✅✔]\x{FE0F}?|\[\s*[xXхХ✓✔]\s*\]|\(\s*[xXхХ✓✔]\s*\)";
    Regex::new(&format!(r"(?:^|[\s:;,/*•–-])(?:(?<ticked>{ticked})|☐|\[\s*\]|\(\s+\))")).expect("a constant pattern")
});

/// What boxes a line carries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Plain,
    Ticked,
    Empty,
    Both,
}

impl Line {
    fn of(line: &str) -> Self {
        if line.len() > MAX_LINE {
            return Self::Plain;
        }
        let (mut ticked, mut empty) = (false, false);
        for hit in BOX.captures_iter(line) {
            let is_ticked = hit.name("ticked").is_some();
            ticked |= is_ticked;
            empty |= !is_ticked;
        }
        match (ticked, empty) {
            (false, false) => Self::Plain,
            (true, false) => Self::Ticked,
            (false, true) => Self::Empty,
            (true, true) => Self::Both,
        }
    }
}

/// What counts of a text, and whether it is a form of which that is not plain.
///
/// Boxes and lines that were not ticked become blanks, so that every other word stands where the guest typed it. One ticked
/// box without another beside it is no form: it is a sign, or what is left of one.
pub(super) fn counted<'t>(typed: &'t str, hints: &[&Lang]) -> (Cow<'t, str>, bool) {
    let kinds: Vec<Line> = typed.lines().take(MAX_LINES).map(Line::of).collect();
    let count = |kind: Line| kinds.iter().filter(|other| **other == kind).count();
    let (ticked, empty, both) = (count(Line::Ticked), count(Line::Empty), count(Line::Both));
    if ticked == 0 || empty == 0 || both > 0 || is_torn(typed, &kinds) {
        return (typed.into(), both > 0 || empty > 0 || ticked > 1 || is_crossed(typed, hints) || is_initialled(typed));
    }
    let lines = typed.split_inclusive('\n').zip(kinds.into_iter().chain(iter::repeat(Line::Plain)));
    let counting = lines.map(|(line, kind)| match kind {
        Line::Ticked => BOX.replace_all(line, |hit: &Captures<'_>| hit.get(0).map(|mark| blank(mark.as_str())).unwrap_or_default()),
        Line::Empty => blank(line).into(),
        Line::Plain | Line::Both => line.into(),
    });
    (Cow::Owned(counting.collect()), false)
}

/// Whether a line of a form is answered by a letter or a sign that may be a no: "Attending: N".
fn is_initialled(typed: &str) -> bool {
    static INITIAL: LazyLock<Regex> = LazyLock::new(|| {
        let label = r"^[\s>•*-]*\p{L}[\p{L} ’'/-]{2,40}";
        Regex::new(&format!(r"{label}(?:(?:\?\s*:?|\s*[:=])\s*[NnНн]|[?:=\s]\s*[✗✘✖❌]\x{{FE0F}}?)\s*[.,;]?\s*$"))
            .expect("a constant pattern")
    });
    typed.lines().take(MAX_LINES).filter(|line| line.len() <= MAX_LINE).any(|line| INITIAL.is_match(line))
}

/// Whether a box stands apart from its words, or a line that was not ticked goes on below.
fn is_torn(typed: &str, kinds: &[Line]) -> bool {
    let lines: Vec<&str> = typed.lines().take(MAX_LINES).collect();
    let worded = |line: &str| BOX.replace_all(line, "").chars().any(char::is_alphanumeric);
    let goes_on = |at: usize| {
        kinds.get(at + 1) == Some(&Line::Plain) && lines.get(at + 1).is_some_and(|next| next.trim_start().starts_with(char::is_lowercase))
    };
    lines.iter().zip(kinds).enumerate().any(|(at, (line, kind))| match kind {
        Line::Plain => false,
        Line::Empty => !worded(line) || line.chars().count() >= FULL_LINE && goes_on(at),
        Line::Ticked | Line::Both => !worded(line),
    })
}

/// As many bytes, and the end of its line.
fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

/// Whether a line begins or ends with a lone x, beside a line that answers otherwise.
fn is_crossed(typed: &str, hints: &[&Lang]) -> bool {
    let is_cross = |word: Option<&str>| matches!(word, Some("x" | "X"));
    let lines = typed.lines().take(MAX_LINES).filter(|line| line.len() <= MAX_LINE);
    let (crossed, others): (Vec<&str>, Vec<&str>) = lines.partition(|line| {
        let mut parts = line.split_whitespace();
        is_cross(parts.next()) || is_cross(parts.next_back())
    });
    let answers = |lines: &[&str]| -> Vec<Answer> {
        lines.iter().map(|line| words::read(line, hints).answer).filter(|answer| *answer != Answer::None).collect()
    };
    let crossed = answers(&crossed);
    !crossed.is_empty() && answers(&others).iter().any(|other| crossed.iter().any(|answer| answer != other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_ticked_is_blank_and_the_rest_stays_where_it_was() {
        for (typed, rest) in [
            ("[x] Yes\n[ ] No", "    Yes\n      "),
            ("Hello,\n- [X] Yes\n- [ ] No\nAna", "Hello,\n-     Yes\n        \nAna"),
            ("☒ Da\r\n☐ Nu\r\n", "    Da\r\n       \n"),
            ("(x) Oui\n( ) Non", "    Oui\n       "),
            ("☑\u{fe0f} Tak\n☐ Nie", "       Tak\n       "),
            ("Yes: [x]\nNo: [ ]", "Yes:    \n       "),
        ] {
            let (counts, unclear) = counted(typed, &[]);
            assert_eq!((&*counts, counts.len(), unclear), (rest, typed.len(), false), "{typed:?}");
        }
    }

    #[test]
    fn it_is_not_plain_where_nothing_is_ticked_or_everything_or_by_an_x_alone() {
        let torn = [
            "I will attend\n[ ]\nI will not attend\n[x]",
            "[x] I will come\n[ ] I am sorry, but because of other commitments in that week I\ncannot come",
        ];
        let crossed = ["X Ja, ik kom\nNee, ik kom niet", "Yes, I will come x\nNo, I cannot come"];
        for typed in ["☐ Yes\n☐ No", "[x] Yes\n[x] No", "[x] Yes / [ ] No", "( ) Yes"].into_iter().chain(crossed).chain(torn) {
            assert_eq!(counted(typed, &[]), (Cow::Borrowed(typed), true), "{typed:?}");
        }
        for typed in ["Attending: N", "Name: Ana Pop\nAttending? n\nMenu: fish", "Participare: ✗"] {
            assert!(counted(typed, &[]).1, "{typed:?}");
        }
        for typed in [
            "Yes",
            "Name: Ana Pop\nAttending: Y",
            "✅",
            "Da ✅",
            "[x] Yes",
            "I will come.\nAna x",
            "f(x) and a[ ]",
            "See [the list] (all of it)",
            "",
        ] {
            assert_eq!(counted(typed, &[]), (Cow::Borrowed(typed), false), "{typed:?}");
        }
    }
}
