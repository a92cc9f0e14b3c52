//! What three hundred guests do, and what must be known of each of them afterwards.

use super::answers::{Decision, Harm, Quote, Received};
use super::phrases::{LANGUAGES, More, more, said, substitute};
use std::fmt::Write as _;

/// How many are invited, and how many of them share an office's address with two others.
const GUESTS: usize = 300;
const OFFICES: usize = 12;

/// A row of the list.
pub struct Guest {
    pub email: String,
    pub name: String,
    pub lang: &'static str,
    pub does: Does,
}

/// What becomes of the letter, and what the guest writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Does {
    Nothing,
    /// The relay refuses the address at RCPT for good.
    Refused,
    /// The relay refuses it for now.
    Busy,
    /// The relay takes the letter and sends a delivery notice later.
    Gone,
    Words(Decision, Quote),
    Says(More, Quote),
    Button(Decision),
    /// The button, with a greeting under the prefilled words.
    ButtonAndGreeting(Decision),
    Google(Decision, u32),
    Exchange(Decision),
    /// First no, then yes, in words.
    NoThenYes,
    /// First the button yes, then a calendar answer no.
    ButtonThenCalendar,
    Away,
    /// Somebody at another house answers the guest's letter.
    Stranger,
    /// The guest's server says that it will try again; the letter is not lost.
    Delayed,
    /// The mailbox is full, for good: a delivery notice.
    Full,
    /// The guest wants no more letters.
    LeaveMe,
    Harm(Harm),
}

/// The kinds that are dealt out in turn: coprime with the seven languages, so that each kind meets several.
const TURNS: [Does; 22] = [
    Does::Words(Decision::Yes, Quote::Marked),
    Does::Google(Decision::Yes, 0),
    Does::Words(Decision::No, Quote::Block),
    Does::Button(Decision::Yes),
    Does::Says(More::Three, Quote::Block),
    Does::Exchange(Decision::Yes),
    Does::Words(Decision::Maybe, Quote::None),
    Does::Says(More::Instead, Quote::Marked),
    Does::Button(Decision::No),
    Does::NoThenYes,
    Does::Google(Decision::Yes, 2),
    Does::Away,
    Does::Says(More::ComesAndAsks, Quote::Marked),
    Does::Exchange(Decision::No),
    Does::ButtonAndGreeting(Decision::Yes),
    Does::Says(More::Limit, Quote::Marked),
    Does::Exchange(Decision::Maybe),
    Does::Button(Decision::Maybe),
    Does::ButtonThenCalendar,
    Does::Stranger,
    Does::Google(Decision::No, 0),
    Does::Says(More::Asks, Quote::None),
];

/// Before the turns: each once, or the few that the servers treat apart.
const FIRST: [Does; 18] = [
    Does::Refused,
    Does::Gone,
    Does::Harm(Harm::Nested),
    Does::Refused,
    Does::Harm(Harm::Bytes),
    Does::Gone,
    Does::Busy,
    Does::Delayed,
    Does::LeaveMe,
    Does::Refused,
    Does::Gone,
    Does::Harm(Harm::Markup),
    Does::Full,
    Does::Refused,
    Does::Gone,
    Does::Harm(Harm::Long),
    Does::Delayed,
    Does::Full,
];

/// How many answers are scripted: what guests, their programs and their servers send, without Postfix's own notices.
pub const ANSWERS: usize = 120;

/// The three hundred. Those who share an address come last in the list and take their turns too.
pub fn guests() -> Vec<Guest> {
    let (mut guests, mut mails) = (Vec::with_capacity(GUESTS), 0);
    let mut does = FIRST.into_iter().chain(TURNS.into_iter().cycle());
    for number in 0..GUESTS {
        let lang = LANGUAGES[number % LANGUAGES.len()];
        // A few of each office answer, and about every third of the others.
        let from_end = GUESTS - 1 - number;
        let office = from_end < OFFICES * 3;
        let next = if number < FIRST.len() || number % 3 == 0 || (office && number % 3 == 1) { does.next() } else { None };
        let next = next.filter(|next| mails + count(*next) <= ANSWERS).unwrap_or(Does::Nothing);
        mails += count(next);
        let name = name(lang, number);
        let local = ascii(&name).replace(' ', ".");
        let email =
            if office { format!("office@house{}.example", from_end / 3) } else { format!("{local}.{number}@house{number}.example") };
        guests.push(Guest { email, name, lang, does: next });
    }
    // What the turns left over is written by those who would be silent.
    for guest in guests.iter_mut().filter(|guest| guest.does == Does::Nothing).take(ANSWERS - mails) {
        guest.does = Does::Button(Decision::Yes);
    }
    guests
}

/// The list as an organiser's office has it.
pub fn list(guests: &[Guest]) -> String {
    let mut list = "E-mail;Nume;Limba;Organizație;Salutation\n".to_owned();
    for (number, guest) in guests.iter().enumerate() {
        let _ = writeln!(list, "{};{};{};Organizația {number};Dear {}", guest.email, guest.name, guest.lang, guest.name);
    }
    list
}

