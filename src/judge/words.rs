//! The witness who reads the guest's own words by phrases.

use super::{
    lexicon::{self, Class, Lexicon, Phrase, Weight},
    text::{Text, Word},
};
use crate::model::{Answer, Lang};

/// A longer text is never sure: too much can be said in it that the phrases do not see.
const MAX_SURE_WORDS: usize = 60;
/// How many words unknown to the language's file a clear acceptance may stand among.
const MAX_STRANGE: usize = 2;

/// Doubts that a stronger witness outweighs.
pub(super) const STRANGE: &str = "it says more than can be read";
pub(super) const HINT: &str = "only a hint of an answer";
pub(super) const LONG: &str = "a long answer";

/// What the words say.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Reading {
    pub answer: Answer,
    pub sure: bool,
    pub confidence: f64,
    pub question: bool,
    /// A figure of speech or a limit turns its words round.
    pub twisted: bool,
    /// A condition or a wish stands in it, not in a question: "if", "only".
    pub limited: bool,
    /// Nothing in it speaks of coming or not.
    pub harmless: bool,
    /// The language that its words fit best.
    pub lang: Option<&'static str>,
    /// Spans of the text, in bytes.
    pub evidence: Vec<(usize, usize)>,
    pub doubts: Vec<String>,
}

impl Reading {
    fn nothing(question: bool, doubt: &str) -> Self {
        let doubts = vec![doubt.to_owned()];
        Self {
            answer: Answer::None,
            sure: false,
            confidence: 0.0,
            question,
            twisted: false,
            limited: false,
            harmless: false,
            lang: None,
            evidence: Vec::new(),
            doubts,
        }
    }
}

/// Reads what a guest typed. `hints` are the languages to expect, the likeliest first.
pub(super) fn read(said: &str, hints: &[&Lang]) -> Reading {
    let text = Text::of(said);
    if text.words.is_empty() {
        return Reading::nothing(text.question, "there are no words in it");
    }
    let lexicons = plausible(&text, hints);
    let mut readings = lexicons.iter().map(|(lexicon, fit)| (in_language(&text, lexicon, *fit), *fit));
    let Some((mut best, fit)) = readings.next() else { return Reading::nothing(text.question, "its language is not one that can be read") };
    for (other, other_fit) in readings {
        best.question |= other.question;
        best.twisted |= other.twisted;
        let differs = other.answer != best.answer && other.answer != Answer::None;
        if best.answer == Answer::None && !best.sure && differs {
            best = Reading { sure: false, question: best.question, twisted: best.twisted, ..other };
            best.doubts.push("its language is not certain".to_owned());
        } else if best.sure && differs && other.sure && other_fit + 0.2 >= fit {
            best.sure = false;
            best.doubts.push("in another language it would mean something else".to_owned());
        }
    }
    best
}

/// The languages that the text may be in, the likeliest first, with the share of its words that each knows.
fn plausible(text: &Text, hints: &[&Lang]) -> Vec<(&'static Lexicon, f64)> {
    let words = text.words.iter().filter(|word| !word.inert && !word.name).count().max(1);
    let mut fits: Vec<(&Lexicon, f64)> = Vec::new();
    for lexicon in lexicon::all() {
        #[allow(clippy::cast_precision_loss, reason = "a few hundred words")]
        let known = lexicon.coverage(text) as f64 / words as f64;
        let hinted = hints.iter().position(|hint| hint.as_str() == lexicon.code);
        let bonus = match hinted {
            Some(0) => 0.15,
            Some(_) => 0.1,
            None => 0.0,
        };
        if known > 0.3 {
            fits.push((lexicon, known.min(1.0) + bonus));
        }
    }
    fits.sort_by(|a, b| b.1.total_cmp(&a.1));
    fits.truncate(3);
    fits
}

/// What the phrases found in one text come to.
struct Found<'a> {
    text: &'a Text,
    lexicon: &'a Lexicon,
    phrases: Vec<Phrase>,
}

