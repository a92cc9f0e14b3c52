//! The number of letters, said by the organiser before anything becomes of them.

use super::{usage, words::counted};
use std::io::{BufRead as _, Write as _};

/// What is to become of the letters, as it is told where their number is said, and where another one is.
struct Deed {
    would: fn(&str) -> String,
    them: &'static str,
    nothing: &'static str,
}

const QUEUE: Deed = Deed { would: |letters| format!("would queue {letters}"), them: "send them", nothing: "nothing was queued" };
const COUNT_AS_SENT: Deed =
    Deed { would: |letters| format!("would count {letters} as sent"), them: "count them as sent", nothing: "nothing was changed" };

/// Before letters are queued: given with `--yes`, or typed. `look` shows the letters and sends none.
pub fn confirm(letters: usize, yes: Option<usize>, look: &str, json: bool) -> anyhow::Result<()> {
    said(letters, yes, look, json, &QUEUE)
}

/// The same before letters count as sent.
pub fn confirm_sent(letters: usize, yes: Option<usize>, look: &str, json: bool) -> anyhow::Result<()> {
    said(letters, yes, look, json, &COUNT_AS_SENT)
}

fn said(letters: usize, yes: Option<usize>, look: &str, json: bool, deed: &Deed) -> anyhow::Result<()> {
    let Deed { would, them, nothing } = deed;
    match yes {
        Some(said) if said == letters => Ok(()),
        Some(said) => {
            let would = would(&counted(letters, "letter"));
            Err(usage(format!("this call {would}, not {said}; {nothing}; look at {look} again")))
        }
        None if letters == 0 => Ok(()),
        None => {
            let question = format!("Type the number of letters ({letters}) to {them}: ");
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
                _ => Err(usage(format!("{:?} is not {letters}; {nothing} (--yes {letters} says it without asking)", line.trim()))),
            }
        }
    }
}
