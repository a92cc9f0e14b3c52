use super::*;
use crate::model::{Mail, MailKind, mail::Mailbox};

fn of_all(said: &str) -> Option<Delegate> {
    of(said, &[(0, said.len())], Own::default())
}

/// The name that is found in the part of a mail that decided.
fn name_in(said: &str, decided: &str, mail: &Mail) -> Option<String> {
    let start = said.find(decided).expect("it is part of it");
    of(said, &[(start, start + decided.len())], mail).and_then(|found| found.name)
}

fn from(name: &str) -> Mail {
    let email = Address::parse("guest@firma.example").expect("an address");
    Mail { from: Some(Mailbox { name: name.to_owned(), email }), ..Mail::empty(MailKind::Reply) }
}

#[test]
fn every_word_of_the_list_is_folded() {
    for word in BODIES.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
        let word = word.trim_end_matches('*');
        assert!(!word.is_empty() && fold(word) == word, "{word}");
    }
}

#[test]
fn names_and_addresses() {
    for (said, name, email) in [
        ("Colega mea Ana Pop va participa în locul meu.", Some("Ana Pop"), None),
        ("Doamna Ana-Maria Ionescu va veni în locul meu (ana@city.example).", Some("Ana-Maria Ionescu"), Some("ana@city.example")),
        ("My colleague, Hannah Zhou, will attend in my place", Some("Hannah Zhou"), None),
        ("Dan Rus vine în locul meu", Some("Dan Rus"), None),
        ("Meine Kollegin Anna Schmidt kommt an meiner Stelle.", Some("Anna Schmidt"), None),
        ("Instead Anna Schmidt will come in my place.", Some("Anna Schmidt"), None),
        ("Will Smith will come in my place.", Some("Will Smith"), None),
        ("Statt meiner kommt Herr Dr. Klaus Weber.", Some("Klaus Weber"), None),
        ("Helyettem Dr. Kiss Mária jön.", Some("Kiss Mária"), None),
        ("Mme Anne-Laure viendra à ma place.", None, None),
        ("In mijn plaats komt Jan de Vries.", Some("Jan de Vries"), None),
        ("Vendrá Ana de la Fuente en mi lugar.", Some("Ana de la Fuente"), None),
        ("An meiner Stelle kommt Karl von Berg.", Some("Karl von Berg"), None),
        ("În locul meu vine Ana Pop de la contabilitate.", Some("Ana Pop"), None),
        ("Ana Pop, Project Manager, will attend in my place.", Some("Ana Pop"), None),
        ("The deputy mayor, Councillor Joan Pritchard, will come in my place.", Some("Joan Pritchard"), None),
        ("Beidh an cisteoir Úna Ní Cheallaigh ann i m'áit.", Some("Úna Ní Cheallaigh"), None),
        ("VENDRÁ LA CÓNSUL HERRERO", None, None),
        ("Voi fi înlocuită de Ana Pop.", Some("Ana Pop"), None),
        ("Ich werde von Anna Schmidt vertreten.", Some("Anna Schmidt"), None),
        ("Eine Kollegin von Radio Bremen kommt statt meiner.", None, None),
        ("On Monday Ronald McDonald from City Hall will come instead.", None, None),
        ("Ronald McDonald from Green Valley will come instead.", Some("Ronald McDonald"), None),
        ("In place of Dan Rus, Ana Pop will come.", Some("Ana Pop"), None),
        ("Federica Neri will come in my place.", Some("Federica Neri"), None),
        ("In my place Susan Chambers will come.", Some("Susan Chambers"), None),
        ("Instead of me, Mai Tamm will come.", Some("Mai Tamm"), None),
        ("Statt meiner kommt August Lind.", Some("August Lind"), None),
        ("Statt meiner kommt Johanna Kind.", Some("Johanna Kind"), None),
        ("Helyettem Bíró Anna jön.", Some("Bíró Anna"), None),
        ("Statt meiner kommt die Anna Schmidt.", Some("Anna Schmidt"), None),
        ("Al posto mio viene la Anna Neri.", Some("Anna Neri"), None),
        ("En mi lugar va a ir el Juan García.", Some("Juan García"), None),
        ("A colleague from the Green Valley will come.", None, None),
        ("I have passed my invitation to Ana Pop, who will come instead of me.", Some("Ana Pop"), None),
        ("În locul meu vine Dan Rus inginer la primărie.", Some("Dan Rus"), None),
        ("Virá o Vereador da Cultura, Dr. Hélder Simões.", Some("Hélder Simões"), None),
        ("Ana Pop komt, dan@firma.example.", Some("Ana Pop"), Some("dan@firma.example")),
    ] {
        let found = of_all(said).unwrap_or_default();
        assert_eq!((found.name.as_deref(), found.email.as_ref().map(Address::as_str)), (name, email), "{said}");
    }
    assert_eq!(of_all("Colega mea vine în locul meu."), None);
    let two = "Vine Ana Pop sau Dan Rus în locul meu.";
    assert_eq!((of_all(two), are_joined(two, &[(0, two.len()), (0, two.len())])), (None, true));
    let one = "Vine Ana Pop, Șef Birou la Comisia Europeană, în locul meu.";
    assert!(!are_joined(one, &[(0, one.len())]));
    let all = |said: &str| are_joined(said, &[(0, said.len())]);
    for two in [
        "Dan Rus, Ana Pop",
        "Dan Rus as well as Dr. Ana Pop",
        "Dan Rus (dan@x.example)/Ana Pop",
        "Dan Rus, Șef Birou, și Ana Pop",
        "it is Senior Rossi and Dan Rus",
    ] {
        assert!(all(two), "{two}");
    }
    for one in [
        "then Dan Rus of Green Valley",
        "then Dan Rus, Project Manager and Team Leader",
        "Dan Rus works where Ana Pop works",
        "Dan Rus, Ana",
        "Dan Rus from City Hall, Project Manager",
        "Dan Rus",
    ] {
        assert!(!all(one), "{one}");
    }
    let announced = "Instead of me:\nDan Rus, Ana Pop.\nBest, Eva Toth";
    assert!(are_joined(announced, &[(0, 13)]));
}

