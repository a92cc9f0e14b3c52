//! Numbers in digits that may count more people than the learned witness was taught to count.

use super::{
    learned::Reading,
    party,
    text::{Text, Word},
};
use crate::model::Verdict;
use std::{ops::RangeInclusive, sync::LazyLock};

const BESIDE: &str = include_str!("words/digits.txt");
/// The learned witness was taught to count to twelve.
const TAUGHT: u32 = 12;
/// A larger number is a telephone or a postcode.
const MOST: u32 = 9_999;
/// Such a number is a year.
const YEARS: RangeInclusive<u32> = 1900..=2100;
/// Where the learned witness gives so much to none being said, a number counts something else, …
const UNCOUNTED: f64 = 0.99;
/// … and from here on it may.
const LIKELY: f64 = 0.5;
/// Where it gives less to more people than it was taught to count, and its own number is likely, a large number counts something else,
/// unless rules read it.
const MANY: f64 = 0.0002;
/// Below this probability of its number, the learned witness counts people only where the rules do not.
pub(super) const COUNTED: f64 = 0.6;
/// From this probability on, its number is likelier than a larger one that no rule reads.
const CERTAIN: f64 = 0.9;
/// So many more than a number of others are the guest and who comes with them.
const AND_US: u32 = 2;

/// Words before a number that is about so large; the word before them tells what it counts ("kl ca 18").
pub(super) const ABOUT: [&str; 12] =
    ["ca", "circa", "cirka", "around", "about", "environ", "etwa", "ungefahr", "ongeveer", "noin", "okolo", "umkring"];

/// The numbers of more people than the learned witness was taught, each once: those that no month, hour, room, age or price
/// stands beside.
pub(super) fn people(said: &str) -> Vec<u32> {
    beside(said, TAUGHT + 1..=MOST)
}

