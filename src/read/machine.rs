//! Mail that no person wrote, told by the top-level structure and the header alone: a person may forward or quote anything.

use super::headers::Headers;
use super::parts::Leaf;
use super::words::{WordSet, fold, list};
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

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
    /// The sender's server wants a click.
    Challenge,
    /// An automatic reply.
    Auto,
    /// A person, as far as the header tells.
    Person,
}

static AUTO: LazyLock<WordSet> = LazyLock::new(|| list(include_str!("words/auto.txt")).map(|line| fold(line).into_owned()).collect());

/// Delivery notices, receipts, reports and challenges. `report_type` is the parameter of a top-level multipart/report.
///
/// `subject` is folded; `opens` tells whether the text opens like a delivery notice; it is asked only where header and structure leave it open.
pub(super) fn notice(
    headers: &Headers<'_>,
    leaves: &[Leaf<'_>],
    root: &str,
    report_type: &str,
    subject: &str,
    opens: impl FnOnce() -> bool,
) -> Machine {
    let top = |mime: &str| leaves.iter().any(|leaf| leaf.mime == mime && leaf.depth == 0);
    let report = root == "multipart/report";
    let from = headers.lower("From");
    if is_challenge(headers, &from, subject) {
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
    let daemon = is_daemon(&from);
    if !daemon && !bouncing {
        return Machine::Person;
    }
    let null = is_null_sender(headers);
    let sure = daemon && (null || is_automatic(headers) || bouncing) || null && bouncing;
    if sure || opens() { Machine::Notice } else { Machine::Person }
}

/// Automatic replies: the union of the strong signals; `subject` is folded. Asked only when there is no calendar answer.
pub(super) fn automatic(headers: &Headers<'_>, subject: &str) -> Machine {
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
    if is_automatic(headers)
        || marked
        || precedence.contains("auto_reply")
        || generated
        || looped
        || vacation
        || null
        || is_auto_subject(subject)
    {
        return Machine::Auto;
    }
    Machine::Person
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

/// A localised prefix and a colon in a folded subject, in brackets or before a reply prefix too: "Răspuns automat: …".
///
/// Without the colon people would fall: "Out of office till then but yes".
fn is_auto_subject(subject: &str) -> bool {
    let text = subject.trim_start();
    if let Some(inner) = text.strip_prefix('[')
        && let Some((inside, _)) = inner.split_once(']')
        && AUTO.contains(inside.trim())
    {
        return true;
    }
    let head = text.split(':').next().unwrap_or_default().trim();
    if head.len() >= text.trim().len() {
        return text.trim_end().ends_with("(automatic response)");
    }
    // Outlook in Bulgaria puts its own forward prefix before.
    let second = text.split(':').nth(1).unwrap_or_default().trim();
    let head = head.trim_end_matches(['-', ' ', '!']);
    AUTO.contains(head) && (head != "auto" || text.contains(':')) || matches!(head, "отн") && AUTO.contains(second)
}

/// One pass over a From field for all names of a list; it is too short for what prepares a pass over a long text.
fn names<const N: usize>(names: [&str; N]) -> Option<AhoCorasick> {
    AhoCorasick::builder().prefilter(false).build(names).ok()
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
    let (rest, prefixed) = super::subject::without_prefixes(subject);
    !prefixed && WORDS.as_ref().is_some_and(|words| words.is_match(rest))
}

fn feedback(leaves: &[Leaf<'_>]) -> Machine {
    let part = leaves.iter().find(|leaf| leaf.mime == "message/feedback-report");
    let text = part.map(|leaf| match &leaf.part.body {
        mail_parser::PartType::Binary(bytes) | mail_parser::PartType::InlineBinary(bytes) => String::from_utf8_lossy(bytes).to_lowercase(),
        mail_parser::PartType::Text(text) => text.to_lowercase(),
        _ => String::new(),
    });
    let kind =
        text.as_deref().unwrap_or_default().lines().find_map(|line| line.strip_prefix("feedback-type:").map(str::trim).map(str::to_owned));
    match kind.as_deref() {
        Some("not-spam" | "auth-failure" | "dmarc") => Machine::Feedback,
        _ => Machine::Complaint,
    }
}

/// Challenge and response: never answered, shown as "needs a click".
fn is_challenge(headers: &Headers<'_>, from: &str, subject: &str) -> bool {
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
            "Auto: x",
        ] {
            assert!(is_auto_subject(&fold(subject)), "{subject}");
        }
        for subject in [
            "Re: Automatic reply: x",
            "Out of office till then but yes",
            "Absence du 3 juin",
            "Auto is broken, coming by train",
            "Concediu anulat, vin!",
        ] {
            assert!(!is_auto_subject(&fold(subject)), "{subject}");
        }
    }

    #[test]
    fn a_forwarded_bounce_has_another_subject() {
        assert!(is_bounce_subject(&fold("Undelivered Mail Returned to Sender")));
        assert!(!is_bounce_subject(&fold("Fwd: Undelivered Mail Returned to Sender")));
    }
}
