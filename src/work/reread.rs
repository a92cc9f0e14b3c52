//! Old mail read again, by the rules and the model of today: what differs, and, when told, the difference written.
//!
//! Whose mail it is, and what was strange about its sender, stays as it was found when it came: what was known then
//! (who was invited to what) is not known any more.

use super::{
    edition::Editions,
    file::{self, Filed},
    marked, proof,
    receive::{Desk, KEPT, aside},
    rule,
};
use crate::{
    model::{Answer, Delegate, Fact, Mail, MailKind, Verdict, standing::Answered},
    read,
    store::{
        self, Connection, Store, campaigns, editions,
        inbox::Bucket,
        journal,
        kept::{self, Kept},
    },
};
use jiff::Timestamp;

/// Why a mail needs a look that was taken for a machine's: who sent it was not asked then.
const WAS_A_MACHINES: &str = "it was taken for an automatic message when it came; please look whose it is";

/// What a mail says, in short: two words that are equal make no difference to anybody.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Word {
    Answer(Said),
    /// An automatic reply.
    Automatic,
    Bounce {
        invalid: bool,
    },
    Complaint,
    Nothing,
}

/// What a person's mail says.
#[derive(Clone, PartialEq, Debug, serde::Serialize)]
pub struct Said {
    pub answer: Answer,
    /// It counts without a look.
    pub sure: bool,
    pub party: Option<u32>,
    pub question: bool,
    pub unsubscribe: bool,
    pub delegate: Option<Delegate>,
}

impl Word {
    fn of(fact: Option<&Fact>) -> Self {
        match fact {
            Some(Fact::Answered(answered)) => Self::Answer(Said::of(answered, true)),
            Some(Fact::Looked { guess: Some(guess), .. }) => Self::Answer(Said::of(guess, false)),
            Some(Fact::Looked { guess: None, .. }) => Self::guess(&Verdict::silent()),
            Some(Fact::Away { .. }) => Self::Automatic,
            Some(Fact::Bounced { invalid, .. }) => Self::Bounce { invalid: *invalid },
            Some(Fact::Complained { .. }) => Self::Complaint,
            _ => Self::Nothing,
        }
    }

    /// Of a mail without a fact, which is nobody's, or was somebody's only by the organiser's word.
    fn guess(verdict: &Verdict) -> Self {
        Self::Answer(Said {
            answer: verdict.answer,
            sure: false,
            party: verdict.party,
            question: verdict.question,
            unsubscribe: verdict.unsubscribe,
            delegate: verdict.delegate.clone(),
        })
    }
}

impl Said {
    fn of(answered: &Answered, sure: bool) -> Self {
        let Answered { answer, party, question, unsubscribe, delegate, .. } = answered.clone();
        Self { answer, sure, party, question, unsubscribe, delegate }
    }
}

/// A mail that reads otherwise now.
#[derive(Clone, PartialEq, Debug)]
pub struct Difference {
    pub mail: i64,
    pub invitation: Option<i64>,
    pub arrived: Timestamp,
    pub before: Word,
    pub now: Word,
    /// The words that decide now.
    pub evidence: Vec<String>,
    /// The organiser's own word came after the mail, and stands.
    pub settled: bool,
    filed: Filed,
    said: String,
}

/// What came of reading one mail again.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    Same,
    Differs(Box<Difference>),
    /// Only its beginning is kept, so what it says in all cannot be known.
    Cut,
    /// The reader did not come to its end.
    Broken,
}

/// Reads mails again, and holds what is read once for many.
pub struct Again {
    pub store: Store,
    /// Who vouched for a sender is not asked again.
    pub desk: Desk,
    editions: Editions,
}

impl Again {
    pub fn new(store: Store, desk: Desk) -> Self {
        Self { store, desk, editions: Editions::default() }
    }

    /// Reads one mail again and changes nothing.
    pub async fn look(&self, mail: i64) -> store::Result<Found> {
        let kept = self.store.read(move |conn| kept::get(conn, mail)).await?;
        let Some((kept, raw)) = kept.and_then(|mut kept| kept.raw.take().map(|raw| (kept, raw))) else { return Ok(Found::Same) };
        if raw.len() >= KEPT {
            return Ok(Found::Cut);
        }
        let subjects = self.store.read(editions::subjects).await?;
        let (sent, guest) = match kept.invitation {
            Some(id) => {
                let look = move |conn: &Connection| {
                    Ok((
                        editions::letters(conn, id)?,
                        campaigns::invitation(conn, id)?.map(|it| (it.guest.lang.unwrap_or(it.lang), it.guest.email)),
                    ))
                };
                let (letters, guest) = self.store.read(look).await?;
                (self.editions.texts(&self.store, letters).await?, guest)
            }
            None => (Vec::new(), None),
        };
        let Desk { ours, certainty, .. } = self.desk.clone();
        let reading = tokio::spawn(aside(move || {
            let mail = read::mail(&raw, &read::Context { sent: &sent, subjects: &subjects, authserv_id: None });
            let (lang, address) = guest.unzip();
            let verdict = marked::verdict(&mail, lang.as_ref(), ours.iter().chain(&address), certainty);
            (mail, verdict)
        }));
        let (mail, verdict) = match reading.await {
            Ok(read) => read,
            Err(error) if error.is_panic() => return Ok(Found::Broken),
            Err(_) => std::future::pending().await, // the runtime is ending, and this task with it
        };
        let look = move |conn: &Connection| {
            let facts = facts(conn, kept.invitation)?;
            let mut filed = refile(&kept, &facts, &mail, &verdict);
            hold_against(conn, &kept, &facts, &mail, &mut filed)?;
            Ok((kept, facts, filed, mail.said))
        };
        let (kept, facts, filed, said) = self.store.read(look).await?;
        let Change { before, now, settled, .. } = Change::of(&kept, &facts, &filed);
        if before == now {
            return Ok(Found::Same);
        }
        let evidence = filed.verdict.as_ref().map(|verdict| verdict.evidence.clone()).unwrap_or_default();
        let Kept { id, invitation, arrived, .. } = kept;
        Ok(Found::Differs(Box::new(Difference { mail: id, invitation, arrived, before, now, evidence, settled, filed, said })))
    }

