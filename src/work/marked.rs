//! Answers that a program marked as automatic: help desks, rules that forward and gateways mark what people wrote, too.

use crate::{
    judge,
    model::{Address, Answer, Certainty, Lang, Mail, MailKind, Verdict, mail::ABSENCE},
    pair, read,
};

/// Why a mail needs a look that a program marked as its own.
const MARKED: &str = "it is marked as automatic, but its words read as an answer";
/// A longer text that a program marked is no plain answer, in bytes.
const MAX_MARKED: usize = 1024;
/// Words that stand with the day of return, folded.
const RETURN: &str = "until till back return returning revin pana intorc bis wieder zuruck ab jusqu retour fino rientro rientrero \
    torno tornero hasta vuelvo regreso vuelta ate regresso tot terug weer til asti saakka palaan takaisin iki \
    grisiu wracam wroce vracam povratak natrag lidz kuni";
/// Words that mean "until" before a number alone.
const TO: [&str; 3] = ["do", "to", "до"];

/// What a mail says: as the judge reads it, and where a program marked it, what its words plainly answer; that is never sure.
///
/// `own` are the guest's address and ours: at none of them, however it is spelled, a substitute is reached. Ours may stand in the text
/// where a quote was not known for one.
pub(super) fn verdict<'a>(mail: &Mail, lang: Option<&Lang>, own: impl IntoIterator<Item = &'a Address>, certainty: Certainty) -> Verdict {
    let mut verdict =
        if mail.kind == MailKind::Auto { answer(mail).unwrap_or_else(Verdict::silent) } else { judge::verdict(mail, lang, certainty) };
    let offered = verdict.delegate.as_ref().and_then(|delegate| delegate.email.clone());
    if let Some(offered) = offered.filter(|offered| own.into_iter().any(|own| pair::same_mailbox(own, offered))) {
        verdict.not_instead_by(&offered);
    }
    verdict
}

/// What the words of a mail decide that a program marked as its own, where they plainly answer; never sure.
///
/// To the learned witness a note of absence sounds like a no: it must be as sure as `strict` asks, and phrases must say the no as well.
/// Where they know nothing of the language, it stands alone only beside no word of an absence and no day. The words are read once more
/// as a mail without its marks, because only in a person's mail an absence is looked for.
fn answer(mail: &Mail) -> Option<Verdict> {
    let auto = mail.auto.as_ref().filter(|auto| !auto.challenge)?;
    if mail.said.is_empty() || mail.said.len() > MAX_MARKED {
        return None;
    }
    let lang = judge::language(&mail.said).or_else(|| Lang::parse("en"))?;
    let (said, plain) = judge::phrases(&mail.said, &lang);
    let may_answer = match said {
        _ if plain && said != Answer::None => auto.until.is_none() || !names_return(&mail.said),
        Answer::Accept | Answer::None => auto.until.is_none(),
        _ => false,
    };
    if !may_answer {
        return None;
    }
    let raw = format!("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}", mail.said);
    let typed = read::mail(raw.as_bytes(), &read::Context::default());
    if typed.kind != MailKind::Reply || !plain && typed.notes.iter().any(|note| note == ABSENCE) {
        return None;
    }
    let mut verdict = judge::verdict(&typed, None, Certainty::Strict);
    let decides = matches!(verdict.answer, Answer::Accept | Answer::Decline | Answer::Delegate);
    if !verdict.sure || !decides || said != Answer::None && verdict.answer != said {
        return None;
    }
    mail.writers().for_each(|writer| verdict.not_instead_by(writer));
    verdict.doubt(MARKED);
    Some(verdict)
}

