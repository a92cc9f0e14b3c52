//! What the whole program concludes from a mail: read, paired, judged and filed as `work::receive` does it, on a list of
//! two guests held in memory instead of the database.
//!
//! An expectation's `"concludes"` is an object, each key of it optional:
//!
//! * `guest`: `{email, name, lang}` of the guest who was invited; Ana Pop without it. Their token is [`TOKEN`].
//! * `answer`, `party`, `question`, `unsubscribe`, `delegate` (a subset): as in a [`Verdict`].
//! * `sure`: `true`, `false`, or `"may"`. Where it may be unsure, `answer`, `party` and `question` are looked at only when
//!   the program is sure of itself: a wrong sure answer is a failure, an unsure one is left to the organiser.
//! * `bucket`: as the database calls it; also looked at only when sure, where it may be unsure.
//! * `paired`: whether the mail belongs to an invitation; `rung` and `relation`: how, and who wrote.

use convoke::{
    judge,
    model::{Address, Certainty, Lang, Mail, Token, Verdict},
    pair::{self, Candidate, Clue, Conclusion, Ours, Pairing, Relation, Rung},
    read::{self, Context},
    work::file,
};
use serde_json::{Value, json};

/// The token of the guest in every expectation.
const TOKEN: &str = "k7q2m9x4t8wn";

struct Guest {
    candidate: Candidate,
    lang: Option<Lang>,
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn guest(invitation: i64, token: &str, email: &str, name: &str, lang: &str) -> Guest {
    let token = Token::parse(token).expect("a token");
    let candidate =
        Candidate { invitation, campaign: 1, token, email: address(email), name: name.to_owned(), closed: false, reached: true };
    Guest { candidate, lang: Lang::parse(lang) }
}

/// The guest of this mail, and another one who must never get their answer.
fn guests(wanted: &Value) -> [Guest; 2] {
    let text = |key: &str, other: &'static str| wanted["guest"][key].as_str().unwrap_or(other).to_owned();
    let this = guest(1, TOKEN, &text("email", "ana@x.example"), &text("name", "Ana Pop"), &text("lang", "ro"));
    [this, guest(2, "b4n8c2v6m0qz", "someone@else.example", "Some One", "en")]
}

/// Whom a clue names, as the database would say it.
fn is_named(clue: &Clue, guest: &Candidate) -> bool {
    match clue {
        Clue::Token(token) => *token == guest.token,
        Clue::CalendarUid(uid) => uid.split('@').next().and_then(Token::parse).is_some_and(|token| token == guest.token),
        Clue::MessageId(id) => *id == format!("<invitation.{}.1@primaria.example>", guest.token),
        Clue::Address(address, _) => *address == guest.email,
    }
}

/// Compares what is wanted at a place with what is there, and notes how they differ.
type Compare = dyn Fn(&str, &Value, &Value, &mut Vec<String>);

/// The mail as it was filed, beside its verdict and its pairing.
pub struct Concluded {
    verdict: Verdict,
    pairing: Option<Pairing>,
    bucket: &'static str,
}

/// The judge, who remembers the last mail: read with LF and with CRLF it is mostly the same, and a verdict hangs on nothing else.
#[derive(Default)]
pub struct Judge {
    last: Option<(Mail, Option<Lang>, Verdict)>,
}

impl Judge {
    fn verdict(&mut self, mail: &Mail, lang: Option<&Lang>) -> Verdict {
        if let Some((before, its_lang, verdict)) = &self.last
            && (before, its_lang.as_ref()) == (mail, lang)
        {
            return verdict.clone();
        }
        let verdict = judge::verdict(mail, lang, Certainty::default());
        self.last = Some((mail.clone(), lang.cloned(), verdict.clone()));
        verdict
    }
}

/// The subjects of our letters.
pub const SUBJECTS: [&str; 2] = ["Invitație la workshop", "Invitation to the workshop"];

pub fn conclude(raw: &[u8], context: &Context<'_>, samples: &[String], wanted: &Value, judge: &mut Judge) -> Concluded {
    let guests = guests(wanted);
    let at_first = read::mail(raw, &Context { sent: &[], subjects: &[], ..*context });
    let mut found: Vec<(Rung, Candidate)> = Vec::new();
    for (rung, clue) in pair::clues(&at_first) {
        let named = guests.iter().filter(|guest| is_named(&clue, &guest.candidate));
        found.extend(named.map(|guest| (rung, guest.candidate.clone())));
    }
    let nobody = found.iter().all(|(rung, _)| rung.is_address());
    let text = format!("{}\n{}", at_first.quoted, at_first.said);
    let ours = Ours {
        addresses: &[address("workshop@primaria.example")],
        subjects: &SUBJECTS.map(str::to_owned),
        quotes_us: nobody && pair::quotes(&text, samples.iter().map(String::as_str)),
        namesakes: &[],
    };
    match pair::conclude(&at_first, &found, &ours) {
        Conclusion::Paired(pairing) => {
            let guest = guests.iter().find(|guest| guest.candidate.invitation == pairing.invitation);
            let lang = guest.and_then(|guest| guest.lang.as_ref());
            let mail: Mail = read::mail(raw, context);
            let mut verdict = judge.verdict(&mail, lang);
            guest.iter().for_each(|guest| verdict.not_instead_by(&guest.candidate.email));
            let bucket = file::paired(&mail, &verdict, &pairing.flags).bucket.as_str();
            Concluded { verdict, pairing: Some(pairing), bucket }
        }
        other => {
            let verdict = judge.verdict(&at_first, None);
            let bucket = file::unpaired(&at_first, Some(verdict.clone()), &other).bucket.as_str();
            Concluded { verdict, pairing: None, bucket }
        }
    }
}

fn rung(rung: Rung) -> &'static str {
    match rung {
        Rung::RecipientToken => "recipient",
        Rung::Organizer => "organizer",
        Rung::CalendarUid => "uid",
        Rung::InReplyTo => "in-reply-to",
        Rung::References => "references",
        Rung::SubjectToken => "subject",
        Rung::QuotedToken => "quoted",
        Rung::ReturnedId => "returned",
        Rung::Attendee => "attendee",
        Rung::ReplyTo => "reply-to",
        Rung::From => "from",
        Rung::BounceRecipient => "bounce-recipient",
    }
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Guest => "guest",
        Relation::Alias => "alias",
        Relation::Assistant => "assistant",
        Relation::Delegate => "delegate",
        Relation::Forwarded => "forwarded",
        Relation::Stranger => "stranger",
    }
}

