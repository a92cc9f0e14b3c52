//! The days that a text names, in the languages that we know, and whether they are plainly days: most numbers in answers are hours,
//! people or rooms.

use crate::{judge, read};
use jiff::civil::{Date, Weekday};
use std::{collections::HashSet, sync::LazyLock};

/// How much of a text is searched, in characters.
const LONGEST: usize = 20_000;
/// A line so long may go on in the next one, in characters.
const WRAPPED: usize = 55;
/// So many words before a date may name another day of its month ("from 9 to 11 December").
const BEFORE: usize = 3;
/// How many words stand for one limit at most ("a partir de").
const LIMIT: usize = 3;
/// A number up to this one beside a word that is not only a month may be one of people.
const FEW: i8 = 12;
/// How a number ends that is an hour.
const OF_HOURS: [&str; 5] = ["h", "hs", "am", "pm", "u"];

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Day {
    Date(Date),
    /// Of a month that is not named.
    OfMonth(i8),
    OfWeek(Weekday),
}

impl Day {
    /// Whether `other` names it, too.
    pub(super) fn is_in(self, other: Self) -> bool {
        match (self, other) {
            (Self::Date(date), Self::OfMonth(day)) | (Self::OfMonth(day), Self::Date(date)) => date.day() == day,
            // "Thursday" names no date, but a date its day of the week.
            (Self::OfWeek(day), Self::Date(date)) => date.weekday() == day,
            (one, other) => one == other,
        }
    }
}

/// A day as a text names it.
pub(super) struct Named {
    pub(super) day: Day,
    /// It is no hour, no number and no name that looks like a day.
    pub(super) is_plain: bool,
    /// Something is, or is to be done, until it or from it on.
    pub(super) is_limit: bool,
}

/// All days that a text names. A date without its year is the one nearest to when the text was `sent`.
pub(super) fn named(text: &str, sent: Date) -> Vec<Named> {
    let text = Text::of(text);
    let mut named = Vec::new();
    let mut floor = 0;
    for seen in read::dates(&text.folded, Some(sent)) {
        let from = text.words.partition_point(|word| word.end <= seen.start);
        let to = text.words.partition_point(|word| word.start < seen.end);
        let shown = text.folded.get(seen.start..seen.end).unwrap_or_default();
        let is_plain = text.is_date(shown, from, to);
        // "17-én ott" is no October in Italian.
        named.extend(text.days_of_month(floor, if is_plain { from } else { to }));
        named.push(Named { day: Day::Date(seen.date), is_plain, is_limit: text.is_limit(from, to) });
        let beside = text.days_beside(shown, floor, from, to).into_iter();
        let date = |day| Date::new(seen.date.year(), seen.date.month(), day).ok();
        named.extend(beside.filter_map(date).map(|date| Named { day: Day::Date(date), is_plain: false, is_limit: false }));
        floor = to;
    }
    named.extend(text.days_of_month(floor, text.words.len()));
    named.extend(text.days_of_week());
    named
}

/// A word as it was typed, in small letters and without the signs around it.
struct Word {
    typed: String,
    folded: String,
    /// Where it stands, with its signs, in the folded text.
    start: usize,
    end: usize,
    /// A sign stands behind it that is more than the dot of a number, or nothing does on its line.
    ends: bool,
    has_dot: bool,
    has_capital: bool,
}

impl Word {
    /// A day of a month with its ending.
    fn number(&self) -> Option<(i8, &str)> {
        let digits = self.typed.bytes().take_while(u8::is_ascii_digit).count();
        let (number, ending) = self.typed.split_at_checked(digits).filter(|_| digits <= 2)?;
        Some((number.parse().ok().filter(|day| (1..=31).contains(day))?, ending))
    }
}

/// A text word by word, and folded.
struct Text {
    folded: String,
    words: Vec<Word>,
}

