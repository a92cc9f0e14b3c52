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
