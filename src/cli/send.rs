//! `send`: what would go, the number typed, the queue, and the way out.

use super::{
    Exit,
    args::Send,
    desk,
    hands::Hands,
    letters, list, progress, usage,
    words::{counted, tell},
};
use crate::{
    config::{CampaignFile, Config, Environment},
    daemon::{Clock, deliver::Ended},
    model::{Address, Kind, Signal, Stamp, Token},
    net::smtp::Relay,
    plan::Invitees,
    store::{Store, campaigns, outbox, views},
    work::invite::{self, Ready},
};
use anyhow::Context as _;
use jiff::Timestamp;
use std::{io::BufRead as _, path::Path};
use tokio_util::sync::CancellationToken;

pub async fn run(path: &Path, options: &Send, json: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let file = desk::campaign_file(&config, options.which.campaign.as_deref()).await?;
    if let Some(me) = &options.test {
        return test(&config, &file, options, me).await;
    }
    config.smtp()?;
    let store = if options.dry_run { desk::database_or_none(&config)? } else { desk::database(&config)? };
    let clock = Clock::default();
    let Some(ready) = prepare(&config, &file, options, &store, clock.now(), json).await? else { return Ok(Exit::Failed) };
    if options.dry_run {
        tell(json, "Dry run: nothing was queued.");
        return Ok(Exit::Done);
    }
    confirm(ready.len(), options.yes, json)?;
    // Before anything is queued: whoever delivers has what it needs.
    let hands = Hands::of(&config)?;
    if !ready.is_empty() {
        let queued = counted(ready.len(), "letter");
        invite::queue(&store, file.campaign.clone(), desk::absolute(&file.path), ready, clock.now())
            .await
            .context("cannot queue the letters; if another `send` ran at the same time, it has queued them, and the next call goes on")?;
        tell(json, format_args!("{queued} queued."));
    }
    let name = file.campaign.name.clone();
    let Some(known) = store.read(move |conn| campaigns::by_name(conn, &name)).await? else {
        tell(json, "Nobody to invite.");
        return Ok(Exit::Done);
    };
    let waiting = store.read(move |conn| views::in_state(conn, known.id, "queued")).await?;
    let done = CancellationToken::new();
    let bar = tokio::spawn(progress::letters(store.clone(), known.id, waiting, done.clone()));
    let ended = hands.deliver(&config, &store, clock, json).await;
    done.cancel();
    let _ = bar.await;
    report(&store, &file.campaign.name, ended?, json).await
}

