//! Dates and times in the guest's language and zone (ICU4X over jiff).

use crate::model::{Campaign, Lang};
use icu_datetime::{DateTimeFormatter, NoCalendarFormatter, fieldsets, input};
use icu_locale_core::Locale;
use jiff::{SignedDuration, Zoned, civil, tz::TimeZone};
use jiff_icu::ConvertFrom as _;
use std::cmp::Ordering;

/// The moments of a campaign as one guest reads them.
pub(super) struct When {
    locale: Locale,
    start: Zoned,
    end: Zoned,
    deadline: Option<civil::Date>,
    /// Behind every time, where the guest's zone is not the event's: ` (Vilnius)`.
    city: String,
    /// The hours of the event need no second date, also where midnight lies between them.
    one_sitting: bool,
}

/// Which moment a template names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Moment {
    Start,
    End,
    Deadline,
}

impl Moment {
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "event.start" => Some(Self::Start),
            "event.end" => Some(Self::End),
            "deadline" => Some(Self::Deadline),
            _ => None,
        }
    }
}

impl When {
    /// `template` is the text that the dates will stand in; `zone` is the guest's own, None means the event's.
    pub(super) fn new(campaign: &Campaign, lang: &Lang, template: &str, zone: Option<TimeZone>) -> Self {
        let locale = locale(lang, template);
        let event = &campaign.event;
        let zone = zone.filter(|zone| zone.iana_name() != event.start.time_zone().iana_name());
        let city = zone.as_ref().map(|zone| format!(" ({})", city(&locale, zone))).unwrap_or_default();
        let shift = |moment: &Zoned| zone.as_ref().map_or_else(|| moment.clone(), |zone| moment.with_time_zone(zone.clone()));
        let (start, end, one_sitting) = (shift(&event.start), shift(&event.end), one_sitting(&event.start, &event.end));
        Self { start, end, deadline: campaign.deadline, locale, city, one_sitting }
    }

    fn civil(&self, moment: Moment) -> Option<civil::DateTime> {
        match moment {
            Moment::Start => Some(self.start.datetime()),
            Moment::End => Some(self.end.datetime()),
            Moment::Deadline => self.deadline.map(|day| day.at(0, 0, 0, 0)),
        }
    }

    /// `marți, 10 noiembrie 2020`; None for a deadline that the campaign does not have.
    pub(super) fn date(&self, moment: Moment) -> Option<String> {
        self.civil(moment).map(|at| day(&self.locale, at).unwrap_or_else(|| at.date().to_string()))
    }

    /// `marți`.
    pub(super) fn weekday(&self, moment: Moment) -> Option<String> {
        let at = self.civil(moment)?;
        let formatter = DateTimeFormatter::try_new((&self.locale).into(), fieldsets::E::long()).ok()?;
        Some(formatter.format(&input::DateTime::convert_from(at)).to_string())
    }

    /// `13:15`, with the city where the guest lives in another zone. A deadline is a day and has no time.
    pub(super) fn time(&self, moment: Moment) -> Option<String> {
        (moment != Moment::Deadline).then_some(())?;
        Some(format!("{}{}", self.hours(self.civil(moment)?), self.city))
    }

    /// `marți, 10 noiembrie 2020 la 13:15`; for a deadline the date.
    pub(super) fn datetime(&self, moment: Moment) -> Option<String> {
        if moment == Moment::Deadline {
            return self.date(moment);
        }
        Some(format!("{}{}", self.day_and_hours(self.civil(moment)?), self.city))
    }

    /// `13:15–15:30`, `20:00–02:00`; with both dates for an event of several days.
    pub(super) fn time_range(&self, from: Moment, to: Moment) -> Option<String> {
        let one_sitting = self.one_sitting && (from, to) == (Moment::Start, Moment::End);
        let (from, to) = (self.civil(from)?, self.civil(to)?);
        let (from, to) = match one_sitting || from.date() == to.date() {
            true => (self.hours(from), self.hours(to)),
            false => (self.day_and_hours(from), self.day_and_hours(to)),
        };
        let dash = if from.contains(char::is_whitespace) { " – " } else { "–" };
        Some(format!("{from}{dash}{to}{}", self.city))
    }

    fn hours(&self, at: civil::DateTime) -> String {
        let formatter = NoCalendarFormatter::try_new((&self.locale).into(), fieldsets::T::hm());
        let plain = || at.time().strftime("%H:%M").to_string();
        formatter.map_or_else(|_| plain(), |f| f.format(&input::DateTime::convert_from(at).time).to_string())
    }

    fn day_and_hours(&self, at: civil::DateTime) -> String {
        let formatter = DateTimeFormatter::try_new((&self.locale).into(), fieldsets::YMDE::long().with_time_hm());
        let plain = || at.strftime("%Y-%m-%d %H:%M").to_string();
        formatter.map_or_else(|_| plain(), |f| f.format(&input::DateTime::convert_from(at)).to_string())
    }
}

