//! Answers in files of this machine: a Maildir and an mbox, step by step with a clock in the hand, and with the daemon.

use convoke::{
    model::{Address, CalendarPolicy, Campaign, Certainty, Event, Guest, Kind, Lang, Localised, Sender, Stamp, Token},
    store::{
        Store, campaigns,
        editions::{self, Content},
        inbox,
        outbox::Envelope,
        views::{self, GuestRow, Status},
    },
    work::{Step, maildir::Maildir, mbox::Mbox, receive::Desk},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

/// A folder of its own, with a database in which guests were invited.
struct Case {
    folder: tempfile::TempDir,
    store: Store,
    guests: usize,
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn token(number: usize) -> Token {
    Token::from_bits(0x5bd1_e995_0000_0000 | number as u64)
}

impl Case {
    /// Guests `guest0@post.example` … were invited an hour ago.
    async fn with(guests: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(&folder.path().join("convoke.db")).expect("a database");
        let then = Timestamp::now() - SignedDuration::from_hours(1);
        let invite = move |conn: &convoke::store::Connection| {
            let id = campaigns::save(conn, &campaign(), "gala.toml", then)?;
            let content = Content { files: BTreeMap::new(), campaign: campaign(), sender: sender() };
            let edition = editions::keep(conn, id, &content, then)?;
            for number in 0..guests {
                let (guest, stamp, letter) = letter(number, then);
                campaigns::invite(conn, (id, edition), &guest, &stamp, &letter, then)?;
            }
            Ok(())
        };
        store.write(invite).await.expect("invited");
        Self { folder, store, guests }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn status(&self) -> Status {
        self.store.read(|conn| views::status(conn, "gala")).await.expect("a status").expect("a campaign")
    }

    async fn rows(&self) -> Vec<GuestRow> {
        self.store.read(|conn| views::guests(conn, None)).await.expect("guests")
    }

    async fn total(&self) -> u64 {
        self.status().await.mail.get("total")
    }

    /// How many guests stand as accepting, and how many mails there are.
    async fn accepted(&self) -> (u64, u64) {
        let status = self.status().await;
        assert_eq!(status.standing.sum(), self.guests as u64);
        (status.standing.get("accept"), status.mail.get("total"))
    }

    async fn maildir(&self, path: &Path, now: Timestamp) -> Maildir {
        let open = Maildir::open(&self.store, "maildir:here", path.to_owned(), now).await;
        open.expect("a Maildir").expect("somebody was invited")
    }

    async fn mbox(&self, path: &Path, now: Timestamp) -> Mbox {
        Mbox::open(&self.store, "mbox:here", path.to_owned(), now).await.expect("an mbox").expect("somebody was invited")
    }

    async fn drain(&self, maildir: &mut Maildir, now: Timestamp) {
        while maildir.step(&self.store, &desk(), now).await.expect("a step") == Step::Did {}
    }

    /// Steps until nothing more can come, a second apart. How often it had to wait.
    async fn drain_mbox(&self, mbox: &mut Mbox, now: &mut Timestamp) -> u32 {
        let mut waited = 0;
        loop {
            match mbox.step(&self.store, &desk(), *now).await.expect("a step") {
                Step::Did => {}
                Step::Rest { until: None } => return waited,
                Step::Rest { until: Some(until) } => (*now, waited) = (until, waited + 1),
            }
        }
    }
}

fn desk() -> Desk {
    Desk { ours: vec![address("gala@primaria.example")], authserv_id: None, certainty: Certainty::default() }
}

fn campaign() -> Campaign {
    let zoned = |text: &str| text.parse().expect("a time with its zone");
    Campaign {
        hours: None,
        name: "gala".into(),
        language: Lang::parse("en").expect("a code"),
        deadline: None,
        calendar: CalendarPolicy::Never,
        event: Event {
            title: Localised::One("Gala".into()),
            start: zoned("2099-12-10T13:15[Europe/Bucharest]"),
            end: zoned("2099-12-10T15:30[Europe/Bucharest]"),
            place: None,
            link: None,
        },
    }
}

fn sender() -> Sender {
    let gala = address("gala@primaria.example");
    Sender { name: String::new(), from: gala.clone(), reply_to: gala.clone(), bounce_to: gala, plus_addressing: false }
}

fn letter(number: usize, date: Timestamp) -> (Guest, Stamp, Envelope) {
    let email = address(&format!("guest{number}@post.example"));
    let lang = Lang::parse("en").expect("a code");
    let guest = Guest {
        email: email.clone(),
        name: format!("Guest {number}"),
        lang: Some(lang.clone()),
        organisation: None,
        zone: None,
        fields: BTreeMap::new(),
        row: 2,
    };
    let stamp = Stamp { token: token(number), kind: Kind::Invitation, number: 1, date, earlier: Vec::new() };
    let mail_from = address("gala@primaria.example");
    let letter = Envelope { message_id: stamp.message_id("primaria.example"), lang, mail_from, rcpt_to: email };
    (guest, stamp, letter)
}

/// A guest's answer, with bare line feeds as delivery agents write them.
fn answer(number: usize, serial: u32, said: &str) -> Vec<u8> {
    format!(
        "From: Guest {number} <guest{number}@post.example>\nTo: gala@primaria.example\nSubject: Re: Invitation: Gala\n\
         Message-ID: <answer{serial}.{number}@post.example>\nIn-Reply-To: <invitation.{}.1@primaria.example>\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\n\n{said}\n",
        token(number)
    )
    .into_bytes()
}

const YES: &str = "Yes, I will come.";
const NO: &str = "No, I cannot come.";

fn make_maildir(root: &Path) {
    for folder in ["tmp", "new", "cur"] {
        fs::create_dir_all(root.join(folder)).expect("made");
    }
}

/// As a delivery agent does it: written in `tmp`, then moved.
fn deliver(root: &Path, place: &str, name: &str, raw: &[u8]) -> PathBuf {
    let (from, to) = (root.join("tmp").join("being-written"), root.join(place).join(name));
    fs::write(&from, raw).expect("written");
    fs::rename(from, &to).expect("moved");
    to
}

fn aged(path: &Path, age: Duration) {
    let file = fs::File::options().write(true).open(path).expect("opened");
    file.set_modified(SystemTime::now() - age).expect("aged");
}

fn names(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found: Vec<_> = ["new", "cur"]
        .iter()
        .flat_map(|place| fs::read_dir(root.join(place)).expect("a folder"))
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), fs::read(path).unwrap_or_default()))
        .collect();
    found.sort();
    found
}

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_maildir_is_read_and_left_as_it_was() {
    let case = Case::with(4).await;
    let root = case.path("Maildir");
    make_maildir(&root);
    aged(&deliver(&root, "cur", "1.old.host:2,S", &answer(3, 1, YES)), 3 * DAY);
    deliver(&root, "new", "2.a.host", &answer(0, 1, YES));
    deliver(&root, "cur", "3.b.host,S=300:2,RS", &answer(1, 1, NO));
    let before = names(&root);

    let now = Timestamp::now();
    let mut maildir = case.maildir(&root, now).await;
    case.drain(&mut maildir, now).await;
    let rows = case.rows().await;
    let standing: Vec<&str> = rows.iter().map(|row| row.standing.as_str()).collect();
    assert_eq!(standing, ["accept", "decline", "silent", "silent"], "what came days before the campaign is not read");
    assert_eq!(case.total().await, 2);
    assert_eq!(names(&root), before);
    let status = case.status().await;
    assert_eq!(status.mailbox.iter().map(|folder| folder.folder.as_str()).collect::<Vec<_>>(), ["maildir:here"]);

    // A mail program moves one and flags another, one is copied here with its old time, one is new.
    fs::rename(root.join("new/2.a.host"), root.join("cur/2.a.host:2,S")).expect("moved");
    fs::rename(root.join("cur/3.b.host,S=300:2,RS"), root.join("cur/3.b.host,S=300:2,FRS")).expect("flagged");
    aged(&deliver(&root, "cur", "0.copied.host:2,", &answer(2, 1, YES)), 3 * DAY);
    deliver(&root, "new", "4.c.host", &answer(3, 2, NO));
    case.drain(&mut maildir, now + SignedDuration::from_secs(2)).await;
    assert_eq!(case.accepted().await, (2, 4));

    // A new process goes on where the last one was.
    let mut maildir = case.maildir(&root, now).await;
    case.drain(&mut maildir, now).await;
    assert_eq!(case.total().await, 4);
}

