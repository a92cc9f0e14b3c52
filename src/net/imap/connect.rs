//! From nothing to a signed-in session, and why not.
//!
//! What comes before the sign-in is read by hand, line by line: async-imap cannot tell its capabilities then,
//! and would carry text from before TLS into it.

use super::super::sign_in::{self, Credentials};
use super::super::wire::{NoWire, Wire, seconds};
use super::super::{Account, Security, one_line};
use super::{ImapError, Mailbox, RATION, Timeouts, names};
use async_imap::error::Error as Raw;
use async_imap::{Authenticator, Client, Session};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

/// The longest line that is read before the sign-in.
const LINE: usize = 8 * 1024;
/// The most lines that a server may say to one command before the sign-in.
const LINES: usize = 100;

impl From<NoWire> for ImapError {
    fn from(why: NoWire) -> Self {
        match why {
            NoWire::Unreachable(words) => Self::Unreachable(words),
            NoWire::Tls(words) => Self::Tls(words),
            NoWire::Timeout(words) => Self::Timeout(words),
        }
    }
}

impl Mailbox {
    /// Connects with TCP_NODELAY, secures and signs in: AUTHENTICATE PLAIN where it is offered, else LOGIN;
    /// XOAUTH2 with a token command.
    ///
    /// Text between the consent to STARTTLS and the handshake is taken for tampering, and so is a session that
    /// is signed in before TLS. Secrets travel only under TLS or over loopback.
    pub async fn connect(account: &Account, timeouts: &Timeouts) -> Result<Self, ImapError> {
        let credentials = Credentials::of(account).await.map_err(ImapError::NoCredentials)?;
        let host = &account.host;
        let mut lines =
            Lines { wire: Wire::open(account, timeouts.connect).await?, bytes: Vec::new(), host: host.clone(), patience: timeouts.command };
        lines.greeting().await?;
        let mut capabilities = lines.capabilities("c1").await?;
        if account.security == Security::StartTls {
            if !capabilities.contains("STARTTLS") {
                return Err(ImapError::Tls(format!(
                    "{host} does not offer STARTTLS on this port, so nothing was sent; try security = \"tls\" with port 993, or somebody between is hiding the offer"
                )));
            }
            lines.command("s1", "STARTTLS").await?;
            if !lines.bytes.is_empty() {
                return Err(ImapError::Tls(format!(
                    "{host} sent text between its consent to TLS and TLS itself, as somebody who tampers with the connection would; nothing was sent"
                )));
            }
            lines.wire = lines.wire.secure(account, timeouts.connect).await?;
            capabilities = lines.capabilities("c2").await?;
        }
        let mut wire = lines.wire;
        wire.allow(RATION);
        let session = match timeout(timeouts.command, sign_in(Client::new(wire), host, &credentials, &capabilities)).await {
            Err(_) => return Err(ImapError::Timeout(format!("{host} did not answer the sign-in within {}", seconds(timeouts.command)))),
            Ok(session) => session?,
        };
        let mut mailbox = Self { session, host: host.clone(), times: timeouts.clone(), idles: false, exists: 0, news: false };
        mailbox.learn_idle().await?;
        Ok(mailbox)
    }
}

async fn sign_in(
    client: Client<Wire>,
    host: &str,
    credentials: &Credentials,
    capabilities: &BTreeSet<String>,
) -> Result<Session<Wire>, ImapError> {
    let lacking = |what: &str| {
        ImapError::NoSignIn(format!(
            "{host} does not offer {what} here; check host, port and security (many servers allow it only under TLS)"
        ))
    };
    let (done, token) = match credentials {
        Credentials::Nobody => {
            return Err(ImapError::NoSignIn(format!("to read mail at {host}, user and password are needed; set them in [imap]")));
        }
        Credentials::Token { user, token } => {
            if !capabilities.contains("AUTH=XOAUTH2") {
                return Err(lacking("XOAUTH2"));
            }
            (client.authenticate("XOAUTH2", Message(Some(sign_in::xoauth2_raw(user, token)))).await, true)
        }
        Credentials::Password { user, password } if capabilities.contains("AUTH=PLAIN") => {
            (client.authenticate("PLAIN", Message(Some(format!("\0{user}\0{password}")))).await, false)
        }
        Credentials::Password { .. } if capabilities.contains("LOGINDISABLED") => return Err(lacking("a sign-in with a password")),
        Credentials::Password { user, password } => (client.login(user, password).await, false),
    };
    done.map_err(|(error, _)| match error {
        Raw::No(text) => {
            let cure = if token { "check user and the token command" } else { "check user and password" };
            let words = format!("{host} refused the sign-in: {}; {cure}", one_line(said(&text), 300));
            if text.contains("[UNAVAILABLE]") { ImapError::Refused(words) } else { ImapError::SignIn(words) }
        }
        Raw::ConnectionLost => ImapError::Gone(format!("{host} closed the connection during the sign-in")),
        Raw::Io(error) => ImapError::Gone(format!("the connection to {host} was lost during the sign-in ({error})")),
        other => ImapError::Protocol(format!("{host} answered the sign-in with what is not IMAP: {}", one_line(&other.to_string(), 300))),
    })
}

