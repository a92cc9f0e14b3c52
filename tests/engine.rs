//! The sender as the loops drive it: letters ahead, limits, hours, refusals in a row; with a clock in the hand.

#[path = "engine/disk.rs"]
mod disk;
#[path = "engine/door.rs"]
mod door;

use convoke::{
    compose::Templates,
    model::{Address, CalendarPolicy, Campaign, Event, Guest, Hours, Lang, Localised, Sender as Who},
    net::{
        Account, Auth, Secret, Security,
        dkim::{Signer, Signers},
        smtp,
    },
    plan::{Limit, Limits, Pace},
    sandbox::{Guests, Reaction, Sandbox},
    store::{Store, campaigns, views},
    work::{
        Step, edition, invite,
        send::{self, Brake, Held, Seat, Sender, Terms},
    },
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

const DESK: &str = "workshop@primaria.example";

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn noon() -> Timestamp {
    "2026-11-30T12:00:00Z".parse().expect("a time")
}

fn later(seconds: i64) -> Timestamp {
    noon() + SignedDuration::from_secs(seconds)
}

fn guest(number: usize) -> String {
    format!("guest{number}@post.example")
}

fn campaign(hours: Option<&str>) -> Campaign {
    Campaign {
        name: "workshop".into(),
        language: Lang::parse("en").expect("a code"),
        deadline: None,
        calendar: CalendarPolicy::Never,
        event: Event {
            title: Localised::One("Workshop".into()),
            start: "2026-12-10T13:15[Europe/Bucharest]".parse().expect("a moment"),
            end: "2026-12-10T15:30[Europe/Bucharest]".parse().expect("a moment"),
            place: None,
            link: None,
        },
        hours: hours.map(|text| Hours::parse(text).expect("hours")),
    }
}

/// A database with one letter for each guest in its queue, and a server; those whom it `refuses` have no mailbox.
struct House {
    _folder: TempDir,
    store: Store,
    sandbox: Sandbox,
}

impl House {
    async fn with(guests: usize, refuses: impl Fn(usize) -> Option<&'static str>, hours: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("convoke.db")).expect("a new database");
        let refusals = (0..guests).filter_map(|number| {
            let reply = refuses(number)?;
            Some((address(&guest(number)), vec![Reaction::RefuseRcpt { reply: reply.into() }]))
        });
        let sandbox = Sandbox::start(Guests::scripted(refusals.collect()), noon, address(DESK)).await.expect("free ports");
        let template = "---\nsubject: You are invited\n---\nDear {{guest.name}},\n\nplease come.\n\n{{reply_buttons}}\n";
        let files = BTreeMap::from([("invitation.en.md".to_owned(), template.to_owned())]);
        let templates = Templates::parse("templates/t", &files).expect("a set");
        let desk = address(DESK);
        let who = Who { name: "Primaria".into(), from: desk.clone(), reply_to: desk.clone(), bounce_to: desk, plus_addressing: false };
        let campaign = campaign(hours);
        let list = (0..guests).map(|number| Guest {
            email: address(&guest(number)),
            name: format!("Guest {number}"),
            lang: None,
            organisation: None,
            zone: None,
            fields: BTreeMap::new(),
            row: 2,
        });
        let round = invite::Round {
            content: edition::content(&templates, &campaign, &who),
            campaign,
            file: "/srv/workshop.toml".into(),
            guests: list.collect(),
            again: Vec::new(),
            subjects: BTreeSet::new(),
        };
        let mut token = 0;
        let tokens = move || {
            token += 1;
            token
        };
        invite::queue(&store, round, noon(), tokens).await.expect("queued");
        Self { _folder: folder, store, sandbox }
    }

    /// A sender to another server, without a sign-in.
    fn sender_to(port: u16) -> Sender {
        let account = Account { host: "127.0.0.1".into(), port, security: Security::None, ca: None, user: None, auth: Auth::None };
        Sender::new(account, "primaria.example".into(), smtp::Timeouts::default(), Terms::new(Pace::free()))
    }

    fn sender(&self, terms: Terms) -> Sender {
        let auth = Auth::Password(Secret::new("any"));
        let port = self.sandbox.smtp_port;
        let account = Account { host: "127.0.0.1".into(), port, security: Security::None, ca: None, user: Some("desk".into()), auth };
        Sender::new(account, "primaria.example".into(), smtp::Timeouts::default(), terms)
    }

    /// Turns of one seat until it rests; until when.
    async fn send(&self, sender: &Sender, now: Timestamp) -> Option<Timestamp> {
        let mut seat = Seat::default();
        for _ in 0..1_000 {
            if let Step::Rest { until } = sender.turn(&self.store, &mut seat, &|| now).await.expect("a turn") {
                sender.retire(&self.store, &mut seat).await.expect("written");
                return until;
            }
        }
        panic!("a thousand turns without a rest")
    }

    fn arrived(&self) -> usize {
        self.sandbox.letters().len()
    }

    async fn status(&self) -> views::Status {
        self.store.read(|conn| views::status(conn, "workshop")).await.expect("a look").expect("a campaign")
    }

    async fn how_many(&self, state: &str) -> u64 {
        self.status().await.delivery.get(state)
    }
}

fn terms(limits: &[(u32, i64)]) -> Terms {
    let limits: Vec<Limit> =
        limits.iter().map(|(letters, seconds)| Limit { letters: *letters, per: SignedDuration::from_secs(*seconds) }).collect();
    Terms { limits: Limits::new(&limits), ..Terms::new(Pace::free()) }
}

#[tokio::test]
async fn every_letter_leaves_once_over_many_seats() {
    let house = House::with(300, |_| None, None).await;
    let sender = house.sender(Terms::new(Pace::free()));
    let mut seats = tokio::task::JoinSet::new();
    for number in 0..5 {
        let (sender, store) = (sender.clone(), house.store.clone());
        seats.spawn(async move {
            let mut seat = Seat::new(number);
            let clock = || Timestamp::now().max(noon());
            while sender.turn(&store, &mut seat, &clock).await.expect("a turn") == Step::Did {}
            sender.retire(&store, &mut seat).await.expect("written");
        });
    }
    seats.join_all().await;
    let recipients: BTreeSet<String> = house.sandbox.letters().iter().flat_map(|letter| &letter.rcpt_to).map(ToString::to_string).collect();
    assert_eq!((house.arrived(), recipients.len(), house.how_many("sent").await), (300, 300, 300));
}

#[tokio::test]
async fn a_seat_that_is_dropped_gives_back_what_it_did_not_begin() {
    let house = House::with(300, |_| None, None).await;
    let sender = house.sender(Terms::new(Pace::free()));
    // The rate by this clock is 1,000 letters a second, so letters are claimed ahead.
    let ticks = std::sync::atomic::AtomicI64::new(0);
    let clock = || noon() + SignedDuration::from_millis(ticks.fetch_add(1, std::sync::atomic::Ordering::Relaxed) / 8);
    let mut seat = Seat::default();
    let mut most = 0;
    for _ in 0..200 {
        assert_eq!(sender.turn(&house.store, &mut seat, &clock).await.expect("a turn"), Step::Did);
        most = most.max(house.how_many("sending").await);
    }
    assert!((2..=8).contains(&most), "claimed ahead, and within the window: {most}");
    drop(seat);
    sender.settled(&house.store).await.expect("written");
    let (sent, queued, sending) = (house.how_many("sent").await, house.how_many("queued").await, house.how_many("sending").await);
    assert_eq!((sent, queued, sending), (200, 100, 0));
    assert_eq!(send::recover(&house.store, later(60)).await.expect("recovered"), 0);
    house.send(&house.sender(Terms::new(Pace::free())), later(60)).await;
    assert_eq!((house.arrived(), house.how_many("sent").await), (300, 300));
}

#[tokio::test]
async fn below_two_hundred_a_second_one_letter_is_claimed_at_a_time() {
    let house = House::with(30, |_| None, None).await;
    let sender = house.sender(Terms::new(Pace::free()));
    let ticks = std::sync::atomic::AtomicI64::new(0);
    let clock = || noon() + SignedDuration::from_millis(ticks.fetch_add(1, std::sync::atomic::Ordering::Relaxed) * 5);
    let mut seat = Seat::default();
    for _ in 0..30 {
        assert_eq!(sender.turn(&house.store, &mut seat, &clock).await.expect("a turn"), Step::Did);
        let held = house.how_many("sending").await;
        assert!(held <= 1, "{held} letters are claimed");
    }
    sender.retire(&house.store, &mut seat).await.expect("written");
    assert_eq!((house.arrived(), house.how_many("sent").await), (30, 30));
}

#[tokio::test]
async fn limits_hold_over_a_restart() {
    let house = House::with(12, |_| None, None).await;
    let sender = house.sender(terms(&[(4, 60), (6, 86_400)]));
    let until = house.send(&sender, noon()).await.expect("the minute is full");
    assert_eq!(house.arrived(), 4);
    assert!(until > later(60) && until <= later(63), "{until}");
    // Another process: it knows of the four.
    let sender = house.sender(terms(&[(4, 60), (6, 86_400)]));
    assert!(house.send(&sender, later(30)).await.is_some());
    assert_eq!((house.arrived(), sender.has_knocked()), (4, false), "for nothing nobody knocks at the relay");
    let until = house.send(&sender, later(120)).await.expect("the day is full");
    assert_eq!((house.arrived(), sender.has_knocked()), (6, true));
    assert!(until > later(86_400) && until < later(90_000), "{until}");
    house.send(&house.sender(terms(&[(4, 60), (6, 86_400)])), later(86_300)).await;
    assert_eq!(house.arrived(), 6, "not before the day is over");
    house.send(&house.sender(terms(&[(4, 60), (6, 86_400)])), later(90_000)).await;
    assert_eq!(house.arrived(), 10, "four of the first six are a day old, and the minute takes four");
}

#[tokio::test]
async fn what_keeps_letters_back_is_known() {
    let house = House::with(5, |_| None, None).await;
    let per = |letters, seconds| Brake::Limit(Limit { letters, per: SignedDuration::from_secs(seconds) });
    let sender = house.sender(terms(&[(2, 60), (3, 3_600)]));
    assert_eq!(sender.held(), None);
    for (seconds, by) in [(0, per(2, 60)), (120, per(3, 3_600))] {
        let until = house.send(&sender, later(seconds)).await.expect("a limit is used up");
        assert_eq!(sender.held(), Some(Held { by, until }));
    }
    let sender = house.sender(Terms::new(Pace::of(1, SignedDuration::from_mins(1))));
    house.send(&sender, later(7_200)).await;
    assert_eq!(sender.held(), Some(Held { by: Brake::Rate, until: later(7_260) }));
    house.send(&sender, later(7_260)).await;
    assert_eq!((sender.held(), house.arrived()), (None, 5), "nothing is kept back any more");
}

#[tokio::test]
async fn letters_rest_outside_of_the_hours_of_their_campaign() {
    let house = House::with(3, |_| None, Some("15:00-20:00 Europe/Bucharest")).await;
    let sender = house.sender(Terms::new(Pace::free()));
    assert_eq!(house.send(&sender, noon()).await, Some(later(3_600)), "it is 14:00 in Bucharest");
    assert_eq!(house.arrived(), 0);
    house.send(&sender, later(3_600)).await;
    assert_eq!(house.arrived(), 3);
}

#[tokio::test]
async fn a_letter_is_signed_once_and_a_retry_is_the_same_bytes() {
    let house = House::with(2, |number| (number == 1).then_some("450 4.2.0 greylisted"), None).await;
    let signed = || {
        let signer = Signer::new("primaria.example", "e", include_bytes!("dkim/ed25519.pem")).expect("a key");
        Terms { signers: Signers::new(vec![signer]), ..Terms::new(Pace::free()) }
    };
    house.send(&house.sender(signed()), noon()).await;
    // Another server that has nothing against the second guest, an hour later.
    let other = House::with(0, |_| None, None).await;
    house.send(&other.sender(signed()), later(3_600)).await;
    let (first, second) = (house.sandbox.letters(), other.sandbox.letters());
    assert_eq!((first.len(), second.len()), (1, 1));
    for letter in [&first[0], &second[0]] {
        let raw = String::from_utf8_lossy(&letter.raw);
        assert!(raw.starts_with("DKIM-Signature: "), "{raw}");
        assert!(raw.contains(&format!("t={};", noon().as_second())), "signed at the first attempt: {raw}");
    }
}

#[tokio::test]
async fn a_campaign_pauses_itself_after_ten_refusals_in_a_row_and_tells_why() {
    // Every fifth guest of the first 20 is there; nobody after them.
    let refuses = |number: usize| (number >= 20 || !number.is_multiple_of(5)).then_some("550 5.1.1 no such user");
    let house = House::with(60, refuses, None).await;
    let sender = house.sender(Terms::new(Pace::free()));
    for now in 0..20 {
        house.send(&sender, later(now * 700)).await;
    }
    let status = house.status().await;
    assert!(status.paused, "{status:?}");
    assert!(status.paused_why.starts_with("10 letters in a row were refused"), "{status:?}");
    assert_eq!(house.arrived(), 4);
    let failed = status.delivery.get("failed");
    // Guests 16 to 19 and six more in a row; and what was announced or claimed when the tenth came back.
    assert!((22..=22 + 8).contains(&failed), "{failed}");
    assert_eq!(status.delivery.get("queued"), 60 - 4 - failed);
    assert!(house.store.write(|conn| campaigns::set_paused(conn, "workshop", false)).await.expect("resumed"));
    assert_eq!(house.status().await.paused_why, "");
}

#[tokio::test]
async fn refusals_because_of_us_pause_the_campaign_after_three() {
    let house = House::with(20, |_| Some("550 5.7.1 message refused by policy"), None).await;
    let sender = house.sender(Terms::new(Pace::free()));
    for now in 0..20 {
        house.send(&sender, later(now * 700)).await;
    }
    let status = house.status().await;
    assert!(status.paused && status.paused_why.contains("because of the sender"), "{status:?}");
    assert!((3..=4).contains(&status.delivery.get("failed")), "{status:?}");
}

#[tokio::test]
async fn a_paused_campaign_is_noticed_by_a_seat_that_has_letters_ahead() {
    let house = House::with(20, |_| None, None).await;
    let sender = house.sender(Terms::new(Pace::free()));
    let mut seat = Seat::default();
    let now = || noon();
    assert_eq!(sender.turn(&house.store, &mut seat, &now).await.expect("a turn"), Step::Did);
    assert!(house.store.write(|conn| campaigns::set_paused(conn, "workshop", true)).await.expect("paused"));
    let mut turns = 0;
    while sender.turn(&house.store, &mut seat, &now).await.expect("a turn") == Step::Did {
        turns += 1;
        assert!(turns < 20);
    }
    sender.retire(&house.store, &mut seat).await.expect("written");
    // The one that was claimed together with the settlement of the first may leave, and no other.
    let sent = house.how_many("sent").await;
    assert!(sent <= 2, "{sent} have left");
    assert_eq!((house.how_many("queued").await, house.arrived()), (20 - sent, usize::try_from(sent).expect("few")));
}

/// A server that closes the connection where it hears `word` (`.` is the end of a letter) from a letter to a guest whom `closes` names.
async fn closing(word: &'static str, closes: fn(&str) -> bool) -> u16 {
    let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = server.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((connection, _)) = server.accept().await {
            tokio::spawn(converse(connection, word, closes));
        }
    });
    port
}

