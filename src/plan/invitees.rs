//! Which rows of a list are to be invited now.

use super::names;
use crate::model::{
    Address, Guest,
    names::{are_two, words},
};
use std::collections::{HashMap, HashSet};

/// Somebody who was invited before: by the address in the list, the folded name, and the address in use now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    pub listed: String,
    pub name_key: String,
    pub email: String,
    pub name: String,
    /// The invitation, where its letter was withdrawn before it left: the guest is to be invited again.
    pub withdrawn: Option<i64>,
}

/// A list set beside what was done.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Invitees {
    /// Not invited yet: first the guests of `again`, then the others, both in the order of the list.
    pub new: Vec<Guest>,
    /// The invitations of the first of `new`, one each: their letters were withdrawn.
    pub again: Vec<i64>,
    /// How many rows are invited already.
    pub already: usize,
    /// Invited before and no longer in the list: reported, never cancelled. Addresses.
    pub gone: Vec<String>,
    /// New rows whose address was invited under another name: a letter to the same mailbox again. (address, name before, name now)
    pub renamed: Vec<(String, String, String)>,
    /// Rows taken for a guest who is invited already under a name that was corrected since. (address, name before, name now)
    pub called: Vec<(String, String, String)>,
}

impl Invitees {
    /// A guest is the address and the folded name. An address that was mended counts under the old one and the new one. A name
    /// that is written otherwise, or was corrected, is the same guest where no other row of the address is.
    pub fn of(list: &[Guest], known: &[Known]) -> Self {
        Self::taking(list.to_vec(), known)
    }

    /// As [`Self::of`], for a list so long that a copy of it would be felt.
    pub fn taking(list: Vec<Guest>, known: &[Known]) -> Self {
        let mut found = exact(&list, known);
        let mut seen: HashSet<usize> = found.iter().flatten().copied().collect();
        written_otherwise(&list, known, &mut found, &mut seen);
        let mut invitees = Self { called: corrected(&list, known, &mut found, &mut seen), ..Self::default() };
        let mut names: HashMap<&str, &str> = HashMap::new();
        for before in known.iter().filter(|before| before.withdrawn.is_none()) {
            names.insert(&before.listed, &before.name);
            names.insert(&before.email, &before.name);
        }
        let mut others = Vec::new();
        for (mut guest, index) in list.into_iter().zip(found) {
            let Some(before) = index.and_then(|index| known.get(index)) else {
                if let Some(before) = names.get(guest.email.as_str()) {
                    invitees.renamed.push((guest.email.to_string(), (*before).to_owned(), guest.name.clone()));
                }
                others.push(guest);
                continue;
            };
            let Some(invitation) = before.withdrawn else {
                invitees.already += 1;
                continue;
            };
            if let Ok(email) = Address::parse(&before.email) {
                guest.email = email;
            }
            invitees.again.push(invitation);
            invitees.new.push(guest);
        }
        invitees.new.append(&mut others);
        let is_gone = |(index, before): &(usize, &Known)| !seen.contains(index) && before.withdrawn.is_none();
        invitees.gone = known.iter().enumerate().filter(is_gone).map(|(_, before)| before.email.clone()).collect();
        invitees
    }
}

/// An address that more share is a public one: nobody can say there who is called otherwise now.
const SHARING: usize = 50;

/// For each row the invitation with its address and its key, by its place in `known`.
fn exact(list: &[Guest], known: &[Known]) -> Vec<Option<usize>> {
    let mut by_key: HashMap<(&str, &str), usize> = HashMap::new();
    for (index, before) in known.iter().enumerate() {
        by_key.insert((&before.listed, &before.name_key), index);
        by_key.insert((&before.email, &before.name_key), index);
    }
    let mut found = Vec::with_capacity(list.len());
    for guest in list {
        let name_key = guest.name_key();
        found.push(by_key.get(&(guest.email.as_str(), name_key.as_str())).copied());
    }
    found
}

/// Among rows and invitations that are left over: the same address, and the same words in the name.
fn written_otherwise(list: &[Guest], known: &[Known], found: &mut [Option<usize>], seen: &mut HashSet<usize>) {
    let mut by_words: HashMap<(&str, Vec<String>), usize> = HashMap::new();
    for (address, index, before) in left_over(list, known, found, seen) {
        by_words.insert((address, words(&before.name)), index);
    }
    if by_words.is_empty() {
        return;
    }
    for (guest, found) in list.iter().zip(found).filter(|(_, found)| found.is_none()) {
        let index = by_words.get(&(guest.email.as_str(), words(&guest.name))).copied();
        let is_one = |index: &usize| known.get(*index).is_some_and(|before| !are_two(&before.name, &guest.name));
        *found = index.filter(|index| is_one(index) && seen.insert(*index));
    }
}

