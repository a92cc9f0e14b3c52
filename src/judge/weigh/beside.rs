//! What stands in the words beside the answer: a question, a wish to leave the list, the number of people, the substitute.

use super::{AGAINST, Said};
use crate::{
    judge::{
        afterthought, clauses, company, days, delegate,
        digits::{self, COUNTED},
        learned, party,
        sayings::Saying,
        text::Text,
        thresholds, words,
    },
    model::{Answer, Certainty, Mail, Verdict},
};

/// What is typed plainly, a question or a wish to leave the list, is one unless the learned witness gives it less than this.
const HEARD: f64 = 0.3;
/// A wish for no more letters that stands in phrases of any language is one unless the learned witness gives it less than this, where
/// the guest does not come ("do not send me the map any more" is said by one who does). The organiser looks at it.
const OFF_HEARD: f64 = 0.01;
/// Where it is so probable that no number of people is said, the rules count something else.
const UNCOUNTED: f64 = 0.8;
/// The same, for a number to be looked for where the learned witness hears nobody come.
const UNTAUGHT: f64 = 0.5;
/// A list of persons is counted better by its words than by the learned witness, where that gives their number so much …
const LISTED: f64 = 0.02;
/// … or, where it hears none, so much …
const LISTED_ALONE: f64 = 0.1;
/// … and that one comes, who is counted as one in any case, where so much.
const ONE: f64 = 0.03;
/// A list denies a number that is heard; a word for "alone", which is often one for "only", where one has so much at least.
const ONLY: f64 = 0.0005;
/// A number that rules read, too, is sure where the learned witness gives it so much.
const AGREED: f64 = 0.9;
/// So probable a no must be in a clause beside a yes.
const DENIED: f64 = 0.5;
/// So many clauses are heard by themselves.
const MAX_CLAUSES: usize = 6;
/// Of whom a reply speaks that may be no guests, and what is told where they may have been counted.
const NOT_COUNTED: [(Saying, &str); 2] =
    [(Saying::Others, "it speaks of people who may not come"), (Saying::Animals, "it speaks of animals, and they may have been counted")];

