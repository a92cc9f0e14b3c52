//! What to look up for a mail.

use super::{Clue, Role, Rung};
use crate::model::{Address, Mail, MailKind, Token};

/// At most this many clues for one mail.
const MAX_CLUES: usize = 200;
/// How much of a text is searched for tokens, in bytes.
const MAX_TEXT: usize = 64 * 1024;
/// RFC 5545 gives no bound; ours are 12 characters and a domain.
const MAX_ID: usize = 998;
/// Of the number in our Message-IDs.
const MAX_DIGITS: usize = 9;

/// Everything in the mail that may name an invitation: strongest first, each clue once (at its strongest rung), at most 200.
///
/// A clue is only a question to the store; forging one leads at most to an invitation whose token the forger knew.
pub fn clues(mail: &Mail) -> Vec<(Rung, Clue)> {
    let mut ladder = Ladder::default();
    for address in &mail.recipients {
        ladder.tokens(Rung::RecipientToken, of_address(address));
    }
    if let Some(calendar) = &mail.calendar {
        if let Some(organizer) = &calendar.organizer {
            ladder.tokens(Rung::Organizer, of_address(organizer));
        }
        if let Some(uid) = calendar.uid.as_deref().filter(|uid| uid.len() <= MAX_ID) {
            ladder.tokens(Rung::CalendarUid, uid.split_once('@').and_then(|(local, _)| Token::parse(local)));
            ladder.add(Rung::CalendarUid, Clue::CalendarUid(uid.to_owned()));
        }
    }
    for id in &mail.in_reply_to {
        ladder.message_id(Rung::InReplyTo, id);
    }
    for id in mail.references.iter().rev().take(20) {
        ladder.message_id(Rung::References, id);
    }
    ladder.tokens(Rung::SubjectToken, of_text(&mail.subject));
    ladder.tokens(Rung::QuotedToken, of_text(&mail.quoted));
    ladder.tokens(Rung::QuotedToken, of_text(&mail.said));
    ladder.tokens(Rung::QuotedToken, mail.tokens.iter().cloned());
    for id in &mail.returned_ids {
        ladder.message_id(Rung::ReturnedId, id);
    }
    if let Some(attendee) = mail.calendar.as_ref().and_then(|c| c.attendee.as_ref()) {
        ladder.add(Rung::Attendee, Clue::Address(attendee.clone(), Role::Attendee));
    }
    // The author of a delivery notice or a complaint is a server, never a guest.
    if !matches!(mail.kind, MailKind::Bounce | MailKind::Complaint) {
        if let Some(address) = &mail.reply_to {
            ladder.add(Rung::ReplyTo, Clue::Address(address.clone(), Role::ReplyTo));
        }
        if let Some(from) = &mail.from {
            ladder.add(Rung::From, Clue::Address(from.email.clone(), Role::From));
        }
    }
    for address in mail.bounce.iter().flat_map(|bounce| &bounce.recipients) {
        ladder.add(Rung::BounceRecipient, Clue::Address(address.clone(), Role::BounceRecipient));
    }
    ladder.found
}

#[derive(Default)]
struct Ladder {
    found: Vec<(Rung, Clue)>,
}

impl Ladder {
    fn add(&mut self, rung: Rung, clue: Clue) {
        if self.found.len() < MAX_CLUES && !self.found.iter().any(|(_, known)| *known == clue) {
            self.found.push((rung, clue));
        }
    }

    fn tokens(&mut self, rung: Rung, tokens: impl IntoIterator<Item = Token>) {
        for token in tokens {
            self.add(rung, Clue::Token(token));
        }
    }

    fn message_id(&mut self, rung: Rung, id: &str) {
        if id.len() <= MAX_ID {
            self.tokens(rung, of_message_id(id));
            self.add(rung, Clue::MessageId(id.to_owned()));
        }
    }
}

