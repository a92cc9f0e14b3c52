//! Sockets: SMTP out, IMAP in, TLS, sign-in; and mail that lies in files of this machine.

pub mod disk;
pub mod dkim;
pub mod imap;
pub mod maildir;
pub mod mbox;
mod sign_in;
pub mod smtp;
pub mod tls;
mod wire;

use std::{fmt, sync::Arc};

/// How a connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    /// TLS from the first byte (ports 465 and 993; RFC 8314).
    Tls,
    /// Plain text first, then TLS before anything that matters (ports 587 and 143).
    StartTls,
    /// No protection. Only loopback addresses are connected to.
    None,
}

/// Where a server is and how to sign in there.
///
/// Values only: secrets were resolved before. Only a token command is run anew at each sign-in, because
/// its tokens live about an hour, and a password file is read anew, because somebody may have put a new password there.
#[derive(Clone, Debug)]
pub struct Account {
    /// A name or an IP address; a name may be international.
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// The PEM file of a private authority. This account then trusts that authority alone, and no other
    /// account trusts it.
    pub ca: Option<Vec<u8>>,
    pub user: Option<String>,
    pub auth: Auth,
}

/// How to sign in.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Not at all.
    None,
    Password(Secret),
    /// A password that is fetched anew at each sign-in.
    Fetched(Fetch),
    /// A shell command that writes an OAuth2 access token to its standard output, for XOAUTH2.
    /// It gets 30 s and may write 64 KiB.
    TokenCommand(String),
}

impl Auth {
    /// The password stays what it was when the program started.
    pub fn is_fixed(&self) -> bool {
        matches!(self, Self::Password(_))
    }
}

/// Brings a secret, quickly; the error is in words and has the cure.
#[derive(Clone)]
pub struct Fetch(Arc<dyn Fn() -> Result<Secret, String> + Send + Sync>);

impl Fetch {
    pub fn new(fetch: impl Fn() -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(fetch))
    }

    pub fn now(&self) -> Result<Secret, String> {
        (self.0)()
    }
}

impl fmt::Debug for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A text that is never shown: `Debug` prints `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the wire only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The first `bound` characters of a server's text on one line, without control characters.
pub(crate) fn one_line(text: &str, bound: usize) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > bound {
            return line.chars().take(bound).chain("…".chars()).collect();
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        let account = Account {
            host: "smtp.x.example".into(),
            port: 465,
            security: Security::Tls,
            ca: None,
            user: Some("me".into()),
            auth: Auth::Password(Secret::new("hunter2")),
        };
        let shown = format!("{account:?}");
        assert!(shown.contains("***") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_server_text_becomes_one_short_line() {
        assert_eq!(one_line(" a\r\n\u{1b}[31mb \t c ", 50), "a [31mb c");
        assert_eq!(one_line("abcdef", 3), "abc…");
    }
}
