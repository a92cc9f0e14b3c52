//! Whole lists, as people have them.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn list(text: &str) -> List {
    read("a.csv", text.as_bytes()).unwrap()
}

pub(super) fn refusal(file: &str, bytes: &[u8]) -> String {
    read(file, bytes).unwrap_err().to_string()
}

fn whys(list: &List) -> Vec<String> {
    list.complaints.iter().map(ToString::to_string).collect()
}

/// Every row that is not empty is a guest, merged, or complained of.
fn accounted(list: &List) -> bool {
    let bad: BTreeSet<u32> = list.complaints.iter().map(|c| c.row).collect();
    list.rows == list.guests.len() + list.merged + bad.len()
}

#[test]
fn the_shipped_list_has_sixteen_guests_in_seven_languages() {
    let list = read("contacts/workshop.csv", include_bytes!("../../contacts/workshop.csv")).unwrap();
    assert_eq!((list.guests.len(), list.complaints.len(), list.notes.len()), (16, 0, 0));
    let langs: BTreeSet<&str> = list.guests.iter().filter_map(|g| g.lang.as_ref()).map(|l| l.as_str()).collect();
    assert_eq!(langs, BTreeSet::from(["en", "fi", "hr", "it", "lt", "nl", "ro"]));
    for guest in &list.guests {
        assert!(guest.fields.contains_key("salutation") && guest.zone.is_some() && guest.organisation.is_some());
        assert!(guest.email.domain().ends_with(".example"));
    }
}

#[test]
fn headings_in_the_organisers_language() {
    for header in [
        "Adresă de e-mail;Nume;Limbă;Organizație;Fus orar",
        "E-mail;Naam;Taal;Organisatie;Tijdzone",
        "Indirizzo e-mail;Nome;Lingua;Azienda;Fuso orario",
        "E-pošta;Ime;Jezik;Tvrtka;Vremenska zona",
        "El. paštas;Vardas, pavardė;Kalba;Įmonė;Laiko juosta",
        "Sähköposti;Nimi;Kieli;Organisaatio;Aikavyöhyke",
        "E-Mail-Adresse;Name;Sprache;Unternehmen;Zeitzone",
        "Adresse électronique;Nom;Langue;Société;Fuseau horaire",
        "Correo electrónico;Nombre;Idioma;Empresa;Zona horaria",
        "Adres e-mail;Imię i nazwisko;Język;Instytucja;Strefa czasowa",
        "E-mail cím;Név;Nyelv;Intézmény;Időzóna",
        "E-mail;Jméno;Jazyk;Společnost;Časové pásmo",
        "E-post;Namn;Språk;Företag;Tidszon",
        "E-mail;Navn;Sprog;Virksomhed;Tidszone",
        "Endereço de e-mail;Nome completo;Língua;Instituição;Fuso horário",
        "E-posta adresi;Adı Soyadı;Dil;Kurum;Saat dilimi",
        "Ηλεκτρονικό ταχυδρομείο;Ονοματεπώνυμο;Γλώσσα;Οργανισμός;Ζώνη ώρας",
        "Имейл;Име;Език;Организация;Часова зона",
        "Электронная почта;ФИО;Язык;Организация;Часовой пояс",
        "E-posti aadress;Nimi;Keel;Asutus;Ajavöönd",
        "E-pasts;Vārds, uzvārds;Valoda;Iestāde;Laika josla",
        "EMAIL *;Full name (as on badge);Language:;Company;Time zone",
    ] {
        let list = list(&format!("{header}\nana@x.example;Ana Pop;ro;Primăria;europe/bucharest\n"));
        let guest = &list.guests[0];
        assert_eq!(guest.email.as_str(), "ana@x.example", "{header}");
        assert_eq!(guest.name, "Ana Pop", "{header}");
        assert_eq!(guest.lang.as_ref().map(|l| l.as_str()), Some("ro"), "{header}");
        assert_eq!(guest.organisation.as_deref(), Some("Primăria"), "{header}");
        assert_eq!(guest.zone.as_deref(), Some("Europe/Bucharest"), "{header}");
        assert!(guest.fields.is_empty(), "{header}: {:?}", guest.fields);
    }
}

