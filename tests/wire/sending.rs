//! An organiser's folder with a small campaign, and `convoke` started in it as its own process.

use super::process;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many connections the campaign's configuration allows.
pub const CONNECTIONS: usize = 2;

/// The longest that one `send` may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(300);

pub struct Desk {
    folder: TempDir,
    guests: usize,
    connections: usize,
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A `convoke send` under way.
pub struct Sending {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Desk {
    /// `guests` guests, and the relay on `port`.
    pub fn new(guests: usize, port: u16) -> Self {
        Self::connected(guests, port, CONNECTIONS)
    }

    /// As [`Desk::new`], over as many connections.
    pub fn connected(guests: usize, port: u16, connections: usize) -> Self {
        let desk = Self { folder: process::folder("convoke-desk-"), guests, connections };
        desk.reach(port);
        let campaign = "name = \"workshop\"\ncontacts = \"guests.csv\"\ntemplates = \"templates\"\nlanguage = \"en\"\ncalendar = \"never\"\n\
                        [event]\ntitle = \"Workshop\"\nstart = \"2030-12-10T13:15[Europe/Bucharest]\"\n\
                        end = \"2030-12-10T15:30[Europe/Bucharest]\"\nplace = \"Town hall\"\n";
        let mut list = "email,name\n".to_owned();
        for number in 0..guests {
            let _ = writeln!(list, "{},Guest {number}", address(number));
        }
        let template = "---\nsubject: Workshop\n---\nDear {{guest.name}},\n\nplease come.\n";
        std::fs::create_dir(desk.path("templates")).expect("a folder");
        for (name, text) in [("workshop.toml", campaign), ("guests.csv", &list), ("templates/invitation.en.md", template)] {
            std::fs::write(desk.path(name), text).expect("a file of the campaign");
        }
        desk
    }

    /// Writes the configuration: from now on the relay is on `port`.
    pub fn reach(&self, port: u16) {
        let config = format!(
            "database = \"convoke.db\"\n[sender]\nfrom = \"Workshop <workshop@primaria.example>\"\n\
             [smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nconnections = {}\n",
            self.connections
        );
        std::fs::write(self.path("convoke.toml"), config).expect("the configuration");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
        command.current_dir(self.folder.path()).args(words).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &[&str]) -> Said {
        let output = self.command(words).output().expect("convoke starts");
        Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Starts `send`, which is to queue `letters` new letters; `name` tells this call's output from others'.
    pub fn send(&self, name: &str, letters: usize) -> Sending {
        let (out, err) = (self.path(&format!("{name}.out")), self.path(&format!("{name}.err")));
        let file = |path: &Path| std::fs::File::create(path).expect("a file for the output");
        let yes = letters.to_string();
        let mut command = self.command(&["--json", "send", "workshop.toml", "--yes", &yes]);
        let child = command.stdout(file(&out)).stderr(file(&err)).spawn().expect("convoke starts");
        Sending { child, out, err }
    }

    /// Address → delivery of every guest, by `guests --json`.
    pub fn deliveries(&self) -> BTreeMap<String, String> {
        let rows = self.json(&["guests", "--json"]);
        let found: BTreeMap<_, _> = rows.iter().map(|row| (word(row, "email"), word(row, "delivery"))).collect();
        assert_eq!(rows.len(), found.len(), "a guest stands twice in `guests`");
        assert_eq!(found.len(), self.guests, "`guests` shows all of them");
        found
    }

    /// Address → (state, attempts) of every letter that is on its way or in doubt, by `outbox --json`.
    pub fn outbox(&self) -> BTreeMap<String, (String, u64)> {
        let rows = self.json(&["outbox", "--json"]);
        rows.iter().map(|row| (word(row, "email"), (word(row, "state"), row["attempts"].as_u64().expect("a number")))).collect()
    }

    fn json(&self, words: &[&str]) -> Vec<serde_json::Value> {
        let said = self.run(words);
        assert_eq!(said.code, Some(0), "{words:?}: {said:?}");
        said.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{words:?} said {line:?}: {e}"))).collect()
    }
}

fn word(row: &serde_json::Value, key: &str) -> String {
    row[key].as_str().unwrap_or_else(|| panic!("{key} in {row}")).to_owned()
}

/// The address of a guest.
pub fn address(number: usize) -> String {
    format!("guest{number}@post.example")
}

impl Sending {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of ours can be waited for")
    }

    /// SIGKILL. False when it had ended before.
    pub fn kill(&mut self) -> bool {
        let alive = self.ended().is_none();
        self.child.kill().expect("a child of ours can be killed");
        self.child.wait().expect("a child of ours can be waited for");
        alive
    }

    /// What it has printed so far, for people: `send --json` says it on standard error.
    pub fn printed(&self) -> String {
        text(&std::fs::read(&self.out).unwrap_or_default()) + &text(&std::fs::read(&self.err).unwrap_or_default())
    }

    /// Waits for its end.
    pub fn end(&mut self) -> Said {
        let limit = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.ended() {
                break status;
            }
            if Instant::now() > limit {
                self.kill();
                panic!("`send` did not end within {PATIENCE:?}; it said:\n{}", self.printed());
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let said = |path: &PathBuf| text(&std::fs::read(path).unwrap_or_default());
        Said { code: status.code(), out: said(&self.out), err: said(&self.err) }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
