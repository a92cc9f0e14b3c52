//! `convoke.toml`: how this installation reaches its mail.

use super::{
    Dkim, Environment, Provider, Rate, Refused, dkim,
    document::{Document, Table, Value, one_line},
    schema,
    server::{Ports, Server},
};
use crate::{
    model::{Address, Certainty, Sender, Token},
    net::{Account, dkim::Signers},
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use toml::de::DeValue;

/// After how many rejections in a row a campaign pauses itself, where the file does not say.
const PAUSE_AFTER: u32 = 10;

const CERTAINTY: [(&str, Certainty); 3] = [("strict", Certainty::Strict), ("normal", Certainty::Normal), ("lax", Certainty::Lax)];

/// One installation as meant. Paths are ready to be opened.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file itself, as the organiser named it.
    pub path: PathBuf,
    pub database: PathBuf,
    /// How sure the words of an answer must be to be recorded without a look.
    pub certainty: Certainty,
    pub sender: Sender,
    /// None where the file has no `[smtp]`; a command that sends asks [`Config::smtp`].
    pub smtp: Option<Smtp>,
    /// None where the file has no `[imap]`; a command that reads asks [`Config::imap`].
    pub imap: Option<Imap>,
    /// `[maildir]`: a Maildir where answers arrive, beside or instead of `[imap]`. It may not exist yet.
    pub maildir: Option<OnDisk>,
    /// `[mbox]`: an mbox file where answers arrive, beside or instead of `[imap]`. It may not exist yet.
    pub mbox: Option<OnDisk>,
    /// `[[dkim]]`: the keys that letters are signed with; none where a relay signs.
    pub dkim: Vec<Dkim>,
    /// What is odd but allowed: to be printed, not to stop at.
    pub warnings: Vec<Refused>,
}

/// `[smtp]`: the relay.
#[derive(Clone, Debug)]
pub struct Smtp {
    pub server: Server,
    /// How many connections at once, 1 to 50.
    pub connections: u32,
    /// Letters are spread evenly at this rate; None: they are not.
    pub rate: Option<Rate>,
    /// At most so many letters in any stretch of such a length; 0 to 8 of them, the provider's where the file names none.
    pub limits: Vec<Rate>,
    /// A campaign pauses itself after so many rejections in a row; 0: never.
    pub pause_after: u32,
}

/// `[imap]`: the mailbox where answers arrive.
#[derive(Clone, Debug)]
pub struct Imap {
    pub server: Server,
    /// 1 to 100 folders, each once, in the order of the file.
    pub folders: Vec<String>,
    /// The folder that gets a copy of each letter that was sent; None: no copies.
    pub sent: Option<String>,
    /// The name under which the receiving server writes Authentication-Results (RFC 8601 §2.5); None: they are not trusted.
    pub authserv_id: Option<String>,
}

/// `[maildir]` or `[mbox]`: answers that lie in files of this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnDisk {
    /// Relative to the folder of the file. Nothing was looked at yet.
    pub path: PathBuf,
    /// As in `[imap]`.
    pub authserv_id: Option<String>,
}

impl Smtp {
    /// See [`Server::account`].
    pub fn account(&self, environment: &Environment) -> Result<Account, Refused> {
        self.server.account(environment)
    }
}

impl Imap {
    /// See [`Server::account`].
    pub fn account(&self, environment: &Environment) -> Result<Account, Refused> {
        self.server.account(environment)
    }
}

impl Config {
    /// The relay, or why nothing can be sent.
    pub fn smtp(&self) -> Result<&Smtp, Refused> {
        self.smtp.as_ref().ok_or_else(|| self.without("smtp", "to send letters"))
    }

    /// Reads every key of `[[dkim]]`. Call it once for each start of the program, before the first letter.
    pub fn signers(&self) -> Result<Signers, Refused> {
        self.dkim.iter().map(Dkim::signer).collect::<Result<_, _>>().map(Signers::new)
    }

