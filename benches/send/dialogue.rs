//! The server's half of SMTP as the bench's own sinks speak it: everything is taken, nothing is kept.

use memchr::memmem;

/// One connection: bytes in, replies out.
#[derive(Default)]
pub struct Dialogue {
    /// Whether the answer to EHLO offers STARTTLS.
    offers_tls: bool,
    /// Letters whose final dot has come.
    pub letters: usize,
    input: Vec<u8>,
    in_letter: bool,
}

/// What the connection does after the replies were written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    Read,
    StartTls,
    Close,
}

pub const GREETING: &[u8] = b"220 bench ESMTP\r\n";

impl Dialogue {
    /// A connection that may go on in TLS.
    pub fn offering_tls() -> Self {
        Self { offers_tls: true, ..Self::default() }
    }

    /// Takes what has come and writes the replies that are due into `replies`.
    pub fn take(&mut self, bytes: &[u8], replies: &mut Vec<u8>) -> Next {
        self.input.extend_from_slice(bytes);
        let mut at = 0;
        let mut next = Next::Read;
        while next == Next::Read {
            let rest = self.input.get(at..).unwrap_or_default();
            if self.in_letter {
                // The dot stands at the start of a line; the line end before the first line is that of DATA.
                let end = if rest.starts_with(b".\r\n") { Some(3) } else { memmem::find(rest, b"\r\n.\r\n").map(|end| end + 5) };
                let Some(end) = end else {
                    // Four bytes may be the beginning of the end.
                    at += rest.len().saturating_sub(4);
                    break;
                };
                at += end;
                self.in_letter = false;
                self.letters += 1;
                replies.extend_from_slice(b"250 2.0.0 Ok: queued\r\n");
                continue;
            }
            let Some(end) = memmem::find(rest, b"\r\n") else { break };
            let line = rest.get(..end).unwrap_or_default();
            let verb: Vec<u8> = line.iter().take(4).map(u8::to_ascii_uppercase).collect();
            at += end + 2;
            match verb.as_slice() {
                b"EHLO" => {
                    let tls: &[u8] = if self.offers_tls { b"250-STARTTLS\r\n" } else { b"" };
                    replies.extend_from_slice(b"250-bench\r\n");
                    replies.extend_from_slice(tls);
                    replies.extend_from_slice(b"250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n");
                }
                b"DATA" => {
                    self.in_letter = true;
                    replies.extend_from_slice(b"354 End data with <CR><LF>.<CR><LF>\r\n");
                }
                b"STAR" if self.offers_tls => {
                    replies.extend_from_slice(b"220 2.0.0 Ready\r\n");
                    next = Next::StartTls;
                }
                b"QUIT" => {
                    replies.extend_from_slice(b"221 2.0.0 Bye\r\n");
                    next = Next::Close;
                }
                b"MAIL" | b"RCPT" | b"RSET" | b"NOOP" | b"HELO" => replies.extend_from_slice(b"250 2.0.0 Ok\r\n"),
                _ => replies.extend_from_slice(b"500 5.5.2 Not understood\r\n"),
            }
        }
        self.input.drain(..at);
        next
    }
}
