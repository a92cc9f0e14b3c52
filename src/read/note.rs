//! What a guest typed into a calendar answer: in its comment, or in the body where their program puts it.

#[cfg(test)]
mod tests;

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
