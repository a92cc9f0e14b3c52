//! What the guest typed: the body without the quoted original, without signatures, disclaimers and phone lines.
//!
//! Two ways together: what we know we sent is subtracted ([`subtract`]), and the structure of quoting is
//! recognised ([`attribution`], [`block`]). Word lists come third. What is in doubt stays, with a note:
//! an answer lost is as bad as a quote leaked.

mod agree;
mod armour;
mod attribution;
mod below;
mod block;
mod filled;
pub(super) mod line;
mod notice;
mod perhaps;
mod phone_line;
mod quotes;
mod signature;
mod signed;
mod slogan;
mod subtract;

use super::Context;
use crate::model::mail::{BELOW_SIGNATURE, CUT, PERHAPS_TYPED, UNREAD_FILE};
pub(super) use agree::differ;
use line::Line;
use perhaps::Perhaps;
pub use signed::signers;
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

impl Said {
    /// Tells that not all of the text was read.
    pub(super) fn cut(&mut self) {
        if !self.notes.iter().any(|note| note == CUT) {
            self.notes.push(CUT.to_owned());
        }
    }
}

/// Longest text that is kept of what was typed, and of what was quoted, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// So many words of ours prove that our letter stands there, so that what is not ours between them was typed.
const ENOUGH: usize = 30;

/// The name of what was typed and then encrypted.
const ENCRYPTED: &str = "an encrypted text";

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
    let lines = line::split(&text);
    let cut = lines.len() >= line::MAX_LINES;
    let mut said = of_lines(lines, &text, context);
    if cut {
        said.cut();
    }
    said
}

/// The visible text of a body that is already lines; `whole` is all of it.
pub(super) fn of_lines(mut lines: Vec<Line<'_>>, whole: &str, context: &Context<'_>) -> Said {
    let encrypted = armour::take(&mut lines);
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
    if encrypted.is_some_and(|at| reader.classes.get(at) != Some(&Class::Quoted)) {
        reader.note(&format!("{UNREAD_FILE}{ENCRYPTED}"));
    }
    reader.filled(context.sent);
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

    /// Was anything typed before this line?
    fn typed_above(&self, at: usize) -> bool {
        self.first_typed.is_some_and(|first| first < at)
    }

    fn gather(self) -> Said {
        let below_signature = self.below_signature();
        let mut below = String::new();
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
        let (mut breaks, mut cut) = (false, false);
        for (at, (line, class)) in self.lines.iter().zip(&self.classes).enumerate() {
            match class {
                Class::Typed => {
                    let room = said.said.len() + line.text.len() < MAX_TEXT;
                    if line.is_blank() {
                        breaks |= !said.said.is_empty();
                    } else if room {
                        if below_signature.as_ref().is_some_and(|lines| lines.contains(&at)) {
                            push(&mut below, line.text, breaks);
                        }
                        push(&mut said.said, line.text, breaks);
                        breaks = false;
                    } else {
                        cut = true;
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
        let below = Some(below.trim()).filter(|below| !below.is_empty() && below.len() <= slogan::MAX_TOLD);
        said.notes.extend(below.map(|below| format!("{BELOW_SIGNATURE}{below}")));
        if cut {
            said.cut();
        }
        said
    }
}

fn push(text: &mut String, line: &str, blank: bool) {
    if !text.is_empty() {
        text.push_str(if blank { "\n\n" } else { "\n" });
    }
    text.push_str(line);
}

#[cfg(test)]
mod tests;
