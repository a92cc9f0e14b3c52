//! IMAP in: async-imap behind a strict wrapper, read-only.
//!
//! async-imap 0.12 turns a tagged NO, a BAD and a broken connection into empty or partial success, so only its
//! sign-in, its parser and its raw commands are used; [`Mailbox`] checks the tagged answer of every command.
//! Nothing here changes a flag: folders are opened with EXAMINE and messages read with BODY.PEEK.
//!
//! After any error but [`ImapError::NoSuchFolder`] and [`ImapError::Refused`] the connection is finished: drop it and connect again.

mod connect;
mod fetch;
mod gauge;
mod idle;
mod names;

use super::one_line;
use super::wire::seconds;
use async_imap::imap_proto::{MailboxDatum, NameAttribute, Outcome, Response, ResponseCode, Status};
use async_imap::{Session, imap_proto};
use connect::folder_argument;
use futures_util::FutureExt;
use gauge::Gauged;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::timeout;

pub use fetch::{Fetched, Listed};
pub use idle::Woke;

/// How many bytes one response may have when no message was asked for.
const RATION: u64 = 8 << 20;
/// How many folders are listed.
const FOLDERS: usize = 10_000;

/// How long the server may take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeouts {
    /// Each address of the server, and the TLS handshake.
    pub connect: Duration,
    /// Between any two responses to a command.
    pub command: Duration,
}

impl Default for Timeouts {
    /// 30 s and 2 minutes.
    fn default() -> Self {
        Self { connect: Duration::from_secs(30), command: Duration::from_secs(120) }
    }
}

impl Timeouts {
    /// The same time for everything.
    pub fn all(each: Duration) -> Self {
        Self { connect: each, command: each }
    }

    /// Half a second for everything: for tests.
    pub fn quick() -> Self {
        Self::all(Duration::from_millis(500))
    }
}

/// Why the mailbox cannot be read, in words, with the cure.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ImapError {
    /// No address or no connection.
    #[error("{0}")]
    Unreachable(String),
    /// The certificate is not acceptable, or there is no TLS where there must be.
    #[error("{0}")]
    Tls(String),
    /// User or password refused.
    #[error("{0}")]
    SignIn(String),
    /// The server offers no way to sign in that we know, or there is no user.
    #[error("{0}")]
    NoSignIn(String),
    /// There is nothing to sign in with: the token command failed, or a secret is not usable.
    #[error("{0}")]
    NoCredentials(String),
    /// The server has no such folder.
    #[error("the server has no folder “{0}”")]
    NoSuchFolder(String),
    /// NO to a command, or BYE as a greeting.
    #[error("{0}")]
    Refused(String),
    /// The connection ended.
    #[error("{0}")]
    Gone(String),
    /// What it says is not IMAP as we know it: BAD, nonsense, or far more than was asked for.
    #[error("{0}")]
    Protocol(String),
    /// It fell silent.
    #[error("{0}")]
    Timeout(String),
}

impl ImapError {
    /// What kind of trouble it is, without a name or a text of anybody: for the log.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Tls(_) => "tls",
            Self::SignIn(_) => "sign-in refused",
            Self::NoSignIn(_) => "no way to sign in",
            Self::NoCredentials(_) => "no secret",
            Self::NoSuchFolder(_) => "no such folder",
            Self::Refused(_) => "refused",
            Self::Gone(_) => "connection lost",
            Self::Protocol(_) => "not understood",
            Self::Timeout(_) => "silent",
        }
    }

    /// True: tell the organiser, it will not mend by itself. False: connect again after a pause.
    pub fn permanent(&self) -> bool {
        matches!(self, Self::Tls(_) | Self::SignIn(_) | Self::NoSignIn(_) | Self::NoSuchFolder(_))
    }
}

/// An opened folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Folder {
    /// When it differs from the last time, every UID means another message (RFC 3501 §2.3.1.1).
    pub uid_validity: u32,
    /// The next message gets this UID or a higher one; 0 when the server does not say.
    pub uid_next: u32,
    pub exists: u32,
}

/// One signed-in connection to a mailbox, for reading.
#[derive(Debug)]
pub struct Mailbox {
    session: Session<Gauged>,
    host: String,
    times: Timeouts,
    idles: bool,
    /// How many messages the open folder had, as last told.
    exists: u32,
    /// An EXISTS came since the folder was last listed.
    news: bool,
}

/// The tagged answer to a command was not OK.
enum Failed {
    /// NO, with its text.
    No(String),
    Broken(ImapError),
}

impl From<Failed> for ImapError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::No(words) => Self::Refused(words),
            Failed::Broken(error) => error,
        }
    }
}

impl Mailbox {
    /// The names of all folders that can be opened, as people read them. At most 10,000.
    pub async fn folders(&mut self) -> Result<Vec<String>, ImapError> {
        self.list("*").await
    }

