//! `preview`: every letter as a file, before it is sent.

use super::{Exit, args::Preview, desk, letters, list, usage, words::counted};
use crate::{
    daemon::Clock,
    model::{Address, Guest},
};
use anyhow::Context as _;
use std::path::Path;

pub async fn run(path: &Path, options: &Preview) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let file = desk::campaign_file(&config, options.which.campaign.as_deref()).await?;
    let list = list::read(&file)?;
    for complaint in &list.complaints {
        anstream::eprintln!("left out: {complaint}");
    }
    let wanted = options.guest.as_deref().map(desk::as_kept);
    let chosen = list.guests.iter().filter(|guest| wanted.as_ref().is_none_or(|email| guest.email.as_str() == email));
    let guests: Vec<Guest> = chosen.take(options.limit.unwrap_or(usize::MAX)).cloned().collect();
    if let (true, Some(email)) = (guests.is_empty(), &wanted) {
        return Err(usage(format!("{} has no guest {email}", file.contacts.display())));
    }
    let templates = letters::templates(&file)?;
    let ready = letters::render(&config, &file, &templates, &list.columns, &guests, Clock::default().now())?;
    for note in letters::fallbacks(&file, &templates, &guests) {
        anstream::eprintln!("note: {note}");
    }
    std::fs::create_dir_all(&options.to).with_context(|| format!("cannot make the folder {}", options.to.display()))?;
    let removed = remove_older(&options.to)?;
    if removed > 0 {
        anstream::println!("{} of an earlier preview removed from {}.", counted(removed, "file"), options.to.display());
    }
    for (number, one) in ready.iter().enumerate() {
        let stem = options.to.join(stem(number + 1, &one.guest.email));
        for (extension, bytes) in [("eml", one.letter.raw.as_slice()), ("html", one.letter.html.as_bytes())] {
            let path = stem.with_file_name(format!("{}.{extension}", stem.file_name().unwrap_or_default().to_string_lossy()));
            std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    let letters = counted(ready.len(), "letter");
    anstream::println!("{letters} written to {}, each as .eml and .html. Nothing was sent.", options.to.display());
    Ok(if list.complaints.is_empty() { Exit::Done } else { Exit::Failed })
}

/// The name of a letter's files, without its ending.
fn stem(number: usize, email: &Address) -> String {
    let safe: String = email.as_str().chars().map(|c| if c.is_ascii_alphanumeric() || "@.-_+".contains(c) { c } else { '_' }).collect();
    format!("{number:04}-{safe}")
}

/// Removes what an earlier preview wrote, so that only letters lie there that would be sent; how many files.
fn remove_older(folder: &Path) -> anyhow::Result<usize> {
    let context = || format!("cannot read the folder {}", folder.display());
    let mut older = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        if entry.file_name().to_str().is_some_and(is_ours) && entry.file_type().with_context(context)?.is_file() {
            older.push(entry.path());
        }
    }
    for path in &older {
        std::fs::remove_file(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(older.len())
}

/// Whether `preview` gives a file this very name.
fn is_ours(name: &str) -> bool {
    let Some(bare) = name.strip_suffix(".eml").or_else(|| name.strip_suffix(".html")) else { return false };
    let Some((number, email)) = bare.split_once('-') else { return false };
    match (number.parse::<usize>(), Address::parse(email)) {
        (Ok(number), Ok(email)) => number > 0 && stem(number, &email) == bare,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_ours, stem};
    use crate::model::Address;

    #[test]
    fn only_names_that_preview_gives_are_ours() {
        for email in ["ana@x.example", "a-b+c@x-y.example", "o'neil@x.example", "jürgen@bücher.example"] {
            let stem = stem(12_345, &Address::parse(email).expect(email));
            assert!(is_ours(&format!("{stem}.eml")) && is_ours(&format!("{stem}.html")), "{stem}");
        }
        assert!(is_ours("0001-ana@x.example.eml"));
        for name in [
            "0000-ana@x.example.eml",
            "001-ana@x.example.eml",
            "00001-ana@x.example.eml",
            "+001-ana@x.example.eml",
            "0001-ana.eml",
            "0001-Ana@x.example.eml",
            "0001-o'neil@x.example.eml",
            "0001-ana@x.example.txt",
            "0001-ana@x.example.EML",
            "0001-ana@x.example",
            "0001 ana@x.example.eml",
            "copy of 0001-ana@x.example.eml",
            "ana@x.example.eml",
        ] {
            assert!(!is_ours(name), "{name}");
        }
    }
}