/// How many mails the desk receives for it, without Postfix's own notices.
pub fn count(does: Does) -> usize {
    match does {
        Does::Nothing | Does::Refused | Does::Busy | Does::Gone => 0,
        Does::NoThenYes | Does::ButtonThenCalendar => 2,
        _ => 1,
    }
}

/// The same kind of mail a second time, as a program numbers it: under a Message-ID of its own.
fn another(mail: Vec<u8>) -> Vec<u8> {
    String::from_utf8(mail).expect("text").replacen("Message-ID: <", "Message-ID: <second.", 1).into_bytes()
}

/// The mails in the order in which they are written, made of the letter that the guest received.
pub fn mails(guest: &Guest, letter: &mut Received) -> Vec<Vec<u8>> {
    let lang = guest.lang;
    match guest.does {
        Does::Nothing | Does::Refused | Does::Busy | Does::Gone => Vec::new(),
        Does::Words(decision, quote) => vec![letter.words(lang, said(lang, decision), quote)],
        Does::Says(what, quote) => vec![letter.words(lang, more(lang, what), quote)],
        Does::Button(decision) => vec![letter.button(decision, "")],
        Does::ButtonAndGreeting(decision) => {
            let greeting = format!("{}\n{}", more(lang, More::Greeting), guest.name);
            vec![letter.button(decision, &greeting)]
        }
        Does::Google(decision, with) => vec![letter.google(decision, with, "")],
        Does::Exchange(decision) => vec![letter.exchange(decision, "")],
        Does::NoThenYes => {
            let [no, yes] = [Decision::No, Decision::Yes].map(|decision| letter.words(lang, said(lang, decision), Quote::Marked));
            vec![no, another(yes)]
        }
        Does::ButtonThenCalendar => vec![letter.button(Decision::Yes, ""), letter.exchange(Decision::No, "")],
        Does::Away => vec![letter.out_of_office("Automatic reply", "I am out of the office until 4 December 2026 and answer after that.")],
        Does::Stranger => {
            letter.guest = ("somebody@elsewhere.example".to_owned(), "Some Body".to_owned());
            vec![letter.words(lang, said(lang, Decision::Yes), Quote::Marked)]
        }
        Does::Delayed => vec![letter.bounce("4.4.1", "connection timed out")],
        Does::Full => vec![letter.bounce("5.2.2", "552 5.2.2 mailbox full")],
        Does::LeaveMe => vec![letter.words("en", "Please remove me from your mailing list.", Quote::None)],
        Does::Harm(harm) => vec![letter.hostile(harm)],
    }
}

/// What `guests --json` must say of a guest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    pub standing: &'static str,
    pub answer: &'static str,
    pub party: Option<u64>,
    pub delivery: &'static str,
    /// None: nobody can say whether garbage asks something.
    pub question: Option<bool>,
    pub unsubscribe: bool,
    pub delegate: Option<&'static str>,
    pub sure: bool,
    /// Some words or a calendar's word must stand as evidence.
    pub evidence: bool,
}

impl Guest {
    /// Whether those who come with the guest may be others of the same office, who are invited too: that needs a look.
    fn may_be_counted_twice(&self) -> bool {
        self.email.starts_with("office@") && matches!(self.does, Does::Says(More::Three, _))
    }

    pub fn row(&self) -> Row {
        match row(self.does) {
            row if self.may_be_counted_twice() => Row { standing: "needs_look", answer: "none", party: None, sure: false, ..row },
            row => row,
        }
    }

    pub fn buckets(&self) -> &'static [&'static str] {
        if self.may_be_counted_twice() { &["needs_look"] } else { buckets(self.does) }
    }
}

fn row(does: Does) -> Row {
    let silent = Row {
        standing: "silent",
        answer: "none",
        party: None,
        delivery: "sent",
        question: Some(false),
        unsubscribe: false,
        delegate: None,
        sure: true,
        evidence: false,
    };
    let decided = |answer| Row { standing: answer, answer, evidence: true, ..silent.clone() };
    let look = Row { standing: "needs_look", sure: false, ..silent.clone() };
    let of = |decision| match decision {
        Decision::Yes => decided("accept"),
        Decision::No => decided("decline"),
        Decision::Maybe => decided("tentative"),
    };
    match does {
        Does::Nothing | Does::Away | Does::Delayed => silent,
        Does::Busy => Row { delivery: "queued", ..silent },
        Does::Refused => Row { standing: "unreachable", delivery: "failed", ..silent },
        Does::Gone => Row { standing: "unreachable", delivery: "bounced", ..silent },
        Does::Full => Row { delivery: "bounced", ..silent },
        Does::Words(decision, _) | Does::Button(decision) | Does::ButtonAndGreeting(decision) | Does::Exchange(decision) => of(decision),
        Does::Google(decision, 0) => of(decision),
        Does::Google(decision, with) => Row { party: Some(u64::from(with) + 1), ..of(decision) },
        Does::NoThenYes => decided("accept"),
        Does::ButtonThenCalendar => decided("decline"),
        Does::Says(More::Three, _) => Row { party: Some(3), ..decided("accept") },
        Does::Says(More::Instead, _) => Row { delegate: Some(substitute()), ..decided("delegate") },
        Does::Says(More::ComesAndAsks, _) => Row { question: Some(true), ..decided("accept") },
        Does::Says(More::Asks, _) => Row { question: Some(true), ..look },
        Does::Says(More::Limit | More::Greeting, _) | Does::Stranger => look,
        Does::LeaveMe => Row { unsubscribe: true, ..look },
        // All that it says is a question mark.
        Does::Harm(Harm::Long) => Row { question: Some(true), ..look },
        Does::Harm(Harm::Bytes | Harm::Markup) => Row { question: None, ..look },
        Does::Harm(_) => look,
    }
}

