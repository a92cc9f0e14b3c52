//! The day of return in an automatic reply, in the languages that we know. Pure: relative to the mail's own date.

use super::words::{Meanings, Phrases, beginning, fold, list};
use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};
use std::sync::LazyLock;

/// The text is looked at so far.
const MAX_TEXT: usize = 8 * 1024;
/// A word of return stands at most so many bytes before its date, an "until" so many.
const BACK: usize = 60;
const UNTIL: usize = 18;
/// More dates are not weighed.
const MAX_DATES: usize = 60;

static MONTHS: LazyLock<Meanings<String, i8>> = LazyLock::new(|| {
    let mut months = Meanings::default();
    for line in list(include_str!("words/months.txt")) {
        let mut words = line.split_whitespace();
        let Some(number) = words.next().and_then(|number| number.parse().ok()) else { continue };
        for word in words {
            months.entry(fold(word).into_owned()).or_insert(number);
        }
    }
    months
});

/// Two weekdays with at most so many words between belong together.
const RANGE: usize = 3;

static WEEKDAYS: LazyLock<Meanings<String, Weekday>> = LazyLock::new(|| {
    let mut days = Meanings::default();
    for line in list(include_str!("words/weekdays.txt")) {
        let mut words = line.split_whitespace();
        let number = words.next().and_then(|number| number.parse().ok());
        let Some(day) = number.and_then(|number| Weekday::from_monday_one_offset(number).ok()) else { continue };
        for word in words {
            days.entry(fold(word).into_owned()).or_insert(day);
        }
    }
    days
});

struct Cues {
    back: Phrases,
    end: Phrases,
    /// They stand before the day of return ("ab 30.11. wieder da") or before the first day of an absence.
    start: Phrases,
}

impl Cues {
    fn names_return(&self, text: &str) -> bool {
        self.back.is_in(text) || self.start.is_in(text)
    }
}

static CUES: LazyLock<Cues> = LazyLock::new(|| {
    let kind = |mark: &'static str| Phrases::new(list(include_str!("words/back.txt")).filter_map(move |line| line.strip_prefix(mark)));
    Cues { back: kind("= "), end: kind("~ "), start: kind("> ") }
});

/// A date as it stands in a text.
struct Seen {
    start: usize,
    end: usize,
    date: Date,
}

/// The day of return that `text` names, not before `sent` and not more than a year after it.
pub(super) fn day(text: &str, sent: Option<Date>) -> Option<Date> {
    let text = beginning(text, MAX_TEXT);
    let folded = fold(text);
    let folded = if folded.contains("listopad") && is_croatian(&folded) { folded.replace("listopad", "oktobar").into() } else { folded };
    let dates = dates(&folded, sent);
    let open: Vec<&Seen> = dates.iter().filter(|seen| sent.is_none_or(|sent| seen.date >= sent)).collect();
    // A cue stands in the few words before the date, with no other date between.
    let before = |seen: &Seen, width: usize| {
        let floor = dates.iter().filter(|other| other.end <= seen.start).map(|other| other.end).max().unwrap_or(0);
        let from = folded.ceil_char_boundary(seen.start.saturating_sub(width).max(floor)).min(seen.start);
        folded.get(from..seen.start).unwrap_or_default()
    };
    let ends = |seen: &Seen| CUES.end.is_in(before(seen, UNTIL));
    let returns = |seen: &Seen| {
        let before = before(seen, BACK);
        let sentence = before.rsplit(['.', '!', '?', '\n']).find(|part| part.len() > 3).unwrap_or(before);
        let words = if before.contains('\n') { before } else { sentence };
        CUES.back.is_in(words) || CUES.start.is_in(words) && !begins_a_range(&folded, seen, &dates, ends)
    };
    let chosen = open.iter().find(|seen| returns(seen)).or_else(|| open.iter().find(|seen| ends(seen)));
    let chosen = chosen.copied().or_else(|| open.iter().copied().max_by_key(|seen| seen.date));
    chosen.map(|seen| seen.date).or_else(|| weekday(&folded, sent?))
}

