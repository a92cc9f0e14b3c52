//! A guest's words above our letter, in the shape in which each mail program quotes it.

use super::{Client, letter::Opened};

/// Octets of our letter that are quoted; a guest's program would quote all, a rehearsal need not.
const QUOTED: usize = 64 << 10;

/// The text and, where the program writes one, the HTML of a reply.
pub(super) fn reply(words: &str, client: Client, letter: &Opened) -> (String, Option<String>) {
    let line = letter.dialect.attribution(client, &letter.date, &letter.from_name, letter.from.as_str()).unwrap_or_default();
    let original = cut(&letter.text);
    match client {
        Client::Gmail => {
            let text = format!("{words}\n\n{line}\n\n{}", marked(original));
            let html = format!(
                "<div dir=\"ltr\">{}</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">{}<br></div>\
                 <blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">\
                 {}</blockquote></div>",
                divs(words),
                escaped(&line),
                quoted_html(letter),
            );
            (text, Some(html))
        }
        Client::AppleMail => {
            let text = format!("{words}\n\n{}", marked(&format!("{line}\n\n{original}")));
            let html = format!(
                "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head>\
                 <body style=\"overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;\">{}\
                 <br id=\"lineBreakAtBeginningOfMessage\"><div><br><blockquote type=\"cite\"><div>{}</div>\
                 <br class=\"Apple-interchange-newline\"><div>{}</div></blockquote></div><br></body></html>",
                divs(words),
                escaped(&line),
                quoted_html(letter),
            );
            (text, Some(html))
        }
        Client::OutlookDesktop => {
            let text = format!("{words}\n\n{}\n\n{original}", header_block(letter).join("\n"));
            let rows: Vec<_> = header_block(letter).iter().map(|row| bold_label(row)).collect();
            let html = format!(
                "<html><body lang=\"{}\"><div class=\"WordSection1\">{}<p class=\"MsoNormal\">&nbsp;</p>\
                 <div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=\"MsoNormal\">{}</p></div></div>\
                 <p class=\"MsoNormal\">&nbsp;</p>{}</div></body></html>",
                letter.dialect.region,
                paragraphs(words),
                rows.join("<br>"),
                quoted_html(letter),
            );
            (text, Some(html))
        }
        Client::OutlookWeb => {
            let rule = "_".repeat(32);
            let text = format!("{words}\n\n{rule}\n{}\n\n{original}", header_block(letter).join("\n"));
            let rows: Vec<_> = header_block(letter).iter().map(|row| bold_label(row)).collect();
            let html = format!(
                "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head><body dir=\"ltr\">\
                 <div class=\"elementToProof\">{}</div><div id=\"appendonsend\"></div>\
                 <hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"><div id=\"divRplyFwdMsg\" dir=\"ltr\">\
                 <font face=\"Calibri, sans-serif\" style=\"font-size:11pt\" color=\"#000000\">{}</font><div>&nbsp;</div></div>\
                 <div>{}</div></body></html>",
                divs(words),
                rows.join("<br>"),
                quoted_html(letter),
            );
            (text, Some(html))
        }
        Client::Thunderbird => (format!("{words}\n\n{line}\n{}", marked(original)), None),
        Client::Phone => (format!("{words}\n\n{}\n\n{}", letter.dialect.phone, marked(&format!("{line}\n\n{original}"))), None),
    }
}

/// From, Sent, To, Subject in the words of the guest's Outlook.
fn header_block(letter: &Opened) -> [String; 4] {
    let [from, sent, to, subject] = letter.dialect.labels;
    [
        format!("{from}: {} <{}>", letter.from_name, letter.from),
        format!("{sent}: {}", letter.dialect.sent(&letter.date)),
        format!("{to}: {} <{}>", letter.guest_name, letter.guest),
        format!("{subject}: {}", letter.subject),
    ]
}

fn bold_label(row: &str) -> String {
    let (label, rest) = row.split_once(": ").unwrap_or(("", row));
    format!("<b>{}:</b> {}", escaped(label), escaped(rest))
}

/// At most [`QUOTED`] octets of a text, cut between characters.
fn cut(text: &str) -> &str {
    let end = (0..=QUOTED.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// Every line behind `>`.
fn marked(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| match line {
        "" => ">".to_owned(),
        line if line.starts_with('>') => format!(">{line}"),
        line => format!("> {line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What stands inside the body of our HTML part, or our text made HTML.
fn quoted_html(letter: &Opened) -> String {
    let Some(html) = &letter.html else { return divs(cut(&letter.text)) };
    let inner = html.split_once("<body").and_then(|(_, rest)| rest.split_once('>')).map_or(html.as_str(), |(_, rest)| rest);
    cut(inner.split_once("</body>").map_or(inner, |(inner, _)| inner)).to_owned()
}

fn divs(words: &str) -> String {
    let line = |line: &str| if line.is_empty() { "<div><br></div>".to_owned() } else { format!("<div>{}</div>", escaped(line)) };
    words.lines().map(line).collect()
}

fn paragraphs(words: &str) -> String {
    words
        .lines()
        .map(|line| format!("<p class=\"MsoNormal\">{}</p>", if line.is_empty() { "&nbsp;".to_owned() } else { escaped(line) }))
        .collect()
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_falls_between_characters() {
        let text = "ă".repeat(QUOTED);
        assert_eq!(cut(&text).len(), QUOTED);
        let text = format!("x{text}");
        assert_eq!(cut(&text).len(), QUOTED - 1);
    }
}
