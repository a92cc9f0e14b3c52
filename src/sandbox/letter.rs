//! A letter as the guest's mail program opens it.

use super::{
    Taken,
    dialect::{self, Dialect},
};
use crate::model::{Address, Answer, Lang};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders};
use percent_encoding::percent_decode_str;
use scraper::{Html, Selector};

/// What a guest's program needs of a letter to answer it.
pub(super) struct Opened {
    pub(super) guest: Address,
    /// As our To names the guest, else made of the address.
    pub(super) guest_name: String,
    pub(super) from_name: String,
    pub(super) from: Address,
    /// Reply-To, else From: where words go.
    pub(super) reply_to: Address,
    /// The envelope sender: where robots and notices go.
    pub(super) bounce_to: Address,
    pub(super) subject: String,
    /// With angle brackets; empty where the letter has none.
    pub(super) message_id: String,
    pub(super) references: Vec<String>,
    /// When it was written, in the zone of the guest's language.
    pub(super) date: Zoned,
    pub(super) text: String,
    pub(super) html: Option<String>,
    /// The calendar REQUEST.
    pub(super) request: Option<String>,
    /// The header block, for notices that return it.
    pub(super) header: String,
    pub(super) dialect: &'static Dialect,
    /// It is a later letter of a conversation.
    pub(super) follows: bool,
}

/// What a `mailto:` link holds (RFC 6068).
pub(super) struct Mailto {
    pub(super) to: Address,
    pub(super) subject: String,
    pub(super) body: String,
}

impl Opened {
    /// None where the letter is no message.
    pub(super) fn open(taken: &Taken, guest: &Address, organiser: &Address) -> Option<Self> {
        let message = MessageParser::default().parse(&taken.raw)?;
        let from = message.from().and_then(|from| from.first());
        let from_name = from.and_then(|from| from.name()).unwrap_or_default().to_owned();
        let from = from.and_then(|from| Address::parse(from.address()?).ok()).unwrap_or_else(|| organiser.clone());
        let reply_to = message.reply_to().and_then(|to| Address::parse(to.first()?.address()?).ok());
        let guest_name = message.to().and_then(|to| to.first()?.name()).map_or_else(|| name_of(guest), str::to_owned);
        let text = message.body_text(0).unwrap_or_default().replace("\r\n", "\n");
        let html = message.body_html(0).filter(|_| message.html_bodies().any(|part| part.is_text_html())).map(String::from);
        let dialect = dialect::of(&language(&message, html.as_deref(), &text));
        let date = message.date().and_then(|date| Timestamp::from_second(date.to_timestamp()).ok()).unwrap_or_default();
        let zone = TimeZone::get(dialect.zone).unwrap_or(TimeZone::UTC);
        let request = message.parts.iter().find(|part| {
            let calendar = part.content_type().is_some_and(|t| t.ctype() == "text" && t.subtype() == Some("calendar"));
            calendar && part.text_contents().is_some_and(|text| text.contains("METHOD:REQUEST"))
        });
        let end = taken.raw.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or(taken.raw.len());
        let mut references = identities(message.references());
        let message_id = message.message_id().map(|id| format!("<{id}>")).unwrap_or_default();
        references.push(message_id.clone());
        Some(Self {
            guest: guest.clone(),
            guest_name,
            from_name,
            reply_to: reply_to.unwrap_or_else(|| from.clone()),
            bounce_to: taken.mail_from.clone().unwrap_or_else(|| organiser.clone()),
            from,
            subject: message.subject().unwrap_or_default().to_owned(),
            message_id,
            references,
            date: date.to_zoned(zone),
            text,
            html,
            request: request.and_then(|part| part.text_contents()).map(str::to_owned),
            header: String::from_utf8_lossy(taken.raw.get(..end).unwrap_or_default()).into_owned(),
            dialect,
            follows: !identities(message.in_reply_to()).is_empty(),
        })
    }

    /// The `mailto:` link of the HTML part whose subject tag carries this answer (`[#TOKEN:yes]`).
    pub(super) fn button(&self, answer: Answer) -> Option<Mailto> {
        let word = match answer {
            Answer::Accept => ":yes]",
            Answer::Decline => ":no]",
            Answer::Tentative => ":maybe]",
            Answer::Delegate | Answer::None => return None,
        };
        let links = Selector::parse("a[href]").ok()?;
        let html = Html::parse_document(self.html.as_deref()?);
        let found = html.select(&links).filter_map(|link| mailto(link.attr("href")?));
        found.into_iter().find(|mailto| mailto.subject.to_ascii_lowercase().contains(word))
    }
}

fn identities(header: &HeaderValue<'_>) -> Vec<String> {
    header.as_text_list().unwrap_or_default().iter().map(|id| format!("<{id}>")).collect()
}

fn mailto(link: &str) -> Option<Mailto> {
    let rest = link.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")).and(link.get(7..))?;
    let (to, fields) = rest.split_once('?').unwrap_or((rest, ""));
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let field = |name: &str| {
        let found = fields.split('&').filter_map(|field| field.split_once('='));
        found.into_iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| decode(value)).unwrap_or_default()
    };
    Some(Mailto { to: Address::parse(&decode(to)).ok()?, subject: field("subject"), body: field("body") })
}

/// What the letter says of its language, else what it looks like: it was written for this guest.
fn language(message: &Message<'_>, html: Option<&str>, text: &str) -> Lang {
    let header = message.header_raw("Content-Language").map(str::to_owned);
    let attribute = html.and_then(|html| Some(Html::parse_document(html).root_element().attr("lang")?.to_owned()));
    let stated = attribute.or(header).and_then(|code| Lang::parse(&code));
    stated.unwrap_or_else(|| dialect::detect(text))
}

/// `ana.ionescu@…` is Ana Ionescu.
fn name_of(address: &Address) -> String {
    let words = address.local().split(['.', '_', '-', '+']).filter(|word| !word.is_empty());
    let capital = words.map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    });
    capital.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_gives_what_a_mail_program_would_open() {
        let link =
            "mailto:r%2Bk7@x.example?subject=S%C3%AC%3A%20A%20%26%20B%20%5B%23k7q2m9x4t8wn%3Ayes%5D&body=S%C3%AC%2C%20vengo.%0D%0A%0D%0A";
        let opened = mailto(link).expect("a link");
        assert_eq!(opened.to.as_str(), "r+k7@x.example");
        assert_eq!(opened.subject, "Sì: A & B [#k7q2m9x4t8wn:yes]");
        assert_eq!(opened.body, "Sì, vengo.\r\n\r\n");
        assert!(mailto("https://x.example/").is_none());
    }

    #[test]
    fn a_name_is_made_of_the_address() {
        assert_eq!(name_of(&Address::parse("ana.ionescu@x.example").expect("an address")), "Ana Ionescu");
    }
}
