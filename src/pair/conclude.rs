//! Weighs what the clues led to.

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

use super::{
    Candidate, Conclusion, Ours, Pairing, Relation, Rung, clues,
    persons::{is_named_in, same_house, same_mailbox, same_name, same_tag, words},
    subjects,
};
use crate::model::{Address, Mail, MailKind, mail::Mailbox};

/// Whose mail it is, from the invitations that its clues led to.
///
/// The strongest rung decides. A mail of a person is then compared with the owner of that invitation, and
/// everything that is not plainly the guest becomes a flag: a stranger never changes an answer silently.
/// `found` may be in any order and hold an invitation more than once.
pub fn conclude(mail: &Mail, found: &[(Rung, Candidate)], ours: &Ours<'_>) -> Conclusion {
    if is_own(mail, found, ours) {
        return Conclusion::Own;
    }
    let mut found: Vec<&(Rung, Candidate)> = found.iter().collect();
    found.sort_by_key(|(rung, _)| *rung);
    let (by_name, by_address): (Vec<_>, Vec<_>) = found.into_iter().partition(|(rung, _)| !rung.is_address());
    let by_address = nearest(mail, by_address);
    if let Some(conclusion) = by_ladder(mail, &by_name, &by_address) {
        return conclusion;
    }
    match by_addresses(mail, &by_address, ours) {
        Some(conclusion) => conclusion,
        None => looks_like_ours(mail, ours).map_or(Conclusion::NotOurs, |why| Conclusion::LooksLikeOurs { why }),
    }
}

/// Our letter come back to us, or what we wrote to somebody else: but not an organiser who answers an invitation of their own.
fn is_own(mail: &Mail, found: &[(Rung, Candidate)], ours: &Ours<'_>) -> bool {
    let is_us = |address: &Address| ours.addresses.iter().any(|own| same_mailbox(own, address));
    let Some(from) = mail.from.as_ref().map(|from| &from.email).filter(|from| is_us(from)) else { return false };
    if matches!(mail.kind, MailKind::Bounce | MailKind::Complaint) {
        return false;
    }
    let our_form = mail.message_id.as_deref().is_some_and(|id| clues::of_message_id(id).is_some());
    let answers = matches!(mail.kind, MailKind::Reply | MailKind::Calendar)
        && mail.recipients.iter().any(is_us)
        && found.iter().any(|(rung, candidate)| !rung.is_address() && same_mailbox(&candidate.email, from));
    our_form || !answers
}

type Found<'a> = [&'a (Rung, Candidate)];

/// By token, UID or thread: the strongest rung, then the sender among several there, then an open campaign.
fn by_ladder(mail: &Mail, found: &Found<'_>, addresses: &Found<'_>) -> Option<Conclusion> {
    let (strongest, _) = found.first()?;
    let here: Vec<&Candidate> = found.iter().filter(|(rung, _)| rung == strongest).map(|(_, candidate)| candidate).collect();
    let owner = here.iter().min_by_key(|c| (!is_from(mail, &c.email), c.closed))?;
    if owner.closed
        && mail.kind == MailKind::Reply
        && let Some(conclusion) = meant_for_another(mail, owner, addresses)
    {
        return Some(conclusion);
    }
    let (relation, mut flags) = if is_of_a_person(mail) { relation(mail, owner) } else { (Relation::Guest, Vec::new()) };
    if is_of_a_person(mail) {
        flags.extend(contradiction(owner, &here, found, relation));
        if relation != Relation::Guest
            && let Some((_, other)) =
                addresses.iter().find(|(_, other)| other.campaign == owner.campaign && !same_mailbox(&other.email, &owner.email))
        {
            flags.push(format!("the sender is another guest, {}", called(other)));
        }
        flags.extend(common_flags(mail, owner));
    }
    let mates = housemates(mail, owner, addresses);
    if mail.kind == MailKind::Reply && relation == Relation::Guest {
        flags.extend(whose(mail, owner, &mates));
    }
    let housemate = mates.first().map(|mate| called(mate));
    Some(Conclusion::Paired(Pairing { invitation: owner.invitation, rung: *strongest, relation, flags, housemate }))
}

