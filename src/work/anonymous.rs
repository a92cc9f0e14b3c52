//! A text without the people in it: names, addresses, links and long numbers are replaced by placeholders. Pure.
//!
//! Only names that are known can be found. A word is taken for one in any case, with and without its marks (Ștefan, STEFAN), and
//! with the ending of another case where it is written as a name (Mariei, Vytautui): rather too many words than too few. Small
//! numbers stay, because they count people, and with them the numbers of houses and flats.

use regex::Regex;
use std::{
    collections::{BTreeSet, HashSet},
    sync::LazyLock,
};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

const NAME: &str = "[NAME]";
const MAIL: &str = "[MAIL]";
const LINK: &str = "[LINK]";
const NUMBER: &str = "[NUMBER]";

/// A number of so many digits is somebody's: a telephone, an account, a day.
const LONG: usize = 5;
/// A word of letters and digits of this length is a key: our own tokens have twelve.
const KEY: usize = 10;
/// A shorter name is not looked for with endings: too many words begin like it.
const STEM: usize = 4;
/// How much longer than the name a word may be that is taken for another case of it.
const ENDING: usize = 4;
/// Names of this length are known with other endings, too, but only with those of names: `Danke` is not Dan's.
const SHORT: std::ops::RangeInclusive<usize> = 3..=4;

/// What stands behind a short name in other cases, folded.
const ENDINGS: [&str; 20] =
    ["a", "ak", "as", "e", "em", "es", "i", "iem", "is", "nak", "nek", "om", "ov", "ova", "ovi", "ovo", "s", "u", "ul", "ului"];
/// What stands in place of the vowel at its end, folded.
const ENDINGS_FOR_VOWEL: [&str; 22] =
    ["a", "e", "ei", "eii", "i", "ie", "iei", "ii", "im", "in", "ina", "ine", "ini", "ino", "inu", "o", "oj", "om", "ou", "u", "y", "inom"];

/// Parts of names that name nobody, and stand in every other sentence.
const PARTICLES: [&str; 26] = [
    "al", "and", "bin", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la", "le", "of", "on", "the",
    "to", "van", "ter", "von", "y", "zu",
];

