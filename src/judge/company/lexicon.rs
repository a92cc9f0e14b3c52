//! The words of lists, in each language.

use super::{MAX_NUMBER, Piece, Tag};
use crate::judge::language::is_common;
use std::sync::LazyLock;

/// The languages in which every noun has a capital.
const CAPITALS: [&str; 2] = ["de", "lb"];
/// The languages in which "and I" is also "me, too": "Dolazim i ja".
const TOO: [&str; 15] = ["be", "bg", "cs", "el", "hr", "lt", "mk", "pl", "ro", "ru", "sk", "sl", "sq", "sr", "uk"];
/// Shorter beginnings of words say nothing.
const MIN_STEM: usize = 2;

macro_rules! languages {
    ($($lang:literal)*) => { [$(($lang, include_str!(concat!("../words/company/", $lang, ".tsv")))),*] };
}

/// Kinds of words and the words, folded and divided by `|`; `*` stands for any ending, and a number behind `=`. Of two kinds that
/// have the same word the upper one has it.
pub(super) const ALL: [(&str, &str); 38] = languages! {
    "be" "bg" "ca" "cs" "cy" "da" "de" "el" "en" "es" "et" "eu" "fi" "fr" "ga" "gl" "hr" "hu" "is" "it" "lb" "lt" "lv" "mk" "mt" "nl" "no"
    "pl" "pt" "ro" "ru" "sk" "sl" "sq" "sr" "sv" "tr" "uk"
};

/// The words of a language. There are some 70,000 in all, so they are slices of the files, in order.
pub(super) struct Lexicon {
    /// Nouns have capitals, so a capital tells a name only behind a person ("Tante Grete").
    capitals: bool,
    /// "And I" may be "me, too".
    too: bool,
    /// By their first word.
    whole: Vec<Entry>,
    /// By the beginning of their first word.
    stems: Vec<Entry>,
}

/// One word or several.
#[derive(Clone, Copy)]
struct Entry {
    words: &'static str,
    tag: Tag,
}

/// Of two entries that fit, the one with more words, then with fewer endings, then with the longer beginning, then the upper one.
type Fit = (usize, usize, usize);

/// All languages, read when the first of them is asked for.
pub(super) fn all() -> &'static [Lexicon] {
    static READ: LazyLock<Vec<Lexicon>> = LazyLock::new(|| ALL.iter().map(|(lang, lines)| Lexicon::of(lang, lines)).collect());
    &READ
}

/// What a kind makes of an entry: its words, and what they are.
pub(super) fn entry(kind: &str, entry: &'static str) -> Option<(&'static str, Tag)> {
    let number = || entry.rsplit_once('=').and_then(|(words, number)| Some((words, number.parse::<u8>().ok()?)));
    Some(match kind {
        "alone" => (entry, Tag::Alone),
        "total" => number().map(|(words, number)| (words, Tag::Total(number)))?,
        "num" => number().map(|(words, number)| (words, Tag::Number(number)))?,
        "adult" => (entry, Tag::Adult),
        "both" => (entry, Tag::Both),
        "two" => (entry, Tag::Two),
        "either" => (entry, Tag::Either),
        "one" => (entry, Tag::One),
        "many" => (entry, Tag::Many),
        "we" => (entry, Tag::We),
        "incl" => (entry, Tag::Incl),
        "me" => (entry, Tag::Me),
        "not" => (entry, Tag::Not),
        "with" => (entry, Tag::With),
        "and" => (entry, Tag::And),
        "take" => (entry, Tag::Take),
        "filler" => (entry, Tag::Filler),
        _ => return None,
    })
}

impl Lexicon {
    fn of(lang: &str, lines: &'static str) -> Self {
        let lines = lines.lines().filter_map(|line| line.split_once('\t'));
        let entries = lines.flat_map(|(kind, entries)| entries.split('|').filter_map(|words| entry(kind, words)));
        let entries = entries.map(|(words, tag)| Entry { words, tag });
        let (mut stems, mut whole): (Vec<Entry>, Vec<Entry>) = entries.partition(|entry| entry.first().ends_with('*'));
        // Those of one first word stay in the order of the file.
        whole.sort_by_key(Entry::first);
        stems.sort_by_key(Entry::stem);
        Self { capitals: CAPITALS.contains(&lang), too: TOO.contains(&lang), whole, stems }
    }