async fn converse(connection: TcpStream, word: &str, closes: fn(&str) -> bool) -> std::io::Result<()> {
    let (from, mut to) = connection.into_split();
    let mut lines = BufReader::new(from).lines();
    let (mut guest, mut body) = (String::new(), false);
    to.write_all(b"220 mx.example\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        if body && line != "." {
            continue;
        }
        body = line == "DATA";
        if line.starts_with("RCPT") {
            guest.clone_from(&line);
        }
        if line.starts_with(word) && closes(&guest) {
            return Ok(());
        }
        to.write_all(if body { b"354 go\r\n" } else { b"250 ok\r\n" }).await?;
    }
    Ok(())
}

/// Whoever is refused stands before the others in the queue: alone, and two of them.
#[tokio::test]
async fn a_letter_that_the_relay_refuses_as_ours_keeps_no_other_back() {
    for reply in ["550 5.7.54 Unable to relay recipient in non-accepted domain", "454 4.7.1 Relay access denied", "503 5.5.1 what"] {
        for refused in [vec![7], vec![0, 1], vec![4, 5, 6]] {
            let house = House::with(30, |number| refused.contains(&number).then_some(reply), None).await;
            let sender = house.sender(Terms::new(Pace::free()));
            for round in 0..12 {
                house.send(&sender, later(round * 700)).await;
            }
            let others = 30 - refused.len();
            let status = house.status().await;
            assert_eq!(house.arrived(), others, "{reply}, {refused:?}: {status:?}");
            assert_eq!(status.delivery.get("queued"), refused.len() as u64, "{reply}, {refused:?}: {status:?}");
        }
    }
}

