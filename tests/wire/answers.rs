//! The answers that guests, their programs and their servers send to a letter, made of the letter's bytes alone.
//!
//! It shares nothing with `src/sandbox`, so that what is wrong there is noticed here. The shapes are those of real
//! captures: Google puts its calendar reply into multipart/mixed with a copy attached, marks it as automatic and
//! writes the comment into a parameter; Exchange sends one alternative without ORGANIZER.

use super::phrases::{attribution, header_words};
use base64::Engine;
use mail_parser::{MessageParser, MimeHeaders, PartType};
use std::fmt::Write;

/// A letter as a guest's program sees it.
pub struct Received {
    /// Bare address and name of the guest.
    pub guest: (String, String),
    /// Where a reply goes.
    pub reply_to: String,
    pub message_id: String,
    pub subject: String,
    /// The Date header's text.
    pub date: String,
    pub text: String,
    pub html: String,
    /// The calendar request, unfolded, one property a line; empty when there is none.
    pub calendar: Vec<String>,
    /// When a calendar program answers: a minute after the request's stamp, for a test to move.
    pub answered: jiff::Timestamp,
    /// The letter's header block, as a server returns it.
    headers: String,
}

/// A decision as a button, a calendar program or words can express it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    Yes,
    No,
    Maybe,
}

/// How a program repeats the letter below the reply.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quote {
    None,
    /// A line in the guest's language that ends in a colon, then `>`.
    Marked,
    /// Outlook's line of underscores and header block, without any mark.
    Block,
}

/// Messages that try to do harm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Harm {
    /// A thousand multiparts in one another.
    Nested,
    /// Bytes that are no text in a body that claims to be UTF-8, NUL among them.
    Bytes,
    /// Markup, formulas and terminal controls where a name and a subject belong.
    Markup,
    /// One header line of a megabyte.
    Long,
}

impl Harm {
    pub const ALL: [Self; 4] = [Self::Nested, Self::Bytes, Self::Markup, Self::Long];
}

