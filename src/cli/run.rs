//! `run`: the daemon.

use super::{Exit, desk, folders};
use crate::{
    config::Environment,
    daemon::{self, Clock, Works},
    store::{
        Connection,
        lock::{Lock, NotLocked},
    },
};
use anyhow::Context as _;
use std::{io::IsTerminal as _, path::Path};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

pub async fn run(path: &Path) -> anyhow::Result<Exit> {
    log();
    let config = desk::configuration(path)?;
    let environment = Environment::of_process();
    let lock = match Lock::take(&config.database, &format!("the daemon, process {}", std::process::id())) {
        Err(held @ NotLocked::Held { .. }) => Err(held).context("only one daemon may work on a database; stop the other one first")?,
        lock => lock?,
    };
    let store = desk::database(&config)?;
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
    let stop = CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let asked = stop.clone();
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("stopping");
        asked.cancel();
    });
    tracing::info!(sends = sender.is_some(), reads = reader.is_some() || !files.is_empty(), folders = files.len(), "started");
    daemon::run(Works { store, watch, clock: Clock::default(), sender, connections, reader, copyist, files }, stop).await?;
    drop(lock);
    tracing::info!("stopped");
    Ok(Exit::Done)
}

/// Log lines go to standard error, where systemd takes them. `CONVOKE_LOG` sets the filter; libraries that
/// print sign-in lines at their lowest level stay at info.
fn log() {
    let filter = std::env::var("CONVOKE_LOG").unwrap_or_else(|_| "info".into());
    let filter = EnvFilter::new(format!("{filter},async_imap=info,imap_proto=info,imap_next=info,lettre=info,rustls=warn"));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).with_target(false);
    let _ = lines.try_init();
}
