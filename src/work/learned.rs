//! What the organiser has ruled on mails, as examples that the judge can learn from: kept with the guest, given away without them.

use super::{anonymous::Names, file, receive::aside};
use crate::{
    judge,
    model::{Answer, Delegate, Fact, Lang, Mail, Standing, words},
    read,
    store::{
        self, Connection, Store,
        campaigns::{self, Invitation},
        journal,
        kept::{self, Kept},
    },
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

/// So many lines of the contact details under a text may name who wrote it.
const NAMES: usize = 2;

/// One line of a corpus: its keys and their order are those of `training/LABELS.md`.
#[derive(Clone, PartialEq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Example {
    pub id: String,
    pub lang: Lang,
    pub label: Answer,
    pub party: Option<u32>,
    pub question: bool,
    pub unsubscribe: bool,
    /// The judge was not sure, or said something else.
    pub hard: bool,
    pub text: String,
}

/// What the organiser says that one mail says.
#[derive(Clone, PartialEq, Debug)]
struct Label {
    answer: Answer,
    party: Option<u32>,
    delegate: Option<Delegate>,
}

/// Every mail in words that the organiser has ruled on, by guest and mail. `ours` are our own names: guests greet us by them.
pub async fn examples(store: &Store, ours: &[String]) -> store::Result<Vec<Example>> {
    let mut found = Vec::new();
    let mut used = HashMap::new();
    for id in store.read(journal::ruled).await? {
        let Some(Ruled { invitation, mails }) = store.read(move |conn| ruled(conn, id)).await? else { continue };
        for (kept, label) in mails {
            let raw = kept.raw.clone();
            let mail = aside(move || raw.map(|raw| read::mail(&raw, &read::Context::default()))).await;
            let Some(mut example) = example(&invitation, &kept, mail.as_ref(), label, ours) else { continue };
            let count = used.entry(example.id.clone()).and_modify(|count| *count += 1).or_insert(1_u32);
            if *count > 1 {
                example.id = format!("{}-{count}", example.id);
            }
            found.push(example);
        }
    }
    Ok(found)
}

/// A guest, and the mails of theirs that were ruled on.
struct Ruled {
    invitation: Invitation,
    mails: Vec<(Kept, Label)>,
}

fn ruled(conn: &Connection, id: i64) -> store::Result<Option<Ruled>> {
    let Some(invitation) = campaigns::invitation(conn, id)? else { return Ok(None) };
    let mut mails = Vec::new();
    for (mail, label) in labels(&journal::facts(conn, id)?) {
        if let Some(kept) = kept::get(conn, mail)?
            && !(label.answer == Answer::None && waited_for_its_sender(&kept))
        {
            mails.push((kept, label));
        }
    }
    Ok(Some(Ruled { invitation, mails }))
}

/// What was ruled on which mail, the last ruling of each.
///
/// A mail that was read and left as it is says nothing only where the guest stood without an answer: else it may have said
/// again what was known. A calendar answer is ruled on with its calendar, not by its words.
fn labels(facts: &[(Timestamp, Fact)]) -> BTreeMap<i64, Label> {
    let facts: Vec<Fact> = facts.iter().map(|(_, fact)| fact.clone()).collect();
    let mut labels = BTreeMap::new();
    for (place, fact) in facts.iter().enumerate() {
        match fact {
            Fact::Ruled { answer, party, delegate, mail: Some(mail), .. } => {
                labels.insert(*mail, Label { answer: *answer, party: *party, delegate: delegate.clone() });
            }
            Fact::Dismissed { mail } if Standing::of(facts.get(..place).unwrap_or_default()).answer == Answer::None => {
                labels.insert(*mail, Label { answer: Answer::None, party: None, delegate: None });
            }
            _ => {}
        }
    }
    labels.retain(|mail, _| match Fact::last_word(&facts, *mail).0 {
        Some(Fact::Answered(said) | Fact::Looked { guess: Some(said), .. }) => said.calendar.is_none(),
        Some(Fact::Looked { guess: None, .. }) | None => true,
        Some(_) => false,
    });
    labels
}

/// Whether a mail waited for something else than its words, as an unknown sender: leaving it as it is says nothing of them.
fn waited_for_its_sender(kept: &Kept) -> bool {
    kept.verdict.as_ref().is_some_and(|verdict| !file::flags(&kept.doubts, verdict).is_empty())
}

fn lang(invitation: &Invitation, mail: Option<&Mail>) -> Lang {
    match (mail, &invitation.guest.lang) {
        (Some(mail), Some(listed)) => judge::language_of_guest(&mail.said, listed),
        (Some(mail), None) => judge::language(&mail.said).unwrap_or_else(|| invitation.lang.clone()),
        (None, listed) => listed.as_ref().unwrap_or(&invitation.lang).clone(),
    }
}

/// None where nothing was said in words, or a button spoke beside them.
fn example(invitation: &Invitation, kept: &Kept, mail: Option<&Mail>, label: Label, ours: &[String]) -> Option<Example> {
    let verdict = kept.verdict.as_ref()?;
    let pressed = |answer| kept.subject.contains(&words::tag(&invitation.token, Some(answer)));
    if kept.said.trim().is_empty() || Answer::DECISIONS.into_iter().filter(|answer| *answer != Answer::Delegate).any(pressed) {
        return None;
    }
    let from = mail.and_then(|mail| mail.from.as_ref());
    let instead = [label.delegate.as_ref(), verdict.delegate.as_ref()];
    let instead = || instead.into_iter().flatten();
    let locals = [Some(&invitation.email), Some(&invitation.guest.email), from.map(|from| &from.email)];
    let locals = locals.into_iter().flatten().chain(instead().filter_map(|delegate| delegate.email.as_ref()));
    let lang = lang(invitation, mail);
    let said = kept.said.trim();
    // Who writes from an office's mailbox is named nowhere else. A line that answers is no name.
    let is_name = |line: &&str| judge::phrases(line, &lang).0 == Answer::None;
    let details = mail.map_or("", |mail| mail.signature.as_str());
    let signers = read::signers(said).into_iter().chain(details.lines().take(NAMES)).filter(is_name);
    let names = Names::of(
        [invitation.guest.name.as_str(), kept.sender.split('@').next().unwrap_or_default()]
            .into_iter()
            .chain(from.map(|from| from.name.as_str()))
            .chain(instead().filter_map(|delegate| delegate.name.as_deref()))
            .chain(locals.map(|address| address.local()))
            .chain(ours.iter().map(String::as_str))
            .chain(signers),
    );
    let text = names.replaced_in(said);
    let party = label.party.filter(|_| matches!(label.answer, Answer::Accept | Answer::Tentative));
    let digest = Sha256::digest(text.as_bytes());
    let digest: String = digest.iter().take(5).map(|byte| format!("{byte:02x}")).collect();
    Some(Example {
        id: format!("{lang}-own-{digest}"),
        lang,
        label: label.answer,
        party,
        question: verdict.question,
        unsubscribe: verdict.unsubscribe,
        hard: !verdict.sure || verdict.answer != label.answer || party.is_some() && verdict.party != party,
        text,
    })
}
