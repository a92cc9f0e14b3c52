//! What the header says: its fields, addresses, message ids and tokens.

use super::{
    charset,
    said::line::{normalise, some},
    tokens,
};
use crate::model::{Address, Token, mail::Mailbox};
use mail_parser::{Header, HeaderValue, Message};
use std::borrow::Cow;

/// How many addresses are kept.
const MAX_RECIPIENTS: usize = 100;
/// How many message ids are kept of one field.
const MAX_IDS: usize = 20;
/// Longer fields are cut before they are searched.
const MAX_FIELD: usize = 64 * 1024;
/// Only so many fields are looked at.
const MAX_FIELDS: usize = 2_000;

/// The header of the outermost message, or of one that it returns.
pub(super) struct Headers<'m> {
    /// Each with the key of its name: forty names are asked for, and most are not there.
    fields: Vec<(u64, &'m Header<'m>)>,
    raw: &'m [u8],
}

impl<'m> Headers<'m> {
    pub(super) fn of(message: &'m Message<'m>) -> Self {
        let fields = message.parts.first().map(|part| part.headers.as_slice()).unwrap_or_default();
        let fields = fields.iter().take(MAX_FIELDS).map(|field| (key(field.name.as_str()), field)).collect();
        Self { fields, raw: &message.raw_message }
    }

    pub(super) fn fields(&self, name: &str) -> impl Iterator<Item = &'m Header<'m>> {
        let wanted = key(name);
        let fields = self.fields.iter().filter(move |(key, _)| *key == wanted).map(|(_, field)| *field);
        fields.filter(move |field| field.name.as_str().eq_ignore_ascii_case(name))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields(name).next().is_some()
    }

    fn bytes(&self, field: &Header<'_>) -> &'m [u8] {
        let bytes = self.raw.get(field.offset_start as usize..field.offset_end as usize).unwrap_or_default();
        bytes.get(..MAX_FIELD).unwrap_or(bytes)
    }

    /// The values of a field as they stand in the mail, unfolded, not decoded.
    pub(super) fn raw(&self, name: &str) -> impl Iterator<Item = Cow<'m, str>> {
        self.fields(name).map(|field| self.unfolded(field))
    }

    /// The same, each with the place where it stands.
    pub(super) fn placed(&self, name: &str) -> impl Iterator<Item = (usize, Cow<'m, str>)> {
        self.fields(name).map(|field| (field.offset_field as usize, self.unfolded(field)))
    }

    fn unfolded(&self, field: &Header<'_>) -> Cow<'m, str> {
        match charset::guess(self.bytes(field), None, None) {
            Cow::Borrowed(text) => unfold(text),
            Cow::Owned(text) => Cow::Owned(unfold(&text).into_owned()),
        }
    }

    /// The first value in lower case; empty where there is none.
    pub(super) fn lower(&self, name: &str) -> String {
        self.raw(name).next().unwrap_or_default().to_lowercase()
    }

    /// The decoded text of a field. `tld` helps to guess the charset of raw 8-bit text.
    pub(super) fn text(&self, name: &str, tld: Option<&str>) -> String {
        let Some(field) = self.fields(name).next() else { return String::new() };
        let parsed = match &field.value {
            HeaderValue::Text(text) => Some(text.as_ref()),
            HeaderValue::TextList(list) => list.first().map(AsRef::as_ref),
            _ => None,
        };
        match parsed {
            Some(text) if !text.contains('\u{FFFD}') => unfold(text).into_owned(),
            _ => unfold(&charset::guess(self.bytes(field), None, tld)).into_owned(),
        }
    }

    /// The first mailbox of an address field.
    pub(super) fn mailbox(&self, name: &str) -> Option<Mailbox> {
        let field = self.fields(name).next()?;
        let address = field.value.as_address()?;
        let found = address.iter().find_map(|addr| {
            let email = Address::parse(addr.address()?).ok()?;
            Some(Mailbox { name: unfold(addr.name().unwrap_or_default()).into_owned(), email })
        });
        let tld = found.as_ref().and_then(|mailbox| tld(&mailbox.email).map(str::to_owned));
        match found {
            Some(mailbox) if mailbox.name.contains('\u{FFFD}') => {
                let raw = charset::guess(self.bytes(field), None, tld.as_deref());
                let name = raw.split('<').next().unwrap_or_default();
                Some(Mailbox { name: unfold(name.trim().trim_matches('"')).into_owned(), ..mailbox })
            }
            Some(mailbox) => Some(mailbox),
            // What the parser cannot read may still hold an address.
            None => {
                let email = addresses_in(&self.unfolded(field)).into_iter().next()?;
                Some(Mailbox { name: String::new(), email })
            }
        }
    }

    /// Everything that may carry our token, the surest fields first.
    pub(super) fn recipients(&self) -> Vec<Address> {
        let mut found: Vec<Address> = Vec::new();
        for name in [
            "Delivered-To",
            "X-Original-To",
            "Envelope-To",
            "X-Envelope-To",
            "Original-Recipient",
            "X-Delivered-To",
            "To",
            "Cc",
            "X-Forwarded-To",
        ] {
            for value in self.raw(name).take(20) {
                for address in addresses_in(&value) {
                    if found.len() < MAX_RECIPIENTS && !found.contains(&address) {
                        found.push(address);
                    }
                }
            }
        }
        found
    }

    /// The message ids of a field, with angle brackets, in their order; of many the last are kept.
    pub(super) fn ids(&self, name: &str) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for value in self.raw(name).take(10) {
            ids.append(&mut ids_in(&value));
        }
        ids.drain(..ids.len().saturating_sub(MAX_IDS));
        ids
    }
}

