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
    doubted_by(said, said, answer, event, letter)
}

fn doubted_by(decided: &str, said: &str, answer: Answer, event: Event, letter: &str) -> Option<String> {
    let verdict = Verdict { answer, sure: true, evidence: vec![decided.to_owned()], ..Verdict::silent() };
    let sent = SENT.parse().expect("a time");
    let why = Days::new(event, std::iter::empty()).doubt(said, &verdict, &[letter.to_owned()], sent)?;
    Some(why.strip_prefix("it names ").and_then(|why| why.split_once(", and the event is ")).expect("its form").0.to_owned())
}

fn named_by(said: &str) -> Option<String> {
    doubted(said, Answer::Accept, gala(), LETTER)
}

/// Of a Wednesday.
fn workshop() -> Event {
    event("2026-12-09T10:00", "2026-12-09T16:00")
}

/// By the sentence that decided, and what else was typed.
fn declined(decided: &str, rest: &str) -> Option<String> {
    let said = format!("{decided} {rest}");
    doubted_by(decided.trim_end_matches(['.', '!']), &said, Answer::Decline, workshop(), LETTER)
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

#[test]
fn a_no_to_another_day_is_seen_in_many_languages() {
    for (decided, rest, day) in [
        ("The steering call on Friday I have to skip.", "Wednesday's workshop is fine.", "Friday"),
        ("Friday’s call I have to skip.", "Wednesday is fine.", "Friday"),
        ("I can't make it on the 17th.", "The 9th is in my diary.", "the 17th"),
        ("On Wednesday, 16 December, I have to skip the call.", "The workshop on Wednesday is fine.", "16 December"),
        ("I cannot come on Friday because there is a strike and nobody else can take the children.", "See you on 9 December!", "Friday"),
        ("Am Freitag kann ich leider nicht.", "Mittwoch passt.", "Friday"),
        ("Am 17.12. kann ich nicht.", "Am 9.12. gern.", "17 December"),
        ("Vendredi je ne pourrai pas être là.", "Mercredi, oui.", "Friday"),
        ("Le 17 décembre, je ne peux pas.", "Le 9, oui.", "17 December"),
        ("alla call di venerdì purtroppo non ci sarò, ho il dentista.", "Mercoledì invece ci sono, come no!", "Friday"),
        ("el viernes no podré entrar en la reunión de coordinación.", "Para el miércoles sí, cuenta conmigo.", "Friday"),
        ("Na sexta-feira não posso.", "Na quarta conto ir.", "Friday"),
        ("Vineri nu pot.", "Miercuri da.", "Friday"),
        ("Vrijdag lukt me niet.", "Woensdag wel.", "Friday"),
        ("På fredag kan jag inte.", "Onsdag går bra.", "Friday"),
        ("Fredag kan jeg ikke.", "Onsdag passer fint.", "Friday"),
        ("Perjantaina en pääse.", "Keskiviikkona kyllä.", "Friday"),
        ("Reedel ma ei saa tulla.", "Kolmapäeval olen kohal.", "Friday"),
        ("Piektdien es nevaru.", "Trešdien būšu.", "Friday"),
        ("Penktadienį negaliu.", "Trečiadienį būsiu.", "Friday"),
        ("W piątek nie mogę.", "W środę będę.", "Friday"),
        ("V pátek nemůžu.", "Ve středu ano.", "Friday"),
        ("V piatok nemôžem.", "V stredu áno.", "Friday"),
        ("V petek ne morem.", "V sredo pridem.", "Friday"),
        ("U petak ne mogu.", "U srijedu dolazim.", "Friday"),
        ("Na sastanak u petak ne dolazim.", "Za sredu ću videti.", "Friday"),
        ("В петък не мога.", "В сряда ще дойда.", "Friday"),
        ("В пятницу не смогу.", "В среду буду.", "Friday"),
        ("У п'ятницю не зможу.", "У середу буду.", "Friday"),
        ("Στις 17 Δεκεμβρίου δεν μπορώ.", "Στις 9 Δεκεμβρίου ναι.", "17 December"),
        ("Pénteken nem tudok menni.", "Szerdán ott leszek.", "Friday"),
        ("17 Aralık'ta gelemem.", "9 Aralık'ta oradayım.", "17 December"),
    ] {
        assert_eq!(declined(decided, rest).as_deref(), Some(day), "{decided} {rest}");
    }
    // A day that the guest knows from us may be the one that is declined.
    assert_eq!(declined("I can't come on the 4th.", "On Wednesday I can.").as_deref(), Some("the 4th"));
}

#[test]
fn a_no_to_the_event_stays_one() {
    for (decided, rest) in [
        ("I can't come on Wednesday.", "I'm only back on Friday."),
        ("I can't come on Wednesday, I'm only back on Friday.", "Good luck on Wednesday!"),
        ("Neither on the 9th nor on the 17th can I come.", "A pity about Wednesday!"),
        ("Miercuri nu pot.", "Vin vineri la birou."),
        ("I will not come.", "On Friday I am in Vienna, on Wednesday in Rome."),
        // Its own day is named nowhere.
        ("Unfortunately not, I'm in Vienna on Friday.", "Best wishes"),
        ("U petak ne dolazim.", "Srdačan pozdrav"),
        ("I can't come on Friday.", "Wednesday, 16 December, is fine."),
        // Limits, and the event between two days.
        ("Sorry, I am away until Friday.", "Have a good Wednesday!"),
        ("Ich bin bis Freitag weg und kann nicht.", "Viel Spaß am Mittwoch!"),
        ("Jag är bortrest till 12 december.", "Ha det bra på onsdag!"),
        ("From Tuesday to Friday I am in Rome, so no.", "Have fun on Wednesday!"),
        ("Du 8 au 12 décembre je suis à Rome, donc non.", "Bon atelier mercredi !"),
        // Over, too far away, and what only looks like a day.
        ("On 28 November I broke a leg, so I can't.", "Good luck on Wednesday!"),
        ("I retire on 10 January 2029, and cannot come.", "Good luck on Wednesday!"),
        ("We are 17, and none of us can come.", "Good luck on Wednesday!"),
        ("Sunt plecat pentru două luni, deci nu.", "Mult succes miercuri!"),
    ] {
        assert_eq!(declined(decided, rest), None, "{decided} {rest}");
    }
    let said = "On Friday I cannot come. Wednesday is fine.";
    assert_eq!(doubted(said, Answer::Decline, workshop(), ""), None);
    let thanked = "Thank you for the invitation for Wednesday. I cannot come, on Friday I fly to Rome.";
    assert_eq!(doubted_by("I cannot come, on Friday I fly to Rome", thanked, Answer::Decline, workshop(), ""), None);
    // By words that stand elsewhere, as in the subject or in a calendar.
    assert_eq!(doubted_by("Declined: the call on Friday", "Wednesday is fine.", Answer::Decline, workshop(), ""), None);
    assert_eq!(doubted_by("On Friday I cannot come", said, Answer::Delegate, workshop(), ""), None);
}
