//! One rendered message to one guest, and what it is stamped with from outside.

use super::{Address, Lang, Token};
use jiff::Timestamp;
use std::fmt;

/// What a letter is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Invitation,
    Reminder,
    Confirmation,
    Update,
    Cancellation,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Invitation, Self::Reminder, Self::Confirmation, Self::Update, Self::Cancellation];

    /// The word in template file names and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reminder => "reminder",
            Self::Confirmation => "confirmation",
            Self::Update => "update",
            Self::Cancellation => "cancellation",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a letter is stamped with: everything that a clock, chance or the database decides.
///
/// The same campaign, guest and stamp give the same bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stamp {
    pub token: Token,
    pub kind: Kind,
    /// 1 for the first letter of this kind to this guest.
    pub number: u32,
    /// For the Date header and DTSTAMP.
    pub date: Timestamp,
    /// Message-IDs (with angle brackets) of the guest's earlier letters, oldest first.
    pub earlier: Vec<String>,
}

impl Stamp {
    /// `<kind.token.number@domain>`: what a reply's In-Reply-To is recognised by.
    pub fn message_id(&self, domain: &str) -> String {
        format!("<{}.{}.{}@{domain}>", self.kind, self.token, self.number)
    }

    /// The UID of the calendar event, one for each guest (RFC 5545 §3.8.4.7): `token@domain`.
    pub fn uid(&self, domain: &str) -> String {
        format!("{}@{domain}", self.token)
    }
}

/// A rendered message to one guest, ready for the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// With angle brackets.
    pub message_id: String,
    pub subject: String,
    /// The language it is written in.
    pub lang: Lang,
    /// The whole message, CRLF line ends, not dot-stuffed.
    pub raw: Vec<u8>,
    /// The text/plain part, as the guest reads it.
    pub text: String,
    /// The text/html part.
    pub html: String,
    /// MAIL FROM.
    pub mail_from: Address,
    /// RCPT TO: exactly one.
    pub rcpt_to: Address,
}
