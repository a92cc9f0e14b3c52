//! Sentences among what is taken away that the guest may have typed: a signature, a notice or a quote is told by its place and
//! by words that people use, too.

use super::line::{Line, ends_sentence};
use super::{notice, phone_line, signature};

/// So much of it is told, in bytes.
const MAX_TOLD: usize = 1_000;

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
        if lines().any(may_be_typed) {
            lines().filter(|text| !is_detail(text)).for_each(|text| self.add(text));
        }
    }

    pub(super) fn told(self) -> Option<String> {
        Some(self.0).filter(|text| !text.is_empty())
    }
}

/// Two words or more and an end, and no name, title, detail, greeting or disclaimer.
pub(super) fn may_be_typed(text: &str) -> bool {
    let words = text.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    words >= 2 && ends_sentence(text) && !is_detail(text)
}

fn is_detail(text: &str) -> bool {
    let text = text.trim();
    signature::all_capital(text) && (text.contains(char::is_lowercase) || !ends_sentence(text))
        || signature::is_strong(text)
        || signature::is_closing(text)
        || phone_line::is_phone_line(text, true)
        || notice::sounds_like_one(text)
}
