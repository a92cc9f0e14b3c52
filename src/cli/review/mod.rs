//! `review`: one key a guest.

mod keys;
mod matter;
mod shown;

use self::{
    keys::{Habit, Pressed},
    matter::{Enter, Matter},
};
use super::{
    Exit,
    args::{PEOPLE, Which},
    desk, outbox, table, words,
};
use crate::{
    daemon::Clock,
    model::Answer,
    store::{
        self, Store,
        inbox::{self, Look},
        journal,
    },
    work::rule::{self, Assigned, Ruling},
};
use std::{
    collections::{HashSet, VecDeque},
    io::BufRead as _,
    path::Path,
};

/// What was shown is not so any more.
const CHANGED: &str =
    "meanwhile the guest has written again, or somebody else has decided, so nothing is recorded: run `convoke review` once more";

/// What one key is asked for.
enum Subject {
    Guest(i64),
    Nobody(Box<Look>),
}

pub async fn run(path: &Path, which: &Which, json: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let id = desk::known_campaign(&store, which.campaign.as_deref()).await?.id;
    let looks = store.read(move |conn| inbox::looks(conn, Some(id))).await?;
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
    let mut pile = subjects(looks);
    let (mut number, mut total) = (0, pile.len());
    let mut habit = Habit::default();
    while let Some(subject) = pile.pop_front() {
        number += 1;
        let matter = match subject {
            // As it stands now, not as it stood when the first key was asked for.
            Subject::Guest(invitation) => store.read(move |conn| Matter::of_guest(conn, invitation)).await?,
            Subject::Nobody(look) => store.read(move |conn| Matter::of_nobody(conn, *look)).await?,
        };
        let Some(matter) = matter else { continue };
        anstream::println!("\n── {number} of {total} ─────────────────────────────");
        anstream::println!("{}", shown::describe(&matter));
        match decide(&store, &matter, &mut habit).await? {
            Then::Next => {}
            Then::Stop => break,
            Then::Together(guest) => {
                pile.retain(|subject| !matches!(subject, Subject::Guest(invitation) if *invitation == guest));
                pile.push_front(Subject::Guest(guest));
                total = number + pile.len();
            }
        }
    }
    Ok(Exit::Done)
}

/// The guests whose mails wait, and the mails of nobody, by the oldest mail of each.
fn subjects(looks: Vec<Look>) -> VecDeque<Subject> {
    let mut seen = HashSet::new();
    let subject = |look: Look| match look.invitation {
        Some(invitation) => seen.insert(invitation).then_some(Subject::Guest(invitation)),
        None => Some(Subject::Nobody(Box::new(look))),
    };
    looks.into_iter().filter_map(subject).collect()
}

/// What comes after a key.
enum Then {
    Next,
    Stop,
    /// A mail of nobody was given to this guest, who has written already: all of theirs at once.
    Together(i64),
}

