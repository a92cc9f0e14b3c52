//! What the guest typed into a quote: a box that they ticked, an answer between our lines. It stays quoted, and is told.

use super::{Class, Reader};
use crate::model::mail::TYPED_IN_QUOTE;

/// So many lines of what may be typed are kept.
const MAX_LINES: usize = 10;
/// So much of them is told, in characters.
const MAX_TOLD: usize = 100;
/// A longer line is none that was typed into a form, in bytes.
const MAX_LINE: usize = 500;

const TICKED: [&str; 11] = ["☑", "☒", "[x]", "[X]", "[х]", "[Х]", "[✓]", "[✔]", "(x)", "(X)", "(✓)"];
const EMPTY: [&str; 6] = ["☐", "[ ]", "[]", "[  ]", "( )", "(  )"];

impl Reader<'_> {
    /// Looks at what was taken for a quote: ticked boxes that we did not send, and lines that stand between ours.
    pub(super) fn filled(&mut self, sent: &[String]) {
        let mut typed: Vec<usize> = self.ours.as_ref().map(|taken| taken.strange.clone()).unwrap_or_default();
        typed.retain(|at| self.lines.get(*at).is_some_and(|line| !is_of_a_program(line.text)));
        let ticked: Vec<usize> = self.quoted().filter(|(_, text)| holds(text, &TICKED)).map(|(at, _)| at).collect();
        let is_form = || sent.iter().any(|sent| holds(sent, &EMPTY)) || self.quoted().any(|(_, text)| holds(text, &EMPTY));
        if !ticked.is_empty() && is_form() {
            let sent: Vec<String> = sent.iter().map(|sent| words(sent)).collect();
            let is_ours = |at: &usize| {
                let text = self.lines.get(*at).map(|line| words(line.text)).unwrap_or_default();
                sent.iter().any(|sent| sent.contains(&text))
            };
            typed.extend(ticked.into_iter().take(50 * MAX_LINES).filter(|at| !is_ours(at)).take(MAX_LINES));
        }
        if typed.is_empty() {
            return;
        }
        typed.sort_unstable();
        typed.dedup();
        let typed: Vec<&str> = typed.into_iter().take(MAX_LINES).filter_map(|at| self.lines.get(at)).map(|line| line.text).collect();
        typed.iter().for_each(|text| self.perhaps.add(text));
        let told: String = words(&typed.join(" / ")).chars().take(MAX_TOLD).collect();
        self.note(&format!("{TYPED_IN_QUOTE}{told}"));
    }

    fn quoted(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.lines.iter().zip(&self.classes).enumerate();
        lines.filter(|(_, (line, class))| **class == Class::Quoted && line.text.len() <= MAX_LINE).map(|(at, (line, _))| (at, line.text))
    }
}

fn holds(text: &str, boxes: &[&str]) -> bool {
    text.contains(['[', '(', '☑', '☒', '☐']) && boxes.iter().any(|one| text.contains(one))
}

/// `[image: logo.png]`, `[cid:…]`: what programs write for a picture; and the rest of a link that they broke.
fn is_of_a_program(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[') && text.ends_with(']') && !holds(text, &TICKED) || !text.contains(' ') && text.contains(['%', '=', '&', '_'])
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
