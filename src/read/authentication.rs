//! What the receiving server found out about the sender: Authentication-Results (RFC 8601).
//!
//! Each program on that server may write a field of its own (OpenDKIM, OpenDMARC, policyd-spf), so all of its fields count. A pass
//! counts only where no Received stands between its field and the topmost one: what is further down, the sender may have
//! written. A failure counts wherever it stands, because nobody forges one against themselves.

use super::headers::Headers;
use crate::model::Address;
use std::borrow::Cow;

/// So many fields of our server are looked at.
const MAX_FIELDS: usize = 20;
/// So many results of one field are looked at.
const MAX_RESULTS: usize = 50;

const ENVELOPE: &[&str] = &["smtp.mailfrom=", "smtp.mail="];
const SIGNER: &[&str] = &["header.d=", "header.i="];

/// What `authserv_id`, the server that we trust, says of the sender: true where it vouches for their domain, false where it
/// speaks against them or vouches for nothing but another's, None where it says neither.
///
/// None are SPF's soft failure and a mail of which nothing was found out: many forwarded mails are so, and most small domains
/// publish no DMARC.
pub(super) fn verified(headers: &Headers<'_>, authserv_id: Option<&str>, from: Option<&Address>) -> Option<bool> {
    let fields = fields(headers, authserv_id?);
    let results = || fields.iter().flat_map(|field| field.results());
    let by_dmarc = results().find_map(|result| match result.outcome {
        "dmarc=pass" if result.trusted => Some(true),
        "dmarc=fail" => Some(false),
        _ => None,
    });
    if by_dmarc.is_some() {
        return by_dmarc;
    }
    let domain = from?.domain();
    if results().filter(|result| result.trusted).filter_map(Outcome::vouched).any(|vouched| is_aligned(vouched, domain)) {
        return Some(true);
    }
    // The domain says that its mail does not come from there, or did not sign what stands here; or a sender who shows another
    // domain in the envelope or the signature vouches for that one.
    let failed = |result: Outcome<'_>| {
        let own = result.domain_of("spf=fail", ENVELOPE).or_else(|| result.domain_of("dkim=fail", SIGNER));
        own.is_some_and(|own| is_aligned(own, domain)) || result.vouched().is_some_and(|vouched| !is_kin(vouched, domain))
    };
    results().any(failed).then_some(false)
}

/// What one field of our server says, without its name, in lower case.
struct Field {
    text: String,
    /// It stands above what the sender may have written.
    trusted: bool,
}

/// The fields of our server, the topmost first.
fn fields(headers: &Headers<'_>, ours: &str) -> Vec<Field> {
    let mut end = None;
    let mut fields = Vec::new();
    for (at, value) in headers.placed("Authentication-Results") {
        let value = without_comments(&value);
        let Some((id, text)) = value.split_once(';') else { continue };
        if !id.split_whitespace().next().is_some_and(|id| id.eq_ignore_ascii_case(ours)) {
            continue;
        }
        let end = *end.get_or_insert_with(|| {
            let hops = headers.placed("Received").map(|(hop, _)| hop);
            hops.filter(|hop| *hop > at).min().unwrap_or(usize::MAX)
        });
        fields.push(Field { text: text.to_lowercase(), trusted: at < end });
        if fields.len() == MAX_FIELDS {
            break;
        }
    }
    fields
}

/// One method's result, and its properties.
#[derive(Clone, Copy)]
struct Outcome<'a> {
    /// `spf=pass`
    outcome: &'a str,
    properties: &'a str,
    trusted: bool,
}

impl Field {
    fn results(&self) -> impl Iterator<Item = Outcome<'_>> {
        self.text.split(';').take(MAX_RESULTS).map(|result| {
            let result = result.trim();
            let (outcome, properties) = result.split_once(char::is_whitespace).unwrap_or((result, ""));
            Outcome { outcome, properties, trusted: self.trusted }
        })
    }
}

impl<'a> Outcome<'a> {
    /// The domain that a result names, where it is `wanted`.
    fn domain_of(self, wanted: &str, keys: &[&str]) -> Option<&'a str> {
        let mut properties = self.properties.split_whitespace().filter(|_| self.outcome == wanted);
        let value = properties.find_map(|property| keys.iter().find_map(|key| property.strip_prefix(key)))?;
        let domain = value.rsplit('@').next().unwrap_or_default();
        Some(domain.trim_start_matches(['<', '"']).trim_end_matches(['>', '"', '.'])).filter(|domain| !domain.is_empty())
    }

    /// The domain that passed.
    fn vouched(self) -> Option<&'a str> {
        self.domain_of("dkim=pass", SIGNER).or_else(|| self.domain_of("spf=pass", ENVELOPE))
    }
}

/// Relaxed alignment without a list of public suffixes: the same domain, or one below the other.
fn is_aligned(signer: &str, from: &str) -> bool {
    let below = |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|head| head.ends_with('.')) && outer.contains('.');
    !signer.is_empty() && (signer == from || below(signer, from) || below(from, signer))
}

