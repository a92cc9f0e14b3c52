//! The subject: reply prefixes, our tag, and what a guest typed there.

use super::{
    tokens,
    words::{WordSet, fold, list},
};
use crate::model::{Answer, words::ButtonWords};
use std::sync::LazyLock;

static PREFIXES: LazyLock<WordSet> = LazyLock::new(|| {
    list(include_str!("words/prefixes.txt")).filter_map(|line| line.get(2..)).map(|line| fold(line).into_owned()).collect()
});

/// More tags and prefixes are not looked at.
const MAX_PREFIXES: usize = 20;
/// The longest tag of a gateway, in bytes.
const MAX_GATEWAY_TAG: usize = 40;

/// What is left behind `Re:`, `AW:`, `Odp.:`, `Re[2]:` … and whether there was one. The tags of gateways go too.
pub(super) fn without_prefixes(subject: &str) -> (&str, bool) {
    let mut rest = without_gateway_tags(subject);
    let mut any = false;
    for _ in 0..MAX_PREFIXES {
        let Some((head, tail)) = rest.split_once([':', '：']) else { break };
        if head.len() > 24 {
            break;
        }
        let name = head.trim_end().trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^.".contains(c)).trim();
        if !PREFIXES.contains(fold(name).as_ref()) {
            break;
        }
        rest = without_gateway_tags(tail);
        any = true;
    }
    (rest, any)
}

/// The subject behind what gateways and lists put before it: `[EXTERNAL]`, `*** SPAM ***`, `{Spam?}`. Our own tag stays.
pub(super) fn without_gateway_tags(subject: &str) -> &str {
    let mut rest = subject.trim();
    for _ in 0..MAX_PREFIXES {
        match gateway_tag(rest) {
            Some((_, behind)) => rest = behind,
            None => break,
        }
    }
    rest
}

/// What stands in the tag that a subject begins with, and what stands behind it; something must.
pub(super) fn gateway_tag(subject: &str) -> Option<(&str, &str)> {
    let close = match subject.chars().next()? {
        '[' => ']',
        '{' => '}',
        '*' => '*',
        _ => return None,
    };
    let inner = if close == '*' { subject.trim_start_matches('*') } else { subject.get(1..)? };
    let (inside, behind) = inner.split_once(close)?;
    let behind = behind.trim_start_matches(|c: char| c == '*' || c == ':' || c.is_whitespace());
    let ours = inside.starts_with('#') && !tokens::in_text(subject.get(..subject.len() - behind.len())?).is_empty();
    (inside.len() <= MAX_GATEWAY_TAG && !ours && !behind.is_empty()).then_some((inside.trim(), behind))
}

/// The answer of a pressed button: our tag with a word, behind the very subject that the button prefills.
///
/// Who answers or forwards such a mail writes something before it, in one of many languages, or a gateway does: so what
/// stands there is compared with what our letters prefill (`sent`) and with the built-in words.
pub(super) fn button(subject: &str, sent: impl IntoIterator<Item = String>) -> Option<Answer> {
    let (answer, before) = pressed(subject)?;
    let built_in = ButtonWords::built_in_labels().any(|(of, label)| {
        of == answer && before.strip_prefix(words_of(label).as_str()).is_some_and(|behind| behind.is_empty() || behind.starts_with(':'))
    });
    (built_in || sent.into_iter().any(|prefilled| pressed(&prefilled).as_ref() == Some(&(answer, before.clone())))).then_some(answer)
}

/// The answer in the tag of a subject, and the folded words before that tag.
fn pressed(subject: &str) -> Option<(Answer, String)> {
    let answer = tokens::in_text(subject).into_iter().find_map(|(_, answer)| answer)?;
    let before = without_gateway_tags(subject).split("[#").next().unwrap_or_default();
    Some((answer, words_of(before)))
}

