//! Which encoding a text file is in, when nothing says so.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252, WINDOWS_1257};
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization as _;

/// How much of the file is looked at, in bytes, for UTF-16 without a mark.
const SAMPLE: usize = 4096;
/// How much of it the detector sees, in bytes, from where it is no longer ASCII.
const DETECTED: usize = 1024 * 1024;

/// An encoding that was guessed; the organiser is told, with a word to check it by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Guess {
    pub encoding: &'static str,
    /// A word of the file with a letter that depends on the guess.
    pub word: String,
}

impl Guess {
    pub fn note(&self, file: &str) -> String {
        let Self { encoding, word } = self;
        format!("{file}: the encoding was guessed as {encoding}, so that it has \"{word}\"; if that is wrong, save the file as CSV UTF-8")
    }
}

/// The text of a file, and the guess if there was one. Bytes that mean nothing become U+FFFD.
///
/// A byte order mark decides, then zeros as only UTF-16 has them, then valid UTF-8; else one of the old Windows
/// code pages is guessed.
pub(super) fn decode(bytes: &[u8]) -> (String, Option<Guess>) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding.decode(bytes).0.into_owned(), None);
    }
    if let Some(encoding) = utf_16(bytes) {
        return (encoding.decode_without_bom_handling(bytes).0.into_owned(), None);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), None);
    }
    let encoding = guess(bytes);
    let text = encoding.decode_without_bom_handling(bytes).0.into_owned();
    // Where no letter depends on the guess, a sign does.
    let lettered = text.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_ascii());
    let word = lettered.or_else(|| text.split(is_between).find(|w| !w.is_ascii())).unwrap_or_default();
    let word = super::table::shown(word);
    (text, Some(Guess { encoding: encoding.name(), word }))
}

/// What stands between two words.
fn is_between(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphabetic()
}

/// Signs that stand within words: an apostrophe (an accent by itself for many), dashes, the point of Catalan, the space that breaks no line.
const WITHIN_WORDS: &str = "’‘ʼ´–—·\u{A0}\u{AD}";

/// Signs that nobody writes beside a letter.
const SPOILT: &str = "†‡¦¬¤¨¯¸";

/// A word that no language has, where most of what lies beyond ASCII in a guessed text is such: capitals behind small letters,
/// signs between letters, two scripts in one word. The file was saved by an old program or a Mac then, in a way that is not
/// among the guesses, and every name in it would be misspelt.
pub(super) fn astray(text: &str) -> Option<String> {
    let (mut all, mut good, mut first) = (0, 0, None);
    for word in text.split(is_between).filter(|word| !word.is_ascii()).take(5000) {
        let letters: Vec<char> = word.chars().take(64).collect();
        let has_ascii = letters.iter().any(char::is_ascii);
        let beside = |at: Option<usize>| at.and_then(|at| letters.get(at)).copied().filter(|c| c.is_alphabetic());
        for (at, c) in letters.iter().copied().enumerate().filter(|(_, c)| !c.is_ascii()) {
            let (before, behind) = (beside(at.checked_sub(1)), beside(at.checked_add(1)));
            let is_good = match c {
                '\u{80}'..='\u{9F}' | '\u{FFFD}' => false,
                _ if SPOILT.contains(c) && before.or(behind).is_some() => false,
                _ if !c.is_alphabetic() && (before.is_none() || behind.is_none() || c >= '\u{2E80}' && !has_ascii) => continue,
                _ if WITHIN_WORDS.contains(c) => continue,
                _ if !c.is_alphabetic() => false,
                '\u{370}'.. => !has_ascii,
                _ if c.is_uppercase() && before.is_some() && [before, behind].into_iter().flatten().any(char::is_lowercase) => false,
                _ if !has_ascii && letters.len() > 2 => false,
                _ if unspoken(before, c, behind) > 0.9 => false,
                _ => c.to_lowercase().all(|c| MORE_LETTERS.contains(c) || ALPHABETS.iter().any(|(.., letters)| letters.contains(c))),
            };
            all += 1;
            good += u32::from(is_good);
            if !is_good && first.is_none() {
                first = Some(word);
            }
        }
    }
    first.filter(|_| good * 3 < all * 2).map(super::table::shown)
}

/// Letters of languages that are not guessed, in the code pages that the detector knows.
const MORE_LETTERS: &str = "ðþýñãõåğıi\u{307}őßµ";

