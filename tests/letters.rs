//! Golden letters, byte for byte, and what hostile lists and templates must not do.
//!
//! Ids, dates and boundaries are arguments, so nothing is masked. After a wanted change, `UPDATE_GOLDEN=1 cargo test
//! --test letters` writes `tests/letters/*.eml` anew; read the difference before you keep it.

use calcard::icalendar::{ICalendar, ICalendarProperty};
use convoke::{
    compose::{Flaw, Templates, letter},
    model::{Address, CalendarPolicy, Campaign, Event, Guest, Kind, Lang, Letter, Localised, Sender, Stamp, Token},
};
use mail_parser::{MessageParser, MimeHeaders, PartType};
use proptest::prelude::*;
use std::{collections::BTreeMap, fs, path::Path};

fn lang(code: &str) -> Lang {
    Lang::parse(code).expect("a code")
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn shipped() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/workshop");
    let entries = fs::read_dir(folder).expect("templates/workshop");
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, fs::read_to_string(path).expect("UTF-8"))
    };
    entries.map(|entry| read(entry.expect("an entry").path())).collect()
}

fn set(files: &[(&str, &str)]) -> Result<Templates, Vec<Flaw>> {
    Templates::parse("templates/t", &files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

fn one(template: &str) -> Templates {
    set(&[("invitation.ro.md", template)]).unwrap_or_else(|flaws| panic!("{}", told(&flaws)))
}

fn told(flaws: &[Flaw]) -> String {
    flaws.iter().map(Flaw::to_string).collect::<Vec<_>>().join("\n")
}

/// The campaign of `workshop.toml`, read from the file so that the two cannot part.
fn campaign(calendar: CalendarPolicy) -> Campaign {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("workshop.toml")).expect("workshop.toml");
    let file: toml::Table = text.parse().expect("TOML");
    let event = &file["event"];
    let text = |key: &str| event[key].as_str().expect("a text").to_owned();
    let title = event["title"].as_table().expect("titles").iter();
    Campaign {
        hours: None,
        name: file["name"].as_str().expect("a name").to_owned(),
        language: lang(file["language"].as_str().expect("a language")),
        deadline: file["deadline"].as_str().and_then(|day| day.parse().ok()),
        calendar,
        event: Event {
            title: Localised::ByLang(title.map(|(code, title)| (lang(code), title.as_str().expect("a title").to_owned())).collect()),
            start: text("start").parse().expect("a moment"),
            end: text("end").parse().expect("a moment"),
            place: Some(Localised::One(text("place"))),
            link: Some(text("link")),
        },
    }
}

fn sender(plus_addressing: bool) -> Sender {
    let from = address("workshop@primaria.example");
    Sender {
        name: "Primăria Lunca Mare".into(),
        reply_to: if plus_addressing { address("rsvp@primaria.example") } else { from.clone() },
        bounce_to: if plus_addressing { address("bounce@primaria.example") } else { from.clone() },
        from,
        plus_addressing,
    }
}

fn guest(code: &str, name: &str, salutation: &str, zone: Option<&str>) -> Guest {
    Guest {
        email: address(&format!("guest.{code}@{code}.example")),
        name: name.into(),
        lang: Some(lang(code)),
        organisation: Some("Organizația Exemplu".into()),
        zone: zone.map(str::to_owned),
        fields: BTreeMap::from([("salutation".to_owned(), salutation.to_owned())]),
        row: 2,
    }
}

fn ana() -> Guest {
    guest("ro", "Ana Ionescu", "Stimată doamnă Ionescu", Some("Europe/Bucharest"))
}

fn stamp(kind: Kind, number: u32, earlier: &[&str]) -> Stamp {
    Stamp {
        token: Token::parse("k7q2m9x4t8wn").expect("a token"),
        kind,
        number,
        date: "2026-11-23T10:00:00Z".parse().expect("an instant"),
        earlier: earlier.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn invitation() -> Stamp {
    stamp(Kind::Invitation, 1, &[])
}

fn write(templates: &Templates, guest: &Guest) -> Result<Letter, Vec<Flaw>> {
    letter(templates, &campaign(CalendarPolicy::WithInvitation), &sender(false), guest, &invitation())
}

const REMINDER: &str = "---\nsubject: Re: {{event.title}}\n---\n{{guest.salutation}},\n\nvă rugăm să ne răspundeți până {{date deadline}}; \
                        întâlnirea începe {{event.start}} și se încheie la {{time event.end}}.\n\n* {{weekday event.start}}\n* {{datetime event.end}}\n\n{{reply_buttons}}\n";

/// Every golden letter by its name.
fn golden() -> Vec<(String, Letter)> {
    let shipped = Templates::parse("templates/workshop", &shipped()).unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    let guests = [
        ana(),
        guest("en", "Mary \"May\" O’Neill", "Dear Ms O’Neill", None),
        guest("nl", "Joris de Vries", "Geachte heer De Vries", Some("Europe/Amsterdam")),
        guest("it", "Niccolò D’Angelo", "Gentile dottor D’Angelo", Some("Europe/Rome")),
        guest("hr", "Željka Šimić", "Poštovana gospođo Šimić", Some("Europe/Zagreb")),
        guest("lt", "Rūta Žukauskienė", "Gerbiama ponia Žukauskiene", Some("Europe/Vilnius")),
        guest("fi", "Päivi Mäkelä", "Arvoisa Päivi Mäkelä", Some("Europe/Helsinki")),
    ];
    let mut letters = Vec::new();
    let mut add = |name: String, written: Result<Letter, Vec<Flaw>>| {
        let written = written.unwrap_or_else(|flaws| panic!("{name}: {}", told(&flaws)));
        letters.push((name, written));
    };
    for guest in &guests {
        let code = guest.lang.as_ref().expect("a language");
        let with = campaign(CalendarPolicy::WithInvitation);
        add(format!("invitation.{code}.calendar"), letter(&shipped, &with, &sender(false), guest, &invitation()));
        if ["ro", "en", "fi"].contains(&code.as_str()) {
            let never = campaign(CalendarPolicy::Never);
            add(format!("invitation.{code}.plain"), letter(&shipped, &never, &sender(false), guest, &invitation()));
        }
    }
    let with = campaign(CalendarPolicy::WithInvitation);
    add("invitation.ro.plus".into(), letter(&shipped, &with, &sender(true), &ana(), &invitation()));
    let reminder = set(&[("reminder.ro.md", REMINDER)]).unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    let earlier = ["<invitation.k7q2m9x4t8wn.1@primaria.example>", "<reminder.k7q2m9x4t8wn.1@primaria.example>"];
    let second = stamp(Kind::Reminder, 2, &earlier);
    add(
        "reminder.ro.earlier".into(),
        letter(&reminder, &with, &sender(false), &guest("ro", "Dan Țîru", "Stimate domnule Țîru", Some("Europe/Vilnius")), &second),
    );
    letters
}

#[test]
fn golden_letters_are_what_they_were() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/letters");
    let update = std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1");
    let letters = golden();
    for (name, written) in &letters {
        let path = folder.join(format!("{name}.eml"));
        if update {
            fs::write(&path, &written.raw).expect("tests/letters can be written");
        }
        let kept = fs::read(&path).unwrap_or_else(|error| panic!("{name}.eml: {error}; UPDATE_GOLDEN=1 writes it"));
        assert!(kept == written.raw, "{name} differs from its golden letter:\n{}", String::from_utf8_lossy(&written.raw));
    }
    let kept = fs::read_dir(folder).expect("tests/letters").filter_map(Result::ok);
    let kept = kept.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "eml")).count();
    assert_eq!(kept, letters.len(), "a golden letter that no test writes");
    assert_eq!(golden(), letters, "the same input gives the same bytes");
}

