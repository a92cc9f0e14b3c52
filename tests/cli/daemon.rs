//! `run`: one daemon for a database, which delivers what `send` queues, and ends when it is asked to.

use super::{
    case::{Case, config},
    relay::Relay,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead as _, BufReader},
    os::unix::net::UnixDatagram,
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
        program
            .arg("run")
            .current_dir(case.root())
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = program.spawn().expect("the program starts");
        let stderr = child.stderr.take().expect("a pipe");
        let (tell, log) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        let mut daemon = Self { child, log, started: String::new() };
        while !daemon.started.contains("started") {
            daemon.started = daemon.log.recv_timeout(Duration::from_secs(20)).expect("it starts in time");
        }
        daemon
    }

    /// Asks it to end: its exit code, and what it has written to its log.
    fn end(mut self) -> (Option<i32>, Vec<String>) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(pid, Signal::TERM).expect("it lives");
        let code = self.child.wait().expect("it ends").code();
        (code, self.log.iter().collect())
    }
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
