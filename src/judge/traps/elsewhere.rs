//! What is said of another day, another part or another event than the one of the invitation, or by a program.

use super::*;

#[test]
fn a_no_to_one_day_beside_a_yes_to_another_needs_a_look() {
    for (code, text) in [
        ("en", "No for Friday, Wednesday is open"),
        ("en", "I cannot come on Friday. Wednesday is fine."),
        ("de", "Am Freitag kann ich leider nicht kommen, am Mittwoch gern."),
        ("fr", "Je ne peux pas venir vendredi. Mercredi oui."),
        ("en", "I'll gladly come to the concert on the 19th. The gathering on the 12th I'll have to skip."),
        ("it", "Al concerto del 19 vengo volentieri, il 12 invece no."),
        ("pt", "Ao concerto de dia 19 vou com gosto, dia 12 é que não."),
        ("hr", "Na koncert 19. dolazim rado, ali 12. ne mogu."),
        ("bg", "На концерта на 19-и ще дойда с удоволствие, но на 12-и не мога."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!verdict.sure, "{text:?}: {verdict:?}");
    }
    for (code, text) in [
        ("en", "I will be there on the 12th, with pleasure. I can stay until 10 pm."),
        ("de", "Am 12. Dezember komme ich gern mit meiner Frau."),
        ("fr", "Je serai là le 12, avec plaisir ! Merci pour votre lettre du 3."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.sure && verdict.answer == Accept, "{text:?}: {verdict:?}");
    }
    for (code, text) in [
        ("en", "I cannot come on Wednesday. On Friday I fly to Rome."),
        ("en", "Sorry, I cannot come. From Tuesday to Friday I am in Vienna."),
        ("de", "Am Mittwoch kann ich leider nicht kommen. Viel Erfolg!"),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.sure && verdict.answer == Decline, "{text:?}: {verdict:?}");
    }
}

#[test]
fn who_is_glad_that_you_come_may_speak_of_their_own_event() {
    for (code, text) in [
        ("en", "Dear Marta, so glad you'll be joining us for the harvest supper on the 20th! I've put you and Klaus on the top table."),
        ("da", "Dejligt at høre, at I kan komme til vores sommerfest! Vi glæder os til at se jer alle fire."),
        ("lt", "Smagu, kad atvyksite į mūsų miesto šventę birželį! Lauksime jūsų."),
        ("cs", "To jsme rádi, že přijedete na naše posvícení! Pokoje máte zamluvené pro čtyři."),
        ("hr", "Drago nam je da dolazite na naš festival u lipnju! Rezervirali smo sobe za troje."),
        ("bg", "Радваме се, че ще дойдете на нашия събор през юни! Очакваме и четиримата."),
        ("uk", "Раді, що ви приїдете на наш фестиваль у червні! Чекаємо на всіх чотирьох."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!verdict.sure, "{text:?}: {verdict:?}");
    }
}

#[test]
fn who_shares_a_sorrow_or_says_what_they_would_do_is_never_sure_to_come() {
    for (code, text, answer) in [
        ("ro", "Particip la durerea familiei. Condoleanțe.", Accept),
        ("fr", "Je participe à votre peine. Condoléances.", Accept),
        ("ro", "Aș veni cu drag dacă n-aș fi de gardă.", Tentative),
        ("es", "Iría encantada si no tuviera que trabajar.", Tentative),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!(verdict.sure && verdict.answer == answer), "{code} {text:?}: {verdict:?}");
    }
    for (code, text, answer) in
        [("ro", "Vin cu drag dacă nu plouă.", Tentative), ("hr", "Dolazim rado!", Accept), ("mt", "Niġu bil-qalb, grazzi!", Accept)]
    {
        let verdict = verdict(&said(text), lang(code).as_ref());
        let is_told = verdict.doubts.iter().any(|doubt| doubt.contains("sorrow") || doubt.contains("free") || doubt.contains("spirit"));
        assert!(verdict.answer == answer && !is_told, "{code} {text:?}: {verdict:?}");
    }
}

#[test]
fn a_yes_beside_a_no_to_another_part_is_never_sure() {
    for (code, text) in [("hr", "Na izlet idem, na proslavu ne."), ("bg", "На екскурзията идвам, на празника не.")]
    {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!verdict.sure && verdict.evidence.iter().all(|words| text.contains(words)), "{text:?}: {verdict:?}");
    }
    for (code, text) in
        [("de", "Ich komme gern, warum auch nicht!"), ("en", "I will be there, vegetarian food or not."), ("ro", "Vin cu drag, de ce nu!")]
    {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.answer == Accept && !verdict.doubts.iter().any(|doubt| doubt.contains("a part")), "{text:?}: {verdict:?}");
    }
}

#[test]
fn a_note_of_absence_is_no_sure_answer() {
    for (code, text) in [
        ("fr", "Bonjour, je suis absente du bureau du 7 au 21 décembre. En cas d'urgence, veuillez contacter M. Petit."),
        ("pt", "Estarei ausente de 7 a 21 de dezembro. Em caso de urgência contacte a Rita Lopes."),
        ("uk", "На час моєї відсутності мене заміщує Олена Бондар."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!verdict.sure, "{text:?}: {verdict:?}");
    }
    for (code, text) in [
        ("en", "Sorry, I cannot come, an urgent family matter."),
        ("it", "Purtroppo non posso venire per un'urgenza familiare."),
        ("ro", "Nu pot veni, am o problemă urgentă acasă."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.sure && verdict.answer == Decline, "{text:?}: {verdict:?}");
    }
}

#[test]
fn a_no_to_another_question_of_a_form_takes_nothing_back() {
    for (code, text) in [("de", "Kommen: ja. Vegetarisch: nein."), ("en", "Attending: yes\nVegetarian: no")] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        let told = verdict.doubts.iter().any(|doubt| doubt.starts_with("further down"));
        assert!(verdict.answer == Accept && !told, "{text:?}: {verdict:?}");
    }
    for (code, text) in
        [("de", "Kommen: ja. PS: nein, doch nicht."), ("en", "Attending: yes.\nAttending: no."), ("en", "Yes, I will come.\nUpdate: no.")]
    {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!(verdict.sure && verdict.answer == Accept), "{text:?}: {verdict:?}");
    }
}

#[test]
fn who_has_booked_the_hall_or_is_sorry_for_you_is_no_sure_guest() {
    for (code, text) in [
        ("en", "Confirmed: the hall is booked and the heating will be on."),
        ("fr", "C'est confirmé, la salle est réservée."),
        ("ro", "Confirm, sala e rezervată pentru voi."),
        ("it", "Confermato, la sala è prenotata."),
        ("es", "Confirmado, la sala está reservada."),
        ("cs", "Potvrzuji, sál je rezervovaný."),
        ("en", "Sorry to hear you can't make it."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!verdict.sure, "{code} {text:?}: {verdict:?}");
    }
    for (code, text, answer) in [
        ("en", "I'll be there, is the hall heated?", Accept),
        ("en", "Sorry to tell you that I can't make it.", Decline),
        ("de", "Schade, dass ich nicht kommen kann.", Decline),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        let told = verdict.doubts.iter().any(|doubt| doubt.contains("hall") || doubt.contains("of whom"));
        assert!(verdict.answer == answer && !told, "{code} {text:?}: {verdict:?}");
    }
}
