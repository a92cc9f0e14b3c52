//! Postfix's smtp-sink: an SMTP server that takes everything, slowly or badly on request, and notes who was written to.

use super::dialogue::Dialogue;
use super::process::{self, Process, account, free_port, me, program, signal, until};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::process::Signal;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// How the sink misbehaves; the default takes everything at once.
#[derive(Default)]
pub struct Faults {
    /// Commands answered with 450, such as `RCPT` or `.`.
    pub soft: Vec<&'static str>,
    /// Commands answered with 500.
    pub hard: Vec<&'static str>,
    /// Commands after which the connection is closed without an answer.
    pub hang_up: Vec<&'static str>,
    /// Whole seconds of waiting before the answer to a command.
    pub waits: Vec<(&'static str, u32)>,
    /// What it says instead of its own `500 5.3.0 Error: command failed`.
    pub hard_reply: Option<&'static str>,
}

pub struct Sink {
    process: Option<Process>,
    folder: TempDir,
    port: u16,
    /// How often it was started: each start writes files of its own name, because smtp-sink dies of one that is there.
    starts: u32,
    /// The finished files and the recipients in each: the next look reads only new ones.
    read: HashMap<PathBuf, Vec<String>>,
}

impl Sink {
    /// Starts it and returns when it greets.
    pub fn start(faults: &Faults) -> Self {
        let folder = process::folder_in_memory("convoke-sink-");
        let caught = folder.path().join("caught");
        std::fs::create_dir(&caught).expect("a folder");
        if me() == 0 {
            let (uid, gid) = account("nobody").expect("an account \"nobody\"");
            std::os::unix::fs::chown(&caught, Some(uid), Some(gid)).expect("its owner");
        }
        let mut sink = Self { process: None, folder, port: free_port(), starts: 0, read: HashMap::new() };
        sink.start_again(faults);
        sink
    }

    /// Starts the stopped sink again on the same port, with other faults; what it caught stays.
    pub fn start_again(&mut self, faults: &Faults) {
        assert!(self.process.is_none(), "the sink runs already");
        let mut command = Command::new(program("smtp-sink", "postfix"));
        self.starts += 1;
        command.current_dir(self.folder.path()).args(["-d", &format!("caught/m{}.", self.starts)]);
        if me() == 0 {
            command.args(["-u", "nobody"]);
        }
        for (flag, commands) in [("-r", &faults.soft), ("-f", &faults.hard), ("-q", &faults.hang_up)] {
            if !commands.is_empty() {
                command.args([flag, &commands.join(",")]);
            }
        }
        if let Some(reply) = faults.hard_reply {
            command.args(["-B", reply]);
        }
        for (name, seconds) in &faults.waits {
            command.args(["-W", &format!("{name}:{seconds}")]);
        }
        command.args([&format!("127.0.0.1:{}", self.port), "256"]);
        let log = self.folder.path().join("sink.log");
        let mut running = Process::start("smtp-sink", &mut command, &log);
        until("smtp-sink to listen", Duration::from_secs(20), || {
            assert!(running.ended().is_none(), "smtp-sink did not start; it says:\n{}", process::last_lines(&log, 20));
            let mut dialogue = Dialogue::plain(self.port).ok()?;
            // A sink that is told to refuse or to hang up does so: that it answers the knock is enough.
            let _ = dialogue.line();
            Some(())
        });
        self.process = Some(running);
    }

    /// Ends it; what it caught stays readable.
    pub fn stop(&mut self) {
        drop(self.process.take());
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            signal(process.id(), Signal::KILL);
            until("smtp-sink to be dead", Duration::from_secs(20), || process.ended());
        }
    }

    /// Stops it in its steps: connections stay open, nothing is read and nothing answered until [`Sink::thaw`].
    pub fn freeze(&self) {
        signal(self.process.as_ref().expect("the sink runs").id(), Signal::STOP);
    }

    pub fn thaw(&self) {
        signal(self.process.as_ref().expect("the sink runs").id(), Signal::CONT);
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Messages that have begun to arrive, whole or not. It reads a folder: to be asked a thousand times, take [`Sink::arrivals`].
    pub fn begun(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("caught")).expect("the sink's folder").count()
    }

    /// A counter of the messages that begin to arrive from now on, whole or not.
    pub fn arrivals(&self) -> Arrivals {
        let watch = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).expect("inotify");
        inotify::add_watch(&watch, self.folder.path().join("caught"), WatchFlags::CREATE).expect("a watch on the sink's folder");
        Arrivals { watch, begun: 0 }
    }

    /// Messages whose final dot was taken. Each file is read once, so it can be asked often.
    pub fn count(&mut self) -> usize {
        self.look();
        self.read.len()
    }

    /// Every recipient of every message whose final dot was taken, once for each message; the order means nothing.
    pub fn recipients(&mut self) -> Vec<String> {
        self.look();
        self.read.values().flatten().cloned().collect()
    }

    fn look(&mut self) {
        // The open files are listed first: a message that ends in between is found at the next look.
        let open = self.process.as_ref().map(|process| open_files(process.id())).unwrap_or_default();
        for entry in std::fs::read_dir(self.folder.path().join("caught")).expect("the sink's folder").flatten() {
            let path = entry.path();
            if !self.read.contains_key(&path) && !open.contains(&path) && whole(&path).unwrap_or(false) {
                let found = recipients_in(&path).expect("a whole dump can be read");
                self.read.insert(path, found);
            }
        }
    }
}

/// Counts messages by the files that smtp-sink makes of them: it costs the same however many there are.
pub struct Arrivals {
    watch: OwnedFd,
    begun: usize,
}

impl Arrivals {
    /// How many have begun to arrive.
    pub fn begun(&mut self) -> usize {
        let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
        let mut reader = inotify::Reader::new(&self.watch, &mut buffer);
        while let Ok(event) = reader.next() {
            assert!(!event.events().contains(ReadFlags::QUEUE_OVERFLOW), "the kernel lost count of the sink's files");
            self.begun += 1;
        }
        self.begun
    }
}

/// The files that a process holds open.
fn open_files(id: u32) -> HashSet<PathBuf> {
    let links = std::fs::read_dir(format!("/proc/{id}/fd")).into_iter().flatten().flatten();
    links.filter_map(|link| std::fs::read_link(link.path()).ok()).collect()
}

/// Whether a dump is finished. smtp-sink writes blocks of 4096 bytes while a message comes in, removes the file when
/// the message is broken off, and ends a finished one with an empty line. A sink that was killed may leave blocks.
fn whole(path: &Path) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if size < 2 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-2))?;
    let mut end = [0; 2];
    file.read_exact(&mut end)?;
    Ok(end == *b"\n\n")
}

fn recipients_in(path: &Path) -> std::io::Result<Vec<String>> {
    let mut recipients = Vec::new();
    let mut file = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    // smtp-sink's own lines stand first; the message begins after its Received line.
    while file.read_until(b'\n', &mut line)? > 0 && !line.starts_with(b"Received:") {
        if let Some(rcpt) = line.strip_prefix(b"X-Rcpt-Args: ") {
            let rcpt = String::from_utf8_lossy(rcpt);
            recipients.push(rcpt.split(['<', '>']).nth(1).unwrap_or(rcpt.trim()).to_owned());
        }
        line.clear();
    }
    Ok(recipients)
}
