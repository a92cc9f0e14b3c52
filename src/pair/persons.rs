//! When two addresses are one mailbox, and two names one person.

use crate::model::{
    Address,
    names::{self, fold_letters, plain},
};
use std::{collections::HashSet, sync::LazyLock};

/// Domains where anybody may have a mailbox: the same domain says nothing about the same house.
static FREE_MAIL: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("free_mail.txt").lines().collect());

/// True where both reach one mailbox: case, `+tags`, and Gmail's dots and second name do not matter.
pub fn same_mailbox(one: &Address, other: &Address) -> bool {
    one == other || one.mailbox() == other.mailbox()
}

/// True where two spellings of one mailbox have the same `+tag`, or none: what else they differ in, Gmail itself overlooks.
pub(super) fn same_tag(one: &Address, other: &Address) -> bool {
    let tag = |address: &Address| address.local().split_once('+').map(|(_, tag)| tag.to_owned());
    tag(one) == tag(other)
}

/// True where both have an address at one organisation's own domain, or at one below the other.
pub(super) fn same_house(one: &Address, other: &Address) -> bool {
    let (a, b) = (one.domain(), other.domain());
    let below = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.ends_with('.') && short.contains('.'));
    (a == b || below(a, b) || below(b, a)) && !is_free(a) && !is_free(b)
}

fn is_free(domain: &str) -> bool {
    FREE_MAIL.contains(domain)
}

/// The words of a name that tell a person: an initial tells none.
pub(super) fn words(name: &str) -> Vec<String> {
    names::words(name).into_iter().filter(|word| word.chars().count() > 1).collect()
}

/// True where two names are of one person: at least two words in common, and one name holds all of the other.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    let (a, b) = (words(one), words(other));
    let common = a.iter().filter(|word| b.contains(word)).count();
    common >= 2 && common == a.len().min(b.len())
}

/// True where all words of `name` (two at least) stand next to one another in `text`.
pub(super) fn is_named_in(name: &str, text: &str) -> bool {
    let name = words(name);
    if name.len() < 2 {
        return false;
    }
    let text = plain(text, 20_000);
    let text: Vec<String> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(fold_letters).collect();
    text.windows(name.len()).any(|window| name.iter().all(|word| window.contains(word)))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::{CalendarReply, Mail, MailKind, mail::Mailbox};

    pub fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    /// A reply without any clue but its sender.
    pub fn mail(from: &str) -> Mail {
        Mail {
            from: Some(Mailbox { name: String::new(), email: address(from) }),
            recipients: vec![address("workshop@us.example")],
            message_id: Some("<1@y.example>".into()),
            said: "Da".into(),
            ..Mail::empty(MailKind::Reply)
        }
    }

    pub fn calendar(attendee: Option<&str>) -> CalendarReply {
        CalendarReply {
            method: "REPLY".into(),
            partstat: Some("ACCEPTED".into()),
            attendee: attendee.map(address),
            ..CalendarReply::default()
        }
    }

    #[test]
    fn mailboxes() {
        let same = |a: &str, b: &str| same_mailbox(&address(a), &address(b));
        assert!(same("Ana.Pop@Gmail.com", "anapop+x@googlemail.com"));
        assert!(same("ana+lists@x.example", "ANA@x.example"));
        assert!(!same("ana.pop@x.example", "anapop@x.example"));
        assert!(!same("ana@x.example", "ana@y.example"));
    }

    #[test]
    fn houses() {
        let same = |a: &str, b: &str| same_house(&address(a), &address(b));
        assert!(same("a@x.example", "b@mail.x.example"));
        assert!(!same("a@gmail.com", "b@gmail.com"));
        assert!(!same("a@x.example", "b@y.example"));
    }

    #[test]
    fn names() {
        assert!(same_name("Dr. Ștefan Ionescu", "IONESCU Stefan"));
        assert!(same_name("Ana Maria Pop", "Ana Pop"));
        assert!(!same_name("Ana", "Ana"));
        assert!(!same_name("Ana Pop", "Ana Rus"));
        assert!(is_named_in("Ana Pop", "Confirm.\nCu stimă, Pop Ana"));
        assert!(!is_named_in("Ana Pop", "Ana vine, Pop nu"));
    }
}
