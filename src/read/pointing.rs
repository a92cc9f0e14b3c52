//! Whether a guest says that the answer stands between our lines, or in another colour: where nothing of that was found, the mail is
//! not empty all the same.

use super::words::{Phrases, beginning, fold, list};
use std::sync::LazyLock;

/// So far into a text such a sentence is looked for, in bytes.
const MAX_TEXT: usize = 4 * 1024;

struct Pointing {
    /// One is enough.
    sure: Phrases,
    /// What is meant, and where it stands: both in one sentence.
    answers: Phrases,
    places: Phrases,
}

static POINTING: LazyLock<Pointing> = LazyLock::new(|| {
    let kind = |mark: &'static str| Phrases::new(list(include_str!("words/pointing.txt")).filter_map(move |line| line.strip_prefix(mark)));
    Pointing { sure: kind("= "), answers: kind("~ "), places: kind("^ ") }
});

/// The words, folded, that send the reader of `said` to what is quoted below.
///
/// They may mean something else: no answer is made of them, nor is one taken away.
pub(super) fn below(said: &str) -> Option<String> {
    let text = fold(beginning(said, MAX_TEXT)).split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((start, end)) = POINTING.sure.find(&text) {
        return text.get(start..end).map(str::to_owned);
    }
    text.split(['.', '!', '?', '…', ';']).find_map(|sentence| {
        let (answer, place) = (POINTING.answers.find(sentence)?, POINTING.places.find(sentence)?);
        sentence.get(answer.0.min(place.0)..answer.1.max(place.1)).map(|words| beginning(words, 100).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mail::TYPED_IN_QUOTE;

    #[test]
    fn who_points_to_the_quote_is_heard_in_many_languages() {
        for said in [
            "Please see my answers below.",
            "See\nbelow",
            "Hello, my replies are in red. Ana",
            "I have answered in between, in blue.",
            "Comments inline.",
            "Siehe unten.",
            "Meine Antworten stehen unten in Rot.",
            "Voir ci-dessous",
            "Mes réponses sont en rouge dans le texte.",
            "Vedi sotto, grazie",
            "Le risposte sono in rosso.",
            "Mis respuestas están más abajo.",
            "As respostas seguem abaixo.",
            "Răspunsurile mele sunt mai jos, cu roșu.",
            "Zie hieronder mijn reactie",
            "Se svar nedenfor.",
            "Se mina svar nedan.",
            "Vastaukset alla punaisella.",
            "Vastused on allpool.",
            "Atbildes zemāk.",
            "Atsakymai žemiau.",
            "Odpowiedzi poniżej na czerwono",
            "Odpovědi viz níže",
            "Odpovede sú v texte červenou farbou.",
            "Odgovori so spodaj.",
            "Odgovori su ispod.",
            "Одговори су у тексту.",
            "Отговорите са по-долу.",
            "Ответы ниже.",
            "Відповіді нижче.",
            "Válaszaim lent pirossal.",
            "Δείτε παρακάτω τις απαντήσεις μου.",
            "Cevaplarım aşağıda.",
            "Përgjigjet janë më poshtë.",
        ] {
            assert!(below(said).is_some(), "{said}");
        }
        for said in [
            "",
            "Thank you for the invitation.",
            "Thank you for the quick answer! The programme is below.",
            "Wir antworten in den nächsten Tagen.",
            "Merci pour votre réponse.",
            "Mulțumim pentru răspuns.",
        ] {
            assert_eq!(below(said), None, "{said}");
        }
    }

    #[test]
    fn a_mail_that_points_to_its_quote_is_noted() {
        let read = |said: &str| {
            let quote = "On 16.11.2026 09:00, Town hall <rsvp@us.example> wrote:\r\n> Will you come?\r\n> no\r\n";
            let raw = format!("From: ana@x.example\r\nSubject: Re: Gala\r\n\r\n{said}\r\n\r\n{quote}");
            crate::read::mail(raw.as_bytes(), &crate::read::Context::default())
        };
        let mail = read("Hello, see my answers below. Ana");
        assert_eq!(mail.notes, [format!("{TYPED_IN_QUOTE}what \"answers below\" points to")]);
        assert_eq!(mail.said, "Hello, see my answers below. Ana");
        assert_eq!(read("Thank you for the invitation.").notes, Vec::<String>::new());
    }
}
