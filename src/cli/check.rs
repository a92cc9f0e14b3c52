//! `check`: everything that can be wrong before the first letter.

use super::{Exit, args::Check, asking, desk, folders, letters, list, ticks, words::counted};
use crate::{
    config::{CampaignFile, Config, Environment, Refused},
    daemon::Clock,
    model::Kind,
    net::{Account, dkim::record::Published},
};
use std::path::Path;

pub async fn run(path: &Path, options: &Check) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    anstream::println!("ok      {}", config.path.display());
    let mut failed = false;
    if let Some(why) = desk::no_database(&config) {
        failed = true;
        anstream::println!("FAILED  {why}");
    }
    match desk::campaign_file(&config, options.which.campaign.as_deref()).await {
        Ok(file) => {
            anstream::println!("ok      {}", file.path.display());
            for late in desk::too_late(&file.campaign, Clock::default().now()) {
                anstream::println!("note    {late}");
            }
            if let Some(note) = letters::sample_link(&file) {
                anstream::println!("note    {note}");
            }
            failed |= !campaign(&config, &file);
        }
        Err(error) if error.is::<desk::NoCampaign>() => anstream::println!("-       {error:#}"),
        Err(error) => return Err(error),
    }
    failed |= !folders::check(&config);
    failed |= !signatures(&config, options.offline).await?;
    if !options.offline {
        failed |= !servers(&config).await?;
    }
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

fn campaign(config: &Config, file: &CampaignFile) -> bool {
    let mut good = true;
    let templates = letters::templates(file);
    match &templates {
        Ok(templates) => {
            anstream::println!("ok      {}", file.templates.display());
            for doubt in templates.doubts(Kind::Invitation) {
                anstream::println!("note    {doubt}");
            }
        }
        Err(error) => {
            good = false;
            anstream::println!("FAILED  {}\n{error:#}", file.templates.display());
        }
    }
    let list = match list::read(file) {
        Ok(list) => list,
        Err(error) => {
            anstream::println!("FAILED  {error:#}");
            return false;
        }
    };
    if let Some(note) = templates.as_ref().ok().and_then(|templates| letters::sample_letters(file, templates, &list.guests)) {
        anstream::println!("note    {note}");
    }
    for note in &list.notes {
        anstream::println!("note    {note}");
    }
    if list.complaints.is_empty() {
        anstream::println!("ok      {}: {}", file.contacts.display(), counted(list.guests.len(), "guest"));
    } else {
        good = false;
        anstream::println!(
            "FAILED  {}: {}, and {}:",
            file.contacts.display(),
            counted(list.guests.len(), "guest"),
            counted(list.complaints.len(), "complaint")
        );
        for complaint in list.complaints.iter().take(50) {
            anstream::println!("        {complaint}");
        }
        if list.complaints.len() > 50 {
            anstream::println!("        … and {} more", list.complaints.len() - 50);
        }
    }
    let Ok(templates) = templates else { return false };
    for note in letters::fallbacks(file, &templates, &list.guests) {
        anstream::println!("note    {note}");
    }
    for note in ticks::misunderstood(&templates, &list.guests) {
        anstream::println!("note    {note}");
    }
    match letters::check(config, file, &templates, &list.columns, &list.guests, Clock::default().now()) {
        Ok(_) => anstream::println!("ok      {} can be written", counted(list.guests.len(), "letter")),
        Err(error) => {
            good = false;
            anstream::println!("FAILED  letters that cannot be written:\n{error:#}");
        }
    }
    good
}

/// The keys of `[[dkim]]`, and what their domains publish.
async fn signatures(config: &Config, offline: bool) -> anyhow::Result<bool> {
    let signers = config.signers()?;
    if let (false, Some(other)) = (signers.is_empty(), signers.unaligned(config.sender.from.domain())) {
        anstream::println!(
            "note    no key of [[dkim]] is of {other}, the domain of the sender: receivers do not count the signatures (DMARC)"
        );
    }
    let mut good = true;
    for signer in signers.iter() {
        let name = signer.name();
        match if offline { Published::NotChecked("--offline".to_owned()) } else { signer.published().await } {
            Published::Good { testing: false } => anstream::println!("ok      {name} (DKIM)"),
            Published::Good { testing: true } => {
                anstream::println!("note    {name} (DKIM) is published with t=y: receivers do not count the signatures yet");
            }
            Published::Wrong(why) => {
                good = false;
                anstream::println!("FAILED  {name} (DKIM): {why}");
            }
            Published::NotChecked(why) => anstream::println!("-       {name} (DKIM): not checked: {why}"),
        }
    }
    Ok(good)
}

async fn servers(config: &Config) -> anyhow::Result<bool> {
    let environment = Environment::of_process();
    let (mut good, mut wrong) = (true, None);
    if config.smtp.is_some() {
        let signed_in = async {
            let account = config.smtp()?.account(&environment)?;
            asking::relay(config, &account).await?.quit().await;
            anyhow::Ok(account)
        };
        good &= told("sending", signed_in.await, &mut wrong);
    } else {
        anstream::println!("-       no [smtp] in {}: nothing can be sent", config.path.display());
    }
    if config.imap.is_some() {
        let signed_in = async {
            let imap = config.imap()?;
            let account = imap.account(&environment)?;
            let wanted: Vec<&str> = imap.folders.iter().chain(&imap.sent).map(String::as_str).collect();
            folders(&account, &wanted).await?;
            anyhow::Ok(account)
        };
        good &= told("reading", signed_in.await, &mut wrong);
    } else if config.maildir.is_none() && config.mbox.is_none() {
        anstream::println!("-       no [imap] in {}: no answer can be read", config.path.display());
    }
    wrong.map_or(Ok(good), Err)
}

/// One server; false where nobody gets in there. What the configuration lacks for it (a secret) keeps nobody from looking at the
/// other one: `wrong` takes it along.
fn told(what: &str, signed_in: anyhow::Result<Account>, wrong: &mut Option<anyhow::Error>) -> bool {
    match signed_in {
        Ok(account) => {
            anstream::println!("ok      signed in to {}:{} ({what})", account.host, account.port);
            return true;
        }
        Err(error) if error.is::<Refused>() && wrong.is_none() => *wrong = Some(error),
        Err(error) => anstream::println!("FAILED  {error}"),
    }
    false
}

async fn folders(account: &Account, wanted: &[&str]) -> anyhow::Result<()> {
    let (mailbox, there) = asking::mailbox(account).await?;
    for folder in wanted {
        if !there.iter().any(|name| name == folder || folder.eq_ignore_ascii_case("inbox") && name.eq_ignore_ascii_case("inbox")) {
            anstream::println!("warning the server has no folder {folder:?}; it has: {}", there.join(", "));
        }
    }
    mailbox.logout().await;
    Ok(())
}
