//! A bare yes or no: the same few letters mean one thing in one language and its opposite in another. And the shortest sentences for
//! it, where the learned witness is less sure of them than anybody would be.

use super::text::fold;
use crate::model::Answer;

/// `language<TAB>answer<TAB>words`.
const WORDS: &str = include_str!("words/short.tsv");

/// What a text that is nothing but such a word says in a language.
pub(super) fn answer(said: &str, lang: &str) -> Option<Answer> {
    let letters: String = said.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let folded: Vec<String> = letters.split_whitespace().map(fold).collect();
    let folded = folded.join(" ");
    let of_lang = |line: &'static str| line.strip_prefix(lang).or_else(|| line.strip_prefix('*'))?.strip_prefix('\t')?.split_once('\t');
    let rows = WORDS.lines().filter_map(of_lang);
    rows.filter(|(_, words)| words.split(" / ").any(|word| word == folded)).find_map(|(answer, _)| Answer::parse(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_letters_in_two_languages() {
        for (said, lang, meant) in [
            ("Jo.", "sq", Some(Answer::Decline)),
            ("Jo!", "lb", Some(Answer::Accept)),
            ("Ne", "cs", Some(Answer::Decline)),
            ("ΝΑΙ!!", "el", Some(Answer::Accept)),
            ("Όχι.", "el", Some(Answer::Decline)),
            ("Ja tack!", "sv", Some(Answer::Accept)),
            ("Ja, men", "sv", None),
            ("No", "cs", None),
            ("OK!", "cs", Some(Answer::Accept)),
            ("", "cs", None),
            ("Szívesen részt veszek!", "hu", Some(Answer::Accept)),
            ("Радо ћу доћи", "sr", Some(Answer::Accept)),
            ("Részt veszek, ha", "hu", None),
            ("Na klar!", "de", Some(Answer::Accept)),
            ("Звичайно, буду!", "uk", Some(Answer::Accept)),
            ("Nažalost ne.", "hr", Some(Answer::Decline)),
            ("Qué va.", "es", Some(Answer::Decline)),
            ("Szívesen", "hu", None),
        ] {
            assert_eq!(answer(said, lang), meant, "{lang}: {said}");
        }
    }

    #[test]
    fn every_row_is_folded_and_names_an_answer() {
        for line in WORDS.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            let [lang, said, words] = cells.as_slice() else { panic!("{line}") };
            assert!((lang.len() == 2 || *lang == "*") && Answer::parse(said).is_some(), "{line}");
            assert!(words.split(" / ").all(|words| words.split(' ').count() <= 4), "{line}");
            assert!(words.split(' ').filter(|word| *word != "/").all(|word| fold(word) == word), "{line}");
        }
    }
}
