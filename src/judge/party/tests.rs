use super::*;
use proptest::prelude::*;

#[test]
fn said_plainly() {
    for (lang, said, party) in [
        ("ro", "Confirm participarea mea și a doi colegi.", Some(3)),
        ("ro", "Venim noi doi.", Some(2)),
        ("ro", "Vin cu soția și doi copii!", Some(4)),
        ("ro", "Vom fi trei: eu și doi colegi.", Some(3)),
        ("ro", "Vin cu soția.", Some(2)),
        ("ro", "Vin la ora 2.", None),
        ("ro", "Confirm participarea în amândouă zilele.", None),
        ("en", "We'll be 3 adults and 2 children.", Some(5)),
        ("en", "Yes! Two adults, one child", Some(3)),
        ("ro", "Vom fi 3 adulți și 2 copii", Some(5)),
        ("nl", "We komen met 2 volwassenen en 3 kinderen", Some(5)),
        ("it", "Saremo due adulti e tre bambini", Some(5)),
        ("hr", "Dolazi nas dvoje odraslih i jedno dijete", Some(3)),
        ("lt", "Būsime 2 suaugę ir 3 vaikai", Some(5)),
        ("fi", "Meitä on kaksi aikuista ja yksi lapsi", Some(3)),
        ("de", "Wir sind 2 Erwachsene und 2 Kinder", Some(4)),
        ("fr", "Nous serons 4 adultes et 3 enfants", Some(7)),
        ("es", "Seremos 2 adultos y 2 niños", Some(4)),
        ("pl", "Będzie nas dwoje dorosłych i troje dzieci", Some(5)),
        ("pl", "Dwie osoby dorosłe i jedno dziecko", Some(3)),
        ("es", "Confirmo mi asistencia, llegaré a las dos.", None),
        ("de", "Ich bringe einen Kuchen mit, wir essen alle drei.", None),
        ("sv", "Vi ses! +1", Some(2)),
        ("ro", "Da, vin! +2 zile de cazare", None),
        ("en", "I'll come, +1 hour for parking", None),
        ("ro", "Pot veni cu un coleg?", None),
        ("en", "We will be three.", Some(3)),
        ("en", "Me and my wife will be there", Some(2)),
        ("en", "I'll come with two colleagues", Some(3)),
        ("en", "Yes, +1", Some(2)),
        ("en", "Call me at +40 722", None),
        ("en", "Call me at +1 555 0100", None),
        ("en", "I'll be there.", None),
        ("nl", "We komen met z'n drieën", Some(3)),
        ("it", "Saremo in quattro", Some(4)),
        ("it", "Vengo con mia moglie e due figli", Some(4)),
        ("hr", "Dolazimo nas petero", Some(5)),
        ("lt", "Būsime dviese", Some(2)),
        ("fi", "Meitä on kolme", Some(3)),
        ("de", "Wir kommen zu dritt", Some(3)),
        ("fr", "Nous serons quatre", Some(4)),
        ("de", "Ich komme mit meiner Frau und zwei Kindern", Some(4)),
    ] {
        assert_eq!(of(said, Some(lang), true), party, "{said}");
    }
}

#[test]
fn a_plus_that_opens_a_line_adds_to_what_stands_above_it() {
    for (said, above) in [
        ("+1", Some("")),
        ("  + 1 👍", Some("")),
        ("+1 from me", Some("")),
        ("Hello Dan,\n+1\nAna", Some("Hello Dan,\n")),
        ("I will be there\n(+1)", Some("I will be there\n")),
        ("Yes, +1", None),
        ("Ana +1", None),
        ("Vin\n+2 zile de cazare", None),
        ("+40 722 000 000", None),
        ("Yes", None),
    ] {
        assert_eq!(above_plus(said), above, "{said:?}");
    }
}

#[test]
fn people_are_counted_in_languages_without_phrases() {
    for (lang, said, party) in [
        ("tr", "Tabii ki, üçümüz sekizde sahildeyiz.", 3),
        ("uk", "Візьму доньку, тож нас двоє.", 2),
        ("hu", "Négyen megyünk.", 4),
        ("et", "Tuleme kolmekesi.", 3),
        ("lv", "Būsim divatā.", 2),
        ("cs", "Bude nás pět.", 5),
        ("sk", "Prídeme štyria.", 4),
        ("sl", "Nas bo šest.", 6),
        ("sl", "Prideva, hvala za povabilo!", 2),
        ("sl", "Z veseljem bova prišla.", 2),
        ("sr", "Долази нас троје.", 3),
        ("bg", "Ще сме трима.", 3),
        ("el", "Θα είμαστε τέσσερις.", 4),
        ("pt", "Seremos três.", 3),
        ("da", "Vi bliver fem.", 5),
        ("sv", "Vi blir två.", 2),
        ("ga", "Beidh ceathrar againn ann.", 4),
    ] {
        assert_eq!(of(said, Some(lang), true), Some(party), "{said}");
    }
}

