//! `send`: what would go, the number typed, the queue, and the way out.

mod report;

use super::{
    Exit,
    args::Send,
    asking, desk,
    hands::Hands,
    letters, list, number,
    outbox::{Queue, waiting},
    progress, ticks, usage,
    words::{counted, tell},
};
use crate::{
    config::{CampaignFile, Config, Environment},
    daemon::{self, Clock},
    model::{Address, Guest, Kind, Signal, Stamp, Token},
    plan::Invitees,
    store::{
        self, Store,
        campaigns::{self, Done},
        copies,
        editions::{self, Content},
        outbox, views,
    },
    work::{
        edition,
        invite::{self, Checked, Round},
    },
};
use anyhow::anyhow;
use jiff::Timestamp;
use std::{collections::BTreeSet, path::Path};
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
    let Some(prepared) = prepare(&config, &file, options, &store, clock.now(), json).await? else { return Ok(Exit::Failed) };
    let name = file.campaign.name.clone();
    list::tell_unread(&store.read(move |conn| outbox::withdrawn_unread(conn, &name)).await?, &file.campaign.name, json);
    if options.dry_run {
        if let Some(waiting) = waiting(&store, Some(&file.campaign.name)).await?.iter().find_map(Queue::words) {
            tell(json, waiting);
        }
        tell(json, "Dry run: nothing was queued.");
        return Ok(Exit::Done);
    }
    number::confirm(prepared.guests.len(), options.yes, "--dry-run", json)?;
    if let Some(list) = &prepared.left_out {
        let skipped = list.write_skipped()?;
        anstream::eprintln!("{} left out, written to {}", counted(list.rows_with_complaints(), "row"), skipped.display());
    }
    // Before anything is queued: whoever delivers has what it needs.
    let hands = Hands::of(&config)?;
    let copyist = match &hands {
        Hands::Ours(..) => desk::copyist(&config, &Environment::of_process())?,
        Hands::Theirs { .. } => None,
    };
    if copyist.is_some() {
        store.write(copies::begin).await?;
    }
    queue(prepared, &file, &store, clock, json).await?;
    let name = file.campaign.name.clone();
    let Some(known) = store.read(move |conn| campaigns::by_name(conn, &name)).await? else {
        tell(json, "Nobody to invite.");
        return Ok(Exit::Done);
    };
    let waiting = store.read(move |conn| views::in_state(conn, known.id, "queued")).await?;
    let done = CancellationToken::new();
    let bar = tokio::spawn(progress::letters(store.clone(), known.id, waiting, done.clone()));
    let began = clock.now();
    let ended = hands.deliver(&config, &store, known.id, clock, json).await;
    done.cancel();
    let _ = bar.await;
    if let Some(copyist) = copyist
        && let Err(error) = copyist.catch_up(&store, clock).await
    {
        anstream::eprintln!("warning: {}; the next `send` or the daemon makes them", daemon::copies::words(&error));
    }
    report::report(&store, &file.campaign.name, ended?, began, json).await
}

/// What this call would do.
struct Prepared {
    /// To invite now; each letter of them can be written.
    guests: Vec<Guest>,
    /// As [`Invitees::again`].
    again: Vec<i64>,
    subjects: BTreeSet<String>,
    content: Content,
    /// To be remembered; None where it is remembered already, or somebody is left out.
    done: Option<Done>,
    /// The list, where rows of it are left out.
    left_out: Option<list::Taken>,
}

/// Puts the letters into the queue, and remembers that all of the list was done.
async fn queue(prepared: Prepared, file: &CampaignFile, store: &Store, clock: Clock, json: bool) -> anyhow::Result<()> {
    let Prepared { guests, again, subjects, content, done, .. } = prepared;
    let (campaign, path) = (file.campaign.clone(), desk::absolute(&file.path));
    if !guests.is_empty() {
        let round = Round { campaign: campaign.clone(), file: path.clone(), content: content.clone(), guests, again, subjects };
        let queued =
            invite::queue(store, round, clock.now(), rand::random::<u64>).await.map_err(|error| not_queued(error, &file.campaign.name))?;
        tell(json, format_args!("{} queued.", counted(queued, "letter")));
    }
    let now = clock.now();
    let remember = move |conn: &store::Connection| {
        if campaigns::by_name(conn, &campaign.name)?.is_none() {
            return Ok(());
        }
        let id = campaigns::save(conn, &campaign, &path, now)?;
        editions::keep(conn, id, &content, now)?;
        done.map_or(Ok(()), |done| campaigns::set_done(conn, id, &done))
    };
    Ok(store.write(remember).await?)
}