impl Text {
    fn of(text: &str) -> Self {
        let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(end, _)| end);
        let mut read = Self { folded: String::new(), words: Vec::new() };
        for line in text.get(..end).unwrap_or_default().lines() {
            for piece in line.split_whitespace().flat_map(pieces) {
                read.push(piece);
            }
            let wraps = line.chars().count() >= WRAPPED;
            if let Some(last) = read.words.last_mut() {
                last.ends |= !wraps;
            }
            read.folded.push('\n');
        }
        if let Some(last) = read.words.last_mut() {
            last.ends = true;
        }
        read
    }

    fn push(&mut self, piece: &str) {
        let bare = piece.trim_start_matches(is_sign);
        let word = bare.trim_end_matches(is_sign);
        let signs = bare.get(word.len()..).unwrap_or_default();
        let has_dot = signs == "." && word.ends_with(|c: char| c.is_ascii_digit());
        let start = self.folded.len();
        self.folded.push_str(&read::fold(piece));
        self.words.push(Word {
            typed: word.to_lowercase().replace('’', "'"),
            folded: read::fold(word).into_owned(),
            start,
            end: self.folded.len(),
            ends: !signs.is_empty() && !has_dot,
            has_dot,
            has_capital: word.starts_with(char::is_uppercase),
        });
        self.folded.push(' ');
    }

    fn before(&self, at: usize) -> Option<&Word> {
        at.checked_sub(1).and_then(|at| self.words.get(at))
    }

    /// Whether what `read` took for a date is plainly one.
    fn is_date(&self, shown: &str, from: usize, to: usize) -> bool {
        // "Born on 5 March 1980", and what stands on two lines, or in two pieces of a sentence ("we are 2, Marta").
        let is_over = self.words.get(to).and_then(|next| next.typed.parse::<u16>().ok()).is_some_and(|year| (1900..2000).contains(&year));
        let month = shown.split(|c: char| !c.is_alphabetic()).max_by_key(|word| word.chars().count()).unwrap_or_default();
        let piece = shown.split(['\n', ',', ';', '(', ')', ':', '!', '"']).next().unwrap_or_default();
        if is_over || !piece.contains(|c: char| c.is_ascii_digit()) || !piece.contains(month) {
            return false;
        }
        if month.is_empty() {
            return is_date_of_numbers(piece) && !self.is_hour(piece, from, to);
        }
        let parts: Vec<&str> = piece.split_whitespace().collect();
        let alone = parts.len() == 2 && parts.iter().any(|part| part.parse::<i8>().is_ok_and(|number| number <= FEW));
        let is_short = month.chars().count() <= 3;
        let is_other = LISTS.no_months.contains(month) || is_short && !LISTS.short_months.contains(month);
        !is_other && !(alone && (is_short || LISTS.small_months.contains(month)) && !self.is_led(from))
    }

    /// Whether the word before a place leads to the number of a day ("am", "le").
    fn is_led(&self, at: usize) -> bool {
        let leads = |word: &Word, form: &Form| form.lead.last() == Some(&word.typed.as_str()) && form.endings.contains(&"");
        self.before(at).is_some_and(|word| LISTS.forms.iter().any(|form| leads(word, form)))
    }

    /// Whether the numbers of what looks like a date may be an hour: by the word before them, or where the dot behind the second may
    /// end a sentence ("the train leaves at 7.12.").
    fn is_hour(&self, shown: &str, from: usize, to: usize) -> bool {
        let before = self.before(from);
        if before.is_some_and(|word| LISTS.hours.contains(&word.folded)) {
            return true;
        }
        let parts: Vec<&str> = shown.trim_end_matches('.').split('.').collect();
        let as_hour = matches!(parts.as_slice(), [hour, minute] if minute.len() == 2 && hour.parse::<i8>().is_ok_and(|hour| hour < 24));
        let is_of_week = |word: &Word| day_of_week(word).is_some();
        let ends = self.before(to).is_some_and(|last| last.ends && last.has_dot) || self.words.get(to).is_none_or(|next| next.has_capital);
        as_hour && ends && !self.is_led(from) && !before.is_some_and(is_of_week)
    }

    /// Whether the words before a day, or the one behind it, make it a limit. "Bis Mittwoch!" alone says good-bye until then.
    fn is_limit(&self, from: usize, to: usize) -> bool {
        if self.words.get(to).is_some_and(|next| LISTS.limits_behind.contains(&next.folded)) {
            return true;
        }
        let ends = self.before(to).is_some_and(|last| last.ends);
        (1..=LIMIT).filter_map(|count| from.checked_sub(count)).any(|start| {
            let words: Vec<&str> = self.words.get(start..from).unwrap_or_default().iter().map(|word| word.folded.as_str()).collect();
            let begins = self.before(start).is_none_or(|word| word.ends);
            LISTS.limits.contains(&words.join(" ")) && !(begins && ends)
        })
    }

    /// Other days of the month of a date: before it, or behind one that ends with its day ("December 9 and 10").
    fn days_beside(&self, shown: &str, floor: usize, from: usize, to: usize) -> Vec<i8> {
        let is_hour = |at: usize| self.before(at).is_some_and(|word| LISTS.hours.contains(&word.folded));
        let day = |at: usize| self.words.get(at).and_then(Word::number).filter(|_| !is_hour(at)).map(|(day, _)| day);
        let behind = shown.ends_with(|c: char| c.is_ascii_digit()).then_some(to + 1);
        (from.saturating_sub(BEFORE).max(floor)..from).chain(behind).filter_map(day).collect()
    }

    /// Bare days of the month in a range of words.
    fn days_of_month(&self, from: usize, to: usize) -> Vec<Named> {
        let named = |at: usize| {
            let word = self.words.get(at)?;
            let (day, ending) = word.number()?;
            let form = LISTS.forms.iter().find(|form| self.has_form(at, ending, form));
            let is_ordinal =
                if ending.is_empty() { word.has_dot } else { ending.starts_with(char::is_alphabetic) && !OF_HOURS.contains(&ending) };
            let is_of_week = || self.before(at).is_some_and(|word| day_of_week(word).is_some());
            if form.is_none() && !is_ordinal && !is_of_week() {
                return None;
            }
            let start = at - form.map_or(0, |form| form.lead.len());
            Some(Named { day: Day::OfMonth(day), is_plain: form.is_some(), is_limit: self.is_limit(start, at + 1) })
        };
        (from..to).filter_map(named).collect()
    }

    /// Whether the number at a place stands there as days do, and no noun behind it makes it one of something else.
    fn has_form(&self, at: usize, ending: &str, form: &Form) -> bool {
        let is = |word: Option<&Word>, wanted: &str| word.is_some_and(|word| word.typed == wanted);
        let leads =
            form.lead.iter().rev().zip(1..).all(|(wanted, back)| is(at.checked_sub(back).and_then(|at| self.words.get(at)), wanted));
        let follows = form.behind.iter().zip(at + 1..).all(|(wanted, at)| is(self.words.get(at), wanted));
        if !leads || !follows || !form.endings.contains(&ending) {
            return false;
        }
        let last = at + form.behind.len();
        let ends = self.words.get(last).is_some_and(|word| word.ends || word.has_dot && form.mark != Mark::Dotted);
        let goes_on = |next: &Word| next.typed.is_empty() || judge::is_common(&next.typed) || LISTS.hours.contains(&next.folded);
        form.mark == Mark::Plain || ends || self.words.get(last + 1).is_some_and(goes_on)
    }

    fn days_of_week(&self) -> impl Iterator<Item = Named> {
        self.words.iter().enumerate().filter_map(|(at, word)| {
            let day = Day::OfWeek(day_of_week(word)?);
            let is_name = word.has_capital && LISTS.names.contains(word.typed.as_str());
            let is_plain = !is_name && !LISTS.no_weekdays.contains(word.typed.as_str());
            Some(Named { day, is_plain, is_limit: self.is_limit(at, at + 1) })
        })
    }
}