/// In German every noun has a capital, and only some stand in a name.
#[test]
fn german_nouns_are_no_names() {
    let found: Vec<(&str, Option<String>, Option<&str>)> = [
        ("Statt meiner kommt meine Tochter Lena Weber.", Some("Lena Weber")),
        ("Meine Tochter Lena Weber kommt statt meiner.", Some("Lena Weber")),
        ("An meiner Stelle kommt unser neuer Azubi Max Müller.", Some("Max Müller")),
        ("Mein Bruder Karl Heinz Berg vertritt mich.", Some("Karl Heinz Berg")),
        ("Es vertritt mich mein Bruder Karl von Berg.", Some("Karl von Berg")),
        ("Stellvertreterin Anna Schmidt kommt an meiner Stelle.", Some("Anna Schmidt")),
        ("Unsere Kassiererin Gudrun Haas nimmt für mich teil.", Some("Gudrun Haas")),
        ("Der Azubi Max Müller übernimmt.", Some("Max Müller")),
        ("Statt meiner kommt der Schreiner Max Müller.", Some("Max Müller")),
        ("An meiner Stelle Anna Schmidt, ich kann nicht.", Some("Anna Schmidt")),
        ("Dann kommt statt meiner Anna Schmidt.", Some("Anna Schmidt")),
        ("Statt meiner kommt Thomas Mann.", Some("Thomas Mann")),
        ("Statt meiner kommt die neue Abteilungsleiterin Anna Schmidt.", Some("Anna Schmidt")),
        ("Wegen Krankheit kommt statt meiner Frau Weber.", None),
        ("Diesen Termin nimmt Anna Schmidt wahr.", Some("Anna Schmidt")),
        ("Statt meiner kommt wegen Krankheit Frau Anna Weber.", Some("Anna Weber")),
        ("Statt meiner kommt eine Hamburger Kollegin.", None),
        ("Statt meiner kommt einer der Augsburger Kollegen.", None),
        ("Der Kollege Moosbauer kommt statt meiner.", None),
        ("Statt meiner kommt meine Tochter Lena.", None),
        ("Meine Nachbarin Lena vertritt mich.", None),
        ("Mich vertritt Anna Schmidts Tochter.", None),
        ("Meine Kollegin nimmt Ihre Einladung an.", None),
        ("Das Amt Neu Wulmstorf schickt jemanden statt meiner.", None),
        ("Amit Das kommt statt meiner.", Some("Amit Das")),
    ]
    .map(|(said, name)| (said, of_all(said).and_then(|found| found.name), name))
    .into_iter()
    .filter(|(_, found, name)| found.as_deref() != *name)
    .collect();
    assert!(found.is_empty(), "{found:#?}");
    for two in [
        "Statt meiner kommen meine Tochter Lena Weber und mein Bruder Karl Berg.",
        "Statt meiner kommen unsere Kassiererin Gudrun Haas und unser Schreiner Max Müller.",
        "Statt meiner kommen meine Tochter Lena und Karl Berg.",
    ] {
        assert!(are_joined(two, &[(0, two.len())]), "{two}");
    }
}

