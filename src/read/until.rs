//! The day of return in an automatic reply, in the languages that we know. Pure: relative to the mail's own date.

pub(super) mod dates;

use super::words::{Meanings, Phrases, beginning, fold, list, numbered};
use dates::{Seen, dates, words};
use jiff::civil::{Date, Weekday};
use std::sync::LazyLock;

/// The text is looked at so far.
const MAX_TEXT: usize = 8 * 1024;
/// A word of return stands at most so many bytes before its date, an "until" so many.
const BACK: usize = 60;
const UNTIL: usize = 18;

/// Two weekdays with at most so many words between belong together.
const RANGE: usize = 3;

static WEEKDAYS: LazyLock<Meanings<String, Weekday>> = LazyLock::new(|| {
    let days = numbered(include_str!("../model/weekdays.txt")).into_iter();
    days.filter_map(|(word, number)| Some((word, Weekday::from_monday_one_offset(number).ok()?))).collect()
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

/// The day of the week that a folded word names.
pub(crate) fn day_of_week(word: &str) -> Option<Weekday> {
    WEEKDAYS.get(word).copied()
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

/// `listopad` is November in Polish and Czech, October in Croatian: the words around it tell.
fn is_croatian(text: &str) -> bool {
    [" sam ", " nisam", " bit cu", " ured", "odsut", "godisnj", " natrag", " vracam"].iter().any(|word| text.contains(word))
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
