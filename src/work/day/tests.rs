use super::*;
use crate::model::Localised;

/// Of a Monday.
const SENT: &str = "2026-11-30T12:00:00Z";
const LETTER: &str = "We invite you on Thursday, 10 December 2026, at 13:15. Please answer by 4 December.";

fn event(start: &str, end: &str) -> Event {
    let moment = |time: &str| format!("{time}[Europe/Bucharest]").parse().expect("a moment");
    Event { title: Localised::One("Gala".into()), start: moment(start), end: moment(end), place: None, link: None }
}

fn gala() -> Event {
    event("2026-12-10T13:15", "2026-12-10T15:30")
}

fn doubted(said: &str, answer: Answer, event: Event, letter: &str) -> Option<String> {
    let verdict = Verdict { answer, sure: true, evidence: vec![said.to_owned()], ..Verdict::silent() };
    let sent = SENT.parse().expect("a time");
    let why = Days::new(event, std::iter::empty()).doubt(said, &verdict, &[letter.to_owned()], sent)?;
    Some(why.strip_prefix("it names ").and_then(|why| why.split_once(", and the event is ")).expect("its form").0.to_owned())
}

fn named_by(said: &str) -> Option<String> {
    doubted(said, Answer::Accept, gala(), LETTER)
}

#[test]
fn another_day_is_named_in_many_languages() {
    for (said, day) in [
        ("I will be there on the 17th.", "the 17th"),
        ("I'd love to, I only get back on the 12th", "the 12th"),
        ("See you on the 17th at 2 pm!", "the 17th"),
        ("Yes, 17 December suits me.", "17 December"),
        ("December 17th works for us", "17 December"),
        ("Put me down for 12/17/2026.", "17 December"),
        ("I will be there on 10 December 2027.", "10 December 2027"),
        ("I will be there on 10 January.", "10 January 2027"),
        ("See you Wednesday!", "Wednesday"),
        ("Am 17. bin ich gern dabei.", "the 17th"),
        ("Wir kommen am 17. Dezember um 13 Uhr.", "17 December"),
        ("Bis Mittwoch!", "Wednesday"),
        ("Je serai là le 17.", "the 17th"),
        ("Je confirme ma présence le 17 décembre", "17 December"),
        ("À mercredi !", "Wednesday"),
        ("Ci vediamo il 17!", "the 17th"),
        ("Vengo volentieri l'11.", "the 11th"),
        ("Ci vediamo mercoledì", "Wednesday"),
        ("Iré el día 17 sin falta", "the 17th"),
        ("Nos vemos el 17 de diciembre", "17 December"),
        ("Estarei presente no dia 17.", "the 17th"),
        ("Vin pe 17 cu soția.", "the 17th"),
        ("Particip pe 17 decembrie, mulțumesc!", "17 December"),
        ("Ne vedem marți!", "Tuesday"),
        ("Ik ben er graag bij op de 17e.", "the 17th"),
        ("Tot woensdag!", "Wednesday"),
        ("Vi ses den 17:e.", "the 17th"),
        ("Jeg kommer den 17. med min kone", "the 17th"),
        ("Vi ses på onsdag!", "Wednesday"),
        ("Tulen mielelläni 17.12. puolisoni kanssa", "17 December"),
        ("Wir kommen am 17.12.", "17 December"),
        ("Nähdään keskiviikkona!", "Wednesday"),
        ("Olen kohal 17. detsembril", "17 December"),
        ("Piedalīšos 17. decembrī.", "17 December"),
        ("Dalyvausiu gruodžio 17 d.", "17 December"),
        ("Będę 17 grudnia.", "17 December"),
        ("Przyjdę 17-go z żoną", "the 17th"),
        ("Do zobaczenia w środę!", "Wednesday"),
        ("Přijdu 17. 12. ve 13 hodin", "17 December"),
        ("Uvidíme se ve středu.", "Wednesday"),
        ("Prídem 17. decembra.", "17 December"),
        ("Pridem 17. decembra.", "17 December"),
        ("Dolazim 17. prosinca", "17 December"),
        ("Vidimo se u srijedu", "Wednesday"),
        ("Долазим 17. децембра.", "17 December"),
        ("Ще дойда на 17-ти с жена ми", "the 17th"),
        ("Ще дойда на 17 декември", "17 December"),
        ("Буду 17 грудня.", "17 December"),
        ("Приду 17-го.", "the 17th"),
        ("Θα έρθω στις 17 Δεκεμβρίου", "17 December"),
        ("17-én ott leszek", "the 17th"),
        ("Szerdán ott vagyok!", "Wednesday"),
        ("Ayın 17'sinde oradayım", "the 17th"),
        ("17 Aralık'ta geliyoruz", "17 December"),
        ("Beidh mé ann ar an 17ú.", "the 17th"),
    ] {
        assert_eq!(named_by(said).as_deref(), Some(day), "{said}");
    }
}

