use super::{lexicon, *};

#[test]
fn a_list_with_the_guest_in_it_is_added_up() {
    for (said, people) in [
        ("Put us down: granny, my parents, me and the twins.", 6),
        ("My sister, her two boys and I will come", 4),
        ("me + wife + 3 kids", 5),
        ("Wir kommen: meine Frau, die drei Kinder und ich.", 5),
        ("Ma femme, ma belle-mère et moi serons là.", 3),
        ("Io, mia moglie e i due figli veniamo volentieri", 4),
        ("Mi marido, mis dos hijas y yo iremos", 4),
        ("Vin eu, soția și cei trei copii", 5),
        ("Przyjdziemy: mama, siostra i ja.", 3),
        ("Přijdeme já, manželka a dvě děti", 4),
        ("Dolazimo baka, brat i ja", 3),
        ("Долазимо супруга, ћерка и ја", 3),
        ("Прийдемо я, дружина і двоє дітей", 4),
        ("Идваме аз, жена ми и трите деца", 5),
        ("Ateisime aš, žmona ir du vaikai", 4),
        ("Tulemme minä, vaimo ja kaksi lasta", 4),
        ("Tuleme mina, naine ja kaks last", 4),
        ("Jag, min fru och våra två barn kommer", 4),
        ("My wife and I and our two kids will come", 4),
        ("The two of us and our baby", 3),
        ("Wir zwei und unser Sohn kommen", 3),
        ("Both my husband and I will come", 2),
        ("Dear Ana, my husband and I would love to come", 2),
        ("Querida Ana, mi marido y yo iremos", 2),
        ("2 adults and 3 children", 5),
        ("Żewġ adulti u tliet itfal", 5),
        ("Dva odrasla i jedno dijete", 3),
        ("Nine girls plus me", 10),
        ("Granny, the two of us and the baby", 4),
        ("Θα έρθουμε εγώ, η γυναίκα μου και τα δύο παιδιά", 4),
    ] {
        assert_eq!(count(said), Some(people), "{said}");
    }
}

#[test]
fn a_number_with_we_in_it_and_a_word_for_so_many() {
    for (said, people) in [
        ("Wir kommen zu fünft.", 5),
        ("Négyen jövünk", 4),
        ("Nous viendrons à quatre", 4),
        ("Będziemy we troje", 3),
        ("Dolazi nas petero", 5),
        ("We komen met z'n drieën", 3),
        ("Ateisim trise", 3),
        ("Venim noi doi", 2),
        ("Нас пʼятеро", 5),
    ] {
        assert_eq!(count(said), Some(people), "{said}");
    }
}

#[test]
fn who_is_brought_comes_beside_the_guest() {
    assert_eq!(count("I will come with my wife and two kids"), Some(4));
    assert_eq!(count("Vin cu soția și cei doi copii"), Some(4));
    assert_eq!(count("Dovodim muža"), Some(2));
    assert_eq!(count("I bring two cakes"), None);
}

#[test]
fn who_comes_alone_is_one() {
    for said in [
        "I'll be there on my own",
        "Ich komme allein.",
        "Stižem bez pratnje",
        "Je viendrai sans accompagnant, sans voiture",
        "Jeg kommer alene",
    ] {
        assert_eq!(count(said), Some(1), "{said}");
    }
    assert_eq!(count("I will not come alone"), None);
}

#[test]
fn the_number_before_a_list_of_its_persons_is_not_added() {
    assert_eq!(count("We two with my husband and three children will come"), Some(5));
    assert_eq!(count("Six people with me"), None);
    assert_eq!(count("Four people: my wife, the two kids and me"), Some(4));
    assert_eq!(count("Vom fi patru, eu, soția și doi copii"), Some(4));
}

#[test]
fn what_is_no_list_of_persons_with_the_guest_tells_nothing() {
    for said in [
        "My wife and the children say hello",
        "Will you, my sister and I sit together?",
        "We will be there at 12",
        "Nous serons là le 12",
        "We will be five minutes late",
        "Wir sind zwei Stunden zu spät",
        "3 or 4 of us",
        "2-3 of us",
        "Kommen zu dritt oder zu viert",
        "My 40 year old son and I",
        "See mum@family.example and me",
        "Regards, Ana and Tom",
        "I come. Two trains and a bus, what a trip",
        "Дъщеря ми играе във филма",
        "ja biorę ciasto, a mąż zostaje",
        "I come with some friends",
        "",
    ] {
        assert_eq!(count(said), None, "{said}");
    }
}

#[test]
fn a_list_of_any_length_is_read_in_time_and_overflows_nothing() {
    let long = "me, ".to_owned() + &"50 kids and ".repeat(20_000) + "granny";
    assert!(count(&long).is_none_or(|people| people < 20_000));
    assert_eq!(count("4294967295 kids and me and 99999999999999999999 aunts"), None);
}

#[test]
fn every_word_is_folded_and_of_a_kind() {
    for (lang, lines) in lexicon::ALL {
        let mut kinds = Vec::new();
        for line in lines.lines() {
            let (kind, entries) = line.split_once('\t').unwrap_or_else(|| panic!("{lang}: {line:.40}"));
            assert!(!kinds.contains(&kind), "{lang}: {kind} twice");
            kinds.push(kind);
            for words in entries.split('|') {
                let (words, tag) = lexicon::entry(kind, words).unwrap_or_else(|| panic!("{lang}: {kind} {words}"));
                assert!(!matches!(tag, Tag::Number(0) | Tag::Total(0..=1)), "{lang}: {words}");
                for word in words.split(' ') {
                    let word = word.strip_suffix('*').unwrap_or(word);
                    assert!(!word.is_empty() && fold(word) == word, "{lang}: {words}");
                }
            }
        }
        assert!(["one", "many", "num", "me", "and", "alone"].iter().all(|kind| kinds.contains(kind)), "{lang}: {kinds:?}");
    }
}
