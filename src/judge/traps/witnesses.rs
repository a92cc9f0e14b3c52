//! Where two places of a mail say two things: it needs a look.

use super::*;
use crate::model::mail::{BELOW_SIGNATURE, PARTS_DIFFER};

#[test]
fn what_takes_an_answer_back_below_it_needs_a_look() {
    for (code, text) in [
        ("en", "Yes, I will come.\n\nKind regards,\nAna\n\nPS: just saw the date - I cannot make it after all."),
        ("en", "Yes, I will come. PS: I have to cancel.\n\nKind regards,\nAna"),
        ("en", "Yes, I will come. Update: I can't make it."),
        ("en", "Yes, I will come.\n\nKind regards,\nAna\n\nI can no longer come."),
        ("fr", "Oui, je viendrai.\n\nCordialement,\nAnne\n\nje ne pourrai finalement pas venir."),
        ("hr", "Da, dolazim.\n\nLijep pozdrav,\nAna\n\nipak ne mogu doći."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.answer == Decline || !verdict.sure, "{text:?}: {verdict:?}");
        assert!(verdict.evidence.iter().all(|words| text.contains(words)), "{verdict:?}");
        let told = verdict.doubts.iter().any(|doubt| doubt == "further down a sentence sounds like decline");
        assert!(told || verdict.answer == Decline, "{text:?}: {verdict:?}");
    }
    for (text, answer) in [
        ("I would love to, but I can't.", Decline),
        ("I wish I could come. Unfortunately I cannot attend.", Decline),
        ("Yes, I will come.\n\nKind regards,\nAna\n\nPS: I will attend the dinner too.", Accept),
    ] {
        let verdict = verdict(&said(text), lang("en").as_ref());
        assert!(verdict.sure && verdict.answer == answer, "{text:?}: {verdict:?}");
    }
}

