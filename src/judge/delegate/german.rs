//! German gives every noun a capital: which words before a name are none of it.
//!
//! The language is told by a few words of the sentence, because what is known of the guest's says little about one sentence.

use crate::judge::text::fold;

/// Words of which one stands in nearly every German sentence about a substitute, and in those of no other language; in lower case.
const GERMAN: &str = " mich mein meine meinem meinen meiner unser unsere unserem unseren unserer statt anstatt anstelle stattdessen \
    nicht und für kommt wird geht nimmt schicke schickt übernimmt vertritt vertreten ";
/// Words behind which the next noun is no name, folded: "meine Tochter Lena Weber".
const POSSESSIVES: &str = " mein meine meinem meinen meiner meines unser unsere unserem unseren unserer unseres ein eine einem einen einer \
    eines ihr ihre ihrem ihren ihrer ihres seine seinem seinen seiner seines euer eure eurem euren eurer eures ";
/// Words behind which it may be one, folded: "der Azubi Max Müller", "die Anna Schmidt".
const ARTICLES: &str = " der die das den dem des ";
/// Words that often open a sentence before a noun, folded: "Wegen Krankheit", "Diesen Termin".
const OPENINGS: &str = " wegen aufgrund trotz wahrend nach seit mit ohne bei fur durch zu zum zur im am dieser diese diesem diesen dieses \
    nachste nachster nachsten kommende kommenden leider heute morgen ";
/// Pronouns that have a capital in letters, folded.
const PRONOUNS: &str = " sie ihnen ";
/// How an adjective ends between one of those words and its noun.
const ADJECTIVES: [&str; 5] = ["e", "er", "en", "es", "em"];
/// So many adjectives are looked at.
const MAX_ADJECTIVES: usize = 2;
/// Before "meiner" they make a pronoun of it, folded: "statt meiner Anna Schmidt".
const IN_PLACE: &str = " statt anstatt anstelle ";

/// What stands before a run of words with capitals.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// The sentence is not German.
    Foreign,
    Bare,
    Article,
    Possessive,
}

impl Before {
    /// What stands before the word there in a German sentence.
    pub(super) fn of(words: &[&str], at: usize) -> Self {
        let is_adjective = |word: &str| {
            let ends = || ADJECTIVES.iter().any(|ending| word.ends_with(ending));
            word.starts_with(char::is_lowercase) && ends() && !is_in(word, POSSESSIVES) && !is_in(word, ARTICLES)
        };
        let mut earlier = words.get(..at).unwrap_or_default();
        for _ in 0..MAX_ADJECTIVES {
            earlier = earlier.split_last().filter(|(last, _)| is_adjective(last)).map_or(earlier, |(_, rest)| rest);
        }
        let Some((last, rest)) = earlier.split_last() else { return Self::Bare };
        let is_pronoun = || is_in(last, " meiner ") && rest.last().is_some_and(|word| is_in(word, IN_PLACE));
        match last {
            word if is_in(word, ARTICLES) => Self::Article,
            word if is_in(word, POSSESSIVES) && !is_pronoun() => Self::Possessive,
            _ => Self::Bare,
        }
    }

    /// How many of the first capitals of a run are no name: those up to the last that says who somebody is; where none does, all
    /// but two behind an article or a possessive, and at least one behind a possessive.
    pub(super) fn nouns(self, capitals: &[&str]) -> usize {
        let spare = capitals.len().saturating_sub(2);
        let roles = || capitals.iter().rposition(|word| is_role(word)).map(|at| at + 1);
        match self {
            Self::Foreign => 0,
            Self::Bare => roles().unwrap_or(0),
            Self::Article => roles().unwrap_or(spare),
            Self::Possessive => roles().unwrap_or(spare.max(1)),
        }
    }
}

/// Whether a word as it stands, without a mark beside it, is one of a list.
fn is_in(word: &str, list: &str) -> bool {
    list.contains(&format!(" {} ", fold(word)))
}

/// Whether a German noun says who somebody is: kin, an office, a title. Nouns that are surnames too ("Mann") are not among them.
pub(super) fn is_role(word: &str) -> bool {
    const WHOLE: &str = " frau herr herrn ehefrau ehemann bruder sohn onkel tante oma opa nichte neffe schwager schwagerin ";
    const STEMS: &str = "tochter schwester cousine freundin kolleg vertreter vertretung leiter mitarbeiter beauftragt auszubildend \
        azubi vorsitzend beigeordnet angestellt referent assistent assistenz praktikant volontar sprecher chef burgermeister sekretar direktor \
        prasident nachfolger geschaftsfuhrer sachbearbeiter partner berater lehrer anwalt prokurist diakon pfarrer magister stadtrat";
    const ENDINGS: [&str; 8] = ["", "e", "en", "er", "in", "innen", "n", "s"];
    let folded = fold(word);
    let is_of = |stem: &str| ENDINGS.iter().any(|ending| folded.strip_suffix(ending).is_some_and(|rest| rest.ends_with(stem)));
    is_in(word, WHOLE) || STEMS.split_whitespace().any(is_of)
}

/// Whether a sentence, by its chunks between spaces, is German.
pub(super) fn is_german(chunks: &[&str]) -> bool {
    let trimmed = |chunk: &&str| chunk.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    chunks.iter().map(trimmed).any(|word| GERMAN.contains(&format!(" {word} ")))
}

/// Whether a word with a capital is a pronoun, or stands before a noun: one that `begins` a run, an article too, and one that
/// `opens` the sentence, a preposition.
pub(super) fn is_determiner(word: &str, begins: bool, opens: bool) -> bool {
    let is_opening = || is_in(word, ARTICLES) || opens && is_in(word, OPENINGS);
    is_in(word, POSSESSIVES) || is_in(word, PRONOUNS) || begins && is_opening()
}
