//! Who comes and how many, and which words decide.

use super::*;

#[test]
fn a_list_of_names_is_counted_by_its_lines() {
    for (code, text, party) in [
        ("ro", "Confirm participarea.\n1. Ana Pop\n2. Dan Rus", 2),
        ("ro", "Confirm participarea.\n1. Ana Pop\n2. Dan Rus\n3. Eva Toth", 3),
        ("en", "We confirm:\n- Ana Pop\n- Dan Rus\n- Eva Toth", 3),
        ("en", "I will come with two colleagues:\n- Ana Pop\n- Dan Rus", 3),
        ("en", "We'll be 3 adults and 2 children.", 5),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.party), (Accept, Some(party)), "{code} {text:?}: {verdict:?}");
    }
    let verdict = verdict(&said("We will be five:\n- Ana Pop\n- Dan Rus"), lang("en").as_ref());
    assert_eq!((verdict.answer, verdict.sure, verdict.party), (Accept, false, None), "{verdict:?}");
}

#[test]
fn a_plus_that_adds_to_nobody_needs_a_look() {
    for text in ["+1", "+1!", "+1 👍", "+1 from me", "Hi Dan,\n+1\nAna"] {
        let verdict = verdict(&said(text), lang("en").as_ref());
        assert!(!verdict.sure, "{text:?}: {verdict:?}");
    }
    for text in ["Yes, +1", "I will come +1", "I will be there\n+1"] {
        let verdict = verdict(&said(text), lang("en").as_ref());
        assert_eq!((verdict.answer, verdict.party), (Accept, Some(2)), "{text:?}: {verdict:?}");
        assert!(verdict.sure || !verdict.doubts.iter().any(|doubt| doubt.contains("plus")), "{text:?}: {verdict:?}");
    }
}

#[test]
fn those_who_are_spoken_of_and_may_not_come_need_a_look() {
    for (code, text) in [
        ("fr", "Je viens sans mon mari."),
        ("fr", "Je viendrai sans mon mari cette fois, il est en déplacement."),
        ("hu", "Megyek, de a férjem nélkül."),
        ("pt", "Confirmo a minha presença, mas sem o meu marido."),
        ("it", "Vengo volentieri, senza mia moglie."),
        ("da", "Fint, jeg er på. Sidste år sad vi fem mand ved et bord til tre, så husk flere stole!"),
        ("et", "Olen nõus ja tulen. Eelmisel aastal istusime seitsmekesi ühe laua taga, nii et tooge toole juurde."),
        ("lt", "Žinoma, ateisiu. Pernai prie to stalo sėdėjome septyniese."),
        ("ro", "Confirm participarea. Mă aduce fiul meu cu mașina, dar el nu rămâne."),
        ("ga", "Is breá liom a rá go mbeidh mé i láthair. Tá beirt mhac agam agus beidh siad ar scoil."),
        ("en", "I will come, but at four I must fetch my two kids from school."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.party.is_none_or(|number| number == 1) || !verdict.sure, "{code} {text:?}: {verdict:?}");
    }
    for (code, text, party) in [
        ("fr", "Nous viendrons à deux, sans faute !", 2),
        ("en", "The three of us will come without any problem.", 3),
        ("ro", "Vom fi trei, fără îndoială.", 3),
        ("de", "Wir kommen zu dritt, ohne Frage.", 3),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.sure, verdict.party), (Accept, true, Some(party)), "{code} {text:?}: {verdict:?}");
    }
}

#[test]
fn a_number_in_a_clause_that_says_no_is_never_surely_counted() {
    for (code, text) in [
        ("de", "Ich komme, meine zwei Jungs haben Fußball."),
        ("fr", "Je viens, mes deux garçons ont foot."),
        ("nl", "Ik kom, mijn twee jongens hebben voetbal."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.answer == Accept && (verdict.party.is_none_or(|number| number == 1) || !verdict.sure), "{text:?}: {verdict:?}");
    }
}

