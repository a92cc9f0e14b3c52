//! A TOML file in memory, with the place of every value, so that each message can name its line.

use super::{
    Refused,
    nearest::{contained, listed, nearest},
    schema::{Key, Schema},
};
use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};
use toml::de::{DeTable, DeValue};

/// No file of ours comes near it; a wrong path (a mailbox, a disk image) does.
const LARGEST: u64 = 1 << 20;

/// Quotation marks as word processors and chats set them.
const TYPOGRAPHIC: [char; 8] = ['“', '”', '„', '«', '»', '‘', '’', '‚'];

/// A file as read, without its byte order mark.
pub(super) struct Document {
    file: PathBuf,
    text: String,
}

impl std::fmt::Debug for Document {
    /// The name only: a command in the text may show more than a log should hold.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())
    }
}

impl Document {
    /// Reads a file of at most 1 MiB. `cure` is what to do where there is no such file.
    pub fn open(path: &Path, cure: &str) -> Result<Self, Refused> {
        let refused = |message: String| Refused { file: path.to_owned(), line: None, column: None, message };
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(|error| {
            refused(match error.kind() {
                ErrorKind::NotFound => format!("there is no such file; {cure}"),
                ErrorKind::IsADirectory => "this is a folder, not a file; name the file inside it".into(),
                ErrorKind::PermissionDenied => "you may not read this file; change its permissions or its owner".into(),
                _ => format!("cannot be read: {error}; check the disk and the path"),
            })
        })?;
        if bytes.len() as u64 > LARGEST {
            return Err(refused("is larger than 1 MiB, so it is not a configuration file; check the path".into()));
        }
        Self::from_bytes(path, bytes)
    }

    fn from_bytes(path: &Path, mut bytes: Vec<u8>) -> Result<Self, Refused> {
        let file = path.to_owned();
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            let message = "the file is saved as UTF-16; save it as UTF-8".into();
            return Err(Refused { file, line: None, column: None, message });
        }
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { file, text }),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes().get(..good).unwrap_or_default()).into_owned();
                let at = text.len();
                Err(Self { file, text }.refused(at, "a character here is not UTF-8; save the file as UTF-8"))
            }
        }
    }

    /// The parsed table, every key of which is in `schema` and every required key of which is there.
    /// `others` is the other kind of file, for a key that stands in the wrong one.
    pub fn table<'a>(&'a self, schema: &'static Schema, others: (&str, &'static Schema)) -> Result<Table<'a>, Refused> {
        let parsed = DeTable::parse(&self.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let found = self.text.get(span.clone()).unwrap_or_default();
            let why = match self.has_typographic_quotes(span.start) {
                true => "these are typographic quotes; write straight ones: \"".to_owned(),
                false => plain(error.message(), found),
            };
            self.refused(span.start, why)
        })?;
        let table = Table { document: self, schema, at: None, map: parsed.into_inner() };
        table.refuse_unknown(schema, others)?;
        table.refuse_missing()?;
        Ok(table)
    }

    /// Whether such a quotation mark stands at the byte `at`, or begins the value of its line: the parser may stumble behind it.
    fn has_typographic_quotes(&self, at: usize) -> bool {
        let Some((before, behind)) = self.text.split_at_checked(at) else { return false };
        let begin = before.rfind('\n').map_or(0, |end| end + 1);
        let line = self.text.get(begin..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let value = line.split_once('=').map_or("", |(_, value)| value.trim_start());
        behind.starts_with(TYPOGRAPHIC) || value.starts_with(TYPOGRAPHIC)
    }

    /// A refusal that points at the byte `at`.
    pub fn refused(&self, at: usize, message: impl Into<String>) -> Refused {
        let before = self.text.get(..at).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Refused { file: self.file.clone(), line: Some(line), column: Some(column), message: message.into() }
    }

    /// `path` as meant: relative to the folder of this file.
    pub fn beside(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }
}

/// The parser's words with a cure; `found` is the text that it points at.
fn plain(message: &str, found: &str) -> String {
    if message.starts_with("string values must be quoted") {
        // What stands there may be a secret, so it is not repeated.
        return "this value has no quotes; write a text as key = \"text\"".into();
    }
    if message.starts_with("duplicate key") {
        return format!("`{}` stands here a second time; remove one of the two", found.trim_matches(['"', '\'']));
    }
    if message.starts_with("key with no value") {
        return "a key stands here without a value; write key = \"text\"".into();
    }
    if message.starts_with("missing escaped value") {
        return "a single \\ is not allowed between double quotes; write \\\\, or put the text between single quotes".into();
    }
    format!("this is not valid TOML: {}", message.replace('\n', " "))
}

