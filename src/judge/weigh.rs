//! Weighs the evidence of all witnesses.

use super::{Evidence, Witness, delegate, party, subject, words};
use crate::model::mail::{KEPT_BELOW_QUOTE, ONE_DAY_OF_A_SERIES};
use crate::model::{Answer, Delegate, Lang, Mail, MailKind, Verdict};

/// What the mail says about coming.
///
/// `guest_lang` is the guest's language in the contact list: it decides where a word means something in several.
/// A mail that no person wrote (bounce, automatic reply, complaint, other) says nothing.
pub fn verdict(mail: &Mail, guest_lang: Option<&Lang>) -> Verdict {
    if !matches!(mail.kind, MailKind::Reply | MailKind::Calendar) {
        return Verdict::silent();
    }
    let hints: Vec<&Lang> = guest_lang.into_iter().chain(mail.language.as_ref()).collect();
    let calendar_note = mail.calendar.as_ref().and_then(|c| c.comment.as_deref()).unwrap_or_default();
    let both;
    let typed = match (mail.said.trim().is_empty(), calendar_note.trim()) {
        (true, _) => calendar_note,
        (false, note) if note.is_empty() || mail.said.contains(note) => mail.said.as_str(),
        (false, note) => {
            both = format!("{}\n\n{note}", mail.said);
            &both
        }
    };
    let said = Said { text: typed, reading: (!typed.trim().is_empty()).then(|| words::read(typed, &hints)) };
    let mut verdict = match &mail.calendar {
        Some(_) if mail.kind == MailKind::Calendar => by_calendar(mail, &said),
        _ => match mail.button {
            Some(answer) => strong(Evidence { witness: Witness::Button, answer, confidence: 1.0, words: button_words(mail) }, &said),
            None => by_words(mail, &said),
        },
    };
    if let Some(reading) = &said.reading {
        verdict.question |= reading.question;
        verdict.unsubscribe |= reading.unsubscribe;
        let takes_part = matches!(verdict.answer, Answer::Accept | Answer::Tentative);
        if verdict.party.is_none() && takes_part && reading.answer != Answer::Decline {
            verdict.party = party::of(typed, reading.lang, verdict.answer == Answer::Accept);
        }
        if verdict.answer == Answer::Delegate && verdict.delegate.is_none() {
            verdict.delegate = delegate::of(typed, &reading.evidence);
        }
    }
    if mail.notes.iter().any(|note| note == KEPT_BELOW_QUOTE) && verdict.answer != Answer::None && mail.button.is_none() {
        verdict.sure = false;
        verdict.doubts.push("the words stand below the start of a quoted message and may not be the guest's".to_owned());
    }
    if verdict.unsubscribe && verdict.answer != Answer::Decline {
        verdict.sure = false;
        verdict.doubts.push("the guest wants off the list".to_owned());
    }
    verdict
}

/// What the guest typed, and how it reads; no reading where nothing was typed.
struct Said<'a> {
    text: &'a str,
    reading: Option<words::Reading>,
}

impl Said<'_> {
    fn spans(&self, reading: &words::Reading) -> Vec<String> {
        reading.evidence.iter().filter_map(|(start, end)| self.text.get(*start..*end)).map(str::to_owned).collect()
    }
}

fn button_words(mail: &Mail) -> String {
    mail.subject.chars().take(200).collect()
}

