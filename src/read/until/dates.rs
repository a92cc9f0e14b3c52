//! Dates as people type them, in the languages that we know: what they leave out, the mail's own date tells.

use crate::read::words::{Meanings, numbered};
use jiff::{ToSpan, civil::Date};
use std::sync::LazyLock;

/// More dates are not weighed.
const MAX_DATES: usize = 60;

static MONTHS: LazyLock<Meanings<String, i8>> = LazyLock::new(|| numbered(include_str!("../words/months.txt")));

/// A date as it stands in a text.
pub(crate) struct Seen {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) date: Date,
}

/// All dates of a folded text, in their order.
pub(crate) fn dates(text: &str, sent: Option<Date>) -> Vec<Seen> {
    let words = words(text);
    let mut found: Vec<Seen> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let next = |n: usize| words.get(at + n).map_or("", |word| word.2);
        let (used, date) = numeric(word.2, sent)
            .map(|date| (1, Some(date)))
            .or_else(|| spaced(word.2, [next(1), next(2)], sent))
            .or_else(|| day_month(word.2, [next(1), next(2), next(3), next(4)], sent))
            .or_else(|| month_day(word.2, [next(1), next(2), next(3)], sent))
            .unwrap_or((1, None));
        if let Some(date) = date {
            let end = words.get(at + used - 1).map_or(word.1, |last| last.1);
            found.push(Seen { start: word.0, end, date });
            if found.len() >= MAX_DATES {
                break;
            }
        }
        at += used.max(1);
    }
    found
}

/// Start, end and text of every word; signs at its ends are cut, but for the dot of `24.`.
pub(super) fn words(text: &str) -> Vec<(usize, usize, &str)> {
    let mut words = Vec::new();
    let mut offset = 0;
    for piece in text.split_inclusive(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | ';')) {
        let trimmed = piece.trim_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | ',' | ';' | ':' | '!' | '*'));
        if !trimmed.is_empty() {
            let start = offset + piece.find(trimmed).unwrap_or(0);
            words.push((start, start + trimmed.len(), trimmed));
        }
        offset += piece.len();
    }
    words
}

