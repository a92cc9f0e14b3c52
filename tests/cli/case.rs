//! A folder with an organiser's files, and the program run in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt as _, process::Command};

/// No command of these tests may take longer.
const PATIENCE: Duration = Duration::from_secs(60);

pub const CAMPAIGN: &str = r#"name = "gala"
contacts = "gala.csv"
templates = "letters"
language = "en"
deadline = "2099-12-04"
[event]
title = "Gala"
start = "2099-12-10T19:00[Europe/Bucharest]"
end = "2099-12-10T22:00[Europe/Bucharest]"
place = "Town hall"
"#;

pub const LIST: &str = "email,name,lang\n\
    ana@guests.example,Ana Pop,ro\n\
    ben@guests.example,Ben Hill,en\n\
    eva@guests.example,Eva Kos,en\n";

pub const TEMPLATE: &str = "---\n\
    subject: {{event.title}}\n\
    ---\n\
    Dear {{guest.name}},\n\
    \n\
    please come on {{date event.start}}.\n\
    \n\
    {{reply_buttons}}\n";

/// `[smtp]` of a relay on this machine, and no mailbox.
pub fn config(port: u16) -> String {
    format!(
        "database = \"gala.db\"\n[sender]\nfrom = \"Town Hall <gala@town.example>\"\n[smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n"
    )
}

/// A folder of its own. Nothing of it remains.
pub struct Case {
    folder: TempDir,
}

impl Case {
    /// An empty folder.
    pub fn bare() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Three guests, one template, and a relay that is not there.
    pub fn new() -> Self {
        Self::bare()
            .file("convoke.toml", config(1))
            .file("gala.toml", CAMPAIGN)
            .file("gala.csv", LIST)
            .file("letters/invitation.en.md", TEMPLATE)
    }

    pub fn config(self, text: impl AsRef<[u8]>) -> Self {
        self.file("convoke.toml", text)
    }

    /// The relay that the configuration names.
    pub fn relay(self, port: u16) -> Self {
        self.config(config(port))
    }

    pub fn campaign(self, text: impl AsRef<[u8]>) -> Self {
        self.file("gala.toml", text)
    }

    pub fn list(self, bytes: impl AsRef<[u8]>) -> Self {
        self.file("gala.csv", bytes)
    }

    pub fn template(self, text: impl AsRef<[u8]>) -> Self {
        self.file("letters/invitation.en.md", text)
    }

    pub fn file(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(name, bytes);
        self
    }

    /// Writes over a file between two commands.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder");
        fs::write(path, bytes).expect("written");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A call with one argument; more by [`Call::arg`].
    pub fn arg(&self, argument: &str) -> Call<'_> {
        Call { case: self, arguments: vec![argument.to_owned()], stdin: String::new(), environment: Vec::new() }
    }

    /// A call as it is typed, its words apart by spaces.
    pub fn call(&self, line: &str) -> Call<'_> {
        let mut words = line.split_whitespace();
        let first = self.arg(words.next().expect("a command"));
        words.fold(first, Call::arg)
    }
}

/// One run of the program, before it.
#[must_use]
pub struct Call<'a> {
    case: &'a Case,
    arguments: Vec<String>,
    stdin: String,
    environment: Vec<(String, String)>,
}

impl Call<'_> {
    pub fn arg(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    pub fn stdin(mut self, text: &str) -> Self {
        self.stdin = text.to_owned();
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs the program with a clean environment, expects its exit code, and never a panic.
    pub fn exit(self, code: i32) -> Said {
        let said = self.run();
        assert_eq!(said.code, Some(code), "{said}");
        said
    }

    /// Runs the program; it ends in time and without a panic.
    pub fn run(self) -> Said {
        let what = format!("convoke {}", self.arguments.join(" "));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (code, stdout, stderr) = runtime.block_on(async {
            let mut child = Command::new(env!("CARGO_BIN_EXE_convoke"))
                .args(&self.arguments)
                .current_dir(self.case.root())
                .env_clear()
                .envs(self.environment.iter().map(|(name, value)| (name, value)))
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .expect("the program starts");
            let mut stdin = child.stdin.take().expect("a pipe");
            // A program that does not ask may be gone already.
            let _ = stdin.write_all(self.stdin.as_bytes()).await;
            drop(stdin);
            let ended = tokio::time::timeout(PATIENCE, child.wait_with_output()).await;
            let ended = ended.unwrap_or_else(|_| panic!("{what}: no end within {} s", PATIENCE.as_secs())).expect("it ran");
            (ended.status.code(), text(ended.stdout), text(ended.stderr))
        });
        let said = Said { what, code, stdout, stderr };
        assert!(!said.stderr.contains("panicked"), "{said}");
        said
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("the program prints UTF-8")
}

/// What a run said.
pub struct Said {
    what: String,
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: exit {:?}\n--- stdout\n{}--- stderr\n{}", self.what, self.code, self.stdout, self.stderr)
    }
}

impl Said {
    #[track_caller]
    pub fn stdout(self, text: &str) -> Self {
        assert_eq!(self.stdout, text, "{self}");
        self
    }

    #[track_caller]
    pub fn stdout_has(self, part: &str) -> Self {
        assert!(self.stdout.contains(part), "stdout lacks {part:?}\n{self}");
        self
    }

    #[track_caller]
    pub fn stdout_lacks(self, part: &str) -> Self {
        assert!(!self.stdout.contains(part), "stdout has {part:?}\n{self}");
        self
    }

    #[track_caller]
    pub fn stderr(self, text: &str) -> Self {
        assert_eq!(self.stderr, text, "{self}");
        self
    }

    #[track_caller]
    pub fn stderr_has(self, part: &str) -> Self {
        assert!(self.stderr.contains(part), "stderr lacks {part:?}\n{self}");
        self
    }

    #[track_caller]
    pub fn stderr_lacks(self, part: &str) -> Self {
        assert!(!self.stderr.contains(part), "stderr has {part:?}\n{self}");
        self
    }

    /// Every line of standard output as a JSON object.
    #[track_caller]
    pub fn objects(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{self}"))).collect()
    }
}
