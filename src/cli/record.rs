//! `record`: what a guest told the organiser otherwise.

use super::{
    Exit,
    args::{Decision, Record},
    desk, outbox, table, usage,
    words::decided,
};
use crate::{
    daemon::Clock,
    model::{Address, Answer, Delegate},
    store::{journal, kept},
    work::rule::{self, Ruling},
};
use std::path::Path;

impl Decision {
    pub fn answer(self) -> Answer {
        match self {
            Self::Accept => Answer::Accept,
            Self::Decline => Answer::Decline,
            Self::Delegate => Answer::Delegate,
            Self::Tentative => Answer::Tentative,
        }
    }
}

pub async fn run(path: &Path, options: Record) -> anyhow::Result<Exit> {
    let answer = options.answer.answer();
    if answer == Answer::Decline && options.party.is_some() {
        return Err(usage("--party says how many come, and a guest who declines brings nobody; leave --party out"));
    }
    let delegate = match &options.instead {
        Some(_) if answer != Answer::Delegate => {
            return Err(usage("--instead says who comes in the guest's place; it goes with delegate only"));
        }
        Some(text) => Some(instead(text)?),
        None => None,
    };
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let guest = desk::guest(&store, &options.email, options.campaign.as_deref()).await?;
    if let Some(email) = delegate.as_ref().and_then(|delegate| delegate.email.as_ref())
        && email.as_str() == guest.email
    {
        return Err(usage(format!("{email} is the guest's own address; --instead says who comes in the guest's place")));
    }
    let invitation = guest.invitation;
    let mail = if options.by_mail {
        let newest = store.read(move |conn| kept::newest_in_words(conn, invitation)).await?;
        Some(newest.ok_or_else(|| usage(format!("{} has written nothing in words; leave --by-mail out", guest.email)))?)
    } else {
        None
    };
    let ruling = Ruling { answer, party: options.party, delegate, note: options.note, mail };
    rule::record(&store, invitation, ruling, None, Clock::default().now()).await?;
    let standing = store.read(move |conn| journal::standing(conn, invitation)).await?;
    let decided = decided(standing.answer, standing.party, standing.delegate.as_ref());
    anstream::println!("{} <{}>: {}, recorded by you.", guest.name, guest.email, table::plain(&decided));
    if let Some(letter) = outbox::after_answer(&store, invitation, answer).await? {
        anstream::println!("{letter}");
    }
    Ok(Exit::Done)
}

/// A name, an address, or both as in a mail's header.
fn instead(text: &str) -> anyhow::Result<Delegate> {
    let (name, email) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, email)) => (name.trim(), Some(email)),
        None if text.contains('@') => ("", Some(text.trim())),
        None => (text.trim(), None),
    };
    let wrong = |error| usage(format!("--instead {text:?} has no address that can be: {error}"));
    let email = email.map(Address::parse).transpose().map_err(wrong)?;
    if name.is_empty() && email.is_none() {
        return Err(usage("--instead names nobody; leave it out"));
    }
    Ok(Delegate { name: (!name.is_empty()).then(|| name.to_owned()), email })
}
