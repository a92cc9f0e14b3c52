//! How many letters a relay takes in a time: `rate = "25/min"`.

use jiff::SignedDuration;

/// At most `letters` in every `per`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// 1 to 1,000,000.
    pub letters: u32,
    /// A second, a minute, an hour or a day.
    pub per: SignedDuration,
}

const UNITS: [(&str, i64); 6] = [("s", 1), ("sec", 1), ("min", 60), ("h", 3600), ("hour", 3600), ("day", 86_400)];

impl Rate {
    /// Reads `25/min`; the error goes on after the name of the key.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be a number, a slash and s, min, h or day, such as \"25/min\"".to_owned();
        let (letters, unit) = text.split_once('/').ok_or_else(wrong)?;
        let letters: u32 = letters.trim().parse().map_err(|_| wrong())?;
        let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit.trim()).ok_or_else(wrong)?;
        if !(1..=1_000_000).contains(&letters) {
            return Err("must be from 1 to 1000000 letters; without the key there is no limit".into());
        }
        Ok(Self { letters, per: SignedDuration::from_secs(*seconds) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_unit() {
        for (text, letters, seconds) in [
            ("25/min", 25, 60),
            ("1/s", 1, 1),
            ("2/sec", 2, 1),
            ("500/h", 500, 3600),
            ("500 / hour", 500, 3600),
            ("2000/day", 2000, 86_400),
        ] {
            assert_eq!(Rate::parse(text), Ok(Rate { letters, per: SignedDuration::from_secs(seconds) }), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in ["", "25", "/min", "25/", "0/min", "-1/min", "2.5/s", "25/week", "25/m", "4294967296/s", "2000000/s", "25/min/s"] {
            assert!(Rate::parse(text).is_err(), "{text}");
        }
    }
}
