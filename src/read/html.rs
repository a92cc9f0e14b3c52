//! HTML as lines: what the markup says of quotes and signatures becomes depth and [`Mark`].
//!
//! html5ever's tokenizer reads the tags; no tree is built, so deep nesting and misnesting cost nothing. What the
//! tokenizer itself cannot do in linear time (thousands of attributes in one tag) goes to [`strip`].

mod hints;
mod sink;

use super::{
    said::line::{Line, Mark, normalise},
    words::beginning,
};
use html5ever::{
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tokenizer, TokenizerOpts},
};
use sink::Sink;

/// Longer HTML is cut.
const MAX_HTML: usize = 4 * 1024 * 1024;
/// The tokenizer compares each attribute with all before it: so many comparisons are allowed in one mail.
const MAX_WORK: usize = 4_000_000;
/// Longer text is cut.
const MAX_TEXT: usize = 1024 * 1024;
/// Between what is struck out in one place and in the next.
pub(super) const APART: char = '\u{1F}';

/// A body made of HTML: text with one mark a line.
#[derive(Default)]
pub(super) struct Page {
    text: String,
    marks: Vec<(u8, Mark)>,
    /// What is struck out: it is not meant, and stands in no line.
    struck: String,
    /// As that, in a quote.
    struck_below: String,
    /// There is more of it than was read.
    cut: bool,
}

impl Page {
    /// Reads HTML; never fails.
    pub(super) fn read(html: &str) -> Self {
        let cut = html.len() > MAX_HTML;
        let html = without_comments(beginning(html, MAX_HTML));
        let mut page = tokenize(&html).unwrap_or_else(|| strip(&html));
        page.cut = cut || page.text.len() >= MAX_TEXT;
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

    pub(super) fn is_cut(&self) -> bool {
        self.cut
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
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
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
