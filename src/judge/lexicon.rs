//! The words of one language: patterns read from a data file.
//!
//! A file `words/LANG.tsv` has lines `class<TAB>pattern`. A pattern is words in folded form (no accents, lower
//! case), each of: `word`, `begin*`, `one|other`, any of them with `?` where it may be missing, `..` up to two
//! words, `...` up to five, `{name}` a set defined before by `set name<TAB>first / second / …`, `,` a comma that may be
//! missing unless the pattern ends with it, `^` and `$` the ends of a sentence. Classes are those of [`Class`]; `neutral` lists words that decide nothing.

use super::text::Text;
use crate::model::Answer;
use regex::{Regex, RegexBuilder};
use std::{
    collections::{HashMap, HashSet},
    sync::{LazyLock, OnceLock},
};

/// How much a phrase of decision is worth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Weight {
    /// Only a guess.
    Hint,
    /// Decides where nothing else is said.
    Plain,
    /// Decides where nothing speaks against it.
    Clear,
}

/// What a phrase does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Class {
    Decision(Answer, Weight),
    /// Thanks: no decision is to be expected.
    Thanks,
    /// "I received it": what is confirmed or affirmed may be that.
    Received,
    /// A condition, a wish, a postponement.
    Stop,
    /// Turns the words round that stand beside it: "when pigs fly", "not … more than two".
    Twist,
    /// "but": what comes after it counts.
    Turn,
    Not,
    /// "in my place": a decline may be a delegation.
    Instead,
    /// "A colleague": beside the guest, or instead.
    Other,
    /// "In the morning": only a part may be meant.
    Part,
    /// A request without a question mark.
    Ask,
}

/// The names of the classes in the files; the order is the order of precedence between equal spans.
const CLASSES: [(&str, Class); 21] = [
    ("twist", Class::Twist),
    ("delegate", Class::Decision(Answer::Delegate, Weight::Clear)),
    ("delegate.hint", Class::Decision(Answer::Delegate, Weight::Hint)),
    ("tentative", Class::Decision(Answer::Tentative, Weight::Clear)),
    ("tentative.plain", Class::Decision(Answer::Tentative, Weight::Plain)),
    ("tentative.hint", Class::Decision(Answer::Tentative, Weight::Hint)),
    ("decline", Class::Decision(Answer::Decline, Weight::Clear)),
    ("decline.plain", Class::Decision(Answer::Decline, Weight::Plain)),
    ("decline.hint", Class::Decision(Answer::Decline, Weight::Hint)),
    ("accept", Class::Decision(Answer::Accept, Weight::Clear)),
    ("accept.plain", Class::Decision(Answer::Accept, Weight::Plain)),
    ("accept.hint", Class::Decision(Answer::Accept, Weight::Hint)),
    ("thanks", Class::Thanks),
    ("received", Class::Received),
    ("stop", Class::Stop),
    ("turn", Class::Turn),
    ("instead", Class::Instead),
    ("other", Class::Other),
    ("ask", Class::Ask),
    ("not", Class::Not),
    ("part", Class::Part),
];

/// A phrase found in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Phrase {
    pub class: Class,
    /// Which words of the text.
    pub words: std::ops::Range<usize>,
    /// The place of its class in the order of precedence.
    rank: usize,
}

/// The words of one language.
pub(super) struct Lexicon {
    pub code: &'static str,
    source: &'static str,
    known: HashSet<String>,
    neutral: HashSet<&'static str>,
    beginnings: Vec<String>,
    /// Compiled when the language is first read.
    patterns: OnceLock<Vec<(Class, Regex)>>,
}

macro_rules! languages {
    ($($code:literal)*) => { &[$(($code, include_str!(concat!("words/", $code, ".tsv")))),*] };
}
const SOURCES: &[(&str, &str)] = languages!("en" "ro" "nl" "it" "hr" "lt" "fi" "de" "fr" "es" "pl");

/// Every language that has a file.
pub(super) fn all() -> &'static [Lexicon] {
    static ALL: LazyLock<Vec<Lexicon>> = LazyLock::new(|| SOURCES.iter().map(|(code, source)| Lexicon::new(code, source)).collect());
    &ALL
}

impl Lexicon {
    fn new(code: &'static str, source: &'static str) -> Self {
        let (mut known, mut beginnings) = (HashSet::new(), Vec::new());
        for word in lines(source).flat_map(|(_, pattern)| pattern.split([' ', '|', '/'])) {
            let word = word.trim_end_matches('?');
            match word.strip_suffix('*') {
                Some(beginning) if beginning.chars().count() > 2 => beginnings.push(beginning.to_owned()),
                _ if word.starts_with(|c: char| c.is_alphanumeric() || !c.is_ascii()) => drop(known.insert(word.to_owned())),
                _ => {}
            }
        }
        let neutral =
            lines(source).filter(|(class, _)| matches!(*class, "neutral" | "set sure")).flat_map(|(_, list)| list.split(' ')).collect();
        Self { code, source, known, neutral, beginnings, patterns: OnceLock::new() }
    }

    /// True where the language's file has the word.
    pub fn knows(&self, folded: &str) -> bool {
        self.known.contains(folded) || self.beginnings.iter().any(|beginning| folded.starts_with(beginning.as_str()))
    }

    /// True where the word decides nothing wherever it stands.
    pub fn is_neutral(&self, folded: &str) -> bool {
        self.neutral.contains(folded)
    }

    fn patterns(&self) -> &[(Class, Regex)] {
        self.patterns.get_or_init(|| compile(self.source))
    }

    /// How many of the words this language's file has.
    pub fn coverage(&self, text: &Text) -> usize {
        text.words.iter().filter(|word| self.knows(&word.folded)).count()
    }

