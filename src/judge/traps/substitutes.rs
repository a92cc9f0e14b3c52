//! Who comes in the guest's place, and who does not.

use super::*;

#[test]
fn several_substitutes_need_a_look() {
    for (code, text) in [
        ("en", "My two colleagues Ana Pop and Dan Rus will attend in my place."),
        ("ro", "În locul meu vor participa:\n1. Ana Pop\n2. Dan Rus"),
        ("en", "I cannot come. Two of my colleagues will come in my place."),
        ("de", "Ich kann leider nicht, statt meiner kommen zwei Kolleginnen."),
        ("ro", "Nu pot veni, vin în locul meu trei colegi din birou."),
        ("fr", "Je ne peux pas venir, 2 collègues viendront à ma place."),
        ("pl", "Nie mogę, zamiast mnie przyjdzie dwóch kolegów."),
        ("cs", "Já nemohu, místo mě přijdou dva kolegové."),
        ("en", "Instead of me: Dan Rus, Ana Pop."),
        ("en", "Instead of me, Dan Rus + Ana Pop will come."),
        ("de", "Statt meiner kommen Anna Schmidt sowie Karl Berg."),
        ("ro", "În locul meu vin Dan Rus, respectiv Ana Pop."),
        ("en", "I cannot come. Federica Rossi and Marco Bianchi will come instead of me."),
        ("ro", "În locul meu vor participa Federica Rossi și Dan Popescu."),
        ("en", "Theresa May and Dan Rus will come in my place."),
        ("en", "Instead of me: Federica Rossi, Marco Bianchi."),
        ("ro", "Vin în locul meu: April Jones și Dan Popescu."),
        ("de", "Statt meiner kommen der Karl Berg und die Anna Schmidt."),
        ("en", "Dan Rus <dan@firm45.example> and Ana Pop <ana@firm45.example> come instead of me"),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.sure, verdict.delegate), (Delegate, false, None), "{text:?}: {:?}", verdict.doubts);
    }
}

#[test]
fn a_day_beside_a_substitute_is_no_number_of_people() {
    for (code, text) in [
        ("ro", "Nu pot veni pe 8 decembrie, vine Ana Pop în locul meu."),
        ("en", "I can't make it on 8 December, my colleague Ana Pop will come in my place."),
        ("de", "Am 05.12.2026 kann ich nicht, statt meiner kommt Klaus Weber."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!verdict.doubts.iter().any(|doubt| doubt.contains("several people")), "{text:?}: {:?}", verdict.doubts);
    }
}

#[test]
fn one_substitute_with_a_title_is_named_and_needs_no_look() {
    for (code, text, name) in [
        ("de", "Ich kann leider nicht kommen. Statt meiner kommt Herr Dr. Klaus Weber.", "Klaus Weber"),
        ("nl", "Ik ben verhinderd. In mijn plaats komt Jan de Vries.", "Jan de Vries"),
        ("it", "Non posso venire, al mio posto viene la dott.ssa Anna Neri.", "Anna Neri"),
        ("fr", "Je ne peux pas venir, je vous envoie à ma place Me Bastien Leroy.", "Bastien Leroy"),
        ("ro", "Nu pot veni, în locul meu vine dl. prof. univ. dr. Ion Popescu.", "Ion Popescu"),
        ("de", "Ich kann leider nicht. Statt meiner kommt Herr Bürgermeister a. D. Herbert Lang.", "Herbert Lang"),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        let named = verdict.delegate.as_ref().and_then(|delegate| delegate.name.as_deref());
        assert_eq!((verdict.answer, named), (Delegate, Some(name)), "{text:?}: {verdict:?}");
        assert!(!verdict.doubts.iter().any(|doubt| doubt.contains("several people")), "{text:?}: {:?}", verdict.doubts);
    }
}

#[test]
fn an_organisation_a_place_and_an_event_are_no_substitutes_name() {
    for (code, text) in [
        ("en", "My colleague from the European Commission will come in my place."),
        ("ro", "Colega mea de la Primăria Lunca Mare va participa în locul meu."),
        ("de", "Unser Kollege vom Amt für Kultur kommt an meiner Stelle"),
        ("nl", "Mijn collega van de Gemeente Waterstad Noord komt in mijn plaats."),
        ("en", "My colleague will attend the ECoC Workshop in my place."),
        ("de", "An meiner Stelle kommt eine Kollegin aus Bad Homburg."),
        ("fi", "Sijastani tulee Anna Virtanen Helsingin kaupungilta."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.sure, verdict.delegate), (Delegate, true, None), "{text:?}: {:?}", verdict.doubts);
    }
}

#[test]
fn the_guests_own_address_and_one_far_away_are_not_the_substitutes() {
    for (text, name, email) in [
        ("Dan Rus comes instead of me. You can reach me at ana.pop@firma.example.", "Dan Rus", None),
        ("Dan Rus comes instead of me. You can reach me at my private mailbox: ana@home.example.", "Dan Rus", None),
        ("Please contact office@other.example for the invoice. My colleague Ana Pop comes instead of me.", "Ana Pop", None),
        ("My colleague Dan Rus comes instead of me (d.r@firma.example). ana.pop@firma.example", "Dan Rus", Some("d.r@firma.example")),
        ("Dan Rus comes instead of me. Please write to him: dan.rus@firma.example", "Dan Rus", Some("dan.rus@firma.example")),
    ] {
        let mut mail = said(text);
        mail.from = Address::parse("ana.pop@firma.example").ok().map(|email| crate::model::mail::Mailbox { name: String::new(), email });
        let verdict = verdict(&mail, lang("en").as_ref());
        let delegate = verdict.delegate.clone().unwrap_or_default();
        let found = (delegate.name.as_deref(), delegate.email.as_ref().map(Address::as_str));
        assert_eq!((verdict.answer, found), (Delegate, (Some(name), email)), "{text:?}: {verdict:?}");
    }
}

#[test]
fn nouns_months_and_other_words_beside_a_substitute() {
    for (code, text, name) in [
        ("de", "Ich kann leider nicht. Statt meiner kommt meine Tochter Lena Weber.", Some("Lena Weber")),
        ("de", "Leider bin ich verhindert. An meiner Stelle kommt unser Azubi Max Müller.", Some("Max Müller")),
        ("de", "Ich kann nicht, an meiner Stelle kommt eine Hamburger Kollegin.", None),
        ("it", "Non posso venire, se sei d'accordo al mio posto viene Anna Neri.", Some("Anna Neri")),
        ("hu", "Sajnos nem tudok menni. Helyettem Kiss Mária jön a jövő héten.", Some("Kiss Mária")),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        let named = verdict.delegate.as_ref().and_then(|delegate| delegate.name.as_deref());
        assert_eq!((verdict.answer, named), (Delegate, name), "{text:?}: {verdict:?}");
        assert!(!verdict.doubts.iter().any(|doubt| doubt.contains("several people")), "{text:?}: {:?}", verdict.doubts);
    }
    for (code, text) in [
        ("en", "I cannot come, my 2 junior colleagues will attend in my place."),
        ("en", "I cannot come, 2 marketing colleagues will attend in my place."),
        ("fr", "Je ne peux pas venir, 2 maires adjoints viendront à ma place."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert_eq!((verdict.answer, verdict.sure), (Delegate, false), "{text:?}: {verdict:?}");
    }
}
