//! When two names in lists may be one person's.

/// True where titles tell two people of one surname apart.
pub(super) fn are_two(one: &str, other: &str) -> bool {
    const HE: [&str; 4] = ["mr", "dl", "domnul", "herr"];
    const SHE: [&str; 5] = ["mrs", "ms", "dna", "doamna", "frau"];
    let has = |name: &str, titles: &[&str]| name.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| titles.contains(&word));
    has(one, &HE) && has(other, &SHE) || has(one, &SHE) && has(other, &HE)
}

/// True where one name, by its words, may be the other one, corrected: they share a word (an initial or a particle is none), or one says nothing.
pub(super) fn may_be_one(one: &[String], other: &[String]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|word| word.chars().count() > 2 && other.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::names::words;

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