/// The token of `<kind.TOKEN.n@domain>`, the form of our own Message-IDs; None for any other.
pub(super) fn of_message_id(id: &str) -> Option<Token> {
    let inner = id.strip_prefix('<')?.strip_suffix('>')?;
    let (local, _) = inner.rsplit_once('@')?;
    let mut parts = local.split('.');
    let (kind, token, number) = (parts.next()?, parts.next()?, parts.next()?);
    let ours = parts.next().is_none()
        && crate::model::Kind::parse(&kind.to_ascii_lowercase()).is_some()
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit());
    ours.then(|| Token::parse(token)).flatten()
}

/// The token after the `+` (or `%2B`, or the `-` of qmail and old Exchange) of an address, or one that is the whole local part.
fn of_address(address: &Address) -> Option<Token> {
    let local = address.local();
    let tag = local.rsplit(['+', '-', '=']).next().unwrap_or(local);
    let tag = tag.rsplit("%2b").next().unwrap_or(tag);
    Token::parse(tag)
}

/// Tokens in a text, in its order: subject tags, tagged addresses, our Message-IDs; also percent-encoded, as in a `mailto:` link.
fn of_text(text: &str) -> Vec<Token> {
    let text = text.as_bytes();
    let text = text.get(..MAX_TEXT).unwrap_or(text);
    let mut found = Vec::new();
    for at in memchr::memchr3_iter(b'#', b'@', b'%', text) {
        let Some((before, behind)) = text.split_at_checked(at) else { break };
        found.extend(tag(before, behind).or_else(|| tagged(before, behind)));
        if found.len() >= MAX_CLUES {
            break;
        }
    }
    found
}

/// `[#TOKEN]` or `[#TOKEN:yes]` where `behind` begins with its `#`.
fn tag(before: &[u8], behind: &[u8]) -> Option<Token> {
    let (token, rest) = without(behind, b'#', b"%23")?.split_first_chunk::<{ Token::LEN }>()?;
    let opens = before.last() == Some(&b'[') || ends_with(before, b"%5B");
    let closes = [(b']', b"%5D"), (b':', b"%3A")].into_iter().any(|(plain, coded)| without(rest, plain, coded).is_some());
    (opens && closes).then(|| parse(token)).flatten()
}

/// `+TOKEN@…` or `<kind.TOKEN.n@…` where `behind` begins with its `@`.
fn tagged(before: &[u8], behind: &[u8]) -> Option<Token> {
    without(behind, b'@', b"%40")?;
    let (head, last) = before.split_last_chunk::<{ Token::LEN }>()?;
    if head.last() == Some(&b'+') || ends_with(head, b"%2B") {
        return parse(last);
    }
    let digits = before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = before.get(..before.len() - digits).filter(|_| (1..=MAX_DIGITS).contains(&digits))?;
    let (head, token) = rest.strip_suffix(b".")?.split_last_chunk::<{ Token::LEN }>()?;
    let head = head.strip_suffix(b".")?;
    crate::model::Kind::ALL.iter().any(|kind| ends_with(head, kind.as_str().as_bytes())).then(|| parse(token)).flatten()
}

/// What follows a sign, plain or percent-encoded.
fn without<'t>(text: &'t [u8], plain: u8, coded: &[u8; 3]) -> Option<&'t [u8]> {
    let (first, rest) = text.split_first()?;
    if *first == plain {
        return Some(rest);
    }
    text.split_first_chunk::<3>().filter(|(head, _)| head.eq_ignore_ascii_case(coded)).map(|(_, rest)| rest)
}

