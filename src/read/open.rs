//! Opens a message behind guards: mail-parser 0.11 recurses into nested messages when they are dropped, so nesting is
//! counted before it sees them, and deep ones are read on a thread with a large stack.

use crate::model::mail::CUT;
use mail_parser::{HeaderName, Message, MessageParser};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::LazyLock,
};

/// Longer messages are read up to here.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// More nested messages than this are not opened: only the header of the outermost is read.
const MAX_MESSAGES: usize = 100;
/// More multiparts than this are not opened either.
const MAX_MULTIPARTS: usize = 1_000;
/// From so many on a large stack is used.
const SOME_NESTING: usize = 20;
const LARGE_STACK: usize = 64 * 1024 * 1024;

#[derive(Default, PartialEq, Debug)]
struct Nesting {
    messages: usize,
    multiparts: usize,
}

impl Nesting {
    /// Counts what may nest: the parser opens nothing that has no Content-Type field, but for the parts of a digest.
    fn of(raw: &[u8]) -> Self {
        let mut nesting = Self::default();
        for at in memchr::memchr_iter(b'-', raw) {
            let Some((name, value)) = raw.get(at + 1..).and_then(<[u8]>::split_first_chunk::<4>) else { break };
            if name.eq_ignore_ascii_case(b"type") {
                match kind(value) {
                    Kind::Message => nesting.messages += 1,
                    Kind::Multipart => nesting.multiparts += 1,
                    Kind::Other => {}
                }
            }
        }
        nesting
    }
}

enum Kind {
    Message,
    Multipart,
    Other,
}

/// What the value of a Content-Type field opens, whatever stands between its tokens; in doubt a message.
fn kind(value: &[u8]) -> Kind {
    let mut letters = value.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    if letters.next() != Some(b':') {
        return Kind::Other;
    }
    let mut word = Vec::with_capacity(20);
    for byte in letters.take(20) {
        match byte {
            b'(' | b'"' | b'\\' => return Kind::Message,
            b';' | b',' => break,
            byte => word.push(byte.to_ascii_lowercase()),
        }
    }
    if word.starts_with(b"message/") || word.starts_with(b"multipart/digest") {
        Kind::Message
    } else if word.starts_with(b"multipart/") {
        Kind::Multipart
    } else {
        Kind::Other
    }
}

/// Opens `raw` and hands the message to `read`, with notes on what was left out; None where there is no message.
///
/// One poisoned mail must not stop the next, nor be lost: after a panic in the parser or in `read` it is opened once more, by its header
/// alone. A panic there becomes None.
pub(super) fn with<R: Send>(raw: &[u8], read: impl Fn(&Message<'_>, Vec<String>) -> R + Sync) -> Option<R> {
    let raw = without_envelope_line(raw);
    let bytes = raw.get(..MAX_BYTES).unwrap_or(raw);
    let nesting = Nesting::of(bytes);
    let by_header = |why: &str| guarded(|| Some(read(&PARSER.parse_headers(bytes)?, vec![why.to_owned(), CUT.to_owned()]))).flatten();
    if nesting.messages > MAX_MESSAGES || nesting.multiparts > MAX_MULTIPARTS {
        return by_header("the message nests too many messages or parts; only its header was read");
    }
    let notes: Vec<String> = (bytes.len() < raw.len()).then(|| CUT.to_owned()).into_iter().collect();
    let open = || guarded(|| Some(read(&PARSER.parse(bytes)?, notes.clone())));
    let opened = if nesting.messages + nesting.multiparts > SOME_NESTING { on_large_stack(open) } else { open() };
    opened.unwrap_or_else(|| by_header("the message could not be read; only its header was"))
}

/// None where it panics.
fn guarded<R>(work: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Without the `From ana@x.example Thu Aug 22 …` line that mbox files put before a message, and empty lines before it.
fn without_envelope_line(raw: &[u8]) -> &[u8] {
    let raw = raw.trim_ascii_start();
    match raw.strip_prefix(b"From ").or_else(|| raw.strip_prefix(b">From ")) {
        Some(rest) => rest.iter().position(|b| *b == b'\n').and_then(|at| rest.get(at + 1..)).unwrap_or(raw),
        None => raw,
    }
}

/// Only what [`super::headers`] asks for is parsed; every other field is read from its bytes where it is wanted.
static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new()
        .header_content_type(HeaderName::ContentType)
        .header_content_type(HeaderName::ContentDisposition)
        .header_text(HeaderName::ContentTransferEncoding)
        .header_text(HeaderName::Subject)
        .header_address(HeaderName::From)
        .header_address(HeaderName::Sender)
        .header_address(HeaderName::ReplyTo)
        .header_date(HeaderName::Date)
        .default_header_ignore()
});

fn on_large_stack<R: Send>(open: impl FnOnce() -> Option<R> + Send) -> Option<R> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("read".to_owned()).stack_size(LARGE_STACK).spawn_scoped(scope, open).ok()?;
        thread.join().ok().flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tower_of_messages_is_not_opened() {
        let raw = b"Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
        let notes = with(&raw, |_, notes| notes).expect("a header");
        assert_eq!((notes.len(), notes.last().map(String::as_str)), (2, Some(CUT)), "{notes:?}");
    }

    #[test]
    fn some_nesting_is_read_on_a_large_stack() {
        let mut raw = b"Content-Type: message/rfc822\r\n\r\n".repeat(60);
        raw.extend_from_slice(b"Subject: x\r\n\r\nDa");
        assert_eq!(with(&raw, |_, notes| notes.len()), Some(0));
    }

    #[test]
    fn a_tower_with_white_space_in_its_types_is_not_opened() {
        for field in [
            "Content-Type : message / global\r\n\r\n",
            "content-type:\r\n message\r\n /rfc822\r\n\r\n",
            "CONTENT-TYPE: (a)message/rfc822\n\n",
        ] {
            let raw = field.repeat(100_000).into_bytes();
            let notes = with(&raw, |_, notes| notes).expect("a header");
            assert_eq!(notes.len(), 2, "{field}: {notes:?}");
        }
    }

    #[test]
    fn what_opens_nothing_is_not_counted() {
        let raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-type: text/plain\r\n\r\nThe type message/rfc822 and X-Type: message/global";
        assert_eq!(Nesting::of(raw), Nesting { messages: 1, multiparts: 1 });
    }

    #[test]
    fn a_panic_is_contained() {
        let seen: Option<()> = with(b"Subject: x\r\n\r\nDa", |_, _| panic!("a bug"));
        assert_eq!(seen, None);
    }

    #[test]
    fn a_poisoned_mail_is_known_by_its_header() {
        let seen = with(b"Subject: x\r\n\r\nDa", |message, notes| {
            assert!(message.body_text(0).is_none_or(|text| text.is_empty()), "a bug");
            (message.subject().map(str::to_owned), notes)
        });
        let notes = vec!["the message could not be read; only its header was".to_owned(), CUT.to_owned()];
        assert_eq!(seen, Some((Some("x".to_owned()), notes)));
    }
}
