//! What happened to an invitation, and what the organiser sees of it.

use super::{Answer, Delegate};
use jiff::Timestamp;

/// Something that happened to an invitation. The journal is the append-only list of them.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The invitation was queued.
    Invited { email: String },
    /// A letter changed: `state` is the word of its new delivery.
    Letter { kind: String, number: u32, state: String, why: String },
    /// A mail of the guest said something that may be recorded.
    Answered(Answered),
    /// A mail needs a look: nothing was recorded. `guess` is what the program would have said.
    Looked { mail: i64, why: Vec<String>, guess: Option<Answered> },
    /// The organiser decided. Closes every look opened before it. `mail` is the one that was ruled on; none where the
    /// organiser knows it otherwise.
    Ruled {
        answer: Answer,
        party: Option<u32>,
        delegate: Option<Delegate>,
        note: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mail: Option<i64>,
    },
    /// The organiser read a look and left the standing as it is.
    Dismissed { mail: i64 },
    /// An automatic reply; changes nothing.
    Away { mail: i64, until: Option<String> },
    /// A delivery notice. `invalid`: the address does not exist.
    Bounced { mail: i64, invalid: bool, why: String },
    /// The server refused the address itself, or the organiser gave it up.
    Unreachable { why: String },
    /// The guest pressed "spam", or wants no more letters.
    Complained { mail: i64 },
    /// The address was mended; the guest is invited again and no longer unreachable.
    Mended { from: String, to: String },
    /// A mail was read again, by other rules or another model: what it says now, instead of what it said before. None: nothing.
    Reread { mail: i64, said: Option<Box<Fact>> },
}

impl Fact {
    /// The mail whose word this is.
    pub fn mail(&self) -> Option<i64> {
        match self {
            Self::Answered(answered) => Some(answered.mail),
            Self::Looked { mail, .. }
            | Self::Away { mail, .. }
            | Self::Bounced { mail, .. }
            | Self::Complained { mail }
            | Self::Reread { mail, .. } => Some(*mail),
            _ => None,
        }
    }

    /// What a mail said last, and whether the organiser's own word came after the mail: then that word stands, however the
    /// mail reads now.
    pub fn last_word(facts: &[Self], mail: i64) -> (Option<&Self>, bool) {
        let word = facts.iter().rfind(|fact| fact.mail() == Some(mail));
        let rules = |fact: &Self| match fact {
            Self::Ruled { .. } => true,
            Self::Dismissed { mail: read } => *read == mail,
            _ => false,
        };
        let settled = facts.iter().skip_while(|fact| fact.mail() != Some(mail)).any(rules);
        match word {
            Some(Self::Reread { said, .. }) => (said.as_deref(), settled),
            word => (word, settled),
        }
    }
}

/// What one mail said.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Answered {
    /// The mail's row.
    pub mail: i64,
    pub answer: Answer,
    pub party: Option<u32>,
    pub question: bool,
    pub unsubscribe: bool,
    pub delegate: Option<Delegate>,
    /// The words that decided.
    pub evidence: Vec<String>,
    /// When the mailbox received it (IMAP INTERNALDATE).
    pub at: Timestamp,
    /// UID in the mailbox: decides between mails of one second.
    pub uid: u32,
    /// For a calendar answer: SEQUENCE and DTSTAMP, which order such answers among themselves (RFC 5546 §2.1.5).
    pub calendar: Option<(u32, String)>,
}

/// The one word for a guest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandingKind {
    Accept,
    Decline,
    Delegate,
    Tentative,
    Silent,
    NeedsLook,
    Unreachable,
}

impl StandingKind {
    pub const ALL: [Self; 7] =
        [Self::Accept, Self::Decline, Self::Delegate, Self::Tentative, Self::Silent, Self::NeedsLook, Self::Unreachable];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Delegate => "delegate",
            Self::Tentative => "tentative",
            Self::Silent => "silent",
            Self::NeedsLook => "needs_look",
            Self::Unreachable => "unreachable",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    fn of_answer(answer: Answer) -> Self {
        match answer {
            Answer::Accept => Self::Accept,
            Answer::Decline => Self::Decline,
            Answer::Delegate => Self::Delegate,
            Answer::Tentative => Self::Tentative,
            Answer::None => Self::Silent,
        }
    }
}

