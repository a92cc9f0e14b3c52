//! `review`: one key a mail.

use super::{
    Exit,
    args::Which,
    desk, table,
    words::{beside, counted},
};
use crate::{
    daemon::Clock,
    model::{Answer, Verdict},
    store::{
        Store,
        inbox::{self, Look},
        journal,
    },
    work::rule::{self, Ruling},
};
use console::{Key, Term};
use std::{io::BufRead as _, path::Path};

/// How many lines of a mail are shown.
const SHOWN: usize = 40;

pub async fn run(path: &Path, which: &Which, json: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let id = desk::known_campaign(&store, which.campaign.as_deref()).await?.id;
    let (looks, seen) = store.read(move |conn| Ok((inbox::looks(conn, Some(id))?, journal::newest(conn)?))).await?;
    if json {
        for look in &looks {
            anstream::println!("{}", serde_json::to_string(look)?);
        }
        return Ok(Exit::Done);
    }
    if looks.is_empty() {
        anstream::println!("Nothing needs a look.");
        return Ok(Exit::Done);
    }
    let total = looks.len();
    for (number, look) in looks.iter().enumerate() {
        anstream::println!("\n── {} of {total} ─────────────────────────────", number + 1);
        let so_far = match look.invitation {
            Some(invitation) => store.read(move |conn| journal::answer(conn, invitation)).await?,
            None => Answer::None,
        };
        anstream::println!("{}", describe(look, so_far));
        if !decide(&store, look, so_far, seen).await? {
            break;
        }
    }
    Ok(Exit::Done)
}

/// `so_far` is the decision in force.
fn describe(look: &Look, so_far: Answer) -> String {
    let guest = match (&look.name, &look.email) {
        (Some(name), Some(email)) => format!("{} <{email}>", table::cut(name, 60)),
        _ => "nobody we know".to_owned(),
    };
    let mut out = format!(
        "Guest:   {guest}\nFrom:    {}\nSubject: {}\nWhy:     {}\n",
        table::cut(&look.sender, 100),
        table::cut(&look.subject, 100),
        table::cut(&look.doubts.join("; "), 300)
    );
    if so_far != Answer::None {
        out.push_str(&format!("So far:  {so_far}\n"));
    }
    if let Some(verdict) = look.verdict.as_ref().filter(|verdict| verdict.answer != Answer::None) {
        let party = verdict.party.map(|party| format!(", {party} people")).unwrap_or_default();
        let more = beside(verdict.question, verdict.unsubscribe);
        out.push_str(&format!("Guess:   {}{party} ({:.0} %){more}\n", verdict.answer, verdict.confidence * 100.0));
    }
    out.push('\n');
    out.push_str(&said(look));
    out
}

/// The first lines of the mail, and where that is not all of it, the words that decided further down.
fn said(look: &Look) -> String {
    let text = table::plain(&look.said);
    let lines: Vec<&str> = text.lines().collect();
    let mut out: String = lines.iter().take(SHOWN).map(|line| format!("    {line}\n")).collect();
    let rest = lines.get(SHOWN..).unwrap_or_default();
    if rest.is_empty() {
        return out;
    }
    out.push_str(&format!("    … and {}\n", counted(rest.len(), "more line")));
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = one_line(&out);
    for words in look.verdict.iter().flat_map(|verdict| &verdict.evidence) {
        let words = one_line(&table::plain(words));
        if !shown.contains(&words) {
            out.push_str(&format!("    The words that decided: “{}”\n", table::cut(&words, 1_000)));
        }
    }
    out
}

