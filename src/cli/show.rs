//! `show`: everything that happened to one guest.

use super::{
    Exit,
    args::Show,
    desk, table,
    words::{decided, people},
};
use crate::{
    model::Fact,
    store::{
        Store,
        views::{self, GuestRow, Moment},
    },
};
use std::path::Path;

pub async fn run(path: &Path, options: &Show, json: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let guest = desk::guest(&store, &options.email, options.campaign.as_deref()).await?;
    let id = guest.invitation;
    let moments = store.read(move |conn| views::timeline(conn, id)).await?;
    if json {
        anstream::println!("{}", serde_json::json!({"guest": guest, "timeline": moments}));
    } else {
        anstream::print!("{}", words(&guest, &moments));
    }
    Ok(Exit::Done)
}

/// The timeline of a guest by address, for `demo`.
pub async fn of(store: &Store, email: &str) -> anyhow::Result<String> {
    let guest = desk::guest(store, email, None).await?;
    let id = guest.invitation;
    let moments = store.read(move |conn| views::timeline(conn, id)).await?;
    Ok(words(&guest, &moments))
}

fn words(guest: &GuestRow, moments: &[Moment]) -> String {
    let mut out = format!("{} <{}>  [{}]\n", table::cut(&guest.name, 80), guest.email, guest.token);
    out.push_str(&format!("  {}", guest.standing.replace('_', " ")));
    if let Some(party) = guest.party {
        out.push_str(&format!(", {}", people(party)));
    }
    if guest.question {
        out.push_str(", asks something");
    }
    if guest.unsubscribe {
        out.push_str(", wants no more letters");
    }
    if let Some(delegate) = &guest.delegate {
        let email = delegate.email.as_ref().map(|email| format!(" <{email}>")).unwrap_or_default();
        out.push_str(&format!(", sends {}{email}", delegate.name.as_deref().unwrap_or("somebody")));
    }
    if !guest.note.is_empty() {
        out.push_str(&format!(" ({})", table::cut(&guest.note, 120)));
    }
    out.push_str("\n\n");
    for moment in moments {
        out.push_str(&format!("  {}  {}\n", moment.at.strftime("%Y-%m-%d %H:%M:%S"), table::plain(&line(&moment.fact))));
        if let Some(sender) = other_sender(guest, moment) {
            out.push_str(&format!("                       from {}\n", table::cut(sender, 100)));
        }
        let fact = match &moment.fact {
            Fact::Reread { said: Some(said), .. } => said,
            fact => fact,
        };
        let evidence = match fact {
            Fact::Answered(answered) | Fact::Looked { guess: Some(answered), .. } => answered.evidence.as_slice(),
            _ => &[],
        };
        for words in evidence {
            out.push_str(&format!("                       “{}”\n", table::cut(words, 100)));
        }
        if let (true, Some(mail)) = (evidence.is_empty(), &moment.mail)
            && !mail.said.is_empty()
        {
            out.push_str(&format!("                       | {}\n", table::cut(&mail.said, 100)));
        }
    }
    out
}

/// Who sent a person's mail, where that is not the guest's own address.
fn other_sender<'a>(guest: &GuestRow, moment: &'a Moment) -> Option<&'a str> {
    let by_person = matches!(moment.fact, Fact::Answered(_) | Fact::Looked { .. } | Fact::Ruled { .. } | Fact::Reread { .. });
    let sender = moment.mail.as_ref().filter(|_| by_person)?.sender.as_str();
    (![guest.email.as_str(), guest.listed.as_str(), ""].contains(&sender)).then_some(sender)
}

fn line(fact: &Fact) -> String {
    match fact {
        Fact::Invited { email } => format!("invited at {email}"),
        Fact::Letter { kind, number, state, why } => {
            let number = if *number > 1 { format!(" {number}") } else { String::new() };
            let why = if why.is_empty() { String::new() } else { format!(": {}", table::cut(why, 120)) };
            format!("{kind}{number} {state}{why}")
        }
        Fact::Answered(answered) => {
            let party = answered.party.map(|party| format!(", {}", people(party))).unwrap_or_default();
            let question = if answered.question { ", with a question" } else { "" };
            format!("answered: {}{party}{question}", answered.answer)
        }
        Fact::Looked { why, guess, .. } => {
            let guess = guess.as_ref().map(|guess| format!(" (perhaps {})", guess.answer)).unwrap_or_default();
            format!("needs a look{guess}: {}", why.join("; "))
        }
        Fact::Ruled { answer, party, delegate, note, .. } => {
            let note = if note.is_empty() { String::new() } else { format!(" ({note})") };
            format!("you recorded: {}{note}", decided(*answer, *party, delegate.as_ref()))
        }
        Fact::Dismissed { .. } => "you looked, and left it as it is".to_owned(),
        Fact::Away { until, .. } => match until {
            Some(day) => format!("automatic reply: away until {day}"),
            None => "automatic reply".to_owned(),
        },
        Fact::Bounced { invalid, why, .. } => {
            let word = if *invalid { "came back, the address does not exist" } else { "delivery notice" };
            format!("{word}: {}", table::cut(why, 120))
        }
        Fact::Unreachable { why } => format!("unreachable: {}", table::cut(why, 120)),
        Fact::Complained { .. } => "reported as spam".to_owned(),
        Fact::Mended { from, to } => format!("address mended: {from} is {to}"),
        Fact::Reread { said, .. } => {
            format!("read again: {}", said.as_deref().map_or_else(|| "nothing to record".to_owned(), line))
        }
    }
}
