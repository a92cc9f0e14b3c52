//! Which part of a mail is its text, and what was typed in it.

use super::Context;
use super::html::Page;
use super::parts::Leaf;
use super::said::{self, Said};
use super::words::{beginning, fold};
use crate::model::mail::{KEPT_BELOW_QUOTE, PARTS_DIFFER, STRUCK_OUT, TYPED_IN_QUOTE};
use aho_corasick::AhoCorasick;
use mail_parser::{Message, PartType};
use std::{borrow::Cow, sync::LazyLock};

/// HTML that is declared as text is told by what it begins with, within so many bytes.
const MAX_LEAD: usize = 1_000;
/// A longer text is no stub, in bytes.
const MAX_STUB: usize = 400;
/// So much is told of the part that was not read, in bytes.
const MAX_OTHER: usize = 2_000;
/// Longer bodies are read up to here.
const MAX_BODY: usize = 1024 * 1024;
/// So many parts of a kind, text or HTML, are read.
const MAX_TEXTS: usize = 20;

/// So many places that are struck out are compared with what we sent.
const MAX_PIECES: usize = 50;
/// So much is told of what was struck out, in characters.
const MAX_TOLD: usize = 100;

/// What the guest typed: from the text part where it tells enough, else from the HTML. Where they say two things, both are told, and
/// where there is more than was read, that.
pub(super) fn read(message: &Message<'_>, leaves: &[Leaf<'_>], tld: Option<&str>, context: &Context<'_>) -> Said {
    let mut said = of_parts(message, leaves, tld, context);
    if is_cut(leaves) {
        said.cut();
    }
    said
}

