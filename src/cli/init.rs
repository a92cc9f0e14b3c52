//! `init`: files to start from.

use super::{Exit, args::Init};
use crate::config;
use anyhow::Context as _;
use jiff::{ToSpan as _, Zoned};

const TEMPLATES: [(&str, &str); 8] = [
    ("invitation.ro.md", include_str!("../../templates/workshop/invitation.ro.md")),
    ("invitation.en.md", include_str!("../../templates/workshop/invitation.en.md")),
    ("invitation.nl.md", include_str!("../../templates/workshop/invitation.nl.md")),
    ("invitation.it.md", include_str!("../../templates/workshop/invitation.it.md")),
    ("invitation.hr.md", include_str!("../../templates/workshop/invitation.hr.md")),
    ("invitation.lt.md", include_str!("../../templates/workshop/invitation.lt.md")),
    ("invitation.fi.md", include_str!("../../templates/workshop/invitation.fi.md")),
    ("layout.html", include_str!("../../templates/workshop/layout.html")),
];

pub fn run(options: &Init) -> anyhow::Result<Exit> {
    let folder = &options.folder;
    let now = Zoned::now();
    let day = now.date().saturating_add(30.days());
    let zone = now.time_zone().iana_name().unwrap_or("Europe/Brussels");
    let mut files = vec![
        ("convoke.toml".to_owned(), config::starter_config().to_owned()),
        ("workshop.toml".to_owned(), config::starter_campaign("workshop", day, zone)),
        ("contacts/workshop.csv".to_owned(), include_str!("../../contacts/workshop.csv").to_owned()),
    ];
    files.extend(TEMPLATES.map(|(name, text)| (format!("templates/workshop/{name}"), text.to_owned())));
    for (name, text) in files {
        let path = folder.join(name);
        if path.exists() {
            anstream::println!("kept    {}", path.display());
            continue;
        }
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
        use std::io::Write as _;
        super::desk::create(&path)?.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
        anstream::println!("written {}", path.display());
    }
    anstream::println!("\nNext: put your mail server into convoke.toml, your guests into contacts/workshop.csv, and run `convoke check`.");
    Ok(Exit::Done)
}