/// Why nothing was queued, in words: two calls at once are no trouble with the database.
fn not_queued(error: store::Error, name: &str) -> anyhow::Error {
    if outbox::is_queued_already(&error) {
        return anyhow!(
            "another convoke queued letters to some of these guests meanwhile, so this call queued none, and nothing was sent twice; `convoke status {name}` shows how it stands, and the next `convoke send {name}` goes on"
        );
    }
    anyhow!(error).context("cannot queue the letters")
}

/// Stops where letters would not be what the campaign's first ones were, unless that is wanted.
async fn frozen(store: &Store, known: &campaigns::Known, content: &Content, new_templates: bool, json: bool) -> anyhow::Result<()> {
    let id = known.id;
    let Some(kept) = store.read(move |conn| editions::current(conn, id)).await? else { return Ok(()) };
    let differences = edition::differences(&kept.content, content);
    if differences.is_empty() {
        return Ok(());
    }
    let (name, what) = (&known.campaign.name, differences.join("; "));
    let old = match store.read(move |conn| views::in_state(conn, id, "queued")).await? {
        0 => String::new(),
        1 => format!("; 1 letter that waits keeps the old text; `convoke outbox cancel --all --campaign {name}` withdraws it"),
        queued => format!("; {queued} letters that wait keep the old text; `convoke outbox cancel --all --campaign {name}` withdraws them"),
    };
    let (before, now) = (&kept.content.campaign.event, &content.campaign.event);
    let (moved, renamed) = (now.is_at_another_time(before), now.title != before.title);
    if new_templates {
        tell(
            json,
            format_args!("Letters that are queued stay as they were; guests invited from now on get what was changed: {what}{old}."),
        );
        if moved && renamed {
            tell(json, format_args!("Careful: if it is another event, {}.", of_its_own(name)));
        }
        let moved = [(moved, "start"), (now.is_at_another_place(before), "place")];
        for (_, what) in moved.into_iter().filter(|(moved, _)| *moved) {
            tell(
                json,
                format_args!(
                    "Careful: who is invited already is told nothing of the new {what}; what they answer from now on waits for your look, and `convoke status` says how many of those who come were invited to another one."
                ),
            );
        }
        return Ok(());
    }
    let another = if moved || renamed { format!("; if it is another event, {}", of_its_own(name)) } else { String::new() };
    Err(usage(format!(
        "the letters of {name} would not all be the same, because since its first `send` {what}; put it back, or say --new-templates: then letters that are queued stay as they were, and guests invited from now on get the new{old}{another}"
    )))
}

/// What the next event needs that was written into the file of the one before.
fn of_its_own(name: &str) -> String {
    format!("it needs a campaign file and a name of its own: {name} invites nobody a second time")
}

/// Everything that can be said before the number is asked for; None where the list or a letter is not in order.
async fn prepare(
    config: &Config,
    file: &CampaignFile,
    options: &Send,
    store: &Store,
    now: Timestamp,
    json: bool,
) -> anyhow::Result<Option<Prepared>> {
    let templates = letters::templates(file)?;
    let content = edition::content(&templates, &file.campaign, &config.sender);
    let name = file.campaign.name.clone();
    let known = store.read(move |conn| campaigns::by_name(conn, &name)).await?;
    match &known {
        Some(known) => frozen(store, known, &content, options.new_templates, json).await?,
        None => renamed(store, file).await?,
    }
    if let Some(id) = known.as_ref().map(|known| known.id)
        && let Some(done) = store.read(move |conn| campaigns::done(conn, id)).await?
        && done.inputs == inputs(&list::digest(file)?, &content, file)?
    {
        done.notes.iter().for_each(|note| anstream::eprintln!("note: {note}"));
        careful(file, known.as_ref(), json);
        tell(json, summary(file, done.guests, done.guests, 0));
        return Ok(Some(Prepared {
            guests: Vec::new(),
            again: Vec::new(),
            subjects: BTreeSet::new(),
            content,
            done: None,
            left_out: None,
        }));
    }
    // Of these very bytes, whatever lay there a moment before.
    let bytes = list::bytes(file)?;
    let inputs = inputs(&editions::digest_of(bytes.as_slice())?, &content, file)?;
    let mut list = list::of(file, &bytes)?;
    drop(bytes);
    if !is_in_order(&list, file, options) {
        return Ok(None);
    }
    careful(file, known.as_ref(), json);
    let listed = list.guests.len();
    let mut invitees = invite::invitees(store, &file.campaign.name, std::mem::take(&mut list.guests)).await?;
    let mut guests = std::mem::take(&mut invitees.new);
    let later = guests.len().saturating_sub(options.limit.unwrap_or(usize::MAX));
    guests.truncate(guests.len() - later);
    let Checked { first, subjects } = letters::check(config, file, &templates, &list.columns, &guests, now)?;
    tell(json, summary(file, listed, invitees.already, guests.len()));
    if later > 0 {
        tell(json, format_args!("{later} more for later (--limit)."));
    }
    for note in letters::fallbacks(file, &templates, &guests) {
        tell(json, note);
    }
    for note in ticks::misunderstood(&templates, &guests) {
        tell(json, format_args!("Careful: {note}."));
    }
    list::warn(&invitees, &invite::unwilling(store, &guests).await?, json);
    if let Some(first) = first {
        for careful in letters::embarrassing(file, &templates, &guests, now) {
            tell(json, format_args!("Careful: {careful}."));
        }
        tell(json, format_args!("\nThe first of them, to {} <{}>:\n", first.guest.name, first.guest.email));
        tell(json, format_args!("    Subject: {}", first.letter.subject));
        for line in first.letter.text.lines().take(12) {
            tell(json, format_args!("    {line}"));
        }
        tell(json, "    …\n(all of them: `convoke preview`)\n");
    }
    let Invitees { again, gone, renamed, called, .. } = invitees;
    let whole = later == 0 && list.complaints.is_empty() && gone.is_empty() && renamed.is_empty() && called.is_empty();
    let done = whole.then(|| Done { inputs, guests: listed, notes: list.notes.clone() });
    let left_out = (!list.complaints.is_empty()).then_some(list);
    Ok(Some(Prepared { guests, again, subjects, content, done, left_out }))
}

