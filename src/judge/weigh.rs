//! Weighs the evidence of all witnesses.

mod beside;
mod otherwise;

use super::{form, language, learned, lexicon, sayings::Saying, short, subject, thresholds, unread, words};
use crate::model::mail::{ABSENCE, KEPT_BELOW_QUOTE, NO_EVENT, NO_METHOD, ONE_DAY_OF_A_SERIES, SUBJECT_IS_SAID};
use crate::model::{Answer, Certainty, Delegate, Lang, Mail, MailKind, Verdict};
use std::{borrow::Cow, cell::OnceCell};

/// Below this probability a subject, which programs write too, is not read as an answer.
const OF_A_SUBJECT: f64 = 0.9;
/// A text of so many words is read by phrases, where they are sure of it.
const SHORT: usize = 2;
/// The sentences that [`short`] knows have at most so many.
const SENTENCE: usize = 4;
/// Words beside a button or a calendar answer change nothing where together they are so probably nothing or the same.
const HARMLESS: f64 = 0.9;
/// … and speak against it where another decision is so probable.
const AGAINST: f64 = 0.4;

/// What the mail says about coming.
///
/// `guest_lang` is the guest's language in the contact list: it decides where a word means something in several.
/// `certainty` is how sure the guest's words must be to be recorded without a look.
/// A mail that no person wrote (bounce, automatic reply, complaint, other) says nothing.
pub fn verdict(mail: &Mail, guest_lang: Option<&Lang>, certainty: Certainty) -> Verdict {
    if !matches!(mail.kind, MailKind::Reply | MailKind::Calendar) {
        return Verdict::silent();
    }
    let of_said = language::of(&mail.said);
    let hints: Vec<&Lang> = guest_lang.into_iter().chain(of_said.as_ref()).collect();
    let said = Said::of(&mail.said, &hints);
    let mut verdict = match &mail.calendar {
        Some(_) if mail.kind == MailKind::Calendar => by_calendar(mail, &said, certainty),
        _ => match mail.button {
            Some(answer) => strong(answer, button_words(mail), &said),
            None => {
                let mut verdict = beside_an_absence(mail, by_words(mail, &said, certainty));
                said.taken_back(&mut verdict);
                said.turned(&mut verdict);
                said.of_one_day(mail, &mut verdict);
                said.denied(&mut verdict);
                verdict
            }
        },
    };
    said.beside(mail, certainty, &mut verdict);
    let in_words = mail.button.is_none() && mail.calendar.is_none();
    if verdict.sure
        && in_words
        && let Some(why) = otherwise::doubt(mail, &hints, certainty, &verdict)
    {
        verdict.doubt(why);
    }
    subject::beside(mail, &hints, &mut verdict);
    if said.unclear_form {
        verdict.doubt(form::UNCLEAR);
    }
    if mail.notes.iter().any(|note| note == KEPT_BELOW_QUOTE) && verdict.answer != Answer::None && mail.button.is_none() {
        verdict.doubt("the words stand below the start of a quoted message and may not be the guest's");
    }
    if said.words.as_ref().is_some_and(|words| words.twisted) {
        verdict.doubt("a figure of speech or a limit may turn its words round");
    }
    if let Some(note) = mail.notes.iter().find(|note| *note == NO_METHOD || *note == NO_EVENT).filter(|_| mail.calendar.is_none()) {
        verdict.doubt(note.clone());
    }
    if let Some(why) = unread::doubt(mail, verdict.answer) {
        verdict.doubt(why);
    }
    if verdict.unsubscribe && verdict.answer != Answer::Decline {
        verdict.doubt("the guest wants off the list");
    } else if verdict.unsubscribe && said.may_stay() {
        verdict.doubt("which list the guest wants off, or not, is not plain");
    }
    verdict
}

/// What the guest typed, and how it reads.
struct Said<'a> {
    typed: &'a str,
    /// What counts of it, each word where it was typed.
    text: Cow<'a, str>,
    unclear_form: bool,
    /// The languages to expect, the likeliest first.
    hints: Vec<&'a str>,
    langs: Vec<&'a Lang>,
    /// None where nothing was typed.
    words: Option<words::Reading>,
    learned: Option<learned::Reading>,
    deciding: OnceCell<(usize, usize)>,
}

