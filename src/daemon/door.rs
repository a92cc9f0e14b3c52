//! The door of the mail account. All loops that sign in there go through it one by one, so that a password which is refused is said
//! once, and not once for each folder: providers lock accounts, and shut out addresses, after a handful of refusals.

use super::Clock;
use crate::{
    net::{
        Account,
        imap::{ImapError, Mailbox, Timeouts},
    },
    plan::{Backoff, crowd::is_too_many},
    work::receive::Error,
};
use jiff::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Shared by all loops of one account.
#[derive(Default)]
pub struct Door {
    /// Held by the one who signs in: the others wait for the outcome.
    turn: tokio::sync::Mutex<()>,
    shut: Mutex<Shut>,
}

/// What is remembered of the account; nothing where the last who was heard was let in.
#[derive(Default)]
struct Shut {
    backoff: Backoff,
    why: Option<ImapError>,
}

impl Door {
    /// Signs in when it is one's turn. Where the account was refused and the next try is not due, nobody is asked: whoever comes
    /// hears the refusal again.
    pub async fn enter(&self, account: &Account, timeouts: &Timeouts, clock: Clock) -> Result<Mailbox, ImapError> {
        let _turn = self.turn.lock().await;
        if let Some(why) = self.refused(clock.now()) {
            return Err(why);
        }
        let entered = Mailbox::connect(account, timeouts).await;
        let mut shut = self.shut();
        match &entered {
            Ok(_) => *shut = Shut::default(),
            Err(error) if is_refusal(error) => {
                shut.backoff.fail(true, clock.now());
                shut.why = Some(error.clone());
            }
            // A connection that was lost, or never was, tells nothing of the password.
            Err(_) => {}
        }
        entered
    }

    /// When the next try is due, where this trouble is that the account was refused: the past, where somebody was let in since.
    pub fn due(&self, trouble: &Error) -> Option<Timestamp> {
        matches!(trouble, Error::Imap(error) if is_refusal(error)).then(|| self.shut().backoff.until())
    }

    fn refused(&self, now: Timestamp) -> Option<ImapError> {
        let shut = self.shut();
        shut.why.clone().filter(|_| shut.backoff.rests(now).is_some())
    }

    fn shut(&self) -> MutexGuard<'_, Shut> {
        self.shut.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the account itself was refused, and not one connection too many, which says nothing of those that stand.
fn is_refusal(error: &ImapError) -> bool {
    matches!(error, ImapError::SignIn(why) if !is_too_many(why))
}