#[tokio::test]
async fn a_letter_at_which_the_connection_ends_keeps_no_other_back() {
    for word in ["RCPT", "DATA"] {
        let house = House::with(30, |_| None, None).await;
        let sender = House::sender_to(closing(word, |guest| guest.contains("guest3@")).await);
        for round in 0..4 {
            house.send(&sender, later(round * 700)).await;
        }
        assert_eq!((house.how_many("sent").await, house.how_many("queued").await), (29, 1), "{word}");
        assert_eq!(sender.trouble(), None, "{word}: it is no trouble of the relay");
    }
}

#[tokio::test]
async fn a_relay_that_refuses_every_letter_as_ours_is_in_trouble_and_fails_none() {
    let house = House::with(3, |_| Some("554 5.7.1 Relay access denied"), None).await;
    let sender = house.sender(Terms::new(Pace::free()));
    for round in 0..1_000 {
        house.send(&sender, later(round * 700)).await;
    }
    assert_eq!((house.how_many("queued").await, house.how_many("failed").await), (3, 0));
    assert!(sender.trouble().is_some());
}

#[tokio::test]
async fn a_relay_that_takes_letters_without_an_answer_pauses_the_campaign() {
    const SEATS: u32 = 5;
    let house = House::with(100, |_| None, None).await;
    let sender = House::sender_to(closing(".", |_| true).await);
    let begun = std::time::Instant::now();
    let mut doubtful = Vec::new();
    for round in 0..6 {
        let mut seats = tokio::task::JoinSet::new();
        for number in 0..SEATS {
            let (sender, store) = (sender.clone(), house.store.clone());
            seats.spawn(async move {
                let mut seat = Seat::new(number);
                let clock = || later(round * 700) + SignedDuration::try_from(begun.elapsed()).expect("short");
                while sender.turn(&store, &mut seat, &clock).await.expect("a turn") == Step::Did {}
                sender.retire(&store, &mut seat).await.expect("written");
            });
        }
        seats.join_all().await;
        doubtful.push(house.how_many("uncertain").await);
    }
    let status = house.status().await;
    assert!(status.paused && status.paused_why.starts_with("the relay takes letters without answering, 3 times"), "{status:?}");
    assert!(doubtful[0] <= SEATS.into() && doubtful[5] <= doubtful[0] + 2, "one letter at a time after the first failure: {doubtful:?}");
    assert_eq!(status.delivery.get("queued"), 100 - doubtful[5]);
}