#[test]
fn whom_the_letter_greets_is_no_substitute() {
    let wrong: Vec<(&str, Option<String>)> = [
        ("Szia Kati, helyettem a kollégám megy", None),
        ("Dear Helen Marsh, a colleague will come in my place", None),
        ("Dear Helen Marsh a colleague will come in my place", None),
        ("Dear Mr. Marsh and Dr. Ana Pop, a colleague will come in my place", None),
        ("Cara Giulia, al mio posto verrà un collega", None),
        ("Hola Lucía, irá en mi lugar mi hermana", None),
        ("Kære Mette\nMin kollega kommer i stedet for mig", None),
        ("Уважаемая Ольга Петровна, вместо меня придёт коллега", None),
        ("Guten Tag Jana Wieland, es kommt ein Kollege an meiner Stelle", None),
        ("Sehr geehrte Frau Dr. Jana Wieland, es kommt ein Kollege an meiner Stelle", None),
        ("Guten Tag, liebe Jana Wieland, es kommt ein Kollege an meiner Stelle", None),
        ("Szanowna Pani Dyrektor Anno Nowak, zastąpi mnie kolega", None),
        ("Sayın Ayşe Kaya, yerime bir arkadaşım katılacak", None),
        ("Αγαπητή Μαρία Παππά, στη θέση μου θα έρθει συνάδελφος", None),
        ("Hallo Anna Schmidt kommt statt Petra Vogel", None),
        ("Beste Femke, mijn collega Karin Mulder komt in mijn plaats", Some("Karin Mulder")),
        ("Beste Femke - mijn collega Karin Mulder komt in mijn plaats", Some("Karin Mulder")),
        ("Tere Kadri, minu asemel tuleb Tiit Kask", Some("Tiit Kask")),
        ("Kedves Kati, helyettem Kovács Béla megy", Some("Kovács Béla")),
        ("Szia Kati helyettem Kovács Béla megy", Some("Kovács Béla")),
        ("Hi, Anna Schmidt will come in my place", Some("Anna Schmidt")),
        ("Hi my colleague Ana Pop will come, sorry", Some("Ana Pop")),
        ("Hallo, statt meiner kommt Anna Schmidt, viel Erfolg", Some("Anna Schmidt")),
        ("Draga mea colegă Ana Pop vine în locul meu", Some("Ana Pop")),
    ]
    .map(|(said, name)| (said, of_all(said).and_then(|found| found.name), name))
    .into_iter()
    .filter_map(|(said, found, name)| (found.as_deref() != name).then_some((said, found)))
    .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let greeted = "Dear Ana Pop, Dan Rus will come in my place";
    assert!(!are_joined(greeted, &[(0, greeted.len())]));
    let above = "Dear Helen Marsh,\nI gave it to Helen Marsh already: Dan Rus comes for me.";
    assert_eq!(name_in(above, "I gave it to Helen Marsh already: Dan Rus comes for me", &from("")).as_deref(), Some("Dan Rus"));
}

