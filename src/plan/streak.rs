//! When a campaign stops itself: too many refusals in a row are more likely its own fault than its guests', and a relay that takes
//! letters without an answer leaves each of them in doubt.

use jiff::Timestamp;
use std::collections::HashMap;

/// A refusal that speaks of us (5.7.x) says the same of the next letter, so few are enough.
const ABOUT_US: u32 = 3;
/// A letter without an answer may have left or not, and only the organiser can rule on it: each more is one too many.
const UNANSWERED: u32 = 3;

/// How one letter ended, as far as a streak cares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End<'a> {
    Accepted,
    /// Refused for good; `enhanced` as `5.1.1`.
    Rejected {
        enhanced: Option<&'a str>,
        why: &'a str,
    },
    /// The whole letter was written, from `begun` on, and the wait for its answer ended at `ended`.
    Unanswered {
        begun: Timestamp,
        ended: Timestamp,
        why: &'a str,
    },
    /// Deferred, not begun: neither breaks a streak nor feeds it.
    Open,
}

/// The refusals, and the letters without an answer, in a row of every campaign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Streak {
    limit: u32,
    rows: HashMap<i64, Row>,
    /// When a letter was last without an answer, if none was accepted since.
    doubt: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Row {
    rejected: u32,
    about_us: u32,
    unanswered: u32,
}

impl Streak {
    /// Pauses after `limit` rejections in a row, and sooner where that is surer; 0: never.
    pub fn new(limit: u32) -> Self {
        Self { limit, rows: HashMap::new(), doubt: None }
    }

    /// When a letter was last without an answer, if the relay has accepted none since: it may do the same with each.
    pub fn in_doubt(&self) -> Option<Timestamp> {
        self.doubt
    }

    /// Counts the end of one letter of `campaign`; why the campaign is to be paused, if it is, and what to do before it goes on (whoever
    /// shows it knows the campaign's name, and how to resume it). The count begins anew then.
    pub fn after(&mut self, campaign: i64, end: &End<'_>) -> Option<String> {
        match end {
            End::Open => None,
            End::Accepted => {
                self.rows.remove(&campaign);
                self.doubt = None;
                None
            }
            End::Unanswered { begun, ended, why } => {
                // Connections that end together are one failure. A clock that was set back makes no two into one.
                let together = self.doubt.is_some_and(|last| *begun < last && last <= *ended);
                self.doubt = Some(*ended);
                let row = self.rows.entry(campaign).or_default();
                row.unanswered += u32::from(!together);
                let row = *row;
                if self.limit == 0 || row.unanswered < UNANSWERED.min(self.limit) {
                    return None;
                }
                self.rows.remove(&campaign);
                let cure = "ask the relay's keeper what became of them, and look at `convoke outbox` first";
                Some(format!("the relay takes letters without answering, {} times in a row, the last: {why}; {cure}", row.unanswered))
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

    fn unanswered(begun: i64, ended: i64) -> End<'static> {
        let at = |second| Timestamp::from_second(second).expect("in range");
        End::Unanswered { begun: at(begun), ended: at(ended), why: "closed" }
    }

    #[test]
    fn letters_without_an_answer_stop_it_after_three() {
        let mut streak = Streak::new(10);
        assert_eq!(streak.after(1, &unanswered(0, 1)), None);
        assert_eq!(streak.after(1, &unanswered(2, 3)), None);
        assert!(streak.in_doubt().is_some());
        assert_eq!(streak.after(1, &End::Accepted), None);
        assert_eq!(streak.in_doubt(), None, "the relay answers");
        assert_eq!(streak.after(1, &unanswered(4, 5)), None);
        assert_eq!(streak.after(1, &End::Open), None);
        assert_eq!(streak.after(1, &no("5.1.1")), None, "a refused address does not tell whether it answers letters");
        assert_eq!(streak.after(1, &unanswered(6, 7)), None);
        let why = streak.after(1, &unanswered(8, 9)).expect("the third in a row");
        assert!(why.starts_with("the relay takes letters without answering, 3 times in a row, the last: closed; "), "{why}");
        assert!(streak.in_doubt().is_some(), "the pause does not mend it");
        assert_eq!(streak.after(1, &unanswered(10, 11)), None, "after `resume` it counts anew");
    }

    #[test]
    fn connections_that_end_together_are_one_failure() {
        let mut streak = Streak::new(10);
        for ended in 100..150 {
            assert_eq!(streak.after(1, &unanswered(99, ended)), None);
        }
        assert_eq!(streak.after(1, &unanswered(200, 201)), None);
        assert_eq!(streak.after(1, &unanswered(50, 51)).map(|_| ()), Some(()), "the clock was set back");
    }

    #[test]
    fn zero_never_pauses() {
        let mut streak = Streak::new(0);
        assert!((0..1000).all(|_| streak.after(1, &no("5.7.1")).is_none()));
        assert!((0..1000).all(|second| streak.after(1, &unanswered(second, second)).is_none()));
    }
}
