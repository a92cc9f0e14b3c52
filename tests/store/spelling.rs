//! Guests who write from another spelling of their address.

use super::invited::invite_at;
use convoke::{
    model::{Address, Certainty},
    store::{Connection, Store, inbox, views},
    work::{Step, mbox::Mbox, receive::Desk},
};
use jiff::{SignedDuration, Timestamp};
use std::path::Path;

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn noon() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().expect("a time")
}

/// A database in which the guests of these addresses are invited to `gala`, as 1, 2, 3 …
fn invited(path: &Path, emails: &[&str]) -> Connection {
    drop(Store::open(path).expect("a database"));
    let conn = Connection::open(path).expect("a database");
    (1u64..).zip(emails).for_each(|(number, email)| invite_at(&conn, "gala", number, email, noon()));
    conn
}

#[test]
fn the_database_computes_the_mailbox_of_an_address_as_the_model_does() {
    let spellings = [
        "ana@post.example",
        "Ana+News@post.example",
        "ana+a+b@post.example",
        "+ana@post.example",
        "++@post.example",
        "ana+gmail.com@post.example",
        "a.na@post.example",
        "a.na@mail.gmail.com",
        "a.n.a@gmail.com",
        "a.n.a+x.y@googlemail.com",
        "+a.b@gmail.com",
        "jürgen+ü@bücher.example",
    ];
    let folder = super::folder();
    let conn = invited(&folder.path().join("convoke.db"), &spellings);
    let mut all = conn.prepare("SELECT email, mailbox FROM invitation").expect("SQL");
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), spellings.len());
    for (email, mailbox) in rows {
        assert_eq!(mailbox, address(&email).mailbox(), "{email}");
    }
}

#[test]
fn the_guests_of_a_mailbox_are_found_by_any_spelling() {
    let folder = super::folder();
    let emails = ["guest@post.example", "guest+b@post.example", "guest.c@post.example", "a.b@gmail.com", "guest@other.example"];
    let conn = invited(&folder.path().join("convoke.db"), &emails);
    let found = |email: &str| {
        let mut found: Vec<i64> =
            inbox::by_mailbox(&conn, &address(email)).expect("a look").into_iter().map(|holder| holder.invitation).collect();
        found.sort_unstable();
        found.dedup();
        found
    };
    assert_eq!(found("guest+news@post.example"), [1, 2]);
    assert_eq!(found("guest.c+x@post.example"), [3]);
    assert_eq!(found("A.b+x@googlemail.com"), [4]);
    assert_eq!(found("guestc@post.example"), [0; 0]);
    let exact: Vec<i64> =
        inbox::by_mailbox(&conn, &address(emails[1])).expect("a look").iter().map(|holder| holder.invitation).take(1).collect();
    assert_eq!(exact, [2], "the very address first, however many others there are");
    conn.execute("UPDATE invitation SET email = 'guest+d@else.example' WHERE id = 1", []).expect("mended");
    assert_eq!((found("guest@post.example"), found("guest@else.example")), (vec![2], vec![1]), "the address in use");
}

/// A mail of its own: neither a token nor a thread says whose it is.
fn alone(number: u32, from: &str, said: &str) -> String {
    format!(
        "From {from} Mon Nov 30 12:30:00 2026\nFrom: <{from}>\nTo: gala@primaria.example\nMessage-ID: <{number}@mail.example>\n\
         Date: Mon, 30 Nov 2026 12:30:00 +0000\nSubject: Gala\n\n{said}\n\n"
    )
}

#[tokio::test]
async fn a_mail_from_another_spelling_of_a_guests_address_is_the_guests() {
    let folder = super::folder();
    let path = folder.path().join("convoke.db");
    drop(invited(&path, &["ana.pop@gmail.com", "ben@post.example", "office+eva@post.example", "office+max@post.example"]));
    let store = Store::open(&path).expect("the database");
    let yes = "Yes, I will come.";
    let mails: String = (1u32..)
        .zip(["anapop@googlemail.com", "ben+news@post.example", "office@post.example", "nobody+ben@post.example"])
        .map(|(number, from)| alone(number, from, yes))
        .collect();
    let file = folder.path().join("mbox");
    std::fs::write(&file, mails).expect("written");

    let desk = Desk { ours: vec![address("gala@primaria.example")], authserv_id: None, certainty: Certainty::default() };
    let mut now = noon() + SignedDuration::from_hours(1);
    let mut mbox = Mbox::open(&store, "mbox:here", file, now).await.expect("an mbox").expect("somebody was invited");
    loop {
        match mbox.step(&store, &desk, now).await.expect("a step") {
            Step::Did => {}
            Step::Rest { until: Some(until) } => now = until,
            Step::Rest { until: None } => break,
        }
    }
    let guests = store.read(|conn| views::guests(conn, None)).await.expect("guests");
    let standing: Vec<&str> = guests.iter().map(|guest| guest.standing.as_str()).collect();
    assert_eq!(standing, ["accept", "needs_look", "silent", "silent"]);
    let looks = store.read(|conn| inbox::looks(conn, None)).await.expect("looks");
    let whose: Vec<_> = looks.iter().map(|look| (look.invitation, look.sender.as_str())).collect();
    assert_eq!(whose, [(Some(2), "ben+news@post.example"), (None, "office@post.example")], "{looks:?}");
    let status = store.read(|conn| views::status(conn, "gala")).await.expect("status").expect("the campaign");
    assert_eq!((status.mail.get("recorded"), status.mail.get("needs_look"), status.mail.get("not_ours")), (1, 2, 1));
}
