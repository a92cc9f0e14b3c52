//! `reread`: kept mail by the rules and the model of today.

use super::{
    Exit,
    args::Reread,
    desk, table,
    words::{beside, counted, people, tell},
};
use crate::{
    daemon::Clock,
    store::{
        kept,
        views::{self, GuestRow, as_time},
    },
    work::reread::{Again, Difference, Found, Said, Word},
};
use jiff::Timestamp;
use serde::Serialize;
use std::{collections::HashMap, io::Write as _, path::Path};

pub async fn run(path: &Path, options: &Reread, json: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let campaign = desk::known_campaign(&store, options.which.campaign.as_deref()).await?.id;
    let guests = store.read(move |conn| views::guests(conn, Some(campaign))).await?;
    let guests: HashMap<i64, GuestRow> = guests.into_iter().map(|guest| (guest.invitation, guest)).collect();
    let mails = store.read(move |conn| kept::readable(conn, campaign)).await?;
    let again = Again::new(store, desk::reading(&config, None));
    let mut count = Count::default();
    for mail in mails {
        count.read += 1;
        let difference = match again.look(mail).await? {
            Found::Differs(difference) => *difference,
            Found::Same => continue,
            Found::Cut => {
                count.cut += 1;
                continue;
            }
            Found::Broken => {
                count.broken += 1;
                continue;
            }
        };
        count.differ += 1;
        let guest = difference.invitation.and_then(|id| guests.get(&id));
        let mut line = Line::of(guest, &difference);
        if options.apply {
            line.applied = again.apply(difference, Clock::default().now()).await?;
            count.applied += usize::from(line.applied);
        }
        let mut out = anstream::stdout().lock();
        if json { writeln!(out, "{}", serde_json::to_string(&line)?)? } else { writeln!(out, "{}", line.words())? }
    }
    tell(json, count.words(options.apply));
    Ok(Exit::Done)
}

/// A difference as it is shown.
#[derive(Serialize)]
struct Line {
    email: Option<String>,
    name: Option<String>,
    mail: i64,
    #[serde(serialize_with = "as_time")]
    arrived: Timestamp,
    before: Word,
    now: Word,
    evidence: Vec<String>,
    /// The organiser's own word came after the mail, and stands.
    settled: bool,
    applied: bool,
}

impl Line {
    fn of(guest: Option<&GuestRow>, difference: &Difference) -> Self {
        let Difference { mail, arrived, before, now, evidence, settled, .. } = difference.clone();
        let (email, name) = (guest.map(|guest| guest.email.clone()), guest.map(|guest| guest.name.clone()));
        Self { email, name, mail, arrived, before, now, evidence, settled, applied: false }
    }

    fn words(&self) -> String {
        let guest = match (&self.name, &self.email) {
            (Some(name), Some(email)) => format!("{} <{email}>", table::cut(name, 60)),
            _ => "nobody we know".to_owned(),
        };
        let mut out = format!("{guest}, {}: {} → {}", self.arrived.strftime("%Y-%m-%d %H:%M"), word(&self.before), word(&self.now));
        for words in &self.evidence {
            out.push_str(&format!("\n    “{}”", table::cut(words, 100)));
        }
        if self.settled {
            out.push_str("\n    (your own word came after it, and stands)");
        }
        out
    }
}

fn word(word: &Word) -> String {
    let Said { answer, sure, party, question, unsubscribe, delegate } = match word {
        Word::Answer(said) => said,
        Word::Automatic => return "automatic reply".into(),
        Word::Bounce { invalid: true } => return "came back, the address does not exist".into(),
        Word::Bounce { invalid: false } => return "delivery notice".into(),
        Word::Complaint => return "reported as spam".into(),
        Word::Nothing => return "nothing to record".into(),
    };
    let mut out = answer.to_string();
    if let Some(party) = party {
        out.push_str(&format!(", {}", people(*party)));
    }
    if let Some(delegate) = delegate {
        let name = delegate.name.clone().or_else(|| delegate.email.as_ref().map(ToString::to_string));
        out.push_str(&format!(", sends {}", name.map_or_else(|| "somebody".into(), |name| table::cut(&name, 60))));
    }
    out.push_str(&beside(*question, *unsubscribe));
    out.push_str(if *sure { " (sure)" } else { " (not sure)" });
    out
}

#[derive(Default)]
struct Count {
    read: usize,
    differ: usize,
    applied: usize,
    cut: usize,
    broken: usize,
}

impl Count {
    fn words(&self, apply: bool) -> String {
        let differ = match self.differ {
            0 => "nothing differs.".to_owned(),
            1 => "1 differs.".to_owned(),
            differ => format!("{differ} differ."),
        };
        let mut out = format!("{} read again: {differ}", counted(self.read - self.cut - self.broken, "mail"));
        match (self.differ, apply) {
            (0, _) => {}
            (_, false) => out.push_str(" Nothing was changed; --apply writes it."),
            (_, true) => out.push_str(&format!(" {} written.", counted(self.applied, "difference"))),
        }
        for (count, why) in [(self.cut, "too long to be kept whole"), (self.broken, "could not be read to the end")] {
            if count > 0 {
                out.push_str(&format!("\n{} left as it was: {why}.", counted(count, "mail")));
            }
        }
        out
    }
}
