//! HTML as lines: what the markup says of quotes and signatures becomes depth and [`Mark`].
//!
//! html5ever's tokenizer reads the tags; no tree is built, so deep nesting and misnesting cost nothing. What the
//! tokenizer itself cannot do in linear time (thousands of attributes in one tag) goes to [`strip`].

mod hints;

use super::{
    said::line::{Line, Mark, normalise},
    words::beginning,
};
use hints::{Hint, Space, attribute, hint, space_of};
use html5ever::{
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind},
};
use std::cell::RefCell;

/// Longer HTML is cut.
const MAX_HTML: usize = 4 * 1024 * 1024;
/// Elements deeper than this are read, but not remembered.
const MAX_DEPTH: usize = 256;
/// How far up an end tag looks for its element.
const MAX_CLOSE: usize = 64;
/// The tokenizer compares each attribute with all before it: so many comparisons are allowed in one mail.
const MAX_WORK: usize = 4_000_000;
/// Longer text is cut.
const MAX_TEXT: usize = 1024 * 1024;
/// Between what is struck out in one place and in the next.
pub(super) const APART: char = '\u{1F}';
/// So much is kept of what was struck out, in bytes.
const MAX_STRUCK: usize = 4 * 1024;

/// A body made of HTML: text with one mark a line.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    marks: Vec<(u8, Mark)>,
    /// What is struck out: it is not meant, and stands in no line.
    struck: String,
    /// As that, in a quote.
    struck_below: String,
}

impl Page {
    /// Reads HTML; never fails.
    pub(super) fn read(html: &str) -> Self {
        let html = beginning(html, MAX_HTML);
        let html = without_comments(html);
        let mut page = tokenize(&html).unwrap_or_else(|| strip(&html));
        // Normalising may turn one line into two only for signs that the sink has already folded away.
        let clean = normalise(&page.text).into_owned();
        page.text = clean;
        page
    }

    pub(super) fn lines(&self) -> Vec<Line<'_>> {
        let marks = self.marks.iter().copied().chain(std::iter::repeat((0, Mark::None)));
        let mut lines: Vec<Line<'_>> =
            self.text.split('\n').zip(marks).map(|(text, (depth, mark))| Line { text: text.trim_end(), depth, mark }).collect();
        // Text that was pasted into HTML may carry `>` marks of its own.
        for line in lines.iter_mut().filter(|line| line.depth == 0 && line.text.starts_with('>')) {
            line.depth = 1;
            line.text = line.text.trim_start_matches(['>', ' ']);
        }
        lines
    }

    /// What was struck out above any quote.
    pub(super) fn struck(&self) -> &str {
        self.struck.trim_matches(APART)
    }

    /// What was struck out in a quote.
    pub(super) fn struck_below(&self) -> &str {
        self.struck_below.trim_matches(APART)
    }

    /// All text, without what the markup says.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Comments hold style sheets of Word, and would hide how long a tag is.
fn without_comments(html: &str) -> std::borrow::Cow<'_, str> {
    if !html.contains("<!--") {
        return html.into();
    }
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        let Some((_, behind)) = after.split_once("-->") else {
            rest = "";
            break;
        };
        rest = behind;
    }
    out.push_str(rest);
    out.into()
}

/// None where a tag has so many attributes that the tokenizer would take quadratic time.
fn tokenize(html: &str) -> Option<Page> {
    let sink = Sink { state: RefCell::new(State::default()) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let queue = BufferQueue::default();
    let mut silent = 0usize;
    let mut rest = html;
    while !rest.is_empty() {
        let chunk = beginning(rest, 8 * 1024);
        let chunk = if chunk.is_empty() { rest } else { chunk };
        rest = rest.get(chunk.len()..).unwrap_or_default();
        let before = tokenizer.sink.state.borrow().tokens;
        queue.push_back(StrTendril::from_slice(chunk));
        let _ = tokenizer.feed(&queue);
        let state = tokenizer.sink.state.borrow();
        let signs = chunk.bytes().filter(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'/' | b'=')).count();
        silent = if state.tokens == before { silent + signs } else { 0 };
        if silent > 2_500 || state.work > MAX_WORK {
            return None;
        }
        if state.page.text.len() > MAX_TEXT {
            break;
        }
    }
    tokenizer.end();
    let state = tokenizer.sink.state.take();
    Some(state.finish())
}

