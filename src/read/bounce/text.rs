//! Delivery notices written for people only: qmail, Exim, Gmail, Exchange, Yahoo, Domino, GMX, T-Online and their kin.

use super::codes;
use crate::model::Address;
use crate::read::headers::addresses_in;
use crate::read::words::{beginning, fold};

/// The notice is looked at so far.
const MAX_NOTICE: usize = 32 * 1024;

/// What such a notice says.
pub(super) struct Notice {
    pub(super) recipients: Vec<Address>,
    pub(super) status: Option<String>,
    pub(super) diagnostic: String,
    /// The text above the returned message.
    pub(super) words: String,
    pub(super) delayed: bool,
}

/// Does a text open like a delivery notice? Only its first lines count: a person who forwards one writes above it.
pub(super) fn opens(text: &str) -> bool {
    const OPENERS: [&str; 26] = [
        "created automatically by mail delivery software",
        "failed recipients",
        "interscan messaging security",
        "could not be delivered to the following",
        "could not be delivered to one or more",
        "not be delivered to the following",
        "wasn't able to deliver",
        "was not able to deliver",
        "unable to deliver your message",
        "unable to deliver message",
        "was not delivered to",
        "did not reach the following",
        "message could not be delivered to",
        "has not been delivered",
        "no such user",
        "user unknown",
        "failed to deliver",
        "delivery has failed",
        "delivery failed",
        "not accepting mail",
        "this is the mail system at host",
        "undeliverable mail",
        "could not deliver",
        "delivery of email to this address",
        "couldn't be delivered",
        "this is the qmail-send",
    ];
    let head: String = text.chars().take(1_500).collect();
    let folded = fold(&head);
    OPENERS.iter().any(|opener| folded.contains(opener)) || codes::enhanced(&folded).is_some() && codes::reply(&folded).is_some()
}

/// Reads a notice. `not` are addresses that no letter failed for: the sender of the notice, and whom it was sent to.
pub(super) fn read(text: &str, subject: &str, not: &[Address]) -> Notice {
    let words = cut(text);
    let mut sure = Vec::new();
    let mut loose = Vec::new();
    for line in after_introduction(&words).lines() {
        let Some((found, leads)) = failed_in(line, not) else { continue };
        let list = if leads { &mut sure } else { &mut loose };
        for address in found {
            if list.len() < 100 && !list.contains(&address) {
                list.push(address);
            }
        }
    }
    let recipients = if sure.is_empty() { loose } else { sure };
    let diagnostic = diagnostic(&words);
    let status = codes::enhanced(&diagnostic).or_else(|| codes::enhanced(&words));
    let delayed = is_delay(subject, &words);
    Notice { recipients, status, diagnostic, words, delayed }
}

/// The addresses in a line of a notice that may have failed, and whether the line is about them: it begins with one, or labels it.
fn failed_in(line: &str, not: &[Address]) -> Option<(Vec<Address>, bool)> {
    let line = line.replace('=', " ");
    let found: Vec<Address> = addresses_in(&line).into_iter().filter(|address| !is_machine(address) && !not.contains(address)).collect();
    let local = found.first()?.as_str().split('@').next().unwrap_or_default();
    if is_aside(&line) {
        return None;
    }
    let head = line.trim_start_matches(|c: char| c.is_whitespace() || "<\"'-*>•".contains(c));
    let leads = head.to_lowercase().starts_with(local) || is_labelled(head);
    Some((found, leads))
}

/// Whether a text says of an address that it failed, one that `counts`: that is told too whether its line says of a failure.
pub(super) fn names_failed(text: &str, not: &[Address], counts: impl Fn(&Address, bool) -> bool) -> bool {
    let words = cut(text);
    after_introduction(&words).lines().any(|line| {
        failed_in(line, not).is_some_and(|(found, leads)| {
            let fails = opens(line);
            (leads || fails) && found.iter().any(|address| counts(address, fails))
        })
    })
}

/// Exchange lists the header of the letter first; the recipients stand below "did not reach the following recipient(s):".
fn after_introduction(words: &str) -> &str {
    const INTRODUCTIONS: [&str; 5] =
        ["following recipient", "following address", "addresses had permanent", "delivery to these recipients", "following destination"];
    let mut offset = 0;
    for line in words.split_inclusive('\n') {
        offset += line.len();
        let folded = fold(line);
        if INTRODUCTIONS.iter().any(|words| folded.contains(words)) {
            let rest = words.get(offset..).unwrap_or_default();
            // Where the introduction and the address share a line, or nothing follows, the whole text counts.
            return if rest.contains('@') { rest } else { words };
        }
    }
    words
}

