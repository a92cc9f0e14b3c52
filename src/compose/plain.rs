//! The text/plain part, from the same CommonMark as the HTML: wrapped at 72 columns, links written out.

use super::{buttons::Buttons, html, mark, tags};
use pulldown_cmark::{Event, Tag, TagEnd};

const WIDTH: usize = 72;

/// The text of the body; every line ends with `\n`, none with a space.
pub(super) fn text(chunks: &[Chunk]) -> String {
    let mut out = String::new();
    for chunk in chunks {
        match chunk {
            Chunk::Lines(lines) => out.push_str(lines),
            Chunk::Flow(flow) => flow.write(&flow.words, &mut out),
        }
    }
    out
}

/// The text before its lines are broken, and the links in it whose words were compared with their target.
pub(super) fn chunks(events: &[Event<'_>], buttons: Option<&Buttons>) -> (Vec<Chunk>, Vec<Compared>) {
    let mut page = Page::default();
    for event in events {
        page.take(event, buttons);
    }
    page.flush();
    (page.out, page.compared)
}

/// A stretch of the text.
pub(super) enum Chunk {
    /// Whole lines.
    Lines(String),
    Flow(Flow),
}

/// A block that is yet to be broken into lines.
#[derive(Clone)]
pub(super) struct Flow {
    /// Words between spaces; `\n` is a hard break.
    pub(super) words: String,
    /// What goes before the first line, and before the others.
    first: String,
    rest: String,
    /// Columns beside what goes before; None for a line of code, which is not broken.
    room: Option<usize>,
}

impl Flow {
    /// Writes other words in the place of its own, wrapped between words; a word longer than the line stands alone.
    pub(super) fn write(&self, words: &str, out: &mut String) {
        let mut before = self.first.as_str();
        let mut line = |begin: usize, out: &mut String| {
            out.truncate(begin + out.get(begin..).map_or(0, |line| line.trim_end().len()));
            out.push('\n');
            before = self.rest.as_str();
            out.push_str(before);
            out.len() - before.len()
        };
        let mut begin = out.len();
        out.push_str(&self.first);
        let Some(room) = self.room else {
            out.push_str(words);
            let next = line(begin, out);
            out.truncate(next);
            return;
        };
        for hard in words.trim().split('\n') {
            let mut width = 0;
            for word in hard.split(' ').filter(|word| !word.is_empty()) {
                let long = word.chars().count();
                if width > 0 && width + 1 + long > room {
                    begin = line(begin, out);
                    width = 0;
                }
                if width > 0 {
                    out.push(' ');
                    width += 1;
                }
                out.push_str(word);
                width += long;
            }
            begin = line(begin, out);
        }
        out.truncate(begin);
    }
}

/// A link's words and its target, and whether they were found to say the same.
pub(super) struct Compared {
    pub(super) text: String,
    pub(super) target: String,
    pub(super) same: bool,
}

/// Goes before the lines of a block: a list's bullet once, then as much space; a quote's `> ` always.
struct Prefix {
    first: Option<String>,
    rest: String,
}

#[derive(Default)]
struct Page {
    out: Vec<Chunk>,
    compared: Vec<Compared>,
    /// The block being read; `\n` is a hard break.
    block: String,
    prefixes: Vec<Prefix>,
    /// For each open list, the number of its next item.
    lists: Vec<Option<u64>>,
    /// Where in `block` an open link's text begins, and its target.
    links: Vec<(usize, String)>,
    /// A blank line is due before the next block.
    gap: bool,
    verbatim: bool,
    html: String,
}

impl Page {
    fn take(&mut self, event: &Event<'_>, buttons: Option<&Buttons>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            Event::Text(text) if &**text == mark::BUTTONS => {
                self.paragraph();
                if let Some(buttons) = buttons {
                    self.block.push_str(buttons.intro());
                    self.paragraph();
                    self.blank();
                    for line in buttons.lines() {
                        self.line(&line);
                    }
                    self.gap = true;
                }
            }
            Event::Text(text) | Event::Code(text) => self.block.push_str(&mark::unwrap(text)),
            Event::SoftBreak => self.block.push(' '),
            Event::HardBreak => self.block.push('\n'),
            Event::Rule => {
                self.paragraph();
                self.block.push_str("---");
                self.paragraph();
            }
            Event::Html(html) => self.html.push_str(html),
            Event::InlineHtml(tag) => self.inline_tag(tag),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } => self.flush(),
            Tag::BlockQuote(_) => {
                self.paragraph_if_any();
                self.blank();
                self.prefixes.push(Prefix { first: None, rest: "> ".into() });
            }
            Tag::CodeBlock(_) => {
                self.paragraph_if_any();
                self.verbatim = true;
            }
            Tag::List(number) => {
                self.flush();
                self.lists.push(*number);
            }
            Tag::Item => {
                self.flush();
                let first = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let first = format!("{number}. ");
                        *number = number.saturating_add(1);
                        first
                    }
                    _ => "- ".to_owned(),
                };
                let rest = " ".repeat(first.len());
                self.prefixes.push(Prefix { first: Some(first), rest });
            }
            Tag::Link { dest_url, .. } => {
                let target = mark::target(dest_url).unwrap_or_default();
                self.links.push((self.block.len(), target));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) => self.paragraph(),
            TagEnd::CodeBlock => {
                let code = std::mem::take(&mut self.block);
                self.blank();
                for line in code.lines() {
                    let (first, rest) = self.before();
                    self.out.push(Chunk::Flow(Flow { words: line.to_owned(), first, rest, room: None }));
                }
                self.verbatim = false;
                self.gap = true;
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.prefixes.pop();
                self.gap = true;
            }
            TagEnd::Item => {
                self.flush();
                self.prefixes.pop();
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap = self.gap || self.lists.is_empty();
            }
            TagEnd::Link => self.close_link(),
            TagEnd::HtmlBlock => {
                let html = std::mem::take(&mut self.html);
                let html = self.linked(&html);
                for line in words(&html) {
                    self.block.push_str(&line);
                    self.paragraph();
                }
            }
            _ => {}
        }
    }

    fn close_link(&mut self) {
        let Some((at, target)) = self.links.pop() else { return };
        let text = self.block.get(at..).unwrap_or_default().trim().to_owned();
        let shown = self.link(text, target);
        self.block.truncate(at);
        self.block.push_str(&shown);
    }

    /// `text: URL`, or only the one where both say the same.
    fn link(&mut self, text: String, target: String) -> String {
        let same = same(&text, &target);
        self.compared.push(Compared { text: text.clone(), target: target.clone(), same });
        match (same, target.to_ascii_lowercase().strip_prefix("mailto:")) {
            (true, Some(_)) => text,
            (true, None) => target,
            (false, _) if text.is_empty() => target,
            (false, _) if target.is_empty() => text,
            (false, _) => format!("{text}: {target}"),
        }
    }

    /// `<br>` breaks the line, `<a href="…">` is a link, other tags leave only what stands between them.
    fn inline_tag(&mut self, html: &str) {
        for tag in tags::of(html) {
            match (tag.name.as_str(), tag.closes) {
                ("br", _) => self.block.push('\n'),
                ("a", true) => self.close_link(),
                ("a", false) => self.links.extend(href(&tag).map(|target| (self.block.len(), target))),
                _ => {}
            }
        }
    }

    /// A block of HTML with each link written out, as one mark in the place of its tags and of what stands between them.
    ///
    /// A link without an end in its block is written at the end of the block.
    fn linked(&mut self, html: &str) -> String {
        let mut out = String::with_capacity(html.len());
        let mut taken = 0;
        let mut open: Option<(usize, String)> = None;
        for tag in tags::of(html).into_iter().filter(|tag| tag.name == "a") {
            out.push_str(html.get(taken..tag.place.start).unwrap_or_default());
            taken = tag.place.end;
            if let Some((at, target)) = open.take() {
                let text = words(out.get(at..).unwrap_or_default()).join(" ");
                out.truncate(at);
                // What stands in another cell, or close by, is no part of the address.
                let apart = |c: char| matches!(c, '<' | '&') || !c.is_whitespace() && !c.is_ascii_punctuation();
                if out.ends_with('>') {
                    out.push(' ');
                }
                out.push_str(&mark::wrap(&self.link(text, target)));
                if html.get(taken..).and_then(|after| after.chars().next()).is_some_and(apart) {
                    out.push(' ');
                }
            }
            if !tag.closes {
                open = href(&tag).map(|target| (out.len(), target));
            }
        }
        out.push_str(html.get(taken..).unwrap_or_default());
        if let Some((_, target)) = open {
            out.push(' ');
            out.push_str(&mark::wrap(&target));
        }
        out
    }

    fn paragraph_if_any(&mut self) {
        if !self.block.trim().is_empty() {
            self.paragraph();
        }
    }

    fn paragraph(&mut self) {
        self.flush();
        self.gap = !self.out.is_empty();
    }

    fn blank(&mut self) {
        if std::mem::take(&mut self.gap) && !self.out.is_empty() {
            let rest: String = self.prefixes.iter().map(|prefix| prefix.rest.as_str()).collect();
            self.out.push(Chunk::Lines(format!("{}\n", rest.trim_end())));
        }
    }

    fn flush(&mut self) {
        let words = std::mem::take(&mut self.block);
        if words.trim().is_empty() || self.verbatim {
            return;
        }
        self.blank();
        let room = WIDTH.saturating_sub(self.prefixes.iter().map(|prefix| prefix.rest.chars().count()).sum()).max(20);
        let (first, rest) = self.before();
        self.out.push(Chunk::Flow(Flow { words, first, rest, room: Some(room) }));
    }

    fn line(&mut self, line: &str) {
        let (first, _) = self.before();
        self.out.push(Chunk::Lines(format!("{}\n", format!("{first}{line}").trim_end())));
    }

    /// What goes before the next line, and before the lines after it.
    fn before(&mut self) -> (String, String) {
        let mut first = String::new();
        for prefix in &mut self.prefixes {
            match prefix.first.take() {
                Some(bullet) => first.push_str(&bullet),
                None => first.push_str(&prefix.rest),
            }
        }
        (first, self.prefixes.iter().map(|prefix| prefix.rest.as_str()).collect())
    }
}