#[test]
fn the_name_may_stand_in_two_columns() {
    for (text, name) in [
        ("email;Nume;Prenume\na@x.example;Pop;Ana\n", "Ana Pop"),
        ("email;Nume de familie;Prenume\na@x.example;Pop;Ana\n", "Ana Pop"),
        ("email;First name;Surname\na@x.example;Ana;Pop\n", "Ana Pop"),
        ("email;Nome;Cognome\na@x.example;Ana;Pop\n", "Ana Pop"),
        ("email;Name;Vorname\na@x.example;Pop;Ana\n", "Ana Pop"),
        ("email;name;first_name\na@x.example;Ana Pop;Ana\n", "Ana Pop"),
        ("email;Vezetéknév;Keresztnév\na@x.example;Nagy;Anna\n", "Nagy Anna"),
        ("email;Full name;Name\na@x.example;Ana Pop;Annie\n", "Ana Pop"),
        ("email;Ad;Soyad\na@x.example;Ana;Pop\n", "Ana Pop"),
        ("email;Όνομα;Επώνυμο\na@x.example;Ana;Pop\n", "Ana Pop"),
        ("email;Име;Фамилия\na@x.example;Ana;Pop\n", "Ana Pop"),
        ("email;Vārds;Uzvārds\na@x.example;Ana;Pop\n", "Ana Pop"),
        ("email;Eesnimi;Perekonnanimi\na@x.example;Ana;Pop\n", "Ana Pop"),
        ("email;Participant\na@x.example;Ana Pop\n", "Ana Pop"),
        ("email;Teilnehmer\na@x.example;Ana Pop\n", "Ana Pop"),
        ("email;Participant\na@x.example;da\n", ""),
        ("email;Participant;Nume\na@x.example;da, sigur;Ana Pop\n", "Ana Pop"),
        ("email;Prenume\na@x.example;Ana\n", "Ana"),
        ("email\nAna Pop <a@x.example>\n", "Ana Pop"),
        ("email;name\nAna Pop <a@x.example>;Ana Maria Pop\n", "Ana Maria Pop"),
    ] {
        assert_eq!(list(text).guests[0].name, name, "{text}");
    }
    let list = list("email;Nume;Prenume\na@x.example;Pop;Ana\n");
    assert_eq!(list.guests[0].fields["prenume"], "Ana");
}

#[test]
fn other_columns_are_template_fields() {
    let list = list("email,Funcție,Nr. tel.,Роль\na@x.example,director,+40 000,Аня\nb@x.example,,,\n");
    let fields: Vec<(&str, &str)> = list.guests[0].fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(fields, [("column_4", "Аня"), ("functie", "director"), ("nr_tel", "+40 000")]);
    assert!(list.guests[1].fields.is_empty());
    assert!(list.notes.iter().any(|n| n.contains("\"Funcție\" is {{guest.functie}}")));
}

#[test]
fn a_complaint_names_file_row_column_value_and_cure() {
    let list = list(concat!(
        "email,name,lang,zone\r\n",
        "ana,Ana,,\r\n",
        "\"a@x.example, b@x.example\",Ana,,\r\n",
        "c@x.example,\"Ion\r\nPop\",romanain,\r\n",
        "d@x.example,Dan,ro,Vilnius\r\n",
        ",,,\r\n",
        ",Maria,,\r\n",
        "e@x.example,Pop, Elena,ro,\r\n",
        "f@x.example,#N/A,,\r\n",
        "g@x.example,Gina,,\r\n",
    ));
    assert_eq!(
        whys(&list),
        [
            "a.csv, row 2, column email, \"ana\": this is not an address, it has no @: write it as name@domain",
            "a.csv, row 3, column email, \"a@x.example, b@x.example\": the cell has several addresses: make one row for each",
            "a.csv, row 4, column lang, \"romanain\": this language is not known: did you mean \"romanian\" (ro)?",
            "a.csv, row 5, column zone, \"Vilnius\": this is not a time zone: did you mean \"Europe/Vilnius\"?",
            "a.csv, row 7, column email: the row has no address: fill in the cell or remove the row",
            "a.csv, row 8: the row has 5 fields and the header 4: put a field that contains the delimiter in quotation marks, or remove what is too much",
            "a.csv, row 9, column name, \"#N/A\": a formula of the spreadsheet failed here: mend it or write the value itself",
        ]
    );
    assert_eq!(list.guests.iter().map(|g| (g.email.as_str(), g.row)).collect::<Vec<_>>(), [("g@x.example", 10)]);
    assert!(accounted(&list));
}

