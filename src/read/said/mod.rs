//! What the guest typed: the body without the quoted original, without signatures, disclaimers and phone lines.
//!
//! Two ways together: what we know we sent is subtracted ([`subtract`]), and the structure of quoting is
//! recognised ([`attribution`], [`block`]). Word lists come third. What is in doubt stays, with a note:
//! an answer lost is as bad as a quote leaked.

mod attribution;
mod block;
pub(super) mod line;
mod notice;
mod perhaps;
mod signature;
mod subtract;

use super::Context;
use crate::model::mail::{KEPT_BELOW_QUOTE, PERHAPS_TYPED};
use line::{Line, Mark};
use perhaps::Perhaps;
use signature::Separator;
use std::borrow::Cow;
use subtract::Ours;

/// What was typed, and what was taken away.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Said {
    /// What the guest typed, greeting and closing line included; at most 64 KiB.
    pub said: String,
    /// Contact details that stood under it.
    pub signature: String,
    /// What was quoted; at most 64 KiB.
    pub quoted: String,
    pub notes: Vec<String>,
}

/// Longest text that is kept of what was typed, and of what was quoted, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// So many words of ours prove that our letter stands there, so that what is not ours between them was typed.
const ENOUGH: usize = 30;

/// A longer text below the start of a quote, in words, is a letter that was quoted, whoever wrote it.
const MAX_KEPT: usize = 120;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    Typed,
    Quoted,
    Signature,
    /// Disclaimers, banners, phone lines, separators.
    Dropped,
}

/// The visible text of a plain text body.
pub fn said(text: &str, context: &Context<'_>) -> Said {
    let text = line::normalise(text);
    of_lines(line::split(&text), &text, context)
}

/// The visible text of a body that is already lines; `whole` is all of it.
pub(super) fn of_lines(mut lines: Vec<Line<'_>>, whole: &str, context: &Context<'_>) -> Said {
    let ours = Ours::new(context.sent).map(|ours| ours.take(&mut lines));
    let has_mark = |line: &Line<'_>| !super::tokens::in_text(line.text).is_empty();
    let last_mark = memchr::memmem::find(whole.as_bytes(), b"[#").and_then(|_| lines.iter().rposition(has_mark));
    let last_ours = ours.as_ref().filter(|taken| taken.words >= ENOUGH).and_then(|taken| taken.ours.iter().rposition(|ours| *ours));
    let mut reader = Reader {
        classes: vec![Class::Typed; lines.len()],
        ours,
        lines,
        first_typed: None,
        last_mark,
        last_ours,
        perhaps: Perhaps::default(),
        notes: Vec::new(),
    };
    reader.quotes();
    reader.segments();
    reader.signatures();
    reader.gather()
}

struct Reader<'a> {
    lines: Vec<Line<'a>>,
    classes: Vec<Class>,
    ours: Option<subtract::Taken>,
    /// The first line known to be typed.
    first_typed: Option<usize>,
    /// The last line that holds a tag with our token: then it is our letter that is quoted there.
    last_mark: Option<usize>,
    /// The last line that is ours, where enough of our letter stands in the mail.
    last_ours: Option<usize>,
    /// What was taken away and may be typed all the same.
    perhaps: Perhaps,
    notes: Vec<String>,
}

