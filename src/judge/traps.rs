//! Replies that fool lists of words: never wrong and sure. And short plain ones that must be sure.

mod elsewhere;
mod people;
mod substitutes;
mod witnesses;

use crate::model::{
    Address, Answer,
    Answer::{Accept, Decline, Delegate, Tentative},
    CalendarReply, Certainty, Lang, Mail, MailKind, Verdict,
};
use proptest::prelude::*;

fn verdict(mail: &Mail, guest_lang: Option<&Lang>) -> Verdict {
    super::verdict(mail, guest_lang, Certainty::Normal)
}

fn said(text: &str) -> Mail {
    Mail { said: text.into(), ..Mail::empty(MailKind::Reply) }
}

fn calendar(partstat: &str, comment: &str) -> Mail {
    let mut mail = said(comment);
    mail.kind = MailKind::Calendar;
    mail.calendar = Some(CalendarReply {
        method: "REPLY".into(),
        partstat: Some(partstat.into()).filter(|p: &String| !p.is_empty()),
        ..CalendarReply::default()
    });
    mail
}

fn lang(code: &str) -> Option<Lang> {
    Lang::parse(code)
}

#[test]
fn never_wrong_and_sure() {
    let traps: [(&str, &str, Answer); 69] = [
        ("en", "I am not interested", Decline),
        ("en", "I can't wait!", Accept),
        ("en", "Wouldn't miss it", Accept),
        ("en", "No problem, I'll be there", Accept),
        ("en", "Not only will I come, I'll bring cake", Accept),
        ("en", "Yes, unfortunately I am away", Decline),
        ("en", "I'd love to, but I have to be in Madrid", Decline),
        ("en", "Thanks for having thought of me, next time!", Decline),
        ("en", "Ok, thank you for the information", Answer::None),
        ("en", "If there is coffee I'm in!", Accept),
        ("en", "I can't; may a colleague come?", Decline),
        ("en", "I first thought I could, but I can't", Decline),
        ("en", "Great, another meeting on a Saturday. I'll be there, sure, when pigs fly.", Decline),
        ("en", "Yes please take me off the list", Answer::None),
        ("en", "I will be there unless my train is cancelled", Tentative),
        ("en", "My colleague Ana Pop will attend in my place", Delegate),
        ("en", "My colleague cannot attend, but I will be there", Accept),
        ("en", "I never said I would not come", Answer::None),
        ("en", "I confirm that I have received your message", Answer::None),
        ("en", "Can I come with my dog?", Answer::None),
        ("ro", "Nu pot decât să confirm", Accept),
        ("ro", "Nu pot decât să confirm participarea", Accept),
        ("ro", "Confirm primirea", Answer::None),
        ("ro", "Confirm primirea invitației.", Answer::None),
        ("ro", "Am primit, mulțumesc.", Answer::None),
        ("ro", "Dacă se anulează ședința, vin", Tentative),
        ("ro", "Colega mea Ana Pop va participa în locul meu.", Delegate),
        ("ro", "Nu vin singur, vin cu soția", Accept),
        ("ro", "Nu știu dacă vin", Tentative),
        ("ro", "Nu, nu pot spune că vin", Decline),
        ("ro", "Particip, dar numai dacă e online", Tentative),
        ("ro", "Pot participa și online?", Answer::None),
        ("ro", "Nu lipsesc!", Accept),
        ("ro", "Da, am primit.", Answer::None),
        ("ro", "Nu voi participa fizic, particip online", Accept),
        ("ro", "Confirm participarea domnului Ionescu.", Delegate),
        ("ro", "Nu putem participa cu mai mult de 2 persoane.", Accept),
        ("ro", "Nu pot deschide linkul", Answer::None),
        ("en", "I can't thank you enough!", Answer::None),
        ("en", "I can't say no to that.", Accept),
        ("en", "I won't be late.", Accept),
        ("en", "I will attend to this tomorrow.", Answer::None),
        ("en", "I will come back to you about this.", Answer::None),
        ("en", "Yes, I received it.", Answer::None),
        ("nl", "Ik kan de link niet openen.", Answer::None),
        ("nl", "Ik kom erop terug.", Answer::None),
        ("it", "Non posso che confermare la mia presenza.", Accept),
        ("fi", "En voi odottaa!", Accept),
        ("fi", "En pysty avaamaan liitettä.", Answer::None),
        ("de", "Ich kann es nicht erwarten!", Accept),
        ("de", "Ich kann nicht klagen.", Answer::None),
        ("fr", "Je ne peux pas refuser !", Accept),
        ("fr", "Je viens de recevoir votre invitation.", Answer::None),
        ("fr", "Je ne viendrai pas seul", Accept),
        ("es", "No puedo abrir el enlace.", Answer::None),
        ("pl", "Nie mogę odmówić, będę.", Accept),
        ("nl", "Ik kom niet alleen, mijn vrouw komt ook", Accept),
        ("nl", "Ik laat het me niet ontgaan", Accept),
        ("nl", "Ik bevestig de ontvangst", Answer::None),
        ("it", "Non vedo l'ora!", Accept),
        ("it", "Non mancherò", Accept),
        ("it", "Non posso mancare", Accept),
        ("it", "Confermo di aver ricevuto l'invito", Answer::None),
        ("hr", "Ne propuštam!", Accept),
        ("hr", "Potvrđujem primitak", Answer::None),
        ("lt", "Nepraleisiu!", Accept),
        ("lt", "Patvirtinu gavimą", Answer::None),
        ("fi", "En jätä väliin!", Accept),
        ("fi", "Vahvistan vastaanottaneeni viestin", Answer::None),
    ];
    for (code, text, right) in traps {
        for hint in [lang(code), None, lang("en"), lang("ro")] {
            let verdict = verdict(&said(text), hint.as_ref());
            assert!(!verdict.sure || verdict.answer == right, "{code} {text:?}: sure {}", verdict.answer);
        }
    }
}