/// Whether everybody takes the end for that of the same day or night: it comes within half a day, or by six in the morning after.
///
/// From one noon to the next is two days' work, and needs both dates. It is asked in the event's own zone, so that all guests read alike.
fn one_sitting(start: &Zoned, end: &Zoned) -> bool {
    let length = start.duration_until(end);
    let by_morning = end.datetime() <= start.date().tomorrow().unwrap_or(civil::Date::MAX).at(6, 0, 0, 0);
    length.is_positive() && (length <= SignedDuration::from_hours(12) || by_morning && length <= SignedDuration::from_hours(18))
}

fn day(locale: &Locale, at: civil::DateTime) -> Option<String> {
    let formatter = DateTimeFormatter::try_new(locale.into(), fieldsets::YMDE::long()).ok()?;
    Some(formatter.format(&input::DateTime::convert_from(at)).to_string())
}

/// Languages written in two scripts, each with the one that ICU does not take by itself.
const TWO_SCRIPTS: [(&str, Script, &str); 4] = [
    ("sr", Script::Latin, "sr-Latn"),
    ("bs", Script::Cyrillic, "bs-Cyrl"),
    ("uz", Script::Cyrillic, "uz-Cyrl"),
    ("az", Script::Cyrillic, "az-Cyrl"),
];

/// The letters that a template is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
}

impl Script {
    /// Those that prevail, since a name may be written in the other ones; braces and tags are Latin in every template.
    fn of(template: &str) -> Option<Self> {
        let (mut latin, mut cyrillic) = (0_usize, 0_usize);
        let mut hidden = false;
        for c in template.replacen("subject:", "", 1).chars() {
            match c {
                '{' | '<' => hidden = true,
                '}' | '>' => hidden = false,
                'a'..='z' | 'A'..='Z' if !hidden => latin += 1,
                '\u{400}'..='\u{4FF}' if !hidden => cyrillic += 1,
                _ => {}
            }
        }
        match latin.cmp(&cyrillic) {
            Ordering::Greater => Some(Self::Latin),
            Ordering::Less => Some(Self::Cyrillic),
            Ordering::Equal => None,
        }
    }
}

/// English where ICU has no data for a language: it would print a bare `2020 M11 10`.
fn locale(lang: &Lang, template: &str) -> Locale {
    let code = match lang.as_str() {
        "en" => "en-GB",
        "no" => "nb",
        code => code,
    };
    let sample = civil::date(2020, 11, 10).at(0, 0, 0, 0);
    let known = |code: &str| code.parse().ok().filter(|locale| day(locale, sample) != day(&Locale::UNKNOWN, sample));
    let other = TWO_SCRIPTS.iter().find(|(two, script, _)| *two == code && Script::of(template) == Some(*script));
    let found = other.and_then(|(_, _, other)| known(other)).or_else(|| known(code)).or_else(|| known("en-GB"));
    found.unwrap_or(Locale::UNKNOWN)
}