    /// What the pieces of a sentence are, and how many of its words are known.
    pub(super) fn tags(&self, pieces: &[Piece]) -> (Vec<Tag>, usize) {
        let (mut tags, mut known) = (Vec::new(), 0);
        let mut rest = pieces;
        while let Some((piece, behind)) = rest.split_first() {
            let (tag, used) = match piece {
                Piece::Comma => (Tag::Comma, 1),
                Piece::And => (Tag::And, 1),
                Piece::Number(number) => match u8::try_from(*number).ok().filter(|number| (1..=MAX_NUMBER).contains(number)) {
                    Some(number) => (Tag::Number(number), 1),
                    None => (Tag::Other, 1),
                },
                Piece::Word { folded, name, first } => {
                    let longest = self.longest(folded, behind).filter(|longest| !self.is_of_a_noun(*longest, piece, behind));
                    known += longest.map_or(0, |(_, words)| words);
                    let unknown = match (name, first) {
                        (true, _) if !self.capitals || matches!(tags.last(), Some(Tag::One | Tag::Either)) => Tag::Name,
                        (_, true) if !(self.capitals || is_common(folded) || self.too && self.is_and_me(behind)) => Tag::Perhaps,
                        _ => Tag::Other,
                    };
                    let names_me = |words: usize| words > 1 && self.names_me(rest.get(..words).unwrap_or_default());
                    longest.map_or((unknown, 1), |(tag, words)| match tag {
                        Tag::Alone if names_me(words) => (Tag::JustMe, words),
                        tag => (tag, words),
                    })
                }
            };
            tags.push(tag);
            rest = rest.get(used..).unwrap_or_default();
        }
        (tags, known)
    }

    /// What a word is by itself.
    fn tag_of(&self, piece: &Piece) -> Option<Tag> {
        let Piece::Word { folded, .. } = piece else { return None };
        self.longest(folded, &[]).map(|(tag, _)| tag)
    }

    fn names_me(&self, pieces: &[Piece]) -> bool {
        pieces.iter().any(|piece| self.tag_of(piece) == Some(Tag::Me))
    }

    fn is_and_me(&self, pieces: &[Piece]) -> bool {
        matches!(pieces, [and, me, ..] if self.tag_of(and) == Some(Tag::And) && self.tag_of(me) == Some(Tag::Me))
    }

    /// "We will be five minutes late": the number at the end of so many words counts what stands behind it, if that is no person.
    fn is_of_a_noun(&self, (tag, words): (Tag, usize), first: &Piece, behind: &[Piece]) -> bool {
        let last = words.checked_sub(2).map_or(Some(first), |last| behind.get(last));
        let (Tag::Total(_), Some(Piece::Word { folded: last, .. })) = (tag, last) else { return false };
        let is_number = equal(&self.whole, last, Entry::first).iter().any(|entry| matches!(entry.tag, Tag::Number(_)));
        let noun = words.checked_sub(1).and_then(|next| behind.get(next..)).and_then(<[Piece]>::split_first);
        is_number && matches!(noun, Some((Piece::Word { folded, .. }, behind)) if self.longest(folded, behind).is_none())
    }

    /// The entry that fits best a word and what stands behind it, and how many words it has.
    fn longest(&self, first: &str, behind: &[Piece]) -> Option<(Tag, usize)> {
        let ends = first.char_indices().map(|(at, c)| at + c.len_utf8()).filter(|end| *end >= MIN_STEM);
        let by_stem = ends.filter_map(|end| first.get(..end)).flat_map(|stem| equal(&self.stems, stem, Entry::stem));
        let entries = equal(&self.whole, first, Entry::first).iter().chain(by_stem);
        let mut best: Option<(Fit, Tag)> = None;
        for entry in entries {
            if let Some(fit) = entry.fit(first, behind).filter(|fit| best.as_ref().is_none_or(|(other, _)| fit > other)) {
                best = Some((fit, entry.tag));
            }
        }
        best.map(|((words, ..), tag)| (tag, words))
    }
}

/// Those of some entries in order that have this key.
fn equal<'a>(entries: &'a [Entry], key: &str, of: fn(&Entry) -> &'static str) -> &'a [Entry] {
    let start = entries.partition_point(|entry| of(entry) < key);
    let rest = entries.get(start..).unwrap_or_default();
    rest.get(..rest.partition_point(|entry| of(entry) == key)).unwrap_or_default()
}

impl Entry {
    fn first(&self) -> &'static str {
        self.words.split(' ').next().unwrap_or_default()
    }

    /// The beginning of the first word where only that is known.
    fn stem(&self) -> &'static str {
        self.first().trim_end_matches('*')
    }

    fn fit(&self, first: &str, behind: &[Piece]) -> Option<Fit> {
        let mut typed = std::iter::once(first).chain(behind.iter().map_while(|piece| match piece {
            Piece::Word { folded, .. } => Some(folded.as_str()),
            _ => None,
        }));
        let (mut words, mut whole, mut longest) = (0, 0, 0);
        for wanted in self.words.split(' ') {
            let typed = typed.next()?;
            match wanted.strip_suffix('*') {
                Some(stem) if typed.starts_with(stem) => longest = longest.max(stem.len()),
                None if typed == wanted => whole += 1,
                _ => return None,
            }
            words += 1;
        }
        Some((words, whole, longest))
    }
}
