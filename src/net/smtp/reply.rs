//! What a server answers: bytes in, replies out. Pure, bounded, indifferent to where the bytes are split.

use super::super::one_line;

/// Longest line of a reply, its end included. RFC 5321 §4.5.3.1.5 says 512.
const LINE: usize = 2048;
/// Most lines of one reply.
const LINES: usize = 512;
/// Most bytes that may wait to be read as replies.
const BACKLOG: usize = LINE * LINES;

/// One reply: a code and its lines (RFC 5321 §4.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Reply {
    pub code: u16,
    /// Without code and line end, at least one. What is not UTF-8 was replaced.
    pub lines: Vec<String>,
}

/// Bytes that are no reply. Nothing after them can be trusted.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the server did not answer in SMTP: {0}")]
pub(crate) struct Garbage(pub String);

impl Reply {
    /// 2yz.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// The enhanced status (RFC 3463) that opens the first line, as `5.1.1`.
    pub fn enhanced(&self) -> Option<&str> {
        let word = self.lines.first()?.split(' ').next()?;
        let mut parts = word.split('.');
        let class = parts.next()?;
        let fits = |part: Option<&str>| part.is_some_and(|p| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
        let same_class = matches!(class, "2" | "4" | "5") && self.code.to_string().starts_with(class);
        (same_class && fits(parts.next()) && fits(parts.next()) && parts.next().is_none()).then_some(word)
    }

    /// All lines as one, at most 500 characters.
    pub fn text(&self) -> String {
        one_line(&self.lines.join(" "), 500)
    }

    /// Code and text on one line.
    pub fn whole(&self) -> String {
        format!("{} {}", self.code, self.text())
    }
}

/// Gathers bytes and gives whole replies.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    bytes: Vec<u8>,
    /// How many of `bytes` were taken already.
    start: usize,
    /// How many behind `start` are known to hold no line end.
    searched: usize,
    code: u16,
    lines: Vec<String>,
    whole: Option<Reply>,
    garbage: Option<Garbage>,
}

