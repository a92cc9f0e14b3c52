//! What became of the letters, told at the end of a `send`.

use super::super::{
    Exit, list,
    outbox::{go_on, go_on_after, why},
    words::tell,
};
use crate::{
    daemon::{Clock, deliver::Ended},
    store::{self, Connection, Store, campaigns, outbox, views},
};
use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

pub(super) async fn report(store: &Store, name: &str, ended: Ended, began: Timestamp, json: bool) -> anyhow::Result<Exit> {
    let name = name.to_owned();
    let known = store.read(move |conn| campaigns::by_name(conn, &name)).await?.context("the campaign is gone from the database")?;
    let campaign = known.id;
    let numbers = |state: &'static str| store.read(move |conn| views::in_state(conn, campaign, state));
    let (sent, queued) = (numbers("sent").await?, numbers("queued").await?);
    let open = |state: &'static str| store.read(move |conn| outbox::count(conn, Some(campaign), &[state]));
    let (uncertain, failed) = (open("uncertain").await?, open("failed").await?);
    if json {
        anstream::println!("{}", serde_json::json!({"sent": sent, "queued": queued, "uncertain": uncertain, "failed": failed}));
    } else {
        anstream::println!("{sent} sent, {queued} waiting, {uncertain} uncertain, {failed} failed.");
    }
    let states = ["queued", "uncertain", "failed", "cancelled"];
    let mut shown = store.read(move |conn| outbox::in_states_of(conn, Some(campaign), &states, 10_000)).await?;
    shown.retain(|letter| match letter.state.as_str() {
        // One that was not tried yet has no more to tell than the number.
        "queued" => letter.attempts > 0,
        "cancelled" => is_since(letter.due, began) || letter.missed,
        _ => true,
    });
    for letter in shown.iter().take(list::NAMED) {
        let when =
            if letter.state == "queued" { format!(", next try {}", letter.due.strftime("%Y-%m-%d %H:%M UTC")) } else { String::new() };
        let why = Some(why(letter)).filter(|why| !why.is_empty()).map(|why| format!(": {why}")).unwrap_or_default();
        tell(json, format_args!("  {} {}{when}{why}", letter.state, letter.email));
    }
    if shown.len() > list::NAMED {
        tell(json, "  … `convoke outbox` shows all");
    }
    let rest = known.campaign.hours.as_ref().filter(|_| queued > 0).and_then(|hours| hours.rest(Clock::default().now()));
    if let Some(rest) = &rest {
        let name = &known.campaign.name;
        tell(json, format_args!("{name} {rest}: `convoke run`, or a `convoke send {name}` then, lets the letters go."));
    }
    if known.paused && queued > 0 {
        let why = if known.paused_why.is_empty() { String::new() } else { format!(" by itself ({})", known.paused_why) };
        let name = &known.campaign.name;
        tell(
            json,
            format_args!(
                "The campaign is paused{why}: `convoke resume {name}`, and then `convoke send {name}` or a daemon that runs, lets the letters go."
            ),
        );
    }
    if shown.iter().any(|letter| letter.state == "cancelled") {
        tell(
            json,
            "What is cancelled was not sent and will not be, because the guest had said no, or asked for no more letters; `convoke outbox resend EMAIL` sends it all the same.",
        );
    }
    if failed > 0 {
        tell(
            json,
            "What failed is not tried again: `convoke guests fix EMAIL --to NEW` for a wrong address, `convoke outbox resend EMAIL`, or `convoke outbox resend --failed` for all, once the cause is mended.",
        );
    }
    if uncertain > 0 {
        tell(
            json,
            "What is uncertain may have left: the relay did not answer for it. It is not sent again by itself; `convoke outbox` says what to do.",
        );
    }
    // Trouble that no letter waits for is no trouble of this call.
    if let Ended::Trouble(trouble) = &ended
        && queued > 0
    {
        let left = move |conn: &Connection| {
            Ok(outbox::count_since(conn, campaign, "sent", began)? + outbox::count_since(conn, campaign, "uncertain", began)?)
        };
        if store.read(left).await? == 0 {
            return Err(anyhow::anyhow!("{}", trouble.why).context(format!(
                "the relay does not take our letters; every letter that waits stays as it was, and `convoke send {}` goes on with them",
                known.campaign.name
            )));
        }
        tell(json, format_args!("The relay takes no more letters now: {}", trouble.why));
    }
    if queued + uncertain + failed == 0 {
        return Ok(Exit::Done);
    }
    if queued > 0 && rest.is_none() && !known.paused {
        match ended {
            Ended::Limited { until } => {
                let now = Clock::default().now();
                let (hour, day) = store.read(move |conn| Ok((left_within(conn, 1, now)?, left_within(conn, 24, now)?))).await?;
                tell(json, go_on_after(queued, &known.campaign.name, until, hour, day));
            }
            Ended::Quiet | Ended::Trouble(_) | Ended::Stopped => tell(json, go_on(queued, &known.campaign.name)),
        }
    }
    Ok(Exit::Waiting)
}

