//! What `[smtp]` and `[imap]` have in common: a server, and how to sign in to it.

use super::{
    Environment, Refused,
    document::{Document, Table, Value},
    secret::{FORMS, SecretForm, SignIn, of_file},
};
use crate::net::{Account, Auth, Fetch, Security};
use std::{fs::File, io::Read, net::IpAddr, path::PathBuf, sync::Arc};

/// The largest file of authorities, in bytes; the whole Mozilla bundle has a quarter of it.
const LARGEST_CA: u64 = 1 << 20;

/// A server as typed. Its secret is not fetched until [`Server::account`] is called, so that loading the
/// file for `status` runs no command and asks for no key ring.
#[derive(Clone, Debug)]
pub struct Server {
    /// In ASCII; an IP address without brackets.
    pub host: String,
    pub port: u16,
    /// `None` only where the host is this machine.
    pub security: Security,
    /// A file of PEM or DER certificates to trust instead of the system's.
    pub ca: Option<PathBuf>,
    pub user: Option<String>,
    pub sign_in: SignIn,
    document: Arc<Document>,
    /// Where `password` and `ca` stand, for what is found wrong later.
    password_at: usize,
    ca_at: usize,
}

/// The ports of TLS, STARTTLS and none (RFC 8314 §3, RFC 6409 §3.1, RFC 3501 §2.1).
pub(super) struct Ports {
    pub tls: u16,
    pub starttls: u16,
    pub none: u16,
}

impl Server {
    /// Reads the keys that both tables have; adds what is odd but allowed to `warnings`.
    pub(super) fn of(table: &Table<'_>, document: &Arc<Document>, ports: &Ports, warnings: &mut Vec<Refused>) -> Result<Self, Refused> {
        let host_value = table.need("host")?;
        let host = host(&host_value)?;
        let security = security(table, &host)?;
        let port = match table.get("port") {
            Some(port) => u16::try_from(port.number(1..=65535)?).unwrap_or(u16::MAX),
            None => match security {
                Security::Tls => ports.tls,
                Security::StartTls => ports.starttls,
                Security::None => ports.none,
            },
        };
        let user = table.get("user").map(|user| user.text().map(str::to_owned)).transpose()?;
        let sign_in = SignIn::of(table)?;
        match (&user, &sign_in, table.get("user")) {
            (Some(_), SignIn::None, Some(user)) => {
                return Err(
                    user.refused(format!("has no secret beside it; add password = {FORMS}, or oauth2 = {{ token_command = \"COMMAND\" }}"))
                );
            }
            (None, SignIn::Password(_) | SignIn::TokenCommand(_), _) => {
                return Err(
                    table.refused(format!("there is a secret but no `user` {}; add user = \"workshop@primaria.example\"", table.place()))
                );
            }
            _ => {}
        }
        let ca = table.get("ca").map(|ca| ca.path()).transpose()?;
        let at = |name| table.get(name).map_or(0, |value| value.at());
        let server =
            Self { host, port, security, ca, user, sign_in, document: document.clone(), password_at: at("password"), ca_at: at("ca") };
        server.warn(table, ports, warnings);
        Ok(server)
    }

    fn warn(&self, table: &Table<'_>, ports: &Ports, warnings: &mut Vec<Refused>) {
        let usual = [(ports.tls, Security::Tls, "tls"), (ports.starttls, Security::StartTls, "starttls")];
        let other = usual.iter().find(|(port, security, _)| *port == self.port && *security != self.security);
        if let (Some((port, _, word)), Some(value)) = (other, table.get("port"))
            && self.security != Security::None
        {
            warnings.push(value.refused(format!("{port} is usually spoken with security = \"{word}\"; check it with convoke check")));
        }
        if let (SignIn::Password(form), Some(value)) = (&self.sign_in, table.get("password"))
            && let Some(exposed) = form.exposed()
        {
            warnings.push(value.refused(format!("is exposed: {exposed}")));
        }
        if let (Security::None, Some(ca)) = (self.security, table.get("ca")) {
            warnings.push(ca.refused("is not used, because security = \"none\"; remove one of the two"));
        }
    }

    /// Fetches the secret and the authority, and gives what `net` connects with.
    ///
    /// Blocks: it reads files, and a `{ command = … }` may take 30 s. Inside a runtime, call it where
    /// blocking is allowed. Call it once for each start of the program, not for each connection.
    pub fn account(&self, environment: &Environment) -> Result<Account, Refused> {
        let auth = match &self.sign_in {
            SignIn::None => Auth::None,
            SignIn::Password(form) => {
                let secret = form
                    .fetch(environment, &self.document)
                    .map_err(|why| self.document.refused(self.password_at, format!("`password` {why}")))?;
                match form {
                    SecretForm::File(path) => {
                        let path = path.clone();
                        Auth::Fetched(Fetch::new(move || of_file(&path).map_err(|why| format!("`password` {why}"))))
                    }
                    SecretForm::Env(_) | SecretForm::Command(_) | SecretForm::Credential(_) => Auth::Password(secret),
                }
            }
            SignIn::TokenCommand(command) => Auth::TokenCommand(command.clone()),
        };
        let ca = match (&self.ca, self.security) {
            (Some(_), Security::None) | (None, _) => None,
            (Some(path), _) => {
                Some(authority(path).map_err(|why| self.document.refused(self.ca_at, format!("`ca` names {}, {why}", path.display())))?)
            }
        };
        Ok(Account { host: self.host.clone(), port: self.port, security: self.security, ca, user: self.user.clone(), auth })
    }
}

fn authority(path: &std::path::Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LARGEST_CA + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("which cannot be read: {error}; check the path and its permissions"))?;
    let pem = bytes.windows(27).any(|window| window == b"-----BEGIN CERTIFICATE-----");
    let der = bytes.starts_with(&[0x30]);
    if bytes.len() as u64 > LARGEST_CA || !(pem || der) {
        return Err(
            "which is not a certificate in PEM or DER form; ask the server's administrator for the certificate of its authority".into()
        );
    }
    Ok(bytes)
}

fn host(value: &Value<'_, '_>) -> Result<String, Refused> {
    let text = value.text()?;
    if text.contains("://") {
        return Err(value.refused(format!("must be a name only, without ://; write host = {}", value.key.example)));
    }
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(ip.to_string());
    }
    if let Some((name, port)) = text.split_once(':').filter(|(_, port)| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit())) {
        return Err(value.refused(format!("must not contain the port; write host = \"{name}\" and port = {port}")));
    }
    let ascii = idna::domain_to_ascii_strict(text.trim_end_matches('.')).ok().filter(|name| !name.is_empty() && name.len() <= 253);
    ascii.ok_or_else(|| value.refused(format!("is not the name of a server: \"{text}\"; write host = {}", value.key.example)))
}

fn security(table: &Table<'_>, host: &str) -> Result<Security, Refused> {
    let Some(value) = table.get("security") else { return Ok(Security::Tls) };
    let chosen = value.choice(&[("tls", Security::Tls), ("starttls", Security::StartTls), ("none", Security::None)])?;
    if chosen == Security::None && !is_loopback(host) {
        let why = "may be \"none\" only for a server on this machine (localhost, 127.0.0.1, ::1), and";
        return Err(value.refused(format!("{why} \"{host}\" is not; write \"tls\" or \"starttls\"")));
    }
    Ok(chosen)
}

/// This machine by a name or an address that cannot mean another: `localhost` (RFC 6761 §6.3), 127.0.0.0/8, ::1.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example", "128.0.0.1", "0.0.0.0", "::", "127.0.0.1.example", "mail", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