/// In which bucket each of the guest's mails lies.
fn buckets(does: Does) -> &'static [&'static str] {
    match does {
        Does::Nothing | Does::Refused | Does::Busy => &[],
        Does::Gone | Does::Full | Does::Delayed => &["bounces"],
        Does::Away => &["automatic"],
        Does::NoThenYes | Does::ButtonThenCalendar => &["recorded", "recorded"],
        Does::Says(More::Asks | More::Limit | More::Greeting, _) | Does::Stranger | Does::LeaveMe | Does::Harm(_) => &["needs_look"],
        _ => &["recorded"],
    }
}

/// Names as they are in each language; two guests of one office never have the same.
fn name(lang: &str, number: usize) -> String {
    let (first, last): ([&str; 6], [&str; 7]) = match lang {
        "ro" => (
            ["Ștefan", "Ioana", "Gheorghe", "Mălina", "Țurcanu-Ana", "Radu"],
            ["Păun", "Ionescu", "Bălănescu", "Rădulescu", "Șerban", "Munteanu", "Câmpeanu"],
        ),
        "nl" => (
            ["Joris", "Femke", "Sjoerd", "Anouk", "Maarten", "Lieke"],
            ["de Vries", "van den Berg", "Bakker", "Visser", "Smit", "Mulder", "ter Horst"],
        ),
        "it" => (
            ["Niccolò", "Giulia", "Marco", "Lucia", "Paolo", "Chiara"],
            ["D'Amico", "Ferri", "Conti", "Esposito", "Greco", "Rossi", "De Luca"],
        ),
        "hr" => (
            ["Željko", "Ivana", "Tomislav", "Đurđica", "Marko", "Ana"],
            ["Kovač", "Horvat", "Šimić", "Babić", "Jurić", "Perković", "Novak"],
        ),
        "lt" => (
            ["Rūta", "Jonas", "Šarūnas", "Eglė", "Žygimantas", "Ieva"],
            ["Kazlauskienė", "Petrauskas", "Žukauskas", "Jankauskas", "Stankevičius", "Butkus", "Vasiliauskas"],
        ),
        "fi" => (
            ["Aino", "Mikko", "Päivi", "Jyrki", "Outi", "Väinö"],
            ["Virtanen", "Lahti", "Mäkinen", "Hämäläinen", "Nieminen", "Koskinen", "Järvinen"],
        ),
        _ => (["Sarah", "Tom", "Emma", "Oliver", "Grace", "Henry"], ["Whitfield", "Reed", "O'Brien", "Clarke", "Hughes", "Walker", "Moss"]),
    };
    let turn = number / LANGUAGES.len();
    format!("{} {}", first[turn % first.len()], last[turn % last.len()])
}

/// A name as the left side of an address.
fn ascii(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let plain = name.to_lowercase().replace('đ', "d");
    plain.nfd().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_script_holds_what_it_promises() {
        let guests = guests();
        assert_eq!(guests.len(), GUESTS);
        assert_eq!(guests.iter().map(|guest| count(guest.does)).sum::<usize>(), ANSWERS);
        let different: BTreeSet<(&str, &str)> = guests.iter().map(|guest| (guest.email.as_str(), guest.name.as_str())).collect();
        assert_eq!(different.len(), GUESTS, "no two guests are the same");
        let addresses: BTreeSet<&str> = guests.iter().map(|guest| guest.email.as_str()).collect();
        assert_eq!(addresses.len(), GUESTS - 2 * OFFICES);
        for kind in FIRST.into_iter().chain(TURNS) {
            assert!(guests.iter().any(|guest| guest.does == kind), "{kind:?} is never dealt out");
        }
        let shared = |guest: &&Guest| guest.email.starts_with("office@") && count(guest.does) > 0;
        assert!(guests.iter().filter(shared).count() > 5, "too few answers from shared addresses");
        for guest in &guests {
            let expected = buckets(guest.does).len();
            assert_eq!(expected, count(guest.does) + usize::from(guest.does == Does::Gone), "{:?}", guest.does);
        }
    }
}
