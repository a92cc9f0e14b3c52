//! Where a letter is on its way out, and what the world can do to it.

use jiff::{SignedDuration, Timestamp};

/// Where a letter is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// Waiting for its hour; the only state a sender may claim. `why` is the last refusal, if any.
    Queued { due: Timestamp, attempts: u32, first: Option<Timestamp>, why: String },
    /// In a sender's hands. Found at start-up, it means that a process died holding it.
    Sending { attempt: u32, first: Timestamp },
    /// The next hop took responsibility; `receipt` is its answer to the dot.
    Sent { at: Timestamp, receipt: String },
    /// Nobody can tell whether it left. Never sent again without proof or the organiser's word.
    Uncertain { since: Timestamp, why: String },
    /// Refused for good.
    Failed { at: Timestamp, why: String },
    /// It came back after it was sent.
    Bounced { at: Timestamp, why: String },
    /// Withdrawn before it left; `why` is empty where the organiser did it.
    Cancelled { at: Timestamp, why: String },
}

/// What the world did to a letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Signal {
    /// A sender is about to offer it.
    Claimed,
    /// The server answered the dot with 2yz.
    Accepted { receipt: String },
    /// 4yz to this letter.
    Deferred { why: String },
    /// 5yz to this letter: about this recipient or this content.
    Rejected { why: String },
    /// The dot was written and no answer came.
    Unknown { why: String },
    /// The connection ended before the dot was written, or the relay would not talk: nothing happened to it.
    NotBegun { why: String },
    /// A process died holding it; found at start-up.
    Orphaned,
    /// A reply, a receipt or a bounce that names it proves that it left.
    Proven,
    /// A bounce that names it.
    Bounced { why: String },
    /// The organiser: send it again.
    Resend,
    /// The organiser: count it as sent.
    Confirm,
    /// The organiser (without a `why`), or the law of the campaign, withdraws it.
    Cancelled { why: String },
    /// The organiser withdraws what was to be sent again and may have left before: it is again what it was then.
    TakenBack { before: Box<Delivery> },
}

/// When to try again, and when to stop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Patience {
    /// Pauses after the first, second … deferral; the last one repeats.
    pub pauses: Vec<SignedDuration>,
    /// How long after the first attempt a letter is given up, if every pause was taken: time in which nothing could be tried, the relay
    /// down or the campaign paused, is no answer.
    pub give_up: SignedDuration,
}

impl Default for Patience {
    /// About 6 minutes (greylisting wants 5), 15, 30, 60 minutes, 2 hours, then 4 hours, for 4 days
    /// (RFC 5321 §4.5.4.1 asks for at least 4 to 5 days).
    fn default() -> Self {
        let pauses = [6, 15, 30, 60, 120, 240].map(SignedDuration::from_mins).to_vec();
        Self { pauses, give_up: SignedDuration::from_hours(4 * 24) }
    }
}

impl Patience {
    /// The same with every pause longer by up to a sixth, so that letters that were deferred together do not come back
    /// together. Never shorter: greylisting counts from the first attempt. `chance` is 64 random bits; 0 changes nothing.
    pub fn jittered(&self, chance: u64) -> Self {
        let part = i64::try_from(chance >> 54).unwrap_or(0); // 0 to 1023
        let longer = |pause: &SignedDuration| {
            let more = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX).saturating_mul(part) / (6 * 1024);
            pause.saturating_add(SignedDuration::from_millis(more))
        };
        Self { pauses: self.pauses.iter().map(longer).collect(), give_up: self.give_up }
    }

    fn again(&self, attempt: u32, first: Timestamp, now: Timestamp, why: String) -> Delivery {
        let tried = usize::try_from(attempt).unwrap_or(usize::MAX);
        if now.duration_since(first) >= self.give_up && tried > self.pauses.len() {
            return Delivery::Failed { at: now, why: format!("given up after {attempt} attempts: {why}") };
        }
        let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
        let pause = self.pauses.get(index).or(self.pauses.last()).copied().unwrap_or(SignedDuration::from_mins(6));
        Delivery::Queued { due: now.saturating_add(pause).unwrap_or(now), attempts: attempt, first: Some(first), why }
    }
}

/// A pair that the law does not know: a bug of the caller, never of the world.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a letter that is {from} cannot take the signal {signal:?}")]
pub struct Unlawful {
    from: &'static str,
    signal: Signal,
}

impl Delivery {
    /// Newly queued, due at once.
    pub fn queued(now: Timestamp) -> Self {
        Self::Queued { due: now, attempts: 0, first: None, why: String::new() }
    }

