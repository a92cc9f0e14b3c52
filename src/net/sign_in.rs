//! What is said to sign in: SASL PLAIN, LOGIN and XOAUTH2, and where a token comes from.

use super::{Account, Auth, one_line};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

const TOKEN_TIME: Duration = Duration::from_secs(30);
const TOKEN_BYTES: u64 = 64 * 1024;

/// What to sign in with, resolved for one connection.
pub(crate) enum Credentials {
    Nobody,
    Password { user: String, password: String },
    Token { user: String, token: String },
}

impl Credentials {
    /// Runs the token command, or fetches the password, where that is to be. The error is in words and has the cure.
    pub async fn of(account: &Account) -> Result<Self, String> {
        let user = account.user.clone().unwrap_or_default();
        let credentials = match &account.auth {
            Auth::None => return Ok(Self::Nobody),
            Auth::Password(secret) => Self::Password { user, password: secret.reveal().to_owned() },
            Auth::Fetched(fetch) => Self::Password { user, password: fetch.now()?.reveal().to_owned() },
            Auth::TokenCommand(command) => Self::Token { user, token: token(command).await? },
        };
        let (user, secret) = match &credentials {
            Self::Password { user, password } => (user, password),
            Self::Token { user, token } => (user, token),
            Self::Nobody => return Ok(credentials),
        };
        if user.is_empty() {
            return Err(format!("to sign in at {} a user is needed; set user", account.host));
        }
        if [user, secret].iter().any(|text| text.contains(['\r', '\n', '\0', '\x01'])) {
            return Err(format!("the user or the secret for {} holds a line break or a control character", account.host));
        }
        Ok(credentials)
    }
}

async fn token(command: &str) -> Result<String, String> {
    let trouble = |why: String| format!("the token command did not give an access token: {why}");
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| trouble(format!("sh could not be started ({e})")))?;
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let run = async {
        let read_out = async {
            if let Some(stdout) = stdout {
                stdout.take(TOKEN_BYTES + 1).read_to_end(&mut out).await?;
            }
            Ok::<(), std::io::Error>(())
        };
        let read_err = async {
            if let Some(stderr) = stderr {
                stderr.take(TOKEN_BYTES).read_to_end(&mut err).await?;
            }
            Ok::<(), std::io::Error>(())
        };
        tokio::try_join!(read_out, read_err)?;
        child.wait().await
    };
    let status = match tokio::time::timeout(TOKEN_TIME, run).await {
        Err(_) => return Err(trouble(format!("it did not end within {} s", TOKEN_TIME.as_secs()))),
        Ok(Err(error)) => return Err(trouble(error.to_string())),
        Ok(Ok(status)) => status,
    };
    if out.len() as u64 > TOKEN_BYTES {
        return Err(trouble("it wrote more than 64 KiB".into()));
    }
    if !status.success() {
        return Err(trouble(format!("it ended with {status}; {}", one_line(&String::from_utf8_lossy(&err), 200))));
    }
    let token = String::from_utf8(out).map_err(|_| trouble("what it wrote is not text".into()))?;
    match token.trim() {
        "" => Err(trouble("it wrote nothing".into())),
        token => Ok(token.to_owned()),
    }
}

/// The one message of SASL PLAIN (RFC 4616), in base64.
pub(crate) fn plain(user: &str, password: &str) -> String {
    STANDARD.encode(format!("\0{user}\0{password}"))
}

/// The one message of XOAUTH2 (Google's and Microsoft's), in base64.
pub(crate) fn xoauth2(user: &str, token: &str) -> String {
    STANDARD.encode(xoauth2_raw(user, token))
}

/// The same before base64, for whoever encodes it anyway.
pub(crate) fn xoauth2_raw(user: &str, token: &str) -> String {
    format!("user={user}\x01auth=Bearer {token}\x01\x01")
}

/// A text in base64, as LOGIN wants it.
pub(crate) fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

#[cfg(test)]
mod tests {
    use super::super::Security;
    use super::*;

    fn account(auth: Auth) -> Account {
        Account { host: "x.example".into(), port: 1, security: Security::Tls, ca: None, user: Some("ana@x.example".into()), auth }
    }

    #[test]
    fn sasl_messages_are_those_of_the_specifications() {
        assert_eq!(plain("tim", "tanstaaftanstaaf"), "AHRpbQB0YW5zdGFhZnRhbnN0YWFm");
        // The example of Google's XOAUTH2 page.
        assert_eq!(
            xoauth2("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"),
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
        );
    }

    #[tokio::test]
    async fn a_token_command_gives_its_first_words_or_says_why_not() {
        let of = |command: &str| {
            let account = account(Auth::TokenCommand(command.into()));
            async move { Credentials::of(&account).await }
        };
        assert!(matches!(of("echo ' tok '").await, Ok(Credentials::Token { token, .. }) if token == "tok"));
        for (command, why) in [
            ("true", "nothing"),
            ("echo no luck >&2; exit 3", "no luck"),
            ("yes | head -c 70000", "64 KiB"),
            ("printf 'a\\nb'", "line break"),
        ] {
            let error = of(command).await.err().unwrap();
            assert!(error.contains(why), "{command}: {error}");
        }
    }

    #[tokio::test]
    async fn a_secret_that_could_break_the_line_is_refused() {
        let evil = account(Auth::Password(super::super::Secret::new("x\r\nQUIT")));
        assert!(Credentials::of(&evil).await.is_err());
    }
}
