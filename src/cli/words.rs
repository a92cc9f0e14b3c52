//! Words for people: a number with its noun, and which stream they go to.

use std::fmt::Display;

/// "1 letter", "2 letters".
pub fn counted(number: impl Display, noun: &str) -> String {
    let number = number.to_string();
    let ending = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A line for people: on standard output, or on standard error where a program reads JSON from the other.
pub fn tell(json: bool, line: impl Display) {
    if json { anstream::eprintln!("{line}") } else { anstream::println!("{line}") }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_one() {
        assert_eq!(
            (counted(1, "letter"), counted(0, "row"), counted(21, "guest")),
            ("1 letter".into(), "0 rows".into(), "21 guests".into())
        );
    }
}