/// The notice without the returned message below it.
fn cut(text: &str) -> String {
    const COPIES: [&str; 16] = [
        "below this line is a copy of the message",
        "this is a copy of",
        "original message",
        "the header of the original message",
        "returned message",
        "message header follows",
        "headers of the original message",
        "unsent message below",
        "original message follows",
        "message headers follow",
        "the following is a copy",
        "your message follows",
        "returned text follows",
        "original mail header",
        "nachricht folgt",
        "copie du message",
    ];
    let text = beginning(text, MAX_NOTICE * 4);
    let mut words = String::new();
    for line in text.lines() {
        let folded = fold(line);
        let marked =
            line.trim_start().starts_with(['-', '=', '*', '_']) || line.trim_end().ends_with([':', '.']) || line.trim_end().ends_with("--");
        let rule = marked && COPIES.iter().any(|copy| folded.contains(copy)) && !words.trim().is_empty();
        let header = ["received: from", "return-path:", "message-id:"].iter().any(|name| folded.starts_with(name));
        if rule || header {
            break;
        }
        words.push_str(line);
        words.push('\n');
        if words.len() > MAX_NOTICE {
            break;
        }
    }
    words
}

/// Addresses of robots and of those who help.
fn is_machine(address: &Address) -> bool {
    let local = address.local();
    ["postmaster", "mailer-daemon", "mailerdaemon", "mailmaster", "abuse", "helpdesk", "support", "nobody"]
        .iter()
        .any(|name| local.starts_with(name))
}

/// A line that names an address for another reason.
fn is_aside(line: &str) -> bool {
    let folded = fold(line);
    [
        "message-id",
        "contact ",
        "please forward",
        "for further assistance",
        "sent from",
        "from:",
        "mail from",
        "sender:",
        "by ",
        "subject:",
        "reply-to",
        "queue id",
        "reporting",
        "return-path",
    ]
    .iter()
    .any(|word| folded.trim_start().starts_with(word))
        || folded.contains("for assistance")
        || folded.contains("send mail to postmaster")
}

fn is_labelled(head: &str) -> bool {
    let folded = fold(head);
    [
        "to:",
        "recipient",
        "rcpt to",
        "original recipient",
        "final recipient",
        "user ",
        "failed recipient",
        "address:",
        "for ",
        "an:",
        "empfanger",
        "destinataire",
        "destinatar",
        "your message to",
    ]
    .iter()
    .any(|label| folded.starts_with(label))
}

/// The line that holds the server's words, and the one behind it.
fn diagnostic(words: &str) -> String {
    let lines: Vec<&str> = words.lines().map(str::trim).collect();
    let coded = |line: &&&str| codes::enhanced(line).is_some() || codes::reply(line).is_some();
    let at = lines.iter().position(|line| coded(&line)).or_else(|| {
        let named = lines.iter().position(|line| !addresses_in(line).is_empty() && !is_aside(line))?;
        (named + 1..lines.len()).find(|next| lines.get(*next).is_some_and(|line| !line.is_empty()))
    });
    let Some(at) = at else { return String::new() };
    lines.iter().skip(at).take(3).take_while(|line| !line.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

/// A delay is told by the subject or by the first words of the notice.
fn is_delay(subject: &str, words: &str) -> bool {
    let subject = fold(subject);
    if [
        "delay",
        "warning: could not send",
        "warning: message",
        "still being retried",
        "verzogert",
        "retard",
        "intarzi",
        "vertraagd",
        "viivasty",
        "(retrying)",
        "ritard",
    ]
    .iter()
    .any(|word| subject.contains(word))
    {
        return true;
    }
    let words = fold(beginning(words, 4_000)).into_owned();
    let delayed = [
        "this is a warning message only",
        "you do not need to resend",
        "no action is required on your part",
        "will be retried",
        "has not yet been delivered",
        "delivery attempts will continue",
        "will continue to be made",
        "still trying",
        "temporary problem",
        "will keep trying",
        "has been delayed",
        "will try again",
        "will retry for",
        "delayed mail",
        "will continue trying",
        "wird weiterhin versucht",
    ];
    let failed = [
        "permanent",
        "giving up",
        "i've given up",
        "could not be delivered to one or more",
        "final",
        "has been returned",
        "not be retried",
    ];
    delayed.iter().any(|word| words.contains(word)) && !failed.iter().any(|word| words.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipients(text: &str) -> Vec<String> {
        read(text, "", &[]).recipients.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn qmail_and_exim() {
        let qmail = "Hi. This is the qmail-send program at mx.x.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n\
            <ana@x.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nTo: ion@y.example\n";
        assert_eq!(recipients(qmail), ["ana@x.example"]);
        assert_eq!(read(qmail, "", &[]).status.as_deref(), Some("5.1.1"));
        let exim = "This message was created automatically by mail delivery software.\n\n  ana@x.example\n    host mx.x.example [5.6.7.8]\n    550 no such user\n\n\
            ------ This is a copy of the message, including all the headers. ------\nFrom: o@y.example";
        assert_eq!(recipients(exim), ["ana@x.example"]);
    }
}
