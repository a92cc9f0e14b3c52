//! What stands below a signature that no line cuts off: a slogan, or what was forgotten above. It stays typed, and is told.

use super::{
    Class, Reader,
    line::{ends_sentence, is_sentence},
    signature::{all_capital, is_closing, is_name, is_short, is_strong, may_be_detail},
};
use std::ops::Range;

/// In so many lines of a stretch, blank ones not counted, a signature is looked for.
const MAX_LINES: usize = 200;
/// More than this, in bytes, is a text of its own.
pub(super) const MAX_TOLD: usize = 1_000;
/// A signature has at most so many lines below its first.
const MAX_SIGNATURE: usize = 25;
/// So many lines of details below the first one at the top of a text are more than a form asks for.
const MANY_DETAILS: usize = 3;
/// What stands below them is no letter if it has at most so many lines.
const MAX_SLOGAN: usize = 2;

impl Reader<'_> {
    /// The lines below the first signature that has typed ones there, to the next quote.
    pub(super) fn below_signature(&self) -> Option<Range<usize>> {
        let mut at = 0;
        while at < self.lines.len() {
            let end = (at..self.lines.len()).find(|next| self.class(*next) == Class::Quoted).unwrap_or(self.lines.len());
            if let Some(start) = self.signed(at..end) {
                return Some(start..end);
            }
            at = end + 1;
        }
        None
    }

    /// Where the text goes on below a signature in a stretch without quotes: one that was taken away, or what looks like one.
    fn signed(&self, stretch: Range<usize>) -> Option<usize> {
        let is_part = |at: &usize| matches!(self.class(*at), Class::Typed | Class::Signature);
        let places: Vec<(usize, &str)> = stretch
            .filter(is_part)
            .filter_map(|at| self.lines.get(at).filter(|line| !line.is_blank()).map(|line| (at, line.text.trim())))
            .take(MAX_LINES)
            .collect();
        let lines: Vec<&str> = places.iter().map(|(_, text)| *text).collect();
        let goes_on = |pair: &[(usize, &str)]| match pair {
            [(above, _), (below, _)] => self.class(*above) == Class::Signature && self.class(*below) == Class::Typed,
            _ => false,
        };
        let by_class = places.windows(2).position(goes_on).map(|above| above + 1);
        let first = by_class.into_iter().chain(below(&lines)).min()?;
        places.get(first).map(|(at, _)| *at)
    }

    fn class(&self, at: usize) -> Class {
        self.classes.get(at).copied().unwrap_or(Class::Dropped)
    }
}

/// The first of the lines below the first signature among `lines`, none of which is blank: what looks like a name or closes a letter,
/// and details below it.
///
/// A text may also begin with a name and details, as a letterhead or a form does; then only a line or two below many details count.
fn below(lines: &[&str]) -> Option<usize> {
    // Where all letters are capitals they tell nothing.
    if !lines.iter().any(|line| line.contains(char::is_lowercase)) {
        return None;
    }
    let is_head = |line: &&str| is_strong(line) || all_capital(line) && !ends_sentence(line);
    let top = lines.iter().take_while(|line| is_head(line)).count();
    lines.iter().enumerate().find_map(|(at, head)| {
        let (_, rest) = lines.split_at_checked(at + 1)?;
        let count = details(head, rest)?;
        let (signature, below) = rest.split_at_checked(count)?;
        let is_letter = || below.len() > MAX_SLOGAN || below.iter().any(|line| is_closing(line));
        let is_signature = at > top || count >= MANY_DETAILS && signature.iter().any(|line| is_strong(line)) && !is_letter();
        (is_signature && !below.is_empty()).then_some(at + 1 + count)
    })
}

/// How many lines below `head` are of its signature, to its last plain detail; None where they are too few to be one.
fn details(head: &str, below: &[&str]) -> Option<usize> {
    let is_piped = head.split_once(['|', '·']).is_some_and(|(name, _)| is_name(name)) && may_be_detail(head);
    if !is_piped && !is_name(head) && !is_closing(head) {
        return None;
    }
    let may_be = |text: &&&str| may_be_detail(text) && !is_sentence(text) || is_short(text) && !ends_sentence(text);
    let run = || below.iter().take(MAX_SIGNATURE).take_while(may_be);
    let is_plain = |text: &str| is_strong(text) || all_capital(text);
    let count = run().enumerate().filter(|(_, text)| is_plain(text)).last().map_or(0, |(at, _)| at + 1);
    (is_piped || count > 1 || run().take(count).any(|text| is_strong(text))).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        below(&lines).and_then(|at| lines.get(at).copied())
    }

    #[test]
    fn what_stands_below_a_signature_is_found() {
        for signature in [
            "Ana Pop\nSales manager\nTel. 0256 000 000\nwww.x.example",
            "Ana Pop\nconsilier superior\n0256 000 000",
            "Kind regards,\nAna Pop\nSales manager\nAcme Ltd\n+44 20 7946 0000",
            "Best regards\n\nAna Pop\nManaging Director\nAcme GmbH",
            "Cu stimă,\nAna Pop\nPrimăria Deva",
            "Ana Pop | Acme Ltd",
        ] {
            for slogan in ["We will be there!", "We will be there: hall 5, stand 12", "we'll be at the fair in May"] {
                assert_eq!(found(&format!("Thank you.\n\n{signature}\n\n{slogan}")), Some(slogan), "{signature}");
            }
            assert_eq!(found(&format!("I will come.\n\n{signature}")), None, "{signature}");
        }
        let alone = "Ana Pop\nMayor\nTel. 0256 000 000\nwww.x.example\nWe will be there!";
        assert_eq!(found(alone), Some("We will be there!"));
    }

    #[test]
    fn a_greeting_a_letterhead_and_a_form_are_no_signature() {
        for text in [
            "Dear Ana Pop,\n\nThank you for the letter.\nI will come.",
            "I will come.\n\nKind regards,\nAna\n\nPS: with my husband",
            "Ana Pop\nMayor\n0722 000 000\nI will come.",
            "Primăria Deva\nServiciul Cultură\nPiața Unirii 4\nTel. 0254 000 000\n\nBună ziua,\nconfirmăm participarea.\nCu stimă,\nAna",
            "THANK YOU\nANA POP\nMAYOR\nTEL. 0256 000 000\nI WILL COME.",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
