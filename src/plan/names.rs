//! When two names in lists are one name, written otherwise.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of a name without titles, accents and punctuation, sorted: the same however an export wrote it, with a cedilla or a
/// comma, with a title, the surname first or last.
pub(super) fn words(name: &str) -> Vec<String> {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let plain = plain.replace('ł', "l").replace('đ', "d").replace('ø', "o").replace('ß', "ss");
    let mut words: Vec<String> =
        plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && !TITLES.contains(word)).map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
}

const TITLES: [&str; 18] =
    ["dr", "prof", "ing", "dipl", "conf", "lect", "mr", "mrs", "ms", "msc", "phd", "dl", "dna", "doamna", "domnul", "herr", "frau", "sig"];

/// True where titles tell two people of one surname apart.
pub(super) fn are_two(one: &str, other: &str) -> bool {
    const HE: [&str; 5] = ["mr", "dl", "domnul", "herr", "sig"];
    const SHE: [&str; 6] = ["mrs", "ms", "dna", "doamna", "frau", "sigra"];
    let has = |name: &str, titles: &[&str]| name.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| titles.contains(&word));
    has(one, &HE) && has(other, &SHE) || has(one, &SHE) && has(other, &HE)
}

/// True where one name may be the other one, corrected: they share a word (an initial or a particle is none), or one says nothing.
pub(super) fn may_be_one(one: &[String], other: &[String]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|word| word.chars().count() > 2 && other.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_written_otherwise_is_the_same_name() {
        let name = words("Ștefan Țîrlea");
        for other in
            ["Ştefan Ţîrlea", "Stefan Tirlea", "ȚÎRLEA, Ștefan", "Dr. Ștefan  Țîrlea", "Dipl.-Ing. Tirlea Stefan", "S\u{326}tefan Țîrlea"]
        {
            assert_eq!(words(other), name, "{other}");
        }
        for other in ["Ștefan Țîrle", "Ștefan A. Țîrlea", "Ștefan", ""] {
            assert_ne!(words(other), name, "{other}");
        }
        assert_eq!(words("Dr."), Vec::<String>::new());
    }

    #[test]
    fn titles_tell_a_couple_apart() {
        assert!(are_two("Dl Popescu", "Dna. Popescu") && are_two("Frau Weber", "Herr Weber"));
        assert!(!are_two("Dr. Popescu", "Dna Popescu") && !are_two("Herr Weber", "Herr Dr. Weber"));
    }

    #[test]
    fn a_corrected_name_shares_a_word() {
        let may = |one: &str, other: &str| may_be_one(&words(one), &words(other));
        assert!(may("Ana Pop", "Ana Popescu") && may("Ana M. Pop", "Pop Maria") && may("", "Ana Pop"));
        assert!(!may("Ana Pop", "Ion Rus") && !may("Maria de Vries", "Jan de Boer") && !may("Ana M.", "Ion M."));
    }
}
