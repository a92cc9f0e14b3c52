//! The organiser decides: a guest's answer, a look, a letter in doubt, an address.

use super::{
    edition::{self, Set},
    invite::envelope,
};
use crate::{
    compose::{Flaw, Templates},
    model::{
        Address, Answer, Campaign, Delegate, Fact, Guest, Kind, Patience, Sender, Signal, Stamp, StandingKind, Verdict, standing::Answered,
    },
    store::{
        self, Connection, Store, campaigns,
        editions::{self, Content},
        inbox, journal,
        kept::{self, Kept},
        outbox::{self, Unread},
    },
};
use jiff::Timestamp;

/// What the organiser decided about a guest.
#[derive(Clone, PartialEq, Debug)]
pub struct Ruling {
    pub answer: Answer,
    pub party: Option<u32>,
    pub delegate: Option<Delegate>,
    pub note: String,
    /// The mail that it was made on: kept with its words as an example to learn from. None where the organiser knows it otherwise.
    pub mail: Option<i64>,
}

/// Records the organiser's decision. Every open look of the guest is closed by it.
///
/// `seen` is the newest fact when the organiser was shown the guest (`store::journal::newest`): if the guest has written since, or
/// somebody else has decided, nothing is recorded, and false is returned. None where nothing was shown.
pub async fn record(store: &Store, invitation: i64, ruling: Ruling, seen: Option<i64>, now: Timestamp) -> store::Result<bool> {
    store
        .write(move |conn| {
            if is_stale(conn, invitation, seen)? {
                return Ok(false);
            }
            write(conn, invitation, ruling, now)?;
            Ok(true)
        })
        .await
}

/// Whether a guest does not stand any more as the organiser was shown.
fn is_stale(conn: &Connection, invitation: i64, seen: Option<i64>) -> store::Result<bool> {
    seen.map_or(Ok(false), |seen| journal::has_news(conn, invitation, seen))
}

fn write(conn: &Connection, invitation: i64, ruling: Ruling, now: Timestamp) -> store::Result<()> {
    let Ruling { answer, party, delegate, note, mail } = ruling;
    journal::append(conn, invitation, now, &Fact::Ruled { answer, party, delegate, note, mail })?;
    inbox::close_all(conn, invitation)
}

/// Keeps the pile as the journal has it: a sure answer that is news to a ruling waits, until the guest comes back to what was
/// recorded.
pub(super) fn heed(conn: &Connection, invitation: i64) -> store::Result<()> {
    for (mail, why) in journal::since_ruling(conn, invitation)? {
        match why {
            Some(why) => inbox::open(conn, mail, &[why])?,
            None => inbox::shut(conn, mail)?,
        }
    }
    Ok(())
}

/// The organiser has read these mails of a guest and leaves the standing as it is. `seen` and what is returned are as for
/// [`record`].
pub async fn dismiss(store: &Store, mails: Vec<i64>, invitation: i64, seen: Option<i64>, now: Timestamp) -> store::Result<bool> {
    store
        .write(move |conn| {
            if is_stale(conn, invitation, seen)? {
                return Ok(false);
            }
            for mail in mails {
                journal::append(conn, invitation, now, &Fact::Dismissed { mail })?;
                inbox::close(conn, mail)?;
            }
            heed(conn, invitation)?;
            Ok(true)
        })
        .await
}

/// The organiser has read a mail of nobody, and it is nobody's. False, and nothing is done, where it does not wait as such any more.
pub async fn disown(store: &Store, mail: i64) -> store::Result<bool> {
    store
        .write(move |conn| {
            let waits = inbox::waits_unpaired(conn, mail)?;
            if waits {
                inbox::close(conn, mail)?;
            }
            Ok(waits)
        })
        .await
}

/// What came of giving a mail of nobody to a guest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Assigned {
    /// The ruling stands.
    Recorded,
    /// The guest has answered, or has mails that wait: the organiser has not seen them, so nothing is ruled, and the mail waits
    /// with them.
    Waits,
    /// Somebody else has decided whose the mail is, so nothing is done.
    Decided,
}

/// The organiser says whose mail an unpaired one is, and what it says.
pub async fn assign(store: &Store, mail: i64, invitation: i64, ruling: Ruling, now: Timestamp) -> store::Result<Assigned> {
    store
        .write(move |conn| {
            if !inbox::waits_unpaired(conn, mail)? {
                return Ok(Assigned::Decided);
            }
            let Some(kept) = kept::get(conn, mail)? else { return Ok(Assigned::Decided) };
            let before = journal::standing(conn, invitation)?;
            inbox::assign(conn, mail, invitation)?;
            journal::append(conn, invitation, now, &assigned(kept))?;
            if before.answer != Answer::None || before.kind == StandingKind::NeedsLook {
                return Ok(Assigned::Waits);
            }
            write(conn, invitation, Ruling { mail: Some(mail), ..ruling }, now)?;
            Ok(Assigned::Recorded)
        })
        .await
}