fn day_of_week(word: &Word) -> Option<Weekday> {
    read::day_of_week(&word.folded)
}

/// What may stand around a word; "17%" and "+17" are other words than "17".
fn is_sign(c: char) -> bool {
    !c.is_alphanumeric() && !"%‰€$£+°#/=&@_".contains(c)
}

/// A range in one word is its two ends and what is between them; an elided article is a word.
fn pieces(piece: &str) -> impl Iterator<Item = &str> {
    let has_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let dash = piece.find(['-', '–', '—']).filter(|_| piece.matches(['-', '–', '—']).count() == 1);
    let dash = dash.and_then(|at| piece.split_at_checked(at)).and_then(|(first, rest)| {
        let (dash, last) = rest.split_at_checked(rest.chars().next().map_or(0, char::len_utf8))?;
        (has_digit(first) && has_digit(last)).then_some([first, dash, last])
    });
    let article = || piece.split_once(['\'', '’']).filter(|(article, day)| ["l", "L"].contains(article) && has_digit(day));
    let pieces = dash.or_else(|| article().map(|(article, day)| [article, day, ""])).unwrap_or([piece, "", ""]);
    pieces.into_iter().filter(|piece| !piece.is_empty())
}

/// Whether numbers alone are a date: "3/4" and "24/7" are more often something else.
fn is_date_of_numbers(shown: &str) -> bool {
    let Some((day, month)) = shown.trim_end_matches('.').split_once('/').filter(|(_, month)| !month.contains('/')) else { return true };
    let is_date = day.parse::<i8>().is_ok_and(|day| day > FEW) || day.starts_with('0') || month.starts_with('0');
    is_date && (day, month) != ("24", "7")
}

