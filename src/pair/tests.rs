use super::*;
use crate::model::{Answer, Token, mail::Mailbox};
use crate::pair::Clue;
use crate::pair::persons::tests::{address, calendar, mail};
use proptest::prelude::*;

const NO_SUBJECTS: &[String] = &[];

fn us() -> Vec<Address> {
    vec![address("workshop@us.example")]
}

fn guest(invitation: i64, email: &str, name: &str) -> Candidate {
    let token = Token::from_bits(u64::try_from(invitation).unwrap());
    Candidate { invitation, campaign: 1, token, email: address(email), name: name.into(), closed: false, reached: true }
}

fn ana() -> Candidate {
    guest(1, "ana.pop@city.example", "Ana Pop")
}

fn weigh(mail: &Mail, found: &[(Rung, Candidate)]) -> Conclusion {
    conclude(mail, found, &Ours { addresses: &us(), subjects: &["Workshop online".into()], quotes_us: false, namesakes: &[] })
}

fn pairing(mail: &Mail, found: &[(Rung, Candidate)]) -> Pairing {
    match weigh(mail, found) {
        Conclusion::Paired(pairing) => pairing,
        other => panic!("{other:?}"),
    }
}

fn named(email: &str, name: &str) -> Mail {
    let mut mail = mail(email);
    mail.from = Some(Mailbox { name: name.into(), email: address(email) });
    mail
}

#[test]
fn each_rung_alone_pairs_the_guest_in_order() {
    use Rung::*;
    for rung in [RecipientToken, Organizer, CalendarUid, InReplyTo, References, SubjectToken, QuotedToken, ReturnedId] {
        let pairing = pairing(&mail("Ana.Pop+x@city.example"), &[(rung, ana())]);
        assert_eq!(pairing, Pairing { invitation: 1, rung, relation: Relation::Guest, flags: vec![], housemate: None });
    }
    for rung in [ReplyTo, From] {
        let pairing = pairing(&mail("Ana.Pop@city.example"), &[(rung, ana())]);
        assert_eq!(pairing, Pairing { invitation: 1, rung, relation: Relation::Guest, flags: vec![], housemate: None });
    }
}

#[test]
fn another_spelling_of_one_guests_address_is_theirs() {
    let by_spelling = |from: &str, guests: &[Candidate]| {
        let found: Vec<_> = guests.iter().map(|guest| (Rung::From, guest.clone())).collect();
        weigh(&mail(from), &found)
    };
    for (from, email, in_order) in [
        ("a.na.pop@gmail.com", "anapop@gmail.com", true),
        ("ana.pop@googlemail.com", "ana.pop@gmail.com", true),
        ("ana.pop+x@gmail.com", "anapop+x@gmail.com", true),
        ("ana.pop+news@gmail.com", "anapop@gmail.com", false),
        // A habit of many servers, and a law of none.
        ("ana+news@city.example", "ana@city.example", false),
        ("ana@city.example", "ana+news@city.example", false),
        ("ana+work@city.example", "ana+news@city.example", false),
    ] {
        let Conclusion::Paired(pairing) = by_spelling(from, &[guest(1, email, "Ana Pop")]) else { panic!("{from} is nobody") };
        let Pairing { invitation, rung, relation, flags, .. } = pairing;
        assert_eq!((invitation, rung, relation, flags.is_empty()), (1, Rung::From, Relation::Guest, in_order), "{from}: {flags:?}");
        assert!(flags.iter().all(|why| why.contains(from) && why.contains(email)), "{flags:?}");
    }
    let (dan, office) = (guest(1, "office+dan@city.example", "Dan Rus"), guest(2, "office@city.example", "Ana Pop"));
    let Conclusion::Paired(exact) = by_spelling("office@city.example", &[dan.clone(), office.clone()]) else { panic!("nobody") };
    assert_eq!((exact.invitation, exact.flags.is_empty()), (2, true), "the very address comes first");
    let over = Candidate { closed: true, ..office.clone() };
    let Conclusion::Paired(open) = by_spelling("office@city.example", &[dan.clone(), over]) else { panic!("nobody") };
    assert_eq!((open.invitation, open.flags.len()), (1, 1));
    // Who answers a letter with a token is told apart by its tag.
    let (first, second) = (guest(1, "me+1@city.example", ""), guest(2, "me+2@city.example", ""));
    let found = [(Rung::InReplyTo, first.clone()), (Rung::From, first), (Rung::From, second)];
    for from in ["me@city.example", "me+1@city.example"] {
        let answer = pairing(&mail(from), &found);
        assert_eq!((answer.invitation, answer.flags.len(), answer.housemate), (1, 0, None), "{from}");
    }
    // Two others: the name tells, or nobody does.
    let Conclusion::LooksLikeOurs { why } = by_spelling("office+x@city.example", &[dan.clone(), office.clone()]) else { panic!("a guess") };
    assert!(why.starts_with("office+x@city.example stands for several invitations"), "{why}");
    let named = pairing(&named("office+x@city.example", "Dan RUS"), &[(Rung::From, dan), (Rung::From, office)]);
    assert_eq!((named.invitation, named.flags.len()), (1, 1));
}

