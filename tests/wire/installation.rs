//! An organiser's own folder: configuration, campaign, list, templates, database, and the built program run in it.

use super::authority::Authority;
use super::process::{self, Process, until};
use convoke::{
    store::editions::{self, Written},
    work::edition::Set,
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fmt::Write as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The organiser's address, and the user at both servers.
pub const DESK: &str = "workshop@primaria.example";
pub const PASSWORD: &str = "a long \"secret\"";
/// A command of the program ends within this time, or the test fails.
const PATIENCE: Duration = Duration::from_secs(180);

/// A server as `convoke.toml` names it.
pub struct Server<'a> {
    pub port: u16,
    /// `tls`, `starttls` or `none`.
    pub security: &'a str,
    /// Where the server's certificate comes from; None for `none`.
    pub authority: Option<&'a Authority>,
    /// Whether [`DESK`] signs in with [`PASSWORD`].
    pub signs_in: bool,
}

impl Server<'_> {
    /// Without TLS and without sign-in, on loopback.
    pub fn plain(port: u16) -> Self {
        Server { port, security: "none", authority: None, signs_in: false }
    }

    fn table(&self, name: &str, variable: &str) -> String {
        let mut table = format!("[{name}]\nhost = \"localhost\"\nport = {}\nsecurity = \"{}\"\n", self.port, self.security);
        if let Some(authority) = self.authority {
            let _ = writeln!(table, "ca = \"{}\"", authority.ca().display());
        }
        if self.signs_in {
            let _ = writeln!(table, "user = \"{DESK}\"\npassword = {{ env = \"{variable}\" }}");
        }
        table
    }
}

pub struct Installation {
    folder: TempDir,
}

