//! `run`: one daemon for a database, which delivers what `send` queues, and ends when it is asked to.

use super::{
    case::{CAMPAIGN, Case, config},
    relay::{Relay, SILENT, SLOW},
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    io::{BufRead as _, BufReader, Read},
    os::{
        fd::AsRawFd as _,
        unix::{fs::MetadataExt as _, net::UnixDatagram},
    },
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A daemon in the folder of a case; killed with the test.
struct Daemon {
    child: Child,
    log: mpsc::Receiver<String>,
    /// The line that says so.
    started: String,
}

impl Daemon {
    /// Returns when it says that it has started.
    fn start(case: &Case, environment: &[(&str, &str)]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_convoke"));
        program.arg("run");
        Self::start_as(program, case, environment)
    }

    fn start_as(mut program: Command, case: &Case, environment: &[(&str, &str)]) -> Self {
        program
            .current_dir(case.root())
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = program.spawn().expect("the program starts");
        let stderr = child.stderr.take().expect("a pipe");
        Self::that_logs_to(stderr, child)
    }

    /// Returns when it says that it has started.
    fn that_logs_to(stderr: impl Read + Send + 'static, child: Child) -> Self {
        let (tell, log) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let mut daemon = Self { child, log, started: String::new() };
        daemon.started = daemon.line_with("started");
        daemon
    }

    /// The next line of its log that has this in it.
    fn line_with(&self, part: &str) -> String {
        loop {
            let line = self.log.recv_timeout(Duration::from_secs(20)).expect("it says so in time");
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Asks it to end: its exit code, and what it has written to its log.
    fn end(self) -> (Option<i32>, Vec<String>) {
        self.end_by(Signal::TERM)
    }

    /// It ends by itself: its exit code, and what it has written to its log.
    fn ended(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        loop {
            match self.log.recv_timeout(Duration::from_secs(20)) {
                Ok(line) => log += &(line + "\n"),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end: {log}"),
            }
        }
        (self.child.wait().expect("it ends").code(), log)
    }

    fn end_by(mut self, by: Signal) -> (Option<i32>, Vec<String>) {
        signal(&self.child, by);
        let code = self.child.wait().expect("it ends").code();
        (code, self.log.iter().collect())
    }
}

/// The program in the folder of a case, with a clean environment.
fn program(case: &Case, line: &str) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_convoke"));
    program.args(line.split_whitespace()).current_dir(case.root()).env_clear();
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

fn signal(child: &Child, signal: Signal) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, signal).expect("it lives");
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_daemon_delivers_what_send_queues_and_is_the_only_one() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    let daemon = Daemon::start(&case, &[]);
    case.call("run")
        .exit(1)
        .stderr_has("only one daemon may work on a database; stop the other one first: another convoke is at work on this database (the daemon, process ");
    case.call("send --yes 3")
        .exit(0)
        .stdout_has("Delivered by: the daemon, process ")
        .stdout_has("3 sent, 0 waiting, 0 uncertain, 0 failed.");
    assert_eq!(relay.recipients().len(), 3);
    case.call("backup copy.db").exit(0);
    let (code, log) = daemon.end();
    assert_eq!(code, Some(0));
    let log = log.join("\n");
    assert!(log.contains("stopped") && !log.contains("guests.example") && !log.contains("Ana"), "{log}");
    case.call("send --yes 0").exit(0).stdout_lacks("Delivered by");
}

#[test]
fn the_log_in_a_pipe_is_plain_and_says_that_a_folder_is_read() {
    let relay = Relay::kind();
    let case = Case::new().config(config(relay.port) + "[maildir]\npath = \"Maildir\"\n");
    let daemon = Daemon::start(&case, &[]);
    let started = daemon.started.clone();
    assert!(started.contains("reads=true") && started.contains("folders=1"), "{started}");
    let log = daemon.end().1.join("\n");
    assert!(!started.contains('\u{1b}') && !log.contains('\u{1b}'), "{started}\n{log}");
}

#[test]
fn the_log_counts_the_folders_of_the_mailbox_too() {
    let imap = "[imap]\nhost = \"127.0.0.1\"\nport = 1\nsecurity = \"none\"\nuser = \"gala\"\npassword = { env = \"P\" }\nfolders = [\"INBOX\", \"Junk\"]\n";
    let case = Case::new().config(config(1) + imap + "[maildir]\npath = \"Maildir\"\n");
    let daemon = Daemon::start(&case, &[("P", "secret")]);
    assert!(daemon.started.contains("reads=true") && daemon.started.contains("folders=3"), "{}", daemon.started);
    assert_eq!(daemon.end().0, Some(0));
}

#[test]
fn a_daemon_whose_database_or_lock_is_taken_away_fails_so_that_it_is_started_anew() {
    let case = Case::new();
    case.call("send --yes 3").exit(1);
    case.call("backup kept.db").exit(0);
    let daemon = Daemon::start(&case, &[]);
    for end in ["-wal", "-shm"] {
        fs::remove_file(case.path(&format!("gala.db{end}"))).expect("taken away");
    }
    fs::rename(case.path("kept.db"), case.path("gala.db")).expect("replaced");
    let (code, log) = daemon.ended();
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("ERROR") && log.contains("gala.db was removed, moved or replaced"), "{log}");
    case.call("status").exit(0).stdout_has("this database is a backup of 2");
    let daemon = Daemon::start(&case, &[]);
    fs::remove_file(case.path("gala.db.lock")).expect("taken away");
    let (code, log) = daemon.ended();
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("ERROR") && log.contains("gala.db.lock was removed or replaced"), "{log}");
    assert_eq!(Daemon::start(&case, &[]).end().0, Some(0));
}

