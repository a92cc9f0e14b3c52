//! Enhanced status codes and SMTP reply codes in running text.

/// The first enhanced status code (RFC 3463) in a text: `5.1.1`. Parts of addresses and versions are none.
pub(super) fn enhanced(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let free = before.is_none_or(|b| !b.is_ascii_digit() && *b != b'.');
        if free && matches!(bytes.get(at), Some(b'2' | b'4' | b'5')) && bytes.get(at + 1) == Some(&b'.') {
            let subject = digits(bytes, at + 2);
            let dot = at + 2 + subject;
            let detail = if bytes.get(dot) == Some(&b'.') { digits(bytes, dot + 1) } else { 0 };
            let end = dot + 1 + detail;
            let longer = bytes.get(end) == Some(&b'.') && digits(bytes, end + 1) > 0;
            if (1..=3).contains(&subject) && (1..=3).contains(&detail) && !longer {
                return text.get(at..end).map(str::to_owned);
            }
        }
        at += 1;
    }
    None
}

fn digits(bytes: &[u8], at: usize) -> usize {
    bytes.iter().skip(at).take(4).take_while(|b| b.is_ascii_digit()).count()
}

/// The first three-digit reply code 4xx or 5xx that stands as a word.
pub(super) fn reply(text: &str) -> Option<u16> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').find_map(|word| {
        let fits = word.len() == 3 && word.starts_with(['4', '5']) && word.bytes().all(|b| b.is_ascii_digit());
        let code: u16 = if fits { word.parse().ok()? } else { return None };
        (code < 560).then_some(code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_from_addresses() {
        assert_eq!(enhanced("host 5.9.1.1 said 550 5.1.1 no"), Some("5.1.1".to_owned()));
        assert_eq!(enhanced("(#5.1.1)"), Some("5.1.1".to_owned()));
        assert_eq!(enhanced("4.4.2018"), None);
        assert_eq!(reply("Remote host said: 550-5.1.1"), Some(550));
        assert_eq!(reply("5500 and 599"), None);
    }
}
