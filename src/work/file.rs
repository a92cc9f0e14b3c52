//! Where a mail goes, and which fact it makes: the last decision before the journal. Pure.

use crate::{
    compose,
    model::{Answer, BounceClass, Fact, Mail, MailKind, Verdict, standing::Answered},
    pair::Conclusion,
    store::inbox::Bucket,
};
use jiff::Timestamp;

/// What is to be kept of a mail.
#[derive(Clone, PartialEq, Debug)]
pub struct Filed {
    pub bucket: Bucket,
    pub verdict: Option<Verdict>,
    /// Why it needs a look; empty where it does not.
    pub doubts: Vec<String>,
    /// The letter that it names came back, and why.
    pub returned: Option<String>,
    kind: What,
    /// SEQUENCE, at most the one that was sent, and DTSTAMP of a calendar answer.
    calendar: Option<(u32, String)>,
}

#[derive(Clone, PartialEq, Debug)]
enum What {
    Answered,
    Looked,
    Away(Option<String>),
    Bounced { invalid: bool, why: String },
    Complained,
    Nothing,
}

/// Why a mail needs a look whose sure verdict is a question and nothing else.
const ASKS_ONLY: &str = "the guest asks something and does not say whether they come";
/// Why an unsure one does that gave no reason itself.
const UNCLEAR: &str = "the words do not say clearly whether they come";
/// A mail of a guest.
///
/// `flags` are what `pair` found strange: who wrote, whether the server vouches for the sender. With a flag
/// nothing is recorded by itself.
pub fn paired(mail: &Mail, verdict: &Verdict, flags: &[String]) -> Filed {
    let mut filed =
        Filed { bucket: Bucket::Automatic, verdict: None, doubts: Vec::new(), returned: None, kind: What::Nothing, calendar: None };
    match mail.kind {
        MailKind::Reply | MailKind::Calendar => {
            filed.verdict = Some(verdict.clone());
            // A program that counts on from what it was sent would overrule every later answer of another one.
            let sequence = |counted: u32| std::cmp::min(counted, compose::SEQUENCE);
            filed.calendar = mail.calendar.as_ref().map(|c| (sequence(c.sequence), c.dtstamp.clone().unwrap_or_default()));
            if verdict.sure && flags.is_empty() {
                let asks_only = verdict.answer == Answer::None && verdict.question;
                filed.bucket = if asks_only { Bucket::NeedsLook } else { Bucket::Recorded };
                if asks_only {
                    filed.doubts.push(ASKS_ONLY.into());
                }
                filed.kind = What::Answered;
            } else {
                filed.bucket = Bucket::NeedsLook;
                filed.doubts = flags.iter().chain(&verdict.doubts).cloned().collect();
                if filed.doubts.is_empty() {
                    filed.doubts.push(UNCLEAR.into());
                }
                filed.kind = What::Looked;
            }
        }
        MailKind::Bounce => {
            filed.bucket = Bucket::Bounces;
            if let Some(bounce) = &mail.bounce {
                let why = [bounce.status.clone(), bounce.diagnostic.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
                let why = if why.is_empty() { "a delivery notice came back".to_owned() } else { why };
                let permanent = bounce.permanent && !returns_another(mail);
                filed.kind = What::Bounced { invalid: permanent && bounce.class == BounceClass::Invalid, why: why.clone() };
                filed.returned = permanent.then_some(why);
            }
        }
        // Only what was marked, and reads as an answer.
        MailKind::Auto if verdict.answer != Answer::None => {
            filed.bucket = Bucket::NeedsLook;
            filed.doubts = flags.iter().chain(&verdict.doubts).cloned().collect();
            filed.verdict = Some(verdict.clone());
            filed.kind = What::Looked;
        }
        MailKind::Auto => filed.kind = What::Away(mail.auto.as_ref().and_then(|auto| auto.until).map(|day| day.to_string())),
        MailKind::Complaint => {
            filed.bucket = Bucket::NeedsLook;
            filed.doubts.push("the guest reported the letter as spam: write there no more".into());
            filed.kind = What::Complained;
        }
        MailKind::Other => {}
    }
    filed
}

/// A delivery notice about another mail than our letters: it names what came back, and nothing in it holds a token of ours.
pub(super) fn returns_another(mail: &Mail) -> bool {
    mail.kind == MailKind::Bounce && !mail.returned_ids.is_empty() && mail.tokens.is_empty()
}

/// The flags that a mail was filed with, out of the doubts that were kept of it.
pub fn flags(doubts: &[String], verdict: &Verdict) -> Vec<String> {
    let own = |doubt: &&String| verdict.doubts.contains(doubt) || [ASKS_ONLY, UNCLEAR].contains(&doubt.as_str());
    doubts.iter().filter(|doubt| !own(doubt)).cloned().collect()
}

/// Why who comes with a guest may be counted twice: `housemate` is invited at the same address. A calendar counts others.
pub fn counted_twice(mail: &Mail, verdict: &Verdict, housemate: &str) -> Option<String> {
    let comes = mail.kind == MailKind::Reply && matches!(verdict.answer, Answer::Accept | Answer::Tentative);
    let people = verdict.party.filter(|people| comes && *people > 1)?;
    Some(format!("it counts {people} people, and {housemate}, invited at the same address, may be one of them"))
}

/// A mail of nobody we know. What it says matters only where it looks like ours.
pub fn unpaired(mail: &Mail, verdict: Option<Verdict>, conclusion: &Conclusion) -> Filed {
    let looks_like_ours = match conclusion {
        Conclusion::LooksLikeOurs { why } => Some(why.clone()),
        _ => None,
    };
    let (bucket, doubts) = match (looks_like_ours, mail.kind) {
        (None, _) => (Bucket::NotOurs, Vec::new()),
        (Some(_), MailKind::Bounce) => (Bucket::Bounces, Vec::new()),
        (Some(_), MailKind::Auto | MailKind::Other) => (Bucket::Automatic, Vec::new()),
        (Some(why), MailKind::Reply | MailKind::Calendar | MailKind::Complaint) => (Bucket::NeedsLook, vec![why]),
    };
    let verdict = verdict.filter(|_| bucket == Bucket::NeedsLook);
    Filed { bucket, verdict, doubts, returned: None, kind: What::Nothing, calendar: None }
}

/// A mail of nobody we know that waits for the organiser, read again: why it waits stays.
pub fn waiting(verdict: &Verdict, doubts: &[String]) -> Filed {
    let (verdict, doubts) = (Some(verdict.clone()), doubts.to_vec());
    Filed { bucket: Bucket::NeedsLook, verdict, doubts, returned: None, kind: What::Nothing, calendar: None }
}

impl Filed {
    /// Whether it says something of coming, surely or not.
    pub fn answers(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| verdict.answer != Answer::None)
    }

    /// What was sure needs a look after all, or one more reason for a look.
    pub fn doubt(&mut self, why: String) {
        self.bucket = Bucket::NeedsLook;
        self.doubts.push(why);
        self.kind = What::Looked;
    }

    /// Whether it says that an address does not exist.
    pub fn says_invalid(&self) -> bool {
        matches!(self.kind, What::Bounced { invalid: true, .. })
    }

    /// The address that does not exist is another than the guest's: nothing is known of that one.
    pub fn spare(&mut self) {
        if let What::Bounced { invalid, .. } = &mut self.kind {
            *invalid = false;
        }
    }

    /// The fact for the guest's journal, once the mail has a row.
    pub fn fact(&self, mail: i64, at: Timestamp, uid: u32) -> Option<Fact> {
        match &self.kind {
            What::Answered => self.answered(mail, at, uid).map(Fact::Answered),
            What::Looked => Some(Fact::Looked { mail, why: self.doubts.clone(), guess: self.answered(mail, at, uid) }),
            What::Away(until) => Some(Fact::Away { mail, until: until.clone() }),
            What::Bounced { invalid, why } => Some(Fact::Bounced { mail, invalid: *invalid, why: why.clone() }),
            What::Complained => Some(Fact::Complained { mail }),
            What::Nothing => None,
        }
    }

    fn answered(&self, mail: i64, at: Timestamp, uid: u32) -> Option<Answered> {
        let verdict = self.verdict.as_ref()?;
        Some(Answered {
            mail,
            answer: verdict.answer,
            party: verdict.party,
            question: verdict.question,
            unsubscribe: verdict.unsubscribe,
            delegate: verdict.delegate.clone(),
            evidence: verdict.evidence.clone(),
            at,
            uid,
            calendar: self.calendar.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CalendarReply, Standing, StandingKind};

    fn fact(number: u32, answer: Answer, sequence: u32, dtstamp: &str) -> Fact {
        let calendar = CalendarReply { method: "REPLY".into(), sequence, dtstamp: Some(dtstamp.into()), ..CalendarReply::default() };
        let mail = Mail { calendar: Some(calendar), ..Mail::empty(MailKind::Calendar) };
        let verdict = Verdict { answer, sure: true, confidence: 1.0, ..Verdict::silent() };
        let at = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(number.into());
        paired(&mail, &verdict, &[]).fact(number.into(), at, number).expect("an answer")
    }

    #[test]
    fn a_program_that_counts_sequences_itself_does_not_overrule_a_later_answer() {
        let notes = fact(1, Answer::Accept, 1, "20261125T080000Z");
        let phone = fact(2, Answer::Decline, 0, "20261126T080000Z");
        assert_eq!(Standing::of(&[notes, phone]).kind, StandingKind::Decline);
    }
}