/// Whether there are more texts than are read, or a longer one.
fn is_cut(leaves: &[Leaf<'_>]) -> bool {
    let is_long = |leaf: &Leaf<'_>| matches!(&leaf.part.body, PartType::Text(text) if text.len() > MAX_BODY);
    let is_shown = |leaf: &Leaf<'_>| is_shown(leaf, leaves);
    let kinds: [&dyn Fn(&Leaf<'_>) -> bool; 3] = [&is_plain, &is_html, &is_shown];
    kinds.iter().any(|is| leaves.iter().filter(|leaf| is(leaf)).nth(MAX_TEXTS).is_some())
        || leaves.iter().any(|leaf| is_plain(leaf) && is_long(leaf))
}

fn of_parts(message: &Message<'_>, leaves: &[Leaf<'_>], tld: Option<&str>, context: &Context<'_>) -> Said {
    if let Some(page) = in_order(message, leaves, tld) {
        return of_page(&Page::read(&page), context);
    }
    let plain = plain(message, leaves, tld).filter(|text| !is_blank(text));
    let Some(html) = html(message, leaves, tld) else {
        return plain.map(|text| said::said(&text, context)).unwrap_or_default();
    };
    let page = Page::read(&html);
    let Some(plain) = plain.filter(|text| !is_stub(text, page.text())) else { return of_page(&page, context) };
    let (text, rich) = (said::said(&plain, context), of_page(&page, context));
    let whole = said::line::normalise(&plain);
    let differ = are_alternatives(leaves) && said::differ((&text, &whole), (&rich, page.text()));
    let (mut read, other) = chosen(text, rich, &html);
    if differ && !read.notes.iter().any(|note| note == STRUCK_OUT) {
        read.notes.push(format!("{PARTS_DIFFER}{}", beginning(&other, MAX_OTHER)));
    }
    read
}

/// Of the text part and the HTML the one that tells what was typed, and what the other one says.
fn chosen(mut text: Said, rich: Said, html: &str) -> (Said, String) {
    // A text part does not show what the HTML strikes out.
    if may_strike(html) {
        if rich.notes.iter().any(|note| note == STRUCK_OUT) {
            return (rich, text.said);
        }
        let typed = |said: &Said| said.notes.iter().find(|note| note.starts_with(TYPED_IN_QUOTE)).cloned();
        if typed(&text).is_none() {
            text.notes.extend(typed(&rich));
        }
    }
    let doubtful = text.said.contains('\u{FFFD}') || text.notes.iter().any(|note| note == KEPT_BELOW_QUOTE);
    // Where the text part shows no quote the HTML may.
    let is_rich = doubtful || text.quoted.is_empty() && has_quote_marks(html);
    if !is_rich || rich.said.is_empty() && !text.said.is_empty() && rich.quoted.is_empty() {
        return (text, rich.said);
    }
    (rich, text.said)
}

/// Whether the mail has one text part and one of HTML, of which a program shows either.
fn are_alternatives(leaves: &[Leaf<'_>]) -> bool {
    let shown: Vec<&Leaf<'_>> = leaves.iter().filter(|leaf| is_plain(leaf) || is_html(leaf)).collect();
    shown.len() == 2 && shown.iter().all(|leaf| leaf.alternative)
}

/// All text of a notice, its parts one below the other.
pub(super) fn whole(message: &Message<'_>, leaves: &[Leaf<'_>], tld: Option<&str>) -> String {
    let plain = plain(message, leaves, tld).filter(|text| !text.trim().is_empty());
    let text = plain.or_else(|| html(message, leaves, tld).map(|html| Page::read(&html).text().to_owned().into()));
    said::line::normalise(&text.unwrap_or_default()).into_owned()
}

fn of_page(page: &Page, context: &Context<'_>) -> Said {
    let mut said = said::of_lines(page.lines(), page.text(), context);
    if has_words(page.struck()) {
        said.notes.push(STRUCK_OUT.to_owned());
    }
    if page.is_cut() {
        said.cut();
    }
    // Our letters strike nothing out: the guest did, as forms ask for.
    let pieces = || page.struck_below().split(super::html::APART).take(MAX_PIECES).filter(|piece| has_words(piece));
    let sent: Vec<String> = if pieces().next().is_some() { context.sent.iter().map(|sent| folded(sent)).collect() } else { Vec::new() };
    if let Some(struck) = pieces().find(|piece| sent.iter().any(|sent| sent.contains(&folded(piece)))) {
        let struck: String = struck.trim().chars().take(MAX_TOLD).collect();
        said.notes.push(format!("{TYPED_IN_QUOTE}\"{struck}\" is struck out"));
    }
    said
}

fn has_words(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

fn folded(text: &str) -> String {
    fold(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn may_strike(html: &str) -> bool {
    static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        AhoCorasick::builder().ascii_case_insensitive(true).build(["<s>", "<s ", "<strike", "<del>", "<del ", "line-through"]).ok()
    });
    MARKS.as_ref().is_some_and(|marks| marks.is_match(html))
}

/// HTML that is shown, whatever it is declared as.
fn is_html(leaf: &Leaf<'_>) -> bool {
    is_declared_html(leaf) || is_declared_text(leaf) && begins_as_html(leaf)
}

fn is_declared_html(leaf: &Leaf<'_>) -> bool {
    leaf.mime == "text/html" && !leaf.attachment
}

/// Scripts and forms send a page as text/plain; no person begins so.
fn begins_as_html(leaf: &Leaf<'_>) -> bool {
    let PartType::Text(text) = &leaf.part.body else { return false };
    let lead = beginning(text, MAX_LEAD).trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    ["<html", "<!doctype html"].iter().any(|mark| lead.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark)))
}

/// A page that stands where the text belongs, beside the HTML that says the same.
fn is_repeated(leaf: &Leaf<'_>, leaves: &[Leaf<'_>]) -> bool {
    leaf.alternative && !is_declared_html(leaf) && leaves.iter().any(|other| is_declared_html(other) && other.alternative)
}

/// The text parts; format=flowed is undone.
fn plain<'m>(message: &'m Message<'m>, leaves: &[Leaf<'m>], tld: Option<&str>) -> Option<Cow<'m, str>> {
    let texts: Vec<&Leaf<'m>> = leaves.iter().filter(|leaf| is_plain(leaf)).take(MAX_TEXTS).collect();
    match texts.as_slice() {
        [] => None,
        [leaf] => Some(plain_of(message, leaf, tld)),
        many => Some(Cow::Owned(many.iter().map(|leaf| plain_of(message, leaf, tld)).collect::<Vec<_>>().join("\n"))),
    }
}

