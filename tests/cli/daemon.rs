//! `run`: one daemon for a database, which delivers what `send` queues, and ends when it is asked to.

use super::{case::Case, relay::Relay};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// A daemon in the folder of a case; killed with the test.
struct Daemon(Child);

impl Daemon {
    /// Returns when it says that it has started.
    fn start(case: &Case) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_convoke"));
        program.arg("run").current_dir(case.root()).env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = program.spawn().expect("the program starts");
        let stderr = child.stderr.take().expect("a pipe");
        let daemon = Self(child);
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        while !told.recv_timeout(Duration::from_secs(20)).expect("it starts in time").contains("started") {}
        daemon
    }

    fn end(mut self) -> Option<i32> {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw).expect("a process");
        kill_process(pid, Signal::TERM).expect("it lives");
        self.0.wait().expect("it ends").code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_daemon_delivers_what_send_queues_and_is_the_only_one() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    let daemon = Daemon::start(&case);
    case.call("run")
        .exit(1)
        .stderr_has("only one daemon may work on a database; stop the other one first: another convoke is at work on this database (the daemon, process ");
    case.call("send --yes 3")
        .exit(0)
        .stdout_has("Delivered by: the daemon, process ")
        .stdout_has("3 sent, 0 waiting, 0 uncertain, 0 failed.");
    assert_eq!(relay.recipients().len(), 3);
    case.call("backup copy.db").exit(0);
    assert_eq!(daemon.end(), Some(0));
    case.call("send --yes 0").exit(0).stdout_lacks("Delivered by");
}

#[test]
fn send_delivers_after_all_when_the_daemon_ends() {
    let relay = Relay::saying(&[("CONNECT", "421 4.3.2 later")]);
    let case = Case::new().relay(relay.port);
    let daemon = Daemon::start(&case);
    thread::scope(|scope| {
        let send = scope.spawn(|| case.call("send --yes 3").exit(0).stdout_has("Delivered by: the daemon").stdout_has("3 sent, 0 waiting"));
        // The daemon knocks only when letters are queued, so `send` is watching it by now.
        relay.wait_for_knock();
        relay.says(&[]);
        assert_eq!(daemon.end(), Some(0));
        send.join().expect("it sends");
    });
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example", "eva@guests.example"]);
}
