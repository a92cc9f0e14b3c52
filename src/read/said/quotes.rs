//! Which lines are quoted, from top to bottom: marked lines, our own, and what stands below an attribution or a header block.

use super::{Class, Reader, attribution, block, line::Mark};
use crate::model::mail::{HELP_DESK, KEPT_BELOW_QUOTE};

/// A longer text below the start of a quote, in words, is a letter that was quoted, whoever wrote it.
const MAX_KEPT: usize = 120;

impl Reader<'_> {
    /// True where the next line with text is marked as quoted.
    fn quote_below(&self, after: usize) -> bool {
        let next = self.lines.iter().enumerate().skip(after).take(6).find(|(_, line)| !line.is_blank());
        next.is_some_and(|(at, line)| line.depth > 0 && block::group_wise(&self.lines, at).is_none() || self.is_ours(at))
    }

    /// Lines from here on are not typed after all.
    fn untype(&mut self, from: usize) {
        self.first_typed = self.first_typed.filter(|first| *first < from);
    }

    /// Finds everything quoted, from top to bottom.
    pub(super) fn quotes(&mut self) {
        let mut at = 0;
        // Nothing before this line belongs to an attribution that is still to be found.
        let mut free = 0;
        let mut help_desk = false;
        while let Some(line) = self.lines.get(at).copied() {
            if line.text.ends_with('>')
                && let Some(end) = block::boxed(&self.lines, at)
            {
                at = self.cut(at, end);
                free = at;
                continue;
            }
            if let Some(end) = block::group_wise(&self.lines, at) {
                at = if self.marked_below(end) { self.open(at, end) } else { self.cut(at, end) };
                free = at;
                continue;
            }
            if line.depth > 0 || self.is_ours(at) {
                self.set(at, at + 1, Class::Quoted);
                at += 1;
                free = at;
                continue;
            }
            if line.mark == Mark::Signature {
                self.set(at, at + 1, Class::Signature);
                at += 1;
                free = at;
                continue;
            }
            if line.is_blank() && line.mark == Mark::None {
                at += 1;
                continue;
            }
            if line.mark == Mark::Rest {
                at = self.cut(at, at);
                free = at;
                continue;
            }
            if block::is_help_desk(line.text) {
                help_desk |= !self.typed_above(at);
                if help_desk {
                    self.note(HELP_DESK);
                    self.set(at, at + 1, Class::Quoted);
                    at += 1;
                } else {
                    at = self.cut(at, at + 1);
                }
                free = at;
                continue;
            }
            if help_desk
                && self.typed_above(at)
                && let Some(end) = block::message_of_help_desk(&self.lines, at)
            {
                at = self.cut(at, end);
                free = at;
                continue;
            }
            if let Some(found) = block::bare(&self.lines, free, at) {
                self.untype(found.start);
                at = self.cut(found.start, found.end);
                free = at;
                continue;
            }
            if let Some(found) = block::starting_at(&self.lines, at) {
                let end = self.attribution_below(found.end).unwrap_or(found.end);
                at = if self.marked_below(end) { self.open(found.start, end) } else { self.cut(found.start, end) };
                free = at;
                continue;
            }
            let below = self.quote_below(at + 1);
            if let Some(found) = attribution::ending_at(&self.lines, free, at, below)
                && (found.strong || below)
            {
                if !below && self.is_typed_below(at + 1) {
                    // "My wife, as she wrote on 12.11.2026 to ion@x.example:"
                    self.note_kept();
                    self.first_typed = self.first_typed.or(Some(found.start));
                    at += 1;
                    free = at;
                    continue;
                }
                self.set(found.start, at + 1, Class::Quoted);
                self.untype(found.start);
                at = if below { at + 1 } else { self.cut(found.start, at + 1) };
                free = at;
                continue;
            }
            if self.first_typed.is_none() && !block::is_plain_rule(line.text) {
                self.first_typed = Some(at);
            }
            at += 1;
        }
    }

    /// What looked like the line above a quote has a short text below it, of which nothing is marked or ours, though we know what
    /// we sent: a guest's sentence ends in a date, an address and a colon, too.
    fn is_typed_below(&self, after: usize) -> bool {
        if self.ours.is_none() || self.last_mark.is_some_and(|last| last >= after) {
            return false;
        }
        let mut words = 0;
        for (at, line) in self.lines.iter().enumerate().skip(after) {
            words += line.text.split_whitespace().take(MAX_KEPT + 1).count();
            if words > MAX_KEPT || line.depth > 0 || line.mark != Mark::None || self.is_ours(at) {
                return false;
            }
        }
        words > 0
    }

    /// True where the next line with text carries a `>`.
    fn marked_below(&self, after: usize) -> bool {
        self.lines.iter().skip(after).take(6).find(|line| !line.is_blank()).is_some_and(|line| line.depth > 0)
    }

    /// Behind the line above a marked quote that some programs (Proton Mail) write below a rule.
    fn attribution_below(&self, after: usize) -> Option<usize> {
        let is_one = |at: &usize| {
            self.marked_below(at + 1) && attribution::ending_at(&self.lines, after, *at, true).is_some_and(|found| found.start >= after)
        };
        (after..self.lines.len())
            .take(4)
            .take_while(|at| self.lines.get(*at).is_some_and(|line| line.depth == 0))
            .find(is_one)
            .map(|at| at + 1)
    }

    /// A block opens a quote whose lines are marked: what is not marked below it may be an answer, or the text of who was quoted.
    fn open(&mut self, start: usize, end: usize) -> usize {
        self.set(start, end, Class::Quoted);
        self.untype(start);
        let unmarked = |at: usize| self.lines.get(at).is_some_and(|line| line.depth == 0 && !line.is_blank()) && !self.is_ours(at);
        if (end..self.lines.len()).any(unmarked) {
            self.note_kept();
        }
        end
    }

    fn note_kept(&mut self) {
        self.note(KEPT_BELOW_QUOTE);
    }

    pub(super) fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|other| other == note) {
            self.notes.push(note.to_owned());
        }
    }

    /// A block that opens a quoted message stands from `start` to `end`: the rest is quoted too, as far as we can tell.
    ///
    /// Returns where to read on.
    fn cut(&mut self, start: usize, end: usize) -> usize {
        let typed = self.typed_above(start);
        self.set(start, end.max(start + 1), Class::Quoted);
        let all = self.lines.len();
        // What we sent ends where it ends: the guest may have answered below it or between.
        if self.last_ours.is_some_and(|last| last >= end)
            && let Some(first) = (end..all).find(|at| self.is_ours(*at))
        {
            self.set(start, first, Class::Quoted);
            self.perhaps.add_signature(self.lines.get(end..first).unwrap_or_default());
            return first;
        }
        let rest_has_text = self.lines.iter().skip(end).any(|line| !line.is_blank() && line.depth == 0);
        let ours_below = self.last_mark.is_some_and(|last| last >= end);
        if typed || !rest_has_text || ours_below || self.lines.get(start).is_some_and(|line| line.mark == Mark::Rest) {
            self.set(start, all, Class::Quoted);
            return all;
        }
        self.note_kept();
        end.max(start + 1)
    }
}