/// A table with known keys.
#[derive(Clone, Debug)]
pub(super) struct Table<'a> {
    pub document: &'a Document,
    schema: &'static Schema,
    /// Where its header stands; None for the top of the file.
    at: Option<usize>,
    map: DeTable<'a>,
}

impl<'a> Table<'a> {
    /// The value of a key, or None where the file does not have it.
    pub fn get(&self, name: &'static str) -> Option<Value<'_, 'a>> {
        let key = self.schema.key(name)?;
        let (typed, value) = self.map.get_key_value(name)?;
        Some(Value { table: self, key, at: typed.span().start, value: value.get_ref() })
    }

    /// The value of a key that the schema calls required.
    pub fn need(&self, name: &'static str) -> Result<Value<'_, 'a>, Refused> {
        self.get(name).ok_or_else(|| self.refused(format!("`{name}` is missing; add it")))
    }

    /// A refusal that points at the header of this table.
    pub fn refused(&self, message: impl Into<String>) -> Refused {
        self.document.refused(self.at.unwrap_or(0), message)
    }

    /// "at the top of the file" or "in [smtp]".
    pub fn place(&self) -> String {
        self.schema.place()
    }

    /// The tables below that the schema knows and that are tables, or lists of tables.
    fn below(&self) -> impl Iterator<Item = Table<'a>> {
        self.schema.keys.iter().filter_map(|key| self.get(key.name)).flat_map(|value| value.tables().unwrap_or_default())
    }

    fn refuse_unknown(&self, root: &'static Schema, others: (&str, &'static Schema)) -> Result<(), Refused> {
        let unknown = self.map.keys().filter(|typed| self.schema.key(typed.get_ref()).is_none());
        if let Some(first) = unknown.min_by_key(|typed| typed.span().start) {
            return Err(self.document.refused(first.span().start, self.about_unknown(first.get_ref(), root, others)));
        }
        self.below().try_for_each(|table| table.refuse_unknown(root, others))
    }

    fn about_unknown(&self, typed: &str, root: &'static Schema, (other_name, other): (&str, &'static Schema)) -> String {
        let known = || self.schema.keys.iter().map(|key| key.name);
        let shown: String = typed.chars().filter(|c| !c.is_control()).take(60).collect();
        let what = format!("unknown key `{shown}`");
        if let Some(word) = nearest(typed, known()).filter(|word| word.eq_ignore_ascii_case(typed)) {
            return format!("{what}; did you mean `{word}`?");
        }
        if let Some(word) = contained(typed, known()) {
            return format!("{what}; did you mean `{word}`?");
        }
        let at_home: Vec<_> = root.tables().into_iter().filter(|table| table.key(typed).is_some()).map(|t| t.place()).collect();
        if !at_home.is_empty() {
            return format!("{what} {}; it belongs {}", self.place(), at_home.join(" or "));
        }
        if let Some(table) = other.tables().into_iter().find(|table| table.key(typed).is_some()) {
            let place = if table.name.is_empty() { String::new() } else { format!("[{}] of ", table.name) };
            return format!("{what}; it belongs in {place}{other_name}");
        }
        if let Some(word) = nearest(typed, known()) {
            return format!("{what}; did you mean `{word}`?");
        }
        for table in root.tables() {
            if let Some(word) = nearest(typed, table.keys.iter().map(|key| key.name)) {
                return format!("{what}; did you mean `{word}`, which belongs {}?", table.place());
            }
        }
        format!("{what}; known {} are {}", self.place(), listed(known(), "and"))
    }

    fn refuse_missing(&self) -> Result<(), Refused> {
        let missing = self.missing();
        let Some((first, ..)) = missing.first() else { return Ok(()) };
        let named: Vec<String> =
            missing.iter().map(|(table, keys)| format!("{} {}", listed(keys.iter().map(|key| key.name), "and"), table.place())).collect();
        let cures: Vec<String> = missing.iter().flat_map(|(_, keys)| keys.iter().map(|key| key.line())).collect();
        Err(first.refused(format!("missing: {}; add {}", named.join(", "), cures.join(", "))))
    }

    /// This table and those below it that lack required keys, and which.
    fn missing(&self) -> Vec<(Table<'a>, Vec<&'static Key>)> {
        let absent: Vec<&Key> = self.schema.keys.iter().filter(|key| key.required && !self.map.contains_key(key.name)).collect();
        let own = (!absent.is_empty()).then(|| (self.clone(), absent));
        own.into_iter().chain(self.below().flat_map(|table| table.missing())).collect()
    }
}