#[tokio::test]
async fn the_last_answer_is_the_one_delivered_last() {
    let case = Case::with(1).await;
    let root = case.path("Maildir");
    make_maildir(&root);
    aged(&deliver(&root, "new", "1.a.host", &answer(0, 1, YES)), Duration::from_secs(60));
    aged(&deliver(&root, "new", "0.b.host", &answer(0, 2, NO)), Duration::from_secs(30));
    let now = Timestamp::now();
    let mut maildir = case.maildir(&root, now).await;
    case.drain(&mut maildir, now).await;
    // Found later, but delivered before both: it does not change the answer.
    aged(&deliver(&root, "new", "2.c.host", &answer(0, 3, YES)), Duration::from_secs(90));
    case.drain(&mut maildir, now + SignedDuration::from_secs(2)).await;
    assert_eq!((case.rows().await[0].standing.as_str(), case.total().await), ("decline", 3));
}

#[tokio::test]
async fn what_is_gone_or_strange_blocks_nothing() {
    let case = Case::with(3).await;
    let root = case.path("Maildir");
    make_maildir(&root);
    let now = Timestamp::now();
    let mut maildir = case.maildir(&root, now).await;
    for (name, age) in [("1.gone.host", 40), ("2.a.host", 30)] {
        aged(&deliver(&root, "new", name, &answer(0, age, YES)), Duration::from_secs(age.into()));
    }
    std::os::unix::fs::symlink("/dev/zero", root.join("new/3.endless.host")).expect("linked");
    std::os::unix::fs::symlink(case.path("nowhere"), root.join("new/4.nowhere.host")).expect("linked");
    fs::create_dir(root.join("new/5.folder.host")).expect("made");
    let mut huge = answer(1, 1, YES);
    huge.resize(9 * 1024 * 1024, b'x');
    deliver(&root, "new", "6.huge.host", &huge);
    deliver(&root, "new", "7.empty.host", b"");
    deliver(&root, "new", "8.b.host", &answer(2, 1, NO));

    // The names are numbered, and then one of them goes and another is renamed before they are read.
    let reader = case.maildir(&root, now).await;
    drop(reader);
    case.drain(&mut maildir, now).await;
    assert!(maildir.trouble().is_some_and(|why| why.contains("3.endless.host") && why.contains("regular file")), "{:?}", maildir.trouble());
    let rows = case.rows().await;
    assert_eq!((rows[0].standing.as_str(), rows[2].standing.as_str()), ("accept", "decline"));
    assert_eq!(case.total().await, 5);

    fs::remove_file(root.join("new/3.endless.host")).expect("removed");
    case.drain(&mut maildir, now + SignedDuration::from_secs(2)).await;
    assert_eq!((maildir.trouble(), case.total().await), (None, 5));
}

