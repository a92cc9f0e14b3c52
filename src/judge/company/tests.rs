use super::{
    lexicon,
    pieces::{MAX_PIECES, pieces},
    *,
};
use crate::judge::text::fold;

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
        ("I, my wife and the two kids", 4),
        ("Tulemme minä, vaimo ja kaksi pientä lasta", 4),
        ("Mama, obje sestre i ja stižemo", 4),
        ("Papa, Mama, Tante Grete und ich kommen gern", 4),
        ("Me and two friends, Ann and Tom", 3),
        ("It will be just me, Jen and Ruby", 3),
        ("A Marta não pode, então apareço só eu e o pequeno.", 2),
        ("Three friends, Ann, Tom and me", 3),
        ("Two friends, Ann and Tom, and me", 3),
        ("Tom and I will come", 2),
        ("My wife and I (2) will come", 2),
        ("I bring my son", 2),
        ("Meine Frau, meine Tochter Anna und ich kommen", 3),
        ("Prídeme tri sestry, Katka, Monika a ja", 3),
        ("Jag, Kalle och våra ungar (3 st) kommer", 5),
        ("My kids (2) and I will come", 3),
        ("Put four names down: Kate, Mark, Jo and me", 4),
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
        ("Perfecto, vamos los cuatro", 4),
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
    assert_eq!(count("Приходжу плюс ще одна голодна людина."), Some(2), "behind an article and an adjective");
    assert_eq!(count("Z naszego biura będą cztery osoby"), None, "of an office, not with it");
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
    assert_eq!(count("It's just me"), Some(1));
    assert_eq!(count("Samo nas dvoje"), Some(2));
    assert_eq!(count("Siamo in cinque, compresi i bambini"), Some(5));
    assert_eq!(count("I will not come alone"), None);
}

#[test]
fn a_number_that_is_said_to_count_the_guest_counts_all() {
    for (said, people) in [
        ("There will be nine of us in total, including me.", 9),
        ("Seven colleagues will come, me included. Three come after lunch.", 7),
        ("Wir kommen mit sechs Leuten, mich eingerechnet", 6),
        ("Будут восемь человек, включая меня", 8),
        ("Прийдемо вшістьох, рахуючи й мене", 6),
        ("Sju personer med undertecknad inräknad", 7),
    ] {
        assert_eq!(count(said), Some(people), "{said}");
    }
    assert_eq!(count("There will be four of us. Mum, dad and me."), None, "a list and a number that differ");
    assert_eq!(count("Tom and I will come. We bring our son."), None, "who is listed, and who is brought");
    assert_eq!(count("Four of us and one visitor, including me"), None, "two numbers");
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
        "Kate, Jo and me",
        "Dolazim i ja",
        "The two kids, Sandra and I",
        "Not including me, six will come",
        "I will come both days",
        "Ich komme beide Tage",
        "I will come to Paris",
        "My whole team, including me, will be there at 7.",
        "On 12 May all will come, me included.",
        "My parents, my two sisters and my brother will come, me included.",
        "Family and I will be there",
        "I'll come with my wife and kids.",
        "Ich komme mit meiner Frau und den Kindern.",
        "Nosotros dos y los niños",
        "I am coming, my wife and son are staying at home.",
        "Ich komme, meine Frau und meine Tochter sind krank.",
        "Ich komme und mein Mann bleibt bei den Kindern.",
        "Je viens et mon mari garde les enfants",
        "Estaré allí a las dos.",
        "Chego às duas, até lá.",
        "I have a baby, I'll come late.",
        "Thanks from me and my wife, but only I am coming.",
        "My wife Anna, our sons Tom and Jo and I will come.",
        "I don't come alone.",
        "Vengo entrambi i giorni.",
        "Je viens avec la voiture de mon mari.",
        "My wife, Anna, and I will come",
        "Only me, Tom and Ann cannot make it.",
        "Ich, meine Frau und unsere Tochter (3)",
        "Mes enfants (8 ans) et moi",
        "",
    ] {
        assert_eq!(count(said), None, "{said}");
    }
}

#[test]
fn a_list_of_any_length_is_read_in_time_and_overflows_nothing() {
    let long = "me, ".to_owned() + &"50 kids and ".repeat(20_000) + "granny";
    assert!(count(&long).is_none_or(|people| people < 50_000));
    // One word to the text, and 100,000 to the lexicon.
    let said = "mum'".repeat(100_000);
    assert_eq!(pieces(&said, 0, &Text::of(&said), MAX_PIECES).len(), MAX_PIECES);
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
