//! A mailbox whose server fails, or whose database does: nothing is lost unread, nothing stops the rest, and the server is not pressed.

mod door;
mod server;

use convoke::{
    daemon::{self, Clock, Copyist, Reader, Works},
    model::{Address, CalendarPolicy, Campaign, Certainty, Event, Guest, Kind, Lang, Localised, Sender, Stamp, Token},
    net::{
        Account, Auth, Secret, Security,
        imap::{Mailbox, Timeouts},
    },
    store::{
        self, Connection, Store, campaigns,
        editions::{self, Content},
        inbox::{self, Look},
        notes::{self, Side, Trouble},
        outbox::Envelope,
        views::{self, Status},
    },
    work::{
        Step,
        edition::Editions,
        folder::Folder,
        receive::{Desk, Error},
    },
};
use jiff::{SignedDuration, Timestamp};
use server::Server;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::util::SubscriberInitExt as _;

const DESK: &str = "gala@primaria.example";
const YES: &str = "Yes, I will come.";
const PATIENCE: Duration = Duration::from_secs(30);

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn token(number: u32) -> Token {
    Token::from_bits(0x5bd1_e995_0000_0000 | u64::from(number))
}

fn account(port: u16) -> Account {
    let auth = Auth::Password(Secret::new("any"));
    Account { host: "127.0.0.1".into(), port, security: Security::None, ca: None, user: Some("desk".into()), auth }
}

fn desk() -> Desk {
    Desk { ours: vec![address(DESK)], authserv_id: None, certainty: Certainty::default() }
}

fn campaign() -> Campaign {
    Campaign {
        hours: None,
        name: "gala".into(),
        language: Lang::parse("en").expect("a code"),
        deadline: None,
        calendar: CalendarPolicy::Never,
        event: Event {
            title: Localised::One("Gala".into()),
            start: "2099-12-10T13:15[Europe/Bucharest]".parse().expect("a moment"),
            end: "2099-12-10T15:30[Europe/Bucharest]".parse().expect("a moment"),
            place: None,
            link: None,
        },
    }
}

fn invite(conn: &Connection, guests: u32, then: Timestamp) -> store::Result<()> {
    let ours = address(DESK);
    let sender =
        Sender { name: String::new(), from: ours.clone(), reply_to: ours.clone(), bounce_to: ours.clone(), plus_addressing: false };
    let id = campaigns::save(conn, &campaign(), "gala.toml", then)?;
    let edition = editions::keep(conn, id, &Content { files: BTreeMap::new(), campaign: campaign(), sender }, then)?;
    for number in 1..=guests {
        let email = address(&format!("guest{number}@post.example"));
        let (name, fields) = (format!("Guest {number}"), BTreeMap::new());
        let guest = Guest { email: email.clone(), name, lang: None, organisation: None, zone: None, fields, row: 2 };
        let stamp = Stamp { token: token(number), kind: Kind::Invitation, number: 1, date: then, earlier: Vec::new() };
        let lang = Lang::parse("en").expect("a code");
        let letter = Envelope { message_id: stamp.message_id("primaria.example"), lang, mail_from: ours.clone(), rcpt_to: email };
        campaigns::invite(conn, (id, edition), &guest, &stamp, &letter, then)?;
    }
    Ok(())
}

/// A guest's yes, with an attachment of so many lines: a long mail is marked before it is opened.
fn yes(number: u32, lines: usize) -> Vec<u8> {
    format!(
        "From: Guest {number} <guest{number}@post.example>\r\nTo: {DESK}\r\nSubject: Re: Invitation: Gala\r\n\
         Message-ID: <answer.{number}@post.example>\r\nIn-Reply-To: <invitation.{}.1@primaria.example>\r\n\
         Date: Mon, 30 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\n{YES}\r\n--b\r\nContent-Type: image/png\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}--b--\r\n",
        token(number),
        format!("{}\r\n", "AAAA".repeat(18)).repeat(lines)
    )
    .into_bytes()
}

/// Longer than what is opened without a mark.
const LONG: usize = 2_000;