#[test]
fn short_rows_are_taken_where_the_file_leaves_out_empty_ends() {
    let trimmed = list("email,name,lang\na@x.example\nb@x.example,Ana,ro\n");
    assert_eq!((trimmed.guests.len(), trimmed.complaints.len()), (2, 0));
    assert!(trimmed.notes[0].contains("the first is row 2"));
    let padded = list("email,name,lang\na@x.example,Ana\nb@x.example,Ana,\n");
    assert_eq!(whys(&padded), ["a.csv, row 2: the row has 2 fields and the header 3: add the missing delimiters"]);
    assert_eq!(padded.guests.len(), 1);
    let ended = list("email,name\na@x.example,Ana,\nb@x.example,,\n");
    assert_eq!((ended.guests.len(), ended.complaints.len()), (2, 0));
}

#[test]
fn the_same_guest_twice_is_merged_and_told() {
    let list = list(concat!(
        "email,name,lang,organisation,room\n",
        "ana@x.example,Ana Pop,ro,,1\n",
        "ANA@x.example,ana  POP,en,Primăria,2\n",
        "office@x.example,Ion,,,\n",
        "office@x.example,Maria,,,\n",
        "office@x.example,,,,\n",
        "dan@x.example,,,,\n",
        "dan@x.example,,,,7\n",
    ));
    let ana = &list.guests[0];
    assert_eq!((ana.lang.as_ref().map(|l| l.as_str()), ana.organisation.as_deref()), (Some("ro"), Some("Primăria")));
    assert_eq!(ana.fields["room"], "1");
    assert_eq!(
        list.notes,
        [
            "a.csv: row 3 is the same guest as row 2, ana@x.example (Ana Pop): merged; lang stays \"ro\", row 3 has \"en\"; room stays \"1\", row 3 has \"2\"",
            "a.csv: row 8 is the same guest as row 7, dan@x.example: merged",
            "a.csv: office@x.example stands in rows 4 and 5 under different names: 2 letters to this address",
        ]
    );
    assert_eq!(list.guests.iter().map(|g| g.name.as_str()).collect::<Vec<_>>(), ["Ana Pop", "Ion", "Maria", ""]);
    assert_eq!(list.guests[3].fields["room"], "7");
    assert_eq!(list.complaints.len(), 1);
    assert_eq!((list.complaints[0].row, list.complaints[0].column.as_str()), (6, "name"));
    assert!(accounted(&list));
}

#[test]
fn a_guest_under_two_spellings_of_one_address_is_told() {
    let spellings = list(concat!(
        "email,name\n",
        "ana.pop@gmail.com,Ana Pop\n",
        "anapop@googlemail.com,POP Ana\n",
        "office+1@x.example,Ben Hill\n",
        "office+2@x.example,Eva Kos\n",
        "desk+1@x.example,\n",
        "desk+2@x.example,\n",
    ));
    assert_eq!(spellings.guests.len(), 6);
    let note = "a.csv: ana.pop@gmail.com in row 2 and anapop@googlemail.com in row 3 are one mailbox under one name: a letter to each; if it is one guest, remove a row";
    assert_eq!(spellings.notes, [note]);
}

#[test]
fn an_address_with_several_names_is_told_once() {
    let spellings = list(concat!(
        "email,name\n",
        "b@x.example,Ben Hill\n",
        "b@x.example,B. Hill\n",
        "ana@x.example,Ana\n",
        "B@x.example,Hill Ben\n",
        "b@x.example,ben hill\n",
    ));
    assert_eq!(spellings.guests.len(), 4);
    assert_eq!(
        spellings.notes,
        [
            "a.csv: row 6 is the same guest as row 2, b@x.example (Ben Hill): merged",
            "a.csv: b@x.example stands in rows 2, 3 and 5 under different names: 3 letters to this address",
        ]
    );
    let office = |n: usize| (0..n).map(|i| format!("office@x.example,Guest {i}\n")).collect::<String>();
    let ten = list(&format!("email,name\n{}", office(10)));
    assert!(ten.notes[0].contains("in rows 2, 3, 4, 5, 6, 7, 8, 9, 10 and 11 under"), "{}", ten.notes[0]);
    let twelve = list(&format!("email,name\n{}", office(12)));
    assert!(twelve.notes[0].contains("9, 10, 11 and 2 more under different names: 12 letters"), "{}", twelve.notes[0]);
    let pairs: String = (0..MAX_NOTES + 2).map(|i| format!("g{i}@x.example,Ana\ng{i}@x.example,Ion\n")).collect();
    let notes = list(&format!("email,name\n{pairs}")).notes;
    assert_eq!(notes.len(), MAX_NOTES + 1);
    assert_eq!(notes[MAX_NOTES], "a.csv: 2 more addresses stand in several rows under different names");
}