/// Words whatever their case, diacritics and white space.
fn words_of(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A subject as it was first written, folded: without prefixes and our tags.
pub(super) fn bare(subject: &str) -> String {
    words_of(&without_tags(without_prefixes(subject).0))
}

/// What a program put before a subject of ours that it repeats, folded; all of it where none of ours is there.
pub(super) fn without_sent(subject: &str, sent: &[String]) -> String {
    let subject = words_of(&without_tags(subject));
    let ends = sent.iter().filter_map(|own| subject.strip_suffix(bare(own).as_str()));
    ends.min_by_key(|before| before.len()).unwrap_or(&subject).to_owned()
}

/// What stands in a subject beside those that we `sent`, without prefixes and tags; None where nothing does, or a button wrote it.
pub(super) fn beside_sent(subject: &str, sent: &[String]) -> Option<String> {
    let own = before_inner_prefix(without_prefixes(subject).0);
    if pressed(own).is_some() {
        return None;
    }
    let own = without_tags(own);
    let words: Vec<&str> = own.split_whitespace().collect();
    let folded: Vec<String> = words.iter().map(|word| fold(word).into_owned()).collect();
    let place_of = |sent: &String| {
        let sent = bare(sent);
        let sent: Vec<&str> = sent.split(' ').filter(|word| !word.is_empty()).collect();
        let at = (!sent.is_empty()).then(|| folded.windows(sent.len()).position(|words| words == sent))??;
        Some(at..at + sent.len())
    };
    let ours = sent.iter().filter_map(place_of).max_by_key(ExactSizeIterator::len).unwrap_or(0..0);
    let rest = words.iter().enumerate().filter(|(at, _)| !ours.contains(at)).map(|(_, word)| *word).collect::<Vec<_>>().join(" ");
    rest.contains(char::is_alphanumeric).then_some(rest)
}

/// What the guest typed in the subject of a mail that says nothing else; None where it is not theirs.
pub(super) fn typed(subject: &str) -> Option<String> {
    // What stands in brackets may be the guest's.
    let (_, prefixed) = without_prefixes(subject);
    if prefixed {
        return None;
    }
    let own = before_inner_prefix(subject.trim());
    // A button's subject that was not pressed was answered.
    let text = if pressed(own).is_some() { String::new() } else { without_tags(own) };
    (!text.is_empty()).then_some(text)
}

/// "Da, vin. Re: Invitație": what stands before the subject that was answered.
fn before_inner_prefix(subject: &str) -> &str {
    let mut offset = 0;
    for word in subject.split_inclusive(' ') {
        let name = word.trim_end();
        if offset > 0 && name.ends_with(':') && PREFIXES.contains(fold(name.trim_end_matches(':')).as_ref()) {
            return subject.get(..offset).unwrap_or(subject).trim();
        }
        offset += word.len();
    }
    subject
}

fn without_tags(subject: &str) -> String {
    let mut text = subject.to_owned();
    while let Some((before, inner)) = text.split_once("[#")
        && let Some((_, after)) = inner.split_once(']')
    {
        text = format!("{} {}", before.trim_end(), after.trim_start());
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_many_languages() {
        for subject in ["Re: x", "AW: Re: x", "Odp.: x", "RE[2]: x", "Απ: x", "SV: AW: x", "R: x", "Vá: x", "Rép : x"] {
            assert_eq!(without_prefixes(subject), ("x", true), "{subject}");
        }
        assert_eq!(without_prefixes("Workshop: da"), ("Workshop: da", false));
    }

    #[test]
    fn a_button_is_pressed_once() {
        let button = |subject: &str| button(subject, Vec::new());
        assert_eq!(button("Yes, I will come [#k7q2m9x4t8wn:yes]"), Some(Answer::Accept));
        assert_eq!(button("Ja, ik kom: Workshop: geld [#k7q2m9x4t8wn:yes]"), Some(Answer::Accept));
        assert_eq!(button("[EXTERNAL] Yes, I will come [#k7q2m9x4t8wn:yes]"), Some(Answer::Accept));
        assert_eq!(button("Re: Yes, I will come [#k7q2m9x4t8wn:yes]"), None);
        assert_eq!(button("Invitation [#k7q2m9x4t8wn]"), None);
    }

    #[test]
    fn what_stands_before_an_old_button_is_not_pressed_again() {
        for before in
            ["[EXTERNAL] RE: ", "[EXT] Re:", "*EXTERN* AW: ", "[SPAM?] [staff] RE: ", "Одг: ", "Er: ", "Përgj: ", "Re: [staff] ", "EXT: "]
        {
            for label in ["Yes, I will come", "Ja, ik kom: Workshop"] {
                let subject = format!("{before}{label} [#k7q2m9x4t8wn:yes]");
                assert_eq!(button(&subject, [format!("{label} [#k7q2m9x4t8wn:yes]")]), None, "{subject}");
            }
        }
    }

    #[test]
    fn a_button_of_own_words_is_known_by_the_letter() {
        let sent = ["Bin dabei: Törggelen [#k7q2m9x4t8wn:yes]".to_owned(), "Leider nicht: Törggelen [#k7q2m9x4t8wn:no]".to_owned()];
        assert_eq!(button("Bin dabei:  Torggelen [#k7q2m9x4t8wn:yes]", sent.clone()), Some(Answer::Accept));
        assert_eq!(button("[EXTERN] Leider nicht: Törggelen [#k7q2m9x4t8wn:no]", sent.clone()), Some(Answer::Decline));
        assert_eq!(button("Leider nicht: Törggelen [#k7q2m9x4t8wn:yes]", sent.clone()), None);
        assert_eq!(button("Bin dabei: Törggelen [#k7q2m9x4t8wn:yes]", Vec::new()), None);
    }

    #[test]
    fn tags_of_gateways_stand_before_prefixes() {
        for subject in ["[EXTERNAL] Re: x", "*EXTERN* AW: x", "***SPAM*** RE: x", "{Spam?} [list] Re: [list] x", "[EXT]: Re: x"] {
            assert_eq!(without_prefixes(subject), ("x", true), "{subject}");
        }
        assert_eq!(without_prefixes("[staff] Workshop"), ("Workshop", false));
        for subject in ["[#k7q2m9x4t8wn] Workshop", "[Workshop]", "*", "[open Re: x"] {
            assert_eq!(without_prefixes(subject), (subject, false));
        }
        assert_eq!(typed("[Da] vin"), Some("[Da] vin".to_owned()));
    }

    #[test]
    fn what_stands_before_our_subject() {
        let sent = ["Einladung, 10. Dezember".to_owned(), "10. Dezember".to_owned()];
        assert_eq!(without_sent("Automatische Antwort: Einladung, 10. Dezember [#k7q2m9x4t8wn]", &sent), "automatische antwort: ");
        assert_eq!(without_sent("Back on 30 November", &sent), "back on 30 november");
    }

    #[test]
    fn what_stands_beside_our_subject() {
        let sent = ["Invitation: Will you come?".to_owned(), "Invitation".to_owned(), "Absage: Workshop".to_owned()];
        let beside = |subject: &str| beside_sent(subject, &sent);
        for ours in [
            "Re: Invitation: Will you come? [#k7q2m9x4t8wn]",
            "INVITATION: will you  come?",
            "[EXT] AW: Absage: Workshop",
            "Re: Yes, I will come [#k7q2m9x4t8wn:yes]",
            "Re: ",
            "- Invitation -",
        ] {
            assert_eq!(beside(ours), None, "{ours}");
        }
        assert_eq!(beside("I cannot come. Re: Invitation: Will you come?").as_deref(), Some("I cannot come."));
        assert_eq!(beside("Re: Invitation: Will you come? - NOT ATTENDING").as_deref(), Some("- NOT ATTENDING"));
        assert_eq!(beside("Absage: Invitation [#k7q2m9x4t8wn]").as_deref(), Some("Absage:"));
        assert_eq!(beside("Absage: Seminar").as_deref(), Some("Absage: Seminar"));
        assert_eq!(beside("No. Re: Yes, I will come [#k7q2m9x4t8wn:yes]").as_deref(), Some("No."));
    }

    #[test]
    fn an_answer_in_the_subject() {
        assert_eq!(typed("Confirm participarea").as_deref(), Some("Confirm participarea"));
        assert_eq!(typed("Da, vin. Re: Invitație [#k7q2m9x4t8wn]").as_deref(), Some("Da, vin."));
        assert_eq!(typed("Re: Invitație"), None);
        assert_eq!(typed("Одг: Yes, I will come [#k7q2m9x4t8wn:yes]"), None);
        assert_eq!(typed("No after all. Re: Yes, I will come [#k7q2m9x4t8wn:yes]").as_deref(), Some("No after all."));
    }
}
