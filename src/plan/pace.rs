//! How fast we may send, and how long we leave a server alone.

use jiff::{SignedDuration, Timestamp};

/// At most so many letters in so long a time, spread evenly: a limit of 25 a minute is a letter every 2.4 seconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pace {
    spacing: SignedDuration,
    next: Timestamp,
}

impl Pace {
    /// No limit.
    pub fn free() -> Self {
        Self { spacing: SignedDuration::ZERO, next: Timestamp::MIN }
    }

    /// `letters` is at least 1.
    pub fn of(letters: u32, per: SignedDuration) -> Self {
        let spacing = per.checked_div(i32::try_from(letters.max(1)).unwrap_or(i32::MAX)).unwrap_or(per);
        Self { spacing, next: Timestamp::MIN }
    }

    /// Whether a letter may leave now, without taking the leave; else when to ask again.
    pub fn may(&self, now: Timestamp) -> Result<(), Timestamp> {
        // A wait longer than the spacing means that the clock was set back.
        let early = now < self.next && self.next.duration_since(now) <= self.spacing;
        if early { Err(self.next) } else { Ok(()) }
    }

    /// Takes the leave for one letter now, or says when to ask again.
    pub fn take(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        self.may(now)?;
        self.next = now.saturating_add(self.spacing).unwrap_or(Timestamp::MAX);
        Ok(())
    }

    /// Gives back the leave that [`Pace::take`] gave: nothing was sent.
    pub fn give_back(&mut self, now: Timestamp) {
        self.next = self.next.min(now);
    }
}

/// Growing pauses after trouble with a server: each twice the last, up to a limit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backoff {
    failures: u32,
    until: Timestamp,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { failures: 0, until: Timestamp::MIN }
    }
}

impl Backoff {
    const FIRST: SignedDuration = SignedDuration::from_secs(2);
    /// Where waiting changes nothing: servers shut out who is refused too often.
    const FIRST_FOR_GOOD: SignedDuration = SignedDuration::from_mins(1);
    const LONGEST: SignedDuration = SignedDuration::from_mins(10);

    /// One more failure, of a kind that somebody has to mend (`permanent`) or not; when to try again.
    pub fn fail(&mut self, permanent: bool, now: Timestamp) -> Timestamp {
        let first = if permanent { Self::FIRST_FOR_GOOD } else { Self::FIRST };
        let factor = 1i32.checked_shl(self.failures.min(20)).unwrap_or(i32::MAX);
        let pause = first.saturating_mul(factor).min(Self::LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.until = now.saturating_add(pause).unwrap_or(Timestamp::MAX);
        self.until
    }

    /// It works again. True if there had been trouble.
    pub fn succeed(&mut self) -> bool {
        let had = self.failures > 0;
        *self = Self::default();
        had
    }

    /// The time before which the server is left alone; in the past when it may be tried.
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// When the server may be tried again, where that is not now. A clock that was set back does not make the wait longer
    /// than the longest pause.
    pub fn rests(&self, now: Timestamp) -> Option<Timestamp> {
        (now < self.until && self.until.duration_since(now) <= Self::LONGEST).then_some(self.until)
    }

    pub fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("in range")
    }

    #[test]
    fn a_limit_spreads_letters_evenly() {
        let mut pace = Pace::of(25, SignedDuration::from_mins(1));
        assert_eq!(pace.take(at(0)), Ok(()));
        let next = pace.take(at(1)).expect_err("too early");
        assert_eq!(next, Timestamp::from_millisecond(2_400).expect("in range"));
        assert_eq!(pace.take(next), Ok(()));
        let mut sent = 0;
        for second in 100..160 {
            for tenth in 0..10 {
                sent += u32::from(pace.take(Timestamp::from_millisecond(second * 1_000 + tenth * 100).expect("in range")).is_ok());
            }
        }
        assert!((24..=25).contains(&sent), "{sent}");
    }

    #[test]
    fn a_clock_set_back_stops_nothing() {
        let mut pace = Pace::of(1, SignedDuration::from_mins(1));
        assert_eq!(pace.take(at(1_000_000)), Ok(()));
        assert_eq!(pace.take(at(10)), Ok(()));
        assert_eq!(pace.take(at(11)), Err(at(70)));
        let mut backoff = Backoff::default();
        let until = backoff.fail(false, at(1_000_000));
        assert_eq!(backoff.rests(at(1_000_000)), Some(until));
        assert_eq!((backoff.rests(until), backoff.rests(at(10))), (None, None));
    }

    #[test]
    fn pauses_grow_to_ten_minutes_and_end_with_success() {
        let mut backoff = Backoff::default();
        let pauses: Vec<i64> = (0..12).map(|_| backoff.fail(false, at(0)).as_second()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
        assert!(backoff.succeed());
        assert_eq!(backoff.fail(false, at(0)).as_second(), 2);
        backoff.succeed();
        let pauses: Vec<i64> = (0..6).map(|_| backoff.fail(true, at(0)).as_second()).collect();
        assert_eq!(pauses, [60, 120, 240, 480, 600, 600], "a wrong password is not said often");
    }
}