#[test]
fn plain_answers_are_sure() {
    for (code, text, answer) in [
        ("ro", "Da", Accept),
        ("ro", "Nu", Decline),
        ("ro", "Ok", Accept),
        ("en", "Yes", Accept),
        ("en", "No", Decline),
        ("en", "👍", Accept),
        ("nl", "Ja", Accept),
        ("nl", "Nee", Decline),
        ("it", "Sì", Accept),
        ("hr", "Ne", Decline),
        ("lt", "Taip", Accept),
        ("fi", "Kyllä", Accept),
        ("fi", "En", Decline),
        ("ro", "Bună ziua,\nconfirm participarea mea și a doi colegi.\nCu stimă, Mihai", Accept),
        ("ro", "Buna ziua, din pacate nu pot participa. Multumesc!", Decline),
        ("ro", "Bună ziua, încă nu știu dacă pot veni.", Tentative),
        ("ro", "Colega mea Ana Pop va participa în locul meu.", Delegate),
        ("ro", "Mulțumesc!", Answer::None),
        ("en", "Thank you, I will be there.", Accept),
        ("en", "Unfortunately I cannot attend.", Decline),
        ("nl", "Beste Anna,\n\nIk kom graag!\n\nGroet,\nPiet", Accept),
        ("nl", "Helaas kan ik niet aanwezig zijn.", Decline),
        ("it", "Buongiorno, confermo la mia partecipazione. Cordiali saluti, Anna Rossi", Accept),
        ("it", "Purtroppo non posso partecipare.", Decline),
        ("hr", "Poštovani, potvrđujem dolazak. Lijep pozdrav, Ivan", Accept),
        ("hr", "Nažalost ne mogu doći.", Decline),
        ("lt", "Laba diena, dalyvausiu. Pagarbiai, Jonas", Accept),
        ("lt", "Deja, negalėsiu dalyvauti.", Decline),
        ("fi", "Hei, osallistun mielelläni. Terveisin Matti", Accept),
        ("fi", "Valitettavasti en pääse.", Decline),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.sure && verdict.answer == answer, "{code} {text:?}: {verdict:?}");
        let in_text = |words: &String| text.contains(words.as_str());
        assert!(!verdict.evidence.is_empty() && verdict.evidence.iter().all(in_text), "{text:?}: {:?}", verdict.evidence);
    }
    let party = verdict(&said("Confirm participarea mea și a doi colegi."), None);
    assert_eq!(party.party, Some(3));
    let delegate = verdict(&said("Colega mea Ana Pop va participa în locul meu."), None);
    assert_eq!(delegate.delegate.and_then(|d| d.name).as_deref(), Some("Ana Pop"));
}

