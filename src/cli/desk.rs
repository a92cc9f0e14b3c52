//! What most commands begin with: the configuration, the database, the campaign, the guest.

use super::{usage, words::complain};
use crate::{
    config::{self, CampaignFile, Config, Environment},
    daemon::{Copyist, Reader},
    model::Campaign,
    net::{imap, smtp},
    plan::{Limit, Limits, Pace},
    store::{
        self, Store,
        campaigns::{self, Known},
        lock::Lock,
        views::{self, GuestRow},
    },
    work::{
        receive,
        send::{Sender, Terms},
    },
};
use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The configuration, with its warnings told.
pub fn configuration(path: &Path) -> anyhow::Result<Config> {
    let config = config::load(path)?;
    for warning in &config.warnings {
        complain(format_args!("warning: {warning}"));
    }
    Ok(config)
}

/// The database, made where it is missing.
pub fn database(config: &Config) -> anyhow::Result<Store> {
    opened(config, Store::open(&config.database))
}

/// The database, for the daemon, which holds its lock.
pub fn database_under(config: &Config, lock: &Lock) -> anyhow::Result<Store> {
    opened(config, Store::open_under(&config.database, lock))
}

fn opened(config: &Config, store: store::Result<Store>) -> anyhow::Result<Store> {
    store.map_err(|error| {
        let as_it_is = matches!(error, store::Error::Damaged(_) | store::Error::TooNew | store::Error::Older { .. });
        let cure = misplaced(&config.database).unwrap_or(if as_it_is {
            "cannot be used"
        } else {
            "cannot be opened; check that the path is right, that you may write there, and that the disk is not full"
        });
        // The error says itself what lies beneath it.
        anyhow!("{}: {error}", about(config, cure))
    })
}

fn about(config: &Config, what: &str) -> String {
    format!("the database {}, named in {}, {what}", config.database.display(), config.path.display())
}

/// Why no database can be at this path, with the cure.
fn misplaced(path: &Path) -> Option<&'static str> {
    if path.is_dir() {
        Some("is a folder; name a file")
    } else if !folder_of(path).is_dir() {
        Some("is in a folder that does not exist; make the folder")
    } else {
        None
    }
}

/// The folder that a file lies in or will lie in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Why `send` could not open the database or make it, without making it; None where it could.
pub fn no_database(config: &Config) -> Option<String> {
    let path = &config.database;
    if let Some(cure) = misplaced(path) {
        return Some(about(config, cure));
    }
    // SQLite and the lock write files beside it, so the folder counts also where the database is there.
    let trial = folder_of(path).join(format!(".convoke-{:016x}", rand::random::<u64>()));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&trial);
    let _ = std::fs::remove_file(&trial);
    if let Err(error) = made {
        return Some(about(config, &format!("is in a folder that you may not write into ({error}); change its owner or its permissions")));
    }
    if path.exists()
        && let Err(error) = std::fs::OpenOptions::new().write(true).open(path)
    {
        return Some(about(config, &format!("may not be written by you ({error}); change its owner or its permissions")));
    }
    None
}

/// The database, or an empty one in memory where there is none yet: for a look that leaves no trace.
pub fn database_or_none(config: &Config) -> anyhow::Result<Store> {
    if config.database.exists() { database(config) } else { Ok(Store::open(Path::new(":memory:"))?) }
}

/// The database that a `send` made; one that is missing is a plain answer, not a new file.
pub fn existing_database(config: &Config) -> anyhow::Result<Store> {
    if !config.database.exists() {
        return Err(usage(format!(
            "there is no database {} yet: nobody was invited; start with `convoke send CAMPAIGN`",
            config.database.display()
        )));
    }
    database(config)
}

/// What has passed already, as half a sentence each.
pub fn too_late(campaign: &Campaign, now: Timestamp) -> Vec<String> {
    let (start, zone) = (&campaign.event.start, campaign.event.start.time_zone());
    let today = now.to_zoned(zone.clone()).date();
    if start.timestamp() <= now {
        return vec![format!("the event began on {}", start.date())];
    }
    campaign.deadline.filter(|day| *day < today).map(|day| format!("the deadline {day} is past")).into_iter().collect()
}

