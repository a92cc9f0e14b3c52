//! What is pressed at a question of `review`: one key in a terminal, else a line.

use console::{Key, Term};
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

/// More digits are of no number of people, however many they are.
const MAX_DIGITS: usize = 6;

/// A key, or what a line stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pressed {
    Enter,
    /// In small letters.
    Letter(char),
    /// Digits with Enter behind them; it may be of no people ([`super::PEOPLE`]).
    Number(u32),
    /// Something that means nothing.
    Other,
    /// Nothing comes any more.
    End,
}

impl Pressed {
    /// What a line stands for: a number as a whole, else its first letter.
    fn of_line(line: &str) -> Self {
        let line = line.trim();
        match line.chars().next() {
            None => Self::Enter,
            Some(first) if first.is_alphabetic() => Self::Letter(small(first)),
            Some(first) if first.is_ascii_digit() => line.parse().map_or(Self::Other, Self::Number),
            Some(_) => Self::Other,
        }
    }
}

/// The Enter that other prompts want behind a letter. Here the letter has decided, and Enter would take the guess about the next guest,
/// whom nobody has read yet: so one right behind a letter does nothing.
#[derive(Default)]
pub struct Habit {
    /// The last key was a letter that decided.
    pub armed: bool,
}

impl Habit {
    /// Whether a key is such an Enter.
    pub fn swallows(&mut self, pressed: Pressed) -> bool {
        std::mem::take(&mut self.armed) && pressed == Pressed::Enter
    }
}

/// Whether questions and answers are in a terminal, where a letter needs no Enter.
pub fn by_keys() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Waits for one.
pub fn next() -> io::Result<Pressed> {
    io::stdout().flush()?;
    // `console` reads no key where standard output is none, and says at once that it knows it not.
    if by_keys() {
        return key(&Term::stdout());
    }
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line)?;
    Ok(if read == 0 { Pressed::End } else { Pressed::of_line(&line) })
}

/// One key, or digits up to an Enter: they are shown, and any other key makes them mean nothing.
fn key(term: &Term) -> io::Result<Pressed> {
    let mut digits = String::new();
    loop {
        let pressed = match term.read_key()? {
            Key::Char(digit) if digit.is_ascii_digit() => {
                if digits.len() < MAX_DIGITS {
                    digits.push(digit);
                    term.write_str(digit.encode_utf8(&mut [0; 4]))?;
                }
                continue;
            }
            Key::Backspace if digits.pop().is_some() => {
                term.clear_chars(1)?;
                continue;
            }
            Key::Enter => digits.parse().map_or(Pressed::Enter, Pressed::Number),
            Key::Escape | Key::CtrlC | Key::Unknown => Pressed::End,
            Key::Char(letter) if digits.is_empty() => Pressed::Letter(small(letter)),
            _ => Pressed::Other,
        };
        return Ok(pressed);
    }
}

fn small(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_enter_right_behind_a_letter_that_decided_does_nothing() {
        let mut habit = Habit { armed: true };
        assert_eq!([habit.swallows(Pressed::Enter), habit.swallows(Pressed::Enter)], [true, false]);
        let mut habit = Habit { armed: true };
        let both = [habit.swallows(Pressed::Letter('x')), habit.swallows(Pressed::Enter)];
        assert_eq!(both, [false, false], "the Enter does not follow the letter");
        assert!(!Habit::default().swallows(Pressed::Enter));
    }

    #[test]
    fn a_line_is_a_number_as_a_whole_or_its_first_letter() {
        let of = Pressed::of_line;
        assert_eq!(
            [of("12\n"), of(" 3 "), of("\n"), of("Accept\n")],
            [12, 3].map(Pressed::Number).into_iter().chain([Pressed::Enter, Pressed::Letter('a')]).collect::<Vec<_>>()[..]
        );
        assert_eq!([of("3x"), of("+1"), of("99999999999"), of("?")], [Pressed::Other; 4]);
    }
}
