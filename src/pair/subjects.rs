//! Subjects: what stands before and after the words that we sent.

use crate::model::names::{fold_letters, plain};
use regex::Regex;
use std::sync::LazyLock;

const REPLY: &str = "re|aw|antw|antwoord|sv|vs|ynt|odp|r|rif|res|atb|ats|vá|σχετ|απ|отг|ha|yn|rv|ref|bls";
const FORWARD: &str = "fwd?|wg|tr|doorst|doorsturen|vb|vl|videresendt|enc|i|prosl|pd|továbbítás|προωθ|пр|fs|pers|edasi|rd|rdz|\
    vidarebefordrat|välitetty|inoltrato|redirecționat|persiųsta|proslijeđeno|weitergeleitet|doorgestuurd";

/// Marks of mail programs in many languages (`Re:`, `AW:`, `SV:`, `Fwd[2]:` …) at the start of a subject.
fn pattern(words: &str) -> Regex {
    Regex::new(&format!(r"(?i)^\s*(?:\[(?:ext|external|extern)\]\s*)?(?:{words})\s*(?:\[\d{{1,3}}\]|\(\d{{1,3}}\))?\s*[:\x{{FF1A}}]\s*"))
        .expect("a constant pattern")
}

fn mark() -> &'static Regex {
    static MARK: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("{REPLY}|{FORWARD}")));
    &MARK
}

/// At most this many marks are taken off one subject.
const MAX_MARKS: usize = 20;
/// How many characters of a subject are looked at.
const LONGEST: usize = 998;

/// True where the subject begins with the mark of a forwarded message.
pub(super) fn is_forward(subject: &str) -> bool {
    static MARK: LazyLock<Regex> = LazyLock::new(|| pattern(FORWARD));
    MARK.is_match(subject)
}

/// True where the subject begins with the mark of a reply.
pub(super) fn is_reply(subject: &str) -> bool {
    static MARK: LazyLock<Regex> = LazyLock::new(|| pattern(REPLY));
    MARK.is_match(subject)
}

/// The subject as first written: no marks, no `[#TOKEN]`, white space and case folded.
pub(super) fn bare(subject: &str) -> String {
    static TAG: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)\[#[0-9a-z]{12}(?::[a-z]{1,8})?\]").expect("a constant pattern"));
    let subject: String = subject.chars().take(LONGEST).collect();
    let mut rest = subject.as_str();
    for _ in 0..MAX_MARKS {
        match mark().find(rest) {
            Some(found) => rest = rest.get(found.end()..).unwrap_or_default(),
            None => break,
        }
    }
    TAG.replace_all(rest, " ").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// True where the subject is one of those that we sent, behind any marks or a calendar program's word ("Accepted: …");
/// accents do not matter.
pub(super) fn is_ours(subject: &str, ours: &[String]) -> bool {
    let bare = |subject: &str| fold_letters(&plain(&bare(subject), LONGEST));
    let subject = bare(subject);
    let tail = subject.split_once([':', '\u{FF1A}']).map(|(_, tail)| tail.trim().to_owned());
    ours.iter()
        .map(|own| bare(own))
        .filter(|own| own.chars().count() >= 4)
        .any(|own| subject == own || tail.as_deref() == Some(own.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_tags_fall_off() {
        for subject in ["Invitație la workshop", "Re: RE[2]: Invitație la  workshop", "SV: AW: invitație la workshop [#k7q2m9x4t8wn:yes]"]
        {
            assert_eq!(bare(subject), "invitație la workshop", "{subject}");
        }
        let ours = ["Invitație la workshop".to_owned()];
        assert!(is_ours("Acceptat: Invitație la workshop", &ours));
        assert!(is_ours("RE: INVITATIE la workshop", &ours) && is_ours("Acceptat: invitaţie la workshop", &ours));
        assert!(!is_ours("Invitație la altceva", &ours));
        assert!(!is_ours("", &["".to_owned()]));
    }

    #[test]
    fn forwards_are_told_from_replies() {
        assert!(is_forward("Fwd: x") && is_forward("WG: x") && !is_forward("Re: x") && !is_forward("Information: x"));
        assert!(is_reply("AW: x") && is_reply("Re[3]: x") && !is_reply("Reminder: x"));
    }
}
