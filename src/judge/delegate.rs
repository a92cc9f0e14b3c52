//! Who comes instead, read from words.

use super::{lexicon, text::fold};
use crate::model::{Address, Delegate};

/// More words than these are no name.
const MAX_NAME_WORDS: usize = 4;

/// The name and the address of the substitute, where they stand in the sentences that decided.
///
/// A name is a run of two to four words that begin with a capital inside a sentence; where there are several such
/// runs none is taken. The address is the only one in the text.
pub(super) fn of(said: &str, evidence: &[(usize, usize)]) -> Option<Delegate> {
    let mut addresses = said
        .split_whitespace()
        .filter(|word| word.contains('@'))
        .take(10)
        .filter_map(|word| Address::parse(word.trim_matches(|c: char| !c.is_alphanumeric())).ok());
    let email = addresses.next().filter(|_| addresses.next().is_none());
    let mut names = names(said, evidence);
    let name = names.pop().filter(|_| names.is_empty());
    (name.is_some() || email.is_some()).then_some(Delegate { name, email })
}

/// Words between the names of two people.
const AND: [&str; 20] =
    ["and", "&", "or", "și", "si", "şi", "sau", "en", "of", "e", "ed", "o", "und", "oder", "et", "ou", "y", "i", "ir", "ja"];
/// So many names are compared with one another.
const MAX_NAMES: usize = 10;

/// Whether two names stand in the sentences that decided with nothing but an "and" between them.
pub(super) fn are_joined(said: &str, evidence: &[(usize, usize)]) -> bool {
    let names: Vec<String> = names(said, evidence).into_iter().take(MAX_NAMES).collect();
    let joined = |one: &String, other: &String| AND.iter().any(|and| said.contains(&format!("{one} {and} {other}")));
    names.iter().any(|one| names.iter().any(|other| joined(one, other)))
}

/// The names in the sentences that decided, each once.
fn names(said: &str, evidence: &[(usize, usize)]) -> Vec<String> {
    let mut names: Vec<String> = evidence.iter().filter_map(|(start, end)| said.get(*start..*end)).flat_map(runs).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Words in lower case inside a name.
const PARTICLES: [&str; 24] = [
    "van", "von", "der", "den", "de", "del", "della", "da", "di", "do", "dos", "das", "la", "las", "los", "le", "du", "zu", "zur", "ten",
    "ter", "te", "el", "af",
];

/// Those of them that mean from, in, at or to as well.
const PREPOSITIONS: [&str; 11] = ["de", "del", "della", "da", "di", "do", "du", "la", "le", "das", "dos"];

/// Runs of capitalised words, without the titles before them and without a word that has its capital from the sentence.
fn runs(sentence: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    let mut opens = false;
    // Particles that belong to the name if it goes on behind them.
    let mut between: Vec<&str> = Vec::new();
    for (i, chunk) in sentence.split_whitespace().enumerate() {
        let word = chunk.trim_matches(|c: char| !c.is_alphanumeric());
        let ends = chunk.ends_with([',', '.', ';', ':', ')', '!']);
        let is_name = word.chars().next().is_some_and(char::is_uppercase)
            && word.chars().count() > 1
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '’'))
            && !chunk.contains('@');
        // "Ana Pop de la Primăria": behind a whole name it tells where somebody is from.
        let is_from = between.is_empty() && run.len() > 1 + usize::from(opens) && PREPOSITIONS.contains(&word);
        if !run.is_empty() && PARTICLES.contains(&word) && chunk == word && !is_from {
            between.push(word);
            continue;
        }
        // "Ana Pop, Dr. Dan Rus": a title begins a new name.
        if is_degree(word) {
            close(&mut run, opens, &mut runs);
            between.clear();
            continue;
        }
        if is_name && !(run.is_empty() && is_title(word)) {
            run.append(&mut between);
            // A name of two words may be one that is a word too: Will, Rose.
            if run.is_empty() {
                opens = i == 0 && lexicon::all().iter().any(|lexicon| lexicon.knows(&fold(word)));
            }
            run.push(word);
        }
        between.clear();
        if !is_name || ends {
            close(&mut run, opens, &mut runs);
        }
    }
    close(&mut run, opens, &mut runs);
    runs
}

