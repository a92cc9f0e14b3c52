//! `pause` and `resume`.

use super::{Exit, args::Which, desk, words::counted};
use crate::store::{campaigns, views};
use std::path::Path;

pub async fn run(path: &Path, which: &Which, paused: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let known = desk::known_campaign(&store, which.campaign.as_deref()).await?;
    let name = known.campaign.name.clone();
    store.write(move |conn| campaigns::set_paused(conn, &name, paused)).await?;
    let waiting = store.read(move |conn| views::in_state(conn, known.id, "queued")).await?;
    let (name, state) = (&known.campaign.name, if paused { "paused" } else { "going on" });
    let verb = if waiting == 1 { "waits" } else { "wait" };
    anstream::println!("{name} is {state}; {} {verb}.", counted(waiting, "letter"));
    Ok(Exit::Done)
}
