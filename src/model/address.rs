//! An email address as believed: parsed, folded, its domain in ASCII.

use std::{borrow::Cow, fmt};

/// One mailbox, `local@domain`, in lower case with the domain in its ASCII (IDNA) form.
///
/// Folding the local part is not what RFC 5321 §2.4 promises, but no server in use tells
/// `Ana@` from `ana@`, and guests do write their own address both ways.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Address(String);

/// Why a text is not an address. The words are for the organiser.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAnAddress {
    #[error("it is empty")]
    Empty,
    #[error("it has no @")]
    NoAt,
    #[error("it contains a space or another character that no address can have")]
    Character,
    #[error("the part before the @ is not valid")]
    Local,
    #[error("the part after the @ is not a mail domain")]
    Domain,
}

impl Address {
    /// Parses a bare address. Surrounding white space, `<…>` and a leading `mailto:` are dropped.
    ///
    /// Bounds are those of RFC 5321 §4.5.3.1: 64 octets before the @, 255 after it.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        let text = text.strip_prefix('<').and_then(|t| t.strip_suffix('>')).unwrap_or(text).trim();
        let text = match text.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => text.get(7..).unwrap_or_default(),
            _ => text,
        };
        if text.is_empty() {
            return Err(NotAnAddress::Empty);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress::NoAt)?;
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || is_invisible(c) || is_syntax(c)) {
            return Err(NotAnAddress::Character);
        }
        let local = if local.is_ascii() { local.to_ascii_lowercase() } else { local.to_lowercase() };
        if local.is_empty() || local.len() > 64 || local.contains('@') {
            return Err(NotAnAddress::Local);
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(NotAnAddress::Local);
        }
        let domain = match is_plain_domain(domain) {
            true => Cow::Borrowed(domain),
            false => Cow::Owned(idna::domain_to_ascii_strict(domain).map_err(|_| NotAnAddress::Domain)?),
        };
        if domain.len() > 255 || !domain.contains('.') && domain != "localhost" || domain.split('.').any(str::is_empty) {
            return Err(NotAnAddress::Domain);
        }
        Ok(Self([&local, "@", &domain].concat()))
    }

    /// `local@domain`, the domain in ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the @.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands after the @, in ASCII.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The mailbox that it reaches, in one spelling: without a `+tag` (RFC 5233), and at Gmail without dots and at `gmail.com`, where
    /// `googlemail.com` is the same. To compare, not to write to: that a tag is one is a habit, and only the host knows what stands
    /// before the @ (RFC 5321 §2.3.11). The database computes the same (`invitation.mailbox`).
    pub fn mailbox(&self) -> String {
        let local = self.local();
        let base = local.split('+').next().filter(|base| !base.is_empty()).unwrap_or(local);
        match self.domain() {
            "gmail.com" | "googlemail.com" => base.replace('.', "") + "@gmail.com",
            domain => [base, "@", domain].concat(),
        }
    }

    /// The same mailbox with `+tag` before the @ (RFC 5233 sub-addressing).
    pub fn tagged(&self, tag: &str) -> Self {
        Self(format!("{}+{tag}@{}", self.local(), self.domain()))
    }
}

/// A domain that IDNA leaves as it is: most are, and that is seen sooner than worked out.
fn is_plain_domain(domain: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_label = |label: &[u8]| {
        let hyphen = |at: usize| label.get(at) == Some(&b'-');
        (1..=63).contains(&label.len())
            && label.iter().all(|b| is_plain(*b))
            && !hyphen(0)
            && !label.ends_with(b"-")
            && !(hyphen(2) && hyphen(3))
    };
    domain.len() <= 253 && domain.as_bytes().split(|b| *b == b'.').all(is_label)
}

/// What separates addresses, and what an address must quote.
fn is_syntax(c: char) -> bool {
    matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '\\' | '"')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_case_space_and_idn() {
        for (written, believed) in [
            ("  Ana.Pop@Primaria.Example ", "ana.pop@primaria.example"),
            ("<x@y.example>", "x@y.example"),
            ("MAILTO:x@y.example", "x@y.example"),
            ("jürgen@bücher.example", "jürgen@xn--bcher-kva.example"),
            ("\u{FEFF}x@y.example\u{200B}", "x@y.example"),
        ] {
            assert_eq!(Address::parse(written).map(|a| a.to_string()), Ok(believed.to_owned()), "{written}");
        }
    }

    #[test]
    fn a_plain_domain_is_left_as_it_is() {
        for domain in
            ["x.example", "a-b.1.example", "xn--bcher-kva.example", "X.example", "-a.example", "ab--c.example", "a_b.example", "1.2", "a."]
        {
            let known = idna::domain_to_ascii_strict(domain);
            assert!(!is_plain_domain(domain) || known.as_deref().is_ok_and(|known| known == domain), "{domain}");
        }
        assert!(is_plain_domain("a-b.1.example") && !is_plain_domain("a..example") && !is_plain_domain(""));
    }

    #[test]
    fn what_was_believed_is_believed_again() {
        // Folding makes this letter longer.
        for (count, fits) in [(20, true), (32, false)] {
            let believed = Address::parse(&format!("{}@y.example", "İ".repeat(count)));
            assert_eq!(believed.is_ok(), fits, "{count}");
            if let Ok(believed) = believed {
                assert_eq!(Address::parse(believed.as_str()), Ok(believed));
            }
        }
    }

    #[test]
    fn refuses_what_no_server_takes() {
        for written in [
            "",
            " ",
            "ana",
            "ana@",
            "@x.example",
            "a b@x.example",
            "a@x",
            "a..b@x.example",
            "a@x..example",
            "a@x.example, b@x.example",
            "a@b@c.example",
        ] {
            assert!(Address::parse(written).is_err(), "{written}");
        }
    }
}
