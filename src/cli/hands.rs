//! Who delivers for `send`: this process, or the one that holds the lock of the database.

use super::{
    desk,
    words::{counted, tell},
};
use crate::{
    config::{Config, Environment},
    daemon::{
        Clock,
        deliver::{self, Ended},
        rest,
    },
    store::{
        self, Store,
        lock::{Lock, NotLocked},
        notes::{self, Side},
        outbox,
    },
    work::send::{self, Sender},
};
use anyhow::Context as _;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How often a `send` that watches another process looks.
const LOOK: Duration = Duration::from_millis(200);

/// Who delivers.
pub enum Hands {
    Ours(Lock, Sender),
    Theirs { who: String },
}

impl Hands {
    /// Takes the lock and the secrets; where another process has the lock, it needs no secret from us.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        match Lock::take(&config.database, &format!("convoke send, process {}", std::process::id())) {
            Ok(lock) => Ok(Self::Ours(lock, desk::sender(config, &Environment::of_process())?)),
            Err(NotLocked::Held { who }) => Ok(Self::Theirs { who }),
            Err(error) => Err(error.into()),
        }
    }

    /// Delivers, or watches the one who does; when that one ends, however it ends, before the letters have left, takes over.
    pub async fn deliver(mut self, config: &Config, store: &Store, clock: Clock, json: bool) -> anyhow::Result<Ended> {
        let stop = when_asked()?;
        let mut told = false;
        loop {
            let who = match self {
                Self::Ours(lock, sender) => {
                    let ended = drain(store, clock, sender, config.smtp()?.connections, stop).await;
                    drop(lock);
                    return ended.context("sending stopped, because the database cannot be read or written; look at the disk");
                }
                Self::Theirs { who } => who,
            };
            if !told {
                tell(json, format_args!("Delivered by: {who}."));
                told = true;
            }
            if let Some(ended) = look(store, clock).await? {
                return Ok(ended);
            }
            if rest(LOOK, &stop).await {
                return Ok(Ended::Stopped);
            }
            self = Self::of(config)?;
        }
    }
}

async fn drain(store: &Store, clock: Clock, sender: Sender, connections: u32, stop: CancellationToken) -> store::Result<Ended> {
    let doubtful = send::recover(store, clock.now()).await?;
    if doubtful > 0 {
        anstream::eprintln!(
            "warning: a program was stopped in the middle of {}: uncertain now, see `convoke outbox`",
            counted(doubtful, "letter")
        );
    }
    let ended = deliver::drain(sender, store.clone(), clock, connections, stop).await?;
    if ended == Ended::Stopped {
        // A step that did not end in time was dropped with its letter.
        send::recover(store, clock.now()).await?;
    }
    Ok(ended)
}

/// How it stands while another process delivers; None while letters are due within a minute.
async fn look(store: &Store, clock: Clock) -> store::Result<Option<Ended>> {
    let now = clock.now();
    let (due, trouble, held) = store
        .read(move |conn| {
            Ok((outbox::next_due(conn, now)?, notes::get(conn, Side::Relay)?, !outbox::in_states(conn, &["sending"], 1)?.is_empty()))
        })
        .await?;
    let far = |until| clock.until(until) > Duration::from_secs(60);
    if let Some(trouble) = trouble
        && (trouble.permanent || far(trouble.until()))
    {
        return Ok(Some(Ended::Trouble(trouble)));
    }
    Ok((!held && due.is_none_or(far)).then_some(Ended::Quiet))
}

/// Cancelled by Ctrl-C, by SIGTERM, and when the terminal is closed.
fn when_asked() -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let (mut interrupt, mut terminate, mut hangup) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    let asked = stop.clone();
    tokio::spawn(async move {
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {}, _ = hangup.recv() => {} }
        asked.cancel();
    });
    Ok(stop)
}
