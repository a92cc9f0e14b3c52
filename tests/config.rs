//! Both kinds of file: what is taken, and what every mistake is answered with, word for word.

#[path = "config/bad.rs"]
mod bad;

use convoke::{
    config::{CampaignFile, Config, Environment, Rate, Refused, SignIn, load, load_campaign, starter_campaign, starter_config},
    model::{CalendarPolicy, Lang, Localised},
    net::{Auth, Security},
};
use jiff::{SignedDuration, civil::date};
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

/// A folder of its own, where files are written and loaded.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).expect("written");
        path
    }

    fn config(&self, bytes: impl AsRef<[u8]>) -> Result<Config, String> {
        load(&self.file("convoke.toml", bytes)).map_err(|refused| self.said(&refused))
    }

    fn campaign(&self, bytes: impl AsRef<[u8]>) -> Result<CampaignFile, String> {
        load_campaign(&self.file("workshop.toml", bytes)).map_err(|refused| self.said(&refused))
    }

    /// The message as seen by someone who stands in the folder.
    fn said(&self, refused: &Refused) -> String {
        refused.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn campaign_text() -> String {
    starter_campaign("workshop", date(2026, 12, 10), "Europe/Bucharest")
}

/// The text with one line exchanged; the line is found by how it begins.
fn with(text: &str, begins: &str, line: &str) -> String {
    let mut found = 0;
    let exchanged: Vec<&str> = text
        .lines()
        .map(|old| {
            let hit = old.starts_with(begins) && found == 0;
            found += usize::from(hit);
            if hit { line } else { old }
        })
        .collect();
    assert_eq!(found, 1, "no line begins with {begins}");
    exchanged.join("\n")
}

/// The first `password` (that of `[smtp]`) exchanged, and fetched.
fn password(desk: &Desk, line: &str, environment: &Environment) -> Result<String, String> {
    let config = desk.config(with(starter_config(), "password", line))?;
    let account = config.smtp().and_then(|smtp| smtp.account(environment)).map_err(|refused| desk.said(&refused))?;
    match account.auth {
        Auth::Password(secret) => Ok(secret.reveal().to_owned()),
        Auth::Fetched(fetch) => Ok(fetch.now().expect("it was fetched a moment before").reveal().to_owned()),
        other => panic!("{other:?}"),
    }
}

fn none() -> Environment {
    Environment::default()
}

#[test]
fn the_starter_is_what_it_says() {
    let desk = Desk::new();
    let config = desk.config(starter_config()).expect("good");
    assert_eq!(config.database, desk.0.path().join("convoke.db"));
    assert_eq!(config.sender.name, "Primăria Exemplu");
    assert_eq!(config.sender.from.as_str(), "workshop@primaria.example");
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    let environment: Environment = [("CONVOKE_SMTP_PASSWORD", "out"), ("CONVOKE_IMAP_PASSWORD", "in\n")].into_iter().collect();
    let smtp = config.smtp().expect("[smtp]");
    assert_eq!((smtp.connections, smtp.rate), (2, Some(Rate { letters: 25, per: SignedDuration::from_mins(1) })));
    let account = smtp.account(&environment).expect("a password");
    assert_eq!((account.host.as_str(), account.port, account.security), ("smtp.primaria.example", 465, Security::Tls));
    let imap = config.imap().expect("[imap]");
    assert_eq!(imap.folders, ["INBOX", "Junk"]);
    assert!(matches!(imap.account(&environment).expect("a password").auth, Auth::Password(secret) if secret.reveal() == "in"));

    let file = desk.campaign(campaign_text()).expect("good");
    assert_eq!(file.contacts, desk.0.path().join("contacts/workshop.csv"));
    assert_eq!(file.campaign.deadline, Some(date(2026, 12, 4)));
    assert_eq!(file.campaign.event.start.to_string(), "2026-12-10T13:15:00+02:00[Europe/Bucharest]");
    let [ro, en] = ["ro", "en"].map(|code| Lang::parse(code).expect("a code"));
    assert_eq!(file.campaign.event.title.get(&en, &ro), "ECoC-SME online workshop");
}

#[test]
fn little_is_needed() {
    let desk = Desk::new();
    let config = desk.config("database='a.db'\n[sender]\nfrom='a@b.example'\n").expect("good");
    assert_eq!((config.sender.name.as_str(), config.sender.bounce_to.as_str()), ("", "a@b.example"));
    assert_eq!(
        config.smtp().map_err(|refused| desk.said(&refused)).err().as_deref(),
        Some("convoke.toml: the file has no [smtp] table; add [smtp] with host, user and password to send letters")
    );
    assert_eq!(
        config.imap().map_err(|refused| desk.said(&refused)).err().as_deref(),
        Some("convoke.toml: the file has no [imap] table; add [imap] with host, user and password to read answers")
    );
}

#[test]
fn a_provider_stands_for_its_limits_and_keys_win() {
    let desk = Desk::new();
    let smtp = |keys: &str| {
        let text = format!("database='a.db'\n[sender]\nfrom='a@b.example'\n[smtp]\nhost='localhost'\nsecurity='none'\n{keys}");
        desk.config(&text).expect("good").smtp.expect("[smtp]")
    };
    let rate = |letters, seconds| Rate { letters, per: SignedDuration::from_secs(seconds) };
    let plain = smtp("");
    assert_eq!((plain.limits, plain.connections, plain.pause_after), (vec![], 2, 10));
    let exchange = smtp("provider = 'exchange-online'");
    assert_eq!((exchange.limits, exchange.connections), (vec![rate(25, 60), rate(10_000, 86_400)], 2));
    let gmail = smtp("provider = 'gmail'\nconnections = 3");
    assert_eq!((gmail.limits, gmail.connections), (vec![rate(500, 86_400)], 3));
    let own = smtp("provider = 'google-workspace'\nlimits = ['5/s', '100/h']\npause_after = 0");
    assert_eq!((own.limits, own.connections, own.pause_after), (vec![rate(5, 1), rate(100, 3600)], 2, 0));
    let relay = smtp("provider = 'relay'");
    assert_eq!((relay.limits, relay.connections), (vec![], 5));
    assert_eq!(smtp("provider = 'gmail'\nlimits = []").limits, []);
}

#[test]
fn hours_are_read_with_their_zone() {
    let desk = Desk::new();
    let text = campaign_text().replacen("[event]", "hours = '08:00-20:00 Europe/Bucharest'\n\n[event]", 1);
    let hours = desk.campaign(&text).expect("good").campaign.hours.expect("hours");
    assert_eq!(hours.to_string(), "08:00-20:00 Europe/Bucharest");
}

#[test]
fn the_forms_that_the_starter_does_not_show() {
    let desk = Desk::new();
    let text = "
        database = '/var/a.db'
        [sender]
        from = '\"Pop, Ana\" <Ana+x@B.example>'
        reply_to = 'r@b.example'
        plus_addressing = true
        [smtp]
        host = 'localhost'
        security = 'none'
        [imap]
        host = '[::1]'
        security = 'starttls'
        user = 'u'
        oauth2 = { token_command = 'print-token' }
        sent = 'Sent'
        authserv_id = 'mx.b.example'";
    let config = desk.config(text).expect("good");
    assert_eq!(config.database, PathBuf::from("/var/a.db"));
    assert_eq!((config.sender.name.as_str(), config.sender.from.as_str()), ("Pop, Ana", "ana+x@b.example"));
    assert_eq!((config.sender.bounce_to.as_str(), config.sender.plus_addressing), ("r@b.example", true));
    let smtp = config.smtp().and_then(|smtp| smtp.account(&none())).expect("no secret");
    assert_eq!((smtp.port, smtp.security, smtp.user), (25, Security::None, None));
    assert!(matches!(smtp.auth, Auth::None));
    let account = config.imap().and_then(|imap| imap.account(&none())).expect("no secret yet");
    assert_eq!((account.host.as_str(), account.port), ("::1", 143));
    assert!(matches!(&account.auth, Auth::TokenCommand(command) if command == "print-token"));
    let imap = config.imap().expect("[imap]");
    assert_eq!((imap.folders.as_slice(), imap.authserv_id.as_deref()), (["INBOX".to_owned()].as_slice(), Some("mx.b.example")));
    assert_eq!(imap.sent.as_deref(), Some("Sent"));
}

#[test]
fn answers_may_lie_in_files_of_this_machine() {
    let desk = Desk::new();
    let least = "database='a.db'\n[sender]\nfrom='a@b.example'\n";
    let config = desk
        .config(format!("{least}[maildir]\npath='mail/Maildir'\n[mbox]\npath='/var/mail/a'\nauthserv_id='mx.b.example'"))
        .expect("good");
    let (maildir, mbox) = (config.maildir.expect("[maildir]"), config.mbox.expect("[mbox]"));
    assert_eq!((maildir.path, maildir.authserv_id), (desk.0.path().join("mail/Maildir"), None));
    assert_eq!((mbox.path, mbox.authserv_id.as_deref()), (PathBuf::from("/var/mail/a"), Some("mx.b.example")));
    for (wrong, said) in [
        ("[maildir]", "convoke.toml, line 4: missing: `path` in [maildir]; add path = \"Maildir\""),
        ("[mbox]\npath = 7", "convoke.toml, line 5: `path` must be a text in quotes, not a number; write path = \"/var/mail/workshop\""),
        ("[mbox]\npath = '~/mbox'", "convoke.toml, line 5: `path` begins with ~, which only a shell understands; write the whole path"),
        ("[maildir]\nfolders = ['INBOX']", "convoke.toml, line 5: unknown key `folders` in [maildir]; it belongs in [imap]"),
    ] {
        assert_eq!(desk.config(format!("{least}{wrong}")).err().as_deref(), Some(said));
    }
}

#[test]
fn a_sign_in_without_tls_stays_on_this_machine() {
    let desk = Desk::new();
    for host in ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"] {
        let text = with(&with(starter_config(), "host", &format!("host = \"{host}\"")), "security", "security = \"none\"");
        let smtp = desk.config(text).expect(host).smtp.expect("[smtp]");
        assert!(matches!(smtp.server.sign_in, SignIn::Password(_)));
    }
}

