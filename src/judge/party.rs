//! How many people come, read from words by rules (`words/party.tsv`).

use super::{lexicon::expression, text::Text};
use regex::{Regex, RegexBuilder};
use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

const RULES: &str = include_str!("words/party.tsv");
/// In a longer text numbers are about many things.
const MAX_WORDS: usize = 80;
/// A larger number is a year, a room or a street.
const MAX_PARTY: u32 = 50;

/// What a rule makes of its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sum {
    /// The number, and this many more.
    Number(u32),
    Fixed(u32),
    /// With this many others, who are not counted in words.
    With(u32),
}

struct Rules {
    numbers: HashMap<String, u32>,
    patterns: Vec<(Sum, Regex)>,
}

/// How many come in all, the guest included; None where the text does not plainly say one number.
///
/// `lang` is the language whose phrases were read. A sentence that asks says nothing. `decided` is false for a
/// guest who only leans: "I must speak with my wife" is then no party.
pub(super) fn of(said: &str, lang: Option<&str>, decided: bool) -> Option<u32> {
    let text = Text::of(said);
    if text.words.len() > MAX_WORDS {
        return None;
    }
    let Some(rules) = lang.and_then(rules) else { return plus_sign(said) };
    let mut found: Vec<(std::ops::Range<usize>, u32)> = Vec::new();
    for (sum, pattern) in rules.patterns.iter().filter(|(sum, _)| decided || !matches!(sum, Sum::With(_))) {
        for hit in pattern.captures_iter(&text.plain) {
            let Some(whole) = hit.get(0) else { continue };
            let number = || {
                let word = hit.iter().skip(1).flatten().next()?.as_str().trim();
                word.parse().ok().or_else(|| rules.numbers.get(word).copied())
            };
            let value = match sum {
                Sum::Fixed(value) => Some(*value),
                Sum::With(others) => Some(others + 1),
                Sum::Number(more) => number().map(|n| n + more),
            };
            let words = text.words_of(whole.start(), whole.end());
            let asked = || text.words.get(words.start).and_then(|w| text.sentences.get(w.sentence)).is_some_and(|s| s.question);
            if let Some(value) = value.filter(|value| (2..=MAX_PARTY).contains(value) && !asked()) {
                found.push((words, value));
            }
        }
    }
    // A rule that overlaps a longer one read only a part of the sum.
    let longest: Vec<u32> = found
        .iter()
        .filter(|(words, _)| {
            !found.iter().any(|(other, _)| other.start < words.end && words.start < other.end && other.len() > words.len())
        })
        .map(|(_, value)| *value)
        .collect();
    match longest.split_first() {
        None => plus_sign(said),
        // "There will be six: the two of us and four children": the sum comes first.
        Some((first, rest)) => {
            let agree = rest.iter().all(|value| value == first) || said.contains(':') && rest.iter().all(|value| value < first);
            agree.then_some(*first)
        }
    }
}

/// The rules of a language, compiled when they are first asked for.
fn rules(lang: &str) -> Option<&'static Rules> {
    static ALL: LazyLock<HashMap<&'static str, OnceLock<Rules>>> = LazyLock::new(|| {
        let langs = RULES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next());
        langs.map(|lang| (lang, OnceLock::new())).collect()
    });
    ALL.get_key_value(lang).map(|(lang, rules)| rules.get_or_init(|| Rules::of(lang)))
}

impl Rules {
    fn of(lang: &str) -> Self {
        let mut rules = Self { numbers: HashMap::new(), patterns: Vec::new() };
        let of_lang = |line: &'static str| line.strip_prefix(lang)?.strip_prefix('\t')?.split_once('\t');
        for (kind, rest) in RULES.lines().filter_map(of_lang) {
            if kind == "num" {
                let pairs = rest.split(' ').filter_map(|pair| pair.split_once('='));
                rules.numbers = pairs.filter_map(|(word, n)| Some((word.to_owned(), n.parse().ok()?))).collect();
            } else if let Some(sum) = sum(kind) {
                rules.patterns.push((sum, compile(rest, &rules.numbers)));
            }
        }
        rules
    }
}