/// What an unpaired mail says, in the journal of the guest whose it is by the organiser's word.
fn assigned(kept: Kept) -> Fact {
    let Kept { id: mail, uid, arrived: at, verdict, doubts: mut why, .. } = kept;
    why.push("you said whose it is".to_owned());
    let guess = verdict.map(|verdict| {
        let Verdict { answer, party, question, unsubscribe, delegate, evidence, .. } = verdict;
        Answered { mail, answer, party, question, unsubscribe, delegate, evidence, at, uid, calendar: None }
    });
    Fact::Looked { mail, why, guess }
}

/// What the organiser says of a letter in doubt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Word {
    /// Send it again.
    Resend,
    /// Count it as sent.
    Confirm,
}

/// Rules on a guest's newest letter that is uncertain (or, for `Resend`, failed, bounced or withdrawn, and for `Confirm`, queued where
/// [`outbox::may_be_confirmed`] says so). False, and nothing is done, where another letter was queued since, because one of both is
/// enough, or where the one to confirm is neither any more: it is looked at in the transaction that changes it.
pub async fn letter(store: &Store, letter: i64, word: Word, now: Timestamp) -> store::Result<bool> {
    store
        .write(move |conn| {
            let newest = outbox::newest(conn, outbox::invitation_of(conn, letter)?)?;
            if newest != Some(letter) || word == Word::Confirm && !outbox::may_be_confirmed(conn, letter)? {
                return Ok(false);
            }
            match word {
                Word::Resend => resend(conn, letter, now)?,
                Word::Confirm => outbox::settle(conn, letter, Signal::Confirm, now, &Patience::default(), None).map(drop)?,
            }
            Ok(true)
        })
        .await
}

/// Queues a letter again. One that has never left is written anew, of the campaign's own edition and with the date of the day on which
/// it leaves: its guest is invited to the event as it is now. One that its guest may have read goes as it was, so that two of it are
/// one; so does one to a guest who does not fit the templates of today.
fn resend(conn: &Connection, letter: i64, now: Timestamp) -> store::Result<()> {
    if let Some(Unread { edition, guest, stamp }) = outbox::unread(conn, letter)? {
        let content = editions::edition(conn, edition)?.content;
        let stamp = Stamp { date: now, ..stamp };
        let written = Set::of(&content).and_then(|set| set.letter(&guest, &stamp).map(|_| envelope(&set, &guest, &stamp)));
        if let Ok(envelope) = written {
            outbox::renew(conn, letter, edition, &envelope, now)?;
        }
    }
    outbox::settle(conn, letter, Signal::Resend, now, &Patience::default(), None).map(drop)
}

/// Sends a letter again that was refused for good, as one of many. False, and nothing is done, where it is none any more, or stays
/// apart from others now ([`outbox::Apart`]): it is looked at in the transaction that queues it.
pub async fn refused(store: &Store, letter: i64, now: Timestamp) -> store::Result<bool> {
    store
        .write(move |conn| {
            let goes = outbox::goes_with_others(conn, letter)?;
            if goes {
                resend(conn, letter, now)?;
            }
            Ok(goes)
        })
        .await
}

#[derive(Debug, thiserror::Error)]
pub enum NotMended {
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Flaws(Vec<Flaw>),
    #[error("there is no such invitation any more")]
    Gone,
    #[error("{0} is the guest's address already")]
    Already(Address),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Gives a guest another address and queues the invitation again, with the same token: old links stay good.
///
/// The letter is of the campaign's own edition; `templates`, `campaign` and `sender` are kept as one where it has none yet.
pub async fn mend(
    store: &Store,
    templates: &Templates,
    campaign: &Campaign,
    sender: &Sender,
    invitation: i64,
    to: Address,
    now: Timestamp,
) -> Result<(), NotMended> {
    let content = edition::content(templates, campaign, sender);
    store.write(move |conn| mend_now(conn, content, invitation, to, now)).await?
}

/// All that it looks at may be changed by another process until the transaction of the change begins.
fn mend_now(conn: &Connection, content: Content, invitation: i64, to: Address, now: Timestamp) -> store::Result<Result<(), NotMended>> {
    let Some(found) = campaigns::invitation(conn, invitation)? else { return Ok(Err(NotMended::Gone)) };
    if found.email == to {
        return Ok(Err(NotMended::Already(to)));
    }
    let (earlier, number) = outbox::earlier(conn, invitation, Kind::Invitation)?;
    let content = editions::current(conn, found.campaign)?.map_or(content, |edition| edition.content);
    let from = found.email.to_string();
    let guest = Guest { email: to, ..found.guest };
    let stamp = Stamp { token: found.token, kind: Kind::Invitation, number: number.saturating_add(1), date: now, earlier };
    let envelope = match Set::of(&content).and_then(|set| set.letter(&guest, &stamp).map(|_| envelope(&set, &guest, &stamp))) {
        Ok(envelope) => envelope,
        Err(flaws) => return Ok(Err(NotMended::Flaws(flaws))),
    };
    let edition = editions::keep(conn, found.campaign, &content, now)?;
    campaigns::mend(conn, (invitation, found.campaign, edition), &guest, &from, &stamp, &envelope, now)?;
    Ok(Ok(()))
}
