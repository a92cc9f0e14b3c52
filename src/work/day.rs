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
/// So many sentences that decided a no are looked at.
const DECIDING: usize = 20;

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

    /// Why a guest may think of another day: what they typed names one that is not the event's.
    ///
    /// `letters` are what the guest was sent about it. A day that was over when the mail was `sent` tells nothing.
    pub(super) fn doubt(&self, said: &str, verdict: &Verdict, letters: &[String], sent: Timestamp) -> Option<String> {
        let sent = sent.to_zoned(self.event.start.time_zone().clone()).date();
        let other = match verdict.answer {
            Answer::Accept | Answer::Tentative => self.promised(said, verdict, letters, sent),
            Answer::Decline => self.declined(said, verdict, sent),
            Answer::Delegate | Answer::None => None,
        };
        other.map(|day| self.told(day, sent))
    }

    /// The other day on which a guest may think to come, or perhaps.
    ///
    /// A day that stands in `letters`, as the one for answers, tells nothing, nor does one beside the event's own ("I fly home on the
    /// 12th").
    fn promised(&self, said: &str, verdict: &Verdict, letters: &[String], sent: Date) -> Option<Day> {
        let leans = verdict.answer == Answer::Tentative;
        let all = named(said, sent);
        let mut others = self.other_dates(&all, leans, sent);
        if !leans {
            others.extend(self.other_weekdays(&all, said, verdict, sent));
        }
        if others.is_empty() {
            return None;
        }
        let letters: Vec<Day> = letters.iter().flat_map(|letter| named(letter, sent)).map(|named| named.day).collect();
        others.into_iter().find(|day| !letters.iter().any(|known| day.is_in(*known)))
    }

    /// The other day to which a no may be: what decided names it, and only what stands behind that the event's own ("I cannot come
    /// on Friday. Wednesday is fine."). Else the other day is more often the reason ("I am in Vienna on Friday").
    fn declined(&self, said: &str, verdict: &Verdict, sent: Date) -> Option<Day> {
        let evidence = verdict.evidence.iter().take(DECIDING).map(String::as_str);
        let decided: Vec<(usize, &str)> = evidence.filter_map(|words| Some((said.find(words)? + words.len(), words))).collect();
        let behind = decided.iter().map(|(end, _)| *end).max().and_then(|end| said.get(end..)).unwrap_or_default();
        let decided: Vec<Named> = decided.iter().flat_map(|(_, words)| self.named_apart(words, sent)).collect();
        let names_own = |all: &[Named]| all.iter().any(|named| self.is_own(named.day));
        if names_own(&decided) || self.is_amid(&decided, sent) || !names_own(&self.named_apart(behind, sent)) {
            return None;
        }
        let lies_ahead = |day| self.date(day, sent).map_or(matches!(day, Day::OfWeek(_)), |date| is_ahead(date, sent));
        decided.iter().find(|named| named.is_plain && !named.is_limit && lies_ahead(named.day)).map(|named| named.day)
    }

    /// What a text names, "Wednesday's workshop" included, but no day of the week that belongs to a date ("Thursday the 17th").
    fn named_apart(&self, text: &str, sent: Date) -> Vec<Named> {
        let mut all = named(&text.replace("'s ", " ").replace("’s ", " "), sent);
        let dates: Vec<Day> = all.iter().filter_map(|named| self.date(named.day, sent)).map(Day::Date).collect();
        all.retain(|named| !matches!(named.day, Day::OfWeek(_)) || !dates.iter().any(|date| named.day.is_in(*date)));
        all
    }

    /// Whether the event is between days that are named, those of the week in its own week: who is away from Tuesday to Friday does
    /// not come on Wednesday.
    fn is_amid(&self, all: &[Named], sent: Date) -> bool {
        let start = self.event.start.date();
        let near = |named: &Named| match named.day {
            Day::OfWeek(day) => start.checked_add((day.to_monday_zero_offset() - start.weekday().to_monday_zero_offset()).days()).ok(),
            day => self.date(day, sent),
        };
        self.is_between(&all.iter().filter_map(near).collect::<Vec<_>>())
    }

    fn is_between(&self, dates: &[Date]) -> bool {
        dates.iter().any(|date| *date < self.event.start.date()) && dates.iter().any(|date| *date > self.event.end.date())
    }

    fn is_own(&self, day: Day) -> bool {
        self.own.iter().any(|own| day.is_in(Day::Date(*own)))
    }

    /// Days that are none of the event's; none where one of its own is named, too, or the event is between them.
    fn other_dates(&self, all: &[Named], leans: bool, sent: Date) -> Vec<Day> {
        let date = |named: &Named| self.date(named.day, sent).filter(|date| is_ahead(*date, sent));
        let dates: Vec<(Date, &Named)> = all.iter().filter_map(|named| Some((date(named)?, named))).collect();
        let is_before = |date: &Date| *date < self.event.start.date();
        let is_around = self.is_between(&dates.iter().map(|(date, _)| *date).collect::<Vec<_>>());
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

/// Whether a date is behind the day of the mail, and not too far for an event.
fn is_ahead(date: Date, sent: Date) -> bool {
    sent < date && date <= sent.checked_add(FARTHEST.days()).unwrap_or(Date::MAX)
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
