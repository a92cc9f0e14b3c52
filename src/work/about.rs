//! Which event an answer is about: perhaps another one to which the guest is invited too, or this one at another time.

use crate::{
    judge,
    model::{
        Address, Answer, Event, Lang, Localised, Mail, MailKind, Verdict,
        names::{fold_letters, plain},
    },
    store::{
        self, Connection,
        campaigns::{self, Invitation},
        editions::{self, Moved},
        inbox,
    },
};
use std::collections::{BTreeSet, HashSet};

/// How much of a text is searched, in characters.
const LONGEST: usize = 20_000;
/// Shorter words of a title tell nothing alone.
const SHORTEST: usize = 3;
/// From this length on a word may end otherwise.
const INFLECTED: usize = 6;
/// So much longer a word may be for its ending.
const ENDING: usize = 3;

/// The event of an invitation, and the open ones beside it to which the guest, or whoever writes, is invited too.
pub(super) struct Choice {
    email: Address,
    own: Localised,
    others: Vec<Localised>,
}

impl Choice {
    /// `senders` are the campaigns in which the sender's address stands, `events` those of all, `over` those that are over.
    pub(super) fn of(
        conn: &Connection,
        invited: &Invitation,
        mut senders: BTreeSet<i64>,
        events: Vec<(i64, Event)>,
        over: &[i64],
    ) -> store::Result<Option<Self>> {
        senders.extend(inbox::by_address(conn, &invited.email)?.into_iter().map(|holder| holder.campaign));
        let (own, mut others): (Vec<_>, Vec<_>) = events.into_iter().partition(|(id, _)| *id == invited.campaign);
        others.retain(|(id, _)| senders.contains(id) && !over.contains(id));
        let others: Vec<Localised> = others.into_iter().map(|(_, event)| event.title).collect();
        let own = own.into_iter().next().map(|(_, event)| event.title).filter(|_| !others.is_empty());
        Ok(own.map(|own| Self { email: invited.email.clone(), own, others }))
    }

    /// Why an answer may be about another of them: what the guest typed names it. `letters` are what the guest was sent about this
    /// one: words that stand there tell nothing alone.
    pub(super) fn doubt(&self, said: &str, letters: &[String]) -> Option<String> {
        let title = self.named(said, letters)?;
        Some(format!("it speaks of {title}, to which {} is invited too", self.email))
    }

    fn named(&self, said: &str, letters: &[String]) -> Option<&str> {
        let said: Vec<String> = words(said).collect();
        let own: HashSet<String> = self.own.variants().flat_map(words).collect();
        let letters: HashSet<String> = letters.iter().flat_map(|letter| words(letter)).collect();
        let is_named = |title: &&str| {
            let telling: Vec<String> = words(title).filter(|word| !own.contains(word)).collect();
            let heard = |word: &String| said.iter().any(|said| is_form_of(said, word));
            let tells_alone = |word: &&String| {
                let long = word.chars().filter(|c| c.is_alphabetic()).count() >= SHORTEST;
                long && !letters.contains(*word) && !judge::is_common(word)
            };
            !telling.is_empty() && (telling.iter().all(heard) || telling.iter().filter(tells_alone).any(heard))
        };
        self.others.iter().flat_map(Localised::variants).find(is_named)
    }
}

/// Why the answer of a mail that only its sender's address ties to us may be about something else: its subject has words of its own,
/// none of which stands in the event's title or in the guest's `letters`, and which do not say the answer either.
///
/// A mail that answers or forwards another message is not asked here: see [`crate::pair`].
pub(super) fn unasked(mail: &Mail, verdict: &Verdict, lang: Option<&Lang>, title: &Localised, letters: &[String]) -> Option<String> {
    if mail.kind != MailKind::Reply || mail.button.is_some() || verdict.answer == Answer::None || !mail.in_reply_to.is_empty() {
        return None;
    }
    let tells = |word: &String| word.chars().filter(|c| c.is_alphabetic()).count() >= SHORTEST && !judge::is_common(word);
    let title: Vec<String> = title.variants().flat_map(words).filter(tells).collect();
    let is_of_title = |word: &String| title.iter().any(|own| is_form_of(word, own));
    let letters: HashSet<String> = letters.iter().flat_map(|letter| words(letter)).collect();
    let mut of_subject = words(&mail.subject).filter(tells).peekable();
    of_subject.peek()?;
    if of_subject.any(|word| is_of_title(&word) || letters.contains(&word)) || words(&mail.said).any(|word| is_of_title(&word)) {
        return None;
    }
    // The learned witness takes "Lunch booking" for a yes.
    let says_it = lang.is_some_and(|lang| judge::phrases(&mail.subject, lang) == (verdict.answer, true));
    (!says_it).then(|| "only its sender's address ties it to the invitation, and its subject speaks of something else".to_owned())
}