/// The other guests of the campaign who read the owner's mail: a couple, an office. Not those whom another `+tag` tells apart.
fn housemates<'a>(mail: &Mail, owner: &Candidate, addresses: &Found<'a>) -> Vec<&'a Candidate> {
    let is_mate = |(rung, other): &&&(Rung, Candidate)| {
        let is_told_apart = other.email != owner.email && is_other_spelling(mail, *rung, other);
        let is_another = other.campaign == owner.campaign && other.invitation != owner.invitation;
        is_another && same_mailbox(&other.email, &owner.email) && !is_told_apart
    };
    let mut mates: Vec<&Candidate> = addresses.iter().filter(is_mate).map(|(_, other)| other).collect();
    mates.sort_by_key(|mate| mate.invitation);
    mates.dedup_by_key(|mate| mate.invitation);
    mates
}

/// Why a reply to a letter that lay before several guests may be of another than the one it was written to: it has the name of one of
/// the others. Where it has nobody's, the letter that it answers tells.
fn whose(mail: &Mail, owner: &Candidate, mates: &[&Candidate]) -> Option<String> {
    let from = mail.from.as_ref().map_or("", |from| from.name.as_str());
    let names =
        |mate: &&&Candidate| same_name(&mate.name, from) || [&mail.said, &mail.signature].iter().any(|text| is_named_in(&mate.name, text));
    let mate = mates.iter().find(names)?;
    let all: Vec<&Candidate> = [owner].into_iter().chain(mates.iter().copied()).collect();
    match by_guests_name(mail, &all) {
        Some(one) if one.invitation == owner.invitation => None,
        Some(other) => {
            Some(format!("it answers the letter to {}, and has the name of {} at the same address", called(owner), called(other)))
        }
        None => Some(format!("{} has the same address, and it does not say which of them answers", called(mate))),
    }
}

/// Words that answer a letter about an event that is over, from somebody who is invited to another one: people reply to whatever
/// letter they find, and nobody goes through the looks of a campaign that is over. A calendar answer names its event itself, and
/// nobody answers an invitation that has not left.
fn meant_for_another(mail: &Mail, answered: &Candidate, addresses: &Found<'_>) -> Option<Conclusion> {
    const OVER: &str = "it answers an earlier letter, about an event that is over";
    let mut open: Vec<&(Rung, Candidate)> =
        addresses.iter().copied().filter(|(_, other)| !other.closed && other.reached && is_from(mail, &other.email)).collect();
    open.sort_by_key(|(rung, other)| (other.invitation, *rung));
    open.dedup_by_key(|(_, other)| other.invitation);
    let (_, first) = open.first()?;
    let mut same = open.iter().filter(|(_, other)| may_be_one(&other.name, &answered.name));
    if let (Some((rung, owner)), None) = (same.next(), same.next()) {
        let (relation, strange) = relation(mail, owner);
        let flags = [OVER.to_owned()].into_iter().chain(strange).chain(common_flags(mail, owner)).collect();
        let housemate = housemates(mail, owner, addresses).first().map(|mate| called(mate));
        return Some(Conclusion::Paired(Pairing { invitation: owner.invitation, rung: *rung, relation, flags, housemate }));
    }
    let others: Vec<&Candidate> = open.iter().map(|(_, other)| other).collect();
    let why = format!("{OVER}, and {} stands for other invitations ({}): it does not say which", first.email, all_called(&others));
    Some(Conclusion::LooksLikeOurs { why })
}

/// True where nothing in two names on one mailbox says that they are of two persons.
fn may_be_one(one: &str, other: &str) -> bool {
    one.is_empty() || other.is_empty() || same_name(one, other) || words(one) == words(other)
}

