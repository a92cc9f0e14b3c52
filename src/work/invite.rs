//! From a guest list to letters in the queue.

use crate::{
    compose::{self, Flaw, Templates},
    model::{Campaign, Guest, Kind, Letter, Sender, Stamp, Token},
    plan::{Invitees, Known},
    store::{self, Store, campaigns},
};
use jiff::Timestamp;

/// A letter that would be queued.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ready {
    pub guest: Guest,
    pub stamp: Stamp,
    pub letter: Letter,
}

/// The list set beside what the database knows of this campaign.
pub async fn invitees(store: &Store, campaign: &str, list: &[Guest]) -> store::Result<Invitees> {
    let name = campaign.to_owned();
    let known = store
        .read(move |conn| match campaigns::by_name(conn, &name)? {
            Some(known) => campaigns::invited(conn, known.id),
            None => Ok(Vec::new()),
        })
        .await?;
    let known: Vec<Known> =
        known.into_iter().map(|i| Known { listed: i.listed, name_key: i.name_key, email: i.email, name: i.name }).collect();
    Ok(Invitees::of(list, &known))
}

/// Renders the first letter of each guest. All that is missing, in all letters, at once: either every letter is ready or none is.
///
/// `chance` gives 64 random bits a call.
pub fn render(
    templates: &Templates,
    campaign: &Campaign,
    sender: &Sender,
    guests: &[Guest],
    now: Timestamp,
    chance: &mut dyn FnMut() -> u64,
) -> Result<Vec<Ready>, Vec<Flaw>> {
    let mut ready = Vec::with_capacity(guests.len());
    let mut flaws = Vec::new();
    for guest in guests {
        let stamp = Stamp { token: Token::from_bits(chance()), kind: Kind::Invitation, number: 1, date: now, earlier: Vec::new() };
        match compose::letter(templates, campaign, sender, guest, &stamp) {
            Ok(letter) => ready.push(Ready { guest: guest.clone(), stamp, letter }),
            Err(missing) => flaws.extend(missing),
        }
    }
    if flaws.is_empty() { Ok(ready) } else { Err(flaws) }
}

/// Queues the letters, all in one transaction: after it, every guest of them is invited; before it, none.
pub async fn queue(store: &Store, campaign: Campaign, file: String, ready: Vec<Ready>, now: Timestamp) -> store::Result<()> {
    store
        .write(move |conn| {
            let id = campaigns::save(conn, &campaign, &file, now)?;
            for Ready { guest, stamp, letter } in &ready {
                campaigns::invite(conn, id, guest, stamp, letter, now)?;
            }
            Ok(())
        })
        .await
}
