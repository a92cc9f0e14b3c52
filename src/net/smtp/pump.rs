//! Between the dialogue and the socket: what is to be written is written, what is awaited is read, each in its time.

use super::super::wire::seconds;
use super::dialogue::Wait;
use super::reply::Reply;
use super::{Lost, Outcome, Relay};
use crate::model::Address;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::time::timeout;

/// The size of the writes before the last one, each with its own time-out.
const BLOCK: usize = 64 * 1024;
/// The buffer of the writes is kept up to this size.
const KEPT: usize = 1 << 20;

impl Relay {
    pub(super) async fn announce(&mut self, mail_from: &Address, rcpt_to: &Address, raw: &[u8]) -> Result<(), Outcome> {
        self.settle_writing();
        self.glance().await;
        self.talk.open(mail_from, rcpt_to, raw)?;
        self.say().await;
        Ok(())
    }

    /// Writes the letter; see the module's documentation for when the dot counts as written.
    pub(super) async fn write_letter(&mut self, raw: &[u8], next: Option<(&Address, &Address, &[u8])>) -> Result<(), Outcome> {
        self.settle_writing();
        // Between the 354 and now the caller wrote its claim down: a server that left meanwhile leaves no doubt.
        self.glance().await;
        let at = self.talk.letter(raw, next)?;
        let out = std::mem::take(&mut self.talk.out);
        let (head, tail) = out.split_at_checked(at).unwrap_or_default();
        for block in head.chunks(BLOCK) {
            if let Err(lost) = self.put(block).await {
                self.last_words(lost).await;
                return Err(self.talk.broken_off());
            }
        }
        self.talk.writing_dot();
        if let Err(lost) = self.put(tail).await {
            self.last_words(lost).await;
        }
        if out.capacity() <= KEPT {
            self.talk.out = out;
        }
        Ok(())
    }

    /// Writes what the dialogue has to say.
    pub(super) async fn say(&mut self) {
        let out = std::mem::take(&mut self.talk.out);
        if let Err(lost) = self.put(&out).await {
            self.last_words(lost).await;
        }
        self.talk.out = out;
    }

    /// Reads once, and gives it to the dialogue.
    pub(super) async fn hear(&mut self, wait: Wait) {
        let patience = match wait {
            Wait::Command => self.times.command,
            Wait::Data => self.times.data,
            Wait::Dot => self.times.dot,
            Wait::Behind => self.times.behind,
        };
        if let Err(lost) = self.listen(patience).await {
            self.talk.lost(lost);
        }
    }

    /// A future that wrote was dropped: nobody knows how much of it left.
    pub(super) fn settle_writing(&mut self) {
        if std::mem::take(&mut self.writing) {
            self.talk.lost(Lost::Ended(format!("writing to {} was broken off", self.talk.host)));
        }
    }

    /// A write failed. A server that hangs up often says why first, so what is already there is read.
    async fn last_words(&mut self, lost: Lost) {
        let _ = self.listen(Duration::from_millis(200)).await;
        self.talk.lost(lost);
    }

    /// Takes in what the server did while nobody asked it, without waiting.
    async fn glance(&mut self) {
        let mut bytes = [0; 2048];
        let read = poll_fn(|cx| {
            let mut buffer = ReadBuf::new(&mut bytes);
            Poll::Ready(match Pin::new(&mut self.wire).poll_read(cx, &mut buffer) {
                Poll::Pending => None,
                Poll::Ready(Ok(())) => Some(Ok(buffer.filled().len())),
                Poll::Ready(Err(error)) => Some(Err(error)),
            })
        })
        .await;
        let host = &self.talk.host;
        let lost = match read {
            None => return,
            Some(Ok(0)) => format!("{host} closed the connection before the letter was begun"),
            Some(Err(error)) => format!("the connection to {host} was lost before the letter was begun ({error})"),
            Some(Ok(n)) => return self.talk.replies.feed(bytes.get(..n).unwrap_or_default()),
        };
        self.talk.lost(Lost::Ended(lost));
    }

    pub(super) async fn put(&mut self, bytes: &[u8]) -> Result<(), Lost> {
        self.writing = true;
        let write = async {
            self.wire.write_all(bytes).await?;
            self.wire.flush().await
        };
        let written = timeout(self.times.block, write).await;
        self.writing = false;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Lost::Ended(format!("the connection to {} was lost ({error})", self.talk.host))),
            Err(_) => Err(Lost::Silent(format!("{} took no bytes for {}", self.talk.host, seconds(self.times.block)))),
        }
    }

    /// Reads until a whole reply waits in the dialogue; all its lines together have `patience`.
    async fn listen(&mut self, patience: Duration) -> Result<(), Lost> {
        let (wire, replies) = (&mut self.wire, &mut self.talk.replies);
        let read = async {
            let mut bytes = [0; 4096];
            while !replies.gather() {
                match wire.read(&mut bytes).await? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    n => replies.feed(bytes.get(..n).unwrap_or_default()),
                }
            }
            Ok::<(), io::Error>(())
        };
        let heard = timeout(patience, read).await;
        let host = &self.talk.host;
        match heard {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(Lost::Ended(format!("{host} closed the connection without an answer")))
            }
            Ok(Err(error)) => Err(Lost::Ended(format!("the connection to {host} was lost ({error})"))),
            Err(_) => Err(Lost::Silent(format!("{host} gave no answer within {}", seconds(patience)))),
        }
    }

    /// The next reply, for what is asked outside a letter.
    pub(super) async fn reply(&mut self, patience: Duration) -> Result<Reply, Lost> {
        self.listen(patience).await?;
        match self.talk.replies.next() {
            Ok(Some(reply)) => Ok(reply),
            Ok(None) => Err(Lost::Ended(format!("{} gave no answer", self.talk.host))),
            Err(garbage) => Err(Lost::Garbage(format!("{}: {garbage}", self.talk.host))),
        }
    }
}
