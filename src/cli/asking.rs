//! A server is asked while somebody sits there and waits: not for minutes, and not without a word.

use crate::{
    config::Config,
    net::{
        Account, Security,
        imap::{self, Mailbox},
        smtp::{self, Relay},
    },
};
use anyhow::anyhow;
use std::{fmt::Display, pin::pin, time::Duration};

/// How long a server may take for each answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// What takes longer than this is told.
const SLOW: Duration = Duration::from_secs(3);

/// The relay, signed in to. The answer to a letter itself has the time that it always has.
pub async fn relay(config: &Config, account: &Account) -> anyhow::Result<Relay> {
    let times = smtp::Timeouts { connect: PATIENCE, greeting: PATIENCE, command: PATIENCE, ..smtp::Timeouts::default() };
    let asked = Relay::connect(account, config.sender.from.domain(), &times);
    told(account, asked).await.map_err(|why| hinted(account, why))
}

/// The mailbox, signed in to, with the names of its folders.
pub async fn mailbox(account: &Account) -> anyhow::Result<(Mailbox, Vec<String>)> {
    let asked = async {
        let mut mailbox = Mailbox::connect(account, &imap::Timeouts::all(PATIENCE)).await?;
        let folders = mailbox.folders().await?;
        Ok::<_, imap::ImapError>((mailbox, folders))
    };
    told(account, asked).await.map_err(|why| hinted(account, why))
}

/// Says whom we wait for where it takes long.
async fn told<T>(account: &Account, asked: impl Future<Output = T>) -> T {
    let mut asked = pin!(asked);
    if let Ok(answer) = tokio::time::timeout(SLOW, &mut asked).await {
        return answer;
    }
    anstream::eprintln!("asking {}:{} …", account.host, account.port);
    asked.await
}

/// Why a server let nobody in, with the cure where its port is usually spoken otherwise.
fn hinted(account: &Account, why: impl Display) -> anyhow::Error {
    let word = match (account.port, account.security) {
        (465 | 993, Security::StartTls) => "tls",
        (587 | 143, Security::Tls) => "starttls",
        _ => return anyhow!("{why}"),
    };
    anyhow!("{why}; port {} is usually spoken with security = \"{word}\"", account.port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Auth;

    #[test]
    fn a_port_that_is_spoken_otherwise_is_named_with_the_cure() {
        let why = |port, security| {
            let account = Account { host: "mail.example".into(), port, security, ca: None, user: None, auth: Auth::None };
            hinted(&account, "it is silent").to_string()
        };
        assert_eq!(why(465, Security::StartTls), "it is silent; port 465 is usually spoken with security = \"tls\"");
        assert_eq!(why(587, Security::Tls), "it is silent; port 587 is usually spoken with security = \"starttls\"");
        for (port, security) in [(465, Security::Tls), (587, Security::StartTls), (2525, Security::StartTls), (143, Security::None)] {
            assert_eq!(why(port, security), "it is silent", "{port}");
        }
    }
}