#[tokio::test]
async fn a_message_that_moves_while_it_waits_is_read_once() {
    let case = Case::with(50).await;
    let root = case.path("Maildir");
    make_maildir(&root);
    for number in 0..50 {
        let path = deliver(&root, "new", &format!("{number:02}.host"), &answer(number, 1, YES));
        aged(&path, Duration::from_secs(100 - number as u64));
    }
    let now = Timestamp::now();
    let mut maildir = case.maildir(&root, now).await;
    assert_eq!(maildir.step(&case.store, &desk(), now).await.expect("a step"), Step::Did);
    let read = case.total().await;
    assert!(read > 0 && read < 50, "{read}");
    for number in 0..50 {
        fs::rename(root.join(format!("new/{number:02}.host")), root.join(format!("cur/{number:02}.host:2,S"))).expect("moved");
    }
    fs::remove_file(root.join("cur/49.host:2,S")).expect("removed");
    // The power fails here: another process goes on.
    drop(maildir);
    let mut maildir = case.maildir(&root, now).await;
    case.drain(&mut maildir, now).await;
    assert_eq!(case.accepted().await, (49, 49));
}

#[tokio::test]
async fn a_mail_that_ended_the_program_is_set_aside_unopened() {
    let case = Case::with(2).await;
    let root = case.path("Maildir");
    make_maildir(&root);
    for number in 0..2 {
        let path = deliver(&root, "new", &format!("{number}.host"), &answer(number, 1, YES));
        aged(&path, Duration::from_secs(10 - number as u64));
    }
    let now = Timestamp::now();
    drop(case.maildir(&root, now).await);
    case.store.write(|conn| inbox::mark_opening(conn, "maildir:here", 1)).await.expect("marked");
    let mut maildir = case.maildir(&root, now).await;
    case.drain(&mut maildir, now).await;
    let looks = case.store.read(|conn| inbox::looks(conn, None)).await.expect("looks");
    assert_eq!(looks.len(), 1);
    assert!(looks[0].doubts[0].contains("set aside unopened"), "{:?}", looks[0].doubts);
    assert_eq!(case.accepted().await, (1, 2));

    let path = case.path("mbox");
    fs::write(&path, mbox(&[answer(0, 7, NO), answer(1, 7, NO)])).expect("written");
    let mut now = now + SignedDuration::from_secs(60);
    drop(case.mbox(&path, now).await);
    case.store.write(|conn| inbox::mark_opening(conn, "mbox:here", 1)).await.expect("marked");
    let mut reader = case.mbox(&path, now).await;
    case.drain_mbox(&mut reader, &mut now).await;
    let looks = case.store.read(|conn| inbox::looks(conn, None)).await.expect("looks");
    assert_eq!((looks.len(), case.total().await), (2, 4));
}

