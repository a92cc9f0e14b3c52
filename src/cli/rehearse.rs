//! `rehearse`: the organiser's own campaign in the sandbox. No real mail, and the real database is not touched.

use super::{
    Exit,
    args::Rehearse,
    desk, letters, list,
    stage::{self, Ground, Play, Played},
    status, usage,
};
use crate::{daemon::Clock, model::Address, sandbox::Guests};
use std::{path::Path, time::Duration};

/// A rehearsal is broken off after so long.
const LIMIT: Duration = Duration::from_secs(300);
/// The same list gives the same play.
const SEED: u64 = 1;

pub async fn run(path: &Path, options: &Rehearse, json: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let file = desk::campaign_file(&config, options.which.campaign.as_deref()).await?;
    let list = list::read(&file)?;
    for complaint in &list.complaints {
        anstream::eprintln!("left out: {complaint}");
    }
    let templates = letters::templates(&file)?;
    let ground = Ground::of(options.keep.as_deref())?;
    let folder = ground.path();
    // Its database would be taken for the real one.
    if std::fs::canonicalize(folder)? == std::fs::canonicalize(desk::folder_of(&config.database)).unwrap_or_default() {
        return Err(usage(format!("{} is the folder of your own database; name another folder", folder.display())));
    }
    let addresses: Vec<Address> = list.guests.iter().map(|guest| guest.email.clone()).collect();
    if !json {
        anstream::println!("Rehearsing with {} guests. No real mail is sent, and your database is not touched.\n", list.guests.len());
    }
    let play = Play {
        ground: &ground,
        file: &file,
        templates: &templates,
        sender: &config.sender,
        list: &list.guests,
        guests: Guests::plausible(&addresses, SEED),
        clock: Clock::default(),
        limit: LIMIT,
    };
    let Played { status, guests, .. } = stage::play(play).await?;
    if json {
        anstream::println!("{}", serde_json::to_string(&status)?);
    } else {
        anstream::println!("{}\n", super::guests::words(&guests));
        anstream::print!("{}", status::numbers(&status));
        anstream::println!("\nThese answers were made up by the rehearsal; your guests will write their own.");
    }
    Ok(if list.complaints.is_empty() { Exit::Done } else { Exit::Failed })
}
