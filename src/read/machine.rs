//! Mail that no person wrote, told by the top-level structure and the header: a person may forward or quote anything. Only a challenge
//! must say so in its own text, too.

use super::headers::{Headers, addresses_in};
use super::html::Page;
use super::parts::Leaf;
use super::words::{Meanings, beginning, fold, list};
use super::{Context, absence, said, subject};
use aho_corasick::AhoCorasick;
use mail_parser::PartType;
use std::sync::LazyLock;

/// Who sent a mail, by its envelope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// Nobody: the null sender.
    Nobody,
    /// A daemon, by its address: it may stand in its own envelope.
    Daemon,
    /// Who stands in From, as a person does.
    Author,
    /// Somebody else, or the envelope is not known.
    Unknown,
}

impl Origin {
    fn of(headers: &Headers<'_>) -> Self {
        if is_null_sender(headers) {
            return Self::Nobody;
        }
        let path = headers.raw("Return-Path").next().and_then(|path| addresses_in(&path).into_iter().next());
        let author = path.is_some() && path == headers.mailbox("From").map(|from| from.email);
        if author { Self::Author } else { Self::Unknown }
    }
}

/// What the header and the structure say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Machine {
    /// A delivery notice.
    Notice,
    /// A read receipt (RFC 8098).
    Receipt,
    /// A feedback report (RFC 5965) about abuse.
    Complaint,
    /// A feedback report about something else.
    Feedback,
    /// The sender's server wants a click: by its header, and by its text or its structure.
    Challenge,
    /// An automatic reply.
    Auto,
    /// A person, as far as the header tells.
    Person,
}

/// How sure the first words of a subject are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sign {
    /// Programs alone write them.
    Sure,
    /// "Absence: …" is what a guest may write who cannot come.
    Weak,
}

static AUTO: LazyLock<Meanings<String, Sign>> = LazyLock::new(|| {
    let signs = list(include_str!("words/auto.txt")).filter_map(|line| {
        let (mark, words) = line.split_once(' ')?;
        Some((fold(words).into_owned(), if mark == "=" { Sign::Sure } else { Sign::Weak }))
    });
    signs.collect()
});

