//! Sockets: SMTP out, IMAP in, TLS, sign-in.

use std::fmt;

/// How a connection is kept from being read on the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    Tls,
    StartTls,
    None,
}

/// A server and how to sign in to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub ca: Option<Vec<u8>>,
    pub user: Option<String>,
    pub auth: Auth,
}

/// What proves who signs in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Auth {
    None,
    Password(Secret),
    TokenCommand(String),
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(text)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
