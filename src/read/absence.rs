//! The text of a note of absence, of an address that is given up, or of a gateway, where nothing but its words tells that a
//! program sent it.

use super::words::{Phrases, beginning, fold, list};
use std::sync::LazyLock;

/// So far into a text: such a note begins with it.
const MAX_TEXT: usize = 2 * 1024;

static WORDS: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(list(include_str!("words/absence.txt"))));
static GONE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(list(include_str!("words/gone.txt"))));
static ELSEWHERE: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(list(include_str!("words/elsewhere.txt"))));

/// Whether a text speaks of an absence as standing notes do: a leave, urgent matters, who has gone for good.
///
/// Who stands in for the guest is no sign: "me sustituye Juan" is an answer too.
pub(super) fn is_named(text: &str) -> bool {
    says(&WORDS, text)
}

/// Whether it says that an address is given up, or that somebody has left for good: then the letter may have reached nobody.
pub(super) fn is_gone(text: &str) -> bool {
    says(&GONE, text)
}

/// Whether it says that a message must be opened or confirmed elsewhere: then what the guest wrote does not stand in it.
pub(super) fn is_elsewhere(text: &str) -> bool {
    says(&ELSEWHERE, text)
}

fn says(phrases: &Phrases, text: &str) -> bool {
    phrases.is_in(&fold(beginning(text, MAX_TEXT)))
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

    #[test]
    fn addresses_that_are_given_up_and_messages_that_wait_elsewhere() {
        for text in [
            "I have left the company. Please contact hr@firm.example instead.",
            "Diese E-Mail-Adresse wird nicht mehr verwendet.",
            "Mme Lambert a quitté la société.",
            "Adresa nu mai este utilizată, doamna Pop s-a pensionat.",
            "Ten adres e-mail jest nieaktywny.",
            "Ο κ. Παππάς δεν εργάζεται πλέον εδώ.",
        ] {
            assert!(is_gone(text) && !is_elsewhere(text), "{text}");
        }
        for text in [
            "Ana Pop has sent you a protected message.\n\nRead the message",
            "Vous avez reçu un message sécurisé. Cliquez ici pour le lire.",
            "Sua mensagem foi retida. Clique aqui para confirmar o envio",
        ] {
            assert!(is_elsewhere(text) && !is_gone(text), "{text}");
        }
        for text in ["Thank you for the message.", "I am no longer free on Tuesday.", "Ich kann leider nicht mehr kommen.", ""] {
            assert!(!is_gone(text) && !is_elsewhere(text), "{text}");
        }
    }
}
