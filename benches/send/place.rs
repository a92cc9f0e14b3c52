//! The organiser's folder: a campaign of many guests, queued before any clock starts, and `convoke` run in it.

use super::peers::finish;
use mail_parser::MessageParser;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The languages of the shipped templates; the guests speak them in turn.
const LANGUAGES: [&str; 7] = ["en", "ro", "nl", "it", "hr", "lt", "fi"];
/// The name of the guest whose letter the peers' templates are made from.
const NAME: &str = "Guest Number 0";

/// How convoke reaches its relay in one case.
#[derive(Clone, Copy)]
pub struct Relay<'a> {
    pub port: u16,
    pub connections: usize,
    /// STARTTLS, with this authority.
    pub ca: Option<&'a Path>,
    /// Selector and key file.
    pub dkim: Option<(&'a str, &'a Path)>,
}

/// One campaign of `guests` guests.
pub struct Place {
    folder: PathBuf,
    guests: usize,
}

/// What queueing cost.
pub struct Queued {
    pub took: Duration,
}

impl Place {
    /// Writes the list, the campaign and the templates. The templates are the shipped ones with two of their long paragraphs
    /// left out, and without the calendar file, which the peers do not make: letters of about 8 kB.
    pub fn create(folder: PathBuf, guests: usize) -> Result<Self, String> {
        let place = Self { folder, guests };
        place.write().map_err(|error| format!("{}: {error}", place.folder.display()))?;
        Ok(place)
    }

