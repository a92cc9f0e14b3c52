//! How fast letters leave: above which rate it pays to claim ahead.

use jiff::{SignedDuration, Timestamp};

/// From this many letters a second on, a connection claims several letters ahead.
const FAST: f64 = 200.0;
/// How many letters a connection may hold claimed at speed.
const AHEAD: usize = 8;
/// The rate is taken over stretches of this length …
const STRETCH: SignedDuration = SignedDuration::from_millis(50);
/// … and each new stretch weighs so much against all before it.
const WEIGHT: f64 = 0.4;

/// The measured rate of one sender, over all its connections: an exponentially weighted mean.
#[derive(Clone, PartialEq, Debug)]
pub struct Speed {
    rate: f64,
    began: Timestamp,
    letters: u32,
}

impl Default for Speed {
    fn default() -> Self {
        Self { rate: 0.0, began: Timestamp::MIN, letters: 0 }
    }
}

impl Speed {
    /// One more letter got its answer.
    pub fn letter(&mut self, now: Timestamp) {
        let passed = now.duration_since(self.began);
        if passed.is_negative() || passed > SignedDuration::from_secs(2) {
            // The first letter after a rest, or after the clock was set: what was before says nothing.
            *self = Self { rate: 0.0, began: now, letters: 1 };
            return;
        }
        self.letters = self.letters.saturating_add(1);
        if passed >= STRETCH {
            let rate = f64::from(self.letters) / passed.as_secs_f64();
            self.rate += WEIGHT * (rate - self.rate);
            self.began = now;
            self.letters = 0;
        }
    }

    /// How many letters a connection may hold claimed now: 1, and 8 at 200 letters a second or more.
    pub fn ahead(&self, now: Timestamp) -> usize {
        let since = now.duration_since(self.began);
        let alive = !since.is_negative() && since < SignedDuration::from_secs(1);
        if alive && self.rate >= FAST { AHEAD } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters at an even rate for `ms` milliseconds; the window at the end.
    fn run(speed: &mut Speed, from: i64, per_second: i64, ms: i64) -> usize {
        let mut now = from;
        while now < from + ms * 1_000 {
            speed.letter(Timestamp::from_microsecond(now).expect("in range"));
            now += 1_000_000 / per_second;
        }
        speed.ahead(Timestamp::from_microsecond(now).expect("in range"))
    }

    #[test]
    fn claims_ahead_at_speed_only() {
        let mut speed = Speed::default();
        assert_eq!(run(&mut speed, 0, 20_000, 1_000), 8);
        assert_eq!(run(&mut speed, 1_000_000, 150, 2_000), 1);
        assert_eq!(run(&mut speed, 3_000_000, 400, 1_000), 8);
        assert_eq!(run(&mut speed, 4_000_000, 2, 2_000), 1);
    }

    #[test]
    fn a_rest_or_another_time_of_day_begins_slowly() {
        let mut speed = Speed::default();
        assert_eq!(run(&mut speed, 100_000_000, 5_000, 1_000), 8);
        assert_eq!(speed.ahead(Timestamp::from_second(110).expect("in range")), 1);
        assert_eq!(speed.ahead(Timestamp::from_second(1).expect("in range")), 1);
        speed.letter(Timestamp::from_second(1).expect("in range"));
        assert_eq!(speed.ahead(Timestamp::from_second(1).expect("in range")), 1);
    }
}
