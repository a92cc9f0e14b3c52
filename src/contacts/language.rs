//! Languages by code or by name, as organisers write them.

use super::MAX_SUGGESTIONS;
use super::columns::fold;
use crate::model::Lang;
use std::collections::HashMap;
use std::sync::LazyLock;

/// How unlike a name may be and still be suggested (Jaro-Winkler, 1.0 is equal).
const LIKE: f64 = 0.84;

const UNKNOWN: &str = "this language is not known: write a code such as ro, en, nl, or leave the cell empty";

/// Codes of countries that are often written for the language; they are not taken, but what is meant is known.
const COUNTRIES: [(&str, &str); 14] = [
    ("at", "de"),
    ("cz", "cs"),
    ("dk", "da"),
    ("gb", "en"),
    ("gr", "el"),
    ("jp", "ja"),
    ("rs", "sr"),
    ("ua", "uk"),
    ("us", "en"),
    ("al", "sq"),
    ("cn", "zh"),
    ("lu", "lb"),
    ("md", "ro"),
    ("ie", "ga"),
];

/// Any code → the code that is kept.
static CODES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("language_codes.txt").lines().filter(|l| !l.starts_with('#'));
    lines.flat_map(|line| line.split(' ').map(move |code| (code, line.split(' ').next().unwrap_or(code)))).collect()
});

/// A folded name → its code, in the order of the file.
static NAMES: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
    let lines = include_str!("language_names.tsv").lines().filter_map(|l| l.split_once('\t'));
    lines.flat_map(|(code, names)| names.split(", ").map(move |name| (fold(name), code))).collect()
});

static BY_NAME: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| NAMES.iter().rev().map(|(name, code)| (name.as_str(), *code)).collect());

/// Words that stand beside a language's name: "limba română", "lingua italiana", "lietuvių kalba".
const BESIDE: [&str; 15] = [
    "limba", "lingua", "jezik", "kalba", "kieli", "sprache", "langue", "lengua", "idioma", "jezyk", "nyelv", "jazyk", "language", "in",
    "taal",
];

/// Answers for one list; a value met before is not looked up again.
pub(super) struct Languages {
    answers: HashMap<String, Result<Lang, String>>,
    suggested: usize,
}

impl Languages {
    pub fn new() -> Self {
        Self { answers: HashMap::new(), suggested: 0 }
    }

    /// The language meant, or why there is none and which may be meant.
    pub fn find(&mut self, written: &str) -> Result<Lang, String> {
        if let Some(answer) = self.answers.get(written) {
            return answer.clone();
        }
        let answer = find(written).ok_or_else(|| {
            self.suggested += 1;
            if self.suggested > MAX_SUGGESTIONS { UNKNOWN.to_owned() } else { why(written) }
        });
        self.answers.insert(written.to_owned(), answer.clone());
        answer
    }
}

fn find(written: &str) -> Option<Lang> {
    // Some people write a language in its own script; folding would leave nothing of it.
    let own_script = match written.trim().to_lowercase().as_str() {
        "български" => Some("bg"),
        "ελληνικά" | "ελληνικα" => Some("el"),
        "русский" => Some("ru"),
        "українська" => Some("uk"),
        "српски" => Some("sr"),
        "македонски" => Some("mk"),
        _ => None,
    };
    if let Some(code) = own_script {
        return Lang::parse(code);
    }
    let written: String = written.chars().take(60).collect();
    let beside = || without_region(&written).and_then(|bare| by_name(&fold(bare)));
    by_code(&written).or_else(|| by_name(&fold(&written))).or_else(beside).and_then(Lang::parse)
}

/// `ro`, `ron`, `rum`, `ro-RO`, `ro_RO.UTF-8`.
fn by_code(written: &str) -> Option<&'static str> {
    let code = written.trim().split(['-', '_', '.', '@']).next().unwrap_or_default().to_ascii_lowercase();
    CODES.get(code.as_str()).copied()
}