/// The end of a name in lower case, and its length.
fn key(name: &str) -> u64 {
    name.bytes().rev().take(7).fold(name.len() as u64, |key, byte| key << 8 | u64::from(byte.to_ascii_lowercase()))
}

/// One line, white space folded.
pub(super) fn unfold(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_ascii();
    let bytes = trimmed.as_bytes();
    if some(bytes, |byte| !matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n')) {
        return Cow::Owned(joined(normalise(trimmed).split_whitespace(), text.len()));
    }
    let behind = bytes.get(1..).unwrap_or_default();
    let doubled = bytes.iter().zip(behind).fold(false, |some, (byte, next)| some | (*byte == b' ' && *next == b' '));
    let folded = doubled || some(bytes, |byte| byte < b' ');
    if folded { Cow::Owned(joined(trimmed.split_ascii_whitespace(), text.len())) } else { Cow::Borrowed(trimmed) }
}

fn joined<'w>(words: impl Iterator<Item = &'w str>, room: usize) -> String {
    let mut line = String::with_capacity(room);
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The last label of the domain, where it is a country's.
pub(super) fn tld(address: &Address) -> Option<&str> {
    address.domain().rsplit('.').next().filter(|label| label.len() == 2)
}

/// Everything in a text that is an address, at most 200.
pub(super) fn addresses_in(text: &str) -> Vec<Address> {
    addresses(text, |_| true)
}

/// The tokens in the tags of a text's addresses, of at most 200.
pub(super) fn tagged_in(text: &str) -> impl Iterator<Item = Token> {
    addresses(text, |piece| piece.contains('+')).into_iter().filter_map(|address| token_in_address(&address))
}

/// The addresses of those pieces of a text that `wanted` lets pass before they are parsed.
fn addresses(text: &str, wanted: impl Fn(&str) -> bool) -> Vec<Address> {
    let ends = |c: char| matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | ',' | ';' | ':' | '|') || c.is_whitespace();
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let (before, behind) = rest.split_at(at);
        let start = before.char_indices().rev().find(|(_, c)| ends(*c)).map_or(0, |(at, c)| at + c.len_utf8());
        let end = behind.find(ends).map_or(rest.len(), |length| at + length);
        let piece = rest.get(start..end).unwrap_or_default();
        rest = rest.get(end..).unwrap_or_default();
        if wanted(piece)
            && let Ok(address) = Address::parse(piece.trim_matches(|c: char| "'`*.".contains(c)))
        {
            if !found.contains(&address) {
                found.push(address);
            }
            if found.len() >= 200 {
                break;
            }
        }
    }
    found
}

/// `<id@domain>` in a field.
pub(super) fn ids_in(text: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((id, behind)) = after.split_once('>') else { break };
        let id = if id.bytes().all(|byte| byte.is_ascii_graphic()) { id.into() } else { Cow::Owned(id.split_whitespace().collect()) };
        if id.contains('@') && id.len() <= 998 && !id.contains('<') {
            ids.push(["<", &id, ">"].concat());
        }
        rest = behind;
    }
    // Some programs leave the brackets out.
    if ids.is_empty() && text.trim().contains('@') && !text.trim().contains(' ') {
        ids.push(format!("<{}>", text.trim().trim_matches(['<', '>'])));
    }
    ids
}

/// `local+TOKEN@domain`.
pub(super) fn token_in_address(address: &Address) -> Option<Token> {
    let (_, tag) = address.local().rsplit_once('+')?;
    tag.split(['-', '=', '.', '_']).find_map(Token::parse)
}

/// `<kind.TOKEN.n@domain>`.
pub(super) fn token_in_id(id: &str) -> Option<Token> {
    let local = id.trim_start_matches('<').split('@').next()?;
    let mut pieces = local.split('.');
    let kind = pieces.next()?;
    let token = Token::parse(pieces.next()?)?;
    let number = pieces.next()?;
    let fits = kind.bytes().all(|b| b.is_ascii_lowercase()) && number.bytes().all(|b| b.is_ascii_digit()) && !number.is_empty();
    fits.then_some(token)
}

/// The tokens of a mail, strongest place first, each once.
pub(super) struct Tokens(pub(super) Vec<Token>);

impl Tokens {
    pub(super) fn add(&mut self, token: Option<Token>) {
        if let Some(token) = token.filter(|token| self.0.len() < 20 && !self.0.contains(token)) {
            self.0.push(token);
        }
    }

    /// Tags and message ids in a text.
    pub(super) fn add_text(&mut self, text: &str) {
        for (token, _) in tokens::in_text(text) {
            self.add(Some(token));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_in_addresses_and_ids() {
        let token = Token::parse("k7q2m9x4t8wn");
        assert_eq!(token_in_address(&Address::parse("rsvp+K7Q2M9X4T8WN@x.example").expect("an address")), token);
        assert_eq!(token_in_address(&Address::parse("k7q2m9x4t8wn@x.example").expect("an address")), None);
        assert_eq!(token_in_id("<invitation.k7q2m9x4t8wn.1@x.example>"), token);
        assert_eq!(token_in_id("<abc.def.1@x.example>"), None);
    }

    #[test]
    fn ids_without_brackets_and_folded_ids() {
        assert_eq!(ids_in("<a@x> junk <b\r\n @y>"), ["<a@x>", "<b@y>"]);
        assert_eq!(ids_in("a@x.example"), ["<a@x.example>"]);
    }
}