#[test]
fn who_is_invited_to_several_campaigns_is_named_once() {
    let ball = Candidate { campaign: 2, ..guest(2, "ana.pop@city.example", "Ana Pop") };
    let found = [(Rung::From, ana()), (Rung::From, ball)];
    let Conclusion::LooksLikeOurs { why } = weigh(&mail("ana.pop@city.example"), &found) else { panic!("a guess") };
    assert!(why.contains("(Ana Pop <ana.pop@city.example> in 2 campaigns)"), "{why}");
}

#[test]
fn the_strongest_rung_decides() {
    let rus = guest(2, "dan.rus@city.example", "Dan Rus");
    let found = [(Rung::From, rus.clone()), (Rung::References, rus), (Rung::RecipientToken, ana())];
    let pairing = pairing(&mail("ana.pop@city.example"), &found);
    assert_eq!((pairing.invitation, pairing.rung, pairing.flags.is_empty()), (1, Rung::RecipientToken, true));
}

#[test]
fn tokens_that_disagree_are_looked_at() {
    let found = [(Rung::RecipientToken, ana()), (Rung::SubjectToken, guest(2, "dan.rus@city.example", "Dan Rus"))];
    let pairing = pairing(&mail("ana.pop@city.example"), &found);
    assert_eq!(pairing.invitation, 1);
    assert_eq!(pairing.flags.len(), 1);
}

#[test]
fn who_answers_is_told_apart() {
    let cases: [(&str, &str, Relation, bool); 6] = [
        ("ana.pop@city.example", "x", Relation::Guest, true),
        ("apop@mail.city.example", "Pop Ana", Relation::Alias, true),
        ("ana.pop@gmail.com", "Ana Pop", Relation::Alias, false),
        ("dan.rus@city.example", "Dan Rus", Relation::Assistant, false),
        ("dan@else.example", "Dan Rus", Relation::Stranger, false),
        ("dan@else.example", "", Relation::Stranger, false),
    ];
    for (email, name, relation, in_order) in cases {
        let pairing = pairing(&named(email, name), &[(Rung::InReplyTo, ana())]);
        assert_eq!((pairing.relation, pairing.flags.is_empty()), (relation, in_order), "{email} {name}");
    }
}

#[test]
fn a_forward_that_another_guest_answers() {
    let mut mail = named("dan.rus@else.example", "Dan Rus");
    mail.subject = "Fwd: Workshop online".into();
    let found = [(Rung::SubjectToken, ana()), (Rung::From, guest(2, "dan.rus@else.example", "Dan Rus"))];
    let pairing = pairing(&mail, &found);
    assert_eq!((pairing.invitation, pairing.relation), (1, Relation::Forwarded));
    assert_eq!(pairing.flags.len(), 2);
}

