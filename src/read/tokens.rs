//! The tokens of our letters, wherever a mail carries them.

use crate::model::{Answer, Token};

/// The longest tag, in bytes behind its `[#`.
const MAX_TAG: usize = 40;

/// Tokens in tags `[#TOKEN]` and `[#TOKEN:yes]`, with the button's answer; at most 20.
pub(super) fn in_text(text: &str) -> Vec<(Token, Option<Answer>)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"[#") {
        let after = rest.get(at + 2..).unwrap_or_default();
        rest = after;
        let end = after.bytes().take(MAX_TAG).position(|byte| byte == b']');
        let Some(inner) = end.and_then(|end| after.get(..end)) else { continue };
        let (token, word) = inner.split_once(':').map_or((inner, ""), |(token, word)| (token, word));
        let answer = match word.trim().to_ascii_lowercase().as_str() {
            "yes" => Some(Answer::Accept),
            "no" => Some(Answer::Decline),
            "maybe" => Some(Answer::Tentative),
            _ => None,
        };
        if let Some(token) = Token::parse(token.trim()) {
            found.push((token, answer));
            if found.len() >= 20 {
                break;
            }
        }
    }
    found
}