    /// The mailbox, or why nothing can be read.
    pub fn imap(&self) -> Result<&Imap, Refused> {
        self.imap.as_ref().ok_or_else(|| self.without("imap", "to read answers"))
    }

    fn without(&self, table: &str, purpose: &str) -> Refused {
        let message = format!("the file has no [{table}] table; add [{table}] with host, user and password {purpose}");
        Refused { file: self.path.clone(), line: None, column: None, message }
    }
}

/// Reads `convoke.toml`. Opens no secret and runs no command; of secret files only the permissions are looked at.
pub fn load(path: &Path) -> Result<Config, Refused> {
    let document = Arc::new(Document::open(path, "convoke init writes a first one, and --config PATH names another")?);
    let root = document.table(&schema::INSTALLATION, (schema::CAMPAIGN_FILE, &schema::CAMPAIGN))?;
    let mut warnings = Vec::new();
    let database = root.need("database")?.path()?;
    let certainty = root.get("certainty").map_or(Ok(Certainty::default()), |value| value.choice(&CERTAINTY))?;
    let sender = sender(&root.need("sender")?.table()?)?;
    let smtp = root.get("smtp").map(|value| smtp(&value.table()?, &document, &mut warnings)).transpose()?;
    let imap = root.get("imap").map(|value| imap(&value.table()?, &document, &mut warnings)).transpose()?;
    let maildir = root.get("maildir").map(|value| on_disk(&value.table()?)).transpose()?;
    let mbox = root.get("mbox").map(|value| on_disk(&value.table()?)).transpose()?;
    let dkim = root.get("dkim").map_or(Ok(Vec::new()), |value| dkim::all(&value.tables()?, &document, &mut warnings))?;
    Ok(Config { path: path.to_owned(), database, certainty, sender, smtp, imap, maildir, mbox, dkim, warnings })
}

fn smtp(table: &Table<'_>, document: &Arc<Document>, warnings: &mut Vec<Refused>) -> Result<Smtp, Refused> {
    let server = Server::of(table, document, &Ports { tls: 465, starttls: 587, none: 25 }, warnings)?;
    let provider = table.get("provider").map(|value| value.choice(&Provider::WORDS)).transpose()?;
    let usual = provider.map_or(2, Provider::connections);
    let connections = table.get("connections").map_or(Ok(usual), |value| value.number(1..=50))?;
    let rate = table.get("rate").map(|value| Rate::parse(value.text()?).map_err(|why| value.refused(why))).transpose()?;
    let limits = match table.get("limits") {
        Some(value) => limits(&value)?,
        None => provider.map(Provider::limits).unwrap_or_default(),
    };
    let pause_after = table.get("pause_after").map_or(Ok(PAUSE_AFTER), |value| value.number(0..=1_000_000))?;
    Ok(Smtp { server, connections, rate, limits, pause_after })
}

fn limits(value: &Value<'_, '_>) -> Result<Vec<Rate>, Refused> {
    let DeValue::Array(typed) = value.value else { return Err(value.wrong("a list of limits")) };
    if typed.len() > 8 {
        return Err(value.refused("must hold at most 8 limits, such as [\"25/min\", \"500/day\"]"));
    }
    typed
        .iter()
        .map(|item| {
            let DeValue::String(text) = item.get_ref() else {
                return Err(value.refused("must hold only limits in quotes, such as [\"25/min\", \"500/day\"]"));
            };
            Rate::parse(text).map_err(|why| value.refused(format!("holds \"{}\", which {why}", text.escape_debug())))
        })
        .collect()
}

fn imap(table: &Table<'_>, document: &Arc<Document>, warnings: &mut Vec<Refused>) -> Result<Imap, Refused> {
    let server = Server::of(table, document, &Ports { tls: 993, starttls: 143, none: 143 }, warnings)?;
    let folders = table.get("folders").map_or(Ok(vec!["INBOX".to_owned()]), |value| folders(&value))?;
    let sent = table.get("sent").map(|value| value.text().map(str::to_owned)).transpose()?;
    let authserv_id = table.get("authserv_id").map(|value| value.text().map(str::to_owned)).transpose()?;
    Ok(Imap { server, folders, sent, authserv_id })
}