#[test]
fn what_is_said_of_somebody_else_or_of_the_way_takes_nothing_back() {
    for (code, text) in [
        ("de", "Ich komme gern. Meine Frau kann leider nicht kommen."),
        ("en", "Yes, I will be there. My husband can't make it."),
        ("en", "Yes, I will be there. I am not coming by train, so I need a parking space."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        let told = verdict.doubts.iter().any(|doubt| doubt.starts_with("further down"));
        assert!(verdict.answer == Accept && !told, "{text:?}: {verdict:?}");
    }
    for text in [
        "Yes, I will be there. My husband is ill and I can't make it.",
        "Yes, I will be there. My plans changed and I cannot attend.",
        "Yes, I will be there. I am not coming by train, I cannot come.",
    ] {
        let verdict = verdict(&said(text), lang("en").as_ref());
        assert!(verdict.answer == Decline || !verdict.sure, "{text:?}: {verdict:?}");
    }
}

#[test]
fn a_decision_in_the_subject_that_the_words_do_not_say_needs_a_look() {
    let of = |code: &str, typed: Option<&str>, text: &str| {
        let mut mail = said(text);
        mail.subject = typed.map_or("Re: Workshop", |typed| typed).to_owned();
        mail.subject_typed = typed.map(str::to_owned);
        verdict(&mail, lang(code).as_ref())
    };
    for (code, typed, text, answer) in [
        ("en", "I cannot attend the workshop", "Thank you for the invitation.", Decline),
        ("en", "Invitation: Workshop - NOT ATTENDING", "Thank you for the invitation.", Decline),
        ("ro", "Nu pot participa", "Mulțumesc pentru invitație!", Decline),
        ("ro", "Invitation - confirm participarea", "Mulțumesc!", Accept),
        ("de", "Absage: Workshop", "Vielen Dank für die Einladung!", Decline),
        ("en", "Declined: Workshop", "Thanks", Decline),
        ("en", "Declined: Workshop", "Yes, I will come.", Accept),
        ("en", "I cannot come", "Yes, I will come.", Accept),
    ] {
        let verdict = of(code, Some(typed), text);
        assert_eq!((verdict.answer, verdict.sure), (answer, false), "{typed}: {verdict:?}");
        assert!(verdict.evidence.iter().any(|words| words == typed), "{typed}: {verdict:?}");
        assert!(verdict.doubts.iter().any(|doubt| doubt.starts_with("the subject says ")), "{typed}: {verdict:?}");
    }
    for (code, typed, text, answer) in [
        ("en", None, "Thank you for the invitation.", Answer::None),
        ("en", Some("Declined: Workshop"), "Sorry, I cannot come.", Decline),
        ("en", Some("Workshop (EN)"), "Yes, I will come.", Accept),
        ("en", Some("Will you come?"), "Sorry, I cannot come.", Decline),
        ("en", Some("Invitation: Workshop - please confirm"), "Thank you for the invitation.", Answer::None),
        ("ro", Some("Confirmare participare"), "Colega mea Ana Pop va participa în locul meu.", Delegate),
    ] {
        let verdict = of(code, typed, text);
        assert_eq!((verdict.answer, verdict.sure), (answer, true), "{typed:?}: {verdict:?}");
    }
    let mut pressed = said("Thank you.");
    (pressed.button, pressed.subject_typed) = (Some(Accept), Some("I cannot come".into()));
    assert!(verdict(&pressed, None).sure, "a button's subject is its own");
}

#[test]
fn what_sounds_like_an_answer_and_is_turned_round_is_never_sure() {
    for (code, text, answer) in [
        ("en", "I'll be there in spirit!", Accept),
        ("de", "Liebe Anna, im Geiste bin ich dabei!", Accept),
        ("hu", "Lélekben ott leszek.", Accept),
        ("lt", "Būsiu su jumis dvasiškai.", Accept),
        ("lt", "Siela būsiu su jumis.", Accept),
        ("lt", "Mielai būčiau atėjęs, bet būsiu su jumis tik mintimis.", Accept),
        ("pl", "Duszą będę z Wami.", Accept),
        ("pl", "Chętnie bym przyszedł, ale będę z Wami tylko myślami.", Accept),
        ("sl", "Z dušo bom pri vas.", Accept),
        ("sl", "Zelo rad bi prišel, a duhovno bom z vami.", Accept),
        ("it", "Buongiorno, mercoledì sono impegnato. Grazie, Luca", Accept),
        ("it", "il 18 sono impegnata con i clienti", Accept),
        ("en", "I'll be at the dentist at 1pm", Accept),
        ("en", "I'll be at my sister's wedding on the 18th.", Accept),
        ("hu", "18-án a nővérem esküvőjén leszek", Accept),
        ("de", "Ich bin schon vergeben ;-)", Accept),
        ("et", "osalen teisel konverentsil", Accept),
        ("ro", "La anul vin sigur!", Accept),
        ("pl", "Za rok na pewno przyjdę!", Accept),
        ("de", "Guten Tag, ich kann mich leider nicht registrieren.", Decline),
        ("en", "Hi, I can't log in.", Decline),
        ("bg", "не мога да се регистрирам", Decline),
        ("en", "Yes, I will come.\n\nOh wait, the 10th? Then no.", Accept),
        ("cs", "Ano, přijdu.\n\nVlastně ne, jsem pryč.", Accept),
        ("nl", "Ja ik kom.\n\nO nee, dan ben ik weg.", Accept),
        ("fr", "Je représenterai Paul Durand.", Delegate),
        ("pl", "Zastąpię Jana Kowalskiego.", Delegate),
        ("en", "Attending: N", Accept),
        ("en", "Coming ✗", Accept),
        ("en", "Yes, I will come.\n\nEdit: just saw the date, I am away.", Accept),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!(verdict.sure && verdict.answer == answer), "{text:?}: {verdict:?}");
        assert!(verdict.evidence.iter().all(|words| text.contains(words)), "{verdict:?}");
    }
    for (code, text, answer) in [
        ("hu", "Szívesen részt veszek.", Accept),
        ("lv", "Labprāt piedalīšos!", Accept),
        ("no", "Takker ja", Accept),
        ("en", "I will be there, thank you with all my heart!", Accept),
        ("en", "Yes, I will come! Last time it was great.", Accept),
        ("en", "Sorry, I cannot attend.", Decline),
        ("de", "Ich kann leider nicht teilnehmen.", Decline),
        ("fr", "Je ne pourrai pas venir. Paul Durand me remplacera.", Delegate),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.sure && verdict.answer == answer, "{text:?}: {verdict:?}");
    }
}

