//! A private Exim: STARTTLS and sign-in required, everything delivered into one Maildir.

use super::authority::Authority;
use super::installation::{DESK, PASSWORD};
use super::process::{Process, free_port};
use super::unpacked::{KEEPER, Packages, Root};

pub struct Exim {
    /// Before the folder, because it must end first.
    _process: Process,
    root: Root,
    port: u16,
}

impl Exim {
    pub fn start() -> Self {
        let port = free_port();
        let root =
            Root::create(&Packages { release: None, names: &["exim4-daemon-light", "libidn12"] }, "usr/sbin/exim4", &["Debian-exim"]);
        for name in ["spool", "log", "mail"] {
            root.own(name, KEEPER + 1, 0o755);
        }
        for name in ["mail", "mail/new", "mail/cur", "mail/tmp"] {
            root.own(name, KEEPER, 0o755);
        }
        root.own_file("tls/key.pem", KEEPER + 1);
        // Another place than its own would cost Exim its privilege to deliver.
        root.own("etc/exim4", 0, 0o755);
        root.write("etc/exim4/exim4.conf", &configuration(port));
        let process = root.start("Exim", &["/usr/sbin/exim4", "-bdf", "-q1m"], port);
        Self { _process: process, root, port }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn authority(&self) -> &Authority {
        self.root.authority()
    }

    pub fn recipients(&self) -> Vec<String> {
        self.root.recipients()
    }
}

fn configuration(port: u16) -> String {
    format!(
        r"primary_hostname = mail.primaria.example
spool_directory = /spool
log_file_path = /log/%slog
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
host_lookup =
rfc1413_hosts =
tls_advertise_hosts = *
tls_certificate = /tls/cert.pem
tls_privatekey = /tls/key.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
smtp_accept_queue_per_connection = 0
smtp_accept_max = 50
never_users =
acl_smtp_rcpt = rcpt
acl_smtp_data = data

begin acl
rcpt:
  deny    message = TLS first
          !encrypted = *
  accept  authenticated = *
  deny    message = Sign in first
data:
  accept

begin routers
everybody:
  driver = accept
  transport = maildir

begin transports
maildir:
  driver = appendfile
  directory = /mail
  maildir_format
  user = keeper
  group = keeper

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{DESK}}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{DESK}}}}}{{eq{{$auth2}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth1
"
    )
}