fn close(run: &mut Vec<&str>, opens: bool, runs: &mut Vec<String>) {
    let name = run.get(usize::from(opens && run.len() > 2)..).unwrap_or_default();
    let capitals = name.iter().filter(|word| !PARTICLES.contains(word)).count();
    if (2..=MAX_NAME_WORDS).contains(&capitals) {
        runs.push(name.join(" "));
    }
    run.clear();
}

/// Titles that are no part of any name, in the middle of one either.
fn is_degree(word: &str) -> bool {
    const WORDS: &str = " dr dra drs prof profesor professor ing mgr bc dipl inz dott dottssa doc phdr mudr judr ir ";
    WORDS.contains(&format!(" {} ", fold(word)))
}

/// Words with a capital before a name: titles, pronouns, what somebody is.
fn is_title(word: &str) -> bool {
    let folded = fold(word);
    const WORDS: &str = " doamna domnul colega colegul dna dl my our mr mrs ms mijn onze mevrouw meneer il la mia mio kolega kolegica \
        moja moj kolege mano kollegani kollega frau herr meine mein madame monsieur ma mon kollegin kollege kollegen chefin chef \
        mitarbeiterin mitarbeiter colleague mme mlle hr fr dhr mevr mw sig signora signor sra sr srta senora senor pan pani gospodin \
        gospoda gospodja ";
    WORDS.contains(&format!(" {folded} ")) || is_degree(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_all(said: &str) -> Option<Delegate> {
        of(said, &[(0, said.len())])
    }

    #[test]
    fn names_and_addresses() {
        for (said, name, email) in [
            ("Colega mea Ana Pop va participa în locul meu.", Some("Ana Pop"), None),
            ("Doamna Ana-Maria Ionescu va veni în locul meu (ana@city.example).", Some("Ana-Maria Ionescu"), Some("ana@city.example")),
            ("My colleague, Hannah Zhou, will attend in my place", Some("Hannah Zhou"), None),
            ("Dan Rus vine în locul meu", Some("Dan Rus"), None),
            ("Meine Kollegin Anna Schmidt kommt an meiner Stelle.", Some("Anna Schmidt"), None),
            ("Instead Anna Schmidt will come in my place.", Some("Anna Schmidt"), None),
            ("Will Smith will come in my place.", Some("Will Smith"), None),
            ("Statt meiner kommt Herr Dr. Klaus Weber.", Some("Klaus Weber"), None),
            ("Helyettem Dr. Kiss Mária jön.", Some("Kiss Mária"), None),
            ("Mme Anne-Laure viendra à ma place.", None, None),
            ("In mijn plaats komt Jan de Vries.", Some("Jan de Vries"), None),
            ("Vendrá Ana de la Fuente en mi lugar.", Some("Ana de la Fuente"), None),
            ("An meiner Stelle kommt Karl von Berg.", Some("Karl von Berg"), None),
            ("În locul meu vine Ana Pop de la contabilitate.", Some("Ana Pop"), None),
        ] {
            let found = of_all(said).unwrap_or_default();
            assert_eq!((found.name.as_deref(), found.email.as_ref().map(Address::as_str)), (name, email), "{said}");
        }
        assert_eq!(of_all("Colega mea vine în locul meu."), None);
        let two = "Vine Ana Pop sau Dan Rus în locul meu.";
        assert_eq!((of_all(two), are_joined(two, &[(0, two.len()), (0, two.len())])), (None, true));
        let one = "Vine Ana Pop, Șef Birou la Comisia Europeană, în locul meu.";
        assert!(!are_joined(one, &[(0, one.len())]));
    }
}
