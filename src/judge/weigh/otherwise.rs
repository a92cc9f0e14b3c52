//! What a mail says by other words than those that were read: with what was taken away, without what stands below a signature, and in
//! its other part.

use super::{Said, by_words};
use crate::{
    judge::words,
    model::{
        Answer, Certainty, Lang, Mail, Verdict,
        mail::{BELOW_SIGNATURE, PARTS_DIFFER, PERHAPS_TYPED},
    },
};

/// So many lines of a signature are looked at.
const MAX_SIGNATURE: usize = 25;
const TAKEN_AWAY: &str = "some of its text was taken for a signature or a quote and may be the guest's";
const SLOGAN: &str = "what decides stands below a signature, where slogans stand, too";
const PARTS: &str = "its text part and its HTML part say two things";

/// Why a verdict by words that is sure should not be: by other words of the mail it would be another. None where it would not.
pub(super) fn doubt(mail: &Mail, hints: &[&Lang], certainty: Certainty, verdict: &Verdict) -> Option<&'static str> {
    let told = |note: &str| mail.notes.iter().find_map(|told| told.strip_prefix(note));
    let by = |typed: &str| read(mail, typed, hints, certainty);
    let above = || told(BELOW_SIGNATURE).and_then(|below| mail.said.rsplit_once(below)).map(|(above, rest)| [above, rest].concat());
    let counts = |of: &Verdict| (of.answer, of.party);
    if taken_away(mail, hints, certainty, verdict) {
        Some(TAKEN_AWAY)
    } else if above().is_some_and(|above| by(&above).answer != verdict.answer) {
        Some(SLOGAN)
    } else {
        told(PARTS_DIFFER).filter(|other| counts(&by(other)) != counts(verdict)).map(|_| PARTS)
    }
}

/// Whether what was taken away as a signature, a notice or a quote may be the guest's words, and change this verdict.
fn taken_away(mail: &Mail, hints: &[&Lang], certainty: Certainty, verdict: &Verdict) -> bool {
    let answer = verdict.answer;
    let perhaps = mail.notes.iter().find_map(|note| note.strip_prefix(PERHAPS_TYPED));
    // Read by itself a motto sounds like anything; below a yes or a no it changes little, and a second thought much.
    let changed = |taken: &str| {
        let with = read(mail, &format!("{}\n\n{taken}", mail.said), hints, certainty);
        let beside = |of: &Verdict| (of.answer, of.party, of.unsubscribe, of.delegate.clone());
        !with.sure || beside(&with) != beside(verdict)
    };
    // "I cannot come" between a name and a telephone number is as short as a title.
    let says_other = |line: &str| {
        let words = words::read(line, hints);
        words.sure && ![Answer::None, answer].contains(&words.answer)
    };
    perhaps.is_some_and(changed) || mail.signature.lines().take(MAX_SIGNATURE).any(says_other)
}

/// What the mail would say, had this been typed.
fn read(mail: &Mail, typed: &str, hints: &[&Lang], certainty: Certainty) -> Verdict {
    let said = Said::of(typed, hints);
    let mut verdict = by_words(mail, &said, certainty);
    said.taken_back(&mut verdict);
    said.turned(&mut verdict);
    said.beside(mail, certainty, &mut verdict);
    verdict
}
