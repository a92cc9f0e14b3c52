//! `preview`: every letter as a file, before it is sent.

use super::{Exit, args::Preview, desk, letters, list, usage, words::counted};
use crate::{daemon::Clock, model::Guest};
use anyhow::Context as _;
use std::path::Path;

pub async fn run(path: &Path, options: &Preview) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let file = desk::campaign_file(&config, options.which.campaign.as_deref()).await?;
    let list = list::read(&file)?;
    for complaint in &list.complaints {
        anstream::eprintln!("left out: {complaint}");
    }
    let wanted = options.guest.as_ref().map(|email| email.trim().to_lowercase());
    let chosen = list.guests.iter().filter(|guest| wanted.as_ref().is_none_or(|email| guest.email.as_str() == email));
    let guests: Vec<Guest> = chosen.take(options.limit.unwrap_or(usize::MAX)).cloned().collect();
    if let (true, Some(email)) = (guests.is_empty(), &wanted) {
        return Err(usage(format!("{} has no guest {email}", file.contacts.display())));
    }
    let templates = letters::templates(&file)?;
    let ready = letters::render(&config, &file, &templates, &list.columns, &guests, Clock::default().now())?;
    std::fs::create_dir_all(&options.to).with_context(|| format!("cannot make the folder {}", options.to.display()))?;
    for (number, one) in ready.iter().enumerate() {
        let safe: String =
            one.guest.email.as_str().chars().map(|c| if c.is_ascii_alphanumeric() || "@.-_+".contains(c) { c } else { '_' }).collect();
        let stem = options.to.join(format!("{:04}-{safe}", number + 1));
        for (extension, bytes) in [("eml", one.letter.raw.as_slice()), ("html", one.letter.html.as_bytes())] {
            let path = stem.with_file_name(format!("{}.{extension}", stem.file_name().unwrap_or_default().to_string_lossy()));
            std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    let letters = counted(ready.len(), "letter");
    anstream::println!("{letters} written to {}, each as .eml and .html. Nothing was sent.", options.to.display());
    Ok(if list.complaints.is_empty() { Exit::Done } else { Exit::Failed })
}
