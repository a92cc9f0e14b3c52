//! From nothing to a connection that is signed in, and why not.

use super::super::sign_in::{self, Credentials};
use super::super::wire::{NoWire, Wire};
use super::super::{Account, Security};
use super::offers::Offers;
use super::reply::Reply;
use super::{Lost, Relay, Timeouts};

/// The longest command line that every server must read (RFC 5321 §4.5.3.1.4), without its end.
const COMMAND: usize = 510;
/// The longest line of a sign-in (RFC 4954 §4), without its end.
const SIGN_IN: usize = 12_286;

/// The relay will not have us, or cannot be reached: relay trouble, never letter trouble. In words, with the cure.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Shut {
    /// No address, no connection, or it broke.
    #[error("{0}")]
    Unreachable(String),
    /// Greeting, EHLO, STARTTLS or AUTH answered with 4yz or 5yz.
    #[error("{text}")]
    Refused { code: u16, text: String },
    /// The certificate is not acceptable, or there is no TLS where there must be.
    #[error("{0}")]
    Tls(String),
    /// User or password refused (535, 534, 530).
    #[error("{text}")]
    SignIn { code: u16, text: String },
    /// The server offers no way to sign in that we know.
    #[error("{0}")]
    NoSignIn(String),
    /// There is nothing to sign in with: the token command failed, or a secret is not usable.
    #[error("{0}")]
    NoCredentials(String),
    /// What it says is not SMTP.
    #[error("{0}")]
    Protocol(String),
    /// It fell silent.
    #[error("{0}")]
    Timeout(String),
}

impl Shut {
    /// What kind of trouble it is, without a name or a text of anybody: for the log.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Refused { .. } => "refused",
            Self::Tls(_) => "tls",
            Self::SignIn { .. } => "sign-in refused",
            Self::NoSignIn(_) => "no way to sign in",
            Self::NoCredentials(_) => "no secret",
            Self::Protocol(_) => "not understood",
            Self::Timeout(_) => "silent",
        }
    }

    /// The code of the server's refusal.
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Refused { code, .. } | Self::SignIn { code, .. } => Some(*code),
            _ => None,
        }
    }

    /// True: stop and tell the organiser, it will not mend by itself. False: try again later.
    pub fn permanent(&self) -> bool {
        match self {
            Self::Refused { code, .. } => *code >= 500,
            Self::Tls(_) | Self::SignIn { .. } | Self::NoSignIn(_) => true,
            Self::Unreachable(_) | Self::NoCredentials(_) | Self::Protocol(_) | Self::Timeout(_) => false,
        }
    }

    pub(super) fn refused(host: &str, what: &str, reply: &Reply) -> Self {
        let cure = if reply.code >= 500 { "ask its keeper whether this machine may send there" } else { "it asks to come back later" };
        Self::Refused { code: reply.code, text: format!("{host} refused {what}: {}; {cure}", reply.whole()) }
    }
}

impl From<NoWire> for Shut {
    fn from(why: NoWire) -> Self {
        match why {
            NoWire::Unreachable(words) => Self::Unreachable(words),
            NoWire::Tls(words) => Self::Tls(words),
            NoWire::Timeout(words) => Self::Timeout(words),
        }
    }
}

impl From<Lost> for Shut {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Ended(words) => Self::Unreachable(words),
            Lost::Silent(words) => Self::Timeout(words),
            Lost::Garbage(words) => Self::Protocol(format!("{words}; check host and port")),
        }
    }
}

impl Relay {
    /// Connects, greets as `hello` (our host name), secures and signs in.
    ///
    /// What the server says before TLS is forgotten; whatever it sends between its consent to STARTTLS and the
    /// handshake is taken for tampering (CVE-2011-0411). Secrets travel only under TLS or over loopback.
    pub async fn connect(account: &Account, hello: &str, patience: &Timeouts) -> Result<Self, Shut> {
        let credentials = Credentials::of(account).await.map_err(Shut::NoCredentials)?;
        let hello = hello_name(hello);
        let wire = Wire::open(account, patience.connect).await?;
        let mut relay = Self::new(account.host.clone(), wire, patience.clone());
        relay.greeting().await?;
        relay.ehlo(&hello).await?;
        if account.security == Security::StartTls {
            relay = relay.starttls(account, patience).await?;
            relay.ehlo(&hello).await?;
        }
        relay.sign_in(&credentials).await?;
        Ok(relay)
    }

    async fn greeting(&mut self) -> Result<(), Shut> {
        match self.reply(self.times.greeting).await? {
            reply if reply.code == 220 => Ok(()),
            reply if reply.code >= 400 => Err(Shut::refused(&self.talk.host, "the connection", &reply)),
            reply => Err(Shut::Protocol(format!("{} greeted with {}, which is not SMTP; check the port", self.talk.host, reply.whole()))),
        }
    }

