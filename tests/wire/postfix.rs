//! A private Postfix that takes mail like a town's mail server and delivers all of it to the private Dovecot.
//!
//! Its only SMTP client knows the way to itself and no other, so nothing can leave the machine. It needs root, because Postfix always does.

use super::dialogue::Dialogue;
use super::dovecot::Dovecot;
use super::process::{self, Process, account, free_port, group, me, program, until};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Addresses that are not simply delivered.
#[derive(Default)]
pub struct Options {
    /// Refused at RCPT for good: 550 5.1.1.
    pub refused: Vec<String>,
    /// Refused at RCPT for now: 450 4.2.1.
    pub deferred: Vec<String>,
    /// Accepted, then returned to the sender as a real bounce.
    pub bounced: Vec<String>,
}

pub struct Postfix {
    _process: Process,
    _folder: TempDir,
    ports: Ports,
}

#[derive(Clone, Copy)]
struct Ports {
    plain: u16,
    submission: u16,
    smtps: u16,
    /// Postfix's own way to a server that knows none of the bounced addresses.
    stranger: u16,
}

impl Postfix {
    /// Starts it over `dovecot`, whose users may sign in, and returns when it greets on every port.
    pub fn start(dovecot: &Dovecot, options: &Options) -> Self {
        assert!(me() == 0, "Postfix runs only as root: run this test as root (./test says how)");
        let master = program("master", "postfix");
        let folder = process::folder("convoke-postfix-");
        let [plain, submission, smtps, stranger] = std::array::from_fn(|_| free_port());
        let ports = Ports { plain, submission, smtps, stranger };
        folders(folder.path());
        let etc = folder.path().join("etc");
        std::fs::write(etc.join("main.cf"), main_cf(folder.path(), dovecot, ports, options)).expect("main.cf");
        std::fs::write(etc.join("master.cf"), master_cf(ports)).expect("master.cf");
        let log = folder.path().join("log/mail.log");
        // -d: stay in the foreground, in the process group given from outside.
        let mut running = Process::start("Postfix", Command::new(master).arg("-d").arg("-c").arg(&etc), &log);
        for port in [ports.plain, ports.submission] {
            until("Postfix to greet", Duration::from_secs(20), || {
                assert!(running.ended().is_none(), "Postfix did not start; its log says:\n{}", process::last_lines(&log, 20));
                Dialogue::plain(port).ok()?.expect(220).ok()
            });
        }
        until("Postfix to greet", Duration::from_secs(20), || Dialogue::tls(ports.smtps, dovecot.authority()).ok()?.expect(220).ok());
        Self { _process: running, _folder: folder, ports }
    }

    /// Without TLS and, from loopback, without sign-in; AUTH is offered.
    pub fn plain_port(&self) -> u16 {
        self.ports.plain
    }

    /// STARTTLS and sign-in required.
    pub fn submission_port(&self) -> u16 {
        self.ports.submission
    }

    /// Implicit TLS, sign-in required.
    pub fn smtps_port(&self) -> u16 {
        self.ports.smtps
    }
}

/// The queue's folders with the owners and modes that Postfix's own installer gives them.
fn folders(base: &Path) {
    let (uid, _) = account("postfix").expect("the account \"postfix\": install the package postfix");
    let drop = group("postdrop").expect("the group \"postdrop\": install the package postfix");
    for name in ["etc", "queue", "queue/pid", "data", "log"] {
        std::fs::create_dir(base.join(name)).expect("a folder");
    }
    for name in ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"] {
        owned(&base.join("queue").join(name), uid, None, 0o700);
    }
    owned(&base.join("queue/maildrop"), uid, Some(drop), 0o1730);
    owned(&base.join("queue/public"), uid, Some(drop), 0o2710);
    chown(base.join("data"), Some(uid), None).expect("the data folder's owner");
}

fn owned(folder: &Path, uid: u32, gid: Option<u32>, mode: u32) {
    std::fs::create_dir(folder).expect("a queue folder");
    chown(folder, Some(uid), gid).expect("its owner");
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).expect("its mode");
}

fn main_cf(base: &Path, dovecot: &Dovecot, ports: Ports, options: &Options) -> String {
    let inline = |addresses: &[String], result: &str| {
        let rows: String = addresses.iter().map(|address| format!("{{ {address} = {result} }} ")).collect();
        if rows.is_empty() { String::new() } else { format!("inline:{{ {rows}}}") }
    };
    let bounces = inline(&options.bounced, &format!("gone:[127.0.0.1]:{}", ports.stranger));
    let refused = inline(&options.refused, "550 5.1.1 User unknown");
    let deferred = inline(&options.deferred, "450 4.2.1 Mailbox is busy");
    let checks: String =
        [refused, deferred].iter().filter(|map| !map.is_empty()).map(|map| format!("check_recipient_access {map}, ")).collect();
    let next = format!("lmtp:inet:127.0.0.1:{}", dovecot.lmtp_port());
    let (cert, key) = (dovecot.authority().cert(), dovecot.authority().key());
    format!(
        r"compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
maillog_file = {base}/log/mail.log
maillog_file_prefixes = {base}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.primaria.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost =
alias_maps =
alias_database =
notify_classes =
local_recipient_maps =
recipient_delimiter = +
local_transport = {next}
virtual_transport = {next}
relay_transport = {next}
default_transport = {next}
transport_maps = {bounces}
lmtp_dns_support_level = disabled
disable_dns_lookups = yes
message_size_limit = 52428800
mailbox_size_limit = 0
in_flow_delay = 0
smtpd_error_sleep_time = 0
smtpd_peername_lookup = no
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
transport_retry_time = 1s
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
smtpd_recipient_restrictions = {checks}permit
nobody_here = check_recipient_access static:{{550 5.1.1 User unknown}}, reject
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_session_cache_database =
",
        base = base.display(),
        auth = dovecot.auth_socket().display(),
        cert = cert.display(),
        key = key.display(),
    )
}

/// What is to bounce goes by `gone` to a fourth smtpd that calls itself the guests' server and knows nobody.
fn master_cf(ports: Ports) -> String {
    let Ports { plain, submission, smtps, stranger } = ports;
    let signed_in = "-o smtpd_relay_restrictions=permit_sasl_authenticated,reject -o smtpd_tls_auth_only=yes";
    format!(
        r"127.0.0.1:{plain} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt {signed_in}
127.0.0.1:{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {signed_in}
127.0.0.1:{stranger} inet n - n - - smtpd -o myhostname=mx.post.example -o smtpd_recipient_restrictions=$nobody_here
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
gone unix - - n - - smtp -o smtp_tls_security_level=none
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"
    )
}
