//! Bytes as text, also where the declaration is wrong or missing.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// At most so many bytes are looked at to guess.
const MAX_GUESS: usize = 64 * 1024;

/// Decodes bytes whose declared charset cannot be believed. `tld` is the last label of the sender's domain: it tells
/// Windows-1250 from 1257 where a short text cannot.
pub(super) fn guess<'b>(bytes: &'b [u8], declared: Option<&str>, tld: Option<&str>) -> Cow<'b, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let declared = declared.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    if let Some(encoding) = declared.filter(|encoding| *encoding != WINDOWS_1252 && *encoding != UTF_8) {
        return encoding.decode(bytes).0;
    }
    let guessed = detect(bytes, tld);
    let region = tld.and_then(regional);
    let encoding = match region {
        // A word or two of Croatian in Windows-1250 looks like anything; the domain of the sender decides then.
        Some(regional) if guessed == WINDOWS_1252 || guessed == UTF_8 || few_letters(bytes) => regional,
        _ if guessed == UTF_8 => WINDOWS_1252,
        _ => guessed,
    };
    encoding.decode(bytes).0
}

/// True where a declaration of Latin-1 or ASCII is probably wrong: such texts are worth a guess.
pub(super) fn is_doubtful(declared: Option<&str>) -> bool {
    match declared {
        None => true,
        Some(label) => Encoding::for_label(label.trim().as_bytes()).is_none_or(|encoding| encoding == WINDOWS_1252 || encoding == UTF_8),
    }
}

fn detect(bytes: &[u8], tld: Option<&str>) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes.get(..MAX_GUESS).unwrap_or(bytes), true);
    let tld = tld.filter(|tld| tld.len() == 2 && tld.bytes().all(|b| b.is_ascii_lowercase()));
    detector.guess(tld.map(str::as_bytes), Utf8Detection::Allow)
}

/// Fewer than twelve letters beyond ASCII: too few to guess from.
fn few_letters(bytes: &[u8]) -> bool {
    bytes.iter().filter(|b| !b.is_ascii()).take(12).count() < 12
}

/// What programs of a country wrote before UTF-8.
fn regional(tld: &str) -> Option<&'static Encoding> {
    Some(match tld {
        "ro" | "hr" | "pl" | "cz" | "sk" | "hu" | "si" | "ba" | "al" | "me" | "md" => encoding_rs::WINDOWS_1250,
        "bg" | "ru" | "ua" | "by" | "mk" | "rs" => encoding_rs::WINDOWS_1251,
        "gr" | "cy" => encoding_rs::WINDOWS_1253,
        "tr" => encoding_rs::WINDOWS_1254,
        "lt" | "lv" | "ee" => encoding_rs::WINDOWS_1257,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn central_european_text_declared_as_latin_1() {
        let bytes = encoding_rs::WINDOWS_1250.encode("Nažalost ne mogu doći, već sam drugdje. Šaljem pozdrav").0;
        assert_eq!(guess(&bytes, Some("iso-8859-1"), Some("hr")), "Nažalost ne mogu doći, već sam drugdje. Šaljem pozdrav");
        let bytes = encoding_rs::WINDOWS_1257.encode("Ačiū, dalyvausiu").0;
        assert_eq!(guess(&bytes, None, Some("lt")), "Ačiū, dalyvausiu");
    }

    #[test]
    fn honest_latin_1_stays() {
        let bytes = encoding_rs::WINDOWS_1252.encode("Ich komme später, viele Grüße aus München").0;
        assert_eq!(guess(&bytes, Some("iso-8859-1"), Some("de")), "Ich komme später, viele Grüße aus München");
        assert_eq!(guess("Încă".as_bytes(), Some("us-ascii"), None), "Încă");
    }
}
