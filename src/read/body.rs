//! Which part of a mail is its text, and what was typed in it.

use super::Context;
use super::html::Page;
use super::parts::Leaf;
use super::said::{self, Said};
use crate::model::mail::KEPT_BELOW_QUOTE;
use mail_parser::Message;
use std::borrow::Cow;

/// Longer bodies are read up to here.
const MAX_BODY: usize = 1024 * 1024;

/// What the guest typed: from the text part where it tells enough, else from the HTML.
pub(super) fn read(message: &Message<'_>, leaves: &[Leaf<'_>], tld: Option<&str>, context: &Context<'_>) -> Said {
    if let Some(page) = html_then_text(message, leaves, tld) {
        return of_html(&page, context);
    }
    let plain = plain(message, leaves, tld);
    let has_html = leaves.iter().any(is_html);
    let tells = |text: &&str| !(is_blank(text) || has_html && is_stub(text));
    let read = plain.as_deref().filter(tells).map(|text| said::said(text, context));
    let html = || html(message, leaves, tld);
    match read {
        None => html().map(|html| of_html(&html, context)).unwrap_or_default(),
        Some(text) => {
            let doubtful = text.said.contains('\u{FFFD}') || text.notes.iter().any(|note| note == KEPT_BELOW_QUOTE);
            if !doubtful && (!text.quoted.is_empty() || !has_html) {
                return text;
            }
            // The text part shows no quote: does the HTML?
            match html() {
                Some(html) if doubtful || has_quote_marks(&html) => {
                    let rich = of_html(&html, context);
                    if rich.said.is_empty() && !text.said.is_empty() && rich.quoted.is_empty() { text } else { rich }
                }
                _ => text,
            }
        }
    }
}

/// All text of a notice, its parts one below the other.
pub(super) fn whole(message: &Message<'_>, leaves: &[Leaf<'_>], tld: Option<&str>) -> String {
    let plain = plain(message, leaves, tld).filter(|text| !text.trim().is_empty());
    let text = plain.or_else(|| html(message, leaves, tld).map(|html| Page::read(&html).text().to_owned().into()));
    said::line::normalise(&text.unwrap_or_default()).into_owned()
}

fn of_html(html: &str, context: &Context<'_>) -> Said {
    let page = Page::read(html);
    said::of_lines(page.lines(), page.text(), context)
}

fn is_html(leaf: &Leaf<'_>) -> bool {
    leaf.mime == "text/html" && !leaf.attachment
}

/// The text parts; format=flowed is undone.
fn plain<'m>(message: &'m Message<'m>, leaves: &[Leaf<'m>], tld: Option<&str>) -> Option<Cow<'m, str>> {
    let texts: Vec<&Leaf<'m>> = leaves.iter().filter(|leaf| is_plain(leaf)).take(20).collect();
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

/// A body of HTML with text parts below it, as list servers and gateways append theirs: all in its order, as one page.
///
/// None where the first part is text, or where the parts are alternatives of each other.
fn html_then_text(message: &Message<'_>, leaves: &[Leaf<'_>], tld: Option<&str>) -> Option<String> {
    let shown = || leaves.iter().filter(|leaf| is_html(leaf) || is_plain(leaf) && !leaf.alternative);
    let first = leaves.iter().find(|leaf| is_html(leaf) || is_plain(leaf))?;
    if !is_html(first) || first.alternative || !shown().any(is_plain) {
        return None;
    }
    let mut page = String::new();
    for leaf in shown().take(20) {
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

/// Text that is shown, not attached; a part without a declaration is text.
fn is_plain(leaf: &Leaf<'_>) -> bool {
    matches!(leaf.mime.as_str(), "text/plain" | "text/" | "text" | "text/enriched")
        && !leaf.attachment
        && leaf.file_name.is_none_or(str::is_empty)
}

fn html<'m>(message: &'m Message<'m>, leaves: &[Leaf<'m>], tld: Option<&str>) -> Option<Cow<'m, str>> {
    let mut parts = leaves.iter().filter(|leaf| is_html(leaf)).take(20);
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
    let end = (0..4).filter_map(|back| MAX_BODY.checked_sub(back)).find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    Cow::Owned(text.get(..end).unwrap_or_default().to_owned())
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{A0}' | '\u{200B}' | '\u{FEFF}'))
}

fn is_blank(text: &str) -> bool {
    trimmed(text).is_empty()
}

/// The sentence of a program that writes HTML only. Where there is no HTML, it is a person's.
fn is_stub(text: &str) -> bool {
    let trimmed = trimmed(text);
    trimmed.len() < 400 && {
        let lower = trimmed.to_ascii_lowercase();
        [
            "not support html",
            "doesn't support html",
            "html-enabled",
            "view this email in html",
            "html format",
            "this is an html message",
            "html email",
        ]
        .iter()
        .any(|stub| lower.contains(stub))
    }
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