/// Whether a text in which a day stands says that somebody is away until then, or back.
fn names_return(text: &str) -> bool {
    let folded = read::fold(text);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let numbered = |pair: &[&str]| matches!(pair, [to, day] if TO.contains(to) && day.starts_with(|c: char| c.is_ascii_digit()));
    RETURN.split(' ').any(|cue| words.contains(&cue)) || words.windows(2).any(numbered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Fact,
        store::inbox::Bucket,
        work::file::{self, Filed},
    };
    use jiff::Timestamp;

    /// How a mail with these header fields is filed that was paired with its guest.
    fn filed(header: &str, text: &str) -> Filed {
        let raw = format!(
            "From: ana@x.example\r\nDate: Fri, 20 Nov 2026 09:00:00 +0200\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n{header}\r\n\r\n{text}\r\n"
        );
        let mail = read::mail(raw.as_bytes(), &read::Context::default());
        assert_eq!(mail.kind, MailKind::Auto, "{header}");
        file::paired(&mail, &verdict(&mail, None, [], Certainty::default()), &[])
    }

    #[test]
    fn an_answer_that_a_program_marked_is_looked_at() {
        for (header, text, answer) in [
            ("Auto-Submitted: auto-generated", "I cannot come, sorry.", Answer::Decline),
            ("Return-Path: <>", "I cannot come, sorry.", Answer::Decline),
            ("Auto-Submitted: auto-generated\r\nSubject: FW: Re: Invitation", "Yes, I will come.", Answer::Accept),
            ("Subject: Out of office: 30 December", "I will be in Brussels that day, so I cannot come.", Answer::Decline),
            ("Subject: Fuera de la oficina: 30 de diciembre", "Ese dia no puedo asistir, lo siento.", Answer::Decline),
            ("Subject: Please confirm your message to Mr Reed", "I cannot come on 30 December.", Answer::Decline),
            ("Subject: Re: Invitation (verification required)", "Yes, I will come.", Answer::Accept),
            ("Auto-Submitted: auto-generated", "Nu pot veni, îmi pare rău.", Answer::Decline),
            ("Auto-Submitted: auto-generated", "I am on holiday on 10 December, so I cannot come.", Answer::Decline),
            ("Auto-Submitted: auto-generated", "Ana Pop will come in my place.", Answer::Delegate),
            ("Auto-Submitted: auto-generated", "Ich kann leider nicht kommen.", Answer::Decline),
            ("Auto-Submitted: auto-generated", "Bohužel nemohu přijít.", Answer::Decline),
        ] {
            let filed = filed(header, text);
            assert_eq!((filed.bucket, filed.verdict.as_ref().map(|verdict| verdict.answer)), (Bucket::NeedsLook, Some(answer)), "{text}");
            assert!(filed.doubts.iter().any(|doubt| doubt == MARKED), "{text}");
            let verdict = filed.verdict.as_ref().expect("a verdict");
            assert!(!verdict.sure && file::flags(&filed.doubts, verdict).is_empty(), "{text}");
            assert!(matches!(filed.fact(1, Timestamp::UNIX_EPOCH, 1), Some(Fact::Looked { .. })), "{text}");
        }
    }

    #[test]
    fn an_address_of_the_guest_or_of_ours_is_no_substitutes() {
        let address = |text: &str| Address::parse(text).expect("an address");
        let own = [address("ana@guest.example"), address("rsvp@us.example")];
        let delegate = |text: &str| {
            let mail = Mail { said: text.into(), ..Mail::empty(MailKind::Reply) };
            verdict(&mail, None, &own, Certainty::default()).delegate.map(|who| (who.name, who.email.map(|email| email.to_string())))
        };
        let dan = |email: Option<&str>| Some((Some("Dan Rus".to_owned()), email.map(str::to_owned)));
        let text = |email: &str| format!("I cannot come. Dan Rus ({email}) will come in my place.");
        assert_eq!(delegate(&text("dan@guest.example")), dan(Some("dan@guest.example")));
        for own in ["rsvp@us.example", "rsvp+k7q2m9x4t8wn@us.example", "RSVP@us.example", "ana@guest.example", "ana+post@guest.example"] {
            assert_eq!(delegate(&text(own)), dan(None), "{own}");
        }
    }

    /// "I am not available" alone is an answer as well, and not here.
    #[test]
    fn notes_of_absence_and_receipts_stay_silent() {
        let notes = [
            "I am out of the office until 5 January and cannot read mail.",
            "I am out of office until 5 January. I will not be able to answer your email. For urgent matters contact Ion Pop.",
            "I am away and cannot answer mails.",
            "Thank you for your message. I am currently away and will not be able to reply until Monday.",
            "I will be unavailable until 5 January.",
            "I am not available until Monday.",
            "I will be in Brussels until 5 January and cannot read my mail.",
            "I am on holiday with limited access to email and will reply when I return.",
            "Thank you for your email. I am attending a conference this week and will respond on my return.",
            "Sorry, I cannot respond to your email at the moment.",
            "I am currently travelling and cannot answer. My colleague Ana Pop will take care of urgent requests.",
            "In my absence please contact Maria Ionescu (maria@x.example), who will replace me.",
            "Maria Ionescu (maria@x.example) will replace me until 5 January.",
            "We received your message and confirm your registration request. Ticket 4711.",
            "Your message was received. Thank you, we will answer soon.",
            "Your request was accepted and assigned to Ion Pop.",
            "Your ticket #4711 has been accepted. We will be in touch.",
            "Thank you for your registration.",
            "Confirm receipt of your message.",
            "We confirm receipt of your e-mail.",
            "Your message has been forwarded to my colleague Ion Pop, ion@x.example.",
            "The case has been closed. We were not able to help.",
            "Ich bin bis zum 5. Januar nicht erreichbar und kann keine E-Mails lesen.",
            "Ich bin derzeit nicht im Haus. Meine Vertretung ist Frau Berger.",
            "Vielen Dank für Ihre Nachricht. Ich bin bis 5. Januar abwesend und kann Ihre Mail nicht beantworten.",
            "Ich bin leider bis Montag nicht da.",
            "Je suis absent jusqu'au 5 janvier et ne pourrai pas répondre à vos messages.",
            "Je suis actuellement indisponible.",
            "Je ne suis pas disponible jusqu'au 5 janvier.",
            "Estaré ausente hasta el 5 de enero y no podré leer el correo.",
            "No estoy disponible hasta el 5 de enero.",
            "Sono assente fino al 5 gennaio e non posso leggere la posta.",
            "Sono fuori sede e non potrò rispondere.",
            "Nu sunt la birou până pe 5 ianuarie și nu pot citi mesajele.",
            "Lipsesc din birou până luni. Nu pot răspunde la mesaje.",
            "Sunt plecat din țară până pe 5 ianuarie. Mă înlocuiește Ion Pop.",
            "Am primit mesajul dumneavoastră. Vă mulțumim!",
            "Solicitarea dumneavoastră a fost înregistrată cu numărul 4711.",
            "Ik ben tot 5 januari afwezig en kan mijn mail niet lezen.",
            "Jeg er ikke til stede før 5. januar og kan ikke læse min mail.",
            "Jag är inte på kontoret förrän 5 januari och kan inte läsa min e-post.",
            "Olen poissa 5. tammikuuta asti enkä voi lukea sähköpostia.",
            "Jestem nieobecny do 5 stycznia i nie mogę odbierać poczty.",
            "Nie ma mnie w biurze do 5 stycznia.",
            "Nejsem v kanceláři do 5. ledna a nemohu číst poštu.",
            "Január 5-ig nem vagyok elérhető, és nem tudok levelet olvasni.",
            "Отсъствам до 5 януари и не мога да чета пощата си.",
            "Θα λείπω έως τις 5 Ιανουαρίου και δεν μπορώ να διαβάσω τα μηνύματά μου.",
            "Odsutan sam do 5. siječnja i ne mogu čitati poštu.",
            "Меня не будет до 5 января, я не смогу отвечать на письма.",
            "Мене не буде до 5 січня, я не зможу відповідати на листи.",
            "Estarei ausente até 5 de janeiro e não poderei ler o correio.",
            "Olen äraolev kuni 5. jaanuarini ega saa kirju lugeda.",
            "Nesu darbe iki sausio 5 d. ir negaliu skaityti pašto.",
            "Neesmu birojā līdz 5. janvārim un nevaru lasīt pastu.",
            "5 Ocak'a kadar ofiste değilim, e-postalarımı okuyamıyorum.",
            "I will be out until Monday. Yes, really!",
            "I am away that week.",
            "Away until 5 January.",
            "Back on 5 January.",
            "I am on business trip and will be back on Monday.",
            "Hello, I'm not in today. I will read your mail tomorrow.",
            "I am no longer in this position. Please write to Ion Pop.",
            "I am on strike.",
            "Nu sunt disponibilă.",
            "Ich nehme vom 1. bis 5. Januar an einer Konferenz teil und kann nicht antworten.",
            "Vă mulțumim pentru confirmare!",
            "Thank you, your reply has been recorded.",
            "Vielen Dank, Ihre Anmeldung ist eingegangen.",
            "I am out of the office until 5 January and cannot attend to my mail.",
            "Jag är borta.",
            "Jag är bortrest och kan inte svara.",
            "Som mimo kancelárie.",
            "Jsem nemocný a nemohu odpovídat.",
            "Nem vagyok elérhető.",
            "Λείπω από το γραφείο.",
            "Меня нет на месте.",
            "Jeg er bortrejst.",
            "Ikke tilgjengelig.",
            "Niet aanwezig. Ik lees mijn mail niet.",
            "Ik ben niet bereikbaar tot maandag.",
            "Non sono in ufficio. Leggerò la posta al mio rientro.",
            "Olen matkoilla enkä lue sähköpostia.",
            "Nisam u uredu i ne mogu odgovoriti.",
            "Šiuo metu negaliu atsakyti.",
            "I cannot take your call or read mail right now.",
            "Your message could not be accepted.",
        ];
        let is_loud = |text: &&str| filed("Auto-Submitted: auto-replied", text).bucket != Bucket::Automatic;
        let loud: Vec<&str> = notes.into_iter().filter(is_loud).collect();
        assert!(loud.is_empty(), "{loud:#?}");
    }
}