#[test]
fn a_log_that_says_more_tells_where_each_mail_goes() {
    let relay = Relay::kind();
    let case = Case::new().config(config(relay.port) + "[maildir]\npath = \"Maildir\"\n");
    for folder in ["cur", "new", "tmp"] {
        fs::create_dir_all(case.path("Maildir").join(folder)).expect("a folder");
    }
    let daemon = Daemon::start(&case, &[("CONVOKE_LOG", "debug")]);
    case.call("send --yes 3").exit(0);
    let mail = "From: Ana Pop <ana@guests.example>\r\nTo: gala@town.example\r\nSubject: Re: Gala\r\nMessage-ID: <1@guests.example>\r\n\r\nYes, I will come.\r\n";
    case.write("Maildir/new/1.a.host", mail);
    let line = daemon.line_with("a mail is filed");
    assert!(line.contains("mail=1") && line.contains("campaign=1") && line.contains("bucket=") && !line.contains("ana"), "{line}");
    assert_eq!(daemon.end().0, Some(0));
}

#[test]
fn send_delivers_after_all_when_the_daemon_ends() {
    let relay = Relay::saying(&[("CONNECT", "421 4.3.2 later")]);
    let case = Case::new().relay(relay.port);
    let daemon = Daemon::start(&case, &[]);
    thread::scope(|scope| {
        let send = scope.spawn(|| case.call("send --yes 3").exit(0).stdout_has("Delivered by: the daemon").stdout_has("3 sent, 0 waiting"));
        // The daemon knocks only when letters are queued, so `send` is watching it by now.
        relay.wait_for_knock();
        relay.says(&[]);
        assert_eq!(daemon.end().0, Some(0));
        send.join().expect("it sends");
    });
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example", "eva@guests.example"]);
}

#[test]
fn a_daemon_whose_terminal_is_closed_stops_as_it_does_when_it_is_asked_to() {
    let case = Case::new();
    // Where the tests run under `nohup` the signal would be ignored.
    let mut program = Command::new("env");
    program.args(["--default-signal=HUP", env!("CARGO_BIN_EXE_convoke"), "run"]);
    let (code, log) = Daemon::start_as(program, &case, &[]).end_by(Signal::HUP);
    let log = log.join("\n");
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("stopping") && log.contains("stopped"), "{log}");
}

