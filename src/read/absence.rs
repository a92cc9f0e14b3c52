//! The text of a note of absence, where nothing but its words tells that a program sent it.

use super::words::{Phrases, fold, list};
use std::sync::LazyLock;

/// So far into a text: such a note begins with it.
const MAX_TEXT: usize = 2 * 1024;

static WORDS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(list(include_str!("words/absence.txt"))));

/// Whether a text speaks of an absence as standing notes do: a leave, urgent matters, who has gone for good.
///
/// Who stands in for the guest is no sign: "me sustituye Juan" is an answer too.
pub(super) fn is_named(text: &str) -> bool {
    let end = text.floor_char_boundary(MAX_TEXT);
    WORDS.is_in(&fold(text.get(..end).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_many_languages() {
        for text in [
            "Estoy de vacaciones hasta el 30 de noviembre. Durante mi ausencia me sustituye Juan Pérez.",
            "Sono assente dall'ufficio fino al 30 novembre. Per urgenze rivolgersi al collega Marco Rossi, che mi sostituisce.",
            "Olen vuosilomalla 30.11. asti. Sijaisenani toimii Matti Virtanen.",
            "I am on maternity leave. Ion Pop is covering for me.",
            "Ana Pop no longer works here; please write to Ion Pop.",
            "Sunt în concediu de odihnă până la 30 noiembrie. În lipsa mea vă ajută Ion Pop.",
            "Ich bin im Urlaub. Frau Berger vertritt mich.",
            "Je suis en congés. En mon absence, écrivez à Luc Roy.",
            "Ik ben met vakantie. Jan Smit neemt waar.",
            "Jestem na urlopie. Zastępuje mnie Jan Nowak.",
            "На одмору сам. Мења ме Јован Јовић.",
            "Βρίσκομαι σε άδεια. Με αντικαθιστά ο Νίκος Παππάς.",
        ] {
            assert!(is_named(text), "{text}");
        }
        for text in [
            "I cannot come; Ana Pop will come in my place.",
            "En mi lugar irá Juan Pérez.",
            "No puedo ir, me sustituye Juan.",
            "Leave it to Ana, she will come.",
            "",
        ] {
            assert!(!is_named(text), "{text}");
        }
    }
}
