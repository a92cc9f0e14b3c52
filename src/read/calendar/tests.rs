use super::*;
use proptest::prelude::*;

fn part(bytes: &[u8], method: Option<&str>) -> Found {
    let part = CalendarPart {
        method_param: method.map(str::to_owned),
        content_type: "text/calendar".into(),
        file_name: None,
        bytes,
        charset: Some("utf-8".into()),
    };
    find(&[part], Some(&Address::parse("ana@city.example").unwrap()))
}

fn event(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:k7q2m9x4t8wn@us.example\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

fn reply_of(ics: &str) -> CalendarReply {
    let found = part(ics.as_bytes(), Some("REPLY"));
    found.reply.unwrap_or_else(|| panic!("{:?} in {ics}", found.notes))
}

fn bare(reply: &CalendarReply) -> (&str, &str, &str) {
    let attendee = reply.attendee.as_ref().map_or("", Address::as_str);
    (reply.method.as_str(), reply.partstat.as_deref().unwrap_or(""), attendee)
}

const ANA: &str = "ana@city.example";

#[test]
fn google() {
    let reply = reply_of(
        "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nDTSTART:20261210T111500Z\r\nDTEND:20261210T133000Z\r\nDTSTAMP:20261124T090102Z\r\nORGANIZER;CN=Workshop:mailto:workshop+k7q2m9x4t8wn@us.example\r\nUID:k7q2m9x4t8wn@us.example\r\nATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Ana Po\r\n p;X-NUM-GUESTS=2;X-RESPONSE-COMMENT=\"Vin cu doi colegi\\, mulțumesc\":mailto:Ana@City.example\r\nCREATED:20261123T090000Z\r\nSEQUENCE:1\r\nSTATUS:CONFIRMED\r\nSUMMARY:Workshop\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    assert_eq!(bare(&reply), ("REPLY", "ACCEPTED", ANA));
    assert_eq!(reply.num_guests, Some(2));
    assert_eq!(reply.comment.as_deref(), Some("Vin cu doi colegi, mulțumesc"));
    assert_eq!((reply.sequence, reply.dtstamp.as_deref()), (1, Some("20261124T090102Z")));
    assert_eq!(reply.organizer.unwrap().as_str(), "workshop+k7q2m9x4t8wn@us.example");
    assert_eq!(reply.uid.as_deref(), Some("k7q2m9x4t8wn@us.example"));
}

#[test]
fn exchange_without_organizer_and_with_an_empty_comment() {
    let reply = reply_of(
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nATTENDEE;PARTSTAT=DECLINED;CN=Ana Pop:mailto:ana@city.example\r\nCOMMENT;LANGUAGE=ro-RO:\\n\r\nUID:k7q2m9x4t8wn@us.example\r\nSUMMARY;LANGUAGE=ro-RO:Refuzat: Workshop\r\nDTSTART;TZID=W. Europe Standard Time:20261210T121500\r\nDTSTAMP:20261124T090102Z\r\nSEQUENCE:0\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    assert_eq!(bare(&reply), ("REPLY", "DECLINED", ANA));
    assert_eq!((reply.comment, reply.organizer), (None, None));
}

#[test]
fn apple_without_a_method_parameter() {
    let ics = event("ATTENDEE;CN=\"Ana Pop\";PARTSTAT=TENTATIVE:MAILTO:ana@city.example");
    let found = part(ics.as_bytes(), None);
    assert_eq!(bare(&found.reply.unwrap()), ("REPLY", "TENTATIVE", ANA));
    // Its ids are no addresses; the address is a parameter.
    let ics = event("ATTENDEE;CN=Ana;EMAIL=ana@city.example;PARTSTAT=ACCEPTED:urn:uuid:0F2C");
    assert_eq!(bare(&reply_of(&ics)), ("REPLY", "ACCEPTED", ANA));
    let ics = event("ATTENDEE;EMAIL=ana@city.example;PARTSTAT=ACCEPTED:/aMTYx/principal/");
    assert_eq!(bare(&reply_of(&ics)), ("REPLY", "ACCEPTED", ANA));
}

#[test]
fn thunderbird_kmail_sogo_nextcloud_zimbra_proton() {
    for (lines, partstat) in [
        ("ATTENDEE;CN=Ana;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:ana@city.example", "ACCEPTED"),
        ("ATTENDEE;CN=\"Ana Pop\";PARTSTAT=DECLINED;CUTYPE=INDIVIDUAL:MAILTO:ana@city.example", "DECLINED"),
        ("ATTENDEE;PARTSTAT=TENTATIVE;SENT-BY=\"mailto:help@city.example\":mailto:ana@city.example", "TENTATIVE"),
        ("ATTENDEE;CN=ana;PARTSTAT=ACCEPTED;X-RESPONSE-COMMENT=\"da\":mailto:ana@city.example\r\nCOMMENT:da", "ACCEPTED"),
        ("ATTENDEE;CN=Ana;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED:mailto:ana@city.example", "ACCEPTED"),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example\r\nX-PM-PROTON-REPLY;VALUE=BOOLEAN:TRUE", "ACCEPTED"),
        ("ATTENDEE;PARTSTAT=\"ACCEPTED\":ana@city.example", "ACCEPTED"),
        ("attendee;partstat=accepted:mailto:ana@city.example", "ACCEPTED"),
        ("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana%40city.example", "ACCEPTED"),
    ] {
        assert_eq!(bare(&reply_of(&event(lines))), ("REPLY", partstat, ANA), "{lines}");
    }
    assert_eq!(part(event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example").as_bytes(), Some("reply")).reply.unwrap().method, "REPLY");
    let comments =
        reply_of(&event("ATTENDEE;PARTSTAT=ACCEPTED;X-RESPONSE-COMMENT=\"da ^'vin^'\":mailto:ana@city.example\r\nCOMMENT:altceva"));
    assert_eq!(comments.comment.as_deref(), Some("altceva\nda \"vin\""));
    let assisted = reply_of(&event("ATTENDEE;PARTSTAT=ACCEPTED;SENT-BY=\"mailto:help@city.example\":mailto:ana@city.example"));
    assert_eq!(assisted.sent_by.unwrap().as_str(), "help@city.example");
}

#[test]
fn delegation() {
    for line in [
        "ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:dan@city.example\":mailto:ana@city.example\r\nATTENDEE;PARTSTAT=NEEDS-ACTION;DELEGATED-FROM=\"mailto:ana@city.example\":mailto:dan@city.example",
        "ATTENDEE;DELEGATED-TO=mailto:dan@city.example;PARTSTAT=DELEGATED:mailto:ana@city.example",
        "ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=dan@city.example:mailto:ana@city.example",
    ] {
        let reply = reply_of(&event(line));
        assert_eq!(bare(&reply), ("REPLY", "DELEGATED", ANA), "{line}");
        assert_eq!(reply.delegated_to.map(|a| a.to_string()).as_deref(), Some("dan@city.example"), "{line}");
    }
}

#[test]
fn a_delegate_answers_for_themselves() {
    let reply = reply_of(&event("ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM=\"mailto:Dan@city.example\":mailto:ana@city.example"));
    assert_eq!(bare(&reply), ("REPLY", "ACCEPTED", ANA));
    assert_eq!(reply.delegated_from.map(|a| a.to_string()).as_deref(), Some("dan@city.example"));
}

#[test]
fn comments_under_other_names() {
    for name in ["COMMENT", "X-RESPONSE-COMMENT", "X-CALENDARSERVER-PRIVATE-COMMENT", "X-CALENDARSERVER-ATTENDEE-COMMENT"] {
        let reply = reply_of(&event(&format!("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example\r\n{name}:until noon")));
        assert_eq!(reply.comment.as_deref(), Some("until noon"), "{name}");
    }
}

#[test]
fn lines_that_mislead_parsers() {
    for line in [
        "ATTENDEE;CN=\"Ana Pop;PARTSTAT=ACCEPTED:mailto:ana@city.example",
        "ATTENDEE;CN=Primar: Ana;PARTSTAT=ACCEPTED:mailto:ana@city.example",
        "ATTENDEE;PARTSTAT=ACCEPTED;SEND-BY=mailto:x@y.example:mailto:ana@city.example",
    ] {
        assert_eq!(bare(&reply_of(&event(line))), ("REPLY", "ACCEPTED", ANA), "{line}");
    }
}

#[test]
fn shapes_of_text() {
    let plain = event("ATTENDEE;PARTSTAT=ACCEPTED;CN=Șerban Țone:mailto:ana@city.example\r\nCOMMENT:da");
    for ics in [
        plain.replace("\r\n", "\n"),
        plain.replace("\r\n", "\r"),
        plain.replace("BEGIN:VEVENT", "BEGIN:VEVENT  ").replace("METHOD:REPLY", "METHOD:REPLY "),
        format!("\u{FEFF}junk before\r\n{plain}junk after\r\n"),
        plain.replace("PARTSTAT=ACCEPTED", "PARTSTAT=3DACCEPTED").replace("COMMENT:da", "COMM=\r\nENT:da").replace("CN=Ș", "CN=3D=C8=98"),
        plain.replace("PARTSTAT", "PART\r\n STAT"),
        plain.replace("BEGIN:VEVENT", "begin:vevent").replace("END:VEVENT", "end:vevent"),
        plain.replace("COMMENT:da", "this is no property\r\nCOMMENT:da"),
    ] {
        let reply = reply_of(&ics);
        assert_eq!(bare(&reply), ("REPLY", "ACCEPTED", ANA), "{ics}");
        assert_eq!(reply.comment.as_deref(), Some("da"), "{ics}");
    }
    // Folded inside a letter.
    let at = plain.find('ț').or_else(|| plain.find('Ț')).unwrap();
    let mut bytes = plain.clone().into_bytes();
    bytes.splice(at + 1..at + 1, *b"\r\n ");
    assert_eq!(bare(&part(&bytes, Some("REPLY")).reply.unwrap()).1, "ACCEPTED");
    // Windows-1250 letters that are not UTF-8.
    let mut latin = plain.replace(['Ș', 'Ț'], "s").replace("COMMENT:da", "COMMENT:d*").into_bytes();
    let star = latin.iter().position(|b| *b == b'*').unwrap();
    latin.splice(star..=star, [0xE3]);
    let of = |charset: &str| {
        let part = CalendarPart {
            method_param: None,
            content_type: "text/calendar".into(),
            file_name: None,
            bytes: &latin,
            charset: Some(charset.into()),
        };
        find(&[part], None).reply.unwrap().comment
    };
    assert_eq!(of("windows-1250").as_deref(), Some("dă"));
    assert_eq!(of("us-ascii").as_deref(), Some("dã"));
}

#[test]
fn what_is_no_answer() {
    for method in ["REQUEST", "CANCEL", "PUBLISH", "REFRESH", "ADD", "DECLINECOUNTER"] {
        let ics = event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example").replace("METHOD:REPLY", &format!("METHOD:{method}"));
        let found = part(ics.as_bytes(), Some("REPLY"));
        assert!(found.reply.is_none(), "{method}");
        assert_eq!(found.other_method.as_deref(), Some(method));
    }
    let ics = event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example").replace("METHOD:REPLY\r\n", "");
    assert!(part(ics.as_bytes(), None).reply.is_none());
    assert_eq!(bare(&part(ics.as_bytes(), Some("reply")).reply.unwrap()).0, "REPLY");
    for component in ["VTODO", "VJOURNAL", "VFREEBUSY"] {
        let ics = event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example").replace("VEVENT", component);
        assert!(part(ics.as_bytes(), Some("REPLY")).reply.is_none(), "{component}");
    }
    assert!(part(b"", Some("REPLY")).reply.is_none());
    assert!(part(b"Buna ziua", Some("REPLY")).reply.is_none());
}

#[test]
fn undecided_and_proposals() {
    let none = reply_of(&event("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ana@city.example"));
    assert_eq!(none.partstat.as_deref(), Some("NEEDS-ACTION"));
    assert_eq!(reply_of(&event("ATTENDEE:mailto:ana@city.example")).partstat, None);
    assert_eq!(reply_of(&event("SUMMARY:x")).attendee, None);
    let counter = event("ATTENDEE;PARTSTAT=TENTATIVE:mailto:ana@city.example").replace("METHOD:REPLY", "METHOD:COUNTER");
    assert_eq!(bare(&part(counter.as_bytes(), Some("REPLY")).reply.unwrap()), ("COUNTER", "TENTATIVE", ANA));
}

#[test]
fn several_attendees() {
    let dan = "ATTENDEE;PARTSTAT=DECLINED:mailto:dan@city.example\r\n";
    let both = reply_of(&event(&format!("{dan}ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example")));
    assert_eq!(bare(&both), ("REPLY", "ACCEPTED", ANA));
    let only = reply_of(&event(&format!("{dan}ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ana@city.example")));
    assert_eq!(bare(&only), ("REPLY", "DECLINED", "dan@city.example"));
    let unclear = reply_of(&event(&format!("{dan}ATTENDEE;PARTSTAT=ACCEPTED:mailto:eva@city.example")));
    assert_eq!(bare(&unclear), ("REPLY", "", ""));
}

#[test]
fn series_and_truncation() {
    let two = event(
        "DTSTART:20261210T111500Z\r\nRECURRENCE-ID:20261210T111500Z\r\nATTENDEE;PARTSTAT=DECLINED:mailto:ana@city.example\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:k7q2m9x4t8wn@us.example\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example",
    );
    assert_eq!(bare(&reply_of(&two)).1, "ACCEPTED");
    let whole = event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example\r\nSEQUENCE:12");
    let cut = whole.get(..whole.find("EQUENCE").unwrap()).unwrap();
    let found = part(cut.as_bytes(), Some("REPLY"));
    let reply = found.reply.unwrap();
    assert_eq!((bare(&reply).1, reply.uid.clone()), ("ACCEPTED", None));
    assert!(!found.notes.is_empty());
}

#[test]
fn the_best_part_wins() {
    let yes = event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example");
    let no = yes.replace("ACCEPTED", "DECLINED");
    let of = |content_type: &str, method: Option<&str>, name: Option<&str>, ics: &'static str| CalendarPart {
        method_param: method.map(str::to_owned),
        content_type: content_type.into(),
        file_name: name.map(str::to_owned),
        bytes: ics.as_bytes(),
        charset: None,
    };
    let (yes, no): (&'static str, &'static str) = (yes.leak(), no.leak());
    let parts = [of("application/ics", None, Some("invite.ics"), no), of("text/calendar", Some("REPLY"), None, yes)];
    let found = find(&parts, None);
    assert_eq!(bare(found.reply.as_ref().unwrap()).1, "ACCEPTED");
    assert_eq!(found.notes.len(), 1);
    let named = [of("application/octet-stream", None, Some("Invite.ICS"), no)];
    assert_eq!(bare(find(&named, None).reply.as_ref().unwrap()).1, "DECLINED");
    assert!(find(&[of("text/plain", None, None, yes)], None).reply.is_none());
}

#[test]
fn bombs_are_read_in_linear_time() {
    let answer = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@city.example";
    let bombs = [
        event(&format!("X-A:{}\r\n{answer}", "a".repeat(900_000))),
        event(&format!("{answer}\r\n{}", "BEGIN:X-A\r\n".repeat(50_000))),
        event(&format!("{answer}\r\nEND:VEVENT\r\n{}", "BEGIN:VEVENT\r\nEND:VEVENT\r\n".repeat(25_000))),
        event(&format!("{}\r\n{answer}", "\"".repeat(900_000))),
        event(&format!("ATTENDEE{}\r\n{answer}", ";A=\"".repeat(15_000))),
        event(&format!("COMMENT:a{}\r\n{answer}", "\r\n b".repeat(200_000))),
        event(&format!("{answer}\r\n{}", "ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example\r\n".repeat(20_000))),
        "BEGIN:VCALENDAR\r\n".repeat(60_000),
        "PARTSTAT=3D=".repeat(80_000),
        event("x").repeat(5_000),
    ];
    for bomb in bombs {
        let started = std::time::Instant::now();
        part(bomb.as_bytes(), Some("REPLY"));
        assert!(started.elapsed().as_secs() < 3, "{:?} for {:.60}", started.elapsed(), bomb);
    }
    let spared = event(&format!("X-A:{}\r\n{answer}", "a".repeat(900_000)));
    assert_eq!(bare(&part(spared.as_bytes(), None).reply.unwrap()).1, "ACCEPTED");
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        part(&bytes, Some("REPLY"));
    }

    #[test]
    fn spliced_answers_are_survived(at in 0usize..300, cut in 0usize..40, noise in ".{0,20}", end in 0usize..400) {
        let mut bytes = event("ATTENDEE;CN=\"A\";PARTSTAT=ACCEPTED;X-NUM-GUESTS=2:mailto:ana@city.example\r\nDTSTAMP:20261124T090102Z").into_bytes();
        let at = at.min(bytes.len());
        let until = (at + cut).min(bytes.len());
        bytes.splice(at..until, noise.into_bytes());
        bytes.truncate(end.max(20));
        part(&bytes, None);
    }
}

#[test]
fn an_answer_in_winmail_dat_is_the_senders() {
    let class = b"IPM.Schedule.Meeting.Resp.Neg\0";
    let mut bytes = 0x223E_9F78_u32.to_le_bytes().to_vec();
    bytes.extend([1, 0, 1]);
    bytes.extend(0x0007_8008_u32.to_le_bytes());
    bytes.extend(u32::try_from(class.len()).expect("short").to_le_bytes());
    bytes.extend(class);
    bytes.extend([0, 0]);
    let part = CalendarPart {
        method_param: None,
        content_type: "application/ms-tnef".into(),
        file_name: Some("winmail.dat".into()),
        bytes: &bytes,
        charset: None,
    };
    let from = Address::parse("ana@x.example").expect("an address");
    let reply = find(&[part], Some(&from)).reply.expect("an answer");
    assert_eq!((reply.method.as_str(), reply.partstat.as_deref(), reply.attendee), ("REPLY", Some("DECLINED"), Some(from)));
}
