//! Who is invited: a row as believed, and what was wrong with the rows that are not.

use super::Address;
use std::{collections::BTreeMap, fmt};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A language by its ISO 639-1 code (639-2 where there is none), in lower case: `ro`, `lt`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Lang(String);

impl Lang {
    /// Takes a code of two or three ASCII letters; a region after `-` or `_` is dropped.
    pub fn parse(code: &str) -> Option<Self> {
        let base = code.trim().split(['-', '_']).next().unwrap_or_default();
        let fits = (2..=3).contains(&base.len()) && base.chars().all(|c| c.is_ascii_alphabetic());
        fits.then(|| Self(base.to_ascii_lowercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The languages whose texts a reader of this one takes for the own, the nearest first: Norwegian goes by three codes.
    pub fn kin(&self) -> impl Iterator<Item = Lang> {
        const NORWEGIAN: [&str; 3] = ["no", "nb", "nn"];
        let own = NORWEGIAN.contains(&self.as_str());
        NORWEGIAN.into_iter().filter(move |code| own && *code != self.as_str()).map(|code| Lang(code.to_owned()))
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A row of a contact list as believed.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Guest {
    pub email: Address,
    /// As written, inner white space folded; may be empty.
    pub name: String,
    /// None where the list does not say; the campaign's language is used then.
    pub lang: Option<Lang>,
    pub organisation: Option<String>,
    /// IANA zone name (`Europe/Vilnius`), checked; None means the event's own zone.
    pub zone: Option<String>,
    /// Every other column, by its name in lower-case ASCII with `_`. Empty cells are left out.
    pub fields: BTreeMap<String, String>,
    /// The row in the list as a spreadsheet numbers it, 1 for the first (the header).
    pub row: u32,
}

impl Guest {
    /// What tells two guests of one address apart: the name in lower case, white space folded.
    pub fn name_key(&self) -> String {
        self.name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    }
}

/// The name in [`Guest::fields`] of the column with this heading; empty where the heading has no Latin letter and no digit.
///
/// It stands here, below the rooms, because `contacts` gives the names and `compose` must tell what a heading is called.
pub fn column_name(heading: &str) -> String {
    fold(heading).replace(' ', "_")
}

/// Lower-case ASCII words with one space between them; diacritics and punctuation are gone. A script without Latin
/// letters leaves nothing.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            c if c.is_ascii_alphanumeric() => folded.push(c.to_ascii_lowercase()),
            'đ' | 'Đ' | 'ð' | 'Ð' => folded.push('d'),
            'ł' | 'Ł' => folded.push('l'),
            'ø' | 'Ø' => folded.push('o'),
            'ı' => folded.push('i'),
            'ß' | 'ẞ' => folded.push_str("ss"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'þ' | 'Þ' => folded.push_str("th"),
            c if is_combining_mark(c) => {}
            _ if folded.is_empty() || folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// What is wrong with one row of a list, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Complaint {
    /// The file as the organiser named it.
    pub file: String,
    /// As a spreadsheet numbers it, 1 for the first.
    pub row: u32,
    /// The column as headed in the file; empty where the whole row is meant.
    pub column: String,
    /// The value as written, cut at 80 characters.
    pub value: String,
    /// What is wrong and how to mend it, one sentence.
    pub why: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, row {}", self.file, self.row)?;
        if !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        }
        if !self.value.is_empty() {
            write!(f, ", \"{}\"", self.value)?;
        }
        write!(f, ": {}", self.why)
    }
}

/// The unguessable name of one invitation: 12 characters of Crockford's base 32 in lower case, 60 random bits.
///
/// Case means nothing in it, because mail gateways fold the local part of an address.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Token(String);

impl Token {
    pub const LEN: usize = 12;
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

    /// Makes a token of the low 60 bits of `bits`; chance comes from outside.
    pub fn from_bits(bits: u64) -> Self {
        let letter = |i: usize| {
            let five = usize::try_from(bits >> (5 * i) & 31).unwrap_or(0);
            char::from(*Self::ALPHABET.get(five).unwrap_or(&b'0'))
        };
        Self((0..Self::LEN).map(letter).collect())
    }

    /// Takes exactly twelve letters of the alphabet, in any case.
    pub fn parse(text: &str) -> Option<Self> {
        let is_letter = |b: u8| b.is_ascii_alphanumeric() && !matches!(b.to_ascii_lowercase(), b'i' | b'l' | b'o' | b'u');
        let fits = text.len() == Self::LEN && text.bytes().all(is_letter);
        fits.then(|| Self(text.to_ascii_lowercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn norwegian_goes_by_three_codes() {
        let kin = |code: &str| Lang::parse(code).expect("a code").kin().map(|lang| lang.to_string()).collect::<Vec<_>>();
        assert_eq!(
            (kin("nb-NO"), kin("nn"), kin("no")),
            (vec!["no".into(), "nn".into()], vec!["no".into(), "nb".into()], vec!["nb".into(), "nn".into()])
        );
        assert!(kin("da").is_empty());
    }

    #[test]
    fn folding_leaves_ascii_words() {
        for (written, folded) in [
            ("Funcție", "functie"),
            ("  E-mail: ", "e mail"),
            ("Språk", "sprak"),
            ("Đurđa Łoś", "durda los"),
            ("Straße Nr.2", "strasse nr 2"),
            ("Имя", ""),
        ] {
            assert_eq!(fold(written), folded);
        }
        assert_eq!((column_name("Nr. tel."), column_name("Имя")), ("nr_tel".into(), String::new()));
    }
}
