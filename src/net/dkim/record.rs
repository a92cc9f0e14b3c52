//! The other half of a DKIM key, as the domain publishes it (RFC 6376 §3.6).

use super::Signer;
use base64::{
    Engine,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use mail_auth::{DnsError, Error, MessageAuthenticator, common::crypto::DkimKey, hickory_resolver::proto::op::ResponseCode};
use std::time::Duration;

/// How long the name servers may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// A record longer than this is none: RSA of 8192 bits needs 1,400 octets.
const LONGEST: usize = 8 * 1024;

/// What the name servers say about a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Published {
    /// The record is there and belongs to the key. `testing`: it says that receivers should not rely on it yet (`t=y`).
    Good { testing: bool },
    /// Receivers cannot verify a letter; why, and what to publish.
    Wrong(String),
    /// No name server answered; why.
    NotChecked(String),
}

impl Signer {
    /// What to publish as TXT at [`Signer::name`].
    pub fn record(&self) -> String {
        let base64 = GeneralPurpose::new(&ALPHABET, GeneralPurposeConfig::new());
        match &self.inner.key {
            DkimKey::Rsa(_) => format!("v=DKIM1; k=rsa; p={}", base64.encode(subject_public_key(&self.public))),
            DkimKey::Ed25519(_) => format!("v=DKIM1; k=ed25519; p={}", base64.encode(&self.public)),
        }
    }

    /// Asks the name servers of this machine; waits for 5 s at most.
    pub async fn published(&self) -> Published {
        let asked = async {
            let resolver = MessageAuthenticator::new_system_conf().map_err(|error| Published::NotChecked(error.to_string()))?;
            match resolver.txt_raw_lookup(self.name()).await {
                Ok(record) => Ok(record),
                Err(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain | ResponseCode::NoError))) => {
                    Err(self.wrong("there is no record"))
                }
                Err(error) => Err(Published::NotChecked(error.to_string())),
            }
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(record)) => self.judge(&record),
            Ok(Err(published)) => published,
            Err(_) => Published::NotChecked(format!("no name server answered within {} s", PATIENCE.as_secs())),
        }
    }

    /// Whether a record belongs to this key.
    pub fn judge(&self, record: &[u8]) -> Published {
        if record.len() > LONGEST {
            return self.wrong("the record is longer than 8 KiB");
        }
        let record = String::from_utf8_lossy(record);
        let tags: Vec<(&str, String)> = record
            .split(';')
            .filter_map(|tag| tag.split_once('='))
            .map(|(name, value)| (name.trim(), value.split_whitespace().collect()))
            .collect();
        let tag = |name: &str| tags.iter().find(|(tag, _)| *tag == name).map(|(_, value)| value.as_str());
        if tag("v").is_some_and(|version| version != "DKIM1") {
            return self.wrong("the record is not one of DKIM (v=DKIM1)");
        }
        let kind = if matches!(self.inner.key, DkimKey::Rsa(_)) { "rsa" } else { "ed25519" };
        let published = tag("k").unwrap_or("rsa");
        if !published.eq_ignore_ascii_case(kind) {
            return self.wrong(&format!("the record is for a key of the kind {published:.20}, and the file holds one of the kind {kind}"));
        }
        let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let key = match tag("p") {
            None => return self.wrong("the record has no key (p=)"),
            Some("") => return self.wrong("the record says that the key is revoked (p= is empty)"),
            Some(key) => GeneralPurpose::new(&ALPHABET, lenient).decode(key).unwrap_or_default(),
        };
        let same = match self.inner.key {
            DkimKey::Rsa(_) => key == subject_public_key(&self.public) || key == self.public,
            DkimKey::Ed25519(_) => key == self.public,
        };
        if !same {
            return self.wrong("the record belongs to another key");
        }
        if tag("h").is_some_and(|hashes| !hashes.split(':').any(|hash| hash == "sha256")) {
            return self.wrong("the record does not allow SHA-256 (h=)");
        }
        if tag("s").is_some_and(|services| !services.split(':').any(|service| service == "*" || service == "email")) {
            return self.wrong("the record is not for email (s=)");
        }
        Published::Good { testing: tag("t").is_some_and(|flags| flags.split(':').any(|flag| flag == "y")) }
    }

    fn wrong(&self, why: &str) -> Published {
        Published::Wrong(format!("{why}; publish this TXT record at {}: {}", self.name(), self.record()))
    }
}

/// An RSA key of PKCS#1 in its X.509 wrapping (RFC 5280 §4.1.2.7), as records have it.
fn subject_public_key(pkcs1: &[u8]) -> Vec<u8> {
    /// rsaEncryption with NULL parameters.
    const RSA: [u8; 15] = [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00];
    let mut bits = vec![0];
    bits.extend_from_slice(pkcs1);
    let mut inside = RSA.to_vec();
    inside.extend(wrapped(0x03, &bits));
    wrapped(0x30, &inside)
}

/// A DER value of up to 64 KiB under its tag.
fn wrapped(tag: u8, inside: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(inside.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut der = match (high, low) {
        (0, ..128) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    der.extend_from_slice(inside);
    der
}