/// Asks for one key; false to stop. `seen` is the newest fact when the looks were read.
async fn decide(store: &Store, look: &Look, so_far: Answer, seen: i64) -> anyhow::Result<bool> {
    let guess = look.verdict.as_ref().map(|verdict| verdict.answer).filter(|answer| *answer != Answer::None);
    let enter = guess.map(|answer| format!("Enter {answer}, ")).unwrap_or_default();
    let leave = if so_far == Answer::None { "nothing to record".to_owned() } else { format!("it stays {so_far}") };
    let now = Clock::default().now();
    loop {
        anstream::print!("[{enter}a accept, d decline, g delegate, t tentative, n {leave}, s skip, q quit] ");
        let answer = match key()? {
            Some('a') => Answer::Accept,
            Some('d') => Answer::Decline,
            Some('g') => Answer::Delegate,
            Some('t') => Answer::Tentative,
            Some('\n') if guess.is_some() => guess.unwrap_or(Answer::None),
            Some('n') => {
                rule::dismiss(store, look.mail, look.invitation, now).await?;
                anstream::println!("left as it is");
                return Ok(true);
            }
            Some('s') => {
                anstream::println!("skipped");
                return Ok(true);
            }
            Some('q') | None => return Ok(false),
            Some(_) => {
                anstream::println!();
                continue;
            }
        };
        let verdict = look.verdict.as_ref();
        let ruling = Ruling {
            answer,
            party: verdict.and_then(|guess| party(guess, answer)),
            delegate: verdict.filter(|v| v.answer == answer).and_then(|v| v.delegate.clone()),
            note: String::new(),
            mail: Some(look.mail),
        };
        match look.invitation {
            Some(invitation) => {
                if !rule::record(store, invitation, ruling, Some(seen), now).await? {
                    anstream::println!("the guest has written again meanwhile, so nothing is recorded: run `convoke review` once more");
                    return Ok(true);
                }
            }
            None => {
                anstream::print!("\nWhose is it (address or token)? ");
                let mut line = String::new();
                std::io::stdin().lock().read_line(&mut line)?;
                match desk::guest(store, line.trim(), None).await {
                    Ok(guest) => rule::assign(store, look.mail, guest.invitation, ruling, now).await?,
                    Err(error) => {
                        anstream::println!("{error:#}");
                        continue;
                    }
                }
            }
        }
        anstream::println!("{answer}");
        return Ok(true);
    }
}

/// The number of people that was shown stands where the guest comes by the guess and by the ruling, surely or not.
fn party(guess: &Verdict, ruled: Answer) -> Option<u32> {
    let comes = |answer| matches!(answer, Answer::Accept | Answer::Tentative);
    guess.party.filter(|_| guess.answer == ruled || comes(guess.answer) && comes(ruled))
}

/// One key from a terminal, else the first letter of a line; None at the end.
fn key() -> anyhow::Result<Option<char>> {
    std::io::Write::flush(&mut std::io::stdout())?;
    if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
        return Ok(match Term::stdout().read_key()? {
            Key::Char(c) => Some(c.to_ascii_lowercase()),
            Key::Enter => Some('\n'),
            Key::Escape | Key::CtrlC => None,
            _ => Some(' '),
        });
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line)?;
    Ok(if read == 0 { None } else { Some(line.trim().chars().next().unwrap_or('\n').to_ascii_lowercase()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_that_was_shown_outlives_a_change_of_mind() {
        let guess = Verdict { answer: Answer::Tentative, party: Some(3), ..Verdict::silent() };
        assert_eq!(party(&guess, Answer::Accept), Some(3));
        assert_eq!(party(&guess, Answer::Tentative), Some(3));
        assert_eq!(party(&guess, Answer::Decline), None);
    }

    #[test]
    fn of_a_long_mail_the_words_that_decided_are_shown_wherever_they_stand() {
        let look = |lines: usize, evidence: &str| Look {
            mail: 1,
            invitation: None,
            campaign: None,
            email: None,
            name: None,
            sender: "ana@guests.example".into(),
            subject: "Re: Gala".into(),
            said: (1..=lines).map(|line| format!("line {line} of\n")).collect(),
            verdict: Some(Verdict { answer: Answer::Decline, evidence: vec![evidence.into()], ..Verdict::silent() }),
            doubts: Vec::new(),
            arrived: jiff::Timestamp::UNIX_EPOCH,
        };
        let whole = describe(&look(40, "line 40 of"), Answer::None);
        assert!(whole.ends_with("    line 40 of\n"), "{whole}");
        let cut = describe(&look(42, "line 41 of\nline 42 of"), Answer::None);
        assert!(cut.ends_with("    line 40 of\n    … and 2 more lines\n    The words that decided: “line 41 of line 42 of”\n"), "{cut}");
        let above = describe(&look(41, "line 2 of\nline 3 of"), Answer::None);
        assert!(above.ends_with("    line 40 of\n    … and 1 more line\n"), "{above}");
    }
}
