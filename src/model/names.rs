//! The names of people, made comparable: however a list or a mail program writes them.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// So many letters of a name are looked at.
const LONGEST: usize = 200;

/// The words of a name without titles, accents and punctuation, sorted, each once: the same with a cedilla or a comma, with a title,
/// the surname first or last. Initials are words.
///
/// It stands here, below the rooms, because `plan` compares names of lists by it, and `pair` names of senders.
pub fn words(name: &str) -> Vec<String> {
    let plain = plain(name, LONGEST);
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && !TITLES.contains(word));
    let mut words: Vec<String> = words.map(fold_letters).collect();
    words.sort_unstable();
    words.dedup();
    words
}

const TITLES: [&str; 18] =
    ["dr", "prof", "ing", "dipl", "conf", "lect", "mr", "mrs", "ms", "msc", "phd", "dl", "dna", "doamna", "domnul", "herr", "frau", "sig"];

/// The first letters of a text in lower case, without accents.
pub fn plain(text: &str, letters: usize) -> String {
    match text.get(..letters).unwrap_or(text) {
        head if head.is_ascii() => head.to_ascii_lowercase(),
        _ => text.chars().take(letters).nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect(),
    }
}

/// A plain text as it may be typed by somebody who has no such letters.
pub fn fold_letters(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.replace('ł', "l").replace('đ', "d").replace('ø', "o").replace('ß', "ss")
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
}
