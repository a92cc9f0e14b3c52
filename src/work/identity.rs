//! Whether two mails are the same.

use sha2::{Digest as _, Sha256};

/// Message-ID and a digest of the body: the same mail in another folder, or under another number, is the same mail.
///
/// Line ends count as CR LF whatever they are, because files have bare LF and IMAP has not. A mail without a Message-ID is
/// known by who wrote it and when, too.
pub(super) fn identity(raw: &[u8], size: u64) -> String {
    let bare = raw.windows(2).position(|w| w == b"\n\n");
    let full = raw.windows(4).position(|w| w == b"\r\n\r\n");
    let split = bare.into_iter().chain(full).min();
    let (head, body) = split.and_then(|at| raw.split_at_checked(at)).unwrap_or((raw, &[]));
    let header = |name: &[u8]| {
        head.split(|b| *b == b'\n').find_map(|line| {
            let (start, value) = line.split_at_checked(name.len())?;
            start.eq_ignore_ascii_case(name).then(|| String::from_utf8_lossy(value).trim().to_owned())
        })
    };
    let id = header(b"message-id:").filter(|id| !id.is_empty());
    let mut digest = Sha256::new();
    if id.is_none() {
        digest.update(header(b"from:").unwrap_or_default());
        digest.update(header(b"date:").unwrap_or_default());
    }
    for line in body.split_inclusive(|b| *b == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                digest.update(text.strip_suffix(b"\r").unwrap_or(text));
                digest.update(b"\r\n");
            }
            None => digest.update(line),
        }
    }
    if (raw.len() as u64) < size {
        digest.update(u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes());
    }
    let digest: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{} {digest}", id.unwrap_or_default().chars().take(200).collect::<String>())
}