#[test]
fn golden_letters_are_read_back_as_they_were_meant() {
    for (name, written) in golden() {
        check_wire(&written);
        let raw = String::from_utf8(written.raw.clone()).expect("ASCII");
        let mail = MessageParser::default().parse(&raw).expect("a message");
        assert_eq!(mail.subject(), Some(written.subject.as_str()), "{name}");
        assert_eq!(mail.body_text(0).map(|text| text.replace("\r\n", "\n")), Some(written.text.clone()), "{name}");
        assert_eq!(mail.body_html(0).map(|html| html.replace("\r\n", "\n")), Some(written.html.clone()), "{name}");
        assert_eq!(mail.message_id().map(|id| format!("<{id}>")), Some(written.message_id.clone()), "{name}");
        assert_eq!(mail.header_raw("Auto-Submitted").map(str::trim), Some("auto-generated"), "{name}");
        assert_eq!(mail.header_raw("Content-Language").map(str::trim), Some(written.lang.as_str()), "{name}");
        assert_eq!(mail.date().map(|date| date.to_timestamp()), Some(1_795_428_000), "{name}");
        let to = mail.to().and_then(|to| to.first()).and_then(|to| to.address());
        assert_eq!(to, Some(written.rcpt_to.as_str()), "{name}");
        assert!(mail.to().and_then(|to| to.first()).and_then(|to| to.name()).is_some_and(|name| !name.is_empty()), "{name}");
        assert_eq!(mail.from().and_then(|from| from.first()).and_then(|from| from.name()), Some("Primăria Lunca Mare"), "{name}");

        let tagged = name.ends_with("plus");
        let reply = if tagged { "rsvp+k7q2m9x4t8wn@primaria.example" } else { "workshop@primaria.example" };
        assert_eq!(mail.reply_to().and_then(|to| to.first()).and_then(|to| to.address()), tagged.then_some(reply), "{name}");
        assert_eq!(written.subject.ends_with(" [#k7q2m9x4t8wn]"), !tagged, "{name}");
        let bounce = if tagged { "bounce+k7q2m9x4t8wn@primaria.example" } else { "workshop@primaria.example" };
        assert_eq!(written.mail_from.as_str(), bounce, "{name}");

        for word in ["yes", "no", "maybe"] {
            let tag = format!("%20%5B%23k7q2m9x4t8wn%3A{word}%5D&body=");
            let to =
                if tagged { "mailto:rsvp%2Bk7q2m9x4t8wn@primaria.example?subject=" } else { "mailto:workshop@primaria.example?subject=" };
            assert!(written.text.contains(&tag) && written.text.contains(to), "{name}");
            assert!(written.html.replace("&amp;", "&").contains(&tag), "{name}");
        }
        if let Some(in_reply_to) = mail.in_reply_to().as_text() {
            assert_eq!(in_reply_to, "reminder.k7q2m9x4t8wn.1@primaria.example");
            let thread = mail.references().as_text_list().map(|ids| ids.to_vec()).unwrap_or_default();
            assert_eq!(thread, ["invitation.k7q2m9x4t8wn.1@primaria.example", "reminder.k7q2m9x4t8wn.1@primaria.example"]);
        }
        assert_eq!(mail.in_reply_to().as_text().is_some(), name.contains("earlier"), "{name}");
        check_calendar(&name, &mail, reply);
    }
}

