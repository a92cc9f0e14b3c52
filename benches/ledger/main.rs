//! What the ledger costs a letter: invite, claim, settle, status. `cargo bench --bench ledger -- GUESTS` (100,000 by default).
//!
//! A figure for the disk stands beside it, because every commit waits for the disk.

use convoke::{
    compose::Templates,
    model::{Address, CalendarPolicy, Campaign, Event, Guest, Lang, Localised, Patience, Sender, Signal},
    store::{Store, outbox, views},
    work::{
        edition::{self, Editions},
        invite,
    },
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, HashSet},
    io::Write as _,
    time::{Duration, Instant},
};

const GROUP: usize = 64;

fn main() {
    let guests = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    runtime.block_on(run(guests));
}

fn campaign() -> Campaign {
    let moment = |text: &str| text.parse().expect("a moment");
    Campaign {
        hours: None,
        name: "gala".into(),
        language: Lang::parse("en").expect("a code"),
        deadline: None,
        calendar: CalendarPolicy::WithInvitation,
        event: Event {
            title: Localised::One("Spring Gala".into()),
            start: moment("2027-04-10T19:00[Europe/Bucharest]"),
            end: moment("2027-04-10T23:30[Europe/Bucharest]"),
            place: Some(Localised::One("City Hall".into())),
            link: None,
        },
    }
}

fn list(guests: usize) -> Vec<Guest> {
    let guest = |number: usize| Guest {
        email: Address::parse(&format!("guest{number}@post{}.example", number % 97)).expect("an address"),
        name: format!("Guest Number {number}"),
        lang: None,
        organisation: Some("The Society of Guests".into()),
        zone: None,
        fields: BTreeMap::from([("salutation".to_owned(), format!("Dear Guest {number}"))]),
        row: u32::try_from(number + 2).unwrap_or(u32::MAX),
    };
    (0..guests).map(guest).collect()
}

async fn run(guests: usize) {
    let folder = tempfile::tempdir_in(".").expect("a folder");
    let path = folder.path().join("convoke.db");
    let store = Store::open(&path).expect("a database");
    println!("fsync {:.2} ms (median)", fsync(folder.path()));
    let body = "Lorem ipsum dolor sit amet, **consectetur** adipiscing elit, sed do eiusmod tempor.\n\n".repeat(12);
    let template =
        format!("---\nsubject: Invitation to {{{{event.title}}}}\n---\n{{{{guest.salutation}}}},\n\n{body}{{{{reply_buttons}}}}\n");
    let templates = Templates::parse("t", &BTreeMap::from([("invitation.en.md".to_owned(), template)])).expect("templates");
    let desk = Address::parse("gala@primaria.example").expect("an address");
    let (from, reply_to, bounce_to) = (desk.clone(), desk.clone(), desk);
    let sender = Sender { name: "The Gala".into(), from, reply_to, bounce_to, plus_addressing: false };
    let now: Timestamp = "2027-03-01T12:00:00Z".parse().expect("a time");

    let list = list(guests);
    println!("{guests} guests, {} MB with the list in memory", peak());
    let start = Instant::now();
    let some = list.get(..guests.min(20_000)).unwrap_or(&list);
    let checked = invite::check(&templates, &campaign(), &sender, some, now).expect("letters");
    told("check (render and let go)", start.elapsed(), some.len());
    let content = edition::content(&templates, &campaign(), &sender);
    let (file, again, subjects) = (String::new(), Vec::new(), checked.subjects);
    let round = invite::Round { campaign: campaign(), file, content, guests: list, again, subjects };
    let start = Instant::now();
    invite::queue(&store, round, now, rand::random::<u64>).await.expect("queued");
    told("queue (one transaction)", start.elapsed(), guests);
    println!("{} MB at most; database {} MB", peak(), std::fs::metadata(&path).map_or(0, |meta| meta.len() / 1_000_000));

    deliver(&store, guests, now).await;

    let start = Instant::now();
    let status = store.read(|conn| views::status(conn, "gala")).await.expect("status").expect("a campaign");
    println!("status: {:?}, {} sent", start.elapsed(), status.delivery.get("sent"));
    println!("{} MB at most", peak());
}

/// Claims and settles every letter, as a sender at full speed would; time is that of the store thread.
async fn deliver(store: &Store, guests: usize, now: Timestamp) {
    let editions = Editions::default();
    let (mut looking, mut claiming, mut settling, mut writing) = (Duration::ZERO, Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let whole = Instant::now();
    let mut done = 0;
    loop {
        let (batch, took) = store
            .read(move |conn| {
                let start = Instant::now();
                let held: HashSet<i64> = HashSet::new();
                Ok((outbox::upcoming(conn, now, &[], |id| held.contains(&id), GROUP)?, start.elapsed()))
            })
            .await
            .expect("a look");
        looking += took;
        if batch.letters.is_empty() {
            break;
        }
        let start = Instant::now();
        for letter in &batch.letters {
            if done < 20_000 {
                let set = editions.get(store, letter.edition.expect("an edition")).await.expect("a look").expect("a set");
                set.letter(&letter.guest, &letter.stamp).expect("a letter");
            }
        }
        writing += start.elapsed();
        let ids: Vec<i64> = batch.letters.iter().map(|letter| letter.id).collect();
        done += ids.len();
        let (claimed, took) = store
            .write(move |conn| {
                let start = Instant::now();
                Ok((outbox::claim(conn, &ids, now)?, start.elapsed()))
            })
            .await
            .expect("claimed");
        claiming += took;
        settling += store
            .write(move |conn| {
                let start = Instant::now();
                for id in claimed {
                    let signal = Signal::Accepted { receipt: "2.0.0 Ok: queued as 4cZxk31Wn2z9vbL".into() };
                    outbox::settle(conn, id, signal, now, &Patience::default(), Some(b"unused"))?;
                }
                Ok(start.elapsed())
            })
            .await
            .expect("settled");
    }
    told("upcoming, on the store thread", looking, guests);
    told("claim, on the store thread", claiming, guests);
    told("settle, on the store thread", settling, guests);
    told("render again", writing, guests.min(20_000));
    told("all of it, commits included, rendering left out", whole.elapsed() - writing, guests);
}

fn told(what: &str, took: Duration, letters: usize) {
    println!("{what}: {:.1} µs a letter, {:.2} s", took.as_secs_f64() * 1e6 / letters.max(1) as f64, took.as_secs_f64());
}

/// Peak resident memory, MB; zero where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1_000
}

/// Milliseconds that a small durable write takes.
fn fsync(folder: &std::path::Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("fsync")).expect("a file");
    let mut took: Vec<f64> = (0..50)
        .map(|_| {
            let start = Instant::now();
            file.write_all(&[0; 4096]).and_then(|()| file.sync_data()).expect("a write");
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    took.sort_by(f64::total_cmp);
    took.get(25).copied().unwrap_or(0.0)
}