impl Said<'_> {
    /// What stands in the words beside the answer: a question, a wish to leave the list, the number of people, the substitute.
    /// `certainty` is how sure a number of people must be to be recorded without a look.
    pub(super) fn beside(&self, mail: &Mail, certainty: Certainty, verdict: &mut Verdict) {
        let (Some(words), learned) = (&self.words, &self.learned) else { return };
        let (bar, learned_of) = (thresholds::get(), |chance: fn(&learned::Reading) -> f64| learned.as_ref().map(chance));
        verdict.question |= learned_of(|learned| learned.question)
            .map_or(words.question, |chance| chance >= bar.question || words.question && (chance >= HEARD || self.is_cut()));
        self.wish(bar.unsubscribe, verdict);
        let takes_part = matches!(verdict.answer, Answer::Accept | Answer::Tentative);
        // Phrases may hear a no that is said of something else; beside a calendar's yes it may be the guest's own.
        let heard = learned.as_ref().is_some_and(|learned| learned.answer == verdict.answer);
        if verdict.party.is_none() && takes_part && (heard || words.answer != Answer::Decline) {
            self.count(words, thresholds::get().bar(certainty).number, verdict);
            for (saying, doubt) in NOT_COUNTED {
                if verdict.party.is_some_and(|number| number > 1 && self.counts(saying, number, words, verdict)) {
                    verdict.doubt(doubt);
                }
            }
            if party::above_plus(&self.text).is_some_and(|above| words::read(above, &self.langs).answer == Answer::None) {
                verdict.doubt("a plus by itself may be a yes, or count who comes with the guest");
            }
        }
        if verdict.answer == Answer::Delegate && verdict.delegate.is_none() {
            let evidence = match learned {
                Some(learned) if learned.answer == Answer::Delegate => vec![self.decided(learned)],
                _ => words.evidence.clone(),
            };
            verdict.delegate = delegate::of(&self.text, &evidence, mail);
            let named = || delegate::are_joined(&self.text, &evidence) || party::listed(&self.text).is_some();
            if named() || self.party(words, false).is_some() || self.several(&evidence) {
                verdict.doubt("several people are named as substitutes");
            }
        }
    }

    /// A wish for no more letters: where the learned witness gives it the `bar`, or where phrases say it and it hears it at all. Not to be
    /// kept on a list is one whatever it hears.
    fn wish(&self, bar: f64, verdict: &mut Verdict) {
        let chance = self.learned.as_ref().map_or(1.0, |learned| learned.unsubscribe);
        let is_kept_no_more = Saying::NotKeep.is_in(&self.text);
        let is_worded = is_kept_no_more || Saying::Off.is_in(&self.text);
        let wants_back = Saying::Back.is_in(&self.text);
        let is_plain = is_worded && !wants_back && !Saying::Keep.is_in(&self.text);
        let is_heard = is_plain && (chance >= HEARD || self.is_cut());
        // "Cancel my registration" sounds like one to the learned witness.
        let is_worded_back = || is_worded && (chance >= OFF_HEARD || self.is_cut());
        if wants_back && (chance >= bar || is_worded_back()) {
            verdict.doubt("it speaks of leaving the list, and of staying on it");
        } else if is_heard || chance >= bar && (is_worded || !self.may_stay()) {
            verdict.unsubscribe = true;
        } else if is_plain && (is_kept_no_more || chance >= OFF_HEARD && !matches!(verdict.answer, Answer::Accept | Answer::Tentative)) {
            verdict.unsubscribe = true;
            // Beside other answers every wish to leave is a doubt.
            if verdict.answer == Answer::Decline {
                verdict.doubt("it may be that the guest wants off the list");
            }
        }
    }

    fn is_cut(&self) -> bool {
        self.learned.as_ref().is_some_and(|learned| learned.cut)
    }

    /// What stands further down and says the opposite as plainly.
    pub(super) fn taken_back(&self, verdict: &mut Verdict) {
        let open = self.words.as_ref().is_some_and(|words| !words.sure);
        let span = open.then(|| afterthought::of(&self.text, verdict.answer, &self.langs)).flatten();
        if let (Some(span), Some(opposite)) = (span, verdict.answer.opposite()) {
            verdict.doubt(format!("further down a sentence sounds like {opposite}"));
            verdict.evidence.extend(self.typed.get(span).map(str::to_owned));
        }
    }

    /// A no to one day beside a yes to another.
    pub(super) fn of_one_day(&self, mail: &Mail, verdict: &mut Verdict) {
        if !matches!(verdict.answer, Answer::Accept | Answer::Decline) || !verdict.sure {
            return;
        }
        let hear = |piece: &str| match learned::read(piece) {
            Some(heard) if heard.answer == Answer::Decline => Answer::Decline,
            Some(heard) if heard.of(Answer::Accept) + heard.of(Answer::Tentative) > AGAINST => Answer::Accept,
            _ => Answer::None,
        };
        if days::differ(&self.text, &mail.quoted, verdict.answer, hear) {
            verdict.doubt("it says no to one day and yes to another");
        }
    }

    /// A yes beside a clause that says no: "on the trip I'll go, to the dinner not".
    pub(super) fn denied(&self, verdict: &mut Verdict) {
        if verdict.answer != Answer::Accept || !verdict.sure {
            return;
        }
        let is_no = |clause: &str| learned::read(clause).is_some_and(|heard| heard.of(Answer::Decline) >= DENIED);
        if let Some(clause) = clauses::ending_in_no(&self.text, MAX_CLAUSES).into_iter().find(|clause| is_no(clause)) {
            verdict.doubt("a part of it sounds like decline");
            verdict.evidence.push(clause.trim().to_owned());
        }
    }

    /// Whether every clause with a number sounds like a no, beside one that says yes: "I come, my two boys have a match".
    fn counts_the_absent(&self, words: &words::Reading) -> bool {
        let langs = || self.hints.iter().copied().chain(words.lang);
        let clauses: Vec<&str> = clauses::of(&self.text).into_iter().take(MAX_CLAUSES).collect();
        let (numbered, others): (Vec<&str>, Vec<&str>) = clauses.into_iter().partition(|clause| party::numbered(clause, langs()));
        let says = |clause: &&str, answer| learned::read(clause).is_some_and(|heard| heard.answer == answer);
        !numbered.is_empty()
            && others.iter().any(|clause| says(clause, Answer::Accept))
            && numbered.iter().all(|clause| says(clause, Answer::Decline))
    }

    /// What stands in the sentence that decided, or begins one behind it, and turns it round though it sounds like it.
    pub(super) fn turned(&self, verdict: &mut Verdict) {
        let Some(learned) = self.learned.as_ref().filter(|_| verdict.sure) else { return };
        let (start, end) = self.decided(learned);
        let decided = self.text.get(start..end).unwrap_or_default();
        let doubt = match verdict.answer {
            Answer::Accept | Answer::Tentative if Saying::Spirit.is_in(decided) => Some("the guest may be there in spirit alone"),
            Answer::Accept | Answer::Tentative if Saying::Yours.is_in(&self.text) => Some("it may be another event to which you come"),
            Answer::None => None,
            _ if Saying::Absence.is_in(&self.text) => Some("it reads like an absence note, not an answer"),
            Answer::Accept if Saying::Sorrow.is_in(&self.text) => Some("it may share a sorrow"),
            Answer::Accept if Saying::Hall.is_in(&self.text) => Some("it may confirm a hall, and no guest"),
            Answer::Decline if Saying::Pity.is_in(decided) => Some("it may be you of whom it says that you do not come"),
            Answer::Accept | Answer::Tentative if Saying::Unreal.is_in(decided) => {
                Some("it may be what the guest would do, were they free")
            }
            Answer::Accept if Saying::Busy.is_in(decided) => Some("the guest may be busy or elsewhere"),
            Answer::Accept if Saying::Later.is_in(decided) => Some("it may be about another time"),
            Answer::Decline if Saying::Unable.is_in(decided) && !Saying::Guests.is_in(decided) => {
                Some("it may be something else that the guest cannot do")
            }
            Answer::Delegate if Saying::StandsIn.is_in(decided) => Some("who comes for whom is not plain"),
            _ => None,
        };
        let corrected = Saying::Correction.begins(&self.text, end).filter(|_| verdict.answer != Answer::None);
        verdict.doubts.extend(doubt.or_else(|| corrected.as_ref().map(|_| "further down it may be taken back")).map(str::to_owned));
        verdict.evidence.extend(corrected.and_then(|span| self.typed.get(span)).map(|words| words.trim().to_owned()));
        verdict.sure = verdict.doubts.is_empty();
    }

    /// Whether a number of people stands in the sentences that decided.
    fn several(&self, evidence: &[(usize, usize)]) -> bool {
        let langs = || self.hints.iter().copied().chain(self.words.as_ref().and_then(|words| words.lang));
        evidence.iter().filter_map(|(start, end)| self.text.get(*start..*end)).any(|text| party::numbered(text, langs()))
    }

    /// How many come: by a list of names, by the learned witness where it is sure of its number, by the rules, by a guess. Below the
    /// `bar` the learned witness needs the rules to say the same, and they need it always.
    fn count(&self, words: &words::Reading, bar: f64, verdict: &mut Verdict) {
        let counted = self.learned.as_ref().filter(|learned| learned.answer == verdict.answer).and_then(|learned| learned.party);
        let silent = self.learned.as_ref().is_some_and(|learned| learned.uncounted > UNCOUNTED);
        let decided = verdict.answer == Answer::Accept;
        let ruled = |text: &str| self.party_in(text, words, decided);
        let stands = |number| party::stands(&self.text, number, self.hints.iter().copied().chain(words.lang));
        if digits::count(&self.text, ruled, stands, self.learned.as_ref(), verdict) {
            return;
        }
        let read = ruled(&self.text);
        let number = read.filter(|_| !silent);
        let Some((names, lines)) = party::listed(&self.text).filter(|_| !silent) else {
            let (party, doubt) = self.weighed(counted, number, bar, words);
            verdict.party = party;
            // Where the learned witness is sure that none is said, no number is proposed; but the two disagree.
            let unheard = read.filter(|_| party.is_none() && doubt.is_none()).map(come);
            doubt.or(unheard).into_iter().for_each(|doubt| verdict.doubt(doubt));
            return;
        };
        // The guest may stand in the list, or come with those who do.
        let fits = |number: u32| [lines, lines + 1].contains(&number);
        verdict.party = number.map_or(Some(lines).filter(|_| names == lines), |number| Some(number).filter(|n| fits(*n)));
        if verdict.party.is_none() || !number.or(counted.map(|(n, _)| n)).is_some_and(fits) {
            verdict.doubt("nothing but a list tells how many come");
        }
    }

    /// The number by what the learned witness hears (with its probability), what rules read, and what a list of persons tells; and why
    /// it is not sure.
    fn weighed(&self, counted: Option<(u32, f64)>, ruled: Option<u32>, bar: f64, words: &words::Reading) -> (Option<u32>, Option<String>) {
        let chance_of = |number| self.learned.as_ref().map_or(0.0, |learned| learned.of_number(number));
        let heard = counted.map(|(heard, _)| heard);
        let told = company::count(&self.text).filter(|told| *told != 1 || heard.is_none() || chance_of(1) >= ONLY);
        let another = told.filter(|told| ![heard, ruled].contains(&Some(*told)));
        let first = heard.or(ruled);
        let enough = if heard.is_some() { LISTED } else { LISTED_ALONE };
        if let Some(told) = another.filter(|told| chance_of(*told) >= enough && (*told > 1 || first.is_some())) {
            return (Some(told), Some(first.map_or_else(|| come(told), |other| either(told, other))));
        }
        match (counted, ruled) {
            (Some((heard, chance)), Some(ruled)) if heard != ruled => {
                let prefers_rules = chance < if told == Some(ruled) { AGREED } else { COUNTED };
                let is_open = chance < bar || told.is_some_and(|told| told != heard);
                (Some(if prefers_rules { ruled } else { heard }), Some(either(heard, ruled)).filter(|_| is_open))
            }
            (Some((heard, chance)), ruled) => {
                // What lists tell, too, need not hang on how it was typed.
                let chance = if told == Some(heard) { chance_of(heard) } else { chance };
                let is_guessed = || match ruled {
                    Some(_) => chance < AGREED,
                    None => chance < bar || heard > 1 && self.counts_the_absent(words),
                };
                let other = told.filter(|told| *told != heard).map(|told| either(heard, told));
                (Some(heard), other.or_else(|| Some(come(heard)).filter(|_| is_guessed())))
            }
            (None, Some(ruled)) => (Some(ruled), Some(come(ruled)).filter(|_| self.learned.is_some())),
            (None, None) => (another.filter(|told| *told == 1 && chance_of(1) >= ONE), self.may_count()),
        }
    }

    /// That a number of people may be said which nobody reads, where that is not improbable enough: who is recorded without one is
    /// counted as one. Most of them say none, so the number is told and not proposed. Of a text in which the learned witness hears nobody
    /// come ("Thanks!" beside a calendar's yes) it was never taught whether it says a number.
    fn may_count(&self) -> Option<String> {
        let comes = |learned: &&learned::Reading| matches!(learned.answer, Answer::Accept | Answer::Tentative);
        let is_open = |learned: &&learned::Reading| learned.uncounted < if comes(learned) { thresholds::get().uncounted } else { UNTAUGHT };
        let learned = self.learned.as_ref().filter(is_open)?;
        let number = learned.likeliest.map(|number| format!(", perhaps {number}")).unwrap_or_default();
        Some(format!("it may say how many come{number}"))
    }

    /// Whether some are spoken of who may be no guests, and rules do not read the number where they are not.
    fn counts(&self, saying: Saying, number: u32, words: &words::Reading, verdict: &Verdict) -> bool {
        if !saying.is_in(&self.text) {
            return false;
        }
        let sentences = Text::of(&self.text).sentences;
        let others = sentences.iter().filter_map(|sentence| self.text.get(sentence.start..sentence.end));
        let rest: Vec<&str> = others.filter(|sentence| !saying.is_in(sentence)).collect();
        let rest = rest.join("\n");
        // The learned witness may count people whom it should not; animals that are out of its sight it does not count.
        let heard = || learned::read(&rest).and_then(|heard| heard.party).is_some_and(|(heard, _)| heard == number);
        self.party_in(&rest, words, verdict.answer == Answer::Accept) != Some(number) && !(saying == Saying::Animals && heard())
    }

    /// By the rules of the language whose phrases were found, else of those that were to be expected.
    fn party(&self, words: &words::Reading, decided: bool) -> Option<u32> {
        self.party_in(&self.text, words, decided)
    }

    fn party_in(&self, text: &str, words: &words::Reading, decided: bool) -> Option<u32> {
        words.lang.into_iter().chain(self.hints.iter().copied()).find_map(|lang| party::of(text, Some(lang), decided))
    }
}

/// That the one number or the other may come.
fn either(number: u32, other: u32) -> String {
    format!("it may say that {number} come, or {other}")
}

/// That so many people may come.
fn come(number: u32) -> String {
    if number == 1 { "it may say that the guest comes alone".to_owned() } else { format!("it may say that {number} come") }
}