fn mbox(messages: &[Vec<u8>]) -> Vec<u8> {
    messages.iter().flat_map(|message| [entry(message), b"\n".to_vec()].concat()).collect()
}

/// As a delivery agent appends it, without the empty line behind it.
fn entry(message: &[u8]) -> Vec<u8> {
    let date = Timestamp::now().strftime("%a %b %e %H:%M:%S %Y").to_string();
    let text = String::from_utf8_lossy(message).replace("\nFrom ", "\n>From ");
    format!("From guest@post.example {date}\n{text}").into_bytes()
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = fs::File::options().append(true).create(true).open(path).expect("opened");
    file.write_all(bytes).expect("appended");
}

#[tokio::test]
async fn an_mbox_may_grow_shrink_and_be_written_anew() {
    let case = Case::with(6).await;
    let path = case.path("mbox");
    let mut now = Timestamp::now();
    fs::write(&path, mbox(&[answer(0, 1, YES), answer(1, 1, NO)])).expect("written");
    let before = fs::read(&path).expect("read");
    let mut reader = case.mbox(&path, now).await;
    assert!(case.drain_mbox(&mut reader, &mut now).await > 0, "the last message is read when the file has been quiet for a while");
    assert_eq!((case.accepted().await, fs::read(&path).expect("read")), ((1, 2), before));

    // Half a message, then the rest of it.
    let third = entry(&answer(2, 1, &format!("{YES}\n\nFrom here it is not far.")));
    let (half, rest) = third.split_at(third.len() / 2);
    append(&path, half);
    assert!(matches!(reader.step(&case.store, &desk(), now).await.expect("a step"), Step::Rest { until: Some(_) }));
    append(&path, rest);
    append(&path, b"\n");
    case.drain_mbox(&mut reader, &mut now).await;
    assert_eq!(case.total().await, 3);
    let third = case.store.read(|conn| views::mail(conn, 3)).await.expect("a mail").expect("the third");
    assert!(third.said.starts_with(YES) && third.said.contains("\nFrom here"), "{third:?}");
    let accepted = case.accepted().await.0;

    // A new process goes on where the last one was.
    let mut reader = case.mbox(&path, now).await;
    append(&path, &mbox(&[answer(3, 1, YES)]));
    case.drain_mbox(&mut reader, &mut now).await;
    assert_eq!(case.accepted().await, (accepted + 1, 4));

    // A mail program deletes the first message and adds its header to the others.
    let text = String::from_utf8(fs::read(&path).expect("read")).expect("text");
    let second = text.find("\nFrom guest").expect("a second message") + 1;
    let rewritten = text.split_at(second).1.replace("\nTo: ", "\nStatus: RO\nTo: ");
    fs::write(&path, rewritten).expect("written");
    append(&path, &mbox(&[answer(4, 1, YES)]));
    case.drain_mbox(&mut reader, &mut now).await;
    assert_eq!(case.accepted().await, (accepted + 2, 5), "each counts once");

    // Emptied, then filled with something longer than before.
    fs::write(&path, b"").expect("emptied");
    case.drain_mbox(&mut reader, &mut now).await;
    fs::write(&path, mbox(&[answer(0, 9, NO), answer(5, 1, YES), answer(1, 1, NO)])).expect("written");
    case.drain_mbox(&mut reader, &mut now).await;
    assert_eq!(case.accepted().await, (accepted + 2, 7), "one changed to no, one came");
    fs::remove_file(&path).expect("removed");
    assert!(reader.step(&case.store, &desk(), now).await.expect_err("gone").to_string().contains("waited for"));
}