/// The text of one text part.
fn plain_of<'m>(message: &'m Message<'m>, leaf: &Leaf<'m>, tld: Option<&str>) -> Cow<'m, str> {
    let text = cut(leaf.text(message, tld));
    let flowed = leaf.parameter("format").is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    if flowed && (text.contains(" \n") || text.contains(" \r\n")) {
        let delsp = leaf.parameter("delsp").is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes"));
        return Cow::Owned(said::line::unflow(&text, delsp));
    }
    text
}

/// A body of HTML and text parts that are shown one below the other, as list servers and gateways append theirs: all in its order, as one
/// page.
///
/// None where all is of one kind, or where the parts are alternatives of each other and none is declared wrongly.
fn in_order(message: &Message<'_>, leaves: &[Leaf<'_>], tld: Option<&str>) -> Option<String> {
    let shown = || leaves.iter().filter(|leaf| is_shown(leaf, leaves));
    let first = leaves.iter().find(|leaf| is_html(leaf) || is_plain(leaf))?;
    let mixed = if is_html(first) {
        !(first.alternative && is_declared_html(first)) && shown().any(is_plain)
    } else {
        !first.alternative && shown().any(|leaf| is_html(leaf) && !leaf.alternative)
    };
    if !mixed {
        return None;
    }
    let mut page = String::new();
    for leaf in shown().take(MAX_TEXTS) {
        if is_html(leaf) {
            page.push_str(&leaf.text(message, tld));
            page.push_str("<br>");
        } else {
            let text = plain_of(message, leaf, tld).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            page.push_str("<pre>");
            page.push_str(&text);
            page.push_str("</pre>");
        }
    }
    Some(page)
}

/// What a program shows of parts that stand one below the other.
fn is_shown(leaf: &Leaf<'_>, leaves: &[Leaf<'_>]) -> bool {
    is_html(leaf) && !is_repeated(leaf, leaves) || is_plain(leaf) && !leaf.alternative
}

fn is_plain(leaf: &Leaf<'_>) -> bool {
    is_declared_text(leaf) && !begins_as_html(leaf)
}

/// Text that is shown, not attached; a part without a declaration is text.
fn is_declared_text(leaf: &Leaf<'_>) -> bool {
    matches!(leaf.mime.as_str(), "text/plain" | "text/" | "text" | "text/enriched")
        && !leaf.attachment
        && leaf.file_name.is_none_or(str::is_empty)
}

fn html<'m>(message: &'m Message<'m>, leaves: &[Leaf<'m>], tld: Option<&str>) -> Option<Cow<'m, str>> {
    let mut parts = leaves.iter().filter(|leaf| is_html(leaf) && !is_repeated(leaf, leaves)).take(MAX_TEXTS);
    let first = parts.next()?.text(message, tld);
    let mut rest = parts.peekable();
    if rest.peek().is_none() {
        return Some(first);
    }
    Some(Cow::Owned(rest.fold(first.into_owned(), |all, leaf| all + "<br>" + &leaf.text(message, tld))))
}

fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() <= MAX_BODY {
        return text;
    }
    Cow::Owned(beginning(&text, MAX_BODY).to_owned())
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{A0}' | '\u{200B}' | '\u{FEFF}'))
}

fn is_blank(text: &str) -> bool {
    trimmed(text).is_empty()
}

/// The sentence of a program that writes HTML only: it is short and speaks of HTML, of which the page says nothing. Without a page it
/// is a person's.
fn is_stub(text: &str, page: &str) -> bool {
    let names_html = |text: &str| text.to_ascii_lowercase().contains("html");
    let trimmed = trimmed(text);
    trimmed.len() < MAX_STUB && names_html(trimmed) && !is_blank(page) && !names_html(page)
}

/// Quote marks of HTML that a text part may have lost.
fn has_quote_marks(html: &str) -> bool {
    [
        "<blockquote",
        "<BLOCKQUOTE",
        "gmail_quote",
        "divRplyFwdMsg",
        "border-top:solid",
        "border-top: solid",
        "yahoo_quoted",
        "name=\"quote\"",
        "gmail_signature",
        "moz-cite",
    ]
    .iter()
    .any(|mark| html.contains(mark))
}

#[cfg(test)]
mod tests;
