//! Dates and times in the guest's language and zone (ICU4X over jiff).

use crate::model::{Campaign, Lang};
use icu_datetime::{DateTimeFormatter, NoCalendarFormatter, fieldsets, input};
use icu_locale_core::Locale;
use jiff::{Zoned, civil, tz::TimeZone};
use jiff_icu::ConvertFrom as _;

/// The moments of a campaign as one guest reads them.
pub(super) struct When {
    locale: Locale,
    start: Zoned,
    end: Zoned,
    deadline: Option<civil::Date>,
    /// Behind every time, where the guest's zone is not the event's: ` (Vilnius)`.
    city: String,
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
    /// `zone` is the guest's own; None means the event's.
    pub(super) fn new(campaign: &Campaign, lang: &Lang, zone: Option<TimeZone>) -> Self {
        let locale = locale(lang);
        let event = &campaign.event;
        let zone = zone.filter(|zone| zone.iana_name() != event.start.time_zone().iana_name());
        let city = zone.as_ref().map(|zone| format!(" ({})", city(&locale, zone))).unwrap_or_default();
        let shift = |moment: &Zoned| zone.as_ref().map_or_else(|| moment.clone(), |zone| moment.with_time_zone(zone.clone()));
        Self { start: shift(&event.start), end: shift(&event.end), deadline: campaign.deadline, locale, city }
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

    /// `13:15–15:30`; with both dates where they differ.
    pub(super) fn time_range(&self, from: Moment, to: Moment) -> Option<String> {
        let (from, to) = (self.civil(from)?, self.civil(to)?);
        let (from, to) = match from.date() == to.date() {
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

fn day(locale: &Locale, at: civil::DateTime) -> Option<String> {
    let formatter = DateTimeFormatter::try_new(locale.into(), fieldsets::YMDE::long()).ok()?;
    Some(formatter.format(&input::DateTime::convert_from(at)).to_string())
}

/// English where ICU has no data for a language: it would print a bare `2020 M11 10`.
fn locale(lang: &Lang) -> Locale {
    let english = || "en-GB".parse().unwrap_or(Locale::UNKNOWN);
    let code = match lang.as_str() {
        "en" => return english(),
        "no" => "nb",
        code => code,
    };
    let Ok(locale) = code.parse::<Locale>() else { return english() };
    let sample = civil::date(2020, 11, 10).at(0, 0, 0, 0);
    if day(&locale, sample) == day(&Locale::UNKNOWN, sample) { english() } else { locale }
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
        let at = |text: &str| text.parse::<Zoned>().expect("a moment");
        let lang = Lang::parse(lang).expect("a code");
        let campaign = Campaign {
            hours: None,
            name: "w".into(),
            language: lang.clone(),
            deadline: Some(civil::date(2020, 11, 4)),
            calendar: CalendarPolicy::Never,
            event: Event {
                title: Localised::One("W".into()),
                start: at("2020-11-10T13:15[Europe/Bucharest]"),
                end: at("2020-11-10T15:30[Europe/Bucharest]"),
                place: None,
                link: None,
            },
        };
        When::new(&campaign, &lang, zone.map(|z| TimeZone::get(z).expect("a zone")))
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
}
