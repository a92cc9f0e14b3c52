//! What is counted, and how it is printed.

use super::{ANSWERS, replies::Reply};
use convoke::model::Answer;
use std::collections::BTreeMap;

/// What somebody says of a reply.
#[derive(Clone)]
pub struct Judged<'a> {
    pub reply: &'a Reply,
    pub answer: Answer,
    /// Without a look.
    pub recorded: bool,
    pub confidence: f64,
    pub question: bool,
    pub unsubscribe: bool,
    pub party: Option<u32>,
}

impl Judged<'_> {
    pub fn right(&self) -> bool {
        self.answer == self.reply.label
    }

    fn swapped(&self) -> bool {
        matches!((self.answer, self.reply.label), (Answer::Accept, Answer::Decline) | (Answer::Decline, Answer::Accept))
    }
}

#[allow(clippy::cast_precision_loss, reason = "a few thousand")]
fn percent(part: usize, of: usize) -> f64 {
    if of == 0 { f64::NAN } else { 100.0 * part as f64 / of as f64 }
}

/// Of a yes-or-no question: truths and claims.
pub fn f1(pairs: impl Iterator<Item = (bool, bool)>) -> f64 {
    let (mut hits, mut misses) = (0.0, 0.0);
    for (truth, claim) in pairs {
        hits += if truth && claim { 1.0 } else { 0.0 };
        misses += if truth == claim { 0.0 } else { 1.0 };
    }
    2.0 * hits / (2.0 * hits + misses)
}

/// The figures of one judge.
pub struct Figures {
    replies: usize,
    right: f64,
    plain: f64,
    hard: f64,
    macro_f1: f64,
    swaps: f64,
    question: f64,
    unsubscribe: f64,
    party: f64,
    parties: usize,
    invented: usize,
    recorded: usize,
    wrong: usize,
    swapped: usize,
}