/// The value of a known key.
pub(super) struct Value<'t, 'a> {
    table: &'t Table<'a>,
    pub key: &'static Key,
    at: usize,
    pub value: &'t DeValue<'a>,
}

impl<'t, 'a> Value<'t, 'a> {
    /// A refusal that points at this key and begins with its name.
    pub fn refused(&self, message: impl std::fmt::Display) -> Refused {
        self.table.document.refused(self.at, format!("`{}` {message}", self.key.name))
    }

    /// Where the key stands, in bytes.
    pub fn at(&self) -> usize {
        self.at
    }

    /// A refusal because of what kind of value stands here.
    pub fn wrong(&self, wanted: &str) -> Refused {
        let cure = if self.key.example.is_empty() { String::new() } else { format!("; write {}", self.key.line()) };
        self.refused(format!("must be {wanted}, not {}{cure}", kind(self.value)))
    }

    /// A text of one line that is not empty; white space around it is dropped.
    pub fn text(&self) -> Result<&'t str, Refused> {
        match self.value {
            DeValue::String(text) => one_line(text).map_err(|why| self.refused(why)),
            _ => Err(self.wrong("a text in quotes")),
        }
    }

    /// A path, relative to the folder of the file.
    pub fn path(&self) -> Result<PathBuf, Refused> {
        let text = self.text()?;
        if text == "~" || text.starts_with("~/") {
            return Err(self.refused("begins with ~, which only a shell understands; write the whole path"));
        }
        Ok(self.table.document.beside(text))
    }

    /// A whole number within `bounds`.
    pub fn number(&self, bounds: std::ops::RangeInclusive<u32>) -> Result<u32, Refused> {
        let number = match self.value {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => return Err(self.wrong("a whole number")),
        };
        number
            .filter(|number| bounds.contains(number))
            .ok_or_else(|| self.refused(format!("must be from {} to {}; write {}", bounds.start(), bounds.end(), self.key.line())))
    }

    pub fn truth(&self) -> Result<bool, Refused> {
        match self.value {
            DeValue::Boolean(truth) => Ok(*truth),
            _ => Err(self.wrong("true or false, without quotes")),
        }
    }

    /// The one of `choices` that the text names.
    pub fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, Refused> {
        let text = self.text()?;
        if let Some((_, chosen)) = choices.iter().find(|(word, _)| *word == text) {
            return Ok(*chosen);
        }
        let words = || choices.iter().map(|(word, _)| *word);
        let hint = nearest(text, words()).map(|word| format!("; did you mean \"{word}\"?")).unwrap_or_default();
        let all: Vec<String> = words().map(|word| format!("\"{word}\"")).collect();
        let all = all.split_last().map(|(last, rest)| format!("{} or {last}", rest.join(", "))).unwrap_or_default();
        Err(self.refused(format!("must be {all}, not \"{text}\"{hint}")))
    }

    /// The table that the schema says is here.
    pub fn table(&self) -> Result<Table<'a>, Refused> {
        match (self.key.table, self.value) {
            (Some(schema), DeValue::Table(map)) => Ok(Table { document: self.table.document, schema, at: Some(self.at), map: map.clone() }),
            (Some(schema), other) => {
                Err(self.refused(format!("must be a table that begins with a line [{}], not {}", schema.name, kind(other))))
            }
            _ => Err(self.wrong("a table")),
        }
    }

    /// The tables of a key that may stand several times: `[[name]]`, or `[name]` for a single one.
    pub fn tables(&self) -> Result<Vec<Table<'a>>, Refused> {
        let (Some(schema), DeValue::Array(items)) = (self.key.table, self.value) else {
            return self.table().map(|table| vec![table]);
        };
        let table = |item: &toml::Spanned<DeValue<'a>>| match item.get_ref() {
            DeValue::Table(map) => Ok(Table { document: self.table.document, schema, at: Some(item.span().start), map: map.clone() }),
            other => Err(self.refused(format!("must be tables that begin with a line [[{}]], not {}", schema.name, kind(other)))),
        };
        items.iter().map(table).collect()
    }
}

/// A text without control characters; the error goes on after the name of its key.
pub(super) fn one_line(text: &str) -> Result<&str, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("is empty; write a value or remove the line");
    }
    if text.chars().any(char::is_control) {
        return Err("contains a line break or another control character; write it on one line");
    }
    Ok(text)
}

/// What stands in the file, for a message.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text in quotes",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date without quotes",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
