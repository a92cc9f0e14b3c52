//! A private Dovecot: IMAP, LMTP and the sign-in service, on loopback, in a temporary folder.
//!
//! It takes mail for every address by LMTP, so the guests' mailboxes and the organiser's live in one place; only
//! `users` can sign in. As root it drops to `nobody` for the mail; without root it runs as the caller.

use super::authority::Authority;
use super::dialogue::Dialogue;
use super::process::{self, Process, account, free_port, me, program, until};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// What a test wants of its Dovecot.
pub struct Options {
    /// Also implicit TLS on a port of its own, and TLS known to Postfix.
    pub tls: bool,
    /// User (a whole address) and password.
    pub users: Vec<(String, String)>,
}

pub struct Dovecot {
    /// Before the folder, because it must end first.
    process: Option<Process>,
    folder: TempDir,
    authority: Authority,
    ports: Ports,
    tls: bool,
}

#[derive(Clone, Copy)]
struct Ports {
    imap: u16,
    imaps: u16,
    lmtp: u16,
}

impl Dovecot {
    /// Starts it and returns when it greets on every port.
    pub fn start(options: &Options) -> Self {
        let folder = process::folder("convoke-dovecot-");
        let authority = Authority::create(folder.path());
        let ports = Ports { imap: free_port(), imaps: free_port(), lmtp: free_port() };
        let users: String = options.users.iter().map(|(user, password)| format!("{user}:{{PLAIN}}{password}\n")).collect();
        write(folder.path(), "users", &users);
        write(folder.path(), "dovecot.conf", &configuration(folder.path(), &authority, ports, options.tls));
        let mail = folder.path().join("mail");
        std::fs::create_dir(&mail).expect("a folder for mail");
        let (uid, gid) = mail_account();
        std::os::unix::fs::chown(&mail, Some(uid), Some(gid)).expect("the mail folder's owner");
        let mut dovecot = Self { process: None, folder, authority, ports, tls: options.tls };
        dovecot.start_again();
        dovecot
    }

    /// Starts the stopped server on the same ports with the same mail.
    pub fn start_again(&mut self) {
        assert!(self.process.is_none(), "Dovecot runs already");
        let log = self.folder.path().join("dovecot.log");
        let mut command = Command::new(program("dovecot", "dovecot-imapd dovecot-lmtpd"));
        command.arg("-F").arg("-c").arg(self.folder.path().join("dovecot.conf"));
        let mut running = Process::start("Dovecot", &mut command, &log);
        let mut ports = vec![(self.ports.imap, "* OK", false), (self.ports.lmtp, "220", false)];
        if self.tls {
            ports.push((self.ports.imaps, "* OK", true));
        }
        for (port, greeting, tls) in ports {
            until("Dovecot to greet", Duration::from_secs(20), || {
                assert!(running.ended().is_none(), "Dovecot did not start; its log says:\n{}", process::last_lines(&log, 20));
                let mut dialogue = if tls { Dialogue::tls(port, &self.authority) } else { Dialogue::plain(port) }.ok()?;
                dialogue.line().ok()?.starts_with(greeting).then_some(())
            });
        }
        self.process = Some(running);
    }

    /// Ends the server; mail, ports and certificates stay.
    pub fn stop(&mut self) {
        drop(self.process.take());
    }

    pub fn imap_port(&self) -> u16 {
        self.ports.imap
    }

    /// Implicit TLS.
    pub fn imaps_port(&self) -> u16 {
        assert!(self.tls, "this Dovecot was started without TLS");
        self.ports.imaps
    }

    pub fn lmtp_port(&self) -> u16 {
        self.ports.lmtp
    }

    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The sign-in service for Postfix.
    pub fn auth_socket(&self) -> PathBuf {
        self.folder.path().join("auth-postfix")
    }

