//! Guests invited by hand.

use convoke::{
    model::{Address, CalendarPolicy, Campaign, Event, Guest, Kind, Lang, Localised, Sender, Stamp, Token},
    store::{
        Connection, campaigns,
        editions::{self, Content},
        outbox::Envelope,
    },
};
use jiff::Timestamp;
use std::collections::BTreeMap;

fn campaign(name: &str) -> Campaign {
    let moment = |text: &str| text.parse().expect("a moment");
    Campaign {
        hours: None,
        name: name.into(),
        language: Lang::parse("en").expect("a code"),
        deadline: None,
        calendar: CalendarPolicy::Never,
        event: Event {
            title: Localised::One("Gala".into()),
            start: moment("2026-12-10T13:15[Europe/Bucharest]"),
            end: moment("2026-12-10T15:30[Europe/Bucharest]"),
            place: None,
            link: None,
        },
    }
}

/// Invites `guestNUMBER@post.example`; the letter is due at `now`.
pub fn invite(conn: &Connection, name: &str, number: u64, now: Timestamp) {
    invite_at(conn, name, number, &format!("guest{number}@post.example"), now);
}

/// Invites whoever has this address, as [`invite`].
pub fn invite_at(conn: &Connection, name: &str, number: u64, email: &str, now: Timestamp) {
    let desk = Address::parse("gala@primaria.example").expect("an address");
    let email = Address::parse(email).expect("an address");
    let (from, reply_to, bounce_to) = (desk.clone(), desk.clone(), desk.clone());
    let sender = Sender { name: String::new(), from, reply_to, bounce_to, plus_addressing: false };
    let id = campaigns::save(conn, &campaign(name), "", now).expect("a campaign");
    let content = Content { files: BTreeMap::new(), campaign: campaign(name), sender };
    let edition = editions::keep(conn, id, &content, now).expect("an edition");
    let stamp = Stamp { token: Token::from_bits(number), kind: Kind::Invitation, number: 1, date: now, earlier: Vec::new() };
    let envelope = Envelope {
        message_id: stamp.message_id("primaria.example"),
        lang: Lang::parse("en").expect("a code"),
        mail_from: desk,
        rcpt_to: email.clone(),
    };
    let (name, fields) = (String::new(), BTreeMap::new());
    let guest = Guest { email, name, lang: None, organisation: None, zone: None, fields, row: 2 };
    campaigns::invite(conn, (id, edition), &guest, &stamp, &envelope, now).expect("invited");
}