#[test]
fn one_person_in_several_spellings_is_one_guest() {
    let list = list(concat!(
        "email,name\n",
        "a@x.example,Ștefan Ioniță\na@x.example,Stefan Ionita\na@x.example,Dr. Ștefan Ioniță\n",
        "a@x.example,IONIȚĂ Ștefan\na@x.example,Ştefan Ioniţă\na@x.example,\"Ioniță, Ștefan\"\n",
        "b@x.example,Dl Ion Pop\nb@x.example,Dna Ion Pop\nb@x.example,Ion Pop\nb@x.example,Pop Ion\n",
        "c@x.example,Popescu\nc@x.example,Dna Popescu\nc@x.example,Mr Mrs Pop\nc@x.example,mr mrs pop\n",
        "d@x.example,Ion Rus\nd@x.example,Dl Ion Rus\nd@x.example,Dna Ion Rus\n",
    ));
    let names: Vec<&str> = list.guests.iter().map(|g| g.name.as_str()).collect();
    assert_eq!(
        names,
        ["Ștefan Ioniță", "Dl Ion Pop", "Dna Ion Pop", "Pop Ion", "Popescu", "Dna Popescu", "Mr Mrs Pop", "Ion Rus", "Dna Ion Rus"]
    );
    assert_eq!(
        list.notes[0],
        "a.csv: row 3 is the same guest as row 2, a@x.example (Ștefan Ioniță): merged; name stays \"Ștefan Ioniță\", row 3 has \"Stefan Ionita\""
    );
    assert!(accounted(&list) && list.complaints.is_empty());
}

#[test]
fn two_people_without_a_column_of_names_are_not_made_one() {
    let list =
        list("email;Rolle\nbuero@x.example;Ana Pop\nbuero@x.example;Ion Pop\nbuero@x.example;ana  pop\nc@x.example;1\nc@x.example;2\n");
    assert_eq!(
        whys(&list),
        [
            "a.csv, row 3: buero@x.example stands in row 2 too, neither has a name, and their rolle differs (\"Ana Pop\", \"Ion Pop\"): if they are two guests, write their names in a column \"name\"; if they are one, remove this row"
        ]
    );
    assert_eq!((list.guests.len(), list.merged), (2, 2));
    assert!(accounted(&list));
}

#[test]
fn a_name_missing_is_seen_though_the_named_row_is_bad() {
    let list = list("email,name,lang\noffice@x.example,Ion,xx\noffice@x.example,,\n");
    assert_eq!(list.complaints.iter().map(|c| c.row).collect::<Vec<_>>(), [2, 3]);
    assert!(list.guests.is_empty());
}

#[test]
fn refusals_name_the_file_and_the_cure() {
    for (file, bytes, said) in [
        ("a.csv", &b""[..], "a.csv is empty: write a first line"),
        ("a.csv", b"\xEF\xBB\xBF \r\n", "a.csv is empty"),
        ("a.csv", b"email,name\n\n,,\n", "no guest below it"),
        ("a.csv", b"name,phone\nAna,1\n", "its headings are \"name\", \"phone\". Name the column"),
        ("a.csv", b"ana@x.example,Ana\n", "add a first line that names the columns, for example \"email,name\""),
        ("a.csv", "Pošta na dom,Ime\nana@x.example,Ana\n".as_bytes(), "its headings are \"Pošta na dom\", \"Ime\". Name the column"),
        ("a.csv", b"Guests of 2026\nana@x.example,Ana\n", "add a first line that names the columns"),
        ("a.csv", b"email,E-mail\na@x.example,b@x.example\n", "\"email\" (column 1) and \"E-mail\" (column 2)"),
        ("a.csv", "email,Funcție,functie\na@x.example,1,2\n".as_bytes(), "\"Funcție\" (column 2) and \"functie\" (column 3)"),
        ("a.csv", b"email,name\na@x.example,\"Ana\nb@x.example,Ion\n", "opened in line 2 is never closed"),
        ("a.xls", b"<html><table>", "a web page or XML"),
        ("a.csv", b"%PDF-1.7", "a PDF"),
        ("a.csv", b"\x7fELF\0\0\0", "binary file"),
        ("a.xlsx", b"PK\x03\x04 cut off", "damaged"),
        ("a.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 Workbook", "old kind (.xls)"),
        ("a.xlsx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", "password"),
    ] {
        let message = refusal(file, bytes);
        assert!(message.starts_with(file) && message.contains(said), "{message}");
    }
    let wide = format!("email{}\na@x.example\n", ",x".repeat(MAX_COLUMNS));
    assert!(refusal("a.csv", wide.as_bytes()).contains("201 columns"));
    assert!(refusal("a.csv", &vec![b'a'; MAX_BYTES + 1]).contains("201 MB, and a list may have 200 MB"));
}

