//! The word lists of reading, and the folding that makes words of thirty languages comparable.
//!
//! Every list is searched whatever the language of the mail: the language of a mail program, of its
//! attribution lines and of the text are three different things.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Lower case without diacritics: `Răspuns` → `raspuns`, `Şi` and `Și` → `si`. Cyrillic and Greek keep their letters.
///
/// Public, because whoever looks for a guest types the name without them, too.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()) {
        let (plain, other) = rest.split_at_checked(at).unwrap_or((rest, ""));
        push_lower(&mut folded, plain);
        let Some(c) = other.chars().next() else { break };
        match FOLDED.get(c as usize) {
            Some(known) => folded.push_str(known),
            None => fold_one(c, &mut folded),
        }
        rest = other.get(c.len_utf8()..).unwrap_or_default();
    }
    push_lower(&mut folded, rest);
    Cow::Owned(folded)
}

fn push_lower(folded: &mut String, plain: &str) {
    let start = folded.len();
    folded.push_str(plain);
    if let Some(new) = folded.get_mut(start..) {
        new.make_ascii_lowercase();
    }
}

/// What [`fold`] makes of the letters of Europe: Latin, Greek and Cyrillic, whose decomposition is looked up in large tables.
static FOLDED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folded = |code: u32| {
        let mut folded = String::new();
        if let Some(c) = char::from_u32(code) {
            fold_one(c, &mut folded);
        }
        folded
    };
    (0..0x530).map(folded).collect()
});

/// One character at a time is enough: what decomposition would put into another order are marks, and they go.
fn fold_one(c: char, folded: &mut String) {
    decompose_compatible(c, |c| match c {
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
    });
}

/// What a word of a list stands for.
pub(super) type Meanings<W, T> = HashMap<W, T, BuildHasherDefault<Quick>>;
pub(super) type WordSet = HashSet<String, BuildHasherDefault<Quick>>;

/// A quick hash for tables that are made of our own lists: nobody can fill them with words that collide.
#[derive(Default)]
pub(super) struct Quick(u64);

impl Quick {
    fn add(&mut self, piece: u64) {
        self.0 = (self.0.rotate_left(5) ^ piece).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.add(u64::from_le_bytes(*eight));
        }
        if !rest.is_empty() {
            self.add(rest.iter().fold(0, |piece, byte| piece << 8 | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.add(u64::from(byte));
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}

/// How a text begins: so many bytes of it or fewer, and no character in parts.
pub(super) fn beginning(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default()
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
        let builder = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).match_kind(MatchKind::LeftmostLongest).clone();
        Self { automaton: builder.build(&folded).ok() }
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

/// A list of which each line is a number and the words that mean it, folded; of a word that stands twice the first counts.
pub(super) fn numbered(text: &'static str) -> Meanings<String, i8> {
    let mut numbers = Meanings::default();
    for line in list(text) {
        let mut words = line.split_whitespace();
        let Some(number) = words.next().and_then(|number| number.parse().ok()) else { continue };
        for word in words {
            numbers.entry(fold(word).into_owned()).or_insert(number);
        }
    }
    numbers
}

/// Labels of quoted header blocks.
pub(super) static LABELS: LazyLock<Meanings<String, Role>> = LazyLock::new(|| {
    let mut labels = Meanings::default();
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
    /// By their first two bytes, so that a line is compared with few.
    starts: Meanings<[u8; 2], Vec<String>>,
    /// By their last two bytes.
    ends: Meanings<[u8; 2], Vec<String>>,
    pub(super) devices: WordSet,
}

impl Phone {
    /// True where a folded line begins as phones sign.
    pub(super) fn starts(&self, folded: &str) -> bool {
        let key = folded.as_bytes().first_chunk().and_then(|key| self.starts.get(key));
        key.is_some_and(|starts| starts.iter().any(|start| folded.starts_with(start.as_str())))
    }

    /// False where its first and last two letters tell already that a line neither begins nor ends so, and it need not be folded.
    pub(super) fn may_be(&self, line: &str) -> bool {
        // Folding leaves these as they are.
        let lasts = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b',' | b'.' | b'!' | b'?' | b':' | b';');
        let may = |end: Option<&[u8; 2]>, known: &Meanings<[u8; 2], Vec<String>>| {
            end.is_none_or(|end| !end.iter().all(lasts) || known.contains_key(&end.map(|byte| byte.to_ascii_lowercase())))
        };
        may(line.as_bytes().first_chunk(), &self.starts) || may(line.as_bytes().last_chunk(), &self.ends)
    }

    /// True where a folded line ends as phones sign.
    pub(super) fn ends(&self, folded: &str) -> bool {
        let key = folded.as_bytes().last_chunk().and_then(|key| self.ends.get(key));
        key.is_some_and(|ends| ends.iter().any(|end| folded.ends_with(end.as_str())))
    }
}

pub(super) static PHONE: LazyLock<Phone> = LazyLock::new(|| {
    let lines = |kind: &'static str| {
        list(include_str!("words/phone.txt")).filter_map(move |line| line.strip_prefix(kind)).map(|line| fold(line.trim()).into_owned())
    };
    let mut phone = Phone { starts: Meanings::default(), ends: Meanings::default(), devices: WordSet::default() };
    for line in lines("= ") {
        if let Some(key) = line.as_bytes().first_chunk() {
            phone.starts.entry(*key).or_default().push(line);
        }
    }
    for line in lines("$ ") {
        if let Some(key) = line.as_bytes().last_chunk() {
            phone.ends.entry(*key).or_default().push(line);
        }
    }
    phone.devices = list(include_str!("words/devices.txt")).map(|line| fold(line).into_owned()).collect();
    phone
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
    fn a_beginning_has_its_bound_wherever_the_cut_falls() {
        assert_eq!((beginning("aș", 2), beginning("aș", 3), beginning("aș", 9), beginning("ș", 1)), ("a", "aș", "aș", ""));
    }

    #[test]
    fn folding_by_characters_is_folding_of_the_whole() {
        use unicode_normalization::UnicodeNormalization;
        for code in (0x80..0x3_0000).filter_map(char::from_u32) {
            let text = format!("A{code}\u{323}\u{301}z");
            let whole: String = text.nfkd().collect();
            assert_eq!(fold(&text), fold(&whole), "{code:?}");
        }
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