    /// Every message in the INBOX of an address, read from disk, so that guests need no password. CRLF line ends.
    pub fn mailbox(&self, address: &str) -> Vec<Vec<u8>> {
        let base = self.folder.path().join("mail").join(address.to_lowercase());
        let mut files: Vec<PathBuf> = ["new", "cur"]
            .iter()
            .filter_map(|part| std::fs::read_dir(base.join(part)).ok())
            .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
            .collect();
        files.sort_by_key(|path| path.file_name().map(std::ffi::OsStr::to_owned));
        let crlf = |raw: Vec<u8>| {
            let lines = raw.split_inclusive(|b| *b == b'\n');
            let lines = lines.map(|line| {
                line.strip_suffix(b"\n")
                    .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
                    .map_or(line.to_vec(), |l| [l, b"\r\n"].concat())
            });
            lines.collect::<Vec<_>>().concat()
        };
        files.iter().filter_map(|path| std::fs::read(path).ok()).map(crlf).collect()
    }

    /// Puts a message into the INBOX of an address past the server, as another program of the same machine may: also while it is stopped.
    pub fn put(&self, address: &str, name: &str, raw: &[u8]) {
        let inbox = self.folder.path().join("mail").join(address.to_lowercase());
        let (written, at) = (inbox.join("tmp").join(name), inbox.join("new").join(name));
        std::fs::write(&written, raw).expect("a message in the mail folder");
        let (uid, gid) = mail_account();
        std::os::unix::fs::chown(&written, Some(uid), Some(gid)).expect("the message's owner");
        std::fs::rename(written, at).expect("a delivery");
    }

    /// Makes the stopped server forget how it numbered the INBOX of an address: the same messages get a new UIDVALIDITY.
    pub fn forget_numbers(&self, address: &str) {
        assert!(self.process.is_none(), "Dovecot must be stopped for that");
        let inbox = self.folder.path().join("mail").join(address.to_lowercase());
        let ours = |name: &str| name.starts_with("dovecot-uidlist") || name.starts_with("dovecot.index");
        for entry in std::fs::read_dir(inbox).expect("a mailbox").flatten().filter(|entry| ours(&entry.file_name().to_string_lossy())) {
            std::fs::remove_file(entry.path()).expect("an index is removed");
        }
    }

    /// The process id while it runs.
    pub fn id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file in the test's folder");
}

/// Who owns the mail: `nobody` for root, else the caller.
fn mail_account() -> (u32, u32) {
    if me() == 0 { account("nobody").expect("an account \"nobody\"") } else { (me(), rustix::process::getegid().as_raw()) }
}

fn configuration(folder: &Path, authority: &Authority, ports: Ports, tls: bool) -> String {
    let folder = folder.display();
    let (uid, gid) = mail_account();
    let ssl = if tls {
        format!("ssl = yes\nssl_cert = <{}\nssl_key = <{}\n", authority.cert().display(), authority.key().display())
    } else {
        "ssl = no\n".to_owned()
    };
    // Without root nobody else can be become, and nothing can be locked into a folder.
    let accounts = if me() == 0 {
        String::new()
    } else {
        let mut text = format!("default_internal_user = {0}\ndefault_login_user = {0}\n", name_of(uid));
        text.push_str(&format!("default_internal_group = {}\n", name_of_group(gid)));
        for service in ["imap-login", "stats", "ipc", "lmtp", "imap"] {
            text.push_str(&format!("service {service} {{\n  chroot =\n}}\n"));
        }
        text
    };
    let Ports { imap, imaps, lmtp } = ports;
    let imaps = if tls { imaps } else { 0 };
    format!(
        r"base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
{ssl}{accounts}disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_fsync = never
mail_max_userip_connections = 200
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    auto = create
  }}
  mailbox Sent {{
    auto = create
  }}
}}
service imap-login {{
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {folder}/auth-postfix {{
    mode = 0666
  }}
}}
"
    )
}

fn name_of(uid: u32) -> String {
    by_number("/etc/passwd", uid)
}

fn name_of_group(gid: u32) -> String {
    by_number("/etc/group", gid)
}

fn by_number(file: &str, number: u32) -> String {
    let text = std::fs::read_to_string(file).expect("a system file");
    let row = text.lines().find(|line| line.split(':').nth(2) == Some(&number.to_string()));
    row.and_then(|line| line.split(':').next()).expect("this user has a name").to_owned()
}