#[test]
fn no_guest_is_lost_within_a_cell() {
    // The marks pair up across rows, and every row that is left has as many cells as the header.
    for text in [
        "email;name;org\na@x.example;\"Ana”;X\nb@x.example;„Ben\";Y\n",
        "name;email;org\n\"Ana”;a@x.example;X\n„Ben\";b@x.example;Y\n",
        "email;org\na@x.example;\"Dacia”\nb@x.example;„Lunca\"\n",
    ] {
        let list = list(text);
        let whys = whys(&list);
        assert!(whys.len() == 1 && whys[0].contains("rows of the list stand within this cell"), "{text}: {whys:?}");
        assert!(list.guests.is_empty() && accounted(&list));
    }
    let notes = "email;name;notes\na@x.example;Ana;\"vegetarian;\nasked by boss@x.example;\r\nroom 2\"\n";
    assert_eq!(whys(&list(notes)), Vec::<String>::new());
    assert!(refusal("a.csv", "email;org\na@x.example;\"Dacia” SRL\nb@x.example;\"Lunca” SRL\n".as_bytes()).contains("opened in line 2"));
}

#[test]
fn letters_that_were_lost_are_told() {
    let text = "email;name\na@x.example;J\u{81}rgen\nb@x.example;Müller\n";
    assert!(whys(&list(text))[0].contains("row 2, column name, \"J rgen\": a letter of this cell was lost"));
    let mac = encoding_rs::MACINTOSH.encode("email;name\na@x.example;Jürgen Müller\n").0.into_owned();
    assert!(refusal("a.csv", &mac).contains("(\"JŸrgen\" would stand in it)"));
}

#[test]
fn a_dash_is_no_name() {
    let list = list(
        "email,name,organisation,salutation\na@x.example,-,n/a,\u{AD}\nb@x.example,–,ACME,x\u{200B}y\nc@x.example,\u{3164},\u{2060},\u{2800}\n",
    );
    assert_eq!(
        list.guests.iter().map(|g| (g.name.as_str(), g.organisation.as_deref())).collect::<Vec<_>>(),
        [("", None), ("", Some("ACME")), ("", None)]
    );
    let salutation = |at: usize| list.guests[at].fields.get("salutation").map(String::as_str);
    assert_eq!((salutation(0), salutation(1), salutation(2)), (None, Some("x\u{200B}y"), None));
}

#[test]
fn adresa_heads_addresses_or_streets() {
    assert_eq!(list("Nume,Adresă\nAna,ana@x.example\n").guests.len(), 1);
    assert!(refusal("a.csv", "Nume,Adresă\nAna,Strada Mare 1\n".as_bytes()).contains("no column of email addresses"));
    let both = list("Nume,Adresă,E-mail\nAna,Strada Mare 1,ana@x.example\n");
    assert_eq!(both.guests[0].fields["adresa"], "Strada Mare 1");
}

#[test]
fn excel_and_title_lines() {
    let list = list("sep=;\r\nInvitați 2026;\r\n\r\nEmail;Nume;\r\na@x.example;\"Pop; Ana\";\r\n");
    assert_eq!((list.guests[0].name.as_str(), list.guests[0].row), ("Pop; Ana", 4));
    assert!(list.notes[0].contains("the headings are in row 3"), "a spreadsheet does not show the line sep=");
    let tabs = read("a.txt", b"Email\tName\r\na@x.example\tAna\r\n").unwrap();
    assert_eq!(tabs.guests[0].name, "Ana");
}

