//! The start and the end of an event: a local time with its zone, which must mean exactly one instant.

use super::nearest::nearest;
use crate::contacts::{OFFSET, is_offset, is_place};
use jiff::{
    Zoned,
    civil::DateTime,
    fmt::temporal::{Pieces, TimeZoneAnnotationKind},
    tz::{AmbiguousOffset, Offset, TimeZone},
};

const SHAPE: &str = "2026-12-10T13:15[Europe/Bucharest]";

/// Reads `2026-12-10T13:15[Europe/Bucharest]`, with or without `+02:00` before the bracket.
///
/// A local time that the zone skips or repeats is refused with both ways out, as RFC 9557 leaves to the
/// reader. The error goes on after the name of the key.
pub(super) fn parse(text: &str) -> Result<Zoned, String> {
    let pieces = Pieces::parse(text).map_err(|_| format!("is not a date and time with its zone: \"{text}\"; write it like \"{SHAPE}\""))?;
    let Some(time) = pieces.time() else {
        return Err(format!("has no time of day: \"{text}\"; write it like \"{SHAPE}\""));
    };
    let local = pieces.date().to_datetime(time);
    let Some(annotation) = pieces.time_zone_annotation() else {
        return Err(format!("has no zone; write the place whose clocks it follows: \"{}\"", shown(local, None, "Europe/Bucharest")));
    };
    let TimeZoneAnnotationKind::Named(name) = annotation.kind() else {
        let cure = shown(local, None, "Europe/Bucharest");
        return Err(format!("has an offset for a zone, which does not know summer time; name the place: \"{cure}\""));
    };
    let zone = zone(name.as_str())?;
    unique(local, pieces.offset().map(|offset| offset.to_numeric_offset()), zone)
}

/// The one instant that `local` means in `zone`.
fn unique(local: DateTime, offset: Option<Offset>, zone: TimeZone) -> Result<Zoned, String> {
    let name = zone.iana_name().unwrap_or("UTC").to_owned();
    let ambiguous = zone.to_ambiguous_zoned(local);
    let way = |zoned: Result<Zoned, jiff::Error>, with_offset: bool| {
        zoned.map_or(SHAPE.to_owned(), |z| shown(z.datetime(), with_offset.then(|| z.offset()), &name))
    };
    let bad = |_| format!("is too far from today: \"{}\"; check the year", shown(local, None, &name));
    match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => {
            let (early, late) = (way(ambiguous.clone().earlier(), false), way(ambiguous.later(), false));
            Err(format!("does not exist: clocks in {name} skip this time on that day; write \"{early}\" or \"{late}\""))
        }
        AmbiguousOffset::Fold { before, after } => match offset {
            Some(offset) if offset == before => ambiguous.earlier().map_err(bad),
            Some(offset) if offset == after => ambiguous.later().map_err(bad),
            _ => {
                let (first, second) = (way(ambiguous.clone().earlier(), true), way(ambiguous.later(), true));
                Err(format!(
                    "comes twice: clocks in {name} are set back on that day; write \"{first}\" for the first or \"{second}\" for the second"
                ))
            }
        },
        AmbiguousOffset::Unambiguous { offset: real } => match offset {
            Some(offset) if offset != real => {
                let cure = shown(local, None, &name);
                Err(format!("has the offset {offset}, but clocks in {name} are then at {real}; leave it out: \"{cure}\""))
            }
            _ => ambiguous.unambiguous().map_err(bad),
        },
    }
}

fn zone(name: &str) -> Result<TimeZone, String> {
    let database = jiff::tz::db();
    database.get(name).map_err(|_| {
        if is_offset(name) {
            return format!("names a zone that is not known: \"{name}\"; {OFFSET}");
        }
        let names: Vec<String> = database.available().map(|name| name.as_str().to_owned()).filter(|name| is_place(name)).collect();
        let city = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let by_city = || {
            let cities: Vec<String> = names.iter().map(|name| city(name)).collect();
            let meant = nearest(&city(name).replace(' ', "_"), cities.iter().map(String::as_str))?.to_owned();
            // "EEST" is one letter from Brazil/East.
            let meant = Some(meant).filter(|meant| meant.len() > 4 || name.contains('/') || meant.eq_ignore_ascii_case(name))?;
            names.iter().find(|name| city(name) == meant)
        };
        let whole = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        let meant = by_city().cloned().or(whole);
        let hint = meant.map_or("write one such as \"Europe/Bucharest\"".to_owned(), |name| format!("did you mean \"{name}\"?"));
        format!("names a zone that is not known: \"{name}\"; {hint}")
    })
}