impl Received {
    /// # Panics
    /// When the letter lacks what every letter must have: that is a failed test.
    pub fn read(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).expect("a letter is a message");
        let bare = |address: Option<&mail_parser::Address<'_>>, what: &str| {
            let first = address.and_then(|list| list.first()).unwrap_or_else(|| panic!("the letter has no {what}"));
            (first.address().unwrap_or_default().to_owned(), first.name().unwrap_or_default().to_owned())
        };
        let reply_to = message.reply_to().or(message.from());
        let end = raw.windows(4).position(|four| four == b"\r\n\r\n").expect("the letter has a header block");
        let calendar = message.parts.iter().find(|part| part.content_type().is_some_and(|t| t.subtype() == Some("calendar")));
        let calendar = calendar.and_then(|part| part.text_contents()).unwrap_or_default();
        let text = message.parts.iter().find_map(|part| if let PartType::Text(text) = &part.body { Some(text.to_string()) } else { None });
        let calendar = unfolded(calendar);
        let stamp = calendar.iter().find_map(|line| line.strip_prefix("DTSTAMP:")).unwrap_or("20261123T090000Z");
        let stamp = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", stamp).expect("a DTSTAMP in UTC").in_tz("UTC").expect("UTC");
        Self {
            guest: bare(message.to(), "To"),
            reply_to: bare(reply_to, "From").0,
            message_id: message.message_id().expect("the letter has a Message-ID").to_owned(),
            subject: message.subject().unwrap_or_default().to_owned(),
            date: message.header_raw("Date").unwrap_or_default().trim().to_owned(),
            text: text.expect("the letter has a text part"),
            html: message.body_html(0).expect("the letter has an HTML part").into_owned(),
            calendar,
            answered: stamp.timestamp() + jiff::Span::new().minutes(1),
            headers: String::from_utf8_lossy(raw.get(..end + 2).unwrap_or_default()).into_owned(),
        }
    }

    /// A reply typed by the guest, with or without what the guest's program repeats.
    pub fn words(&self, lang: &str, said: &str, quote: Quote) -> Vec<u8> {
        let mut body = lines(said);
        match quote {
            Quote::None => {}
            Quote::Marked => {
                let _ = write!(body, "\r\n{}\r\n", attribution(lang, &self.date, &self.reply_to));
                for line in self.text.lines() {
                    let _ = write!(body, "> {}\r\n", line.trim_end());
                }
            }
            Quote::Block => {
                let [from, sent, to, subject] = header_words(lang);
                let (line, reply, date) = ("_".repeat(32), &self.reply_to, &self.date);
                let _ = write!(body, "\r\n{line}\r\n{from}: {reply}\r\n{sent}: {date}\r\n");
                let _ = write!(body, "{to}: {}\r\n{subject}: {}\r\n\r\n{}", self.guest.0, self.subject, lines(&self.text));
            }
        }
        let mut head = self.head("words", &format!("Re: {}", self.subject));
        let _ = write!(head, "In-Reply-To: <{0}>\r\nReferences: <{0}>\r\n", self.message_id);
        message(head, "text/plain; charset=utf-8", &body)
    }

    /// What a mail program sends when the guest presses one of the letter's buttons and perhaps types more.
    ///
    /// # Panics
    /// When the letter's HTML has no such button.
    pub fn button(&self, decision: Decision, added: &str) -> Vec<u8> {
        let button = self.buttons().into_iter().find(|button| button.0 == decision);
        let (_, to, subject, prefilled) = button.unwrap_or_else(|| panic!("the letter has no button {decision:?}:\n{}", self.html));
        let body = if added.is_empty() { lines(&prefilled) } else { format!("{}\r\n{}", lines(&prefilled), lines(added)) };
        message(self.head_to("button", &subject, &to), "text/plain; charset=utf-8", &body)
    }

    /// Every button: decision, address, subject, body.
    pub fn buttons(&self) -> Vec<(Decision, String, String, String)> {
        let page = scraper::Html::parse_document(&self.html);
        let links = scraper::Selector::parse("a[href]").expect("a selector");
        let hrefs = page.select(&links).filter_map(|link| link.attr("href")?.strip_prefix("mailto:").map(str::to_owned));
        let found = hrefs.filter_map(|href| {
            let (to, query) = href.split_once('?')?;
            let value = |name: &str| {
                let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                pairs.into_iter().find(|pair| pair.0.eq_ignore_ascii_case(name)).map(|pair| decoded(pair.1)).unwrap_or_default()
            };
            let subject = value("subject");
            let decision = match subject.rsplit_once(':')?.1.trim_end().trim_end_matches(']') {
                "yes" => Decision::Yes,
                "no" => Decision::No,
                "maybe" => Decision::Maybe,
                _ => return None,
            };
            Some((decision, decoded(to), subject, value("body")))
        });
        found.collect()
    }

    /// Google Calendar's answer; `guests` are those the guest brings along.
    pub fn google(&self, decision: Decision, guests: u32, comment: &str) -> Vec<u8> {
        let attendee = {
            let comment = if comment.is_empty() { String::new() } else { format!(";X-RESPONSE-COMMENT=\"{}\"", comment.replace('"', "'")) };
            format!(
                "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={};CN={};X-NUM-GUESTS={guests}{comment}:mailto:{}",
                partstat(decision),
                self.guest.0,
                self.guest.0
            )
        };
        let mut event = self.kept(&["DTSTART", "DTEND", "ORGANIZER", "UID", "SUMMARY", "LOCATION", "DESCRIPTION", "SEQUENCE"]);
        event.push(attendee);
        event.extend(["CREATED:20261123T090000Z".to_owned(), "STATUS:CONFIRMED".to_owned(), "TRANSP:OPAQUE".to_owned()]);
        let calendar = self.reply("-//Google Inc//Google Calendar 70.9054//EN", &event);
        let (word, sentence) = match decision {
            Decision::Yes => ("Accepted", "has accepted this invitation."),
            Decision::No => ("Declined", "has declined this invitation."),
            Decision::Maybe => ("Tentatively Accepted", "has replied \"Maybe\" to this invitation."),
        };
        let mut head = self.head("google", &format!("{word}: {} @ Thu Dec 10, 2026 ({})", self.summary(), self.guest.0));
        let guest = &self.guest.0;
        let _ = write!(head, "Reply-To: {guest}\r\nSender: Google Calendar <calendar-notification@google.example>\r\n");
        head.push_str("Auto-Submitted: auto-generated\r\n");
        let note = if comment.is_empty() { String::new() } else { format!("\r\n\r\n\"{comment}\"") };
        let plain = format!("{guest} {sentence}{note}\r\n\r\n{}\r\n\r\nInvitation from Google Calendar\r\n", self.summary());
        let html = format!("<html><body><p>{guest} {}</p></body></html>\r\n", escaped(&format!("{sentence}{note}")));
        let body = format!(
            "--outer\r\nContent-Type: multipart/alternative; boundary=\"inner\"\r\n\r\n\
             --inner\r\nContent-Type: text/plain; charset=\"UTF-8\"; format=flowed; delsp=yes\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\
             --inner\r\nContent-Type: text/html; charset=\"UTF-8\"\r\n\r\n{html}\
             --inner\r\nContent-Type: text/calendar; charset=\"UTF-8\"; method=REPLY\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{calendar}\
             --inner--\r\n--outer\r\nContent-Type: application/ics; name=\"invite.ics\"\r\n\
             Content-Disposition: attachment; filename=\"invite.ics\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}--outer--\r\n",
            base64(plain.as_bytes()),
            base64(calendar.as_bytes()),
        );
        message(head, "multipart/mixed; boundary=\"outer\"", &body)
    }

    /// Exchange's and Outlook's answer; the comment stands in the body and in COMMENT.
    pub fn exchange(&self, decision: Decision, comment: &str) -> Vec<u8> {
        let word = match decision {
            Decision::Yes => "Accepted",
            Decision::No => "Declined",
            Decision::Maybe => "Tentative",
        };
        let (guest, name) = (&self.guest.0, &self.guest.1);
        let mut event =
            vec![format!("ATTENDEE;PARTSTAT={};CN={}:mailto:{guest}", partstat(decision), if name.is_empty() { guest } else { name })];
        event.push(format!("COMMENT;LANGUAGE=en-US:{}\\n", comment.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;")));
        event.extend(self.kept(&["UID", "DTSTART", "DTEND", "SEQUENCE", "LOCATION"]));
        event.push(format!("SUMMARY;LANGUAGE=en-US:{word}: {}", self.summary()));
        event.extend(
            ["CLASS:PUBLIC", "PRIORITY:5", "TRANSP:OPAQUE", "STATUS:CONFIRMED", "X-MICROSOFT-CDO-APPT-SEQUENCE:0"].map(str::to_owned),
        );
        let calendar = self.reply("Microsoft Exchange Server 2010", &event);
        let mut head = self.head("exchange", &format!("{word}: {}", self.summary()));
        let _ = write!(head, "Thread-Topic: {}\r\nX-MS-Has-Attach:\r\nContent-Language: en-US\r\n", encoded_word(&self.summary()));
        let body = format!(
            "--part\r\nContent-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\
             --part\r\nContent-Type: text/html; charset=\"utf-8\"\r\n\r\n<html><body>{}</body></html>\r\n\
             --part\r\nContent-Type: text/calendar; charset=\"utf-8\"; method=REPLY\r\nContent-Transfer-Encoding: base64\r\n\r\n{}--part--\r\n",
            base64(lines(comment).as_bytes()),
            escaped(comment),
            base64(calendar.as_bytes()),
        );
        message(head, "multipart/alternative; boundary=\"part\"", &body)
    }

    /// An out-of-office note as Exchange's rules write it; `text` says until when.
    pub fn out_of_office(&self, prefix: &str, text: &str) -> Vec<u8> {
        let mut head = self.head("away", &format!("{prefix}: {}", self.subject));
        let _ = write!(head, "In-Reply-To: <{}>\r\nAuto-Submitted: auto-generated\r\n", self.message_id);
        head.push_str("X-Auto-Response-Suppress: All\r\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\r\n");
        message(head, "text/plain; charset=utf-8", &lines(text))
    }

    /// A delivery report (RFC 3464) that returns the letter's headers; `status` such as `5.1.1`.
    pub fn bounce(&self, status: &str, diagnostic: &str) -> Vec<u8> {
        let (guest, _) = &self.guest;
        let domain = domain(guest);
        let head = format!(
            "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@{domain}>\r\nTo: {}\r\nDate: {}\r\n\
             Message-ID: <bounce.{}@{domain}>\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n",
            self.reply_to,
            self.date,
            self.stem(),
        );
        let action = if status.starts_with('4') { "delayed" } else { "failed" };
        let body = format!(
            "--report\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nThis is the mail system at host {domain}.\r\n\r\n<{guest}>: {diagnostic}\r\n\
             --report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; {domain}\r\n\r\n\
             Final-Recipient: rfc822; {guest}\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {diagnostic}\r\n\r\n\
             --report\r\nContent-Type: text/rfc822-headers\r\n\r\n{}\r\n--report--\r\n",
            self.headers
        );
        message(head, "multipart/report; report-type=delivery-status; boundary=\"report\"", &body)
    }

    /// A message that tries to do harm, from the guest's address and in the letter's thread.
    pub fn hostile(&self, harm: Harm) -> Vec<u8> {
        let kind = format!("{harm:?}").to_lowercase();
        let subject = if harm == Harm::Markup { "=cmd|' /C calc'!A0 <script>alert(1)</script> \u{1b}[2J" } else { &self.subject };
        let mut head = self.head(&kind, &format!("Re: {subject}"));
        let _ = write!(head, "In-Reply-To: <{}>\r\n", self.message_id);
        match harm {
            Harm::Nested => {
                let mut body = String::new();
                for depth in 0..1000 {
                    let _ = write!(body, "--b{depth}\r\nContent-Type: multipart/mixed; boundary=\"b{}\"\r\n\r\n", depth + 1);
                }
                message(head, "multipart/mixed; boundary=\"b0\"", &body)
            }
            Harm::Bytes => {
                let mut raw = message(head, "text/plain; charset=utf-8", "");
                raw.extend((0..=255u8).cycle().filter(|b| !b"\r\n".contains(b)).take(700));
                raw.extend_from_slice(b"\r\n");
                raw
            }
            Harm::Markup => message(
                head,
                "text/html; charset=utf-8",
                "<script>document.title='yes'</script><p>{{guest.email}} %s \u{202e}\u{1b}]0;x\u{7}</p>\r\n",
            ),
            Harm::Long => {
                let _ = write!(head, "X-Long: {}\r\n", "yes ".repeat(262_144));
                message(head, "text/plain; charset=utf-8", "?\r\n")
            }
        }
    }

    fn head(&self, kind: &str, subject: &str) -> String {
        self.head_to(kind, subject, &self.reply_to)
    }

    /// The header block that every answer begins with; its Message-ID is the same for the same kind and letter.
    fn head_to(&self, kind: &str, subject: &str, to: &str) -> String {
        let (address, name) = &self.guest;
        let from = if name.is_empty() { address.clone() } else { format!("{} <{address}>", encoded_word(name)) };
        format!(
            "Return-Path: <{address}>\r\nFrom: {from}\r\nTo: {to}\r\nDate: {}\r\nMessage-ID: <{kind}.{}@{}>\r\nSubject: {}\r\n",
            self.date,
            self.stem(),
            domain(address),
            encoded_word(subject)
        )
    }

    /// The left side of the letter's Message-ID.
    fn stem(&self) -> &str {
        self.message_id.split('@').next().unwrap_or_default()
    }

    fn summary(&self) -> String {
        self.property("SUMMARY").map_or_else(|| self.subject.clone(), |line| line.split_once(':').map_or("", |(_, v)| v).to_owned())
    }

    fn property(&self, name: &str) -> Option<&String> {
        self.calendar.iter().find(|line| line.split([':', ';']).next() == Some(name))
    }

    /// The request's properties of these names, as they stood.
    fn kept(&self, names: &[&str]) -> Vec<String> {
        assert!(!self.calendar.is_empty(), "the letter has no calendar part to answer");
        names.iter().filter_map(|name| self.property(name).cloned()).collect()
    }

    fn reply(&self, program: &str, event: &[String]) -> String {
        let mut all = vec!["BEGIN:VCALENDAR".to_owned(), format!("PRODID:{program}"), "VERSION:2.0".to_owned(), "METHOD:REPLY".to_owned()];
        all.push("BEGIN:VEVENT".to_owned());
        all.extend_from_slice(event);
        all.push(format!("DTSTAMP:{}", self.answered.strftime("%Y%m%dT%H%M%SZ")));
        all.extend(["END:VEVENT".to_owned(), "END:VCALENDAR".to_owned()]);
        all.iter().map(|line| folded(line)).collect()
    }
}

fn partstat(decision: Decision) -> &'static str {
    match decision {
        Decision::Yes => "ACCEPTED",
        Decision::No => "DECLINED",
        Decision::Maybe => "TENTATIVE",
    }
}

