//! `record`: what a guest told the organiser otherwise.

use super::{
    Exit,
    args::{Decision, Record},
    desk,
};
use crate::{
    daemon::Clock,
    model::Answer,
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
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let guest = desk::guest(&store, &options.email, options.campaign.as_deref()).await?;
    let answer = options.answer.answer();
    let ruling = Ruling { answer, party: options.party, delegate: None, note: options.note };
    rule::record(&store, guest.invitation, ruling, Clock::default().now()).await?;
    anstream::println!("{} <{}>: {answer}, recorded by you.", guest.name, guest.email);
    Ok(Exit::Done)
}
