//! Finds `models/thresholds.toml` on the replies that were held apart for it.

use super::{
    figures,
    replies::{self, Reply},
};
use convoke::{
    judge::{
        self,
        learned::{self, Reading},
    },
    model::Answer,
};

/// The three certainties, and how many of 1,000 recorded answers may be wrong.
const WANTED: [(&str, f64); 3] = [("strict", 5.0), ("normal", 10.0), ("lax", 40.0)];
/// So much of that is aimed at: other guests write otherwise than those who were calibrated on.
const AIM: f64 = 0.6;
/// Of 1,000 who take part and are recorded without a number of people, so many may say one.
const UNCOUNTED: f64 = 5.0;
/// So many of the wrong ones may be a yes for a no, or a no for a yes.
const SWAPPED: f64 = 0.15;

pub fn run() -> std::io::Result<()> {
    let (calibrate, held) = (replies::calibrate(), replies::held());
    let heads: Vec<(&Reply, Vec<Vec<f64>>)> = heads_of(&calibrate);
    let temperature = temperature(&heads);
    // Few ask or say a number, and fewer want off the list: for these every reply that was not learned from counts.
    let mut all = heads_of(&held);
    all.extend(heads.iter().cloned());
    let question = flag(&all, |reading| reading.question, |reply| reply.question);
    let unsubscribe = flag(&all, |reading| reading.unsubscribe, |reply| reply.unsubscribe);
    let uncounted = uncounted(&all, temperature);
    let rows_of = |heads: &[(&Reply, Vec<Vec<f64>>)]| -> Vec<Row> {
        heads.iter().filter_map(|(reply, heads)| Row::of(reply, heads, temperature)).collect()
    };
    let (rows, with_held) = (rows_of(&heads), rows_of(&all));
    let mut file = format!(
        "# Found by `cargo bench --bench judge -- calibrate` on {} replies that were neither learned from nor set apart; `question`,\n\
         # `unsubscribe`, `uncounted` and `number` on {} more, which are of the making of those learned from, too.\n\
         # The heads of the answers are divided by this before they become probabilities.\n\
         temperature = {temperature:.2}\n\
         # How probable it must be that the guest asks something, or wants off the list.\n\
         question = {question:.2}\n\
         unsubscribe = {unsubscribe:.2}\n\
         # How probable it must be that no number of people is said, where none is read: of 1,000 above it, 5 say one.\n\
         uncounted = {uncounted:.2}\n\
         # How probable an answer must be to be recorded without a look: where the learned witness stands alone, and where the\n\
         # phrases surely say the same; how probable the opposite of a yes or a no may be where the learned witness stands\n\
         # alone; and how probable a number of people must be, in both ways of typing, that rules do not read too.\n",
        rows.len(),
        held.len()
    );
    let mut bars = Vec::new();
    // What is stricter is in nothing wider than what is laxer.
    let mut laxer = (0.0_f64, 1.0_f64, 0.0_f64);
    for (name, limit) in WANTED.into_iter().rev() {
        let per_mille = limit * AIM;
        let agreed = bar(rows.iter().filter(|row| row.agreed == Some(true)), per_mille).max(0.5);
        let alone = bar(rows.iter().filter(|row| row.agreed.is_none()), per_mille).max(agreed).max(laxer.0);
        let certain = rows.iter().filter(|row| row.agreed.is_none() && row.confidence >= alone);
        let opposite = opposite(certain, per_mille * SWAPPED).min(laxer.1);
        let recorded = with_held.iter().filter(|row| row.confidence >= if row.agreed == Some(true) { agreed } else { alone });
        let number = number(recorded, limit).max(laxer.2);
        laxer = (alone, opposite, number);
        bars.push(format!("[{name}]\nalone = {alone:.4}\nagreed = {agreed:.4}\nopposite = {opposite:.4}\nnumber = {number:.4}\n"));
    }
    file.extend(bars.into_iter().rev());
    print!("{file}");
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/models/thresholds.toml"), file)
}

fn heads_of(replies: &[Reply]) -> Vec<(&Reply, Vec<Vec<f64>>)> {
    replies.iter().filter_map(|reply| Some((reply, learned::passes(&reply.text)?))).collect()
}

/// The probability from which on a flag is set, where F1 is best: the middle of all that are as good to within half a percent.
fn flag(held: &[(&Reply, Vec<Vec<f64>>)], claim: fn(&learned::Reading) -> f64, truth: fn(&Reply) -> bool) -> f64 {
    let readings: Vec<(f64, bool)> =
        held.iter().filter_map(|(reply, heads)| Some((claim(&learned::conclude(heads, 1.0)?), truth(reply)))).collect();
    let f1 = |bar: f64| figures::f1(readings.iter().map(|(p, truth)| (*truth, *p >= bar)));
    let tries: Vec<f64> = (10..=95).map(|step| f64::from(step) * 0.01).collect();
    let best = tries.iter().map(|bar| f1(*bar)).fold(0.0, f64::max);
    let good: Vec<f64> = tries.into_iter().filter(|bar| f1(*bar) >= best - 0.005).collect();
    good.get(good.len() / 2).copied().unwrap_or(0.5)
}

