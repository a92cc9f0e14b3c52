//! A sign-in that is refused: tried by one connection for all, and seldom again, because servers lock out who is refused too often.

use super::{DESK, House, later};
use convoke::{
    net::{Account, Auth, Secret, Security, smtp},
    plan::Pace,
    work::{
        Step,
        send::{Seat, Sender, Terms},
    },
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::Barrier,
    task::JoinSet,
    time::timeout,
};

const SEATS: u32 = 5;

/// A relay that wants a sign-in.
struct Relay {
    refuses: AtomicBool,
    sign_ins: AtomicUsize,
    /// So many connections must have announced a letter before the first is answered.
    together: Barrier,
}

impl Relay {
    async fn start(together: u32) -> (Arc<Self>, Sender) {
        let together = Barrier::new(usize::try_from(together).expect("few"));
        let relay = Arc::new(Self { refuses: AtomicBool::new(true), sign_ins: AtomicUsize::new(0), together });
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = server.local_addr().expect("bound").port();
        let shared = relay.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = server.accept().await {
                let relay = shared.clone();
                tokio::spawn(async move { relay.converse(connection).await });
            }
        });
        let (user, auth) = (Some(DESK.to_owned()), Auth::Password(Secret::new("word")));
        let account = Account { host: "127.0.0.1".into(), port, security: Security::None, ca: None, user, auth };
        let sender = Sender::new(account, "primaria.example".into(), smtp::Timeouts::default(), Terms::new(Pace::free()));
        (relay, sender)
    }

    async fn converse(&self, connection: TcpStream) -> std::io::Result<()> {
        let (from, mut to) = connection.into_split();
        let mut lines = BufReader::new(from).lines();
        let (mut body, mut first) = (false, true);
        to.write_all(b"220 mx.example\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            if body && line != "." {
                continue;
            }
            body = line == "DATA";
            let answer = match line.get(..4).unwrap_or_default() {
                "EHLO" => "250-mx.example\r\n250 AUTH PLAIN\r\n",
                "AUTH" => {
                    self.sign_ins.fetch_add(1, Relaxed);
                    if self.refuses.load(Relaxed) { "535 5.7.8 wrong\r\n" } else { "235 2.7.0 welcome\r\n" }
                }
                "MAIL" if std::mem::take(&mut first) => {
                    self.together.wait().await;
                    "250 ok\r\n"
                }
                "DATA" => "354 go\r\n",
                _ => "250 ok\r\n",
            };
            to.write_all(answer.as_bytes()).await?;
        }
        Ok(())
    }

    fn sign_ins(&self) -> usize {
        self.sign_ins.load(Relaxed)
    }
}

/// All seats at once, so many seconds after noon, until each of them rests.
async fn all(house: &House, sender: &Sender, seconds: i64) {
    let mut seats = JoinSet::new();
    for number in 0..SEATS {
        let (sender, store) = (sender.clone(), house.store.clone());
        seats.spawn(async move {
            let mut seat = Seat::new(number);
            let clock = || later(seconds);
            while sender.turn(&store, &mut seat, &clock).await.expect("a turn") == Step::Did {}
            sender.retire(&store, &mut seat).await.expect("written");
        });
    }
    seats.join_all().await;
}

#[tokio::test]
async fn a_wrong_password_is_said_once_for_all_connections_and_all_come_in_when_one_does() {
    let house = House::with(100, |_| None, None).await;
    let (relay, sender) = Relay::start(SEATS).await;
    for (seconds, tries) in [(0, 1), (0, 1), (59, 1), (60, 2), (179, 2), (180, 3)] {
        all(&house, &sender, seconds).await;
        assert_eq!(relay.sign_ins(), tries, "after {seconds} s");
        assert!(sender.trouble().is_some_and(|trouble| trouble.permanent && trouble.until() > later(seconds)), "after {seconds} s");
    }
    relay.refuses.store(false, Relaxed);
    timeout(Duration::from_secs(60), all(&house, &sender, 500)).await.expect("every seat has its connection");
    assert_eq!((relay.sign_ins(), house.how_many("sent").await, sender.trouble()), (8, 100, None));
}

#[tokio::test]
async fn who_stands_goes_on_when_another_is_refused_and_nobody_tries_before_the_pause_is_over() {
    let house = House::with(30, |_| None, None).await;
    let (relay, sender) = Relay::start(1).await;
    let mut seats = [0, 1, 2].map(Seat::new);
    let now = || later(0);
    relay.refuses.store(false, Relaxed);
    assert_eq!(sender.turn(&house.store, &mut seats[1], &now).await.expect("a turn"), Step::Did);
    relay.refuses.store(true, Relaxed);
    for number in [0, 2, 0] {
        assert!(matches!(sender.turn(&house.store, &mut seats[number], &now).await.expect("a turn"), Step::Rest { .. }));
        assert_eq!((relay.sign_ins(), sender.trouble()), (2, None), "letters leave, so it is no trouble yet");
    }
    for _ in 0..10 {
        assert_eq!(sender.turn(&house.store, &mut seats[1], &now).await.expect("a turn"), Step::Did);
    }
    sender.retire(&house.store, &mut seats[1]).await.expect("written");
    assert_eq!(house.how_many("sent").await, 11);
    assert!(matches!(sender.turn(&house.store, &mut seats[0], &now).await.expect("a turn"), Step::Rest { .. }));
    assert!(sender.trouble().is_some_and(|trouble| trouble.until() == later(60)), "now nobody stands");
    assert_eq!(relay.sign_ins(), 2);
}
