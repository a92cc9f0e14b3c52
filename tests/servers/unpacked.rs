//! A server from a Debian package that is not installed: fetched, unpacked, and run in a root folder of its own.

use super::authority::Authority;
use super::dialogue::Dialogue;
use super::process::{self, Process, me, until};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
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
    /// Unpacks the packages and adds what they need: the shared libraries of this machine where they bring no libc6 of their
    /// own, a shell, accounts, and a certificate in `/tls`.
    pub fn create(packages: &Packages<'_>, program: &str, accounts: &[&str]) -> Self {
        assert!(me() == 0, "a server in a root folder of its own needs root: run this test as root");
        let folder = process::folder("convoke-server-");
        let base = folder.path();
        for name in ["bin", "sbin", "lib", "lib64"] {
            std::fs::create_dir_all(base.join("usr").join(name)).expect("a folder");
            symlink(format!("usr/{name}"), base.join(name)).expect("a link");
        }
        for package in packages.fetch() {
            finish(Command::new("dpkg").arg("-x").arg(package).arg(base));
        }
        for name in ["dev", "etc", "tmp", "tls", "mail/new", "mail/cur", "mail/tmp", "log", "spool", "run", "var/run", "root"] {
            std::fs::create_dir_all(base.join(name)).expect("a folder");
        }
        // OpenSMTPD 6.8 with OpenSSL 3 signs with RSA keys only.
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
        let authority = Authority::with_key(&base.join("tls"), &key);
        std::fs::set_permissions(authority.key(), std::fs::Permissions::from_mode(0o640)).expect("its mode");
        if !packages.names.contains(&"libc6") {
            libraries(base, &base.join(program));
        }
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

    pub fn own_file(&self, name: &str, account: u32) {
        chown(self.path(name), Some(account), Some(account)).expect("its owner");
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

/// Debian packages, of this machine's release or of a named one.
pub struct Packages<'a> {
    pub release: Option<&'a str>,
    pub names: &'a [&'a str],
}

impl Packages<'_> {
    /// Their files in `target/servers`, fetched where they are not there.
    fn fetch(&self) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/servers").join(self.release.unwrap_or("this"));
        std::fs::create_dir_all(&folder).expect("a folder");
        let find = |package: &str| {
            let files = std::fs::read_dir(&folder).expect("the folder").flatten().map(|entry| entry.path());
            let start = format!("{package}_");
            files.into_iter().find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&start)))
        };
        let missing: Vec<&str> = self.names.iter().copied().filter(|package| find(package).is_none()).collect();
        if !missing.is_empty() {
            let mut apt = self.apt(&folder);
            finish(apt.current_dir(&folder).args(["-q", "download"]).args(missing));
        }
        self.names.iter().map(|package| find(package).unwrap_or_else(|| panic!("apt-get fetched no {package}"))).collect()
    }

    /// apt-get, for another release with lists of its own, from the place that this machine takes its packages from.
    fn apt(&self, folder: &Path) -> Command {
        let mut apt = Command::new("apt-get");
        let Some(release) = self.release else { return apt };
        let known = finish(Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"]));
        let uri = known.lines().find_map(|line| line.strip_suffix(" Debian")).expect("this machine knows a Debian archive: apt-get update");
        let list = folder.join("sources.list");
        let line = format!("deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] {uri} {release} main\n");
        std::fs::write(&list, line).expect("a list of sources");
        std::fs::create_dir_all(folder.join("lists/partial")).expect("a folder");
        std::fs::create_dir_all(folder.join("cache/archives/partial")).expect("a folder");
        let options = |apt: &mut Command| {
            for (name, value) in
                [("Dir::Etc::sourcelist", list.clone()), ("Dir::State::lists", folder.join("lists")), ("Dir::Cache", folder.join("cache"))]
            {
                apt.arg("-o").arg(format!("{name}={}", value.display()));
            }
            apt.args(["-o", "Dir::Etc::sourceparts=-"]);
        };
        let mut update = Command::new("apt-get");
        options(&mut update);
        finish(update.args(["-q", "update"]));
        options(&mut apt);
        apt
    }
}

/// Copies what the program and the shell are linked to, where the packages do not bring it.
fn libraries(base: &Path, program: &Path) {
    let mut found = BTreeSet::new();
    for program in [program, Path::new("/bin/sh")] {
        let said = finish(Command::new("ldd").arg(program).env("LD_LIBRARY_PATH", base.join("usr/lib/x86_64-linux-gnu")));
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
