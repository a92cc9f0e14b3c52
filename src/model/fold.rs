//! The journal of an invitation gone through once: what a standing is made of.

use super::{
    Answer, Delegate, Fact,
    standing::{Answered, TO_ANSWER},
};

/// The organiser's ruling, with what stood before it and goes on.
pub(super) struct Ruling<'a> {
    pub answer: Answer,
    pub party: Option<u32>,
    pub delegate: Option<&'a Delegate>,
    pub note: &'a str,
    /// The words of the mail that was ruled on, where they were read as saying what was ruled.
    pub evidence: &'a [String],
}

#[derive(Default)]
pub(super) struct Folded<'a> {
    /// Mails that wait, why, and what they seem to say.
    pub looks: Vec<(i64, &'a [String], Option<&'a Answered>)>,
    /// Mails that ask something and decide nothing.
    pub asked: Vec<&'a Answered>,
    pub undecided: Vec<&'a Answered>,
    pub ruling: Option<Ruling<'a>>,
    /// Sure answers that the organiser had not seen when ruling.
    pub since_ruling: Vec<&'a Answered>,
    /// All sure answers.
    pub answers: Vec<&'a Answered>,
    pub unreachable: Option<&'a str>,
    /// The letters to the guest, the newest last.
    letters: Vec<(&'a str, u32)>,
    pub unsubscribe: bool,
    /// A sure wish for no more letters, after which nobody has said that the guest comes.
    pub unwilling: bool,
}

impl<'a> Folded<'a> {
    pub fn of(facts: &'a [Fact]) -> Self {
        let words = newest_words(facts);
        let mut folded = Self::default();
        for fact in &words {
            folded.add(fact, &words);
        }
        folded
    }

    fn add(&mut self, fact: &'a Fact, words: &[&'a Fact]) {
        self.unwilling = fact.is_wish() || self.unwilling && !comes(fact);
        match fact {
            Fact::Answered(answered) => {
                self.unsubscribe |= answered.unsubscribe;
                if answered.answer == Answer::None {
                    self.undecided.push(answered);
                    if answered.question {
                        self.asked.push(answered);
                    }
                } else {
                    self.answers.push(answered);
                    self.since_ruling.push(answered);
                }
            }
            Fact::Looked { mail, why, guess } => {
                self.unsubscribe |= guess.as_ref().is_some_and(|g| g.unsubscribe);
                self.looks.push((*mail, why, guess.as_ref()));
            }
            Fact::Complained { mail } => {
                self.unsubscribe = true;
                self.looks.push((*mail, &[], None));
            }
            Fact::Ruled { answer, party, delegate, note, mail } => {
                let goes_on = self.answer().is_like(*answer);
                let evidence = mail.map_or(&[][..], |mail| evidence(words, mail, *answer));
                self.ruling = Some(Ruling {
                    answer: *answer,
                    party: party.or_else(|| self.party().filter(|_| goes_on)),
                    delegate: delegate.as_ref().or_else(|| self.delegate().filter(|_| goes_on)),
                    note,
                    evidence,
                });
                self.since_ruling.clear();
                self.looks.clear();
                self.asked.clear();
            }
            Fact::Dismissed { mail } => {
                self.looks.retain(|(open, ..)| open != mail);
                self.asked.retain(|answered| answered.mail != *mail);
                // What was no news when the organiser looked is done with, too.
                let news = |answered: &&Answered| self.ruling.is_none() || self.news(answered).is_some();
                let left: Vec<&Answered> = self.since_ruling.iter().copied().filter(|it| it.mail != *mail && news(it)).collect();
                self.since_ruling = left;
            }
            Fact::Bounced { invalid: true, why, .. } | Fact::Unreachable { why } => self.unreachable = Some(why),
            Fact::Mended { .. } => self.unreachable = None,
            Fact::Letter { kind, number, state, .. } => {
                let letter = (kind.as_str(), *number);
                if !self.letters.contains(&letter) {
                    self.letters.push(letter);
                }
                if state == "sent" && self.letters.last() == Some(&letter) {
                    self.unreachable = None;
                }
            }
            Fact::Invited { .. } | Fact::Away { .. } | Fact::Bounced { .. } | Fact::Reread { .. } => {}
        }
    }

    /// The last sure answer of the guest.
    pub fn last(&self) -> Option<&'a Answered> {
        last(&self.answers)
    }

    /// The decision in force.
    fn answer(&self) -> Answer {
        self.ruling.as_ref().map_or_else(|| self.last().map_or(Answer::None, |last| last.answer), |ruling| ruling.answer)
    }

    /// How many come by the decision in force.
    pub fn party(&self) -> Option<u32> {
        self.ruling.as_ref().map_or_else(|| self.last().and_then(|last| party(&self.answers, last)), |ruling| ruling.party)
    }

    /// Who comes instead by the decision in force.
    pub fn delegate(&self) -> Option<&'a Delegate> {
        self.ruling.as_ref().map_or_else(|| self.last().and_then(|last| delegate(&self.answers, last)), |ruling| ruling.delegate)
    }

    /// The answer after a ruling that the organiser has to see, and why.
    pub fn waits(&self) -> Option<(&'a Answered, String)> {
        let newest = last(&self.since_ruling).into_iter();
        let asks = self.since_ruling.iter().rev().filter(|answered| answered.question).copied();
        newest.chain(asks).find_map(|answered| self.news(answered).map(|why| (answered, why)))
    }

    /// Why a sure answer after a ruling is news to it. One that differs is, until the guest comes back to what was recorded.
    pub fn news(&self, answered: &Answered) -> Option<String> {
        let (ruling, newest) = (self.ruling.as_ref()?, last(&self.since_ruling)?);
        let differs = |answered: &Answered| {
            let number = party(&self.since_ruling, answered).filter(|number| *number != ruling.party.unwrap_or(1));
            let another = delegate(&self.since_ruling, answered).is_some_and(|named| ruling.delegate != Some(named));
            (answered.answer != ruling.answer || number.is_some() || another).then_some(number)
        };
        match differs(answered).filter(|_| differs(newest).is_some()) {
            Some(Some(number)) if answered.answer == ruling.answer => {
                let recorded = ruling.party.unwrap_or(1);
                Some(format!("you recorded {}, number of people {recorded}; then the guest wrote {number}", ruling.answer))
            }
            Some(_) => Some(format!("you recorded {}; then the guest wrote {}", ruling.answer, answered.answer)),
            None => answered.question.then(|| TO_ANSWER.to_owned()),
        }
    }
}