    /// Writes a difference: the mail's row, and a fact that takes the place of what the mail said before. False where the mail
    /// does not say any more what it said when it was looked at.
    pub async fn apply(&self, difference: Difference, now: Timestamp) -> store::Result<bool> {
        self.store.write(move |conn| write(conn, &difference, now)).await
    }
}

fn facts(conn: &Connection, invitation: Option<i64>) -> store::Result<Vec<(Timestamp, Fact)>> {
    invitation.map_or_else(|| Ok(Vec::new()), |id| journal::facts(conn, id))
}

/// What a notice says of the address that the guest had when it came: the organiser may have mended that since.
fn hold_against(conn: &Connection, kept: &Kept, facts: &[(Timestamp, Fact)], mail: &Mail, filed: &mut Filed) -> store::Result<()> {
    let Some(invited) = kept.invitation.map(|id| campaigns::invitation(conn, id)).transpose()?.flatten() else {
        filed.spare();
        return Ok(());
    };
    let mended = facts.iter().map(|(_, fact)| fact).skip_while(|fact| fact.mail() != Some(kept.id)).find_map(|fact| match fact {
        Fact::Mended { from, .. } => Some(from.as_str()),
        _ => None,
    });
    proof::hold_against(conn, mail, invited.id, mended.unwrap_or(invited.email.as_str()), filed)
}

fn write(conn: &Connection, difference: &Difference, now: Timestamp) -> store::Result<bool> {
    let Difference { mail, filed, said, before, .. } = difference;
    let Some(kept) = kept::get(conn, *mail)? else { return Ok(false) };
    if kept.invitation != difference.invitation {
        return Ok(false);
    }
    let facts = facts(conn, kept.invitation)?;
    let change = Change::of(&kept, &facts, filed);
    if change.before != *before {
        return Ok(false);
    }
    let bucket = match (kept.invitation, filed.bucket) {
        (None, _) => None,
        (Some(_), Bucket::NeedsLook) if change.settled => Some(Bucket::Recorded),
        (Some(_), bucket) => Some(bucket),
    };
    kept::reread(conn, *mail, bucket, said, filed.verdict.as_ref(), &filed.doubts)?;
    if let Some(invitation) = kept.invitation
        && (change.has_word || !change.settled)
    {
        journal::append(conn, invitation, now, &Fact::Reread { mail: *mail, said: change.fact.map(Box::new) })?;
        rule::heed(conn, invitation)?;
    }
    Ok(true)
}

/// What a mail said, and what it says now.
struct Change {
    before: Word,
    now: Word,
    settled: bool,
    /// It has said something in the journal.
    has_word: bool,
    fact: Option<Fact>,
}

impl Change {
    fn of(kept: &Kept, facts: &[(Timestamp, Fact)], filed: &Filed) -> Self {
        let has_word = facts.iter().any(|(_, fact)| fact.mail() == Some(kept.id));
        // A mail that never said anything has no place in the journal: there the clock tells whether a ruling came after it.
        let ruled_since = facts.iter().any(|(at, fact)| matches!(fact, Fact::Ruled { .. }) && *at >= kept.received);
        let facts: Vec<Fact> = facts.iter().map(|(_, fact)| fact.clone()).collect();
        let (word, settled) = Fact::last_word(&facts, kept.id);
        let at = match word {
            Some(Fact::Answered(said) | Fact::Looked { guess: Some(said), .. }) => said.at,
            _ => kept.arrived,
        };
        let fact = kept.invitation.and_then(|_| filed.fact(kept.id, at, kept.uid));
        let by_verdict = |verdict: &Option<Verdict>| verdict.as_ref().map_or(Word::Nothing, Word::guess);
        let (before, now) = if has_word || kept.verdict.is_none() && kept.invitation.is_some() {
            (Word::of(word), Word::of(fact.as_ref()))
        } else {
            (by_verdict(&kept.verdict), by_verdict(&filed.verdict))
        };
        Self { before, now, settled: settled || !has_word && ruled_since, has_word, fact }
    }
}

/// Where a mail goes by what it says now. Nothing was strange about one that was sure: if it waits, then because of a ruling.
fn refile(kept: &Kept, facts: &[(Timestamp, Fact)], mail: &Mail, verdict: &Verdict) -> Filed {
    let facts: Vec<Fact> = facts.iter().map(|(_, fact)| fact.clone()).collect();
    let was_sure = matches!(Fact::last_word(&facts, kept.id).0, Some(Fact::Answered(_)));
    let is_of_a_person = matches!(mail.kind, MailKind::Reply | MailKind::Calendar);
    match (kept.invitation, &kept.verdict) {
        (Some(_), Some(_)) if was_sure => file::paired(mail, verdict, &[]),
        (Some(_), Some(before)) => file::paired(mail, verdict, &file::flags(&kept.doubts, before)),
        (Some(_), None) if is_of_a_person => file::paired(mail, verdict, &[WAS_A_MACHINES.to_owned()]),
        (Some(_), None) => file::paired(mail, verdict, &[]),
        (None, _) => file::waiting(verdict, &kept.doubts),
    }
}
