//! What other programs know and letters do not: a template that uses it goes out with its signs, or with a link to nowhere.
//!
//! None of it is wrong by itself, so it stops nothing; whoever checks a campaign is told.

use super::tags;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeWithOffset};
use regex::Regex;
use std::{ops::Range, sync::LazyLock};

/// So many are told of one template.
const MOST: usize = 20;
/// What is shown of the place, in characters.
const SHOWN: usize = 60;

/// Each with its line in `body`, 1 for the first.
pub(super) fn doubts(body: &str) -> Vec<(u32, String)> {
    if body.trim().is_empty() {
        return vec![(1, "the letter is empty: write its text here, below the second ---".to_owned())];
    }
    let masked = masked(body);
    let mut page = Page { body, found: Vec::new() };
    let mut code = false;
    let mut html = 0..0;
    for (event, place) in TextMergeWithOffset::new(Parser::new_ext(&masked, Options::ENABLE_TABLES).into_offset_iter()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code = true,
            Event::End(TagEnd::CodeBlock) => code = false,
            Event::Start(Tag::Table(_)) => page.table(place.start),
            Event::Start(Tag::Link { link_type, dest_url, .. }) if link_type != LinkType::Email => page.target(&dest_url, place),
            Event::Start(Tag::Image { dest_url, .. }) => page.target(&dest_url, place),
            Event::Start(Tag::HtmlBlock) => html = place,
            Event::End(TagEnd::HtmlBlock) => page.html(&masked, html.clone()),
            Event::InlineHtml(_) => page.html(&masked, place),
            Event::Text(_) if !code => page.text(&masked, place),
            _ => {}
        }
    }
    for (at, line) in masked.lines().enumerate() {
        page.found.extend(single(line).map(|why| (super::set::number(at), why)));
    }
    page.found.truncate(MOST);
    page.found
}

/// A value in single braces, which is printed as it stands.
fn single(line: &str) -> Option<String> {
    static VALUE: LazyLock<Regex> = LazyLock::new(|| {
        let value = r"(?:guest|event|sender)\.\w+|deadline|reply_buttons|(?:date|time|datetime|weekday|time_range) \w+[^{}]*";
        Regex::new(&format!(r"(?:^|[^{{\\])(\{{\s*(?:{value})\s*\}})(?:[^}}]|$)")).expect("a constant pattern")
    });
    let found = VALUE.captures(line)?.get(1)?.as_str();
    Some(format!("{found} is printed as it stands: write it with two braces, {{{found}}}"))
}

/// The same of a subject.
pub(super) fn of_subject(subject: &str) -> Option<String> {
    single(&masked(subject))
}

struct Page<'a> {
    body: &'a str,
    found: Vec<(u32, String)>,
}

impl Page<'_> {
    fn tell(&mut self, at: usize, why: String) {
        let above = self.body.get(..at).unwrap_or_default().matches('\n').count();
        self.found.push((super::set::number(above), why));
    }

    fn shown(&self, place: Range<usize>) -> String {
        let source = self.body.get(place).unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
        let mut shown: String = source.chars().take(SHOWN).collect();
        if shown.len() < source.len() {
            shown.push('…');
        }
        shown
    }

    fn table(&mut self, at: usize) {
        let cure = "write a list, or <table> in HTML";
        self.tell(at, format!("this table is printed with its bars and dashes, because Markdown has no tables here: {cure}"));
    }

    fn target(&mut self, target: &str, place: Range<usize>) {
        if is_nowhere(target) {
            let cure = "write the whole address, beginning with https:// or mailto:";
            let shown = self.shown(place.clone());
            self.tell(place.start, format!("{shown} leads nowhere, because a letter has no folder beside it: {cure}"));
        }
    }

    fn html(&mut self, masked: &str, block: Range<usize>) {
        for tag in tags::of(masked.get(block.clone()).unwrap_or_default()) {
            let place = block.start + tag.place.start..block.start + tag.place.end;
            match tag.name.as_str() {
                "a" => self.target(tag.attribute("href").unwrap_or_default(), place),
                "img" => self.target(tag.attribute("src").unwrap_or_default(), place),
                _ => {}
            }
        }
    }

    /// A text that should have been a link.
    fn text(&mut self, masked: &str, place: Range<usize>) {
        let source = masked.get(place.clone()).unwrap_or_default();
        for (at, _) in source.match_indices("](") {
            let (before, after) = source.split_at_checked(at).unwrap_or_default();
            let (Some(begin), Some(end)) = (before.rfind('['), after.find(')')) else { continue };
            if !before.ends_with('\\') && !before.get(..begin).is_some_and(|before| before.ends_with('\\')) {
                let shown = self.shown(place.start + begin..place.start + at + end + 1);
                let cure = "an address has no spaces, write %20 for each";
                self.tell(place.start + at, format!("{shown} is no link and is printed as it stands: {cure}"));
            }
        }
    }
}

