//! What a mail proves: of the letter that it answers or brings back, and of the answer that it would replace.

use super::file::{self, Filed};
use crate::{
    model::{Address, Answer, Fact, Mail, MailKind, Signal, Standing, StandingKind, Token, standing::Answered},
    pair::{self, Clue},
    read,
    store::{self, Connection, inbox, inbox::Bucket, journal, kept, outbox},
};
use jiff::{SignedDuration, Timestamp};

/// Why a sure answer may not take the place of another one unseen: it answers a message that is neither a letter of ours nor the
/// guest's own, so "no, thanks" may be about something else. A first answer is taken, because some providers give our letters
/// Message-IDs of their own.
pub(super) fn turned_elsewhere(conn: &Connection, mail: &Mail, invitation: i64, filed: &Filed) -> store::Result<Option<String>> {
    let said = filed.verdict.as_ref().map_or(Answer::None, |verdict| verdict.answer);
    let by_words = mail.kind == MailKind::Reply && mail.button.is_none();
    if filed.bucket != Bucket::Recorded || !by_words || mail.in_reply_to.is_empty() || said == Answer::None {
        return Ok(None);
    }
    let recorded = journal::answer(conn, invitation)?;
    let waits = || journal::standing(conn, invitation).map(|standing| standing.kind == StandingKind::NeedsLook);
    if recorded == Answer::None || recorded == said && !waits()? {
        return Ok(None);
    }
    for id in mail.in_reply_to.iter().take(20) {
        if outbox::by_message_id(conn, id)?.is_some() || inbox::is_of_guest(conn, invitation, id)? {
            return Ok(None);
        }
    }
    Ok(Some(format!("it answers another message, and the guest's answer was {recorded}")))
}

/// So much later the date of one mail must be to say that it was written after another: clocks differ.
const APART: SignedDuration = SignedDuration::from_mins(10);
/// … and so much where the two say contrary things: a correction follows within minutes and may overtake what it corrects, while
/// seconds are those of two machines in step.
const APART_CONTRARY: SignedDuration = SignedDuration::from_secs(5);
/// So many answers of a guest are asked when they were written, the last ones.
const ASKED: usize = 20;

/// Why a sure answer that came last may not be the guest's last word: it was delivered before, and this is another copy of it, or
/// it was written before an answer that came earlier. Where it changes nothing, that is no matter.
pub(super) fn overtaken(
    conn: &Connection,
    mail: &Mail,
    invitation: i64,
    filed: &Filed,
    (raw, arrived, uid): (&[u8], Timestamp, u32),
) -> store::Result<Option<String>> {
    if filed.bucket != Bucket::Recorded || journal::answer(conn, invitation)? == Answer::None {
        return Ok(None);
    }
    let mut facts: Vec<Fact> = journal::facts(conn, invitation)?.into_iter().map(|(_, fact)| fact).collect();
    let before = Standing::of(&facts);
    let answered = answers(&facts);
    let fact = filed.fact(i64::MAX, arrived, uid);
    facts.extend(fact.clone());
    let after = Standing::of(&facts);
    // A mail that waits is not to be settled by it either.
    let settles = before.kind == StandingKind::NeedsLook && after.kind != StandingKind::NeedsLook;
    if !settles && (before.answer, before.party, &before.delegate) == (after.answer, after.party, &after.delegate) {
        return Ok(None);
    }
    let was = before.answer;
    if let Some(id) = &mail.message_id
        && inbox::is_of_guest(conn, invitation, id)?
    {
        return Ok(Some(format!("it is another copy of a mail that was read before, and the guest's answer since is {was}")));
    }
    let Some(written) = read::written(raw) else { return Ok(None) };
    for answer in answered.iter().rev().filter(|answer| answer.at <= arrived).take(ASKED) {
        // A date after the arrival is of a clock that is wrong.
        let other = kept::beginning(conn, answer.mail)?.and_then(|raw| read::written(&raw)).map(|other| other.min(answer.at));
        let contrary = matches!(&fact, Some(Fact::Answered(said)) if are_contrary(said, answer));
        let apart = if contrary { APART_CONTRARY } else { APART };
        if other.is_some_and(|other| other.duration_since(written) > apart) {
            let written = written.strftime("%Y-%m-%d %H:%M UTC");
            return Ok(Some(format!("it was written on {written}, before another answer of the guest that came earlier; that was {was}")));
        }
    }
    Ok(None)
}

/// Whether two answers cannot both stand. One that adds a number of people or a name to the other can.
fn are_contrary(one: &Answered, other: &Answered) -> bool {
    let numbers = one.party.zip(other.party).is_some_and(|(one, other)| one != other);
    let names = one.delegate.as_ref().zip(other.delegate.as_ref()).is_some_and(|(one, other)| one != other);
    one.answer != other.answer || numbers || names
}