/// Tags away, block ends as line ends: for HTML that the tokenizer must not see.
fn strip(html: &str) -> Page {
    let mut page = Page::default();
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        page.text.push_str(text);
        let (tag, behind) = after.split_once('>').unwrap_or((after, ""));
        let name: String = tag.chars().take(4).collect::<String>().to_ascii_lowercase();
        if ["br", "p", "/p", "div", "/div", "tr", "li", "/tr"].iter().any(|block| name.starts_with(block)) {
            page.text.push('\n');
        }
        rest = behind;
        if page.text.len() > MAX_TEXT {
            return page;
        }
    }
    page.text.push_str(beginning(rest, MAX_TEXT));
    page
}

struct Sink {
    state: RefCell<State>,
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
struct State {
    page: Page,
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
    tokens: usize,
    work: usize,
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

    fn finish(mut self) -> Page {
        self.line_end();
        self.page
    }
}

fn key(name: &str) -> Name {
    let head = name.bytes().take(8).fold(0u64, |key, byte| key << 8 | u64::from(byte));
    (head, name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(html: &str) -> Vec<(u8, String)> {
        let page = Page::read(html);
        page.lines().iter().filter(|line| !line.text.is_empty()).map(|line| (line.depth, line.text.to_owned())).collect()
    }

    #[test]
    fn blocks_are_lines_and_quotes_are_deep() {
        let html = "<div dir=ltr>Da,&nbsp;vin<br>cu drag</div><div class=\"gmail_quote\"><div class=gmail_attr>On x wrote:</div>\
            <blockquote class=gmail_quote><p>Text <b>of</b> ours</p></blockquote></div>";
        assert_eq!(
            seen(html),
            [(0, "Da, vin".to_owned()), (0, "cu drag".to_owned()), (0, "On x wrote:".to_owned()), (1, "Text of ours".to_owned())]
        );
    }

    #[test]
    fn an_indent_is_no_quote_and_hidden_text_is_none() {
        assert_eq!(seen("<blockquote style=\"margin:0 0 0 40px;border:none\">Vin</blockquote>"), [(0, "Vin".to_owned())]);
        assert_eq!(seen("<style>p{}</style><div style=\"display: none\">x</div><script>1<2</script>a"), [(0, "a".to_owned())]);
    }

    #[test]
    fn what_is_struck_out_is_not_said() {
        for html in [
            "I will <s>not</s> come.",
            "I will <strike>not</strike> come.",
            "I will <del>not</del> come.",
            "I will <span style=\"color: red; text-decoration: line-through\">not</span> come.",
        ] {
            assert_eq!(seen(html), [(0, "I will come.".to_owned())], "{html}");
            assert_eq!(Page::read(html).struck(), "not", "{html}");
        }
        for html in ["I come.<blockquote>For <s>50</s> 40</blockquote>", "I come.<div id=divRplyFwdMsg>From: A</div><s>50</s> 40"] {
            assert_eq!((Page::read(html).struck(), Page::read(html).struck_below()), ("", "50"), "{html}");
        }
        assert_eq!(Page::read("<blockquote><s>50</s> or <s>60</s></blockquote>").struck_below(), "50\u{1f}60", "two places are two");
    }

    #[test]
    fn what_has_a_million_attributes_is_stripped() {
        let html = format!("<p>Da</p><a {}>vin</a>", "b c=d ".repeat(50_000));
        let text = Page::read(&html).text;
        assert!(text.contains("Da") && text.contains("vin"));
    }
}