/// What the organiser sees for a guest.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Standing {
    pub kind: StandingKind,
    /// The decision in force, also while something needs a look; `None` when there is none.
    pub answer: Answer,
    pub party: Option<u32>,
    pub delegate: Option<Delegate>,
    /// The guest asked something, in the mail that decided or in one that waits for a look.
    pub question: bool,
    /// The guest wants no more letters.
    pub unsubscribe: bool,
    /// The organiser's note, or why it needs a look.
    pub note: String,
    /// The words that decided, the words that wait, or what a guest wrote last who has decided nothing.
    pub evidence: Vec<String>,
    /// False where the organiser has something to decide.
    pub sure: bool,
}

/// Why a guest waits who asks something, or who complains.
const TO_ANSWER: &str = "the guest wrote something that you have to answer";

impl Standing {
    /// The whole law of standings. The first that applies:
    ///
    /// 1. needs a look: an open look, a sure answer that came after a ruling and differs from it or asks something, or a
    ///    question where nothing is decided;
    /// 2. the organiser's ruling; 3. the last sure human decision; 4. unreachable; 5. silent.
    ///
    /// A mail that asks something and decides nothing takes no decision away: it is only marked that the guest asks.
    ///
    /// "Last" among answers is by the mailbox's own date; "after a ruling" is by the journal, because what
    /// the organiser had not seen yet is news. Calendar answers are first settled among themselves by
    /// SEQUENCE, then DTSTAMP, and the winner stands beside the words. A mail that was read again says its newest word,
    /// where its first one stood: so it is news only to a ruling that the mail itself came after.
    pub fn of(facts: &[Fact]) -> Self {
        let mut looks: Vec<(i64, &[String], Option<&Answered>)> = Vec::new();
        let mut asked: Vec<&Answered> = Vec::new();
        let mut undecided: Vec<&Answered> = Vec::new();
        let mut ruling: Option<&Fact> = None;
        let mut since_ruling: Vec<&Answered> = Vec::new();
        let mut answers: Vec<&Answered> = Vec::new();
        let mut unreachable: Option<&str> = None;
        let mut unsubscribe = false;
        for fact in newest_words(facts) {
            match fact {
                Fact::Answered(answered) => {
                    unsubscribe |= answered.unsubscribe;
                    if answered.answer == Answer::None {
                        undecided.push(answered);
                        if answered.question {
                            asked.push(answered);
                        }
                    } else {
                        answers.push(answered);
                        since_ruling.push(answered);
                    }
                }
                Fact::Looked { mail, why, guess } => {
                    unsubscribe |= guess.as_ref().is_some_and(|g| g.unsubscribe);
                    looks.push((*mail, why, guess.as_ref()));
                }
                Fact::Complained { mail } => {
                    unsubscribe = true;
                    looks.push((*mail, &[], None));
                }
                Fact::Ruled { .. } => {
                    ruling = Some(fact);
                    since_ruling.clear();
                    looks.clear();
                    asked.clear();
                }
                Fact::Dismissed { mail } => {
                    looks.retain(|(open, ..)| open != mail);
                    asked.retain(|answered| answered.mail != *mail);
                    since_ruling.retain(|answered| answered.mail != *mail);
                }
                Fact::Bounced { invalid: true, why, .. } | Fact::Unreachable { why } => unreachable = Some(why),
                Fact::Mended { .. } => unreachable = None,
                Fact::Invited { .. } | Fact::Letter { .. } | Fact::Away { .. } | Fact::Bounced { .. } | Fact::Reread { .. } => {}
            }
        }
        let mut standing = match (ruling, last(&answers)) {
            (Some(Fact::Ruled { answer, party, delegate, note, .. }), _) => Self {
                kind: StandingKind::of_answer(*answer),
                answer: *answer,
                party: *party,
                delegate: delegate.clone(),
                question: false,
                unsubscribe,
                note: note.clone(),
                evidence: Vec::new(),
                sure: true,
            },
            (_, Some(answered)) => Self {
                kind: StandingKind::of_answer(answered.answer),
                answer: answered.answer,
                party: party(&answers, answered),
                delegate: answered.delegate.clone(),
                question: answers.iter().any(|answered| answered.question),
                unsubscribe,
                note: String::new(),
                evidence: answered.evidence.clone(),
                sure: true,
            },
            (_, None) => Self {
                kind: if unreachable.is_some() { StandingKind::Unreachable } else { StandingKind::Silent },
                answer: Answer::None,
                party: None,
                delegate: None,
                question: false,
                unsubscribe,
                note: unreachable.unwrap_or_default().to_owned(),
                evidence: last(&undecided).map(|answered| answered.evidence.clone()).unwrap_or_default(),
                sure: true,
            },
        };
        standing.question |= !asked.is_empty();
        if let Some((_, why, guess)) = looks.last() {
            standing.wait(*guess, if why.is_empty() { TO_ANSWER.into() } else { why.join("; ") });
        } else if let (Some(Fact::Ruled { answer, party, delegate, .. }), Some(news)) = (ruling, last(&since_ruling)) {
            let another = |delegate: &Option<Delegate>| news.delegate.is_some() && news.delegate != *delegate;
            if news.answer != *answer || news.party.is_some_and(|n| n != party.unwrap_or(1)) || another(delegate) {
                standing.wait(Some(news), format!("you recorded {answer}; then the guest wrote {}", news.answer));
            } else if let Some(asked) = since_ruling.iter().rfind(|answered| answered.question) {
                standing.wait(Some(asked), TO_ANSWER.into());
            }
        } else if let (Answer::None, Some(asked)) = (standing.answer, asked.iter().max_by_key(|a| (a.at, a.uid, a.mail))) {
            standing.wait(Some(asked), TO_ANSWER.into());
        }
        standing
    }

