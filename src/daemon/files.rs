//! The loop over a Maildir or an mbox: looked at every second, which costs a glance at two times where nothing changed.

use super::{Clock, rest};
use crate::{
    store::{
        Store,
        notes::{self, Side, Trouble},
    },
    work::{
        Step,
        maildir::Maildir,
        mbox::Mbox,
        receive::{Desk, Error},
    },
};
use jiff::SignedDuration;
use std::{path::PathBuf, time::Duration};
use tokio_util::sync::CancellationToken;

/// How often a folder is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// The rest after trouble with the database.
const STUMBLE: Duration = Duration::from_secs(5);

/// A folder on this machine that is watched.
#[derive(Clone, Debug)]
pub struct Files {
    pub kind: Kind,
    /// Absolute, so that the folder has the same name from wherever the program is started.
    pub path: PathBuf,
    pub desk: Desk,
}

/// How the messages lie there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Maildir,
    Mbox,
}

enum Open {
    Maildir(Box<Maildir>),
    Mbox(Box<Mbox>),
}

impl Files {
    /// How the folder is called in the database and in `status`.
    pub fn name(&self) -> String {
        let kind = match self.kind {
            Kind::Maildir => "maildir",
            Kind::Mbox => "mbox",
        };
        format!("{kind}:{}", self.path.display())
    }

    pub(super) fn side(&self) -> Side {
        match self.kind {
            Kind::Maildir => Side::Maildir,
            Kind::Mbox => Side::Mbox,
        }
    }

    async fn step(&self, open: &mut Option<Open>, store: &Store, clock: Clock) -> Result<Step, Error> {
        if open.is_none() {
            let (name, path, now) = (self.name(), self.path.clone(), clock.now());
            *open = match self.kind {
                Kind::Maildir => Maildir::open(store, &name, path, now).await?.map(|maildir| Open::Maildir(maildir.into())),
                Kind::Mbox => Mbox::open(store, &name, path, now).await?.map(|mbox| Open::Mbox(mbox.into())),
            };
        }
        match open {
            None => Ok(Step::Rest { until: None }),
            Some(Open::Maildir(maildir)) => maildir.step(store, &self.desk, clock.now()).await,
            Some(Open::Mbox(mbox)) => mbox.step(store, &self.desk, clock.now()).await,
        }
    }
}

/// Watches one folder until `stop`. A folder that is missing or cannot be read is waited for, and caught up.
pub async fn watch(files: Files, store: Store, clock: Clock, stop: CancellationToken) -> anyhow::Result<()> {
    let mut open = None;
    let mut told: Option<(String, bool)> = None;
    let mut heard = false;
    while !stop.is_cancelled() {
        let step = files.step(&mut open, &store, clock).await;
        let mut pause = LOOK;
        let trouble = match &step {
            Ok(_) => match &open {
                Some(Open::Maildir(maildir)) => maildir.trouble().map(|why| (why.to_owned(), false)),
                _ => None,
            },
            Err(Error::Store(error)) => {
                tracing::error!(%error, "the database cannot be read or written; no mail is read until it can");
                pause = STUMBLE;
                told.clone()
            }
            Err(error) => Some((error.to_string(), matches!(error, Error::Disk(error) if error.permanent()))),
        };
        if step.is_err() {
            open = None; // what is remembered may not be what the database holds
        }
        if trouble != told || !heard {
            let note = trouble.clone().map(|(why, permanent)| {
                Trouble::new(why, clock.now().saturating_add(SignedDuration::from_secs(1)).unwrap_or(clock.now()), permanent)
            });
            let side = files.side();
            heard = store.write(move |conn| notes::set(conn, side, note.as_ref())).await.is_ok();
            match &trouble {
                Some(_) => tracing::warn!(kind = ?files.kind, "a folder on this machine cannot be read; `convoke status` says why"),
                None if told.is_some() => tracing::info!(kind = ?files.kind, "the folder on this machine is read again"),
                None => {}
            }
            told = trouble;
        }
        match step {
            Ok(Step::Did) => continue,
            Ok(Step::Rest { until: Some(until) }) => pause = clock.until(until).min(LOOK),
            _ => {}
        }
        rest(pause, &stop).await;
    }
    Ok(())
}
