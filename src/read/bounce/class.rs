//! Why a letter came back: status code, reply code and the server's words, weighed.
//!
//! "5.x.x is hard" is wrong two times in three; only real evidence that the address does not exist makes `Invalid`.

use crate::model::BounceClass;
use crate::read::words::{Phrases, fold, list};
use std::sync::LazyLock;

struct Evidence {
    full: Phrases,
    invalid: Phrases,
    domain: Phrases,
    blocked: Phrases,
    content: Phrases,
    transient: Phrases,
    suspended: Phrases,
}

static EVIDENCE: LazyLock<Evidence> = LazyLock::new(|| {
    let kind = |mark: &'static str| Phrases::new(list(include_str!("../words/bounce.txt")).filter_map(move |line| line.strip_prefix(mark)));
    Evidence {
        full: kind("F "),
        invalid: kind("I "),
        domain: kind("D "),
        blocked: kind("B "),
        content: kind("C "),
        transient: kind("T "),
        suspended: kind("S "),
    }
});

/// What class a failure is. `words` is the server's diagnostic; `around` the explanation for people, which is trusted less.
pub(super) fn class(status: Option<&str>, words: &str, around: &str) -> BounceClass {
    let words = fold(words);
    let first = by_words(status, &words);
    // An account that the server calls disabled is not one that does not exist, whatever the text around says.
    if first != BounceClass::Unknown || EVIDENCE.suspended.is_in(&words) {
        return first;
    }
    by_words(status, &fold(around))
}

fn by_words(status: Option<&str>, text: &str) -> BounceClass {
    use BounceClass::{Blocked, Content, Full, Invalid, Transient, Unknown};
    let evidence = &*EVIDENCE;
    let status = status.unwrap_or_default();
    let detail = status.split_once('.').map_or("", |(_, detail)| detail);
    let invalid = evidence.invalid.is_in(text);
    let blocked = evidence.blocked.is_in(text);
    if matches!(detail, "2.2") || evidence.full.is_in(text) && !text.contains("sending quota") {
        return Full;
    }
    match detail {
        "2.3" | "3.4" => return Content,
        "1.8" | "1.7" | "7.26" | "7.25" | "7.9" | "7.509" | "7.23" | "7.27" => return Blocked,
        // The address is said to be bad; a server that blocks us may say so too, but then it says why.
        "1.1" | "1.2" | "1.3" | "1.6" | "1.10" if !blocked || invalid => return Invalid,
        "4.4" if !evidence.transient.is_in(text) => return Invalid,
        "4.1" if evidence.transient.is_in(text) => return Transient,
        "4.2" | "4.7" | "4.3" | "4.6" => return Transient,
        "7.13" => return Unknown,
        _ => {}
    }
    if detail.starts_with("7.") {
        let only_invalid = invalid && !blocked;
        return if only_invalid { Invalid } else { Blocked };
    }
    if detail.starts_with("6.") || evidence.content.is_in(text) && !invalid {
        return if detail.starts_with("6.") || !blocked { Content } else { Blocked };
    }
    if invalid && !(blocked && unmistakable(text)) {
        return Invalid;
    }
    if evidence.domain.is_in(text) {
        return Invalid;
    }
    if evidence.transient.is_in(text) && !unmistakable(text) {
        return Transient;
    }
    if blocked {
        return Blocked;
    }
    if evidence.suspended.is_in(text) {
        return Unknown;
    }
    if status.starts_with('4') { Transient } else { Unknown }
}

/// Words that no server uses for an address that does not exist.
fn unmistakable(text: &str) -> bool {
    ["spamhaus", "blacklist", "blocklist", "dnsbl", "reputation", "dmarc", "reverse dns", "spam", "relay"]
        .iter()
        .any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_decide_where_the_code_does_not() {
        use BounceClass::{Blocked, Content, Full, Invalid, Transient, Unknown};
        for (status, words, expected) in [
            (Some("5.1.1"), "550 5.1.1 User unknown", Invalid),
            (Some("5.1.1"), "552 5.1.1 mailbox full", Full),
            (Some("5.0.0"), "550 no such user here", Invalid),
            (Some("5.0.0"), "550 blocked by spamhaus", Blocked),
            (Some("5.7.1"), "554 5.7.1 message rejected", Blocked),
            (Some("5.7.26"), "SPF check failed", Blocked),
            (Some("5.4.1"), "550 5.4.1 Recipient address rejected: Access denied.", Invalid),
            (Some("5.4.1"), "no answer", Unknown),
            (Some("4.4.7"), "delivery time expired", Transient),
            (Some("5.4.4"), "Host or domain name not found", Invalid),
            (Some("5.4.4"), "connection timed out", Transient),
            (Some("5.3.4"), "message size exceeds limit", Content),
            (None, "Sorry, I wasn't able to deliver", Unknown),
            (Some("5.2.1"), "550 5.2.1 The email account that you tried to reach is disabled", Unknown),
            (Some("5.1.8"), "Domain of sender address does not exist", Blocked),
        ] {
            assert_eq!(class(status, words, ""), expected, "{status:?} {words}");
        }
    }
}