impl<'a> Said<'a> {
    fn of(typed: &'a str, hints: &[&'a Lang]) -> Self {
        let (text, unclear_form) = form::counted(typed, hints);
        let words = (!text.trim().is_empty()).then(|| words::read(&text, hints));
        let learned = learned::read(&text);
        let langs = hints.to_vec();
        let hints = hints.iter().map(|hint| hint.as_str()).collect();
        Self { typed, text, unclear_form, hints, langs, words, learned, deciding: OnceCell::new() }
    }

    fn spans(&self, reading: &words::Reading) -> Vec<String> {
        reading.evidence.iter().filter_map(|(start, end)| self.typed.get(*start..*end)).map(str::to_owned).collect()
    }

    /// What a first line of a word or two says that has more below it: the footers of a program may drown it.
    fn first_line(&self) -> Option<(Answer, String)> {
        let mut lines = self.text.lines().map(str::trim).filter(|line| !line.is_empty());
        let line = lines.next().filter(|line| line.split_whitespace().count() <= SHORT)?;
        lines.next()?;
        let short = || self.hints.iter().find_map(|lang| short::answer(line, lang));
        let phrase = || Some(words::read(line, &self.langs)).filter(|words| words.sure).map(|words| words.answer);
        let answer = short().or_else(phrase).filter(|answer| *answer != Answer::None)?;
        Some((answer, line.to_owned()))
    }

    /// Whether it may be the list of guests that is meant, or the wish to stay on a list.
    fn may_stay(&self) -> bool {
        [Saying::Guests, Saying::Keep].iter().any(|saying| saying.is_in(&self.text))
    }

    /// From the first word that counts to the last.
    fn whole(&self) -> Option<String> {
        self.typed.get(self.text.len() - self.text.trim_start().len()..self.text.trim_end().len()).map(str::to_owned)
    }

    /// Whether phrases of another language than the guest's were found in a few letters, and in the guest's own there are none.
    /// A sign is the same everywhere, and so is an English word of three letters.
    fn is_foreign(&self, words: &words::Reading) -> bool {
        let has_phrases = |lang: &&str| lexicon::all().iter().any(|lexicon| lexicon.code == *lang);
        let few = if words.lang == Some("en") { 1..=2 } else { 1..=4 };
        few.contains(&self.text.chars().filter(|c| c.is_alphabetic()).count())
            && !self.hints.iter().all(has_phrases)
            && words.lang.is_none_or(|lang| !self.hints.contains(&lang))
    }

    /// The sentence that decided, in the learned witness's reading.
    fn decided(&self, reading: &learned::Reading) -> (usize, usize) {
        *self.deciding.get_or_init(|| {
            let span = learned::deciding(&self.text, reading);
            (span.start, span.end)
        })
    }
}

fn button_words(mail: &Mail) -> String {
    mail.subject.chars().take(200).collect()
}

fn by_calendar(mail: &Mail, said: &Said<'_>, certainty: Certainty) -> Verdict {
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
        let mut verdict = by_words(mail, said, certainty);
        verdict.doubt("the calendar answer decides nothing");
        return verdict;
    }
    let shown = if calendar.method == "COUNTER" { "COUNTER".to_owned() } else { partstat.to_owned() };
    let mut verdict = strong(answer, shown, said);
    if calendar.method == "COUNTER" {
        verdict.doubt("the guest proposes another time");
    }
    if mail.notes.iter().any(|note| note == ONE_DAY_OF_A_SERIES) {
        verdict.doubt(ONE_DAY_OF_A_SERIES);
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
            verdict.doubt(format!("the subject says {prefix}"));
        }
    }
    verdict
}

/// A calendar program or a button answered, as `shown`; what was typed beside it may speak against it.
fn strong(answer: Answer, shown: String, said: &Said<'_>) -> Verdict {
    let mut verdict = Verdict { answer, sure: true, confidence: 1.0, ..Verdict::silent() };
    verdict.evidence = vec![shown].into_iter().filter(|words| !words.is_empty()).collect();
    let Some(words) = &said.words else { return verdict };
    let agrees = words.answer == answer;
    if !agrees && words.answer != Answer::None {
        verdict.doubts.push(format!("the guest's own words sound like {}", words.answer));
    // A greeting and a name say nothing; what the learned witness makes of them is chance.
    } else if let Some(learned) = said.learned.as_ref().filter(|_| !is_harmless(words, agrees)) {
        let against = learned.answers().find(|(other, p)| ![answer, Answer::None].contains(other) && *p > AGAINST);
        if let Some((other, _)) = against {
            verdict.doubts.push(format!("the guest's own words sound like {other}"));
        } else if words.limited || learned.of(answer) + learned.of(Answer::None) < HARMLESS {
            verdict.doubts.push("the guest added words that may change it".to_owned());
        }
    } else if !words.sure && !is_harmless(words, agrees) {
        verdict.doubts.push("the guest added words that may change it".to_owned());
    }
    verdict.doubts.extend(said.learned.as_ref().and_then(of_its_middle));
    verdict.sure = verdict.doubts.is_empty();
    verdict.evidence.extend(said.spans(words));
    if !verdict.sure && words.evidence.is_empty() {
        verdict.evidence.push(said.typed.trim().chars().take(300).collect());
    }
    verdict
}

