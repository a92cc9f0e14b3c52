//! `[[dkim]]`: the keys that letters are signed with.

use super::{
    Refused,
    document::{Document, Table},
    secret::{SecretForm, bytes_of},
};
use crate::net::dkim::Signer;
use std::{path::PathBuf, sync::Arc};

/// More keys than this sign nothing better.
const MOST: usize = 8;

/// One key as typed. Its file is not opened until [`Dkim::signer`] is called.
#[derive(Clone, Debug)]
pub struct Dkim {
    /// In ASCII.
    pub domain: String,
    pub selector: String,
    /// A private key in PEM form.
    pub key: PathBuf,
    document: Arc<Document>,
    /// Where `key` stands, for what is found wrong later.
    key_at: usize,
}

impl Dkim {
    /// Reads the key.
    pub fn signer(&self) -> Result<Signer, Refused> {
        let shown = self.key.display();
        let refused = |why: String| self.document.refused(self.key_at, format!("`key` {why}"));
        let pem = bytes_of(&self.key).map_err(&refused)?;
        Signer::new(&self.domain, &self.selector, &pem).map_err(|why| refused(format!("is the file {shown}, which {why}")))
    }
}

/// Reads the tables; adds a key that others may read to `warnings`.
pub(super) fn all(tables: &[Table<'_>], document: &Arc<Document>, warnings: &mut Vec<Refused>) -> Result<Vec<Dkim>, Refused> {
    let mut keys: Vec<Dkim> = Vec::new();
    for table in tables {
        let (domain, selector, key) = (table.need("domain")?, table.need("selector")?, table.need("key")?);
        let text = domain.text()?;
        let ascii = idna::domain_to_ascii_strict(text.trim_end_matches('.')).ok().filter(|name| name.contains('.') && name.len() <= 200);
        let ascii =
            ascii.ok_or_else(|| domain.refused(format!("is not a mail domain: \"{text}\"; write domain = {}", domain.key.example)))?;
        let name = selector.text()?;
        // RFC 6376 §3.1: sub-domains of letters, digits and hyphens.
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if name.len() > 100 || !name.split('.').all(is_label) {
            return Err(
                selector.refused(format!("is not a name of letters, digits and hyphens; write selector = {}", selector.key.example))
            );
        }
        if keys.iter().any(|known| known.domain == ascii && known.selector.eq_ignore_ascii_case(name)) {
            return Err(selector.refused(format!("names {name}._domainkey.{ascii} twice; remove one")));
        }
        let (path, key_at) = (key.path()?, key.at());
        if let Some(exposed) = SecretForm::File(path.clone()).exposed() {
            warnings.push(key.refused(format!("is exposed: {exposed}")));
        }
        keys.push(Dkim { domain: ascii, selector: name.to_owned(), key: path, document: Arc::clone(document), key_at });
    }
    if let (true, Some(table)) = (keys.len() > MOST, tables.last()) {
        return Err(table.refused(format!("there are {} tables [[dkim]]; keep {MOST} at most", keys.len())));
    }
    Ok(keys)
}