/// The numbers of such a size that may count people, each once.
fn beside(said: &str, size: RangeInclusive<u32>) -> Vec<u32> {
    let text = Text::of(said);
    let may_count = text.words.iter().enumerate().filter(|(at, word)| !is_other(said, &text, *at, word));
    let mut numbers: Vec<u32> = may_count.filter_map(|(_, word)| number(word)).filter(|number| size.contains(number)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Counts the people of a text in which a number of more than were taught stands; false where there is none, and nothing is done.
///
/// What the rules read is taken where it is that number, and no smaller one stands beside it. Nothing is done either where the learned
/// witness is sure that fewer come, or where the rules and what it `heard` agree on fewer people, in another sentence. Else it is for a
/// look, and what the learned witness is certain of is the guess where its number stands there too, as `stands` tells: "18 val., keturi".
pub(super) fn count(
    said: &str,
    ruled: impl Fn(&str) -> Option<u32>,
    stands: impl Fn(u32) -> bool,
    heard: Option<&Reading>,
    verdict: &mut Verdict,
) -> bool {
    let typed = people(said);
    let Some(most) = typed.last() else { return false };
    let uncounted = heard.map_or(0.0, |heard| heard.uncounted);
    let number = ruled(said);
    if uncounted > UNCOUNTED {
        // "Yes, I will come. There are 30 of us."
        if let Some(number) = number.filter(|number| has(&typed, *number)) {
            verdict.doubt(format!("it may say that {number} come"));
        }
        return false;
    }
    if let Some(number) = number.filter(|number| has(&typed, *number)) {
        verdict.party = Some(number);
        // "Our hall has 200 seats"
        if uncounted > LIKELY {
            verdict.doubt(format!("it may say that {number} come"));
        }
        // "20 people plus 2 drivers": whether they are among them nobody knows.
        if let Some(few) = beside(said, 2..=TAUGHT).first() {
            verdict.doubt(format!("it may say that {number} come, and {few} with them"));
        }
        return true;
    }
    // "Tom (15) and I"; of 13 the learned witness may hear the 3 alone.
    let is_part = |few: u32| typed.iter().any(|number| number.to_string().contains(&few.to_string()));
    let is_other = |heard: &Reading| heard.many < MANY && heard.party.is_none_or(|(few, chance)| chance >= LIKELY && !is_part(few));
    if heard.is_some_and(is_other) {
        return false;
    }
    let agreed = heard.and_then(|heard| heard.party).filter(|(few, chance)| *chance >= COUNTED && Some(*few) == number).map(|(few, _)| few);
    if agreed.is_some() && is_elsewhere(said, agreed, &ruled) {
        return false;
    }
    let certain = heard.and_then(|heard| heard.party).filter(|(few, chance)| *chance >= CERTAIN && stands(*few)).map(|(few, _)| few);
    verdict.party = agreed.or(certain).or(Some(*most).filter(|_| typed.len() == 1));
    let other = heard.and_then(|heard| heard.party).map(|(few, _)| few).or(number);
    verdict.doubt(match other {
        Some(number) => format!("it may say that {number} come, or {most}"),
        None => format!("it may say that {most} come"),
    });
    true
}

/// Whether a number that rules read stands there in digits, alone or with those who come beside it.
pub(super) fn has(typed: &[u32], ruled: u32) -> bool {
    !typed.is_empty() && typed.iter().all(|number| (*number..=number + AND_US).contains(&ruled))
}

fn number(word: &Word) -> Option<u32> {
    let plain = word.folded.bytes().all(|byte| byte.is_ascii_digit()) && !word.folded.starts_with('0');
    word.folded.parse().ok().filter(|number| plain && *number <= MOST && !YEARS.contains(number))
}

/// Whether the number that was read stands in a sentence without large numbers, and rules read no large one where they stand.
fn is_elsewhere(said: &str, agreed: Option<u32>, ruled: impl Fn(&str) -> Option<u32>) -> bool {
    let text = Text::of(said);
    let sentences = text.sentences.iter().filter_map(|sentence| said.get(sentence.start..sentence.end));
    let (large, others): (Vec<&str>, Vec<&str>) = sentences.partition(|sentence| !people(sentence).is_empty());
    others.iter().any(|sentence| ruled(sentence) == agreed)
        && large.iter().all(|sentence| !ruled(sentence).is_some_and(|number| has(&people(sentence), number)))
}

/// Whether what stands beside a number says that it counts something else.
fn is_other(said: &str, text: &Text, at: usize, word: &Word) -> bool {
    let near = |at: Option<usize>| at.and_then(|at| text.words.get(at)).filter(|other| other.sentence == word.sentence);
    let (before, behind) = (near(at.checked_sub(1)), near(Some(at + 1)));
    let has_digit = |word: &Word| word.folded.bytes().any(|byte| byte.is_ascii_digit());
    let links = |word: &&Word| matches!(word.folded.as_str(), "de" | "of" | "di" | "d");
    let behind_link = behind.filter(links).and_then(|_| near(Some(at + 2)));
    let start = said.get(..word.start).and_then(|before| before.chars().next_back());
    let mut rest = said.get(word.end..).unwrap_or_default().chars();
    let (end, next) = (rest.next(), rest.next());
    let mut words_before = text.words.get(..at).unwrap_or_default().iter().rev();
    let firm = words_before.find(|other| !ABOUT.contains(&other.folded.as_str()));
    // "nr. 14", "Strada Florilor 14"; not "meine Klasse, 28 Kinder".
    let is_beside = |other: &&Word| said.get(other.end..word.start).is_some_and(|between| between.trim().is_empty());
    before.is_some_and(|other| has_digit(other) || other.name && is_beside(&other))
        || firm.is_some_and(|other| Beside::get().is_before(&other.folded))
        // "on the 24"
        || before.is_some_and(|word| word.folded == "the") && near(at.checked_sub(2)).is_some_and(|word| word.folded == "on")
        || [behind, behind_link].into_iter().flatten().any(|word| has_digit(word) || Beside::get().is_behind(&word.folded))
        || start.is_some_and(|c| "+#€$£§/-–.:_".contains(c))
        || end.is_some_and(|c| "%€$£°/:–_".contains(c))
        || end.is_some_and(|c| matches!(c, '-' | '’' | '\'')) && next.is_some_and(char::is_alphanumeric)
        || end == Some(' ') && next.is_some_and(|c| "%€$£°".contains(c))
        || party::is_ordinal(said, text, &(at..at + 1))
}

/// The words beside numbers that count no people: whole ones, and beginnings.
struct Beside {
    before: (Vec<&'static str>, Vec<&'static str>),
    behind: (Vec<&'static str>, Vec<&'static str>),
}

impl Beside {
    fn get() -> &'static Self {
        static BOTH: LazyLock<Beside> = LazyLock::new(|| Beside { before: words("before"), behind: words("behind") });
        &BOTH
    }

    fn is_before(&self, folded: &str) -> bool {
        is_in(&self.before, folded)
    }

    fn is_behind(&self, folded: &str) -> bool {
        is_in(&self.behind, folded)
    }
}

fn is_in((whole, beginnings): &(Vec<&str>, Vec<&str>), folded: &str) -> bool {
    whole.contains(&folded) || beginnings.iter().any(|beginning| folded.starts_with(beginning))
}

fn words(place: &str) -> (Vec<&'static str>, Vec<&'static str>) {
    let lines = BESIDE.lines().filter_map(|line| line.split_once('\t')).filter(|(of, _)| *of == place);
    let (beginnings, whole): (Vec<&str>, Vec<&str>) = lines.flat_map(|(_, words)| words.split(' ')).partition(|word| word.ends_with('*'));
    (whole, beginnings.into_iter().map(|word| word.trim_end_matches('*')).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_count_people() {
        for (said, numbers) in [
            ("Nous serons 75 personnes.", &[75][..]),
            ("We will come with 60 people", &[60]),
            ("Venim 24.", &[24]),
            ("Yes, 13 of us or 14", &[13, 14]),
            ("We meet at 13:15 on 24 November 2026 in room 24.", &[]),
            ("24/11/2026, 24.11., 24-26 November, am 24. kommen wir", &[]),
            ("Je viendrai le 24 novembre pour 24 heures, el 24 de noviembre, den 24. april", &[]),
            ("My son is 16 years old, tel. 0721 123 456 or +40 721123, Strada Florilor 24", &[]),
            ("It costs 24 € or €25 or 30%, with 2 of us, 10 people", &[]),
            ("Приїдемо 24 листопада, 24 lapkričio, 24 marraskuuta, 24-én", &[]),
            ("Yes, we will be around 75 people.", &[75]),
            ("Verremo in circa 25. Ja, vi blir ca. 40 stycken.", &[25, 40]),
            ("kl ca 18, around 14:30, um etwa 16 Uhr", &[]),
            ("12345 people, 013 people, since 1989", &[]),
            ("Ich komme mit meiner Klasse, 28 Kinder", &[28]),
            ("tá sí 80 bliain d'aois, għandha 80 sena, 80 yaşında, cumple 80, hotel, camera 214", &[]),
            ("Strada Mare nr. 14, byt č. 14, confirmo el congreso del 22 de mayo", &[]),
        ] {
            assert_eq!(people(said), numbers, "{said}");
        }
        assert!(has(&[24], 25) && !has(&[24], 23) && !has(&[13, 30], 13) && !has(&[], 2));
    }

    #[test]
    fn every_word_is_folded() {
        for line in BESIDE.lines().filter(|line| !line.starts_with('#')) {
            let (place, words) = line.split_once('\t').unwrap();
            assert!(matches!(place, "before" | "behind"));
            for word in words.split(' ') {
                let word = word.trim_end_matches('*');
                assert!(!word.is_empty() && super::super::text::fold(word) == word, "{word}");
            }
        }
    }
}