/// The city that names a zone: in the guest's language where ICU knows it, else from the IANA name.
fn city(locale: &Locale, zone: &TimeZone) -> String {
    let iana = zone.iana_name().unwrap_or("UTC");
    // The database's Etc/GMT+2 is two hours behind UTC.
    if let Some(offset) = iana.strip_prefix("Etc/GMT").filter(|offset| offset.len() > 1) {
        return offset.strip_prefix('+').map_or_else(|| format!("UTC{}", offset.replace('-', "+")), |behind| format!("UTC−{behind}"));
    }
    let plain = || iana.rsplit('/').next().unwrap_or(iana).replace('_', " ");
    if !iana.contains('/') || iana.starts_with("Etc/") {
        return plain();
    }
    let formatter = NoCalendarFormatter::try_new(locale.into(), fieldsets::zone::ExemplarCity);
    let at = input::TimeZone::convert_from(zone).without_offset();
    formatter.map_or_else(|_| plain(), |f| f.format(&at).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CalendarPolicy, Event, Localised};

    fn when(lang: &str, zone: Option<&str>) -> When {
        of(lang, zone, ["2020-11-10T13:15[Europe/Bucharest]", "2020-11-10T15:30[Europe/Bucharest]"])
    }

    fn of(lang: &str, zone: Option<&str>, [start, end]: [&str; 2]) -> When {
        let at = |text: &str| text.parse::<Zoned>().expect("a moment");
        let lang = Lang::parse(lang).expect("a code");
        let campaign = Campaign {
            hours: None,
            name: "w".into(),
            language: lang.clone(),
            deadline: Some(civil::date(2020, 11, 4)),
            calendar: CalendarPolicy::Never,
            event: Event { title: Localised::One("W".into()), start: at(start), end: at(end), place: None, link: None },
        };
        When::new(&campaign, &lang, "", zone.map(|z| TimeZone::get(z).expect("a zone")))
    }

    #[test]
    fn dates_have_the_letters_of_the_template() {
        let date = |lang: &str, template: &str| {
            let at = civil::date(2026, 12, 20).at(13, 15, 0, 0);
            day(&locale(&Lang::parse(lang).expect("a code"), template), at).expect("a day")
        };
        let latin =
            "---\nsubject: Poziv\n---\nPozivamo Vas u {{date event.start}} u 19 časova. <https://x.example>\n\nНародна библиотека\n";
        assert_eq!(date("sr", latin), "nedelja 20. decembar 2026.");
        let cyrillic = "---\nsubject: Позив\n---\nПоштовани {{guest.salutation}}, позивамо Вас {{date event.start}}. <https://x.example>\n";
        assert_eq!(date("sr", cyrillic), "недеља 20. децембар 2026.");
        assert_eq!(date("sr", "---\nsubject: {{event.title}}\n---\n{{guest.letter}}\n"), "недеља 20. децембар 2026.");
        assert!(date("bs", latin).contains("decembar"), "{}", date("bs", latin));
        assert!(date("bs", cyrillic).contains("децембар"), "{}", date("bs", cyrillic));
        assert_eq!(date("ro", cyrillic), "duminică, 20 decembrie 2026");
    }

    #[test]
    fn dates_are_those_of_the_language() {
        for (lang, date, range, both) in [
            ("ro", "marți, 10 noiembrie 2020", "13:15–15:30", "marți, 10 noiembrie 2020 la 13:15"),
            ("nl", "dinsdag 10 november 2020", "13:15–15:30", "dinsdag 10 november 2020 om 13:15"),
            ("en", "Tuesday, 10 November 2020", "13:15–15:30", "Tuesday, 10 November 2020 at 13:15"),
            ("fi", "tiistai 10. marraskuuta 2020", "13.15–15.30", "tiistai 10. marraskuuta 2020 klo 13.15"),
            ("xx", "Tuesday, 10 November 2020", "13:15–15:30", "Tuesday, 10 November 2020 at 13:15"),
        ] {
            let when = when(lang, None);
            assert_eq!(when.date(Moment::Start).as_deref(), Some(date), "{lang}");
            assert_eq!(when.time_range(Moment::Start, Moment::End).as_deref(), Some(range), "{lang}");
            assert_eq!(when.datetime(Moment::Start).as_deref(), Some(both), "{lang}");
        }
        assert_eq!(when("ro", None).weekday(Moment::Deadline).as_deref(), Some("miercuri"));
        assert_eq!(when("ro", None).time(Moment::Deadline), None);
    }

    #[test]
    fn another_zone_is_named_by_its_city() {
        let hours = |lang, zone| when(lang, Some(zone)).time_range(Moment::Start, Moment::End).unwrap_or_default();
        assert_eq!(hours("nl", "Europe/Amsterdam"), "12:15–14:30 (Amsterdam)");
        assert_eq!(hours("lt", "Europe/Vilnius"), "13:15–15:30 (Vilnius)");
        assert_eq!(hours("ro", "Europe/Bucharest"), "13:15–15:30");
        assert_eq!(hours("en", "Etc/UTC"), "11:15–13:30 (UTC)");
        assert_eq!(hours("en", "Etc/GMT-2"), "13:15–15:30 (UTC+2)");
        assert_eq!(hours("en", "Etc/GMT-3"), "14:15–16:30 (UTC+3)");
        assert_eq!(hours("en", "Etc/GMT+2"), "09:15–11:30 (UTC−2)");
        assert_eq!(hours("it", "Europe/Zagreb"), "12:15–14:30 (Zagabria)");
        let far = hours("en", "Pacific/Auckland");
        assert!(far.starts_with("Wednesday") || far == "00:15–02:30 (Auckland)", "{far}");
    }

    #[test]
    fn an_evening_that_ends_after_midnight_has_no_second_date() {
        let hours = |zone, start: &str, end: &str| {
            let times = [start, end].map(|time| format!("2026-12-{time}[Europe/Bucharest]"));
            of("en", zone, [&times[0], &times[1]]).time_range(Moment::Start, Moment::End).unwrap_or_default()
        };
        for (start, end, range) in [
            ("30T20:00", "31T02:00", "20:00–02:00"),
            ("30T19:00", "31T00:00", "19:00–00:00"),
            ("30T10:00", "31T00:00", "10:00–00:00"),
            ("30T21:00", "31T08:00", "21:00–08:00"),
            ("30T13:00", "31T12:00", "Wednesday, 30 December 2026 at 13:00 – Thursday, 31 December 2026 at 12:00"),
            ("30T18:00", "31T10:00", "Wednesday, 30 December 2026 at 18:00 – Thursday, 31 December 2026 at 10:00"),
            ("30T20:00", "31T21:00", "Wednesday, 30 December 2026 at 20:00 – Thursday, 31 December 2026 at 21:00"),
        ] {
            assert_eq!(hours(None, start, end), range);
        }
        assert_eq!(hours(Some("Asia/Kolkata"), "30T19:00", "30T22:00"), "22:30–01:30 (Kolkata)");
        assert_eq!(hours(Some("America/Los_Angeles"), "30T09:00", "30T23:00"), "23:00–13:00 (Los Angeles)");
        let backwards = of("en", None, ["2026-12-30T20:00[Europe/Bucharest]", "2026-12-31T02:00[Europe/Bucharest]"]);
        assert!(backwards.time_range(Moment::End, Moment::Start).is_some_and(|range| range.contains("31 December")));
    }
}
