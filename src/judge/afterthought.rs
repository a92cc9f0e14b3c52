//! An afterthought: a plain answer further down that says the opposite of the one above it.

use super::{text::Text, words};
use crate::model::{Answer, Lang};
use std::ops::Range;

/// So many of the last sentences may be one.
const MAX_SENTENCES: usize = 12;

/// The sentence that takes back `answer`: it says the opposite as plainly as a sentence above it says the answer.
///
/// Not in the same sentence: "I would love to, but I cannot" says one thing.
pub(super) fn of(said: &str, answer: Answer, hints: &[&Lang]) -> Option<Range<usize>> {
    let opposite = answer.opposite()?;
    let text = Text::of(said);
    let spans: Vec<Range<usize>> = text.sentences.iter().map(|sentence| sentence.start..sentence.end).collect();
    let says = |span: &Range<usize>, wanted: Answer| {
        said.get(span.clone()).is_some_and(|sentence| {
            let reading = words::read(sentence, hints);
            reading.sure && reading.answer == wanted
        })
    };
    let from = spans.len().saturating_sub(MAX_SENTENCES);
    let (at, found) = spans.iter().enumerate().skip(from.max(1)).rev().find(|(_, span)| says(span, opposite))?;
    let above = spans.iter().take(at).rev().take(MAX_SENTENCES);
    let later = spans.get(at + 1..).unwrap_or_default();
    // "Yes … no … yes" ends as it began.
    let again = later.iter().any(|span| says(span, answer));
    above.into_iter().any(|span| says(span, answer)).then(|| found.clone()).filter(|_| !again)
}