/// The sender of this installation. Asks for the secrets, so only for commands that sign in.
pub fn sender(config: &Config, environment: &Environment) -> anyhow::Result<Sender> {
    let smtp = config.smtp()?;
    let account = smtp.account(environment)?;
    let pace = smtp.rate.as_ref().map_or_else(Pace::free, |rate| Pace::of(rate.letters, rate.per));
    let limits: Vec<Limit> = smtp.limits.iter().map(|rate| Limit { letters: rate.letters, per: rate.per }).collect();
    let terms = Terms {
        limits: Limits::new(&limits),
        connections: smtp.connections,
        pause_after: smtp.pause_after,
        signers: config.signers()?,
        chance: Box::new(rand::random),
        ..Terms::new(pace)
    };
    let hello = config.sender.from.domain().to_owned();
    Ok(Sender::new(account, hello, smtp::Timeouts::default(), terms))
}

/// The mailbox of this installation.
pub fn reader(config: &Config, environment: &Environment) -> anyhow::Result<Arc<Reader>> {
    let imap = config.imap()?;
    let account = imap.account(environment)?;
    let desk = reading(config, imap.authserv_id.clone());
    Ok(Arc::new(Reader { account, timeouts: imap::Timeouts::default(), folders: imap.folders.clone(), desk }))
}

/// Who puts copies of sent letters into the Sent folder; None where the organiser wants none.
pub fn copyist(config: &Config, environment: &Environment) -> anyhow::Result<Option<Arc<Copyist>>> {
    let Some((imap, folder)) = config.imap.as_ref().and_then(|imap| Some((imap, imap.sent.clone()?))) else { return Ok(None) };
    let account = imap.account(environment)?;
    Ok(Some(Arc::new(Copyist { account, timeouts: imap::Timeouts::default(), folder, editions: Default::default() })))
}

/// What is to be known beside the mails of one source.
pub fn reading(config: &Config, authserv_id: Option<String>) -> receive::Desk {
    let sender = &config.sender;
    let mut ours = vec![sender.from.clone(), sender.reply_to.clone(), sender.bounce_to.clone()];
    ours.dedup();
    receive::Desk { ours, authserv_id, certainty: config.certainty }
}

/// A campaign as the organiser named it.
pub async fn campaign_file(config: &Config, which: Option<&str>) -> anyhow::Result<CampaignFile> {
    let path = match which {
        Some(word) if looks_like_file(word) => PathBuf::from(word),
        Some(name) => {
            // The file that the database remembers, unless it has moved.
            let mut beside = Beside::of(config)?;
            let known = known(config).await?.into_iter().find(|known| known.campaign.name == name).map(|known| PathBuf::from(known.file));
            match (known.filter(|path| path.is_file()), beside.one(name)?) {
                (Some(path), _) | (None, Some(path)) => path,
                (None, None) => return Err(unknown(config, name, beside).await?),
            }
        }
        None => {
            let beside = Beside::of(config)?;
            let mut found = beside.all()?;
            for known in known(config).await? {
                found.entry(known.campaign.name).or_insert_with(|| known.file.into());
            }
            let names: Vec<String> = found.keys().cloned().collect();
            match (found.pop_first(), found.is_empty()) {
                (Some((_, path)), true) => path,
                (None, _) => return Err(NoCampaign.into()),
                (Some(_), false) => return Err(usage(format!("there are several campaigns; name one of: {}", names.join(", ")))),
            }
        }
    };
    Ok(config::load_campaign(&path)?)
}

/// Nothing beside the configuration is a campaign.
#[derive(Debug, thiserror::Error)]
#[error("there is no campaign; name a campaign file, or write one with `convoke init`")]
pub struct NoCampaign;

fn looks_like_file(word: &str) -> bool {
    word.ends_with(".toml") || word.contains('/') || Path::new(word).is_file()
}

