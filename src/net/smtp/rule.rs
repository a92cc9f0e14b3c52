//! What a refusal means: the letter, or us. The table stands in the documentation of [`super`].

use super::Outcome;
use super::reply::Reply;
use crate::model::Signal;

/// Which command of a letter was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum At {
    Mail,
    Rcpt,
    Data,
    Dot,
}

impl At {
    pub fn word(self) -> &'static str {
        match self {
            Self::Mail => "the sender (MAIL FROM)",
            Self::Rcpt => "the recipient (RCPT TO)",
            Self::Data => "the letter (DATA)",
            Self::Dot => "the end of the letter",
        }
    }
}

/// Whom a refusal concerns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Concerns {
    /// This recipient or this content, for good.
    Letter,
    /// This letter, and perhaps every other one: the campaign should know.
    LetterAndUs,
    /// This letter, for now.
    Now,
    /// This letter for now, and the relay is going away.
    NowAndUs,
    /// The relay will not have us: nothing happened to the letter.
    Us,
}

/// The outcome of a letter whose command was refused, that is, answered with 4yz or 5yz.
pub(crate) fn refused(host: &str, at: At, reply: &Reply) -> Outcome {
    let why = format!("{host} refused {}: {}", at.word(), reply.whole());
    let concerns = concerns(at, reply);
    let relay_trouble = match concerns {
        Concerns::Letter | Concerns::Now => None,
        Concerns::LetterAndUs | Concerns::NowAndUs | Concerns::Us => Some(format!("{why}{}", cure(at, reply))),
    };
    let signal = match concerns {
        Concerns::Letter | Concerns::LetterAndUs => Signal::Rejected { why },
        Concerns::Now | Concerns::NowAndUs => Signal::Deferred { why },
        Concerns::Us => Signal::NotBegun { why },
    };
    Outcome { signal, code: Some(reply.code), enhanced: reply.enhanced().map(str::to_owned), relay_trouble }
}

fn concerns(at: At, reply: &Reply) -> Concerns {
    let (code, enhanced) = (reply.code, reply.enhanced().unwrap_or_default());
    let text = words(at, reply);
    let temporary = code < 500;
    if wants_sign_in(code) || over_quota(enhanced, &text) {
        return Concerns::Us;
    }
    // What one guest's own server says, or an access table of the relay about one guest, sounds like what a relay says to all. Were
    // this letter only begun anew, it would be the first again and keep the others back.
    let of_one = matches!(code, 421 | 454) || enhanced == "4.3.2";
    let of_table = enhanced.ends_with(".7.1") && text.contains("recipient address rejected");
    // It is about this letter, also where it says so of our host.
    let greylisting = temporary && ["greylist", "graylist", "grey-list", "gray-list"].iter().any(|word| text.contains(word));
    match at {
        At::Rcpt if greylisting && !of_one => return Concerns::Now,
        At::Dot if code == 421 => return Concerns::NowAndUs,
        At::Rcpt if of_table && text.contains("access denied") => return Concerns::NowAndUs,
        At::Rcpt if about_sender(enhanced, &text) => return Concerns::Us,
        At::Rcpt if of_one => return Concerns::NowAndUs,
        // It may count what one guest receives, too.
        At::Rcpt | At::Data | At::Dot if temporary && throttled(enhanced, &text) => return Concerns::NowAndUs,
        _ => {}
    }
    if matches!(code, 421 | 454) {
        return Concerns::Us;
    }
    let too_big = enhanced.ends_with(".3.4") || code == 552 && at != At::Rcpt;
    // The server lost the thread of the dialogue, or does not know a command that it must know.
    let lost = matches!(code, 500 | 502 | 503);
    match at {
        At::Mail if !temporary && (too_big || enhanced == "5.6.7") => Concerns::Letter,
        At::Mail => Concerns::Us,
        At::Rcpt | At::Data if lost => Concerns::Us,
        _ if temporary => Concerns::Now,
        _ if enhanced.starts_with("5.7.") => Concerns::LetterAndUs,
        _ => Concerns::Letter,
    }
}

/// What the relay itself says, in lower case. At RCPT, where it verifies addresses, it quotes what the guest's own server told it
/// (Postfix: `host mx said: …`; Exim: `response to "RCPT TO:<…>" was: …`).
fn words(at: At, reply: &Reply) -> String {
    let mut text = reply.text().to_ascii_lowercase();
    let quoted = [" said: ", " response to \""].iter().filter_map(|sign| text.find(sign)).min();
    if let Some(own) = quoted.filter(|_| at == At::Rcpt) {
        text.truncate(own);
    }
    text
}