#[test]
fn a_cell_has_a_bound() {
    let list = list(&format!("email,name\na@x.example,{}\n", "x".repeat(MAX_CELL_CHARS + 1)));
    assert!(list.complaints[0].why.contains("10000") && list.complaints[0].value.chars().count() == 80);
}

#[test]
fn the_rows_left_out_can_be_mended_and_read_again() {
    let text = "email;Nume;Notă\nbad;=1+1;\"a;b\"\nok@x.example;Ana;x\nc@x.example;Ion;y;z\nd@x.example;@SUM(A1);-1\nd@x.example;;\n";
    let skipped = String::from_utf8(list(text).skipped_csv()).unwrap();
    let lines: Vec<&str> = skipped.lines().collect();
    assert_eq!(lines[0], "\u{FEFF}email;Nume;Notă;;why");
    assert!(lines[1].starts_with("bad;'=1+1;\"a;b\";;email: this is not an address"), "{}", lines[1]);
    assert!(lines[2].starts_with("c@x.example;Ion;y;z;the row has 4 fields"), "{}", lines[2]);
    assert!(lines[3].starts_with("d@x.example;;;;\"Nume: d@x.example stands in row 5"), "{}", lines[3]);
    assert_eq!(lines.len(), 4);
    let again = read("a.skipped.csv", skipped.replace("bad;", "bad@x.example;").as_bytes()).unwrap();
    assert_eq!(again.guests[0].name, "=1+1");
    assert_eq!(again.guests[0].fields["nota"], "a;b");
}

#[test]
fn a_hundred_thousand_rows() {
    let rows = |n: usize| -> String {
        let row = |i: usize| format!("guest{i}@x{}.example,Guest {i},ro,Primăria,Europe/Bucharest,Dear {i}\n", i % 97);
        ["email,name,lang,organisation,zone,salutation\n".to_owned()].into_iter().chain((0..n).map(row)).collect()
    };
    let list = list(&rows(100_000));
    assert_eq!(list.guests.len(), 100_000);
    assert!(accounted(&list));
    let garbage = |i: usize| format!("g{i}@x.example,language {i},zone {i}\n");
    let bad = super::tests::list(&format!("email,lang,zone\n{}", (0..50_000).map(garbage).collect::<String>()));
    assert_eq!((bad.complaints.len(), bad.guests.len()), (100_000, 0));
    let same = "a@x.example,Ana\n".repeat(100_000);
    let merged = read("a.csv", format!("email,name\n{same}").as_bytes()).unwrap();
    assert_eq!((merged.guests.len(), merged.merged, merged.notes.len()), (1, 99_999, MAX_NOTES + 1));
}

pub(super) fn workbook(build: impl FnOnce(&mut rust_xlsxwriter::Workbook)) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    build(&mut book);
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_is_read_as_it_is_shown() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Formula};
    let bytes = workbook(|book| {
        book.add_worksheet().write(0, 0, "Notes").unwrap();
        let sheet = book.add_worksheet().set_name("Invitați").unwrap();
        sheet.write(0, 0, "Lista").unwrap();
        for (at, head) in ["Adresa de e-mail", "Nume", "Limba", "Masă", "Data", "Ora", "Formula"].into_iter().enumerate() {
            sheet.write(2, at as u16, head).unwrap();
        }
        sheet.write(4, 0, "ana@x.example").unwrap();
        sheet.write(4, 1, "Ana\nPop").unwrap();
        sheet.write(4, 2, "română").unwrap();
        sheet.write(4, 3, 12.0).unwrap();
        let (date, time) = (Format::new().set_num_format("dd.mm.yyyy"), Format::new().set_num_format("hh:mm"));
        sheet.write_with_format(4, 4, ExcelDateTime::from_ymd(2026, 12, 10).unwrap(), &date).unwrap();
        sheet.write_with_format(4, 5, ExcelDateTime::from_hms(13, 15, 0).unwrap(), &time).unwrap();
        sheet.write(4, 6, Formula::new("=1+2").set_result("3")).unwrap();
        sheet.write(5, 1, "Ion").unwrap();
        sheet.write(9, 0, " ").unwrap();
    });
    // The extension says otherwise; the bytes win.
    let list = read("a.csv", &bytes).unwrap();
    let guest = &list.guests[0];
    assert_eq!((guest.name.as_str(), guest.row, guest.lang.as_ref().map(|l| l.as_str())), ("Ana Pop", 5, Some("ro")));
    let fields: Vec<(&str, &str)> = guest.fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(fields, [("data", "2026-12-10"), ("formula", "3"), ("masa", "12"), ("ora", "13:15")]);
    assert_eq!(list.complaints.iter().map(|c| (c.row, c.column.as_str())).collect::<Vec<_>>(), [(6, "Adresa de e-mail")]);
    assert!(list.notes.iter().any(|n| n.contains("sheet \"Invitați\"")));
    assert!(accounted(&list));
}

