//! A message as it arrived: bytes in, [`Mail`] out; never fails.
//!
//! [`open`](self) guards the parser, `machine` tells mail that no person wrote by its top-level structure and
//! header, `said` finds what the guest typed. Everything is linear in the size of the mail, and bounded.

mod absence;
mod attached;
mod authentication;
mod body;
mod bounce;
mod calendar;
mod charset;
mod date;
mod headers;
mod html;
mod machine;
mod note;
mod open;
mod parts;
mod pointing;
mod reaction;
mod said;
mod subject;
mod tnef;
mod tokens;
mod until;
mod words;

pub use date::written;
pub use said::{Said, said, signers};
pub(crate) use until::{dates::dates, day_of_week};
pub use words::fold;

use crate::model::{
    Auto, Mail, MailKind,
    mail::{ABSENCE, CUT, ELSEWHERE, GONE, SUBJECT_IS_SAID, TYPED_IN_QUOTE},
    words::ButtonWords,
};
use headers::{Headers, Tokens};
use machine::Machine;
use mail_parser::Message;
use parts::Leaf;

/// A longer subject is cut, in characters.
const MAX_SUBJECT: usize = 2_000;
/// So many links of one letter are looked at for what its buttons prefill.
const MAX_LINKS: usize = 50;
/// The longest field of such a link, in bytes.
const MAX_LINK: usize = 4 * 1024;

/// What we know when reading.
#[derive(Clone, Copy, Default, Debug)]
pub struct Context<'a> {
    /// The text parts of the letters that we sent to this guest; the links in them tell what their buttons prefill.
    pub sent: &'a [String],
    /// The subjects of our letters, whoever got them, without tags.
    pub subjects: &'a [String],
    /// The receiving server whose Authentication-Results we trust; None trusts nobody's.
    pub authserv_id: Option<&'a str>,
}

/// Reads a message. Never fails and never panics; time and memory are bounded for any bytes.
///
/// What could not be read, and what was guessed, stands in [`Mail::notes`].
pub fn mail(raw: &[u8], context: &Context<'_>) -> Mail {
    let read = open::with(raw, |message, notes| of_message(message, notes, context));
    read.unwrap_or_else(|| Mail { notes: vec!["the message could not be read".to_owned()], ..Mail::empty(MailKind::Other) })
}

fn of_message(message: &Message<'_>, notes: Vec<String>, context: &Context<'_>) -> Mail {
    let headers = Headers::of(message);
    let (leaves, cut) = parts::leaves(message);
    let root = message.parts.first();
    let root_mime = root.map(parts::mime).unwrap_or_default();
    let report_type = report_type(message);
    let from = headers.mailbox("From");
    let tld = from.as_ref().and_then(|from| headers::tld(&from.email)).map(str::to_owned);
    let tld = tld.as_deref();
    let mut subject = headers.text("Subject", tld);
    if let Some((end, _)) = subject.char_indices().nth(MAX_SUBJECT).filter(|_| subject.len() > MAX_SUBJECT) {
        subject.truncate(end);
    }
    let mut mail = Mail {
        sender: headers.mailbox("Sender").map(|sender| sender.email),
        reply_to: headers.mailbox("Reply-To").map(|reply_to| reply_to.email),
        recipients: headers.recipients(),
        message_id: headers.ids("Message-ID").into_iter().next(),
        in_reply_to: headers.ids("In-Reply-To"),
        references: headers.ids("References"),
        verified: authentication::verified(&headers, context.authserv_id, from.as_ref().map(|from| &from.email)),
        from,
        notes,
        ..Mail::empty(MailKind::Reply)
    };
    if cut {
        mail.notes.push(CUT.to_owned());
    }
    let machine = machine::notice(&headers, &leaves, &root_mime, &report_type, &words::fold(&subject), |origin| {
        bounce::is_notice(message, &headers, &leaves, &body::whole(message, &leaves, tld), origin)
    });
    match machine {
        Machine::Notice | Machine::Receipt | Machine::Complaint | Machine::Feedback | Machine::Challenge => {
            notice(&mut mail, machine, message, &headers, &leaves, &subject, tld);
        }
        Machine::Auto | Machine::Person => person(&mut mail, message, &headers, &leaves, &subject, tld, context),
    }
    mail.subject = subject;
    collect_tokens(&mut mail);
    mail
}