/// The server's own words in async-imap's text of a NO: `code: None, info: Some("…")`.
fn said(text: &str) -> &str {
    let info = text.split_once("info: Some(\"").map(|(_, info)| info);
    info.and_then(|info| info.strip_suffix("\")")).unwrap_or(text)
}

/// The one message of PLAIN or XOAUTH2; a second challenge is an error notice and gets an empty answer.
#[derive(Debug)]
struct Message(Option<String>);

impl Authenticator for Message {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}

/// The wire before the sign-in, line by line.
struct Lines {
    wire: Wire,
    bytes: Vec<u8>,
    host: String,
    patience: Duration,
}

impl Lines {
    async fn greeting(&mut self) -> Result<(), ImapError> {
        let line = self.line().await?;
        let mut words = line.split(' ');
        match (words.next(), words.next().map(str::to_ascii_uppercase).as_deref()) {
            (Some("*"), Some("OK")) => Ok(()),
            (Some("*"), Some("BYE")) => Err(ImapError::Refused(format!("{} refused the connection: {}", self.host, one_line(&line, 300)))),
            (Some("*"), Some("PREAUTH")) => Err(ImapError::Tls(format!(
                "{} says that we are signed in before we said who we are; such a session is not used",
                self.host
            ))),
            _ => {
                Err(ImapError::Protocol(format!("{} greeted with “{}”, which is not IMAP; check the port", self.host, one_line(&line, 80))))
            }
        }
    }

    async fn capabilities(&mut self, tag: &str) -> Result<BTreeSet<String>, ImapError> {
        let said = self.command(tag, "CAPABILITY").await?;
        let words = said.iter().filter_map(|line| line.get(..13).filter(|l| l.eq_ignore_ascii_case("* CAPABILITY ")).and(line.get(13..)));
        Ok(words.flat_map(|line| line.split(' ')).map(str::to_ascii_uppercase).collect())
    }

    /// One command; gives the untagged lines that came before its OK.
    async fn command(&mut self, tag: &str, command: &str) -> Result<Vec<String>, ImapError> {
        let line = format!("{tag} {command}\r\n");
        let write = async {
            self.wire.write_all(line.as_bytes()).await?;
            self.wire.flush().await
        };
        match timeout(self.patience, write).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(ImapError::Gone(format!("the connection to {} was lost ({error})", self.host))),
            Err(_) => return Err(ImapError::Timeout(format!("{} takes no bytes", self.host))),
        }
        let mut said = Vec::new();
        while said.len() < LINES {
            let line = self.line().await?;
            let Some(end) = line.strip_prefix(tag).and_then(|l| l.strip_prefix(' ')) else {
                said.push(line);
                continue;
            };
            let status = end.split(' ').next().unwrap_or_default();
            if status.eq_ignore_ascii_case("OK") {
                return Ok(said);
            }
            return Err(ImapError::Refused(format!("{} refused {command}: {}", self.host, one_line(end, 300))));
        }
        Err(ImapError::Protocol(format!("{} answered {command} with more than {LINES} lines", self.host)))
    }

    async fn line(&mut self) -> Result<String, ImapError> {
        let host = self.host.clone();
        let read = async {
            loop {
                if let Some(at) = self.bytes.iter().position(|&b| b == b'\n') {
                    let line: Vec<u8> = self.bytes.drain(..=at).collect();
                    return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
                }
                if self.bytes.len() > LINE {
                    return Err(ImapError::Protocol(format!("{host} sent a line longer than {LINE} bytes before the sign-in")));
                }
                let mut more = [0; 2048];
                match self.wire.read(&mut more).await {
                    Ok(0) => return Err(ImapError::Gone(format!("{host} closed the connection without an answer"))),
                    Ok(n) => self.bytes.extend_from_slice(more.get(..n).unwrap_or_default()),
                    Err(error) => return Err(ImapError::Gone(format!("the connection to {host} was lost ({error})"))),
                }
            }
        };
        match timeout(self.patience, read).await {
            Ok(line) => line,
            Err(_) => Err(ImapError::Timeout(format!(
                "{host} said nothing for {}; if this port speaks TLS from the start, set security = \"tls\"",
                seconds(self.patience)
            ))),
        }
    }
}

/// A folder name ready for a command line.
pub(super) fn folder_argument(folder: &str) -> Result<String, ImapError> {
    names::quoted(&names::encode(folder)).ok_or_else(|| ImapError::Protocol(format!("the folder name {folder:?} cannot be said in IMAP")))
}
