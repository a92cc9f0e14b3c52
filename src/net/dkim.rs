//! DKIM: signatures under a letter, by the domain that sends it (RFC 6376; Ed25519: RFC 8463).
//!
//! Signing is a function of the letter, the keys and the time: it opens no file and reads no clock. Header and body are
//! canonicalised relaxed, so that a relay may fold and trim. mail-auth does both and the signature itself.

pub mod record;

use jiff::Timestamp;
use mail_auth::{
    common::{
        crypto::{DkimKey, Ed25519Key, HashAlgorithm, RsaKey, Sha256, SigningKey},
        headers::{HeaderStream, Writable, Writer},
    },
    dkim::{Canonicalization, DkimSigner, Done, Signature, canonicalize::CanonicalHeaders},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};

/// Fields that are signed whether they are there or not, and named once more than they occur: nobody can add another one on the way.
const ALWAYS: [&str; 9] = ["From", "To", "Cc", "Subject", "Reply-To", "Date", "Message-ID", "MIME-Version", "Content-Type"];
/// Fields that are signed where they are there. A relay may add those that are not (some add a Feedback-ID).
const WHERE_THERE: [&str; 8] = [
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "Content-Language",
    "Content-Transfer-Encoding",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
];

/// Signs letters with every key of the installation; without one, leaves them as they are.
#[derive(Debug, Default)]
pub struct Signers(Vec<Signer>);

/// One key, and the name under which receivers look for its other half.
pub struct Signer {
    inner: DkimSigner<DkimKey, Done>,
    public: Vec<u8>,
}

/// Why a file holds no key that can sign; goes on after the name of the file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoKey {
    #[error("holds no private key in PEM form; openssl genpkey -algorithm ed25519 (or -algorithm rsa) writes one")]
    NotPem,
    #[error("holds a key that DKIM has no use for; it takes RSA of 2048 to 8192 bits, and Ed25519")]
    Unfit,
}

impl Signer {
    /// `pem` is a private key in PKCS#8, or an RSA key in PKCS#1. `domain` is in ASCII. The key signs once, so that it cannot fail later.
    pub fn new(domain: &str, selector: &str, pem: &[u8]) -> Result<Self, NoKey> {
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|_| NoKey::NotPem)?;
        let ed25519 = match &der {
            PrivateKeyDer::Pkcs8(der) => Ed25519Key::from_pkcs8_maybe_unchecked_der(der.secret_pkcs8_der()).ok(),
            _ => None,
        };
        let (key, public) = match ed25519 {
            Some(key) => {
                let public = key.public_key();
                (DkimKey::Ed25519(key), public)
            }
            None => {
                let key = RsaKey::<Sha256>::from_key_der(der).map_err(|_| NoKey::Unfit)?;
                let public = key.public_key();
                (DkimKey::Rsa(key), public)
            }
        };
        let mut inner = DkimSigner::from_key(key).domain(domain).selector(selector).headers(["From"]);
        inner.template.ch = Canonicalization::Relaxed;
        inner.template.cb = Canonicalization::Relaxed;
        let signer = Self { inner, public };
        signer.field(b"From: x\r\n\r\n", &[], Timestamp::UNIX_EPOCH, &mut None).ok_or(NoKey::Unfit)?;
        Ok(signer)
    }

    /// Where the record is published: `selector._domainkey.domain`.
    pub fn name(&self) -> String {
        format!("{}._domainkey.{}", self.inner.template.s, self.inner.template.d)
    }

    /// The header field, with its line end. `body_hash` is made for the first signature and serves the others.
    fn field(&self, raw: &[u8], names: &[&str], now: Timestamp, body_hash: &mut Option<Vec<u8>>) -> Option<Vec<u8>> {
        let mut signature = self.inner.template.clone();
        if !names.is_empty() {
            signature.h = names.iter().map(|name| (*name).to_owned()).collect();
        }
        let (_, headers, signed, body) = signature.canonicalize(Fields(raw));
        signature.h = signed;
        signature.bh = body_hash.get_or_insert_with(|| HashAlgorithm::Sha256.hash(body).as_ref().to_vec()).clone();
        signature.t = u64::try_from(now.as_second()).unwrap_or(0);
        signature.b = self.inner.key.sign(Signed { headers, signature: &signature }).ok()?;
        let mut field = Vec::with_capacity(1024);
        signature.write(&mut field, true);
        Some(field)
    }
}

