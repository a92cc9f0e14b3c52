//! `status`: who comes, in numbers.

use super::{Exit, args::Which, desk, folders, outbox::Queue, table, words::counted};
use crate::{
    config::Config,
    daemon::{Clock, files::Files},
    store::{
        unwanted::KeptBack,
        views::{self, Status},
    },
};
use jiff::Timestamp;
use std::path::Path;

/// "2 guests ask something, 1 wants no more letters: …", what only the organiser can heed; None where nobody does.
fn beside(question: u64, unsubscribe: u64, campaign: &str) -> Option<String> {
    let says = [(question, "asks something", "ask something"), (unsubscribe, "wants no more letters", "want no more letters")];
    let mut told = Vec::new();
    for (guests, one, several) in says.into_iter().filter(|(guests, ..)| *guests > 0) {
        let who = if told.is_empty() { counted(guests, "guest") } else { guests.to_string() };
        told.push(format!("{who} {}", if guests == 1 { one } else { several }));
    }
    (!told.is_empty()).then(|| format!("{}: see `convoke guests {campaign}`.", told.join(", ")))
}

pub async fn run(path: &Path, which: &Which, json: bool) -> anyhow::Result<Exit> {
    let config = desk::configuration(path)?;
    let store = desk::existing_database(&config)?;
    let name = desk::known_campaign(&store, which.campaign.as_deref()).await?.campaign.name;
    let status = store.read(move |conn| views::status(conn, &name)).await?;
    let Some(mut status) = status else { anyhow::bail!("the campaign is gone") };
    // Of one that is read no more, no news is to be expected.
    if has_mailbox(&config) {
        let on_disk: Vec<String> = folders::on_disk(&config).iter().map(Files::name).collect();
        let on_server = config.imap.iter().flat_map(|imap| &imap.folders);
        let read: Vec<&String> = on_server.chain(&on_disk).collect();
        status.mailbox.retain(|folder| read.contains(&&folder.folder));
    }
    if json {
        anstream::println!("{}", serde_json::to_string(&status)?)
    } else {
        anstream::print!("{}", words(&status));
        let (campaign, letters) = (status.campaign.clone(), status.delivery.get("queued"));
        let queue = Queue { campaign, letters, unwanted: status.unwanted };
        match (resting(&status, Clock::default().now()), queue.words()) {
            (Some(rest), _) => anstream::println!("{rest}"),
            (None, Some(queue)) if !status.paused => anstream::println!("{queue}"),
            (None, _) => {}
        }
        if has_mailbox(&config) && status.mailbox.is_empty() {
            anstream::println!("The mailbox was never read: `convoke run` reads it.");
        }
    }
    Ok(Exit::Done)
}

/// Where letters wait for the hours of their campaign.
fn resting(status: &Status, now: Timestamp) -> Option<String> {
    let rest = status.hours.as_ref().filter(|_| status.delivery.get("queued") > 0)?.rest(now)?;
    Some(format!("{} {rest}.", status.campaign))
}

fn has_mailbox(config: &Config) -> bool {
    config.imap.is_some() || config.maildir.is_some() || config.mbox.is_some()
}

/// The table of a campaign, and the commands that go on from it.
fn words(status: &Status) -> String {
    numbers(status) + &ways(status)
}