#[test]
fn files_as_editors_save_them() {
    let desk = Desk::new();
    let dos = starter_config().replace('\n', "\r\n");
    assert!(desk.config(format!("\u{FEFF}{dos}")).is_ok());
    let broken = format!("\u{FEFF}{}", with(starter_config(), "port", "prot = 465").replace('\n', "\r\n"));
    let line = 1 + starter_config().lines().position(|line| line.starts_with("port")).expect("a port");
    assert_eq!(desk.config(broken).err(), Some(format!("convoke.toml, line {line}: unknown key `prot`; did you mean `port`?")));
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(starter_config().encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(desk.config(utf16).err().as_deref(), Some("convoke.toml: the file is saved as UTF-16; save it as UTF-8"));
    let latin = b"database = \"a.db\"\n[sender]\nfrom = \"Prim\xE3ria <a@b.example>\"\n";
    let refused = load(&desk.file("latin.toml", latin)).expect_err("not UTF-8");
    assert_eq!((refused.line, refused.column), (Some(3), Some(13)));
    assert_eq!(desk.said(&refused), "latin.toml, line 3: a character here is not UTF-8; save the file as UTF-8");
    let large = "convoke.toml: is larger than 1 MiB, so it is not a configuration file; check the path";
    assert_eq!(desk.config(vec![b'#'; (1 << 20) + 1]).err().as_deref(), Some(large));
}

#[test]
fn files_that_are_not_there() {
    let desk = Desk::new();
    let said = |name: &str| load(&desk.0.path().join(name)).map_err(|refused| desk.said(&refused)).err();
    let none = "none.toml: there is no such file; convoke init writes a first one, and --config PATH names another";
    assert_eq!(said("none.toml").as_deref(), Some(none));
    fs::create_dir(desk.0.path().join("folder")).expect("made");
    assert_eq!(said("folder").as_deref(), Some("folder: this is a folder, not a file; name the file inside it"));
    let campaign = load_campaign(&desk.0.path().join("none.toml")).map_err(|refused| desk.said(&refused)).err();
    assert_eq!(
        campaign.as_deref(),
        Some("none.toml: there is no such file; check the path, or let convoke init write a first campaign file")
    );
}

#[test]
fn every_mistake_in_an_installation_file() {
    let desk = Desk::new();
    for (begins, line, said) in bad::INSTALLATION {
        assert_eq!(desk.config(with(starter_config(), begins, line)).err().as_deref(), Some(*said), "{line}");
    }
}

#[test]
fn every_mistake_in_a_campaign_file() {
    let desk = Desk::new();
    for (begins, line, said) in bad::CAMPAIGN {
        assert_eq!(desk.campaign(with(&campaign_text(), begins, line)).err().as_deref(), Some(*said), "{line}");
    }
}

#[test]
fn an_empty_file_is_told_all_that_it_lacks() {
    let desk = Desk::new();
    let said = "convoke.toml, line 1: missing: `database` and `sender` at the top of the file; \
        add database = \"convoke.db\", [sender] with from = \"Primăria Exemplu <workshop@primaria.example>\"";
    assert_eq!(desk.config("").err().as_deref(), Some(said));
    let said = "workshop.toml, line 1: missing: `contacts`, `templates` and `language` at the top of the file, `title`, `start` and `end` in [event]; \
        add contacts = \"contacts/workshop.csv\", templates = \"templates/workshop\", language = \"ro\", title = \"Workshop\", \
        start = \"2026-12-10T13:15[Europe/Bucharest]\", end = \"2026-12-10T15:30[Europe/Bucharest]\"";
    assert_eq!(desk.campaign("name = 'x'\n[event]\nlink = 'https://x.example'").err().as_deref(), Some(said));
}

#[test]
fn a_file_cut_anywhere_is_answered_with_a_line() {
    let desk = Desk::new();
    let whole = starter_config().as_bytes();
    let mut refusals = 0;
    for length in 0..whole.len() {
        let path = desk.file("cut.toml", &whole[..length]);
        if let Err(refused) = load(&path) {
            refusals += 1;
            let lines = 1 + whole[..length].iter().filter(|byte| **byte == b'\n').count();
            assert!(refused.line.is_some_and(|line| (1..=lines).contains(&line)), "{length}: {refused}");
        }
    }
    assert!(refusals > whole.len() / 3, "{refusals}");
}

#[test]
fn what_is_nested_deep_or_would_move_the_cursor_is_refused_in_words() {
    let desk = Desk::new();
    let deep = format!("database = {}", "[".repeat(500_000));
    assert!(desk.config(deep).is_err_and(|said| said.starts_with("convoke.toml, line 1: ")));
    let said = desk.config("\"\\u001b[2Jx\" = 1").expect_err("unknown");
    assert_eq!(
        said,
        "convoke.toml, line 1: unknown key `[2Jx`; known at the top of the file are `database`, `certainty`, `sender`, `smtp`, `imap`, `maildir`, `mbox` and `dkim`"
    );
    let said = desk.campaign(with(&campaign_text(), "title", "title = { ro = 'a', \"\\u001b[2J\" = 'b' }")).expect_err("no language");
    assert!(!said.contains('\u{1b}'), "{said}");
}

#[test]
fn a_starter_keeps_the_name_it_is_given() {
    let desk = Desk::new();
    for name in ["gala-2027", "DAY_ZONE-DEADLINE", "NAME"] {
        let file = desk.campaign(starter_campaign(name, date(2027, 3, 28), "America/New_York")).expect(name);
        assert_eq!(file.campaign.name, name);
        assert_eq!(file.templates, desk.0.path().join("templates").join(name));
        assert_eq!(file.campaign.event.start.to_string(), "2027-03-28T13:15:00-04:00[America/New_York]");
        assert_eq!(file.campaign.deadline, Some(date(2027, 3, 22)));
    }
}

#[test]
fn what_a_campaign_may_leave_out_and_write_otherwise() {
    let desk = Desk::new();
    let text = "
        name = 'a-B_9'
        contacts = '/lists/a.csv'
        templates = 't'
        language = 'en-GB'
        deadline = 2026-12-10
        [event]
        start = '2026-12-10T13:15+02:00[Europe/Bucharest]'
        end = '2026-12-10T13:15[Europe/Vienna]'
        [event.title]
        en = 'Talk'
        de = 'Vortrag'";
    let file = desk.campaign(text).expect("good");
    assert_eq!(file.contacts, PathBuf::from("/lists/a.csv"));
    assert_eq!(file.templates, desk.0.path().join("t"));
    assert_eq!((file.campaign.language.as_str(), file.campaign.calendar), ("en", CalendarPolicy::WithInvitation));
    assert_eq!((file.campaign.deadline, file.campaign.event.place), (Some(date(2026, 12, 10)), None));
    let file = desk.campaign(with(&with(&campaign_text(), "deadline", ""), "calendar", "calendar = 'never'")).expect("good");
    assert_eq!((file.campaign.deadline, file.campaign.calendar), (None, CalendarPolicy::Never));
    let file = desk.campaign(with(&campaign_text(), "title", "title = 'Workshop'")).expect("good");
    assert_eq!(file.campaign.event.title, Localised::One("Workshop".into()));
}

#[test]
fn secrets_from_all_four_places() {
    let desk = Desk::new();
    let credentials = desk.0.path().join("credentials");
    fs::create_dir(&credentials).expect("made");
    fs::write(credentials.join("mail"), "from systemd\n").expect("written");
    desk.file("mail.txt", "from a file\r\n");
    let environment: Environment =
        [("WORD", "from a variable".into()), ("CREDENTIALS_DIRECTORY", credentials.into_os_string())].into_iter().collect();
    for (line, secret) in [
        ("password = { env = 'WORD' }", "from a variable"),
        ("password = { file = 'mail.txt' }", "from a file"),
        ("password = { command = 'cat mail.txt' }", "from a file"),
        ("password = { command = 'echo \" $WORD \"' }", "from a variable"),
        ("password = { credential = 'mail' }", "from systemd"),
        ("password.env = 'WORD'", "from a variable"),
    ] {
        assert_eq!(password(&desk, line, &environment).as_deref(), Ok(secret), "{line}");
    }
}

#[test]
fn secrets_that_cannot_be_had() {
    let desk = Desk::new();
    desk.file("empty.txt", "\n");
    desk.file("two.txt", "one\ntwo\n");
    let systemd: Environment = [("CREDENTIALS_DIRECTORY", desk.0.path())].into_iter().collect();
    let empty: Environment = [("WORD", "")].into_iter().collect();
    for (environment, form, said) in [
        (none(), "env = 'WORD'", "is in the variable WORD, which is not set; set it, for example with export WORD=…"),
        (empty, "env = 'WORD'", "is in the variable WORD, which is empty; put the secret there"),
        (
            none(),
            "file = 'none.txt'",
            "is in the file none.txt, which cannot be read: No such file or directory (os error 2); check the path and its permissions",
        ),
        (none(), "file = 'empty.txt'", "is in the file empty.txt, which is empty; put the secret there"),
        (none(), "file = 'two.txt'", "is in the file two.txt, which has several lines; leave only the secret there"),
        (none(), "command = 'echo locked >&2; exit 3'", "comes from a command that failed (exit code 3): locked; try the command by hand"),
        (none(), "command = 'true'", "is in the output of the command, which is empty; put the secret there"),
        (
            none(),
            "credential = 'mail'",
            "is the systemd credential mail, but $CREDENTIALS_DIRECTORY is not set; start convoke from a unit with LoadCredential=mail:PATH",
        ),
        (
            systemd,
            "credential = 'mail'",
            "is the systemd credential mail, which the unit does not load; add LoadCredential=mail:PATH to it",
        ),
    ] {
        let said = format!("convoke.toml, line 20: `password` {said}");
        assert_eq!(password(&desk, &format!("password = {{ {form} }}"), &environment), Err(said), "{form}");
    }
}

#[test]
fn loading_runs_no_command_and_opens_no_secret() {
    let desk = Desk::new();
    let config = desk.config(with(starter_config(), "password", "password = { command = 'touch ran' }")).expect("good");
    assert!(!desk.0.path().join("ran").exists());
    assert!(config.smtp().and_then(|smtp| smtp.account(&Environment::of_process())).is_err());
    assert!(desk.0.path().join("ran").exists(), "so the test could have seen it");
    assert!(desk.config(with(starter_config(), "# ca", "ca = 'none.pem'")).is_ok());
}

#[test]
fn an_authority_is_a_certificate() {
    let desk = Desk::new();
    let environment: Environment = [("CONVOKE_SMTP_PASSWORD", "x")].into_iter().collect();
    let account = |line: &str| {
        let config = desk.config(with(starter_config(), "# ca", line)).expect("good");
        config.smtp().and_then(|smtp| smtp.account(&environment)).map_err(|refused| desk.said(&refused))
    };
    let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    desk.file("ca.pem", pem);
    desk.file("key.pem", "-----BEGIN PRIVATE KEY-----\n");
    assert_eq!(account("ca = 'ca.pem'").map(|account| account.ca), Ok(Some(pem.into())));
    for (name, why) in [
        ("key.pem", "which is not a certificate in PEM or DER form; ask the server's administrator for the certificate of its authority"),
        ("none.pem", "which cannot be read: No such file or directory (os error 2); check the path and its permissions"),
    ] {
        let said = format!("convoke.toml, line 21: `ca` names {name}, {why}");
        assert_eq!(account(&format!("ca = '{name}'")).err(), Some(said));
    }
}

#[test]
fn what_is_odd_is_a_warning() {
    let desk = Desk::new();
    let warnings =
        |text: String| -> Vec<String> { desk.config(text).expect("good").warnings.iter().map(|warning| desk.said(warning)).collect() };
    let secret = desk.file("mail.txt", "x");
    let text = with(starter_config(), "password", "password = { file = 'mail.txt' }");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).expect("set");
    let exposed = "convoke.toml, line 20: `password` is exposed: every user of this machine may read mail.txt; run chmod 600 mail.txt";
    assert_eq!(warnings(text.clone()), [exposed]);
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("set");
    assert!(warnings(text).is_empty());
    let text = with(starter_config(), "security", "security = 'starttls'");
    assert_eq!(
        warnings(text),
        ["convoke.toml, line 17: `port` 465 is usually spoken with security = \"tls\"; check it with convoke check"]
    );
    let local = with(&with(starter_config(), "host", "host = 'localhost'"), "security", "security = 'none'");
    let said = "convoke.toml, line 21: `ca` is not used, because security = \"none\"; remove one of the two";
    assert_eq!(warnings(with(&local, "# ca", "ca = 'ca.pem'")), [said]);
}