/// "Português (Brasil)", "English (UK)": what stands before the bracket, unless another language stands in it.
fn without_region(written: &str) -> Option<&str> {
    let (bare, region) = written.split_once('(')?;
    let region = fold(region);
    (region.len() <= 3 || by_name(&region).is_none()).then_some(bare)
}

fn by_name(folded: &str) -> Option<&'static str> {
    let whole = BY_NAME.get(folded).copied();
    // "ro (romanian)", "limba romana", "english uk": the words that say something must agree.
    let mut said = folded.split(' ').filter(|w| !BESIDE.contains(w)).map(|w| BY_NAME.get(w).or_else(|| CODES.get(w)).copied());
    let first = said.next().flatten();
    whole.or_else(|| first.filter(|code| said.all(|other| other == Some(*code))))
}

fn why(written: &str) -> String {
    let folded = fold(&written.chars().take(60).collect::<String>());
    if let Some((_, code)) = COUNTRIES.iter().find(|(country, _)| *country == folded) {
        return format!("this is the code of a country, not of a language: did you mean \"{code}\" ({})?", english(code));
    }
    let like = |name: &str| strsim::jaro_winkler(&folded, name);
    let nearest = NAMES.iter().map(|(name, code)| (like(name), name, code)).max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((score, name, code)) if score >= LIKE && folded.len() > 2 => {
            format!("this language is not known: did you mean \"{name}\" ({code})?")
        }
        _ => UNKNOWN.to_owned(),
    }
}

fn english(code: &str) -> &'static str {
    NAMES.iter().find(|(_, c)| *c == code).map_or("", |(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names() {
        for (written, code) in [
            ("ro", "ro"),
            ("RO", "ro"),
            ("ron", "ro"),
            ("rum", "ro"),
            ("ro-RO", "ro"),
            ("ro_RO.UTF-8", "ro"),
            ("română", "ro"),
            ("Româna", "ro"),
            ("limba română", "ro"),
            ("Romanian", "ro"),
            ("romeno", "ro"),
            ("rumunjski", "ro"),
            ("RO (Romanian)", "ro"),
            ("Nederlands", "nl"),
            ("olandeză", "nl"),
            ("lingua italiana", "it"),
            ("hrvatski jezik", "hr"),
            ("lietuvių kalba", "lt"),
            ("Suomi", "fi"),
            ("suomen kieli", "fi"),
            ("English (UK)", "en"),
            ("en-GB", "en"),
            ("Português (Brasil)", "pt"),
            ("engleză", "en"),
            ("čeština", "cs"),
            ("Ελληνικά", "el"),
            ("fil", "fil"),
            ("français", "fr"),
            ("Französisch", "fr"),
        ] {
            assert_eq!(find(written).map(|l| l.to_string()).as_deref(), Some(code), "{written}");
        }
    }

    #[test]
    fn what_is_not_known_is_suggested() {
        let mut languages = Languages::new();
        for (written, said) in
            [("romanain", "\"romanian\" (ro)"), ("Lituanian", "(lt)"), ("cz", "\"cs\" (czech)"), ("xx", "such as ro"), ("¿?", "such as ro")]
        {
            let why = languages.find(written).unwrap_err();
            assert!(why.contains(said), "{written}: {why}");
        }
        assert!(find("romanian english").is_none() && find("romanian (english)").is_none());
    }

    #[test]
    fn every_name_has_a_known_code_and_one_meaning() {
        let mut seen: HashMap<&str, &str> = HashMap::new();
        for (name, code) in NAMES.iter() {
            assert!(CODES.get(code) == Some(code), "{code}");
            let before = seen.insert(name, code);
            assert!(before.is_none_or(|b| b == *code), "{name}: {before:?} and {code}");
            assert!(CODES.get(name.as_str()).is_none_or(|c| c == code), "{name} is a code of another language");
        }
    }
}