impl Reader<'_> {
    fn is_ours(&self, at: usize) -> bool {
        self.ours.as_ref().is_some_and(|taken| taken.ours.get(at).copied().unwrap_or(false))
    }

    fn set(&mut self, from: usize, to: usize, class: Class) {
        for place in self.classes.iter_mut().take(to).skip(from) {
            *place = class;
        }
    }

    /// True where the next line with text is marked as quoted.
    fn quote_below(&self, after: usize) -> bool {
        let next = self.lines.iter().enumerate().skip(after).take(6).find(|(_, line)| !line.is_blank());
        next.is_some_and(|(at, line)| line.depth > 0 || self.is_ours(at))
    }

    /// Was anything typed before this line?
    fn typed_above(&self, at: usize) -> bool {
        self.first_typed.is_some_and(|first| first < at)
    }

    /// Lines from here on are not typed after all.
    fn untype(&mut self, from: usize) {
        self.first_typed = self.first_typed.filter(|first| *first < from);
    }

    /// Finds everything quoted, from top to bottom.
    fn quotes(&mut self) {
        let mut at = 0;
        // Nothing before this line belongs to an attribution that is still to be found.
        let mut free = 0;
        while let Some(line) = self.lines.get(at).copied() {
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
            if let Some(found) = block::starting_at(&self.lines, at) {
                at = if self.marked_below(found.end) { self.open(found.start, found.end) } else { self.cut(found.start, found.end) };
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
        if self.notes.is_empty() {
            self.notes.push(KEPT_BELOW_QUOTE.to_owned());
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

    /// Looks at every stretch of typed lines: what stands under and above the text goes.
    fn segments(&mut self) {
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
            if line.text.len() <= 240 && signature::is_phone_line(line.text, alone) {
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
    fn signatures(&mut self) {
        let is_one = |at: &usize| self.classes.get(*at) == Some(&Class::Signature);
        let mut at = 0;
        while at < self.lines.len() {
            let end = (at..self.lines.len()).find(|next| !is_one(next)).unwrap_or(self.lines.len());
            let lines = self.lines.get(at..end).unwrap_or_default();
            lines.split(Line::is_blank).for_each(|paragraph| self.perhaps.add_signature(paragraph));
            at = end + 1;
        }
    }

    fn gather(self) -> Said {
        let room = |class: Class| {
            let lines = self.lines.iter().zip(&self.classes).filter(|(_, of)| **of == class);
            lines.map(|(line, _)| line.text.len() + 2).sum::<usize>().min(MAX_TEXT)
        };
        let mut said = Said {
            said: String::with_capacity(room(Class::Typed)),
            quoted: String::with_capacity(room(Class::Quoted)),
            notes: self.notes,
            ..Said::default()
        };
        said.notes.extend(self.perhaps.told().map(|text| format!("{PERHAPS_TYPED}{text}")));
        let mut breaks = false;
        for (line, class) in self.lines.iter().zip(&self.classes) {
            match class {
                Class::Typed => {
                    let room = said.said.len() + line.text.len() < MAX_TEXT;
                    if line.is_blank() {
                        breaks |= !said.said.is_empty();
                    } else if room {
                        push(&mut said.said, line.text, breaks);
                        breaks = false;
                    }
                }
                Class::Quoted => {
                    // An answer before and an answer behind a quote are two paragraphs.
                    breaks |= !said.said.is_empty();
                    if said.quoted.len() + line.text.len() < MAX_TEXT {
                        push(&mut said.quoted, line.text, false);
                    }
                }
                Class::Signature if !line.is_blank() && said.signature.len() + line.text.len() < MAX_TEXT => {
                    push(&mut said.signature, line.text.trim(), false);
                }
                Class::Signature | Class::Dropped => {}
            }
        }
        said.said.truncate(said.said.trim_end().len());
        said.said.drain(..said.said.len() - said.said.trim_start().len());
        said
    }
}

fn push(text: &mut String, line: &str, blank: bool) {
    if !text.is_empty() {
        text.push_str(if blank { "\n\n" } else { "\n" });
    }
    text.push_str(line);
}

/// The lines of a paragraph as one line, cut at 4,000 bytes.
fn join<'t>(lines: &[Line<'t>]) -> Cow<'t, str> {
    if let [line] = lines {
        return line.text.get(..4_000).unwrap_or(line.text).into();
    }
    let mut joined = String::new();
    for line in lines {
        if joined.len() > 4_000 {
            break;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line.text.get(..4_000).unwrap_or(line.text));
    }
    joined.into()
}

#[cfg(test)]
mod tests;
