//! The known word that a mistyped one was probably meant to be.

/// The candidate nearest to `typed`, unless all are too far: one edit (a swap counts as one) for every
/// three letters, and at least one. Case is ignored.
pub(super) fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let bound = (typed.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&typed, &word.to_lowercase()), word))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// The only candidate of which `typed` is a part (three letters at least), or which is a part of `typed`
/// (four at least): `command` for `token_command`, `username` for `user`.
pub(super) fn contained<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let part = |word: &str| typed.len() > 2 && word.contains(typed) || word.len() > 3 && typed.contains(word);
    let mut found = candidates.into_iter().filter(|word| part(word));
    found.next().filter(|_| found.next().is_none())
}

/// `a`, `b` and `c`, each in backquotes; `joint` is "and" or "or".
pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>, joint: &str) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {joint} {last}", rest.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_meant_and_nothing_far_fetched() {
        let keys = ["host", "port", "password", "user"];
        assert_eq!(nearest("pasword", keys), Some("password"));
        assert_eq!(nearest("Prot", keys), Some("port"));
        assert_eq!(nearest("username", keys), None);
        assert_eq!(nearest("", keys), None);
    }

    #[test]
    fn a_part_is_a_hint_where_it_is_the_only_one() {
        assert_eq!(contained("command", ["token_command"]), Some("token_command"));
        assert_eq!(contained("username", ["host", "user"]), Some("user"));
        assert_eq!(contained("_to", ["reply_to", "bounce_to"]), None);
        assert_eq!(contained("to", ["reply_to"]), None);
        assert_eq!(contained("", ["reply_to"]), None);
    }

    #[test]
    fn lists_read_like_a_sentence() {
        assert_eq!(listed(["a"], "or"), "`a`");
        assert_eq!(listed(["a", "b", "c"], "and"), "`a`, `b` and `c`");
        assert_eq!(listed([], "and"), "");
    }
}
