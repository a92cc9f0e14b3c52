//! `pause` and `resume`.

use super::{Exit, args::Which, desk, outbox, words::counted};
use crate::store::{campaigns, views};
use std::path::Path;

pub async fn run(path: &Path, which: &Which, paused: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let known = desk::known_campaign(&store, which.campaign.as_deref()).await?;
    let name = known.campaign.name.clone();
    // A backup that was put back is paused, and keeps the reason: by it `outbox confirm` knows that letters may have left.
    if !paused || !outbox::is_restored(&known) {
        store.write(move |conn| campaigns::set_paused(conn, &name, paused)).await?;
    }
    let waiting = store.read(move |conn| views::in_state(conn, known.id, "queued")).await?;
    let name = &known.campaign.name;
    let (verb, them) = if waiting == 1 { ("waits", "it") } else { ("wait", "them") };
    let letters = counted(waiting, "letter");
    match (paused, waiting) {
        (true, _) => anstream::println!("{name} is paused; {letters} {verb}."),
        (false, 0) => anstream::println!("{name} is not paused any more; no letter waits."),
        (false, _) => anstream::println!(
            "{name} is not paused any more; {letters} {verb}: `convoke send {name}`, or a daemon that runs, goes on with {them}."
        ),
    }
    Ok(Exit::Done)
}
