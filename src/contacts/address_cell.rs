//! One cell that should hold one address, as people fill it.

use crate::model::{Address, address::NotAnAddress};

/// What a cell of the email column says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Cell {
    One {
        email: Address,
        /// From `Ana Pop <ana@x.example>`; may be empty.
        name: String,
    },
    Several,
    Bad(NotAnAddress),
}

pub(super) fn parse(cell: &str) -> Cell {
    match Address::parse(cell) {
        Ok(email) => Cell::One { email, name: String::new() },
        Err(why) => named(cell).or_else(|| several(cell).then_some(Cell::Several)).unwrap_or(Cell::Bad(why)),
    }
}

/// Whether a cell is an address, so that its row cannot be a header.
pub(super) fn has_address(cell: &str) -> bool {
    cell.contains('@') && !matches!(parse(cell), Cell::Bad(_))
}

/// `Ana Pop <ana@x.example>`, `"Pop, Ana" <ana@x.example>`, `ana@x.example <ana@x.example>`.
fn named(cell: &str) -> Option<Cell> {
    let (name, rest) = cell.trim().split_once('<')?;
    let email = Address::parse(rest.strip_suffix('>')?).ok()?;
    let name = name.trim().trim_matches(['"', '\'']).trim();
    if !name.contains('@') {
        return Some(Cell::One { email, name: name.to_owned() });
    }
    let same = Address::parse(name).is_ok_and(|a| a == email);
    same.then_some(Cell::One { email, name: String::new() })
}

fn several(cell: &str) -> bool {
    let parts = cell.split(|c: char| c.is_whitespace() || ",;/|<>\"".contains(c));
    parts.filter(|p| p.contains('@') && Address::parse(p).is_ok()).take(2).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_as_people_fill_them() {
        for (cell, email, name) in [
            ("ana@x.example", "ana@x.example", ""),
            (" MAILTO:Ana@X.example ", "ana@x.example", ""),
            ("Ana Pop <ana@x.example>", "ana@x.example", "Ana Pop"),
            ("\"Pop, Ana\" <ana@x.example>", "ana@x.example", "Pop, Ana"),
            ("ana@x.example <Ana@x.example>", "ana@x.example", ""),
            ("ana@bücher.example", "ana@xn--bcher-kva.example", ""),
        ] {
            let Cell::One { email: e, name: n } = parse(cell) else { panic!("{cell}") };
            assert_eq!((e.as_str(), n.as_str()), (email, name));
        }
    }

    #[test]
    fn several_addresses_are_seen() {
        for cell in [
            "a@x.example, b@x.example",
            "a@x.example;b@x.example",
            "a@x.example\nb@x.example",
            "a@x.example / b@x.example",
            "A <a@x.example>, B <b@x.example>",
        ] {
            assert_eq!(parse(cell), Cell::Several, "{cell}");
        }
        assert_eq!(parse("ana.pop"), Cell::Bad(NotAnAddress::NoAt));
        assert!(!has_address("@") && has_address("Ana <a@x.example>"));
    }
}