    fn wait(&mut self, guess: Option<&Answered>, note: String) {
        self.kind = StandingKind::NeedsLook;
        self.sure = false;
        self.note = note;
        if let Some(guess) = guess {
            self.question |= guess.question;
            self.evidence.clone_from(&guess.evidence);
        }
    }

    /// How many people come by this standing: the party, or 1, of an accepting or delegating guest.
    pub fn people(&self) -> u32 {
        match self.kind {
            StandingKind::Accept | StandingKind::Delegate => self.party.unwrap_or(1),
            _ => 0,
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

fn last<'a>(answers: &[&'a Answered]) -> Option<&'a Answered> {
    let by_mailbox = |a: &&&Answered| (a.at, a.uid, a.mail);
    let calendar = answers.iter().filter(|a| a.calendar.is_some()).max_by_key(|a| (a.calendar.clone(), by_mailbox(a)));
    let words = answers.iter().filter(|a| a.calendar.is_none()).max_by_key(by_mailbox);
    calendar.into_iter().chain(words).max_by_key(by_mailbox).copied()
}

/// How many come by the last answer: where it names no number, as many as the newest one before it that does, back to where the
/// guest last did not come. Of two calendar answers the later one says all: the guest's program names who comes along each time.
fn party(answers: &[&Answered], last: &Answered) -> Option<u32> {
    let comes = |answered: &Answered| matches!(answered.answer, Answer::Accept | Answer::Tentative);
    if last.party.is_some() || !comes(last) {
        return last.party;
    }
    let by_mailbox = |a: &Answered| (a.at, a.uid, a.mail);
    let mut before: Vec<&Answered> = answers.iter().copied().filter(|a| by_mailbox(a) < by_mailbox(last)).collect();
    before.sort_by_key(|a| by_mailbox(a));
    let counts = |a: &&Answered| last.calendar.is_none() || a.calendar.is_none();
    before.into_iter().rev().take_while(|a| comes(a)).filter(counts).find_map(|a| a.party)
}
