//! When a verdict is recorded without a look: data, `models/thresholds.toml`, found by `cargo bench --bench judge -- calibrate`.

use crate::model::Certainty;
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
    pub strict: Bar,
    pub normal: Bar,
    pub lax: Bar,
}

/// How probable an answer must be, 0 to 1. No probability reaches 1: such a bar is never passed.
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
        let never = Bar { alone: 2.0, agreed: 2.0, opposite: 0.0 };
        let file = toml::from_str(include_str!("../../models/thresholds.toml"));
        file.unwrap_or(Thresholds { temperature: 1.0, question: 0.5, unsubscribe: 0.5, strict: never, normal: never, lax: never })
    });
    &THRESHOLDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_stricter_is_higher() {
        let thresholds = get();
        for bar in [thresholds.strict, thresholds.normal, thresholds.lax] {
            assert!(bar.agreed <= bar.alone && bar.alone <= 1.0 && bar.agreed >= 0.4, "{bar:?}");
            assert!(bar.opposite > 0.0 && bar.opposite <= 0.5, "{bar:?}");
        }
        assert!(thresholds.strict.alone >= thresholds.normal.alone && thresholds.normal.alone >= thresholds.lax.alone);
        assert!(thresholds.strict.opposite <= thresholds.normal.opposite && thresholds.normal.opposite <= thresholds.lax.opposite);
    }
}
