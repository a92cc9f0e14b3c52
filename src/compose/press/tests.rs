use super::*;
use crate::model::{Address, CalendarPolicy, Event, Localised, Token};
use proptest::prelude::*;
use std::{fs, path::Path};

fn lang(code: &str) -> Lang {
    Lang::parse(code).expect("a code")
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn campaign() -> Campaign {
    let title = [("ro", "Workshop online"), ("en", "Online workshop"), ("fi", "Verkkotyöpaja")];
    Campaign {
        hours: None,
        name: "w".into(),
        language: lang("ro"),
        deadline: Some("2026-12-04".parse().expect("a day")),
        calendar: CalendarPolicy::WithInvitation,
        event: Event {
            title: Localised::ByLang(title.iter().map(|(code, title)| (lang(code), (*title).to_owned())).collect()),
            start: "2026-12-10T13:15[Europe/Bucharest]".parse().expect("a moment"),
            end: "2026-12-10T15:30[Europe/Bucharest]".parse().expect("a moment"),
            place: Some(Localised::One("Zoom".into())),
            link: Some("https://zoom.example/j/000000000".into()),
        },
    }
}

fn sender(plus_addressing: bool) -> Sender {
    let (from, reply_to) = (address("workshop@primaria.example"), address("rsvp@primaria.example"));
    Sender { name: "Primăria Lunca Mare".into(), from, bounce_to: reply_to.clone(), reply_to, plus_addressing }
}

fn guest(v: &str) -> Guest {
    Guest {
        email: address("ana@ro.example"),
        name: "Ana Ionescu".into(),
        lang: Some(lang("ro")),
        organisation: Some("Organizația".into()),
        zone: None,
        fields: BTreeMap::from([("v".to_owned(), v.to_owned()), ("salutation".to_owned(), format!("Dragă {v}"))]),
        row: 2,
    }
}

fn stamp(token: u64) -> Stamp {
    Stamp {
        token: Token::from_bits(token),
        kind: Kind::Invitation,
        number: 1,
        date: "2026-11-23T10:00:00.5Z".parse().expect("an instant"),
        earlier: Vec::new(),
    }
}

fn shipped() -> Arc<Templates> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/workshop");
    let entry = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.expect("an entry");
        (entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path()).expect("UTF-8"))
    };
    let files = fs::read_dir(folder).expect("templates/workshop").map(entry).collect();
    Arc::new(Templates::parse("t", &files).expect("a set"))
}

fn set(body: &str) -> Arc<Templates> {
    let files = BTreeMap::from([("invitation.ro.md".to_owned(), format!("---\nsubject: S {{{{guest.v}}}}\n---\n{body}"))]);
    Arc::new(Templates::parse("t", &files).expect("a set"))
}

/// The letter of the press, which is that of the long way; the other value tells whether the press wrote it.
fn same(press: &mut Press, guest: &Guest, stamp: &Stamp) -> bool {
    let quick = press.quick(guest, stamp);
    let slow = super::super::letter(&press.templates, &press.campaign, &press.sender, guest, stamp);
    if let Some(quick) = &quick {
        let slow = slow.as_ref().expect("a letter");
        let lines = |letter: &Letter| String::from_utf8_lossy(&letter.raw).lines().map(str::to_owned).collect::<Vec<_>>();
        for (quick, slow) in lines(quick).iter().zip(lines(slow)) {
            assert_eq!(*quick, slow);
        }
        assert!(quick == slow, "more than the wire differs");
    }
    assert!(press.letter(guest, stamp) == slow);
    quick.is_some()
}

