//! What is decided at once: all the mails of one guest that wait, beside what stands without them.

use super::super::words;
use crate::{
    model::{Answer, Delegate, Fact, Standing, Verdict},
    store::{
        self, Connection,
        inbox::{self, Look},
        journal,
        outbox::{self, Waiting},
    },
    work::rule::Ruling,
};
use jiff::Timestamp;

/// How many letters that wait are shown.
const LETTERS: usize = 20;

/// All mails of one guest that wait, or one of nobody we know. They are decided together: a key on the first of them must not
/// settle another that was not shown.
pub struct Matter {
    /// Oldest first; at least one.
    pub looks: Vec<Look>,
    /// Of the guest.
    pub standing: Option<Standing>,
    /// What is younger than all of them, and surely known.
    pub since: Option<Since>,
    /// Of a guest who wants, or may want, no more letters: those to the same address that wait ([`outbox::waiting_for`]).
    pub letters: Vec<Waiting>,
    /// The newest fact when they were read.
    pub seen: i64,
}

/// A sure answer, or a ruling.
pub struct Since {
    pub at: Timestamp,
    pub answer: Answer,
    pub party: Option<u32>,
    pub delegate: Option<Delegate>,
    /// The guest's mail; None where the organiser ruled.
    pub mail: Option<i64>,
    /// The words that decided, or the organiser's note.
    pub words: String,
}

/// What Enter means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Enter {
    Record(Answer),
    /// It stays as it is.
    Leave,
}

impl Matter {
    /// What waits of a guest; None where nothing does.
    pub fn of_guest(conn: &Connection, invitation: i64) -> store::Result<Option<Self>> {
        // Before the mails: what comes between is news.
        let seen = journal::newest(conn)?;
        let looks = inbox::looks_of(conn, invitation)?;
        let Some(newest) = looks.last() else { return Ok(None) };
        let since = since(&journal::facts(conn, invitation)?, newest);
        let standing = journal::standing(conn, invitation)?;
        let letters = if standing.unsubscribe { outbox::waiting_for(conn, invitation, LETTERS)? } else { Vec::new() };
        Ok(Some(Self { looks, standing: Some(standing), since, letters, seen }))
    }

    /// A mail of nobody; None where it has been decided meanwhile.
    pub fn of_nobody(conn: &Connection, look: Look) -> store::Result<Option<Self>> {
        let waits = inbox::waits_unpaired(conn, look.mail)?;
        Ok(waits.then(|| Self { looks: vec![look], standing: None, since: None, letters: Vec::new(), seen: 0 }))
    }

    /// The guest whose mails they are.
    pub fn guest(&self) -> Option<i64> {
        self.looks.first()?.invitation
    }

    fn so_far(&self) -> Answer {
        self.standing.as_ref().map_or(Answer::None, |standing| standing.answer)
    }

    /// Nothing where the mails, or the witnesses in one of them, contradict one another, where something younger is known, or
    /// where somebody else's mail would make a guest come who sends another. The yes of the one who comes instead leaves all as
    /// it is.
    pub fn enter(&self) -> Option<Enter> {
        let answer = guess(self.looks.last()?)?.answer;
        if self.since.is_some()
            || self.looks.iter().filter_map(guess).any(is_disputed)
            || self.looks.iter().filter_map(guess).any(|guess| guess.answer != answer)
        {
            return None;
        }
        let by_another = |look: &Look| look.email.as_ref() != Some(&look.sender);
        if self.so_far() != Answer::Delegate || !self.looks.iter().any(by_another) {
            return Some(Enter::Record(answer));
        }
        let people = self.standing.as_ref().and_then(|standing| standing.party).unwrap_or(1);
        let adds_nothing = |look: &Look| self.is_of_delegate(look) && guess(look).is_none_or(|g| g.party.is_none_or(|n| n == people));
        (answer == Answer::Accept && self.looks.iter().all(adds_nothing)).then_some(Enter::Leave)
    }

    /// The one sent it who comes instead, by what is recorded.
    fn is_of_delegate(&self, look: &Look) -> bool {
        let recorded = self.standing.as_ref().filter(|standing| standing.answer == Answer::Delegate);
        let email = recorded.and_then(|standing| standing.delegate.as_ref()).and_then(|delegate| delegate.email.as_ref());
        email.is_some_and(|email| email.as_str() == look.sender)
    }

