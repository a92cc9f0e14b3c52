//! `backup`: a copy of the database, also while the daemon runs.

use super::{Exit, args::Backup, desk};
use crate::store::backup;
use anyhow::Context as _;
use std::path::Path;

pub async fn run(path: &Path, options: &Backup) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let file = options.file.clone();
    drop(desk::create(&file)?);
    let outcome = store.read(move |conn| backup::copy(conn, &file)).await;
    if outcome.is_err() {
        let _ = std::fs::remove_file(&options.file);
    }
    outcome.with_context(|| format!("cannot copy the database to {}", options.file.display()))?;
    anstream::println!("Copied to {}.", options.file.display());
    Ok(Exit::Done)
}