/// What makes a bare number a day of the month.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    /// The form alone.
    Plain,
    /// That no noun stands behind it.
    Alone,
    /// The same, and a dot behind the number says nothing.
    Dotted,
}

struct Form {
    mark: Mark,
    lead: Vec<&'static str>,
    endings: Vec<&'static str>,
    behind: Vec<&'static str>,
}

impl Form {
    fn parse(mark: Mark, words: &'static str) -> Option<Self> {
        let (lead, rest) = words.split_once('#')?;
        let (endings, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        let (lead, behind) = (lead.split_whitespace().collect(), behind.split_whitespace().collect());
        Some(Self { mark, lead, endings: endings.split('|').collect(), behind })
    }
}

#[derive(Default)]
struct Lists {
    forms: Vec<Form>,
    limits: HashSet<String>,
    limits_behind: HashSet<String>,
    hours: HashSet<String>,
    no_months: HashSet<String>,
    small_months: HashSet<String>,
    short_months: HashSet<String>,
    no_weekdays: HashSet<&'static str>,
    names: HashSet<&'static str>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let mut lists = Lists::default();
    for (mark, words) in include_str!("words.txt").lines().filter_map(|line| line.split_once(' ')) {
        let folded = || read::fold(words).into_owned();
        match mark {
            "=" => lists.forms.extend(Form::parse(Mark::Plain, words)),
            "?" => lists.forms.extend(Form::parse(Mark::Alone, words)),
            "." => lists.forms.extend(Form::parse(Mark::Dotted, words)),
            "~" => lists.limits.extend([folded()]),
            "<" => lists.limits_behind.extend([folded()]),
            "@" => lists.hours.extend([folded()]),
            "-" => lists.no_months.extend([folded()]),
            "+" => lists.small_months.extend([folded()]),
            "3" => lists.short_months.extend([folded()]),
            "!" => lists.no_weekdays.extend([words]),
            "A" => lists.names.extend([words]),
            _ => {}
        }
    }
    lists
});