    async fn list(&mut self, pattern: &str) -> Result<Vec<String>, ImapError> {
        let mut folders = Vec::new();
        let pattern = names::quoted(pattern).ok_or_else(|| ImapError::Protocol("a folder name with a line break".into()))?;
        self.run(&format!("LIST \"\" {pattern}"), |response| {
            if let Response::MailboxData(MailboxDatum::List(found)) = response {
                let closed = found.name_attributes.iter().any(|attribute| match attribute {
                    NameAttribute::NoSelect => true,
                    NameAttribute::Extension(name) => name.eq_ignore_ascii_case("\\NonExistent"),
                    _ => false,
                });
                if !closed && folders.len() < FOLDERS {
                    folders.push(names::decode(&found.name).unwrap_or_else(|| found.name.to_string()));
                }
            }
        })
        .await?;
        Ok(folders)
    }

    /// Opens a folder, named as people read it, so that not even \Recent changes.
    pub async fn examine(&mut self, folder: &str) -> Result<Folder, ImapError> {
        let argument = folder_argument(folder)?;
        let (mut uid_validity, mut uid_next, mut exists) = (None, 0, 0);
        let done = self
            .run(&format!("EXAMINE {argument}"), |response| match response {
                Response::MailboxData(MailboxDatum::Exists(n)) => exists = *n,
                Response::Data { status: Status::Ok, outcome } => match outcome.code {
                    Some(ResponseCode::UidValidity(n)) => uid_validity = Some(n),
                    Some(ResponseCode::UidNext(n)) => uid_next = n,
                    _ => {}
                },
                _ => {}
            })
            .await;
        match done {
            Ok(()) => {}
            Err(Failed::Broken(error)) => return Err(error),
            Err(Failed::No(words)) => {
                // Servers word it in many ways, so the list decides; wildcards in a name make it longer, never shorter.
                let listed = self.list(&names::encode(folder)).await?;
                let here =
                    listed.iter().any(|name| name == folder || folder.eq_ignore_ascii_case("INBOX") && name.eq_ignore_ascii_case("INBOX"));
                return Err(if here { ImapError::Refused(words) } else { ImapError::NoSuchFolder(folder.to_owned()) });
            }
        }
        self.exists = exists;
        self.news = false;
        let uid_validity = uid_validity.ok_or_else(|| {
            ImapError::Protocol(format!("{} gave no UIDVALIDITY for {folder}: mail cannot be told apart there", self.host))
        })?;
        Ok(Folder { uid_validity, uid_next, exists })
    }

    async fn learn_idle(&mut self) -> Result<(), ImapError> {
        let mut idles = false;
        self.run("CAPABILITY", |response| {
            if let Response::Capabilities(all) = response {
                idles |= all.iter().any(|c| matches!(c, imap_proto::Capability::Atom(name) if name.eq_ignore_ascii_case("IDLE")));
            }
        })
        .await?;
        self.idles = idles;
        Ok(())
    }

    /// Adds a message to a folder, for copies into Sent. `flags` as `\Seen`.
    pub async fn append(&mut self, folder: &str, flags: &[&str], raw: &[u8]) -> Result<(), ImapError> {
        let argument = folder_argument(folder)?;
        let flags = flags.join(" ");
        if flags.contains(|c: char| c.is_control() || "(){}\"".contains(c)) {
            return Err(ImapError::Protocol("a flag that cannot be said in IMAP".into()));
        }
        let tag = self.write(&format!("APPEND {argument} ({flags}) {{{}}}", raw.len())).await?;
        let mut go = false;
        while !go {
            match self.step(&tag, "APPEND", RATION, &mut |response| go |= matches!(response, Response::Continue(_))).await? {
                Some(Err(failed)) => return Err(failed.into()),
                Some(Ok(())) => return Err(ImapError::Protocol(format!("{} ended APPEND before the message was sent", self.host))),
                None => {}
            }
        }
        let write = async {
            use tokio::io::AsyncWriteExt;
            let wire = self.session.get_mut();
            for block in raw.chunks(64 * 1024) {
                timeout(self.times.command, wire.write_all(block)).await??;
            }
            wire.write_all(b"\r\n").await?;
            wire.flush().await
        };
        write.await.map_err(|error| ImapError::Gone(format!("the connection to {} was lost ({error})", self.host)))?;
        Ok(self.finish(&tag, "APPEND", |_| {}).await?)
    }

    /// Says goodbye; waits at most 2 s, and what comes back changes nothing.
    pub async fn logout(mut self) {
        let _ = timeout(Duration::from_secs(2), self.run("LOGOUT", |_| {})).await;
    }

    /// Keeps an idle connection alive, and learns whether it still is.
    pub async fn noop(&mut self) -> Result<(), ImapError> {
        Ok(self.run("NOOP", |_| {}).await?)
    }