    /// The word in the database, in `status` and in messages.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Queued { .. } => "queued",
            Self::Sending { .. } => "sending",
            Self::Sent { .. } => "sent",
            Self::Uncertain { .. } => "uncertain",
            Self::Failed { .. } => "failed",
            Self::Bounced { .. } => "bounced",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// What the organiser may have sent again, and so may be again.
    fn is_again_after_resend(&self) -> bool {
        matches!(self, Self::Uncertain { .. } | Self::Failed { .. } | Self::Bounced { .. })
    }

    /// The whole law of sending.
    ///
    /// Proof and bounces may arrive in any order, more than once, and before the server's own answer is
    /// settled; where they tell nothing new the delivery stays as it is. Every pair not listed is [`Unlawful`].
    pub fn after(self, signal: Signal, now: Timestamp, patience: &Patience) -> Result<Self, Unlawful> {
        use Delivery as D;
        use Signal as S;
        Ok(match (self, signal) {
            (D::Queued { attempts, first, .. }, S::Claimed) => {
                D::Sending { attempt: attempts.saturating_add(1), first: first.unwrap_or(now) }
            }
            (D::Queued { .. }, S::Cancelled { why }) => D::Cancelled { at: now, why },
            (D::Queued { .. }, S::TakenBack { before }) if before.is_again_after_resend() => *before,
            // In a restored backup: it left after the backup was made.
            (D::Queued { .. }, S::Confirm) => D::Sent { at: now, receipt: String::new() },

            (D::Sending { .. }, S::Accepted { receipt }) => D::Sent { at: now, receipt },
            (D::Sending { .. }, S::Rejected { why }) => D::Failed { at: now, why },
            (D::Sending { attempt, first }, S::Deferred { why }) => patience.again(attempt, first, now, why),
            (D::Sending { attempt, first }, S::NotBegun { why }) => {
                let attempts = attempt.saturating_sub(1);
                D::Queued { due: now, attempts, first: (attempts > 0).then_some(first), why }
            }
            (D::Sending { .. }, S::Unknown { why }) => D::Uncertain { since: now, why },
            (D::Sending { .. }, S::Orphaned) => {
                D::Uncertain { since: now, why: "the program was stopped while it held this letter".into() }
            }

            (D::Uncertain { .. }, S::Resend) => D::queued(now),
            (D::Uncertain { .. }, S::Confirm | S::Proven) => D::Sent { at: now, receipt: String::new() },
            (D::Uncertain { .. }, S::Cancelled { why }) => D::Cancelled { at: now, why },

            (D::Sent { .. } | D::Uncertain { .. } | D::Sending { .. }, S::Bounced { why }) => D::Bounced { at: now, why },
            (from @ (D::Bounced { .. } | D::Failed { .. } | D::Cancelled { .. } | D::Queued { .. }), S::Bounced { .. }) => from,
            (D::Sending { .. }, S::Proven) => D::Sent { at: now, receipt: String::new() },
            // The server said "later" and delivered it all the same.
            (D::Queued { attempts, .. }, S::Proven) if attempts > 0 => D::Sent { at: now, receipt: String::new() },
            (from @ (D::Queued { .. } | D::Sent { .. } | D::Failed { .. } | D::Bounced { .. } | D::Cancelled { .. }), S::Proven) => from,

            // Proof overtook the answer of the server: what was proven stands.
            (D::Sent { at, .. }, S::Accepted { receipt }) => D::Sent { at, receipt },
            (from @ D::Bounced { .. }, S::Accepted { .. }) => from,
            (
                from @ (D::Sent { .. } | D::Bounced { .. }),
                S::Deferred { .. } | S::Rejected { .. } | S::Unknown { .. } | S::NotBegun { .. } | S::Orphaned,
            ) => from,

            (D::Failed { .. } | D::Bounced { .. } | D::Cancelled { .. }, S::Resend) => D::queued(now),

            (from, signal) => return Err(Unlawful { from: from.as_str(), signal }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_makes_pauses_longer_by_up_to_a_sixth_and_never_shorter() {
        let patience = Patience::default();
        assert_eq!(patience.jittered(0), patience);
        let most = patience.jittered(u64::MAX);
        for (plain, longer) in patience.pauses.iter().zip(&most.pauses) {
            let ratio = longer.as_secs_f64() / plain.as_secs_f64();
            assert!((1.16..1.167).contains(&ratio), "{ratio}");
        }
        assert_eq!(most.give_up, patience.give_up);
    }
}
