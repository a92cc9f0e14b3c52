//! Language codes as typed.

use super::nearest::nearest;
use crate::model::Lang;

/// ISO 639-1, all 183 codes in use.
const CODES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el \
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki \
    kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny \
    oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn \
    to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// Country codes that are often taken for the code of a language, and names that are typed instead of it.
const MEANT: [(&str, &str); 24] = [
    ("at", "de"),
    ("by", "be"),
    ("cn", "zh"),
    ("cz", "cs"),
    ("dk", "da"),
    ("ge", "ka"),
    ("gr", "el"),
    ("ie", "ga"),
    ("jp", "ja"),
    ("md", "ro"),
    ("rs", "sr"),
    ("ua", "uk"),
    ("gb", "en"),
    ("us", "en"),
    ("english", "en"),
    ("romanian", "ro"),
    ("română", "ro"),
    ("dutch", "nl"),
    ("nederlands", "nl"),
    ("italian", "it"),
    ("italiano", "it"),
    ("croatian", "hr"),
    ("lithuanian", "lt"),
    ("finnish", "fi"),
];

/// Reads a code of ISO 639; a region after it (`en-GB`) is dropped. Codes of three letters are taken as
/// they are. The error goes on after the name of the key.
pub(super) fn parse(text: &str) -> Result<Lang, String> {
    let known = |code: &str| code.len() == 3 || CODES.split_whitespace().any(|c| c == code);
    if let Some(lang) = Lang::parse(text).filter(|lang| known(lang.as_str())) {
        return Ok(lang);
    }
    let lower = text.trim().to_lowercase();
    let meant = nearest(&lower, MEANT.iter().map(|(word, _)| *word).filter(|word| lower.len() > 2 || *word == lower));
    let meant = MEANT.iter().find(|(word, _)| Some(*word) == meant).map(|(_, code)| format!("; did you mean \"{code}\"?"));
    let cure = meant.unwrap_or_else(|| "; write the ISO 639 code, such as \"ro\" or \"en\"".into());
    Err(format!("is not the code of a language: {text:?}{cure}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_what_was_meant() {
        assert_eq!(CODES.split_whitespace().count(), 183);
        for (text, code) in [("ro", "ro"), ("EN-GB", "en"), ("hsb", "hsb"), (" lt ", "lt")] {
            assert_eq!(parse(text).map(|lang| lang.to_string()), Ok(code.to_owned()), "{text}");
        }
        for (text, cure) in [("cz", "\"cs\"?"), ("Romanian", "\"ro\"?"), ("xx", "such as"), ("", "such as"), ("r", "such as")] {
            assert!(parse(text).is_err_and(|why| why.contains(cure)), "{text}: {:?}", parse(text));
        }
    }
}
