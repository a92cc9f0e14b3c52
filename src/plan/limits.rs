//! How many letters may leave in any minute, hour or day: windows that slide, and that a restart does not empty.

use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;

/// At most `letters` in every stretch of `per`, wherever it begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// At least 1.
    pub letters: u32,
    /// At least a millisecond.
    pub per: SignedDuration,
}

/// Into how many buckets a window is cut. A letter counts until its whole bucket has left the window, so a limit is never
/// passed, and at most a sixtieth of it is lost.
const BUCKETS: i64 = 60;
/// How many buckets are kept, those that have left the window among them: a clock that is set forth and back again forgets
/// nothing that lies in them.
const KEPT: usize = 128;

/// All limits of one relay at once.
///
/// Time is an argument. Where the clock was set back, letters that seem to leave in the future count as leaving now: no
/// limit is passed, and the wait is at most one window.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Limits {
    windows: Vec<Window>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Window {
    limit: Limit,
    /// The length of a bucket, in milliseconds.
    width: i64,
    /// (number of the bucket since 1970, letters), oldest first.
    buckets: VecDeque<(i64, u32)>,
}

impl Limits {
    /// No limits yield leave for every letter.
    pub fn new(limits: &[Limit]) -> Self {
        let windows = limits.iter().map(|limit| {
            // Rounded up: 60 buckets together are no shorter than the window.
            let per = i64::try_from(limit.per.as_millis()).unwrap_or(i64::MAX).clamp(1, i64::MAX / 4);
            let limit = Limit { letters: limit.letters.max(1), per: limit.per };
            Window { limit, width: (per + BUCKETS - 1) / BUCKETS, buckets: VecDeque::new() }
        });
        Self { windows: windows.collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// The longest window: how far back [`Limits::remember`] wants to know.
    pub fn longest(&self) -> SignedDuration {
        let longest = self.windows.iter().map(Window::length).max().unwrap_or(0);
        SignedDuration::from_millis(longest)
    }

    /// What left before this process began: (when, how many letters), in any order.
    pub fn remember(&mut self, left: impl IntoIterator<Item = (Timestamp, u32)>) {
        let mut left: Vec<_> = left.into_iter().collect();
        left.sort_by_key(|(at, _)| *at);
        for (at, letters) in left {
            for window in &mut self.windows {
                window.count(at.as_millisecond(), letters);
            }
        }
    }

    /// Takes the leave for one letter now, or says when to ask again.
    pub fn take(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        if let Some((_, until)) = self.used_up(now) {
            return Err(until);
        }
        for window in &mut self.windows {
            window.count(now.as_millisecond(), 1);
        }
        Ok(())
    }

    /// The limit that gives no leave now, and when to ask again; of several the one that lasts longest. Takes nothing.
    pub fn used_up(&mut self, now: Timestamp) -> Option<(Limit, Timestamp)> {
        let ms = now.as_millisecond();
        let full = self.windows.iter_mut().filter_map(|window| Some((window.limit, window.full_until(ms)?)));
        let (limit, until) = full.max_by_key(|(_, until)| *until)?;
        Some((limit, Timestamp::from_millisecond(until).unwrap_or(Timestamp::MAX)))
    }

    /// Gives back one leave that [`Limits::take`] gave: nothing left.
    pub fn give_back(&mut self) {
        for window in &mut self.windows {
            if let Some((_, letters)) = window.buckets.iter_mut().rev().find(|(_, letters)| *letters > 0) {
                *letters -= 1;
            }
        }
    }
}

impl Window {
    fn length(&self) -> i64 {
        self.width.saturating_mul(BUCKETS)
    }

    fn count(&mut self, ms: i64, letters: u32) {
        let number = ms.div_euclid(self.width);
        match self.buckets.back_mut() {
            Some((last, count)) if *last >= number => *count = count.saturating_add(letters),
            _ => self.buckets.push_back((number, letters)),
        }
        while self.buckets.len() > KEPT {
            self.buckets.pop_front();
        }
    }

    /// When there is room again, in milliseconds since 1970; None: there is room now.
    fn full_until(&mut self, ms: i64) -> Option<i64> {
        let now = ms.div_euclid(self.width);
        // The clock was set back.
        let mut ahead = 0_u32;
        while let Some((_, letters)) = self.buckets.pop_back_if(|(number, _)| *number > now) {
            ahead = ahead.saturating_add(letters);
        }
        if ahead > 0 {
            self.count(ms, ahead);
        }
        let inside = |number: i64| number.saturating_add(BUCKETS) >= now;
        let mut total: u64 = self.buckets.iter().filter(|(number, _)| inside(*number)).map(|(_, letters)| u64::from(*letters)).sum();
        if total < u64::from(self.limit.letters) {
            return None;
        }
        let mut until = ms;
        for (number, letters) in self.buckets.iter().filter(|(number, _)| inside(*number)) {
            total -= u64::from(*letters);
            until = number.saturating_add(BUCKETS + 1).saturating_mul(self.width);
            if total < u64::from(self.limit.letters) {
                break;
            }
        }
        Some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(ms).expect("in range")
    }

    fn limits(all: &[(u32, i64)]) -> Limits {
        Limits::new(
            &all.iter().map(|(letters, seconds)| Limit { letters: *letters, per: SignedDuration::from_secs(*seconds) }).collect::<Vec<_>>(),
        )
    }

    /// Asks again exactly when it is told to; the moments at which letters left, in milliseconds.
    fn run(limits: &mut Limits, from: i64, letters: usize) -> Vec<i64> {
        let (mut now, mut left) = (from, Vec::new());
        while left.len() < letters {
            match limits.take(at(now)) {
                Ok(()) => left.push(now),
                Err(until) => {
                    assert!(until.as_millisecond() > now, "a wait ends later than now");
                    now = until.as_millisecond();
                }
            }
        }
        left
    }

    fn most_within(left: &[i64], ms: i64) -> usize {
        left.iter().map(|from| left.iter().filter(|at| (*from..from + ms).contains(*at)).count()).max().unwrap_or(0)
    }

    #[test]
    fn no_stretch_of_the_window_holds_more_than_the_limit() {
        for start in [0, 1, 999, 59_999, 1_700_000_000_123] {
            let left = run(&mut limits(&[(25, 60), (100, 600)]), start, 400);
            assert_eq!(most_within(&left, 60_000), 25);
            assert_eq!(most_within(&left, 600_000), 100);
            // 100 letters in ten minutes: 400 in half an hour and a little.
            let lasted = left.last().expect("letters") - start;
            assert!((1_800_000..2_100_000).contains(&lasted), "{lasted}");
        }
    }

    #[test]
    fn the_last_day_is_remembered_over_a_restart() {
        let mut fresh = limits(&[(500, 86_400)]);
        let day = 86_400_000;
        fresh.remember([(at(day * 10), 300), (at(day * 10 + 3_600_000), 200), (at(day * 9), 400)]);
        let until = fresh.take(at(day * 10 + 7_200_000)).expect_err("the day is used up");
        let wait = until.as_millisecond() - day * 11;
        assert!((0..=2 * fresh.windows[0].width).contains(&wait), "when the first of them is a day old: {wait}");
        assert_eq!(run(&mut fresh, until.as_millisecond(), 300).last(), Some(&until.as_millisecond()));
    }

    #[test]
    fn a_clock_set_back_passes_no_limit_and_waits_no_longer_than_a_window() {
        let mut some = limits(&[(10, 60)]);
        run(&mut some, 1_000_000_000, 10);
        let back = 500_000_000;
        let until = some.take(at(back)).expect_err("ten have left").as_millisecond();
        assert!(until > back && until <= back + 62_000, "{until}");
        assert_eq!(run(&mut some, back, 10).first(), Some(&until));
    }

    #[test]
    fn a_clock_set_forth_and_back_again_forgets_nothing() {
        let mut some = limits(&[(10, 60)]);
        run(&mut some, 1_000_000_000, 10);
        run(&mut some, 9_000_000_000, 4);
        let left = run(&mut some, 1_000_002_000, 6);
        assert!(left[0] >= 1_000_060_000, "{left:?}");
    }

    #[test]
    fn the_limit_that_lasts_longest_is_named() {
        let mut some = limits(&[(2, 60), (3, 3600)]);
        assert_eq!(some.used_up(at(0)), None);
        run(&mut some, 0, 2);
        let (limit, until) = some.used_up(at(1)).expect("the minute is full");
        assert_eq!((limit.letters, limit.per, Err(until)), (2, SignedDuration::from_mins(1), some.take(at(1))));
        run(&mut some, 0, 1);
        let (limit, until) = some.used_up(at(62_000)).expect("the hour is full");
        assert_eq!((limit.letters, limit.per, Err(until)), (3, SignedDuration::from_hours(1), some.take(at(62_000))));
    }

    #[test]
    fn a_leave_given_back_can_be_taken_again() {
        let mut some = limits(&[(1, 60), (2, 3600)]);
        assert_eq!(some.take(at(0)), Ok(()));
        some.give_back();
        assert_eq!(some.take(at(1)), Ok(()));
        assert!(some.take(at(2)).is_err());
        assert!(Limits::default().take(at(0)).is_ok());
    }
}