/// Delivery notices, receipts, reports and challenges. `report_type` is the parameter of a top-level multipart/report.
///
/// `subject` is folded; `opens` tells whether the text is that of a delivery notice, by whoever sent it; it is asked only
/// where header and structure leave it open.
pub(super) fn notice(
    headers: &Headers<'_>,
    leaves: &[Leaf<'_>],
    root: &str,
    report_type: &str,
    subject: &str,
    opens: impl FnOnce(Origin) -> bool,
) -> Machine {
    let top = |mime: &str| leaves.iter().any(|leaf| leaf.mime == mime && leaf.depth == 0);
    let report = root == "multipart/report";
    let from = headers.lower("From");
    if is_like_challenge(headers, &from, subject) && (report || wants_click(leaves)) {
        return Machine::Challenge;
    }
    if report && report_type == "feedback-report" || top("message/feedback-report") {
        return feedback(leaves);
    }
    if from.contains("staff@hotmail.com") && subject.contains("complaint about message from ip") {
        return Machine::Complaint;
    }
    let status = top("message/delivery-status") || top("message/global-delivery-status");
    if report && report_type == "disposition-notification" || top("message/disposition-notification") && !status {
        // Sieve's "reject" sends its refusal in the shape of a receipt (RFC 5429 §2.1.3).
        let rejected = headers.lower("Auto-Submitted").contains("rejected") || subject.contains("rejected");
        return if rejected && is_automatic(headers) { Machine::Notice } else { Machine::Receipt };
    }
    if report && (report_type == "delivery-status" || report_type.is_empty()) || status || headers.has("X-Failed-Recipients") {
        return Machine::Notice;
    }
    let bouncing = is_bounce_subject(subject);
    let origin = Origin::of(headers);
    let daemon = is_daemon(&local_part(headers, &from));
    // A person may call themselves a system administrator.
    let named = origin == Origin::Nobody && is_daemon(&from);
    if !daemon && !named && !bouncing {
        return Machine::Person;
    }
    let null = origin == Origin::Nobody;
    let sure = daemon && (null || is_automatic(headers) || bouncing) || null && bouncing;
    let origin = if daemon && !null { Origin::Daemon } else { origin };
    if sure || opens(origin) { Machine::Notice } else { Machine::Person }
}

/// Automatic replies: the union of the strong signals. Asked only when there is no calendar answer.
///
/// What is like a challenge by its header alone is one of them: what stands in it is kept, so that an answer is found.
///
/// `sent` are the subjects of our letters: what a program answers with a noun before it.
pub(super) fn automatic(headers: &Headers<'_>, subject: &str, sent: &[String]) -> Machine {
    let precedence = headers.lower("Precedence");
    let generated =
        headers.has("X-MS-Exchange-Generated-Message-Source") && headers.lower("X-MS-Exchange-Generated-Message-Source").contains("rules");
    let suppressed = headers.lower("X-Auto-Response-Suppress");
    let looped = headers.has("X-MS-Exchange-Inbox-Rules-Loop") && suppressed.contains("all");
    let vacation = headers.lower("X-Apple-Action").contains("vacation") || headers.lower("Message-ID").contains("-vac@");
    let null = headers.raw("Return-Path").next().is_some_and(|path| path.split_whitespace().flat_map(str::chars).eq("<>".chars()));
    let marked = ["X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Autoreply-From", "X-Vacation", "X-Precedence"].iter().any(|name| {
        headers.raw(name).next().is_some_and(|value| {
            *name != "X-Precedence" && !value.trim().eq_ignore_ascii_case("no") || value.to_lowercase().contains("auto_reply")
        })
    });
    let challenging = is_like_challenge(headers, &headers.lower("From"), &fold(subject));
    if is_automatic(headers) || marked || precedence.contains("auto_reply") || generated || looped || vacation || null || challenging {
        return Machine::Auto;
    }
    let hinted = || !suppressed.is_empty() || ["bulk", "junk", "list"].iter().any(|weak| precedence.contains(weak));
    match auto_subject(&fold(subject)) {
        Some((Sign::Sure, _)) => Machine::Auto,
        Some((Sign::Weak, rest)) if hinted() || is_sent(rest, sent) => Machine::Auto,
        _ => Machine::Person,
    }
}

/// Whether the folded `subject`, behind reply prefixes and without tags, is one of ours.
fn is_sent(subject: &str, sent: &[String]) -> bool {
    let bare = subject::bare(subject);
    !bare.is_empty() && sent.iter().any(|own| subject::bare(own) == bare)
}

/// The empty envelope sender, also where a server wrote it out.
fn is_null_sender(headers: &Headers<'_>) -> bool {
    headers.raw("Return-Path").next().is_some_and(|path| {
        let path = path.split_whitespace().collect::<String>().to_ascii_lowercase();
        path == "<>" || path.trim_start_matches('<').starts_with("mailer-daemon")
    })
}

/// RFC 3834: anything but `no`, before a parameter or comment.
fn is_automatic(headers: &Headers<'_>) -> bool {
    let value = headers.lower("Auto-Submitted");
    let token = value.split([';', '(', ' ']).next().unwrap_or_default().trim();
    !token.is_empty() && token != "no"
}

/// A localised prefix and a colon in a folded subject, in brackets too, and what stands behind it: "Răspuns automat: …".
///
/// Without the colon people would fall: "Out of office till then but yes".
fn auto_subject(subject: &str) -> Option<(Sign, &str)> {
    let mut text = subject.trim();
    while let Some((inside, behind)) = subject::gateway_tag(text) {
        if let Some(sign) = AUTO.get(inside) {
            return Some((*sign, behind));
        }
        text = behind;
    }
    let Some((head, rest)) = text.split_once(':').filter(|(_, rest)| !rest.is_empty()) else {
        return text.ends_with("(automatic response)").then_some((Sign::Sure, ""));
    };
    let of = |head: &str| AUTO.get(head.trim_matches([' ', '-', '!'])).copied();
    if let Some(sign) = of(head) {
        return Some((sign, rest));
    }
    // Outlook in Bulgaria puts its own forward prefix before.
    let (second, rest) = rest.split_once(':')?;
    of(second).filter(|_| head.trim() == "отн").map(|sign| (sign, rest))
}

/// One pass over a From field for all names of a list; it is too short for what prepares a pass over a long text.
fn names<const N: usize>(names: [&str; N]) -> Option<AhoCorasick> {
    AhoCorasick::builder().prefilter(false).build(names).ok()
}

/// The address in From up to its `@`; all of the field where no address can be read, as daemons write it.
fn local_part(headers: &Headers<'_>, from: &str) -> String {
    headers.mailbox("From").map_or_else(|| from.to_owned(), |from| format!("{}@", from.email.local().to_lowercase()))
}

fn is_daemon(from: &str) -> bool {
    static DAEMONS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        names([
            "mailer-daemon",
            "mailer_daemon",
            "mailerdaemon",
            "mail delivery s",
            "postmaster",
            "mail administrator",
            "microsoftexchange",
            "maildaemon",
            "mdaemon",
            "delivery subsystem",
            "mailmaster",
            "system administrator",
            "delivery-status",
            "bounce@",
            "bounces@",
            "mail router",
        ])
    });
    DAEMONS.as_ref().is_some_and(|daemons| daemons.is_match(from))
}

