//! What a guest typed into a calendar answer: in its comment, or in the body where their program puts it.

use super::{
    body,
    parts::Leaf,
    said,
    words::{beginning, fold},
};
use crate::model::{CalendarReply, mail::Mailbox};
use mail_parser::{Message, PartType};

/// Calendar programs that write no sentence of their own into the body: what stands there was typed.
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
    let addresses = [from.map(|from| &from.email), reply.attendee.as_ref()];
    let names = from.map(|from| from.name.as_str()).into_iter().chain(addresses.into_iter().flatten().map(|address| address.as_str()));
    let names: Vec<String> = names.map(|name| fold(name.trim()).into_owned()).filter(|name| name.len() > 1).collect();
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
    in_marks(&body::whole(message, leaves, tld), &names).unwrap_or_default()
}

/// Whether the answer is nothing but a file that is attached, which a guest may pass on: an old one, "but now I am ill".
///
/// KMail attaches its answers too, below a sentence without a name.
fn is_attached(leaves: &[Leaf<'_>]) -> bool {
    let is_calendar = |leaf: &&Leaf<'_>| leaf.mime == "text/calendar" || leaf.file_name.is_some_and(|name| name.ends_with(".ics"));
    let mut calendars = leaves.iter().filter(is_calendar).peekable();
    calendars.peek().is_some() && calendars.all(|leaf| leaf.attachment && !leaf.alternative && !is_of(leaf, &["libkcal", "KOrganizer"]))
}

/// "Ana Pop has accepted …": programs begin with the name or the address of who answers, or write nothing.
fn begins_with_a_sentence(said: &str, names: &[String]) -> bool {
    let first = fold(said.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()).into_owned();
    first.is_empty() || names.iter().any(|name| first.contains(name.as_str()))
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
