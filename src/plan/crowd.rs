//! How many connections a relay is asked to bear: fewer after it said that there are too many, one more now and then.

use jiff::{SignedDuration, Timestamp};

/// After so long without a complaint one more connection is tried.
const GROWS_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// The connections of one sender.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crowd {
    wanted: u32,
    allowed: u32,
    /// The last change.
    since: Timestamp,
}

impl Crowd {
    /// `wanted` is what the configuration asks for, at least 1.
    pub fn new(wanted: u32) -> Self {
        Self { wanted: wanted.max(1), allowed: wanted.max(1), since: Timestamp::MIN }
    }

    /// How many seats may hold a connection now: 1 up to what is wanted. Grows by one every five minutes.
    pub fn allowed(&mut self, now: Timestamp) -> u32 {
        if self.allowed < self.wanted {
            // A clock that was set back begins the time anew.
            if now < self.since {
                self.since = now;
            }
            if now.duration_since(self.since) >= GROWS_AFTER {
                self.allowed += 1;
                self.since = now;
            }
        }
        self.allowed
    }

    /// The relay refused a connection while `standing` others stood. The first connection is never given up here: without
    /// it, nothing would ever be tried again.
    pub fn too_many(&mut self, standing: u32, now: Timestamp) {
        self.allowed = standing.clamp(1, self.allowed);
        self.since = now;
    }
}

/// Whether these words of a server, with its reply code and enhanced status, complain of the number of connections.
///
/// `432 4.3.2 Concurrent connections limit exceeded` is Exchange Online's, `421 4.7.0 … too many connections` Postfix's and
/// Google's. `421 too many messages in this connection` is Exim's word on how much one connection may carry, and says nothing of
/// how many there may be.
pub fn is_too_many(words: &str) -> bool {
    let words = words.to_lowercase();
    let any = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let carried = any(&["messages", "mails", "recipients"])
        && any(&["per connection", "per session", "this connection", "this session", "one connection", "one session"]);
    let connections = words.contains("connection") || words.contains("session");
    connections && !carried && any(&["too many", "concurrent", "limit exceeded", "maximum number"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("in range")
    }

    #[test]
    fn shrinks_to_what_stood_and_grows_back_slowly() {
        let mut crowd = Crowd::new(10);
        assert_eq!(crowd.allowed(at(0)), 10);
        crowd.too_many(3, at(10));
        assert_eq!(crowd.allowed(at(309)), 3);
        assert_eq!(crowd.allowed(at(310)), 4);
        assert_eq!(crowd.allowed(at(311)), 4);
        crowd.too_many(9, at(320));
        assert_eq!(crowd.allowed(at(321)), 4, "a late complaint does not make it grow");
        crowd.too_many(0, at(330));
        assert_eq!(crowd.allowed(at(331)), 1);
        assert_eq!((1..20).map(|round| crowd.allowed(at(331 + round * 300))).max(), Some(10));
    }

    #[test]
    fn a_clock_set_back_does_not_stop_it_from_growing() {
        let mut crowd = Crowd::new(2);
        crowd.too_many(1, at(1_000_000));
        assert_eq!(crowd.allowed(at(5)), 1);
        assert_eq!(crowd.allowed(at(305)), 2);
    }

    #[test]
    fn the_complaints_of_servers_are_known() {
        for words in [
            "432 4.3.2 Concurrent connections limit exceeded",
            "421 4.7.0 mx.example Error: too many connections from 192.0.2.1",
            "421 4.3.2 Too many concurrent SMTP sessions",
            "421 Maximum number of connections exceeded",
        ] {
            assert!(is_too_many(words), "{words}");
        }
        for words in [
            "421 4.3.2 shutting down",
            "450 4.2.1 too many messages, slow down",
            "cannot be reached: connection refused",
            "421 too many messages in this connection",
            "421 4.7.0 Too many recipients in one session",
            "452 Maximum number of mails per connection exceeded",
        ] {
            assert!(!is_too_many(words), "{words}");
        }
    }
}