/// Another invitation named by the same rung, or by a rung that does not carry history.
fn contradiction(owner: &Candidate, here: &[&Candidate], found: &Found<'_>, relation: Relation) -> Option<String> {
    let differs = |other: &&Candidate| other.invitation != owner.invitation && (other.campaign == owner.campaign || !other.closed);
    let carries_history = |rung: Rung| matches!(rung, Rung::References | Rung::QuotedToken);
    let quiet = |other: &Candidate| relation == Relation::Guest && !same_mailbox(&other.email, &owner.email);
    let other = here
        .iter()
        .copied()
        .filter(|other| !quiet(other))
        .chain(found.iter().filter(|(rung, _)| !carries_history(*rung)).map(|(_, other)| other))
        .find(differs)?;
    Some(format!("it names two invitations, of {} and of {}", called(owner), called(other)))
}

/// By address alone, where that names one guest.
fn by_addresses(mail: &Mail, found: &Found<'_>, ours: &Ours<'_>) -> Option<Conclusion> {
    let open: Vec<&&(Rung, Candidate)> = found.iter().filter(|(_, candidate)| !candidate.closed).collect();
    let (strongest, first) = open.first().map(|found| (found.0, &found.1))?;
    let mut here: Vec<&Candidate> = open.iter().filter(|(rung, _)| *rung == strongest).map(|(_, candidate)| candidate).collect();
    here.sort_by_key(|candidate| candidate.invitation);
    here.dedup_by_key(|candidate| candidate.invitation);
    let owner = match here.as_slice() {
        [] => return None,
        [one] => one,
        several => {
            let Some(one) = by_guests_name(mail, several) else {
                let from = mail.from.as_ref().filter(|_| strongest == Rung::From).map_or(&first.email, |from| &from.email);
                let why = format!("{from} stands for several invitations ({}), and it does not say which", all_called(several));
                return Some(Conclusion::LooksLikeOurs { why });
            };
            one
        }
    };
    let (relation, mut flags) = if is_of_a_person(mail) { relation(mail, owner) } else { (Relation::Guest, Vec::new()) };
    if is_of_a_person(mail) {
        let elsewhere = !mail.in_reply_to.is_empty() || subjects::is_reply(&mail.subject) || subjects::is_forward(&mail.subject);
        if mail.kind == MailKind::Reply && elsewhere && !ours.quotes_us && !subjects::is_ours(&mail.subject, ours.subjects) {
            flags.push("it answers another message, not the invitation".to_owned());
        }
        if mail.kind == MailKind::Calendar {
            flags.push("its calendar answer does not name an event that we sent".to_owned());
        }
        if strongest == Rung::From
            && let Some(from) = &mail.from
            && !same_tag(&from.email, &owner.email)
        {
            let why = "only its sender's address ties it to the invitation, and that is not quite the guest's";
            flags.push(format!("{why}: {}, not {}", from.email, owner.email));
        }
        flags.extend(common_flags(mail, owner));
    }
    let housemate = housemates(mail, owner, found).first().map(|mate| called(mate));
    Some(Conclusion::Paired(Pairing { invitation: owner.invitation, rung: strongest, relation, flags, housemate }))
}

/// Whoever has the very address comes before all who have another spelling of it: those count where nobody has it in an open campaign.
fn nearest<'a>(mail: &Mail, mut found: Vec<&'a (Rung, Candidate)>) -> Vec<&'a (Rung, Candidate)> {
    if found.iter().any(|(rung, candidate)| !candidate.closed && !is_other_spelling(mail, *rung, candidate)) {
        found.retain(|(rung, candidate)| !is_other_spelling(mail, *rung, candidate));
    }
    found
}

/// Whether the sender's address led to a guest who has another spelling of it.
fn is_other_spelling(mail: &Mail, rung: Rung, candidate: &Candidate) -> bool {
    rung == Rung::From && mail.from.as_ref().is_some_and(|from| from.email != candidate.email)
}

