//! A server from a Debian package that is not installed: fetched, unpacked, and run in a root folder of its own.

use super::authority::Authority;
use super::dialogue::Dialogue;
use super::process::{self, Process, me, until};
use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// The account that delivers; it exists in the root folder only.
pub const KEEPER: u32 = 64_001;

/// The root folder of one server, with everything that it needs of this machine.
pub struct Root {
    folder: TempDir,
    authority: Authority,
}

impl Root {
    /// Unpacks the packages and adds the shared libraries of `programs`, the shell, accounts, and a certificate in `/tls`.
    pub fn create(packages: &[&str], programs: &[&str], accounts: &[&str]) -> Self {
        assert!(me() == 0, "a server in a root folder of its own needs root: run this test as root");
        let folder = process::folder("convoke-server-");
        let base = folder.path();
        for package in packages {
            finish(Command::new("dpkg").arg("-x").arg(fetched(package)).arg(base));
        }
        for name in ["dev", "etc", "tmp", "tls", "mail/new", "mail/cur", "mail/tmp", "log", "spool", "run", "var/run", "bin", "root"] {
            std::fs::create_dir_all(base.join(name)).expect("a folder");
        }
        let authority = Authority::create(&base.join("tls"));
        let programs: Vec<PathBuf> = programs.iter().map(|name| base.join(name)).collect();
        libraries(base, &programs);
        std::fs::copy("/bin/sh", base.join("bin/sh")).expect("a shell");
        for (name, minor) in [("null", "3"), ("urandom", "9"), ("random", "8")] {
            finish(Command::new("mknod").args(["-m", "666"]).arg(base.join("dev").join(name)).args(["c", "1", minor]));
        }
        let mut passwd = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n".to_owned();
        let mut group = "root:x:0:\nnogroup:x:65534:\nmail:x:8:\n".to_owned();
        for (number, name) in (KEEPER..).zip(std::iter::once(&"keeper").chain(accounts)) {
            passwd.push_str(&format!("{name}:x:{number}:{number}::/:/bin/false\n"));
            group.push_str(&format!("{name}:x:{number}:\n"));
        }
        let root = Self { folder, authority };
        root.write("etc/passwd", &passwd);
        root.write("etc/group", &group);
        root.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\nservices: files\n");
        root.write("etc/hosts", "127.0.0.1 localhost\n127.0.0.1 mail.primaria.example\n");
        root.write("etc/resolv.conf", "");
        for name in ["mail", "mail/new", "mail/cur", "mail/tmp"] {
            root.own(name, KEEPER, 0o755);
        }
        root
    }

    /// Where this is outside the root folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file of the server");
    }

    pub fn own(&self, name: &str, account: u32, mode: u32) {
        let path = self.path(name);
        std::fs::create_dir_all(&path).expect("a folder");
        chown(&path, Some(account), Some(account)).expect("its owner");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("its mode");
    }

    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Starts a program of the root folder and returns when it greets on `port`.
    pub fn start(&self, name: &'static str, words: &[&str], port: u16) -> Process {
        let log = self.path("log/output");
        let mut running = Process::start(name, Command::new("chroot").arg(self.folder.path()).args(words), &log);
        until(&format!("{name} to greet"), Duration::from_secs(20), || {
            assert!(running.ended().is_none(), "{name} did not start; it says:\n{}", process::last_lines(&log, 20));
            Dialogue::plain(port).ok()?.expect(220).ok()
        });
        running
    }

    /// To whom each letter in the Maildir `/mail` is addressed, by its `To`, which names one guest.
    pub fn recipients(&self) -> Vec<String> {
        let folder = std::fs::read_dir(self.path("mail/new")).expect("the Maildir");
        folder
            .map(|entry| {
                let raw = std::fs::read(entry.expect("a letter").path()).expect("a letter");
                let text = String::from_utf8_lossy(&raw).into_owned();
                let to = text.lines().find_map(|line| line.strip_prefix("To: ")).unwrap_or_else(|| panic!("a letter without To: {text}"));
                to.rsplit(['<', ' ']).next().unwrap_or(to).trim_end_matches('>').to_owned()
            })
            .collect()
    }
}

/// The file of a package in `target/servers`, fetched when it is not there.
fn fetched(package: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/servers");
    std::fs::create_dir_all(&folder).expect("a folder");
    let there = || {
        let files = std::fs::read_dir(&folder).expect("the folder").flatten().map(|entry| entry.path());
        files.into_iter().find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&format!("{package}_"))))
    };
    if there().is_none() {
        finish(Command::new("apt-get").current_dir(&folder).args(["-q", "download", package]));
    }
    there().unwrap_or_else(|| panic!("apt-get fetched no {package}"))
}

/// Copies what the programs are linked to, where the packages do not bring it.
fn libraries(base: &Path, programs: &[PathBuf]) {
    let mut found = BTreeSet::new();
    for program in programs.iter().map(PathBuf::as_path).chain([Path::new("/bin/sh")]) {
        let own = base.join("usr/lib/x86_64-linux-gnu");
        let said = finish(Command::new("ldd").arg(program).env("LD_LIBRARY_PATH", &own));
        assert!(!said.contains("not found"), "{}: a library is missing:\n{said}", program.display());
        found.extend(said.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from));
    }
    for library in found.iter().filter(|library| !library.starts_with(base)) {
        let into = base.join(library.strip_prefix("/").expect("an absolute path"));
        std::fs::create_dir_all(into.parent().expect("a folder above")).expect("a folder");
        std::fs::copy(library, into).expect("a library");
    }
}

fn finish(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    said
}
