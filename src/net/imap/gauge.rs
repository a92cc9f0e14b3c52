//! A bound on what the server may send, laid under the parser.
//!
//! async-imap sets memory aside for whatever literal is announced (up to 512 MiB) and parses a line anew with
//! every 4 KiB that arrive, so a hostile server must be stopped before its bytes reach the parser.

use super::super::wire::Wire;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest line outside literals: the answer to SEARCH among some 40,000 messages.
const LINE: usize = 512 * 1024;

/// The words of the error when a bound is passed.
const TOO_MUCH: &str = "the server sent far more than it was asked for";

/// A wire whose reads are measured.
#[derive(Debug)]
pub(crate) struct Gauged {
    wire: Wire,
    gauge: Gauge,
}

/// Where in the server's text we are: a literal (RFC 3501 §4.3) of which `literal` bytes are to come, or a line.
#[derive(Debug)]
struct Gauge {
    /// How many more bytes may come.
    ration: u64,
    literal: u64,
    line: usize,
    /// What the end of the line so far is of `{digits}` or `{digits+}` and a line break.
    announced: Announced,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Announced {
    Nothing,
    Digits(u64),
    Closed(u64),
}

impl Gauged {
    /// The ration is endless until [`Gauged::allow`].
    pub fn new(wire: Wire) -> Self {
        Self { wire, gauge: Gauge { ration: u64::MAX, literal: 0, line: 0, announced: Announced::Nothing } }
    }

    /// How many more bytes may come.
    pub fn allow(&mut self, bytes: u64) {
        self.gauge.ration = bytes;
    }
}

impl Gauge {
    fn measure(&mut self, bytes: &[u8]) -> io::Result<()> {
        let too_much = || io::Error::new(io::ErrorKind::FileTooLarge, TOO_MUCH);
        self.ration = self.ration.checked_sub(bytes.len() as u64).ok_or_else(too_much)?;
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            if self.literal > 0 {
                let inside = usize::try_from(self.literal).unwrap_or(usize::MAX).min(rest.len());
                self.literal -= inside as u64;
                rest = rest.get(inside..).unwrap_or_default();
                continue;
            }
            rest = after;
            self.line += 1;
            self.announced = match (self.announced, byte) {
                (_, b'{') => Announced::Digits(0),
                (Announced::Digits(n), b'0'..=b'9') => Announced::Digits(n.saturating_mul(10).saturating_add(u64::from(byte - b'0'))),
                (Announced::Digits(n), b'+') => Announced::Digits(n),
                (Announced::Digits(n), b'}') => Announced::Closed(n),
                (Announced::Closed(n), b'\r') => Announced::Closed(n),
                (Announced::Closed(n), b'\n') => {
                    self.literal = n;
                    Announced::Nothing
                }
                _ => Announced::Nothing,
            };
            if byte == b'\n' {
                self.line = 0;
            }
            if self.line > LINE || self.literal > self.ration.saturating_add(rest.len() as u64) {
                return Err(too_much());
            }
        }
        Ok(())
    }
}

impl AsyncRead for Gauged {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let Self { wire, gauge } = &mut *self;
        let read = Pin::new(wire).poll_read(cx, buf);
        match gauge.measure(buf.filled().get(before..).unwrap_or_default()) {
            Ok(()) => read,
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl AsyncWrite for Gauged {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(ration: u64, bytes: &[u8], step: usize) -> bool {
        let mut gauge = Gauge { ration, literal: 0, line: 0, announced: Announced::Nothing };
        bytes.chunks(step).all(|chunk| gauge.measure(chunk).is_ok())
    }

    #[test]
    fn what_is_announced_is_weighed_before_it_comes() {
        for step in [1, 7, 4096] {
            assert!(!measured(1000, b"* 1 FETCH (BODY[]<0> {600000000}\r\n", step));
            assert!(!measured(1000, b"* 1 FETCH (BODY[]<0> {99999999999999999999999}\r\n", step));
            assert!(measured(1000, b"* 1 FETCH (BODY[]<0> {26}\r\na {600000000}\r\n.........12)\r\n", step));
            assert!(measured(1000, b"* OK {600000000} it says\r\n* OK {a}\r\n", step));
            assert!(!measured(10, b"* OK hello there\r\n", step));
        }
    }

    #[test]
    fn a_line_ends_somewhere() {
        assert!(measured(u64::MAX, &b"* OK x\r\n".repeat(1 << 19), 4096));
        assert!(!measured(u64::MAX, &vec![b'x'; LINE + 1], 4096));
    }
}