fn is_bounce_subject(subject: &str) -> bool {
    static WORDS: LazyLock<Option<AhoCorasick>> =
        LazyLock::new(|| AhoCorasick::new(list(include_str!("words/bounce-subjects.txt")).map(|line| fold(line).into_owned())).ok());
    // A person who forwards or answers a bounce puts a prefix before.
    let (rest, prefixed) = subject::without_prefixes(subject);
    !prefixed && WORDS.as_ref().is_some_and(|words| words.is_match(rest))
}

fn feedback(leaves: &[Leaf<'_>]) -> Machine {
    let part = leaves.iter().find(|leaf| leaf.mime == "message/feedback-report");
    let text = part.map(|leaf| match &leaf.part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => String::from_utf8_lossy(bytes).to_lowercase(),
        PartType::Text(text) => text.to_lowercase(),
        _ => String::new(),
    });
    let kind =
        text.as_deref().unwrap_or_default().lines().find_map(|line| line.strip_prefix("feedback-type:").map(str::trim).map(str::to_owned));
    match kind.as_deref() {
        Some("not-spam" | "auth-failure" | "dmarc") => Machine::Feedback,
        _ => Machine::Complaint,
    }
}

/// So many bytes of each part are looked at for what a challenge says: it says so at its beginning.
const MAX_CHALLENGE: usize = 64 * 1024;