fn domain(address: &str) -> &str {
    address.rsplit('@').next().unwrap_or_default()
}

/// CRLF after every line.
fn lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\r\n", line.trim_end())).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>")
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// RFC 2047, in words of at most 75 characters.
fn encoded_word(text: &str) -> String {
    if text.is_ascii() && !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    let mut words = vec![String::new()];
    for letter in text.chars() {
        if words.last().is_some_and(|word| word.len() + letter.len_utf8() > 42) {
            words.push(String::new());
        }
        words.last_mut().expect("one word at least").push(letter);
    }
    let engine = base64::engine::general_purpose::STANDARD;
    words.iter().map(|word| format!("=?UTF-8?B?{}?=", engine.encode(word))).collect::<Vec<_>>().join("\r\n ")
}

fn base64(bytes: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(bytes);
    let rows = text.as_bytes().chunks(76).map(|row| format!("{}\r\n", String::from_utf8_lossy(row)));
    rows.collect()
}

/// A whole message: header block, MIME headers, body.
/// A whole message: header block, MIME headers, body.
fn message(head: String, kind: &str, body: &str) -> Vec<u8> {
    format!("{head}MIME-Version: 1.0\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}").into_bytes()
}

/// RFC 5545 §3.1: a line that begins with a blank goes on with the one before.
fn unfolded(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "").lines().map(str::to_owned).collect()
}