const KEYS: [&str; 11] =
    ["guest", "answer", "sure", "party", "question", "unsubscribe", "delegate", "bucket", "paired", "rung", "relation"];

impl Concluded {
    /// Where it is not what was wanted, in the keys of the expectation.
    pub fn differences(&self, wanted: &Value, compare: &Compare) -> Vec<String> {
        let mut wrong = Vec::new();
        let verdict = &self.verdict;
        let got = json!({
            "answer": verdict.answer.as_str(),
            "sure": verdict.sure,
            "party": verdict.party,
            "question": verdict.question,
            "unsubscribe": verdict.unsubscribe,
            "delegate": verdict.delegate,
            "bucket": self.bucket,
            "paired": self.pairing.is_some(),
            "rung": self.pairing.as_ref().map(|pairing| rung(pairing.rung)),
            "relation": self.pairing.as_ref().map(|pairing| relation(pairing.relation)),
        });
        let may_be_unsure = wanted["sure"] == "may";
        for (key, value) in wanted.as_object().into_iter().flatten() {
            assert!(KEYS.contains(&key.as_str()), "{key:?} is not a key of \"concludes\"");
            let open =
                may_be_unsure && (key == "sure" || !verdict.sure && ["answer", "party", "question", "bucket"].contains(&key.as_str()));
            if key != "guest" && !open {
                compare(&format!("concludes.{key}"), value, &got[key], &mut wrong);
            }
        }
        if let Some(last) = wrong.last_mut() {
            let flags = self.pairing.as_ref().map(|pairing| pairing.flags.as_slice()).unwrap_or_default();
            *last += &format!("\n    doubts {:?}, flags {flags:?}", verdict.doubts);
        }
        wrong
    }

    /// Whether the program is sure, and whether its answer is the one that was wanted: for the count.
    pub fn guessed(&self, wanted: &Value) -> (bool, bool) {
        (self.verdict.sure, wanted["answer"] == self.verdict.answer.as_str())
    }
}