/// The table of a campaign.
pub fn numbers(status: &Status) -> String {
    let mut out = String::new();
    let deadline = status.deadline.map(|day| format!(", answers until {day}")).unwrap_or_default();
    let paused = if status.paused { " (paused)" } else { "" };
    out.push_str(&format!("{}{paused}: {}{deadline}\n\n", status.campaign, counted(status.guests, "guest")));
    if !status.paused_why.is_empty() {
        let why = table::plain(&status.paused_why);
        out.push_str(&format!("It paused itself: {why}. `convoke resume {}` lets the letters go.\n\n", status.campaign));
    }
    let mut numbers = table::new(&["", "guests"]);
    for (name, count) in &status.standing.0 {
        numbers.add_row(vec![label(name).to_owned(), count.to_string()]);
    }
    if let Some(column) = numbers.column_mut(1) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    let come = if status.people == 1 { "1 person comes".to_owned() } else { format!("{} people come", status.people) };
    out.push_str(&format!("{numbers}\n\n{come}.\n"));
    if let Some((people, start)) = &status.moved {
        let were = if *people == 1 { "was" } else { "were" };
        let start = start.strftime("%Y-%m-%d %H:%M");
        out.push_str(&format!("Of these, {people} {were} invited to another start than {start}: convoke does not tell them of it.\n"));
    }
    if let Some((people, place)) = &status.elsewhere {
        let were = if *people == 1 { "was" } else { "were" };
        let place = table::plain(place);
        out.push_str(&format!("Of these, {people} {were} invited to another place than {place}: convoke does not tell them of it.\n"));
    }
    out.push_str(&format!("Letters: {}.\n", told(&status.delivery.0)));
    out.push_str(&format!("Mails: {}.\n", told(&status.mail.0)));
    for folder in &status.mailbox {
        let when = folder.last_read.map_or_else(|| "never".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
        out.push_str(&format!("{} read at {when}.\n", folder.folder));
    }
    if let Some(trouble) = &status.relay {
        out.push_str(&format!("The relay has trouble: {}\n", trouble.why));
    }
    if let Some(trouble) = &status.reader {
        out.push_str(&format!("The mailbox has trouble: {}\n", trouble.why));
    }
    for trouble in &status.files {
        out.push_str(&format!("A folder on this machine has trouble: {}\n", trouble.why));
    }
    if let Some(trouble) = &status.sent {
        out.push_str(&format!("The Sent folder has trouble: {}\n", trouble.why));
    }
    out
}

/// Which commands show what a number means.
fn ways(status: &Status) -> String {
    let mut out = String::new();
    if status.mail.get("needs_look") > 0 {
        out.push_str(&format!("`convoke review {}` goes through what needs a look.\n", status.campaign));
    }
    if let Some(beside) = beside(status.question, status.unsubscribe, &status.campaign) {
        out.push_str(&format!("{beside}\n"));
    }
    if let Some(kept_back) = kept_back(status.kept_back) {
        out.push_str(&kept_back);
    }
    if status.delivery.get("uncertain") > 0 {
        out.push_str("`convoke outbox` shows the letters of which nobody can tell whether they left.\n");
    }
    if let failed @ 1.. = status.delivery.get("failed") {
        let were = if failed == 1 { "was" } else { "were" };
        out.push_str(&format!("{} {were} refused for good: `convoke outbox` says what to do.\n", counted(failed, "letter")));
    }
    if let bounced @ 1.. = status.delivery.get("bounced") {
        let (letters, name) = (counted(bounced, "letter"), &status.campaign);
        out.push_str(&format!("{letters} came back: `convoke guests {name} --delivery bounced` names the guests.\n"));
    }
    out
}

/// Of the invitations that were withdrawn because nobody wanted them, and of guests who may come after all.
fn kept_back(KeptBack { letters, unwilling, missed }: KeptBack) -> Option<String> {
    let (were, guests) = match letters {
        0 => return None,
        1 => ("1 invitation was".to_owned(), "the guest"),
        many => (format!("{many} invitations were"), "the guests"),
    };
    let had = match unwilling {
        0 => "said no",
        all if all == letters => "asked for no more letters",
        _ => "said no, or asked for no more letters,",
    };
    let missed = match missed {
        0 => String::new(),
        1 => " Careful: 1 guest of these does not say no any more, and has no invitation.".to_owned(),
        many => format!(" Careful: {many} guests of these do not say no any more, and have no invitation."),
    };
    Some(format!("{were} withdrawn, because {guests} had {had} before; `convoke outbox` tells.{missed}\n"))
}

fn label(name: &str) -> &str {
    match name {
        "accept" => "accept",
        "decline" => "decline",
        "delegate" => "send somebody",
        "tentative" => "tentative",
        "silent" => "silent",
        "needs_look" => "need a look",
        "unreachable" => "unreachable",
        other => other,
    }
}

fn told(counts: &[(&'static str, u64)]) -> String {
    let some: Vec<String> =
        counts.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {}", name.replace('_', " "))).collect();
    if some.is_empty() { "none".to_owned() } else { some.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::{beside, views, words};
    use crate::{
        model::Campaign,
        store::{
            Store, campaigns,
            notes::{self, Side, Trouble},
        },
    };
    use jiff::Timestamp;
    use std::path::Path;

    #[tokio::test]
    async fn trouble_with_copies_is_said_of_the_sent_folder() {
        let store = Store::open(Path::new(":memory:")).unwrap();
        let campaign = r#"{"name":"gala","language":"en","calendar":"never","deadline":null,"hours":null,"event":{"title":{"en":"t"},"start":"2099-01-01T10:00:00+00:00[UTC]","end":"2099-01-01T11:00:00+00:00[UTC]","place":{},"link":null}}"#;
        let campaign: Campaign = serde_json::from_str(campaign).unwrap();
        let full = Trouble::new("no copies of letters: the server refused APPEND".to_owned(), Timestamp::UNIX_EPOCH, false);
        let status = store.write(move |conn| {
            campaigns::save(conn, &campaign, "gala.toml", Timestamp::UNIX_EPOCH)?;
            notes::set(conn, Side::Sent, Some(&full))?;
            views::status(conn, "gala")
        });
        let told = words(&status.await.unwrap().unwrap());
        assert!(told.contains("\nThe Sent folder has trouble: no copies of letters: the server refused APPEND\n"), "{told}");
        assert!(!told.contains("on this machine"), "{told}");
    }

    #[tokio::test]
    async fn where_letters_that_came_back_are_named_is_told() {
        let store = Store::open(Path::new(":memory:")).unwrap();
        let rows = r#"INSERT INTO campaign (id, name, definition, created) VALUES (1, 'gala', '{"name":"gala","language":"en","calendar":"never","deadline":null,"hours":null,"event":{"title":{"en":"t"},"start":"2099-01-01T10:00:00+00:00[UTC]","end":"2099-01-01T11:00:00+00:00[UTC]","place":{},"link":null}}', 0);
             INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, 'a', 'a', '', 'a', '', 'en', '{}', 0, 0);
             INSERT INTO letter (id, invitation, campaign, kind, number, message_id, mail_from, rcpt_to, created, state, due, at) VALUES
                (1, 1, 1, 'invitation', 1, '1', 'd', 'a', 0, 'bounced', 0, 0)"#;
        store.write(move |conn| Ok(conn.execute_batch(rows)?)).await.unwrap();
        let told = words(&store.read(|conn| views::status(conn, "gala")).await.unwrap().unwrap());
        assert!(told.contains("\n1 letter came back: `convoke guests gala --delivery bounced` names the guests.\n"), "{told}");
    }

    #[test]
    fn what_guests_say_beside_is_counted_in_words() {
        let words = |question, unsubscribe| beside(question, unsubscribe, "gala");
        assert_eq!(words(0, 0), None);
        assert_eq!(words(3, 2).as_deref(), Some("3 guests ask something, 2 want no more letters: see `convoke guests gala`."));
        assert_eq!(words(1, 1).as_deref(), Some("1 guest asks something, 1 wants no more letters: see `convoke guests gala`."));
        assert_eq!(words(0, 2).as_deref(), Some("2 guests want no more letters: see `convoke guests gala`."));
    }
}