    async fn ehlo(&mut self, hello: &str) -> Result<(), Shut> {
        let reply = self.ask(&format!("EHLO {hello}\r\n")).await?;
        if !reply.is_ok() {
            return Err(Shut::refused(&self.talk.host, "our greeting (EHLO)", &reply));
        }
        self.talk.offers = Offers::of(&reply);
        Ok(())
    }

    async fn starttls(mut self, account: &Account, patience: &Timeouts) -> Result<Self, Shut> {
        let host = &account.host;
        if !self.talk.offers.starttls {
            return Err(Shut::Tls(format!(
                "{host} does not offer STARTTLS on this port, so nothing was sent; try security = \"tls\" with port 465, or somebody between is hiding the offer"
            )));
        }
        let reply = self.ask("STARTTLS\r\n").await?;
        if reply.code != 220 {
            return Err(Shut::refused(host, "to begin TLS (STARTTLS)", &reply));
        }
        if !self.talk.replies.is_empty() {
            return Err(Shut::Tls(format!(
                "{host} sent text between its consent to TLS and TLS itself, as somebody who tampers with the connection would; nothing was sent"
            )));
        }
        let wire = self.wire.secure(account, patience.connect).await?;
        Ok(Self::new(self.talk.host, wire, self.times))
    }

    async fn sign_in(&mut self, credentials: &Credentials) -> Result<(), Shut> {
        let reply = match credentials {
            Credentials::Nobody => return Ok(()),
            Credentials::Password { user, password } if self.talk.offers.signs_in_by("PLAIN") => {
                self.auth("PLAIN", &sign_in::plain(user, password)).await?
            }
            Credentials::Password { user, password } if self.talk.offers.signs_in_by("LOGIN") => self.auth_login(user, password).await?,
            Credentials::Token { user, token } if self.talk.offers.signs_in_by("XOAUTH2") => {
                let reply = self.auth("XOAUTH2", &sign_in::xoauth2(user, token)).await?;
                // The error comes as a challenge, and the verdict after an empty answer to it.
                if reply.code == 334 { self.ask("\r\n").await? } else { reply }
            }
            Credentials::Password { .. } | Credentials::Token { .. } => {
                let wanted = if matches!(credentials, Credentials::Token { .. }) { "XOAUTH2" } else { "PLAIN or LOGIN" };
                let offered =
                    if self.talk.offers.auth.is_empty() { "no sign-in at all".to_owned() } else { self.talk.offers.auth.join(", ") };
                return Err(Shut::NoSignIn(format!(
                    "{} offers {offered}, and this account needs {wanted}; check host, port and security, or remove user if none is wanted",
                    self.talk.host
                )));
            }
        };
        match reply.code {
            235 => Ok(()),
            500.. => Err(Shut::SignIn {
                code: reply.code,
                text: format!("{} refused the sign-in: {}; check user and password", self.talk.host, reply.whole()),
            }),
            400..500 => Err(Shut::refused(&self.talk.host, "the sign-in for now", &reply)),
            _ => Err(Shut::Protocol(format!("{} answered the sign-in with {}", self.talk.host, reply.whole()))),
        }
    }

    async fn auth(&mut self, mechanism: &str, message: &str) -> Result<Reply, Shut> {
        let line = format!("AUTH {mechanism} {message}");
        if line.len() <= COMMAND {
            return self.ask(&format!("{line}\r\n")).await;
        }
        if message.len() > SIGN_IN {
            let size = message.len();
            return Err(Shut::NoCredentials(format!(
                "the secret for {} is too long for SMTP: {size} bytes in base64, and {SIGN_IN} fit on a line; check what the token command writes",
                self.talk.host
            )));
        }
        match self.ask(&format!("AUTH {mechanism}\r\n")).await? {
            reply if reply.code == 334 => self.ask(&format!("{message}\r\n")).await,
            reply => Ok(reply),
        }
    }

    async fn auth_login(&mut self, user: &str, password: &str) -> Result<Reply, Shut> {
        let mut reply = self.ask("AUTH LOGIN\r\n").await?;
        for answer in [user, password] {
            if reply.code != 334 {
                break;
            }
            reply = self.ask(&format!("{}\r\n", sign_in::base64(answer))).await?;
        }
        Ok(reply)
    }

    /// One command, one reply.
    pub(super) async fn ask(&mut self, command: &str) -> Result<Reply, Shut> {
        self.put(command.as_bytes()).await?;
        Ok(self.reply(self.times.command).await?)
    }
}

/// A host name or address literal as EHLO wants it; what cannot be one becomes `localhost`.
fn hello_name(hello: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-:[]_".contains(c);
    if hello.is_empty() || hello.len() > 255 || !hello.chars().all(fits) { "localhost".to_owned() } else { hello.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_cannot_smuggle_a_command() {
        for (given, said) in
            [("mail.x.example", "mail.x.example"), ("[127.0.0.1]", "[127.0.0.1]"), ("", "localhost"), ("a\r\nQUIT", "localhost")]
        {
            assert_eq!(hello_name(given), said);
        }
    }
}
