use super::*;

fn note(text: &str) -> Option<String> {
    in_marks(text, &["ana pop".to_owned(), "ana@x.example".to_owned()])
}

#[test]
fn a_note_is_told_by_the_name_above_and_the_marks_around() {
    for (text, expected) in [
        ("Ana Pop has accepted this invitation.\n\nNote from Ana Pop:\n\n\"I come late.\"\n\nWorkshop\nThu", "I come late."),
        ("Ana Pop a acceptat această invitație.\nNotă de la Ana Pop:\n„Vin mai târziu.”\nWorkshop", "Vin mai târziu."),
        ("Ana Pop a accepté.\n\nNote de ana@x.example :\n\n« J'arrive plus tard. »\n\nAtelier", "J'arrive plus tard."),
        ("Accepted.\nNote from ANA POP:\n\"I said \"no\"\n\nand I mean it.\"\nWorkshop", "I said \"no\"\nand I mean it."),
        ("Accepted.\nNote from Ana Pop:\n\"A 5\" pipe\nburst.\"\nWorkshop", "A 5\" pipe\nburst."),
    ] {
        assert_eq!(note(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_stands_beside_the_answer_of_a_program_without_a_sentence_was_typed() {
    for program in ["-//eM Client/9.2", "Microsoft CDO for Microsoft Exchange"] {
        let raw = format!(
            "From: Ana Pop <ana@x.example>\r\nSubject: Accepted: Gala\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/alternative; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nOnly until noon.\r\n\
             --b\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n\
             BEGIN:VCALENDAR\r\nPRODID:{program}\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:k7q2m9x4t8wn@us.example\r\n\
             ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n"
        );
        let mail = crate::read::mail(raw.as_bytes(), &crate::read::Context::default());
        assert_eq!(mail.said, "Only until noon.", "{program}");
    }
}

fn beside(from: &str, text: &str, program: &str, attendee: &str, title: &str) -> String {
    let raw = format!(
        "From: {from}\r\nSubject: Accepted: Gala\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n\
         --b\r\nContent-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n\
         BEGIN:VCALENDAR\r\nPRODID:{program}\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:k7q2m9x4t8wn@us.example\r\n\
         SUMMARY:{title}\r\nATTENDEE;PARTSTAT=ACCEPTED{attendee}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n"
    );
    let mail = crate::read::mail(raw.as_bytes(), &crate::read::Context::default());
    assert!(mail.calendar.is_some(), "{raw}");
    mail.said
}

#[test]
fn what_no_program_writes_was_typed_whatever_the_program() {
    let typed = |text: &str, program: &str| beside("Ana Pop <ana.pop@x.example>", text, program, ":mailto:ana.pop@x.example", "Gala");
    for program in [
        "-//Inverse inc./SOGo 5.11.0//EN",
        "-//Open-Xchange//7.10.6//EN",
        "-//Sabre//Sabre VObject 4.5.4//EN",
        "-//Samsung Electronics//Calendar 12//EN",
        "-//Nine//Folders//EN",
        "-//CyrusIMAP.org/Cyrus 3.11.0//EN",
        "-//Proton AG//WebCalendar 5.0.24//EN",
        "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN",
        "-//Apple Inc.//iPhone OS 18.1//EN",
        "-//Google Inc//Google Calendar 70.9054//EN",
        "-//Yahoo//Calendar//EN",
        "-//K Desktop Environment//NONSGML KOrganizer//EN",
        "-//HCL//Notes//EN",
        "-//x//EN",
    ] {
        let text = "Sorry, I pressed the wrong button, I cannot come.";
        assert_eq!(typed(text, program), text, "{program}");
    }
    for text in [
        "Nu pot veni",
        "I cannot come to the Gala.",
        "I cannot come. Ana Pop",
        "Nu mai pot veni, Ana Pop",
        "Sorry, wrong button.\n\nAna Pop",
        "Guests: 2",
        "Note: I come at 14:30, not at 13:15.",
    ] {
        assert_eq!(words(&typed(&text.replace('\n', "\r\n"), "-//x//EN")), words(text), "{text}");
    }
    let alias = beside("Ana Pop <ana.pop@home.example>", "I cannot come.", "-//x//EN", ":mailto:ana.pop@x.example", "Gala");
    assert_eq!(alias, "I cannot come.");
    let short = beside("Ion <ion@x.example>", "Thank you for the invitation, I cannot come.", "-//x//EN", ":mailto:ion@x.example", "Gala");
    assert_eq!(short, "Thank you for the invitation, I cannot come.", "a short name stands in many words");
}

#[test]
fn what_programs_write_into_the_text_is_not_said() {
    let (ana, server) = ("Ana Pop <ana.pop@x.example>", "Cloud <invitations-noreply@cloud.example>");
    let (bare, named, quoted) =
        (":mailto:ana.pop@x.example", ";CN=Ana Pop:mailto:ana.pop@x.example", ";CN=\"Pop, Ana\":mailto:ana.pop@x.example");
    for (from, text, program, attendee) in [
        (ana, "Ana Pop <ana.pop@x.example> has accepted your event invitation.", "-//Inverse inc./SOGo 5.11.0//EN", bare),
        ("ana.pop@x.example", "Ana Pop hat Ihre Einladung angenommen.", "-//Inverse inc./SOGo 5.11.0//EN", bare),
        ("POP Ana <a@x.example>", "Ana Pop hat Ihre Einladung angenommen.", "-//Open-Xchange//7.10.6//EN", bare),
        (server, "Ana Pop has accepted your invitation\r\n\r\nTitle: Gala\r\nTime: Thursday", "-//Sabre//Sabre VObject 4.5.4//EN", named),
        (server, "The invitation to Gala was accepted.", "-//Sabre//Sabre VObject 4.5.4//EN", bare),
        ("Ana Pop via Cloud <no@cloud.example>", "Ana Pop a acceptat invitația.", "-//Sabre//Sabre VObject 4.5.4//EN", bare),
        ("x@y.example", "Ana Pop has accepted your invitation to this event.", "-//CyrusIMAP.org/Cyrus 3.11.0//EN", quoted),
        (ana, "ana.pop@x.example has accepted your invitation to Gala", "-//Proton AG//WebCalendar 5.0.24//EN", bare),
        (ana, "Ana Pop has accepted your iCal event invitation to the event: Gala", "-//Apple Inc.//iCal 3.0//EN", bare),
        ("Ana <a@x.example>", "Ana accepted your invitation to Gala.", "-//Apple Inc.//iCloud Calendar 2426B5//EN", bare),
        (ana, "\u{39F} χρήστης Ana Pop <ana.pop@x.example> αποδέχθηκε.", "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", bare),
        (ana, "Ana Pop has accepted this invitation.\r\n\r\nGala\r\nThu Dec 10, 2026", "-//Google Inc//Google Calendar 70.9054//EN", bare),
        ("ana.pop@x.example", "A.P. has accepted.\r\n\r\n*Gala*\r\nThu Dec 10, 2026", "-//x//EN", bare),
        (ana, "Ana Pop has accepted your invitation. ana.pop@x.example", "-//x//EN", bare),
        ("ana.pop@x.example", "Accepted: Gala", "-//x//EN", bare),
        ("ana.pop@x.example", "Accepted. See https://calendar.example/e/1", "-//x//EN", bare),
        (ana, "Wann: Do 10. Dez. 2026 13:15\r\nWo: Zoom", "-//Google Inc//Android Email//EN", bare),
        ("田中 <t@x.example>", "田中さんが招待を承諾しました。", "-//x//EN", bare),
    ] {
        assert_eq!(beside(from, text, program, attendee, "Gala"), "", "{text}");
    }
}

#[test]
fn what_is_typed_above_an_attached_answer_is_kept() {
    let said = |text: &str, part: &str, program: &str, comment: &str| {
        let raw = format!(
            "From: Ana Pop <ana@x.example>\r\nSubject: Fwd: Accepted: Gala\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\n\
             Content-Type: {part}; name=invite.ics\r\nContent-Disposition: attachment; filename=invite.ics\r\n\r\n\
             BEGIN:VCALENDAR\r\nPRODID:{program}\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:k7q2m9x4t8wn@us.example\r\n\
             ATTENDEE;PARTSTAT=ACCEPTED:mailto:ana@x.example\r\n{comment}END:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n"
        );
        let mail = crate::read::mail(raw.as_bytes(), &crate::read::Context::default());
        assert!(mail.calendar.is_some(), "{part}");
        mail.said
    };
    let (kmail, other) = ("-//K Desktop Environment//NONSGML libkcal 4.3//EN", "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN");
    for part in ["application/ics", "text/calendar; method=REPLY"] {
        assert_eq!(said("Now I am ill. I cannot come.", part, other, ""), "Now I am ill. I cannot come.");
        assert_eq!(said("Now I am ill.", part, other, "COMMENT:I look forward to it.\r\n"), "Now I am ill.");
        assert_eq!(said("Ana Pop has accepted your invitation.", part, other, ""), "");
        assert_eq!(said("ana@x.example has accepted your invitation.", part, other, "COMMENT:With joy.\r\n"), "With joy.");
    }
    assert_eq!(said("Invitation answer attached.", "text/calendar; method=REPLY", kmail, ""), "");
}

#[test]
fn what_the_program_writes_is_no_note() {
    for text in [
        "Ana Pop has accepted this invitation.\n\nWorkshop\nThu Dec 10, 2026",
        "Ana Pop has accepted the invitation to the following event:\n\n\"Workshop\"\n\nWhen: 2026-12-10",
        "Accepted.\nOrganiser of the event:\n\"Primaria\"",
        "Accepted.\nNote from Ana Pop:\n\"\"",
        "Accepted.\nNote from Ana Pop:\n\"never closed",
        "Accepted.\nNote from Ana Pop:",
    ] {
        assert_eq!(note(text), None, "{text}");
    }
}
