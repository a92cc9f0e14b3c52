//! A raw SMTP client that submits one message, as the harness's own check of the servers.

use super::authority::Authority;
use super::dialogue::{Dialogue, stuffed};
use std::io;

/// How the connection is secured.
pub enum Security<'a> {
    None,
    StartTls(&'a Authority),
    Tls(&'a Authority),
}

/// Who signs in.
pub struct Login<'a> {
    pub user: &'a str,
    pub password: &'a str,
}

/// A session after EHLO and, where a login is given, AUTH PLAIN.
pub struct Session {
    pub dialogue: Dialogue,
    /// What EHLO announced last.
    pub announced: String,
}

impl Session {
    /// # Errors
    /// The connection's trouble, or the server's reply when it refuses a step.
    pub fn open(port: u16, security: &Security<'_>, login: Option<&Login<'_>>) -> io::Result<Self> {
        use base64::Engine;
        let mut dialogue = match security {
            Security::Tls(authority) => Dialogue::tls(port, authority)?,
            Security::None | Security::StartTls(_) => Dialogue::plain(port)?,
        };
        dialogue.expect(220)?;
        dialogue.say("EHLO localhost")?;
        let mut announced = dialogue.expect(250)?;
        if let Security::StartTls(authority) = security {
            dialogue.say("STARTTLS")?;
            dialogue.expect(220)?;
            dialogue = dialogue.start_tls(authority)?;
            dialogue.say("EHLO localhost")?;
            announced = dialogue.expect(250)?;
        }
        if let Some(Login { user, password }) = login {
            let secret = base64::engine::general_purpose::STANDARD.encode(format!("\0{user}\0{password}"));
            dialogue.say(&format!("AUTH PLAIN {secret}"))?;
            dialogue.expect(235)?;
        }
        Ok(Self { dialogue, announced })
    }

    /// Sends one message and gives the reply to its final dot.
    ///
    /// # Errors
    /// The server's reply to the step that it refused.
    pub fn submit(&mut self, from: &str, to: &str, raw: &[u8]) -> io::Result<String> {
        for (line, code) in [(format!("MAIL FROM:<{from}>"), 250), (format!("RCPT TO:<{to}>"), 250), ("DATA".to_owned(), 354)] {
            self.dialogue.say(&line)?;
            self.dialogue.expect(code)?;
        }
        self.dialogue.send(&stuffed(raw))?;
        self.dialogue.expect(250)
    }
}
