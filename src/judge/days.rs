//! Days of the week in an answer: who says no to one may say yes to another ("no for Friday, Wednesday is open"). Which of them is
//! the event's is not known here.

use super::text::{Text, fold};
use crate::model::Answer;
use std::{collections::HashMap, sync::LazyLock};

/// So many pieces that name a day are looked at.
const MAX_PIECES: usize = 6;

/// The days of the week, folded: the table by which days of return are read, because another one would know other languages.
static WEEK: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../model/weekdays.txt").lines().filter(|line| !line.starts_with('#'));
    let days = lines.filter_map(|line| line.split_once(' '));
    days.flat_map(|(day, names)| names.split_whitespace().map(move |name| (fold(name), day))).collect()
});

/// Whether a piece of a text says no to a day of the week, and another one yes to another day, as `hear` tells. It hears nothing where no
/// two days are named.
pub(super) fn differ(said: &str, hear: impl Fn(&str) -> Answer) -> bool {
    let pieces = pieces(said);
    let apart = |one: &[&str], other: &[&str]| one.iter().all(|day| !other.contains(day));
    if !pieces.iter().any(|(_, one)| pieces.iter().any(|(_, other)| apart(one, other))) {
        return false;
    }
    let heard: Vec<(Vec<&str>, Answer)> = pieces.into_iter().map(|(piece, days)| (days, hear(piece))).collect();
    let said_of = |answer: Answer| heard.iter().filter(move |(_, heard)| *heard == answer).map(|(days, _)| days);
    said_of(Answer::Decline).any(|no| said_of(Answer::Accept).any(|yes| apart(no, yes)))
}

/// A text cut where a thought may end: the pieces that name days of the week, and these.
fn pieces(said: &str) -> Vec<(&str, Vec<&'static str>)> {
    let sentences = Text::of(said).sentences;
    let sentences = sentences.iter().filter_map(|sentence| said.get(sentence.start..sentence.end));
    let pieces = sentences.flat_map(|sentence| sentence.split([',', '–', '—', '/'])).flat_map(|piece| piece.split(" - "));
    pieces.map(|piece| (piece, named(piece))).filter(|(_, days)| !days.is_empty()).take(MAX_PIECES).collect()
}

fn named(piece: &str) -> Vec<&'static str> {
    let words = Text::of(piece).words;
    // "Wednesday's workshop"
    let day = |word: &str| WEEK.get(word).or_else(|| WEEK.get(word.split('\'').next()?)).copied();
    words.iter().filter_map(|word| day(&word.folded)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_no_to_one_day_beside_a_yes_to_another() {
        let hear = |piece: &str| match (piece.contains("not"), piece.contains("yes")) {
            (true, _) => Answer::Decline,
            (_, true) => Answer::Accept,
            _ => Answer::None,
        };
        for said in [
            "Friday not, Wednesday yes",
            "Wednesday yes - Friday not",
            "Friday not. And so on. Wednesday's workshop: yes, Wednesday yes.",
            "Freitag not, miércoles yes",
        ] {
            assert!(differ(said, hear), "{said}");
        }
        for said in ["Friday not, yes", "Friday not, Friday yes", "Friday yes, Wednesday yes", "Friday and Wednesday not, Friday yes", ""] {
            assert!(!differ(said, hear), "{said}");
        }
    }

    #[test]
    fn nothing_is_heard_where_no_two_days_are_named() {
        assert!(!differ("I cannot come on Friday, sorry. Friday is full.", |_| panic!("it need not be heard")));
    }
}
