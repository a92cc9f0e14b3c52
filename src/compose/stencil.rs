//! A finished text in which only the guest's token is still to be set.
//!
//! A token is always twelve letters that no encoding changes, so whatever is made of it has it at the same places. They are
//! found by writing the same thing for two tokens: where the two differ, there the token stands.

use crate::model::Token;

/// The text between the places, each with the part of the token that follows it (all of it, or what a line break left of it).
#[derive(Debug)]
pub(super) struct Stencil(Vec<(Box<str>, std::ops::Range<usize>)>);

/// The two tokens that a text is written for; they differ in every letter.
pub(super) fn tokens() -> [Token; 2] {
    [Token::from_bits(0), Token::from_bits(u64::MAX)]
}

impl Stencil {
    /// `one` and `two` are the same text, written for the two of [`tokens`]. None where more than the token differs.
    pub(super) fn of(one: &str, two: &str) -> Option<Self> {
        if one.len() != two.len() {
            return None;
        }
        let [first, second] = tokens();
        let letters = |n: usize| Some((*first.as_str().as_bytes().get(n)?, *second.as_str().as_bytes().get(n)?));
        let mut parts = Vec::new();
        let (mut begin, mut set) = (0, 0_usize);
        let mut place: Option<(usize, std::ops::Range<usize>)> = None;
        for (at, (a, b)) in one.bytes().zip(two.bytes()).enumerate() {
            if a == b {
                if let Some((start, range)) = place.take() {
                    parts.push((one.get(begin..start)?.into(), range));
                    begin = at;
                }
                continue;
            }
            let n = set % Token::LEN;
            if letters(n) != Some((a, b)) {
                return None;
            }
            set += 1;
            match &mut place {
                Some((_, range)) if n != 0 => range.end = n + 1,
                _ => {
                    if let Some((start, range)) = place.take() {
                        parts.push((one.get(begin..start)?.into(), range));
                        begin = at;
                    }
                    place = Some((at, n..n + 1));
                }
            }
        }
        match place {
            Some((start, range)) => parts.push((one.get(begin..start)?.into(), range)),
            None => parts.push((one.get(begin..)?.into(), 0..0)),
        }
        (set % Token::LEN == 0).then_some(Self(parts))
    }

    pub(super) fn write(&self, token: &Token, out: &mut String) {
        for (text, part) in &self.0 {
            out.push_str(text);
            out.push_str(token.as_str().get(part.clone()).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_set_wherever_it_stood() {
        let own = Token::parse("k7q2m9x4t8wn").expect("a token");
        let [one, two] = tokens();
        for wanted in ["", "a", "a@", "@b", "a@b@@c", "ș@\u{1F600}@", "0000@zzzz"] {
            let with = |token: &Token| wanted.replace('@', token.as_str());
            let mut written = String::new();
            Stencil::of(&with(&one), &with(&two)).expect("one shape").write(&own, &mut written);
            assert_eq!(written, with(&own));
        }
        let broken = |token: &Token| format!("x{}=\r\n{}y", token.as_str().split_at(5).0, token.as_str().split_at(5).1);
        let mut written = String::new();
        Stencil::of(&broken(&one), &broken(&two)).expect("one shape").write(&own, &mut written);
        assert_eq!(written, broken(&own));
        assert!(Stencil::of("a", "b").is_none() && Stencil::of("a", "ab").is_none() && Stencil::of("000", "zzz").is_none());
    }
}
