//! Quoted-printable for the lines that differ from letter to letter (RFC 2045 §6.7).
//!
//! Gives the bytes that lettre gives for the same text (a test holds it), so that a line may be encoded here or there.
//! A line's encoding depends on no other line.

/// Octets on an encoded line, a soft break's `=` among them.
const LIMIT: usize = 76;

/// Encodes a text of `\n` line ends; they become CRLF. The text holds no CR.
pub(super) fn encode(text: &str, out: &mut String) {
    for line in text.split_inclusive('\n') {
        let whole = line.strip_suffix('\n');
        one(whole.unwrap_or(line), out);
        if whole.is_some() {
            out.push_str("\r\n");
        }
    }
}

fn one(line: &str, out: &mut String) {
    let (line, end) = match line.as_bytes().last() {
        Some(b' ') => (line.get(..line.len().saturating_sub(1)).unwrap_or_default(), "=20"),
        Some(b'\t') => (line.get(..line.len().saturating_sub(1)).unwrap_or_default(), "=09"),
        _ => (line, ""),
    };
    let mut column = Column { used: 0, last: 0 };
    let mut rest = line;
    while !rest.is_empty() {
        let run = rest.bytes().position(|byte| !is_plain(byte)).unwrap_or(rest.len());
        // Plain octets are ASCII, so a run ends between characters.
        let (mut plain, after) = rest.split_at_checked(run).unwrap_or((rest, ""));
        while !plain.is_empty() {
            let room = (LIMIT - 1).saturating_sub(column.used);
            let (now, later) = plain.split_at_checked(room.clamp(1, plain.len())).unwrap_or((plain, ""));
            if room == 0 {
                column.unit(now, out);
            } else {
                out.push_str(now);
                column.used += now.len();
                column.last = 1;
            }
            plain = later;
        }
        let mut characters = after.chars();
        if let Some(c) = characters.next() {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let digit = |four: u8| char::from(if four < 10 { b'0' + four } else { b'A' - 10 + four });
                let mut unit = [0; 3];
                let [mark, high, low] = &mut unit;
                (*mark, *high, *low) = (b'=', digit(byte >> 4) as u8, digit(byte & 15) as u8);
                column.unit(std::str::from_utf8(&unit).unwrap_or_default(), out);
            }
        }
        rest = characters.as_str();
    }
    if !end.is_empty() {
        column.unit(end, out);
    }
}

/// How full the line is.
struct Column {
    used: usize,
    /// Octets of the last unit: a full line gives it up when another one follows, to make room for `=`.
    last: usize,
}

impl Column {
    fn unit(&mut self, unit: &str, out: &mut String) {
        if self.used + unit.len() > LIMIT {
            if self.used == LIMIT {
                out.insert_str(out.len().saturating_sub(self.last), "=\r\n");
                self.used = self.last;
            } else {
                out.push_str("=\r\n");
                self.used = 0;
            }
        }
        out.push_str(unit);
        self.used += unit.len();
        self.last = unit.len();
    }
}

fn is_plain(byte: u8) -> bool {
    byte == b'\t' || (b' '..=b'~').contains(&byte) && byte != b'='
}

#[cfg(test)]
mod tests {
    use super::*;
    use lettre::message::{Body, header::ContentTransferEncoding};
    use proptest::prelude::*;

    fn same(text: &str) {
        let theirs = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable).map(Body::into_vec);
        let mut ours = String::new();
        encode(text, &mut ours);
        assert_eq!(Ok(ours), theirs.map(|bytes| String::from_utf8(bytes).expect("ASCII")), "{text:?}");
    }

    #[test]
    fn every_column_breaks_as_lettre_breaks() {
        for used in 0..160 {
            for tail in ["", "x", "xy", "=", "ș", "😀", " ", "\t", "x ", "= ", "==", "  ", "ș\nx", " \n", "xș "] {
                same(&format!("{}{tail}", "a".repeat(used)));
                same(&format!("ț{}{tail}\nb", "ab ".repeat(used / 3)));
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_encoded_as_lettre_encodes_it(text in "([a-z ]{0,90}|[=ăș😀]{0,30}|\n|[\t .]{0,4}|\\PC{0,20}){0,12}") {
            same(&text);
        }
    }
}