/// Text in a Latin script as UTF-16 has a zero in nearly every pair of bytes, always on the same side.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let (pairs, _) = sample.as_chunks::<2>();
    let zeros = |side: fn(&[u8; 2]) -> u8| pairs.iter().filter(|p| side(p) == 0).count();
    let (first, second) = (zeros(|[a, _]| *a), zeros(|[_, b]| *b));
    let many = |n: usize| n > 0 && n * 10 >= pairs.len() * 6;
    match (many(first), many(second)) {
        (false, true) if first == 0 => Some(UTF_16LE),
        (true, false) if second == 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// The letters beyond ASCII that a language's names are written with, in the code page it used; how its codes look.
/// The first of equals wins, so those of Windows-1250 stand first.
const ALPHABETS: [(&str, &Encoding, &str); 18] = [
    ("ro", WINDOWS_1250, "ăâîşţșț"),
    ("hr", WINDOWS_1250, "čćđšž"),
    ("sl", WINDOWS_1250, "čšž"),
    ("pl", WINDOWS_1250, "ąćęłńóśźż"),
    ("hu", WINDOWS_1250, "áéíóöőúüű"),
    ("cs", WINDOWS_1250, "áčďéěíňóřšťúůýž"),
    ("sk", WINDOWS_1250, "áäčďéíĺľňóôŕšťúýž"),
    ("nl", WINDOWS_1252, "éèëêïíöóüúáäàçç"),
    ("it", WINDOWS_1252, "àèéìíòóùú"),
    ("fi", WINDOWS_1252, "äöåšž"),
    ("de", WINDOWS_1252, "äöüßé"),
    ("fr", WINDOWS_1252, "àâæçéèêëîïôœùûüÿ"),
    ("es", WINDOWS_1252, "áéíñóúüªº"),
    ("da", WINDOWS_1252, "æøåéöä"),
    ("pt", WINDOWS_1252, "áâãàçéêíóôõúªº"),
    ("lt", WINDOWS_1257, "ąčęėįšųūž"),
    ("lv", WINDOWS_1257, "āčēģīķļņšūž"),
    ("et", WINDOWS_1257, "äõöüšž"),
];

/// One of the three code pages, unless the detector is sure of another script (Cyrillic, Greek).
fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let telling = Encoding::ascii_valid_up_to(bytes).saturating_sub(SAMPLE);
    let telling = bytes.get(telling..).unwrap_or_default();
    detector.feed(telling.get(..DETECTED).unwrap_or(telling), true);
    let detected = detector.guess(None, Utf8Detection::Deny);
    let hints = language_hints(bytes);
    let mut best: Option<(f64, &'static Encoding)> = None;
    let words: Vec<&[u8]> = words(bytes).collect();
    for (code, encoding, alphabet) in ALPHABETS {
        let hint = hints.get(code).copied().unwrap_or(0.0);
        let support = if encoding == detected { 0.15 } else { 0.0 };
        let score = fit(&words, encoding, alphabet) + hint + support;
        if best.is_none_or(|(b, _)| score > b + 1e-9) {
            best = Some((score, encoding));
        }
    }
    match best {
        Some((score, encoding)) if score > 0.5 => encoding,
        // Latin-2, Latin-4 and their like differ from the code pages in few letters; other scripts differ in all.
        _ => detected,
    }
}

/// Words with bytes beyond ASCII: the first 5,000, at most 64 bytes of each.
fn words(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|b| b.is_ascii() && !b.is_ascii_alphabetic()).filter(|w| !w.is_ascii()).take(5000).map(|w| w.get(..64).unwrap_or(w))
}

/// How well the letters beyond ASCII fit an alphabet: 1 when all are in it, less for each that is not, for what cannot be
/// spoken, and for what no word has inside: signs, capitals after small letters.
fn fit(words: &[&[u8]], encoding: &'static Encoding, alphabet: &str) -> f64 {
    let (mut all, mut good) = (0.0, 0.0);
    for word in words {
        let letters: Vec<char> = encoding.decode_without_bom_handling(word).0.chars().collect();
        // No word of a Latin script is written without any plain letter.
        let is_foreign = letters.len() > 2 && !letters.iter().any(char::is_ascii);
        for (at, c) in letters.iter().copied().enumerate().filter(|(_, c)| !c.is_ascii() && !"–—‘’“”„…".contains(*c)) {
            let (before, behind) = (at.checked_sub(1).and_then(|at| letters.get(at)), letters.get(at + 1));
            all += 1.0;
            let in_alphabet = alphabet.contains(c) || c.to_lowercase().all(|l| alphabet.contains(l));
            let odd = before.is_some_and(|b| b.is_lowercase()) && c.is_uppercase() || !c.is_alphabetic() || is_foreign;
            good += if odd {
                -2.0
            } else if in_alphabet {
                1.0 - UNSPOKEN * unspoken(before.copied(), c, behind.copied())
            } else {
                -1.0
            };
        }
    }
    if all == 0.0 { 0.0 } else { good / all }
}

