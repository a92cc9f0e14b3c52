//! `run`: the daemon.

use super::{Exit, desk, folders, hands};
use crate::{
    config::Environment,
    daemon::{self, Clock, Works},
    store::{
        self, Connection,
        lock::{Footing, Lock, NotLocked},
    },
};
use anyhow::Context as _;
use std::{io::IsTerminal as _, path::Path, sync::Arc};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

pub async fn run(path: &Path) -> anyhow::Result<Exit> {
    log();
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

/// Log lines go to standard error, where systemd takes them.
fn log() {
    let filter = EnvFilter::new(filter(&std::env::var("CONVOKE_LOG").unwrap_or_default()));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).with_target(false);
    // A line that cannot be written (a full disk, a pipe that nobody reads) is lost; to complain of it in the same place would end the
    // program.
    let lines = lines.log_internal_errors(false);
    let _ = lines.try_init();
}

/// What is logged. `CONVOKE_LOG` is a level, or levels for parts of this crate (`convoke::net=trace`), apart by commas. Of the
/// libraries no more than information is heard, whatever it asks for: below that they print letters, names and sign-in lines.
fn filter(asked: &str) -> String {
    let mut filter = "info,rustls=warn".to_owned();
    for word in asked.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word.parse::<LevelFilter>() {
            Ok(level) if level < LevelFilter::INFO => filter = format!("{filter},{level},rustls={level},convoke={level}"),
            Ok(level) => filter = format!("{filter},convoke={level}"),
            Err(_) if word.starts_with("convoke=") || word.starts_with("convoke::") => filter = format!("{filter},{word}"),
            Err(_) => anstream::eprintln!(
                "warning: CONVOKE_LOG: {word:?} is passed over; say a level (error, warn, info, debug, trace) or convoke::PART=LEVEL"
            ),
        }
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_for_this_crate_and_the_libraries_never_say_more_than_information() {
        assert_eq!(filter(""), "info,rustls=warn");
        assert_eq!(filter("debug"), "info,rustls=warn,convoke=debug");
        assert_eq!(filter(" TRACE , convoke::net=info,html5ever=trace"), "info,rustls=warn,convoke=trace,convoke::net=info");
        assert_eq!(filter("warn"), "info,rustls=warn,warn,rustls=warn,convoke=warn");
        assert_eq!(filter("off"), "info,rustls=warn,off,rustls=off,convoke=off");
    }
}
