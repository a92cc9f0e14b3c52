//! The word lists of reading, and the folding that makes words of thirty languages comparable.
//!
//! Every list is searched whatever the language of the mail: the language of a mail program, of its
//! attribution lines and of the text are three different things.

use aho_corasick::AhoCorasick;
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case without diacritics: `Răspuns` → `raspuns`, `Şi` and `Și` → `si`. Cyrillic and Greek keep their letters.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            _ if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            'ł' | 'Ł' => folded.push('l'),
            'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
            'ø' | 'Ø' => folded.push('o'),
            'ħ' | 'Ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'ß' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'þ' | 'Þ' => folded.push_str("th"),
            '’' | '‘' | 'ʼ' | '′' | '‛' => folded.push('\''),
            '“' | '”' | '„' | '«' | '»' => folded.push('"'),
            '–' | '—' | '‐' | '‑' | '−' => folded.push('-'),
            '：' => folded.push(':'),
            _ if is_combining_mark(c) => {}
            _ => folded.extend(c.to_lowercase()),
        }
    }
    Cow::Owned(folded)
}

/// The lines of a list, without comments and empty lines.
pub(super) fn list(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A set of phrases searched as whole words in folded text, in one linear pass.
pub(super) struct Phrases {
    automaton: Option<AhoCorasick>,
}

impl Phrases {
    pub(super) fn new<'a>(phrases: impl Iterator<Item = &'a str>) -> Self {
        let folded: Vec<String> = phrases.map(|phrase| fold(phrase).into_owned()).collect();
        let automaton = AhoCorasick::builder().match_kind(aho_corasick::MatchKind::LeftmostLongest).build(&folded).ok();
        Self { automaton }
    }

    /// The end of the first phrase that stands in `folded` as whole words.
    pub(super) fn find(&self, folded: &str) -> Option<(usize, usize)> {
        self.all(folded).next()
    }

    pub(super) fn all<'t>(&'t self, folded: &'t str) -> impl Iterator<Item = (usize, usize)> + 't {
        self.automaton
            .iter()
            .flat_map(move |automaton| automaton.find_iter(folded))
            .map(|found| (found.start(), found.end()))
            .filter(move |(start, end)| whole(folded, *start, *end))
    }

    pub(super) fn is_in(&self, folded: &str) -> bool {
        self.find(folded).is_some()
    }
}

/// True where no letter touches the phrase. Chinese and Japanese have no spaces: there every place will do.
fn whole(text: &str, start: usize, end: usize) -> bool {
    let before = text.get(..start).and_then(|t| t.chars().next_back());
    let first = text.get(start..).and_then(|t| t.chars().next());
    let last = text.get(..end).and_then(|t| t.chars().next_back());
    let after = text.get(end..).and_then(|t| t.chars().next());
    let touch = |a: Option<char>, b: Option<char>| match (a, b) {
        (Some(a), Some(b)) => a.is_alphanumeric() && b.is_alphanumeric() && !is_cjk(a) && !is_cjk(b),
        _ => false,
    };
    !touch(before, first) && !touch(last, after)
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}')
}

/// What a label of a quoted header block stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    From,
    Sent,
    To,
    Cc,
    Subject,
    Other,
}

/// Verbs of attribution lines.
pub(super) static VERBS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(list(include_str!("words/verbs.txt"))));

/// Words inside an "original message" rule.
pub(super) static RULES: LazyLock<Vec<String>> =
    LazyLock::new(|| list(include_str!("words/rules.txt")).map(|line| fold(line).into_owned()).collect());

/// Labels of quoted header blocks.
pub(super) static LABELS: LazyLock<HashMap<String, Role>> = LazyLock::new(|| {
    let mut labels = HashMap::new();
    for line in list(include_str!("words/labels.txt")) {
        let Some((role, words)) = line.split_once(':') else { continue };
        let role = match role {
            "from" => Role::From,
            "sent" | "date" => Role::Sent,
            "to" => Role::To,
            "cc" => Role::Cc,
            "subject" => Role::Subject,
            _ => Role::Other,
        };
        for word in words.split('|') {
            labels.entry(fold(word.trim()).into_owned()).or_insert(role);
        }
    }
    labels
});

/// How a phone or an app signs.
pub(super) struct Phone {
    pub(super) starts: Vec<String>,
    pub(super) ends: Vec<String>,
    pub(super) devices: HashSet<String>,
}

pub(super) static PHONE: LazyLock<Phone> = LazyLock::new(|| {
    let lines = |kind: &'static str| {
        list(include_str!("words/phone.txt"))
            .filter_map(move |line| line.strip_prefix(kind))
            .map(|line| fold(line.trim()).into_owned())
            .collect()
    };
    let devices = list(include_str!("words/devices.txt")).map(|line| fold(line).into_owned()).collect();
    Phone { starts: lines("= "), ends: lines("$ "), devices }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_cedilla_and_comma_alike() {
        assert_eq!(fold("Şi ţară, Și țară"), "si tara, si tara");
        assert_eq!(fold("Łódź"), "lodz");
    }

    #[test]
    fn phrases_are_whole_words() {
        assert!(VERBS.is_in(&fold("Ana Pop a scris:")));
        assert!(!VERBS.is_in("paroxysm"));
        assert!(VERBS.is_in("在 写道:"));
    }

    #[test]
    fn every_label_list_is_read() {
        for label in ["De la", "Subiect", "Gesendet", "Lähettäjä", "Išsiųsta", "Θέμα", "Кому"] {
            assert!(LABELS.contains_key(fold(label).as_ref()), "{label}");
        }
    }
}