/// "Ab 23.11. bis 27.11.": the next date ends what this one begins.
fn begins_a_range(text: &str, seen: &Seen, dates: &[Seen], ends: impl Fn(&Seen) -> bool) -> bool {
    dates.iter().find(|other| other.start >= seen.end).is_some_and(|next| {
        let between = text.get(seen.end..next.start).unwrap_or_default();
        let dash = between.trim() == "-";
        next.date >= seen.date && between.len() <= UNTIL && (dash || ends(next))
    })
}

/// "Back on Monday": the next such day behind the mail's own.
///
/// A weekday counts only with a word of return in its sentence, or an "until" beside it; two that touch are a range or
/// somebody's office hours.
fn weekday(text: &str, sent: Date) -> Option<Date> {
    let words = words(text);
    let named = |at: usize| words.get(at).and_then(|word| WEEKDAYS.get(word.2.trim_matches(|c: char| !c.is_alphabetic())).copied());
    (0..words.len()).find_map(|at| {
        let day = named(at)?;
        let (start, end, _) = *words.get(at)?;
        if (at.saturating_sub(RANGE)..=at + RANGE).any(|other| other != at && named(other).is_some()) {
            return None;
        }
        // "Revin peste două luni": in Romanian the months are called like Monday.
        let counted = at.checked_sub(1).and_then(|before| words.get(before)).is_some_and(|(_, _, word)| {
            word.starts_with(|c: char| c.is_ascii_digit()) || ["doua", "trei", "patru", "cinci", "sase", "cateva"].contains(word)
        });
        if counted {
            return None;
        }
        let ends = ['.', '!', '?', '\n'];
        let before = text.get(..start)?.rsplit(ends).next().unwrap_or_default();
        let behind = text.get(end..)?.split(ends).next().unwrap_or_default();
        let near = before.char_indices().rev().nth(17).and_then(|(from, _)| before.get(from..)).unwrap_or(before);
        let next = behind.split_whitespace().next().unwrap_or_default();
        let cued = CUES.names_return(before) || CUES.names_return(behind) || CUES.end.is_in(near) || CUES.end.is_in(next);
        cued.then(|| sent.nth_weekday(1, day).ok()).flatten()
    })
}