#[test]
fn days_hours_and_dates_are_no_people() {
    for (lang, said) in [
        ("pt", "Confirmo a presença nos dois dias."),
        ("pt", "Vamos às dez."),
        ("gl", "Estarei nos dous días."),
        ("ca", "Hi seré tots dos dies."),
        ("sq", "Do të jem në të dy ditët."),
        ("sv", "Jag deltar alla tre dagarna."),
        ("sv", "Vi kommer båda dagarna."),
        ("da", "Jeg deltager alle tre dage."),
        ("da", "Vi kommer begge dage."),
        ("da", "Vi kommer 3. december."),
        ("no", "Vi kommer 3. desember."),
        ("bg", "Ще дойда за 2."),
        ("bg", "В 10 сме при вас."),
        ("ru", "Всего 2 часа."),
        ("ru", "Приедем 12 декабря."),
        ("uk", "Всього 2 години."),
        ("uk", "Приїдемо 12 грудня."),
        ("cs", "Celkem 2 dny."),
        ("cs", "Přijdeme v 10."),
        ("cs", "Přijdeme 12. prosince."),
        ("sl", "Pridemo 10 minut prej."),
        ("lv", "Būsim 10 minūtes agrāk."),
        ("et", "Tuleme 5. mail."),
        ("sr", "Dolazimo 12. decembra."),
        ("tr", "Toplam 2 gün."),
        ("hu", "A jövő hét folyamán küldöm."),
        ("hu", "A jövő héten ott vagyok."),
    ] {
        assert_eq!(of(said, Some(lang), true), None, "{said}");
    }
}

#[test]
fn a_number_beside_a_substitute_counts_people_and_no_days() {
    let is = |lang: &str, said: &str| numbered(said, [lang].into_iter());
    for (lang, said) in [
        ("en", "my 2 junior colleagues will attend in my place"),
        ("en", "2 marketing colleagues come instead"),
        ("en", "2 designers come instead"),
        ("en", "2 separate teams come instead"),
        ("en", "instead of me 2 may attend"),
        ("en", "two colleagues come instead"),
        ("pt", "vêm 2 outros colegas"),
        ("fr", "2 maires adjoints viendront"),
        ("fr", "9 collègues viendront"),
        ("fr", "sept collègues viendront"),
        ("it", "vengono 6 colleghi"),
    ] {
        assert!(is(lang, said), "{said}");
    }
    for (lang, said) in [
        ("ro", "Nu pot veni pe 8 decembrie, vine Ana Pop"),
        ("ro", "Nu pot veni pe 8 dec, vine Ana Pop"),
        ("en", "I can't make it on 8 May, Ana Pop will come"),
        ("fr", "Je ne peux pas le 8 sept, Ana Pop viendra"),
        ("fr", "Le 8 août Ana Pop viendra"),
        ("fi", "En pääse 8 tammikuuta, sijastani tulee Anna Virtanen"),
        ("it", "se sei d'accordo, al mio posto viene Anna Neri"),
        ("it", "al mio posto viene Otto Neri"),
        ("hu", "Helyettem Kiss Mária jön a jövő héten"),
        ("hu", "Egy hét múlva Kiss Mária jön, őt küldöm"),
        ("ro", "Vine Ana Pop, la noua adresă"),
        ("fr", "Ana Pop viendra, elle est tout neuf"),
        ("et", "Järgmises kuus tuleb Mai Tamm"),
    ] {
        assert!(!is(lang, said), "{said}");
    }
}

#[test]
fn a_list_counts_its_names() {
    for (said, found) in [
        ("Confirm participarea.\n1. Ana Pop\n2. Dan Rus", Some((2, 2))),
        ("We confirm:\n- Ana Pop\n\n- Dr. Dan Rus (dan@x.example)\n- Jan van der Berg, director\nBest, Ana", Some((3, 3))),
        ("1) dr. Ana-Maria Pop\n2) Dan Rus\n3) my wife", Some((2, 3))),
        ("- Ana Pop\n- Dan Rus\n- 2 children", Some((2, 3))),
        ("- Ana Pop and Dan Rus\n- Eva Toth\n- Jan Kos", Some((2, 3))),
        ("Participăm: 1. Ana Pop 2. Dan Rus, 3. Ioana Marin", Some((3, 3))),
        ("See you on 1. December, 2. floor", None),
        ("- where can I park?\n- is there coffee?", None),
        ("- Ana Pop", None),
        ("-- \nAna Pop\nDan Rus", None),
        ("10.12.2026\n11.12.2026", None),
    ] {
        assert_eq!(listed(said), found, "{said}");
    }
}

#[test]
fn every_rule_compiles() {
    for lang in ["en", "ro", "nl", "it", "hr", "lt", "fi", "de", "fr", "es", "pl"] {
        assert!(rules(lang).is_some_and(|rules| rules.patterns.len() > 3 && rules.numbers.len() > 5), "{lang}");
    }
    let whole = |line: &str| line.split('\t').filter(|cell| !cell.is_empty()).count() == 3;
    assert!(RULES.lines().filter(|l| !l.starts_with('#')).all(whole), "an empty rule would count everywhere");
}

proptest! {
    #[test]
    fn any_text_is_survived(text in ".*") {
        of(&text, Some("ro"), true);
        listed(&text);
    }
}
