//! The word that a calendar program puts before the subject of an answer ("Accepted: …"), in about 90 locales.

use super::{text::fold, words};
use crate::model::{Answer, Lang, Mail, MailKind, Verdict, mail::SUBJECT_IS_SAID};
use std::{collections::HashMap, sync::LazyLock};

/// `answer<TAB>prefix`, collected from the sources of calendar programs.
const PREFIXES: &str = include_str!("words/subjects.tsv");

/// Marks of replies before it: at most this many are passed over.
const MAX_MARKS: usize = 5;

/// Between these a subject may be of several pieces.
const MARKS: [&str; 9] = [" - ", " – ", " — ", ": ", " | ", " / ", "(", ")", ". "];
/// What people write there in one word as programs do.
const NOUNS: [(&str, Answer); 5] = [
    ("absage", Answer::Decline),
    ("afmelding", Answer::Decline),
    ("afbud", Answer::Decline),
    ("avbud", Answer::Decline),
    ("zusage", Answer::Accept),
];
/// So many pieces are read.
const MAX_PIECES: usize = 8;

/// What the guest typed in the subject, where the words below it do not say the same: it never overrules them, and needs a look.
pub(super) fn beside(mail: &Mail, hints: &[&Lang], verdict: &mut Verdict) {
    let is_said = mail.kind != MailKind::Reply || mail.button.is_some() || mail.notes.iter().any(|note| note == SUBJECT_IS_SAID);
    let typed = mail.subject_typed.as_deref().filter(|_| !is_said);
    let Some(answer) = typed.and_then(|typed| status(typed).or_else(|| decision(typed, hints))) else { return };
    // "Confirm participarea", or "I cannot come", and below it who comes instead.
    if answer == verdict.answer || verdict.answer == Answer::Delegate {
        return;
    }
    if verdict.answer == Answer::None {
        verdict.answer = answer;
        verdict.confidence = 0.6;
        verdict.evidence.clear();
    }
    verdict.evidence.push(mail.subject.chars().take(200).collect());
    verdict.doubt(format!("the subject says {answer}"));
}

/// What the phrases in a subject say plainly, as a whole or in one of its pieces.
fn decision(typed: &str, hints: &[&Lang]) -> Option<Answer> {
    let plain = |text: &str| {
        let reading = words::read(text, hints);
        (reading.sure && !reading.question && reading.answer != Answer::None).then_some(reading.answer)
    };
    let typed: String = typed.chars().take(300).collect();
    let first = typed.split_whitespace().next().map(|word| fold(word.trim_matches(|c: char| !c.is_alphabetic())));
    if let Some((_, answer)) = NOUNS.into_iter().find(|(noun, _)| first.as_deref() == Some(noun)) {
        return Some(answer);
    }
    // A piece of one word may be the code of a language: "(EN)" is a Finnish no.
    let pieces = || MARKS.into_iter().fold(typed.clone(), |typed, mark| typed.replace(mark, "\n"));
    plain(&typed).or_else(|| pieces().lines().filter(|piece| piece.split_whitespace().nth(1).is_some()).take(MAX_PIECES).find_map(plain))
}

/// The answer that the subject's first word names. A weak witness: ordinary mail may begin with the same word.
pub(super) fn status(subject: &str) -> Option<Answer> {
    static TABLE: LazyLock<HashMap<String, Answer>> = LazyLock::new(|| {
        let rows = PREFIXES.lines().filter_map(|line| line.split_once('\t'));
        rows.filter_map(|(answer, prefix)| Answer::parse(answer).map(|answer| (key(prefix), answer))).collect()
    });
    let subject: String = subject.chars().take(300).collect();
    let mut rest = subject.as_str();
    for _ in 0..MAX_MARKS {
        let (prefix, tail) = rest.split_once([':', '\u{FF1A}', '`', '\u{2024}', '\u{1361}'])?;
        if let Some(answer) = TABLE.get(&key(prefix)) {
            return Some(*answer);
        }
        if prefix.trim().chars().count() > 6 {
            return None;
        }
        rest = tail;
    }
    None
}

fn key(prefix: &str) -> String {
    let spaced: String = prefix.chars().map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' }).collect();
    let words: Vec<String> = spaced.split_whitespace().map(fold).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_in_many_languages() {
        for (subject, answer) in [
            ("Accepted: Workshop @ Thu 10 Dec 2026", Answer::Accept),
            ("Re: Acceptat: Workshop", Answer::Accept),
            ("Accepté : Atelier", Answer::Accept),
            ("Accepté\u{A0}: Atelier", Answer::Accept),
            ("Afgewezen: Workshop", Answer::Decline),
            ("Preliminariai priimta: Seminaras", Answer::Tentative),
            ("已接受：研讨会", Answer::Accept),
            ("Event accepted: Workshop", Answer::Accept),
        ] {
            assert_eq!(status(subject), Some(answer), "{subject}");
        }
        for subject in ["Workshop", "Re: Workshop", "Agenda: accepted papers", "", "::::"] {
            assert_eq!(status(subject), None, "{subject}");
        }
    }
}