/// The journal with the newest word of each mail where its first one stood. A mail that the organiser has read and left as it
/// is keeps the word that was read.
fn newest_words(facts: &[Fact]) -> Vec<&Fact> {
    let mut words: Vec<&Fact> = Vec::with_capacity(facts.len());
    for fact in facts {
        let Fact::Reread { mail, said } = fact else {
            words.push(fact);
            continue;
        };
        if words.iter().any(|word| matches!(word, Fact::Dismissed { mail: read } if read == mail)) {
            continue;
        }
        let word = said.as_deref().unwrap_or(fact);
        match words.iter_mut().find(|word| word.mail() == Some(*mail)) {
            Some(first) => *first = word,
            None => words.push(word),
        }
    }
    words
}

/// Whether it says that the guest comes, or may come.
fn comes(fact: &Fact) -> bool {
    match fact {
        Fact::Answered(Answered { answer, .. }) | Fact::Ruled { answer, .. } => matches!(answer, Answer::Accept | Answer::Tentative),
        _ => false,
    }
}

/// The words of a mail by which it was read as saying this; none where it was read as saying something else.
fn evidence<'a>(words: &[&'a Fact], mail: i64, answer: Answer) -> &'a [String] {
    match words.iter().find(|word| word.mail() == Some(mail)) {
        Some(Fact::Answered(said) | Fact::Looked { guess: Some(said), .. }) if said.answer == answer => &said.evidence,
        _ => &[],
    }
}

pub(super) fn last<'a>(answers: &[&'a Answered]) -> Option<&'a Answered> {
    let calendar = answers.iter().filter(|a| a.calendar.is_some()).max_by_key(|a| (a.calendar.clone(), by_mailbox(a)));
    let words = answers.iter().filter(|a| a.calendar.is_none()).max_by_key(|a| by_mailbox(a));
    calendar.into_iter().chain(words).max_by_key(|a| by_mailbox(a)).copied()
}

fn by_mailbox(answered: &Answered) -> (jiff::Timestamp, u32, i64) {
    (answered.at, answered.uid, answered.mail)
}

/// The answers before one by which the guest goes on as in that one, the newest first, back to where they last did not. Of two
/// calendar answers the later one says all: the guest's program names each time who comes along, or instead.
fn before<'a>(answers: &[&'a Answered], last: &Answered) -> impl Iterator<Item = &'a Answered> {
    let mut before: Vec<&Answered> = answers.iter().copied().filter(|a| by_mailbox(a) < by_mailbox(last)).collect();
    before.sort_by_key(|a| std::cmp::Reverse(by_mailbox(a)));
    let (answer, words) = (last.answer, last.calendar.is_none());
    before.into_iter().take_while(move |a| a.answer.is_like(answer)).filter(move |a| words || a.calendar.is_none())
}

/// How many come by an answer: where it names no number, as many as the newest one before it that does.
fn party(answers: &[&Answered], last: &Answered) -> Option<u32> {
    last.party.or_else(|| before(answers, last).find_map(|a| a.party))
}

/// Who comes instead by an answer, in the same way.
fn delegate<'a>(answers: &[&'a Answered], last: &'a Answered) -> Option<&'a Delegate> {
    last.delegate.as_ref().or_else(|| before(answers, last).find_map(|a| a.delegate.as_ref()))
}