/// Everything that can be said before the number is asked for; None where the list or a letter is not in order.
async fn prepare(
    config: &Config,
    file: &CampaignFile,
    options: &Send,
    store: &Store,
    now: Timestamp,
    json: bool,
) -> anyhow::Result<Option<Vec<Ready>>> {
    let list = list::read(file)?;
    for note in &list.notes {
        anstream::eprintln!("note: {note}");
    }
    for complaint in list.complaints.iter().take(50) {
        anstream::eprintln!("{complaint}");
    }
    if list.complaints.len() > 50 {
        anstream::eprintln!("… and {} more", list.complaints.len() - 50);
    }
    if !list.complaints.is_empty() {
        if !options.skip_bad {
            let (complaints, list) = (counted(list.complaints.len(), "complaint"), file.contacts.display());
            anstream::eprintln!(
                "{complaints} about {list}, so nobody was taken from it: mend the list, or leave these rows out with --skip-bad"
            );
            return Ok(None);
        }
        if !options.dry_run {
            let skipped = list.write_skipped()?;
            anstream::eprintln!("{} left out, written to {}", counted(list.rows_with_complaints(), "row"), skipped.display());
        }
    }
    let name = file.campaign.name.clone();
    if let Some(known) = store.read(move |conn| campaigns::by_name(conn, &name)).await?
        && known.file != desk::absolute(&file.path)
        && Path::new(&known.file).is_file()
    {
        let (name, now, before) = (&file.campaign.name, file.path.display(), &known.file);
        tell(
            json,
            format_args!("Careful: the campaign {name} was sent from {before} before; if {now} is another one, give it another name."),
        );
    }
    let invitees = invite::invitees(store, &file.campaign.name, &list.guests).await?;
    let templates = letters::templates(file)?;
    let take = options.limit.unwrap_or(usize::MAX).min(invitees.new.len());
    let new = invitees.new.get(..take).unwrap_or_default();
    let ready = letters::render(config, file, &templates, &list.columns, new, now)?;
    tell(
        json,
        format_args!(
            "Campaign {}: {} in the list, {} invited already, {} to invite now.",
            file.campaign.name,
            counted(list.guests.len(), "guest"),
            invitees.already,
            ready.len()
        ),
    );
    if take < invitees.new.len() {
        tell(json, format_args!("{} more for later (--limit).", invitees.new.len() - take));
    }
    for note in letters::fallbacks(file, &templates, new) {
        tell(json, note);
    }
    warn(&invitees, json);
    if !ready.is_empty() {
        for careful in desk::too_late(&file.campaign, now) {
            tell(json, format_args!("Careful: {careful}."));
        }
    }
    if let Some(first) = ready.first() {
        tell(json, format_args!("\nThe first of them, to {} <{}>:\n", first.guest.name, first.guest.email));
        tell(json, format_args!("    Subject: {}", first.letter.subject));
        for line in first.letter.text.lines().take(12) {
            tell(json, format_args!("    {line}"));
        }
        tell(json, "    …\n(all of them: `convoke preview`)\n");
    }
    Ok(Some(ready))
}

/// How many guests are named; the rest is counted.
const NAMED: usize = 20;

/// Tells what a list that was changed since the last `send` may not mean.
fn warn(invitees: &Invitees, json: bool) {
    for email in invitees.gone.iter().take(NAMED) {
        tell(json, format_args!("{email} was invited and is no longer in the list; the invitation stands."));
    }
    for (email, before, name) in invitees.renamed.iter().take(NAMED) {
        tell(
            json,
            format_args!(
                "Careful: {email} was invited as {before:?}; the list now says {name:?}, which is another guest: one more letter to this address."
            ),
        );
    }
    for (more, what) in [(invitees.gone.len(), "no longer in the list"), (invitees.renamed.len(), "under another name")] {
        if more > NAMED {
            tell(json, format_args!("… and {} more {what}.", more - NAMED));
        }
    }
}

/// The number of letters, typed by the organiser or given with `--yes`.
fn confirm(letters: usize, yes: Option<usize>, json: bool) -> anyhow::Result<()> {
    match yes {
        Some(said) if said == letters => Ok(()),
        Some(said) => {
            let letters = counted(letters, "letter");
            Err(usage(format!("this call would queue {letters}, not {said}; nothing was queued; look at --dry-run again")))
        }
        None if letters == 0 => Ok(()),
        None => {
            let question = format!("Type the number of letters ({letters}) to send them: ");
            if json {
                anstream::eprint!("{question}")
            } else {
                anstream::print!("{question}")
            }
            let _ = std::io::Write::flush(&mut std::io::stdout());
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            match line.trim().parse::<usize>() {
                Ok(said) if said == letters => Ok(()),
                _ => Err(usage(format!("{:?} is not {letters}; nothing was queued (--yes {letters} says it without asking)", line.trim()))),
            }
        }
    }
}

