//! The subject: reply prefixes, our tag, and what a guest typed there.

use super::{
    tokens,
    words::{WordSet, fold, list},
};
use crate::model::Answer;
use std::sync::LazyLock;

static PREFIXES: LazyLock<WordSet> = LazyLock::new(|| {
    list(include_str!("words/prefixes.txt")).filter_map(|line| line.get(2..)).map(|line| fold(line).into_owned()).collect()
});

/// What is left behind `Re:`, `AW:`, `Odp.:`, `Re[2]:` … and whether there was one.
pub(super) fn without_prefixes(subject: &str) -> (&str, bool) {
    let mut rest = subject.trim();
    let mut any = false;
    for _ in 0..20 {
        let Some((head, tail)) = rest.split_once([':', '：']) else { break };
        if head.len() > 24 {
            break;
        }
        let name = head.trim_end().trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^.".contains(c)).trim();
        if !PREFIXES.contains(fold(name).as_ref()) {
            break;
        }
        rest = tail.trim_start();
        any = true;
    }
    (rest, any)
}

/// The answer of a pressed button: our tag with a word, in a subject that no program answered or forwarded.
pub(super) fn button(subject: &str) -> Option<Answer> {
    let (_, prefixed) = without_prefixes(subject);
    if prefixed {
        return None;
    }
    tokens::in_text(subject).into_iter().find_map(|(_, answer)| answer)
}

/// What the guest typed in the subject of a mail that says nothing else; None where it is not theirs.
pub(super) fn typed(subject: &str) -> Option<String> {
    let (rest, prefixed) = without_prefixes(subject);
    let own = if prefixed {
        return None;
    } else {
        before_inner_prefix(rest)
    };
    let text = without_tags(own);
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
        assert_eq!(button("Yes, I will come [#k7q2m9x4t8wn:yes]"), Some(Answer::Accept));
        assert_eq!(button("Re: Yes, I will come [#k7q2m9x4t8wn:yes]"), None);
        assert_eq!(button("Invitation [#k7q2m9x4t8wn]"), None);
    }

    #[test]
    fn an_answer_in_the_subject() {
        assert_eq!(typed("Confirm participarea").as_deref(), Some("Confirm participarea"));
        assert_eq!(typed("Da, vin. Re: Invitație [#k7q2m9x4t8wn]").as_deref(), Some("Da, vin."));
        assert_eq!(typed("Re: Invitație"), None);
    }
}
