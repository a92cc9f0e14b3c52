//! Titles before names: which words they are, and what they tell of who is meant.

use super::names::plain;
use std::{collections::HashMap, sync::LazyLock};

/// What a title tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Title {
    He,
    She,
    Any,
}

/// What kind of word a word of the list is.
#[derive(Clone, Copy)]
enum Kind {
    Title(Title),
    First(Title),
    /// A title with its full stop; without one, a name.
    Short(Title),
    Field,
}

static KINDS: LazyLock<HashMap<&'static str, Kind>> = LazyLock::new(|| {
    let mut kinds = HashMap::new();
    for line in include_str!("titles.txt").lines() {
        let mut words = line.split_whitespace();
        let kind = match words.next() {
            Some("he") => Kind::Title(Title::He),
            Some("she") => Kind::Title(Title::She),
            Some("any") => Kind::Title(Title::Any),
            Some("first-he") => Kind::First(Title::He),
            Some("first-she") => Kind::First(Title::She),
            Some("first-any") => Kind::First(Title::Any),
            Some("short") => Kind::Short(Title::Any),
            Some("field") => Kind::Field,
            _ => continue,
        };
        kinds.extend(words.map(|word| (word, kind)));
    }
    kinds
});

/// A plain text as its words that are no titles, in its order, and its titles.
pub(super) fn parted(plain: &str) -> (Vec<&str>, Vec<Title>) {
    let (mut words, mut titles) = (Vec::new(), Vec::new());
    let mut behind_title = false;
    for run in plain.split(|c: char| c.is_whitespace() || c == ',').filter(|run| !run.is_empty()) {
        // D-na, Sig.ra, д-р: one title in two pieces.
        let whole = if run.chars().all(char::is_alphanumeric) { None } else { Some(run.replace(|c: char| !c.is_alphanumeric(), "")) };
        match whole.as_deref().and_then(|whole| KINDS.get(whole)) {
            Some(Kind::Field) if behind_title && run.ends_with('.') => continue,
            Some(Kind::Title(title)) if !are_initials(run) => {
                titles.push(*title);
                behind_title = true;
                continue;
            }
            Some(Kind::Short(title)) if !are_initials(run) && run.ends_with('.') => {
                titles.push(*title);
                behind_title = true;
                continue;
            }
            _ => {}
        }
        for piece in run.split_inclusive(|c: char| !c.is_alphanumeric()) {
            let word = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
            if word.is_empty() {
                continue;
            }
            behind_title = match KINDS.get(word) {
                Some(Kind::Title(title)) => {
                    titles.push(*title);
                    true
                }
                Some(Kind::Short(title)) if piece.ends_with('.') => {
                    titles.push(*title);
                    true
                }
                _ => {
                    words.push(word);
                    false
                }
            };
        }
    }
    (words, titles)
}

/// Whether a run is single letters parted by full stops: "M.R." before Anil Kumar is no mister.
fn are_initials(run: &str) -> bool {
    let letters = run.trim_end_matches('.');
    letters.contains('.') && letters.split('.').all(|letter| letter.chars().count() == 1)
}

/// A name without a title at its beginning that may be a name as well, and that title: "M. Jean Dupont", but neither "M. Dupont"
/// nor "Jean M. Dupont".
pub(super) fn without_first(name: &str) -> (Option<Title>, &str) {
    let parts = name.trim_start().split_once(char::is_whitespace).and_then(|(first, rest)| {
        match KINDS.get(plain(first.trim_end_matches('.'), LONGEST_FIRST).as_str()) {
            Some(Kind::First(title)) if parted(&plain(rest, super::names::LONGEST)).0.len() > 1 => Some((Some(*title), rest)),
            _ => None,
        }
    });
    parts.unwrap_or((None, name))
}

/// Letters of the longest title that may be a name as well, and one more.
const LONGEST_FIRST: usize = 4;