#[test]
fn calendar_answers() {
    let mut mail = mail("noreply@cloud.example");
    mail.kind = MailKind::Calendar;
    mail.calendar = Some(calendar(Some("ana.pop@city.example")));
    let found = [(Rung::CalendarUid, ana())];
    let by_other = pairing(&mail, &found);
    assert_eq!((by_other.relation, by_other.flags.len()), (Relation::Alias, 1), "anybody who was sent the invitation can write so");
    mail.reply_to = Some(address("ana.pop@city.example"));
    let by_program = pairing(&mail, &found);
    assert_eq!((by_program.relation, by_program.flags.is_empty()), (Relation::Guest, true));
    mail.calendar.as_mut().unwrap().sent_by = Some(address("help@city.example"));
    let assisted = pairing(&mail, &found);
    assert_eq!((assisted.relation, assisted.flags.is_empty()), (Relation::Assistant, true));
    // Passed on: the answer is of somebody else.
    let mut mail = named("dan@else.example", "Dan Rus");
    mail.kind = MailKind::Calendar;
    mail.calendar = Some(calendar(Some("dan@else.example")));
    let forwarded = pairing(&mail, &found);
    assert_eq!((forwarded.relation, forwarded.flags.len()), (Relation::Forwarded, 1));
    // An alias service rewrote From.
    let mut mail = named("ana.pop@city.example", "Ana Pop");
    mail.kind = MailKind::Calendar;
    mail.calendar = Some(calendar(Some("apop@city.example")));
    assert_eq!(pairing(&mail, &found).relation, Relation::Alias);
    // Anybody can write an attendee: without an event of ours it is looked at.
    assert_eq!(pairing(&mail, &[(Rung::Attendee, ana())]).flags.len(), 1);
}

#[test]
fn where_answers_go_does_not_tell_who_wrote() {
    for (email, name, in_order) in [
        ("eve@evil.example", "Eve", false),
        ("eve@evil.example", "", false),
        ("ana@home.example", "Ana Pop", true),
        ("front-desk@city.example", "Front desk", true),
    ] {
        let mut mail = named(email, name);
        mail.reply_to = Some(address("ana.pop@city.example"));
        let by_address = pairing(&mail, &[(Rung::ReplyTo, ana())]);
        let in_thread = pairing(&mail, &[(Rung::InReplyTo, ana())]);
        assert_eq!((by_address.flags.is_empty(), in_thread.flags.is_empty()), (in_order, in_order), "{email} {name}");
    }
}

#[test]
fn an_office_mailbox_is_resolved_by_name() {
    let office = |invitation, name: &str| (Rung::From, guest(invitation, "office@city.example", name));
    let found = [office(1, "Ana Pop"), office(2, "Dan Rus"), office(3, "Dan Rusu")];
    assert!(matches!(weigh(&mail("office@city.example"), &found), Conclusion::LooksLikeOurs { .. }));
    assert_eq!(pairing(&named("office@city.example", "Dan RUS"), &found).invitation, 2);
    let mut signed = mail("office@city.example");
    signed.signature = "Ana Pop\nPrimaria".into();
    assert_eq!(pairing(&signed, &found).invitation, 1);
    let mut said = named("office@city.example", "Primăria");
    said.said = "Doamna Ana Pop va participa.".into();
    assert_eq!(pairing(&said, &found).invitation, 1);
    let mut both = named("office@city.example", "Ana Pop");
    both.said = "Ana Pop vine, Dan Rus nu.".into();
    assert!(matches!(weigh(&both, &found), Conclusion::LooksLikeOurs { .. }));
    // A token needs no name.
    let token = [office(1, "Ana Pop"), office(2, "Dan Rus"), (Rung::SubjectToken, guest(2, "office@city.example", "Dan Rus"))];
    let pairing = pairing(&mail("office@city.example"), &token);
    assert_eq!((pairing.invitation, pairing.relation, pairing.flags.is_empty()), (2, Relation::Guest, true));
}

