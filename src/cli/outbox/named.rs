//! `outbox resend` and `outbox confirm` of letters whose guests were named.

use super::{
    super::{Exit, desk, usage, words::tell},
    confirm, resend,
};
use crate::{
    daemon::Clock,
    store::{self, Store, campaigns, editions, outbox, views::GuestRow},
    work::rule::{self, Word},
};

/// Rules on the newest letter of each guest. Whoever is named must be known before anything becomes of any letter; a letter that stays
/// as it is stops no other.
pub async fn letters(store: &Store, emails: &[String], campaign: Option<&str>, word: Word, json: bool) -> anyhow::Result<Exit> {
    let all = desk::Guests::of(store, campaign).await?;
    let mut guests: Vec<&GuestRow> = Vec::new();
    for email in emails {
        let guest = all.one(email)?;
        if guests.iter().all(|named| named.invitation != guest.invitation) {
            guests.push(guest);
        }
    }
    let alone = guests.len() == 1;
    let (mut ruled, mut left) = (Vec::new(), Vec::new());
    for guest in guests {
        match left_as_it_is(store, guest, word, alone).await? {
            Some(why) => left.push(why),
            None => {
                tell(json, done(word, &guest.email));
                if word == Word::Resend && is_of_before(store, guest.invitation).await? {
                    tell(json, OF_BEFORE);
                }
                ruled.push(guest.campaign);
            }
        }
    }
    match word {
        Word::Resend => {
            for known in store.read(campaigns::all).await? {
                let letters = ruled.iter().filter(|id| **id == known.id).count();
                if letters > 0 {
                    tell(json, resend::delivery(&known, letters));
                }
            }
        }
        Word::Confirm if alone => {}
        Word::Confirm => tell(json, confirm::sum(ruled.len(), left.len())),
    }
    if left.is_empty() { Ok(Exit::Done) } else { Err(usage(left.join("\n"))) }
}

/// What became of a letter.
pub fn done(word: Word, email: &str) -> String {
    match word {
        Word::Resend => format!("The letter to {email} is queued again."),
        Word::Confirm => format!("The letter to {email} counts as sent."),
    }
}

/// What is to be known of a letter that is not written anew.
pub const OF_BEFORE: &str =
    "Careful: it goes as it was written, with another start or place than the event has now; tell the guest of the new one.";

/// Whether the newest letter of a guest names another start or place than the event has now.
pub async fn is_of_before(store: &Store, invitation: i64) -> store::Result<bool> {
    let look = move |conn: &store::Connection| match outbox::newest(conn, invitation)? {
        Some(letter) => editions::is_of_another_event(conn, letter),
        None => Ok(false),
    };
    store.read(look).await
}

/// Rules on a guest's newest letter, or says why not. One of which nobody knows whether it left is sent again `alone`, so that nobody
/// is invited twice by a list of addresses.
async fn left_as_it_is(store: &Store, guest: &GuestRow, word: Word, alone: bool) -> anyhow::Result<Option<String>> {
    let (id, email, state) = (guest.invitation, &guest.email, guest.delivery.as_str());
    let Some(newest) = store.read(move |conn| outbox::newest(conn, id)).await? else {
        return Ok(Some(format!("{email} has no letter")));
    };
    let states: &[&str] = match word {
        Word::Resend => &["uncertain", "failed", "bounced", "cancelled"],
        Word::Confirm => &["uncertain", "queued"],
    };
    if state == "sending" {
        return Ok(Some(format!(
            "the letter to {email} is on its way, or the program that sent it was stopped in the middle: the next `convoke send`, or the \
             daemon, finds out which; say it again then"
        )));
    }
    if !states.contains(&state) {
        return Ok(Some(format!("the newest letter to {email} is {state}, not {}", states.join(" or "))));
    }
    if word == Word::Resend && state == "uncertain" && !alone {
        return Ok(Some(format!(
            "the letter to {email} may have left, so it is not sent again together with others: look into your Sent folder, or ask the \
             guest; then `convoke outbox confirm {email}` or `convoke outbox resend {email}`"
        )));
    }
    if word == Word::Confirm && state == "queued" && !store.read(move |conn| outbox::may_be_confirmed(conn, newest)).await? {
        return Ok(Some(format!(
            "the letter to {email} waits and has not left; only in a backup that was put back, and before `resume`, it could have: \
             `convoke outbox cancel {email}` withdraws it"
        )));
    }
    match rule::letter(store, newest, word, Clock::default().now()).await {
        Ok(true) => Ok(None),
        Ok(false) if word == Word::Resend => {
            Ok(Some(format!("another letter to {email} was queued meanwhile; `convoke show {email}` tells")))
        }
        Ok(false) | Err(store::Error::Law(_)) => {
            Ok(Some(format!("the letter to {email} has changed meanwhile; `convoke show {email}` tells")))
        }
        Err(error) => Err(error.into()),
    }
}
