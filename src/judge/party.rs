//! How many people come, read from words by rules (`words/party.tsv`).

#[cfg(test)]
mod tests;

use super::{
    digits,
    lexicon::expression,
    text::{Text, Word, fold},
};
use regex::{Regex, RegexBuilder};
use std::{
    cell::LazyCell,
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

const RULES: &str = include_str!("words/party.tsv");
/// In a longer text numbers are about many things.
const MAX_WORDS: usize = 80;
/// A larger number is a year, a room or a street, unless it stands there in digits and nothing beside it says so.
const MAX_PARTY: u32 = 50;
/// A longer line, in bytes, is no line of a list of names.
const MAX_ITEM: usize = 120;

/// What a rule makes of its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sum {
    /// The number, and this many more.
    Number(u32),
    Fixed(u32),
    /// With this many others, who are not counted in words.
    With(u32),
    /// Two numbers together.
    Both,
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
    let many = LazyCell::new(|| digits::people(said));
    let is_many = |value: u32| value > MAX_PARTY && digits::has(&many, value);
    let mut found: Vec<(std::ops::Range<usize>, u32)> = Vec::new();
    for (sum, pattern) in rules.patterns.iter().filter(|(sum, _)| decided || !matches!(sum, Sum::With(_))) {
        for hit in pattern.captures_iter(&text.plain) {
            let Some(whole) = hit.get(0) else { continue };
            let mut numbers = hit.iter().skip(1).flatten().filter_map(|word| {
                let word = word.as_str().trim();
                word.parse::<u32>().ok().or_else(|| rules.numbers.get(word).copied())
            });
            let value = match sum {
                Sum::Fixed(value) => Some(*value),
                Sum::With(others) => Some(others + 1),
                Sum::Number(more) => numbers.next().map(|n| n + more),
                Sum::Both => numbers.next().zip(numbers.next()).map(|(some, others)| some + others),
            };
            let words = text.words_of(whole.start(), whole.end());
            let timed = text.words.get(words.end).is_some_and(|next| is_time(&next.folded)) || is_ordinal(said, &text, &words);
            let asked = || text.words.get(words.start).and_then(|w| text.sentences.get(w.sentence)).is_some_and(|s| s.question);
            if let Some(value) = value.filter(|value| ((2..=MAX_PARTY).contains(value) || is_many(*value)) && !timed && !asked()) {
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

/// The names of months, folded: the table by which dates are read, because another one would know other languages.
static MONTHS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let lines = include_str!("../read/words/months.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| line.split_whitespace().skip(1)).map(fold).collect()
});
/// Of so many letters a name may have an ending: `tammikuun`, `novembril`.
const MIN_STEM: usize = 6;
/// Names and short forms of months that are words as well: "2 may come", "2 out of five". With a capital they are months.
const NO_MONTHS: [&str; 8] = ["may", "out", "set", "pro", "led", "mean", "sie", "mag"];
/// Numbers in words that are other words as well: "se sei d'accordo", a man called Otto, "la noua adresă", "tout neuf", "a jövő héten",
/// "hát", "őt", "järgmises kuus".
const NO_NUMBERS: [&str; 9] = ["sei", "otto", "noua", "neuf", "het", "heten", "hat", "ot", "kuus"];

/// Whether a word is the name of a month.
pub(super) fn is_month(said: &str, word: &Word) -> bool {
    let is_small = || said.get(word.start..word.end).is_some_and(|typed| typed.starts_with(char::is_lowercase));
    let is_named = |month: &String| word.folded == *month || month.chars().count() >= MIN_STEM && word.folded.starts_with(month.as_str());
    MONTHS.iter().any(is_named) && !(NO_MONTHS.contains(&word.folded.as_str()) && is_small())
}

/// Whether a number stands in a text, in digits or in the words of one of the languages.
pub(super) fn stands<'a>(said: &str, number: u32, langs: impl Iterator<Item = &'a str>) -> bool {
    let langs: Vec<&Rules> = langs.filter_map(rules).collect();
    let is = |word: &str| word.parse() == Ok(number) || langs.iter().any(|rules| rules.numbers.get(word) == Some(&number));
    Text::of(said).words.iter().any(|word| is(&word.folded))
}

/// Whether a text has a number of two or more, of whatever is no time: in digits, or in the words of one of the languages.
pub(super) fn numbered<'a>(said: &str, langs: impl Iterator<Item = &'a str>) -> bool {
    let text = Text::of(said);
    let langs: Vec<&Rules> = langs.filter_map(rules).collect();
    let has_digit =
        |at: Option<usize>| at.and_then(|at| text.words.get(at)).is_some_and(|word| word.folded.bytes().any(|b| b.is_ascii_digit()));
    // "8 decembrie", "8/12", "05.12.2026", "at 9.": a day or an hour.
    let is_day = |at: usize| {
        let next = text.words.get(at + 1);
        next.is_none_or(|next| is_month(said, next)) || has_digit(at.checked_sub(1)) || has_digit(Some(at + 1))
    };
    text.words.iter().enumerate().any(|(at, word)| {
        let in_digits = word.folded.bytes().all(|byte| byte.is_ascii_digit());
        if in_digits && (word.folded.starts_with('0') || is_day(at)) {
            return false;
        }
        // "le 8 sept": the number before it tells a day.
        if !in_digits && (NO_NUMBERS.contains(&word.folded.as_str()) || is_month(said, word) && has_digit(at.checked_sub(1))) {
            return false;
        }
        let number = word.folded.parse::<u32>().ok().or_else(|| langs.iter().find_map(|rules| rules.numbers.get(&word.folded).copied()));
        let timed = || text.words.get(at + 1).is_some_and(|next| is_time(&next.folded)) || is_ordinal(said, &text, &(at..at + 1));
        number.is_some_and(|number| (2..=9).contains(&number)) && !timed()
    })
}

/// A number before such a word, folded, counts time.
pub(super) fn is_time(word: &str) -> bool {
    const DAYS: [&str; 59] = [
        "dias", "dies", "ditet", "dite", "dage", "dagene", "dager", "dagar", "dagarna", "dny", "dnu", "dni", "dneva", "paeva", "dienas",
        "gun", "дни", "дена", "дня", "днеи", "дні", "dagen", "tage", "tagen", "tag", "zile", "zilele", "giorni", "jours", "paivaa", "nap",
        "horas", "hores", "timer", "timar", "timmar", "hodiny", "tundi", "stundas", "saat", "sati", "ore", "uur", "uhr", "heures",
        "godzinie", "day", "days", "night", "nights", "hour", "hours", "nopti", "nachte", "nuits", "noches", "notti", "nachten", "natter",
    ];
    DAYS.contains(&word) || ["minut", "минут", "хвилин", "час", "годин"].iter().any(|begin| word.starts_with(begin))
}

/// Whether a number in digits ends with a full stop, and the sentence goes on behind it: a day of a month.
pub(super) fn is_ordinal(said: &str, text: &Text, words: &std::ops::Range<usize>) -> bool {
    let last = words.end.checked_sub(1).and_then(|at| text.words.get(at));
    last.filter(|last| last.folded.bytes().all(|byte| byte.is_ascii_digit())).is_some_and(|last| {
        let rest = said.get(last.end..).and_then(|rest| rest.strip_prefix('.'));
        rest.is_some_and(|rest| rest.trim_start().starts_with(char::is_lowercase))
    })
}

/// Of the longest list, one line a person after a number or a bullet: how many lines are names, and how many it has. None where
/// there are not two names.
pub(super) fn listed(said: &str) -> Option<(u32, u32)> {
    static ITEM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*(?:[0-9]{1,2}\s?[.)\]]|[-–•*·])\s*(\w.*)$").expect("a constant pattern"));
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        let name = r"\p{Lu}[\p{L}\p{M}.'’-]*";
        let particle = "van|von|der|den|de|del|della|da|di|do|dos|la|le|du|zu|ten|ter|te|el|al";
        let whole = format!(r"^(?:\p{{Ll}}{{1,4}}\.\s*)?{name}(?:\s+(?:{name}|{particle})){{0,3}}\s+{name}\s*(?:[,;:(–-].*)?$");
        Regex::new(&whole).expect("a constant pattern")
    });
    let (mut longest, mut list): ((u32, u32), (u32, u32)) = ((0, 0), (0, 0));
    for line in said.lines().flat_map(items).filter(|line| !line.trim().is_empty()) {
        let item = Some(line).filter(|line| line.len() <= MAX_ITEM).and_then(|line| ITEM.captures(line)?.get(1));
        list = item.map_or((0, 0), |item| (list.0 + u32::from(NAME.is_match(item.as_str())), list.1 + 1));
        longest = longest.max(list);
    }
    Some(longest).filter(|(names, _)| *names > 1)
}

