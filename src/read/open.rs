//! Opens a message behind guards: mail-parser 0.11 recurses into nested messages when they are dropped, so nesting is
//! counted before it sees them, and deep ones are read on a thread with a large stack.

use aho_corasick::AhoCorasick;
use mail_parser::{Message, MessageParser};
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

static NESTING: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = ["rfc822", "message/global", "multipart/", "message/rfc822", "digest"];
    AhoCorasick::builder().ascii_case_insensitive(true).match_kind(aho_corasick::MatchKind::LeftmostLongest).build(words).ok()
});

#[derive(Default)]
struct Nesting {
    messages: usize,
    multiparts: usize,
    any: usize,
}

impl Nesting {
    fn of(raw: &[u8]) -> Self {
        let mut nesting = Self::default();
        for found in NESTING.iter().flat_map(|words| words.find_iter(raw)) {
            match found.pattern().as_usize() {
                1 | 3 => nesting.messages += 1,
                2 => nesting.multiparts += 1,
                4 => nesting.any += 1,
                _ => nesting.any += 1,
            }
        }
        nesting
    }
}

/// Opens `raw` and hands the message to `read`, with notes on what was left out; None where there is no message.
///
/// A panic in the parser or in `read` becomes None: one poisoned mail must not stop the next.
pub(super) fn with<R: Send>(raw: &[u8], read: impl FnOnce(&Message<'_>, Vec<String>) -> R + Send) -> Option<R> {
    let mut notes = Vec::new();
    let raw = without_envelope_line(raw);
    let bytes = raw.get(..MAX_BYTES).unwrap_or(raw);
    if bytes.len() < raw.len() {
        notes.push(format!("the message is {} bytes long; only the first {MAX_BYTES} were read", raw.len()));
    }
    let nesting = Nesting::of(bytes);
    let closed = nesting.messages > MAX_MESSAGES || nesting.multiparts > MAX_MULTIPARTS;
    if closed {
        notes.push("the message nests too many messages or parts; only its header was read".to_owned());
    }
    let open = || {
        catch_unwind(AssertUnwindSafe(|| {
            let parser = &*PARSER;
            let message = if closed { parser.parse_headers(bytes) } else { parser.parse(bytes) }?;
            Some(read(&message, notes))
        }))
        .ok()
        .flatten()
    };
    if !closed && nesting.messages + nesting.multiparts + nesting.any > SOME_NESTING {
        return on_large_stack(open);
    }
    open()
}

/// Without the `From ana@x.example Thu Aug 22 …` line that mbox files put before a message, and empty lines before it.
fn without_envelope_line(raw: &[u8]) -> &[u8] {
    let raw = raw.trim_ascii_start();
    match raw.strip_prefix(b"From ").or_else(|| raw.strip_prefix(b">From ")) {
        Some(rest) => rest.iter().position(|b| *b == b'\n').and_then(|at| rest.get(at + 1..)).unwrap_or(raw),
        None => raw,
    }
}

/// Building a parser fills a map of header names: once is enough.
static PARSER: LazyLock<MessageParser> = LazyLock::new(MessageParser::default);

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
        assert_eq!(notes.len(), 1, "{notes:?}");
    }

    #[test]
    fn some_nesting_is_read_on_a_large_stack() {
        let mut raw = b"Content-Type: message/rfc822\r\n\r\n".repeat(60);
        raw.extend_from_slice(b"Subject: x\r\n\r\nDa");
        assert_eq!(with(&raw, |_, notes| notes.len()), Some(0));
    }

    #[test]
    fn a_panic_is_contained() {
        let seen: Option<()> = with(b"Subject: x\r\n\r\nDa", |_, _| panic!("a bug"));
        assert_eq!(seen, None);
    }
}
