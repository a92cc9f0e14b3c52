//! The number of letters, said by the organiser before any is queued.

use super::{usage, words::counted};
use std::io::{BufRead as _, Write as _};

/// Given with `--yes`, or typed. `look` shows the letters and sends none.
pub fn confirm(letters: usize, yes: Option<usize>, look: &str, json: bool) -> anyhow::Result<()> {
    match yes {
        Some(said) if said == letters => Ok(()),
        Some(said) => {
            let letters = counted(letters, "letter");
            Err(usage(format!("this call would queue {letters}, not {said}; nothing was queued; look at {look} again")))
        }
        None if letters == 0 => Ok(()),
        None => {
            let question = format!("Type the number of letters ({letters}) to send them: ");
            if json {
                anstream::eprint!("{question}")
            } else {
                anstream::print!("{question}")
            }
            let _ = std::io::stdout().flush();
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            match line.trim().parse::<usize>() {
                Ok(said) if said == letters => Ok(()),
                _ => Err(usage(format!("{:?} is not {letters}; nothing was queued (--yes {letters} says it without asking)", line.trim()))),
            }
        }
    }
}
