//! What a guest typed into a calendar answer: in its comment, or in the body where their program puts it.

use super::{
    body,
    parts::Leaf,
    said,
    words::{beginning, fold},
};
use crate::model::{CalendarReply, mail::Mailbox};
use mail_parser::{Message, PartType};

/// Calendar programs that write no sentence of their own into the body: what stands there was typed, whatever it looks like.
///
/// Zimbra's ("Yes, I will attend.") stands in the box where the guest types, and is theirs to change.
const WRITE_NO_SENTENCE: [&str; 8] = [
    "PRODID:Microsoft Exchange",
    "PRODID:Microsoft CDO for Microsoft Exchange",
    "PRODID:-//Microsoft Corporation//Outlook",
    "PRODID:Zimbra",
    "PRODID:-//Zimbra",
    "PRODID:-//Lotus Development Corporation//NONSGML Notes",
    "PRODID:-//Ximian//NONSGML Evolution",
    "PRODID:-//eM Client/",
];
/// So far into a calendar its program is named.
const MAX_HEAD: usize = 2_000;
/// So much of a calendar is searched for who answers, and what, in bytes.
const MAX_CALENDAR: usize = 64 * 1024;
/// So many attendees are told by their names.
const MAX_NAMES: usize = 20;
/// A longer name is nobody's, in bytes.
const MAX_NAME: usize = 200;
/// So much of the first line is searched for names, in bytes.
const MAX_FIRST: usize = 1_000;
/// The longest label of a line ("When: …"), in bytes.
const MAX_LABEL: usize = 30;
/// A label with so many digits behind it stands before a date.
const DIGITS_OF_A_DATE: usize = 5;
/// KMail attaches its answers, below a sentence without a name.
const KDE: [&str; 2] = ["libkcal", "KOrganizer"];
/// A note is looked for in so many lines.
const MAX_LINES: usize = 200;
/// The longest line that introduces one, in bytes.
const MAX_INTRODUCTION: usize = 200;

const MARKS: [char; 6] = ['"', '“', '”', '„', '«', '»'];

/// The guest's own words in a calendar answer, without the sentence that the program wrote.
///
/// `said` is what stands in the body, as of any other mail.
pub(super) fn typed(
    reply: &CalendarReply,
    from: Option<&Mailbox>,
    said: String,
    message: &Message<'_>,
    leaves: &[Leaf<'_>],
    tld: Option<&str>,
) -> String {
    let calendar = Calendar::of(message, leaves, tld);
    let names = names(reply, from, &calendar);
    // Servers answer in the name of their users, with a sentence.
    let own = reply.attendee.is_some() && reply.attendee.as_ref() == from.map(|from| &from.email);
    if own && is_attached(leaves) && !begins_with_a_sentence(&said, &names) {
        return said;
    }
    if let Some(comment) = &reply.comment {
        return said::line::normalise(comment).trim().to_owned();
    }
    if leaves.iter().any(writes_no_sentence) {
        return said;
    }
    if let Some(note) = in_marks(&body::whole(message, leaves, tld), &names) {
        return note;
    }
    let kmail = leaves.iter().any(|leaf| is_calendar(leaf) && leaf.attachment && is_of(leaf, &KDE));
    if kmail || is_of_program(&said, &names, &calendar.title, own) { String::new() } else { said }
}

/// What a program may repeat of a calendar in its text.
#[derive(Default)]
struct Calendar {
    /// CN of who answers.
    names: Vec<String>,
    /// SUMMARY, as words.
    title: String,
}

impl Calendar {
    /// Of the first part that holds a calendar.
    fn of(message: &Message<'_>, leaves: &[Leaf<'_>], tld: Option<&str>) -> Self {
        let mut calendar = Self::default();
        let Some(leaf) = leaves.iter().find(|leaf| is_calendar(leaf)) else { return calendar };
        let text = leaf.text(message, tld);
        let unfolded = beginning(&text, MAX_CALENDAR).replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
        for line in unfolded.lines() {
            let property = line.split([':', ';']).next().unwrap_or_default().trim();
            if property.eq_ignore_ascii_case("ATTENDEE") && calendar.names.len() < MAX_NAMES {
                calendar.names.extend(common_name(line).map(str::to_owned));
            } else if property.eq_ignore_ascii_case("SUMMARY") && calendar.title.is_empty() {
                let title = line.split_once(':').map(|(_, title)| title).unwrap_or_default();
                calendar.title = words(&fold(&title.replace('\\', " ")));
            }
        }
        calendar
    }
}

