//! Any bytes as the calendar part of an answer: base64, so that they arrive as they are.
#![no_main]

use convoke::{model::MailKind, read::{Context, mail}};
use libfuzzer_sys::fuzz_target;

const SHAPES: [&str; 4] = [
    "Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n",
    "Content-Type: text/calendar; charset=iso-8859-1\r\n",
    "Content-Type: application/ics; name=\"invite.ics\"\r\n",
    "Content-Type: application/ms-tnef; name=\"winmail.dat\"\r\n",
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, body)) = data.split_first() else { return };
    let shape = SHAPES[usize::from(*choice) % SHAPES.len()];
    let mut raw = format!(
        "From: Ana Pop <ana@guest.example>\r\nTo: rsvp+k7q2m9x4t8wn@us.example\r\nSubject: Accepted: Workshop\r\nMIME-Version: 1.0\r\n{shape}Content-Transfer-Encoding: base64\r\n\r\n"
    );
    encode(body, &mut raw);
    let read = mail(raw.as_bytes(), &Context::default());
    if let Some(calendar) = &read.calendar {
        assert_eq!(read.kind, MailKind::Calendar);
        assert!(matches!(calendar.method.as_str(), "REPLY" | "COUNTER"), "{}", calendar.method);
        assert!(calendar.comment.as_deref().unwrap_or_default().len() <= 4 * 1024);
    }
});

/// RFC 2045 §6.8, lines of 76.
fn encode(bytes: &[u8], out: &mut String) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for line in bytes.chunks(57) {
        for three in line.chunks(3) {
            let number = three.iter().chain([0, 0].iter()).take(3).fold(0usize, |number, byte| number << 8 | usize::from(*byte));
            for place in 0..4 {
                let letter = if place <= three.len() { LETTERS[number >> (18 - 6 * place) & 63] } else { b'=' };
                out.push(char::from(letter));
            }
        }
        out.push_str("\r\n");
    }
}
