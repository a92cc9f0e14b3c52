//! A private OpenSMTPD: STARTTLS and sign-in required, everything delivered into one Maildir.

use super::authority::Authority;
use super::installation::{DESK, PASSWORD};
use super::process::{Process, free_port};
use super::unpacked::{Packages, Root};
use std::process::Command;

/// Debian 12's OpenSMTPD (6.8.0p2 with OpenSSL 3) fails in every TLS handshake, with Debian's own openssl s_client too; so Debian 13's,
/// with the libraries that it needs.
const PACKAGES: Packages<'static> = Packages {
    release: Some("trixie"),
    names: &[
        "opensmtpd",
        "libc6",
        "libssl3t64",
        "libevent-2.1-7t64",
        "libcrypt1",
        "zlib1g",
        "libpam0g",
        "libdb5.3t64",
        "libzstd1",
        "libaudit1",
        "libcap-ng0",
    ],
};

pub struct OpenSmtpd {
    /// Before the folder, because it must end first.
    _process: Process,
    root: Root,
    port: u16,
}

impl OpenSmtpd {
    pub fn start() -> Self {
        let port = free_port();
        let root = Root::create(&PACKAGES, "usr/sbin/smtpd", &["opensmtpd", "opensmtpq"]);
        // It wants to read some authorities, even where it does not send.
        root.own("etc/ssl/certs", 0, 0o755);
        std::fs::copy(root.authority().ca(), root.path("etc/ssl/certs/ca-certificates.crt")).expect("its authorities");
        root.own("var/lib/opensmtpd/empty", 0, 0o711);
        root.own("var/spool", 0, 0o755);
        root.own("var/spool/smtpd", 0, 0o711);
        let output = Command::new("openssl").args(["passwd", "-6", PASSWORD]).output().expect("openssl");
        let crypted = String::from_utf8(output.stdout).expect("ASCII");
        root.write("etc/secrets", &format!("{DESK} {}\n", crypted.trim()));
        root.write("etc/smtpd.conf", &configuration(port));
        let process = root.start("OpenSMTPD", &["/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf"], port);
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
        r#"pki mail.primaria.example cert "/tls/cert.pem"
pki mail.primaria.example key "/tls/key.pem"
table secrets file:/etc/secrets
table everybody {{ "@" = "keeper" }}
listen on 127.0.0.1 port {port} tls-require pki mail.primaria.example auth <secrets> hostname mail.primaria.example
action "keep" maildir "/mail" virtual <everybody>
match auth from any for any action "keep"
"#
    )
}