/// A value in every place that a press can fill.
const EVERYWHERE: &str = "{{guest.v}}\n\n# {{guest.v}}\n\n**{{guest.v}}**, _{{guest.v}}_ and [{{guest.v}}](https://x.example/?q={{guest.v}} \"{{guest.v}}\")\n\n* {{guest.v}}\n  1. x {{guest.v}} y\n\n> {{guest.v}}\n\n`{{guest.v}}`\n\n    {{guest.v}} \n\na <b title=\"{{guest.v}}\">{{guest.v}}</b> ![{{guest.v}}](https://x.example/{{guest.v}}.png)\n\n<div>\n{{guest.v}}\n</div>\n\n<p>x <a href=\"https://x.example/?q={{guest.v}}&amp;e={{guest.email}}\">{{guest.v}} y</a></p>\n\nO frază lungă, în care valoarea {{guest.v}} stă între cuvinte și linia se rupe mai devreme sau mai târziu, după cum e ea.\n\n{{reply_buttons}}\n\n{{#if guest.organisation}}{{guest.organisation}}{{else}}nobody{{/if}}{{#if (eq guest.title \"Dr\")}} {{guest.title}}{{/if}} {{time event.start}} {{guest.email}} {{guest.lang}}\n";

#[test]
fn every_shipped_letter_is_pressed() {
    for plus in [false, true] {
        let mut press = Press::new(shipped(), campaign(), sender(plus));
        for (at, code) in ["ro", "en", "nl", "it", "hr", "lt", "fi", "de"].into_iter().enumerate() {
            for zone in [None, Some("Europe/Bucharest"), Some("America/New_York")] {
                let mut guest = guest("Ana");
                guest.lang = Some(lang(code));
                guest.zone = zone.map(str::to_owned);
                let mut stamp = stamp(0x1234_5678_9abc ^ at as u64);
                assert!(same(&mut press, &guest, &stamp), "{code}");
                guest.name = "Željka <Šimić>".into();
                stamp.token = Token::from_bits(u64::MAX ^ at as u64);
                stamp.date = "2026-11-23T10:00:01Z".parse().expect("an instant");
                guest.fields.insert("salutation".into(), "Poštovana gospođo ".repeat(9));
                assert!(same(&mut press, &guest, &stamp), "{code}");
            }
        }
        assert_eq!(press.shapes, 24);
    }
}

#[test]
fn a_link_of_the_guests_own_is_pressed() {
    let body = "[here]({{guest.v}}), <{{guest.v}}>, [www.x.example]({{guest.v}}) and <a href=\"{{guest.v}}\">there</a>: {{guest.v}}\n\n<p><a href=\"{{guest.v}}\">www.x.example</a></p>\n";
    let mut press = Press::new(set(body), campaign(), sender(false));
    for (value, pressed) in [
        ("https://x.example/?a=1&b='2'", true),
        ("https://y.example/ș", true),
        ("HTTP://www.x.example/", false),
        ("HTTP://z.example/", true),
        ("https://www.x.example/", false),
        ("www.z.example/\"", true),
        ("www.x.example", false),
        ("mailto:a+b@x.example", true),
        ("a+b@x.example", true),
        ("ș@x.example", true),
        ("tel:+40", true),
        ("javascript:alert(1)", false),
    ] {
        for token in [7, 8] {
            assert_eq!(same(&mut press, &guest(value), &stamp(token)), pressed, "{value}");
        }
    }
}

#[test]
fn a_link_that_begins_with_the_guests_own_is_pressed() {
    let query = "{{guest.v}}?n={{guest.name}}&amp;e={{guest.v}}";
    let body = format!(
        "<p><a href=\"{query}\">Block</a></p>\n\n<a href=\"{query}\">Line</a>, [Link]({query}), [Event]({{{{event.link}}}}?e={{{{guest.v}}}}) ![i]({query})\n"
    );
    let mut press = Press::new(set(&body), campaign(), sender(false));
    for (value, pressed) in [
        ("page", false),
        ("https://x.example/?a=1&b='2'", true),
        ("HTTP://y.example/[ș]", true),
        ("www.z.example/\"", true),
        ("mailto:a+b@x.example", true),
        ("a+b@x.example", true),
        ("tel:+40", true),
        ("javascript:alert(1)", false),
    ] {
        for token in [7, 8] {
            assert_eq!(same(&mut press, &guest(value), &stamp(token)), pressed, "{value}");
        }
    }
}