/// What a letter that cannot be spoken takes from its worth: it decides where two alphabets have all the letters, as č in Irčne
/// and è in Irène.
const UNSPOKEN: f64 = 0.5;

/// How hard a letter is to speak where it stands: 1 for a consonant between two others (half, where the one before is an l or r,
/// as in Brčko), half for a vowel beside another one that is no part of a diphthong.
fn unspoken(before: Option<char>, c: char, behind: Option<char>) -> f64 {
    let base = |c: char| c.to_lowercase().nfkd().next().unwrap_or(c);
    let is_vowel = |c: char| "aeiouyæøœı".contains(base(c));
    let is_consonant = |c: char| c.is_alphabetic() && !is_vowel(c);
    match (before, behind) {
        (Some(before), Some(behind)) if is_consonant(c) && is_consonant(before) && is_consonant(behind) => {
            if matches!(base(before), 'l' | 'r') { 0.5 } else { 1.0 }
        }
        _ if is_vowel(c) && [before, behind].into_iter().flatten().any(|c| is_vowel(c) && !"iuy".contains(base(c))) => 0.5,
        _ => 0.0,
    }
}

/// Which languages the list itself speaks of: codes in cells and countries at the end of addresses, as small weights.
fn language_hints(bytes: &[u8]) -> HashMap<&'static str, f64> {
    let mut counts: HashMap<&'static str, f64> = HashMap::new();
    let ends = |b: &u8| b";,\t|\"\r\n>.".contains(b);
    for cell in bytes.split(ends) {
        if let [a, b] = cell {
            let code = [a.to_ascii_lowercase(), b.to_ascii_lowercase()];
            let code = match &code {
                b"cz" => *b"cs",
                b"si" => *b"sl",
                b"dk" => *b"da",
                b"ee" => *b"et",
                other => *other,
            };
            if let Some((known, ..)) = ALPHABETS.iter().find(|(known, ..)| known.as_bytes() == code) {
                *counts.entry(known).or_default() += 1.0;
            }
        }
    }
    let all: f64 = counts.values().sum();
    counts.into_iter().map(|(code, n)| (code, 0.3 * n / all)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_code_page(text: &str, encoding: &'static Encoding) -> Vec<u8> {
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy, "{text} cannot be written in {}", encoding.name());
        bytes.into_owned()
    }

    #[test]
    fn old_code_pages_are_told_apart() {
        for (encoding, text) in [
            (WINDOWS_1250, "nume;email\nŞtefan Ioniţă;s@x.example\nMaria Dragă;m@x.example\nRăzvan Mânăstire;r@x.example\n"),
            (WINDOWS_1250, "nume;email;limba\nMaria Dragă;m@x.example;ro\n"),
            (WINDOWS_1250, "ime;e-mail\nIvana Kovačić;i@x.example\nŽeljko Šarić;z@x.example\nĐurđa Marić;d@x.example\n"),
            (WINDOWS_1250, "imię;email\nŁukasz Wiśniewski;l@x.example\nJózef Dąbrowski;j@x.example\n"),
            (WINDOWS_1257, "vardas;el. paštas\nRūta Kazlauskienė;r@x.example\nJonas Petrauskas;j@x.example\nŽydrūnas Šimkus;z@x.example\n"),
            (WINDOWS_1257, "vardas;email\nAgnė Čepienė;a@x.example\nGintarė Žukauskaitė;g@x.example\n"),
            (WINDOWS_1250, "email;name;lang\ni@x.example;Ivana Kovačić;hr\n"),
            (WINDOWS_1257, "email;name;lang\nr@x.example;Rita Kazlauskienė;lt\n"),
            (WINDOWS_1257, "email;vardas\nr@upe.lt;Rita Kazlauskienė\n"),
            (WINDOWS_1252, "email;name;lang\nj@x.example;Joëlle;nl\n"),
            (WINDOWS_1252, "naam;e-mail\nJoëlle de Vries;j@x.example\n"),
            (WINDOWS_1252, "naam;e-mail\nJoëlle Coupé;j@x.example\nRené Mattheüs;r@x.example\n"),
            (WINDOWS_1252, "nome;email\nNiccolò Perù;n@x.example\nUniversità di Forlì;u@x.example\n"),
            (WINDOWS_1252, "nimi;email\nPäivi Mäkelä;p@x.example\nJörgen Åström;j@x.example\n"),
            (WINDOWS_1252, "nome;email\nJoão Guimarães;j@x.example\nConceição Simões;c@x.example\n"),
        ] {
            let (read, guess) = decode(&in_code_page(text, encoding));
            assert_eq!(read, text);
            let guess = guess.expect("it was guessed");
            assert_eq!(guess.encoding, encoding.name());
            assert!(!guess.word.is_ascii() && text.contains(&guess.word));
        }
    }

    #[test]
    fn unicode_is_known_with_and_without_its_mark() {
        let text = "nume,email\nȘtefan Ioniță,s@x.example\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(&[0xEF, 0xBB, 0xBF], text.as_bytes()),
            le.clone(),
            be.clone(),
            marked(&[0xFF, 0xFE], &le),
            marked(&[0xFE, 0xFF], &be),
        ] {
            assert_eq!(decode(&bytes), (text.to_owned(), None));
        }
    }

    #[test]
    fn a_letter_that_cannot_be_spoken_is_not_meant() {
        for (encoding, text) in [
            (WINDOWS_1252, "email;name\nh@x.example;Hélène Martin\ni@x.example;Irène Dubois\n"),
            (WINDOWS_1252, "email;name\ni@x.example;Irène Dubois\n"),
            (WINDOWS_1252, "email;name\ni@x.example;Michèle Morgan\nr@x.example;Adèle\n"),
            (WINDOWS_1250, "email;name\ni@x.example;Ivan Kovač\nb@x.example;Brčko d.o.o.\n"),
            (WINDOWS_1250, "email;name\ni@x.example;Ivan Kovač\nn@x.example;Nina Novak\n"),
            (WINDOWS_1250, "email;name\nj@x.example;René Havlíček\nk@x.example;Tomáš Dvořák\n"),
            (encoding_rs::WINDOWS_1251, "email;name\ni@x.example;Иван Петров\n"),
        ] {
            let (read, _) = decode(&in_code_page(text, encoding));
            assert_eq!((read.as_str(), astray(&read)), (text, None));
        }
    }

    #[test]
    fn text_of_a_mac_or_of_dos_is_not_taken() {
        let dos: [(char, u8); 8] = [('ü', 0x81), ('é', 0x82), ('ä', 0x84), ('ö', 0x94), ('å', 0x86), ('ë', 0x89), ('è', 0x8A), ('Ö', 0x99)];
        let in_dos = |c: char| dos.iter().find(|(letter, _)| *letter == c).map_or(c as u8, |(_, byte)| *byte);
        for names in ["Jürgen Müller;Åsa Öberg", "Björn Strömberg", "Päivi Mäkelä", "Zoë Maes;René Coupé;Hélène Martin", "Jürgen"]
        {
            let text = format!("email;name\na@x.example;{names}\n");
            let (read, _) = decode(&in_code_page(&text, encoding_rs::MACINTOSH));
            assert!(astray(&read).is_some(), "Mac: {read}");
            let (read, guess) = decode(&text.replace('Å', "A").chars().map(in_dos).collect::<Vec<u8>>());
            assert!(astray(&read).is_some(), "DOS: {read}");
            assert!(!guess.unwrap().word.is_empty());
        }
        let signs = "email;name;fee\na@x.example;Ana O’Neil;10 €\nb@x.example;ACME® Col·lectiu;5°\n";
        let (read, guess) = decode(&in_code_page(signs, WINDOWS_1252));
        assert_eq!((read.as_str(), astray(&read)), (signs, None));
        assert_eq!(guess.unwrap().word, "O’Neil");
    }

    #[test]
    fn another_script_is_left_to_the_detector() {
        let text = "имя;email\nИван Петров;i@x.example\nМария Сидорова Александровна;m@x.example\n";
        let (read, _) = decode(&in_code_page(text, encoding_rs::WINDOWS_1251));
        assert_eq!(read, text);
    }
}
