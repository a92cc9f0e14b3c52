//! `outbox confirm --uncertain`: all letters of a campaign of which nobody knows whether they left.

use super::{
    super::{
        Exit, desk, number,
        words::{counted, tell},
    },
    has_changed, is_restored, named, show,
};
use crate::{
    daemon::Clock,
    store::{
        self, Store,
        outbox::{self, Waiting},
    },
    work::rule::{self, Word},
};

/// Counts all letters of a campaign as sent that are uncertain, after the number was confirmed. What waits in a backup that was put
/// back may have left, too; but most of it has not, so it is told and left out.
pub async fn uncertain(store: &Store, campaign: Option<&str>, yes: Option<usize>, json: bool) -> anyhow::Result<Exit> {
    let known = desk::known_campaign(store, campaign).await?;
    let (id, name, restored) = (known.id, &known.campaign.name, is_restored(&known));
    let look = move |conn: &store::Connection| {
        let waiting = if restored { outbox::count(conn, Some(id), &["queued"])? } else { 0 };
        Ok((outbox::in_states_of(conn, Some(id), &["uncertain"], usize::MAX >> 1)?, waiting))
    };
    let (mut letters, waiting) = store.read(look).await?;
    letters.sort_by_key(|letter| letter.letter);
    let (all, are) = (counted(letters.len(), "letter"), if letters.len() == 1 { "is" } else { "are" });
    tell(json, format_args!("Campaign {name}: {all} {are} uncertain, {} to count as sent now.", letters.len()));
    show(&letters.iter().collect::<Vec<_>>(), json);
    if waiting > 0 {
        let (letters, (wait, are)) = (counted(waiting, "letter"), if waiting == 1 { ("waits", "is") } else { ("wait", "are") });
        tell(
            json,
            format_args!(
                "{letters} {wait} in this backup, and {are} not among them: `convoke outbox confirm EMAIL` for each that has left."
            ),
        );
    }
    number::confirm_sent(letters.len(), yes, "`convoke outbox`", json)?;
    let mut sent = 0;
    for Waiting { letter, email, .. } in &letters {
        if rule::letter(store, *letter, Word::Confirm, Clock::default().now()).await? {
            tell(json, named::done(Word::Confirm, email));
            sent += 1;
        } else {
            tell(json, has_changed(email));
        }
    }
    if !letters.is_empty() {
        tell(json, sum(sent, letters.len() - sent));
    }
    Ok(Exit::Done)
}

/// How many letters count as sent, and how many are left as they are.
pub fn sum(sent: usize, left: usize) -> String {
    let count = if sent == 1 { "counts" } else { "count" };
    let left = match left {
        0 => String::new(),
        1 => ", 1 is left as it is".to_owned(),
        many => format!(", {many} are left as they are"),
    };
    format!("{} {count} as sent{left}.", counted(sent, "letter"))
}