#[test]
fn what_a_value_can_change_is_written_the_long_way() {
    for body in [
        "a <b class=\"{{guest.v}}\">x</b>\n",
        "<select>\n{{guest.v}}\n</select>\n",
        "[{{guest.v}}]\n\n[{{guest.v}}]: https://x.example\n",
        "<!-- {{guest.v}} -->\n\nx\n",
        "<style>a[title=x] { color: red }</style>\n\n[x](https://x.example \"{{guest.v}}\")\n",
        "\u{F0001} {{guest.v}}\n",
    ] {
        let mut press = Press::new(set(body), campaign(), sender(false));
        assert!(!same(&mut press, &guest("x"), &stamp(1)), "{body}");
    }
    let mut press = Press::new(set(EVERYWHERE), campaign(), sender(false));
    for (value, pressed) in
        [("x", true), ("", false), ("a\u{A0}b", false), ("a \t b", true), ("a\r\nBcc: x", true), (&"x".repeat(2_000), false)]
    {
        assert_eq!(same(&mut press, &guest(value), &stamp(1)), pressed, "{value:?}");
    }
}

#[test]
fn shapes_have_a_bound() {
    let mut press = Press::new(set("{{#if (eq guest.v \"x\")}}{{guest.v}}{{/if}}x\n"), campaign(), sender(false));
    for at in 0..MAX_SHAPES + 3 {
        assert_eq!(same(&mut press, &guest(&at.to_string()), &stamp(1)), at < MAX_SHAPES);
    }
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zăș ]{1,12}",
        "[a-z]([a-zăș \\r\\n\\t:;,.<>()\\[\\]{}*_`#!|\\\\\"'&@=+/?%-]|\\PC){0,60}[a-z]",
        "(\\.|=|From |[a-z]{1,80}| ){1,20}",
        "[\u{5d0}-\u{5ea}\u{627}-\u{64a} ]{1,40}",
        "(a|b){60,90}( (a|b){1,40}){0,9}",
        "(https://|www\\.|mailto:|)[a-z@.&'ș/]{1,30}",
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Any guests, one after the other, of one press.
    #[test]
    fn the_press_writes_what_the_long_way_writes(
        guests in prop::collection::vec((value(), value(), any::<u64>(), any::<bool>(), any::<bool>(), any::<bool>(), 1..3_u32), 1..5),
        link in 0..3_u8,
        plus in any::<bool>(),
    ) {
        let link = match link {
            0 => "",
            1 => "[here]({{guest.v}}) [x](https://y.example) [{{guest.v}}](http://b)\n\n",
            _ => "[here]({{guest.v}}?q={{guest.v}}) <a href='{{guest.v}}&q={{guest.name}}'>x</a>\n\n<p><a href='{{guest.v}}&q={{guest.v}}'>x</a></p>\n\n",
        };
        let mut press = Press::new(set(&format!("{link}{EVERYWHERE}")), campaign(), sender(plus));
        for (v, name, token, organisation, zone, titled, number) in guests {
            let mut guest = guest(&v);
            guest.name = name;
            guest.organisation = guest.organisation.filter(|_| organisation);
            guest.zone = zone.then(|| "Europe/Vilnius".to_owned());
            if titled {
                guest.fields.insert("title".into(), "Dr".into());
            }
            let earlier = (1..number).map(|number| format!("<invitation.x.{number}@primaria.example>")).collect();
            let mut stamp = Stamp { number, earlier, ..stamp(token) };
            let pressed = same(&mut press, &guest, &stamp);
            stamp.token = Token::from_bits(token.rotate_left(7) ^ 0x55);
            prop_assert_eq!(same(&mut press, &guest, &stamp), pressed);
        }
    }
}