/// At most 75 bytes a line, never inside a letter.
fn folded(line: &str) -> String {
    let (mut out, mut width) = (String::new(), 0);
    for letter in line.chars() {
        if width + letter.len_utf8() > 75 {
            out.push_str("\r\n ");
            width = 1;
        }
        out.push(letter);
        width += letter.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::super::phrases::{LANGUAGES, said};
    use super::*;

    /// A letter as the plan describes it, written by hand.
    const LETTER: &str = "From: Primaria <workshop@primaria.example>\r\nReply-To: workshop@primaria.example\r\n\
        To: =?UTF-8?Q?Ana_P=C4=83un?= <ana@post.example>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\n\
        Message-ID: <invitation.k7q2m9x4t8wn.1@primaria.example>\r\nSubject: Workshop [#k7q2m9x4t8wn]\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
        Dear Ana,\r\nplease come.\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Dear Ana,</p>\
        <a href=\"mailto:workshop@primaria.example?subject=Yes%20%5B%23k7q2m9x4t8wn%3Ayes%5D&amp;body=Yes%2C%20I%20will%20take%20part.\">Yes</a>\
        <a href=\"mailto:workshop@primaria.example?body=No.&amp;subject=No%20%5B%23k7q2m9x4t8wn%3Ano%5D\">No</a>\
        <a href=\"mailto:help@primaria.example\">Help</a>\r\n--b\r\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n\
        BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:k7q2m9x4t8wn@primaria.example\r\nSEQUENCE:2\r\n\
        DTSTAMP:20261123T090000Z\r\nDTSTART:20261210T111500Z\r\nDTEND:20261210T133000Z\r\nSUMMARY:Workshop for small and\r\n  large towns\r\n\
        ORGANIZER;CN=Primaria:mailto:workshop@primaria.example\r\nATTENDEE;RSVP=TRUE:mailto:ana@post.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n";

    fn letter() -> Received {
        Received::read(LETTER.as_bytes())
    }

    /// The calendar part of an answer, unfolded.
    fn calendar(raw: &[u8]) -> Vec<String> {
        let message = MessageParser::default().parse(raw).unwrap();
        let part = message.parts.iter().find(|part| part.content_type().is_some_and(|t| t.subtype() == Some("calendar"))).unwrap();
        assert_eq!(part.content_type().unwrap().attribute("method"), Some("REPLY"));
        unfolded(part.text_contents().unwrap())
    }

    #[test]
    fn words_reply_to_the_letter_and_quote_it() {
        for lang in LANGUAGES {
            for (quote, sign) in [(Quote::None, ""), (Quote::Marked, "> please come."), (Quote::Block, "________________________________")]
            {
                let raw = letter().words(lang, said(lang, Decision::Yes), quote);
                let message = MessageParser::default().parse(&raw).unwrap();
                assert_eq!(message.from().unwrap().first().unwrap().name(), Some("Ana Păun"));
                assert_eq!(message.in_reply_to().as_text(), Some("invitation.k7q2m9x4t8wn.1@primaria.example"));
                let text = message.body_text(0).unwrap();
                assert!(text.contains(sign) && text.contains("please come.") == (quote != Quote::None), "{text}");
            }
        }
    }

    #[test]
    fn the_button_is_pressed_as_the_letter_has_it() {
        assert_eq!(letter().buttons().len(), 2);
        let raw = letter().button(Decision::Yes, "We are three.");
        let message = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(message.subject(), Some("Yes [#k7q2m9x4t8wn:yes]"));
        assert_eq!(message.body_text(0).unwrap(), "Yes, I will take part.\r\n\r\nWe are three.\r\n");
        assert_eq!(letter().buttons()[1].3, "No.");
    }

    #[test]
    fn calendar_programs_answer_the_request() {
        let google = calendar(&letter().google(Decision::Yes, 2, "with two colleagues"));
        let exchange = calendar(&letter().exchange(Decision::No, "no; sorry"));
        for (lines, partstat) in [(&google, "PARTSTAT=ACCEPTED"), (&exchange, "PARTSTAT=DECLINED")] {
            for line in ["METHOD:REPLY", "UID:k7q2m9x4t8wn@primaria.example", "SEQUENCE:2", "DTSTAMP:20261123T090100Z"] {
                assert!(lines.iter().any(|l| l == line), "{line} in {lines:?}");
            }
            let attendee = lines.iter().find(|line| line.starts_with("ATTENDEE")).unwrap();
            assert!(attendee.contains(partstat) && attendee.ends_with(":mailto:ana@post.example"), "{attendee}");
        }
        assert!(google.iter().any(|l| l.contains("X-NUM-GUESTS=2;X-RESPONSE-COMMENT=\"with two colleagues\"")), "{google:?}");
        assert!(
            google.iter().any(|l| l.starts_with("ORGANIZER")) && google.contains(&"SUMMARY:Workshop for small and large towns".to_owned())
        );
        assert!(!exchange.iter().any(|l| l.starts_with("ORGANIZER")));
        assert!(exchange.contains(&"COMMENT;LANGUAGE=en-US:no\\; sorry\\n".to_owned()), "{exchange:?}");
    }

    #[test]
    fn machines_answer_as_machines() {
        let away = letter().out_of_office("Automatic reply", "I am away until 30 November.");
        let message = MessageParser::default().parse(&away).unwrap();
        assert_eq!(message.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"));
        let bounce = letter().bounce("5.1.1", "550 5.1.1 User unknown");
        let message = MessageParser::default().parse(&bounce).unwrap();
        assert_eq!(
            message.parts.iter().filter_map(|p| p.content_type()?.subtype()).collect::<Vec<_>>(),
            ["report", "plain", "delivery-status", "rfc822-headers"]
        );
        assert!(String::from_utf8(bounce).unwrap().contains("\r\nMessage-ID: <invitation.k7q2m9x4t8wn.1@primaria.example>\r\n"));
    }

    #[test]
    fn hostile_mail_keeps_its_envelope_whole() {
        for harm in Harm::ALL {
            let raw = letter().hostile(harm);
            let message = MessageParser::default().parse(&raw).unwrap();
            assert_eq!(message.from().unwrap().first().unwrap().address(), Some("ana@post.example"), "{harm:?}");
            assert!(raw.split(|b| *b == b'\n').next().unwrap().ends_with(b"\r"), "{harm:?}");
        }
    }
}