fn by_calendar(mail: &Mail, said: &Said<'_>) -> Verdict {
    let Some(calendar) = &mail.calendar else { return Verdict::silent() };
    let partstat = calendar.partstat.as_deref().unwrap_or_default();
    let answer = match (calendar.method.as_str(), partstat) {
        ("COUNTER", _) => Answer::Tentative,
        (_, "ACCEPTED") => Answer::Accept,
        (_, "DECLINED") => Answer::Decline,
        (_, "TENTATIVE") => Answer::Tentative,
        (_, "DELEGATED") => Answer::Delegate,
        _ => Answer::None,
    };
    if answer == Answer::None {
        let mut verdict = by_words(mail, said);
        verdict.sure = false;
        verdict.doubts.push("the calendar answer decides nothing".to_owned());
        return verdict;
    }
    let shown = if calendar.method == "COUNTER" { "COUNTER".to_owned() } else { partstat.to_owned() };
    let mut verdict = strong(Evidence { witness: Witness::Calendar, answer, confidence: 1.0, words: shown }, said);
    if calendar.method == "COUNTER" {
        verdict.sure = false;
        verdict.doubts.push("the guest proposes another time".to_owned());
    }
    if mail.notes.iter().any(|note| note == ONE_DAY_OF_A_SERIES) {
        verdict.sure = false;
        verdict.doubts.push(ONE_DAY_OF_A_SERIES.to_owned());
    }
    if matches!(answer, Answer::Accept | Answer::Tentative) {
        verdict.party = calendar.num_guests.filter(|n| (1..1000).contains(n)).map(|n| n + 1);
    }
    if answer == Answer::Delegate {
        verdict.delegate = calendar.delegated_to.clone().map(|email| Delegate { name: None, email: Some(email) });
    }
    if let Some(prefix) = subject::status(&mail.subject).filter(|prefix| *prefix != answer && answer != Answer::Delegate) {
        let tentative = [prefix, answer].contains(&Answer::Tentative);
        // Thunderbird and SOGo write one word for several answers; only yes against no is a contradiction.
        if !tentative {
            verdict.sure = false;
            verdict.doubts.push(format!("the subject says {prefix}"));
        }
    }
    verdict
}

/// A calendar program or a button answered; what was typed beside it may speak against it.
fn strong(evidence: Evidence, said: &Said<'_>) -> Verdict {
    let mut verdict = Verdict { answer: evidence.answer, sure: true, confidence: evidence.confidence, ..Verdict::silent() };
    verdict.evidence = vec![evidence.words].into_iter().filter(|words| !words.is_empty()).collect();
    let Some(reading) = &said.reading else { return verdict };
    let agrees = reading.answer == evidence.answer;
    if !agrees && reading.answer != Answer::None {
        verdict.doubts.push(format!("the guest's own words sound like {}", reading.answer));
    } else if !reading.sure && !is_harmless(reading, agrees) {
        verdict.doubts.push("the guest added words that may change it".to_owned());
    }
    verdict.sure = verdict.doubts.is_empty();
    verdict.evidence.extend(said.spans(reading));
    if !verdict.sure && reading.evidence.is_empty() {
        verdict.evidence.push(said.text.trim().chars().take(300).collect());
    }
    verdict
}

/// Added words that do not change an answer: nothing in them speaks of coming, or they say the same again.
fn is_harmless(reading: &words::Reading, agrees: bool) -> bool {
    if agrees { reading.doubts.iter().all(|d| d == words::STRANGE || d == words::HINT || d == words::LONG) } else { reading.harmless }
}

fn by_words(mail: &Mail, said: &Said<'_>) -> Verdict {
    let Some(reading) = &said.reading else { return by_subject(mail) };
    Verdict {
        answer: reading.answer,
        sure: reading.sure,
        confidence: reading.confidence,
        question: reading.question,
        unsubscribe: reading.unsubscribe,
        evidence: said.spans(reading),
        doubts: reading.doubts.clone(),
        ..Verdict::silent()
    }
}

/// Nothing was typed: the subject is a weak witness, never sure.
fn by_subject(mail: &Mail) -> Verdict {
    let mut verdict = Verdict::silent();
    if let Some(answer) = subject::status(&mail.subject) {
        verdict.answer = answer;
        verdict.confidence = 0.6;
        verdict.evidence = vec![mail.subject.chars().take(200).collect()];
        verdict.doubts.push("only the subject says it".to_owned());
    } else {
        verdict.doubts.push("there are no words in it".to_owned());
    }
    verdict
}