    fn write(&self) -> std::io::Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::create_dir_all(self.path("templates"))?;
        for entry in std::fs::read_dir(root.join("templates/workshop"))? {
            let entry = entry?;
            let mut text = std::fs::read_to_string(entry.path())?;
            if entry.path().extension().is_some_and(|extension| extension == "md") {
                let blocks: Vec<&str> = text.split("\n\n").collect();
                text = blocks
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| !(3..5).contains(at))
                    .map(|(_, block)| *block)
                    .collect::<Vec<_>>()
                    .join("\n\n");
            }
            std::fs::write(self.path("templates").join(entry.file_name()), text)?;
        }
        let campaign = std::fs::read_to_string(root.join("workshop.toml"))?;
        let campaign: String = campaign
            .lines()
            .map(|line| match line.split(' ').next() {
                Some("contacts") => "contacts = \"guests.csv\"\n".to_owned(),
                Some("templates") => "templates = \"templates\"\n".to_owned(),
                Some("calendar") => "calendar = \"never\"\n".to_owned(),
                // A bench must not depend on the day on which it runs.
                Some("start" | "end" | "deadline") => format!("{}\n", line.replace("2026-", "2096-")),
                _ => format!("{line}\n"),
            })
            .collect();
        std::fs::write(self.path("workshop.toml"), campaign)?;
        let mut list = std::io::BufWriter::new(File::create(self.path("guests.csv"))?);
        writeln!(list, "email,name,lang,salutation")?;
        for number in 0..self.guests {
            let lang = LANGUAGES[number % LANGUAGES.len()];
            writeln!(list, "guest{number}@post.example,Guest Number {number},{lang},Dear Guest Number {number}")?;
        }
        list.flush()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn guests(&self) -> usize {
        self.guests
    }

    /// Writes `convoke.toml`.
    pub fn configure(&self, relay: &Relay<'_>) -> Result<(), String> {
        let Relay { port, connections, ca, dkim } = relay;
        let security = if ca.is_some() { "starttls" } else { "none" };
        let mut text = format!(
            "database = \"convoke.db\"\n[sender]\nfrom = \"Workshop <workshop@primaria.example>\"\n\
             [smtp]\nhost = \"localhost\"\nport = {port}\nsecurity = \"{security}\"\nconnections = {connections}\n"
        );
        if let Some(ca) = ca {
            let _ = writeln!(text, "ca = \"{}\"", ca.display());
        }
        if let Some((selector, key)) = dkim {
            let _ = write!(text, "[[dkim]]\ndomain = \"primaria.example\"\nselector = \"{selector}\"\nkey = \"{}\"\n", key.display());
        }
        std::fs::write(self.path("convoke.toml"), text).map_err(|error| error.to_string())
    }

    /// The program itself, in this folder.
    pub fn convoke(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_convoke"));
        command.current_dir(&self.folder).args(words).env("NO_COLOR", "1");
        command
    }

    /// `send` of everything that waits; there is nobody new in the list.
    pub fn send(&self) -> Command {
        self.convoke(&["send", "workshop.toml", "--yes", "0"])
    }

    /// Queues a letter for every guest and sends none but the first: the campaign is known then, and paused.
    pub fn queue(&self, relay: &Relay<'_>) -> Result<Queued, String> {
        self.configure(relay)?;
        finish(&mut self.convoke(&["send", "workshop.toml", "--limit", "1", "--yes", "1"]))?;
        finish(&mut self.convoke(&["pause", "workshop"]))?;
        let rest = (self.guests - 1).to_string();
        let began = Instant::now();
        let output = self.convoke(&["send", "workshop.toml", "--yes", &rest]).output().map_err(|error| error.to_string())?;
        let took = began.elapsed();
        if output.status.code() != Some(3) {
            return Err(format!("queueing ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr)));
        }
        finish(&mut self.convoke(&["resume", "workshop"]))?;
        Ok(Queued { took })
    }

    /// Keeps the database as it is now, or puts the kept one back, on the disk before it returns.
    pub fn keep(&self) -> std::io::Result<()> {
        self.copy("convoke.db", "kept.db")
    }

    pub fn put_back(&self) -> std::io::Result<()> {
        self.copy("kept.db", "convoke.db")
    }

    fn copy(&self, from: &str, into: &str) -> std::io::Result<()> {
        for end in ["", "-wal", "-shm"] {
            let (from, into) = (self.path(&format!("{from}{end}")), self.path(&format!("{into}{end}")));
            if from.exists() && end != "-shm" {
                std::fs::copy(from, &into)?;
                File::open(into)?.sync_all()?;
            } else if into.exists() {
                std::fs::remove_file(into)?;
            }
        }
        Ok(())
    }

    /// How many letters are sent, by `status --json`.
    pub fn sent(&self) -> Result<usize, String> {
        let said = finish(&mut self.convoke(&["status", "--json"]))?;
        let status: serde_json::Value = serde_json::from_str(&said).map_err(|error| format!("{error}: {said}"))?;
        status["delivery"]["sent"].as_u64().and_then(|sent| usize::try_from(sent).ok()).ok_or_else(|| format!("no number: {said}"))
    }

    /// Templates for the peers, of what `preview` shows of the first guest; and the mean size of the letters of all languages.
    pub fn templates_for_peers(&self) -> Result<(PathBuf, usize), String> {
        self.configure(&Relay { port: 25, connections: 1, ca: None, dkim: None })?;
        finish(&mut self.convoke(&["preview", "workshop.toml", "--to", "preview", "--limit", &LANGUAGES.len().to_string()]))?;
        let mut letters: Vec<PathBuf> = std::fs::read_dir(self.path("preview"))
            .map_err(|error| error.to_string())?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
            .collect();
        letters.sort();
        let read: Vec<Vec<u8>> = letters.iter().map(std::fs::read).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        let first = read.first().and_then(|raw| MessageParser::default().parse(raw)).ok_or("preview wrote no letter")?;
        let peers = self.path("peers");
        std::fs::create_dir_all(&peers).map_err(|error| error.to_string())?;
        let (text, html) = (first.body_text(0).ok_or("the letter has no text")?, first.body_html(0).ok_or("the letter has no HTML")?);
        for (name, body) in [("letter.txt", text), ("letter.html", html)] {
            if !body.contains(NAME) {
                return Err(format!("{name} does not name its guest"));
            }
            std::fs::write(peers.join(name), body.replace(NAME, "{{name}}")).map_err(|error| error.to_string())?;
        }
        Ok((peers, read.iter().map(Vec::len).sum::<usize>() / read.len().max(1)))
    }
}
