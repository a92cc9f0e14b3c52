//! Sentences among what is taken away that the guest may have typed: a signature, a notice or a quote is told by its place and
//! by words that people use, too.

use super::line::{Line, ends_sentence};
use super::{notice, phone_line, signature};

/// So much of it is told, in bytes.
const MAX_TOLD: usize = 1_000;

/// So many words in lower case, particles not counted, are more than a title has.
const MANY: usize = 3;

/// What may be the guest's.
#[derive(Default)]
pub(super) struct Perhaps(String);

impl Perhaps {
    pub(super) fn add(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(text.trim());
        let end = (0..4).filter_map(|back| MAX_TOLD.checked_sub(back)).find(|at| self.0.is_char_boundary(*at));
        self.0.truncate(end.unwrap_or(MAX_TOLD));
    }

    /// The lines of a signature's paragraph that are no detail, where one of them is a sentence; a disclaimer goes to its end.
    pub(super) fn add_signature(&mut self, lines: &[Line<'_>]) {
        let lines = || lines.iter().map(|line| line.text).take_while(|text| !notice::sounds_like_one(text));
        if lines().any(|text| may_be_typed(text) || is_left_open(text)) {
            lines().filter(|text| !is_detail(text)).for_each(|text| self.add(text));
        }
    }

    pub(super) fn told(self) -> Option<String> {
        Some(self.0).filter(|text| !text.is_empty())
    }
}

/// Two words or more and an end, and no name, title, detail, greeting or disclaimer.
pub(super) fn may_be_typed(text: &str) -> bool {
    words(text) >= 2 && ends_sentence(text) && !is_detail(text)
}

/// Without an end: more small words than a title has, or what was forgotten above.
fn is_left_open(text: &str) -> bool {
    let is_small = |word: &&str| word.starts_with(char::is_lowercase) && !signature::is_particle(word);
    let is_long = || text.split_whitespace().filter(is_small).count() >= MANY;
    (is_postscript(text) && words(text) > 0 || is_long()) && !is_detail(text)
}

fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count()
}

/// "PS", "P.S." or "+" before what was forgotten above.
fn is_postscript(text: &str) -> bool {
    let begin: String = text.chars().take(8).filter(|c| c.is_alphanumeric() || matches!(c, '+' | ' ')).collect();
    begin.starts_with("PS ") || begin.starts_with("Ps ") || begin.starts_with("P S ") || begin.starts_with("+ ")
}

fn is_detail(text: &str) -> bool {
    let text = text.trim();
    signature::all_capital(text) && (text.contains(char::is_lowercase) || !ends_sentence(text))
        || signature::is_strong(text)
        || signature::is_closing(text)
        || phone_line::is_phone_line(text, true)
        || notice::sounds_like_one(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_title_says_is_left_open() {
        for text in ["PS I cannot come after all", "P.S. vin cu doi colegi", "+ 2 colegi", "provided my boss lets me go"] {
            assert!(is_left_open(text), "{text}");
        }
        for text in [
            "Head of the Department for Culture",
            "Ana Pop",
            "professor emeritus",
            "Tel. 0256 000 000",
            "Strada Mare nr. 5",
            "Leiterin des Amts für Kultur",
        ] {
            assert!(!is_left_open(text), "{text}");
        }
    }
}
