//! `init`: files to start from.

use super::{Exit, args::Init};
use crate::config;
use anyhow::Context as _;
use jiff::{ToSpan as _, Zoned, civil::Date};

const FILES: [(&str, &str); 9] = [
    ("contacts/workshop.csv", include_str!("../../contacts/workshop.csv")),
    ("templates/workshop/invitation.ro.md", include_str!("../../templates/workshop/invitation.ro.md")),
    ("templates/workshop/invitation.en.md", include_str!("../../templates/workshop/invitation.en.md")),
    ("templates/workshop/invitation.nl.md", include_str!("../../templates/workshop/invitation.nl.md")),
    ("templates/workshop/invitation.it.md", include_str!("../../templates/workshop/invitation.it.md")),
    ("templates/workshop/invitation.hr.md", include_str!("../../templates/workshop/invitation.hr.md")),
    ("templates/workshop/invitation.lt.md", include_str!("../../templates/workshop/invitation.lt.md")),
    ("templates/workshop/invitation.fi.md", include_str!("../../templates/workshop/invitation.fi.md")),
    ("templates/workshop/layout.html", include_str!("../../templates/workshop/layout.html")),
];

/// The shipped campaign's list and templates: name in the folder, text.
pub fn campaign_files<'a>() -> impl Iterator<Item = (&'a str, &'a str)> {
    FILES.into_iter()
}

/// Whether this is the event's link in the campaign file that `init` writes.
pub fn is_sample_link(link: &str) -> bool {
    config::starter_campaign("workshop", Date::default(), "UTC").contains(&format!("\"{link}\""))
}

/// Whether this text is a letter that `init` writes, unchanged.
pub fn is_sample_letter(text: &str) -> bool {
    campaign_files().any(|(name, sample)| name.ends_with(".md") && sample == text)
}

pub fn run(options: &Init) -> anyhow::Result<Exit> {
    let folder = &options.folder;
    let now = Zoned::now();
    let day = now.date().saturating_add(30.days());
    let zone = now.time_zone().iana_name().unwrap_or("Europe/Brussels");
    let campaign = config::starter_campaign("workshop", day, zone);
    for (name, text) in [("convoke.toml", config::starter_config()), ("workshop.toml", &campaign)].into_iter().chain(campaign_files()) {
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
    anstream::println!(
        "\nNext: put your mail server into convoke.toml, your event into workshop.toml, your guests into contacts/workshop.csv and"
    );
    anstream::println!(
        "your letter into templates/workshop: what stands there is a sample about somebody else's event. Then run `convoke check`."
    );
    Ok(Exit::Done)
}
