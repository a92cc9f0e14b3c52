//! Words for people: a number with its noun, and which stream they go to.

use crate::model::{Answer, Delegate};
use std::{fmt::Display, io::Write as _};

/// "1 letter", "2 letters".
pub fn counted(number: impl Display, noun: &str) -> String {
    let number = number.to_string();
    let ending = if number == "1" { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// A decision with who comes by it: "accept, 3 people", "delegate, sends Dan Rus <dan@firm.example>".
pub fn decided(answer: Answer, party: Option<u32>, delegate: Option<&Delegate>) -> String {
    let mut out = answer.to_string();
    if let Some(party) = party {
        out.push_str(&format!(", {}", people(party)));
    }
    if let Some(Delegate { name, email }) = delegate {
        let email = email.as_ref().map(|email| format!(" <{email}>")).unwrap_or_default();
        out.push_str(&format!(", sends {}{email}", name.as_deref().unwrap_or("somebody")));
    }
    out
}

/// "1 person", "3 people".
pub fn people(number: u32) -> String {
    if number == 1 { "1 person".to_owned() } else { format!("{number} people") }
}

/// What a guest said beside the answer, behind it.
pub fn beside(question: bool, unsubscribe: bool) -> String {
    let words = [(question, ", asks something"), (unsubscribe, ", wants no more letters")];
    words.into_iter().filter(|(is, _)| *is).map(|(_, words)| words).collect()
}

/// A line for people: on standard output, or on standard error where a program reads JSON from the other.
pub fn tell(json: bool, line: impl Display) {
    if json { anstream::eprintln!("{line}") } else { anstream::println!("{line}") }
}

/// A line on standard error; it is lost where that cannot be written, and nothing else is.
pub fn complain(line: impl Display) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::{beside, counted};

    #[test]
    fn what_is_said_beside_an_answer() {
        assert_eq!((beside(false, false).as_str(), beside(true, true).as_str()), ("", ", asks something, wants no more letters"));
    }

    #[test]
    fn one_is_one() {
        assert_eq!(
            (counted(1, "letter"), counted(0, "row"), counted(21, "guest")),
            ("1 letter".into(), "0 rows".into(), "21 guests".into())
        );
    }
}