    /// Runs one command; every untagged response goes to `each`. Only a tagged OK is success.
    async fn run(&mut self, command: &str, each: impl FnMut(&Response<'_>)) -> Result<(), Failed> {
        let tag = self.write(command).await.map_err(Failed::Broken)?;
        self.finish(&tag, command, each).await
    }

    async fn write(&mut self, command: &str) -> Result<imap_proto::RequestId, ImapError> {
        if command.contains(['\r', '\n', '\0']) {
            return Err(ImapError::Protocol("a command with a line break in it".into()));
        }
        match timeout(self.times.command, self.session.run_command(command)).await {
            Ok(Ok(tag)) => Ok(tag),
            Ok(Err(error)) => Err(ImapError::Gone(format!("the connection to {} was lost ({error})", self.host))),
            Err(_) => Err(ImapError::Timeout(format!("{} took no bytes for {}", self.host, seconds(self.times.command)))),
        }
    }

    async fn finish(&mut self, tag: &imap_proto::RequestId, command: &str, mut each: impl FnMut(&Response<'_>)) -> Result<(), Failed> {
        loop {
            if let Some(end) = self.step(tag, command, RATION, &mut each).await.map_err(Failed::Broken)? {
                return end;
            }
        }
    }

    /// One response within the time for a command; `Some`: the command has ended.
    async fn step(
        &mut self,
        tag: &imap_proto::RequestId,
        command: &str,
        ration: u64,
        each: &mut impl FnMut(&Response<'_>),
    ) -> Result<Option<Result<(), Failed>>, ImapError> {
        let patience = self.times.command;
        match timeout(patience, self.listen(tag, command, ration, each)).await {
            Ok(step) => step,
            Err(_) => Err(ImapError::Timeout(format!("{} gave no answer for {}", self.host, seconds(patience)))),
        }
    }

    /// `Some`: the command has ended. Notes EXISTS wherever it appears.
    fn weigh(
        &mut self,
        response: &Response<'_>,
        tag: &imap_proto::RequestId,
        command: &str,
    ) -> Result<Option<Result<(), Failed>>, ImapError> {
        let verb = command.split(' ').take(if command.starts_with("UID ") { 2 } else { 1 }).collect::<Vec<_>>().join(" ");
        match response {
            Response::Done { tag: found, status, outcome } if found == tag => Ok(Some(match status {
                Status::Ok => Ok(()),
                Status::No => Err(Failed::No(format!("{} refused {verb}: {}", self.host, words(outcome)))),
                _ => Err(Failed::Broken(ImapError::Protocol(format!("{} did not understand {verb}: {}", self.host, words(outcome))))),
            })),
            Response::Done { .. } => Err(ImapError::Protocol(format!("{} answered a command that was not asked", self.host))),
            Response::Data { status: Status::Bye, outcome } if verb != "LOGOUT" => {
                Err(ImapError::Gone(format!("{} ended the session: {}", self.host, words(outcome))))
            }
            Response::MailboxData(MailboxDatum::Exists(n)) => {
                self.news |= *n > self.exists;
                self.exists = *n;
                Ok(None)
            }
            Response::Expunge(_) => {
                self.exists = self.exists.saturating_sub(1);
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// The next response, however long it takes, of at most `ration` bytes; what it ends is weighed, the rest goes
    /// to `each`. Nothing is lost when this is dropped.
    ///
    /// The parser of imap-proto 0.17 panics on INTERNALDATE NIL, hence the net under it.
    async fn listen(
        &mut self,
        tag: &imap_proto::RequestId,
        command: &str,
        ration: u64,
        each: &mut impl FnMut(&Response<'_>),
    ) -> Result<Option<Result<(), Failed>>, ImapError> {
        self.session.get_mut().allow(ration);
        let read = AssertUnwindSafe(self.session.read_response()).catch_unwind().await;
        match read {
            Ok(Ok(Some(response))) => {
                let end = self.weigh(response.parsed(), tag, command)?;
                if end.is_none() {
                    each(response.parsed());
                }
                Ok(end)
            }
            Ok(Ok(None)) => Err(ImapError::Gone(format!("{} closed the connection before its answer was complete", self.host))),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::Other => {
                Err(ImapError::Protocol(format!("{} sent what cannot be read: {}", self.host, one_line(&error.to_string(), 120))))
            }
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                Err(ImapError::Protocol(format!("{}: {error}", self.host)))
            }
            Ok(Err(error)) => Err(ImapError::Gone(format!("the connection to {} was lost ({error})", self.host))),
            Err(_) => Err(ImapError::Protocol(format!("{} sent what the IMAP parser cannot bear", self.host))),
        }
    }
}

fn words(outcome: &Outcome<'_>) -> String {
    let text = outcome.information.as_deref().map(|text| one_line(text, 300));
    text.filter(|text| !text.is_empty()).unwrap_or_else(|| "no reason given".to_owned())
}