#[tokio::test]
async fn a_mail_counts_once_however_its_lines_end_and_wherever_it_lies() {
    let case = Case::with(1).await;
    let (root, path) = (case.path("Maildir"), case.path("mbox"));
    make_maildir(&root);
    let mut now = Timestamp::now();
    let bare = answer(0, 1, YES);
    deliver(&root, "new", "1.host", &bare);
    deliver(&root, "new", "2.host", String::from_utf8_lossy(&bare).replace('\n', "\r\n").as_bytes());
    fs::write(&path, mbox(&[bare])).expect("written");
    let mut maildir = case.maildir(&root, now).await;
    case.drain(&mut maildir, now).await;
    let mut reader = case.mbox(&path, now).await;
    case.drain_mbox(&mut reader, &mut now).await;
    assert_eq!(case.accepted().await, (1, 1));
}

/// A large Maildir of which all but 300 messages are from before the campaign. Times are printed, not judged.
#[tokio::test]
async fn a_large_maildir_is_walked_and_then_costs_a_glance() {
    const ALL: usize = 20_000;
    const FRESH: usize = 300;
    let case = Case::with(FRESH).await;
    let root = case.path("Maildir");
    make_maildir(&root);
    for number in 0..ALL {
        let raw = if number < FRESH { answer(number, 1, YES) } else { format!("Message-ID: <{number}@x.example>\n\nold\n").into_bytes() };
        let path = root.join("cur").join(format!("{number}.host:2,S"));
        fs::write(&path, raw).expect("written");
        if number >= FRESH {
            aged(&path, 30 * DAY);
        }
    }
    let now = Timestamp::now() + SignedDuration::from_secs(10);
    let began = Instant::now();
    let mut maildir = case.maildir(&root, now).await;
    let opened = began.elapsed();
    case.drain(&mut maildir, now).await;
    let drained = began.elapsed();
    assert_eq!(case.accepted().await, (FRESH as u64, FRESH as u64));

    let glance = Instant::now();
    for tick in 0..100 {
        let now = now + SignedDuration::from_millis(tick);
        assert_eq!(maildir.step(&case.store, &desk(), now).await.expect("a step"), Step::Rest { until: None });
    }
    let idle = glance.elapsed() / 100;
    deliver(&root, "new", "one-more.host", &answer(0, 2, NO));
    let one = Instant::now();
    case.drain(&mut maildir, now + SignedDuration::from_secs(1)).await;
    let one = one.elapsed();
    assert_eq!(case.accepted().await, (FRESH as u64 - 1, FRESH as u64 + 1));
    let again = Instant::now();
    drop(case.maildir(&root, now).await);
    println!(
        "{ALL} names, {FRESH} to read: opened in {opened:?}, read in {drained:?}; an idle look {idle:?}, one new mail {one:?}, opened again in {:?}",
        again.elapsed()
    );
}

/// The daemon, ended by SIGKILL when it is dropped.
struct Daemon(Child);

