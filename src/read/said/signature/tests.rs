use super::super::line::split;
use super::*;

#[test]
fn names_and_details_are_a_signature_and_sentences_are_not() {
    for lines in [
        &["Ana Pop", "City Archive"][..],
        &["John Doe", "CEO at Pandaland", "@pandaland"],
        &["Tel. 0256 000 000", "www.x.example"],
        &["riak-users mailing list", "riak-users@x.example", "http://x.example/list"],
    ] {
        assert!(is_signature(lines), "{lines:?}");
    }
    for lines in [
        &["Sorry, I cannot come."][..],
        &[],
        &["But only if the room has a ramp, otherwise I cannot come."],
        &["Nu vin"],
        &["Sorry"],
        &["Ana Pop", "I cannot come."],
    ] {
        assert!(!is_signature(lines), "{lines:?}");
    }
}

#[test]
fn letters_of_many_languages_are_closed() {
    for text in [
        "Best regards,",
        "Thanks, kind regards, Ana Pop",
        "Cu stimă, ing. Mihai Pop",
        "cu drag, magda",
        "S přáním hezkého dne",
        "Miłego dnia!",
        "Fijne dag",
        "Ha en fin dag",
        "Buona giornata",
        "O zi frumoasă!",
        "Lep pozdrav in uspešen dan,",
        "Mukavaa päivänjatkoa",
        "Ilusat päeva",
        "Lai jauka diena!",
        "Gražios dienos",
        "További szép napot!",
        "Καλή συνέχεια",
        "Лек ден",
        "Пријатан дан",
        "Пријатен ден",
        "Гарного дня",
        "Усяго добрага",
        "Хорошего дня",
        "Prijatan dan",
        "Ugodan dan",
        "S prianím pekného dňa",
        "Ditë të mbarë",
        "Bestu kveðjur",
        "Saygılarımızla",
        "Cofion gorau,",
        "Agur bero bat",
        "Un saúdo,",
        "Salutacions cordials",
        "Mat beschte Gréiss",
        "Gach dea-ghuí",
        "Tislijiet mill-qalb",
        "Que tenga un buen día",
        "Continuação de bom dia",
        "Bonne fin de journée",
        "Schönen Tag noch!",
        "Venlige hilsner",
        "Allt gott",
    ] {
        assert!(is_closing(text), "{text}");
    }
}

#[test]
fn no_closing_is_an_answer_or_stands_before_one() {
    const OF_ANSWERS: &str = "yes no come coming attend there see gladly pleasure nein komme kommen dabei gern gerne bald oui non viens \
        venir plaisir bientot vengo piacere presto voy ire gusto pronto encantado sim vou prazer breve nu vin vine particip placere \
        curand nee kom graag ziens nej nei kommer garna gjerne glaede glede gladje ses kylla ei tulen mielellani mielihyvin nahdaan jah \
        meelsasti kohtumiseni naksu labprat tiksanos taip atvyksiu mielai pasimatymo nie bede przyjde chetnie zobaczenia widzenia ano \
        prijdu rad rada shledanou videnou prijdem videnia ne pridem videnja videnia veseljem dolazim rado igen nem megyek orommel \
        viszontlatasra viszlat ναι οχι ερθω χαρα ευχαριστως да не ще идвам удоволствие виждане нет буду приду удовольствием свидания \
        так ні прыйду прийду радо побачення evet hayir geliyorum memnuniyetle gorusuruz po vij kenaqesi shihemi iva tiocfaidh";
    let words: Vec<String> = OF_ANSWERS.split_whitespace().map(|word| fold(word).into_owned()).collect();
    for closing in CLOSINGS.iter() {
        let found = words.iter().find(|word| closing.split_whitespace().any(|part| part == word.as_str()));
        assert_eq!(found, None, "{closing}");
    }
    for text in [
        "Thanks, I cannot come.",
        "Thank you. Yes.",
        "Vielen Dank, wir kommen gern",
        "Danke! Leider verhindert.",
        "O zi frumoasă, nu vin",
        "Fijne dag, ik kom niet.",
        "Merci beaucoup, je viens avec Marie",
        "Hezký den, bohužel nepřijdu",
        "Ja, danke",
        "With pleasure",
        "See you there!",
        "Cu plăcere",
        "Do zobaczenia",
        "Dobrý den",
        "Laba diena",
        "Bom dia",
    ] {
        assert!(!is_closing(text), "{text}");
    }
}

fn block_of(text: &str) -> Option<Range<usize>> {
    let lines = split(text);
    contact_block(&lines.iter().collect::<Vec<_>>())
}

fn block(text: &str) -> Option<usize> {
    block_of(text).map(|block| block.start)
}

#[test]
fn contact_details_go_and_the_name_under_the_closing_stays() {
    assert_eq!(block("Da, vin.\n\nCu stimă,\nMihai Pop\nConsilier\nTel. 0256 000 000\nwww.x.example"), Some(4));
    assert_eq!(block("Da, vin.\n\nMihai Pop\nConsilier\nTel. 0256 000 000"), Some(2));
    assert_eq!(block("Da\nVenim 3\nTel. 0722 000 000"), None);
}

#[test]
fn what_stands_below_the_last_detail_stays() {
    let name = "Regards,\nAna Pop\nTel. 0256 000 000";
    assert_eq!(block_of(&format!("Yes, I will come.\n\n{name}\nCorrection: I cannot come")), Some(4..5));
    assert_eq!(block_of(&format!("Yes, I will come.\n\n{name}\nMayor of Deva\nNu vin")), Some(4..6));
    assert_eq!(block_of(&format!("Da.\n\n{name}\nPiața Victoriei nr. 2\nTimișoara")), Some(4..7));
    assert_eq!(block_of("Thank you for the letter.\n\nAna Pop\nMayor\nTel. 0256 000 000\n\nI cannot come."), Some(2..6));
    assert_eq!(block_of("Je confirme :\n\nPour : Marie Dupont (marie@mairie.fr)\nTel. 01 23 45 67 89\n\nJe ne viens pas."), None);
}

#[test]
fn a_sentence_is_neither_a_name_nor_a_title() {
    assert_eq!(block("Grazie dell'invito.\n\nNon partecipo\nAnna Rossi\nTel. 02 1234567"), Some(4));
    assert_eq!(block("Thank you for the letter.\n\nAna Pop\nI cannot come.\nTel. 0256 000 000\nwww.x.example"), Some(4));
    assert_eq!(block("Da, vin.\n\nAnna van der Berg\nTel. 02 1234567"), Some(2));
}

#[test]
fn details_that_answer_stay() {
    assert_eq!(block("Vine colega mea:\nAna Pop\nana@x.example"), None);
    assert_eq!(block("Venim:\n1. Ana Pop, ana@x.example\n2. Ion Pop, ion@x.example"), None);
    assert_eq!(block("Mă puteți suna la 0722 000 000."), None);
    assert_eq!(block("Ne vedem acolo,\nMihai"), None);
}
