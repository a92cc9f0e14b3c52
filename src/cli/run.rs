//! `run`: the daemon.

use super::{Exit, desk, folders, hands, log};
use crate::{
    config::Environment,
    daemon::{self, Clock, Works},
    store::{
        self, Connection,
        lock::{Footing, Lock, NotLocked},
    },
};
use anyhow::Context as _;
use std::{path::Path, sync::Arc};

pub async fn run(path: &Path) -> anyhow::Result<Exit> {
    log::begin();
    let config = desk::configuration(path)?;
    let environment = Environment::of_process();
    let lock = match Lock::take(&config.database, &format!("the daemon, process {}", std::process::id())) {
        Err(held @ NotLocked::Held { .. }) => Err(held).context("only one daemon may work on a database; stop the other one first")?,
        lock => lock?,
    };
    let store = desk::database_under(&config, &lock)?;
    let footing = Footing::of(&config.database, lock).with_context(|| format!("cannot look at {}", config.database.display()))?;
    let footing = Arc::new(footing);
    let found = store.read(store::look_for_damage).await;
    found.with_context(|| format!("the daemon does not work on {}", config.database.display()))?;
    let watch = Connection::open(&config.database)?;
    let (mut sender, mut reader, mut connections) = (None, None, 0);
    if let Some(smtp) = &config.smtp {
        connections = smtp.connections;
        sender = Some(desk::sender(&config, &environment)?);
    }
    if config.imap.is_some() {
        reader = Some(desk::reader(&config, &environment)?);
    }
    let copyist = desk::copyist(&config, &environment)?;
    let files = folders::on_disk(&config);
    let stop = hands::when_asked()?;
    let asked = stop.clone();
    tokio::spawn(async move {
        asked.cancelled().await;
        tracing::info!("stopping");
    });
    let folders = files.len() + reader.as_ref().map_or(0, |reader| reader.folders.len());
    tracing::info!(sends = sender.is_some(), reads = folders > 0, folders, "started");
    let (clock, held) = (Clock::default(), Some(footing.clone()));
    let works = Works { store, watch, footing: held, clock, sender, connections, reader, copyist, files };
    daemon::run(works, stop).await?;
    drop(footing);
    tracing::info!("stopped");
    Ok(Exit::Done)
}
