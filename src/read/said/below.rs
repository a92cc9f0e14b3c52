//! What stands above and under the guest's text and is not theirs: banners, disclaimers, phone lines, signatures.

use super::{
    Class, Reader,
    line::Line,
    notice, perhaps,
    phone_line::{is_phone_line, may_hold_words},
    signature::{self, Separator},
};
use crate::read::words::beginning;
use std::borrow::Cow;

impl Reader<'_> {
    /// Looks at every stretch of typed lines: what stands under and above the text goes.
    pub(super) fn segments(&mut self) {
        let mut at = 0;
        while at < self.lines.len() {
            if self.classes.get(at) != Some(&Class::Typed) {
                at += 1;
                continue;
            }
            let end = (at..self.lines.len()).find(|next| self.classes.get(*next) != Some(&Class::Typed)).unwrap_or(self.lines.len());
            if self.lines.iter().take(end).skip(at).any(|line| !line.is_blank()) {
                self.notices(at, end);
                self.phone_lines(at, end);
                self.separators(at, end);
                self.contacts(at, end);
            }
            at = end;
        }
    }

    /// Banners, disclaimers and scanners' lines, paragraph by paragraph.
    fn notices(&mut self, from: usize, to: usize) {
        let mut start = from;
        let mut top = !self.typed_above(from);
        while start < to {
            let end = (start..to).find(|at| self.lines.get(*at).is_some_and(Line::is_blank)).unwrap_or(to);
            if end > start {
                let lines = self.lines.get(start..end).unwrap_or_default();
                let found = notice::is_notice(&join(lines), top).then(|| notice::place(lines, top));
                if let Some((first, last)) = found {
                    self.notice(start + first, start + last, top);
                }
                top &= found == Some((0, end - start));
            }
            start = end + 1;
        }
    }

    /// The lines of a notice go, but for the guest's sentences on the first line of a disclaimer.
    fn notice(&mut self, first: usize, last: usize, top: bool) {
        self.set(first, last, Class::Dropped);
        let lines = self.lines.get(first..last).unwrap_or_default();
        if notice::is_notice(&join(lines), false) || !top {
            if let Some(tail) = notice::doubtful_tail(lines) {
                self.perhaps.add(tail);
            }
            if let Some(line) = self.lines.get_mut(first)
                && let Some(head) = notice::typed_head(line.text)
            {
                line.text = head;
                self.set(first, first + 1, Class::Typed);
            }
        }
    }

    fn phone_lines(&mut self, from: usize, to: usize) {
        let mut tail = true;
        for at in (from..to).rev() {
            let Some(line) = self.lines.get(at) else { continue };
            if line.is_blank() || self.classes.get(at) != Some(&Class::Typed) {
                continue;
            }
            let blank = |at: Option<usize>| at.and_then(|at| self.lines.get(at)).is_none_or(Line::is_blank);
            let alone = tail || blank(at.checked_sub(1)) && blank(Some(at + 1));
            if line.text.len() <= 240 && is_phone_line(line.text, alone) {
                if may_hold_words(line.text) {
                    self.perhaps.add(line.text);
                }
                self.set(at, at + 1, Class::Dropped);
            } else {
                tail = false;
            }
        }
    }

    /// Everything under a separator, where it is short enough to be a signature. Under `---` and the like it must look like one:
    /// else only that line goes.
    fn separators(&mut self, from: usize, to: usize) {
        let typed = |reader: &Self, at: usize| reader.classes.get(at) == Some(&Class::Typed);
        // From the bottom up: how much stands below each separator, and whether it is nothing but separators.
        let (mut count, mut size, mut rules, mut sentence) = (0, 0, true, false);
        let mut cut = None;
        // The last lines, the lowest first.
        let mut below: Vec<&str> = Vec::new();
        let mut loose = Vec::new();
        for at in (from..to).rev() {
            let Some(line) = self.lines.get(at).filter(|line| typed(self, at) && !line.is_blank()) else { continue };
            let kind = signature::separator(line.text);
            let fits = match kind {
                Some(Separator::Standard) => count <= 25 && size <= 2_000,
                Some(Separator::Bare) if sentence => {
                    loose.extend(Some(at).filter(|at| self.typed_above(*at)));
                    false
                }
                Some(Separator::Bare) => count <= 25 && size <= 2_000,
                Some(Separator::Loose) if count <= 8 && size <= 500 => {
                    let lines: Vec<&str> = below.iter().rev().copied().collect();
                    let is_one = rules || signature::is_signature(&lines);
                    if !is_one && self.typed_above(at) {
                        loose.push(at);
                    }
                    is_one
                }
                Some(Separator::Rule) => rules,
                Some(Separator::Loose) | None => false,
            };
            if fits && self.typed_above(at) {
                cut = Some((at, rules));
            }
            count += 1;
            size += line.text.len();
            rules &= kind.is_some();
            sentence |= perhaps::may_be_typed(line.text);
            if kind.is_none() && count <= 9 {
                below.push(line.text.trim());
            }
        }
        for at in loose {
            self.set(at, at + 1, Class::Dropped);
        }
        let Some((at, rules)) = cut else { return };
        for index in at..to {
            if typed(self, index) {
                let class = if rules || index == at { Class::Dropped } else { Class::Signature };
                self.set(index, index + 1, class);
            }
        }
    }

    fn contacts(&mut self, from: usize, to: usize) {
        let places: Vec<usize> = (from..to).filter(|at| self.classes.get(*at) == Some(&Class::Typed)).collect();
        let lines: Vec<&Line<'_>> = places.iter().filter_map(|at| self.lines.get(*at)).collect();
        let Some(block) = signature::contact_block(&lines) else { return };
        for at in places.into_iter().take(block.end).skip(block.start) {
            self.set(at, at + 1, Class::Signature);
        }
    }

    /// What stands in signatures and may be typed.
    pub(super) fn signatures(&mut self) {
        let is_one = |at: &usize| self.classes.get(*at) == Some(&Class::Signature);
        let mut at = 0;
        while at < self.lines.len() {
            let end = (at..self.lines.len()).find(|next| !is_one(next)).unwrap_or(self.lines.len());
            let lines = self.lines.get(at..end).unwrap_or_default();
            lines.split(Line::is_blank).for_each(|paragraph| self.perhaps.add_signature(paragraph));
            at = end + 1;
        }
    }
}

/// The lines of a paragraph as one line, cut at 4,000 bytes.
fn join<'t>(lines: &[Line<'t>]) -> Cow<'t, str> {
    if let [line] = lines {
        return beginning(line.text, 4_000).into();
    }
    let mut joined = String::new();
    for line in lines {
        if joined.len() > 4_000 {
            break;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(beginning(line.text, 4_000));
    }
    joined.into()
}
