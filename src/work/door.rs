//! The door of an account. Connections that sign in go through it one by one until one is let in, so that a password which is refused is
//! said once, and not once for each connection: providers lock accounts, and shut out addresses, after a handful of refusals.

use crate::{
    net::{imap::ImapError, smtp::Shut},
    plan::{Backoff, crowd::is_too_many},
    work::receive,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Why a connection does not stand.
pub trait Failure: Clone {
    /// Whether the account itself was refused, and not one connection too many, which says nothing of those that stand.
    fn is_refusal(&self) -> bool;
}

impl Failure for Shut {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::SignIn { text, .. } if !is_too_many(text))
    }
}

impl Failure for ImapError {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::SignIn(why) if !is_too_many(why))
    }
}

/// For so long after somebody was let in, the others do not wait for one another.
const OPEN: SignedDuration = SignedDuration::from_secs(10);

/// Shared by all connections of one account at one server.
pub struct Door<E> {
    /// Held by the one who signs in: the others wait for the outcome.
    turn: tokio::sync::Mutex<()>,
    known: Mutex<Known<E>>,
}

impl<E> Default for Door<E> {
    fn default() -> Self {
        Self { turn: tokio::sync::Mutex::default(), known: Mutex::default() }
    }
}

/// What is remembered of the account.
struct Known<E> {
    /// When somebody was last let in, if nobody was refused since.
    let_in: Option<Timestamp>,
    /// The pause after a refusal.
    backoff: Backoff,
    /// How many tries have ended …
    ended: u64,
    /// … and why the last one failed, or that of the refusal that keeps the door shut; nothing where the last one was let in.
    why: Option<E>,
}

impl<E> Default for Known<E> {
    fn default() -> Self {
        Self { let_in: None, backoff: Backoff::default(), ended: 0, why: None }
    }
}

impl<E: Failure> Door<E> {
    /// Connects and signs in by `connect`, when it is one's turn. Who has waited for another's try hears of its failure instead of trying
    /// too, so that a server that is silent keeps nobody longer than one try; and until the pause after a refusal is over, nobody is
    /// asked: whoever comes hears the refusal again.
    pub async fn enter<T>(&self, connect: impl Future<Output = Result<T, E>>, now: &(dyn Fn() -> Timestamp + Sync)) -> Result<T, E> {
        let before = self.known().ended;
        let turn = self.turn.lock().await;
        let at = now();
        let open = self.known().is_open(at);
        if !open && let Some(why) = self.known().failure(before, at) {
            return Err(why);
        }
        let turn = (!open).then_some(turn);
        let entered = connect.await;
        let at = now();
        self.known().note(&entered, at);
        drop(turn);
        entered
    }

    /// The pause that a refusal has begun; in the past where nobody was refused since somebody was let in.
    pub fn pause(&self) -> Backoff {
        self.known().backoff.clone()
    }

    fn known(&self) -> MutexGuard<'_, Known<E>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door<ImapError> {
    /// When the next try is due, where this trouble is that the account was refused: the past, where somebody was let in since.
    pub fn due(&self, trouble: &receive::Error) -> Option<Timestamp> {
        matches!(trouble, receive::Error::Imap(error) if error.is_refusal()).then(|| self.pause().until())
    }
}

impl<E: Failure> Known<E> {
    fn is_open(&self, now: Timestamp) -> bool {
        self.let_in.is_some_and(|since| {
            let passed = now.duration_since(since);
            !passed.is_negative() && passed < OPEN
        })
    }

    /// The failure of a try that has ended since there were so many, or the refusal that keeps the door shut.
    fn failure(&self, before: u64, now: Timestamp) -> Option<E> {
        self.why.clone().filter(|_| self.ended != before || self.backoff.rests(now).is_some())
    }

    fn note<T>(&mut self, entered: &Result<T, E>, now: Timestamp) {
        self.ended = self.ended.wrapping_add(1);
        match entered {
            Ok(_) => *self = Self { let_in: Some(now), ended: self.ended, ..Self::default() },
            Err(shut) if shut.is_refusal() => {
                // Those that are refused together are one refusal.
                if self.backoff.rests(now).is_none() {
                    self.backoff.fail(true, now);
                }
                (self.let_in, self.why) = (None, Some(shut.clone()));
            }
            // A connection that was lost, or never was, tells nothing of the password.
            Err(shut) if self.backoff.rests(now).is_none() => self.why = Some(shut.clone()),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + seconds).expect("in range")
    }

    fn refused() -> Result<(), Shut> {
        Err(Shut::SignIn { code: 535, text: "535 5.7.8 wrong".into() })
    }

    fn lost() -> Result<(), Shut> {
        Err(Shut::Unreachable("nobody is there".into()))
    }

    #[test]
    fn who_waited_hears_how_it_ended_and_who_comes_later_tries() {
        let mut known = Known::default();
        known.note(&lost(), at(0));
        assert_eq!(known.failure(0, at(0)), lost().err());
        assert_eq!(known.failure(1, at(0)), None, "a lost connection shuts no door");
        known.note(&Ok(()), at(1));
        assert!(known.is_open(at(1)) && known.is_open(at(10)) && !known.is_open(at(11)) && !known.is_open(at(0)));
        assert_eq!(known.failure(1, at(1)), None);
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_waited_for_by_one() {
        let (door, tries) = (Door::default(), AtomicUsize::new(0));
        let connect = async || {
            tries.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            lost()
        };
        let now = || at(0);
        let entered = tokio::join!(door.enter(connect(), &now), door.enter(connect(), &now), door.enter(connect(), &now));
        assert_eq!((entered, tries.into_inner()), ((lost(), lost(), lost()), 1));
    }

    #[test]
    fn a_refusal_shuts_the_door_longer_each_time_until_somebody_is_let_in() {
        let mut known = Known::default();
        for (second, pause) in [(0, 60), (100, 120), (300, 240)] {
            known.note(&refused(), at(second));
            known.note(&refused(), at(second));
            known.note(&lost(), at(second));
            assert_eq!(known.backoff.until(), at(second + pause), "those that are refused together are one");
            assert_eq!(known.failure(known.ended, at(second + pause - 1)), refused().err());
            assert_eq!(known.failure(known.ended, at(second + pause)), None);
        }
        known.note(&Ok(()), at(600));
        known.note(&refused(), at(601));
        assert!(!known.is_open(at(601)));
        assert_eq!(known.backoff.until(), at(661));
    }

    #[test]
    fn one_connection_too_many_is_no_refusal_of_the_account() {
        let text = "mx refused the sign-in: 535 5.7.0 Too many concurrent connections".to_owned();
        assert!(!ImapError::SignIn(text.clone()).is_refusal() && !Shut::SignIn { code: 535, text }.is_refusal());
        assert!(refused().is_err_and(|shut| shut.is_refusal()));
    }
}