/// The words of a text in lower case, without accents.
fn words(text: &str) -> impl Iterator<Item = String> {
    let text = fold_letters(&plain(text, LONGEST));
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// Whether a word is another, or it with an ending of its language.
fn is_form_of(said: &str, word: &str) -> bool {
    let length = word.chars().count();
    if length < SHORTEST || said.chars().count() > length + ENDING {
        return said == word;
    }
    let stem = if length < INFLECTED { length } else { length - 2 };
    said.chars().zip(word.chars()).take_while(|(said, word)| said == word).count() >= stem
}

/// Why an answer may be about another day or place than the event's: no letter that the guest may have read names that of now.
pub(super) fn moved(conn: &Connection, invitation: i64) -> store::Result<Option<String>> {
    let Some(found) = campaigns::invitation(conn, invitation)? else { return Ok(None) };
    let reached = editions::reached(conn, invitation)?;
    let Some(Moved { event: now, others }) = editions::moved(conn, found.campaign)? else { return Ok(None) };
    let read = reached.iter().map(|id| others.iter().find(|(other, _)| Some(*other) == *id).map(|(_, event)| event));
    let Some(read) = read.collect::<Option<Vec<_>>>() else { return Ok(None) };
    let Some(last) = read.first() else { return Ok(None) };
    let all = |differs: fn(&Event, &Event) -> bool| read.iter().all(|event| differs(&now, event));
    let day = |event: &Event| event.start.strftime("%Y-%m-%d %H:%M").to_string();
    let place = |event: &Event| event.place.as_ref().map_or_else(String::new, |place| place.get(&found.lang, &found.lang).to_owned());
    let (before, after) = match (all(Event::is_at_another_time), all(Event::is_at_another_place)) {
        (true, true) => (format!("{}, {}", day(last), place(last)), format!("{}, {}", day(&now), place(&now))),
        (true, false) => (day(last), day(&now)),
        (false, true) => (place(last), place(&now)),
        (false, false) => return Ok(None),
    };
    Ok(Some(format!("the guest was invited to {before}, and the event was moved to {after} since")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(said: &str, own: &str, letters: &str, other: Localised) -> Option<String> {
        let email = Address::parse("ana@post.example").expect("an address");
        let choice = Choice { email, own: Localised::One(own.into()), others: vec![other] };
        choice.named(said, &[letters.into()]).map(str::to_owned)
    }

    #[test]
    fn a_mail_of_its_own_about_something_else_is_no_sure_answer() {
        let title = Localised::One("Online workshop: saving energy".into());
        let letters = ["Please tell us by Wednesday whether you can take part.".to_owned()];
        for (subject, said, answer, is_unasked) in [
            ("Board meeting 12 January", "Unfortunately I cannot come, sorry.", Answer::Decline, true),
            ("Lunch booking", "Yes, we will be there, five people.", Answer::Accept, true),
            ("Parking permit 4411", "I have to decline, unfortunately.", Answer::Decline, true),
            ("Christmas party at school", "We will be there, two adults and one child.", Answer::Accept, true),
            ("", "Yes, I will come.", Answer::Accept, false),
            ("Workshop", "Yes, I will come.", Answer::Accept, false),
            ("About Wednesday", "Yes, I will come.", Answer::Accept, false),
            ("I will come", "Yes, with pleasure.", Answer::Accept, false),
            ("Hello from Ana", "I cannot come to the workshop.", Answer::Decline, false),
            ("Parking permit 4411", "Thank you!", Answer::None, false),
        ] {
            let mail = Mail { subject: subject.into(), said: said.into(), ..Mail::empty(MailKind::Reply) };
            let verdict = Verdict { answer, sure: true, ..Verdict::silent() };
            let why = unasked(&mail, &verdict, Lang::parse("en").as_ref(), &title, &letters);
            assert_eq!(why.is_some(), is_unasked, "{subject}: {said}");
            let answered = Mail { in_reply_to: vec!["a@b.example".into()], ..mail };
            assert_eq!(unasked(&answered, &verdict, None, &title, &letters), None);
        }
    }

    #[test]
    fn the_other_event_is_known_by_what_its_title_alone_has() {
        let title = |title: &str| Localised::One(title.into());
        for (said, own, letters, other, is_named) in [
            ("I cannot come to the expo.", "Gala", "Please come to the gala.", "Expo", true),
            ("I am coming to the Gala.", "Expo", "", "Gala 2026", true),
            ("Yes, with pleasure, thank you!", "Expo", "", "Gala 2026", false),
            ("La expoziția de artă nu pot veni.", "Gala", "", "Expoziția primăriei", true),
            ("Mulțumesc pentru invitație, particip.", "Gala", "", "Seminar pentru primării", false),
            ("I will come to the gala in 2027 only.", "Gala 2026", "", "Gala 2027", true),
            ("I will come to the gala.", "Gala 2026", "", "Gala 2027", false),
            // The letter speaks of a dinner, too.
            ("I come to the dinner.", "Gala", "The gala ends with a dinner.", "Charity Dinner", false),
            ("I come to the charity dinner.", "Gala", "The gala ends with a dinner.", "Charity Dinner", true),
            ("I expect to come.", "Gala", "", "Expo", false),
            ("I cannot come to the Expo.", "Expo Gala", "", "Expo", false),
            ("", "Gala", "", "Expo", false),
        ] {
            assert_eq!(named(said, own, letters, title(other)).is_some(), is_named, "{said} / {own} / {other}");
        }
        let lang = |code: &str| crate::model::Lang::parse(code).expect("a code");
        let both = Localised::ByLang([(lang("en"), "Exhibition".to_owned()), (lang("ro"), "Expoziție".to_owned())].into());
        assert_eq!(named("La expoziție nu pot veni.", "Gala", "", both).as_deref(), Some("Expoziție"));
    }
}