/// A guest's language that has no phrases is not read by those of another.
#[test]
fn a_short_word_is_read_in_the_guests_language() {
    for (code, text, answer) in [
        ("sq", "Jo", Decline),
        ("sq", "Jo!", Decline),
        ("ga", "Tá!", Accept),
        ("cs", "Ne.", Decline),
        ("el", "Ναι", Accept),
        ("sv", "Ja tack!", Accept),
        ("tr", "Evet", Accept),
        ("sq", "Yes", Accept),
        ("cs", "Ok.", Accept),
        ("uk", "👍", Accept),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.sure && verdict.answer == answer, "{code} {text:?}: {verdict:?}");
    }
    for (code, text) in [("fo", "Jo"), ("fo", "Ta"), ("cs", "No"), ("sq", "Jo?")] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(!verdict.sure, "{code} {text:?}: {verdict:?}");
    }
}

#[test]
fn a_form_is_read_by_its_ticked_boxes() {
    for (code, text, answer) in [
        ("en", "[x] Yes\n[ ] No", Accept),
        ("en", "[ ] Yes\n[x] No", Decline),
        ("ro", "[x] Da, particip\n[ ] Nu pot participa", Accept),
        ("fr", "☒ Je participerai\n☐ Je ne participerai pas", Accept),
        ("sv", "(x) Ja\n( ) Nej\ntack", Accept),
    ] {
        let verdict = verdict(&said(text), lang(code).as_ref());
        assert!(verdict.sure && verdict.answer == answer, "{code} {text:?}: {verdict:?}");
        assert!(!verdict.evidence.is_empty() && verdict.evidence.iter().all(|words| text.contains(words)), "{verdict:?}");
    }
    for text in ["☐ Yes\n☐ No", "☒ Yes\n☒ No", "[x] Yes / [ ] No", "X Ja, ik kom\nNee, ik kom niet"] {
        let verdict = verdict(&said(text), lang("nl").as_ref());
        assert!(!verdict.sure && verdict.doubts.iter().any(|doubt| doubt == super::form::UNCLEAR), "{text:?}: {verdict:?}");
    }
}

/// Longer than one pass takes in: what stands in the middle is read too.
#[test]
fn the_middle_of_a_long_mail_counts() {
    let small_talk = "The weather here has been kind to the apples, and the neighbours have painted their fence green. ".repeat(7);
    let long = |middle: &str| {
        said(&format!(
            "I confirm that I will attend the workshop, thank you for the invitation. {small_talk}{middle} {small_talk}Kind regards, Ann"
        ))
    };
    let plain = verdict(&long(""), lang("en").as_ref());
    assert_eq!((plain.answer, plain.question, plain.unsubscribe), (Accept, false, false), "{plain:?}");
    let taken_back = "Having said that, my plans have changed since: I have to be in Madrid and I cannot come after all.";
    let verdict_of = |middle: &str| verdict(&long(middle), lang("en").as_ref());
    assert!(!verdict_of(taken_back).sure, "{:?}", verdict_of(taken_back));
    assert!(verdict_of("Could you tell me where I can park my car?").question);
    assert!(verdict_of("And please take me off your mailing list, I do not want any more of these invitations.").unsubscribe);
    assert!(!verdict(&said(&format!("Yes, I will come. {}", small_talk.repeat(8))), lang("en").as_ref()).sure, "too long to be read whole");
}

#[test]
fn every_prefilled_body_is_read_as_its_button() {
    for (answer, body) in crate::model::words::ButtonWords::built_in_bodies() {
        let verdict = verdict(&said(body), None);
        assert!(!verdict.sure || verdict.answer == answer, "{body}: {verdict:?}");
    }
}

