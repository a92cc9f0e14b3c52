//! Who comes along, as a sentence lists them: "granny, my parents, me and the twins" are six.
//!
//! The third witness of numbers, beside the learned one, which cannot add, and the phrases of `party`, which know few of these lists. It
//! knows words for persons, numbers and what joins them, one by one, in 39 languages (`words/company/`), and no grammar: so it
//! is believed only where the learned witness does not find its number improbable; where the two hear different numbers, none is sure. The
//! words were written by a language model; no native speaker has looked at them.

mod lexicon;
mod parts;
#[cfg(test)]
mod tests;

use super::text::{Sentence, Text, Word, fold};
use parts::{Of, brought, coordinated, part, sum};
use unicode_normalization::char::is_combining_mark;

/// A larger number in digits counts no persons of a list.
const MAX_NUMBER: u8 = 50;
/// So many words and marks of a text are looked at.
const MAX_PIECES: usize = 1_000;
/// Words that begin a greeting, folded: whom it greets is not in a list behind it on the same line.
const GREETINGS: &str = " dear hi hello hey hallo liebe lieber liebes moin servus chere cher bonjour salut coucou bonsoir cara caro gentile ciao \
    buongiorno querida querido estimada estimado hola caro prezada prezado ola beste lieve geachte hoi dag draga dragi stimata stimate buna salut \
    kara hej hei hejsan kjaere kaere kaera rakas hyva moi tere kallis lugupeetud mila milais labdien sveiki sveikas sveika miela mielas gerbiamas \
    gerbiama labas draha drahy mila mily ahoj dobry vazena vazeny dragi postovani postovana zdravo bok zivjo drogi droga szanowna szanowny czesc \
    kedves szia sziasztok tisztelt αγαπητη αγαπητε αγαπητοι γεια καλημερα скъпа скъпи уважаема уважаеми здравеи драга драги поштовани здраво шановна \
    шановнии дорога дорогии привіт добрии дорогая дорогои уважаемая уважаемыи привет здравствуите sayin sevgili merhaba selam ghaziz ghaziza hawn \
    annwyl chara estimat estimats benvolgut hola kaixo kaera saell sael moien leiwen leif i nderuar pershendetje ";

/// What a word, or several, is in a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tag {
    /// The guest comes without anybody.
    Alone,
    /// So many come, the guest included: "zu dritt", "ötösben".
    Total(u8),
    Number(u8),
    Both,
    /// "2 adults and 3 children": the guest is one of them.
    Adult,
    /// Two by themselves: parents, twins.
    Two,
    One,
    /// Persons who need a number.
    Many,
    We,
    Me,
    /// What takes the next one out: "without", "not".
    Not,
    And,
    /// An "and" that may name one who has been counted: "we two with my husband".
    With,
    /// A verb by which somebody is brought.
    Take,
    /// What may stand beside a noun: articles, possessives, titles.
    Filler,
    Name,
    Comma,
    Other,
}

/// How it was told who comes, the plainest first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    List,
    Us,
    Brought,
}

/// How many come in all, the guest included, where a list, "we" with a number, or a person who is brought tells it; 1 where the guest
/// comes alone. None where nothing does, or two of a kind tell two numbers. Questions tell nothing.
///
/// It is read in the language that knows most of its words; where several know as many, they must agree.
pub(super) fn count(said: &str) -> Option<u32> {
    let text = Text::of(said);
    let sentences = text.sentences.iter().filter(|sentence| !sentence.question);
    let mut left = MAX_PIECES;
    let pieces = |sentence: &Sentence| {
        let pieces = pieces(said.get(sentence.start..sentence.end)?, sentence.start, &text, left);
        left -= pieces.len();
        Some(pieces)
    };
    let sentences: Vec<Vec<Piece>> = sentences.filter_map(pieces).map(without_greeting).collect();
    let mut most = 0;
    let mut told: Option<Option<u32>> = None;
    for lexicon in lexicon::all() {
        let tagged: Vec<(Vec<Tag>, usize)> = sentences.iter().map(|pieces| lexicon.tags(pieces)).collect();
        let known = tagged.iter().map(|(_, known)| known).sum();
        if known < most || known == 0 {
            continue;
        }
        let number = told_by(tagged.into_iter().map(|(tags, _)| tags));
        told = if known > most || told == Some(number) { Some(number) } else { Some(None) };
        most = known;
    }
    told.flatten()
}

fn told_by(sentences: impl Iterator<Item = Vec<Tag>>) -> Option<u32> {
    let (mut found, mut alone) = (Vec::new(), false);
    for tags in sentences.filter(|tags| !is_either(tags)) {
        let items = items(tags);
        alone |= items.iter().any(|item| item.join == Join::Mark && is_alone(&item.tags));
        lists(&items, &mut found);
    }
    let of = |by: By| found.iter().filter(move |(_, other)| *other == by).map(|(number, _)| *number);
    let Some(by) = [By::List, By::Us, By::Brought].into_iter().find(|by| of(*by).next().is_some()) else {
        return alone.then_some(1);
    };
    let number = of(by).next()?;
    of(by).all(|other| other == number).then_some(number)
}

/// A word of a sentence, folded, or a mark.
enum Piece {
    Word { folded: String, name: bool },
    Number(u32),
    And,
    Comma,
}

