//! When a verdict is recorded without a look: data, `models/thresholds.toml`, found by `cargo bench --bench judge -- calibrate`.

use crate::model::{Answer, Certainty};
use serde::Deserialize;
use std::sync::LazyLock;

/// The file.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// The heads of the answers are divided by it before they become probabilities.
    pub temperature: f64,
    /// How probable it must be that the guest asks something, or wants off the list, to be said of the reply.
    pub question: f64,
    pub unsubscribe: f64,
    /// How probable it must be that no number of people is said, for a reply in which none is read to be recorded.
    pub uncounted: f64,
    pub strict: Bar,
    pub normal: Bar,
    pub lax: Bar,
}

/// How probable an answer must be, 0 to 1. One above 1 is never passed; 1 itself only where all other answers together round to
/// nothing, their heads being some 37 below.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bar {
    /// Where only the learned witness is sure.
    pub alone: f64,
    /// Where the phrases surely say the same.
    pub agreed: f64,
    /// How probable, where only the learned witness is sure, a no may be beside a yes, or a yes beside a no: to take one for the other
    /// is the worst mistake.
    pub opposite: f64,
    /// How probable a number of people must be to be recorded where the rules do not read the same.
    pub number: f64,
}

impl Thresholds {
    pub fn bar(&self, certainty: Certainty) -> Bar {
        match certainty {
            Certainty::Strict => self.strict,
            Certainty::Normal => self.normal,
            Certainty::Lax => self.lax,
        }
    }
}

/// Those that are inside the program. Were the file broken, nothing would be sure; a test reads it.
pub fn get() -> &'static Thresholds {
    static THRESHOLDS: LazyLock<Thresholds> = LazyLock::new(|| {
        let never = Bar { alone: 2.0, agreed: 2.0, opposite: 0.0, number: 2.0 };
        let file = toml::from_str(include_str!("../../models/thresholds.toml"));
        file.unwrap_or(Thresholds {
            temperature: 1.0,
            question: 0.5,
            unsubscribe: 0.5,
            uncounted: 2.0,
            strict: never,
            normal: never,
            lax: never,
        })
    });
    &THRESHOLDS
}

/// From this probability on, another answer is named beside one that is not sure enough.
const RIVAL: f64 = 0.05;
/// Less than this is told as 0 %.
const A_PERCENT: f64 = 0.005;

/// Why an answer is not recorded without a look: the text may say something else, or it is just not as sure as it must be.
/// `is_near`: the rival is the opposite, and too probable.
pub(super) fn unsure(answer: Answer, confidence: f64, rival: Option<(Answer, f64)>, is_near: bool) -> String {
    let percent = |p: f64| format!("{:.0} %", p * 100.0);
    let reads = format!("it reads as {answer} ({})", percent(confidence));
    match rival.filter(|(_, chance)| *chance >= if is_near { A_PERCENT } else { RIVAL }) {
        Some((other, chance)) => format!("{reads}, perhaps as {other} ({})", percent(chance)),
        None => format!("{reads}, which is less than `certainty` asks"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rival_without_a_percent_is_named() {
        let says = |chance, is_near| unsure(Answer::Accept, 0.968, Some((Answer::Decline, chance)), is_near);
        let alone = "it reads as accept (97 %), which is less than `certainty` asks";
        assert_eq!((says(0.004, false).as_str(), says(0.004, true).as_str(), says(0.03, false).as_str()), (alone, alone, alone));
        assert_eq!(says(0.012, true), "it reads as accept (97 %), perhaps as decline (1 %)");
        assert_eq!(says(0.3, false), "it reads as accept (97 %), perhaps as decline (30 %)");
    }

    #[test]
    fn the_file_is_read_and_stricter_is_higher() {
        let thresholds = get();
        for bar in [thresholds.strict, thresholds.normal, thresholds.lax] {
            assert!(bar.agreed <= bar.alone && bar.alone <= 1.0 && bar.agreed >= 0.4, "{bar:?}");
            assert!(bar.opposite > 0.0 && bar.opposite <= 0.5, "{bar:?}");
            assert!(bar.number >= 0.6 && bar.number < 1.0, "{bar:?}");
        }
        assert!(thresholds.strict.alone >= thresholds.normal.alone && thresholds.normal.alone >= thresholds.lax.alone);
        assert!(thresholds.strict.opposite <= thresholds.normal.opposite && thresholds.normal.opposite <= thresholds.lax.opposite);
        assert!(thresholds.strict.number >= thresholds.normal.number && thresholds.normal.number >= thresholds.lax.number);
    }
}
