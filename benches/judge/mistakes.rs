//! What is read wrongly of a file of labelled replies: to learn from, so never of those set apart.

use super::{
    figures::{self, Figures, Judged},
    judged, replies,
};
use convoke::model::Certainty;
use std::path::Path;

/// Prints the figures of the replies in a file, and every mistake: those that would be recorded come first.
pub fn print(path: &Path) -> std::io::Result<()> {
    let replies = replies::of_file(path)?;
    let judged = judged(&replies, Certainty::Normal);
    Figures::of(&judged).print();
    figures::recorded("certainty = \"normal\"", &judged);
    figures::languages(&[("judge", &judged)]);
    println!();
    let mut wrong: Vec<(&Judged<'_>, Vec<String>)> = judged.iter().map(|one| (one, of(one))).filter(|(_, what)| !what.is_empty()).collect();
    wrong.sort_by_key(|(one, _)| !one.recorded);
    for (one, what) in wrong {
        let sure = if one.recorded { "recorded, " } else { "" };
        println!("{}: {sure}{}: {:?}", one.reply.id, what.join(", "), one.reply.text);
    }
    Ok(())
}

/// Each as what is said and what is read.
fn of(one: &Judged<'_>) -> Vec<String> {
    let Judged { reply, .. } = one;
    let number = |party: Option<u32>| party.map_or("no number".to_owned(), |number| number.to_string());
    [
        (!one.right(), format!("{} is read as {} ({:.2})", reply.label, one.answer, one.confidence)),
        (reply.party != one.party, format!("{} is read as {}", number(reply.party), number(one.party))),
        (reply.question != one.question, format!("question {}", one.question)),
        (reply.unsubscribe != one.unsubscribe, format!("unsubscribe {}", one.unsubscribe)),
    ]
    .into_iter()
    .filter(|(is, _)| *is)
    .map(|(_, what)| what)
    .collect()
}
