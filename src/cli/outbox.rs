//! `outbox`: letters that wait, are in doubt, failed, or were withdrawn because nobody wanted them any more.

mod confirm;
mod named;
mod resend;

pub use resend::delivery;

use super::{
    Exit,
    args::{Outbox, OutboxCommand},
    desk,
    list::NAMED,
    table, usage,
    words::{counted, tell},
};
use crate::{
    daemon::Clock,
    model::Answer,
    store::{
        self, Store, backup,
        campaigns::{self, Known},
        outbox::{self, Waiting, Withdrawn},
        unwanted::{self, Unwanted, Withdrawals},
        views,
    },
    work::rule::Word,
};
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

pub async fn run(path: &Path, options: Outbox, json: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    match options.word {
        Some(OutboxCommand::Resend { failed: true, yes, campaign, .. }) => resend::failed(&store, campaign.as_deref(), yes, json).await,
        Some(OutboxCommand::Resend { emails, campaign, .. }) => {
            named::letters(&store, &emails, campaign.as_deref(), Word::Resend, json).await
        }
        Some(OutboxCommand::Confirm { uncertain: true, yes, campaign, .. }) => {
            confirm::uncertain(&store, campaign.as_deref(), yes, json).await
        }
        Some(OutboxCommand::Confirm { emails, campaign, .. }) => {
            named::letters(&store, &emails, campaign.as_deref(), Word::Confirm, json).await
        }
        Some(OutboxCommand::Cancel { email, campaign, .. }) => cancel(&store, email.as_deref(), campaign.as_deref()).await,
        None => {
            let known = match &options.which.campaign {
                Some(word) => Some(desk::known_campaign(&store, Some(word)).await?),
                None => None,
            };
            list(&store, known.as_ref(), json).await
        }
    }
}

/// Whether a campaign lies in a backup that was put back, and was not resumed yet: only there a letter that waits may have left.
pub fn is_restored(known: &Known) -> bool {
    known.paused && known.paused_why.contains(backup::RESTORED)
}

/// How many letters of each state are shown to people; a program gets all.
const SHOWN: usize = 10_000;
const STATES: [&str; 5] = ["queued", "sending", "uncertain", "failed", "cancelled"];

async fn list(store: &Store, known: Option<&Known>, json: bool) -> anyhow::Result<Exit> {
    let (id, campaign) = (known.map(|known| known.id), known.map(|known| known.campaign.name.as_str()));
    let limit = if json { usize::MAX >> 1 } else { SHOWN };
    let look = move |conn: &store::Connection| Ok((outbox::in_states_of(conn, id, &STATES, limit)?, outbox::count(conn, id, &STATES)?));
    let (letters, all) = store.read(look).await?;
    let several = letters.first().is_some_and(|first| letters.iter().any(|letter| letter.campaign != first.campaign));
    let names: &[&str] = if several { &["campaign"] } else { &[] };
    let mut rows = table::new(&[names, &["address", "letter", "state", "next try", "tries", "why"]].concat());
    for letter in &letters {
        if json {
            anstream::println!("{}", serde_json::to_string(letter)?);
            continue;
        }
        let due = if letter.state == "queued" { letter.due.strftime("%Y-%m-%d %H:%M UTC").to_string() } else { String::new() };
        // Of one that is not tried any more they are not counted.
        let tries = if ["queued", "sending"].contains(&letter.state.as_str()) { letter.attempts.to_string() } else { String::new() };
        let mut cells = vec![letter.email.clone(), letter.kind.clone(), letter.state.clone(), due, tries, table::cut(&why(letter), 80)];
        if several {
            cells.insert(0, letter.campaign.clone());
        }
        rows.add_row(cells);
    }
    if !json {
        anstream::println!("{rows}");
        let more = all.saturating_sub(letters.len() as u64);
        if more > 0 {
            anstream::println!("… and {more} more: `convoke outbox --json` prints all.");
        }
        let waiting = waiting(store, campaign).await?;
        if !waiting.is_empty() {
            anstream::println!("\n{}", waiting.iter().filter_map(Queue::words).collect::<Vec<_>>().join("\n"));
        }
        if letters.iter().any(|letter| letter.state == "uncertain") {
            anstream::println!(
                "\nUncertain: the connection or the program ended at the one moment when nobody can tell whether the letter left."
            );
            anstream::println!(
                "Look into your Sent folder, or ask the guest; then `convoke outbox confirm EMAIL` or `convoke outbox resend EMAIL`, or `convoke outbox confirm --uncertain` where all of them have left."
            );
        }
        if letters.iter().any(|letter| letter.state == "failed") {
            anstream::println!(
                "\nFailed: refused for good, and not tried again. For a wrong address: `convoke guests fix EMAIL --to NEW`. Once the cause is mended: `convoke outbox resend EMAIL`, or `convoke outbox resend --failed` for all of them."
            );
        }
        if letters.iter().any(|letter| letter.state == "cancelled") {
            anstream::println!(
                "\nCancelled: the guest had said no, or asked for no more letters, before it left. If it is to be sent all the same: `convoke outbox resend EMAIL`."
            );
        }
    }
    Ok(Exit::Done)
}

