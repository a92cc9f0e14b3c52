//! `learned export`: the organiser's rulings on mails, as JSON lines for the corpus.

use super::{
    Exit,
    args::{Learned, LearnedCommand},
    desk,
    words::counted,
};
use crate::work::learned;
use anyhow::Context as _;
use std::{io::Write as _, path::Path};

pub async fn run(path: &Path, options: &Learned) -> anyhow::Result<Exit> {
    let LearnedCommand::Export { to } = &options.word;
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let ours = [config.sender.name.clone(), config.sender.from.local().to_owned(), config.sender.reply_to.local().to_owned()];
    let examples = learned::examples(&store, &ours).await?;
    let mut lines = Vec::new();
    for example in &examples {
        serde_json::to_writer(&mut lines, example)?;
        lines.push(b'\n');
    }
    match to {
        Some(to) => {
            desk::create(to)?.write_all(&lines).with_context(|| format!("cannot write {}", to.display()))?;
            anstream::println!("{} written to {}.", counted(examples.len(), "example"), to.display());
        }
        None => std::io::stdout().lock().write_all(&lines)?,
    }
    if !examples.is_empty() {
        anstream::eprintln!(
            "Replaced are the names of guests, senders, substitutes and signers, addresses, links, car plates and numbers of five digits and \
             more; whoever else is named, streets and house numbers may stand in the texts: read them before you give them away."
        );
    }
    Ok(Exit::Done)
}