impl Replies {
    /// More bytes from the wire. At most a megabyte may wait; more is garbage.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.bytes.len() - self.start + bytes.len() > BACKLOG {
            self.garbage.get_or_insert_with(|| Garbage("it sent more than a megabyte unasked".into()));
            return;
        }
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// True when nothing waits: no whole reply and no beginning of one.
    pub fn is_empty(&self) -> bool {
        self.bytes.len() == self.start && self.lines.is_empty() && self.whole.is_none() && self.garbage.is_none()
    }

    /// Whether [`Self::next`] has something to say: a whole reply, or garbage.
    pub fn gather(&mut self) -> bool {
        while self.whole.is_none() && self.garbage.is_none() {
            let taken = match self.line() {
                Ok(None) => return false,
                Ok(Some(line)) => self.take(&line),
                Err(garbage) => Err(garbage),
            };
            match taken {
                Ok(whole) => self.whole = whole,
                Err(garbage) => self.garbage = Some(garbage),
            }
        }
        true
    }

    /// The next whole reply, when there is one. What stands behind garbage is garbage too.
    pub fn next(&mut self) -> Result<Option<Reply>, Garbage> {
        self.gather();
        match (self.whole.take(), &self.garbage) {
            (Some(reply), _) => Ok(Some(reply)),
            (None, Some(garbage)) => Err(garbage.clone()),
            (None, None) => Ok(None),
        }
    }

    fn line(&mut self) -> Result<Option<Vec<u8>>, Garbage> {
        let waiting = self.bytes.get(self.start..).unwrap_or_default();
        let end = memchr::memchr(b'\n', waiting.get(self.searched..).unwrap_or_default()).map(|more| self.searched + more);
        match end {
            Some(end) if end < LINE => {
                let line = waiting.get(..end).unwrap_or_default();
                let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
                self.searched = 0;
                self.start += end + 1;
                Ok(Some(line))
            }
            None if waiting.len() < LINE => {
                self.searched = waiting.len();
                Ok(None)
            }
            _ => Err(Garbage(format!("a line is longer than {LINE} bytes"))),
        }
    }

    fn take(&mut self, line: &[u8]) -> Result<Option<Reply>, Garbage> {
        let garbage = || Garbage(format!("“{}”", one_line(&String::from_utf8_lossy(line), 80)));
        let (code, rest) = match line {
            [a @ b'2'..=b'5', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
                (u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0'), rest)
            }
            _ => return Err(garbage()),
        };
        let (last, text) = match rest {
            [] => (true, rest),
            [b' ', text @ ..] => (true, text),
            [b'-', text @ ..] => (false, text),
            _ => return Err(garbage()),
        };
        if self.lines.is_empty() {
            self.code = code;
        } else if self.code != code {
            return Err(Garbage(format!("one reply has the codes {} and {code}", self.code)));
        }
        if self.lines.len() >= LINES {
            return Err(Garbage(format!("a reply has more than {LINES} lines")));
        }
        self.lines.push(String::from_utf8_lossy(text).into_owned());
        Ok(last.then(|| Reply { code, lines: std::mem::take(&mut self.lines) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(chunks: &[&[u8]]) -> Result<Vec<Reply>, Garbage> {
        let (mut replies, mut out) = (Replies::default(), Vec::new());
        for chunk in chunks {
            replies.feed(chunk);
            while let Some(reply) = replies.next()? {
                out.push(reply);
            }
        }
        Ok(out)
    }

    #[test]
    fn split_at_every_byte_it_is_the_same() {
        let bytes = b"250-a.example\r\n250-SIZE 100\r\n250 \r\n354\r\n550-5.1.1 no\n550 5.1.1 such user\r\n";
        let whole = all(&[bytes]).unwrap();
        assert_eq!(whole.iter().map(|r| (r.code, r.lines.len())).collect::<Vec<_>>(), [(250, 3), (354, 1), (550, 2)]);
        for at in 0..=bytes.len() {
            let (a, b) = bytes.split_at(at);
            assert_eq!(all(&[a, b]).unwrap(), whole, "split at {at}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(all(&single).unwrap(), whole);
    }

    #[test]
    fn enhanced_codes_are_read_only_where_they_agree() {
        let reply = |code, text: &str| Reply { code, lines: vec![text.to_owned()] };
        assert_eq!(reply(550, "5.1.1 no such user").enhanced(), Some("5.1.1"));
        assert_eq!(reply(250, "2.0.0 Ok: queued as 4AB").enhanced(), Some("2.0.0"));
        for text in ["", "no", "2.0.0 odd", "5.1", "5.1.1.1 x", "5.1.9999 x", "127.0.0.1 said no", "5..1 x"] {
            assert_eq!(reply(550, text).enhanced(), None, "{text}");
        }
    }

    #[test]
    fn three_hundred_lines_are_a_reply_and_six_hundred_are_not() {
        let long = |n: usize| ["250-x\r\n".repeat(n), "250 end\r\n".into()].concat();
        assert_eq!(all(&[long(299).as_bytes()]).unwrap().first().unwrap().lines.len(), 300);
        assert!(all(&[long(600).as_bytes()]).is_err());
    }

    #[test]
    fn what_is_no_reply_is_said_so() {
        let endless = vec![b'2'; LINE];
        let full = format!("250 {}\r\n", "x".repeat(LINE));
        for bytes in [
            b"HTTP/1.1 400 Bad Request\r\n" as &[u8],
            b"\r\n",
            b"25\r\n",
            b"250x\r\n",
            b"199 x\r\n",
            b"650 x\r\n",
            b"250-a\r\n550 b\r\n",
            &endless,
            full.as_bytes(),
        ] {
            assert!(all(&[bytes]).is_err(), "{}", String::from_utf8_lossy(bytes));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end_in_replies_or_garbage(bytes in proptest::collection::vec(any::<u8>(), 0..600), at in 0usize..600) {
            let (a, b) = bytes.split_at(at.min(bytes.len()));
            prop_assert_eq!(all(&[a, b]).ok().map(|r| r.len()), all(&[&bytes]).ok().map(|r| r.len()));
        }
    }
}
