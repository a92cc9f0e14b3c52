//! What a guest writes: replies in words, prefilled buttons, and the way to the other kinds of answer.

use super::{Phrase, Reaction, calendar, letter::Opened, machines, quotes};
use crate::model::{Address, Answer};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use lettre::{
    Message,
    message::{
        Mailbox, MessageBuilder, MultiPart, MultiPartBuilder, MultiPartKind, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use std::time::SystemTime;

/// The mail that a reaction makes of a letter, as it lies in the organiser's mailbox; None when there is none.
///
/// `at` dates it, and is different for every mail.
pub(super) fn write(reaction: &Reaction, letter: &Opened, at: Timestamp) -> Option<Vec<u8>> {
    match reaction {
        Reaction::Words { text, client } => {
            let (text, html) = quotes::reply(text, *client, letter);
            words(letter, at, text, html)
        }
        Reaction::Stock { phrase, client } => {
            let text = signed(letter, *phrase);
            let (text, html) = quotes::reply(&text, *client, letter);
            words(letter, at, text, html)
        }
        Reaction::Button { answer, added } => button(letter, at, *answer, added.as_deref()).or_else(|| match answer {
            Answer::Accept => instead(letter, at, Phrase::Accept),
            Answer::Decline => instead(letter, at, Phrase::Decline),
            Answer::Tentative => instead(letter, at, Phrase::Tentative),
            Answer::Delegate | Answer::None => None,
        }),
        Reaction::Calendar { vendor, partstat, comment, guests } => {
            let answer = calendar::Answer { vendor: *vendor, partstat: *partstat, comment: comment.as_deref(), guests: *guests };
            calendar::write(&answer, letter, at).or_else(|| instead(letter, at, partstat.phrase()))
        }
        Reaction::OutOfOffice { text } => machines::out_of_office(letter, at, text.as_deref()),
        Reaction::BounceLater { status } => Some(machines::bounce(letter, at, status)),
        Reaction::Hostile => Some(machines::hostile(at)),
        Reaction::RefuseRcpt { .. } => None,
    }
}

fn signed(letter: &Opened, phrase: Phrase) -> String {
    let words = letter.dialect.stock(phrase);
    if phrase == Phrase::Vague { words.to_owned() } else { format!("{words}\n{}", letter.guest_name) }
}

/// For a guest without the button or the calendar part that it wanted.
fn instead(letter: &Opened, at: Timestamp, phrase: Phrase) -> Option<Vec<u8>> {
    let (text, html) = quotes::reply(&signed(letter, phrase), super::Client::Gmail, letter);
    words(letter, at, text, html)
}

fn words(letter: &Opened, at: Timestamp, text: String, html: Option<String>) -> Option<Vec<u8>> {
    let subject = match letter.subject.get(..3) {
        Some(start) if start.eq_ignore_ascii_case("re:") => letter.subject.clone(),
        _ => format!("Re: {}", letter.subject),
    };
    let mut mail = envelope(letter, &letter.reply_to, at, &subject)?;
    if !letter.message_id.is_empty() {
        mail = mail.in_reply_to(letter.message_id.clone()).references(letter.references.join(" "));
    }
    let text = part("text/plain; charset=utf-8", text)?;
    let mail = match html {
        None => mail.singlepart(text),
        Some(html) => mail
            .multipart(multi(MultiPartKind::Alternative, at, "alt").singlepart(text).singlepart(part("text/html; charset=utf-8", html)?)),
    };
    Some(delivered(&mail.ok()?, letter.guest.as_str(), &letter.reply_to))
}

/// What a mail program sends that was opened by a `mailto:` link: a new mail, no thread.
fn button(letter: &Opened, at: Timestamp, answer: Answer, added: Option<&str>) -> Option<Vec<u8>> {
    let link = letter.button(answer)?;
    let text = format!("{}{}", link.body, added.unwrap_or_default());
    let mail = envelope(letter, &link.to, at, &link.subject)?;
    let mail = mail.singlepart(part("text/plain; charset=utf-8", text)?).ok()?;
    Some(delivered(&mail, letter.guest.as_str(), &link.to))
}

/// From the guest to `to`, dated.
pub(super) fn envelope(letter: &Opened, to: &Address, at: Timestamp, subject: &str) -> Option<MessageBuilder> {
    let from = Mailbox::new(Some(letter.guest_name.clone()), on_the_wire(&letter.guest)?);
    let id = format!("<{}.{}@{}>", at.as_second(), letter.guest.local(), letter.guest.domain());
    let mail = Message::builder().from(from).to(Mailbox::new(None, on_the_wire(to)?));
    Some(mail.date(SystemTime::from(at)).message_id(Some(id)).subject(subject))
}

pub(super) fn on_the_wire(address: &Address) -> Option<lettre::Address> {
    lettre::Address::new(address.local(), address.domain()).ok()
}

/// One part, quoted-printable.
pub(super) fn part(kind: &str, body: String) -> Option<SinglePart> {
    encoded(kind, ContentTransferEncoding::QuotedPrintable, body)
}

pub(super) fn encoded(kind: &str, encoding: ContentTransferEncoding, body: String) -> Option<SinglePart> {
    Some(SinglePart::builder().header(ContentType::parse(kind).ok()?).header(encoding).body(body))
}

/// A multipart whose boundary is made of the date: the same rehearsal gives the same bytes.
pub(super) fn multi(kind: MultiPartKind, at: Timestamp, name: &str) -> MultiPartBuilder {
    MultiPart::builder().kind(kind).boundary(format!("=_{name}_{:x}", at.as_second()))
}

/// A header that lettre has no type for. `name` is ASCII.
pub(super) fn raw_header(mail: &mut Message, name: &'static str, value: &str) {
    mail.headers_mut().insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned()));
}

/// With what the last server writes above it. `from` is the envelope sender, empty for robots.
pub(super) fn delivered(mail: &Message, from: &str, to: &Address) -> Vec<u8> {
    let mut raw = format!("Return-Path: <{from}>\r\nDelivered-To: {to}\r\n").into_bytes();
    raw.extend(mail.formatted());
    raw
}

/// As in a Date header.
pub(super) fn date_line(at: Timestamp) -> String {
    let zoned: Zoned = at.to_zoned(TimeZone::UTC);
    zoned.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