impl Found<'_> {
    fn of(&self, class: Class) -> impl Iterator<Item = &Phrase> {
        self.phrases.iter().filter(move |p| p.class == class)
    }

    fn any(&self, class: Class) -> bool {
        self.of(class).next().is_some()
    }

    /// A condition or a doubt; not one in a question about something else.
    fn open(&self, decision: &Phrase) -> bool {
        self.of(Class::Stop).any(|stop| !self.asked(stop) || self.sentence_of(stop) == self.sentence_of(decision))
    }

    fn sentence_of(&self, phrase: &Phrase) -> usize {
        self.text.words.get(phrase.words.start).map_or(0, |word| word.sentence)
    }

    fn asked(&self, phrase: &Phrase) -> bool {
        self.text.sentences.get(self.sentence_of(phrase)).is_some_and(|s| s.question)
    }

    /// Words that neither a phrase, nor the list of neutral words, nor names, nor numbers explain.
    ///
    /// A question beside the answer is for the organiser: its words do not count.
    fn strange(&self, decision: Option<&Phrase>) -> usize {
        let answered = decision.map(|phrase| self.sentence_of(phrase));
        let beside = |sentence: usize| Some(sentence) != answered && self.text.sentences.get(sentence).is_some_and(|s| s.question);
        let explained =
            |class| matches!(class, Class::Decision(..) | Class::Thanks | Class::Received | Class::Ask | Class::Other | Class::Part);
        let in_phrase = |at: usize| self.phrases.iter().any(|p| p.words.contains(&at) && explained(p.class));
        let strange = |(at, word): &(usize, &Word)| {
            !word.inert && !self.is_name(word) && !beside(word.sentence) && !self.lexicon.is_neutral(&word.folded) && !in_phrase(*at)
        };
        self.text.words.iter().enumerate().filter(strange).count()
    }

    /// A capital says nothing of a German noun: there only greeting and signature hold names.
    fn is_name(&self, word: &Word) -> bool {
        let last = self.text.sentences.len().saturating_sub(1);
        word.name && (self.lexicon.code != "de" || last > 0 && (word.sentence == 0 || word.sentence == last))
    }

    /// A negation that belongs to no phrase, before this one and in its sentence.
    fn negated(&self, phrase: &Phrase) -> bool {
        self.of(Class::Not).any(|not| {
            not.words.end <= phrase.words.start
                && phrase.words.start - not.words.end <= 4
                && self.sentence_of(not) == self.sentence_of(phrase)
        })
    }

    fn span(&self, phrase: &Phrase) -> Option<(usize, usize)> {
        let sentence = self.text.sentences.get(self.sentence_of(phrase))?;
        let end = self.text.words.get(phrase.words.end.checked_sub(1)?)?.end;
        Some((sentence.start, sentence.end.max(end)))
    }
}

fn in_language(text: &Text, lexicon: &'static Lexicon, fit: f64) -> Reading {
    let found = Found { text, lexicon, phrases: lexicon.phrases(text) };
    let decisions: Vec<(&Phrase, Answer, Weight)> = found
        .phrases
        .iter()
        .filter_map(|p| match p.class {
            Class::Decision(answer, weight) => Some((p, answer, weight)),
            _ => None,
        })
        .collect();
    let question = text.question || found.any(Class::Ask);
    let twisted = found.any(Class::Twist);
    let limited = found.phrases.iter().any(|phrase| phrase.class == Class::Stop && !found.asked(phrase));
    let mut reading = Reading { question, twisted, limited, lang: Some(lexicon.code), ..Reading::nothing(question, "") };
    reading.doubts.clear();
    reading.harmless = decisions.is_empty()
        && ![Class::Twist, Class::Stop, Class::Turn, Class::Not, Class::Instead, Class::Other].into_iter().any(|class| found.any(class))
        && fit >= 0.5
        && text.words.len() <= MAX_SURE_WORDS;
    if decisions.is_empty() {
        return no_decision(&found, reading);
    }
    let (phrase, answer, weight) = deciding(&found, &decisions);
    reading.answer = answer;
    reading.evidence = found.span(phrase).into_iter().collect();
    reading.doubts = doubts(&found, &decisions, (phrase, answer, weight), fit);
    reading.sure = reading.doubts.is_empty();
    reading.confidence = match (reading.sure, weight) {
        (true, Weight::Clear) => 0.98,
        (true, _) => 0.97,
        (false, Weight::Clear) => 0.6,
        (false, Weight::Plain) => 0.5,
        (false, Weight::Hint) => 0.4,
    };
    if reading.sure {
        // Every phrase of the same answer is part of what decided.
        let more = decisions.iter().filter(|(p, a, w)| *a == answer && *w >= Weight::Plain && p.words != phrase.words);
        reading.evidence.extend(more.filter_map(|(p, ..)| found.span(p)));
        reading.evidence.sort_unstable();
        reading.evidence.dedup();
    }
    reading
}