#[test]
fn cards_of_every_age() {
    let text = concat!(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ana Pop\r\nEMAIL;PREF=2:second@x.example\r\nEMAIL;PREF=1:ana@x.example\r\n",
        "LANG;PREF=1:ro\r\nORG:Primăria Lunca;Cultură\r\nTZ:Europe/Bucharest\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Kovač;Ivana;;;\r\nEMAIL;TYPE=INTERNET:old@x.example\r\nEMAIL;TYPE=INTERNET,PREF:ivana@x.example\r\n",
        "TZ:+02:00\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:R=C5=ABta\r\nEMAIL;INTERNET:home@x.example\r\n",
        "EMAIL;PREF;INTERNET:ruta@x.example\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Nobody\r\nEND:VCARD\r\n",
        "BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n",
    );
    let list = read("a.vcf", text.as_bytes()).unwrap();
    let guests: Vec<(&str, &str, u32)> = list.guests.iter().map(|g| (g.email.as_str(), g.name.as_str(), g.row)).collect();
    assert_eq!(guests, [("ana@x.example", "Ana Pop", 1), ("ivana@x.example", "Ivana Kovač", 2), ("ruta@x.example", "Rūta", 3)]);
    let ana = &list.guests[0];
    assert_eq!((ana.organisation.as_deref(), ana.zone.as_deref()), (Some("Primăria Lunca, Cultură"), Some("Europe/Bucharest")));
    assert_eq!(list.complaints.iter().map(|c| (c.row, c.column.as_str())).collect::<Vec<_>>(), [(4, "EMAIL"), (5, "EMAIL")]);
    assert_eq!(list.notes.len(), 3);
    assert!(accounted(&list));
}

/// A valid file with some bytes changed, so that the damage lies behind the first checks.
fn damaged(mut bytes: Vec<u8>, changes: &[(prop::sample::Index, u8)], keep: prop::sample::Index) -> Vec<u8> {
    for (at, value) in changes {
        let at = at.index(bytes.len());
        bytes[at] = *value;
    }
    if keep.index(3) == 0 {
        bytes.truncate(keep.index(bytes.len()) + 1);
    }
    bytes
}

fn small_workbook() -> Vec<u8> {
    use rust_xlsxwriter::{ExcelDateTime, Format};
    workbook(|book| {
        let sheet = book.add_worksheet();
        for (row, cells) in [["email", "name"], ["a@x.example", "Ana"], ["b@x.example", ""]].into_iter().enumerate() {
            sheet.write_row(row as u32, 0, cells).unwrap();
        }
        let date = Format::new().set_num_format("dd.mm.yyyy");
        sheet.write_with_format(1, 2, ExcelDateTime::from_ymd(2026, 12, 10).unwrap(), &date).unwrap();
    })
}

