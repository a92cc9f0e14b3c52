//! The one clock: read here and in `cli`, handed down as an argument.

use jiff::{SignedDuration, Timestamp};

/// The system's clock, or one that runs beside it at a fixed distance: `demo` lives ten days before its event.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Clock {
    ahead: SignedDuration,
}

impl Clock {
    /// A clock that shows `start` at this moment and runs on from there.
    pub fn starting_at(start: Timestamp) -> Self {
        Self { ahead: start.duration_since(Timestamp::now()) }
    }

    pub fn now(self) -> Timestamp {
        Timestamp::now().saturating_add(self.ahead).unwrap_or(Timestamp::MAX)
    }

    /// How long from now until then; zero for the past.
    pub fn until(self, then: Timestamp) -> std::time::Duration {
        then.duration_since(self.now()).try_into().unwrap_or_default()
    }
}
