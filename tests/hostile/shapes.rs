//! Hostile mails of any size, made in code: each is one way to cost more than it should.

/// One shape: its name, and a mail of about so many bytes.
pub struct Shape {
    pub name: &'static str,
    pub make: fn(usize) -> Vec<u8>,
}

const HEAD: &str = "From: Ana Pop <ana@guest.example>\r\nTo: rsvp@us.example\r\nSubject: Re: Workshop\r\nMessage-ID: <1@guest.example>\r\n\
                    In-Reply-To: <invitation.k7q2m9x4t8wn.1@us.example>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0200\r\nMIME-Version: 1.0\r\n";

/// What we are said to have sent to the guest.
pub const SENT: &str = "Dear Ana Pop,\n\nyou are warmly invited to the online workshop about accessible public services, which takes place on \
                        Tuesday, 10 November, at 13:15. Please tell us by Thursday, 5 November, whether you will take part.\n";

/// `piece` again and again until it has `size` bytes.
fn wall(piece: &str, size: usize) -> String {
    piece.repeat(size.div_ceil(piece.len().max(1)))
}

/// `piece` made of its number, until there are `size` bytes.
fn count(size: usize, piece: impl Fn(usize) -> String) -> String {
    let mut out = String::with_capacity(size + 256);
    let mut number = 0;
    while out.len() < size {
        out.push_str(&piece(number));
        number += 1;
    }
    out
}

fn part(kind: &str, body: &str) -> Vec<u8> {
    format!("{HEAD}Content-Type: {kind}\r\n\r\n{body}\r\n").into_bytes()
}

fn text(body: &str) -> Vec<u8> {
    part("text/plain; charset=utf-8", body)
}

fn html(body: &str) -> Vec<u8> {
    part("text/html; charset=utf-8", body)
}

fn encoded(kind: &str, encoding: &str, body: &str) -> Vec<u8> {
    format!("{HEAD}Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n").into_bytes()
}

fn header(field: &str) -> Vec<u8> {
    format!("{HEAD}{field}\r\n\r\nYes, I come.\r\n").into_bytes()
}

fn calendar(lines: &str) -> Vec<u8> {
    let head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:k7q2m9x4t8wn@us.example\r\n";
    part("text/calendar; method=REPLY; charset=utf-8", &format!("{head}{lines}END:VEVENT\r\nEND:VCALENDAR"))
}

fn bounce(status: &str) -> Vec<u8> {
    let from = HEAD.replace("ana@guest.example", "MAILER-DAEMON@guest.example");
    format!(
        "{from}Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.guest.example\r\n\r\n{status}\r\n--b--\r\n"
    )
    .into_bytes()
}

fn notice(body: &str) -> Vec<u8> {
    let from =
        HEAD.replace("ana@guest.example", "MAILER-DAEMON@guest.example").replace("Re: Workshop", "Undelivered Mail Returned to Sender");
    format!("{from}Return-Path: <>\r\n\r\n{body}\r\n").into_bytes()
}

fn garbage(size: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut out = HEAD.as_bytes().to_vec();
    out.extend_from_slice(b"\r\n");
    out.extend((0..size).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    }));
    out
}

/// Multiparts in multiparts, each with a boundary of its own.
fn tower(size: usize) -> Vec<u8> {
    let open = count(size / 2, |n| format!("Content-Type: multipart/mixed; boundary=\"b{n}\"\r\n\r\n--b{n}\r\n"));
    let levels = open.matches("\r\n\r\n--").count();
    let close: String = (0..levels).rev().map(|n| format!("\r\n--b{n}--\r\n")).collect();
    format!("{HEAD}{open}\r\nYes\r\n{close}").into_bytes()
}