#[test]
fn a_daemon_that_was_started_to_outlive_its_terminal_outlives_it() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    let mut program = Command::new("sh");
    program.args(["-c", "trap '' HUP; exec \"$0\" run", env!("CARGO_BIN_EXE_convoke")]);
    let daemon = Daemon::start_as(program, &case, &[]);
    signal(&daemon.child, Signal::HUP);
    case.call("send --yes 3").exit(0).stdout_has("Delivered by: the daemon, process ");
    assert_eq!((daemon.end().0, relay.letters().len()), (Some(0), 3));
}

#[test]
fn a_log_that_says_more_says_nothing_of_letters_and_guests() {
    // Of other crates it never says more, in whatever way it is asked for.
    for filter in ["debug", "trace,html5ever=trace"] {
        let relay = Relay::kind();
        let case = Case::new().relay(relay.port);
        let daemon = Daemon::start(&case, &[("CONVOKE_LOG", filter)]);
        case.call("send --yes 3").exit(0);
        let log = daemon.end().1.join("\n");
        assert!(!log.contains("Ana") && !log.contains("town.example") && !log.contains("mailto") && !log.contains("html"), "{log}");
    }
}

#[test]
fn send_beside_a_daemon_does_not_wait_for_the_hours_of_a_campaign_that_rests() {
    let relay = Relay::kind();
    let hours = if jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).hour() < 12 { "20:00-21:00" } else { "04:00-05:00" };
    let case = Case::new().relay(relay.port).campaign(format!("hours = \"{hours} UTC\"\n{CAMPAIGN}"));
    let daemon = Daemon::start(&case, &[]);
    case.call("send --yes 3")
        .exit(3)
        .stdout_has("Delivered by: the daemon, process ")
        .stdout_has("0 sent, 3 waiting, 0 uncertain, 0 failed.")
        .stdout_has("lets the letters go.");
    assert_eq!((daemon.end().0, relay.letters().len()), (Some(0), 0));
}