impl Figures {
    pub fn of(judged: &[Judged<'_>]) -> Self {
        let count = |keep: &dyn Fn(&Judged<'_>) -> bool| judged.iter().filter(|one| keep(one)).count();
        let replies = judged.len();
        let hard = count(&|one| one.reply.hard);
        let parties = count(&|one| one.reply.party.is_some());
        let of_answer = |answer| f1(judged.iter().map(|one| (one.reply.label == answer, one.answer == answer)));
        Self {
            replies,
            right: percent(count(&|one| one.right()), replies),
            plain: percent(count(&|one| one.right() && !one.reply.hard), replies - hard),
            hard: percent(count(&|one| one.right() && one.reply.hard), hard),
            macro_f1: ANSWERS.into_iter().map(of_answer).sum::<f64>() / 5.0,
            swaps: percent(count(&|one| one.swapped()), replies),
            question: f1(judged.iter().map(|one| (one.reply.question, one.question))),
            unsubscribe: f1(judged.iter().map(|one| (one.reply.unsubscribe, one.unsubscribe))),
            party: percent(count(&|one| one.reply.party.is_some() && one.party == one.reply.party), parties),
            parties,
            invented: count(&|one| one.reply.party.is_none() && one.party.is_some()),
            recorded: count(&|one| one.recorded),
            wrong: count(&|one| one.recorded && !one.right()),
            swapped: count(&|one| one.recorded && one.swapped()),
        }
    }

    pub fn print(&self) {
        println!("{} replies:", self.replies);
        println!("  right                     {:5.1} %   (plain {:.1} %, hard {:.1} %)", self.right, self.plain, self.hard);
        println!("  accept/decline swaps      {:5.1} %", self.swaps);
        println!("  macro-F1                  {:5.3}", self.macro_f1);
        println!("  question, F1              {:5.3}", self.question);
        println!("  unsubscribe, F1           {:5.3}", self.unsubscribe);
        println!(
            "  party exact where stated  {:5.1} %   of {}; counted in {} where none is stated",
            self.party, self.parties, self.invented
        );
    }

    pub fn line(&self, name: &str) {
        println!("  {name:<14} right {:.1} %, macro-F1 {:.3}, swaps {:.1} %", self.right, self.macro_f1, self.swaps);
    }

    /// What stands beside the answer, in a line.
    pub fn beside(&self, name: &str) {
        let Self { question, unsubscribe, party, parties, invented, .. } = self;
        println!(
            "  {name:<14} question F1 {question:.3}, unsubscribe F1 {unsubscribe:.3}, party exact {party:.1} % of {parties}, {invented} more counted"
        );
    }

    /// The targets that are not met.
    pub fn missed(&self) -> Vec<String> {
        let recorded = percent(self.recorded, self.replies);
        let per_mille = percent(self.wrong, self.recorded) * 10.0;
        let swaps = percent(self.swapped, self.recorded) * 10.0;
        let targets = [
            (self.right >= 88.0, format!("{:.1} % right, not 88 %", self.right)),
            (self.plain >= 95.0, format!("{:.1} % of the plain ones right, not 95 %", self.plain)),
            (self.hard >= 80.0, format!("{:.1} % of the hard ones right, not 80 %", self.hard)),
            (self.swaps <= 3.0, format!("{:.1} % accept/decline swaps, not 3 %", self.swaps)),
            (self.question >= 0.90, format!("F1 {:.3} for questions, not 0.90", self.question)),
            (self.unsubscribe >= 0.95, format!("F1 {:.3} for unsubscribe, not 0.95", self.unsubscribe)),
            (self.party >= 95.0, format!("{:.1} % of the parties exact, not 95 %", self.party)),
            (recorded >= 50.0, format!("{recorded:.1} % recorded, not 50 %")),
            (per_mille <= 10.0, format!("{per_mille:.1} of 1,000 recorded wrong, not 10")),
            (swaps <= 2.0, format!("{swaps:.1} of 1,000 recorded swapped, not 2")),
        ];
        targets.into_iter().filter(|(met, _)| !met).map(|(_, what)| what).collect()
    }
}

/// What is recorded without a look, how much of it is wrong, and how much it may be at most.
pub fn recorded(name: &str, judged: &[Judged<'_>]) {
    let recorded: Vec<&Judged<'_>> = judged.iter().filter(|one| one.recorded).collect();
    let wrong = recorded.iter().filter(|one| !one.right()).count();
    let swaps = recorded.iter().filter(|one| one.swapped()).count();
    println!(
        "{name}: {:.1} % recorded, {wrong} of {} wrong ({:.1} in 1,000, with 95 % certainty at most {:.1}), {swaps} of them swaps",
        percent(recorded.len(), judged.len()),
        recorded.len(),
        percent(wrong, recorded.len()) * 10.0,
        upper(wrong, recorded.len()) * 1000.0,
    );
    let counted: Vec<&&Judged<'_>> = recorded.iter().filter(|one| one.party.is_some()).collect();
    let wrong = counted.iter().filter(|one| one.party != one.reply.party).count();
    let comes = |one: &&&Judged<'_>| matches!(one.answer, Answer::Accept | Answer::Tentative);
    let uncounted: Vec<&&Judged<'_>> = recorded.iter().filter(|one| one.party.is_none()).filter(comes).collect();
    let missing = uncounted.iter().filter(|one| one.reply.party.is_some()).count();
    println!(
        "  with a number of people: {} recorded, {wrong} of these numbers wrong; without: {} who come or may, {missing} of these state one",
        counted.len(),
        uncounted.len()
    );
}

/// The upper end of the one-sided 95 % Clopper-Pearson interval.
#[allow(clippy::cast_precision_loss, reason = "a few thousand")]
pub fn upper(wrong: usize, of: usize) -> f64 {
    if wrong >= of {
        return 1.0;
    }
    // P(at most `wrong` of `of`) where each is wrong with probability p.
    let at_most = |p: f64| {
        let mut term = (of as f64 * (1.0 - p).ln()).exp();
        let mut sum = term;
        for k in 0..wrong {
            term *= (of - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
            sum += term;
        }
        sum
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if at_most(middle) > 0.05 { low = middle } else { high = middle }
    }
    high
}

/// The largest share, in percent, of which at most `per_mille` of 1,000 are wrong: the surest are taken first.
pub fn share_at(judged: &[Judged<'_>], per_mille: usize) -> f64 {
    let mut order: Vec<&Judged<'_>> = judged.iter().collect();
    order.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let (mut wrong, mut best) = (0, 0);
    for (at, one) in order.iter().enumerate() {
        wrong += usize::from(!one.right());
        if wrong * 1000 <= per_mille * (at + 1) {
            best = at + 1;
        }
    }
    percent(best, judged.len())
}

/// What is right in each language.
pub fn languages(judges: &[(&str, &Vec<Judged<'_>>)]) {
    let mut table: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for (column, (_, judged)) in judges.iter().enumerate() {
        for one in judged.iter() {
            let row = table.entry(one.reply.lang.as_str()).or_insert_with(|| vec![(0, 0); judges.len()]);
            row[column].0 += usize::from(one.right());
            row[column].1 += 1;
        }
    }
    let mut recorded: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for one in judges[0].1.iter().filter(|one| one.recorded) {
        let row = recorded.entry(one.reply.lang.as_str()).or_default();
        row.0 += 1;
        row.1 += usize::from(!one.right());
    }
    let names: Vec<String> = judges.iter().map(|(name, _)| format!("{name:>8}")).collect();
    println!("\nlang  replies {}   recorded, wrong", names.join(" "));
    for (lang, row) in table {
        let cells: Vec<String> = row.iter().map(|(right, of)| format!("{:8.1}", percent(*right, *of))).collect();
        let (kept, wrong) = recorded.get(lang).copied().unwrap_or_default();
        println!("{lang:<4}  {:>7} {}   {kept:>8} {wrong:>6}", row[0].1, cells.join(" "));
    }
}