/// How a command ended, and what it said.
pub struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Installation {
    /// Writes `convoke.toml`, `workshop.toml` and the shipped templates; `list` is the CSV of the guests.
    pub fn create(smtp: &Server<'_>, imap: Option<(&Server<'_>, &[&str])>, list: &str) -> Self {
        let folder = process::folder("convoke-organiser-");
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut config = format!("database = \"convoke.db\"\n[sender]\nfrom = \"Primăria Exemplu <{DESK}>\"\n");
        config.push_str(&smtp.table("smtp", "CONVOKE_TEST_SMTP"));
        if let Some((imap, folders)) = imap {
            let _ = writeln!(config, "{}folders = {folders:?}", imap.table("imap", "CONVOKE_TEST_IMAP"));
        }
        let made = Self { folder };
        made.write("convoke.toml", &config);
        made.write("workshop.toml", &std::fs::read_to_string(root.join("workshop.toml")).expect("the shipped campaign"));
        made.write("contacts/workshop.csv", list);
        for entry in std::fs::read_dir(root.join("templates/workshop")).expect("the shipped templates").flatten() {
            let text = std::fs::read_to_string(entry.path()).expect("a template");
            made.write(&format!("templates/workshop/{}", entry.file_name().to_string_lossy()), &text);
        }
        made
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
        std::fs::write(path, text).expect("a file in the test's folder");
    }

    fn dressed<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.current_dir(self.folder.path()).env("CONVOKE_TEST_SMTP", PASSWORD).env("CONVOKE_TEST_IMAP", PASSWORD).env("NO_COLOR", "1")
    }

    /// Runs one command of the program to its end.
    pub fn convoke(&self, args: &[&str]) -> Ran {
        self.run(Command::new(env!("CARGO_BIN_EXE_convoke")).args(args))
    }

    /// Runs one command that may not write any file beyond `blocks` of 512 bytes: a full disk.
    pub fn convoke_on_a_full_disk(&self, blocks: u64, args: &[&str]) -> Ran {
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        self.run(Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_convoke")]).args(args))
    }

    /// Runs one command as an account that may read everything here and write nothing.
    pub fn convoke_read_only(&self, args: &[&str]) -> Ran {
        let (user, group) = super::process::account("nobody").expect("the account nobody");
        self.run(Command::new(env!("CARGO_BIN_EXE_convoke")).uid(user).gid(group).args(args))
    }

    fn run(&self, command: &mut Command) -> Ran {
        let child = self.dressed(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.expect("convoke starts");
        let pid = Pid::from_child(&child);
        let (ended, end) = std::sync::mpsc::channel::<()>();
        let watch = std::thread::spawn(move || {
            let late = end.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout);
            if late {
                let _ = kill_process(pid, Signal::KILL);
            }
            late
        });
        let output = child.wait_with_output().expect("its output");
        drop(ended);
        let ran = Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        };
        assert!(!watch.join().expect("the watch"), "convoke did not end within {PATIENCE:?}:\n{}\n{}", ran.out, ran.err);
        ran
    }

    /// Starts `convoke run`.
    pub fn daemon(&self) -> Daemon {
        self.daemon_with(&[])
    }

    /// Starts `convoke run` with more environment variables.
    pub fn daemon_with(&self, environment: &[(&str, &str)]) -> Daemon {
        let log = self.path("daemon.log");
        let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
        command.envs(environment.iter().copied());
        let process = Process::start("convoke run", self.dressed(command.arg("run")), &log);
        Daemon { process, log }
    }

    /// `status --json`.
    pub fn status(&self) -> Value {
        let ran = self.convoke(&["status", "--json"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
        serde_json::from_str(&ran.out).expect("one line of JSON")
    }

    /// `guests --json`.
    pub fn guests(&self) -> Vec<Value> {
        let ran = self.convoke(&["guests", "--json"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
        ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The database, to look at without the program.
    pub fn database(&self) -> rusqlite::Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = rusqlite::Connection::open_with_flags(self.path("convoke.db"), flags).expect("the database");
        database.busy_timeout(Duration::from_secs(5)).expect("a timeout");
        database
    }

    /// Recipient and bytes of every letter, in the order in which they were queued.
    pub fn letters(&self) -> Vec<(String, Vec<u8>)> {
        let database = self.database();
        let mut letters = database.prepare("SELECT rcpt_to, id FROM letter ORDER BY id").expect("letters");
        let rows = letters.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("letters");
        let letters: Vec<(String, i64)> = rows.collect::<Result<_, _>>().expect("letters");
        letters.into_iter().map(|(rcpt_to, id)| (rcpt_to, bytes(&database, id))).collect()
    }

    /// Waits until this many mails are counted in `status --json`.
    pub fn until_mails(&self, total: u64, limit: Duration) -> Value {
        let database = self.database();
        until(&format!("{total} mails to be counted"), limit, || (mails(&database) >= total).then_some(()));
        self.status()
    }

    /// The moment of the last look into any folder, as the database has it.
    pub fn last_look(&self) -> i64 {
        let sql = "SELECT coalesce(max(read_at), 0) FROM cursor";
        self.database().query_row(sql, [], |row| row.get(0)).expect("cursors")
    }

    /// Waits until this many folders were looked at after that moment.
    pub fn until_read_after(&self, look: i64, folders: usize, limit: Duration) {
        let database = self.database();
        until("every folder to be looked at", limit, || {
            let sql = "SELECT count(*) FROM cursor WHERE read_at > ?1";
            let read: usize = database.query_row(sql, [look], |row| row.get(0)).expect("cursors");
            (read == folders).then_some(())
        });
    }
}

/// How many mails the database holds.
pub fn mails(database: &rusqlite::Connection) -> u64 {
    database.query_row("SELECT count(*) FROM mail", [], |row| row.get(0)).expect("the number of mails")
}

/// The sum of all numbers of an object but `total`.
pub fn sum(counts: &Value) -> u64 {
    let counts = counts.as_object().expect("an object of numbers");
    counts.iter().filter(|(name, _)| *name != "total").map(|(_, count)| count.as_u64().expect("a number")).sum()
}

/// A running `convoke run`.
pub struct Daemon {
    process: Process,
    log: PathBuf,
}

impl Daemon {
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// SIGKILL: as if the power had failed.
    pub fn kill(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).expect("a process id")).expect("not zero");
        kill_process(pid, Signal::KILL).expect("it runs");
        until("the daemon to be dead", Duration::from_secs(20), || self.process.ended());
    }

    /// SIGTERM; how it ended, and how long it took.
    pub fn terminate(mut self) -> (ExitStatus, Duration) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).expect("a process id")).expect("not zero");
        let asked = Instant::now();
        kill_process(pid, Signal::TERM).expect("it runs");
        let status = until("the daemon to end", Duration::from_secs(60), || self.process.ended());
        (status, asked.elapsed())
    }

    /// SIGTERM must give exit 0 within five seconds.
    pub fn stop(self) -> Duration {
        let log = self.log.clone();
        let (status, took) = self.terminate();
        assert!(status.success(), "{status}; it says:\n{}", process::last_lines(&log, 30));
        assert!(took < Duration::from_secs(5), "SIGTERM took {took:?}");
        took
    }
}

/// A letter as it goes out, written from what the database keeps of it.
fn bytes(database: &rusqlite::Connection, id: i64) -> Vec<u8> {
    let Some(Written::Draft(draft)) = editions::letter(database, id).expect("a look") else { panic!("letter {id} cannot be written") };
    let edition = editions::edition(database, draft.edition).expect("an edition");
    let set = Set::of(&edition.content).expect("templates");
    set.letter(&draft.guest, &draft.stamp).expect("a letter").raw
}
