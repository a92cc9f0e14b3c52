//! `guests`: the list with its answers, and `guests fix`.

use super::{
    Exit,
    args::{Guests, GuestsCommand, Sort},
    desk, letters, outbox, table, usage,
    words::beside,
};
use crate::{
    config,
    daemon::Clock,
    model::{Address, StandingKind},
    read::fold,
    store::{
        self,
        editions::{self, Edition},
        views::{self, DELIVERIES, GuestRow},
    },
    work::{
        edition::Set,
        rule::{self, NotMended},
    },
};
use std::{borrow::Cow, path::Path};

pub async fn run(path: &Path, mut options: Guests, json: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    if let Some(GuestsCommand::Fix { email, to, shared, campaign }) = options.fix {
        return fix(&config, &store, &email, &to, shared, campaign.as_deref()).await;
    }
    for word in &mut options.standing {
        // The table writes "needs look".
        let kept = word.trim().replace([' ', '-'], "_");
        if StandingKind::parse(&kept).is_none() {
            let known = StandingKind::ALL.map(StandingKind::as_str).join(", ");
            return Err(usage(format!("--standing {word:?} is none of: {known}")));
        }
        *word = kept;
    }
    for word in &options.delivery {
        if !DELIVERIES.contains(&word.as_str()) {
            return Err(usage(format!("--delivery {word:?} is none of: {}", DELIVERIES.join(", "))));
        }
    }
    let id = desk::known_campaign(&store, options.which.campaign.as_deref()).await?.id;
    let mut guests = store.read(move |conn| views::guests(conn, Some(id))).await?;
    guests.retain(|guest| wanted(guest, &options));
    match options.sort {
        Sort::Invited => {}
        Sort::Name => guests.sort_by_key(|guest| guest.name.to_lowercase()),
        Sort::Email => guests.sort_by(|a, b| a.email.cmp(&b.email)),
        Sort::Standing => guests.sort_by_key(|guest| StandingKind::parse(&guest.standing)),
        Sort::Since => guests.sort_by_key(|guest| std::cmp::Reverse(guest.since)),
    }
    if json {
        for guest in &guests {
            anstream::println!("{}", serde_json::to_string(guest)?);
        }
        return Ok(Exit::Done);
    }
    anstream::println!("{}", words(&guests));
    Ok(Exit::Done)
}

/// The table of guests.
pub fn words(guests: &[GuestRow]) -> String {
    let mut rows = table::new(&["guest", "address", "standing", "people", "letter", "said"]);
    for guest in guests {
        let standing = format!("{}{}", guest.standing.replace('_', " "), beside(guest.question, guest.unsubscribe));
        let people = if guest.people == 0 { String::new() } else { guest.people.to_string() };
        let said = guest
            .evidence
            .first()
            .or((!guest.note.is_empty()).then_some(&guest.note))
            .map_or_else(String::new, |text| table::cut(text, 60));
        rows.add_row(vec![table::cut(&guest.name, 40), guest.email.clone(), standing, people, guest.delivery.clone(), said]);
    }
    rows.to_string()
}

fn wanted(guest: &GuestRow, options: &Guests) -> bool {
    (options.standing.is_empty() || options.standing.contains(&guest.standing))
        && (options.delivery.is_empty() || options.delivery.contains(&guest.delivery))
        && options.find.as_ref().is_none_or(|text| is_called(guest, text))
}

/// Whether every word of a text stands in the name or the address, in whatever order and with or without accents.
fn is_called(guest: &GuestRow, text: &str) -> bool {
    let shown = in_its_letters(&guest.email);
    let (name, email, shown) = (fold(&guest.name), fold(&guest.email), fold(&shown));
    fold(text).split([' ', ',']).all(|word| [&name, &email, &shown].into_iter().any(|place| place.contains(word)))
}

/// An address with its domain in the letters it was registered in: `ana@bücher.example`.
fn in_its_letters(email: &str) -> Cow<'_, str> {
    match email.rsplit_once('@') {
        Some((local, domain)) if domain.contains("xn--") => Cow::Owned(format!("{local}@{}", idna::domain_to_unicode(domain).0)),
        _ => Cow::Borrowed(email),
    }
}

async fn fix(
    config: &config::Config,
    store: &store::Store,
    email: &str,
    to: &str,
    shared: bool,
    campaign: Option<&str>,
) -> anyhow::Result<Exit> {
    let to = Address::parse(to).map_err(|error| usage(format!("--to {to:?} is not an address: {error}")))?;
    let guest = desk::guest(store, email, campaign).await?;
    if guest.email == to.as_str() {
        return Err(usage(format!("{to} is the guest's address already")));
    }
    let id = guest.campaign;
    let others = store.read(move |conn| views::guests(conn, Some(id))).await?;
    if let Some(other) = others.iter().find(|other| other.email == to.as_str()).filter(|_| !shared) {
        let whose = if other.name.is_empty() { "of another guest".to_owned() } else { format!("of {}", other.name) };
        return Err(usage(format!("{to} is the address {whose} in this campaign; if both read it, say --shared")));
    }
    let known = store.read(store::campaigns::all).await?;
    let known = known.into_iter().find(|known| known.id == guest.campaign).ok_or_else(|| usage("the campaign is gone"))?;
    let (id, campaign, now) = (guest.invitation, known.id, Clock::default().now());
    let mended = match store.read(move |conn| editions::current(conn, campaign)).await? {
        // What lies on the disk enters no letter, and may be gone.
        Some(Edition { content, .. }) => {
            let set = Set::of(&content).map_err(|flaws| letters::told(&flaws))?;
            rule::mend(store, &set.templates, &set.campaign, &set.sender, id, to.clone(), now).await
        }
        None => {
            let file = config::load_campaign(Path::new(&known.file))?;
            rule::mend(store, &letters::templates(&file)?, &file.campaign, &config.sender, id, to.clone(), now).await
        }
    };
    mended.map_err(not_mended)?;
    anstream::println!("{} is now {to}; a new invitation is queued. {}", guest.email, outbox::delivery(&known, 1));
    if store.read(move |conn| store::outbox::has_gone_there(conn, id)).await? {
        anstream::println!(
            "Careful: an invitation has gone to {to} before, and this is one more; `convoke outbox cancel {to}` withdraws it while it waits."
        );
    }
    Ok(Exit::Done)
}

/// Another call may have given the guest this very address since it was looked at.
fn not_mended(error: NotMended) -> anyhow::Error {
    match error {
        NotMended::Already(_) => usage(error.to_string()),
        other => other.into(),
    }
}
