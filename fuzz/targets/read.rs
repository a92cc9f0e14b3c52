//! Any bytes are read as a mail: no panic, and every bound that `Mail` promises holds.
#![no_main]

use convoke::read::{Context, mail};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// What we sent to this guest: quotes of it are subtracted.
static SENT: LazyLock<[String; 1]> = LazyLock::new(|| [include_str!("../seeds/sent.txt").to_owned()]);

fuzz_target!(|data: &[u8]| {
    let context = Context { sent: &*SENT, authserv_id: Some("mx.us.example"), ..Context::default() };
    let read = mail(data, &context);
    assert!(!read.notes.iter().any(|note| note.starts_with("the message could not be read")) || data.is_empty() || read.from.is_none());
    assert!(read.said.len() <= 64 * 1024 && read.quoted.len() <= 256 * 1024 && read.signature.len() <= 64 * 1024);
    assert!(read.recipients.len() <= 100 && read.references.len() <= 20 && read.in_reply_to.len() <= 20 && read.tokens.len() <= 20);
    assert!(!read.subject.contains(['\n', '\r']));
    // Without the memory of what was sent nothing fails either.
    let _ = mail(data, &Context::default());
});
