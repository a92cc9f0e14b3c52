//! Days in an answer, of the week and of the month: who says no to one may say yes to another ("no for Friday, Wednesday is open", "to
//! the concert on the 19th, but not on the 12th"). Which of them is the event's only
//! what is quoted may tell.

use super::{
    clauses, party,
    text::{Text, Word, fold},
};
use crate::model::Answer;
use regex::Regex;
use std::{collections::HashMap, ops::RangeInclusive, sync::LazyLock};

/// So many clauses that name a day are looked at.
const MAX_PIECES: usize = 6;
/// So many words of what is quoted are looked at.
const MAX_QUOTED: usize = 5_000;
/// The days of a month.
const DAYS: RangeInclusive<u32> = 1..=31;

/// The days of the week, folded: the table by which days of return are read, because another one would know other languages.
static WEEK: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../model/weekdays.txt").lines().filter(|line| !line.starts_with('#'));
    let days = lines.filter_map(|line| line.split_once(' '));
    days.flat_map(|(day, names)| names.split_whitespace().map(move |name| (fold(name), day))).collect()
});

/// Words before a number that is a day of a month, folded: "the 12th", "am 12.", "dia 12", "pe 12".
const BEFORE: &str = " the on den dem am der zum vom le du au il del al dal l el dia pe din data dne dnia ziua na w στισ τισ τη την ";
/// What stands behind such a number as its ending, folded: "12th", "12e", "12:e".
const ENDINGS: [&str; 16] = ["st", "nd", "rd", "th", "e", "er", "eme", "ste", "de", "o", "a", ":e", ":a", "an", "en", "go"];

/// A day as an answer names it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Day {
    OfWeek(&'static str),
    OfMonth(u32),
}

/// Whether a clause of a text says no to a day of the week or the month, and another one yes to another day, as `hear` tells. It hears
/// nothing where no two days are named. Not where what is `quoted` names the day of the `answer`, and the other day not: "I am away
/// until the 10th, on the 12th I come".
pub(super) fn differ(said: &str, quoted: &str, answer: Answer, hear: impl Fn(&str) -> Answer) -> bool {
    let pieces = pieces(said);
    let apart = |one: &[Day], other: &[Day]| one.iter().all(|day| !other.contains(day));
    if !pieces.iter().any(|(_, one)| pieces.iter().any(|(_, other)| apart(one, other))) {
        return false;
    }
    let heard: Vec<(Vec<Day>, Answer)> = pieces.into_iter().map(|(piece, days)| (days, hear(piece))).collect();
    let said_of = |answer: Answer| heard.iter().filter(move |(_, heard)| *heard == answer).map(|(days, _)| days);
    let invited = Invited::of(quoted);
    let is_invited = |days: &[Day]| days.iter().any(|day| invited.has(day));
    let is_plain = |no: &[Day], yes: &[Day]| match answer {
        Answer::Accept => is_invited(yes) && !is_invited(no),
        _ => is_invited(no) && !is_invited(yes),
    };
    said_of(Answer::Decline).any(|no| said_of(Answer::Accept).any(|yes| apart(no, yes) && !is_plain(no, yes)))
}

/// The days that an invitation may name; an event of several days is on those between, too.
struct Invited {
    weekdays: Vec<&'static str>,
    /// Hours and years, too: which are days is not looked at.
    numbers: Vec<u32>,
    spans: Vec<RangeInclusive<u32>>,
}

impl Invited {
    fn of(quoted: &str) -> Self {
        static SPAN: LazyLock<Regex> = LazyLock::new(|| {
            let between = "[-–—]|to|and|bis|und|au|et|al|y|do|i|til|till|og|och|tot|en";
            let span = format!(r"(?:^|[^\d:.])(\d{{1,2}})(?:\.|st|nd|rd|th)?\s?(?:{between})\s?(?:\p{{L}}+\s)?(\d{{1,2}})(?:$|[^\d:])");
            Regex::new(&span).expect("a constant pattern")
        });
        let words = || quoted.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(MAX_QUOTED);
        let day = |word: &str| word.parse().ok().filter(|day| DAYS.contains(day));
        let spans = SPAN.captures_iter(quoted).filter_map(|span| Some(day(span.get(1)?.as_str())?..=day(span.get(2)?.as_str())?));
        Self {
            weekdays: words().filter_map(|word| WEEK.get(&fold(word)).copied()).collect(),
            // "12th", "12e"
            numbers: words().filter_map(|word| day(word.trim_end_matches(char::is_alphabetic))).collect(),
            spans: spans.take(MAX_PIECES).collect(),
        }
    }