#[test]
fn animals_are_never_surely_counted() {
    for (code, text) in [
        ("it", "Vengo con i miei due cani, spero non sia un problema."),
        ("es", "Iré con mis dos perros, si no molestan."),
        ("fr", "Je viens avec mes deux chiens."),
        ("cs", "Přijdu se svými dvěma psy."),
        ("sv", "Jag kommer med mina två hundar."),
        ("hu", "A két kutyámmal megyek."),
        ("fi", "Tulen kahden koirani kanssa."),
        ("uk", "Прийду з двома собаками."),
        ("el", "Θα έρθω με τους δύο σκύλους μου."),
        ("bg", "Ще дойда с двете си кучета."),
        ("tr", "İki köpeğimle geliyorum."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(
            verdict.answer == Accept && (verdict.party.is_none_or(|number| number == 1) || !verdict.sure),
            "{code} {text:?}: {verdict:?}"
        );
    }
    for (code, text, party) in [
        ("de", "Wir kommen zu dritt. Der Hund bleibt daheim.", 3),
        ("ro", "Vom fi trei, vă pup!", 3),
        ("it", "Ci saremo in tre, e loro sono contenti.", 3),
        ("da", "Vi kommer gerne, min kone og jeg.", 2),
        ("lt", "Ateisime dviese, aš ir sūnus.", 2),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        let is_told = verdict.doubts.iter().any(|doubt| doubt.contains("animals"));
        assert!(verdict.answer == Accept && verdict.party == Some(party) && !is_told, "{code} {text:?}: {verdict:?}");
    }
}

#[test]
fn a_large_number_in_a_sentence_of_its_own_is_not_dropped() {
    for (code, text) in [
        ("en", "Yes, I will come. There are 30 of us."),
        ("de", "Ich komme gern. Wir sind 30 Schüler."),
        ("es", "Sí, asistiré. Somos 25 del instituto."),
        ("ro", "Da, particip. Suntem 18 de la primărie."),
        ("en", "Yes, we will be around 75 people."),
        ("ro", "Da, venim circa 60 de persoane."),
        ("it", "Verremo in circa 25."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.answer == Accept && (verdict.party.is_some_and(|number| number > 12) || !verdict.sure), "{text:?}: {verdict:?}");
    }
}

#[test]
fn days_hours_and_cakes_are_no_people() {
    for (code, text) in [
        ("hr", "Potvrđujem dolazak, vidimo se u 14 sati."),
        ("fr", "Je confirme ma présence pour 14 h."),
        ("fr", "Je viendrai tous les deux jours."),
        ("en", "Yes, put me down for 10 December."),
        ("en", "Yes, I will be there, plus a small question: where can I park?"),
        ("es", "Confirmo mi asistencia, llegaré a las dos."),
        ("es", "Confirmo asistencia los dos días."),
        ("nl", "Ik kom graag en breng een taart mee!"),
        ("de", "Ich nehme teil, alle drei Tage."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.party.filter(|n| *n > 1)), (Accept, None), "{code} {text:?}: {verdict:?}");
    }
}

/// A no that is said of something else.

#[test]
fn people_are_counted_beside_words_that_sound_like_a_no() {
    for (code, text) in [
        ("es", "Mi suegra dice que no puedo ir sin ella, así que vamos los tres: mi mujer, ella y yo."),
        ("es", "No puedo ir sin mi mujer y mi hija, así que iremos los tres."),
        ("de", "Meine Frau kann nicht ohne ihre Schwester kommen, wir sind also zu dritt dabei!"),
        ("en", "Grandma says she won't come alone, so count all three of us in."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.party), (Accept, Some(3)), "{code} {text:?}: {verdict:?}");
    }
}

#[test]
fn a_first_line_of_one_word_is_not_drowned_by_what_stands_below() {
    for (code, text, answer) in [
        ("sv", "Ja\n\nSkickades från E-post för Windows", Accept),
        ("sv", "Nej\n\nNär du skickar e-post till kommunen behandlar vi dina personuppgifter.", Decline),
        ("pl", "Tak\n\nPobierz aplikację Poczta na telefon", Accept),
        ("pt", "Sim\n\nEnviado do Correio para Windows", Accept),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!(verdict.answer, answer, "{text:?}: {verdict:?}");
    }
}

#[test]
fn a_name_never_decides() {
    let verdict = verdict(&said("Bonjour,\nje participerai avec grand plaisir.\nCordialement\nJean-Luc"), lang("fr").as_ref());
    assert_eq!((verdict.answer, verdict.evidence.as_slice()), (Accept, &["je participerai avec grand plaisir".to_owned()][..]));
}

#[test]
fn more_people_than_were_taught_are_counted_by_their_digits() {
    for (code, text, party) in [
        ("fr", "Nous serons 75 personnes.", 75),
        ("en", "Yes, we will be 100 people.", 100),
        ("fr", "Nous serons 24 personnes", 24),
        ("de", "Wir kommen mit 40 Personen", 40),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.sure, verdict.party), (Accept, true, Some(party)), "{text:?}: {verdict:?}");
    }
    for (code, text, party, doubt) in [
        ("en", "Yes, we will come with 24 people.", 24, "it may say that 4 come, or 24"),
        ("ro", "Confirmăm participarea a 13 de persoane", 13, "it may say that 3 come, or 13"),
        ("en", "We will come with 60 people.", 60, "it may say that 60 come"),
        ("en", "We will come with 250 people.", 250, "250"),
        ("en", "Yes, we will be 1500 people", 1500, "1500"),
        ("ro", "Participăm: 1. Ana Pop 2. Dan Rus 3. Ioana Marin", 3, "nothing but a list tells how many come"),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.sure, verdict.party), (Accept, false, Some(party)), "{text:?}: {verdict:?}");
        assert!(verdict.doubts.iter().any(|told| told.contains(doubt)), "{text:?}: {verdict:?}");
    }
    let students = verdict(&calendar("ACCEPTED", "with 60 students"), lang("en").as_ref());
    assert_eq!((students.answer, students.sure, students.party), (Accept, false, Some(60)), "{students:?}");
    for text in [
        "Yes, I will come at 13:15.",
        "I confirm that I will attend on 24 November.",
        "Yes, I will come. My grandmother turns 90 that day.",
        "I will be there, see you in room 24.",
    ] {
        let verdict = verdict(&said(text), lang("en").as_ref());
        assert_eq!((verdict.answer, verdict.sure, verdict.party), (Accept, true, None), "{text:?}: {verdict:?}");
    }
}