async fn known(config: &Config) -> anyhow::Result<Vec<Known>> {
    if !config.database.exists() {
        return Ok(Vec::new());
    }
    Ok(database(config)?.read(campaigns::all).await?)
}

/// The campaign files beside the configuration.
struct Beside {
    /// By name; two files may bear one name.
    found: BTreeMap<String, Vec<PathBuf>>,
    /// Files that are meant as campaigns and are wrong.
    wrong: Vec<(PathBuf, config::Refused)>,
}

impl Beside {
    /// Files that are not meant as campaigns are passed over.
    fn of(config: &Config) -> anyhow::Result<Self> {
        let folder = config.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut beside = Self { found: BTreeMap::new(), wrong: Vec::new() };
        let cannot = || format!("cannot look into {}", folder.display());
        let mut paths = Vec::new();
        for entry in std::fs::read_dir(folder).with_context(cannot)? {
            paths.push(entry.with_context(cannot)?.path());
        }
        paths.sort();
        for path in paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml")) {
            match config::load_campaign(&path) {
                Ok(file) => beside.found.entry(file.campaign.name).or_default().push(path),
                Err(refused) if is_meant_as_campaign(&path) => beside.wrong.push((path, refused)),
                Err(_) => {}
            }
        }
        Ok(beside)
    }

    /// The file of a campaign; one that is wrong is found by the name of its file, and refused.
    fn one(&mut self, name: &str) -> anyhow::Result<Option<PathBuf>> {
        if let Some(at) = self.wrong.iter().position(|(path, _)| path.file_stem().is_some_and(|stem| stem == name)) {
            return Err(self.wrong.swap_remove(at).1.into());
        }
        self.found.remove(name).map(|paths| only(name, paths)).transpose()
    }

    /// Every campaign; a wrong file is refused, because it may be the one that is meant.
    fn all(self) -> anyhow::Result<BTreeMap<String, PathBuf>> {
        if let Some((_, refused)) = self.wrong.into_iter().next() {
            return Err(refused.into());
        }
        self.found.into_iter().map(|(name, paths)| only(&name, paths).map(|path| (name, path))).collect()
    }
}

fn only(name: &str, mut paths: Vec<PathBuf>) -> anyhow::Result<PathBuf> {
    match (paths.pop(), paths.first()) {
        (Some(path), None) => Ok(path),
        (last, first) => {
            let show = |path: Option<&Path>| path.map(|path| path.display().to_string()).unwrap_or_default();
            let (first, last) = (show(first.map(PathBuf::as_path)), show(last.as_deref()));
            Err(usage(format!("{first} and {last} both have name = \"{name}\"; give each campaign a name of its own")))
        }
    }
}

/// A TOML file with an event or a contact list is meant as a campaign, also where it cannot be parsed.
fn is_meant_as_campaign(path: &Path) -> bool {
    let text = std::fs::read(path).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("[event") || line.strip_prefix("contacts").is_some_and(|rest| rest.trim_start().starts_with('='))
    })
}

async fn unknown(config: &Config, name: &str, beside: Beside) -> anyhow::Result<anyhow::Error> {
    let mut names: Vec<String> = known(config).await?.into_iter().map(|known| known.campaign.name).collect();
    names.extend(beside.found.into_keys());
    names.sort();
    names.dedup();
    let choices = if names.is_empty() { "none is known yet".to_owned() } else { format!("known: {}", names.join(", ")) };
    Ok(usage(format!("there is no campaign {name:?} ({choices}); name one of them, or a campaign file")))
}