/// True where two domains may be of one organisation: they share their last two labels, three below the likes of `co.uk`.
fn is_kin(one: &str, other: &str) -> bool {
    let mut common = one.rsplit('.').zip(other.rsplit('.')).take_while(|(a, b)| a == b).map(|(label, _)| label);
    let (Some(last), Some(second)) = (common.next(), common.next()) else { return false };
    last.len() > 2 || second.len() > 3 || common.next().is_some() || one == other
}

fn without_comments(value: &str) -> Cow<'_, str> {
    if !value.contains('(') {
        return value.into();
    }
    let mut depth = 0u32;
    value
        .chars()
        .filter(|c| match c {
            '(' => {
                depth += 1;
                false
            }
            ')' if depth > 0 => {
                depth -= 1;
                false
            }
            _ => depth == 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What our server, `mx.us.example`, says of ana@x.example by these header fields.
    fn of(header: &str) -> Option<bool> {
        let raw = format!("{}\r\nFrom: ana@x.example\r\n\r\nx\r\n", header.replace("AR:", "Authentication-Results: mx.us.example;"));
        let message = mail_parser::MessageParser::new().parse(raw.as_bytes()).expect("a message");
        verified(&Headers::of(&message), Some("mx.us.example"), Address::parse("ana@x.example").ok().as_ref())
    }

    #[test]
    fn a_failure_in_another_field_of_our_server_counts() {
        for header in [
            "AR: dkim=none\r\nAR: dmarc=fail header.from=x.example",
            "AR: dkim=none\r\nReceived: from y by mx.us.example\r\nAR: dmarc=fail header.from=x.example",
            "AR: dmarc=none\r\nAR: dkim=none\r\nAR: spf=fail smtp.mailfrom=x.example",
        ] {
            assert_eq!(of(header), Some(false), "{header}");
        }
        assert_eq!(of("AR: spf=fail smtp.mailfrom=x.example\r\nAR: dkim=pass header.d=x.example"), Some(true));
        assert_eq!(of("AR: dmarc=pass\r\nAR: dmarc=fail"), Some(true));
    }

    #[test]
    fn a_pass_that_the_sender_may_have_written_does_not() {
        for pass in ["dmarc=pass header.from=x.example", "dkim=pass header.d=x.example"] {
            let beside = |hop: &str| of(&format!("AR: spf=fail smtp.mailfrom=x.example\r\n{hop}AR: {pass}"));
            assert_eq!(beside(""), Some(true), "{pass}");
            assert_eq!(beside("Received: from y by mx.us.example\r\n"), Some(false), "{pass}");
        }
        assert_eq!(of("Authentication-Results: mx.y.example; dmarc=pass"), None);
        assert_eq!(of("AR: dmarc=none (x; dmarc=pass)"), None);
    }

    #[test]
    fn vouching_for_another_domain_alone_vouches_for_nobody() {
        for header in [
            "AR: spf=pass smtp.mailfrom=y.example; dkim=pass header.d=y.example; dmarc=none",
            "AR: spf=pass smtp.mailfrom=\"ana@y.example\"; dkim=none",
            "AR: spf=none; dkim=fail header.d=x.example; dmarc=none",
            "AR: spf=fail smtp.mailfrom=<ana@x.example>",
            "AR: spf=fail smtp.mailfrom=\"ana\"@x.example.",
        ] {
            assert_eq!(of(header), Some(false), "{header}");
        }
        for header in [
            "AR: spf=pass smtp.mailfrom=y.example; dkim=pass header.i=@mail.x.example",
            "AR: spf=pass smtp.mailfrom=<ana@x.example>",
            "AR: dkim=pass header.d=x.example.",
            "AR: spf=pass smtp.mailfrom=ana@x.example; dkim=pass header.d=y.example; dkim=fail header.d=x.example",
        ] {
            assert_eq!(of(header), Some(true), "{header}");
        }
        for header in [
            "AR: spf=softfail smtp.mailfrom=x.example; dkim=none; dmarc=none",
            "AR: none",
            "AR: dkim=fail header.d=y.example",
            "AR: spf=pass smtp.mailfrom=<>",
        ] {
            assert_eq!(of(header), None, "{header}");
        }
    }

    #[test]
    fn alignment_needs_the_whole_label() {
        assert!(is_aligned("mail.x.example", "x.example"));
        assert!(!is_aligned("evilx.example", "x.example"));
        assert!(!is_aligned("example", "x.example"));
    }

    #[test]
    fn departments_of_one_house_are_kin() {
        assert!(is_kin("bounce.x.example", "staff.x.example"));
        assert!(is_kin("mail.x.co.uk", "staff.x.co.uk"));
        assert!(!is_kin("y.co.uk", "x.co.uk"));
        assert!(!is_kin("y.example", "x.example"));
    }
}