#[test]
fn a_wish_to_stay_on_the_list_and_the_list_of_guests_are_no_sure_wish_to_leave() {
    for (code, text) in [
        ("en", "I can't come. Please let me know about future events, don't take me off your list!"),
        ("en", "I can't come, please take me off the guest list."),
        ("de", "Ich kann nicht kommen, bitte streichen Sie mich von der Gästeliste."),
        ("de", "Ich komme nicht, bitte nicht aus dem Verteiler nehmen."),
        ("ro", "Nu pot veni, dar nu mă scoateți din listă!"),
        ("fr", "Je ne peux pas venir mais ne me retirez pas de la liste !"),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.answer == Decline && !(verdict.sure && verdict.unsubscribe), "{text:?}: {verdict:?}");
    }
    let leaves = verdict(&said("I can't come, please take me off your mailing list."), lang("en").as_ref());
    assert!(leaves.sure && leaves.unsubscribe && leaves.answer == Decline, "{leaves:?}");
}

#[test]
fn a_wish_for_no_more_letters_is_heard_in_plain_phrases_of_any_language() {
    for (code, text) in [
        ("en", "I never asked for these. Stop sending me invitations."),
        ("de", "Bitte nehmen Sie mich aus dem Verteiler, ich bin in Rente."),
        ("fr", "Veuillez retirer mon adresse de votre liste de diffusion."),
        ("es", "Bórrenme de la lista, ya no trabajo allí."),
        ("cs", "Vyřaďte mě prosím ze seznamu, už mi nic neposílejte."),
        ("sk", "Už mi neposielajte žiadne pozvánky."),
        ("hu", "Kérem, töröljenek a listáról."),
        ("hu", "Ne küldjenek több levelet erre a címre."),
        ("pl", "Proszę nie przysyłać mi więcej zaproszeń."),
        ("uk", "Більше мені не пишіть."),
        ("bg", "Моля, махнете ме от списъка."),
        ("el", "Παρακαλώ διαγράψτε με από τη λίστα."),
        ("tr", "Beni listenizden çıkarın."),
        ("lv", "Lūdzu, izņemiet mani no saraksta."),
        ("lt", "Nebesiųskite man laiškų."),
        ("mt", "Neħħuni mil-lista, jekk jogħġbok."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.unsubscribe, "{text:?}: {verdict:?}");
    }
    for (code, text) in [
        ("en", "Sure, I will come. Please send the programme when it is ready."),
        ("en", "I'll be there, do not remove me from the list!"),
        ("hu", "Nem tudok menni, de küldjenek meghívót máskor is."),
        ("cs", "Přijdu, jen už mi prosím neposílejte mapu, cestu znám."),
        ("es", "Iré encantada, mi hermana se ha borrado del gimnasio."),
        ("en", "I can't come, please cancel my registration."),
        ("fr", "Je ne peux pas venir, annulez ma réservation svp."),
        ("it", "Non posso venire, cancellate la mia prenotazione."),
        ("pl", "Nie mogę przyjść, proszę anulować moją rezerwację."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!verdict.unsubscribe, "{text:?}: {verdict:?}");
    }
    let weak = verdict(&said("Nos hemos mudado. Bórreme, hijo."), lang("es").as_ref());
    assert!(weak.unsubscribe && !weak.sure, "{weak:?}");
}

