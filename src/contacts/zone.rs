//! Time zones by their IANA names.

use super::MAX_SUGGESTIONS;
use jiff::tz::TimeZoneDatabase;
use std::collections::HashMap;

/// How unlike a zone may be and still be suggested (Jaro-Winkler, 1.0 is equal).
const LIKE: f64 = 0.8;

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
        let key: String = key.chars().take(60).collect();
        let like = |name: &str| {
            let city = name.rsplit('/').next().unwrap_or(name);
            strsim::jaro_winkler(&key, name).max(strsim::jaro_winkler(&key, city))
        };
        let nearest = self.known.iter().filter(|(name, _)| name.contains('/')).map(|(name, zone)| (like(name), zone));
        match nearest.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1))) {
            Some((score, zone)) if score >= LIKE => format!("this is not a time zone: did you mean \"{zone}\"?"),
            _ => UNKNOWN.to_owned(),
        }
    }
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
        assert!(zones.find("x").unwrap_err().contains("Europe/Bucharest, or leave"));
    }
}
