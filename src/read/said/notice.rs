//! Paragraphs that no guest typed: legal disclaimers, antivirus lines, "external sender" banners.

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