/// A database in which guests were invited, and a mailbox.
struct House {
    folder: TempDir,
    store: Store,
    server: Server,
}

impl House {
    /// `guest1@post.example` … were invited an hour ago.
    async fn with(guests: u32) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("convoke.db")).expect("a database");
        let then = Timestamp::now() - SignedDuration::from_hours(1);
        store.write(move |conn| invite(conn, guests, then)).await.expect("invited");
        Self { folder, store, server: Server::start() }
    }

    /// Another process's connection to the database.
    fn database(&self) -> Connection {
        Connection::open(self.folder.path().join("convoke.db")).expect("the database")
    }

    async fn sql(&self, sql: &'static str) {
        self.store.write(move |conn| Ok(conn.execute_batch(sql)?)).await.expect("SQL");
    }

    /// One connection: reads the folder to its end.
    async fn visit(&self, folder: &mut Folder) -> Result<(), Error> {
        self.visit_at(folder, Timestamp::now()).await
    }

    async fn visit_at(&self, folder: &mut Folder, now: Timestamp) -> Result<(), Error> {
        let mut mailbox = Mailbox::connect(&account(self.server.port), &Timeouts::default()).await?;
        assert!(folder.open_on(&self.store, &mut mailbox, now).await?, "somebody was invited");
        while folder.step(&self.store, &mut mailbox, &desk(), now).await? == Step::Did {}
        Ok(())
    }

    async fn status(&self) -> Status {
        self.store.read(|conn| views::status(conn, "gala")).await.expect("a status").expect("a campaign")
    }

    /// How many guests accept, and how many mails there are.
    async fn counted(&self) -> (u64, u64) {
        let status = self.status().await;
        (status.standing.get("accept"), status.mail.get("total"))
    }

    async fn looks(&self) -> Vec<Look> {
        self.store.read(|conn| inbox::looks(conn, None)).await.expect("looks")
    }

    async fn note(&self, side: Side) -> Option<Trouble> {
        self.store.read(move |conn| notes::get(conn, side)).await.expect("a note")
    }

    /// Waits for a note of which this is true.
    async fn until_note(&self, side: Side, is: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let why = self.note(side).await.map(|trouble| trouble.why).unwrap_or_default();
            if is(&why) {
                return why;
            }
            assert!(began.elapsed() < PATIENCE, "waited {PATIENCE:?}; the note is {why:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn daemon(&self, folders: &[&str]) -> Daemon {
        Daemon::start(self.works(folders))
    }

    fn works(&self, folders: &[&str]) -> Works {
        let folders = folders.iter().map(|folder| (*folder).to_owned()).collect();
        let reader = Reader { account: account(self.server.port), timeouts: Timeouts::default(), folders, desk: desk() };
        Works {
            store: self.store.clone(),
            watch: self.database(),
            footing: None,
            clock: Clock::default(),
            sender: None,
            connections: 0,
            reader: Some(Arc::new(reader)),
            copyist: None,
            files: Vec::new(),
        }
    }
}

/// Puts copies into the folder "Sent" of a server.
fn copyist(port: u16) -> Arc<Copyist> {
    let (timeouts, editions) = (Timeouts::default(), Editions::default());
    Arc::new(Copyist { account: account(port), timeouts, folder: "Sent".into(), editions })
}

struct Daemon {
    task: JoinHandle<anyhow::Result<()>>,
    stop: CancellationToken,
}

impl Daemon {
    fn start(works: Works) -> Self {
        let stop = CancellationToken::new();
        Self { task: tokio::spawn(daemon::run(works, stop.clone())), stop }
    }

    async fn end(self) {
        self.stop.cancel();
        self.task.await.expect("it does not fall over").expect("it ends well");
    }
}

const FULL: &str = "CREATE TRIGGER full BEFORE INSERT ON mail BEGIN SELECT raise(ABORT, 'the disk is full'); END";
const QUITE_FULL: &str = "CREATE TRIGGER quite_full BEFORE UPDATE OF opening ON cursor WHEN new.opening IS NULL
    BEGIN SELECT raise(ABORT, 'the disk is full'); END";