#[test]
fn what_is_no_other_day_is_none() {
    for said in [
        "See you there!",
        "I will be there on the 10th, I fly home on the 12th.",
        "Yes, December 10 suits me; on Wednesday I am in Rome.",
        "I arrive on the 9th and leave on the 11th.",
        "See you on Thursday!",
        "From 9 to 11 December I am in town, so yes",
        // Hours.
        "I'll be there at 17.",
        "I'll be there from 17.30.",
        "Komme um 17 Uhr.",
        "Wir sind am Abend ab 17 Uhr da",
        "J'arrive à 17h.",
        "Je viens vers le 17 h",
        "Vin la 17.",
        "Przyjdę o 17.",
        "Tulen klo 9.12. asemalta",
        "I come by train, it leaves 7.12.",
        "Θα έρθω στις 17.",
        "Jövök 17-re.",
        // People, ages, rooms, streets, numbers.
        "We are 17.",
        "17-en jövünk.",
        "Suntem 2 mai curând decât credeți",
        "Siamo in 3\n\nMarco",
        "Kommen gern, wir sind 4\nJuli Weber",
        "3/4 of us come, I am there 24/7.",
        "I come to the 17th edition for the 17th time.",
        "On the 4th floor, I know.",
        "On my 60th birthday I would be nowhere else.",
        "J'habite le 17 rue de la Paix, je viens à pied.",
        "Il 17% di noi viene",
        "Ще бъдем на 3-ти етаж",
        "Am 3. Tisch sitze ich gern.",
        "Wij komen met 5 leden.",
        "Prosím 2 pro nás.",
        "We come with 2 juniors.",
        "Born on 5 March 1980, I come.",
        // Of the letter, of today, over.
        "I answer before 4 December as you asked: I come.",
        "Friday is soon enough to answer, yes?",
        "Iași, 30 noiembrie 2026\n\nParticip.",
        "Thank you for your mail of 28 November, I will come.",
        "On the 28th I was ill, but I will come.",
        "I was born on 17.12.2001.",
        // Limits before the event.
        "I will send the slides by 7 December.",
        "Ich komme, die Folien schicke ich bis zum 7. Dezember.",
        "Vin, până pe 7 trimit prezentarea.",
        "Jag kommer och svarar om maten senast den 7.",
        // Days of the week that are something else, or stand in a long sentence.
        "Ne vedem peste două luni!",
        "Vou com a minha segunda esposa.",
        "Vengo con Domenica.",
        "Se niġi jien u marti.",
        "I will be there, and as for the slides that you want I can bring them on Wednesday",
    ] {
        assert_eq!(named_by(said), None, "{said}");
    }
}

#[test]
fn whoever_leans_decides_before_the_event() {
    let leans = |said: &str| doubted(said, Answer::Tentative, gala(), LETTER);
    assert_eq!(leans("Perhaps, I only get back on the 12th.").as_deref(), Some("the 12th"));
    assert_eq!(leans("Vielleicht, am 7. weiß ich mehr."), None);
    assert_eq!(leans("Perhaps, I know on Wednesday."), None);
    assert_eq!(doubted("I cannot come on the 17th.", Answer::Decline, gala(), LETTER), None);
}

#[test]
fn every_day_of_the_event_and_of_the_letters_is_its_own() {
    let fair = || event("2026-12-10T09:00", "2026-12-12T18:00");
    let says = |said: &str, letter: &str| doubted(said, Answer::Accept, fair(), letter);
    for said in ["I come on the 11th.", "I come on 12 December.", "Bis Samstag!", "See you on Friday"] {
        assert_eq!(says(said, ""), None, "{said}");
    }
    assert_eq!(says("I come on the 13th.", "").as_deref(), Some("the 13th"));
    let letter = "The evening before, on Wednesday, 9 December, there is a concert.";
    for said in ["I come on the 9th.", "I come on 9 December.", "See you on Wednesday!"] {
        assert!(says(said, "").is_some(), "{said}");
        assert_eq!(says(said, letter), None, "{said}");
    }
    // In the zone of the event it is the next day already.
    let night = event("2026-12-11T00:30", "2026-12-11T02:00");
    assert_eq!(doubted("See you on the 11th", Answer::Accept, night, ""), None);
}

#[test]
fn the_doubt_names_both_days() {
    let told = |said: &str, event: Event| {
        let verdict = Verdict { answer: Answer::Accept, evidence: vec![said.to_owned()], ..Verdict::silent() };
        Days::new(event, std::iter::empty()).doubt(said, &verdict, &[], SENT.parse().expect("a time")).expect("a doubt")
    };
    assert_eq!(told("See you on 17 December", gala()), "it names 17 December, and the event is on 10 December");
    assert_eq!(told("See you on the 22nd", gala()), "it names the 22nd, and the event is on 10 December");
    assert_eq!(told("See you on 10 January", gala()), "it names 10 January 2027, and the event is on 10 December 2026");
    assert_eq!(told("See you on Friday", gala()), "it names Friday, and the event is on Thursday, 10 December");
    let fair = event("2026-12-10T09:00", "2026-12-12T18:00");
    assert_eq!(told("See you on the 17th", fair), "it names the 17th, and the event is from 10 December to 12 December");
}

#[test]
fn the_day_of_an_earlier_letter_is_its_own_too() {
    let verdict = Verdict { answer: Answer::Accept, ..Verdict::silent() };
    let now = || event("2026-12-17T13:15", "2026-12-17T15:30");
    let sent = SENT.parse().expect("a time");
    let doubt = |read: Option<Event>| Days::new(now(), read.into_iter()).doubt("I come on the 10th", &verdict, &[], sent);
    assert_eq!(doubt(None).as_deref(), Some("it names the 10th, and the event is on 17 December"));
    assert_eq!(doubt(Some(gala())), None);
}

#[test]
fn the_names_of_months_that_are_words_need_more_than_a_number() {
    let may = |said: &str| doubted(said, Answer::Accept, event("2027-05-20T18:00", "2027-05-20T22:00"), "");
    for said in ["Je viens le 12 mai.", "Jeg kommer den 12 maj.", "I come on May 12th.", "Wir kommen am 12. Mai."] {
        assert_eq!(may(said).as_deref(), Some("12 May"), "{said}");
    }
    for said in ["Suntem 3 mai mult ca sigur.", "Of the two of us flat 6 may come.", "Ik kom 20 mei, en blijf tot 22 mei."] {
        assert_eq!(may(said), None, "{said}");
    }
}
