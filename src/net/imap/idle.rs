//! Waiting for news: IDLE (RFC 2177) where the server has it, else a look once a minute.

use super::super::wire::seconds;
use super::{ImapError, Mailbox, RATION};
use async_imap::imap_proto::Response;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout;

/// A server may hang up after 30 minutes of IDLE (RFC 2177 §3).
const LONGEST: Duration = Duration::from_secs(28 * 60);
/// How often a server without IDLE is asked.
const POLL: Duration = Duration::from_secs(60);

/// Why waiting ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Woke {
    /// The server says that messages have come.
    News,
    /// Nothing happened.
    Timeout,
    /// `wake` was ready.
    Asked,
}

impl Mailbox {
    /// Waits for new messages in the open folder, for at most `at_most` (and 28 minutes), or until `wake` is ready.
    ///
    /// Comes back at once when an EXISTS came since [`Mailbox::uids_from`]. Without IDLE it returns after 60 s at
    /// the latest. Whatever it returns, the session is ready for the next command.
    pub async fn idle(mut self, at_most: Duration, wake: impl Future<Output = ()>) -> Result<(Self, Woke), ImapError> {
        if self.news {
            return Ok((self, Woke::News));
        }
        let woke =
            if self.idles { self.idle_by_command(at_most.min(LONGEST), wake).await? } else { self.poll(at_most.min(POLL), wake).await? };
        Ok((self, woke))
    }

    async fn poll(&mut self, at_most: Duration, wake: impl Future<Output = ()>) -> Result<Woke, ImapError> {
        let asked = timeout(at_most, wake).await.is_ok();
        self.noop().await?;
        Ok(match (self.news, asked) {
            (true, _) => Woke::News,
            (false, true) => Woke::Asked,
            (false, false) => Woke::Timeout,
        })
    }

    async fn idle_by_command(&mut self, at_most: Duration, wake: impl Future<Output = ()>) -> Result<Woke, ImapError> {
        let tag = self.write("IDLE").await?;
        let mut begun = false;
        while !begun {
            let mut each = |response: &Response<'_>| begun |= matches!(response, Response::Continue(_));
            if self.step(&tag, "IDLE", RATION, &mut each).await?.is_some() {
                // An answer at once, were it NO or BAD: it cannot idle, whatever it offers, so it is asked from time to time.
                self.idles = false;
                return Ok(Woke::Timeout);
            }
        }
        let mut pass = |_: &Response<'_>| {};
        let deadline = tokio::time::Instant::now() + at_most;
        let mut wake = pin!(wake);
        let woke = loop {
            if self.news {
                break Woke::News;
            }
            tokio::select! {
                end = self.listen(&tag, "IDLE", RATION, &mut pass) => {
                    if end?.is_some() {
                        return Err(ImapError::Gone(format!("{} ended IDLE by itself", self.host)));
                    }
                }
                () = tokio::time::sleep_until(deadline) => break Woke::Timeout,
                () = &mut wake => break Woke::Asked,
            }
        };
        match timeout(self.times.command, self.session.run_command_untagged("DONE")).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(ImapError::Gone(format!("the connection to {} was lost ({error})", self.host))),
            Err(_) => return Err(ImapError::Timeout(format!("{} took no bytes for {}", self.host, seconds(self.times.command)))),
        }
        self.finish(&tag, "IDLE", |_| {}).await?;
        Ok(if self.news { Woke::News } else { woke })
    }
}