#[test]
fn systemd_hears_that_it_is_ready_that_it_lives_and_that_it_stops() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    let path = case.path("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
    let hear = || {
        let mut bytes = [0; 200];
        let length = socket.recv(&mut bytes).expect("a word in time");
        String::from_utf8_lossy(&bytes[..length]).trim().to_owned()
    };
    let daemon = Daemon::start(&case, &[("NOTIFY_SOCKET", path.to_str().expect("a path")), ("WATCHDOG_USEC", "300000")]);
    assert_eq!((hear(), hear(), hear()), ("READY=1".into(), "WATCHDOG=1".into(), "WATCHDOG=1".into()));
    assert_eq!(daemon.end().0, Some(0));
    let last = std::iter::repeat_with(hear).find(|word| word != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
}

#[test]
fn a_log_that_cannot_be_written_does_not_end_the_daemon() {
    let relay = Relay::saying(&[("CONNECT", "421 4.3.2 later")]);
    let case = Case::new().relay(relay.port);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let mut child = program(&case, "run").stdout(Stdio::null()).stderr(full).spawn().expect("the program starts");
    for _ in 0..200 {
        thread::sleep(Duration::from_millis(100));
        if case.exists("gala.db") {
            break;
        }
    }
    thread::scope(|scope| {
        let send = scope.spawn(|| case.call("send --yes 3").exit(0).stdout_has("Delivered by: the daemon").stdout_has("3 sent, 0 waiting"));
        // Its trouble with the relay is one more line that is lost.
        relay.wait_for_knock();
        relay.says(&[]);
        send.join().expect("it sends");
    });
    assert!(child.try_wait().expect("a process").is_none(), "it lives");
    signal(&child, Signal::TERM);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

/// The log of a daemon that is asked to end while it waits for its relay's answer to `to`, which is this one.
fn log_of_an_end(to: &str, answer: &str, is_there: impl Fn(&Relay) -> bool) -> String {
    let case = Case::new();
    case.call("send --yes 3").exit(1);
    let relay = Relay::saying(&[(to, answer)]);
    let case = case.config(config(relay.port) + "connections = 1\n");
    let daemon = Daemon::start(&case, &[]);
    relay.wait_for_knock();
    for _ in 0..200 {
        if is_there(&relay) {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let (code, log) = daemon.end();
    assert_eq!(code, Some(0));
    log.join("\n")
}

#[test]
fn a_step_that_is_dropped_before_a_letter_leaves_no_letter_in_doubt() {
    let log = log_of_an_end("CONNECT", SILENT, |_| true);
    assert!(log.contains("was dropped; no letter was under way") && !log.contains("uncertain"), "{log}");
}

#[test]
fn a_letter_whose_end_is_not_answered_when_the_daemon_stops_is_told() {
    let log = log_of_an_end("DOT", SILENT, |relay| !relay.letters().is_empty());
    assert!(log.contains("uncertain at the next start") && log.contains("letters=1"), "{log}");
}

#[test]
fn a_daemon_that_is_asked_to_end_waits_for_a_slow_answer_to_a_letter_that_has_left() {
    let log = log_of_an_end("DOT", SLOW, |relay| !relay.letters().is_empty());
    assert!(log.contains("stopped") && !log.contains("dropped"), "{log}");
}

#[test]
fn a_restored_backup_sends_nothing_until_the_organiser_has_looked() {
    let relay = Relay::saying(&[("CONNECT", "421 4.3.2 later")]);
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(1);
    case.call("backup kept.db").exit(0);
    relay.says(&[]);
    case.call("send --yes 0").exit(0).stdout_has("3 sent, 0 waiting");
    // Somebody is invited since the backup, too.
    let list = case.text("gala.csv") + "zoe@guests.example,Zoe,en\n";
    case.write("gala.csv", list);
    case.call("send --yes 1").exit(0);
    assert_eq!(relay.recipients().len(), 4);
    fs::rename(case.path("kept.db"), case.path("gala.db")).expect("restored");
    case.call("send --yes 1")
        .exit(3)
        .stdout_has("0 sent, 4 waiting")
        .stdout_has("The campaign is paused by itself (this database is a backup of 2");
    case.call("status").exit(0).stdout_has("It paused itself: this database is a backup of 2");
    let daemon = Daemon::start(&case, &[]);
    case.call("outbox confirm ana@guests.example").exit(0).stdout_has("counts as sent");
    case.call("outbox confirm zoe@guests.example").exit(0);
    assert_eq!(daemon.end().0, Some(0));
    assert_eq!(relay.recipients().len(), 4, "nobody is invited twice");
    case.call("resume").exit(0);
    case.call("send --yes 0").exit(0).stdout_has("4 sent, 0 waiting");
    assert_eq!(relay.recipients().len(), 6, "whom the organiser did not find in his Sent folder");
}

#[test]
fn a_campaign_of_which_a_restored_backup_knows_nothing_starts_paused() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    case.call("backup kept.db").exit(0);
    case.write("fete.toml", case.text("gala.toml").replace("name = \"gala\"", "name = \"fete\""));
    case.call("send fete.toml --yes 3").exit(0).stdout_has("3 sent");
    fs::rename(case.path("kept.db"), case.path("gala.db")).expect("restored");
    let paused = "The campaign is paused by itself (this database is a backup of 2";
    case.call("send fete.toml --yes 3").exit(3).stdout_has("0 sent, 3 waiting").stdout_has(paused);
    assert_eq!(relay.recipients().len(), 6, "nobody is invited twice");
    case.call("outbox confirm ana@guests.example --campaign fete").exit(0).stdout_has("counts as sent");
    case.call("resume fete").exit(0);
    case.call("send fete.toml --yes 0").exit(0).stdout_has("3 sent, 0 waiting");
    assert_eq!(relay.recipients().len(), 8, "whom the organiser did not find in his Sent folder");
}

#[test]
fn a_letter_that_waits_counts_as_sent_only_in_a_restored_backup() {
    let case = Case::new();
    case.call("send --yes 3").exit(1);
    case.call("backup kept.db").exit(0);
    for call in ["resume", "pause"] {
        case.call(call).exit(0);
        case.call("outbox confirm ana@guests.example").exit(2).stderr_has("waits and has not left").stderr_lacks("pause");
    }
    case.call("status --json").exit(0).stdout_has("\"queued\":3,");
    fs::rename(case.path("kept.db"), case.path("gala.db")).expect("restored");
    case.call("pause").exit(0);
    case.call("outbox confirm ana@guests.example").exit(0).stdout_has("counts as sent");
    case.call("resume").exit(0);
    case.call("outbox confirm ben@guests.example").exit(2).stderr_has("waits and has not left");
}

#[test]
fn a_daemon_starts_on_no_damaged_database() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    let bytes = fs::read(case.path("gala.db")).expect("the database");
    let half = bytes.len() / 2;
    // Where every command sees it, and where only a look through the whole file does.
    let broken = |skip: usize, take: usize| {
        let mut bytes = bytes.clone();
        bytes.iter_mut().skip(skip).take(take).for_each(|byte| *byte = 0x55);
        case.write("gala.db", bytes);
    };
    broken(bytes.len() / 4096 * 4096 - 4096, 4096);
    case.call("run").exit(1).stderr_has("is damaged").stderr_has("Restore a backup");
    broken(8 * 4096, half);
    case.call("run").exit(1).stderr_has("is damaged").stderr_has("Restore a backup");
    case.call("guests").exit(1).stderr_has("is damaged").stderr_has("Restore a backup");
}

#[test]
fn a_send_that_gets_nowhere_says_why() {
    let relay = Relay::saying(&[("MAIL", "451 4.3.0 not now")]);
    let case = Case::new().relay(relay.port);
    let mut child = program(&case, "send --yes 3").spawn().expect("the program starts");
    let stdout = child.stdout.take().expect("a pipe");
    let (tell, said) = mpsc::channel();
    thread::spawn(move || BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    let mut line = String::new();
    while !line.contains("not now") {
        line = said.recv_timeout(Duration::from_secs(20)).expect("it says why it gets nowhere");
    }
    signal(&child, Signal::INT);
    assert_eq!(child.wait().expect("it ends").code(), Some(3));
    let rest: Vec<String> = said.iter().collect();
    assert!(rest.iter().any(|line| line.contains("0 sent, 3 waiting, 0 uncertain")), "{rest:?}");
    case.call("status").exit(0).stdout_has("The relay has trouble: ").stdout_has("not now");
}

#[test]
fn the_log_says_what_kind_of_trouble_there_is() {
    let relay = Relay::saying(&[("CONNECT", "421 4.3.2 later")]);
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(1);
    let daemon = Daemon::start(&case, &[]);
    let line = daemon.line_with("the relay has trouble");
    assert!(line.contains("kind=\"refused\"") && line.contains("code=421") && !line.contains("127.0.0.1"), "{line}");
    assert_eq!(daemon.end().0, Some(0));
}

#[test]
fn lines_of_the_journal_have_a_priority_and_no_time() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("3 letters queued.");
    let first_lines = |of_journal: bool| {
        let (read, write) = std::io::pipe().expect("a pipe");
        let stream = fs::metadata(format!("/proc/self/fd/{}", write.as_raw_fd())).expect("it is open");
        let told = format!("{}:{}", stream.dev(), stream.ino() + u64::from(!of_journal));
        let child = program(&case, "run").env("JOURNAL_STREAM", told).stderr(write).spawn().expect("the program starts");
        let daemon = Daemon::that_logs_to(read, child);
        let refused = daemon.line_with("WARN");
        let started = daemon.started.clone();
        assert_eq!(daemon.end().0, Some(0));
        [started, refused]
    };
    let [started, refused] = first_lines(true);
    assert!(started.starts_with("<6> INFO started ") && refused.starts_with("<4> WARN "), "{started}\n{refused}");
    let [started, refused] = first_lines(false);
    assert!(started.starts_with("20") && refused.starts_with("20"), "{started}\n{refused}");
}