/// `30.11.2026`, `30/11/26`, `2026-11-30`, `30.11.`, `11/30/2026`.
fn numeric(word: &str, sent: Option<Date>) -> Option<Date> {
    // Of a range in one word (`10.11.-20.11.2026`) the end counts.
    let word = if word.matches(['.', '/']).count() >= 3 { word.rsplit(['-']).find(|part| !part.is_empty()).unwrap_or(word) } else { word };
    let word = word.trim_end_matches(|c: char| c.is_alphabetic() || c == '-').trim_start_matches(|c: char| c.is_alphabetic());
    let separator = word.chars().find(|c| matches!(c, '.' | '/' | '-'))?;
    let word = if separator == '.' { word } else { word.trim_end_matches('.') };
    let parts: Vec<&str> = word.split(separator).filter(|part| !part.is_empty()).collect();
    if parts.iter().any(|part| part.len() > 4 || !part.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let numbers: Vec<i16> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    match (numbers.as_slice(), parts.first().map(|part| part.len())) {
        ([year, month, day], Some(4)) => Date::new(*year, i8::try_from(*month).ok()?, i8::try_from(*day).ok()?).ok(),
        ([first, second, year], _) => {
            let year = if *year < 100 { 2000 + year } else { *year };
            let of = |day: i16, month: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
            // Americans write the month first: so it is where the other way is no day, or one that is over.
            let month_first = of(*second, *first).filter(|date| separator == '/' && sent.is_none_or(|sent| *date >= sent));
            let day_first = of(*first, *second);
            day_first.filter(|date| month_first.is_none() || sent.is_none_or(|sent| *date >= sent)).or(month_first)
        }
        // Without a year only what cannot be a time or a number: `30.11.`, `30/11`.
        ([day, month], _)
            if separator == '/' || separator == '.' && (word.ends_with('.') || *month <= 12 && parts.get(1)?.len() == 2 && *day > 24) =>
        {
            near(i8::try_from(*day).ok()?, i8::try_from(*month).ok()?, sent)
        }
        _ => None,
    }
}

type Found = (usize, Option<Date>);

/// `30. 11. 2026`, `30. 11.`, `2026. 11. 30-ig`.
fn spaced(word: &str, next: [&str; 2], sent: Option<Date>) -> Option<Found> {
    let number = |word: &str| word.strip_suffix('.').filter(|digits| digits.len() <= 2).and_then(|digits| digits.parse::<i8>().ok());
    let month = number(next[0]).filter(|month| (1..=12).contains(month))?;
    if let (1, Some(year)) = year_of([word, ""]) {
        return Some((3, with_year(ordinal(next[1])?, month, Some(year), sent)));
    }
    let (used, year) = year_of([next[1], ""]);
    Some((2 + used, with_year(number(word)?, month, year, sent)))
}

/// `30 november`, `30. november 2026`, `30 de noviembre de 2026`, `1er decembre`.
fn day_month(word: &str, next: [&str; 4], sent: Option<Date>) -> Option<Found> {
    let day = ordinal(word)?;
    let [first, second, third, fourth] = next;
    let skip = usize::from(matches!(first, "de" | "of" | "d'" | "ta'"));
    let (month, year) = if skip == 1 { (second, [third, fourth]) } else { (first, [second, third]) };
    let month = month_of(month)?;
    let (used, year) = year_of(year);
    Some((2 + skip + used, with_year(day, month, year, sent)))
}

/// `november 30`, `november 30th 2026`, `lapkricio 30 d.`, `2026. november 30.`
fn month_day(word: &str, next: [&str; 3], sent: Option<Date>) -> Option<Found> {
    let month = month_of(word)?;
    let day = ordinal(next[0])?;
    let (used, year) = year_of([next[1], next[2]]);
    Some((2 + used, with_year(day, month, year, sent)))
}

fn year_of(next: [&str; 2]) -> (usize, Option<i16>) {
    let year =
        |word: &str| word.trim_end_matches(|c: char| !c.is_ascii_digit()).parse::<i16>().ok().filter(|year| (2000..2100).contains(year));
    match (year(next[0]), year(next[1])) {
        (Some(found), _) => (1, Some(found)),
        (None, Some(found)) if matches!(next[0], "de" | "del") => (2, Some(found)),
        _ => (0, None),
    }
}

fn ordinal(word: &str) -> Option<i8> {
    // Of a range (`21-30 noiembrie`) the end counts; in Maltese the article is tied on (`sal-4`).
    let word = word
        .rsplit_once('-')
        .filter(|(_, tail)| tail.starts_with(|c: char| c.is_ascii_digit()))
        .filter(|(head, _)| ordinal_of(head).is_some() || head.len() <= 4 && head.chars().all(char::is_alphabetic))
        .map_or(word, |(_, tail)| tail);
    ordinal_of(word)
}

fn ordinal_of(word: &str) -> Option<i8> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let tail = word.get(digits..)?;
    let fits = (1..=2).contains(&digits) && (tail.len() <= 4 && !tail.contains(|c: char| c.is_ascii_digit()) || tail.starts_with('-'));
    let day: i8 = if fits { word.get(..digits)?.parse().ok()? } else { return None };
    (1..=31).contains(&day).then_some(day)
}

fn month_of(word: &str) -> Option<i8> {
    let word = word.trim_matches(|c: char| !c.is_alphabetic());
    if word.chars().count() < 3 {
        return None;
    }
    MONTHS.get(word).copied().or_else(|| {
        // Case endings: `novembril`, `novembrist`, `novembert`, `kasim'da`.
        let stem: String = word.chars().take(word.chars().count().min(9)).collect();
        (5..=stem.chars().count()).rev().find_map(|len| MONTHS.get(&stem.chars().take(len).collect::<String>())).copied()
    })
}

fn with_year(day: i8, month: i8, year: Option<i16>, sent: Option<Date>) -> Option<Date> {
    match year {
        Some(year) => Date::new(year, month, day).ok(),
        None => near(day, month, sent),
    }
}

/// The year that brings a day and a month nearest behind the mail's date: from a month before it on.
fn near(day: i8, month: i8, sent: Option<Date>) -> Option<Date> {
    let sent = sent?;
    let floor = sent.checked_sub(60.days()).unwrap_or(sent);
    [sent.year(), sent.year() + 1, sent.year() - 1]
        .into_iter()
        .filter_map(|year| Date::new(year, month, day).ok())
        .filter(|date| *date >= floor)
        .min()
}
