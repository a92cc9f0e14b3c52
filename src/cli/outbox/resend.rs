//! `outbox resend`: letters whose guests were named, or all of a campaign that were refused for good.

use super::{
    super::{
        Exit, desk,
        list::NAMED,
        number, table, usage,
        words::{counted, tell},
    },
    why,
};
use crate::{
    daemon::Clock,
    store::{
        self, Store,
        campaigns::{self, Known},
        outbox::{self, Apart, Waiting},
        views::GuestRow,
    },
    work::rule::{self, Word},
};

/// Sends the newest letter of each guest again. Whoever is named must be known before any letter is queued; a letter that cannot be
/// sent again stops no other.
pub async fn named(store: &Store, words: &[String], campaign: Option<&str>, json: bool) -> anyhow::Result<Exit> {
    let all = desk::Guests::of(store, campaign).await?;
    let mut guests: Vec<&GuestRow> = Vec::new();
    for word in words {
        let guest = all.one(word)?;
        if guests.iter().all(|named| named.invitation != guest.invitation) {
            guests.push(guest);
        }
    }
    let alone = guests.len() == 1;
    let (mut queued, mut left) = (Vec::new(), Vec::new());
    for guest in guests {
        match left_as_it_is(store, guest, alone).await? {
            Some(why) => left.push(why),
            None => {
                tell(json, format_args!("The letter to {} is queued again.", guest.email));
                queued.push(guest.campaign);
            }
        }
    }
    for known in store.read(campaigns::all).await? {
        let letters = queued.iter().filter(|id| **id == known.id).count();
        if letters > 0 {
            tell(json, delivery(&known, letters));
        }
    }
    if left.is_empty() { Ok(Exit::Done) } else { Err(usage(left.join("\n"))) }
}

/// Queues a guest's newest letter again, or says why not. One of which nobody knows whether it left goes `alone`, so that nobody is
/// invited twice by a list of addresses.
async fn left_as_it_is(store: &Store, guest: &GuestRow, alone: bool) -> anyhow::Result<Option<String>> {
    let (id, email, state) = (guest.invitation, &guest.email, guest.delivery.as_str());
    let Some(newest) = store.read(move |conn| outbox::newest(conn, id)).await? else {
        return Ok(Some(format!("{email} has no letter")));
    };
    let states = ["uncertain", "failed", "bounced", "cancelled"];
    if !states.contains(&state) {
        return Ok(Some(format!("the newest letter to {email} is {state}, not {}", states.join(" or "))));
    }
    if state == "uncertain" && !alone {
        return Ok(Some(format!(
            "the letter to {email} may have left, so it is not sent again together with others: look into your Sent folder, or ask the \
             guest; then `convoke outbox confirm {email}` or `convoke outbox resend {email}`"
        )));
    }
    match rule::letter(store, newest, Word::Resend, Clock::default().now()).await {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some(format!("another letter to {email} was queued meanwhile; `convoke show {email}` tells"))),
        Err(store::Error::Law(_)) => Ok(Some(format!("the letter to {email} has changed meanwhile; `convoke show {email}` tells"))),
        Err(error) => Err(error.into()),
    }
}

/// Sends all letters of a campaign again that were refused for good, after the number was confirmed; those that need a word of their
/// own are told and left out.
pub async fn failed(store: &Store, campaign: Option<&str>, yes: Option<usize>, json: bool) -> anyhow::Result<Exit> {
    let known = desk::known_campaign(store, campaign).await?;
    let (id, name) = (known.id, &known.campaign.name);
    let look = move |conn: &store::Connection| {
        let open = |state| outbox::count(conn, Some(id), &[state]);
        Ok((outbox::refused(conn, id)?, open("uncertain")?, open("bounced")?))
    };
    let (refused, uncertain, bounced) = store.read(look).await?;
    let of =
        |which: Option<Apart>| -> Vec<&Waiting> { refused.iter().filter(|(_, apart)| *apart == which).map(|(letter, _)| letter).collect() };
    let letters = of(None);
    let (all, were) = (counted(refused.len(), "letter"), if refused.len() == 1 { "was" } else { "were" });
    tell(json, format_args!("Campaign {name}: {all} {were} refused for good, {} to send again now.", letters.len()));
    show(&letters, json);
    for (apart, what, cure) in APART {
        let out = of(Some(apart));
        if !out.is_empty() {
            tell(json, format_args!("Left out: {}, because {what}; {cure}:", out.len()));
            show(&out, json);
        }
    }
    if uncertain > 0 {
        let (letters, are) = (counted(uncertain, "letter"), if uncertain == 1 { "is" } else { "are" });
        tell(json, format_args!("{letters} {are} uncertain, and not among them: `convoke outbox {name}` says what to do."));
    }
    if bounced > 0 {
        let (letters, are) = (counted(bounced, "letter"), if bounced == 1 { "is" } else { "are" });
        tell(
            json,
            format_args!(
                "{letters} came back, and {are} not among them: `convoke guests {name} --delivery bounced` names the guests, and `convoke guests fix EMAIL --to NEW` invites at another address."
            ),
        );
    }
    number::confirm(letters.len(), yes, "`convoke outbox`", json)?;
    let mut queued = 0;
    for Waiting { letter, email, .. } in letters {
        if rule::refused(store, *letter, Clock::default().now()).await? {
            tell(json, format_args!("The letter to {email} is queued again."));
            queued += 1;
        } else {
            tell(json, format_args!("The letter to {email} has changed meanwhile, and is left as it is; `convoke show {email}` tells."));
        }
    }
    if queued > 0 {
        tell(json, delivery(&known, queued));
    }
    Ok(Exit::Done)
}

/// Why letters are left out, and what helps.
const APART: [(Apart, &str, &str); 3] = [
    (Apart::NoAddress, "the address does not exist", "`convoke guests fix EMAIL --to NEW` invites at the right one"),
    (
        Apart::MayHaveLeft,
        "an earlier attempt may have left",
        "look into your Sent folder, or ask the guest, then `convoke outbox resend EMAIL`",
    ),
    (Apart::Unwanted, "the guest has said no, or asked for no more letters", "`convoke outbox resend EMAIL` sends it all the same"),
];

fn show(letters: &[&Waiting], json: bool) {
    for letter in letters.iter().take(NAMED) {
        tell(json, format_args!("  {}: {}", letter.email, table::cut(&why(letter), 120)));
    }
    if letters.len() > NAMED {
        tell(json, format_args!("  … and {} more: `convoke outbox` shows all", letters.len() - NAMED));
    }
}

/// Who lets letters go that were queued again.
fn delivery(known: &Known, letters: usize) -> String {
    let (name, them) = (&known.campaign.name, if letters == 1 { "it" } else { "them" });
    if known.paused {
        return format!(
            "The campaign is paused: `convoke resume {name}`, and then `convoke send {name}` or a daemon that runs, lets {them} go."
        );
    }
    format!("`convoke send {name}` (or the daemon) delivers {them}.")
}