#[tokio::test]
async fn an_error_while_a_long_mail_is_opened_is_no_death() {
    let house = House::with(2).await;
    for guest in [1, 2] {
        house.server.put(guest, yes(guest, LONG));
    }
    let mut folder = Folder::named("INBOX");
    let opening = async || house.store.read(|conn| inbox::cursor(conn, "INBOX")).await.expect("a look").expect("a cursor").opening;
    house.sql(FULL).await;
    let error = house.visit(&mut folder).await.expect_err("nothing can be kept").to_string();
    assert!(error.contains("the disk is full"), "{error}");
    assert_eq!(opening().await, None, "the mark is gone: a process that ends well now was not killed by the mail");
    // Not even the mark can be taken away.
    house.sql(QUITE_FULL).await;
    for _ in 0..2 {
        house.visit(&mut folder).await.expect_err("nothing can be kept");
        assert_eq!(opening().await, Some(1));
    }
    house.sql("DROP TRIGGER full; DROP TRIGGER quite_full").await;
    house.visit(&mut Folder::named("INBOX")).await.expect("it is read");
    assert_eq!(house.counted().await, (2, 2));
    assert!(house.looks().await.is_empty(), "{:?}", house.looks().await);
}

#[tokio::test]
async fn a_mark_of_a_process_that_is_gone_is_a_death() {
    let mut house = House::with(2).await;
    for guest in [1, 2] {
        house.server.put(guest, yes(guest, LONG));
    }
    house.sql(FULL).await;
    let _ = house.visit(&mut Folder::named("INBOX")).await;
    // The process dies with the mark on the disk, and the next one opens the database.
    house.sql("DROP TRIGGER full; UPDATE cursor SET opening = 1").await;
    house.store = Store::open(&house.folder.path().join("convoke.db")).expect("the database");
    house.visit(&mut Folder::named("INBOX")).await.expect("the other one is read");
    assert_eq!(house.counted().await, (1, 2));
    assert!(house.looks().await[0].doubts[0].contains("set aside unopened"), "{:?}", house.looks().await);
}