impl std::fmt::Debug for Signer {
    /// The name only, never the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.name())
    }
}

/// What is signed: the fields, then the signature's own without its value.
struct Signed<'a> {
    headers: CanonicalHeaders<'a>,
    signature: &'a Signature,
}

impl Writable for Signed<'_> {
    fn write(self, writer: &mut impl Writer) {
        self.headers.write(writer);
        self.signature.write(writer, false);
    }
}

/// What is left of a message: fields first, then the body.
struct Fields<'x>(&'x [u8]);

impl<'x> HeaderStream<'x> for Fields<'x> {
    /// The name, and the value with its line end. A line that is no field is passed over: mail-auth takes names for UTF-8.
    fn next_header(&mut self) -> Option<(&'x [u8], &'x [u8])> {
        while !self.0.is_empty() && !self.0.starts_with(b"\r\n") {
            let is_end = |at: &usize| !matches!(self.0.get(at + 1), Some(b' ' | b'\t'));
            let end = memchr::memchr_iter(b'\n', self.0).find(is_end).map_or(self.0.len(), |at| at + 1);
            let (field, rest) = self.0.split_at_checked(end)?;
            self.0 = rest;
            let colon = memchr::memchr(b':', field).unwrap_or(0);
            match (field.get(..colon), field.get(colon + 1..)) {
                (Some(name), Some(value)) if !name.is_empty() && name.is_ascii() => return Some((name, value)),
                _ => {}
            }
        }
        None
    }

    fn body(&mut self) -> &'x [u8] {
        self.0.strip_prefix(b"\r\n").unwrap_or(self.0)
    }
}

impl Signers {
    /// The order of the signatures in a letter is the other way round: the first key's stands lowest.
    pub fn new(signers: Vec<Signer>) -> Self {
        Self(signers)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no key is of this sender's domain or of one above or below it (RFC 7489 §3.1.1, relaxed): then its name.
    pub fn unaligned<'d>(&self, sender: &'d str) -> Option<&'d str> {
        let below = |name: &str, of: &str| name == of || name.strip_suffix(of).is_some_and(|rest| rest.ends_with('.'));
        let aligned = |signer: &Signer| below(sender, &signer.inner.template.d) || below(&signer.inner.template.d, sender);
        (!self.0.iter().any(aligned)).then_some(sender)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Signer> {
        self.0.iter()
    }

    /// The letter with a DKIM-Signature of each key above it. The same letter and time give the same bytes.
    ///
    /// A key that could sign at the start and cannot now (no known way leads there) leaves its signature out; the letter goes as it is.
    ///
    /// `raw` is a whole message with CRLF line ends, not dot-stuffed. About 0.03 ms of CPU for an Ed25519 key and 0.3 ms for RSA of 2048
    /// bits: more than all else in a letter, so a caller that sends fast should spread it over the cores.
    pub fn sign(&self, raw: &[u8], now: Timestamp) -> Vec<u8> {
        if self.0.is_empty() {
            return raw.to_vec();
        }
        let mut fields = Fields(raw);
        let there: Vec<&[u8]> = std::iter::from_fn(|| fields.next_header()).map(|(name, _)| name).collect();
        let is_there = |name: &str| there.iter().any(|other| other.trim_ascii().eq_ignore_ascii_case(name.as_bytes()));
        let mut names = ALWAYS.to_vec();
        names.extend(WHERE_THERE.into_iter().filter(|name| is_there(name)));
        names.extend(ALWAYS.into_iter().filter(|name| is_there(name)));
        let mut body_hash = None;
        let mut fields: Vec<Vec<u8>> = self.0.iter().filter_map(|signer| signer.field(raw, &names, now, &mut body_hash)).collect();
        fields.reverse();
        let mut signed = Vec::with_capacity(raw.len() + 1024 * fields.len());
        for field in &fields {
            signed.extend_from_slice(field);
        }
        signed.extend_from_slice(raw);
        signed
    }
}