/// What the guest's mails say that were recorded by themselves, each by its last word, in the order in which they were read.
fn answers(facts: &[Fact]) -> Vec<Answered> {
    let mut mails: Vec<i64> = facts.iter().rev().filter_map(Fact::mail).take(ASKED * 4).collect();
    mails.sort_unstable();
    mails.dedup();
    let word = |mail: i64| match Fact::last_word(facts, mail).0 {
        Some(Fact::Answered(answered)) if answered.answer != Answer::None => Some(answered.clone()),
        _ => None,
    };
    mails.into_iter().filter_map(word).collect()
}

/// The letter that a mail names. One that names none, but the guest whom it is `about`, brings back the newest (to one of the addresses
/// that a bounce names), unless what came back was another mail to them; where it brings back nothing, it is about the only one that
/// may have left, because it may answer any of several. The token of a guest who has one letter alone names that letter: the answer
/// buttons and the calendars of guests name no other way.
fn letter_of(conn: &Connection, mail: &Mail, about: Option<i64>, brings_back: bool) -> store::Result<Option<Found>> {
    let named = mail.returned_ids.iter().chain(&mail.in_reply_to).chain(&mail.references).chain(&mail.message_id);
    for id in named.take(40) {
        if let Some((letter, _)) = outbox::by_message_id(conn, id)? {
            return Ok(Some(Found::Named(letter)));
        }
    }
    let Some(invitation) = about.filter(|_| !file::returns_another(mail)) else { return Ok(None) };
    // A notice that comes late may be about a letter that the organiser has sent again since.
    if !brings_back
        && mail.bounce.is_none()
        && let Some(letter) = outbox::only_waiting(conn, invitation)?
        && has_token_of(conn, mail, invitation)?
    {
        return Ok(Some(Found::Named(letter)));
    }
    let letter = match (brings_back, mail.bounce.as_ref().map_or(&[][..], |bounce| &bounce.recipients)) {
        (false, to) => outbox::only_departed(conn, invitation, to)?,
        (true, []) => outbox::newest(conn, invitation)?,
        (true, to) => outbox::returned(conn, invitation, to)?,
    };
    Ok(letter.map(Found::Supposed))
}

/// Whether the token of an invitation stands in a mail, also as the UID of its event: it is known only from a letter.
fn has_token_of(conn: &Connection, mail: &Mail, invitation: i64) -> store::Result<bool> {
    let Some(holder) = inbox::by_id(conn, invitation)?.pop() else { return Ok(false) };
    Ok(pair::clues(mail).into_iter().any(|(_, clue)| match clue {
        Clue::Token(token) => token == holder.token,
        Clue::CalendarUid(uid) => uid.split('@').next().and_then(Token::parse).is_some_and(|token| token == holder.token),
        Clue::MessageId(_) | Clue::Address(..) => false,
    }))
}

enum Found {
    Named(i64),
    Supposed(i64),
}

/// A mail that names a letter proves that it left; a bounce brings it back.
pub(super) fn prove(conn: &Connection, mail: &Mail, about: Option<i64>, filed: &Filed, now: Timestamp) -> store::Result<()> {
    let Some(found) = letter_of(conn, mail, about, filed.returned.is_some())? else { return Ok(()) };
    let (Found::Named(letter) | Found::Supposed(letter)) = found;
    let signal = match &filed.returned {
        Some(why) => Signal::Bounced { why: why.clone() },
        None => Signal::Proven,
    };
    // In a restored backup, or after `outbox resend`, a letter may wait that has left: who names it has read it.
    if matches!(found, Found::Named(_)) && outbox::is_queued(conn, letter)? {
        outbox::prove(conn, letter, Signal::Confirm, now)?;
    }
    outbox::prove(conn, letter, signal, now)
}

/// What a notice that an address does not exist says of this address of the guest. Where it brings back a letter to another one, as
/// to that which the organiser has mended since, it says nothing of this.
pub(super) fn hold_against(conn: &Connection, mail: &Mail, invitation: i64, address: &str, filed: &mut Filed) -> store::Result<()> {
    if !filed.says_invalid() {
        return Ok(());
    }
    let found = letter_of(conn, mail, Some(invitation), true)?;
    match found {
        Some(Found::Named(letter) | Found::Supposed(letter)) if outbox::recipient(conn, letter)? == address => {
            if let Some(to) = passed_on_to(mail, address).filter(|_| matches!(found, Some(Found::Named(_)))) {
                filed.doubt(format!(
                    "the letter to {address} came back from {to}: either a copy that was passed on, or {address} itself fails"
                ));
                filed.returned = None;
            }
        }
        _ => filed.spare(),
    }
    Ok(())
}

/// The address that a notice names where it does not name that of the letter. A guest whose mail is passed on to an account that is
/// dead may have read the letter; one whose address is but another name of that account has not, and the notices are the same.
fn passed_on_to<'m>(mail: &'m Mail, address: &str) -> Option<&'m Address> {
    let recipients = &mail.bounce.as_ref()?.recipients;
    let is_named = |own: Address| recipients.iter().any(|named| pair::same_mailbox(named, &own));
    recipients.first().filter(|_| !Address::parse(address).is_ok_and(is_named))
}