#[test]
fn no_message_and_no_debug_shows_a_secret() {
    let desk = Desk::new();
    for line in [
        "password = 'hunter2'",
        "password = hunter2",
        "password = \"hunter2",
        "password = { value = 'hunter2' }",
        "password = ['hunter2']",
        "oauth2 = 'hunter2'",
    ] {
        let said = desk.config(with(starter_config(), "password", line)).expect_err(line);
        assert!(!said.contains("hunter2"), "{said}");
    }
    let environment: Environment = [("CONVOKE_SMTP_PASSWORD", "hunter2")].into_iter().collect();
    let config = desk.config(starter_config()).expect("good");
    let account = config.smtp().and_then(|smtp| smtp.account(&environment)).expect("good");
    assert!(!format!("{environment:?} {config:?} {account:?}").contains("hunter2"));
}

#[test]
fn a_tag_that_leaves_no_room_is_refused_before_a_letter_is() {
    let desk = Desk::new();
    let long = "workshop-of-the-town-of-example-and-its-many-partners";
    let text = format!("database = 'a.db'\n[sender]\nfrom = '{long}@b.example'\nplus_addressing = true\n");
    let refused = desk.config(&text).expect_err("too long").to_string();
    assert!(refused.contains("line 4: `plus_addressing` makes workshop-of-the-town"), "{refused}");
    assert!(desk.config(text.replace("true", "false")).is_ok());
}