/// Every shape. Names are what the test and the table print.
pub const SHAPES: &[Shape] = &[
    Shape { name: "nested multiparts", make: tower },
    Shape {
        name: "thousands of parts",
        make: |size| part("multipart/mixed; boundary=b", &(wall("--b\r\nContent-Type: text/plain\r\n\r\nYes\r\n", size) + "--b--")),
    },
    Shape {
        name: "thousands of html parts",
        make: |size| part("multipart/mixed; boundary=b", &(wall("--b\r\nContent-Type: text/html\r\n\r\n<p>Yes\r\n", size) + "--b--")),
    },
    Shape { name: "nested messages", make: |size| format!("{HEAD}{}Yes", wall("Content-Type: message/rfc822\r\n\r\n", size)).into_bytes() },
    Shape {
        name: "messages beside messages",
        make: |size| {
            let one = "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <1@x.example>\r\n\r\nYes\r\n";
            part("multipart/report; report-type=delivery-status; boundary=b", &(wall(one, size) + "--b--"))
        },
    },
    Shape {
        name: "boundary look-alikes",
        make: |size| part("multipart/mixed; boundary=b", &format!("--b\r\n\r\n{}\r\n--b--", wall("--bb\r\n--b-\r\n--\r\n-", size))),
    },
    Shape { name: "endless headers", make: |size| header(wall("X-A: b\r\n", size).trim_end()) },
    Shape {
        name: "endless recipients fields",
        make: |size| header(count(size, |n| format!("Delivered-To: a{n}@x.example\r\n")).trim_end()),
    },
    Shape { name: "one endless header", make: |size| header(&format!("X-A: {}", wall("word ", size))) },
    Shape { name: "one endless subject", make: |size| format!("Subject: {}\r\n{HEAD}\r\nYes", wall("[# Re: ", size)).into_bytes() },
    Shape { name: "folds", make: |size| format!("Subject: a\r\n{}{HEAD}\r\nYes", wall(" \r\n", size)).into_bytes() },
    Shape {
        name: "encoded words",
        make: |size| format!("Subject: {}\r\n{HEAD}\r\nYes", wall("=?utf-8?Q?a=C8=99?=\r\n ", size)).into_bytes(),
    },
    Shape { name: "open encoded words", make: |size| format!("Subject: {}\r\n{HEAD}\r\nYes", wall("=?utf-8?B?", size)).into_bytes() },
    Shape { name: "comments in comments", make: |size| format!("From: {}\r\n{HEAD}\r\nYes", wall("(", size)).into_bytes() },
    Shape { name: "references", make: |size| header(&format!("References: {}", count(size, |n| format!("<{n}@x.example>\r\n ")))) },
    Shape { name: "open references", make: |size| header(&format!("References: {}", wall("<", size))) },
    Shape {
        name: "thousands of recipients",
        make: |size| header(&format!("Cc: {}", count(size, |n| format!("A <a{n}@x.example>,\r\n ")))),
    },
    Shape {
        name: "failed recipients",
        make: |size| header(count(size, |n| format!("X-Failed-Recipients: a{n}@x.example, b{n}@x.example\r\n")).trim_end()),
    },
    Shape {
        name: "report of thousands",
        make: |size| {
            bounce(&count(size, |n| format!("Final-Recipient: rfc822; a{n}@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n")))
        },
    },
    Shape { name: "report of one block", make: |size| bounce(&wall("Original-Recipient: rfc822;a@x.example\r\n", size)) },
    Shape { name: "notice of addresses", make: |size| notice(&count(size, |n| format!("<a{n}@x.example>: no such user\r\n"))) },
    Shape { name: "notice of one line", make: |size| notice(&count(size, |n| format!("5.1.1 <a{n}@x.example> "))) },
    Shape {
        name: "automatic reply of dates",
        make: |size| {
            format!(
                "Auto-Submitted: auto-replied\r\n{HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n{}",
                wall("ș until 24.11.2026 ", size)
            )
            .into_bytes()
        },
    },
    Shape {
        name: "automatic reply of weekdays",
        make: |size| {
            format!(
                "Auto-Submitted: auto-replied\r\n{HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n{}",
                wall("👍👍👍👍 👍👍👍👍 👍👍👍👍 👍👍👍👍 monday ", size)
            )
            .into_bytes()
        },
    },
    Shape { name: "marks of quotes", make: |size| text(&wall(">", size)) },
    Shape { name: "lines of quotes", make: |size| text(&wall("> > > yes\r\n", size)) },
    Shape { name: "quotes by name", make: |size| text(&wall("Ana> yes\r\nno\r\n", size)) },
    Shape { name: "attributions without end", make: |size| text(&wall("On Tue, 24 Feb 2026 at 18:30 Ana Pop\r\n", size)) },
    Shape { name: "wrote", make: |size| text(&wall("Ana Pop wrote:\r\n", size)) },
    Shape {
        name: "attributions and quotes",
        make: |size| text(&wall("On Tue, 24 Feb 2026 at 18:30 Ana <a@x.example> wrote:\r\n> yes\r\n", size)),
    },
    Shape {
        name: "attributions alone",
        make: |size| text(&wall("On Tue, 24 Feb 2026 at 18:30 Ana <a@x.example> wrote:\r\n\r\nyes\r\n", size)),
    },
    Shape {
        name: "dates before a colon",
        make: |size| text(&wall("24.02.2026 18:30, ", size - size % 400).replace("18:30, 24", "18:30:\r\n24")),
    },
    Shape { name: "original message", make: |size| text(&wall("-----Original Message-----\r\n", size)) },
    Shape { name: "original message and text", make: |size| text(&wall("-----Original Message-----\r\n\r\nyes\r\n", size)) },
    Shape { name: "header labels", make: |size| text(&wall("From: Ana\r\nSent: 1\r\nTo: Ion\r\n\r\n\r\n", size)) },
    Shape {
        name: "whole header blocks",
        make: |size| text(&wall("From: Ana <a@x.example>\r\nSent: Monday\r\nTo: Ion\r\nSubject: a\r\n\r\nyes\r\n", size)),
    },
    Shape { name: "header labels in one line", make: |size| text(&format!("From: a\r\n{}", wall("From: Sent: To: ", size))) },
    Shape { name: "signature marks", make: |size| text(&wall("-- \r\nyes\r\n", size)) },
    Shape { name: "rules", make: |size| text(&wall("-----\r\n_____\r\nyes\r\n", size)) },
    Shape { name: "phone lines between quotes", make: |size| text(&wall("Sent from my iPhone\r\n> yes\r\n", size)) },
    Shape { name: "disclaimers between quotes", make: |size| text(&wall("Virus-free. www.avast.com\r\n> yes\r\n", size)) },
    Shape { name: "our own letter again and again", make: |size| text(&wall(&format!("{SENT}yes\n"), size)) },
    Shape { name: "beginnings of our letter", make: |size| text(&wall("you are warmly invited to the online workshop no\r\n", size)) },
    Shape { name: "our tags", make: |size| text(&wall("[#k7q2m9x4t8wn] [# ", size)) },
    Shape { name: "spaces", make: |size| text(&wall(" \t\u{A0}\u{3000}", size)) },
    Shape { name: "empty lines", make: |size| text(&wall("\r\n", size)) },
    Shape { name: "bare returns", make: |size| text(&wall("a\r", size)) },
    Shape { name: "zero width", make: |size| text(&wall("a\u{200B}\u{200D}\u{FEFF}", size)) },
    Shape { name: "right to left", make: |size| text(&wall("\u{202E}\u{200F}א ", size)) },
    Shape { name: "combining marks", make: |size| text(&format!("a{}", wall("\u{301}\u{323}", size))) },
    Shape { name: "emoji", make: |size| text(&wall("👍🏽\u{200D}", size)) },
    Shape { name: "one long word", make: |size| text(&wall("da", size)) },
    Shape { name: "dots between letters", make: |size| text(&wall("a.a", size)) },
    Shape { name: "dots between words", make: |size| text(&wall("a.aa.a", size)) },
    Shape { name: "dots behind letters", make: |size| text(&wall("a.a.", size)) },
    Shape { name: "hyphens", make: |size| text(&format!("da {}", wall("-", size))) },
    Shape { name: "one line of words", make: |size| text(&wall("da nu vin poate ", size)) },
    Shape { name: "questions", make: |size| text(&wall("da? nu! vin, ", size)) },
    Shape { name: "links", make: |size| text(&count(size, |n| format!("https://x.example/{n}?a=b@c\r\n"))) },
    Shape { name: "addresses", make: |size| text(&wall("@a@ b@c.example ", size)) },
    Shape { name: "numbers", make: |size| text(&wall("1 2.3 10.11.2026 13:15 5.1.1 ", size)) },
    Shape { name: "NULs", make: |size| text(&wall("\0a\0\r\n", size)) },
    Shape { name: "garbage", make: garbage },
    Shape { name: "flowed", make: |size| part("text/plain; format=flowed; delsp=yes", &wall("> da \r\n", size)) },
    Shape { name: "base64 of garbage", make: |size| encoded("text/plain", "base64", &wall("gP/+AJ+S\r\n", size)) },
    Shape { name: "broken base64", make: |size| encoded("text/html", "base64", &wall("==A*\r\n", size)) },
    Shape { name: "soft breaks", make: |size| encoded("text/plain", "quoted-printable", &wall("=\r\n", size)) },
    Shape { name: "broken quoted-printable", make: |size| encoded("text/plain; charset=utf-8", "quoted-printable", &wall("=C8=G=", size)) },
    Shape { name: "unknown charset", make: |size| encoded("text/plain; charset=x-none", "quoted-printable", &wall("=E3=BA ", size)) },
    Shape { name: "utf-7", make: |size| part("text/plain; charset=utf-7", &wall("+AAA-+", size)) },
    Shape { name: "nested div", make: |size| html(&wall("<div>", size)) },
    Shape { name: "nested blockquote", make: |size| html(&wall("<blockquote>a", size)) },
    Shape { name: "nested tables", make: |size| html(&wall("<table><tr><td>a", size)) },
    Shape { name: "nested inline", make: |size| html(&wall("<b><i>a</b>", size)) },
    Shape { name: "end tags", make: |size| html(&format!("{}{}", wall("<b>", size / 2), wall("</i>", size / 2))) },
    Shape { name: "unclosed tags", make: |size| html(&wall("<div ", size)) },
    Shape { name: "signs of tags", make: |size| html(&wall("<", size)) },
    Shape { name: "attributes", make: |size| html(&format!("<a {}>", count(size, |n| format!("a{n}=b ")))) },
    Shape { name: "open attribute", make: |size| html(&format!("<a b=\"{}", wall("cd", size))) },
    Shape { name: "styles", make: |size| html(&wall("<p style=\"display : block; border: none; border-top: solid #E1E1E1 1pt\">a", size)) },
    Shape { name: "one style sheet", make: |size| html(&format!("<style>{}", wall("p{a:b}</styl", size))) },
    Shape { name: "comments", make: |size| html(&wall("<!-- a -- > <!--->", size)) },
    Shape { name: "markup declarations", make: |size| html(&wall("<!DOCTYPE <![CDATA[ <?", size)) },
    Shape { name: "entities", make: |size| html(&wall("&amp;&#x41;&nbsp;&CounterClockwiseContourIntegral", size)) },
    Shape { name: "entities without end", make: |size| html(&wall("&amp", size)) },
    Shape { name: "line breaks", make: |size| html(&wall("<br>", size)) },
    Shape { name: "calendar: one line", make: |size| calendar(&format!("DESCRIPTION:{}\r\n", wall("a\\,", size))) },
    Shape { name: "calendar: components", make: |size| calendar(&wall("BEGIN:VALARM\r\nEND:VALARM\r\n", size)) },
    Shape { name: "calendar: open components", make: |size| calendar(&wall("BEGIN:VEVENT\r\n", size)) },
    Shape { name: "calendar: calendars", make: |size| part("text/calendar", &wall("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", size)) },
    Shape { name: "calendar: folds", make: |size| calendar(&format!("COMMENT:a\r\n{}", wall(" a\r\n", size))) },
    Shape { name: "calendar: parameters", make: |size| calendar(&format!("ATTENDEE{}:mailto:a@x.example\r\n", wall(";X-A=\"b", size))) },
    Shape {
        name: "calendar: attendees",
        make: |size| calendar(&count(size, |n| format!("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a{n}@x.example\r\n"))),
    },
    Shape { name: "calendar: comments", make: |size| calendar(&count(size, |n| format!("COMMENT:{n}\r\n"))) },
    Shape { name: "calendar: recurrence", make: |size| calendar(&format!("RRULE:FREQ=DAILY;BYDAY={}\r\n", wall("MO,", size))) },
    Shape { name: "calendar: dates", make: |size| calendar(&format!("EXDATE:{}\r\n", wall("20261110T131500Z,", size))) },
    Shape {
        name: "winmail.dat",
        make: |size| {
            let mut raw = part("application/ms-tnef; name=\"winmail.dat\"", "");
            raw.extend([0x78, 0x9F, 0x3E, 0x22, 1, 0]);
            raw.extend([1, 8, 0x80, 7, 0, 0, 0, 0, 0, 0, 0].repeat(size / 11));
            raw
        },
    },
];