fn on_disk(table: &Table<'_>) -> Result<OnDisk, Refused> {
    let path = table.need("path")?.path()?;
    let authserv_id = table.get("authserv_id").map(|value| value.text().map(str::to_owned)).transpose()?;
    Ok(OnDisk { path, authserv_id })
}

fn folders(value: &Value<'_, '_>) -> Result<Vec<String>, Refused> {
    let DeValue::Array(typed) = value.value else { return Err(value.wrong("a list of folder names")) };
    let mut folders: Vec<String> = Vec::new();
    for item in typed {
        let DeValue::String(name) = item.get_ref() else {
            return Err(value.refused("must hold only folder names in quotes, such as [\"INBOX\", \"Junk\"]"));
        };
        let name = one_line(name).map_err(|why| value.refused(format!("holds a name that {why}")))?;
        // INBOX is the one folder whose case does not count (RFC 9051 §5.1).
        let name = if name.eq_ignore_ascii_case("INBOX") { "INBOX" } else { name };
        if folders.iter().any(|known| known == name) {
            return Err(value.refused(format!("names the folder \"{name}\" twice; remove one")));
        }
        folders.push(name.to_owned());
    }
    if folders.is_empty() || folders.len() > 100 {
        return Err(value.refused("must name from 1 to 100 folders, such as [\"INBOX\", \"Junk\"]"));
    }
    Ok(folders)
}

fn sender(table: &Table<'_>) -> Result<Sender, Refused> {
    let (name, from) = mailbox(&table.need("from")?)?;
    let reply_to = table.get("reply_to").map_or(Ok(from.clone()), |value| bare(&value))?;
    let bounce_to = table.get("bounce_to").map_or(Ok(reply_to.clone()), |value| bare(&value))?;
    let mut plus_addressing = false;
    if let Some(value) = table.get("plus_addressing") {
        plus_addressing = value.truth()?;
        // RFC 5321 §4.5.3.1.1: 64 octets before the @, the tag and its + among them.
        let room = 64 - 1 - Token::LEN;
        if let (true, Some(long)) = (plus_addressing, [&reply_to, &bounce_to].into_iter().find(|address| address.local().len() > room)) {
            return Err(
                value.refused(format!("makes {long} too long for a mail server; use an address of at most {room} characters before the @"))
            );
        }
    }
    Ok(Sender { name, from, reply_to, bounce_to, plus_addressing })
}

/// `Name <local@domain>`, or the address alone; quotes around the name are dropped.
fn mailbox(value: &Value<'_, '_>) -> Result<(String, Address), Refused> {
    let text = value.text()?;
    let (name, address) = match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((name, address)) => (name.trim(), address),
        None if text.contains(['<', '>']) => {
            return Err(value.refused(format!("has a < or > too many or too few; write from = {}", value.key.example)));
        }
        None => ("", text),
    };
    if name.contains(['<', '>']) {
        return Err(value.refused(format!("has a < or > too many or too few; write from = {}", value.key.example)));
    }
    let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name).trim();
    Ok((name.to_owned(), address_of(value, address)?))
}

fn bare(value: &Value<'_, '_>) -> Result<Address, Refused> {
    let text = value.text()?;
    match text.split_once('<') {
        Some((name, _)) if !name.trim().is_empty() => {
            Err(value.refused(format!("must be an address without a name; write {} = {}", value.key.name, value.key.example)))
        }
        _ => address_of(value, text),
    }
}

fn address_of(value: &Value<'_, '_>, text: &str) -> Result<Address, Refused> {
    Address::parse(text).map_err(|why| {
        value.refused(format!("is not an email address: \"{text}\": {why}; write {} = {}", value.key.name, value.key.example))
    })
}
