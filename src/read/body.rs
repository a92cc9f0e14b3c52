//! Which part of a mail is its text, and what was typed in it.

use super::Context;
use super::html::Page;
use super::parts::Leaf;
use super::said::{self, Said};
use super::words::{beginning, fold};
use crate::model::mail::{KEPT_BELOW_QUOTE, STRUCK_OUT, TYPED_IN_QUOTE};
use aho_corasick::AhoCorasick;
use mail_parser::{Message, PartType};
use std::{borrow::Cow, sync::LazyLock};

/// HTML that is declared as text is told by what it begins with, within so many bytes.
const MAX_LEAD: usize = 1_000;
/// Longer bodies are read up to here.
const MAX_BODY: usize = 1024 * 1024;

/// So many places that are struck out are compared with what we sent.
const MAX_PIECES: usize = 50;
/// So much is told of what was struck out, in characters.
const MAX_TOLD: usize = 100;

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
        Some(mut text) => {
            // A text part does not show what the HTML strikes out.
            if let Some(html) = leaves.iter().any(is_html).then(html).flatten().filter(|html| may_strike(html)) {
                let rich = of_html(&html, context);
                if rich.notes.iter().any(|note| note == STRUCK_OUT) {
                    return rich;
                }
                let typed = |said: &Said| said.notes.iter().find(|note| note.starts_with(TYPED_IN_QUOTE)).cloned();
                if typed(&text).is_none() {
                    text.notes.extend(typed(&rich));
                }
            }
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
    let mut said = said::of_lines(page.lines(), page.text(), context);
    if has_words(page.struck()) {
        said.notes.push(STRUCK_OUT.to_owned());
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
/// None where the first part is text, or where the parts are alternatives of each other and none is declared wrongly.
fn html_then_text(message: &Message<'_>, leaves: &[Leaf<'_>], tld: Option<&str>) -> Option<String> {
    let shown = || leaves.iter().filter(|leaf| is_html(leaf) && !is_repeated(leaf, leaves) || is_plain(leaf) && !leaf.alternative);
    let first = leaves.iter().find(|leaf| is_html(leaf) || is_plain(leaf))?;
    if !is_html(first) || first.alternative && is_declared_html(first) || !shown().any(is_plain) {
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
    let mut parts = leaves.iter().filter(|leaf| is_html(leaf) && !is_repeated(leaf, leaves)).take(20);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Mail;

    fn mail(plain: &str, html: &str, sent: &[String]) -> Mail {
        let raw = format!(
            "From: ana@x.example\r\nSubject: Re: Gala\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\n{plain}\r\n--b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
        );
        crate::read::mail(raw.as_bytes(), &Context { sent, ..Context::default() })
    }

    #[test]
    fn html_that_is_declared_as_text_is_read_as_html() {
        let read = |rest: &str| {
            let raw = format!("From: ana@x.example\r\nSubject: Re: Gala\r\nMIME-Version: 1.0\r\n{rest}");
            crate::read::mail(raw.as_bytes(), &Context::default()).said
        };
        for page in [
            "<html><body><p>I cannot come.</p></body></html>",
            "\r\n  <HTML>\r\n<body>I cannot<b> come</b>.</body></HTML>",
            "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\">\r\n<html><p>I cannot come.</p></html>",
            "\u{FEFF}<!doctype html><p>I cannot come.</p>",
        ] {
            assert_eq!(read(&format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{page}\r\n")), "I cannot come.", "{page}");
            assert_eq!(read(&format!("\r\n{page}\r\n")), "I cannot come.", "{page}");
            assert_eq!(mail(page, "<p>I cannot come.</p>", &[]).said, "I cannot come.", "{page}");
            let first = format!("--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{page}\r\n");
            let html = "--b\r\nContent-Type: text/html\r\n\r\n<p>I cannot come.</p>\r\n";
            let kinds = |kind: &str, parts: &str| format!("Content-Type: multipart/{kind}; boundary=b\r\n\r\n{parts}--b--\r\n");
            let footer = "--c\r\nContent-Type: text/plain\r\n\r\nSee you then.\r\n--c--\r\n";
            let inner = kinds("alternative", &format!("{first}{html}"));
            let nested = format!("Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n{inner}{footer}");
            assert_eq!(folded(&read(&nested)), "i cannot come. see you then.", "{page}");
        }
        assert_eq!(read("\r\nI cannot come. <html> is for pages.\r\n"), "I cannot come. <html> is for pages.");
    }

    #[test]
    fn what_the_html_strikes_out_is_not_said_though_the_text_part_has_it() {
        let read = mail("I will not come.", "<p>I will <s>not</s> come.</p>", &[]);
        assert_eq!((read.said.as_str(), read.notes.as_slice()), ("I will come.", [STRUCK_OUT.to_owned()].as_slice()));
        let quote = |words: &str| format!("<p>Here is the form.</p><blockquote type=cite>Please strike out: {words}</blockquote>");
        let sent = ["Please strike out: I will attend / I will not attend".to_owned()];
        for (words, notes) in [
            ("I will attend / <s>I will not attend</s>", &[format!("{TYPED_IN_QUOTE}\"I will not attend\" is struck out")][..]),
            ("I will attend / I will not attend", &[]),
            ("<s>50 euro</s> 40 euro", &[]),
        ] {
            let read = mail("Here is the form.", &quote(words), &sent);
            assert_eq!((read.said.as_str(), read.notes.as_slice()), ("Here is the form.", notes), "{words}");
        }
    }
}