/// A couple at one address, and what is strange of a reply to Peter's letter with these names.
fn in_the_house(from: &str, said: &str, signature: &str) -> Pairing {
    let couple = [guest(1, "home@house.example", "Peter Schmidt"), guest(2, "home@house.example", "Petra Schmidt")];
    let mut mail = named("home@house.example", from);
    (mail.said, mail.signature) = (said.into(), signature.into());
    let mut found = vec![(Rung::InReplyTo, couple[0].clone())];
    found.extend(couple.map(|one| (Rung::From, one)));
    pairing(&mail, &found)
}

#[test]
fn at_one_address_a_name_tells_who_answers_a_letter() {
    for (from, said, signature, strange) in [
        ("Peter Schmidt", "Yes, I will come.", "", None),
        ("Familie Schmidt", "Yes, I will come.\nPeter Schmidt", "", None),
        ("", "Yes", "Schmidt, Peter", None),
        ("Petra Schmidt", "Yes, I will come.\nPetra Schmidt", "", Some("has the name of Petra Schmidt")),
        ("Petra Schmidt", "No", "", Some("has the name of Petra Schmidt")),
        ("Familie Schmidt", "No, I cannot.", "", None),
        ("Peter Schmidt", "Petra Schmidt will come.", "", Some("does not say which of them answers")),
        ("Peter Schmidt", "We come, Peter Schmidt and Petra Schmidt", "", Some("does not say which of them answers")),
    ] {
        let pairing = in_the_house(from, said, signature);
        assert_eq!((pairing.invitation, pairing.relation), (1, Relation::Guest));
        assert!(pairing.housemate.is_some_and(|mate| mate.contains("Petra Schmidt")));
        match strange {
            None => assert!(pairing.flags.is_empty(), "{from}: {said}: {:?}", pairing.flags),
            Some(words) => assert!(pairing.flags.iter().any(|flag| flag.contains(words)), "{from}: {said}: {:?}", pairing.flags),
        }
    }
}

#[test]
fn an_address_alone_answers_only_what_we_sent() {
    let found = [(Rung::From, ana())];
    let mut other = mail("ana.pop@city.example");
    other.subject = "Re: Factura 12".into();
    assert_eq!(pairing(&other, &found).flags.len(), 1);
    other.subject = "Re: Workshop online".into();
    assert!(pairing(&other, &found).flags.is_empty());
    let closed = Candidate { closed: true, ..ana() };
    assert_eq!(weigh(&mail("ana.pop@city.example"), &[(Rung::From, closed.clone())]), Conclusion::NotOurs);
    assert_eq!(pairing(&mail("ana.pop@city.example"), &[(Rung::InReplyTo, closed.clone())]).flags.len(), 1);
    let open = Candidate { invitation: 2, campaign: 2, closed: false, ..ana() };
    assert_eq!(pairing(&mail("ana.pop@city.example"), &[(Rung::From, closed), (Rung::From, open)]).invitation, 2);
}

#[test]
fn an_answer_to_last_years_letter_is_looked_at_where_the_guest_is_invited_now() {
    let last_year = Candidate { closed: true, ..ana() };
    let this_year = |invitation, name: &str| {
        (Rung::From, Candidate { invitation, campaign: 1 + invitation, ..guest(invitation, "ana.pop@city.example", name) })
    };
    let answers = (Rung::InReplyTo, last_year.clone());
    let mut yes = named("ana.pop@city.example", "Ana Pop");
    let found = [answers.clone(), (Rung::From, last_year), this_year(2, "Pop, Ana")];
    let now = pairing(&yes, &found);
    assert_eq!((now.invitation, now.rung, now.relation), (2, Rung::From, Relation::Guest));
    assert_eq!(now.flags, ["it answers an earlier letter, about an event that is over"]);
    let (rung, waiting) = this_year(3, "Ana Pop");
    let waiting = (rung, Candidate { reached: false, ..waiting });
    assert_eq!(pairing(&yes, &[answers.clone(), waiting.clone()]).invitation, 1, "nobody has read what has not left");
    assert_eq!(pairing(&yes, &[answers.clone(), this_year(2, "Ana Pop"), waiting]).invitation, 2);
    for others in [vec![this_year(2, "Ana Pop"), this_year(3, "Ana Pop")], vec![this_year(2, "Dan Rus")]] {
        let found: Vec<_> = [answers.clone()].into_iter().chain(others).collect();
        let Conclusion::LooksLikeOurs { why } = weigh(&yes, &found) else { panic!("nobody sees it") };
        assert!(why.contains("it does not say which"), "{why}");
    }
    // From another mailbox nothing says that it is about the event of now, and a calendar answer names its event.
    assert_eq!(pairing(&named("ana@home.example", "Ana Pop"), &found).invitation, 1);
    yes.kind = MailKind::Calendar;
    yes.calendar = Some(calendar(Some("ana.pop@city.example")));
    assert_eq!(pairing(&yes, &found).invitation, 1);
}

