//! A campaign played in the sandbox: the real sender, the real mailbox loop, guests who answer, no real mail.

use super::usage;
use crate::{
    config::CampaignFile,
    daemon::{self, Clock, Reader, Works},
    model::{Certainty, Guest, Sender as Who},
    net::{Account, Auth, Secret, Security, imap, smtp},
    plan::Pace,
    sandbox::{Folder, Guests, Sandbox},
    store::{
        Connection, Store, notes, outbox,
        views::{self, GuestRow, Status},
    },
    work::{
        edition,
        invite::{self, Round},
        receive::Desk,
        send::{Sender, Terms},
    },
};
use anyhow::{Context as _, bail};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// How often the play is looked at, to see whether it is over.
const LOOK: Duration = Duration::from_millis(20);

/// What is played.
pub struct Play<'a> {
    /// Where the database stands, and letters and mails if the folder is to be kept.
    pub ground: &'a Ground,
    pub file: &'a CampaignFile,
    pub templates: &'a crate::compose::Templates,
    pub sender: &'a Who,
    pub list: &'a [Guest],
    pub guests: Guests,
    pub clock: Clock,
    /// The play is broken off after so long.
    pub limit: Duration,
}

/// What came of a play.
pub struct Played {
    pub store: Store,
    pub status: Status,
    pub guests: Vec<GuestRow>,
}

/// Plays a campaign to its end: every letter sent, every answer written and read.
pub async fn play(play: Play<'_>) -> anyhow::Result<Played> {
    let Play { ground, file, templates, sender, list, guests, clock, limit } = play;
    let database = &ground.path().join("convoke.db");
    let sandbox =
        Sandbox::start(guests, move || clock.now(), sender.reply_to.clone()).await.context("cannot start the sandbox on 127.0.0.1")?;
    let store = Store::open(database).with_context(|| format!("cannot open the database {}", database.display()))?;
    let now = clock.now();
    let checked = invite::check(templates, &file.campaign, sender, list, now).map_err(|flaws| super::letters::told(&flaws))?;
    let round = Round {
        campaign: file.campaign.clone(),
        file: super::desk::absolute(&file.path),
        content: edition::content(templates, &file.campaign, sender),
        guests: list.to_vec(),
        again: Vec::new(),
        subjects: checked.subjects,
    };
    invite::queue(&store, round, now, rand::random::<u64>).await?;

    let account = |port| Account {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        ca: None,
        user: Some("organiser".into()),
        auth: Auth::Password(Secret::new("rehearsal")),
    };
    let hello = sender.from.domain().to_owned();
    let outgoing = Sender::new(account(sandbox.smtp_port), hello, smtp::Timeouts::default(), Terms::new(Pace::free()));
    let ours = vec![sender.from.clone(), sender.reply_to.clone(), sender.bounce_to.clone()];
    let reader = Reader {
        account: account(sandbox.imap_port),
        timeouts: imap::Timeouts::default(),
        folders: vec!["INBOX".into()],
        desk: Desk { ours, authserv_id: None, certainty: Certainty::default() },
    };
    let works = Works {
        store: store.clone(),
        watch: Connection::open(database)?,
        footing: None,
        clock,
        sender: Some(outgoing),
        connections: 2,
        reader: Some(Arc::new(reader)),
        copyist: None,
        files: Vec::new(),
    };
    let stop = CancellationToken::new();
    let daemon = tokio::spawn(daemon::run(works, stop.clone()));
    let name = file.campaign.name.clone();
    let over = tokio::time::timeout(limit, async {
        loop {
            tokio::time::sleep(LOOK).await;
            if daemon.is_finished() || is_over(&store, &sandbox, &name).await? {
                return anyhow::Ok(());
            }
        }
    })
    .await;
    stop.cancel();
    daemon.await.context("the daemon fell over")??;
    match over {
        Ok(over) => over?,
        Err(_) => {
            let trouble = store.read(|conn| Ok((notes::get(conn, notes::Side::Relay)?, notes::get(conn, notes::Side::Mailbox)?))).await?;
            let why: Vec<String> = [trouble.0, trouble.1].into_iter().flatten().map(|trouble| trouble.why).collect();
            bail!("it was not over after {} seconds {}", limit.as_secs(), why.join("; "));
        }
    }
    let name = file.campaign.name.clone();
    let (status, guests) = store.read(move |conn| Ok((views::status(conn, &name)?, views::guests(conn, None)?))).await?;
    let status = status.context("the campaign is gone")?;
    if let Ground::Kept(folder) = ground {
        keep(folder, &sandbox)?;
    }
    Ok(Played { store, status, guests })
}

/// Every letter has left or failed, every guest has written, every mail was read.
async fn is_over(store: &Store, sandbox: &Sandbox, name: &str) -> anyhow::Result<bool> {
    let name = name.to_owned();
    let (waiting, status) =
        store.read(move |conn| Ok((outbox::in_states(conn, &["queued", "sending"], 1)?.len(), views::status(conn, &name)?))).await?;
    if waiting > 0 || !sandbox.settled() {
        return Ok(false);
    }
    let mails = sandbox.mailbox().messages(Folder::Inbox).len();
    Ok(status.is_some_and(|status| status.mail.get("total") == mails as u64))
}

/// Writes letters and mails into folders, to look at.
fn keep(folder: &Path, sandbox: &Sandbox) -> anyhow::Result<()> {
    let letters: Vec<Vec<u8>> = sandbox.letters().iter().map(|letter| letter.raw.to_vec()).collect();
    let mails: Vec<Vec<u8>> = sandbox.mailbox().messages(Folder::Inbox).iter().map(|mail| mail.raw.to_vec()).collect();
    for (name, messages) in [("letters", letters), ("mails", mails)] {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        for (number, raw) in messages.iter().enumerate() {
            let path = folder.join(format!("{:03}.eml", number + 1));
            std::fs::write(&path, raw).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(())
}

/// The folder of a play.
pub enum Ground {
    Kept(PathBuf),
    /// Gone when the play is over.
    Scratch(PathBuf),
}

impl Ground {
    /// The folder that is to be kept, or one for the while. One with files in it is refused: they may be the organiser's own, and a
    /// database of made-up answers among them would be taken for the real one.
    pub fn of(keep: Option<&Path>) -> anyhow::Result<Self> {
        let Some(folder) = keep else {
            let path = std::env::temp_dir().join(format!("convoke-{:016x}", rand::random::<u64>()));
            std::fs::create_dir(&path).with_context(|| format!("cannot make the folder {}", path.display()))?;
            return Ok(Self::Scratch(path));
        };
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        let mut files = std::fs::read_dir(folder).with_context(|| format!("cannot look into {}", folder.display()))?;
        if files.next().is_some() {
            return Err(usage(format!("{} holds files already; name a folder that is new or empty", folder.display())));
        }
        Ok(Self::Kept(folder.to_owned()))
    }

    pub fn path(&self) -> &Path {
        match self {
            Self::Kept(path) | Self::Scratch(path) => path,
        }
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Self::Scratch(path) = self {
            let _ = std::fs::remove_dir_all(path);
        }
    }
}
