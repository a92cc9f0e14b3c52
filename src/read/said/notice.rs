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

/// Shorter paragraphs hold nothing but what a person typed, whatever their words.
const MIN_DISCLAIMER: usize = 90;
/// A banner is short.
const MAX_BANNER: usize = 700;

/// A legal disclaimer or a scanner's line. `folded` is the whole paragraph.
pub(super) fn is_disclaimer(paragraph: &str) -> bool {
    if paragraph.len() < 20 {
        return false;
    }
    let folded = fold(paragraph);
    if NOTICES.sure.is_in(&folded) {
        return true;
    }
    if paragraph.len() < MIN_DISCLAIMER {
        return false;
    }
    let mut seen: Vec<&str> = Vec::new();
    for (start, end) in NOTICES.hints.all(&folded).take(40) {
        let hint = folded.get(start..end).unwrap_or_default();
        if !seen.contains(&hint) {
            seen.push(hint);
        }
    }
    // A person may write one such word; three in one paragraph, or two in a long one, are a lawyer's.
    seen.len() >= 3 || seen.len() == 2 && paragraph.len() >= 200
}

/// A banner that the guest's server put above the text.
pub(super) fn is_banner(paragraph: &str) -> bool {
    if paragraph.len() > MAX_BANNER {
        return false;
    }
    let tag = paragraph.trim();
    let bracketed = tag.len() < 40 && tag.starts_with('[') && tag.ends_with(']');
    let folded = fold(tag);
    if bracketed {
        return ["[extern", "[external", "[ext]", "[mesaj extern", "[vanjski", "[isorinis"].iter().any(|start| folded.starts_with(start));
    }
    NOTICES.banners.is_in(&folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lawyers_and_scanners_are_known() {
        assert!(is_disclaimer("If you are not the intended recipient, please delete this message."));
        assert!(is_disclaimer(
            "Acest mesaj conține informații confidențiale adresate exclusiv destinatarului. Orice utilizare este interzisă, iar dacă l-ați primit \
             din greșeală anunțați expeditorul."
        ));
        assert!(is_disclaimer("Virus-free. www.avast.com"));
        assert!(is_banner("CAUTION: This email originated from outside of the organization. Do not click links."));
        assert!(is_banner("[EXTERNAL]"));
    }

    #[test]
    fn people_are_not() {
        for text in [
            "We accept no liability for my singing, but we come: two people.",
            "Is this confidential? My colleague would like to come too.",
            "Destinatarul sunt eu, da, particip cu plăcere la eveniment și aduc și documentele cerute de dumneavoastră.",
            "[Da]",
        ] {
            assert!(!is_disclaimer(text) && !is_banner(text), "{text}");
        }
    }
}
