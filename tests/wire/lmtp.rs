//! Delivering raw messages to Dovecot over one LMTP connection (RFC 2033), hundreds a second.

use super::dialogue::{Dialogue, stuffed};
use std::io;

pub struct Lmtp {
    dialogue: Dialogue,
}

impl Lmtp {
    pub fn connect(port: u16) -> io::Result<Self> {
        let mut dialogue = Dialogue::plain(port)?;
        dialogue.expect(220)?;
        dialogue.say("LHLO localhost")?;
        dialogue.expect(250)?;
        Ok(Self { dialogue })
    }

    /// Puts one message into the mailbox of `to`; an empty `from` is the null sender of bounces.
    ///
    /// # Errors
    /// The server's reply when it refuses.
    pub fn deliver(&mut self, from: &str, to: &str, raw: &[u8]) -> io::Result<()> {
        let envelope = format!("MAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
        self.dialogue.send(envelope.as_bytes())?;
        self.dialogue.expect(250)?;
        let rcpt = self.dialogue.reply()?;
        let data = self.dialogue.reply()?;
        if rcpt.0 != 250 || data.0 != 354 {
            return Err(io::Error::other(format!("LMTP refused {to}: {}{}", rcpt.1, data.1)));
        }
        self.dialogue.send(&stuffed(raw))?;
        self.dialogue.expect(250).map(drop)
    }
}
