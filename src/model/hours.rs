//! The hours of the day in which a campaign's letters may leave.

use jiff::{Timestamp, ToSpan as _, civil::Date, civil::Time, tz::TimeZone};

/// From `from` to `to` by the clock of a place, every day; over midnight where `to` is the earlier one.
///
/// Written `08:00-20:00 Europe/Bucharest`. An hour that the zone skips in spring begins where the clock goes on; one that
/// it repeats in autumn is meant the first time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hours {
    from: Time,
    to: Time,
    zone: TimeZone,
    /// As it is known to the time zone database.
    name: String,
}

impl Hours {
    /// Reads `08:00-20:00 Europe/Bucharest`; `24:00` ends the day. The error goes on after the name of the key.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be two times and a zone, such as \"08:00-20:00 Europe/Bucharest\"".to_owned();
        let (times, name) = text.trim().split_once(char::is_whitespace).ok_or_else(wrong)?;
        let (from, to) = times.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| {
            let (hour, minute) = text.split_once(':').filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        let from = time(from).ok_or_else(wrong)?;
        let to = if to == "24:00" { Time::midnight() } else { time(to).ok_or_else(wrong)? };
        if from == to {
            return Err("begins and ends at the same time; without the key letters leave at all hours".into());
        }
        let zone = TimeZone::get(name.trim())
            .map_err(|_| format!("has a zone that is not known: {}; write it like Europe/Bucharest", name.trim()))?;
        let name = zone.iana_name().unwrap_or(name.trim()).to_owned();
        Ok(Self { from, to, zone, name })
    }

    /// None: letters may leave now. Else when they may again.
    pub fn rest_until(&self, now: Timestamp) -> Option<Timestamp> {
        let yesterday = now.to_zoned(self.zone.clone()).date().checked_sub(1.day()).ok()?;
        // A day without its hours (the zone skipped them) is followed by one that has them.
        let days = yesterday.series(1.day()).take(4).filter_map(|day| self.of(day));
        let mut next = None;
        for (from, to) in days {
            if from <= now && now < to {
                return None;
            }
            if from > now && next.is_none() {
                next = Some(from);
            }
        }
        next
    }

    fn of(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let last = if self.to <= self.from { day.checked_add(1.day()).ok()? } else { day };
        let at = |day: Date, time: Time| day.to_datetime(time).to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp());
        let (from, to) = (at(day, self.from)?, at(last, self.to)?);
        (from < to).then_some((from, to))
    }

    /// "rests until 08:00 Europe/Bucharest", if letters may not leave now.
    pub fn rest(&self, now: Timestamp) -> Option<String> {
        let until = self.rest_until(now)?.to_zoned(self.zone.clone());
        Some(format!("rests until {} {}", until.strftime("%H:%M"), self.name))
    }
}

impl std::fmt::Display for Hours {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let to = if self.to == Time::midnight() { "24:00".to_owned() } else { self.to.strftime("%H:%M").to_string() };
        write!(f, "{}-{to} {}", self.from.strftime("%H:%M"), self.name)
    }
}

impl serde::Serialize for Hours {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Hours {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(hours: &str, now: &str) -> Option<String> {
        let hours = Hours::parse(hours).expect("hours");
        hours.rest_until(now.parse().expect("a time")).map(|at| at.to_string())
    }

    #[test]
    fn letters_rest_outside_of_the_hours() {
        let day = "08:00-20:00 Europe/Bucharest";
        for (now, expected) in [
            ("2026-11-30T05:59:59Z", Some("2026-11-30T06:00:00Z")),
            ("2026-11-30T06:00:00Z", None),
            ("2026-11-30T17:59:59Z", None),
            ("2026-11-30T18:00:00Z", Some("2026-12-01T06:00:00Z")),
            ("2026-11-30T22:30:00Z", Some("2026-12-01T06:00:00Z")),
            ("2026-07-01T05:00:00Z", None),
        ] {
            assert_eq!(until(day, now).as_deref(), expected, "{now}");
        }
        let hours = Hours::parse(day).expect("hours");
        let rest = |now: &str| hours.rest(now.parse().expect("a time"));
        assert_eq!(rest("2026-11-30T18:00:00Z").as_deref(), Some("rests until 08:00 Europe/Bucharest"));
        assert_eq!(rest("2026-11-30T08:00:00Z"), None);
        let night = "22:00-06:00 Europe/Bucharest";
        assert_eq!(until(night, "2026-11-30T21:00:00Z"), None, "23:00");
        assert_eq!(until(night, "2026-11-30T03:59:00Z"), None, "05:59");
        assert_eq!(until(night, "2026-11-30T04:00:00Z").as_deref(), Some("2026-11-30T20:00:00Z"));
        assert_eq!(until("18:00-24:00 UTC", "2026-11-30T23:59:59Z"), None);
    }

    #[test]
    fn the_days_when_the_clock_changes() {
        // Bucharest skips 03:00 to 04:00 on 2026-03-29 and repeats 03:00 to 04:00 on 2026-10-25.
        let skipped = "03:30-05:00 Europe/Bucharest";
        assert_eq!(until(skipped, "2026-03-29T00:00:00Z").as_deref(), Some("2026-03-29T01:30:00Z"), "04:30 by the new time");
        assert_eq!(until(skipped, "2026-03-29T01:59:00Z"), None);
        assert_eq!(until(skipped, "2026-03-29T02:00:00Z").as_deref(), Some("2026-03-30T00:30:00Z"));
        let gone = "03:10-03:50 Europe/Bucharest";
        assert_eq!(until(gone, "2026-03-29T00:30:00Z").as_deref(), Some("2026-03-29T01:10:00Z"));
        let repeated = "03:30-05:00 Europe/Bucharest";
        assert_eq!(until(repeated, "2026-10-25T00:29:00Z").as_deref(), Some("2026-10-25T00:30:00Z"));
        assert_eq!(until(repeated, "2026-10-25T02:59:00Z"), None);
        assert_eq!(until(repeated, "2026-10-25T03:00:00Z").as_deref(), Some("2026-10-26T01:30:00Z"));
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        for text in ["08:00-20:00 Europe/Bucharest", "22:00-06:30 UTC", "00:00-24:00 Asia/Tokyo"] {
            let hours = Hours::parse(text);
            if text.starts_with("00:00-24:00") {
                assert!(hours.is_err(), "all day is no key");
                continue;
            }
            let hours = hours.expect("hours");
            assert_eq!(hours.to_string(), text);
            let json = serde_json::to_string(&hours).expect("JSON");
            assert_eq!(serde_json::from_str::<Hours>(&json).expect("hours"), hours);
        }
        for text in
            ["", "08:00-20:00", "8-20 UTC", "08:00-20:00 Mars/Base", "25:00-26:00 UTC", "08:00-08:00 UTC", "20:00 UTC", "24:00-08:00 UTC"]
        {
            assert!(Hours::parse(text).is_err(), "{text}");
        }
    }
}