/// RFC 4954 §6: sign-in required, too weak, refused, or only under encryption.
fn wants_sign_in(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

/// The day's or the minute's allowance of our account is used up (Gmail 5.4.5, Exchange Online 5.7.233 and STOREDRV).
fn over_quota(enhanced: &str, text: &str) -> bool {
    matches!(enhanced, "5.4.5" | "5.7.233")
        || [
            "sending quota",
            "sending limit",
            "submission quota",
            "storedrv.submission",
            "concurrent connections limit",
            "message rate limit",
        ]
        .iter()
        .any(|words| text.contains(words))
}

/// The relay counts what we send, and puts off what is too much: but not a mailbox that is full (X.2.2).
fn throttled(enhanced: &str, text: &str) -> bool {
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let mailbox = enhanced.starts_with("4.2.") || text.contains("mailbox");
    let used_up = text.contains("exceeded") && any(&["quota", "limit", "max"])
        || any(&["rate limit", "too many messages", "too many mails", "too many emails", "too many recipients", "throttl"]);
    !mailbox && used_up && any(&["send", "sent", "hourly", "daily", "per hour", "per day", "per minute"])
}

/// A code about the address of the recipient (RFC 3463 §3.2): X.1.7 and X.1.8 are about the sender's, X.1.0 about either.
fn about_recipient(enhanced: &str) -> bool {
    enhanced.split_once(".1.").is_some_and(|(_, detail)| !matches!(detail, "0" | "7" | "8"))
}

/// Servers often judge client and sender only at RCPT (Postfix by default), so the words must tell whom they mean.
fn about_sender(enhanced: &str, text: &str) -> bool {
    if about_recipient(enhanced) {
        return false;
    }
    // Not 5.4.1: with that code Exchange Online says that there is no such recipient.
    matches!(enhanced, "5.1.7" | "5.1.8" | "4.1.7" | "4.1.8")
        || enhanced.ends_with(".7.1") && text.contains("access denied")
        || [
            "relay access denied",
            "relaying denied",
            "relay denied",
            "relaying not allowed",
            "relay not permitted",
            "unable to relay",
            "not permitted to relay",
            "not allowed to relay",
            "authentication required",
            "must authenticate",
            "not authenticated",
            "sender rejected",
            "sender address rejected",
            "sender verify failed",
            "not owned by user",
            "client host rejected",
            "helo command rejected",
        ]
        .iter()
        .any(|words| text.contains(words))
}

/// So many letters a connection, and this one has had them (Exim: "too many messages in this connection"): the next connection
/// takes more.
pub(super) fn fills_connection(reply: &Reply) -> bool {
    let text = reply.text().to_ascii_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    any(&["messages", "mails", "recipients"])
        && any(&["per connection", "per session", "this connection", "this session", "one connection", "one session"])
}

fn cure(at: At, reply: &Reply) -> &'static str {
    let (enhanced, text) = (reply.enhanced().unwrap_or_default(), words(at, reply));
    if over_quota(enhanced, &text) || reply.code < 500 && throttled(enhanced, &text) {
        "; the relay's allowance for this account is used up: set a lower rate, and let it rest"
    } else if wants_sign_in(reply.code) || ["relay", "authenticat", "access denied"].iter().any(|word| text.contains(word)) {
        "; the relay wants a sign-in: check user and password"
    } else if about_sender(enhanced, &text) {
        "; check from and bounce_to of [sender]: the relay must accept them from this account"
    } else if reply.code < 500 {
        "; the relay asks for patience"
    } else {
        "; ask the relay's keeper"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table: where, what the server says, and which signal; `!` = the relay is in trouble.
    #[test]
    fn the_table_of_refusals() {
        for (at, says, signal) in [
            (At::Mail, "421 4.3.2 closing", "not begun!"),
            (At::Mail, "451 4.3.0 try later", "not begun!"),
            (At::Mail, "452 4.3.1 disk full", "not begun!"),
            (At::Mail, "530 5.7.0 Authentication required", "not begun!"),
            (At::Mail, "535 5.7.8 no", "not begun!"),
            (At::Mail, "550 5.1.8 sender domain not found", "not begun!"),
            (At::Mail, "550 5.7.1 we do not like you", "not begun!"),
            (At::Mail, "503 what", "not begun!"),
            (At::Mail, "552 5.3.4 message too big", "rejected"),
            (At::Mail, "550 5.6.7 no SMTPUTF8", "rejected"),
            (At::Rcpt, "421 bye", "deferred!"),
            (At::Rcpt, "421 4.7.0 Too many errors: concurrent connections limit", "not begun!"),
            (At::Rcpt, "454 4.4.1 no answer from host", "deferred!"),
            (At::Rcpt, "451 4.3.2 try again later", "deferred!"),
            (At::Rcpt, "450 4.7.1 Greylisted", "deferred"),
            (At::Rcpt, "450 4.7.1 Client host rejected: Greylisted, see http://postgrey.example/", "deferred"),
            (At::Rcpt, "450 4.2.1 mailbox busy", "deferred"),
            (At::Rcpt, "451 local error", "deferred"),
            (At::Rcpt, "452 4.5.3 too many recipients", "deferred"),
            (At::Rcpt, "452 4.2.2 mailbox full", "deferred"),
            (At::Rcpt, "452 4.2.2 daily quota exceeded", "deferred"),
            (At::Rcpt, "452 The mailbox is full: quota exceeded, send it later", "deferred"),
            (At::Rcpt, "450 4.7.1 <x>: Recipient address rejected: hourly quota exceeded, try again later", "deferred!"),
            (At::Rcpt, "450 Mail send limit exceeded", "deferred!"),
            (At::Rcpt, "450 4.7.1 Too many messages per hour, slow down", "deferred!"),
            (At::Rcpt, "451 4.7.0 sending is throttled", "deferred!"),
            (At::Rcpt, "451 4.7.1 Domain x.example has exceeded the max emails per hour (150/150) allowed", "deferred!"),
            (At::Dot, "451 4.7.1 rate limit of 100 mails per hour", "deferred!"),
            (At::Rcpt, "450 4.1.1 <x>: unverified address: host mx said: 554 5.7.1 Relay access denied", "deferred"),
            (At::Rcpt, "450 4.1.1 <x>: Recipient address rejected: Client host rejected: no", "deferred"),
            (At::Rcpt, "450 4.7.1 <x>: unverified address: host mx said: 550 Authentication required", "deferred"),
            (At::Rcpt, "450 4.7.1 <x>: unverified address: host mx said: 450 hourly sending limit exceeded", "deferred"),
            (At::Rcpt, "451 Callout: response to \"RCPT TO:<x>\" was: 550 relay not permitted", "deferred"),
            (At::Rcpt, "550 5.1.1 <x>: undeliverable address: host mx said: 554 5.7.1 Relay access denied", "rejected"),
            (At::Rcpt, "550 5.1.0 Authentication required", "not begun!"),
            (At::Rcpt, "454 4.7.1 <x>: Relay access denied", "not begun!"),
            (At::Rcpt, "450 4.1.8 <x>: Sender address rejected: Domain not found", "not begun!"),
            (At::Rcpt, "503 5.5.1 need MAIL", "not begun!"),
            (At::Rcpt, "530 sign in", "not begun!"),
            (At::Rcpt, "550 5.1.1 no such user", "rejected"),
            (At::Rcpt, "550 no such user", "rejected"),
            (At::Rcpt, "552 5.2.2 mailbox full", "rejected"),
            (At::Rcpt, "553 5.1.3 bad address", "rejected"),
            (At::Rcpt, "554 5.7.1 <x>: Relay access denied", "not begun!"),
            (At::Rcpt, "554 5.7.1 <x>: Recipient address rejected: Access denied", "deferred!"),
            (At::Rcpt, "550 5.4.1 Recipient address rejected: Access denied.", "rejected"),
            (At::Rcpt, "550 relaying denied", "not begun!"),
            (At::Rcpt, "550 5.7.60 Client does not have permissions", "rejected!"),
            (At::Rcpt, "553 5.7.1 <x>: Sender address rejected: not owned by user y", "not begun!"),
            (At::Rcpt, "550 5.4.5 Daily user sending limit exceeded", "not begun!"),
            (At::Data, "421 bye", "not begun!"),
            (At::Data, "451 4.3.0 later", "deferred"),
            (At::Data, "503 lost", "not begun!"),
            (At::Data, "550 5.7.1 no", "rejected!"),
            (At::Data, "554 no", "rejected"),
            (At::Dot, "421 4.3.2 closing", "deferred!"),
            (At::Dot, "450 later", "deferred"),
            (At::Dot, "451 4.7.1 later", "deferred"),
            (At::Dot, "452 4.3.1 disk full", "deferred"),
            (At::Dot, "535 5.7.3 no", "not begun!"),
            (At::Dot, "550 5.7.1 spam", "rejected!"),
            (At::Dot, "550 5.7.233 tenant external limit", "not begun!"),
            (At::Dot, "552 5.3.4 too big", "rejected"),
            (At::Dot, "554 5.6.0 bad content", "rejected"),
            (At::Dot, "554 5.2.0 STOREDRV.Submission.Exception: quota", "not begun!"),
            (At::Dot, "432 4.3.2 Concurrent connections limit exceeded", "not begun!"),
        ] {
            let (code, text) = says.split_once(' ').unwrap();
            let reply = Reply { code: code.parse().unwrap(), lines: vec![text.to_owned()] };
            let outcome = refused("smtp.x.example", at, &reply);
            let word = match &outcome.signal {
                Signal::Deferred { .. } => "deferred",
                Signal::Rejected { .. } => "rejected",
                Signal::NotBegun { .. } => "not begun",
                _ => "?",
            };
            let found = format!("{word}{}", if outcome.relay_trouble.is_some() { "!" } else { "" });
            assert_eq!(found, signal, "{at:?} {says}");
            assert_eq!(outcome.code, Some(reply.code));
        }
    }

    #[test]
    fn an_allowance_that_is_used_up_asks_for_a_lower_rate() {
        let reply = Reply { code: 450, lines: vec!["4.7.1 hourly quota exceeded, try again later".to_owned()] };
        let trouble = refused("smtp.x.example", At::Rcpt, &reply).relay_trouble.unwrap();
        assert!(trouble.ends_with("set a lower rate, and let it rest"), "{trouble}");
    }
}