/// How many letters of all campaigns left within the last hours: limits count them so.
fn left_within(conn: &Connection, hours: i64, now: Timestamp) -> store::Result<u64> {
    let length = SignedDuration::from_hours(hours);
    let left = outbox::left_since(conn, now.saturating_sub(length).unwrap_or(now), length)?;
    Ok(left.iter().map(|(_, letters)| letters).sum())
}

/// Whether what the database knows happened since a call began: it counts in milliseconds, and the call's first is part of it.
fn is_since(at: Timestamp, began: Timestamp) -> bool {
    at.as_millisecond() >= began.as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::notes::Trouble;

    #[tokio::test]
    async fn the_relay_that_took_a_letter_of_this_call_takes_our_letters() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("convoke.db")).unwrap();
        let rows = r#"INSERT INTO campaign (id, name, definition, created) VALUES (1, 'c', '{"name":"c","language":"en","calendar":"never","deadline":null,"hours":null,"event":{"title":{"en":"t"},"start":"2099-01-01T10:00:00+00:00[UTC]","end":"2099-01-01T11:00:00+00:00[UTC]","place":{},"link":null}}', 0);
             INSERT INTO invitation (id, campaign, token, listed, name_key, email, name, lang, guest, created, since) VALUES
                (1, 1, 'a', 'a', '', 'a', '', 'en', '{}', 0, 0), (2, 1, 'b', 'b', '', 'b', '', 'en', '{}', 0, 0);
             INSERT INTO letter (id, invitation, campaign, kind, number, message_id, mail_from, rcpt_to, created, state, due, at) VALUES
                (1, 1, 1, 'invitation', 1, '1', 'd', 'a', 0, 'sent', 5000, 5000), (2, 2, 1, 'invitation', 1, '2', 'd', 'b', 0, 'queued', 0, 0)"#;
        store.write(move |conn| Ok(conn.execute_batch(rows)?)).await.unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let ended = || Ended::Trouble(Trouble::new("it is down".into(), at(900), false));
        let why = format!("{:#}", report(&store, "c", ended(), at(6), true).await.unwrap_err());
        assert!(why.starts_with("the relay does not take our letters; ") && why.ends_with(": it is down"), "{why}");
        assert_eq!(report(&store, "c", ended(), at(5), true).await.unwrap(), Exit::Waiting);
        store.write(|conn| Ok(conn.execute_batch("UPDATE letter SET state = 'uncertain' WHERE id = 1")?)).await.unwrap();
        assert_eq!(report(&store, "c", ended(), at(5), true).await.unwrap(), Exit::Waiting);
    }

    #[test]
    fn what_happens_in_the_first_millisecond_of_a_call_is_told() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let began = at("2026-11-30T12:00:00.0107Z");
        assert!(is_since(at("2026-11-30T12:00:00.010Z"), began));
        assert!(!is_since(at("2026-11-30T12:00:00.009Z"), began));
    }
}
