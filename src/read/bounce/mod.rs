//! Delivery notices: the machine-readable report where there is one, else the text that was written for people.

mod class;
mod codes;
mod dsn;
mod text;

pub(super) use text::opens;

use super::headers::{Headers, ids_in};
use super::parts::Leaf;
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

/// Reads a message that is known to be a delivery notice. `explanation` is its text for people.
pub(super) fn read(message: &Message<'_>, headers: &Headers<'_>, leaves: &[Leaf<'_>], explanation: &str, subject: &str) -> Notice {
    let not: Vec<Address> = headers
        .mailbox("From")
        .map(|from| from.email)
        .into_iter()
        .chain(
            ["To", "Delivered-To", "X-Original-To"]
                .iter()
                .filter_map(|name| headers.raw(name).next())
                .flat_map(|to| super::headers::addresses_in(&to)),
        )
        .collect();
    let notice = text::read(explanation, subject, &not);
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
                text.push_str(header.get(..16_000).unwrap_or(&header));
            }
            _ => {}
        }
    }
    if ids.is_empty() {
        ids.extend(message_ids(explanation));
        text.push_str(explanation.get(..16_000).unwrap_or(explanation));
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
