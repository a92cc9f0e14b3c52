//! Which rows of a list are to be invited now.

use crate::model::Guest;
use std::collections::{HashMap, HashSet};

/// Somebody who was invited before: by the address in the list, the folded name, and the address in use now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    pub listed: String,
    pub name_key: String,
    pub email: String,
    pub name: String,
}

/// A list set beside what was done.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Invitees {
    /// Not invited yet, in the order of the list.
    pub new: Vec<Guest>,
    /// How many rows are invited already.
    pub already: usize,
    /// Invited before and no longer in the list: reported, never cancelled. Addresses.
    pub gone: Vec<String>,
    /// New rows whose address was invited under another name: a letter to the same mailbox again. (address, name before, name now)
    pub renamed: Vec<(String, String, String)>,
}

impl Invitees {
    /// A guest is the address and the folded name. An address that was mended counts under the old one and the new one.
    pub fn of(list: &[Guest], known: &[Known]) -> Self {
        Self::taking(list.to_vec(), known)
    }

    /// As [`Self::of`], for a list so long that a copy of it would be felt.
    pub fn taking(list: Vec<Guest>, known: &[Known]) -> Self {
        let mut by_key: HashMap<(&str, &str), usize> = HashMap::new();
        let mut names: HashMap<&str, &str> = HashMap::new();
        for (index, before) in known.iter().enumerate() {
            by_key.insert((&before.listed, &before.name_key), index);
            by_key.insert((&before.email, &before.name_key), index);
            names.insert(&before.listed, &before.name);
            names.insert(&before.email, &before.name);
        }
        let mut invitees = Self::default();
        let mut seen = HashSet::new();
        for guest in list {
            let name_key = guest.name_key();
            if let Some(index) = by_key.get(&(guest.email.as_str(), name_key.as_str())) {
                invitees.already += 1;
                seen.insert(*index);
            } else {
                if let Some(before) = names.get(guest.email.as_str()) {
                    invitees.renamed.push((guest.email.to_string(), (*before).to_owned(), guest.name.clone()));
                }
                invitees.new.push(guest);
            }
        }
        invitees.gone =
            known.iter().enumerate().filter(|(index, _)| !seen.contains(index)).map(|(_, before)| before.email.clone()).collect();
        invitees
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;

    fn guest(email: &str, name: &str) -> Guest {
        let email = Address::parse(email).expect("an address");
        Guest { email, name: name.into(), lang: None, organisation: None, zone: None, fields: Default::default(), row: 2 }
    }

    fn known(listed: &str, name: &str, email: &str) -> Known {
        Known { listed: listed.into(), name_key: name.to_lowercase(), email: email.into(), name: name.into() }
    }

    #[test]
    fn the_same_list_again_invites_nobody() {
        let list = [guest("a@x.example", "Ana  Pop"), guest("office@x.example", "Ion"), guest("office@x.example", "Eva")];
        let before = [
            known("a@x.example", "Ana Pop", "a@x.example"),
            known("office@x.example", "Ion", "office@x.example"),
            known("office@x.example", "Eva", "office@x.example"),
        ];
        let invitees = Invitees::of(&list, &before);
        assert_eq!((invitees.new.len(), invitees.already, invitees.gone.len()), (0, 3, 0));
    }

    #[test]
    fn a_mended_address_is_invited_once_whichever_the_list_says() {
        let before = [known("old@x.example", "Ana", "new@x.example")];
        for listed in ["old@x.example", "new@x.example"] {
            assert_eq!(Invitees::of(&[guest(listed, "Ana")], &before).new, []);
        }
    }

    #[test]
    fn new_gone_and_renamed_are_told() {
        let before = [known("a@x.example", "Ana Pop", "a@x.example"), known("b@x.example", "Ben", "b@x.example")];
        let invitees = Invitees::of(&[guest("a@x.example", "Ana Popescu"), guest("c@x.example", "Cid")], &before);
        assert_eq!(invitees.new.len(), 2);
        assert_eq!(invitees.gone, ["a@x.example", "b@x.example"]);
        assert_eq!(invitees.renamed, [("a@x.example".into(), "Ana Pop".into(), "Ana Popescu".into())]);
    }
}