/// The words and marks of a sentence that begins at `from`, at most so many: cut at hyphens and behind apostrophes, as the words of the
/// lexicon are. A link is no word.
fn pieces(sentence: &str, from: usize, text: &Text, most: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut chars = sentence.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, c)) = chars.next().filter(|_| pieces.len() < most) {
        let is_apostrophe = |c: char| matches!(c, '\'' | '’' | 'ʼ');
        let inside = |c: char| (c.is_alphabetic() || is_combining_mark(c)) && !is_apostrophe(c);
        let word = word(text, from + at);
        if let Some(link) = word.filter(|word| word.inert && word.folded == "link") {
            while chars.next_if(|(at, _)| from + at < link.end).is_some() {}
            pieces.push(Piece::Comma);
        } else if inside(c) {
            let mut end = at + c.len_utf8();
            while let Some((at, c)) = chars.next_if(|(_, c)| inside(*c)) {
                end = at + c.len_utf8();
            }
            let elided = chars.next_if(|(_, c)| is_apostrophe(*c)).map_or("", |_| "'");
            let folded = sentence.get(at..end).map(fold).unwrap_or_default() + elided;
            pieces.push(Piece::Word { folded, name: word.is_some_and(|word| word.name) });
        } else if let Some(digit) = c.to_digit(10) {
            let mut number = digit;
            while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_digit()) {
                number = number.saturating_mul(10).saturating_add(c.to_digit(10).unwrap_or_default());
            }
            pieces.push(Piece::Number(number));
        } else if matches!(c, '+' | '&') {
            pieces.push(Piece::And);
        } else if ",;:()–—/".contains(c) || c == '-' && (last == ' ' || chars.peek().is_none_or(|(_, next)| next.is_whitespace())) {
            pieces.push(Piece::Comma);
        }
        last = c;
    }
    pieces
}

/// The word that stands at a place, in bytes.
fn word(text: &Text, at: usize) -> Option<&Word> {
    let behind = text.words.partition_point(|word| word.start <= at);
    behind.checked_sub(1).and_then(|word| text.words.get(word)).filter(|word| at < word.end)
}

/// "Dear Ana, my husband and I will come"
fn without_greeting(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let greets = matches!(pieces.first(), Some(Piece::Word { folded, .. }) if GREETINGS.contains(&format!(" {folded} ")));
    let end = pieces.iter().position(|piece| matches!(piece, Piece::Comma)).filter(|_| greets);
    pieces.drain(..end.map_or(0, |end| end + 1));
    pieces
}

/// What joins an item to the next one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Join {
    Mark,
    With,
    And,
}

/// What stands between the marks and the "and"s of a sentence.
struct Item {
    tags: Vec<Tag>,
    join: Join,
}

fn items(tags: Vec<Tag>) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut open = Vec::new();
    for tag in tags {
        let join = match tag {
            Tag::And => Join::And,
            Tag::With => Join::With,
            Tag::Comma => Join::Mark,
            tag => {
                open.push(tag);
                continue;
            }
        };
        match items.last_mut() {
            // ", and", "and with"
            Some(last) if open.is_empty() => last.join = last.join.max(join),
            _ => items.push(Item { tags: std::mem::take(&mut open), join }),
        }
    }
    items.push(Item { tags: open, join: Join::Mark });
    items
}

/// "2-3 of us", "zu dritt oder zu viert"
fn is_either(tags: &[Tag]) -> bool {
    let counts = |tag: &Tag| matches!(tag, Tag::Number(_) | Tag::Total(_));
    tags.windows(2).any(|pair| pair.iter().all(counts))
        || tags.windows(3).any(|three| matches!(three, [one, Tag::Other, other] if counts(one) && counts(other)))
}

/// Whether the guest comes alone, and not "not alone"; where an "and" follows, not alone either ("only me and the little one").
fn is_alone(tags: &[Tag]) -> bool {
    tags.iter().find(|tag| matches!(tag, Tag::Alone | Tag::Not)) == Some(&Tag::Alone)
}

/// The numbers that the lists of a sentence tell.
fn lists(items: &[Item], found: &mut Vec<(u32, By)>) {
    let mut at = 0;
    while let Some(item) = items.get(at) {
        let before = at.checked_sub(1).and_then(|before| items.get(before));
        // Before a list, and behind one, other words may stand.
        let behind = item.tags.iter().rposition(|tag| *tag == Tag::Other).map_or(0, |other| other + 1);
        let (begins, ends) = (item.tags.get(behind..).unwrap_or_default(), leading(&item.tags));
        let (first, tags, goes_on) = match (part(begins), part(ends)) {
            (Some(first), _) => (first, begins, true),
            (None, Some(first)) => (first, ends, ends.len() == item.tags.len()),
            (None, None) => {
                at += 1;
                continue;
            }
        };
        let mut list = vec![(first, item.join)];
        let mut open = goes_on;
        while open && let Some(next) = items.get(at + list.len()) {
            let tags = leading(&next.tags);
            let Some(part) = part(tags) else { break };
            list.push((part, next.join));
            open = tags.len() == next.tags.len();
        }
        let joined = before.is_some_and(|before| before.join != Join::Mark);
        let taken = brought(tags) || joined && before.is_some_and(|before| ends_with_take(&before.tags));
        if let Some(number) = sum(&list) {
            found.push((number, if list.len() > 1 { By::List } else { By::Us }));
        } else if taken && list.iter().all(|(part, _)| !part.guest) && (joined || first.of == Of::Person) {
            let others: u32 = coordinated(&list).iter().map(|(part, _)| part.people).sum();
            found.push((others + 1, By::Brought));
        }
        at += list.len();
    }
}

/// The tags before the first word that is none of a list.
fn leading(tags: &[Tag]) -> &[Tag] {
    let end = tags.iter().position(|tag| *tag == Tag::Other).unwrap_or(tags.len());
    tags.get(..end).unwrap_or_default()
}

/// Whether the last word of these, articles aside, is a verb by which somebody is brought.
fn ends_with_take(tags: &[Tag]) -> bool {
    tags.iter().rev().find(|tag| **tag != Tag::Filler) == Some(&Tag::Take)
}