fn ends_with(text: &[u8], end: &[u8]) -> bool {
    text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

fn parse(token: &[u8]) -> Option<Token> {
    std::str::from_utf8(token).ok().and_then(Token::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pair::persons::tests::{address, mail};

    const TOKEN: &str = "k7q2m9x4t8wn";

    fn token() -> Clue {
        Clue::Token(Token::parse(TOKEN).unwrap())
    }

    #[test]
    fn each_rung_alone() {
        let with = |rung: Rung, f: &dyn Fn(&mut Mail)| {
            let mut mail = mail("x@y.example");
            mail.from = None;
            f(&mut mail);
            assert_eq!(clues(&mail).first(), Some(&(rung, token())), "{rung:?}");
        };
        with(Rung::RecipientToken, &|m| m.recipients = vec![address("workshop+K7Q2M9X4T8WN@us.example")]);
        with(Rung::RecipientToken, &|m| m.recipients = vec![address("k7q2m9x4t8wn@rsvp.us.example")]);
        with(Rung::Organizer, &|m| {
            m.calendar = Some(crate::pair::persons::tests::calendar(None));
            m.calendar.as_mut().unwrap().organizer = Some(address("workshop+k7q2m9x4t8wn@us.example"));
        });
        with(Rung::CalendarUid, &|m| {
            m.calendar = Some(crate::pair::persons::tests::calendar(None));
            m.calendar.as_mut().unwrap().uid = Some("K7Q2M9X4T8WN@us.example".into());
        });
        with(Rung::InReplyTo, &|m| m.in_reply_to = vec!["<invitation.k7q2m9x4t8wn.1@us.example>".into()]);
        with(Rung::References, &|m| m.references = vec!["<invitation.k7q2m9x4t8wn.1@us.example>".into()]);
        with(Rung::SubjectToken, &|m| m.subject = "Re: Invitatie [#K7Q2M9X4T8WN:yes]".into());
        with(Rung::QuotedToken, &|m| m.quoted = "mailto:a@us.example?subject=Da%20%5B%23k7q2m9x4t8wn%3Ayes%5D".into());
        with(Rung::QuotedToken, &|m| m.quoted = "From: <workshop+k7q2m9x4t8wn@us.example>".into());
        with(Rung::QuotedToken, &|m| m.tokens = vec![Token::parse(TOKEN).unwrap()]);
        with(Rung::ReturnedId, &|m| m.returned_ids = vec!["<invitation.k7q2m9x4t8wn.1@us.example>".into()]);
    }

    #[test]
    fn strongest_first_and_each_once() {
        let mut mail = mail("x@y.example");
        mail.subject = "[#k7q2m9x4t8wn]".into();
        mail.recipients = vec![address("a+k7q2m9x4t8wn@us.example")];
        mail.references = vec!["<1@z.example>".into(), "<2@z.example>".into()];
        let found = clues(&mail);
        assert!(found.is_sorted_by_key(|(rung, _)| *rung));
        assert_eq!(found.iter().filter(|(_, clue)| *clue == token()).count(), 1);
        let references: Vec<_> = found.iter().filter(|(rung, _)| *rung == Rung::References).map(|(_, clue)| clue.clone()).collect();
        assert_eq!(references, [Clue::MessageId("<2@z.example>".into()), Clue::MessageId("<1@z.example>".into())]);
    }

    #[test]
    fn foreign_ids_hold_no_token() {
        for id in ["<k7q2m9x4t8wn@x.example>", "<a.k7q2m9x4t8wn.1@x.example>", "<invitation.k7q2m9x4t8wn.1.2@x.example>", "invitation"] {
            assert_eq!(of_message_id(id), None, "{id}");
        }
    }

    #[test]
    fn bounded() {
        let mut mail = mail("x@y.example");
        mail.in_reply_to = (0..5000).map(|i| format!("<{i}@z.example>")).collect();
        mail.quoted = "[#k7q2m9x4t8wn ".repeat(100_000);
        assert_eq!(clues(&mail).len(), MAX_CLUES);
    }

    #[test]
    fn a_server_is_no_guest() {
        let mut mail = mail("mailer-daemon@y.example");
        mail.kind = MailKind::Bounce;
        assert_eq!(clues(&mail), []);
    }
}