/// The lowest probability that no number of people is said from which on at most [`UNCOUNTED`] of those say one who take part and of whom
/// none is read.
fn uncounted(held: &[(&Reply, Vec<Vec<f64>>)], temperature: f64) -> f64 {
    let asked = |(reply, heads): &(&Reply, Vec<Vec<f64>>)| {
        let reading = learned::conclude(heads, temperature)?;
        let takes_part = matches!(reading.answer, Answer::Accept | Answer::Tentative);
        let is_read = || reading.party.is_some() || judge::people(&reply.text, &reply.lang).is_some();
        (takes_part && !is_read()).then_some((1.0 - reading.uncounted, reply.party.is_some()))
    };
    1.0 - furthest(held.iter().filter_map(asked).collect(), UNCOUNTED)
}

struct Row {
    confidence: f64,
    opposite: f64,
    right: bool,
    /// A yes for a no, or a no for a yes.
    swapped: bool,
    /// Whether phrases that are sure say the same; None where they are not sure.
    agreed: Option<bool>,
    /// Of those who take part: the probability of a number of people that rules do not read too, and whether it is wrong.
    number: Option<(f64, bool)>,
}

impl Row {
    fn of(reply: &Reply, heads: &[Vec<f64>], temperature: f64) -> Option<Self> {
        let reading = learned::conclude(heads, temperature)?;
        let (answer, sure) = judge::phrases(&reply.text, &reply.lang);
        let agreed = sure.then_some(answer == reading.answer);
        let Reading { confidence, opposite, .. } = reading;
        let swapped = reading.answer.opposite() == Some(reply.label);
        let takes_part = matches!(reading.answer, Answer::Accept | Answer::Tentative);
        let counted = reading.party.filter(|(n, _)| takes_part && judge::people(&reply.text, &reply.lang) != Some(*n));
        let number = counted.map(|(n, chance)| (chance, Some(n) != reply.party));
        Some(Self { confidence, opposite, right: reading.answer == reply.label, swapped, agreed, number })
    }
}

/// The temperature under which the labels are likeliest.
fn temperature(held: &[(&Reply, Vec<Vec<f64>>)]) -> f64 {
    let chance = |reply: &Reply, heads: &[Vec<f64>], temperature| {
        learned::conclude(heads, temperature).map_or(1.0, |reading| reading.of(reply.label))
    };
    let loss = |temperature: f64| -> f64 { held.iter().map(|(reply, heads)| -chance(reply, heads, temperature).max(1e-9).ln()).sum() };
    let tries = (10..=60).map(|step| f64::from(step) * 0.05);
    tries.map(|temperature| (loss(temperature), temperature)).min_by(|a, b| a.0.total_cmp(&b.0)).map_or(1.0, |(_, temperature)| temperature)
}

/// The lowest probability from which on at most `per_mille` are wrong; 1 (as good as never) where even the surest are wrong too often.
fn bar<'a>(rows: impl Iterator<Item = &'a Row>, per_mille: f64) -> f64 {
    let rows = rows.map(|row| (1.0 - row.confidence, !row.right)).collect();
    1.0 - furthest(rows, per_mille)
}

/// The highest probability of the opposite up to which at most `per_mille` are swapped.
fn opposite<'a>(rows: impl Iterator<Item = &'a Row>, per_mille: f64) -> f64 {
    furthest(rows.map(|row| (row.opposite, row.swapped)).collect(), per_mille)
}

/// The lowest probability of a number of people from which on at most `per_mille` are wrong: the limit itself, because few say one.
fn number<'a>(rows: impl Iterator<Item = &'a Row>, per_mille: f64) -> f64 {
    1.0 - furthest(rows.filter_map(|row| row.number).map(|(chance, wrong)| (1.0 - chance, wrong)).collect(), per_mille)
}

/// Up to which doubt (0 where there is none) at most `per_mille` of the (doubt, mistake) are mistakes, half a mistake more than were
/// seen.
#[allow(clippy::cast_precision_loss, reason = "a few thousand")]
fn furthest(mut rows: Vec<(f64, bool)>, per_mille: f64) -> f64 {
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut mistakes, mut best) = (0.5, 0.0);
    for (at, (doubt, mistake)) in rows.iter().enumerate() {
        mistakes += if *mistake { 1.0 } else { 0.0 };
        if mistakes / (at + 1) as f64 <= per_mille / 1000.0 {
            best = *doubt;
        }
    }
    best
}