/// Where of the rows and invitations of an address that are left over one may be only the other, they are one guest. What was
/// called otherwise: (address, name before, name now).
fn corrected(list: &[Guest], known: &[Known], found: &mut [Option<usize>], seen: &mut HashSet<usize>) -> Vec<(String, String, String)> {
    let mut at: HashMap<&str, Vec<usize>> = HashMap::new();
    for (address, index, _) in left_over(list, known, found, seen) {
        at.entry(address).or_default().push(index);
    }
    let mut rows: HashMap<&str, usize> = HashMap::new();
    for (guest, _) in list.iter().zip(found.iter()).filter(|(_, found)| found.is_none()) {
        *rows.entry(guest.email.as_str()).or_default() += 1;
    }
    let may_be =
        |index: usize, guest: &Guest| known.get(index).is_some_and(|before| names::may_be_one(&words(&before.name), &words(&guest.name)));
    // Which of the invitations a row may be.
    let of = |guest: &Guest| -> Vec<usize> {
        let few = |at: &&Vec<usize>| at.len() <= SHARING && rows.get(guest.email.as_str()).is_some_and(|rows| *rows <= SHARING);
        let at = at.get(guest.email.as_str()).filter(few);
        at.into_iter().flatten().copied().filter(|index| may_be(*index, guest)).collect()
    };
    let mut claims: HashMap<usize, usize> = HashMap::new();
    for (guest, _) in list.iter().zip(found.iter()).filter(|(_, found)| found.is_none()) {
        for index in of(guest) {
            *claims.entry(index).or_default() += 1;
        }
    }
    let mut called = Vec::new();
    for (guest, found) in list.iter().zip(found).filter(|(_, found)| found.is_none()) {
        if let [index] = of(guest).as_slice()
            && claims.get(index) == Some(&1)
            && let Some(before) = known.get(*index)
            && seen.insert(*index)
        {
            *found = Some(*index);
            if before.withdrawn.is_none() {
                called.push((guest.email.to_string(), before.name.clone(), guest.name.clone()));
            }
        }
    }
    called
}

/// The invitations that no row is, under each of their addresses that a row which is no invitation has.
fn left_over<'a>(list: &[Guest], known: &'a [Known], found: &[Option<usize>], seen: &HashSet<usize>) -> Vec<(&'a str, usize, &'a Known)> {
    let open = list.iter().zip(found).filter(|(_, found)| found.is_none()).map(|(guest, _)| guest.email.as_str());
    let open: HashSet<&str> = open.collect();
    let mut left = Vec::new();
    for (index, before) in known.iter().enumerate().filter(|(index, _)| !seen.contains(index)) {
        let (listed, email) = (before.listed.as_str(), before.email.as_str());
        if open.contains(listed) {
            left.push((listed, index, before));
        }
        if email != listed && open.contains(email) {
            left.push((email, index, before));
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(email: &str, name: &str) -> Guest {
        let email = Address::parse(email).expect("an address");
        Guest { email, name: name.into(), lang: None, organisation: None, zone: None, fields: Default::default(), row: 2 }
    }

    fn known(listed: &str, name: &str, email: &str) -> Known {
        Known { listed: listed.into(), name_key: name.to_lowercase(), email: email.into(), name: name.into(), withdrawn: None }
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
        let invitees = Invitees::of(&[guest("a@x.example", "Ion Rus"), guest("c@x.example", "Cid")], &before);
        assert_eq!(invitees.new.len(), 2);
        assert_eq!(invitees.gone, ["a@x.example", "b@x.example"]);
        assert_eq!(invitees.renamed, [("a@x.example".into(), "Ana Pop".into(), "Ion Rus".into())]);
        assert_eq!(invitees.called, []);
    }

    #[test]
    fn a_name_that_is_written_otherwise_is_the_same_guest() {
        let before = [known("a@x.example", "Ștefan Pop", "a@x.example"), known("a@x.example", "Ana Pop", "new@x.example")];
        for name in ["Ştefan Pop", "Stefan Pop", "Dr. Ștefan Pop", "Pop Ștefan", "Dipl.-Ing. POP Stefan"] {
            for address in ["a@x.example", "new@x.example"] {
                let invitees = Invitees::of(&[guest("a@x.example", name), guest(address, "Prof. Pop Ana")], &before);
                assert_eq!(invitees, Invitees { already: 2, ..Invitees::default() }, "{name}, {address}");
            }
        }
    }

    #[test]
    fn a_corrected_name_is_the_same_guest_where_nobody_else_has_the_address() {
        let before = [known("a@x.example", "Ana Pop", "a@x.example")];
        let popescu = guest("a@x.example", "Ana Popescu");
        let called = vec![("a@x.example".to_owned(), "Ana Pop".to_owned(), "Ana Popescu".to_owned())];
        let invitees = Invitees::of(std::slice::from_ref(&popescu), &before);
        assert_eq!(invitees, Invitees { already: 1, called, ..Invitees::default() });

        let both = Invitees::of(&[popescu.clone(), guest("a@x.example", "Ana Pop")], &before);
        assert_eq!((both.new.len(), both.already, both.renamed.len(), both.called.len()), (1, 1, 1, 0), "the one who was invited is there");
        let two = Invitees::of(&[popescu, guest("a@x.example", "Ana Rus")], &before);
        assert_eq!((two.new.len(), two.renamed.len(), two.gone.len()), (2, 2, 1), "nobody can say which of them it was");

        let beside = Invitees::of(&[guest("a@x.example", "Ana Popescu"), guest("a@x.example", "Eva Kos")], &before);
        assert_eq!((beside.new.len(), beside.called.len()), (1, 1), "the colleague is new, and Ana is not");
        let couple = [known("a@x.example", "Dl Popescu", "a@x.example")];
        assert_eq!(Invitees::of(&[guest("a@x.example", "Dna Popescu")], &couple).called.len(), 1, "it is told");
    }

    #[test]
    fn a_withdrawn_letter_is_written_again_to_the_address_in_use() {
        let before = [Known { withdrawn: Some(7), ..known("old@x.example", "Ana Pop", "new@x.example") }];
        let list = [guest("b@x.example", "Ben"), guest("old@x.example", "Dr. Ana Pop")];
        let invitees = Invitees::of(&list, &before);
        assert_eq!(invitees.new, [guest("new@x.example", "Dr. Ana Pop"), guest("b@x.example", "Ben")]);
        assert_eq!((invitees.again.as_slice(), invitees.already), ([7].as_slice(), 0));
        let gone = Invitees::of(&list[..1], &before);
        assert_eq!((gone.new.len(), gone.again.len(), gone.gone.len(), gone.renamed.len()), (1, 0, 0, 0));
    }
}