#[tokio::test]
async fn a_locked_database_ends_no_copying() {
    let house = House::with(1).await;
    house.store.write(|conn| Ok(conn.busy_timeout(Duration::ZERO)?)).await.expect("no patience");
    let other = house.database();
    other.execute_batch("BEGIN IMMEDIATE").expect("another process writes");
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("its number").port();
    let (copyist, door, stop) = (copyist(free), Arc::new(convoke::work::door::Door::default()), CancellationToken::new());
    let keep = tokio::spawn(daemon::copies::keep(copyist, door, house.store.clone(), Clock::default(), stop.clone()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!keep.is_finished(), "{:?}", keep.await);
    other.execute_batch("COMMIT").expect("it ends");
    house.until_note(Side::Sent, |why| why.contains("no copies of letters")).await;
    stop.cancel();
    keep.await.expect("it does not fall over").expect("it ends well");
}

#[tokio::test]
async fn a_server_that_ends_every_session_is_asked_more_and_more_seldom() {
    let house = House::with(1).await;
    house.server.put(1, yes(1, 1));
    house.server.state().bye = true;
    let daemon = house.daemon(&["INBOX"]);
    let began = Instant::now();
    let third = loop {
        let sign_ins = house.server.state().sign_ins.clone();
        if let [_, second, third, ..] = sign_ins.as_slice() {
            break third.duration_since(*second);
        }
        assert!(began.elapsed() < PATIENCE, "{} sign-ins", sign_ins.len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(third > Duration::from_millis(3_500), "the third pause of the reader was {third:?}");
    assert_eq!(house.counted().await, (1, 1), "what could be read was read");
    daemon.end().await;
}

#[tokio::test]
async fn a_yes_above_more_than_is_fetched_needs_a_look() {
    let house = House::with(2).await;
    // 8.9 MB, of which nobody knows what stands at the end.
    house.server.put(1, yes(1, 120_000));
    house.server.put(2, yes(2, LONG));
    house.visit(&mut Folder::named("INBOX")).await.expect("read");
    assert_eq!(house.counted().await, (1, 2));
    let looks = house.looks().await;
    assert_eq!(looks.len(), 1, "{looks:?}");
    assert!(looks[0].invitation.is_some() && looks[0].doubts.iter().any(|why| why.contains("too long to be read")), "{looks:?}");
}

/// What is logged in the thread of a test.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn listen(&self) -> tracing::subscriber::DefaultGuard {
        let log = self.clone();
        tracing_subscriber::fmt().with_ansi(false).with_writer(move || log.clone()).set_default()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("a log")).into_owned()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_says_that_the_mailbox_is_read_again() {
    let (house, log) = (House::with(1).await, Log::default());
    let _listens = log.listen();
    house.server.state().bye = true;
    let daemon = house.daemon(&["INBOX"]);
    house.until_note(Side::Mailbox, |why| why.contains("ended the session")).await;
    house.server.state().bye = false;
    house.until_note(Side::Mailbox, str::is_empty).await;
    daemon.end().await;
    let text = log.text();
    assert!(text.contains("trying again") && text.matches("the mailbox is read again").count() == 1, "{text}");
}

#[tokio::test]
async fn a_mailbox_restored_from_an_older_copy_is_walked_again() {
    let house = House::with(3).await;
    house.server.put(1, yes(1, 1));
    house.server.put(500, yes(2, 1));
    house.visit(&mut Folder::named("INBOX")).await.expect("read");
    assert_eq!(house.counted().await, (2, 2));
    // The copy is from before the UIDs beyond 400 were given; a new mail gets one of them.
    house.server.state().messages.pop();
    house.server.put(400, yes(3, 1));
    for _ in 0..2 {
        house.visit(&mut Folder::named("INBOX")).await.expect("read");
        assert_eq!(house.counted().await, (3, 3), "each once");
    }
    let walks = house.server.state().commands.iter().filter(|command| command.starts_with("UID SEARCH")).count();
    assert_eq!(walks, 2, "it is not walked again at every connection");
}

#[tokio::test]
async fn a_mail_at_which_the_connection_breaks_stops_no_other() {
    let house = House::with(5).await;
    for guest in 1..=5 {
        house.server.put(guest, yes(guest, 1));
    }
    house.server.state().breaks = [2, 3].into();
    let mut folder = Folder::named("INBOX");
    let mut counted = Vec::new();
    while house.visit(&mut folder).await.is_err() {
        counted.push(house.counted().await.0);
        assert!(counted.len() < 20, "{counted:?}");
    }
    // The batch, then three times each of the two; the third time another mail must have come on the same connection.
    assert_eq!(counted, [0, 1, 1, 1, 1, 1, 3]);
    assert_eq!(house.counted().await, (3, 5));
    let doubts: Vec<String> = house.looks().await.into_iter().flat_map(|look| look.doubts).collect();
    assert!(doubts.len() == 2 && doubts[0].contains("UID 2") && doubts[1].contains("UID 3"), "{doubts:?}");
    // What comes later is fetched in one go again.
    for guest in [6, 7] {
        house.server.put(guest, yes(guest, 1));
    }
    house.visit(&mut folder).await.expect("read");
    assert!(house.server.state().commands.iter().any(|command| command.starts_with("UID FETCH 6:7 ") && command.contains("BODY")));
}

#[tokio::test]
async fn a_mail_without_a_date_stops_no_other_and_is_read() {
    let house = House::with(4).await;
    for guest in 1..=3 {
        house.server.put(guest, yes(guest, 1));
    }
    house.server.state().undated = [2, 4].into();
    let mut folder = Folder::named("INBOX");
    let mut read = async || {
        let mut breaks = 0;
        while house.visit(&mut folder).await.is_err() {
            breaks += 1;
            assert!(breaks < 20);
        }
        breaks
    };
    assert_eq!(read().await, 2, "the batch, and the mail alone");
    assert_eq!(house.counted().await, (3, 3));
    // Behind the walk the folder is listed.
    house.server.put(4, yes(4, 1));
    assert_eq!(read().await, 1);
    assert_eq!((house.counted().await, house.looks().await.len()), ((4, 4), 0));
}

#[tokio::test]
async fn a_mail_that_comes_after_all_is_read() {
    let house = House::with(1).await;
    house.server.put(1, yes(1, 1));
    house.server.state().breaks = [1].into();
    let mut folder = Folder::named("INBOX");
    for _ in 0..2 {
        house.visit(&mut folder).await.expect_err("the connection breaks");
    }
    house.server.state().breaks.clear();
    house.visit(&mut folder).await.expect("read");
    assert_eq!((house.counted().await, house.looks().await.len()), ((1, 1), 0));
}

#[tokio::test]
async fn a_lone_mail_at_which_the_connection_breaks_is_set_aside_and_an_outage_does_not_count() {
    let mut house = House::with(1).await;
    house.server.put(1, yes(1, 1));
    house.server.state().breaks = [1].into();
    let mut folder = Folder::named("INBOX");
    let there = house.server.port;
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("its number").port();
    for (port, mails) in [(there, 0), (there, 0), (free, 0), (free, 0), (free, 0), (there, 1)] {
        house.server.port = port;
        house.visit(&mut folder).await.expect_err("the connection breaks, or there is none");
        assert_eq!(house.counted().await, (0, mails));
    }
    assert!(house.looks().await[0].doubts[0].contains("UID 1"), "{:?}", house.looks().await);
    house.visit(&mut folder).await.expect("there is nothing more");
}

#[tokio::test]
async fn a_server_that_breaks_at_every_mail_is_in_trouble_itself() {
    let house = House::with(2).await;
    for guest in [1, 2] {
        house.server.put(guest, yes(guest, 1));
    }
    house.server.state().breaks = [1, 2].into();
    let mut folder = Folder::named("INBOX");
    for _ in 0..20 {
        house.visit(&mut folder).await.expect_err("nothing is given");
    }
    assert_eq!(house.counted().await, (0, 0));
    house.server.state().breaks.clear();
    house.visit(&mut folder).await.expect("read");
    assert_eq!((house.counted().await, house.looks().await.len()), ((2, 2), 0));
}

#[tokio::test]
async fn a_mail_without_a_text_is_asked_for_again_and_set_aside() {
    let house = House::with(3).await;
    for guest in 1..=3 {
        house.server.put(guest, yes(guest, 1));
    }
    house.server.state().nil = [2].into();
    house.visit(&mut Folder::named("INBOX")).await.expect("read");
    assert_eq!(house.counted().await, (2, 3));
    let looks = house.looks().await;
    assert!(looks.len() == 1 && looks[0].doubts[0].contains("does not hand it out"), "{looks:?}");
    let alone =
        house.server.state().commands.iter().filter(|command| command.starts_with("UID FETCH 2 ") && command.contains("BODY")).count();
    assert_eq!(alone, 1);
    // Of several none: that is the server's trouble.
    for guest in [4, 5] {
        house.server.put(guest, yes(guest, 1));
    }
    house.server.state().nil = [4, 5].into();
    house.visit(&mut Folder::named("INBOX")).await.expect_err("nothing is given");
    assert_eq!(house.counted().await, (2, 3));
}

#[tokio::test]
async fn a_refusal_that_passes_sets_no_mail_aside() {
    for others in [false, true] {
        let house = House::with(3).await;
        let now = Timestamp::now();
        house.server.put(1, yes(1, 1));
        if others {
            house.server.put(2, yes(2, 1));
        }
        house.server.state().refuses = [1].into();
        let mut folder = Folder::named("INBOX");
        for second in 0..20 {
            let why = house.visit_at(&mut folder, now + SignedDuration::from_secs(second)).await.expect_err("it is refused").to_string();
            assert!(why.contains("[SERVERBUG]"), "{why}");
        }
        house.server.state().refuses.clear();
        house.visit_at(&mut folder, now + SignedDuration::from_mins(5)).await.expect("read");
        let all = if others { 2 } else { 1 };
        assert_eq!((house.counted().await, house.looks().await.len()), ((all, all), 0));
    }
}

#[tokio::test]
async fn a_refusal_that_lasts_sets_a_mail_aside_and_stops_no_other_for_long() {
    for (others, minutes) in [(false, 60), (true, 10)] {
        let house = House::with(3).await;
        let now = Timestamp::now();
        house.server.put(1, yes(1, 1));
        if others {
            house.server.put(2, yes(2, 1));
        }
        house.server.state().refuses = [1].into();
        let mut folder = Folder::named("INBOX");
        for second in 0..10 {
            house.visit_at(&mut folder, now + SignedDuration::from_secs(second)).await.expect_err("it is refused");
        }
        house.visit_at(&mut folder, now + SignedDuration::from_mins(minutes - 1)).await.expect_err("it is refused");
        house.visit_at(&mut folder, now + SignedDuration::from_mins(minutes)).await.expect("it is set aside");
        assert_eq!(house.counted().await.0, u64::from(others));
        let looks = house.looks().await;
        assert!(looks.len() == 1 && looks[0].doubts[0].contains("does not hand it out"), "{looks:?}");
    }
}

#[tokio::test]
async fn a_folder_of_any_size_is_searched() {
    let house = House::with(1).await;
    let uids: Vec<u32> = (1_000_001..=1_090_000).collect();
    house.server.state().messages = uids.iter().map(|uid| (*uid, Vec::new())).collect();
    let mut mailbox = Mailbox::connect(&account(house.server.port), &Timeouts::default()).await.expect("a mailbox");
    mailbox.examine("INBOX").await.expect("it is there");
    let found = mailbox.uids_since(jiff::civil::date(2026, 11, 29)).await.expect("they are listed");
    assert!(found == uids, "{} of {}", found.len(), uids.len());
}

#[tokio::test]
async fn a_server_that_does_not_understand_its_own_idle_is_asked_from_time_to_time() {
    let house = House::with(1).await;
    house.server.state().bad_idle = true;
    let mut mailbox = Mailbox::connect(&account(house.server.port), &Timeouts::default()).await.expect("a mailbox");
    mailbox.examine("INBOX").await.expect("it is there");
    let at_most = Duration::from_millis(10);
    for _ in 0..2 {
        mailbox = mailbox.idle(at_most, std::future::pending()).await.expect("the session goes on").0;
    }
    let commands = house.server.state().commands.clone();
    assert_eq!(commands.iter().filter(|command| *command == "IDLE").count(), 1, "{commands:?}");
    assert_eq!(commands.last().map(String::as_str), Some("NOOP"));
}

#[tokio::test]
async fn trouble_of_what_the_daemon_does_not_serve_is_forgotten_when_it_starts() {
    let house = House::with(1).await;
    let put = async |side: Side| {
        let trouble = Trouble::new("it is down".into(), Timestamp::now(), true);
        house.store.write(move |conn| notes::set(conn, side, Some(&trouble))).await.expect("a note");
    };
    let gone = [Side::Maildir, Side::Mbox, Side::Sent];
    for side in gone {
        put(side).await;
    }
    let daemon = house.daemon(&["INBOX"]);
    for side in gone {
        house.until_note(side, |why| why.is_empty()).await;
    }
    daemon.end().await;
    // What is served tells itself when its trouble is over.
    put(Side::Mailbox).await;
    house.store.write(|conn| notes::forget_but(conn, &[Side::Mailbox])).await.expect("forgotten");
    assert!(house.note(Side::Mailbox).await.is_some());
}

#[tokio::test]
async fn a_folder_that_the_server_lacks_stands_in_status_whatever_the_others_do() {
    let house = House::with(1).await;
    house.server.state().bye = true;
    let daemon = house.daemon(&["Nowhere", "INBOX"]);
    let both = house.until_note(Side::Mailbox, |why| why.contains("Nowhere") && why.contains("ended the session")).await;
    assert!(both.contains("`folders` in [imap]"), "{both}");
    house.server.state().bye = false;
    let one = house.until_note(Side::Mailbox, |why| !why.contains("ended the session")).await;
    assert!(one.contains("Nowhere"), "{one}");
    assert!(house.status().await.reader.is_some_and(|trouble| trouble.permanent), "waiting changes nothing");
    daemon.end().await;
}
