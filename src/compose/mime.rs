//! The letter as it goes on the wire: headers, parts, encodings (lettre's builder).

use super::{mark, render};
use crate::model::{Address, Guest, Lang, Letter, Sender, Stamp, words};
use jiff::Timestamp;
use lettre::message::header::{self, ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Mailboxes, Message, MultiPart, SinglePart};
use std::time::{Duration, SystemTime};

/// A longer display name is cut: no program shows more, and a header line has 998 octets.
const MAX_NAME: usize = 100;
/// Earlier letters named in References: the first, which began the thread, and the last ones.
const MAX_REFERENCES: usize = 10;

/// Where this guest's answers go: `reply_to`, with plus addressing tagged with the guest's token.
pub(super) fn reply_address(sender: &Sender, stamp: &Stamp) -> Address {
    if sender.plus_addressing { sender.reply_to.tagged(stamp.token.as_str()) } else { sender.reply_to.clone() }
}

/// Puts the parts together. The error is a sentence: an address that no header can carry.
pub(super) fn letter(
    page: render::Page,
    ics: Option<String>,
    sender: &Sender,
    guest: &Guest,
    stamp: &Stamp,
    lang: Lang,
) -> Result<Letter, String> {
    let message_id = stamp.message_id(sender.from.domain());
    let subject = subject(page.subject, sender, stamp);
    let reply_to = reply_address(sender, stamp);
    let mut builder = Message::builder()
        .from(mailbox(&sender.name, &sender.from)?)
        .to(mailbox(&guest.name, &guest.email)?)
        .subject(subject.clone())
        .date(date(stamp.date))
        .message_id(Some(message_id.clone()));
    if reply_to != sender.from {
        builder = builder.reply_to(mailbox(&sender.name, &reply_to)?);
    }
    if let Some((last, thread)) = thread(stamp) {
        builder = builder.in_reply_to(last.to_owned()).references(thread);
    }
    builder = builder
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()))
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Content-Language"), lang.to_string()));
    let message =
        builder.multipart(parts(&page.text, &page.html, ics, stamp)?).map_err(|error| format!("the letter cannot be built: {error}"))?;
    let mail_from = mail_from(sender, stamp);
    Ok(Letter {
        message_id,
        subject,
        lang,
        raw: message.formatted(),
        text: page.text,
        html: page.html,
        mail_from,
        rcpt_to: guest.email.clone(),
    })
}

/// The subject as it goes out: with the token, where no address carries it.
pub(super) fn subject(subject: String, sender: &Sender, stamp: &Stamp) -> String {
    match sender.plus_addressing {
        true => subject,
        false => format!("{subject} {}", words::tag(&stamp.token, None)),
    }
}

/// The envelope sender of a letter (MAIL FROM): `bounce_to`, with plus addressing tagged with the guest's token.
pub fn mail_from(sender: &Sender, stamp: &Stamp) -> Address {
    match sender.plus_addressing {
        true => sender.bounce_to.tagged(stamp.token.as_str()),
        false => sender.bounce_to.clone(),
    }
}

/// In-Reply-To and References, where there are earlier letters.
fn thread(stamp: &Stamp) -> Option<(&str, String)> {
    let earlier: Vec<&str> = stamp.earlier.iter().map(String::as_str).filter(|id| is_message_id(id)).collect();
    let last = *earlier.last()?;
    let skipped = earlier.len().saturating_sub(MAX_REFERENCES);
    let thread: Vec<&str> = earlier.iter().enumerate().filter(|(at, _)| *at == 0 || *at > skipped).map(|(_, id)| *id).collect();
    Some((last, thread.join(" ")))
}

/// The header field `To`, with its line end.
pub(super) fn to_field(guest: &Guest) -> Result<String, String> {
    Ok(field(header::To::from(Mailboxes::from(mailbox(&guest.name, &guest.email)?))))
}

/// The header field `Subject`, with its line end.
pub(super) fn subject_field(subject: &str) -> String {
    field(header::Subject::from(subject.to_owned()))
}

/// The header field `Date`, with its line end.
pub(super) fn date_field(at: Timestamp) -> String {
    field(header::Date::new(date(at)))
}

/// The header fields that name earlier letters; empty without one.
pub(super) fn thread_fields(stamp: &Stamp) -> String {
    thread(stamp).map_or_else(String::new, |(last, thread)| {
        field(header::InReplyTo::from(last.to_owned())) + &field(header::References::from(thread))
    })
}

fn field(value: impl header::Header) -> String {
    let mut headers = header::Headers::new();
    headers.set(value);
    headers.to_string()
}

/// `mixed{alternative{plain, html, calendar}, invite.ics}` with a calendar part, else `alternative{plain, html}`.
fn parts(text: &str, html: &str, ics: Option<String>, stamp: &Stamp) -> Result<MultiPart, String> {
    let alternative = multipart("alternative", "a", stamp)?
        .singlepart(readable(ContentType::TEXT_PLAIN, text))
        .singlepart(readable(ContentType::TEXT_HTML, html));
    let Some(ics) = ics else { return Ok(alternative) };
    let inline = calendar("text/calendar; charset=UTF-8; method=REQUEST; component=VEVENT", None, &ics)?;
    let attached = calendar("application/ics; name=\"invite.ics\"", Some(header::ContentDisposition::attachment("invite.ics")), &ics)?;
    Ok(multipart("mixed", "m", stamp)?.multipart(alternative.singlepart(inline)).singlepart(attached))
}

/// The boundary is made of the stamp; `=_` cannot stand in quoted-printable or base64.
fn multipart(subtype: &str, mark: &str, stamp: &Stamp) -> Result<MultiPart, String> {
    let boundary = format!("=_{mark}.{}.{}.{}", stamp.kind, stamp.token, stamp.number);
    Ok(MultiPart::builder().header(content_type(&format!("multipart/{subtype}; boundary=\"{boundary}\""))?).build())
}

fn content_type(text: &str) -> Result<ContentType, String> {
    ContentType::parse(text).map_err(|error| format!("\"{text}\" is no content type: {error}"))
}

fn readable(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable).body(text.to_owned())
}

/// 7bit where it is ASCII, else base64: the one encoding that no calendar program forgets to undo.
fn calendar(kind: &str, disposition: Option<header::ContentDisposition>, ics: &str) -> Result<SinglePart, String> {
    let encoding = if ics.is_ascii() { ContentTransferEncoding::SevenBit } else { ContentTransferEncoding::Base64 };
    let body = Body::new_with_encoding(ics.to_owned(), encoding).map_err(|_| "the calendar part cannot be encoded".to_owned())?;
    let mut part = SinglePart::builder().header(content_type(kind)?);
    if let Some(disposition) = disposition {
        part = part.header(disposition);
    }
    Ok(part.body(body))
}

fn mailbox(name: &str, address: &Address) -> Result<Mailbox, String> {
    let name: String = mark::fold(name).chars().take(MAX_NAME).collect();
    let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
    let address = lettre::Address::new(address.local(), address.domain())
        .map_err(|error| format!("the address {address} cannot stand in a letter ({error}): correct it"))?;
    Ok(Mailbox::new(name, address))
}

/// The Date header knows no year before 1970.
fn date(at: Timestamp) -> SystemTime {
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn is_message_id(id: &str) -> bool {
    let inner = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or_default();
    inner.contains('@') && inner.len() < 250 && inner.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>'))
}
