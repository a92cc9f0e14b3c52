//! Starting a real server as a child process and ending it by the ids it was started with.
//!
//! Every server leads a process group of its own. A guard shell holds a pipe from the test process: when
//! the test process ends in any way, Ctrl-C and SIGKILL included, the pipe closes and the guard ends the group.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long a server may take from SIGTERM to its end before SIGKILL follows.
const PATIENCE: Duration = Duration::from_secs(5);
/// So many bytes must be free in memory for a folder there: the system's temporary folder may be a better place.
const MEMORY: u64 = 512 * 1024 * 1024;

/// A running server with everything it has started.
pub struct Process {
    name: &'static str,
    child: Child,
    guard: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `command` as the leader of a process group; its standard error goes to `log`, standard input is empty.
    pub fn start(name: &'static str, command: &mut Command, log: &Path) -> Self {
        let out = std::fs::OpenOptions::new().create(true).append(true).open(log).expect("the server's log can be written");
        let err = out.try_clone().expect("a second handle on the log");
        let child = command.process_group(0).stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.unwrap_or_else(|e| panic!("cannot start {name}: {e}"));
        let guard = Command::new("sh")
            .args(["-c", "read -r _; kill -KILL \"-$0\" 2>/dev/null", &child.id().to_string()])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh starts");
        Self { name, child, guard, log: log.to_owned() }
    }

    /// The process id, which is also the id of its group.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Some when the server has ended by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of ours can be waited for")
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// SIGTERM, then SIGKILL after five seconds; then SIGKILL to what is left of the group.
    pub fn end(&mut self) {
        let group = self.pid();
        if self.ended().is_none() {
            let _ = kill_process(group, Signal::TERM);
            let limit = Instant::now() + PATIENCE;
            while self.ended().is_none() && Instant::now() < limit {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
        // The folder of the server is removed next: give the killed a moment to be gone.
        let limit = Instant::now() + Duration::from_millis(500);
        while lives(group) && Instant::now() < limit {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.guard.kill();
        let _ = self.guard.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
        if std::thread::panicking() {
            eprintln!("---- the last lines of {} ({})\n{}----", self.name, self.log.display(), last_lines(&self.log, 60));
        }
    }
}

/// Sends a signal to one process that this test started.
pub fn signal(id: u32, signal: Signal) {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw).expect("a process id");
    kill_process(pid, signal).expect("a process of ours can be signalled");
}

/// Whether any process of a group still runs; one that is dead but not yet fetched by its parent does not.
fn lives(group: Pid) -> bool {
    let group = group.as_raw_nonzero().to_string();
    let stats = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    stats.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok()).any(|stat| {
        // "12 (name) S 1 12 …": state, parent, group
        let mut fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
        fields.next().is_some_and(|state| state != "Z") && fields.nth(1) == Some(&group)
    })
}

/// The last `count` lines of a log; empty when there is none.
pub fn last_lines(log: &Path, count: usize) -> String {
    let text = String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(count);
    lines.get(from..).unwrap_or_default().iter().map(|line| format!("{line}\n")).collect()
}

/// Finds a server's program in `path` and in the folders of system programs.
///
/// # Errors
/// A message that names the program and the Debian packages that bring it.
pub fn find(program: &str, packages: &str, path: &OsStr) -> Result<PathBuf, String> {
    let system = ["/usr/sbin", "/usr/local/sbin", "/usr/lib/postfix/sbin", "/usr/libexec/postfix"].map(PathBuf::from);
    std::env::split_paths(path).chain(system).map(|folder| folder.join(program)).find(|file| file.is_file()).ok_or_else(|| {
        format!(
            "the wire tests need the program \"{program}\", which is not on this machine: run ./test as root, which installs it, or \"apt-get install {packages}\""
        )
    })
}

/// [`find`] in this process's PATH; a missing server fails the test.
pub fn program(program: &str, packages: &str) -> PathBuf {
    find(program, packages, &std::env::var_os("PATH").unwrap_or_default()).unwrap_or_else(|why| panic!("{why}"))
}

/// A loopback port that nobody listens on.
///
/// It lies below the range from which the kernel takes ports for outgoing connections, so that a server that was
/// stopped finds its port free when it is started again.
pub fn free_port() -> u16 {
    const FIRST: u32 = 12_000;
    const COUNT: u32 = 20_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..COUNT {
        let turn = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (std::process::id().wrapping_mul(97).wrapping_add(turn)) % COUNT;
        let port = u16::try_from(port).expect("below 65536");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free loopback port between {FIRST} and {}", FIRST + COUNT)
}

/// Asks `probe` every 10 ms until it gives something; a test that waits longer than `limit` fails with `what`.
pub fn until<T>(what: &str, limit: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < end, "waited {limit:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// User and group id of an account of this machine.
pub fn account(name: &str) -> Option<(u32, u32)> {
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut fields = passwd.lines().map(|line| line.split(':')).find(|line| line.clone().next() == Some(name))?;
    Some((fields.nth(2)?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// The number of a group of this machine.
pub fn group(name: &str) -> Option<u32> {
    let groups = std::fs::read_to_string("/etc/group").ok()?;
    groups.lines().map(|line| line.split(':')).find(|line| line.clone().next() == Some(name))?.nth(2)?.parse().ok()
}

/// The user this test runs as.
pub fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// A folder under the system's temporary folder that other accounts can walk through, because the servers give up root.
pub fn folder(prefix: &str) -> tempfile::TempDir {
    folder_in(&std::env::temp_dir(), prefix)
}

/// As [`folder`], in memory where there is room: ext4 takes its time to make a file where many were removed a minute before.
pub fn folder_in_memory(prefix: &str) -> tempfile::TempDir {
    // By its own name: what a process holds open is told so.
    let memory = std::fs::canonicalize("/dev/shm").ok();
    let roomy = |path: &PathBuf| rustix::fs::statvfs(path).is_ok_and(|room| room.f_bavail.saturating_mul(room.f_frsize) >= MEMORY);
    folder_in(&memory.filter(roomy).unwrap_or_else(std::env::temp_dir), prefix)
}

fn folder_in(parent: &Path, prefix: &str) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(parent).expect("a temporary folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("its mode");
    folder
}
