//! `demo`: the shipped campaign in the sandbox, sixteen guests who answer in seven languages, and the table of who comes.
//!
//! It lives on a clock of its own, ten days before the event, and fails when any guest's standing or any
//! bucket of mails is not what its script says.

use super::{
    Exit,
    args::Demo,
    init, letters, list, show,
    stage::{self, Ground, Play, Played},
    status,
};
use crate::{
    config,
    daemon::Clock,
    sandbox::{self, Expectations},
    store::views::{GuestRow, Status},
};
use anyhow::Context as _;
use jiff::SignedDuration;
use std::time::Duration;

/// The demo ends within this time, or fails.
const LIMIT: Duration = Duration::from_secs(18);
/// Whose timelines are printed: a changed mind, and a party of three.
const SHOWN: [&str; 2] = ["femke.bakker@ondernemers.example", "mihai.dobre@camera-comert.example"];

const CONFIG: &str = r#"# The demo's own configuration: enough for status, guests, show, review, record and export.
database = "convoke.db"
[sender]
from = "Municipiul Lunca Mare <workshop@primaria.example>"
"#;

pub async fn run(options: &Demo, json: bool) -> anyhow::Result<Exit> {
    let ground = Ground::of(options.keep.as_deref())?;
    let folder = ground.path();
    let files = init::campaign_files().chain([("convoke.toml", CONFIG), ("workshop.toml", include_str!("../../workshop.toml"))]);
    for (name, text) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let config = config::load(&folder.join("convoke.toml"))?;
    let file = config::load_campaign(&folder.join("workshop.toml"))?;
    let templates = letters::templates(&file)?;
    let list = list::read(&file)?;
    let start = file.campaign.event.start.timestamp().saturating_sub(SignedDuration::from_hours(240)).context("the event is too early")?;
    let clock = Clock::starting_at(start);
    let (guests, expected) = sandbox::workshop();
    if !json {
        anstream::println!("Inviting {} guests through a mail server inside this program. No real mail is sent.\n", list.guests.len());
    }
    let play = Play {
        ground: &ground,
        file: &file,
        templates: &templates,
        sender: &config.sender,
        list: &list.guests,
        guests,
        clock,
        limit: LIMIT,
    };
    let Played { store, status, guests } = stage::play(play).await?;
    if !json {
        anstream::println!("{}\n", super::guests::words(&guests));
        for email in SHOWN {
            anstream::println!("{}", show::of(&store, email).await?);
        }
    }
    let differences = compare(&status, &guests, &expected);
    for difference in &differences {
        anstream::eprintln!("not as in the script: {difference}");
    }
    if json {
        anstream::println!("{}", serde_json::to_string(&status)?)
    } else {
        anstream::print!("{}", status::numbers(&status))
    }
    if let (Some(folder), false) = (&options.keep, json) {
        let config = folder.join("convoke.toml");
        anstream::println!("\nKept in {}; try `convoke --config {} review`.", folder.display(), config.display());
    }
    Ok(if differences.is_empty() { Exit::Done } else { Exit::Failed })
}

fn compare(status: &Status, guests: &[GuestRow], expected: &Expectations) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |what: &str, is: String, should: String| {
        if is != should {
            differences.push(format!("{what} is {is}, not {should}"));
        }
    };
    differ("the number of guests", guests.len().to_string(), expected.guests.len().to_string());
    for guest in guests {
        let Some(script) = expected.guests.iter().find(|(email, _)| email.as_str() == guest.email).map(|(_, script)| script) else {
            differ(&guest.email, "a guest".into(), "in the script".into());
            continue;
        };
        differ(&guest.email, guest.standing.clone(), script.standing.as_str().to_owned());
        let comes = matches!(guest.standing.as_str(), "accept" | "delegate");
        let people = if comes { guest.party.unwrap_or(1) } else { 0 };
        differ(&format!("{}'s party", guest.email), people.to_string(), script.people.to_string());
        differ(&format!("{}'s question", guest.email), guest.question.to_string(), script.question.to_string());
        let delegate = guest.delegate.as_ref().and_then(|delegate| delegate.name.as_deref());
        differ(&format!("{}'s delegate", guest.email), format!("{delegate:?}"), format!("{:?}", script.delegate));
    }
    differ("the number of people", status.people.to_string(), expected.people.to_string());
    let mail = &expected.mail;
    let buckets = [
        ("recorded", mail.recorded),
        ("needs_look", mail.needs_look),
        ("automatic", mail.automatic),
        ("bounces", mail.bounces),
        ("not_ours", mail.not_ours),
        ("total", mail.total),
    ];
    for (bucket, count) in buckets {
        differ(&format!("the bucket {bucket}"), status.mail.get(bucket).to_string(), count.to_string());
    }
    differences
}
