//! When a campaign stops itself: too many refusals in a row are more likely its own fault than its guests'.

use std::collections::HashMap;

/// A refusal that speaks of us (5.7.x) says the same of the next letter, so few are enough.
const ABOUT_US: u32 = 3;

/// How one letter ended, as far as a streak cares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End<'a> {
    Accepted,
    /// Refused for good; `enhanced` as `5.1.1`.
    Rejected {
        enhanced: Option<&'a str>,
        why: &'a str,
    },
    /// Deferred, unknown, not begun: neither breaks a streak nor feeds it.
    Open,
}

/// The refusals in a row of every campaign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Streak {
    limit: u32,
    rows: HashMap<i64, Row>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Row {
    rejected: u32,
    about_us: u32,
}

impl Streak {
    /// Pauses after `limit` rejections in a row; 0: never.
    pub fn new(limit: u32) -> Self {
        Self { limit, rows: HashMap::new() }
    }

    /// Counts the end of one letter of `campaign`; why the campaign is to be paused, if it is, and what to do before it goes on (whoever
    /// shows it knows the campaign's name, and how to resume it). The count begins anew then.
    pub fn after(&mut self, campaign: i64, end: &End<'_>) -> Option<String> {
        match end {
            End::Open => None,
            End::Accepted => {
                self.rows.remove(&campaign);
                None
            }
            End::Rejected { enhanced, why } => {
                let row = self.rows.entry(campaign).or_default();
                row.rejected += 1;
                row.about_us = if enhanced.is_some_and(|code| code.starts_with("5.7.")) { row.about_us + 1 } else { 0 };
                let row = *row;
                let paused = if self.limit == 0 {
                    None
                } else if row.about_us >= ABOUT_US.min(self.limit) {
                    let cure = "settle it with the relay's keeper first";
                    Some(format!(
                        "the relay refused {} letters in a row because of the sender, not of the guests: {why}; {cure}",
                        row.about_us
                    ))
                } else if row.rejected >= self.limit {
                    let cure = "look at the list and at the answer first";
                    Some(format!("{} letters in a row were refused, the last with: {why}; {cure}", row.rejected))
                } else {
                    None
                };
                if paused.is_some() {
                    self.rows.remove(&campaign);
                }
                paused
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no(code: &'static str) -> End<'static> {
        End::Rejected { enhanced: Some(code), why: "no" }
    }

    #[test]
    fn a_campaign_stops_after_ten_refusals_in_a_row_and_no_sooner() {
        let mut streak = Streak::new(10);
        for _ in 0..9 {
            assert_eq!(streak.after(1, &no("5.1.1")), None);
            assert_eq!(streak.after(2, &no("5.1.1")), None);
            assert_eq!(streak.after(2, &End::Accepted), None);
        }
        assert_eq!(streak.after(1, &End::Open), None, "what did not end changes nothing");
        let why = streak.after(1, &no("5.1.1")).expect("the tenth");
        assert_eq!(why, "10 letters in a row were refused, the last with: no; look at the list and at the answer first");
        assert_eq!(streak.after(1, &no("5.1.1")), None, "after `resume` it counts anew");
    }

    #[test]
    fn refusals_because_of_us_stop_it_after_three() {
        let mut streak = Streak::new(10);
        assert_eq!(streak.after(1, &no("5.7.1")), None);
        assert_eq!(streak.after(1, &no("5.1.1")), None);
        assert_eq!(streak.after(1, &no("5.7.1")), None);
        assert_eq!(streak.after(1, &no("5.7.26")), None);
        let why = streak.after(1, &no("5.7.1")).expect("the third in a row");
        assert!(why.contains("because of the sender") && why.ends_with("; settle it with the relay's keeper first"), "{why}");
    }

    #[test]
    fn zero_never_pauses() {
        let mut streak = Streak::new(0);
        assert!((0..1000).all(|_| streak.after(1, &no("5.7.1")).is_none()));
    }
}