#[test]
fn a_large_number_beside_a_small_one_is_not_sure() {
    for (code, text, party) in [
        ("en", "We will be 20 people plus 2 drivers.", 20),
        ("fr", "Nous serons 30 personnes et 2 accompagnateurs.", 30),
        ("de", "Wir kommen mit 15 Personen und 3 Kindern.", 15),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.sure, verdict.party), (Accept, false, Some(party)), "{text:?}: {verdict:?}");
    }
    for (code, text, party) in [
        ("de", "Ja, wir kommen zu zweit. Unsere Gemeinde hat 8000 Einwohner.", 2),
        ("ro", "Da, venim 3 persoane. Primăria are 45 de angajați.", 3),
        ("en", "Yes, I will come with 2 colleagues. We were 30 last year.", 3),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.sure, verdict.party), (Accept, true, Some(party)), "{text:?}: {verdict:?}");
    }
}

#[test]
fn a_hall_and_last_years_guests_are_no_sure_number_of_people() {
    for (code, text) in [
        ("de", "Ich komme. Unser Saal hat 200 Plätze, falls Sie einen größeren brauchen."),
        ("fr", "Je viens. Notre salle compte 150 places si besoin."),
        ("en", "Yes, I'll come. Last year we were 60 people, that was great."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!(verdict.answer, Accept, "{text:?}: {verdict:?}");
        assert!(verdict.party.is_none() || !verdict.sure, "{text:?}: {verdict:?}");
    }
}

#[test]
fn where_another_number_is_larger_the_one_that_the_witness_is_certain_of_is_the_guess() {
    for (code, text, party) in [
        ("de", "Wir sind zu viert dabei, mein Trikot bitte mit der 45.", 4),
        ("ro", "Confirm, venim trei din 85 câți suntem în firmă.", 3),
        ("en", "Put me down for bowling, shoes 43 please, there are three of us.", 3),
        ("sk", "Ja a dcéra áno, syn (15) povedal, že radšej smrť ako rodičovské fórum.", 2),
        ("pl", "Rodzice i ja przyjdziemy. Dziadkowie podziękują, na wieżę prowadzi 80 schodów.", 3),
        ("cs", "Dědovi je sice 87, ale nenechá si to ujít, takže přijedeme já a on.", 2),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.party), (Accept, Some(party)), "{text:?}: {verdict:?}");
    }
}

#[test]
fn a_number_that_may_be_said_and_is_not_read_needs_a_look() {
    for text in ["Oui, nous viendrons, mon mari a déjà posé sa journée.", "Přijdeme rádi, manželka už si koupila šaty."] {
        let verdict = verdict(&said(text), None);
        let asks = verdict.doubts.iter().any(|doubt| doubt == "it may say how many come, perhaps 2");
        assert!(verdict.answer == Accept && (asks || verdict.party == Some(2)) && !verdict.sure, "{text:?}: {verdict:?}");
    }
}

#[test]
fn a_list_of_persons_that_the_learned_witness_adds_up_wrongly_is_counted_by_its_words() {
    for (code, text, people) in [
        ("da", "Farfar, farmor og jeg kører fredag morgen. Vi ses til frokost!", 3),
        ("en", "Grandpa, grandma, both uncles, our two boys and me: we take the train on Friday.", 7),
        ("fr", "Papi, mamie, mes deux sœurs, Paul et moi serons là.", 6),
        ("it", "Nonno, nonna, i gemelli, zia Pia e io ci saremo.", 6),
        ("nl", "Opa, oma, de tweeling, tante Riet en ik komen graag.", 6),
        ("pl", "Dziadek, babcia, bliźniaki, ciocia Ela i ja przyjdziemy.", 6),
        ("uk", "Запишіть: я, Олена, її мама й двоє наших хлопців.", 5),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.party), (Accept, Some(people)), "{text:?}: {verdict:?}");
    }
    // It was recorded as two.
    let did = verdict(&said("Did, baba i ja krećemo iz Splita u petak ujutro. Vidimo se na ručku!"), lang("hr").as_ref());
    assert!(did.answer == Accept && !did.sure, "{did:?}");
}