#[test]
fn bounces_trust_what_came_back_before_addresses() {
    let mut bounce = mail("mailer-daemon@mx.example");
    bounce.kind = MailKind::Bounce;
    let other = guest(2, "dan@else.example", "Dan");
    let found = [(Rung::BounceRecipient, other.clone()), (Rung::ReturnedId, ana())];
    assert_eq!(pairing(&bounce, &found).invitation, 1);
    let pairing = pairing(&bounce, &found[..1]);
    assert_eq!((pairing.invitation, pairing.flags.is_empty()), (2, true));
    assert_eq!(weigh(&bounce, &[]), Conclusion::NotOurs);
}

#[test]
fn a_failed_verification_is_a_flag() {
    let mut mail = mail("ana.pop@city.example");
    mail.verified = Some(false);
    assert_eq!(pairing(&mail, &[(Rung::RecipientToken, ana())]).flags.len(), 1);
}

#[test]
fn our_own_mail_is_no_answer() {
    let mut own = mail("workshop@us.example");
    own.message_id = Some("<invitation.k7q2m9x4t8wn.1@us.example>".into());
    assert_eq!(weigh(&own, &[(Rung::SubjectToken, ana())]), Conclusion::Own);
    own.message_id = None;
    own.recipients = vec![address("ana.pop@city.example")];
    assert_eq!(weigh(&own, &[(Rung::SubjectToken, ana())]), Conclusion::Own);
    // The organiser tries the campaign on themselves.
    own.recipients = vec![address("workshop+k7q2m9x4t8wn@us.example")];
    let me = guest(9, "workshop@us.example", "Me");
    assert_eq!(pairing(&own, &[(Rung::RecipientToken, me)]).relation, Relation::Guest);
}

#[test]
fn what_looks_like_an_answer_is_shown() {
    let looks = |mail: &Mail| matches!(weigh(mail, &[]), Conclusion::LooksLikeOurs { .. });
    let mut mail = mail("who@else.example");
    assert_eq!(weigh(&mail, &[]), Conclusion::NotOurs);
    mail.subject = "RE: Workshop online".into();
    assert!(looks(&mail));
    mail.subject = String::new();
    mail.button = Some(Answer::Accept);
    assert!(looks(&mail));
    mail.button = None;
    mail.kind = MailKind::Calendar;
    assert!(looks(&mail));
    mail.kind = MailKind::Auto;
    assert_eq!(weigh(&mail, &[]), Conclusion::NotOurs);
    mail.kind = MailKind::Reply;
    let ours = Ours { addresses: &us(), subjects: NO_SUBJECTS, quotes_us: true, namesakes: &[] };
    assert!(matches!(conclude(&mail, &[], &ours), Conclusion::LooksLikeOurs { .. }));
}

