//! Where two places of a mail say two things: it needs a look.

use super::*;

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
        let told = verdict.doubts.iter().any(|doubt| doubt == "further down it says decline");
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
