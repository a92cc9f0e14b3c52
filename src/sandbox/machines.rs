//! Mail that no guest wrote: vacation robots, delivery notices, and one stranger who means harm.

use super::{
    answers::{date_line, delivered, envelope, part, raw_header},
    letter::Opened,
};
use jiff::Timestamp;

/// A vacation answer as Exchange and Sieve send it: to the envelope sender, from nobody (RFC 3834, RFC 5230).
pub(super) fn out_of_office(letter: &Opened, at: Timestamp, text: Option<&str>) -> Option<Vec<u8>> {
    let subject = format!("{}{}", letter.dialect.away_prefix, letter.subject);
    let mut mail = envelope(letter, &letter.bounce_to, at, &subject)?;
    if !letter.message_id.is_empty() {
        mail = mail.in_reply_to(letter.message_id.clone()).references(letter.references.join(" "));
    }
    let text = text.unwrap_or(letter.dialect.away).to_owned();
    let mut mail = mail.singlepart(part("text/plain; charset=utf-8", text)?).ok()?;
    raw_header(&mut mail, "Auto-Submitted", "auto-replied");
    raw_header(&mut mail, "X-Auto-Response-Suppress", "All");
    Some(delivered(&mail, "", &letter.bounce_to))
}

/// A delivery notice as Postfix writes it, with the headers of our letter (RFC 3464, RFC 6522).
pub(super) fn bounce(letter: &Opened, at: Timestamp, status: &str) -> Vec<u8> {
    let (guest, to, domain) = (&letter.guest, &letter.bounce_to, letter.guest.domain());
    let status: String = status.chars().filter(|c| c.is_ascii_digit() || *c == '.').take(11).collect();
    let why = match status.as_str() {
        "5.1.1" => "550 5.1.1 The email account that you tried to reach does not exist".to_owned(),
        "5.2.2" | "4.2.2" => format!("552 {status} The mailbox is full"),
        _ => format!("550 {status} The message was refused"),
    };
    let action = if status.starts_with('4') { "delayed" } else { "failed" };
    let boundary = format!("=_dsn_{:x}", at.as_second());
    let (date, second) = (date_line(at), at.as_second());
    let header = letter.header.trim_end();
    format!(
        "Return-Path: <>\r\n\
         Delivered-To: {to}\r\n\
         Date: {date}\r\n\
         From: MAILER-DAEMON@mx.{domain} (Mail Delivery System)\r\n\
         Subject: Undelivered Mail Returned to Sender\r\n\
         To: {to}\r\n\
         Auto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n\
         \tboundary=\"{boundary}\"\r\n\
         Message-ID: <{second}.dsn@mx.{domain}>\r\n\
         \r\n\
         This is a MIME-encapsulated message.\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Description: Notification\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\
         \r\n\
         This is the mail system at host mx.{domain}.\r\n\
         \r\n\
         I'm sorry to have to inform you that your message could not\r\n\
         be delivered to one or more recipients. It's attached below.\r\n\
         \r\n\
         <{guest}>: {why}\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Description: Delivery report\r\n\
         Content-Type: message/delivery-status\r\n\
         \r\n\
         Reporting-MTA: dns; mx.{domain}\r\n\
         Arrival-Date: {date}\r\n\
         \r\n\
         Final-Recipient: rfc822; {guest}\r\n\
         Original-Recipient: rfc822;{guest}\r\n\
         Action: {action}\r\n\
         Status: {status}\r\n\
         Remote-MTA: dns; mx.{domain}\r\n\
         Diagnostic-Code: smtp; {why}\r\n\
         \r\n\
         --{boundary}\r\n\
         Content-Description: Undelivered Message Headers\r\n\
         Content-Type: text/rfc822-headers\r\n\
         \r\n\
         {header}\r\n\
         \r\n\
         --{boundary}--\r\n"
    )
    .into_bytes()
}

/// One mail of about 200 KB that tries what hostile mail tries, and has nothing to do with any guest.
///
/// Forged trace headers, two From, a header without end, 8-bit garbage, a boundary that never closes, multiparts in
/// multiparts, a bomb of nested HTML, base 64 that is none, and octets that no charset knows.
pub(super) fn hostile(at: Timestamp) -> Vec<u8> {
    let mut raw = format!(
        "Return-Path: <winner@lottery.example>\r\n\
         Received: from localhost by localhost; {date}\r\n\
         Authentication-Results: mx.lottery.example; dkim=pass; spf=pass; dmarc=pass\r\n\
         From: =?utf-8?B?////?= <winner@lottery.example>\r\n\
         From: \"Lottery\" <\"@@\"@lottery.example>\r\n\
         To: undisclosed-recipients:;\r\n\
         Date: Thu, 32 Foo 9999 99:99:99 +9999\r\n\
         Message-ID: <{second}@lottery.example>\r\n\
         Subject: =?utf-7?Q?=FF=FE=00?= =?x-none?B?!!!!?= You have won \r\n\
         MIME-Version: 1.0\r\n\
         MIME-Version: 7.0; (((((\r\n\
         Content-Type: multipart/mixed; boundary=\"b0\"; boundary=b1; charset=\"none\r\n",
        date = date_line(at),
        second = at.as_second(),
    )
    .into_bytes();
    raw.extend_from_slice(b"X-Garbage: \xff\xfe\x80\x81\xc3\x28\xf0\x9f\x92\r\nX-Long: ");
    raw.extend(std::iter::repeat_n(b'A', 20_000));
    raw.extend_from_slice(b"\r\n\r\n");
    for depth in 0..400 {
        let part = format!("--b{depth}\r\nContent-Type: multipart/mixed; boundary=\"b{}\"\r\n\r\n", depth + 1);
        raw.extend_from_slice(part.as_bytes());
    }
    raw.extend_from_slice(b"--b400\r\nContent-Type: text/html; charset=x-unknown\r\nContent-Transfer-Encoding: 9bit\r\n\r\n<html><body>");
    raw.extend("<div><blockquote><table><tr><td>".repeat(3_000).into_bytes());
    raw.extend_from_slice(b"You have won \xe2\x82 <script>while(1);</script>&#x110000;&bogus;<!-- \r\n");
    raw.extend_from_slice(b"--b400\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    raw.extend("=?*".repeat(8_000).into_bytes());
    raw.extend_from_slice(b"\r\n--b400\r\nContent-Type: text/plain; charset=windows-1250\r\n\r\n");
    raw.extend((0..20_000_u32).map(|n| u8::try_from(0x80 + n % 0x7f).unwrap_or(0x80)));
    raw.extend_from_slice(b"\r\n> > > > > > > >\r\n--b3\r\n--b400-");
    raw
}