    /// What is recorded where the organiser types how many come: the guess where people come by it, else that the guest comes.
    pub fn counted(&self) -> Answer {
        let goes_on = self.so_far() == Answer::Delegate && self.looks.last().is_some_and(|look| self.is_of_delegate(look));
        match self.enter() {
            _ if goes_on => Answer::Delegate,
            Some(Enter::Record(answer @ (Answer::Tentative | Answer::Delegate))) => answer,
            _ => Answer::Accept,
        }
    }

    /// What is recorded for a key: with the number and the substitute that were shown, and on the newest of the mails that was
    /// read as saying so.
    pub fn ruling(&self, answer: Answer) -> Ruling {
        let guesses = || self.looks.iter().rev().filter_map(|look| guess(look).map(|guess| (look, guess)));
        let goes_on = |said: Answer, look: Option<&Look>| {
            said == answer
                || said.is_like(answer)
                || answer == Answer::Delegate && said.is_like(Answer::Accept) && look.is_some_and(|look| self.is_of_delegate(look))
        };
        let since = self.since.iter().map(|since| (goes_on(since.answer, None), since.party, since.delegate.as_ref()));
        let shown = guesses().map(|(look, guess)| (goes_on(guess.answer, Some(look)), guess.party, guess.delegate.as_ref()));
        let shown: Vec<_> = since.chain(shown).take_while(|(goes_on, ..)| *goes_on).collect();
        let says_so = guesses().find(|(_, guess)| guess.answer == answer).map(|(look, _)| look.mail);
        let younger = self.since.as_ref().filter(|since| since.answer == answer).and_then(|since| since.mail);
        // What the substitute says of themselves is no example of how a guest sends one.
        let newest = self.looks.last().filter(|look| answer != Answer::Delegate || !self.is_of_delegate(look)).map(|look| look.mail);
        Ruling {
            answer,
            party: shown.iter().find_map(|(_, party, _)| *party).filter(|_| answer != Answer::Decline),
            delegate: shown.iter().find_map(|(.., delegate)| *delegate).filter(|_| answer == Answer::Delegate).cloned(),
            note: String::new(),
            mail: younger.or(says_so).or(newest),
        }
    }

    /// What stands, in words.
    pub fn stands(&self) -> Option<String> {
        let standing = self.standing.as_ref().filter(|standing| standing.answer != Answer::None)?;
        Some(words::decided(standing.answer, standing.party, standing.delegate.as_ref()))
    }
}

/// What a mail seems to say; None where it says nothing.
pub fn guess(look: &Look) -> Option<&Verdict> {
    look.verdict.as_ref().filter(|verdict| verdict.answer != Answer::None)
}

/// A calendar program or a button answered, not words.
pub fn is_of_program(verdict: &Verdict) -> bool {
    verdict.confidence >= 1.0
}

/// Whether two witnesses disagree: something speaks against a program's answer, or a doubt ends with the name of another answer.
fn is_disputed(verdict: &Verdict) -> bool {
    let names = |doubt: &String, answer: &Answer| doubt.ends_with(&format!(" {answer}"));
    let others = || Answer::DECISIONS.into_iter().chain([Answer::None]).filter(|other| *other != verdict.answer);
    is_of_program(verdict) && !verdict.doubts.is_empty() || verdict.doubts.iter().any(|doubt| others().any(|other| names(doubt, &other)))
}

