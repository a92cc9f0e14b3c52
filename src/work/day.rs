//! Whether an answer is about the event's day: perhaps the guest thinks of another one.

mod named;
#[cfg(test)]
mod tests;

use crate::{
    model::{Answer, Event, Verdict},
    store::{
        self, Connection,
        campaigns::Invitation,
        editions::{self, Moved},
    },
};
use jiff::{Timestamp, ToSpan, civil::Date};
use named::{Day, Named, named};

/// What is further away, in days, is no day of an event to which people are invited.
const FARTHEST: i32 = 400;
/// So many days of an event are looked at.
const LONGEST: usize = 400;
/// A bare day of the month that was over for so few days when the mail was sent may be that one.
const JUST_OVER: i32 = 7;
/// A sentence of more words speaks of more than coming, and its day of the week of something else.
const SHORT: usize = 12;

/// The days of an event, in its zone.
pub(super) struct Days {
    event: Event,
    /// Those of now, then those that other letters name which the guest may have read.
    own: Vec<Date>,
}

impl Days {
    pub(super) fn of(conn: &Connection, invited: &Invitation, event: Event) -> store::Result<Self> {
        let reached = editions::reached(conn, invited.id)?;
        let others = editions::moved(conn, invited.campaign)?.map(|Moved { others, .. }| others).unwrap_or_default();
        let read = others.into_iter().filter(|(id, _)| reached.contains(&Some(*id))).map(|(_, event)| event);
        Ok(Self::new(event, read))
    }

    fn new(event: Event, read: impl Iterator<Item = Event>) -> Self {
        let own = days(&event).chain(read.flat_map(|event| days(&event))).collect();
        Self { event, own }
    }

    /// Why a guest who comes, or perhaps, may think of another day: what they typed names one that is not the event's.
    ///
    /// `letters` are what the guest was sent about it: a day that stands there, as the one for answers, tells nothing. Nor does one
    /// beside the event's own ("I fly home on the 12th"), or one that was over when the mail was `sent`.
    pub(super) fn doubt(&self, said: &str, verdict: &Verdict, letters: &[String], sent: Timestamp) -> Option<String> {
        let leans = match verdict.answer {
            Answer::Accept => false,
            Answer::Tentative => true,
            Answer::Decline | Answer::Delegate | Answer::None => return None,
        };
        let sent = sent.to_zoned(self.event.start.time_zone().clone()).date();
        let all = named(said, sent);
        let mut others = self.other_dates(&all, leans, sent);
        if !leans {
            others.extend(self.other_weekdays(&all, said, verdict, sent));
        }
        if others.is_empty() {
            return None;
        }
        let letters: Vec<Day> = letters.iter().flat_map(|letter| named(letter, sent)).map(|named| named.day).collect();
        let other = others.into_iter().find(|day| !letters.iter().any(|known| day.is_in(*known)))?;
        Some(self.told(other, sent))
    }

    fn is_own(&self, day: Day) -> bool {
        self.own.iter().any(|own| day.is_in(Day::Date(*own)))
    }

    /// Days that are none of the event's; none where one of its own is named, too, or the event is between them.
    fn other_dates(&self, all: &[Named], leans: bool, sent: Date) -> Vec<Day> {
        let farthest = sent.checked_add(FARTHEST.days()).unwrap_or(Date::MAX);
        let date = |named: &Named| self.date(named.day, sent).filter(|date| sent < *date && *date <= farthest);
        let dates: Vec<(Date, &Named)> = all.iter().filter_map(|named| Some((date(named)?, named))).collect();
        let is_before = |date: &Date| *date < self.event.start.date();
        let is_around = dates.iter().any(|(date, _)| is_before(date)) && dates.iter().any(|(date, _)| *date > self.event.end.date());
        if is_around || all.iter().any(|named| !matches!(named.day, Day::OfWeek(_)) && self.is_own(named.day)) {
            return Vec::new();
        }
        // On a day before the event a guest may decide who leans, and until it something else may be done.
        let counts = |(date, named): &&(Date, &Named)| named.is_plain && !(is_before(date) && (leans || named.is_limit));
        dates.iter().filter(counts).map(|(_, named)| named.day).collect()
    }

    /// A bare day of the month is in the month of the event, if it is not over.
    fn date(&self, day: Day, sent: Date) -> Option<Date> {
        let bare = match day {
            Day::Date(date) => return Some(date),
            Day::OfMonth(bare) => bare,
            Day::OfWeek(_) => return None,
        };
        let start = self.event.start.date();
        let is_just_over = (0..=JUST_OVER).any(|days| sent.checked_sub(days.days()).is_ok_and(|over| over.day() == bare));
        Date::new(start.year(), start.month(), bare).ok().filter(|_| !is_just_over)
    }

    /// Days of the week, in a short sentence that decided, that are none of the event's; none where one of its own days is named.
    fn other_weekdays(&self, all: &[Named], said: &str, verdict: &Verdict, sent: Date) -> Vec<Day> {
        if all.iter().any(|named| self.is_own(named.day)) {
            return Vec::new();
        }
        let is_short = |words: &&String| words.split_whitespace().take(SHORT + 1).count() <= SHORT && said.contains(words.as_str());
        let decided = verdict.evidence.iter().filter(is_short).flat_map(|words| named(words, sent));
        decided.filter(|named| matches!(named.day, Day::OfWeek(_)) && named.is_plain && !named.is_limit).map(|named| named.day).collect()
    }

    fn told(&self, day: Day, sent: Date) -> String {
        let start = self.event.start.date();
        let (other, shown) = match day {
            Day::Date(date) if date.year() == start.year() => (date.strftime("%-d %B").to_string(), "%-d %B"),
            Day::Date(date) => (date.strftime("%-d %B %Y").to_string(), "%-d %B %Y"),
            Day::OfMonth(day) => (ordinal(day), "%-d %B"),
            Day::OfWeek(day) => (sent.nth_weekday(1, day).unwrap_or(sent).strftime("%A").to_string(), "%A, %-d %B"),
        };
        let (first, last) = (start.strftime(shown).to_string(), self.event.end.strftime(shown).to_string());
        let when = if first == last { format!("on {first}") } else { format!("from {first} to {last}") };
        format!("it names {other}, and the event is {when}")
    }
}

/// From the day on which an event begins to that on which it ends.
fn days(event: &Event) -> impl Iterator<Item = Date> + use<> {
    let end = event.end.date();
    event.start.date().series(1.day()).take_while(move |day| *day <= end).take(LONGEST)
}

fn ordinal(day: i8) -> String {
    let ending = match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    format!("the {day}{ending}")
}