#[test]
fn a_strange_address_with_the_name_of_a_guest_is_shown() {
    let with = |mail: &Mail, guest: Candidate| {
        conclude(mail, &[], &Ours { addresses: &us(), subjects: NO_SUBJECTS, quotes_us: false, namesakes: &[guest] })
    };
    let stefan = || guest(4, "s.popescu@city.example", "Ștefan Popescu");
    let mut mail = named("stefan.popescu@gmail.com", "Stefan POPESCU");
    mail.subject = "Confirmare workshop 29 decembrie".into();
    let Conclusion::LooksLikeOurs { why } = with(&mail, stefan()) else { panic!("it is not shown") };
    assert_eq!(
        why,
        "it comes from stefan.popescu@gmail.com, who is not a guest but has the name of one, Ștefan Popescu <s.popescu@city.example>"
    );
    assert_eq!(with(&mail, ana()), Conclusion::NotOurs);
    let mut answer = mail.clone();
    answer.in_reply_to = vec!["<budget@city.example>".into()];
    assert_eq!(with(&answer, stefan()), Conclusion::NotOurs, "in the middle of another conversation");
    assert_eq!(with(&Mail { subject: "Re: buget".into(), ..mail.clone() }, stefan()), Conclusion::NotOurs);
    assert_eq!(with(&mail, Candidate { closed: true, ..stefan() }), Conclusion::NotOurs);
    mail.kind = MailKind::Auto;
    assert_eq!(with(&mail, stefan()), Conclusion::NotOurs);
}

proptest! {
    #[test]
    fn any_text_is_survived(subject in ".*", quoted in ".*", said in ".*", uid in ".*", name in ".*", id in ".*") {
        let mut mail = named("office@city.example", &name);
        (mail.subject, mail.quoted, mail.said) = (subject, quoted, said);
        mail.in_reply_to = vec![id.clone()];
        mail.returned_ids = vec![format!("<{id}@x>")];
        mail.calendar = Some(calendar(None));
        mail.calendar.as_mut().unwrap().uid = Some(uid);
        let clues = crate::pair::clues(&mail);
        prop_assert!(clues.iter().any(|(_, clue)| matches!(clue, Clue::Address(..))));
        let found = [(Rung::From, guest(1, "office@city.example", "Ana Pop")), (Rung::From, guest(2, "office@city.example", "Dan Rus"))];
        weigh(&mail, &found);
    }
}

#[test]
fn a_megabyte_is_read_in_linear_time() {
    let mut mail = named("office@city.example", &"Ana ".repeat(250_000));
    mail.subject = "Re: ".repeat(250_000);
    mail.quoted = "[#".repeat(500_000);
    mail.said = "Ana ".repeat(250_000);
    let started = std::time::Instant::now();
    crate::pair::clues(&mail);
    weigh(&mail, &[(Rung::From, guest(1, "office@city.example", "Ana Pop")), (Rung::From, guest(2, "office@city.example", "Dan Rus"))]);
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn a_delegates_own_answer_is_of_a_delegate() {
    let mut mail = named("dan.rus@elsewhere.example", "Dan Rus");
    mail.kind = crate::model::MailKind::Calendar;
    let mut answer = calendar(Some("dan.rus@elsewhere.example"));
    answer.delegated_from = Some(address("Ana.Pop@city.example"));
    mail.calendar = Some(answer);
    for rung in [Rung::CalendarUid, Rung::RecipientToken] {
        let pairing = pairing(&mail, &[(rung, ana())]);
        assert_eq!(pairing.relation, Relation::Delegate, "{rung:?}");
        assert_eq!(pairing.flags.len(), 1, "{:?}", pairing.flags);
    }
    if let Some(answer) = &mut mail.calendar {
        answer.delegated_from = Some(address("somebody@else.example"));
    }
    assert_eq!(pairing(&mail, &[(Rung::CalendarUid, ana())]).relation, Relation::Forwarded);
}

#[test]
fn an_answer_to_an_older_version_is_looked_at() {
    let mut mail = mail("ana.pop@city.example");
    assert_eq!(stale(&mail, 2), None);
    mail.calendar = Some(calendar(Some("ana.pop@city.example")));
    for (answered, sent, flagged) in [(0, 0, false), (0, 1, true), (1, 1, false), (2, 1, false), (1, 2, true)] {
        if let Some(answer) = &mut mail.calendar {
            answer.sequence = answered;
        }
        assert_eq!(stale(&mail, sent).is_some(), flagged, "{answered} of {sent}");
    }
}