#[test]
fn who_signs_is_no_substitute() {
    let wrong: Vec<(&str, Option<String>)> = [
        ("Min kollega kommer i stedet for mig, mvh Ole Holm", None),
        ("Min kollega kommer i stedet for mig mvh Ole Holm", None),
        ("Ein Kollege kommt statt mir, Gruß Petra Vogel", None),
        ("Statt mir kommt meine Kollegin Gruß Petra Vogel", None),
        ("Ein Kollege kommt statt mir - danke, mit freundlichen Grüßen Petra Vogel", None),
        ("Un collega verrà al mio posto, saluti Paolo Ferri", None),
        ("Zamiast mnie przyjdzie kolega, pozdrawiam Ewa Maj", None),
        ("Вместо меня придёт коллега, с уважением, Иван Петров", None),
        ("A colleague comes for me, kind regards from Sam Marsh", None),
        ("Ein Kollege kommt statt mir, Gruß Petra Vogel, Bürgermeisterin", None),
        ("Dan Rus kommer i stedet for mig, mvh Ole Holm", Some("Dan Rus")),
        ("In my place comes George Best", Some("George Best")),
        ("Thanks to Dan Rus, who will come in my place", Some("Dan Rus")),
        ("An meiner Stelle kommt Ihre Kollegin Anna Schmidt", Some("Anna Schmidt")),
    ]
    .map(|(said, name)| (said, of_all(said).and_then(|found| found.name), name))
    .into_iter()
    .filter_map(|(said, found, name)| (found.as_deref() != name).then_some((said, found)))
    .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (sender, said, name) in [
        ("Ole Holm", "Min kollega kommer i stedet for mig, Ole Holm", None),
        ("Holm, Ole", "Ole Holm sender en kollega i stedet", None),
        ("Ole Holm", "Min kollega Dan Rus kommer i stedet for mig, Ole Holm", Some("Dan Rus")),
        ("Dan Rus", "Dan Rus takes the place that Ana Pop has", None),
        ("Lars Holm", "Ole Holm kommer i stedet for mig", Some("Ole Holm")),
    ] {
        assert_eq!(name_in(said, said, &from(sender)).as_deref(), name, "{sender}: {said}");
    }
    let below = "Ole Holm kan ikke, en kollega kommer.\n\nMed venlig hilsen\nOle Holm";
    assert_eq!(name_in(below, "Ole Holm kan ikke, en kollega kommer", &from("")), None);
}

#[test]
fn with_whom_it_is_agreed_is_no_substitute() {
    for (said, name) in [
        ("As agreed with Helen Marsh, a colleague will come in my place", None),
        ("As agreed with Mrs. Helen Marsh, Priya Shah will come in my place", Some("Priya Shah")),
        ("Wie mit Ihnen und nach Rücksprache mit Frau Jana Wieland kommt statt meiner Anna Schmidt", Some("Anna Schmidt")),
        ("Come concordato con Helen Marsh, al mio posto verrà un collega", None),
    ] {
        assert_eq!(of_all(said).and_then(|found| found.name).as_deref(), name, "{said}");
    }
}

#[test]
fn a_bracket_behind_a_name_ends_no_sentence() {
    for (said, decided, name) in [
        ("Priya Shah (finance) goes for me", "goes for me", Some("Priya Shah")),
        ("I cannot. Dr. Priya Shah (Green Valley) goes for me", "goes for me", Some("Priya Shah")),
        ("Priya Shah (Green Valley) goes for me", "Priya Shah (Green Valley) goes for me", Some("Priya Shah")),
        ("My colleague (Priya Shah) goes for me", "goes for me", Some("Priya Shah")),
        ("Ask Dan Rus. (I am ill.) A colleague goes for me", "A colleague goes for me", None),
        ("Ask Dan Rus (finance)\nA colleague goes for me", "A colleague goes for me", None),
    ] {
        assert_eq!(name_in(said, decided, &from("")).as_deref(), name, "{said}");
    }
    let two = "Priya Shah (finance) and Dan Rus (sales) go for me";
    assert!(are_joined(two, &[(two.len() - 9, two.len())]));
}