/// Why a letter is where it is.
pub fn why(letter: &Waiting) -> String {
    match &letter.unwanted {
        Some(Unwanted::No(answer)) => format!("the guest has answered {answer} since: it will be withdrawn"),
        Some(Unwanted::NoMoreLetters) => "it will be withdrawn: the guest has asked for no more letters".to_owned(),
        None if letter.missed => format!("{}; the answer is {} now", letter.why, letter.answer),
        None => letter.why.clone(),
    }
}

/// Tells where letters go and why they are where they are; of very many only the first.
fn show(letters: &[&Waiting], json: bool) {
    for letter in letters.iter().take(NAMED) {
        tell(json, format_args!("  {}: {}", letter.email, table::cut(&why(letter), 120)));
    }
    if letters.len() > NAMED {
        tell(json, format_args!("  … and {} more: `convoke outbox` shows all", letters.len() - NAMED));
    }
}

/// What is said of one letter of many that is not any more what it was when it was shown.
fn has_changed(email: &str) -> String {
    format!("The letter to {email} has changed meanwhile, and is left as it is; `convoke show {email}` tells.")
}

/// How many letters wait of a campaign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queue {
    pub campaign: String,
    pub letters: u64,
    /// So many of them will be withdrawn.
    pub unwanted: Withdrawals,
}

