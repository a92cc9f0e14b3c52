//! What happened to an invitation, and what the organiser sees of it.

use super::{
    Answer, Delegate,
    fold::{self, Folded},
};
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

    /// The mail on which the organiser's last ruling was made.
    pub fn ruled_on(facts: &[Self]) -> Option<i64> {
        facts.iter().rev().find_map(|fact| match fact {
            Self::Ruled { mail, .. } => Some(*mail),
            _ => None,
        })?
    }

    /// Whether it says surely that the guest wants no more letters.
    pub fn is_wish(&self) -> bool {
        match self {
            Self::Answered(answered) => answered.unsubscribe,
            Self::Complained { .. } => true,
            Self::Reread { said: Some(said), .. } => said.is_wish(),
            _ => false,
        }
    }

    /// The last sure answer of the guest, whatever the organiser ruled.
    pub fn last_answer(facts: &[Self]) -> Option<&Answered> {
        Folded::of(facts).last()
    }

    /// Why the guest's address is known not to exist, whatever the guest has answered; None where it may be right.
    pub fn unreachable(facts: &[Self]) -> Option<&str> {
        Folded::of(facts).unreachable
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
    /// The guest wants no more letters, as far as anybody can tell.
    pub unsubscribe: bool,
    /// … and that is sure, and neither the guest nor the organiser has said since that the guest comes: a letter that waits is not
    /// to leave. An unsure wish withdraws nothing.
    #[serde(skip)]
    pub unwilling: bool,
    /// The organiser's note, or why it needs a look.
    pub note: String,
    /// The words that decided, the words that wait, or what a guest wrote last who has decided nothing.
    pub evidence: Vec<String>,
    /// False where the organiser has something to decide.
    pub sure: bool,
}

/// Why a guest waits who asks something, or who complains.
pub(super) const TO_ANSWER: &str = "the guest wrote something that you have to answer";

impl Standing {
    /// The whole law of standings. The first that applies:
    ///
    /// 1. needs a look: an open look, a sure answer that came after a ruling and differs from it or asks something, or a
    ///    question where nothing is decided;
    /// 2. the organiser's ruling; 3. the last sure human decision; 4. unreachable; 5. silent.
    ///
    /// A mail that asks something and decides nothing takes no decision away: it is only marked that the guest asks. Who was
    /// unreachable is reachable again once the newest letter was sent; that an older one had left tells nothing of the address.
    /// A ruling that names no number and nobody who comes instead leaves those that stood, where it leaves the answer too.
    ///
    /// "Last" among answers is by the mailbox's own date; "after a ruling" is by the journal, because what
    /// the organiser had not seen yet is news. Calendar answers are first settled among themselves by
    /// SEQUENCE, then DTSTAMP, and the winner stands beside the words. A mail that was read again says its newest word,
    /// where its first one stood: so it is news only to a ruling that the mail itself came after.
    pub fn of(facts: &[Fact]) -> Self {
        let folded = Folded::of(facts);
        let mut standing = match (&folded.ruling, folded.last()) {
            (Some(ruling), _) => Self {
                kind: StandingKind::of_answer(ruling.answer),
                answer: ruling.answer,
                party: ruling.party,
                delegate: ruling.delegate.cloned(),
                question: false,
                unsubscribe: folded.unsubscribe,
                unwilling: folded.unwilling,
                note: ruling.note.to_owned(),
                evidence: ruling.evidence.to_vec(),
                sure: true,
            },
            (_, Some(answered)) => Self {
                kind: StandingKind::of_answer(answered.answer),
                answer: answered.answer,
                party: folded.party(),
                delegate: folded.delegate().cloned(),
                question: folded.answers.iter().any(|answered| answered.question),
                unsubscribe: folded.unsubscribe,
                unwilling: folded.unwilling,
                note: String::new(),
                evidence: answered.evidence.clone(),
                sure: true,
            },
            (_, None) => Self {
                kind: if folded.unreachable.is_some() { StandingKind::Unreachable } else { StandingKind::Silent },
                answer: Answer::None,
                party: None,
                delegate: None,
                question: false,
                unsubscribe: folded.unsubscribe,
                unwilling: folded.unwilling,
                note: folded.unreachable.unwrap_or_default().to_owned(),
                evidence: fold::last(&folded.undecided).map(|answered| answered.evidence.clone()).unwrap_or_default(),
                sure: true,
            },
        };
        standing.question |= !folded.asked.is_empty();
        if let Some((_, why, guess)) = folded.looks.last() {
            standing.wait(*guess, if why.is_empty() { TO_ANSWER.into() } else { why.join("; ") });
        } else if let Some((news, why)) = folded.waits() {
            standing.wait(Some(news), why);
        } else if let (Answer::None, Some(asked)) = (standing.answer, folded.asked.iter().max_by_key(|a| (a.at, a.uid, a.mail))) {
            standing.wait(Some(asked), TO_ANSWER.into());
        }
        standing
    }

    /// Every sure answer that came after a ruling, and why the organiser has to see it; None where it agrees, or where the guest
    /// has come back to what was recorded.
    pub fn since_ruling(facts: &[Fact]) -> Vec<(i64, Option<String>)> {
        let folded = Folded::of(facts);
        folded.since_ruling.iter().map(|answered| (answered.mail, folded.news(answered))).collect()
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
