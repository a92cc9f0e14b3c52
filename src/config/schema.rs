//! The keys of both kinds of file. They are a contract with every file that exists: add, do not rename.

/// One key of a table.
#[derive(Debug)]
pub(super) struct Key {
    pub name: &'static str,
    /// What to write, for the message about a missing or a mistyped value.
    pub example: &'static str,
    pub required: bool,
    /// The keys below it, where its value is a table with keys of ours.
    pub table: Option<&'static Schema>,
}

/// The keys of one table.
#[derive(Debug)]
pub(super) struct Schema {
    /// `""` for the top of the file, else the name between `[` and `]`.
    pub name: &'static str,
    pub keys: &'static [Key],
}

const fn required(name: &'static str, example: &'static str) -> Key {
    Key { name, example, required: true, table: None }
}

const fn optional(name: &'static str, example: &'static str) -> Key {
    Key { name, example, required: false, table: None }
}

const fn table(name: &'static str, required: bool, schema: &'static Schema) -> Key {
    Key { name, example: "", required, table: Some(schema) }
}

/// What the messages call the two kinds of file.
pub(super) const INSTALLATION_FILE: &str = "convoke.toml";
pub(super) const CAMPAIGN_FILE: &str = "a campaign file";

pub(super) static INSTALLATION: Schema = Schema {
    name: "",
    keys: &[
        required("database", "\"convoke.db\""),
        optional("certainty", "\"normal\""),
        table("sender", true, &SENDER),
        table("smtp", false, &SMTP),
        table("imap", false, &IMAP),
        table("maildir", false, &MAILDIR),
        table("mbox", false, &MBOX),
        table("dkim", false, &DKIM),
    ],
};

static SENDER: Schema = Schema {
    name: "sender",
    keys: &[
        required("from", "\"Primăria Exemplu <workshop@primaria.example>\""),
        optional("reply_to", "\"workshop@primaria.example\""),
        optional("bounce_to", "\"workshop@primaria.example\""),
        optional("plus_addressing", "false"),
    ],
};

static SMTP: Schema = Schema {
    name: "smtp",
    keys: &[
        required("host", "\"smtp.primaria.example\""),
        optional("port", "465"),
        optional("security", "\"tls\""),
        optional("user", "\"workshop@primaria.example\""),
        table("password", false, &SMTP_PASSWORD),
        table("oauth2", false, &SMTP_OAUTH2),
        optional("ca", "\"ca.pem\""),
        optional("connections", "2"),
        optional("rate", "\"25/min\""),
        optional("limits", "[\"25/min\", \"500/day\"]"),
        optional("provider", "\"exchange-online\""),
        optional("pause_after", "10"),
    ],
};

static IMAP: Schema = Schema {
    name: "imap",
    keys: &[
        required("host", "\"imap.primaria.example\""),
        optional("port", "993"),
        optional("security", "\"tls\""),
        required("user", "\"workshop@primaria.example\""),
        table("password", false, &IMAP_PASSWORD),
        table("oauth2", false, &IMAP_OAUTH2),
        optional("ca", "\"ca.pem\""),
        optional("folders", "[\"INBOX\", \"Junk\"]"),
        optional("sent", "\"Sent\""),
        optional("authserv_id", "\"mx.primaria.example\""),
    ],
};

static MAILDIR: Schema =
    Schema { name: "maildir", keys: &[required("path", "\"Maildir\""), optional("authserv_id", "\"mx.primaria.example\"")] };
static MBOX: Schema =
    Schema { name: "mbox", keys: &[required("path", "\"/var/mail/workshop\""), optional("authserv_id", "\"mx.primaria.example\"")] };

/// May stand several times, as `[[dkim]]`.
static DKIM: Schema = Schema {
    name: "dkim",
    keys: &[required("domain", "\"primaria.example\""), required("selector", "\"convoke\""), required("key", "\"dkim.pem\"")],
};

const SECRET_KEYS: &[Key] = &[
    optional("env", "\"CONVOKE_PASSWORD\""),
    optional("file", "\"password.txt\""),
    optional("command", "\"pass show convoke\""),
    optional("credential", "\"convoke-password\""),
];
const TOKEN_KEYS: &[Key] = &[required("token_command", "\"print-a-token\"")];

static SMTP_PASSWORD: Schema = Schema { name: "smtp.password", keys: SECRET_KEYS };
static SMTP_OAUTH2: Schema = Schema { name: "smtp.oauth2", keys: TOKEN_KEYS };
static IMAP_PASSWORD: Schema = Schema { name: "imap.password", keys: SECRET_KEYS };
static IMAP_OAUTH2: Schema = Schema { name: "imap.oauth2", keys: TOKEN_KEYS };

pub(super) static CAMPAIGN: Schema = Schema {
    name: "",
    keys: &[
        required("name", "\"workshop\""),
        required("contacts", "\"contacts/workshop.csv\""),
        required("templates", "\"templates/workshop\""),
        required("language", "\"ro\""),
        optional("deadline", "\"2026-12-04\""),
        optional("calendar", "\"with-invitation\""),
        optional("hours", "\"08:00-20:00 Europe/Bucharest\""),
        table("event", true, &EVENT),
    ],
};

static EVENT: Schema = Schema {
    name: "event",
    keys: &[
        required("title", "\"Workshop\""),
        required("start", "\"2026-12-10T13:15[Europe/Bucharest]\""),
        required("end", "\"2026-12-10T15:30[Europe/Bucharest]\""),
        optional("place", "\"Zoom\""),
        optional("link", "\"https://zoom.example/j/000000000\""),
    ],
};

impl Key {
    /// The key as one would write it, for a cure.
    pub fn line(&self) -> String {
        let Some(table) = self.table else { return format!("{} = {}", self.name, self.example) };
        let inside: Vec<String> = table.keys.iter().filter(|key| key.required).map(Key::line).collect();
        format!("[{}] with {}", table.name, inside.join(", "))
    }
}

impl Schema {
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// "at the top of the file" or "in [smtp]".
    pub fn place(&self) -> String {
        if self.name.is_empty() { "at the top of the file".into() } else { format!("in [{}]", self.name) }
    }

    /// This table and every table below it, in the order of the file.
    pub fn tables(&'static self) -> Vec<&'static Schema> {
        let mut all = vec![self];
        for below in self.keys.iter().filter_map(|key| key.table) {
            all.extend(below.tables());
        }
        all
    }
}
