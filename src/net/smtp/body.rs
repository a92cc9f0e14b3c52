//! The bytes of a letter as they stand on the wire between 354 and the last answer.

/// The last bytes of every letter; the server's responsibility begins with them.
const DOT: &[u8] = b".\r\n";

/// Writes the letter to `out`: every line ends with CRLF, a leading dot is doubled (RFC 5321 §4.5.2), and the
/// dot that ends it all stands last.
///
/// A bare CR or LF becomes CRLF: servers disagree on what they mean, and that is how one letter is
/// smuggled inside another.
pub(crate) fn stuff(raw: &[u8], out: &mut Vec<u8>) {
    out.reserve(raw.len() + raw.len() / 64 + 8);
    // What is in order is copied in runs: `run` begins with what was not copied yet, its first `clean` bytes are in order.
    let (mut run, mut clean) = (raw, 0);
    loop {
        let line = run.get(clean..).unwrap_or_default();
        if line.is_empty() {
            break;
        }
        if line.first() == Some(&b'.') {
            out.extend_from_slice(run.get(..clean).unwrap_or_default());
            out.push(b'.');
            (run, clean) = (line, 0);
        }
        let length = memchr::memchr2(b'\r', b'\n', line).unwrap_or(line.len());
        let end = line.get(length..).unwrap_or_default();
        clean += length;
        if end.starts_with(b"\r\n") {
            clean += 2;
        } else {
            out.extend_from_slice(run.get(..clean).unwrap_or_default());
            out.extend_from_slice(b"\r\n");
            (run, clean) = (end.get(1..).unwrap_or_default(), 0);
        }
    }
    out.extend_from_slice(run);
    out.extend_from_slice(DOT);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stuffed(raw: &str) -> String {
        let mut out = Vec::new();
        stuff(raw.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn dots_and_line_ends() {
        for (raw, wire) in [
            ("", ".\r\n"),
            ("a", "a\r\n.\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
            ("..\r\n.x", "...\r\n..x\r\n.\r\n"),
            ("a\n.\nb\r.\rc\n\r\n", "a\r\n..\r\nb\r\n..\r\nc\r\n\r\n.\r\n"),
            ("x.y\r\n", "x.y\r\n.\r\n"),
        ] {
            assert_eq!(stuffed(raw), wire, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn no_letter_holds_the_end_of_a_letter(raw in "[a.\r\n]{0,40}") {
            let wire = format!("\r\n{}", stuffed(&raw));
            prop_assert_eq!(wire.find("\r\n.\r\n"), Some(wire.len() - 5));
            prop_assert!(!wire.replace("\r\n", "").contains(['\r', '\n']));
        }
    }
}
