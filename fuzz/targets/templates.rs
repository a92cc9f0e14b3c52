//! Any text as a template, and any text as what a guest list says: a letter or a list of flaws, and never a header more.
#![no_main]

use convoke::{
    compose::{Templates, letter},
    model::{Address, CalendarPolicy, Campaign, Event, Guest, Kind, Lang, Localised, Sender, Stamp, Token},
};
use libfuzzer_sys::fuzz_target;
use mail_parser::MessageParser;
use std::collections::BTreeMap;

/// Files are parted by this sign; the last text is what the guest list says.
const END: char = '\u{1}';

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut texts = text.split(END);
    let template = texts.next().unwrap_or_default();
    let (layout, words, name) = (texts.next(), texts.next(), texts.next().unwrap_or("Ana Pop"));
    let mut files = BTreeMap::from([("invitation.en.md".to_owned(), template.to_owned())]);
    files.extend(layout.filter(|text| !text.is_empty()).map(|text| ("layout.html".to_owned(), text.to_owned())));
    files.extend(words.filter(|text| !text.is_empty()).map(|text| ("words.en.toml".to_owned(), text.to_owned())));
    let templates = match Templates::parse("templates/t", &files) {
        Ok(templates) => templates,
        Err(flaws) => {
            assert!(!flaws.is_empty() && flaws.iter().all(|flaw| !flaw.why.is_empty()));
            return;
        }
    };
    let address = |text: &str| Address::parse(text).expect("a constant address");
    let lang = Lang::parse("en").expect("a constant code");
    let moment = |text: &str| text.parse::<jiff::Zoned>().expect("a constant moment");
    let campaign = Campaign {
        name: "workshop".to_owned(),
        language: lang.clone(),
        deadline: "2026-11-05".parse().ok(),
        calendar: CalendarPolicy::WithInvitation,
        event: Event {
            title: Localised::One(name.to_owned()),
            start: moment("2026-11-10T13:15[Europe/Bucharest]"),
            end: moment("2026-11-10T14:30[Europe/Bucharest]"),
            place: Some(Localised::One("Online".to_owned())),
            link: Some("https://us.example/room".to_owned()),
        },
        hours: None,
    };
    let sender = Sender {
        name: name.to_owned(),
        from: address("workshop@us.example"),
        reply_to: address("rsvp@us.example"),
        bounce_to: address("bounce@us.example"),
        plus_addressing: true,
    };
    let guest = Guest {
        email: address("ana@guest.example"),
        name: name.to_owned(),
        lang: Some(lang),
        organisation: Some(name.to_owned()),
        zone: Some("Europe/Vilnius".to_owned()),
        fields: BTreeMap::from([("salutation".to_owned(), name.to_owned())]),
        row: 2,
    };
    let stamp = Stamp {
        token: Token::parse("k7q2m9x4t8wn").expect("a constant token"),
        kind: Kind::Invitation,
        number: 1,
        date: "2026-10-23T10:00:00Z".parse().expect("a constant instant"),
        earlier: Vec::new(),
    };
    match letter(&templates, &campaign, &sender, &guest, &stamp) {
        Err(flaws) => assert!(!flaws.is_empty()),
        Ok(letter) => {
            assert_eq!(letter.rcpt_to, guest.email);
            let raw = &letter.raw;
            assert!(raw.split(|b| *b == b'\n').rev().skip(1).all(|line| line.ends_with(b"\r")), "a bare line end");
            let message = MessageParser::default().parse(raw).expect("a message");
            let named = |name: &str| message.headers().iter().filter(|header| header.name.as_str().eq_ignore_ascii_case(name)).count();
            for name in ["From", "To", "Subject", "Message-ID", "Date", "Reply-To"] {
                assert_eq!(named(name), 1, "{name}");
            }
            assert_eq!(named("Bcc") + named("Cc"), 0);
        }
    }
});