    fn has(&self, day: &Day) -> bool {
        match day {
            // They are the digits 1 to 7.
            Day::OfWeek(day) => self.weekdays.iter().min() <= Some(day) && Some(day) <= self.weekdays.iter().max(),
            Day::OfMonth(day) => self.numbers.contains(day) || self.spans.iter().any(|span| span.contains(day)),
        }
    }
}

/// The clauses that name days, and these.
fn pieces(said: &str) -> Vec<(&str, Vec<Day>)> {
    let clauses = clauses::of(said).into_iter();
    clauses.map(|clause| (clause, named(clause))).filter(|(_, days)| !days.is_empty()).take(MAX_PIECES).collect()
}

fn named(piece: &str) -> Vec<Day> {
    let text = Text::of(piece);
    // "Wednesday's workshop"
    let of_week = |word: &str| WEEK.get(word).or_else(|| WEEK.get(word.split('\'').next()?)).copied();
    let day = |(at, word): (usize, &Word)| of_week(&word.folded).map(Day::OfWeek).or_else(|| of_month(piece, &text, at).map(Day::OfMonth));
    text.words.iter().enumerate().filter_map(day).collect()
}

/// The day of a month that a number is, where its ending or what stands beside it says so: not an hour, nor a number of people.
fn of_month(piece: &str, text: &Text, at: usize) -> Option<u32> {
    let word = text.words.get(at)?;
    let digits: String = word.folded.chars().take_while(char::is_ascii_digit).collect();
    let day = digits.parse().ok().filter(|day| DAYS.contains(day))?;
    let ending = word.folded.strip_prefix(digits.as_str())?;
    if !ending.is_empty() {
        // "19'undaki"
        return Some(day).filter(|_| ENDINGS.contains(&ending) || ending.starts_with('\''));
    }
    let (before, behind) = (at.checked_sub(1).and_then(|at| text.words.get(at)), text.words.get(at + 1));
    // "12-go", "tad-12"
    let hyphen = |from: usize, to: usize| piece.get(from..to) == Some("-");
    let is_joined = behind.is_some_and(|next| hyphen(word.end, next.start) && !next.inert)
        || before.is_some_and(|last| hyphen(last.end, word.start) && !last.inert);
    let is_behind = behind.is_some_and(|next| party::is_month(piece, next) || next.folded == "d");
    let is_timed = || behind.is_some_and(|next| party::is_time(&next.folded));
    let is_before = before.is_some_and(|last| clauses::is_in(BEFORE, &last.folded)) && !is_timed();
    Some(day).filter(|_| is_joined || is_behind || is_before || party::is_ordinal(piece, text, &(at..at + 1)))
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
            "The concert on the 19th: yes, on the 19th yes. On the 12th not.",
            "Am 19. komme ich yes aber am 12. not",
            "Na koncert 19. yes, ali 12. prosinca not",
            "Den 19:e yes, den 12:e not",
            "19-го yes, а 12-го not",
            "Friday yes, the 12th not",
        ] {
            assert!(differ(said, "", Answer::Decline, hear), "{said}");
        }
        for said in [
            "Friday not, yes",
            "Friday not, Friday yes",
            "Friday yes, Wednesday yes",
            "Friday and Wednesday not, Friday yes",
            "On the 12th yes, at 19 not",
            "yes for 2 of us, not on the 12th",
            "On the 12th yes, the 12th not",
            "On the 12th yes, am 19 Uhr not",
            "",
        ] {
            assert!(!differ(said, "", Answer::Accept, hear), "{said}");
        }
        let quoted = "On Saturday 12 December";
        let (back, other) = ("I am not there until the 10th, on the 12th yes", "The concert on the 19th yes, on the 12th not");
        assert!(
            !differ(back, quoted, Answer::Accept, hear)
                && differ(back, "", Answer::Accept, hear)
                && differ(back, quoted, Answer::Decline, hear)
        );
        assert!(differ(other, quoted, Answer::Accept, hear) && !differ(other, quoted, Answer::Decline, hear));
    }

    #[test]
    fn nothing_is_heard_where_no_two_days_are_named() {
        assert!(!differ("I cannot come on Friday, sorry. Friday is full.", "", Answer::Decline, |_| panic!("it need not be heard")));
    }
}