/// Tells what was noticed about the list; false where nobody may be taken from it.
fn is_in_order(list: &list::Taken, file: &CampaignFile, options: &Send) -> bool {
    for note in &list.notes {
        anstream::eprintln!("note: {note}");
    }
    for complaint in list.complaints.iter().take(50) {
        anstream::eprintln!("{complaint}");
    }
    if list.complaints.len() > 50 {
        anstream::eprintln!("… and {} more", list.complaints.len() - 50);
    }
    if list.complaints.is_empty() {
        return true;
    }
    if !options.skip_bad {
        let (complaints, list) = (counted(list.complaints.len(), "complaint"), file.contacts.display());
        anstream::eprintln!(
            "{complaints} about {list}, so nobody was taken from it: mend the list, or leave these rows out with --skip-bad"
        );
        return false;
    }
    true
}

fn summary(file: &CampaignFile, listed: usize, already: usize, now: usize) -> String {
    let listed = counted(listed, "guest");
    format!("Campaign {}: {listed} in the list, {already} invited already, {now} to invite now.", file.campaign.name)
}

/// A campaign under a new name invites everybody anew, also where only its name was corrected.
async fn renamed(store: &Store, file: &CampaignFile) -> anyhow::Result<()> {
    let path = desk::absolute(&file.path);
    let Some(before) = store.read(campaigns::all).await?.into_iter().find(|known| known.file == path) else { return Ok(()) };
    let (name, old) = (&file.campaign.name, before.campaign.name);
    Err(usage(format!(
        "{} was sent as {old} before; as {name} it would invite all of its guests again. Put name = \"{old}\" back, or, if {name} is another campaign, give it a file of its own",
        file.path.display()
    )))
}

/// A campaign of this name that came from another file may be another one.
fn careful(file: &CampaignFile, known: Option<&campaigns::Known>, json: bool) {
    if let Some(known) = known
        && known.file != desk::absolute(&file.path)
        && Path::new(&known.file).is_file()
    {
        let (name, now, before) = (&file.campaign.name, file.path.display(), &known.file);
        tell(
            json,
            format_args!("Careful: the campaign {name} was sent from {before} before; if {now} is another one, give it another name."),
        );
    }
}

/// Everything that decides who is invited and to what, and the program that reads it.
fn inputs(list: &str, content: &Content, file: &CampaignFile) -> anyhow::Result<String> {
    let definition = serde_json::to_string(&file.campaign)?;
    let version = env!("CARGO_PKG_VERSION");
    let path = file.contacts.extension().unwrap_or_default();
    Ok(editions::digest(&[
        version.as_bytes(),
        path.as_encoded_bytes(),
        content.digest()?.as_bytes(),
        definition.as_bytes(),
        list.as_bytes(),
    ]))
}

/// One letter to the organiser, rendered as to a guest; not counted, and nothing is kept of it.
async fn test(config: &Config, file: &CampaignFile, options: &Send, me: &str) -> anyhow::Result<Exit> {
    let me = Address::parse(me).map_err(|error| usage(format!("--test {me:?} is not an address: {error}")))?;
    let list = list::read(file)?;
    let wanted = options.as_guest.as_deref().map(desk::as_kept);
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
    let mut relay = asking::relay(config, &account).await?;
    let raw = config.signers()?.sign(&letter.raw, now);
    let outcome = relay.deliver(&letter.mail_from, &letter.rcpt_to, &raw).await;
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
