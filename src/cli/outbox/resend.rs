//! `outbox resend --failed`: all letters of a campaign that were refused for good.

use super::{
    super::{
        Exit, desk, number,
        words::{counted, tell},
    },
    has_changed, named, show,
};
use crate::{
    daemon::Clock,
    store::{
        self, Store,
        campaigns::Known,
        outbox::{self, Apart, Waiting},
    },
    work::rule::{self, Word},
};

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
    for Waiting { letter, invitation, email, .. } in letters {
        if rule::refused(store, *letter, Clock::default().now()).await? {
            tell(json, named::done(Word::Resend, email));
            if named::is_of_before(store, *invitation).await? {
                tell(json, named::OF_BEFORE);
            }
            queued += 1;
        } else {
            tell(json, has_changed(email));
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

/// Who lets letters go that were queued again.
pub fn delivery(known: &Known, letters: usize) -> String {
    let (name, them) = (&known.campaign.name, if letters == 1 { "it" } else { "them" });
    if known.paused {
        return format!(
            "The campaign is paused: `convoke resume {name}`, and then `convoke send {name}` or a daemon that runs, lets {them} go."
        );
    }
    format!("`convoke send {name}` (or the daemon) delivers {them}.")
}
