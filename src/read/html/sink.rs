//! Where the tokenizer's tokens go: open elements say of each line how deep it is quoted and what it is.

use super::{
    APART, MAX_TEXT, Page,
    hints::{Hint, Space, attribute, hint, space_of},
};
use crate::read::{said::line::Mark, words::beginning};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, states::RawKind};
use std::cell::RefCell;

/// Elements deeper than this are read, but not remembered.
const MAX_DEPTH: usize = 256;
/// How far up an end tag looks for its element.
const MAX_CLOSE: usize = 64;
/// So much is kept of what was struck out, in bytes.
const MAX_STRUCK: usize = 4 * 1024;

#[derive(Default)]
pub(super) struct Sink {
    pub(super) state: RefCell<State>,
}

#[derive(Clone, Copy, Default)]
struct Element {
    name: Name,
    depth: u8,
    mark: Mark,
    hidden: bool,
    struck: bool,
    block: Space,
    pre: bool,
}

/// Element names are compared by the first eight bytes and their length: enough to pair tags.
type Name = (u64, usize);

#[derive(Default)]
pub(super) struct State {
    pub(super) page: Page,
    stack: Vec<Element>,
    /// Depth, mark and hiding that hold now.
    now: Element,
    /// The mark of the line being written, once it has text.
    line: Option<(u8, Mark)>,
    /// A mark that the next line with text gets.
    rest: bool,
    /// Below a mark all is quoted.
    below: bool,
    space: bool,
    pub(super) tokens: usize,
    /// Comparisons of attributes.
    pub(super) work: usize,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        state.tokens += 1;
        match token {
            Token::TagToken(tag) => return state.tag(&tag),
            Token::CharacterTokens(text) => state.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        self.work += tag.attrs.len() * tag.attrs.len();
        match tag.kind {
            TagKind::StartTag => self.open(name, tag),
            TagKind::EndTag => {
                self.close(name);
                TokenSinkResult::Continue
            }
        }
    }

    fn open(&mut self, name: &str, tag: &Tag) -> TokenSinkResult<()> {
        match name {
            "br" => {
                self.line_end();
                return TokenSinkResult::Continue;
            }
            "hr" => {
                self.rest |= attribute(tag, "id").is_some_and(|id| id.contains("stopSpelling")) || attribute(tag, "data-marker").is_some();
                self.boundary(Space::Line);
                self.text("----------");
                self.boundary(Space::Line);
                return TokenSinkResult::Continue;
            }
            "img" => {
                let alt = attribute(tag, "alt").unwrap_or_default();
                if alt.chars().count() <= 4 && alt.chars().any(|c| c > '\u{2190}') {
                    self.text(alt);
                }
                return TokenSinkResult::Continue;
            }
            "script" => {
                self.push(Element { hidden: true, name: key(name), ..self.now });
                return TokenSinkResult::RawData(RawKind::ScriptData);
            }
            "style" | "noframes" | "xmp" | "iframe" => {
                self.push(Element { hidden: true, name: key(name), ..self.now });
                return TokenSinkResult::RawData(RawKind::Rawtext);
            }
            "title" | "textarea" => {
                self.push(Element { hidden: true, name: key(name), ..self.now });
                return TokenSinkResult::RawData(RawKind::Rcdata);
            }
            "meta" | "link" | "input" | "base" | "col" | "wbr" | "area" | "source" | "o:p" | "html" | "body" | "head" => {
                return TokenSinkResult::Continue;
            }
            "td" | "th" => self.space = true,
            _ => {}
        }
        let block = space_of(name, tag);
        self.boundary(block);
        let mut element = Element { name: key(name), block, pre: self.now.pre || name == "pre", ..self.now };
        match hint(name, tag) {
            Hint::None => {}
            Hint::Quote => element.depth = element.depth.saturating_add(1),
            Hint::Attribution => element.mark = Mark::Attribution,
            Hint::Signature => element.mark = Mark::Signature,
            Hint::Rest => self.rest = true,
            Hint::Hidden => element.hidden = true,
            Hint::Struck => {
                element.struck = true;
                for struck in [&mut self.page.struck, &mut self.page.struck_below] {
                    if struck.len() < MAX_STRUCK {
                        struck.push(APART);
                    }
                }
            }
        }
        if !tag.self_closing {
            self.push(element);
        }
        if name == "li" {
            self.text("- ");
        }
        TokenSinkResult::Continue
    }

    fn push(&mut self, element: Element) {
        if self.stack.len() < MAX_DEPTH {
            self.stack.push(self.now);
            self.now = element;
        }
    }

    fn close(&mut self, name: &str) {
        if name == "br" {
            return;
        }
        if name == "p" && self.now.name != key("p") {
            self.boundary(Space::Line);
        }
        let wanted = key(name);
        let mut depth = 0;
        let mut element = self.now;
        let found = loop {
            if element.name == wanted {
                break true;
            }
            depth += 1;
            match self.stack.len().checked_sub(depth).and_then(|at| self.stack.get(at)) {
                Some(up) if depth <= MAX_CLOSE => element = *up,
                _ => break false,
            }
        };
        if !found {
            return;
        }
        self.boundary(element.block);
        let keep = self.stack.len().saturating_sub(depth + 1);
        if let Some(outer) = self.stack.get(keep).copied() {
            self.now = outer;
        }
        self.stack.truncate(keep);
    }

    fn text(&mut self, text: &str) {
        if self.now.hidden || self.page.text.len() > MAX_TEXT {
            return;
        }
        if self.now.struck {
            self.space = true;
            let typed = self.now.depth == 0 && !self.below && !self.rest;
            let struck = if typed { &mut self.page.struck } else { &mut self.page.struck_below };
            struck.push_str(beginning(text, MAX_STRUCK.saturating_sub(struck.len())));
            return;
        }
        for c in text.chars() {
            if self.now.pre && c == '\n' {
                self.line_end();
            } else if c.is_ascii_whitespace() {
                self.space = true;
            } else {
                self.letter(c);
            }
        }
    }

    fn letter(&mut self, c: char) {
        let here = (self.now.depth, self.now.mark);
        let invisible =
            matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\u{A0}' | '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{C}' | '\u{B}');
        if invisible {
            self.space |= c == '\u{A0}';
            return;
        }
        match self.line {
            None => {
                let rest = std::mem::take(&mut self.rest);
                let mark = if rest && here.0 == 0 { Mark::Rest } else { here.1 };
                self.below |= mark == Mark::Rest;
                self.line = Some((here.0, mark));
            }
            Some((depth, mark)) if depth != here.0 || mark != here.1 && mark != Mark::Rest => {
                self.line_end();
                self.line = Some(here);
            }
            Some(_) if self.space => self.page.text.push(' '),
            Some(_) => {}
        }
        self.space = false;
        self.page.text.push(c);
    }

    fn line_end(&mut self) {
        self.page.text.push('\n');
        let blank = (self.now.depth, Mark::None);
        self.page.marks.push(self.line.take().unwrap_or(blank));
        self.space = false;
    }

    fn boundary(&mut self, space: Space) {
        if space == Space::Inline || self.now.hidden {
            return;
        }
        if self.line.is_some() {
            self.line_end();
        }
        if space == Space::Paragraph && !self.page.text.is_empty() && !self.page.text.ends_with("\n\n") {
            self.line_end();
        }
        self.space = false;
    }

    pub(super) fn finish(mut self) -> Page {
        self.line_end();
        self.page
    }
}

fn key(name: &str) -> Name {
    let head = name.bytes().take(8).fold(0u64, |key, byte| key << 8 | u64::from(byte));
    (head, name.len())
}
