//! What a mail proves: of the letter that it answers or brings back, and of the answer that it would replace.

use super::file::{self, Filed};
use crate::{
    model::{Answer, Mail, MailKind, Signal},
    store::{self, Connection, inbox, inbox::Bucket, journal, outbox},
};
use jiff::Timestamp;

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
    if [Answer::None, said].contains(&recorded) {
        return Ok(None);
    }
    for id in mail.in_reply_to.iter().take(20) {
        if outbox::by_message_id(conn, id)?.is_some() || inbox::is_of_guest(conn, invitation, id)? {
            return Ok(None);
        }
    }
    Ok(Some(format!("it answers another message, and the guest's answer was {recorded}")))
}

/// A mail that names a letter proves that it left; a bounce brings it back. One that names none is about the newest to the guest
/// whom it is `about` (to one of the addresses that a bounce names), unless what came back was another mail to them.
pub(super) fn prove(conn: &Connection, mail: &Mail, about: Option<i64>, filed: &Filed, now: Timestamp) -> store::Result<Option<i64>> {
    let named = mail.returned_ids.iter().chain(&mail.in_reply_to).chain(&mail.references).chain(&mail.message_id);
    let mut letter = None;
    for id in named.take(40) {
        if letter.is_none() {
            letter = outbox::by_message_id(conn, id)?.map(|(letter, _)| letter);
        }
    }
    let letter = match (letter, about) {
        (None, Some(invitation)) if !file::returns_another(mail) => match &mail.bounce {
            Some(bounce) if !bounce.recipients.is_empty() => outbox::returned(conn, invitation, &bounce.recipients)?,
            _ => outbox::newest(conn, invitation)?,
        },
        (letter, _) => letter,
    };
    let Some(letter) = letter else { return Ok(None) };
    let signal = match &filed.returned {
        Some(why) => Signal::Bounced { why: why.clone() },
        None => Signal::Proven,
    };
    outbox::prove(conn, letter, signal, now)?;
    Ok(Some(letter))
}