/// All dates of a folded text, in their order.
fn dates(text: &str, sent: Option<Date>) -> Vec<Seen> {
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
fn words(text: &str) -> Vec<(usize, usize, &str)> {
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

/// `listopad` is November in Polish and Czech, October in Croatian: the words around it tell.
fn is_croatian(text: &str) -> bool {
    [" sam ", " nisam", " bit cu", " ured", "odsut", "godisnj", " natrag", " vracam"].iter().any(|word| text.contains(word))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn until(text: &str) -> Option<String> {
        day(text, Date::new(2026, 11, 20).ok()).map(|date| date.to_string())
    }

    #[test]
    fn no_day_is_looked_for_behind_the_bound() {
        for letter in ["a", "ș", "€", "👍"] {
            let far = |before: &str| format!("{before}{} I will be back on November 30th.", letter.repeat(MAX_TEXT));
            assert_eq!((until(&far("")), until(&far("a"))), (None, None), "{letter}");
        }
    }

    #[test]
    fn the_day_in_many_languages() {
        for text in [
            "I am out of the office until 30 November 2026.",
            "I will be back on November 30th.",
            "I am away from 21.11.2026 to 30.11.2026.",
            "Sunt în concediu până la data de 30 noiembrie 2026.",
            "Sunt plecată 21-30 noiembrie.",
            "Ich bin vom 21.11. bis 30.11. nicht im Büro.",
            "Ich bin ab dem 30. November wieder erreichbar.",
            "Je suis absent jusqu'au 30 novembre 2026 inclus.",
            "Sarò assente fino al 30/11/2026.",
            "Estaré fuera hasta el 30 de noviembre de 2026.",
            "Ik ben afwezig tot en met 30 november.",
            "Olen lomalla 30.11.2026 asti.",
            "Grįšiu lapkričio 30 d.",
            "Odsutan sam do 30. studenoga 2026.",
            "Wracam 30 listopada 2026 r.",
            "Jsem mimo kancelář do 30. listopadu.",
            "2026-11-30 vagyok újra elérhető.",
            "Я в отпуске до 30 ноября 2026 г.",
            "Επιστρέφω στις 30 Νοεμβρίου.",
            "Jag är tillbaka den 30 november.",
            "Out of office 11/21/2026 - 11/30/2026",
            "Ich bin ab 23.11. bis 30.11. nicht im Büro.",
            "Ab dem 23.11. - 30.11. bin ich im Urlaub.",
            "Ich bin ab 23.11. bis 27.11. im Urlaub und ab 30.11. wieder da.",
            "Începând cu data de 20.11.2026 până la data de 30.11.2026 sunt în concediu.",
            "Începând cu 30.11.2026 sunt din nou la birou.",
            "Do 30. 11. 2026 jsem mimo kancelář.",
            "Od 21. 11. do 30. 11. jsem mimo kancelář.",
            "2026. 11. 30-ig szabadságon vagyok.",
            "November 23-tól november 30-ig szabadságon vagyok.",
            "На одмору сам до 30. новембра 2026.",
            "В отпуск съм до 30 ноември.",
            "I was away on 11/3/2026 and am again until 11/30/2026.",
        ] {
            assert_eq!(until(text).as_deref(), Some("2026-11-30"), "{text}");
        }
    }

    #[test]
    fn the_month_stands_first_where_the_other_day_is_over() {
        assert_eq!(until("Out of office until 12/4/2026.").as_deref(), Some("2026-12-04"));
        assert_eq!(until("Out of office until 4/12/2026.").as_deref(), Some("2026-12-04"));
        assert_eq!(until("I was out of office until 3/4/2026."), None);
    }

    #[test]
    fn months_in_cyrillic() {
        for (month, number) in [("јануара", 1), ("марта", 3), ("маја", 5), ("јуна", 6), ("септембра", 9), ("децембра", 12), ("юли", 7)]
        {
            let text = format!("Вратићу се до 27. {month} 2027.");
            assert_eq!(until(&text), Some(format!("2027-{number:02}-27")), "{text}");
        }
    }

    #[test]
    fn a_weekday_is_the_next_one() {
        // The mail is of a Friday.
        for text in [
            "I will be back on Monday.",
            "I am out of the office until Monday.",
            "Revin luni.",
            "Sunt plecat până luni.",
            "Ich bin am Montag wieder im Büro.",
            "Wieder da am Montag!",
            "Je serai de retour lundi.",
            "Rientro lunedì.",
            "Vuelvo el lunes.",
            "Regresso na segunda-feira.",
            "Ik ben maandag terug.",
            "Jag är tillbaka på måndag.",
            "Palaan maanantaina.",
            "Olen poissa maanantaihin asti.",
            "Grįšiu pirmadienį.",
            "Wracam w poniedziałek.",
            "Vrátím se v pondělí.",
            "Vraćam se u ponedjeljak.",
            "Hétfőn ismét elérhető vagyok.",
            "Επιστρέφω τη Δευτέρα.",
            "Вернусь в понедельник.",
        ] {
            assert_eq!(until(text).as_deref(), Some("2026-11-23"), "{text}");
        }
        assert_eq!(until("Back on Friday.").as_deref(), Some("2026-11-27"));
        for text in [
            "I am away. Office hours: Monday to Friday.",
            "I do not work on Mondays.",
            "Our meeting on Monday is off.",
            "Revin peste două luni.",
        ] {
            assert_eq!(until(text), None, "{text}");
        }
    }

    #[test]
    fn no_day_is_none() {
        for text in ["I am out of the office.", "Call 112 or 13.15.", "I left on 1.3.2020.", "Version 2.3.4"] {
            assert_eq!(until(text), None, "{text}");
        }
    }
}
