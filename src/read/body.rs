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
mod tests {
    use super::*;
    use crate::model::{Mail, mail::CUT};

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
    fn text_and_html_one_below_the_other_are_both_read() {
        let part = |kind: &str, words: &str| format!("--b\r\nContent-Type: text/{kind}\r\n\r\n{words}\r\n");
        let (yes, no) = ("Yes, I will come.", "<p>In fact I cannot come.</p>");
        for (parts, said) in [
            ([part("plain", yes), part("html", no)], "Yes, I will come.\nIn fact I cannot come."),
            ([part("html", no), part("plain", yes)], "In fact I cannot come.\nYes, I will come."),
        ] {
            let raw = format!(
                "From: ana@x.example\r\nSubject: Re: Gala\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
                parts.concat()
            );
            let read = crate::read::mail(raw.as_bytes(), &Context::default()).said;
            let lines: Vec<&str> = read.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            assert_eq!(lines.join("\n"), said);
        }
    }

    #[test]
    fn a_text_part_that_says_something_else_than_the_html_is_told() {
        let quote = "On 16.11.2026 09:00, Town hall <rsvp@us.example> wrote:";
        let asked = "Please tell us whether you can come or cannot.";
        let (text, html) = (
            |said: &str| format!("{said}\r\n\r\n{quote}\r\n> {asked}\r\n"),
            |said: &str| {
                format!(
                    "<div>{said}</div><div class=gmail_quote><div>{}</div><blockquote>{asked}</blockquote></div>",
                    quote.replace('<', "&lt;")
                )
            },
        );
        let notes = |plain: &str, html: &str| mail(plain, html, &[]).notes;
        let told = |other: &str| vec![format!("{PARTS_DIFFER}{other}")];
        assert_eq!(notes(&text("I can come."), &html("I cannot come.")), told("I cannot come."));
        assert_eq!(notes("Open this message in your browser.", "<p>I cannot come.</p>"), told("I cannot come."));
        assert_eq!(notes("Dear all,", "<p>Dear all,</p><p>I cannot come.</p>"), told("Dear all,\n\nI cannot come."));
        assert_eq!(notes(&text("I cannot come."), &html("I cannot come.")), Vec::<String>::new());
        // Links, pictures and signatures look different in the two.
        let signed = "I cannot come.\r\n\r\n*Ana Pop*\r\nMayor\r\n[image: logo] <https://x.example/l>";
        let marked = "I cannot come.<div class=gmail_signature><b>Ana Pop</b><br>Mayor<br><img src=x alt=Arms></div>";
        assert_eq!(notes(&text(signed), &html(marked)), Vec::<String>::new());
        assert_eq!(mail("Diese Nachricht ist nur in HTML lesbar.", "<p>Ich komme nicht.</p>", &[]).said, "Ich komme nicht.");
    }

    #[test]
    fn more_than_is_read_is_told() {
        let noted = |parts: &[String]| {
            let raw = format!(
                "From: ana@x.example\r\nSubject: Re: Gala\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                 {}--b--\r\n",
                parts.concat()
            );
            crate::read::mail(raw.as_bytes(), &Context::default()).notes.iter().filter(|note| *note == CUT).count()
        };
        let part = |kind: &str, words: &str| format!("--b\r\nContent-Type: {kind}\r\n\r\n{words}\r\n");
        let (text, page) = (part("text/plain", "I come."), part("text/html", "<p>I come."));
        let picture = part("image/png; name=logo.png", "x");
        for (parts, cut) in [
            (vec![text.clone(); MAX_TEXTS], 0),
            (vec![text.clone(); MAX_TEXTS + 1], 1),
            (vec![page.clone(); MAX_TEXTS], 0),
            (vec![page.clone(); MAX_TEXTS + 1], 1),
            (vec![format!("{text}{page}"); MAX_TEXTS / 2], 0),
            (vec![format!("{text}{page}"); MAX_TEXTS / 2 + 1], 1),
            (vec![text.clone(), picture.repeat(400)], 0),
            (vec![text.clone(), picture.repeat(600), part("text/plain", "In fact I cannot come.")], 1),
            (vec![part("text/plain", &"I come. ".repeat(MAX_BODY / 8 + 1))], 1),
            (vec![part("text/html", &"I come. ".repeat(MAX_BODY / 8 + 1))], 1),
            (vec![part("text/plain", &"I\n".repeat(20_001))], 1),
            (vec![part("text/plain", &"I will come, and shall be glad to.\n".repeat(2_000))], 1),
        ] {
            assert_eq!(noted(&parts), cut, "{} parts, {:.200}", parts.len(), parts.concat());
        }
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