/// The parts of a workbook, unpacked.
fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|n| n.unwrap().into_owned()).collect();
    let read = |name: String| {
        let mut part = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_name(&name).unwrap(), &mut part).unwrap();
        (name, part)
    };
    names.into_iter().map(read).collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, part) in parts {
        writer.start_file(name.as_str(), stored).unwrap();
        std::io::Write::write_all(&mut writer, part).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn an_archive_that_is_no_workbook_is_refused() {
    let text = packed(&[("list.csv".to_owned(), b"email".to_vec())]);
    assert!(refusal("a.zip", &text).contains("is an archive (.zip, .docx or the like)"), "{}", refusal("a.zip", &text));
    let ods = packed(&[("mimetype".to_owned(), b"application/vnd.oasis.opendocument.spreadsheet".to_vec())]);
    assert!(refusal("a.ods", &ods).contains("save it as .xlsx"));
}

#[test]
fn an_archive_that_unpacks_to_too_much_is_refused() {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("xl/sharedStrings.xml", zip::write::SimpleFileOptions::default()).unwrap();
    let megabyte = vec![b' '; 1024 * 1024];
    for _ in 0..=MAX_UNPACKED / 1024 / 1024 {
        std::io::Write::write_all(&mut writer, &megabyte).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    assert!(bytes.len() < MAX_BYTES);
    assert!(refusal("a.xlsx", &bytes).contains("more than 400 MB when unpacked"));
}

#[test]
fn a_cell_reference_beyond_all_numbers_is_no_panic() {
    let mut parts = parts(&small_workbook());
    for (_, xml) in parts.iter_mut().filter(|(name, _)| name.ends_with("sheet1.xml")) {
        *xml = String::from_utf8_lossy(xml).replace("r=\"A2\"", "r=\"4300000000\"").into_bytes();
    }
    // Builds without overflow checks may place the cell anywhere.
    check_any("a.xlsx", &packed(&parts));
}

#[test]
fn a_card_without_an_end_does_not_hide_the_next() {
    let text = b"BEGIN:VCARD\nEMAIL:a@x.example\nBEGIN:VCARD\nEMAIL:b@x.example\nEND:VCARD\n";
    assert!(refusal("a.vcf", text).contains("the card that begins in line 1 has no END:VCARD"));
    assert!(refusal("a.vcf", b"BEGIN:VCARD\nEMAIL:a@x.exam").contains("line 1"));
}

fn check_any(file: &str, bytes: &[u8]) {
    if let Ok(list) = read(file, bytes) {
        assert!(accounted(&list), "{list:?}");
        assert!(list.skipped_csv().starts_with(&[0xEF, 0xBB, 0xBF]));
        assert!(list.guests.iter().all(|g| !g.name.chars().any(char::is_control)));
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check_any("a.csv", &bytes);
        check_any("a.csv", &[&b"email,name\n"[..], &bytes].concat());
        check_any("a.csv", &[&b"BEGIN:VCARD\n"[..], &bytes].concat());
    }

    #[test]
    fn any_rows(rows in prop::collection::vec("[ab]?@?(x\\.example)?[,;\"' \n=#](Ana|Ion)?[,\n\"]{0,3}(ro|xx)?", 0..40), end in "\r\n|\n|\r") {
        check_any("a.csv", format!("email,name,lang{end}{}", rows.join(&end)).as_bytes());
    }

    #[test]
    fn any_cards(lines in prop::collection::vec("(BEGIN:VCARD|END:VCARD|EMAIL;PREF(=1)?:a@x\\.example|FN:Ana|N:Pop;Ana|TZ:.{0,5}|.{0,20})", 0..30)) {
        check_any("a.vcf", format!("BEGIN:VCARD\n{}", lines.join("\n")).as_bytes());
        check_any("a.vcf", format!("BEGIN:VCARD\n{}\nEND:VCARD", lines.join("\nEND:VCARD\nBEGIN:VCARD\n")).as_bytes());
    }

    #[test]
    fn any_damage_inside_a_workbook(part in any::<prop::sample::Index>(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), keep in any::<prop::sample::Index>()) {
        let mut parts = parts(&small_workbook());
        let at = part.index(parts.len());
        parts[at].1 = damaged(std::mem::take(&mut parts[at].1), &changes, keep);
        check_any("a.xlsx", &packed(&parts));
    }

    #[test]
    fn any_text_in_a_sheet(spoilt in "[0-9A-Z]{1,12}|-?[0-9]{1,20}|.{0,8}", which in 0..6usize) {
        let mut parts = parts(&small_workbook());
        let search = ["r=\"A2\"", "r=\"2\"", "<v>2</v>", "t=\"s\"", "A1:C3", "s=\"1\""][which];
        let (name, _) = search.split_once('"').unwrap_or(("<v>", ""));
        let end = if search.starts_with('<') { "</v>" } else { "\"" };
        let start = if search.starts_with('<') { "<v>".to_owned() } else { format!("{name}\"") };
        for (_, xml) in parts.iter_mut().filter(|(name, _)| name.ends_with("sheet1.xml")) {
            *xml = String::from_utf8_lossy(xml).replacen(search, &format!("{start}{spoilt}{end}"), 1).into_bytes();
        }
        check_any("a.xlsx", &packed(&parts));
    }

    #[test]
    fn any_damage_to_a_workbook(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), keep in any::<prop::sample::Index>()) {
        let bytes = small_workbook();
        check_any("a.xlsx", &damaged(bytes, &changes, keep));
    }
}
