//! `record`: what a guest told the organiser otherwise.

use super::{
    Exit,
    args::{Decision, Record},
    desk, usage,
};
use crate::{
    daemon::Clock,
    model::Answer,
    store::kept,
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
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let guest = desk::guest(&store, &options.email, options.campaign.as_deref()).await?;
    let invitation = guest.invitation;
    let mail = if options.by_mail {
        let newest = store.read(move |conn| kept::newest_in_words(conn, invitation)).await?;
        Some(newest.ok_or_else(|| usage(format!("{} has written nothing in words; leave --by-mail out", guest.email)))?)
    } else {
        None
    };
    let ruling = Ruling { answer, party: options.party, delegate: None, note: options.note, mail };
    rule::record(&store, invitation, ruling, None, Clock::default().now()).await?;
    anstream::println!("{} <{}>: {answer}, recorded by you.", guest.name, guest.email);
    Ok(Exit::Done)
}
