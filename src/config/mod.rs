//! `convoke.toml` and campaign files: as typed, then as meant.
//!
//! A file is read whole into a [`document`] that knows where every value stands, held against the
//! [`schema`] (unknown and missing keys), and then turned into what it means. Serde is not used for
//! this: it stops at the first missing key, and it cannot say where an unknown key would belong.
//!
//! Nothing here runs a command or opens a secret while a file is loaded; see [`Server::account`].

mod campaign;
mod dkim;
mod document;
mod environment;
mod installation;
mod language;
mod moment;
mod nearest;
mod provider;
mod rate;
mod schema;
mod secret;
mod server;
mod starter;

pub use campaign::{CampaignFile, load_campaign};
pub use dkim::Dkim;
pub use environment::Environment;
pub use installation::{Config, Imap, OnDisk, Smtp, load};
pub use provider::Provider;
pub use rate::Rate;
pub use secret::{SecretForm, SignIn};
pub use server::Server;
pub use starter::{starter_campaign, starter_config};

use std::{fmt, path::PathBuf};

/// Why a file is not taken: what is wrong, where, and what to do about it.
///
/// Nothing was loaded; the exit code is 2. The text never contains a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The file as the organiser named it.
    pub file: PathBuf,
    /// 1 for the first line; None where the whole file is meant.
    pub line: Option<usize>,
    /// In characters, 1 for the first of the line.
    pub column: Option<usize>,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.message)
    }
}