/// The phrase that counts: a delegation, else an open mind, else the last of the weightiest.
fn deciding<'p>(found: &Found<'_>, decisions: &[(&'p Phrase, Answer, Weight)]) -> (&'p Phrase, Answer, Weight) {
    let turned = found.of(Class::Turn).last().map_or(0, |turn| turn.words.end);
    let rank = |(phrase, answer, weight): &(&Phrase, Answer, Weight)| {
        let kind = match answer {
            Answer::Delegate => 2,
            Answer::Tentative => 1,
            _ => 0,
        };
        (*weight > Weight::Hint, kind, phrase.words.start >= turned, *weight, phrase.words.start)
    };
    let best = decisions.iter().max_by_key(|d| rank(d)).copied();
    best.unwrap_or_else(|| unreachable!("called with at least one decision"))
}

/// Why the deciding phrase may not stand: empty where it may.
fn doubts(
    found: &Found<'_>,
    all: &[(&Phrase, Answer, Weight)],
    (phrase, answer, weight): (&Phrase, Answer, Weight),
    fit: f64,
) -> Vec<String> {
    let mut doubts = Vec::new();
    let mut doubt = |is: bool, why: &str| {
        if is {
            doubts.push(why.to_owned());
        }
    };
    let text = found.text;
    doubt(weight == Weight::Hint, HINT);
    doubt(found.any(Class::Twist), "it may mean something else");
    doubt(text.words.len() > MAX_SURE_WORDS || text.cut, LONG);
    doubt(fit < 0.5, "most of its words are not known");
    doubt(found.asked(phrase), "the answer stands in a question");
    doubt(found.negated(phrase), "a negation stands before the answer");
    let after_turn = found.of(Class::Turn).all(|turn| turn.words.end <= phrase.words.start);
    let others = all.iter().filter(|(_, other, _)| *other != answer);
    let contradicts = others.clone().any(|(other, what, how)| match (answer, what) {
        // "I would love to, but I cannot": the wish before the turn is none.
        (Answer::Decline, Answer::Accept) => {
            *how > Weight::Hint || other.words.start >= phrase.words.end || weight < Weight::Clear && !after_turn
        }
        (Answer::Delegate, Answer::Decline) => false,
        (Answer::Delegate, Answer::Accept) => *how == Weight::Clear,
        // "I do not know whether I can come": what comes after is what is not known.
        (Answer::Tentative, Answer::Accept) => {
            *how > Weight::Hint && (other.words.start < phrase.words.start || found.sentence_of(other) != found.sentence_of(phrase))
        }
        (Answer::Tentative, Answer::Decline) => *how > Weight::Hint || weight < Weight::Clear,
        _ => true,
    });
    doubt(contradicts, "it says two things");
    match answer {
        Answer::Accept => {
            doubt(found.any(Class::Turn), "there is a \"but\"");
            doubt(found.any(Class::Not), "there is a negation");
            doubt(found.open(phrase), "there is a condition or a doubt");
            doubt(found.any(Class::Instead), "somebody may come instead");
            doubt(weight < Weight::Clear && found.any(Class::Received), "it may confirm only that it was received");
            let strange = found.strange(Some(phrase));
            let allowed = if weight == Weight::Clear { MAX_STRANGE.min(text.words.len() / 8) } else { 0 };
            doubt(text.trails, "it trails off");
            doubt(strange > allowed, STRANGE);
        }
        Answer::Decline => {
            doubt(!after_turn, "there is a \"but\" after the answer");
            doubt(found.open(phrase), "there is a condition or a doubt");
            doubt(found.any(Class::Instead) || found.any(Class::Other), "somebody may come instead");
            doubt(found.any(Class::Part), "only a part may be meant");
            doubt(weight == Weight::Plain && found.strange(Some(phrase)) > 0, STRANGE);
        }
        Answer::Tentative => {
            doubt(weight < Weight::Clear && found.any(Class::Not), "there is a negation");
            doubt(found.any(Class::Instead) || found.any(Class::Other), "somebody may come instead");
            doubt(weight == Weight::Plain && found.strange(Some(phrase)) > 0, STRANGE);
        }
        Answer::Delegate => doubt(found.any(Class::Stop) || text.question, "the substitute is not certain"),
        Answer::None => {}
    }
    doubts
}

/// Nothing decided: sure only where it is plain that nothing was to be decided.
fn no_decision(found: &Found<'_>, mut reading: Reading) -> Reading {
    let only_thanks = (found.any(Class::Thanks) || found.any(Class::Received))
        && !found.any(Class::Twist)
        && !found.any(Class::Stop)
        && !found.any(Class::Not)
        && !found.any(Class::Turn)
        && !found.any(Class::Instead)
        && !found.any(Class::Other)
        && !found.any(Class::Ask)
        && found.strange(None) == 0
        && found.text.words.len() <= 25;
    if only_thanks && !found.text.question {
        reading.sure = true;
        reading.confidence = 0.95;
        reading.evidence = found.of(Class::Thanks).chain(found.of(Class::Received)).filter_map(|p| found.span(p)).take(2).collect();
    } else {
        reading.doubts = vec!["no clear answer in its words".to_owned()];
    }
    reading
}
