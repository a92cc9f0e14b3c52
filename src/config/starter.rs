//! The files that `init` writes.

use jiff::{ToSpan, civil::Date};

/// A first `convoke.toml`: the keys that a first campaign needs, and what they are for. README.md lists all.
pub fn starter_config() -> &'static str {
    include_str!("starter/convoke.toml")
}

/// A first campaign file: an afternoon on `day`, answers until six days before.
///
/// `name` is 1 to 64 of a–z, A–Z, 0–9, `-`, `_`, and names the list and the templates too; `zone` is an
/// IANA name. Both are written as they are: [`super::load_campaign`] is the judge.
pub fn starter_campaign(name: &str, day: Date, zone: &str) -> String {
    let deadline = day.saturating_sub(6.days());
    include_str!("starter/campaign.toml")
        .replace("DEADLINE", &deadline.to_string())
        .replace("DAY", &day.to_string())
        .replace("ZONE", zone)
        .replace("NAME", name)
}
