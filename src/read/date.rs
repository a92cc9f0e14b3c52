//! When a message was written, by the clock of whoever wrote it.

use super::open;
use jiff::Timestamp;

/// A header is looked at up to here.
const LONGEST: usize = 64 * 1024;

/// What the Date field says; None where it says nothing that can be read.
pub fn written(raw: &[u8]) -> Option<Timestamp> {
    let raw = raw.get(..LONGEST).unwrap_or(raw);
    let end = raw.windows(2).position(|w| w == b"\n\n").into_iter().chain(raw.windows(4).position(|w| w == b"\r\n\r\n")).min();
    let head = end.and_then(|end| raw.get(..end)).unwrap_or(raw);
    let date = open::with(&[head, b"\r\n\r\n"].concat(), |message, _| message.date().cloned())??;
    date.is_valid().then(|| Timestamp::from_second(date.to_timestamp()).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_that_of_the_outermost_message_in_its_zone() {
        let at = |raw: &str| written(raw.as_bytes()).map(|at| at.to_string());
        let noon = Some("2026-11-30T12:00:00Z".to_owned());
        assert_eq!(at("Subject: x\r\nDate: Mon, 30 Nov 2026 14:00:00 +0200\r\n\r\nDate: Tue, 1 Dec 2026 14:00:00 +0200\r\n"), noon);
        assert_eq!(at("date:\n Mon, 30 Nov 2026\n 12:00:00 GMT\n\nYes."), noon);
        for none in ["Subject: x\n\nDate: Mon, 30 Nov 2026 12:00:00 +0000\n", "Date: soon\n\nYes.", "Date: \n\n", ""] {
            assert_eq!(at(none), None, "{none}");
        }
        let hostile = format!("Date: {}\n\n", "9".repeat(1_000_000));
        assert_eq!(at(&hostile), None);
    }
}
