//! Whether two mails are the same.

use sha2::{Digest as _, Sha256};

/// Message-ID and a digest of the body: the same mail in another folder, or under another number, is the same mail.
///
/// Line ends count as CR LF whatever they are, because files have bare LF and IMAP has not; a field that is folded, as Exchange does
/// with a long Message-ID, counts as one line. A mail without a Message-ID is known by who wrote it and when, too; so is one whose
/// Message-ID may be anybody's, because `<>` and the same words from two guests would be one mail, and the second be lost.
pub(super) fn identity(raw: &[u8], size: u64) -> String {
    let bare = raw.windows(2).position(|w| w == b"\n\n");
    let full = raw.windows(4).position(|w| w == b"\r\n\r\n");
    let split = bare.into_iter().chain(full).min();
    let (head, body) = split.and_then(|at| raw.split_at_checked(at)).unwrap_or((raw, &[]));
    let id = header(head, b"message-id:").map(|id| bare_id(&id)).filter(|id| is_unique(id));
    let mut digest = Sha256::new();
    if id.is_none() {
        digest.update(header(head, b"from:").unwrap_or_default());
        digest.update(header(head, b"date:").unwrap_or_default());
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

/// So many lines of a folded field are read.
const LINES: usize = 50;

/// The value of the first field of this name, its lines joined by a blank.
fn header(head: &[u8], name: &[u8]) -> Option<String> {
    let mut lines = head.split(|b| *b == b'\n');
    let first = lines.find_map(|line| {
        let (start, value) = line.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name).then_some(value)
    })?;
    let more = lines.take_while(|line| line.starts_with(b" ") || line.starts_with(b"\t")).take(LINES - 1);
    let words: Vec<String> = std::iter::once(first).chain(more).map(|line| String::from_utf8_lossy(line).trim().to_owned()).collect();
    Some(words.join(" ").trim().to_owned())
}

/// An ID without what is not its own: blanks where it was folded, a comment behind it.
fn bare_id(value: &str) -> String {
    match value.split_once('>') {
        Some((id, _)) => format!("{}>", id.split_whitespace().collect::<String>()),
        None => value.to_owned(),
    }
}

/// Whether an ID names a mail and the host that made it so (RFC 5322 §3.6.4): `<>`, `<@x>` and `<x@>` are of programs that make none.
fn is_unique(id: &str) -> bool {
    id.trim_matches(['<', '>', '@']).contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> String {
        identity(raw.as_bytes(), raw.len() as u64)
    }

    #[test]
    fn a_message_id_on_the_next_line_is_the_same_one() {
        let plain = of("Message-ID: <long@outlook.example>\r\nSubject: x\r\n\r\nYes.\r\n");
        assert!(plain.starts_with("<long@outlook.example> "), "{plain}");
        for folded in ["\r\n <long@outlook.example>", "\n\t<long@outlook.example>", " <long@\r\n outlook.example> (by the\r\n gateway)"] {
            assert_eq!(of(&format!("Message-ID:{folded}\r\nSubject: x\r\n\r\nYes.\r\n")), plain, "{folded:?}");
        }
        assert!(of("Message-ID:\r\nSubject: x\r\n\r\nYes.\r\n").starts_with(' '), "what follows is another field");
    }

    #[test]
    fn mails_without_a_message_id_are_told_apart_by_a_folded_sender() {
        let from = |who: &str| of(&format!("From: Desk\r\n <{who}@x.example>\r\nDate: now\r\n\r\nYes.\r\n"));
        assert_ne!(from("ana"), from("bo"));
    }

    #[test]
    fn mails_with_a_message_id_that_is_anybodys_are_told_apart_by_their_sender() {
        let from = |who: &str, id: &str| of(&format!("From: {who}@x.example\r\nDate: now\r\nMessage-ID: {id}\r\n\r\nYes.\r\n"));
        for id in ["<>", "<@>", "<@x.example>", "<1@>", "<1>", "1", "<> (by mail@gate.example)"] {
            assert_ne!(from("ana", id), from("bo", id), "{id}");
            assert_eq!(from("ana", id), from("ana", id), "{id}");
        }
        for id in ["<1@x>", "1@x", "<1@x> (by the gateway)"] {
            assert_eq!(from("ana", id), from("bo", id), "{id}");
        }
    }
}