impl Queue {
    /// How to go on with them; None where none waits.
    pub fn words(&self) -> Option<String> {
        let Withdrawals { no, unwilling } = self.unwanted;
        let wanted = self.letters.saturating_sub(no + unwilling);
        let wanted = (wanted > 0).then(|| go_on(wanted, &self.campaign));
        let withdrawn =
            [(no, "said no"), (unwilling, "asked for no more letters")].into_iter().filter_map(|(letters, what)| match letters {
                0 => None,
                1 => Some(format!("1 letter waits for a guest who has {what} since: it will be withdrawn instead of sent.")),
                many => Some(format!("{many} letters wait for guests who have {what} since: they will be withdrawn instead of sent.")),
            });
        let lines: Vec<String> = wanted.into_iter().chain(withdrawn).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// What waits of a campaign, or of each. One that is paused or rests is left out: `send` does not let its letters go.
pub async fn waiting(store: &Store, campaign: Option<&str>) -> store::Result<Vec<Queue>> {
    let name = campaign.map(str::to_owned);
    let now = Clock::default().now();
    let count = move |conn: &store::Connection| {
        let mut queues = Vec::new();
        for known in campaigns::all(conn)? {
            let rests = known.campaign.hours.as_ref().is_some_and(|hours| hours.rest(now).is_some());
            if !known.paused && !rests && name.as_ref().is_none_or(|name| known.campaign.name == *name) {
                let (letters, unwanted) = (views::in_state(conn, known.id, "queued")?, unwanted::unwanted(conn, known.id)?);
                queues.push(Queue { campaign: known.campaign.name, letters, unwanted });
            }
        }
        queues.retain(|queue| queue.letters > 0);
        Ok(queues)
    };
    store.read(count).await
}

/// How to go on with letters of a campaign that wait.
pub fn go_on(letters: u64, campaign: &str) -> String {
    let (wait, them) = if letters == 1 { ("waits", "it") } else { ("wait", "them") };
    format!("{letters} {wait}: `convoke send {campaign}`, or a daemon that runs, goes on with {them}.")
}

/// How to go on with letters that wait for a limit of the configuration or its rate until then. What left of all campaigns in the last
/// `hour` and `day` tells which one is used up.
pub fn go_on_after(letters: u64, campaign: &str, until: Timestamp, hour: u64, day: u64) -> String {
    let (wait, them) = if letters == 1 { ("waits", "it") } else { ("wait", "them") };
    // Rounded up: at that minute there is room.
    let minute = until.saturating_add(SignedDuration::from_secs(59)).unwrap_or(until).strftime("%Y-%m-%d %H:%M UTC");
    format!(
        "{letters} {wait}, because `limits` or `rate` of the configuration allow no more before {minute} ({hour} went to the relay in the last hour, {day} in the last day): a daemon (`convoke run`), or `convoke send {campaign}` then, goes on with {them}."
    )
}

/// What an answer that was just recorded means for the guest's newest letter; None where nothing has to be said.
pub async fn after_answer(store: &Store, invitation: i64, answer: Answer) -> store::Result<Option<String>> {
    let Some(letter) = store.read(move |conn| outbox::newest_of(conn, invitation)).await? else { return Ok(None) };
    Ok(match letter.state.as_str() {
        "queued" if letter.unwanted.is_some() => Some("The invitation that still waits will be withdrawn instead of sent.".to_owned()),
        "cancelled" if !answer.stays_away() => {
            Some(format!("The invitation was withdrawn before it left: `convoke outbox resend {}` sends it.", letter.token))
        }
        _ => None,
    })
}

/// Withdraws what waits for one guest, or (None) for all guests of the campaign.
async fn cancel(store: &Store, email: Option<&str>, campaign: Option<&str>) -> anyhow::Result<Exit> {
    let now = Clock::default().now();
    let guest = match email {
        Some(email) => Some(desk::guest(store, email, campaign).await?),
        None => None,
    };
    let (id, invitation) = match &guest {
        Some(guest) => (guest.campaign, Some(guest.invitation)),
        None => (desk::known_campaign(store, campaign).await?.id, None),
    };
    let withdrawn = store.write(move |conn| outbox::withdraw(conn, id, invitation, now)).await?;
    if withdrawn == Withdrawn::default() {
        return match guest {
            Some(guest) => {
                Err(usage(format!("no letter to {} waits, so none can be withdrawn; the newest is {}", guest.email, guest.delivery)))
            }
            None => {
                anstream::println!("No letter waits; nothing was withdrawn.");
                Ok(Exit::Done)
            }
        };
    }
    if withdrawn.cancelled > 0 {
        anstream::println!(
            "{} withdrawn. The next `convoke send` invites again who is in the list then and has not answered; where the templates were changed, with --new-templates.",
            counted(withdrawn.cancelled, "letter")
        );
    }
    if withdrawn.taken_back > 0 {
        let (are, they, their) = if withdrawn.taken_back == 1 { ("is", "it is", "its guest") } else { ("are", "they are", "their guests") };
        anstream::println!(
            "{} that may have left before {are} not sent again: {they} uncertain, bounced or failed, as before `resend`. `convoke send` does not invite {their} again; `convoke outbox resend EMAIL` does.",
            counted(withdrawn.taken_back, "letter")
        );
    }
    Ok(Exit::Done)
}