/// The `report-type` of a top-level multipart/report, in lower case.
fn report_type(message: &Message<'_>) -> String {
    use mail_parser::MimeHeaders;
    let parameter = message.parts.first().and_then(|root| root.content_type()).and_then(|ct| ct.attribute("report-type"));
    parameter.unwrap_or_default().trim().to_ascii_lowercase()
}

/// Delivery notices, receipts, complaints and challenges.
fn notice(
    mail: &mut Mail,
    machine: Machine,
    message: &Message<'_>,
    headers: &Headers<'_>,
    leaves: &[Leaf<'_>],
    subject: &str,
    tld: Option<&str>,
) {
    let explanation = body::whole(message, leaves, tld);
    let (ids, original) = bounce::returned(message, leaves, &explanation);
    mail.returned_ids = ids;
    mail.quoted = original;
    match machine {
        Machine::Notice => match bounce::read(message, headers, leaves, &explanation, subject) {
            bounce::Notice::Failure(bounce) => {
                mail.kind = MailKind::Bounce;
                mail.bounce = Some(bounce);
            }
            bounce::Notice::Success => mail.kind = MailKind::Other,
        },
        Machine::Complaint => mail.kind = MailKind::Complaint,
        Machine::Challenge => {
            mail.kind = MailKind::Auto;
            mail.auto = Some(Auto { until: None, challenge: true });
        }
        _ => mail.kind = MailKind::Other,
    }
}

/// Calendar answers, automatic replies, and what people write.
fn person(
    mail: &mut Mail,
    message: &Message<'_>,
    headers: &Headers<'_>,
    leaves: &[Leaf<'_>],
    subject: &str,
    tld: Option<&str>,
    context: &Context<'_>,
) {
    let found = calendar_parts(mail, message, leaves);
    let body = body::read(message, leaves, tld, context);
    mail.signature = body.signature;
    mail.quoted = body.quoted;
    if let Some(reply) = found.reply {
        mail.kind = MailKind::Calendar;
        mail.said = note::typed(&reply, mail.from.as_ref(), body.said, message, leaves, tld);
        mail.notes.extend(found.notes);
        mail.calendar = Some(reply);
        return;
    }
    mail.notes.extend(found.notes);
    mail.notes.extend(body.notes);
    mail.said = body.said;
    if machine::automatic(headers, subject, context.subjects) == Machine::Auto {
        mail.kind = MailKind::Auto;
        let sent = sent_on(message);
        // The subject repeats ours, with the day of our event.
        let until = until::day(&mail.said, sent).or_else(|| until::day(&subject::without_sent(subject, context.subjects), sent));
        mail.auto = Some(Auto { until, challenge: false });
    } else if found.other_method.is_some() && mail.said.is_empty() {
        mail.kind = MailKind::Other;
    } else {
        answer(mail, message, leaves, subject, context);
    }
}

/// A person's own answer: a button, a reaction, words, or only a subject.
fn answer(mail: &mut Mail, message: &Message<'_>, leaves: &[Leaf<'_>], subject: &str, context: &Context<'_>) {
    mail.button = subject::button(subject, context.sent.iter().flat_map(|sent| prefilled(sent, "subject=")));
    if mail.button.is_some() {
        mail.said = without_prefilled(&mail.said, context);
        return;
    }
    mail.subject_typed = subject::beside_sent(subject, context.subjects);
    if absence::is_named(&mail.said) {
        mail.notes.push(ABSENCE.to_owned());
    }
    if absence::is_gone(&mail.said) {
        mail.notes.push(GONE.to_owned());
    }
    if absence::is_elsewhere(&mail.said) {
        mail.notes.push(ELSEWHERE.to_owned());
    }
    if let Some(words) = pointing::below(&mail.said) {
        mail.notes.push(format!("{TYPED_IN_QUOTE}what \"{words}\" points to"));
    }
    mail.notes.extend(attached::unread(mail, leaves));
    let reaction = leaves.iter().find(|leaf| leaf.mime == "text/vnd.google.email-reaction+json");
    let emoji = reaction.and_then(|leaf| reaction::gmail(&leaf.text(message, None))).or_else(|| reaction::in_text(&mail.said));
    if let Some(emoji) = emoji {
        mail.notes.push("the guest reacted with an emoji instead of writing".to_owned());
        mail.said = emoji;
    } else if mail.said.is_empty()
        && let Some(typed) = subject::typed(subject)
    {
        mail.notes.push(SUBJECT_IS_SAID.to_owned());
        mail.said = typed;
    }
}

/// What was added to a prefilled sentence of ours.
fn without_prefilled(said: &str, context: &Context<'_>) -> String {
    let built_in = ButtonWords::built_in_bodies().map(|(_, body)| matching_lead(said, body)).max();
    let of_letters = context.sent.iter().flat_map(|sent| prefilled(sent, "body=")).map(|body| matching_lead(said, &body)).max();
    let best = built_in.max(of_letters).unwrap_or(0);
    said.get(best..).unwrap_or_default().trim().to_owned()
}

/// What the buttons of a letter prefill in a `field`, whatever words the organiser gave them: its text part holds their links.
fn prefilled<'a>(letter: &'a str, field: &'a str) -> impl Iterator<Item = String> + 'a {
    let links = letter.split("mailto:").skip(1).take(MAX_LINKS);
    links.filter_map(move |link| {
        let link = link.split(|c: char| c.is_whitespace() || c == '>').next()?;
        let value = link.split(['?', '&']).find_map(|part| part.strip_prefix(field))?;
        percent_encoding::percent_decode_str(value.get(..MAX_LINK).unwrap_or(value)).decode_utf8().ok().map(|value| value.into_owned())
    })
}

/// How many bytes of `said` are the sentence `body`, whatever its diacritics and white space.
fn matching_lead(said: &str, body: &str) -> usize {
    let mut wanted = body.split_whitespace();
    let mut end = 0;
    for word in said.split_inclusive(char::is_whitespace) {
        let Some(next) = wanted.next() else { return end };
        if words::fold(word.trim()) != words::fold(next) {
            return 0;
        }
        end += word.len();
    }
    if wanted.next().is_none() { end } else { 0 }
}

fn calendar_parts(mail: &Mail, message: &Message<'_>, leaves: &[Leaf<'_>]) -> calendar::Found {
    let is_calendar = |leaf: &&Leaf<'_>| {
        let name = leaf.file_name.unwrap_or_default().to_ascii_lowercase();
        matches!(
            leaf.mime.as_str(),
            "text/calendar"
                | "application/ics"
                | "text/x-vcalendar"
                | "application/calendar"
                | "application/ms-tnef"
                | "application/vnd.ms-tnef"
        ) || name.ends_with(".ics")
            || name == "winmail.dat"
    };
    let held: Vec<_> =
        leaves.iter().filter(is_calendar).take(20).filter_map(|leaf| leaf.bytes(message).map(|bytes| (leaf, bytes))).collect();
    if held.is_empty() {
        return calendar::Found { reply: None, other_method: None, notes: Vec::new() };
    }
    let parts: Vec<calendar::CalendarPart<'_>> = held
        .iter()
        .map(|(leaf, bytes)| calendar::CalendarPart {
            method_param: leaf.parameter("method").map(str::to_owned),
            content_type: leaf.mime.clone(),
            file_name: leaf.file_name.map(str::to_owned),
            bytes,
            charset: leaf.charset().map(str::to_owned),
        })
        .collect();
    calendar::find(&parts, mail.from.as_ref().map(|from| &from.email))
}