/// The guest's last sure answer or the organiser's last ruling, whichever is later, if it is younger than a mail.
fn since(facts: &[(Timestamp, Fact)], newest: &Look) -> Option<Since> {
    let ruled = facts.iter().rev().find_map(|(at, fact)| match fact {
        Fact::Ruled { answer, party, delegate, note, .. } => {
            Some(Since { at: *at, answer: *answer, party: *party, delegate: delegate.clone(), mail: None, words: note.clone() })
        }
        _ => None,
    });
    let facts: Vec<Fact> = facts.iter().map(|(_, fact)| fact.clone()).collect();
    let answered = Fact::last_answer(&facts).map(|said| Since {
        at: said.at,
        answer: said.answer,
        party: said.party,
        delegate: said.delegate.clone(),
        mail: Some(said.mail),
        words: said.evidence.first().cloned().unwrap_or_default(),
    });
    // As a mail that waits is kept: in whole milliseconds.
    let age = |since: &Since| (since.at.as_millisecond(), since.mail.unwrap_or(i64::MAX));
    ruled.into_iter().chain(answered).max_by_key(age).filter(|since| age(since) > (newest.arrived.as_millisecond(), newest.mail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        judge,
        model::{Address, Certainty},
        read,
    };

    fn look(mail: i64, sender: &str, answer: Answer, party: Option<u32>) -> Look {
        Look {
            mail,
            invitation: Some(1),
            campaign: None,
            email: Some("ben@firm.example".into()),
            name: Some("Ben".into()),
            sender: sender.into(),
            subject: String::new(),
            said: String::new(),
            verdict: Some(Verdict { answer, party, ..Verdict::silent() }),
            doubts: Vec::new(),
            arrived: Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(mail),
        }
    }

    fn own(mail: i64, answer: Answer, party: Option<u32>) -> Look {
        look(mail, "ben@firm.example", answer, party)
    }

    fn matter(looks: Vec<Look>) -> Matter {
        Matter { looks, standing: None, since: None, letters: Vec::new(), seen: 0 }
    }

    fn of(looks: Vec<Look>, facts: &[Fact]) -> Matter {
        Matter { standing: Some(Standing::of(facts)), ..matter(looks) }
    }

    #[test]
    fn the_number_that_was_shown_outlives_a_change_of_mind() {
        let shown = || matter(vec![own(1, Answer::Tentative, Some(3))]);
        assert_eq!(shown().ruling(Answer::Accept).party, Some(3));
        assert_eq!(shown().ruling(Answer::Tentative).party, Some(3));
        assert_eq!(shown().ruling(Answer::Decline).party, None);
        let asked_since = matter(vec![own(1, Answer::Accept, Some(3)), own(2, Answer::None, None)]);
        assert_eq!(asked_since.ruling(Answer::Accept).party, Some(3));
        let declined_between = vec![own(1, Answer::Accept, Some(3)), own(2, Answer::Decline, None), own(3, Answer::Accept, None)];
        assert_eq!(matter(declined_between).ruling(Answer::Accept).party, None);
    }

    #[test]
    fn a_ruling_is_made_on_the_newest_mail_that_says_so() {
        let both = matter(vec![own(1, Answer::Accept, None), own(2, Answer::Decline, None)]);
        let mail = |answer| both.ruling(answer).mail;
        assert_eq!((mail(Answer::Accept), mail(Answer::Decline), mail(Answer::Tentative)), (Some(1), Some(2), Some(2)));
    }

    #[test]
    fn enter_decides_nothing_that_the_mails_do_not_agree_on() {
        assert_eq!(matter(vec![own(1, Answer::Accept, None)]).enter(), Some(Enter::Record(Answer::Accept)));
        assert_eq!(matter(vec![own(1, Answer::None, None), own(2, Answer::Accept, None)]).enter(), Some(Enter::Record(Answer::Accept)));
        assert_eq!(matter(vec![own(1, Answer::Accept, None), own(2, Answer::Decline, None)]).enter(), None);
        assert_eq!(matter(vec![own(1, Answer::Accept, None), own(2, Answer::None, None)]).enter(), None);
    }

    #[test]
    fn a_number_that_is_typed_goes_with_the_guess_where_people_come_by_it() {
        let counted = |answer| matter(vec![own(1, answer, None)]).counted();
        let answers = [Answer::Accept, Answer::Decline, Answer::Delegate, Answer::Tentative, Answer::None];
        assert_eq!(answers.map(counted), [Answer::Accept, Answer::Accept, Answer::Delegate, Answer::Tentative, Answer::Accept]);
        let disputed = matter(vec![own(1, Answer::Tentative, None), own(2, Answer::Decline, None)]);
        assert_eq!(disputed.counted(), Answer::Accept);
        let instead = Some(Delegate { name: None, email: Some(Address::parse("dan@firm.example").expect("an address")) });
        let ruled = [Fact::Ruled { answer: Answer::Delegate, party: None, delegate: instead, note: String::new(), mail: None }];
        let by = |sender| of(vec![look(1, sender, Answer::Accept, Some(2))], &ruled).counted();
        assert_eq!([by("dan@firm.example"), by("ben@firm.example")], [Answer::Delegate, Answer::Accept]);
    }

    /// A calendar program's answer, with what was typed beside it.
    fn of_program(partstat: &str, comment: &str) -> Look {
        let raw = format!(
            "From: ben@firm.example\r\nSubject: Gala\r\nContent-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n\
             BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:1@us.example\r\nATTENDEE;PARTSTAT={partstat}:mailto:ben@firm.example\r\n\
             COMMENT:{comment}\r\nSEQUENCE:0\r\nDTSTAMP:20261130T060000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let mail = read::mail(raw.as_bytes(), &read::Context::default());
        let verdict = judge::verdict(&mail, None, Certainty::default());
        Look { said: mail.said, verdict: Some(verdict), ..own(1, Answer::None, None) }
    }

    #[test]
    fn enter_decides_nothing_where_two_witnesses_disagree() {
        for (partstat, comment) in [
            ("ACCEPTED", "Sorry\\, cannot make it\\, pressed wrong button"),
            ("ACCEPTED", "sorry\\, only if it is online"),
            ("DECLINED", "Ana Pop will come in my place"),
        ] {
            let look = of_program(partstat, comment);
            assert!(guess(&look).is_some_and(|guess| !guess.sure), "{look:?}");
            assert_eq!(matter(vec![look]).enter(), None, "{partstat} {comment}");
        }
        // It waits because of its sender.
        assert_eq!(matter(vec![of_program("ACCEPTED", "")]).enter(), Some(Enter::Record(Answer::Accept)));
        let mut weighed = of_program("ACCEPTED", "");
        weighed.verdict.iter_mut().for_each(|verdict| verdict.doubts.push("the guest added words that may change it".into()));
        assert_eq!(matter(vec![weighed]).enter(), None);
        let doubted = |doubt: &str| {
            let verdict = Verdict { answer: Answer::Accept, doubts: vec![doubt.into()], ..Verdict::silent() };
            matter(vec![Look { verdict: Some(verdict), ..own(1, Answer::None, None) }]).enter()
        };
        assert_eq!(doubted("its plain words say decline"), None);
        assert_eq!(doubted("its first line alone says none"), None);
        assert_eq!(doubted("it reads as accept (80 %), perhaps as decline (15 %)"), Some(Enter::Record(Answer::Accept)));
    }

    #[test]
    fn the_word_of_the_one_who_comes_instead_does_not_make_the_guest_come() {
        let email = Some(Address::parse("dan@firm.example").expect("an address"));
        let instead = Some(Delegate { name: Some("Dan Rus".into()), email });
        let ruled = [Fact::Ruled { answer: Answer::Delegate, party: None, delegate: instead, note: String::new(), mail: None }];
        let enter = |sender: &str, answer, party| of(vec![look(1, sender, answer, party)], &ruled).enter();
        assert_eq!(enter("dan@firm.example", Answer::Accept, None), Some(Enter::Leave));
        assert_eq!(enter("dan@firm.example", Answer::Accept, Some(1)), Some(Enter::Leave));
        assert_eq!(enter("dan@firm.example", Answer::Accept, Some(2)), None, "two come now");
        assert_eq!(enter("dan@firm.example", Answer::Decline, None), None);
        assert_eq!(enter("nina@firm.example", Answer::Accept, None), None, "it may be of the substitute");
        assert_eq!(enter("ben@firm.example", Answer::Accept, None), Some(Enter::Record(Answer::Accept)), "the guest comes after all");
        let two = of(vec![look(1, "dan@firm.example", Answer::Accept, Some(2))], &ruled).ruling(Answer::Delegate);
        assert_eq!((two.party, two.mail), (Some(2), None));
    }

    #[test]
    fn what_is_younger_than_the_mails_is_told_whoever_said_it() {
        let at = |hour| Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(hour);
        let ruled = Fact::Ruled { answer: Answer::Accept, party: None, delegate: None, note: "by phone".into(), mail: None };
        let younger = |hour| since(&[(at(hour), ruled.clone())], &own(5, Answer::Decline, None)).map(|since| since.words);
        assert_eq!((younger(4), younger(6)), (None, Some("by phone".into())));
    }
}