/// A line cut where a number begins the next of several: "1. Ana Pop 2. Dan Rus".
fn items(line: &str) -> Vec<&str> {
    static MARK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?:^|\s)([0-9]{1,2})\s?[.)]\s").expect("a constant pattern"));
    let mut cuts: Vec<usize> = Vec::new();
    for mark in MARK.captures_iter(line) {
        let Some(number) = mark.get(1) else { continue };
        if number.as_str().parse() == Ok(cuts.len() + 1) {
            cuts.push(number.start());
        }
    }
    if cuts.len() < 2 {
        return vec![line];
    }
    let ends = cuts.iter().copied().chain([line.len()]);
    [0].into_iter().chain(cuts.iter().copied()).zip(ends).filter_map(|(start, end)| line.get(start..end)).collect()
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
        "sum" => Some(Sum::Both),
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
    let sets = HashMap::from([("n", format!("(?: (?:{}) )? ({}|[0-9]{{1,3}}) ", digits::ABOUT.join("|"), words.join("|")))]);
    let mut ways: Vec<String> = ways.split(" / ").map(|way| expression(way, &sets)).collect();
    ways.sort_by_key(|way| std::cmp::Reverse(way.len()));
    let all = RegexBuilder::new(&ways.join("|")).size_limit(16 << 20).build();
    all.unwrap_or_else(|why| panic!("a built-in rule for parties: {why}"))
}

/// What stands above a plus sign with a number that opens a line; None where none does. By itself it adds to nobody, and "+1" is a
/// mere yes to many.
pub(super) fn above_plus(said: &str) -> Option<&str> {
    let (_, before) = plus(said)?;
    let above = before.trim_end_matches([' ', '\t', '(']);
    (above.is_empty() || above.ends_with('\n')).then_some(above)
}

/// `+1` written as a sign, in any language: how many come then.
fn plus_sign(said: &str) -> Option<u32> {
    plus(said).map(|(more, _)| more + 1)
}

/// The number behind a plus sign, and what stands before the sign; a telephone number is none.
fn plus(said: &str) -> Option<(u32, &str)> {
    static SIGN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?:^|\s|\()\+\s?([1-9])(?:$|[.,!)\n]|\s+[^\s\d(])").expect("a constant pattern"));
    let sign = SIGN.captures(said)?.get(1)?;
    let more = sign.as_str().parse().ok()?;
    // "+2 zile de cazare"
    let behind = said.get(sign.end()..)?.split_whitespace().next().map(fold);
    let before = said.get(..sign.start())?.trim_end().strip_suffix('+')?;
    Some((more, before)).filter(|_| !behind.is_some_and(|word| is_time(&word)))
}