/// The day of the Date field, as the sender saw it.
fn sent_on(message: &Message<'_>) -> Option<jiff::civil::Date> {
    let date = message.date()?;
    jiff::civil::Date::new(i16::try_from(date.year).ok()?, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()
}

/// The tokens of all places, the strongest first.
fn collect_tokens(mail: &mut Mail) {
    let mut tokens = Tokens(Vec::new());
    for address in &mail.recipients {
        tokens.add(headers::token_in_address(address));
    }
    if let Some(calendar) = &mail.calendar {
        tokens.add(calendar.organizer.as_ref().and_then(headers::token_in_address));
        let uid = calendar.uid.as_deref().unwrap_or_default();
        tokens.add(uid.split('@').next().and_then(crate::model::Token::parse));
    }
    for id in mail.in_reply_to.iter().chain(mail.references.iter().rev()).chain(&mail.returned_ids) {
        tokens.add(headers::token_in_id(id));
    }
    tokens.add_text(&mail.subject);
    tokens.add_text(&mail.quoted);
    for token in headers::tagged_in(mail.quoted.get(..16_000).unwrap_or(&mail.quoted)) {
        tokens.add(Some(token));
    }
    mail.tokens = tokens.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_of_own_words_prefills_was_not_typed() {
        let sent = "Wählen Sie:\n\nBin dabei: <mailto:rsvp+k7q2m9x4t8wn@us.example?subject=Bin%20dabei%20%5B%23k7q2m9x4t8wn%3Ayes%5D\
            &body=Ich%20bin%20gern%20dabei%21%0D%0A>\n";
        let raw = |body: &str| format!("From: ana@guest.example\r\nSubject: Bin dabei [#k7q2m9x4t8wn:yes]\r\n\r\n{body}\r\n");
        let sent = [sent.to_owned()];
        let said = |body: &str, sent: &[String]| mail(raw(body).as_bytes(), &Context { sent, ..Context::default() }).said;
        assert_eq!(said("Ich bin gern dabei!", &sent), "");
        assert_eq!(said("Ich bin gern dabei! Wir kommen zu zweit.", &sent), "Wir kommen zu zweit.");
        assert_eq!(said("Ich bin gern dabei!", &[]), "Ich bin gern dabei!");
    }

    fn read_of(raw: &str) -> String {
        mail(raw.as_bytes(), &Context::default()).said
    }

    #[test]
    fn a_text_without_html_is_no_stub() {
        let text = "Sorry, I cannot come. Please do not send me HTML email again.";
        let head = "From: ana@guest.example\r\nSubject: Re: Gala\r\n";
        let said = read_of(&format!("{head}\r\n{text}\r\n"));
        assert!(said.starts_with("Sorry, I cannot come."), "{said:?}");
        let both = format!(
            "{head}MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
             Your program does not support HTML.\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>I will come.</p>\r\n--b--\r\n"
        );
        assert_eq!(read_of(&both), "I will come.");
    }

    #[test]
    fn html_above_the_footer_of_a_list_is_read() {
        let mixed = |first: &str, second: &str| {
            format!(
                "From: ana@guest.example\r\nSubject: Re: Gala\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                 --b\r\n{first}\r\n--b\r\n{second}\r\n--b--\r\n"
            )
        };
        let html = "Content-Type: text/html\r\n\r\n<html><body><p>Sorry, I cannot come.</p></body></html>";
        let footer = "Content-Type: text/plain\r\n\r\nThis list is <kept> by the town hall.";
        let said = read_of(&mixed(html, footer));
        assert!(said.starts_with("Sorry, I cannot come."), "{said:?}");
        assert_eq!(read_of(&mixed(html, &footer.replacen("\r\n", "\r\nContent-Disposition: attachment\r\n", 1))), "Sorry, I cannot come.");
        let two = "Content-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: text/html\r\n\r\n<p>I will come.</p>\r\n\
                   --c\r\nContent-Type: text/plain\r\n\r\nI will come.\r\n--c--";
        assert_eq!(read_of(&mixed(two, "Content-Type: image/gif\r\n\r\nGIF89a")), "I will come.");
    }
}