    /// Every phrase, in the order of the text; one inside a longer one is dropped.
    pub fn phrases(&self, text: &Text) -> Vec<Phrase> {
        let mut found: Vec<Phrase> = Vec::new();
        for (rank, (class, pattern)) in self.patterns().iter().enumerate() {
            for hit in pattern.find_iter(&text.plain) {
                let words = text.words_of(hit.start(), hit.end());
                if !words.is_empty() {
                    found.push(Phrase { class: *class, words, rank });
                }
            }
        }
        found.sort_by_key(|p| (p.words.start, usize::MAX - p.words.end, p.rank));
        let mut kept: Vec<Phrase> = Vec::new();
        let mut reach = 0;
        let mut declined = 0;
        for phrase in found {
            // "[Non posso] partecipare": what begins inside a refusal is refused.
            let refused = matches!(phrase.class, Class::Decision(Answer::Accept, _)) && phrase.words.start < declined;
            if phrase.words.end > reach && !refused {
                if matches!(phrase.class, Class::Decision(Answer::Decline, _)) {
                    declined = phrase.words.end;
                }
                reach = phrase.words.end;
                kept.push(phrase);
            }
        }
        kept
    }
}

impl std::fmt::Debug for Lexicon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lexicon({}, {} lines)", self.code, self.source.lines().count())
    }
}

fn lines(source: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    source.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'))
}

/// One regular expression for each class: longer patterns first.
fn compile(source: &'static str) -> Vec<(Class, Regex)> {
    let mut sets: HashMap<&str, String> = HashMap::new();
    let mut by_class: Vec<Vec<(usize, String)>> = vec![Vec::new(); CLASSES.len()];
    for (name, pattern) in lines(source) {
        if let Some(set) = name.strip_prefix("set ") {
            let ways: Vec<String> = pattern.split(" / ").map(|way| expression(way, &sets)).collect();
            sets.insert(set, format!("(?:{})", ways.join("|")));
        } else if let Some(class) = CLASSES.iter().position(|(class, _)| *class == name)
            && let Some(list) = by_class.get_mut(class)
        {
            list.extend(pattern.split(" / ").map(|way| (way.split_whitespace().count(), expression(way, &sets))));
        }
    }
    let built = by_class.into_iter().zip(CLASSES).filter(|(list, _)| !list.is_empty());
    built
        .map(|(mut list, (name, class))| {
            list.sort_by_key(|(length, _)| usize::MAX - length);
            let ways: Vec<String> = list.into_iter().map(|(_, way)| way).collect();
            let regex = RegexBuilder::new(&ways.join("|")).unicode(true).size_limit(64 << 20).build();
            (class, regex.unwrap_or_else(|why| panic!("class {name} of a built-in word list: {why}")))
        })
        .collect()
}

/// A pattern of the file as a regular expression over [`Text::plain`].
pub(super) fn expression<S: std::hash::BuildHasher>(pattern: &str, sets: &HashMap<&str, String, S>) -> String {
    let mut out = String::new();
    let mut elements = pattern.split_whitespace().peekable();
    while let Some(element) = elements.next() {
        let last = elements.peek().is_none();
        let (element, optional) = match element.strip_suffix('?') {
            Some(element) => (element, "?"),
            None => (element, ""),
        };
        let one = match element {
            ".." => "(?: [^ ,^$]+ ){0,2}".to_owned(),
            "..." => "(?: [^ ,^$]+ ){0,5}".to_owned(),
            "," if last => " , ".to_owned(),
            "," => "(?: , )?".to_owned(),
            "^" => r" \^ ".to_owned(),
            "$" => r"(?: , )? \$ ".to_owned(),
            set if set.starts_with('{') => {
                sets.get(set.trim_matches(['{', '}'])).cloned().unwrap_or_else(|| panic!("no set {set} before pattern {pattern}"))
            }
            words => {
                let ways: Vec<String> = words.split('|').map(|word| regex::escape(word).replace(r"\*", "[^ ,^$]*")).collect();
                format!(" (?:{}) ", ways.join("|"))
            }
        };
        out.push_str(&format!("(?:{one}){optional}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pattern_is_of_two_classes() {
        for lexicon in all() {
            let place = |name: &str| CLASSES.iter().position(|(class, _)| *class == name);
            let mut classes: HashMap<&str, &str> = HashMap::new();
            let mut named: Vec<(&str, &str)> = lines(lexicon.source).filter(|(name, _)| place(name).is_some()).collect();
            named.sort_by_key(|(name, _)| place(name));
            for (name, way) in named.into_iter().flat_map(|(name, pattern)| pattern.split(" / ").map(move |way| (name, way))) {
                // What is refused as an acceptance may be something else.
                if let Some(first) = classes.insert(way, name).filter(|first| *first != name && !first.starts_with("accept")) {
                    panic!("{}: {way:?} of {name} is never found, because {first} has it", lexicon.code);
                }
            }
        }
    }

    #[test]
    fn every_file_compiles_and_every_line_has_a_class() {
        for lexicon in all() {
            assert!(lexicon.patterns().len() > 8, "{lexicon:?}");
            for (name, pattern) in lines(lexicon.source) {
                let known = CLASSES.iter().any(|(class, _)| *class == name) || name.starts_with("set ") || name == "neutral";
                assert!(known, "{}: {name}", lexicon.code);
                let plain = pattern.chars().all(|c| {
                    c == ' ' || super::super::text::fold(&c.to_string()) == c.to_string() || "*|?{}^$/.,_👍👎👌✅✔☑❌🚫".contains(c)
                });
                assert!(plain, "{}: not folded: {pattern}", lexicon.code);
            }
            for line in lexicon.source.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
                assert!(line.contains('\t'), "{}: no tab: {line}", lexicon.code);
            }
        }
    }
}
