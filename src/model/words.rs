//! The words of the reply buttons, built in for seven languages.
//!
//! They stand here, below the rooms, because `compose` writes them and `read` must know them again
//! without a database: what a guest adds to a prefilled answer is what the guest said.

use super::{Answer, Lang};

/// The words of the three reply buttons in one language.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonWords {
    /// On the button and at the start of the subject: "Yes".
    pub yes: String,
    pub no: String,
    pub maybe: String,
    /// The prefilled body, one sentence: "Yes, I will take part."
    pub yes_body: String,
    pub no_body: String,
    pub maybe_body: String,
    /// Above the buttons in the text part: "To answer, reply to this message or use one of these links:"
    pub intro: String,
}

impl ButtonWords {
    /// Label and prefilled body of the button for `answer`; None where there is no such button.
    pub fn of(&self, answer: Answer) -> Option<(&str, &str)> {
        match answer {
            Answer::Accept => Some((&self.yes, &self.yes_body)),
            Answer::Decline => Some((&self.no, &self.no_body)),
            Answer::Tentative => Some((&self.maybe, &self.maybe_body)),
            Answer::Delegate | Answer::None => None,
        }
    }

    /// The built-in words; None for a language that needs a `words.LANG.toml`.
    pub fn built_in(lang: &Lang) -> Option<Self> {
        let row = BUILT_IN.iter().find(|row| row[0] == lang.as_str())?;
        let [_, yes, no, maybe, yes_body, no_body, maybe_body, intro] = row.map(str::to_owned);
        Some(Self { yes, no, maybe, yes_body, no_body, maybe_body, intro })
    }

    /// What stands on every built-in button, with its answer.
    pub fn built_in_labels() -> impl Iterator<Item = (Answer, &'static str)> {
        BUILT_IN.iter().flat_map(|row| [(Answer::Accept, row[1]), (Answer::Decline, row[2]), (Answer::Tentative, row[3])])
    }

    /// Every built-in prefilled body with its answer.
    pub fn built_in_bodies() -> impl Iterator<Item = (Answer, &'static str)> {
        BUILT_IN.iter().flat_map(|row| [(Answer::Accept, row[4]), (Answer::Decline, row[5]), (Answer::Tentative, row[6])])
    }
}

/// The tag in a subject that carries the token, and for a button the answer:
/// `[#k7q2m9x4t8wn]`, `[#k7q2m9x4t8wn:yes]`. It means the same in every language.
pub fn tag(token: &super::Token, button: Option<Answer>) -> String {
    match button {
        Some(Answer::Accept) => format!("[#{token}:yes]"),
        Some(Answer::Decline) => format!("[#{token}:no]"),
        Some(Answer::Tentative) => format!("[#{token}:maybe]"),
        _ => format!("[#{token}]"),
    }
}

const BUILT_IN: [[&str; 8]; 7] = [
    [
        "ro",
        "Da, particip",
        "Nu pot participa",
        "Încă nu știu",
        "Da, particip.",
        "Din păcate nu pot participa.",
        "Încă nu știu dacă pot participa.",
        "Răspundeți la acest mesaj sau alegeți una dintre legături:",
    ],
    [
        "en",
        "Yes, I will come",
        "No, I cannot",
        "Not sure yet",
        "Yes, I will take part.",
        "Unfortunately I cannot take part.",
        "I do not know yet whether I can take part.",
        "Reply to this message, or choose one of these links:",
    ],
    [
        "nl",
        "Ja, ik kom",
        "Nee, ik kan niet",
        "Nog niet zeker",
        "Ja, ik neem deel.",
        "Helaas kan ik niet deelnemen.",
        "Ik weet nog niet of ik kan deelnemen.",
        "Beantwoord dit bericht of kies een van deze links:",
    ],
    [
        "it",
        "Sì, partecipo",
        "No, non posso",
        "Non so ancora",
        "Sì, parteciperò.",
        "Purtroppo non posso partecipare.",
        "Non so ancora se potrò partecipare.",
        "Risponda a questo messaggio oppure scelga uno di questi link:",
    ],
    [
        "hr",
        "Da, dolazim",
        "Ne mogu doći",
        "Još ne znam",
        "Da, sudjelovat ću.",
        "Nažalost, ne mogu sudjelovati.",
        "Još ne znam mogu li sudjelovati.",
        "Odgovorite na ovu poruku ili odaberite jednu od poveznica:",
    ],
    [
        "lt",
        "Taip, dalyvausiu",
        "Ne, negaliu",
        "Dar nežinau",
        "Taip, dalyvausiu.",
        "Deja, dalyvauti negaliu.",
        "Dar nežinau, ar galėsiu dalyvauti.",
        "Atsakykite į šį laišką arba pasirinkite vieną iš nuorodų:",
    ],
    [
        "fi",
        "Kyllä, osallistun",
        "En pääse",
        "En tiedä vielä",
        "Kyllä, osallistun.",
        "Valitettavasti en pääse osallistumaan.",
        "En tiedä vielä, pääsenkö osallistumaan.",
        "Vastaa tähän viestiin tai valitse jokin näistä linkeistä:",
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_all_words() {
        for row in &BUILT_IN {
            assert!(row.iter().all(|word| !word.is_empty()), "{row:?}");
            let words = ButtonWords::built_in(&Lang::parse(row[0]).expect("a code")).expect("built in");
            assert!(Answer::DECISIONS.iter().filter_map(|a| words.of(*a)).count() == 3);
        }
    }
}
