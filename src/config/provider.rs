//! What is known of providers: `provider = "exchange-online"` stands for their limits. Keys that are written out win.

use super::Rate;
use jiff::SignedDuration;

/// Who runs the relay.
///
/// | | limits | connections | source |
/// | --- | --- | --- | --- |
/// | `exchange-online` | 25 a minute, 10,000 a day | 2 | 30 messages a minute (more is delayed) and 10,000 recipients in 24 hours a mailbox, 3 concurrent SMTP AUTH connections: Microsoft Learn, "Exchange Online limits" and "SMTP AUTH client submission improvements" |
/// | `google-workspace` | 2,000 a day | 2 | 2,000 messages in a rolling 24 hours: Google Workspace Admin Help, "Gmail sending limits" (answer 166852) |
/// | `gmail` | 500 a day | 1 | 500 messages a day: Gmail Help, "Limits for sending & getting mail" |
/// | `relay` | none | 5 | a relay of one's own: 4 to 5 connections reach a local Postfix's limit (measured) |
///
/// Exchange Online and the trial accounts of Google Workspace have lower limits for tenants that are new: write them as
/// `limits`. One connection less than Exchange allows, because the mailbox's owner has a mail program too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Provider {
    ExchangeOnline,
    GoogleWorkspace,
    Gmail,
    Relay,
}

impl Provider {
    pub(super) const WORDS: [(&'static str, Self); 4] = [
        ("exchange-online", Self::ExchangeOnline),
        ("google-workspace", Self::GoogleWorkspace),
        ("gmail", Self::Gmail),
        ("relay", Self::Relay),
    ];

    /// What it takes; see the table above.
    pub fn limits(self) -> Vec<Rate> {
        let minute = |letters| Rate { letters, per: SignedDuration::from_mins(1) };
        let day = |letters| Rate { letters, per: SignedDuration::from_hours(24) };
        match self {
            Self::ExchangeOnline => vec![minute(25), day(10_000)],
            Self::GoogleWorkspace => vec![day(2_000)],
            Self::Gmail => vec![day(500)],
            Self::Relay => Vec::new(),
        }
    }

    /// How many connections at once.
    pub fn connections(self) -> u32 {
        match self {
            Self::ExchangeOnline | Self::GoogleWorkspace => 2,
            Self::Gmail => 1,
            Self::Relay => 5,
        }
    }
}
