//! The line that the mail program of a phone writes under a reply.

use crate::read::words::{PHONE, fold};

/// "Sent from my iPhone, please excuse typos" has fewer words.
const LONG: usize = 8;

/// "Sent from my iPhone", in any language. `alone`: no other text of the guest touches or follows the line.
pub(super) fn is_phone_line(text: &str, alone: bool) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '-' | '_' | '*' | '"'));
    if text.len() < 6 || text.len() > 220 {
        return false;
    }
    if alone && offers_outlook(text) {
        return true;
    }
    if !PHONE.may_be(text) {
        return false;
    }
    let folded = fold(text);
    let folded = if folded.contains(['[', ']']) { folded.replace(['[', ']'], "").into() } else { folded };
    let folded = folded.trim_start_matches(['"', '\'', '-', ' ', '(', '|']);
    let (starts, ends) = (PHONE.starts(folded), PHONE.ends(folded));
    if !starts && !ends {
        return false;
    }
    let words = folded.split_whitespace().count();
    let device = names_device(folded);
    // Whoever tells about an office, a hotel or a colleague writes a longer sentence and names no device.
    (device && words <= 20 || alone && starts && words <= 8) && (alone || starts)
}

fn names_device(folded: &str) -> bool {
    let is_one =
        |word: &str| PHONE.devices.contains(word) || ["iphone", "ipad", "android", "outlook"].iter().any(|known| word.contains(known));
    folded.split(|c: char| !c.is_alphanumeric() && c != '-').any(is_one)
}

/// Whether the guest may have typed on the same line: a sentence ends inside it, or behind a comma or a dash stands more than an
/// excuse for typing errors, or no device is named before it.
pub(super) fn may_hold_words(text: &str) -> bool {
    let count = |part: &str| part.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    let parts = |marks: &'static [char]| {
        text.char_indices().filter(move |(_, c)| marks.contains(c)).any(|(at, c)| {
            let (before, behind) = (text.get(..at).unwrap_or_default(), text.get(at + c.len_utf8()..).unwrap_or_default());
            behind.starts_with(char::is_whitespace) && count(before) >= 2 && count(behind) >= 2
        })
    };
    parts(&['.', '!', '?', ':', ';', '–', '-']) || parts(&[',']) && (count(text) >= LONG || !names_device(&fold(text)))
}

/// "Get Outlook for iOS" in whatever language: the two names, with or without its link, and few words that end no sentence.
fn offers_outlook(text: &str) -> bool {
    let Some(at) = memchr::memmem::find(text.as_bytes(), b"utlook").filter(|at| *at > 0) else { return false };
    let bare = text.split(['<', '(']).next().unwrap_or_default();
    let linked = text.contains("aka.ms/");
    let named = |word: &str| word.starts_with("iOS") || word.starts_with("Android");
    at < bare.len()
        && (linked || bare.split(|c: char| !c.is_alphanumeric()).any(named))
        && bare.split_whitespace().count() <= if linked { 10 } else { 6 }
        && !bare.trim_end().ends_with(['.', '!', '?', '…', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_lines_of_many_languages() {
        for text in [
            "Sent from my iPhone",
            "Trimis de pe iPhone-ul meu",
            "Von meinem iPhone gesendet",
            "Gesendet von Outlook für Android<https://aka.ms/x>",
            "Envoyé depuis mon téléphone",
            "iPhone'umdan gönderildi",
            "Išsiųsta iš mano „iPhone“",
            "Lähetetty iPhonesta",
            "Отправлено из мобильной Почты Mail",
            "Get Outlook for iOS",
            "(sent from a phone)",
            "Pobierz program Outlook dla systemu iOS<https://aka.ms/o0ukef>",
            "Hankige Outlook iOS-i jaoks",
            "Az Android Outlook beszerzése",
            "Atsisiųsti „Outlook“, skirtą „iOS“",
            "Skickades från E-post för Windows",
            "Enviado do Correio para Windows",
            "Yahoo Mail : Recherchez, organisez, conquérez",
            "Sūtīts no mana iPhone",
            "Seolta ó m'iPhone",
        ] {
            assert!(is_phone_line(text, true), "{text}");
        }
    }

    #[test]
    fn words_on_the_same_line() {
        for text in [
            "Bin da leider im Urlaub. Von meinem iPhone gesendet",
            "Sent from my iPhone. Sorry but I can't come.",
            "Inviato da iPhone: purtroppo non posso esserci.",
            "Sent with regrets, I cannot come.",
            "Von meinem iPhone gesendet - leider kann ich nicht kommen",
            "Envoyé de mon iPhone, je suis en voyage et ne pourrai pas venir",
        ] {
            assert!(is_phone_line(text, true) && may_hold_words(text), "{text}");
        }
        for text in
            ["Sent from my iPhone", "Sent from my iPhone, please excuse typos", "Sent from my Galaxy S23.", "Von meinem iPhone gesendet."]
        {
            assert!(is_phone_line(text, true) && !may_hold_words(text), "{text}");
        }
    }

    #[test]
    fn sentences_are_no_phone_lines() {
        for text in [
            "Sent from the ministry last week, the form did not reach us, but we will come.",
            "Trimis de la minister formularul, confirm participarea mea la eveniment.",
            "Poslano iz ureda ministra.",
            "I cannot open the invitation in Outlook for Android",
            "Outlook on Android shows no link. Please help.",
        ] {
            assert!(!is_phone_line(text, false), "{text}");
        }
        for text in ["I cannot open the link with Outlook for Android", "Will it work in Outlook for iOS?"] {
            assert!(!is_phone_line(text, true), "{text}");
        }
    }
}