/// Where an `<a>` leads. A value that is no address has stopped the letter before ([`html::body`]).
fn href(tag: &tags::Tag) -> Option<String> {
    let written = tag.attribute("href")?.trim().replace("&amp;", "&");
    Some(match html::is_number(&written) {
        true => mark::unwrap(&written),
        false => mark::target(&written).unwrap_or_default(),
    })
}

/// The lines of a text of HTML that say something.
fn words(html: &str) -> Vec<String> {
    let text = mail_parser::decoders::html::html_to_text(html);
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| mark::unwrap(line.trim())).collect()
}

/// Whether a link's words are its target.
pub(super) fn same(text: &str, target: &str) -> bool {
    bare(text) == bare(target)
}

fn bare(link: &str) -> String {
    let lower = link.to_lowercase();
    let short = ["https://", "http://", "mailto:", "tel:"].iter().find_map(|scheme| lower.strip_prefix(scheme)).unwrap_or(&lower);
    short.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    fn text(markdown: &str) -> String {
        super::text(&super::chunks(&super::super::html::events(markdown).expect("flat"), None).0)
    }

    #[test]
    fn blocks_become_lines() {
        let markdown = "# Title\n\nOne **bold** word,\nsame line.  \nNext.\n\n* a\n* b\n  1. c\n  2. d\n\n> quoted\n>\n> twice\n\n---\n\n    code  x\n";
        let expected = "Title\n\nOne bold word, same line.\nNext.\n\n- a\n- b\n  1. c\n  2. d\n\n> quoted\n>\n> twice\n\n---\n\ncode  x\n";
        assert_eq!(text(markdown), expected);
    }

    #[test]
    fn links_are_written_out_and_never_broken() {
        assert_eq!(text("<https://x.example/> and [x](https://y.example)"), "https://x.example/ and x: https://y.example\n");
        assert_eq!(text("[a@x.example](mailto:a@x.example), <b@x.example>"), "a@x.example, b@x.example\n");
        let long = format!("https://x.example/{}", "a-b".repeat(60));
        assert!(text(&format!("word word word word <{long}> word")).lines().any(|line| line == long));
    }

    #[test]
    fn lines_keep_within_the_width() {
        assert!(text(&"cuvânt ".repeat(200)).lines().all(|line| line.chars().count() <= 72));
    }

    #[test]
    fn tags_leave_their_words() {
        assert_eq!(
            text("<div>one &amp; two</div>\n\na <b>b</b><br>c <a href=\"https://x.example\">d</a>"),
            "one & two\n\na b\nc d: https://x.example\n"
        );
    }

    #[test]
    fn links_in_a_block_of_html_are_written_out() {
        for (html, expected) in [
            (
                "<table><tr><td><a href=\"https://x.example/r?a=1&amp;b=2\">Register\nnow</a></td></tr></table>\n",
                "Register now: https://x.example/r?a=1&b=2\n",
            ),
            (
                "<p>See <a class=b HREF='https://x.example/s'>the <b>programme</b></a>, please</p>\n",
                "See the programme: https://x.example/s, please\n",
            ),
            (
                "<div><a href=\"https://x.example/\">x.example</a> or <a href=\"mailto:a@x.example\">a@x.example</a></div>\n",
                "https://x.example/ or a@x.example\n",
            ),
            ("<p><a href=\"https://x.example\"><img src=\"https://x.example/l.png\"></a></p>\n", "https://x.example\n"),
            ("<p><a name=\"top\">Here</a> <!-- <a href=\"https://no.example\">no</a> -->one</p>\n", "Here one\n"),
            ("<div>\n<a href=\"https://x.example\">\n\n**Register**\n\n</a>\n</div>\n", "https://x.example\n\nRegister\n"),
            (
                "<table><tr><td><a href=\"https://x.example/y\">Yes</a></td><td><a href=\"https://x.example/n\">No</a></td><td>or</td></tr></table>\n",
                "Yes: https://x.example/y No: https://x.example/n or\n",
            ),
            (
                "<p><a href=\"https://x.example\">one <a href=\"https://y.example\">two</a></p>\n",
                "one: https://x.example two: https://y.example\n",
            ),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
        assert_eq!(text("x <abbr title=\"y\"><a data-href=\"no\" href = 'https://x.example'>z</a></abbr>\n"), "x z: https://x.example\n");
    }
}
