//! Where a mail goes, and which fact it makes: the last decision before the journal. Pure.

use crate::{
    compose, judge,
    model::{Answer, BounceClass, Certainty, Fact, Lang, Mail, MailKind, Verdict, mail::ABSENCE, standing::Answered},
    pair::Conclusion,
    read,
    store::inbox::Bucket,
};
use jiff::Timestamp;

/// What is to be kept of a mail.
#[derive(Clone, PartialEq, Debug)]
pub struct Filed {
    pub bucket: Bucket,
    pub verdict: Option<Verdict>,
    /// Why it needs a look; empty where it does not.
    pub doubts: Vec<String>,
    /// The letter that it names came back, and why.
    pub returned: Option<String>,
    kind: What,
    /// SEQUENCE, at most the one that was sent, and DTSTAMP of a calendar answer.
    calendar: Option<(u32, String)>,
}

#[derive(Clone, PartialEq, Debug)]
enum What {
    Answered,
    Looked,
    Away(Option<String>),
    Bounced { invalid: bool, why: String },
    Complained,
    Nothing,
}

/// Why a mail needs a look whose sure verdict is a question and nothing else.
const ASKS_ONLY: &str = "the guest asks something and does not say whether they come";
/// Why an unsure one does that gave no reason itself.
const UNCLEAR: &str = "the words do not say clearly whether they come";
/// Why one does that a program marked as its own.
const MARKED: &str = "it is marked as automatic, but its words read as an answer";
/// A longer text that a program marked is no plain answer, in bytes.
const MAX_MARKED: usize = 1024;
/// Words that stand with the day of return, folded.
const RETURN: &str = "until till back return returning revin pana intorc bis wieder zuruck ab jusqu retour fino rientro rientrero \
    torno tornero hasta vuelvo regreso vuelta ate regresso tot terug weer til asti saakka palaan takaisin iki \
    grisiu wracam wroce vracam povratak natrag lidz kuni";
/// Words that mean "until" before a number alone.
const TO: [&str; 3] = ["do", "to", "до"];