/// An office mailbox: the one guest whose name stands with the sender, in the text or under it.
fn by_guests_name<'a>(mail: &Mail, several: &[&'a Candidate]) -> Option<&'a Candidate> {
    let from = mail.from.as_ref().map_or("", |from| from.name.as_str());
    let one = |by: &dyn Fn(&Candidate) -> bool| {
        let mut named = several.iter().filter(|candidate| by(candidate));
        named.next().filter(|_| named.next().is_none()).copied()
    };
    let says = |candidate: &Candidate| is_named_in(&candidate.name, &mail.said);
    // A text that names two of them is about both, whoever sent it.
    if several.iter().filter(|candidate| says(candidate)).count() > 1 {
        return None;
    }
    let named = one(&|c| says(c));
    let signed = one(&|c| same_name(&c.name, from)).or_else(|| one(&|c| is_named_in(&c.name, &mail.signature)));
    match (named, signed) {
        (Some(named), Some(signed)) if named.invitation != signed.invitation => None,
        (named, signed) => named.or(signed),
    }
}

/// Why a calendar answer needs a look that answers an older version of the event than the guest was sent last.
///
/// `sent` is the highest SEQUENCE that this guest was sent (RFC 5546 §2.1.5); an answer without one counts as 0.
pub fn stale(mail: &Mail, sent: u32) -> Option<String> {
    let answered = mail.calendar.as_ref()?.sequence;
    (answered < sent).then(|| format!("it answers an older version of the event ({answered}; the newest is {sent})"))
}

fn common_flags(mail: &Mail, owner: &Candidate) -> Vec<String> {
    let mut flags = Vec::new();
    if mail.verified == Some(false) {
        flags.push("the receiving server could not verify the sender".to_owned());
    }
    if owner.closed {
        flags.push("it answers a campaign that is over".to_owned());
    }
    flags
}

/// Who wrote, and why a look is needed where that is not plainly the guest.
fn relation(mail: &Mail, owner: &Candidate) -> (Relation, Vec<String>) {
    let calendar = mail.calendar.as_ref();
    let is_owner = |address: Option<&Address>| address.is_some_and(|address| same_mailbox(address, &owner.email));
    let from = mail.from.as_ref();
    let from_owner = is_owner(from.map(|from| &from.email));
    let attendee = calendar.and_then(|c| c.attendee.as_ref());
    if is_owner(attendee) {
        // The program that holds the guest's calendar speaks for them, whoever's mailbox it sent from.
        let by_other = calendar.is_some_and(|c| c.sent_by.as_ref().is_some_and(|by| !same_mailbox(by, &owner.email)));
        return match (from_owner || is_owner(mail.reply_to.as_ref()), by_other) {
            (_, true) => (Relation::Assistant, Vec::new()),
            (true, false) => (Relation::Guest, Vec::new()),
            (false, false) => (Relation::Alias, from.and_then(|from| by_another(from, owner)).into_iter().collect()),
        };
    }
    if let Some(delegate) = attendee.filter(|_| is_owner(calendar.and_then(|c| c.delegated_from.as_ref()))) {
        // RFC 5546 §3.2.2.3: the delegate answers for themselves and names who passed the invitation on.
        let how = format!("{delegate} answers, to whom {} passed the invitation on", owner.email);
        return (Relation::Delegate, vec![how]);
    }
    if from_owner || is_owner(mail.reply_to.as_ref()) {
        return match attendee {
            Some(attendee) if !is_alias(attendee, mail, owner) => {
                (Relation::Forwarded, vec![format!("the calendar answer is of {attendee}, not of {}", owner.email)])
            }
            Some(_) => (Relation::Alias, Vec::new()),
            // Whoever writes chooses where answers go.
            None => (Relation::Guest, from.filter(|_| !from_owner).and_then(|from| by_another(from, owner)).into_iter().collect()),
        };
    }
    let Some(from) = from else { return (Relation::Stranger, vec!["it does not say who sent it".to_owned()]) };
    let named = same_name(&from.name, &owner.name);
    if named && same_house(&from.email, &owner.email) {
        return (Relation::Alias, Vec::new());
    }
    let flag = |relation, how: &str| {
        let by = format!("answered by {}, not by {}", from.email, owner.email);
        (relation, vec![if how.is_empty() { by } else { format!("{by}: {how}") }])
    };
    if named {
        return flag(Relation::Alias, "the same name from another address");
    }
    if is_owner(mail.sender.as_ref()) || is_owner(calendar.and_then(|c| c.sent_by.as_ref())) {
        return flag(Relation::Assistant, "sent by the guest in another's name");
    }
    if calendar.and_then(|c| c.delegated_to.as_ref()).is_some_and(|to| same_mailbox(to, &from.email)) {
        return flag(Relation::Delegate, "the guest passed the invitation on to them");
    }
    if same_house(&from.email, &owner.email) {
        return flag(Relation::Assistant, "somebody of the same organisation");
    }
    if subjects::is_forward(&mail.subject) || attendee.is_some_and(|a| same_mailbox(a, &from.email)) {
        return flag(Relation::Forwarded, "the invitation was forwarded");
    }
    flag(Relation::Stranger, "")
}