/// Whether what stands above any quote tells to confirm or to open something elsewhere: a guest may quote a challenge, or our letter.
fn wants_click(leaves: &[Leaf<'_>]) -> bool {
    leaves.iter().filter(|leaf| leaf.depth == 0 || leaf.alternative).any(|leaf| {
        let typed = match &leaf.part.body {
            PartType::Text(text) => said::said(beginning(text, MAX_CHALLENGE), &Context::default()),
            PartType::Html(html) => {
                let page = Page::read(beginning(html, MAX_CHALLENGE));
                said::of_lines(page.lines(), page.text(), &Context::default())
            }
            _ => return false,
        };
        absence::is_elsewhere(&typed.said)
    })
}

/// Challenge and response, by header and subject alone: a guest may write the same words, or through such a service.
fn is_like_challenge(headers: &Headers<'_>, from: &str, subject: &str) -> bool {
    static SENDERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        names([
            "@boxbe.com",
            "@notice.boxbe.com",
            "spamblocker-challenge@",
            "@spamarrest.com",
            "@mailinblack.com",
            "-confirm-",
            "antispam@uol.com.br",
            "@spamenmoins.com",
            "@sendio.com",
        ])
    });
    SENDERS.as_ref().is_some_and(|senders| senders.is_match(from))
        || headers.has("X-Bluebottle-Request")
        || headers.has("X-Boxbe")
        || subject.contains("requires verification verify#")
        || subject.contains("(verification required)")
        || subject.starts_with("please confirm your message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_need_their_colon() {
        for subject in [
            "Automatic reply: Invitation",
            "Răspuns automat: x",
            "Réponse automatique : x",
            "[Automatyczna odpowiedź] x",
            "Отн: Автоматичен отговор: x",
            "[EXTERNAL] Automatic reply: x",
            "*** EXTERN *** Abwesenheitsnotiz: x",
            "[EXT] [Automatyczna odpowiedź] x",
        ] {
            assert_eq!(auto_subject(&fold(subject)).map(|it| it.0), Some(Sign::Sure), "{subject}");
        }
        for subject in [
            "Re: Automatic reply: x",
            "[EXTERNAL] Re: Automatic reply: x",
            "Out of office till then but yes",
            "Absence du 3 juin",
            "Auto is broken, coming by train",
            "Concediu anulat, vin!",
        ] {
            assert_eq!(auto_subject(&fold(subject)), None, "{subject}");
        }
    }

    /// What a mail with these header fields is.
    fn automatic_of(header: &str, sent: &[&str]) -> Machine {
        let raw = format!("From: ana@x.example\r\n{header}\r\n\r\nx\r\n");
        let message = mail_parser::MessageParser::new().parse(raw.as_bytes()).unwrap();
        let headers = Headers::of(&message);
        let sent: Vec<String> = sent.iter().map(|subject| (*subject).to_owned()).collect();
        automatic(&headers, &headers.text("Subject", None), &sent)
    }

    #[test]
    fn a_noun_is_a_guests_too() {
        for subject in ["Absence : atelier du 10 décembre", "Afwezig: workshop", "Abwesend: Workshop", "Auto: parking for two cars?"] {
            assert_eq!(automatic_of(&format!("Subject: {subject}"), &["Atelier", "Workshop 2026"]), Machine::Person, "{subject}");
            for weak in ["Precedence: bulk", "X-Auto-Response-Suppress: OOF"] {
                assert_eq!(automatic_of(&format!("{weak}\r\nSubject: {subject}"), &[]), Machine::Auto, "{subject}");
            }
        }
        for subject in ["Absence : Atelier", "Afwezig: Re: atelier [#k7q2m9x4t8wn]", "[EXTERN] Abwesend: Atelier"] {
            assert_eq!(automatic_of(&format!("Subject: {subject}"), &["Atelier"]), Machine::Auto, "{subject}");
            assert_eq!(automatic_of(&format!("Subject: {subject}"), &[]), Machine::Person, "{subject}");
        }
    }

    #[test]
    fn a_challenge_says_so_in_its_text_too() {
        let read = |header: &str, text: &str| {
            let raw = format!("{header}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n");
            let mail = super::super::mail(raw.as_bytes(), &Context::default());
            (mail.kind, mail.auto.is_some_and(|auto| auto.challenge), mail.said)
        };
        for header in [
            "From: ana@x.example\r\nSubject: Please confirm your message about the workshop reached the right Mr Reed",
            "From: ana@x.example\r\nSubject: Re: Invitation (verification required)",
            "From: Ana Pop <x@mailinblack.com>\r\nSubject: Re: Invitation",
        ] {
            for text in ["I cannot come.", "I cannot come.\r\n\r\n> Please click here to confirm your address."] {
                assert_eq!(read(header, text), (crate::model::MailKind::Auto, false, "I cannot come.".to_owned()), "{header}");
            }
            assert!(read(header, "Please click here to have your message delivered.").1, "{header}");
        }
    }

    #[test]
    fn a_forwarded_bounce_has_another_subject() {
        assert!(is_bounce_subject(&fold("Undelivered Mail Returned to Sender")));
        for prefix in ["Fwd:", "[EXTERNAL] Fwd:", "*EXTERN* AW:"] {
            assert!(!is_bounce_subject(&fold(&format!("{prefix} Undelivered Mail Returned to Sender"))), "{prefix}");
        }
        assert!(is_bounce_subject(&fold("[EXTERNAL] Undelivered Mail Returned to Sender")));
    }
}