/// Asks for one key, and does what it says.
async fn decide(store: &Store, matter: &Matter, habit: &mut Habit) -> anyhow::Result<Then> {
    let enter = matter.enter();
    let stays = matter.stands().map_or_else(|| "nothing to record".to_owned(), |stands| format!("it stays {stands}"));
    let first = match enter {
        Some(Enter::Record(answer)) => {
            let ruling = matter.ruling(answer);
            format!("Enter {}, ", words::decided(answer, ruling.party, ruling.delegate.as_ref()))
        }
        Some(Enter::Leave) => format!("Enter {stays}, "),
        None => String::new(),
    };
    let counted = matter.counted();
    let many = format!("{} to {} {counted} with so many", PEOPLE.start(), PEOPLE.end());
    let prompt = format!("[{first}a accept, d decline, g delegate, t tentative, {many}, n {stays}, s skip, q quit] ");
    loop {
        anstream::print!("{}", table::plain(&prompt));
        let pressed = keys::next()?;
        if habit.swallows(pressed) {
            let again = if enter.is_some() { "; press it again to take the guess" } else { "" };
            anstream::println!("Enter right after a key does nothing{again}");
            continue;
        }
        // Of a mail of nobody a line is asked for after these letters, which takes the Enter.
        let decides = |letter: char| "ns".contains(letter) || "adgt".contains(letter) && matter.guest().is_some();
        habit.armed = keys::by_keys() && matches!(pressed, Pressed::Letter(letter) if decides(letter));
        let answer = match (pressed, enter) {
            (Pressed::Number(number), _) if PEOPLE.contains(&number) => counted,
            (Pressed::Number(number), _) => {
                anstream::println!("{number} people? A number is how many come in all, {} to {}", PEOPLE.start(), PEOPLE.end());
                continue;
            }
            (Pressed::Letter('a'), _) => Answer::Accept,
            (Pressed::Letter('d'), _) => Answer::Decline,
            (Pressed::Letter('n'), _) | (Pressed::Enter | Pressed::Letter('g'), Some(Enter::Leave)) => {
                anstream::println!("{}", if leave(store, matter).await? { "left as it is" } else { CHANGED });
                return Ok(Then::Next);
            }
            (Pressed::Letter('g'), _) => Answer::Delegate,
            (Pressed::Letter('t'), _) => Answer::Tentative,
            (Pressed::Enter, Some(Enter::Record(answer))) => answer,
            (Pressed::Letter('s'), _) => {
                anstream::println!("skipped");
                return Ok(Then::Next);
            }
            (Pressed::Letter('q') | Pressed::End, _) => return Ok(Then::Stop),
            (Pressed::Letter(_) | Pressed::Enter | Pressed::Other, _) => {
                anstream::println!();
                continue;
            }
        };
        let mut ruling = matter.ruling(answer);
        if let Pressed::Number(number) = pressed {
            ruling.party = Some(number);
        }
        if let Some(then) = record(store, matter, ruling).await? {
            return Ok(then);
        }
    }
}

/// Leaves all as it is; false where it is not any more as it was shown.
async fn leave(store: &Store, matter: &Matter) -> store::Result<bool> {
    let mails: Vec<i64> = matter.looks.iter().map(|look| look.mail).collect();
    match (matter.guest(), mails.as_slice()) {
        (Some(guest), _) => rule::dismiss(store, mails, guest, Some(matter.seen), Clock::default().now()).await,
        (None, [mail, ..]) => rule::disown(store, *mail).await,
        (None, []) => Ok(true),
    }
}

/// Records what a key says; None where the key is to be asked for again.
async fn record(store: &Store, matter: &Matter, ruling: Ruling) -> anyhow::Result<Option<Then>> {
    let now = Clock::default().now();
    let invitation = match (matter.guest(), matter.looks.first()) {
        (Some(invitation), _) => {
            if !rule::record(store, invitation, ruling, Some(matter.seen), now).await? {
                anstream::println!("{CHANGED}");
                return Ok(Some(Then::Next));
            }
            invitation
        }
        (None, Some(look)) => {
            anstream::print!("\nWhose is it (address or token)? ");
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            let guest = match desk::guest(store, line.trim(), None).await {
                Ok(guest) => guest,
                Err(error) => {
                    anstream::println!("{error:#}");
                    return Ok(None);
                }
            };
            match rule::assign(store, look.mail, guest.invitation, ruling, now).await? {
                Assigned::Recorded => guest.invitation,
                Assigned::Waits => {
                    anstream::println!("{} has written already, or you have recorded an answer: look at all of it together.", guest.email);
                    return Ok(Some(Then::Together(guest.invitation)));
                }
                Assigned::Decided => {
                    anstream::println!("{CHANGED}");
                    return Ok(Some(Then::Next));
                }
            }
        }
        (None, None) => return Ok(Some(Then::Next)),
    };
    let standing = store.read(move |conn| journal::standing(conn, invitation)).await?;
    anstream::println!("{}", words::decided(standing.answer, standing.party, standing.delegate.as_ref()));
    if let Some(letter) = outbox::after_answer(store, invitation, standing.answer).await? {
        anstream::println!("{letter}");
    }
    Ok(Some(Then::Next))
}