#[test]
fn questions_and_leaving() {
    let of = |text: &str| verdict(&said(text), lang("ro").as_ref());
    let asked = of("Vin. Se poate parca în curte?");
    assert!(asked.question && asked.answer == Accept && asked.sure, "{asked:?}");
    assert!(!of("Vin! https://a.example/?x=1").question);
    let gone = of("Vă rog să mă scoateți de pe listă.");
    assert!(gone.unsubscribe && !gone.sure, "{gone:?}");
    assert!(of("Nu pot participa și vă rog să nu îmi mai trimiteți invitații.").unsubscribe);
}

#[test]
fn calendar_answers() {
    let of = |partstat: &str, comment: &str| verdict(&calendar(partstat, comment), lang("ro").as_ref());
    for (partstat, answer) in [("ACCEPTED", Accept), ("DECLINED", Decline), ("TENTATIVE", Tentative), ("DELEGATED", Delegate)] {
        let plain = of(partstat, "");
        assert!(plain.sure && plain.answer == answer && plain.confidence == 1.0, "{plain:?}");
    }
    assert!(of("ACCEPTED", "Mulțumesc!").sure);
    for (partstat, comment) in [
        ("ACCEPTED", "sorry, only if it is online"),
        ("ACCEPTED", "Din păcate nu pot veni"),
        ("ACCEPTED", "dar numai de la ora 20"),
        ("ACCEPTED", "Vin când o face plopul pere"),
        ("DECLINED", "Vine colega mea în locul meu"),
        ("NEEDS-ACTION", ""),
        ("X-SOMETHING", ""),
        ("", ""),
    ] {
        assert!(!of(partstat, comment).sure, "{partstat} {comment}");
    }
    let asked = of("ACCEPTED", "Unde parchez?");
    assert!(asked.question && asked.sure && asked.answer == Accept);
    let mut mail = calendar("ACCEPTED", "");
    mail.calendar.as_mut().unwrap().num_guests = Some(2);
    assert_eq!(verdict(&mail, None).party, Some(3));
    mail.calendar.as_mut().unwrap().method = "COUNTER".into();
    let counter = verdict(&mail, None);
    assert!(counter.answer == Tentative && !counter.sure);
    let mut mail = calendar("DELEGATED", "");
    mail.calendar.as_mut().unwrap().delegated_to = Address::parse("dan@city.example").ok();
    assert_eq!(verdict(&mail, None).delegate.and_then(|d| d.email).unwrap().as_str(), "dan@city.example");
    let mut mail = calendar("DECLINED", "");
    mail.subject = "Accepted: Workshop".into();
    assert!(!verdict(&mail, None).sure);
}

#[test]
fn buttons() {
    let of = |answer, added: &str| {
        let mut mail = said(added);
        mail.button = Some(answer);
        mail.subject = "Da, particip [#k7q2m9x4t8wn:yes]".into();
        verdict(&mail, lang("ro").as_ref())
    };
    let plain = of(Accept, "");
    assert!(plain.sure && plain.answer == Accept && plain.confidence == 1.0);
    assert!(of(Accept, "Mulțumesc, Ana Pop").sure);
    let party = of(Accept, "Vin cu încă doi colegi.");
    assert!(party.sure && party.party == Some(3), "{party:?}");
    let asked = of(Accept, "La ce oră începe?");
    assert!(asked.question && asked.sure, "{asked:?}");
    for added in ["Nu pot veni", "dar numai dimineața", "dacă nu sunt la Cluj", "vine colega mea", "când o face plopul pere"] {
        assert!(!of(Accept, added).sure, "{added}");
    }
    assert!(!of(Decline, "Vine Ana Pop în locul meu").sure);
}

#[test]
fn machines_say_nothing() {
    for kind in [MailKind::Bounce, MailKind::Auto, MailKind::Complaint, MailKind::Other] {
        let mut mail = said("Yes, I will be there");
        mail.kind = kind;
        let verdict = verdict(&mail, None);
        assert!(verdict.answer == Answer::None && !verdict.sure);
    }
}

