//! The word that a calendar program puts before the subject of an answer ("Accepted: …"), in about 90 locales.

use super::text::fold;
use crate::model::Answer;
use std::{collections::HashMap, sync::LazyLock};

/// `answer<TAB>prefix`, collected from the sources of calendar programs.
const PREFIXES: &str = include_str!("words/subjects.tsv");

/// Marks of replies before it: at most this many are passed over.
const MAX_MARKS: usize = 5;

/// The answer that the subject's first word names. A weak witness: ordinary mail may begin with the same word.
pub(super) fn status(subject: &str) -> Option<Answer> {
    static TABLE: LazyLock<HashMap<String, Answer>> = LazyLock::new(|| {
        let rows = PREFIXES.lines().filter_map(|line| line.split_once('\t'));
        rows.filter_map(|(answer, prefix)| Answer::parse(answer).map(|answer| (key(prefix), answer))).collect()
    });
    let subject: String = subject.chars().take(300).collect();
    let mut rest = subject.as_str();
    for _ in 0..MAX_MARKS {
        let (prefix, tail) = rest.split_once([':', '\u{FF1A}', '`', '\u{2024}', '\u{1361}'])?;
        if let Some(answer) = TABLE.get(&key(prefix)) {
            return Some(*answer);
        }
        if prefix.trim().chars().count() > 6 {
            return None;
        }
        rest = tail;
    }
    None
}

fn key(prefix: &str) -> String {
    let spaced: String = prefix.chars().map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' }).collect();
    let words: Vec<String> = spaced.split_whitespace().map(fold).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_in_many_languages() {
        for (subject, answer) in [
            ("Accepted: Workshop @ Thu 10 Dec 2026", Answer::Accept),
            ("Re: Acceptat: Workshop", Answer::Accept),
            ("Accepté : Atelier", Answer::Accept),
            ("Accepté\u{A0}: Atelier", Answer::Accept),
            ("Afgewezen: Workshop", Answer::Decline),
            ("Preliminariai priimta: Seminaras", Answer::Tentative),
            ("已接受：研讨会", Answer::Accept),
            ("Event accepted: Workshop", Answer::Accept),
        ] {
            assert_eq!(status(subject), Some(answer), "{subject}");
        }
        for subject in ["Workshop", "Re: Workshop", "Agenda: accepted papers", "", "::::"] {
            assert_eq!(status(subject), None, "{subject}");
        }
    }
}