static THINGS: LazyLock<Regex> = LazyLock::new(|| {
    let link = r#"(?P<link>(?i:[a-z][a-z0-9+.-]*://|www\.|(?:mailto|tel|callto|sip|skype):)[^\s<>"()]+)"#;
    let mail = r#"(?P<mail>[^\s<>()\[\]{},;:"']*[@＠][^\s<>()\[\]{},;:"']+)"#;
    let domains = "com|org|net|edu|gov|info|biz|io|ai|app|dev|page|link|online|site|shop|cloud|tech|xyz|gl|gle|ly|tv|cc|co|eu|me|us|at|be|bg|ch|cz|de|dk|ee|es|fi|fr|gr|hr|hu|ie|it|lt|lu|lv|md|mt|nl|no|pl|pt|ro|rs|ru|se|si|sk|tr|ua|uk|example";
    // Of whatever domain, where a path stands behind it.
    let site = format!(r#"(?P<site>(?i:(?:[\w-]+\.)+(?:{domains}))\b(?:/[^\s<>"()]*)?|(?:[\w-]+\.)+\p{{L}}{{2,24}}(?::\d+)?/[^\s<>"()]+)"#);
    // Of cars: B 123 ABC, CJ-12-XYZ, M-AB 1234. "CJ 12 XYZ" may count people in a text of capitals.
    let plate = r"(?P<plate>\b(?:[A-Z]{1,2}(?:-?\d{2,3}-?[A-Z]{3}| \d{3} [A-Z]{3})|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4})\b)";
    // A comma and a space part numbers of people from a day, unless what follows is long.
    let gap = r"[ \t\u{a0}\u{2000}-\u{200a}\u{202f}().\-/–\u{2010}-\u{2015}\u{2212}\u{2044}*|_·•~]*";
    let number = format!(r"(?P<number>[+(]*\p{{L}}*\d[\p{{L}}\d]*(?:{gap}\d[\p{{L}}\d]*|,\d[\p{{L}}\d]*|, \d{{3}}[\p{{L}}\d]*)*)");
    Regex::new(&format!("{link}|{mail}|{site}|{plate}|{number}")).expect("a pattern")
});

/// The names that must not be left in a text.
#[derive(Clone, Default, Debug)]
pub struct Names {
    /// As folded.
    words: HashSet<String>,
    /// Long enough to be known with another ending.
    stems: BTreeSet<String>,
    /// Known with the endings of names.
    short: BTreeSet<String>,
    /// Of scripts that do not part words: found inside of longer ones.
    inside: BTreeSet<String>,
}

impl Names {
    /// Of names as written, and of what stands before the @ of addresses.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        for name in names {
            let name: String = name.nfc().collect();
            for word in name.split_whitespace() {
                all.add(word);
                words(word).for_each(|part| all.add(part));
            }
            all.add(&name);
        }
        all
    }

    /// A name, or several written as one (AnaMaria, OBrien).
    fn add(&mut self, name: &str) {
        let letters: String = name.chars().filter(|c| is_of_word(*c)).collect();
        if letters.chars().any(is_unparted) && letters.chars().count() > 1 {
            self.inside.insert(letters.clone());
        }
        for form in forms(&letters) {
            let one_letter = form.chars().count() < 2 && !letters.chars().any(is_unparted);
            if one_letter || PARTICLES.contains(&form.as_str()) {
                continue;
            }
            if form.chars().count() >= STEM {
                self.stems.insert(form.clone());
            }
            if SHORT.contains(&form.chars().count()) {
                self.short.insert(form.clone());
            }
            self.words.insert(form);
        }
    }

    fn has(&self, word: &str) -> bool {
        let forms = forms(word);
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        let other_case =
            |form: &str| self.stems.iter().any(|stem| is_case_of(form, stem)) || self.short.iter().any(|name| is_case_of_short(form, name));
        forms.iter().any(|form| self.words.contains(form) || capital && other_case(form))
    }

    /// The text without them and without addresses, links and long numbers.
    pub fn replaced_in(&self, text: &str) -> String {
        let text: String = text.nfc().filter(|c| !is_invisible(*c)).collect();
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for found in THINGS.captures_iter(&text) {
            let Some(whole) = found.get(0) else { continue };
            let placeholder = if found.name("mail").is_some() {
                MAIL
            } else if found.name("link").or(found.name("site")).is_some() {
                LINK
            } else if found.name("plate").is_some() || is_long(whole.as_str()) {
                NUMBER
            } else {
                continue;
            };
            self.without_names(text.get(from..whole.start()).unwrap_or_default(), &mut out);
            out.push_str(placeholder);
            from = whole.end();
        }
        self.without_names(text.get(from..).unwrap_or_default(), &mut out);
        out
    }

    fn without_names(&self, text: &str, out: &mut String) {
        let mut rest = text;
        while let Some(start) = rest.find(is_of_word) {
            let (before, tail) = rest.split_at_checked(start).unwrap_or((rest, ""));
            let (word, after) = tail.split_at_checked(tail.find(|c| !is_of_word(c)).unwrap_or(tail.len())).unwrap_or((tail, ""));
            out.push_str(before);
            if self.has(word) {
                out.push_str(NAME);
            } else if self.inside.iter().any(|name| word.contains(name)) {
                // The longest first, so that no part of it is left.
                let mut names: Vec<&String> = self.inside.iter().collect();
                names.sort_by_key(|name| std::cmp::Reverse(name.len()));
                out.push_str(&names.iter().fold(word.to_owned(), |word, name| word.replace(name.as_str(), NAME)));
            } else {
                out.push_str(word);
            }
            rest = after;
        }
        out.push_str(rest);
    }
}

fn is_long(number: &str) -> bool {
    let digits = number.chars().filter(|c| c.is_numeric()).count();
    let is_key = number.chars().all(char::is_alphanumeric) && number.chars().count() >= KEY;
    digits >= LONG || is_key
}