/// A campaign that somebody was invited to, by name or by its file; left out, the only one.
pub async fn known_campaign(store: &Store, which: Option<&str>) -> anyhow::Result<Known> {
    let all = store.read(campaigns::all).await?;
    let names = all.iter().map(|known| known.campaign.name.clone()).collect::<Vec<_>>().join(", ");
    let name = match which {
        Some(word) if looks_like_file(word) => Some(config::load_campaign(Path::new(word))?.campaign.name),
        Some(word) => Some(word.to_owned()),
        None => None,
    };
    match name {
        Some(name) => all.into_iter().find(|known| known.campaign.name == name).ok_or_else(|| {
            let choices = if names.is_empty() { "nobody was invited to anything yet".to_owned() } else { format!("known: {names}") };
            usage(format!("nobody was invited to a campaign {name:?} ({choices})"))
        }),
        None => {
            let mut all = all.into_iter();
            match (all.next(), all.next()) {
                (Some(only), None) => Ok(only),
                (None, _) => Err(usage("nobody was invited yet; start with `convoke send CAMPAIGN`")),
                (Some(_), Some(_)) => Err(usage(format!("there are several campaigns; name one of: {names}"))),
            }
        }
    }
}

/// The one guest that is meant by an address (also the one in the list, where it was mended) or a token.
pub async fn guest(store: &Store, word: &str, campaign: Option<&str>) -> anyhow::Result<GuestRow> {
    Guests::of(store, campaign).await?.one(word).cloned()
}

/// The guests of a campaign, or of all, among whom some are named: read once, however many that are.
pub struct Guests {
    all: Vec<GuestRow>,
    known: Vec<Known>,
}

impl Guests {
    pub async fn of(store: &Store, campaign: Option<&str>) -> anyhow::Result<Self> {
        let campaign = match campaign {
            Some(_) => Some(known_campaign(store, campaign).await?.id),
            None => None,
        };
        let look = move |conn: &store::Connection| Ok((views::guests(conn, campaign)?, campaigns::all(conn)?));
        let (all, known) = store.read(look).await?;
        Ok(Self { all, known })
    }

    /// As [`guest`].
    pub fn one(&self, word: &str) -> anyhow::Result<&GuestRow> {
        let (all, wanted) = (&self.all, as_kept(word));
        let mut found: Vec<&GuestRow> = all.iter().filter(|guest| guest.email == wanted || guest.token == wanted).collect();
        if found.is_empty() {
            found = all.iter().filter(|guest| guest.listed == wanted).collect();
        }
        match found.as_slice() {
            [one] => Ok(one),
            [] => {
                let near = all.iter().map(|g| (strsim::jaro_winkler(&g.email, &wanted), &g.email)).max_by(|a, b| a.0.total_cmp(&b.0));
                let near = near.filter(|(score, _)| *score > 0.85);
                let hint = near.map_or_else(|| ";".to_owned(), |(_, email)| format!("; did you mean {email}?"));
                Err(usage(format!("no guest has the address or token {word:?}{hint} `convoke guests --find {word:?}` looks for a name")))
            }
            several => {
                let name = |id| self.known.iter().find(|known| known.id == id).map_or("", |known| known.campaign.name.as_str());
                let choices: Vec<String> =
                    several.iter().map(|g| format!("  {}  {} <{}>  ({})", g.token, g.name, g.email, name(g.campaign))).collect();
                Err(usage(format!("{word:?} means several guests; use the token:\n{}", choices.join("\n"))))
            }
        }
    }
}

/// An address as it is kept, however it was typed; what is none, in lower case.
pub fn as_kept(word: &str) -> String {
    crate::model::Address::parse(word).map_or_else(|_| word.trim().to_lowercase(), |address| address.to_string())
}

/// The path as it is kept in the database.
pub fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// A new file; one that is there is not touched.
pub fn create(path: &Path) -> anyhow::Result<std::fs::File> {
    std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| not_created(path, error))
}

/// Why there is no new file, with the cure.
pub fn not_created(path: &Path, error: std::io::Error) -> anyhow::Error {
    match error.kind() {
        std::io::ErrorKind::AlreadyExists => usage(format!("{} exists and is not overwritten; name another file", path.display())),
        std::io::ErrorKind::NotFound => anyhow!(error).context(format!("cannot write {}; make its folder first", path.display())),
        _ => anyhow!(error).context(format!("cannot write {}; check the path and its permissions", path.display())),
    }
}
