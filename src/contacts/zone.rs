//! Time zones by their IANA names.

use super::MAX_SUGGESTIONS;
use jiff::tz::TimeZoneDatabase;
use std::collections::HashMap;

/// How unlike a zone may be and still be suggested (Jaro-Winkler, 1.0 is equal).
const LIKE: f64 = 0.85;

/// A shorter word is suggested a zone only where it is a city's name: "EEST" is nearer to Brazil/East than to anything meant.
const SHORT: usize = 4;

const UNKNOWN: &str = "this is not a time zone: write it as Europe/Bucharest, or leave the cell empty";

/// The zones that jiff brings with it, so that the answer does not depend on the machine.
pub(super) struct Zones {
    /// Lower case → as written in the database.
    known: HashMap<String, String>,
    answers: HashMap<String, Result<String, String>>,
    suggested: usize,
}

impl Zones {
    pub fn new() -> Self {
        let names = TimeZoneDatabase::bundled();
        let known = names.available().map(|n| (n.as_str().to_ascii_lowercase(), n.as_str().to_owned())).collect();
        Self { known, answers: HashMap::new(), suggested: 0 }
    }

    /// The zone as the database writes it, or why it is none and which may be meant.
    pub fn find(&mut self, written: &str) -> Result<String, String> {
        if let Some(answer) = self.answers.get(written) {
            return answer.clone();
        }
        let key = written.trim().replace(' ', "_").to_ascii_lowercase();
        let known = self.known.get(&key).cloned();
        self.suggested += usize::from(known.is_none());
        let answer = known.ok_or_else(|| self.why(&key));
        self.answers.insert(written.to_owned(), answer.clone());
        answer
    }

    fn why(&self, key: &str) -> String {
        if self.suggested > MAX_SUGGESTIONS {
            return UNKNOWN.to_owned();
        }
        if is_offset(key) {
            return format!("this is not a time zone: {OFFSET}");
        }
        let key: String = key.chars().take(60).collect();
        let like = |name: &str| {
            let city = name.rsplit('/').next().unwrap_or(name);
            let same_start = |name: &&str| name.chars().next() == key.chars().next() && (key.len() > SHORT || *name == key);
            [name, city].into_iter().filter(same_start).map(|name| strsim::jaro_winkler(&key, name)).fold(0.0, f64::max)
        };
        let nearest = self.known.iter().filter(|(name, _)| is_place(name)).map(|(name, zone)| (like(name), zone));
        match nearest.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1))) {
            Some((score, zone)) if score >= LIKE => format!("this is not a time zone: did you mean \"{zone}\"?"),
            _ => UNKNOWN.to_owned(),
        }
    }
}

/// Why an offset is none, and what to write.
pub(crate) const OFFSET: &str = "an offset does not tell what time it is in summer; write the nearest city, as Europe/Bucharest";

/// Whether a zone is written as an offset: `UTC+2`, `GMT -5`, `+02:00`. The names `Etc/GMT+2` of the database mean the opposite.
pub(crate) fn is_offset(written: &str) -> bool {
    let written = written.to_ascii_lowercase();
    let rest = written.trim_start_matches("utc").trim_start_matches("gmt").trim_start_matches(['_', ' ', '+', '-', '−', '–']);
    rest.len() < written.len() && rest.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a zone's name, in whatever case, is of a place on earth.
pub(crate) fn is_place(name: &str) -> bool {
    name.contains('/') && !name.get(..4).is_some_and(|area| area.eq_ignore_ascii_case("etc/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_checked_and_suggested() {
        let mut zones = Zones::new();
        assert_eq!(zones.find("europe/BUCHAREST").as_deref(), Ok("Europe/Bucharest"));
        assert_eq!(zones.find("America/New York").as_deref(), Ok("America/New_York"));
        for (written, meant) in
            [("Vilnius", "Europe/Vilnius"), ("Europe/Bucuresti", "Europe/Bucharest"), ("Europa/Helsinki", "Europe/Helsinki")]
        {
            assert!(zones.find(written).unwrap_err().contains(meant), "{written}: {:?}", zones.find(written));
        }
        for written in ["GMT+2", "GMT -5", "UTC+2", "utc2", "+02:00", "UTC−5"] {
            assert!(zones.find(written).unwrap_err().contains("an offset does not tell"), "{written}: {:?}", zones.find(written));
        }
        for written in ["Romania", "CEST", "EEST", "IST"] {
            assert!(!zones.find(written).unwrap_err().contains("did you mean"), "{written}: {:?}", zones.find(written));
        }
        assert!(zones.find("Rome").unwrap_err().contains("Europe/Rome"));
        assert!(zones.find("x").unwrap_err().contains("Europe/Bucharest, or leave"));
    }
}