fn check_calendar(name: &str, mail: &mail_parser::Message<'_>, organizer: &str) {
    let kinds: Vec<String> =
        mail.parts.iter().filter_map(|part| part.content_type()).map(|kind| kind.subtype().unwrap_or_default().to_owned()).collect();
    let expected: &[&str] = match name.contains("plain") || name.contains("earlier") {
        true => &["alternative", "plain", "html"],
        false => &["mixed", "alternative", "plain", "html", "calendar", "ics"],
    };
    assert_eq!(kinds, expected, "{name}");
    let bytes = |subtype: &str| {
        let part = mail.parts.iter().find(|part| part.content_type().and_then(|kind| kind.subtype()) == Some(subtype))?;
        match &part.body {
            PartType::Text(text) => Some(text.as_bytes().to_vec()),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    };
    let Some(inline) = bytes("calendar") else { return };
    assert_eq!(Some(&inline), bytes("ics").as_ref(), "{name}: the copy differs");
    let part = mail.parts.iter().find(|part| part.content_type().and_then(|kind| kind.attribute("method")) == Some("REQUEST"));
    assert!(part.is_some_and(|part| part.content_disposition().is_none()), "{name}");

    let ics = String::from_utf8(inline).expect("UTF-8");
    assert!(ics.split("\r\n").all(|line| line.len() <= 73) && ics.ends_with("END:VCALENDAR\r\n"), "{name}");
    let calendar = ICalendar::parse(&ics).expect("a calendar");
    let event = calendar.components.iter().find(|c| c.component_type.as_str() == "VEVENT").expect("an event");
    let text =
        |property: &ICalendarProperty| event.property(property).and_then(|p| p.values.first()).and_then(|v| v.as_text()).map(str::to_owned);
    assert_eq!(text(&ICalendarProperty::Uid).as_deref(), Some("k7q2m9x4t8wn@primaria.example"), "{name}");
    let who = |property: &ICalendarProperty| event.property(property).and_then(|p| p.calendar_address()).map(str::to_owned);
    assert_eq!(who(&ICalendarProperty::Organizer).as_deref(), Some(organizer), "{name}");
    assert_eq!(
        who(&ICalendarProperty::Attendee),
        mail.to().and_then(|to| to.first()).and_then(|to| to.address()).map(str::to_owned),
        "{name}"
    );
    assert!(text(&ICalendarProperty::Summary).is_some_and(|title| title.contains("ECoC-SME")), "{name}");
    assert!(text(&ICalendarProperty::Description).is_some_and(|text| text.ends_with("\nhttps://zoom.example/j/000000000")), "{name}");
    for line in [
        "METHOD:REQUEST",
        "SEQUENCE:0",
        "DTSTAMP:20261123T100000Z",
        "DTSTART:20261210T111500Z",
        "DTEND:20261210T133000Z",
        "X-CONVOKE-TOKEN:k7q2m9x4t8wn",
    ] {
        assert!(ics.contains(&format!("\r\n{line}\r\n")), "{name}: {line}");
    }
}

/// What every letter keeps to on the wire, whatever was in the list.
fn check_wire(written: &Letter) {
    const KNOWN: [&str; 14] = [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "reply-to",
        "in-reply-to",
        "references",
        "auto-submitted",
        "content-language",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "content-disposition",
    ];
    assert!(written.raw.is_ascii(), "eight bits on the wire");
    let raw = String::from_utf8_lossy(&written.raw);
    assert_eq!(raw.matches('\n').count(), raw.matches("\r\n").count(), "bare LF");
    assert_eq!(raw.matches('\r').count(), raw.matches("\r\n").count(), "bare CR");
    let (head, _) = raw.split_once("\r\n\r\n").expect("a body");
    let mut seen = Vec::new();
    for line in head.split("\r\n").filter(|line| !line.starts_with(' ')) {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        assert!(KNOWN.contains(&name.as_str()), "a header that nobody wrote: {line}");
        assert!(!seen.contains(&name), "a header twice: {line}");
        seen.push(name);
    }
    for line in raw.split("\r\n") {
        assert!(line.len() <= 998, "a line of {} octets", line.len());
        assert!(!line.starts_with("--=_") || line.contains(".k7q2m9x4t8wn."), "a boundary that nobody set");
    }
    assert!(written.text.lines().all(|line| line.trim_end() == line), "spaces at the end of a line");
}

#[test]
fn nothing_is_missing_from_the_shipped_templates() {
    let templates = Templates::parse("templates/workshop", &shipped()).unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    let codes: Vec<String> = templates.languages(Kind::Invitation).iter().map(Lang::to_string).collect();
    assert_eq!(codes, ["en", "fi", "hr", "it", "lt", "nl", "ro"]);
    assert!(templates.unknown_columns(Kind::Invitation, &["salutation".to_owned()].into()).is_empty());
    let unknown = templates.unknown_columns(Kind::Invitation, &["salutations".to_owned()].into());
    assert!(unknown.len() == 7 && told(&unknown).contains("did you mean guest.salutations?"), "{}", told(&unknown));
    for code in &codes {
        for zone in [None, Some("Europe/Bucharest"), Some("Europe/Helsinki"), Some("America/New_York")] {
            let mut least = guest(code, "A", "B", zone);
            least.organisation = None;
            let written = write(&templates, &least).unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
            assert!(!written.text.contains("{{") && !written.html.contains("{{"), "{code}");
            assert!(!written.text.contains('\u{E000}') && !written.html.contains('\u{E000}'), "{code}");
            assert!(written.text.lines().all(|line| line.chars().count() <= 72 || line.contains("mailto:")), "{code}");
        }
    }
    assert_eq!(templates.language_for(Kind::Invitation, Some(&lang("de")), &lang("ro")), Some(lang("ro")));
    assert_eq!(templates.language_for(Kind::Invitation, Some(&lang("de")), &lang("fr")), None);
    assert_eq!(templates.language_for(Kind::Reminder, Some(&lang("ro")), &lang("ro")), None);
}

#[test]
fn the_guest_reads_times_of_the_own_zone() {
    let templates = one("---\nsubject: x\n---\n{{time event.start}}; {{time_range event.start event.end}}; {{event.end}}; {{deadline}}\n");
    let text =
        |zone| write(&templates, &guest("ro", "A", "B", zone)).map(|letter| letter.text.replace('\n', " ")).unwrap_or_else(|f| told(&f));
    assert_eq!(text(None), "13:15; 13:15–15:30; joi, 10 decembrie 2026 la 15:30; vineri, 4 decembrie 2026 ");
    assert_eq!(
        text(Some("America/New_York")),
        "06:15 (New York); 06:15–08:30 (New York); joi, 10 decembrie 2026 la 08:30 (New York); vineri, 4 decembrie 2026 "
    );
}

#[test]
fn a_missing_value_stops_the_letter_and_all_are_told() {
    let templates = one(
        "---\nsubject: \"{{guest.organisation}}\"\n---\nDear {{guest.salutation}},\n\n{{#if guest.title}}{{guest.title}} {{guest.nick}}{{else}}{{guest.room}}{{/if}}\n{{#unless guest.zone}}{{guest.name}}{{/unless}}\n",
    );
    let mut guest = ana();
    guest.organisation = None;
    guest.fields.clear();
    guest.fields.insert("salutaton".into(), "Hi".into());
    let flaws = write(&templates, &guest).expect_err("four things are missing");
    let found: Vec<(u32, &str)> = flaws.iter().map(|flaw| (flaw.line, flaw.field.as_str())).collect();
    assert_eq!(found, [(2, "guest.organisation"), (4, "guest.salutation"), (6, "guest.room")]);
    let first = flaws.iter().find(|flaw| flaw.field == "guest.salutation").map(Flaw::to_string).unwrap_or_default();
    assert!(first.starts_with("templates/t/invitation.ro.md, line 4, guest guest.ro@ro.example: guest.salutation is empty"), "{first}");
    assert!(first.contains("did you mean guest.salutaton?") && first.contains("row 2"), "{first}");
}

#[test]
fn a_value_that_nobody_can_see_is_missing() {
    let templates = one("---\nsubject: x\n---\nDear {{guest.name}},\n");
    for name in ["\u{3164}", "\u{2800}", "\u{200B}", "\u{AD}", "\u{A0}"] {
        let said = write(&templates, &Guest { name: name.into(), ..ana() }).map_or_else(|flaws| told(&flaws), |letter| letter.text);
        assert!(said.contains("guest.name is empty for this guest"), "{name:?}: {said}");
    }
}

#[test]
fn wrong_templates_are_told_with_line_and_cure() {
    let body = |line: &str| format!("---\nsubject: x\n---\nHello\n{line}\n");
    for (written, line, word) in [
        (body("{{guets.name}}"), 5, "did you mean guest.name?"),
        (body("{{name}}"), 5, "did you mean guest.name?"),
        (body("{{event.titel}}"), 5, "did you mean event.title?"),
        (body("{{#if event.plaec}}x{{/if}}"), 5, "did you mean event.place?"),
        (body("{{#if (eq guest.lang \"ro\") }}{{event.tilte}}{{/if}}"), 5, "did you mean event.title?"),
        (body("{{#each guest.children}}x{{/each}}"), 5, "nothing to repeat"),
        (body("{{#unless sender.nam}}x{{/unless}}"), 5, "did you mean sender.name?"),
        (body("{{dat deadline}}"), 5, "did you mean date?"),
        (body("{{date guest.name}}"), 5, "takes event.start, event.end or deadline"),
        (body("{{time deadline}}"), 5, "a day and has no time"),
        (body("{{time_range event.start}}"), 5, "write it as {{time_range event.start event.end}}"),
        (body("{{{guest.name}}}"), 5, "write {{guest.name}}"),
        (body("{{> footer}}"), 5, "write the text here"),
        (body("{{#if guest.name}}x"), 5, "{{#if guest.name}} is not closed"),
        (body("{{guest.name}"), 5, "braces"),
        (body("please: {{reply_buttons}}"), 5, "alone on its line"),
        (body("{{guest.Name}}"), 5, "did you mean guest.name?"),
        (body("{{guest.Observații}}"), 5, "did you mean guest.observatii?"),
        (body("{{#if guest.Număr_locuri}}x{{/if}}"), 5, "did you mean guest.numar_locuri?"),
        (body("{{guest.Имя}}"), 5, "there are guest.COLUMN"),
        (body("{{lookup guest \"name\"}}"), 5, "not a helper"),
        (body("\u{E000}"), 5, "private-use"),
        (body(&">".repeat(300)), 5, "nested"),
        (body(&"<div>".repeat(300)), 4, "nested"),
        (body(&"{{#if guest.name}}".repeat(300)), 4, "nested"),
        (format!("---\nsubject: x\n---\n{}", "a".repeat(300_000)), 0, "256 KiB"),
        ("Hello".into(), 1, "---, subject: …, ---"),
        ("---\nsubject: x\nHello".into(), 3, "---, subject: …, ---"),
        ("---\n---\nHello".into(), 2, "subject is missing"),
        ("---\nsubjct: x\n---\nHello".into(), 2, "there is only subject"),
        ("---\nsubject: {{guest.nmae}}\n---\nHello".into(), 0, ""),
        ("---\nsubject: {{reply_buttons}}\n---\nHello".into(), 2, "subject"),
    ] {
        let read = set(&[("invitation.ro.md", &written)]);
        if word.is_empty() {
            assert!(read.is_ok(), "a column of the list: only the list can tell");
            continue;
        }
        let flaws = read.map(|_| ()).expect_err(&written);
        let all = told(&flaws);
        assert!(flaws.iter().any(|flaw| flaw.line == line && flaw.why.contains(word)), "{line} {word}: {all}");
        assert!(all.starts_with("templates/t/invitation.ro.md"), "{all}");
    }
}

#[test]
fn wrong_sets_are_told() {
    let good = "---\nsubject: x\n---\n{{reply_buttons}}\n";
    let words = "yes = \"Ja\"\nno = \"Nein\"\nmaybe = \"Vielleicht\"\nyes_body = \"Ja.\"\nno_body = \"Nein.\"\nmaybe_body = \"Vielleicht.\"\nintro = \"Bitte:\"\n";
    for (files, word) in [
        (vec![], "there is no template"),
        (vec![("invitaton.ro.md", good)], "did you mean invitation.ro.md?"),
        (vec![("invitation.md", good)], "KIND.LANG.md"),
        (vec![("invitation.romanian.md", good)], "KIND.LANG.md"),
        (vec![("invitation.de.md", good)], "write words.de.toml"),
        (vec![("invitation.de.md", good), ("words.de.toml", "yes = \"Ja\"\n")], "\"intro\" is missing"),
        (
            vec![("invitation.de.md", good), ("words.de.toml", &format!("{words}intor = \"x\"\n"))],
            "line 8: the key \"intor\" is not known; did you mean intro?",
        ),
        (vec![("invitation.de.md", good), ("words.de.toml", "yes = ")], "not TOML"),
        (vec![("invitation.ro.md", good), ("layout.html", "<p>{{body}}</p>")], "three braces"),
        (vec![("invitation.ro.md", good), ("layout.html", "<p></p>")], "must stand there once"),
        (vec![("invitation.ro.md", good), ("layout.html", "{{{body}}}{{guest.name}}")], "a layout has only"),
        (vec![("invitation.ro.md", good), ("layout.html", &format!("{}{{{{{{body}}}}}}", "<div>".repeat(5_000)))], "nested"),
    ] {
        let flaws = set(&files).map(|_| ()).expect_err(word);
        assert!(told(&flaws).contains(word), "{word}: {}", told(&flaws));
    }
    let set = set(&[("invitation.de.md", good), ("words.de.toml", words), ("README.md", "x"), (".notes", "x")]);
    let set = set.unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    let written = write(&set, &guest("de", "A", "B", None)).unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    assert!(written.text.starts_with("Bitte:\n\nJa: <mailto:"), "{}", written.text);
}

#[test]
fn values_are_printed_as_they_stand() {
    let templates = one(EVERYWHERE);
    for value in [
        "*Ana* <b>",
        "[x](http://evil)",
        "<http://evil.example>",
        "1. a",
        "# a",
        "> a",
        "- a",
        "`a` &amp; &",
        "a_b_c",
        "\\*",
        "{{guest.email}}",
        "cv:61",
        "a  b",
        "---",
        "| a |",
        "![i](https://evil.example/p.png)",
    ] {
        literal(&templates, value);
    }
}

#[test]
fn values_are_not_links() {
    let templates = one("---\nsubject: x\n---\nHello\n\n[site]({{guest.site}}) and <a href=\"{{guest.site}}\">again</a>\n");
    let with = |site: &str| {
        let mut guest = ana();
        guest.fields.insert("site".into(), site.into());
        write(&templates, &guest)
    };
    let flaws = with("javascript:alert(1)").expect_err("no target");
    assert!(told(&flaws).contains("line 6, guest guest.ro@ro.example: guest.site is used as a link"), "{}", told(&flaws));
    let written = with("www.site.example/\"x").unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    assert!(written.text.contains("site: https://www.site.example/\"x"), "{}", written.text);
    assert!(!written.html.contains("/\"x\""), "{}", written.html);
}

#[test]
fn hebrew_is_written_from_right_to_left() {
    let he = "---\nsubject: הזמנה\n---\nשלום {{guest.name}}\n";
    let set = set(&[("invitation.he.md", he), ("invitation.ro.md", "---\nsubject: x\n---\nx\n")]);
    let set = set.unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    let html = |code| write(&set, &guest(code, "A", "B", None)).unwrap_or_else(|flaws| panic!("{}", told(&flaws))).html;
    assert!(html("he").contains("<div dir=\"rtl\">\n<p"), "{}", html("he"));
    assert!(!html("ro").contains("rtl"));
}

#[test]
fn norwegians_read_norwegian_under_any_of_its_codes() {
    let norwegian = "---\nsubject: {{event.title}}\n---\n{{date event.start}}\n";
    let set = set(&[("invitation.nb.md", norwegian), ("invitation.ro.md", norwegian)]).unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    let mut campaign = campaign(CalendarPolicy::Never);
    let titles = [("ro", "Atelier"), ("no", "Verksted")].map(|(code, title)| (lang(code), title.to_owned()));
    campaign.event.title = Localised::ByLang(titles.into());
    for (code, subject) in [("no", "Verksted"), ("nn", "Verksted"), ("nb", "Verksted"), ("da", "Atelier")] {
        let written = letter(&set, &campaign, &sender(true), &guest(code, "A", "B", None), &invitation());
        let written = written.unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
        assert_eq!(written.subject, subject, "{code}");
        assert_eq!(written.text.contains("torsdag 10. desember 2026"), code != "da", "{}", written.text);
    }
    let own = lang("nb");
    assert_eq!(set.language_for(Kind::Invitation, Some(&lang("no")), &own), Some(own));
    assert_eq!(set.language_for(Kind::Invitation, None, &lang("no")), Some(lang("nb")));
}

#[test]
fn values_in_links_of_html_are_encoded() {
    let templates = one(
        "---\nsubject: x\n---\n<table><tr><td><a href=\"https://x.example/r?n={{guest.name}}&amp;e={{guest.email}}\">Register</a></td></tr></table>\n\n\
         Or <a class=b href='https://x.example/{{guest.v}}'>here</a>, <a href=\"tel:{{guest.phone}}\">by phone</a>, <a href=\"mailto:{{guest.email}}\">by mail</a>.\n",
    );
    let mut guest = guest("ro", "Ana & Co", "B", None);
    guest.email = address("a+b@x.example");
    guest.fields.insert("v".into(), "a'b c".into());
    guest.fields.insert("phone".into(), "+40 1".into());
    let written = write(&templates, &guest).unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    let link = "https://x.example/r?n=Ana%20%26%20Co&e=a%2Bb@x.example";
    assert!(written.text.starts_with(&format!("Register: {link}\n")), "{}", written.text);
    assert!(words(&written.text).ends_with("Or here: https://x.example/a%27b%20c, by phone: tel:+40 1, by mail: mailto:a%2Bb@x.example."));
    let page = scraper::Html::parse_document(&written.html);
    let links = scraper::Selector::parse("a").expect("a selector");
    let links: Vec<&str> = page.select(&links).filter_map(|a| a.attr("href")).collect();
    assert_eq!(links, [link, "https://x.example/a%27b%20c", "tel:+40 1", "mailto:a%2Bb@x.example"]);
}

#[test]
fn a_link_that_begins_with_a_value_leads_to_one_place_in_the_text_and_in_the_html() {
    let query = "{{event.link}}?n={{guest.name}}&amp;v={{guest.v}}";
    let templates = one(&format!(
        "---\nsubject: x\n---\n<p><a href=\"{query}\">Block</a></p>\n\n<a href='{{{{guest.page}}}}&amp;v={{{{guest.v}}}}'>Line</a>\n\n[Link]({query})\n\n\
         [Page]({{{{guest.page}}}}/{{{{guest.v}}}}), [Mail]({{{{sender.email}}}}?subject={{{{guest.v}}}})\n"
    ));
    let with = |page: &str| {
        let mut guest = guest("ro", "Ana & Co", "B", None);
        guest.fields.extend([("v", "a&amp;b"), ("page", page)].map(|(name, value)| (name.to_owned(), value.to_owned())));
        write(&templates, &guest)
    };
    let written = with("https://y.example/?a=1&amp;b").unwrap_or_else(|flaws| panic!("{}", told(&flaws)));
    let link = "https://zoom.example/j/000000000?n=Ana%20%26%20Co&v=a%26amp%3Bb";
    let (page, mail) = ("https://y.example/?a=1&amp;b/a%26amp%3Bb", "mailto:workshop@primaria.example?subject=a%26amp%3Bb");
    let line = "https://y.example/?a=1&amp;b&v=a%26amp%3Bb";
    let expected = format!("Block: {link} Line: {line} Link: {link} Page: {page}, Mail: {mail}");
    assert_eq!(words(&written.text), expected);
    let html = scraper::Html::parse_document(&written.html);
    let links = scraper::Selector::parse("a").expect("a selector");
    let links: Vec<&str> = html.select(&links).filter_map(|a| a.attr("href")).collect();
    assert_eq!(links, [link, line, link, page, mail]);
    let flaws = with("page").expect_err("no target");
    assert!(told(&flaws).contains("guest.page is used as a link, but \"page\" is none"), "{}", told(&flaws));
}

/// A value in every place where a template can put one.
const EVERYWHERE: &str = "---\nsubject: S {{guest.v}}\n---\n{{guest.v}}\n\n# {{guest.v}}\n\n**{{guest.v}}**, _{{guest.v}}_ and [{{guest.v}}](https://x.example/?q={{guest.v}} \"{{guest.v}}\")\n\n* {{guest.v}}\n\n> {{guest.v}}\n\n`{{guest.v}}`\n\n    {{guest.v}}\n\na <b title=\"{{guest.v}}\" class={{guest.v}}>{{guest.v}}</b>\n\n<div id=\"{{guest.v}}\">\n{{guest.v}}\n</div>\n\n<p><a href=\"https://x.example/?q={{guest.v}}\">{{guest.v}}</a></p>\n\n{{reply_buttons}}\n";

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn elements(html: &str) -> Vec<String> {
    let page = scraper::Html::parse_document(html);
    page.root_element().descendants().filter_map(|node| node.value().as_element().map(|element| element.name().to_owned())).collect()
}

/// A letter with the value everywhere: the guest sees it as it is, and no element and no header comes of it.
fn literal(templates: &Templates, value: &str) {
    let with = |value: &str| {
        let mut guest = ana();
        guest.name = value.into();
        guest.fields.insert("v".into(), value.into());
        write(templates, &guest).unwrap_or_else(|flaws| panic!("{value:?}: {}", told(&flaws)))
    };
    let written = with(value);
    check_wire(&written);
    let shown: String = value.chars().filter(|c| !('\u{E000}'..='\u{E002}').contains(c) && *c != '\u{FEFF}').collect();
    let shown = shown.replace(|c: char| c.is_control(), " ");
    let wanted = words(&shown);
    // A wrapped line of the quote begins with the quote's own mark.
    let count = |text: &str| words(text).matches(&wanted).count();
    let found = count(&written.text).max(count(&written.text.replace("\n> ", "\n")));
    assert!(found >= 9, "{value:?} is not in the text:\n{}", written.text);
    let page = scraper::Html::parse_document(&written.html);
    let seen = words(&page.root_element().text().collect::<Vec<_>>().join(" "));
    assert!(seen.matches(&wanted).count() >= 9, "{value:?} is not in the HTML:\n{}", written.html);
    assert!(words(&written.subject).contains(&wanted), "{value:?}: {}", written.subject);
    assert_eq!(elements(&written.html), elements(&with("Ana").html), "{value:?}");
    let raw = String::from_utf8_lossy(&written.raw);
    let mail = MessageParser::default().parse(raw.as_bytes()).expect("a message");
    assert_eq!(mail.to().map(|to| to.iter().count()), Some(1), "{value:?}");
    assert_eq!(mail.to().and_then(|to| to.first()).and_then(|to| to.address()), Some("guest.ro@ro.example"), "{value:?}");
    assert_eq!(mail.parts.len(), 6, "{value:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Names that try to be markup, headers or addresses.
    #[test]
    fn hostile_values_stay_values(value in "[a-z]([a-zăș \\r\\n\\t:;,.<>()\\[\\]{}*_`#!|\\\\\"'&@=+/?%-]|\\PC){0,60}[a-z]") {
        literal(&one(EVERYWHERE), &value);
    }

    /// Any text at all: a letter, or flaws that name the guest.
    #[test]
    fn any_value_gives_a_letter_or_flaws(name in any::<String>(), v in any::<String>(), organisation in any::<Option<String>>()) {
        let mut guest = ana();
        guest.name = name;
        guest.organisation = organisation;
        guest.fields.insert("v".into(), v);
        match write(&one(EVERYWHERE), &guest) {
            Ok(written) => check_wire(&written),
            Err(flaws) => prop_assert!(!flaws.is_empty() && flaws.iter().all(|flaw| flaw.guest.is_some() && flaw.field == "guest.v")),
        }
    }

    /// Any template at all: a set, or flaws.
    #[test]
    fn any_template_is_read_or_refused(text in "(---\nsubject: x\n---\n)?(\\{\\{|\\}\\}|#if |/if|guest.name|else|date |deadline|\\(|eq |[>*_`<\n ]|\\PC){0,40}") {
        if let Ok(set) = set(&[("invitation.ro.md", &text)]) {
            let _ = write(&set, &ana());
        }
    }
}