async fn report(store: &Store, name: &str, ended: Ended, json: bool) -> anyhow::Result<Exit> {
    let name = name.to_owned();
    let known = store.read(move |conn| campaigns::by_name(conn, &name)).await?.context("the campaign is gone from the database")?;
    let campaign = known.id;
    let numbers = |state: &'static str| store.read(move |conn| views::in_state(conn, campaign, state));
    let (sent, queued, uncertain, failed) =
        (numbers("sent").await?, numbers("queued").await?, numbers("uncertain").await?, numbers("failed").await?);
    if json {
        anstream::println!("{}", serde_json::json!({"sent": sent, "queued": queued, "uncertain": uncertain, "failed": failed}));
    } else {
        anstream::println!("{sent} sent, {queued} waiting, {uncertain} uncertain, {failed} failed.");
    }
    let mut shown = store.read(|conn| outbox::in_states(conn, &["queued", "uncertain", "failed"], 10_000)).await?;
    shown.retain(|letter| letter.campaign == known.campaign.name);
    for letter in shown.iter().take(NAMED) {
        let when =
            if letter.state == "queued" { format!(", next try {}", letter.due.strftime("%Y-%m-%d %H:%M UTC")) } else { String::new() };
        let why = if letter.why.is_empty() { String::new() } else { format!(": {}", letter.why) };
        tell(json, format_args!("  {} {}{when}{why}", letter.state, letter.email));
    }
    if shown.len() > NAMED {
        tell(json, "  … `convoke outbox` shows all");
    }
    if known.paused && queued > 0 {
        tell(json, "The campaign is paused: `convoke resume` lets the letters go.");
    }
    match ended {
        // Trouble that no letter waits for is no trouble of this call.
        Ended::Trouble(trouble) if queued > 0 => Err(anyhow::anyhow!("{}", trouble.why)
            .context("the relay does not take our letters; every letter that waits stays as it was, and `convoke send` goes on with them")),
        _ if queued + uncertain > 0 => Ok(Exit::Waiting),
        Ended::Trouble(_) | Ended::Quiet | Ended::Stopped => Ok(Exit::Done),
    }
}

/// One letter to the organiser, rendered as to a guest; not counted, and nothing is kept of it.
async fn test(config: &Config, file: &CampaignFile, options: &Send, me: &str) -> anyhow::Result<Exit> {
    let me = Address::parse(me).map_err(|error| usage(format!("--test {me:?} is not an address: {error}")))?;
    let list = list::read(file)?;
    let wanted = options.as_guest.as_ref().map(|email| email.trim().to_lowercase());
    let found = list.guests.iter().find(|guest| wanted.as_ref().is_none_or(|email| guest.email.as_str() == email));
    let Some(guest) = found else {
        return Err(usage(format!("{} has no guest {}", file.contacts.display(), wanted.unwrap_or_default())));
    };
    let templates = letters::templates(file)?;
    let mut guest = guest.clone();
    let whose = guest.email.clone();
    guest.email = me.clone();
    let now = Clock::default().now();
    let stamp = Stamp { token: Token::from_bits(rand::random()), kind: Kind::Invitation, number: 1, date: now, earlier: Vec::new() };
    let letter =
        crate::compose::letter(&templates, &file.campaign, &config.sender, &guest, &stamp).map_err(|flaws| letters::told(&flaws))?;
    let account = config.smtp()?.account(&Environment::of_process())?;
    let mut relay =
        Relay::connect(&account, config.sender.from.domain(), &Default::default()).await.map_err(|shut| anyhow::anyhow!("{shut}"))?;
    let outcome = relay.deliver(&letter.mail_from, &letter.rcpt_to, &letter.raw).await;
    relay.quit().await;
    match outcome.signal {
        Signal::Accepted { receipt } => {
            anstream::println!("Sent to {me}, written as to {whose}: {receipt}");
            anstream::println!("It is not counted, and answers to it belong to nobody.");
            Ok(Exit::Done)
        }
        Signal::Deferred { why } => anyhow::bail!("the letter to {me} was not taken now: {why}; try again in some minutes"),
        Signal::Rejected { why } => anyhow::bail!("the letter to {me} was not taken: {why}; check the address, and ask the relay's keeper"),
        Signal::Unknown { why } => anyhow::bail!("nobody can tell whether the letter to {me} left: {why}; look into that mailbox"),
        Signal::NotBegun { why } => anyhow::bail!("the letter to {me} did not leave: {why}; `convoke check` looks at the server"),
        other => anyhow::bail!("the letter to {me} did not leave: {other:?}"),
    }
}