/// Whether a word is a name with another ending: the same beginning but for its last two letters, and not much longer.
fn is_case_of(word: &str, stem: &str) -> bool {
    let common = word.chars().zip(stem.chars()).take_while(|(a, b)| a == b).count();
    let (long, name) = (word.chars().count(), stem.chars().count());
    common >= STEM.max(name.saturating_sub(2)) && long <= name + ENDING
}

/// Whether a word is a short name with another ending: behind it (Danului), or for its last vowel (Anei, Danei).
fn is_case_of_short(word: &str, name: &str) -> bool {
    let behind = |stem: &str, endings: &[&str]| word.strip_prefix(stem).is_some_and(|ending| endings.contains(&ending));
    behind(name, &ENDINGS) || name.strip_suffix(['a', 'e', 'i', 'o', 'u', 'y']).is_some_and(|stem| behind(stem, &ENDINGS_FOR_VOWEL))
}

/// The runs of letters in a name.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c| !is_of_word(c)).filter(|word| !word.is_empty())
}

fn is_of_word(c: char) -> bool {
    c.is_alphabetic() || is_combining_mark(c)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

/// Scripts that put no space between words, or hang endings onto names.
fn is_unparted(c: char) -> bool {
    matches!(c, '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3040}'..='\u{30FF}'
        | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{2FA1F}')
}

/// A word in lower case without marks, and as those write it who have no marks (Müller: muller, mueller).
fn forms(word: &str) -> BTreeSet<String> {
    let lower: String = word.chars().flat_map(char::to_lowercase).nfc().collect();
    let spelt: String = lower.replace('ä', "ae").replace('ö', "oe").replace('ü', "ue").replace('å', "aa").replace('ø', "oe");
    [folded(&lower), folded(&spelt)].into_iter().filter(|form| !form.is_empty()).collect()
}

fn folded(word: &str) -> String {
    let letters = word.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    letters.fold(String::new(), |mut plain, c| {
        match c {
            'ł' => plain.push('l'),
            'đ' | 'ð' => plain.push('d'),
            'ø' => plain.push('o'),
            'ħ' => plain.push('h'),
            'ı' => plain.push('i'),
            'ß' => plain.push_str("ss"),
            'æ' => plain.push_str("ae"),
            'œ' => plain.push_str("oe"),
            'þ' => plain.push_str("th"),
            'ς' => plain.push('σ'),
            c => plain.push(c),
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_are_taken_out_and_numbers_of_people_stay() {
        let names = Names::of(["Ștefan-Ion Müller", "ana.popescu", "Maria O'Brien", "Vytautas", "김민수", "Anca de la Vega"]);
        for (text, without) in [
            ("Confirm pentru 3 persoane.\nCu stimă,\nSTEFAN Mueller", "Confirm pentru 3 persoane.\nCu stimă,\n[NAME] [NAME]"),
            ("Mariei nu-i convine, Vytautui taip", "[NAME] nu-i convine, [NAME] taip"),
            ("AnaPopescu, o'brien, OBrien; stefanion", "[NAME], o'[NAME], [NAME]; [NAME]"),
            ("Vin de la 14:00, la etajul 2", "Vin de la 14:00, la etajul 2"),
            ("tel. 0721 123 456 sau +40 (21) 312-45-67", "tel. [NUMBER] sau [NUMBER]"),
            ("IBAN RO49AAAA1B31007593840000, [#k7q2m9x4t8wn:yes]", "IBAN [NUMBER], [#[NUMBER]:yes]"),
            ("scrie la Ana.Popescu+x@firma.example, https://x.example/ana?b=1", "scrie la [MAIL], [LINK]"),
            ("vezi firma-noastra.ro/ana și www.ana.example", "vezi [LINK] și [LINK]"),
            ("네 김민수입니다", "네 [NAME]입니다"),
            ("Ana\u{AD}Po\u{200B}pescu vine", "[NAME] vine"),
            ("10-12 oameni, suntem 2+1", "10-12 oameni, suntem 2+1"),
            ("pe 10.12.2026, 2 persoane; 2, 3 sau 4, doi|3", "pe [NUMBER], 2 persoane; 2, 3 sau 4, doi|3"),
        ] {
            assert_eq!(names.replaced_in(text), without, "{text}");
        }
    }

    #[test]
    fn telephones_links_and_plates_are_found_however_they_are_written() {
        for number in [
            "0721‑123‑456",
            "0721, 123, 456",
            "07,21,12,34,56",
            "0721*123*456",
            "0721|123|456",
            "07_21_12_34_56",
            "0721—123—456",
            "B 123 ABC",
            "CJ12XYZ",
            "CJ-12-XYZ",
            "M-AB 1234",
        ] {
            assert_eq!(Names::default().replaced_in(&format!("la {number} sau")), "la [NUMBER] sau", "{number}");
        }
        for link in ["bit.ly/jorisv", "bit.ly", "forms.gle/AbC123defGHI4", "x.museum/ana", "intranet.primaria.local:8080/ana"] {
            assert_eq!(Names::default().replaced_in(&format!("la {link} sau")), "la [LINK] sau", "{link}");
        }
        for text in ["VIN CU 2 PRIETENI", "VOM FI 12 DIN", "Vin.Cu drag", "da/nu, și/sau"] {
            assert_eq!(Names::default().replaced_in(text), text);
        }
    }

    #[test]
    fn names_are_known_in_other_cases() {
        let names = Names::of(["Ana Kovač", "Dan", "Mara", "Ivo"]);
        for word in ["Anei", "Aneii", "Ani", "Anou", "Kovačevoj", "Kovačem", "Danului", "Danu", "Marei", "Marii", "Ivom", "Iva"] {
            assert_eq!(names.replaced_in(&format!("cu {word}.")), "cu [NAME].", "{word}");
        }
        for word in ["Danke", "Dacă", "Da", "And", "Anul", "anei", "March"] {
            assert_eq!(names.replaced_in(word), word);
        }
    }

    /// A name as it may stand in a text.
    fn written(name: &str, how: u8) -> String {
        match how {
            0 => name.to_owned(),
            1 => name.to_uppercase(),
            2 => name.to_lowercase(),
            3 => name.nfd().collect(),
            4 => name.nfkd().filter(|c| !is_combining_mark(*c)).collect(),
            5 => format!("\"{name}\","),
            6 => format!("_{name}_2"),
            _ => format!("{name}@x.example"),
        }
    }

    proptest! {
        #[test]
        fn no_part_of_a_name_survives(
            parts in prop::collection::vec("[A-ZȘȚÂÖÜŁŽА-Я][a-zșțăâîöüéłžąа-я]{1,8}", 1..4),
            joint in prop::sample::select(vec![" ", "-", ".", "  "]),
            said in prop::collection::vec((0..4usize, 0..8u8, "[ ,.!?\n]{1,2}[0-9]?[ ,.!?\n]"), 0..8),
        ) {
            let own = ["name", "mail", "link", "number"];
            let shown = |part: &str| forms(part).iter().any(|form| own.contains(&form.as_str()) || PARTICLES.contains(&form.as_str()));
            prop_assume!(!parts.iter().any(|part| shown(part)));
            let text: String = said.iter().map(|(which, how, gap)| {
                parts.get(*which).map_or_else(|| format!("42{gap}"), |part| format!("{}{gap}", written(part, *how)))
            }).collect();
            let out = Names::of([parts.join(joint).as_str()]).replaced_in(&text);
            for word in words(&out) {
                for part in &parts {
                    prop_assert!(forms(word).is_disjoint(&forms(part)), "{part} in {out:?}, of {text:?}");
                }
            }
        }

        #[test]
        fn any_text_is_taken(text in "\\PC{0,80}", name in "\\PC{0,20}") {
            Names::of([name.as_str()]).replaced_in(&text);
        }
    }
}
