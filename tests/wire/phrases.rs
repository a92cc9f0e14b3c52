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

/// More than a bare answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum More {
    /// Comes with two colleagues.
    Three,
    /// A colleague comes instead, see [`substitute`].
    Instead,
    /// Comes, and asks something.
    ComesAndAsks,
    /// Asks something, and does not say whether they come.
    Asks,
    /// A limit that sounds like a refusal: always for the organiser to see.
    Limit,
    /// A greeting under a prefilled button.
    Greeting,
}

/// What a guest writes who says more than yes or no.
pub fn more(lang: &str, more: More) -> &'static str {
    let [three, instead, comes_and_asks, asks, limit, greeting] = match lang {
        "ro" => [
            "Confirm participarea mea și a doi colegi.",
            "Din păcate nu pot participa. În locul meu va participa colega mea, Maria Lupu.",
            "Bună ziua,\nconfirm participarea mea. Se va înregistra întâlnirea?",
            "Bună ziua,\nva exista traducere în limba română?",
            "Nu putem participa cu mai mult de două persoane.",
            "Cu stimă",
        ],
        "en" => [
            "I will attend with two colleagues.",
            "I cannot attend. My colleague Maria Lupu will attend in my place.",
            "Yes, I will attend. Will it be recorded?",
            "Hello,\nwill there be interpretation into other languages?",
            "We cannot come with more than two people.",
            "Kind regards",
        ],
        "nl" => [
            "Ik kom met twee collega's.",
            "Helaas kan ik niet komen. Mijn collega Maria Lupu komt in mijn plaats.",
            "Ja, ik kom graag. Wordt de bijeenkomst opgenomen?",
            "Goedendag,\nkomt er een vertaling?",
            "We kunnen niet met meer dan twee mensen komen.",
            "Met vriendelijke groet",
        ],
        "it" => [
            "Parteciperò con due colleghi.",
            "Purtroppo non posso partecipare. Al mio posto parteciperà la mia collega Maria Lupu.",
            "Sì, parteciperò. L'incontro sarà registrato?",
            "Buongiorno,\nci sarà la traduzione?",
            "Non possiamo venire in più di due.",
            "Cordiali saluti",
        ],
        "hr" => [
            "Dolazim s dvoje kolega.",
            "Nažalost ne mogu doći. Umjesto mene dolazi kolegica Maria Lupu.",
            "Da, dolazim. Hoće li se sastanak snimati?",
            "Poštovani,\nhoće li biti prijevoda?",
            "Ne možemo doći s više od dvije osobe.",
            "Srdačan pozdrav",
        ],
        "lt" => [
            "Dalyvausime trise.",
            "Deja, negalėsiu dalyvauti. Vietoj manęs dalyvaus kolegė Maria Lupu.",
            "Taip, dalyvausiu. Ar susitikimas bus įrašomas?",
            "Laba diena,\nar bus vertimas?",
            "Negalime atvykti daugiau kaip dviese.",
            "Pagarbiai",
        ],
        "fi" => [
            "Kyllä, meitä tulee kolme.",
            "Valitettavasti en pääse. Tilalleni tulee kollegani Maria Lupu.",
            "Kyllä, osallistun. Tallennetaanko kokous?",
            "Hei,\nonko tilaisuudessa tulkkaus?",
            "Emme voi tuoda enempää kuin kaksi vierasta.",
            "Terveisin",
        ],
        other => panic!("no words in {other:?}"),
    };
    match more {
        More::Three => three,
        More::Instead => instead,
        More::ComesAndAsks => comes_and_asks,
        More::Asks => asks,
        More::Limit => limit,
        More::Greeting => greeting,
    }
}

/// Who comes instead in [`More::Instead`].
pub fn substitute() -> &'static str {
    "Maria Lupu"
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