/// A mail of a guest.
///
/// `flags` are what `pair` found strange: who wrote, whether the server vouches for the sender. With a flag
/// nothing is recorded by itself.
pub fn paired(mail: &Mail, verdict: &Verdict, flags: &[String]) -> Filed {
    let mut filed =
        Filed { bucket: Bucket::Automatic, verdict: None, doubts: Vec::new(), returned: None, kind: What::Nothing, calendar: None };
    match mail.kind {
        MailKind::Reply | MailKind::Calendar => {
            filed.verdict = Some(verdict.clone());
            // A program that counts on from what it was sent would overrule every later answer of another one.
            let sequence = |counted: u32| std::cmp::min(counted, compose::SEQUENCE);
            filed.calendar = mail.calendar.as_ref().map(|c| (sequence(c.sequence), c.dtstamp.clone().unwrap_or_default()));
            if verdict.sure && flags.is_empty() {
                let asks_only = verdict.answer == Answer::None && verdict.question;
                filed.bucket = if asks_only { Bucket::NeedsLook } else { Bucket::Recorded };
                if asks_only {
                    filed.doubts.push(ASKS_ONLY.into());
                }
                filed.kind = What::Answered;
            } else {
                filed.bucket = Bucket::NeedsLook;
                filed.doubts = flags.iter().chain(&verdict.doubts).cloned().collect();
                if filed.doubts.is_empty() {
                    filed.doubts.push(UNCLEAR.into());
                }
                filed.kind = What::Looked;
            }
        }
        MailKind::Bounce => {
            filed.bucket = Bucket::Bounces;
            if let Some(bounce) = &mail.bounce {
                let why = [bounce.status.clone(), bounce.diagnostic.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
                let why = if why.is_empty() { "a delivery notice came back".to_owned() } else { why };
                let permanent = bounce.permanent && !returns_another(mail);
                filed.kind = What::Bounced { invalid: permanent && bounce.class == BounceClass::Invalid, why: why.clone() };
                filed.returned = permanent.then_some(why);
            }
        }
        MailKind::Auto => match marked(mail) {
            Some(verdict) => {
                filed.bucket = Bucket::NeedsLook;
                filed.doubts = flags.iter().chain(&verdict.doubts).cloned().collect();
                filed.verdict = Some(verdict);
                filed.kind = What::Looked;
            }
            None => filed.kind = What::Away(mail.auto.as_ref().and_then(|auto| auto.until).map(|day| day.to_string())),
        },
        MailKind::Complaint => {
            filed.bucket = Bucket::NeedsLook;
            filed.doubts.push("the guest reported the letter as spam: write there no more".into());
            filed.kind = What::Complained;
        }
        MailKind::Other => {}
    }
    filed
}

/// What the words of a mail decide that a program marked as its own, where they plainly answer; never sure. Help desks, rules that
/// forward and gateways mark what people wrote, too.
///
/// To the learned witness a note of absence sounds like a no: phrases must say the no as well. Where they know nothing of the
/// language, it stands alone only beside no word of an absence and no day.
fn marked(mail: &Mail) -> Option<Verdict> {
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
    let mut verdict = judge::verdict(&typed, None, Certainty::default());
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

/// A delivery notice about another mail than our letters: it names what came back, and nothing in it holds a token of ours.
pub(super) fn returns_another(mail: &Mail) -> bool {
    mail.kind == MailKind::Bounce && !mail.returned_ids.is_empty() && mail.tokens.is_empty()
}

/// The flags that a mail was filed with, out of the doubts that were kept of it.
pub fn flags(doubts: &[String], verdict: &Verdict) -> Vec<String> {
    let own = |doubt: &&String| verdict.doubts.contains(doubt) || [ASKS_ONLY, UNCLEAR].contains(&doubt.as_str());
    doubts.iter().filter(|doubt| !own(doubt)).cloned().collect()
}

/// A mail of nobody we know. What it says matters only where it looks like ours.
pub fn unpaired(mail: &Mail, verdict: Option<Verdict>, conclusion: &Conclusion) -> Filed {
    let looks_like_ours = match conclusion {
        Conclusion::LooksLikeOurs { why } => Some(why.clone()),
        _ => None,
    };
    let (bucket, doubts) = match (looks_like_ours, mail.kind) {
        (None, _) => (Bucket::NotOurs, Vec::new()),
        (Some(_), MailKind::Bounce) => (Bucket::Bounces, Vec::new()),
        (Some(_), MailKind::Auto | MailKind::Other) => (Bucket::Automatic, Vec::new()),
        (Some(why), MailKind::Reply | MailKind::Calendar | MailKind::Complaint) => (Bucket::NeedsLook, vec![why]),
    };
    let verdict = verdict.filter(|_| bucket == Bucket::NeedsLook);
    Filed { bucket, verdict, doubts, returned: None, kind: What::Nothing, calendar: None }
}

/// A mail of nobody we know that waits for the organiser, read again: why it waits stays.
pub fn waiting(verdict: &Verdict, doubts: &[String]) -> Filed {
    let (verdict, doubts) = (Some(verdict.clone()), doubts.to_vec());
    Filed { bucket: Bucket::NeedsLook, verdict, doubts, returned: None, kind: What::Nothing, calendar: None }
}

impl Filed {
    /// Whether it says something of coming, surely or not.
    pub fn answers(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| verdict.answer != Answer::None)
    }

    /// What was sure needs a look after all, or one more reason for a look.
    pub fn doubt(&mut self, why: String) {
        self.bucket = Bucket::NeedsLook;
        self.doubts.push(why);
        self.kind = What::Looked;
    }

    /// Whether it says that an address does not exist.
    pub fn says_invalid(&self) -> bool {
        matches!(self.kind, What::Bounced { invalid: true, .. })
    }

    /// The address that does not exist is another than the guest's: nothing is known of that one.
    pub fn spare(&mut self) {
        if let What::Bounced { invalid, .. } = &mut self.kind {
            *invalid = false;
        }
    }

    /// The fact for the guest's journal, once the mail has a row.
    pub fn fact(&self, mail: i64, at: Timestamp, uid: u32) -> Option<Fact> {
        match &self.kind {
            What::Answered => self.answered(mail, at, uid).map(Fact::Answered),
            What::Looked => Some(Fact::Looked { mail, why: self.doubts.clone(), guess: self.answered(mail, at, uid) }),
            What::Away(until) => Some(Fact::Away { mail, until: until.clone() }),
            What::Bounced { invalid, why } => Some(Fact::Bounced { mail, invalid: *invalid, why: why.clone() }),
            What::Complained => Some(Fact::Complained { mail }),
            What::Nothing => None,
        }
    }

    fn answered(&self, mail: i64, at: Timestamp, uid: u32) -> Option<Answered> {
        let verdict = self.verdict.as_ref()?;
        Some(Answered {
            mail,
            answer: verdict.answer,
            party: verdict.party,
            question: verdict.question,
            unsubscribe: verdict.unsubscribe,
            delegate: verdict.delegate.clone(),
            evidence: verdict.evidence.clone(),
            at,
            uid,
            calendar: self.calendar.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CalendarReply, Standing, StandingKind};

    fn fact(number: u32, answer: Answer, sequence: u32, dtstamp: &str) -> Fact {
        let calendar = CalendarReply { method: "REPLY".into(), sequence, dtstamp: Some(dtstamp.into()), ..CalendarReply::default() };
        let mail = Mail { calendar: Some(calendar), ..Mail::empty(MailKind::Calendar) };
        let verdict = Verdict { answer, sure: true, confidence: 1.0, ..Verdict::silent() };
        let at = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_mins(number.into());
        paired(&mail, &verdict, &[]).fact(number.into(), at, number).expect("an answer")
    }

    #[test]
    fn a_program_that_counts_sequences_itself_does_not_overrule_a_later_answer() {
        let notes = fact(1, Answer::Accept, 1, "20261125T080000Z");
        let phone = fact(2, Answer::Decline, 0, "20261126T080000Z");
        assert_eq!(Standing::of(&[notes, phone]).kind, StandingKind::Decline);
    }

    /// How a mail with these header fields is filed that was paired with its guest.
    fn filed(header: &str, text: &str) -> Filed {
        let raw = format!(
            "From: ana@x.example\r\nDate: Fri, 20 Nov 2026 09:00:00 +0200\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n{header}\r\n\r\n{text}\r\n"
        );
        let mail = read::mail(raw.as_bytes(), &read::Context::default());
        assert_eq!(mail.kind, MailKind::Auto, "{header}");
        paired(&mail, &judge::verdict(&mail, None, Certainty::default()), &[])
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
            assert!(!verdict.sure && flags(&filed.doubts, verdict).is_empty(), "{text}");
            assert!(matches!(filed.fact(1, Timestamp::UNIX_EPOCH, 1), Some(Fact::Looked { .. })), "{text}");
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