#[test]
fn a_megabyte_is_read_in_linear_time() {
    let needed = |text: &str| {
        let started = std::time::Instant::now();
        verdict(&said(text), None);
        let mut mail = calendar("ACCEPTED", text);
        mail.subject = text.to_owned();
        verdict(&mail, lang("ro").as_ref());
        started.elapsed()
    };
    for shape in ["nu pot ", "a", "?", "\n", ", "] {
        let text = shape.repeat(1_000_000 / shape.len());
        let (quarter, whole) = (needed(text.split_at(text.len() / 4).0), needed(&text));
        // Four times as long where it is linear, sixteen times where it is quadratic; a busy machine may take a pause.
        assert!(whole < quarter * 9 + std::time::Duration::from_secs(2), "{shape:?}: {quarter:?}, then {whole:?}");
    }
}

proptest! {
    // Each case is read by the encoder several times.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_is_survived(text in "(?s).{0,200}", subject in ".*") {
        let mut mail = said(&text);
        mail.subject = subject;
        let words = verdict(&mail, None);
        prop_assert!(words.evidence.iter().all(|span| text.contains(span.as_str()) || mail.subject.contains(span.as_str())));
        mail.button = Some(Accept);
        verdict(&mail, None);
    }

    #[test]
    fn any_order_of_words_is_survived(words in proptest::collection::vec("(nu|da|vin|pot|participa|dacă|,|\\.|\\?|\n|Ana|in|locul|meu|doi|cu|👍)", 0..30)) {
        let text = words.join(" ");
        let verdict = verdict(&said(&text), None);
        prop_assert!(verdict.evidence.iter().all(|span| text.contains(span.as_str())));
        prop_assert_eq!(verdict.sure, verdict.doubts.is_empty());
    }
}

#[test]
fn words_below_the_start_of_a_quote_are_never_sure() {
    let mut mail = said("Da, particip.");
    assert!(verdict(&mail, lang("ro").as_ref()).sure);
    mail.notes.push(crate::model::mail::KEPT_BELOW_QUOTE.to_owned());
    let verdict = verdict(&mail, lang("ro").as_ref());
    assert_eq!((verdict.answer, verdict.sure, verdict.doubts.len()), (Accept, false, 1), "{verdict:?}");
}

#[test]
fn what_was_taken_away_and_may_be_typed_is_never_sure_of_another_answer() {
    let perhaps = |text: &str, signature: &str, taken: &str| {
        let mut mail = said(text);
        mail.signature = signature.to_owned();
        mail.notes
            .extend(Some(taken).filter(|taken| !taken.is_empty()).map(|taken| format!("{}{taken}", crate::model::mail::PERHAPS_TYPED)));
        verdict(&mail, lang("en").as_ref()).sure
    };
    assert!(!perhaps("Thank you for the invitation.", "", "Unfortunately I cannot come."));
    assert!(!perhaps("Yes, I will come.", "", "My boss says no, so I cannot come."));
    assert!(!perhaps("Yes, I will come.", "Ana Pop\nI cannot come", ""));
    assert!(perhaps("Yes, I will come.", "Ana Pop\nSenior adviser", "Building the future since 1990."));
    assert!(perhaps("Sorry, I cannot come.", "Ana Pop", "I cannot come."));
}

#[test]
fn who_stands_in_at_the_office_is_not_sure_to_come() {
    let mut mail = said("I am on maternity leave. My colleague Ion Pop will come in my place.");
    let without = verdict(&mail, None);
    assert!(without.answer == Delegate && without.sure, "{without:?}");
    mail.notes.push(crate::model::mail::ABSENCE.to_owned());
    let noted = verdict(&mail, None);
    assert_eq!((noted.answer, noted.sure), (Delegate, false));
    assert_eq!(noted.doubts, ["it reads like an absence note, not an answer"]);
    mail.said = "I am on maternity leave, so I cannot come.".into();
    let declined = verdict(&mail, None);
    assert!(declined.answer == Decline && declined.sure, "{declined:?}");
}
