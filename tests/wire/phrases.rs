//! What guests and their programs write, in the seven languages.

use super::answers::Decision;

/// One short clear answer in each of the seven languages.
pub fn said(lang: &str, decision: Decision) -> &'static str {
    let [yes, no, maybe] = match lang {
        "ro" => ["Bună ziua,\nconfirm participarea mea.\nCu stimă", "Din păcate nu pot participa.", "Încă nu știu dacă pot veni."],
        "en" => ["Thank you, I will be there.", "Sorry, I can't make it.", "I'm not sure yet."],
        "nl" => ["Dank u, ik ben erbij.", "Helaas kan ik er niet bij zijn.", "Ik weet het nog niet."],
        "it" => ["Grazie, parteciperò volentieri.", "Purtroppo non potrò partecipare.", "Non lo so ancora."],
        "hr" => ["Hvala, dolazim.", "Nažalost ne mogu doći.", "Još ne znam."],
        "lt" => ["Ačiū, dalyvausiu.", "Deja, negalėsiu dalyvauti.", "Dar nežinau."],
        "fi" => ["Kiitos, osallistun mielelläni.", "Valitettavasti en pääse.", "En tiedä vielä."],
        other => panic!("no words in {other:?}"),
    };
    match decision {
        Decision::Yes => yes,
        Decision::No => no,
        Decision::Maybe => maybe,
    }
}

/// The languages of [`said`].
pub const LANGUAGES: [&str; 7] = ["ro", "en", "nl", "it", "hr", "lt", "fi"];

/// The line above a quoted letter, as programs in this language write it.
pub fn attribution(lang: &str, date: &str, who: &str) -> String {
    match lang {
        "ro" => format!("Pe {date}, <{who}> a scris:"),
        "nl" => format!("Op {date} schreef <{who}>:"),
        "it" => format!("Il giorno {date} <{who}> ha scritto:"),
        "hr" => format!("Dana {date} <{who}> je napisao/la:"),
        "lt" => format!("{date}, <{who}> rašė:"),
        "fi" => format!("{date} <{who}> kirjoitti:"),
        _ => format!("On {date}, <{who}> wrote:"),
    }
}

/// Outlook's words for From, Sent, To and Subject.
pub fn header_words(lang: &str) -> [&'static str; 4] {
    match lang {
        "ro" => ["De la", "Trimis", "Către", "Subiect"],
        "nl" => ["Van", "Verzonden", "Aan", "Onderwerp"],
        "it" => ["Da", "Inviato", "A", "Oggetto"],
        "hr" => ["Šalje", "Poslano", "Prima", "Predmet"],
        "lt" => ["Nuo", "Išsiųsta", "Kam", "Tema"],
        "fi" => ["Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"],
        _ => ["From", "Sent", "To", "Subject"],
    }
}
