//! Paragraphs that no guest typed: legal disclaimers, antivirus lines, "external sender" banners.

use super::line::{Line, ends_sentence};
use crate::read::words::{Phrases, fold, list};
use std::sync::LazyLock;

struct Notices {
    sure: Phrases,
    hints: Phrases,
    banners: Phrases,
}

static NOTICES: LazyLock<Notices> = LazyLock::new(|| {
    let kind =
        |mark: &'static str| Phrases::new(list(include_str!("../words/notices.txt")).filter_map(move |line| line.strip_prefix(mark)));
    Notices { sure: kind("= "), hints: kind("~ "), banners: kind("^ ") }
});

/// No sure phrase of a disclaimer stands in a shorter paragraph.
const MIN_SURE: usize = 20;
/// Shorter paragraphs hold nothing but what a person typed, whatever their words.
const MIN_DISCLAIMER: usize = 90;
/// A banner is short.
const MAX_BANNER: usize = 700;

/// A paragraph that no guest typed; a banner only where it stands at the `top`.
pub(super) fn is_notice(paragraph: &str, top: bool) -> bool {
    let length = paragraph.len();
    if !top && length < MIN_SURE {
        return false;
    }
    let tag = paragraph.trim();
    let folded = fold(tag);
    top && length <= MAX_BANNER && is_banner(tag, &folded) || length >= MIN_SURE && is_disclaimer(length, &folded)
}

/// What banners go on with in a line of its own, folded.
const BANNER_GOES_ON: [&str; 7] =
    ["do not click", "do not open", "recognize the sender", "nu faceti clic", "nu deschideti", "klicken sie", "ne cliquez pas"];
/// A line that was wrapped is not shorter, in characters.
const MIN_WRAPPED: usize = 60;

/// The lines of a paragraph known to be a notice that are it, from the first to behind the last.
///
/// Where no blank line parts them from it, the guest's words stand below a banner and above a disclaimer.
pub(super) fn place(lines: &[Line<'_>], top: bool) -> (usize, usize) {
    let all = (0, lines.len());
    if lines.len() < 2 {
        return all;
    }
    let mut folded = String::new();
    let mut starts = Vec::with_capacity(lines.len());
    for line in lines {
        if folded.len() > 8_000 {
            break;
        }
        if !folded.is_empty() {
            folded.push(' ');
        }
        starts.push(folded.len());
        folded.push_str(&fold(line.text));
    }
    let line_of = |place: usize| starts.partition_point(|start| *start <= place).saturating_sub(1);
    let text = |at: usize| lines.get(at).map_or("", |line| line.text.trim());
    let wrapped = |at: usize| !ends_sentence(text(at)) && text(at).chars().take(MIN_WRAPPED).count() == MIN_WRAPPED;
    if top && let Some((start, _)) = NOTICES.banners.find(&folded) {
        let end = NOTICES.banners.all(&folded).take(40).map(|(_, end)| end).last().unwrap_or(start);
        let mut last = line_of(end.saturating_sub(1));
        // The phrase at the end of its line ends the banner, unless an instruction follows.
        let mut open = starts.get(last + 1).is_some_and(|next| end + 1 < *next) && wrapped(last);
        while last + 1 < lines.len() {
            let goes_on = fold(text(last + 1));
            if !open && !BANNER_GOES_ON.iter().any(|words| goes_on.contains(*words)) {
                break;
            }
            last += 1;
            open = wrapped(last);
        }
        let first = line_of(start);
        let above = (0..first).rev().find(|at| is_sentence(text(*at)));
        return (above.map_or(0, |at| at + 1), last + 1);
    }
    let Some((start, _)) = NOTICES.sure.find(&folded).or_else(|| NOTICES.hints.find(&folded)) else { return all };
    let mut first = line_of(start);
    let mut inside = starts.get(first).is_some_and(|line| *line < start);
    while let Some(above) = first.checked_sub(1) {
        let goes_on = !ends_sentence(text(above)) && text(first).starts_with(char::is_lowercase);
        if !(goes_on || inside && wrapped(above) || NOTICES.hints.is_in(&fold(text(above)))) {
            break;
        }
        first = above;
        inside = true;
    }
    (first, lines.len())
}

/// Three words or more, and an end.
fn is_sentence(text: &str) -> bool {
    ends_sentence(text) && text.split_whitespace().count() >= 3
}

/// A legal disclaimer or a scanner's line.
fn is_disclaimer(length: usize, folded: &str) -> bool {
    if NOTICES.sure.is_in(folded) {
        return true;
    }
    if length < MIN_DISCLAIMER {
        return false;
    }
    let mut seen: Vec<&str> = Vec::new();
    for (start, end) in NOTICES.hints.all(folded).take(40) {
        let hint = folded.get(start..end).unwrap_or_default();
        if !seen.contains(&hint) {
            seen.push(hint);
        }
    }
    // A person may write one such word; three in one paragraph, or two in a long one, are a lawyer's.
    seen.len() >= 3 || seen.len() == 2 && length >= 200
}

/// A banner that the guest's server put above the text.
fn is_banner(tag: &str, folded: &str) -> bool {
    let bracketed = tag.len() < 40 && tag.starts_with('[') && tag.ends_with(']');
    if bracketed {
        return ["[extern", "[external", "[ext]", "[mesaj extern", "[vanjski", "[isorinis"].iter().any(|start| folded.starts_with(start));
    }
    NOTICES.banners.is_in(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lawyers_and_scanners_are_known() {
        for text in [
            "If you are not the intended recipient, please delete this message.",
            "Acest mesaj conține informații confidențiale adresate exclusiv destinatarului. Orice utilizare este interzisă, iar dacă l-ați primit \
             din greșeală anunțați expeditorul.",
            "Virus-free. www.avast.com",
        ] {
            assert!(is_notice(text, false), "{text}");
        }
        for text in ["CAUTION: This email originated from outside of the organization. Do not click links.", "[EXTERNAL]"] {
            assert!(is_notice(text, true) && !is_notice(text, false), "{text}");
        }
    }

    #[test]
    fn words_of_the_guest_in_the_same_paragraph_are_not_it() {
        let placed = |text: &str, top| place(&super::super::line::split(text), top);
        let caution = "CAUTION: This email originated from outside of the organization. Do not click links.";
        assert_eq!(placed(&format!("{caution}\nSorry, I cannot come."), true), (0, 1));
        let wrapped = "CAUTION: This email originated from outside of the organization. Do not\nclick links or open attachments.";
        assert_eq!(placed(&format!("{wrapped}\nSorry, I cannot come."), true), (0, 2));
        assert_eq!(placed("External email.\nDo not click links.\nSorry, I cannot come.", true), (0, 2));
        let legal = "If you are not the intended recipient, please delete this message.";
        assert_eq!(placed(&format!("Sorry, I cannot come.\n{legal}"), false), (1, 2));
        assert_eq!(placed(&format!("Sorry, I cannot come\n{legal}"), true), (1, 2));
        let wrapped = "This message is meant for nobody but the person it is sent to, and if you\nare no such person and if you have received this \
                       message in error,\nplease delete it.";
        assert_eq!(placed(wrapped, false), (0, 3));
    }

    #[test]
    fn people_are_not() {
        for text in [
            "We accept no liability for my singing, but we come: two people.",
            "Is this confidential? My colleague would like to come too.",
            "Destinatarul sunt eu, da, particip cu plăcere la eveniment și aduc și documentele cerute de dumneavoastră.",
            "[Da]",
        ] {
            assert!(!is_notice(text, true), "{text}");
        }
    }
}