#[test]
fn who_asks_not_to_be_kept_on_the_list_wants_no_more_letters() {
    for (code, text) in [
        ("en", "Please do not keep me on your list."),
        ("en", "No need to keep me on the list."),
        ("de", "Bitte behalten Sie mich nicht auf der Liste."),
        ("en", "I cannot come. There is no need to keep me on the list."),
        ("de", "Ich kann nicht kommen. Bitte behalten Sie mich nicht im Verteiler."),
        ("fr", "Je ne viendrai pas, inutile de me garder sur votre liste."),
        ("nl", "Ik kom niet en wil ook niet op de lijst blijven."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.unsubscribe, "{text:?}: {verdict:?}");
    }
    let stays = verdict(&said("I can't come this time, but please keep me on your list."), lang("en").as_ref());
    assert!(!stays.unsubscribe, "{stays:?}");
}

#[test]
fn a_number_that_phrases_alone_read_needs_a_look() {
    for text in ["Prideva, hvala za povabilo!", "Prideva!"] {
        let verdict = verdict(&said(text), lang("sl").as_ref());
        assert!(verdict.answer == Accept && !verdict.sure && verdict.party.is_none_or(|people| people == 2), "{verdict:?}");
        assert!(verdict.doubts.iter().any(|doubt| doubt.contains("that 2 come")), "{verdict:?}");
    }
    let one = verdict(&said("Pridem, hvala za povabilo!"), lang("sl").as_ref());
    assert!(one.sure && one.party.is_none(), "{one:?}");
}

#[test]
fn what_decides_below_a_signature_alone_needs_a_look() {
    let slogan = "I will be there!";
    let of = |above: &str, noted: bool| {
        let mut mail = said(&format!("{above}\n\nAna Pop\nSales manager\nTel. 0256 000 000\n\n{slogan}"));
        mail.notes = Some(format!("{BELOW_SIGNATURE}{slogan}")).filter(|_| noted).into_iter().collect();
        verdict(&mail, lang("en").as_ref())
    };
    let above = "Thank you for the invitation.";
    assert!(of(above, false).sure && of(above, false).answer == Accept);
    assert!(!of(above, true).sure, "{:?}", of(above, true));
    let decided = of("Yes, I will come.", true);
    assert!(decided.sure && decided.answer == Accept, "{decided:?}");
}

#[test]
fn a_mail_whose_parts_say_two_things_needs_a_look() {
    let of = |text: &str, other: &str| verdict(&Mail { notes: vec![format!("{PARTS_DIFFER}{other}")], ..said(text) }, lang("en").as_ref());
    for (text, other) in [
        ("Yes, I will come.", "Sorry, I cannot come."),
        ("Thank you for the invitation.", "Sorry, I cannot come."),
        ("Yes, I will come.", "Open this message in your browser."),
        ("We will be two.", "We will be three."),
    ] {
        let verdict = of(text, other);
        assert!(!verdict.sure && verdict.doubts.iter().any(|doubt| doubt.contains("HTML")), "{text} {other}: {verdict:?}");
    }
    let same = of("Sorry, I cannot come.", "Sorry, I cannot come. Scanned by the gateway of the town hall.");
    assert!(same.sure && same.answer == Decline, "{same:?}");
}

#[test]
fn who_was_taken_off_the_list_by_mistake_wants_no_fewer_letters() {
    for (code, text) in [
        ("nl", "Help, ik heb me per ongeluk afgemeld voor de nieuwsbrief. Zet me er alsjeblieft weer op."),
        ("ro", "O colegă a apăsat din greșeală pe dezabonare. Ne puteți repune pe listă?"),
        ("pl", "Kliknąłem „rezygnuję z newslettera” przez pomyłkę. Proszę dopisać mnie ponownie do listy."),
        ("sv", "Råkade avprenumerera när katten gick över tangentbordet. Lägg tillbaka mig är du snäll."),
        ("uk", "Випадково натиснув «відписатися». Поверніть мене знову у список."),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!verdict.unsubscribe, "{text:?}: {verdict:?}");
    }
}