/// Why a mail that names the guest may not be theirs: it comes from another house, under another name.
fn by_another(from: &Mailbox, owner: &Candidate) -> Option<String> {
    let own = same_mailbox(&from.email, &owner.email) || same_house(&from.email, &owner.email) || same_name(&from.name, &owner.name);
    (!own).then(|| format!("it names {}, but {} sent it", owner.email, from.email))
}

/// Another address of the guest in the calendar answer: one name, or a name that the answer does not give, in one house.
fn is_alias(attendee: &Address, mail: &Mail, owner: &Candidate) -> bool {
    let from = mail.from.as_ref().map_or("", |from| from.name.as_str());
    let owner_wrote = mail.from.as_ref().is_some_and(|from| same_mailbox(&from.email, &owner.email));
    owner_wrote && (same_house(attendee, &owner.email) || same_name(from, &owner.name))
}

fn is_from(mail: &Mail, email: &Address) -> bool {
    let attendee = mail.calendar.as_ref().and_then(|c| c.attendee.as_ref());
    let senders = [mail.from.as_ref().map(|from| &from.email), mail.reply_to.as_ref(), attendee];
    senders.into_iter().flatten().any(|address| same_mailbox(address, email))
}

fn is_of_a_person(mail: &Mail) -> bool {
    matches!(mail.kind, MailKind::Reply | MailKind::Calendar)
}

fn called(candidate: &Candidate) -> String {
    if candidate.name.is_empty() { candidate.email.to_string() } else { format!("{} <{}>", candidate.name, candidate.email) }
}

/// The first five; who is invited to several campaigns is named once.
fn all_called(candidates: &[&Candidate]) -> String {
    let mut names: Vec<(String, usize)> = Vec::new();
    for name in candidates.iter().map(|candidate| called(candidate)) {
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, campaigns)) => *campaigns += 1,
            None => names.push((name, 1)),
        }
    }
    let shown = names.into_iter().take(5).map(|(name, campaigns)| match campaigns {
        1 => name,
        _ => format!("{name} in {campaigns} campaigns"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

fn looks_like_ours(mail: &Mail, ours: &Ours<'_>) -> Option<String> {
    if !is_of_a_person(mail) {
        return None;
    }
    let from = mail.from.as_ref().map_or_else(|| "an unknown sender".to_owned(), |from| from.email.to_string());
    let how = if mail.kind == MailKind::Calendar {
        "it is a calendar answer"
    } else if ours.quotes_us {
        "it quotes our invitation"
    } else if subjects::is_ours(&mail.subject, ours.subjects) {
        "it has the subject of our invitation"
    } else if mail.button.is_some() {
        "it comes from an answer button"
    } else {
        return namesake(mail, ours);
    };
    Some(format!("{how}, but {from} is not a guest"))
}

/// Nothing but the sender's name says that the mail may be ours: that of a guest of an open campaign, at another address. In the
/// middle of another conversation it is not.
fn namesake(mail: &Mail, ours: &Ours<'_>) -> Option<String> {
    if !mail.in_reply_to.is_empty() || subjects::is_reply(&mail.subject) {
        return None;
    }
    let from = mail.from.as_ref()?;
    let guest = ours.namesakes.iter().find(|guest| !guest.closed && same_name(&guest.name, &from.name))?;
    Some(format!("it comes from {}, who is not a guest but has the name of one, {}", from.email, called(guest)))
}
