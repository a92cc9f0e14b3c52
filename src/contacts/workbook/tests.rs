//! Workbooks, as people keep guests in them.

use crate::contacts::{
    read,
    tests::{refusal, workbook},
};
use crate::model::Guest;

#[test]
fn what_a_workbook_hides_is_told() {
    let bytes = workbook(|book| {
        let list = |sheet: &mut rust_xlsxwriter::Worksheet, email: &str| {
            sheet.write(0, 0, "email").unwrap();
            sheet.write(1, 0, email).unwrap();
        };
        list(book.add_worksheet().set_name("Old").unwrap().set_hidden(true), "old@x.example");
        let guests = book.add_worksheet().set_name("Guests").unwrap().set_active(true);
        list(guests, "new@x.example");
        guests.write(2, 0, "filtered@x.example").unwrap();
        guests.set_row_hidden(2).unwrap();
        list(book.add_worksheet().set_name("More").unwrap(), "more@x.example");
    });
    let list = read("a.xlsx", &bytes).unwrap();
    let emails: Vec<&str> = list.guests.iter().map(|guest| guest.email.as_str()).collect();
    assert_eq!(emails, ["new@x.example", "filtered@x.example"]);
    let noted = |words: &str| assert!(list.notes.iter().any(|note| note.contains(words)), "{words}: {:?}", list.notes);
    noted("read from the sheet \"Guests\"");
    noted("the sheet \"More\" has addresses too");
    noted("1 row is hidden in the workbook");
    assert_eq!(list.notes.len(), 3, "{:?}", list.notes);
}

#[test]
fn what_is_computed_or_ticked_is_read_as_it_is_shown() {
    let bytes = workbook(|book| {
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["email", "speaker", "fee", "number"]).unwrap();
        for (row, (email, speaker, fee)) in
            [("a@x.example", true, 1.1 * 1.1), ("b@x.example", false, 59.5 - 0.000_000_000_000_01)].into_iter().enumerate()
        {
            let row = row as u32 + 1;
            sheet.write(row, 0, email).unwrap();
            sheet.write(row, 1, speaker).unwrap();
            sheet.write(row, 2, fee).unwrap();
            sheet.write(row, 3, 9_007_199_254_740_991.0).unwrap();
        }
    });
    let list = read("a.xlsx", &bytes).unwrap();
    let fields = |at: usize| list.guests[at].fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>();
    assert_eq!(fields(0), [("fee", "1.21"), ("number", "9007199254740991"), ("speaker", "true")]);
    assert_eq!(fields(1), [("fee", "59.5"), ("number", "9007199254740991")]);
}

#[test]
fn merged_cells_are_read_as_they_are_shown() {
    let bytes = workbook(|book| {
        let format = rust_xlsxwriter::Format::new();
        let sheet = book.add_worksheet();
        sheet.merge_range(0, 0, 1, 4, "Delegations", &format).unwrap();
        sheet.write_row(2, 0, ["email", "name", "lang", "organisation", ""]).unwrap();
        for (row, email) in ["a@x.example", "b@x.example", "c@x.example", "d@x.example"].into_iter().enumerate() {
            sheet.write(row as u32 + 3, 0, email).unwrap();
        }
        sheet.merge_range(3, 2, 5, 2, "nl", &format).unwrap();
        sheet.merge_range(3, 3, 4, 4, "Gemeente", &format).unwrap();
        sheet.merge_range(5, 1, 6, 1, "Ana Pop", &format).unwrap();
        sheet.merge_range(7, 2, 20, 2, "xx", &format).unwrap();
    });
    let list = read("a.xlsx", &bytes).unwrap();
    let guest =
        |g: &Guest| (g.name.clone(), g.lang.as_ref().map_or("", |l| l.as_str()).to_owned(), g.organisation.clone().unwrap_or_default());
    let guests: Vec<(String, String, String)> = list.guests.iter().map(guest).collect();
    let wanted = [("", "nl", "Gemeente"), ("", "nl", "Gemeente"), ("Ana Pop", "nl", ""), ("", "", "")];
    assert_eq!(guests, wanted.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    for note in [
        "a.xlsx: the cells of \"name\" in rows 6 to 7 are merged, with \"Ana Pop\": only row 6 has it",
        "a.xlsx: the cells of \"lang\" in rows 4 to 6 are merged, with \"nl\": each of these rows has it",
        "a.xlsx: the cells of \"organisation\" in rows 4 to 5 are merged, with \"Gemeente\": each of these rows has it",
    ] {
        assert!(list.notes.iter().any(|n| n == note), "{:?}", list.notes);
    }
}

#[test]
fn a_workbook_with_one_cell_far_away_takes_no_memory() {
    let far = workbook(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "email").unwrap();
        sheet.write(1_048_575, 0, "a@x.example").unwrap();
    });
    assert_eq!(read("a.xlsx", &far).unwrap().guests[0].row, 1_048_576);
    let wide = workbook(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "email").unwrap();
        sheet.write(1, 16_383, "x").unwrap();
    });
    assert!(refusal("a.xlsx", &wide).contains("200 columns"));
}

#[test]
fn a_workbook_without_addresses_is_refused() {
    let bytes = workbook(|book| {
        book.add_worksheet();
        book.add_worksheet().write(0, 0, "Nume").unwrap();
    });
    assert!(refusal("a.xlsx", &bytes).contains("its headings are \"Nume\""));
}