impl Daemon {
    fn start(case: &Case) -> Self {
        let log = fs::File::options().create(true).append(true).open(case.path("log")).expect("a log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
        command.arg("--config").arg(case.path("convoke.toml")).arg("run").stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Self(command.spawn().expect("the daemon starts"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn convoke(case: &Case, config: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
    let output = command.arg("--config").arg(case.path(config)).args(arguments).output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).expect("text"))
}

fn status(case: &Case, arguments: &[&str]) -> String {
    convoke(case, "convoke.toml", &[&["status"], arguments].concat()).1
}

/// Asks `status --json` until the number of mails is `total`; how long it took.
fn until_total(case: &Case, total: u64, limit: Duration) -> Duration {
    let began = Instant::now();
    loop {
        let said = status(case, &["--json"]);
        let found: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"));
        if found["mail"]["total"] == total {
            return began.elapsed();
        }
        let log = fs::read_to_string(case.path("log")).unwrap_or_default();
        assert!(began.elapsed() < limit, "waited {limit:?} for {total} mails: {said}\n{log}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn the_daemon_waits_for_folders_and_counts_each_mail_once() {
    let case = Case::with(8).await;
    let config =
        "database = 'convoke.db'\n[sender]\nfrom = 'gala@primaria.example'\n[maildir]\npath = 'Maildir'\n[mbox]\npath = 'inbox.mbox'\n";
    fs::write(case.path("convoke.toml"), config).expect("written");
    let (root, path) = (case.path("Maildir"), case.path("inbox.mbox"));
    let check = |config: &str| {
        fs::write(case.path("check.toml"), config.replace("convoke.db", "none.db")).expect("written");
        convoke(&case, "check.toml", &["check", "--offline"])
    };
    let (code, said) = check(config);
    assert!(said.contains("there is no Maildir") && said.contains("there is no mbox") && code == Some(0), "{code:?} {said}");

    let daemon = Daemon::start(&case);
    let patience = Duration::from_secs(60);
    let began = Instant::now();
    while !status(&case, &[]).contains("there is no Maildir") {
        assert!(began.elapsed() < patience, "{}", status(&case, &[]));
    }
    make_maildir(&root);
    deliver(&root, "new", "1.host", &answer(0, 1, YES));
    fs::write(&path, mbox(&[answer(1, 1, NO)])).expect("written");
    until_total(&case, 2, patience);
    assert!(!status(&case, &[]).contains("there is no"), "the trouble is over");

    deliver(&root, "new", "2.host", &answer(2, 1, YES));
    let maildir = until_total(&case, 3, patience);
    append(&path, &mbox(&[answer(3, 1, YES)]));
    let mbox_took = until_total(&case, 4, patience);
    println!("in status after {maildir:?} (Maildir), {mbox_took:?} (mbox)");
    assert!(maildir < Duration::from_secs(3) && mbox_took < Duration::from_secs(4), "{maildir:?} {mbox_took:?}");

    drop(daemon);
    deliver(&root, "new", "3.host", &answer(4, 1, NO));
    append(&path, &mbox(&[answer(5, 1, YES)]));
    fs::rename(root.join("new/1.host"), root.join("cur/1.host:2,S")).expect("moved");
    let _daemon = Daemon::start(&case);
    until_total(&case, 6, patience);
    deliver(&root, "new", "4.host", &answer(6, 1, YES));
    until_total(&case, 7, patience);
    let said = status(&case, &["--json"]);
    let found: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((&found["standing"]["accept"], &found["standing"]["decline"]), (&5.into(), &2.into()), "{said}");
    let folders: Vec<&str> = found["mailbox"].as_array().expect("a list").iter().filter_map(|folder| folder["folder"].as_str()).collect();
    assert_eq!(folders, [format!("maildir:{}", root.display()), format!("mbox:{}", path.display())]);

    let (code, said) = check(config);
    assert!(said.contains("a Maildir with 4 messages") && said.contains("an mbox of") && code == Some(0), "{code:?} {said}");
    let (code, said) = check(&config.replace("Maildir", "M").replace("inbox.mbox", "Maildir").replace("'M'", "'inbox.mbox'"));
    assert!(said.contains("is not a Maildir") && said.contains("is named in [maildir]") && code == Some(1), "{code:?} {said}");
}
