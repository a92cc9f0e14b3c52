//! When two names in lists may be one person's.

/// True where one name, by its words, may be the other one, corrected: they share a word (an initial or a particle is none), or one says nothing.
pub(super) fn may_be_one(one: &[String], other: &[String]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|word| word.chars().count() > 2 && other.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::names::words;

    #[test]
    fn a_corrected_name_shares_a_word() {
        let may = |one: &str, other: &str| may_be_one(&words(one), &words(other));
        assert!(may("Ana Pop", "Ana Popescu") && may("Ana M. Pop", "Pop Maria") && may("", "Ana Pop"));
        assert!(!may("Ana Pop", "Ion Rus") && !may("Maria de Vries", "Jan de Boer") && !may("Ana M.", "Ion M."));
    }
}