/// The CN of an ATTENDEE line.
fn common_name(line: &str) -> Option<&str> {
    let at = line.to_ascii_uppercase().find(";CN=")?;
    let value = line.get(at + ";CN=".len()..)?;
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([';', ':']).next(),
    }
}

/// What a program may call the guest, folded: names as the mail and the calendar give them, addresses, `ana.pop` as a name.
fn names(reply: &CalendarReply, from: Option<&Mailbox>, calendar: &Calendar) -> Vec<String> {
    let addresses = [from.map(|from| &from.email), reply.attendee.as_ref()].into_iter().flatten();
    let of_local = addresses.clone().map(|address| words(address.local())).filter(|name| name.contains(' '));
    // "Ana Pop via Nextcloud", "Ana Pop (City of X)", "Ana Pop/City/RO".
    let bare = |name: &str| {
        let name = fold(name);
        let name = name.split(['(', '[', '<', '/', '|']).next().unwrap_or_default();
        name.split(" via ").next().unwrap_or_default().trim().to_owned()
    };
    let given = from.map(|from| from.name.as_str()).into_iter().chain(calendar.names.iter().map(String::as_str)).map(bare);
    given
        .chain(addresses.clone().map(|address| fold(address.as_str()).into_owned()))
        .chain(of_local)
        .filter(|name| (2..=MAX_NAME).contains(&name.len()))
        .collect()
}

/// Letters and digits alone, a space between words.
fn words(text: &str) -> String {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether the answer is nothing but a file that is attached, which a guest may pass on: an old one, "but now I am ill".
fn is_attached(leaves: &[Leaf<'_>]) -> bool {
    let mut calendars = leaves.iter().filter(|leaf| is_calendar(leaf)).peekable();
    calendars.peek().is_some() && calendars.all(|leaf| leaf.attachment && !leaf.alternative && !is_of(leaf, &KDE))
}

fn is_calendar(leaf: &Leaf<'_>) -> bool {
    matches!(leaf.mime.as_str(), "text/calendar" | "application/ics") || leaf.file_name.is_some_and(|name| name.ends_with(".ics"))
}

/// Whether a program wrote the text, not the guest.
///
/// Programs say who answers, or begin with when and where ("When: Thu 10 Dec 2026"), or set the title on a line of its own,
/// or link to their calendar. A guest may speak of the event by its title; where a server answers in the guest's name,
/// the title is the server's word, too.
fn is_of_program(said: &str, names: &[String], title: &str, own: bool) -> bool {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty()).take(MAX_LINES);
    let is_title =
        |line: &str| words(&fold(line)) == title || fold(line).split_once(": ").is_some_and(|(_, behind)| words(behind) == title);
    let has_title = |line: &str| [" ", &words(&fold(line)), " "].concat().contains(&[" ", title, " "].concat());
    begins_with_a_sentence(said, names)
        || lines().next().is_some_and(begins_with_a_date)
        || said.contains("://")
        || !title.is_empty() && lines().any(|line| is_title(line) || !own && has_title(line))
}

/// "Wann: Do 10. Dez. 2026": a label and a date, not a sentence.
fn begins_with_a_date(line: &str) -> bool {
    let line = fold(line);
    let Some((label, value)) = line.split_once(':') else { return false };
    label.len() <= MAX_LABEL
        && !label.contains(|c: char| c.is_ascii_digit())
        && value.bytes().filter(u8::is_ascii_digit).count() >= DIGITS_OF_A_DATE
        && !value.ends_with(['.', '!', '?'])
}

/// "Ana Pop has accepted …": programs begin with the name or the address of who answers, or write nothing.
fn begins_with_a_sentence(said: &str, names: &[String]) -> bool {
    let first = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let first = fold(beginning(first, MAX_FIRST)).into_owned();
    let unsigned = names.iter().find_map(|name| without_name_behind(&first, name)).unwrap_or(&first);
    first.is_empty() || names.iter().any(|name| is_named(unsigned, name))
}

/// Whether a line has the words of a name, in any order: "Pop, Ana has accepted …". A name of one word begins it.
fn is_named(line: &str, name: &str) -> bool {
    if name.contains('@') || line.contains(name) && name.contains(' ') {
        return line.contains(name);
    }
    let (name, line) = (words(name), words(line));
    match line.strip_prefix(name.as_str()).filter(|_| !name.contains(' ')) {
        // Scripts of the East put no space behind a name.
        Some(behind) => !name.is_empty() && !behind.starts_with(|c: char| c.is_alphanumeric() && c < '\u{2E80}'),
        None => name.contains(' ') && name.split(' ').all(|part| line.split(' ').any(|word| word == part)),
    }
}

/// "I cannot come. Ana Pop": what stands before the name that signs it.
fn without_name_behind<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let before = line.trim_end_matches('.').strip_suffix(name)?.trim_end();
    before.ends_with(['.', '!', '?', ',']).then_some(before)
}

