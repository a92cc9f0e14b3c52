//! Delivery notices: the machine-readable report where there is one, else the text that was written for people.

mod class;
mod codes;
mod dsn;
mod text;

use super::headers::{Headers, ids_in};
use super::machine::Origin;
use super::parts::Leaf;
use super::words::beginning;
use crate::model::{Address, Bounce, BounceClass};
use mail_parser::{Message, PartType};

/// The server's words are kept so far.
const MAX_DIAGNOSTIC: usize = 500;
/// Message ids of returned originals.
const MAX_RETURNED: usize = 20;

/// A delivery notice as read.
pub(super) enum Notice {
    Failure(Bounce),
    /// Delivered, relayed, expanded: nothing to record.
    Success,
}

/// Whether a text is a delivery notice's, where neither header nor structure tell.
///
/// People write of bounces too ("Delivery failed twice, so once more: I come"). A notice opens like one and names, beside that,
/// the address that failed or the letter that it returns. A gateway that sends as itself names one of its own users.
pub(super) fn is_notice(message: &Message<'_>, headers: &Headers<'_>, leaves: &[Leaf<'_>], text: &str, origin: Origin) -> bool {
    if !text::opens(text) {
        return false;
    }
    let author = headers.mailbox("From").map(|from| from.email);
    // People sign with another address of their own house.
    let house = |address: &Address| author.as_ref().is_some_and(|author| author.domain() == address.domain());
    let names = |counts: &dyn Fn(&Address, bool) -> bool| text::names_failed(text, &bystanders(headers), counts);
    let returns = || !returned(message, leaves, text).0.is_empty();
    match origin {
        Origin::Nobody => true,
        Origin::Daemon => returns() || names(&|_, _| true),
        Origin::Author => names(&|address, fails| fails && house(address)),
        Origin::Unknown => returns() || names(&|address, fails| fails || !house(address)),
    }
}

/// Addresses that no letter failed for: the sender of the notice, and whom it was sent to.
fn bystanders(headers: &Headers<'_>) -> Vec<Address> {
    let to = ["To", "Delivered-To", "X-Original-To"].iter().filter_map(|name| headers.raw(name).next());
    let to = to.flat_map(|to| super::headers::addresses_in(&to));
    headers.mailbox("From").map(|from| from.email).into_iter().chain(to).collect()
}

/// Reads a message that is known to be a delivery notice. `explanation` is its text for people.
pub(super) fn read(message: &Message<'_>, headers: &Headers<'_>, leaves: &[Leaf<'_>], explanation: &str, subject: &str) -> Notice {
    let notice = text::read(explanation, subject, &bystanders(headers));
    let failed: Vec<Address> = headers.raw("X-Failed-Recipients").flat_map(|value| super::headers::addresses_in(&value)).collect();
    let reports: Vec<dsn::Recipient> = leaves
        .iter()
        .filter(|leaf| matches!(leaf.mime.as_str(), "message/delivery-status" | "message/global-delivery-status"))
        .flat_map(|leaf| dsn::recipients(&leaf.text(message, None)))
        .collect();
    if reports.is_empty() {
        return Notice::Failure(of_text(notice, failed));
    }
    let is = |recipient: &dsn::Recipient, actions: &[&str]| actions.iter().any(|action| recipient.action.starts_with(action));
    let bad: Vec<&dsn::Recipient> = reports.iter().filter(|r| !is(r, &["delivered", "relayed", "expanded", "deliverable"])).collect();
    if bad.is_empty() {
        return Notice::Success;
    }
    let waits = |r: &dsn::Recipient| {
        is(r, &["delayed"]) || r.action.is_empty() && r.status.as_deref().is_some_and(|status| status.starts_with('4'))
    };
    let hard: Vec<&&dsn::Recipient> = bad.iter().filter(|r| !waits(r)).collect();
    let delayed = hard.is_empty();
    let main = hard.first().copied().or(bad.first());
    let status = main.and_then(|r| r.status.clone()).filter(|status| !status.starts_with('2')).or_else(|| notice.status.clone());
    let words = main.map(|r| r.diagnostic.clone()).unwrap_or_default();
    let class = if delayed { BounceClass::Transient } else { class::class(status.as_deref(), &words, &notice.words) };
    let mut recipients = Vec::new();
    for recipient in &bad {
        push(&mut recipients, recipient.original.clone().or_else(|| recipient.last.clone()));
    }
    for recipient in &bad {
        push(&mut recipients, recipient.last.clone());
    }
    if recipients.is_empty() {
        for address in failed.into_iter().chain(notice.recipients) {
            push(&mut recipients, Some(address));
        }
    }
    let diagnostic = if words.is_empty() { notice.diagnostic } else { words };
    Notice::Failure(Bounce { recipients, class, permanent: !delayed, status, diagnostic: shorten(&diagnostic) })
}

fn of_text(notice: text::Notice, failed: Vec<Address>) -> Bounce {
    let class =
        if notice.delayed { BounceClass::Transient } else { class::class(notice.status.as_deref(), &notice.diagnostic, &notice.words) };
    let recipients = if failed.is_empty() { notice.recipients } else { failed };
    Bounce { recipients, class, permanent: !notice.delayed, status: notice.status, diagnostic: shorten(&notice.diagnostic) }
}

fn push(list: &mut Vec<Address>, address: Option<Address>) {
    if let Some(address) = address.filter(|address| list.len() < 500 && !list.contains(address)) {
        list.push(address);
    }
}

fn shorten(words: &str) -> Option<String> {
    let short: String = words.chars().take(MAX_DIAGNOSTIC).collect();
    let short = short.trim().to_owned();
    (!short.is_empty()).then_some(short)
}

/// What a notice returns of the original: the ids in its header, and its header as text (for our token).
pub(super) fn returned(message: &Message<'_>, leaves: &[Leaf<'_>], explanation: &str) -> (Vec<String>, String) {
    let mut ids: Vec<String> = Vec::new();
    let mut text = String::new();
    for leaf in leaves {
        match &leaf.part.body {
            PartType::Message(inner) => {
                let headers = Headers::of(inner);
                for value in headers.raw("Message-ID").take(4) {
                    ids.extend(ids_in(&value));
                }
                for name in ["Subject", "Message-ID", "Reply-To", "Return-Path", "From", "To", "References", "X-HmXmrOriginalRecipient"] {
                    for value in headers.raw(name).take(2) {
                        text.push_str(&format!("{name}: {value}\n"));
                    }
                }
            }
            _ if matches!(leaf.mime.as_str(), "text/rfc822-headers" | "message/rfc822-headers" | "message/global-headers") => {
                let header = leaf.text(message, None);
                ids.extend(message_ids(&header));
                text.push_str(beginning(&header, 16_000));
            }
            _ => {}
        }
    }
    if ids.is_empty() {
        ids.extend(message_ids(explanation));
        text.push_str(beginning(explanation, 16_000));
    }
    ids.truncate(MAX_RETURNED);
    (ids, text)
}

/// The ids in `Message-ID:` lines of a text.
fn message_ids(text: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut lines = text.lines().take(5_000).peekable();
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches(['>', ' ']);
        if line.get(..11).is_some_and(|name| name.eq_ignore_ascii_case("message-id:")) {
            let mut value = line.get(11..).unwrap_or_default().to_owned();
            if value.trim().is_empty()
                && let Some(next) = lines.peek()
            {
                value.push_str(next);
            }
            ids.extend(ids_in(value.trim()));
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use crate::model::MailKind;

    fn kind(from: &str, path: &str, subject: &str, body: &str) -> MailKind {
        let raw = format!("{path}From: {from}\r\nTo: rsvp@us.example\r\nSubject: {subject}\r\n\r\n{body}\r\n");
        crate::read::mail(raw.as_bytes(), &crate::read::Context::default()).kind
    }

    #[test]
    fn who_writes_of_a_bounce_has_not_bounced() {
        let own = "Return-Path: <ana@x.example>\r\n";
        let sysadmin = "\"Ana Pop, System Administrator\" <ana@x.example>";
        for (from, subject, body) in [
            (
                "Ana Pop <ana@x.example>",
                "Delivery failed twice - my answer",
                "my mail came back: 550 5.1.1 user unknown. So again: I come.",
            ),
            (
                "Ana Pop <ana@x.example>",
                "Undelivered mail",
                "What I wrote to rsvp@us.example was not delivered to the following: you. I come.\n\nAna Pop\noffice@x.example",
            ),
            (sysadmin, "Re: Invitation", "I will come. I was not able to deliver the form in time, sorry."),
            ("Ion <postmaster@x.example>", "Re: Invitation", "I will come. user unknown to the registration page, why?"),
        ] {
            for path in [own, ""] {
                assert_eq!(kind(from, path, subject, body), MailKind::Reply, "{path}{from} {subject}");
            }
        }
        let away = "I am away. I was not able to deliver the form.";
        assert_eq!(kind(sysadmin, "Auto-Submitted: auto-replied\r\n", "Automatic reply: Invitation", away), MailKind::Auto);
        assert_eq!(kind(sysadmin, "Return-Path: <>\r\n", "Automatic reply: Invitation", "I am away."), MailKind::Auto);
    }

    #[test]
    fn a_notice_names_what_failed() {
        let own = "Return-Path: <imss@x.example>\r\n";
        for (from, path, subject, body) in [
            ("imss@x.example", own, "Mail could not be delivered", "Unable to deliver message to <ana@x.example>."),
            ("imss@x.example", own, "Mail could not be delivered", "<ana@x.example>: user unknown"),
            ("gate@y.example", "", "Undeliverable: Invitation", "Delivery has failed to:\n\nana@x.example"),
            (
                "gate@y.example",
                "",
                "Undeliverable",
                "The letter has not been delivered.\n\nMessage-ID: <invitation.k7q2m9x4t8wn.1@us.example>",
            ),
            ("MDaemon@x.example", "Return-Path: <MDaemon@x.example>\r\n", "User unknown!", "ana@y.example - no such user here."),
            ("Mail Delivery System <noreply@x.example>", "Return-Path: <>\r\n", "Invitation", "Delivery has failed: no mailbox."),
            ("MAILER-DAEMON (Mail Delivery System)", "Return-Path: <>\r\n", "failure notice", "Sorry."),
            ("Mailer-Daemon@x.example", "", "failure notice", "Sorry."),
        ] {
            assert_eq!(kind(from, path, subject, body), MailKind::Bounce, "{path}{from} {subject}");
        }
    }
}