fn sum(kind: &str) -> Option<Sum> {
    match kind {
        "total" => Some(Sum::Number(0)),
        "plus" => Some(Sum::Number(1)),
        "plus2" => Some(Sum::Number(2)),
        _ => {
            let (kind, n) = kind.split_once('=')?;
            let n: u32 = n.parse().ok()?;
            Some(if kind == "plus" { Sum::With(n) } else { Sum::Fixed(n) })
        }
    }
}

fn compile(ways: &str, numbers: &HashMap<String, u32>) -> Regex {
    let mut words: Vec<&str> = numbers.keys().map(String::as_str).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let sets = HashMap::from([("n", format!(" ({}|[0-9]{{1,2}}) ", words.join("|")))]);
    let mut ways: Vec<String> = ways.split(" / ").map(|way| expression(way, &sets)).collect();
    ways.sort_by_key(|way| std::cmp::Reverse(way.len()));
    let all = RegexBuilder::new(&ways.join("|")).size_limit(16 << 20).build();
    all.unwrap_or_else(|why| panic!("a built-in rule for parties: {why}"))
}

/// `+1` written as a sign, in any language; a telephone number is none.
fn plus_sign(said: &str) -> Option<u32> {
    static SIGN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?:^|\s|\()\+\s?([1-9])(?:$|[.,!)\n]|\s+[^\s\d(])").expect("a constant pattern"));
    let n: u32 = SIGN.captures(said)?.get(1)?.as_str().parse().ok()?;
    Some(n + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn said_plainly() {
        for (lang, said, party) in [
            ("ro", "Confirm participarea mea și a doi colegi.", Some(3)),
            ("ro", "Venim noi doi.", Some(2)),
            ("ro", "Vin cu soția și doi copii!", Some(4)),
            ("ro", "Vom fi trei: eu și doi colegi.", Some(3)),
            ("ro", "Vin cu soția.", Some(2)),
            ("ro", "Vin la ora 2.", None),
            ("ro", "Confirm participarea în amândouă zilele.", None),
            ("es", "Confirmo mi asistencia, llegaré a las dos.", None),
            ("de", "Ich bringe einen Kuchen mit, wir essen alle drei.", None),
            ("sv", "Vi ses! +1", Some(2)),
            ("ro", "Pot veni cu un coleg?", None),
            ("en", "We will be three.", Some(3)),
            ("en", "Me and my wife will be there", Some(2)),
            ("en", "I'll come with two colleagues", Some(3)),
            ("en", "Yes, +1", Some(2)),
            ("en", "Call me at +40 722", None),
            ("en", "Call me at +1 555 0100", None),
            ("en", "I'll be there.", None),
            ("nl", "We komen met z'n drieën", Some(3)),
            ("it", "Saremo in quattro", Some(4)),
            ("it", "Vengo con mia moglie e due figli", Some(4)),
            ("hr", "Dolazimo nas petero", Some(5)),
            ("lt", "Būsime dviese", Some(2)),
            ("fi", "Meitä on kolme", Some(3)),
            ("de", "Wir kommen zu dritt", Some(3)),
            ("fr", "Nous serons quatre", Some(4)),
            ("de", "Ich komme mit meiner Frau und zwei Kindern", Some(4)),
        ] {
            assert_eq!(of(said, Some(lang), true), party, "{said}");
        }
    }

    #[test]
    fn every_rule_compiles() {
        for lang in ["en", "ro", "nl", "it", "hr", "lt", "fi", "de", "fr", "es", "pl"] {
            assert!(rules(lang).is_some_and(|rules| rules.patterns.len() > 3 && rules.numbers.len() > 5), "{lang}");
        }
        let whole = |line: &str| line.split('\t').filter(|cell| !cell.is_empty()).count() == 3;
        assert!(RULES.lines().filter(|l| !l.starts_with('#')).all(whole), "an empty rule would count everywhere");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in ".*") {
            of(&text, Some("ro"), true);
        }
    }
}
