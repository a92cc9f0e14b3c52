//! Templates from their folder, and letters rendered for looking at.

use super::{desk, init, words::counted};
use crate::{
    compose::{Flaw, Templates},
    config::{CampaignFile, Config},
    model::{CalendarPolicy, Guest, Kind, Lang},
    work::invite::{self, Checked, Ready},
};
use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
};

/// A template set is a handful of files; a folder with more is not one.
const FILES: usize = 500;
const BYTES: u64 = 1024 * 1024;

/// Reads and checks the template set of a campaign.
pub fn templates(file: &CampaignFile) -> anyhow::Result<Templates> {
    let folder = &file.templates;
    let context = || {
        format!("cannot read the templates {}, which {} names; check the path and its permissions", folder.display(), file.path.display())
    };
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).with_context(context)? {
        let entry = entry.with_context(context)?;
        let path = entry.path();
        let kind = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_owned();
        if !["md", "html", "toml"].contains(&kind.as_str()) {
            continue;
        }
        // A set may share files with another by links, so these are followed.
        let found = match std::fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // What an editor notes about a file that it has open.
                if entry.file_name().as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                return Err(anyhow!("{} is a link to a file that is not there; mend the link or remove it", path.display()));
            }
            found => found.with_context(context)?,
        };
        if !found.is_file() {
            continue;
        }
        anyhow::ensure!(
            found.len() <= BYTES && files.len() < FILES,
            "{} is too large for a template set; keep only templates in this folder",
            path.display()
        );
        let text = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = String::from_utf8(text).map_err(|_| anyhow!("{} is not UTF-8; save it as UTF-8", path.display()))?;
        files.insert(entry.file_name().to_string_lossy().into_owned(), text);
    }
    Templates::parse(&folder.display().to_string(), &files).map_err(|flaws| told(&flaws))
}

/// How many flaws are printed; the rest is counted.
const SHOWN: usize = 20;

/// All flaws in one error. What is wrong with every letter is told once, so that it hides no fault of the list.
pub fn told(flaws: &[Flaw]) -> anyhow::Error {
    let mut seen = BTreeSet::new();
    let mut lines: Vec<String> = flaws.iter().map(ToString::to_string).collect();
    lines.retain(|line| seen.insert(line.clone()));
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("… and {more} more"));
    }
    anyhow!("{}", lines.join("\n"))
}

/// Whether the list has every column that the templates ask for; where not, all that it lacks.
fn knows_all_columns(templates: &Templates, columns: &BTreeSet<String>) -> anyhow::Result<()> {
    let unknown = templates.unknown_columns(Kind::Invitation, columns);
    if unknown.is_empty() { Ok(()) } else { Err(told(&unknown)) }
}

/// Every letter, or everything that is missing.
pub fn render(
    config: &Config,
    file: &CampaignFile,
    templates: &Templates,
    columns: &BTreeSet<String>,
    guests: &[Guest],
    now: Timestamp,
) -> anyhow::Result<Vec<Ready>> {
    knows_all_columns(templates, columns)?;
    invite::render(templates, &file.campaign, &config.sender, guests, now, &mut rand::random::<u64>).map_err(|flaws| told(&flaws))
}

/// Looks at every letter and holds none: an example, or everything that is missing.
pub fn check(
    config: &Config,
    file: &CampaignFile,
    templates: &Templates,
    columns: &BTreeSet<String>,
    guests: &[Guest],
    now: Timestamp,
) -> anyhow::Result<Checked> {
    knows_all_columns(templates, columns)?;
    invite::check(templates, &file.campaign, &config.sender, guests, now).map_err(|flaws| told(&flaws))
}

/// Where the event's link is still the one that `init` writes: a sentence without its end.
pub fn sample_link(file: &CampaignFile) -> Option<String> {
    let link = file.campaign.event.link.as_deref().filter(|link| init::is_sample_link(link))?;
    Some(format!("the event is still the sample's: nobody meets at {link}"))
}

/// Where templates that these guests' letters are made of are still as `init` wrote them: a sentence without its end.
pub fn sample_letters(file: &CampaignFile, templates: &Templates, guests: &[Guest]) -> Option<String> {
    let samples = samples(file, templates, guests);
    (!samples.is_empty()).then(|| format!("the letter is still the sample's, about somebody else's event: {}", samples.join(", ")))
}

/// What would embarrass whoever sends invitations to these guests, though nothing forbids it: a sentence without its end each.
pub fn embarrassing(file: &CampaignFile, templates: &Templates, guests: &[Guest], now: Timestamp) -> Vec<String> {
    let mut notes = desk::too_late(&file.campaign, now);
    notes.extend(sample_link(file));
    notes.extend(sample_letters(file, templates, guests));
    notes.extend(templates.doubts(Kind::Invitation).iter().map(ToString::to_string));
    notes
}

fn samples(file: &CampaignFile, templates: &Templates, guests: &[Guest]) -> Vec<String> {
    let language = |guest: &Guest| templates.language_for(Kind::Invitation, guest.lang.as_ref(), &file.campaign.language);
    let used: BTreeSet<Lang> = guests.iter().filter_map(language).collect();
    let names = used.iter().map(|lang| format!("invitation.{lang}.md"));
    names.filter(|name| templates.files().get(name).is_some_and(|text| init::is_sample_letter(text))).collect()
}

/// What these guests read in another language than theirs, one sentence for each such language.
pub fn fallbacks(file: &CampaignFile, templates: &Templates, guests: &[Guest]) -> Vec<String> {
    let own = &file.campaign.language;
    let mut wanted: BTreeMap<&Lang, usize> = BTreeMap::new();
    let mut written: BTreeMap<Lang, usize> = BTreeMap::new();
    for guest in guests {
        *written.entry(language(file, templates, guest.lang.as_ref())).or_default() += 1;
        if let Some(lang) = &guest.lang {
            *wanted.entry(lang).or_default() += 1;
        }
    }
    let mut notes = Vec::new();
    for (wanted, count) in wanted {
        let lang = language(file, templates, Some(wanted));
        if lang != *wanted {
            let (guests, verb) = (counted(count, "guest"), if count == 1 { "reads" } else { "read" });
            notes.push(format!("{guests} {verb} \"{wanted}\", for which there is no invitation.{wanted}.md; the letter is in \"{lang}\"."));
        }
    }
    let event = &file.campaign.event;
    let in_calendar = file.campaign.calendar != CalendarPolicy::Never;
    let place = event.place.as_ref().filter(|_| in_calendar || templates.uses("event.place"));
    for (key, text) in [("title", Some(&event.title)), ("place", place)] {
        for (lang, count) in &written {
            let Some(other) = text.and_then(|text| text.language(lang, own)).filter(|other| *other != lang) else { continue };
            if lang.kin().all(|kin| kin != *other) {
                let (letters, verb) = (counted(*count, "letter"), if *count == 1 { "has" } else { "have" });
                let file = file.path.display();
                notes.push(format!(
                    "{letters} in \"{lang}\" {verb} the event's {key} in \"{other}\": add {lang} = \"…\" to `{key}` in {file}."
                ));
            }
        }
    }
    notes
}

/// The language of this guest's letter; the campaign's own where there is no template at all, of which [`check`] tells.
fn language(file: &CampaignFile, templates: &Templates, wanted: Option<&Lang>) -> Lang {
    let own = &file.campaign.language;
    templates.language_for(Kind::Invitation, wanted, own).unwrap_or_else(|| own.clone())
}