/// The body with something of the same length for each `{{…}}`: what stands there in a letter is one word, and a block's own line
/// is gone.
fn masked(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    for line in body.split_inclusive('\n') {
        let bare = line.trim();
        if ["{{#", "{{/", "{{else", "{{~#", "{{~/"].iter().any(|begin| bare.starts_with(begin)) && bare.rfind("{{") == Some(0) {
            out.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            continue;
        }
        out.push_str(line);
    }
    let mut masked = String::with_capacity(out.len());
    let mut rest = out.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        let (inside, tail) = after.split_once("}}").unwrap_or((after, ""));
        masked.push_str(before);
        let length = rest.len() - before.len() - tail.len();
        let breaks = inside.bytes().map(|byte| byte == b'\n');
        let ends = std::iter::repeat_n(false, length.saturating_sub(inside.len() + 2));
        masked.push_str("{{");
        masked.extend(breaks.chain(ends).map(|newline| if newline { '\n' } else { '{' }));
        rest = tail;
    }
    masked.push_str(rest);
    masked
}

/// Whether a link or an image has an address that nobody else can open. One that begins with a value is looked at with that value.
fn is_nowhere(target: &str) -> bool {
    let target = target.trim();
    if target.is_empty() || target.starts_with(['{', '#']) {
        return false;
    }
    let is_scheme = |scheme: &&str| scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let scheme = target.split_once(':').map(|(scheme, _)| scheme).filter(is_scheme);
    scheme.is_none_or(|scheme| ["file", "cid"].iter().any(|local| scheme.eq_ignore_ascii_case(local)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_changes_no_place() {
        for body in ["a {{b}} c", "{{#if ș}}\nx\n{{/if}}\n", "{{", "a {{b\nc}}}", "{{{x}}}", "{{#if a}}b{{/if}}\n", "ș {{! î }} ț"] {
            assert_eq!(masked(body).len(), body.len(), "{body:?}");
            assert_eq!(masked(body).matches('\n').count(), body.matches('\n').count(), "{body:?}");
        }
        assert_eq!(masked("{{#if a}}\n[x]({{date event.start}})\n{{/if}}"), "         \n[x]({{{{{{{{{{{{{{{{{{{{)\n       ");
    }

    #[test]
    fn what_letters_do_not_have_is_told_with_its_line() {
        for (body, line, why) in [
            (
                "Hi\n\n| Ora | Sesiune |\n|-----|---------|\n| 13:15 | {{event.title}} |\n",
                3,
                "this table is printed with its bars and dashes",
            ),
            ("Hi\n{{#if guest.fee}}\nFee | {{guest.fee}}\n--- | ---\n{{/if}}\n", 3, "this table"),
            ("\n![Logo](logo.png)\n", 2, "![Logo](logo.png) leads nowhere"),
            (
                "see [the\nprogramme](docs/programme-{{guest.lang}}.pdf)",
                1,
                "[the programme](docs/programme-{{guest.lang}}.pdf) leads nowhere",
            ),
            ("[x][1]\n\n[1]: www.x.example/a", 1, "beginning with https://"),
            ("[x](C:\\\\x.pdf)", 1, "leads nowhere"),
            ("[x](file:///home/x.pdf)", 1, "leads nowhere"),
            ("[write](ana@x.example)", 1, "or mailto:"),
            ("<table>\n<tr><td\n><img alt=\"\"\nsrc=\"logo.png\"></td></tr></table>", 3, "<img alt=\"\" src=\"logo.png\"> leads nowhere"),
            ("a <a href='x.pdf'>b</a>", 1, "<a href='x.pdf'> leads nowhere"),
            (
                "Hi\n\n* or [mail us](mailto:x@x.example?subject=Hello World).\n",
                3,
                "[mail us](mailto:x@x.example?subject=Hello World) is no link",
            ),
            (
                "Hi\n\nDear {guest.name}, on {{date event.start}}\n",
                3,
                "{guest.name} is printed as it stands: write it with two braces, {{guest.name}}",
            ),
            ("Come on { date event.start }!\n", 1, "{ date event.start } is printed"),
            ("{reply_buttons}\n", 1, "write it with two braces, {{reply_buttons}}"),
            ("\n \n", 1, "the letter is empty"),
        ] {
            let found = doubts(body);
            assert!(matches!(found.as_slice(), [(at, what)] if *at == line && what.contains(why)), "{body}: {found:?}");
        }
        assert_eq!(doubts(&"[x](y)\n\n".repeat(50)).len(), MOST);
    }

    #[test]
    fn what_letters_have_is_not_told() {
        for body in [
            "[x]({{event.link}}), [x](https://x.example/?q={{guest.name}}), <{{event.link}}>, <ana@x.example>, [x](mailto:a@x.example)",
            "[x]({{#if guest.link}}{{guest.link}}{{else}}https://x.example{{/if}}) ![x](https://x.example/x.png \"a title\")",
            "[x](<https://x.example/a b>) [y](#there) [z](tel:+40) \\[x\\](y z) [1] (see below)",
            "`[x](a b)` and\n\n    | a | b |\n    |---|---|\n    [x](y)\n\n```\n![x](y)\n| a |\n|---|\n```\n",
            "a | b\n\n---\n\n<a name=\"x\"></a> <a href=\"{{event.link}}\">x</a> <!-- <img src=\"x.png\"> -->",
            "<table><tr><td>a</td></tr></table>\n\n{{reply_buttons}}\n",
            "a {b} {guest} {{{guest.name}}} \\\\{{deadline}} { } {}\n",
        ] {
            assert_eq!(doubts(body), [], "{body}");
        }
    }
}
