//! From a guest list to letters in the queue.

use super::edition::Set;
use crate::{
    compose::{self, Flaw, Press, Templates},
    model::{Address, Campaign, Guest, Kind, Letter, Sender, Stamp, Token, words},
    plan::{Invitees, Known},
    store::{
        self, Store, campaigns,
        editions::{self, Content, SUBJECTS},
        outbox::{self, Envelope},
    },
};
use jiff::Timestamp;
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// A letter as it would be queued, rendered to be looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ready {
    pub guest: Guest,
    pub stamp: Stamp,
    pub letter: Letter,
}

/// The list set beside what the database knows of this campaign.
pub async fn invitees(store: &Store, campaign: &str, list: Vec<Guest>) -> store::Result<Invitees> {
    let name = campaign.to_owned();
    let (known, withdrawn) = store
        .read(move |conn| match campaigns::by_name(conn, &name)? {
            Some(known) => Ok((campaigns::invited(conn, known.id)?, outbox::withdrawn(conn, known.id)?)),
            None => Ok((Vec::new(), HashSet::new())),
        })
        .await?;
    let known = known.into_iter().map(|i| {
        let withdrawn = withdrawn.contains(&i.id).then_some(i.id);
        Known { listed: i.listed, name_key: i.name_key, email: i.email, name: i.name, withdrawn }
    });
    Ok(Invitees::taking(list, &known.collect::<Vec<_>>()))
}

/// Who of these guests asked for no more letters, in this campaign or in another: (address, campaign), in the order of the guests.
pub async fn unwilling(store: &Store, guests: &[Guest]) -> store::Result<Vec<(Address, String)>> {
    if guests.is_empty() {
        return Ok(Vec::new());
    }
    let asked: HashMap<String, String> = store.read(campaigns::no_more_letters).await?.into_iter().collect();
    let campaign = |guest: &Guest| Some((guest.email.clone(), asked.get(guest.email.as_str())?.clone()));
    Ok(guests.iter().filter_map(campaign).collect())
}

fn first(token: Token, now: Timestamp) -> Stamp {
    Stamp { token, kind: Kind::Invitation, number: 1, date: now, earlier: Vec::new() }
}

/// Renders the first letter of each guest, to look at them. All that is missing, in all letters, at once.
///
/// `chance` gives 64 random bits a call. Every letter is held: for a whole campaign, [`check`] is enough.
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
        let stamp = first(Token::from_bits(chance()), now);
        match compose::letter(templates, campaign, sender, guest, &stamp) {
            Ok(letter) => ready.push(Ready { guest: guest.clone(), stamp, letter }),
            Err(missing) => flaws.extend(missing),
        }
    }
    if flaws.is_empty() { Ok(ready) } else { Err(flaws) }
}

/// How many flaws are held; of more than that only the first are told.
const FLAWS: usize = 10_000;

/// What a look at every letter found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Checked {
    /// The letter of the first guest, as an example: its token is not the one that will be sent.
    pub first: Option<Ready>,
    /// Subjects without their tags, each once, at most [`SUBJECTS`].
    pub subjects: BTreeSet<String>,
}

/// Writes the first letter of each guest and lets go of it: proof that each can be written. All that is missing, in all
/// letters, at once. What is held does not grow with the number of guests, flaws aside.
pub fn check(templates: &Templates, campaign: &Campaign, sender: &Sender, guests: &[Guest], now: Timestamp) -> Result<Checked, Vec<Flaw>> {
    let stamp = first(Token::from_bits(0), now);
    let tag = words::tag(&stamp.token, None);
    let mut checked = Checked::default();
    let mut flaws = Vec::new();
    let mut press = Press::new(Arc::new(templates.clone()), campaign.clone(), sender.clone());
    for guest in guests {
        match press.letter(guest, &stamp) {
            Ok(letter) => {
                if checked.subjects.len() < SUBJECTS {
                    checked.subjects.insert(letter.subject.replace(&tag, "").trim().to_owned());
                }
                if checked.first.is_none() {
                    checked.first = Some(Ready { guest: guest.clone(), stamp: stamp.clone(), letter });
                }
            }
            Err(missing) if flaws.len() < FLAWS => flaws.extend(missing),
            Err(_) => {}
        }
    }
    if flaws.is_empty() { Ok(checked) } else { Err(flaws) }
}

/// Guests to be invited together, with what their letters are written from. All of them were [`check`]ed.
pub struct Round {
    /// As it is in its file now.
    pub campaign: Campaign,
    /// The campaign file, absolute.
    pub file: String,
    /// It becomes the campaign's edition; letters that are queued already keep theirs.
    pub content: Content,
    pub guests: Vec<Guest>,
    /// The invitations of the first of the guests, as [`Invitees::again`] has them: they exist, and their letters were withdrawn.
    pub again: Vec<i64>,
    /// As [`check`] found them.
    pub subjects: BTreeSet<String>,
}

/// Queues a letter for each guest, all in one transaction: after it, every guest of them is invited; before it, none.
/// How many those are: who was invited again meanwhile is none of them. A token is 60 bits of `chance`; a guest who is invited again keeps the one of before.
pub async fn queue(store: &Store, round: Round, now: Timestamp, mut chance: impl FnMut() -> u64 + Send + 'static) -> store::Result<usize> {
    let Round { campaign, file, content, guests, again, subjects } = round;
    let set = Set::of(&content).map_err(|flaws| store::Error::Unreadable(super::edition::told(&flaws)))?;
    store
        .write(move |conn| {
            let id = campaigns::save(conn, &campaign, &file, now)?;
            let edition = editions::keep(conn, id, &content, now)?;
            editions::keep_subjects(conn, id, subjects.iter().map(String::as_str))?;
            // What another process has queued again meanwhile is no longer there.
            let mut withdrawn = if again.is_empty() { HashSet::new() } else { outbox::withdrawn(conn, id)? };
            let mut again = again.into_iter();
            store::with_room(conn, |conn| {
                let mut queued = 0;
                for guest in guests {
                    let Some(invitation) = again.next() else {
                        let stamp = first(Token::from_bits(chance()), now);
                        campaigns::invite(conn, (id, edition), &guest, &stamp, &envelope(&set, &guest, &stamp), now)?;
                        queued += 1;
                        continue;
                    };
                    if withdrawn.remove(&invitation)
                        && let Some(known) = campaigns::invitation(conn, invitation)?
                    {
                        let (earlier, number) = outbox::earlier(conn, invitation, Kind::Invitation)?;
                        let stamp = Stamp { number: number.saturating_add(1), earlier, ..first(known.token, now) };
                        let envelope = envelope(&set, &guest, &stamp);
                        campaigns::invite_again(conn, (invitation, id, edition), &guest, &stamp, &envelope, now)?;
                        queued += 1;
                    }
                }
                Ok(queued)
            })
        })
        .await
}

/// What the row of a letter needs, without writing the letter.
pub(super) fn envelope(set: &Set, guest: &Guest, stamp: &Stamp) -> Envelope {
    let fallback = &set.campaign.language;
    Envelope {
        message_id: stamp.message_id(set.sender.from.domain()),
        lang: set.templates.language_for(stamp.kind, guest.lang.as_ref(), fallback).unwrap_or_else(|| fallback.clone()),
        mail_from: compose::mail_from(&set.sender, stamp),
        rcpt_to: guest.email.clone(),
    }
}
