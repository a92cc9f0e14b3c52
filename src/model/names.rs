//! The names of people, made comparable: however a list or a mail program writes them.

use super::{
    titles::{self, Title},
    visible,
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// So many letters of a name are looked at.
pub(super) const LONGEST: usize = 200;

/// The words of a name without titles, accents and punctuation, sorted, each once: the same with a cedilla or a comma, with a title,
/// the surname first or last. Initials are words.
///
/// It stands here, below the rooms, because `plan` compares names of lists by it, and `pair` names of senders.
pub fn words(name: &str) -> Vec<String> {
    let mut words = spelt(titles::without_first(name).1);
    words.sort_unstable();
    words.dedup();
    words
}

/// The words of a name without titles, accents and punctuation, as they follow one another.
fn spelt(name: &str) -> Vec<String> {
    titles::parted(&plain(name, LONGEST)).0.into_iter().map(fold_letters).collect()
}

/// The words of a name as it is spoken, the same however it is spelt; None where it does not tell one person: a single word, or
/// more than is looked at. A surname in front is known by its comma, or by its capitals where other words have small letters: only
/// then, because Martin Paul need not be Paul Martin.
pub fn spoken(name: &str) -> Option<Vec<String>> {
    if name.chars().nth(LONGEST).is_some() {
        return None;
    }
    let name = titles::without_first(name).1;
    let is_shouted = |word: &str| word.chars().filter(|c| c.is_alphabetic()).nth(1).is_some() && !word.chars().any(char::is_lowercase);
    let (family, given) = match name.split_once(',') {
        Some((family, given)) => (spelt(family), spelt(given)),
        None => {
            let (shouted, others): (Vec<&str>, Vec<&str>) = name.split_whitespace().partition(|word| is_shouted(word));
            let calm = others.iter().any(|word| word.chars().any(char::is_lowercase) && !spelt(word).is_empty());
            let words = if calm { (shouted.join(" "), others.join(" ")) } else { (String::new(), name.to_owned()) };
            (spelt(&words.0), spelt(&words.1))
        }
    };
    let words: Vec<String> = given.into_iter().chain(family).collect();
    (words.len() > 1).then_some(words)
}

/// True where titles tell two people of one surname apart. Where both begin with what may be an initial, another one is another
/// person: "G. Ion Popa" and "P. Ion Popa", but not "Ion Popa".
pub fn are_two(one: &str, other: &str) -> bool {
    let first = |name| {
        titles::without_first(name)
            .0
            .map(|_| plain(name, LONGEST).split_whitespace().next().map(|first| first.trim_end_matches('.').to_owned()))
    };
    if first(one).zip(first(other)).is_some_and(|(one, other)| one != other) {
        return true;
    }
    let has = |name: &str, title| {
        let (first, rest) = titles::without_first(name);
        first == Some(title) || titles::parted(&plain(rest, LONGEST)).1.contains(&title)
    };
    has(one, Title::He) && has(other, Title::She) || has(one, Title::She) && has(other, Title::He)
}

/// The first letters of a text in lower case, without accents.
pub fn plain(text: &str, letters: usize) -> String {
    match text.get(..letters).unwrap_or(text) {
        head if head.is_ascii() => head.to_ascii_lowercase(),
        _ => text
            .chars()
            .filter(|c| !visible::is_zero_width(*c))
            .take(letters)
            .nfkd()
            .filter(|c| !is_combining_mark(*c))
            .flat_map(char::to_lowercase)
            .collect(),
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
        assert_eq!(words("Ște\u{AD}fan Țîr\u{200B}lea"), name);
        for other in ["Ștefan Țîrle", "Ștefan A. Țîrlea", "Ștefan", ""] {
            assert_ne!(words(other), name, "{other}");
        }
        assert_eq!(words("Dr."), Vec::<String>::new());
    }

    #[test]
    fn the_titles_of_every_day_are_no_names() {
        for (titled, name) in [
            ("Prof. univ. dr. Ria Popa", "Ria Popa"),
            ("Conf. univ. dr. ing. Ria Popa", "Ria Popa"),
            ("D-na Sia Popa", "Sia Popa"),
            ("D-l Dan Popa", "Dan Popa"),
            ("D-nul Dan Popa", "Dan Popa"),
            ("Arh. Dan Popa", "Dan Popa"),
            ("Av. POPA Dan", "POPA Dan"),
            ("mgr inż. Jan Nowak", "Jan Nowak"),
            ("Eng. Jan Nowak", "Jan Nowak"),
            ("Mag.Dr. Uwe Berg", "Uwe Berg"),
            ("Ing. arch. Jan Novák, CSc.", "Jan Novák"),
            ("doc. RNDr. Jan Novák", "Jan Novák"),
            ("Univ.-Prof. Dipl.-Ing. Dr. Uwe Berg", "Uwe Berg"),
            ("Prim. Dr. med. Uwe Berg", "Uwe Berg"),
            ("Dr. rer. nat. h.c. Uwe Berg", "Uwe Berg"),
            ("Sig.ra Lia Neri", "Lia Neri"),
            ("Dott.ssa Lia Neri", "Lia Neri"),
            ("M. Luc Petit", "Luc Petit"),
            ("Mlle Zoé Petit", "Zoé Petit"),
            ("Κα Άννα Νίκου", "Άννα Νίκου"),
            ("Г-жа Ана Илиева", "Ана Илиева"),
            ("Д-р Ана Илиева", "Ана Илиева"),
            ("пані Ольга Коваль", "Ольга Коваль"),
            ("Hr. Bo Lund", "Bo Lund"),
        ] {
            assert_eq!((words(titled), spoken(titled)), (words(name), spoken(name)), "{titled}");
        }
        // Names and initials that look like titles.
        for (one, other) in [
            ("Ana M. Pop", "Ana Pop"),
            ("M. Pop", "Pop"),
            ("Pan Li", "Li"),
            ("Dr. Phil Berg", "Dr. Berg"),
            ("Med Ben Ali", "Ben Ali"),
            ("Ana-Maria Pop", "Maria Pop"),
            ("M.R. Anil Kumar", "D.R. Anil Kumar"),
            ("A.V. Ivan Petrov", "E.C. Ivan Petrov"),
            ("Kumar M.R. Anil", "Kumar D.R. Anil"),
            ("Pan Wei Li", "Wei Li"),
            ("Tri Minh Nguyen", "Minh Nguyen"),
            ("Eng Wei Tan", "Wei Tan"),
            ("Av Ben Levi", "Ben Levi"),
        ] {
            assert_ne!(words(one), words(other), "{one}");
        }
    }

    #[test]
    fn titles_tell_a_couple_apart() {
        assert!(are_two("Dl Popescu", "Dna. Popescu") && are_two("Frau Weber", "Herr Weber"));
        assert!(are_two("D-l Popescu", "D-na Popescu") && are_two("Sig. Andrea Neri", "Sig.ra Andrea Neri"));
        assert!(are_two("M. Dominique Petit", "Mme Dominique Petit") && are_two("M. et Mme Petit", "M. et Mme Petit"));
        assert!(are_two("Γ. Νίκου, κος", "Κα Νίκου") && are_two("Г-н Илиев", "Г-жа Илиева"));
        assert!(are_two("G. Ion Popa", "P. Ion Popa") && !are_two("G. Ion Popa", "Ion Popa") && !are_two("G. Ion Popa", "g Ion Popa"));
        assert!(!are_two("Pr. Luc Petit", "M. Luc Petit"));
        assert!(!are_two("Dr. Popescu", "Dna Popescu") && !are_two("Herr Weber", "Herr Dr. Weber"));
    }

    #[test]
    fn a_name_is_spoken_in_one_way() {
        let name = spoken("Ștefan Ioniță");
        assert!(name.is_some());
        for other in [
            "Stefan Ionita",
            "Dr. Ștefan Ioniță",
            "IONIȚĂ Ștefan",
            "Ștefan IONIȚĂ",
            "Ioniță, Ștefan",
            "Ioniță, dr. Ștefan",
            "ŞTEFAN IONIŢĂ",
        ] {
            assert_eq!(spoken(other), name, "{other}");
        }
        for other in ["Ioniță Ștefan", "IONIȚĂ ȘTEFAN", "Ștefan A. Ioniță", "Ștefan Ioniță jr."] {
            assert!(spoken(other) != name && spoken(other).is_some(), "{other}");
        }
        for other in ["Popescu", "Dna Popescu", "", "Dr.", &"a b".repeat(100)] {
            assert_eq!(spoken(other), None, "{other}");
        }
    }
}