/// A moment as one would type it, without its offset.
pub(super) fn typed(moment: &Zoned) -> String {
    shown(moment.datetime(), None, moment.time_zone().iana_name().unwrap_or("UTC"))
}

fn shown(local: DateTime, offset: Option<Offset>, zone: &str) -> String {
    let local = local.strftime(if local.second() == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" });
    let offset = offset.map(|offset| {
        let minutes = offset.seconds() / 60;
        let sign = if minutes < 0 { '-' } else { '+' };
        format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
    });
    format!("{local}{}[{zone}]", offset.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zoned(text: &str) -> String {
        parse(text).map_or_else(|why| format!("refused: it {why}"), |zoned| zoned.to_string())
    }

    #[test]
    fn one_instant() {
        for (text, meant) in [
            ("2026-12-10T13:15[Europe/Bucharest]", "2026-12-10T13:15:00+02:00[Europe/Bucharest]"),
            ("2026-12-10 13:15[Europe/Bucharest]", "2026-12-10T13:15:00+02:00[Europe/Bucharest]"),
            ("2026-07-10T13:15:30+03:00[europe/bucharest]", "2026-07-10T13:15:30+03:00[Europe/Bucharest]"),
            ("2026-10-25T03:30+03:00[Europe/Bucharest]", "2026-10-25T03:30:00+03:00[Europe/Bucharest]"),
            ("2026-10-25T03:30+02:00[Europe/Bucharest]", "2026-10-25T03:30:00+02:00[Europe/Bucharest]"),
            ("2026-12-10T13:15Z[UTC]", "2026-12-10T13:15:00+00:00[UTC]"),
        ] {
            assert_eq!(zoned(text), meant, "{text}");
        }
    }

    #[test]
    fn what_means_none_or_two() {
        for (text, why) in [
            (
                "2026-03-29T03:30[Europe/Bucharest]",
                "refused: it does not exist: clocks in Europe/Bucharest skip this time on that day; write \"2026-03-29T02:30[Europe/Bucharest]\" or \"2026-03-29T04:30[Europe/Bucharest]\"",
            ),
            (
                "2026-10-25T03:30[Europe/Bucharest]",
                "refused: it comes twice: clocks in Europe/Bucharest are set back on that day; write \"2026-10-25T03:30+03:00[Europe/Bucharest]\" for the first or \"2026-10-25T03:30+02:00[Europe/Bucharest]\" for the second",
            ),
            (
                "2026-12-10T13:15Z[Europe/Bucharest]",
                "refused: it has the offset +00, but clocks in Europe/Bucharest are then at +02; leave it out: \"2026-12-10T13:15[Europe/Bucharest]\"",
            ),
            (
                "2026-12-10T13:15+02:00",
                "refused: it has no zone; write the place whose clocks it follows: \"2026-12-10T13:15[Europe/Bucharest]\"",
            ),
        ] {
            assert_eq!(zoned(text), why);
        }
    }

    #[test]
    fn a_zone_by_its_city() {
        for (typed, hint) in [
            ("Europe/Bucarest", "did you mean \"Europe/Bucharest\"?"),
            ("Bucharest", "did you mean \"Europe/Bucharest\"?"),
            ("Europa/Vilnius", "did you mean \"Europe/Vilnius\"?"),
            ("America/New York", "did you mean \"America/New_York\"?"),
            ("Middle/Earth_of_Old", "write one such as \"Europe/Bucharest\""),
        ] {
            assert!(zone(typed).is_err_and(|why| why.ends_with(hint)), "{typed}: {:?}", zone(typed));
        }
    }
}