/// What was not read of a long text, or speaks against its ends.
fn of_its_middle(learned: &learned::Reading) -> Option<String> {
    if learned.cut {
        return Some("it is too long to be read as a whole".to_owned());
    }
    let (other, _) = learned.elsewhere.filter(|(_, chance)| *chance > AGAINST)?;
    Some(format!("in its middle it sounds like {other}"))
}

/// Added words that do not change an answer: nothing in them speaks of coming, or they say the same again.
fn is_harmless(words: &words::Reading, agrees: bool) -> bool {
    if agrees { words.doubts.iter().all(|d| d == words::STRANGE || d == words::HINT || d == words::LONG) } else { words.harmless }
}

fn by_words(mail: &Mail, said: &Said<'_>, certainty: Certainty) -> Verdict {
    let Some(words) = &said.words else { return by_subject(mail) };
    let Some(learned) = &said.learned else {
        return Verdict {
            answer: words.answer,
            sure: words.sure,
            confidence: words.confidence,
            evidence: said.spans(words),
            doubts: words.doubts.clone(),
            ..Verdict::silent()
        };
    };
    let bar = thresholds::get().bar(certainty);
    let confidence = learned.confidence;
    if confidence < OF_A_SUBJECT && mail.notes.iter().any(|note| note == SUBJECT_IS_SAID) {
        return by_subject(mail);
    }
    // "En" and "No" mean what they mean in the guest's language, which the learned witness does not know.
    let count = said.text.split_whitespace().count();
    let is_short = count <= SHORT;
    let plain = |answer, evidence| Verdict { answer, sure: true, confidence: words.confidence, evidence, ..Verdict::silent() };
    if let Some(answer) =
        said.hints.first().filter(|_| count <= SENTENCE && !words.question).and_then(|lang| short::answer(&said.text, lang))
    {
        return Verdict { confidence: 0.98, ..plain(answer, said.whole().into_iter().collect()) };
    }
    let foreign = words.sure && is_short && said.is_foreign(words);
    if words.sure && is_short && !foreign {
        return plain(words.answer, said.spans(words));
    }
    let agreed = words.sure && !foreign && words.answer == learned.answer;
    let mut doubts = Vec::new();
    if foreign {
        doubts.push("so short a word means one thing in one language and another in the next".to_owned());
    } else if words.sure && !agreed {
        doubts.push(format!("its plain words say {}", words.answer));
    }
    doubts.extend(of_its_middle(learned));
    let is_near = !agreed && learned.opposite > bar.opposite;
    if is_near || confidence < if agreed { bar.agreed } else { bar.alone } {
        let others = learned.answers().filter(|(other, _)| *other != learned.answer);
        let rival = match learned.answer.opposite().filter(|_| is_near) {
            Some(opposite) => Some((opposite, learned.opposite)),
            None => others.max_by(|a, b| a.1.total_cmp(&b.1)),
        };
        doubts.push(thresholds::unsure(learned.answer, confidence, rival, is_near));
    }
    if let Some((answer, line)) = said.first_line().filter(|(answer, _)| *answer != learned.answer) {
        doubts.push(format!("its first line alone says {answer}"));
        if learned.answer == Answer::None {
            return Verdict { answer, confidence: learned.of(answer), evidence: vec![line], doubts, ..Verdict::silent() };
        }
    }
    let (start, end) = said.decided(learned);
    Verdict {
        answer: learned.answer,
        sure: doubts.is_empty(),
        confidence,
        evidence: said.typed.get(start..end).map(|words| words.trim().to_owned()).into_iter().filter(|words| !words.is_empty()).collect(),
        doubts,
        ..Verdict::silent()
    }
}

/// Who is named as standing in during an absence need not come to an event.
fn beside_an_absence(mail: &Mail, mut verdict: Verdict) -> Verdict {
    if verdict.answer == Answer::Delegate && mail.notes.iter().any(|note| note == ABSENCE) {
        verdict.doubt("it reads like an absence note, not an answer");
    }
    verdict
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