fn writes_no_sentence(leaf: &Leaf<'_>) -> bool {
    leaf.mime == "text/calendar" && is_of(leaf, &WRITE_NO_SENTENCE)
}

/// Whether one of these programs made a calendar.
fn is_of(leaf: &Leaf<'_>, programs: &[&str]) -> bool {
    let PartType::Text(text) = &leaf.part.body else { return false };
    let head = beginning(text, MAX_HEAD);
    programs.iter().any(|program| head.contains(program))
}

/// `Note from Ana Pop:` and a text in quotation marks below it, in any language, where a sentence of the program stands above.
fn in_marks(text: &str, names: &[String]) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MAX_LINES).collect();
    let introduces = |line: &str| {
        line.len() <= MAX_INTRODUCTION && line.ends_with([':', '：']) && {
            let line = fold(line);
            names.iter().any(|name| line.contains(name.as_str()))
        }
    };
    let at = lines.iter().skip(1).position(|line| introduces(line))?;
    let below = lines.get(at + 2..).filter(|below| below.first().is_some_and(|line| line.starts_with(MARKS)))?;
    // Marks come in pairs, in the note too; where they do not, the first that ends a line ends it.
    let ends = |line: &str| line.ends_with(MARKS) && line.chars().count() > 1;
    let mut marks = 0;
    let paired = below.iter().position(|line| {
        marks += line.matches(MARKS).count();
        ends(line) && marks % 2 == 0
    });
    let end = paired.or_else(|| below.iter().position(|line| ends(line)))?;
    let note = below.get(..=end)?.join("\n");
    let note = note.strip_prefix(MARKS)?.strip_suffix(MARKS)?.trim();
    (!note.is_empty()).then(|| note.to_owned())
}

#[cfg(test)]
mod tests {
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
        let short =
            beside("Ion <ion@x.example>", "Thank you for the invitation, I cannot come.", "-//x//EN", ":mailto:ion@x.example", "Gala");
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
            (
                server,
                "Ana Pop has accepted your invitation\r\n\r\nTitle: Gala\r\nTime: Thursday",
                "-//Sabre//Sabre VObject 4.5.4//EN",
                named,
            ),
            (server, "The invitation to Gala was accepted.", "-//Sabre//Sabre VObject 4.5.4//EN", bare),
            ("Ana Pop via Cloud <no@cloud.example>", "Ana Pop a acceptat invitația.", "-//Sabre//Sabre VObject 4.5.4//EN", bare),
            ("x@y.example", "Ana Pop has accepted your invitation to this event.", "-//CyrusIMAP.org/Cyrus 3.11.0//EN", quoted),
            (ana, "ana.pop@x.example has accepted your invitation to Gala", "-//Proton AG//WebCalendar 5.0.24//EN", bare),
            (ana, "Ana Pop has accepted your iCal event invitation to the event: Gala", "-//Apple Inc.//iCal 3.0//EN", bare),
            ("Ana <a@x.example>", "Ana accepted your invitation to Gala.", "-//Apple Inc.//iCloud Calendar 2426B5//EN", bare),
            (ana, "\u{39F} χρήστης Ana Pop <ana.pop@x.example> αποδέχθηκε.", "-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN", bare),
            (
                ana,
                "Ana Pop has accepted this invitation.\r\n\r\nGala\r\nThu Dec 10, 2026",
                "-//Google Inc//Google Calendar 70.9054//EN",
                bare,
            ),
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
}
