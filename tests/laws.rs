//! The two laws of the house: every pair of a delivery and a signal, and standings over all short orders of facts.

use convoke::model::{Answer, Delegate, Delivery, Fact, Patience, Signal, Standing, StandingKind, standing::Answered};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).expect("in range")
}

fn why() -> String {
    "why".into()
}

fn deliveries() -> Vec<Delivery> {
    vec![
        Delivery::queued(at(0)),
        Delivery::Queued { due: at(5), attempts: 2, first: Some(at(0)), why: why() },
        Delivery::Sending { attempt: 1, first: at(0) },
        Delivery::Sent { at: at(0), receipt: "ok".into() },
        Delivery::Uncertain { since: at(0), why: why() },
        Delivery::Failed { at: at(0), why: why() },
        Delivery::Bounced { at: at(0), why: why() },
        Delivery::Cancelled { at: at(0), why: why() },
    ]
}

fn signals() -> Vec<Signal> {
    vec![
        Signal::Claimed,
        Signal::Accepted { receipt: "250 ok".into() },
        Signal::Deferred { why: why() },
        Signal::Rejected { why: why() },
        Signal::Unknown { why: why() },
        Signal::NotBegun { why: why() },
        Signal::Orphaned,
        Signal::Proven,
        Signal::Bounced { why: why() },
        Signal::Resend,
        Signal::Confirm,
        Signal::Cancelled { why: why() },
        Signal::TakenBack { before: Box::new(Delivery::Bounced { at: at(0), why: why() }) },
    ]
}

/// Rows: the signals above; columns: the deliveries above; "-" is unlawful.
const LAW: [[&str; 8]; 13] = [
    // queued, queued again, sending, sent, uncertain, failed, bounced, cancelled
    ["sending", "sending", "-", "-", "-", "-", "-", "-"],      // claimed
    ["-", "-", "sent", "sent", "-", "-", "bounced", "-"],      // accepted
    ["-", "-", "queued", "sent", "-", "-", "bounced", "-"],    // deferred
    ["-", "-", "failed", "sent", "-", "-", "bounced", "-"],    // rejected
    ["-", "-", "uncertain", "sent", "-", "-", "bounced", "-"], // unknown
    ["-", "-", "queued", "sent", "-", "-", "bounced", "-"],    // not begun
    ["-", "-", "uncertain", "sent", "-", "-", "bounced", "-"], // orphaned
    ["queued", "sent", "sent", "sent", "sent", "failed", "bounced", "cancelled"], // proven
    ["queued", "queued", "bounced", "bounced", "bounced", "failed", "bounced", "cancelled"], // bounced
    ["-", "-", "-", "-", "queued", "queued", "queued", "queued"], // resend
    ["sent", "sent", "-", "-", "sent", "-", "-", "-"],         // confirm
    ["cancelled", "cancelled", "-", "-", "cancelled", "-", "-", "-"], // cancelled
    ["bounced", "bounced", "-", "-", "-", "-", "-", "-"],      // taken back
];

#[test]
fn every_pair_of_delivery_and_signal() {
    let patience = Patience::default();
    for (signal, row) in signals().iter().zip(LAW) {
        for (delivery, expected) in deliveries().iter().zip(row) {
            let after = delivery.clone().after(signal.clone(), at(60), &patience);
            let word = after.as_ref().map_or("-", Delivery::as_str);
            assert_eq!(word, expected, "{delivery:?} + {signal:?}");
        }
    }
}

#[test]
fn what_is_taken_back_is_what_may_have_been_sent_again() {
    let before = |before: &Delivery| Signal::TakenBack { before: Box::new(before.clone()) };
    for was in deliveries() {
        let back = Delivery::queued(at(9)).after(before(&was), at(60), &Patience::default());
        let may = matches!(was, Delivery::Uncertain { .. } | Delivery::Failed { .. } | Delivery::Bounced { .. });
        assert_eq!(back.ok(), may.then_some(was));
    }
}

#[test]
fn nothing_but_the_organiser_sends_a_doubtful_letter_again() {
    for signal in signals() {
        let after = Delivery::Uncertain { since: at(0), why: why() }.after(signal.clone(), at(60), &Patience::default());
        assert_eq!(matches!(after, Ok(Delivery::Queued { .. })), signal == Signal::Resend, "{signal:?}");
    }
}

#[test]
fn a_deferred_letter_waits_longer_each_time_and_is_given_up_after_four_days() {
    let patience = Patience::default();
    let (mut delivery, mut now, mut pauses) = (Delivery::queued(at(0)), at(0), Vec::new());
    for _ in 0..100 {
        delivery = delivery.after(Signal::Claimed, now, &patience).expect("lawful");
        delivery = delivery.after(Signal::Deferred { why: why() }, now, &patience).expect("lawful");
        match &delivery {
            Delivery::Queued { due, .. } => {
                pauses.push(due.duration_since(now).as_mins());
                now = *due;
            }
            Delivery::Failed { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(pauses.get(..7), Some([6, 15, 30, 60, 120, 240, 240].as_slice()));
    assert!(matches!(delivery, Delivery::Failed { .. }));
    assert!(now.duration_since(at(0)) >= SignedDuration::from_hours(96));
}

#[test]
fn time_in_which_nothing_could_be_tried_gives_no_letter_up() {
    let week = 7 * 24 * 3600;
    let sending = |attempt| Delivery::Sending { attempt, first: at(0) };
    let after = |attempt| sending(attempt).after(Signal::Deferred { why: why() }, at(week), &Patience::default()).expect("lawful");
    assert!(matches!(after(2), Delivery::Queued { .. }), "the campaign was paused for a week");
    assert!(matches!(after(7), Delivery::Failed { .. }));
}

#[test]
fn trouble_of_the_relay_leaves_a_letter_as_it_was() {
    let claimed = Delivery::queued(at(0)).after(Signal::Claimed, at(9), &Patience::default()).expect("lawful");
    let after = claimed.after(Signal::NotBegun { why: why() }, at(10), &Patience::default()).expect("lawful");
    assert_eq!(after, Delivery::Queued { due: at(10), attempts: 0, first: None, why: why() });
}

fn said(mail: i64, answer: Answer, second: i64) -> Answered {
    Answered {
        mail,
        answer,
        party: None,
        question: false,
        unsubscribe: false,
        delegate: None,
        evidence: vec![format!("words of {mail}")],
        at: at(second),
        uid: u32::try_from(mail).expect("small"),
        calendar: None,
    }
}

fn ruled(answer: Answer) -> Fact {
    Fact::Ruled { answer, party: None, delegate: None, note: "by telephone".into(), mail: None }
}

fn kind(facts: &[Fact]) -> StandingKind {
    Standing::of(facts).kind
}

#[test]
fn the_last_answer_is_last_by_the_mailbox() {
    let early = Fact::Answered(said(1, Answer::Accept, 10));
    let late = Fact::Answered(said(2, Answer::Decline, 20));
    assert_eq!(kind(&[early.clone(), late.clone()]), StandingKind::Decline);
    assert_eq!(kind(&[late, early]), StandingKind::Decline);
}

#[test]
fn calendar_answers_are_ordered_by_sequence_then_dtstamp() {
    let calendar = |mail, answer, second, sequence, stamp: &str| {
        Fact::Answered(Answered { calendar: Some((sequence, stamp.into())), ..said(mail, answer, second) })
    };
    let stale = calendar(1, Answer::Accept, 30, 0, "20261201T100000Z");
    let fresh = calendar(2, Answer::Decline, 20, 0, "20261201T110000Z");
    let newer = calendar(3, Answer::Tentative, 10, 1, "20261201T090000Z");
    assert_eq!(kind(&[stale.clone(), fresh.clone()]), StandingKind::Decline);
    assert_eq!(kind(&[newer, stale, fresh.clone()]), StandingKind::Tentative);
    let words = Fact::Answered(said(4, Answer::Accept, 25));
    assert_eq!(kind(&[fresh, words]), StandingKind::Accept);
}

#[test]
fn an_unsure_mail_opens_a_look_and_changes_nothing_else() {
    let sure = Fact::Answered(said(1, Answer::Accept, 10));
    let unsure = Fact::Looked { mail: 2, why: vec!["not clear".into()], guess: Some(said(2, Answer::Decline, 20)) };
    let standing = Standing::of(&[sure.clone(), unsure.clone()]);
    assert_eq!((standing.kind, standing.answer, standing.sure), (StandingKind::NeedsLook, Answer::Accept, false));
    assert_eq!(standing.evidence, ["words of 2"]);
    assert_eq!(kind(&[sure.clone(), unsure.clone(), Fact::Dismissed { mail: 2 }]), StandingKind::Accept);
    assert_eq!(kind(&[sure, unsure, ruled(Answer::Decline)]), StandingKind::Decline);
}

#[test]
fn a_ruling_stands_until_the_guest_says_something_else() {
    let same = Fact::Answered(said(2, Answer::Accept, 20));
    let other = Fact::Answered(said(3, Answer::Decline, 30));
    assert_eq!(kind(&[ruled(Answer::Accept), same.clone()]), StandingKind::Accept);
    assert_eq!(kind(&[ruled(Answer::Accept), other.clone()]), StandingKind::NeedsLook);
    assert_eq!(kind(&[other.clone(), ruled(Answer::Accept)]), StandingKind::Accept);
    assert_eq!(kind(&[ruled(Answer::Accept), other.clone(), ruled(Answer::Decline)]), StandingKind::Decline);
    assert_eq!(kind(&[ruled(Answer::Accept), other, Fact::Dismissed { mail: 3 }]), StandingKind::Accept);
    let asks = Fact::Answered(Answered { question: true, ..said(4, Answer::Accept, 40) });
    let standing = Standing::of(&[ruled(Answer::Accept), asks.clone()]);
    assert_eq!((standing.kind, standing.question), (StandingKind::NeedsLook, true), "what is asked is not lost");
    assert_eq!(kind(&[ruled(Answer::Accept), asks.clone(), Fact::Dismissed { mail: 4 }]), StandingKind::Accept);
    let instead = Delegate { name: Some("Dan Rus".into()), email: None };
    let another = Fact::Answered(Answered { delegate: Some(instead), ..said(5, Answer::Delegate, 50) });
    assert_eq!(kind(&[ruled(Answer::Delegate), another]), StandingKind::NeedsLook, "another comes than the one recorded");
    assert!(Standing::of(&[asks, Fact::Answered(said(6, Answer::Accept, 60))]).question, "a later answer takes no question away");
}

#[test]
fn a_question_without_a_decision_needs_a_look_and_thanks_stay_silent() {
    let thanks = said(1, Answer::None, 10);
    let standing = Standing::of(&[Fact::Answered(said(2, Answer::None, 20)), Fact::Answered(thanks.clone())]);
    assert_eq!((standing.kind, standing.evidence), (StandingKind::Silent, vec!["words of 2".to_owned()]), "what they wrote is shown");
    assert_eq!(kind(&[Fact::Answered(Answered { question: true, ..thanks })]), StandingKind::NeedsLook);
    let asks = Answered { question: true, ..said(2, Answer::Accept, 20) };
    let standing = Standing::of(&[Fact::Answered(asks)]);
    assert_eq!((standing.kind, standing.question), (StandingKind::Accept, true));
}

#[test]
fn a_question_takes_no_decision_away() {
    let asks = Fact::Answered(Answered { question: true, ..said(2, Answer::None, 20) });
    for decided in [Fact::Answered(said(1, Answer::Accept, 10)), ruled(Answer::Accept)] {
        let standing = Standing::of(&[decided.clone(), asks.clone()]);
        assert_eq!((standing.kind, standing.people(), standing.question, standing.sure), (StandingKind::Accept, 1, true, true));
        assert!(!Standing::of(&[decided, asks.clone(), Fact::Dismissed { mail: 2 }]).question);
    }
    assert_eq!(kind(&[asks, Fact::Answered(said(3, Answer::Decline, 30))]), StandingKind::Decline);
}

#[test]
fn a_number_of_people_outlives_an_acceptance_without_one() {
    let party = |answers: &[Answered]| Standing::of(&answers.iter().cloned().map(Fact::Answered).collect::<Vec<_>>()).party;
    let of = |number: u32, answered: Answered| Answered { party: Some(number), ..answered };
    let three = of(3, said(1, Answer::Accept, 10));
    let click = |mail: i64| Answered { calendar: Some((0, format!("{mail}"))), ..said(mail, Answer::Accept, 10 * mail) };
    assert_eq!(party(&[three.clone(), click(2)]), Some(3));
    assert_eq!(party(&[click(2), three.clone()]), Some(3));
    assert_eq!(party(&[three.clone(), said(2, Answer::Tentative, 20), said(3, Answer::Accept, 30)]), Some(3));
    assert_eq!(party(&[three.clone(), of(1, said(2, Answer::Accept, 20)), click(3)]), Some(1));
    for answer in [Answer::Decline, Answer::Delegate] {
        assert_eq!(party(&[three.clone(), said(2, answer, 20), click(3)]), None, "{answer}");
    }
    assert_eq!(party(&[of(3, click(1)), click(2)]), None, "the calendar says each time who comes along");
}

#[test]
fn a_ruling_that_names_nobody_leaves_those_who_were_to_come() {
    let three = Fact::Answered(Answered { party: Some(3), ..said(1, Answer::Accept, 10) });
    let four = Fact::Ruled { answer: Answer::Accept, party: Some(4), delegate: None, note: String::new(), mail: None };
    let no = Fact::Answered(said(2, Answer::Decline, 20));
    let party = |facts: &[&Fact]| Standing::of(&facts.iter().map(|fact| (*fact).clone()).collect::<Vec<_>>()).party;
    let (accept, perhaps, decline) = (ruled(Answer::Accept), ruled(Answer::Tentative), ruled(Answer::Decline));
    assert_eq!((party(&[&three, &accept]), party(&[&three, &perhaps, &accept])), (Some(3), Some(3)));
    assert_eq!((party(&[&three, &four]), party(&[&three, &four, &accept])), (Some(4), Some(4)));
    assert_eq!((party(&[&three, &decline]), party(&[&three, &decline, &accept]), party(&[&three, &no, &accept])), (None, None, None));

    let dan = Some(Delegate { name: Some("Dan Rus".into()), email: None });
    let instead = Fact::Answered(Answered { delegate: dan.clone(), ..said(1, Answer::Delegate, 10) });
    let delegate = |facts: &[Fact]| Standing::of(facts).delegate;
    assert_eq!(delegate(&[instead.clone(), ruled(Answer::Delegate)]), dan);
    assert_eq!(delegate(&[instead.clone(), Fact::Answered(said(2, Answer::Delegate, 20))]), dan);
    assert_eq!(delegate(&[instead.clone(), ruled(Answer::Accept)]), None);
    let zoe = Some(Delegate { name: Some("Zoe".into()), email: None });
    let other = Fact::Ruled { answer: Answer::Delegate, party: None, delegate: zoe.clone(), note: String::new(), mail: None };
    assert_eq!(delegate(&[instead, other]), zoe);
}

#[test]
fn who_comes_back_to_what_was_recorded_waits_no_longer() {
    let of = |mail, answer| Fact::Answered(said(mail, answer, 10 * mail));
    let waits = |facts: &[Fact]| -> Vec<i64> {
        let news = Standing::since_ruling(facts).into_iter().filter(|(_, why)| why.is_some());
        let waits: Vec<i64> = news.map(|(mail, _)| mail).collect();
        assert_eq!(kind(facts) == StandingKind::NeedsLook, !waits.is_empty(), "the pile is empty and the guest waits, or the other way");
        waits
    };
    let facts = [ruled(Answer::Accept), of(1, Answer::Decline), of(2, Answer::Accept), of(3, Answer::Tentative), of(4, Answer::Decline)];
    let first = |count: usize| waits(facts.get(..count).expect("so many"));
    assert_eq!((first(1), first(2), first(3), first(4), first(5)), (vec![], vec![1], vec![], vec![1, 3], vec![1, 3, 4]));
    let asks = Fact::Answered(Answered { question: true, ..said(1, Answer::Decline, 10) });
    assert_eq!(waits(&[ruled(Answer::Accept), asks, of(2, Answer::Accept)]), [1], "what is asked still waits");
    let five = Fact::Answered(Answered { party: Some(5), ..said(1, Answer::Accept, 10) });
    assert_eq!(waits(&[ruled(Answer::Accept), five, of(2, Answer::Accept)]), [1, 2], "a yes takes no number back");
    let agrees = Fact::Answered(Answered { question: true, ..said(2, Answer::Accept, 20) });
    let read = [ruled(Answer::Accept), of(1, Answer::Decline), agrees, Fact::Dismissed { mail: 2 }];
    assert_eq!(waits(&read), [0i64; 0], "what was settled when the organiser looked does not come back");
}

#[test]
fn a_ruling_on_a_mail_shows_its_words() {
    let on = |mail, answer| Fact::Ruled { answer, party: None, delegate: None, note: String::new(), mail };
    let looked = Fact::Looked { mail: 1, why: vec![], guess: Some(said(1, Answer::Decline, 10)) };
    let evidence = |ruling| Standing::of(&[looked.clone(), ruling]).evidence;
    assert_eq!(evidence(on(Some(1), Answer::Decline)), ["words of 1"]);
    assert_eq!(evidence(on(Some(1), Answer::Accept)), [""; 0], "these words were read as saying something else");
    assert_eq!(evidence(on(None, Answer::Decline)), [""; 0]);
}

#[test]
fn a_bounce_never_takes_an_answer_away_and_a_mended_address_is_reachable() {
    let bounce = Fact::Bounced { mail: 1, invalid: true, why: "5.1.1".into() };
    let delay = Fact::Bounced { mail: 1, invalid: false, why: "4.4.7".into() };
    let accept = Fact::Answered(said(2, Answer::Accept, 20));
    let mended = Fact::Mended { from: "a@x.example".into(), to: "b@x.example".into() };
    assert_eq!(kind(std::slice::from_ref(&bounce)), StandingKind::Unreachable);
    assert_eq!(kind(&[delay]), StandingKind::Silent);
    assert_eq!(kind(&[bounce.clone(), accept.clone()]), StandingKind::Accept);
    assert_eq!(kind(&[accept, bounce.clone()]), StandingKind::Accept);
    assert_eq!(kind(&[bounce, mended]), StandingKind::Silent);
}

#[test]
fn who_was_unreachable_is_reachable_once_the_newest_letter_was_sent() {
    let letter = |number, state: &str| Fact::Letter { kind: "invitation".into(), number, state: state.into(), why: why() };
    let refused = [letter(1, "failed"), Fact::Unreachable { why: why() }];
    let bounced = [letter(1, "sent"), letter(1, "bounced"), Fact::Bounced { mail: 1, invalid: true, why: why() }];
    for gone in [refused.as_slice(), &bounced] {
        let with = |more: &[Fact]| kind(&[gone, more].concat());
        assert_eq!(with(&[letter(1, "uncertain")]), StandingKind::Unreachable);
        assert_eq!(with(&[letter(1, "sent")]), StandingKind::Silent);
        assert_eq!(with(&[letter(1, "sent"), letter(1, "bounced"), Fact::Unreachable { why: why() }]), StandingKind::Unreachable);
    }
    // That the letter to the former address had left is no news of the new one.
    let mended = Fact::Mended { from: "a@x.example".into(), to: "b@x.example".into() };
    let facts = [letter(1, "uncertain"), mended, letter(2, "failed"), Fact::Unreachable { why: why() }, letter(1, "sent")];
    assert_eq!(kind(&facts), StandingKind::Unreachable);
}

#[test]
fn a_complaint_needs_a_look_and_stops_letters() {
    let standing = Standing::of(&[Fact::Complained { mail: 1 }]);
    assert_eq!((standing.kind, standing.unsubscribe), (StandingKind::NeedsLook, true));
}

#[test]
fn a_sure_wish_for_no_more_letters_stands_until_the_guest_comes() {
    let wish = Fact::Answered(Answered { unsubscribe: true, ..said(1, Answer::Decline, 10) });
    let answered = |answer| Fact::Answered(said(2, answer, 20));
    let ruled = |answer| Fact::Ruled { answer, party: None, delegate: None, note: String::new(), mail: None };
    let unwilling = |facts: &[Fact]| Standing::of(facts).unwilling;
    let complained = Fact::Complained { mail: 1 };
    for wish in [wish.clone(), complained, reread(wish.clone())] {
        assert!(unwilling(std::slice::from_ref(&wish)), "{wish:?}");
        for stays in [answered(Answer::Decline), ruled(Answer::Decline), ruled(Answer::Delegate), Fact::Dismissed { mail: 1 }] {
            assert!(unwilling(&[wish.clone(), stays.clone()]), "{stays:?}");
        }
        for comes in [answered(Answer::Accept), ruled(Answer::Accept), ruled(Answer::Tentative)] {
            assert!(!unwilling(&[wish.clone(), comes.clone()]), "{comes:?}");
            assert!(unwilling(&[comes.clone(), wish.clone()]), "{comes:?} came before");
        }
    }
    let guess = Some(Answered { unsubscribe: true, ..said(1, Answer::Decline, 10) });
    let unsure = Fact::Looked { mail: 1, why: vec![why()], guess };
    let standing = Standing::of(std::slice::from_ref(&unsure));
    assert!(standing.unsubscribe && !standing.unwilling);
    assert!(!unwilling(&[wish, reread(unsure)]), "read again, it is not sure");
}

fn reread(said: Fact) -> Fact {
    Fact::Reread { mail: said.mail().expect("of a mail"), said: Some(Box::new(said)) }
}

#[test]
fn a_mail_says_its_newest_word_at_its_own_place() {
    let (early, late) = (said(1, Answer::Accept, 10), said(2, Answer::Decline, 20));
    let facts = [Fact::Answered(early), Fact::Answered(late.clone())];
    let with = |words: &[Fact]| kind(&[&facts, words].concat());
    assert_eq!(with(&[reread(Fact::Answered(said(1, Answer::Tentative, 10)))]), StandingKind::Decline);
    assert_eq!(with(&[reread(Fact::Answered(said(2, Answer::Tentative, 20)))]), StandingKind::Tentative);
    let unsure = reread(Fact::Looked { mail: 2, why: vec![], guess: Some(late.clone()) });
    assert_eq!(with(std::slice::from_ref(&unsure)), StandingKind::NeedsLook);
    assert_eq!(with(&[unsure, reread(Fact::Answered(late))]), StandingKind::Decline);
    assert_eq!(with(&[Fact::Reread { mail: 2, said: None }]), StandingKind::Accept);
    assert_eq!(with(&[reread(Fact::Away { mail: 2, until: None })]), StandingKind::Accept);
}

#[test]
fn reading_again_reopens_only_what_came_after_the_organisers_word() {
    let (accept, decline) = (Fact::Answered(said(1, Answer::Accept, 10)), Fact::Answered(said(1, Answer::Decline, 10)));
    let unsure = Fact::Looked { mail: 1, why: vec![], guess: None };
    let again = reread(decline.clone());
    assert_eq!(kind(&[accept.clone(), ruled(Answer::Accept), again.clone()]), StandingKind::Accept);
    assert_eq!(kind(&[accept.clone(), ruled(Answer::Accept), reread(unsure.clone())]), StandingKind::Accept);
    assert_eq!(kind(&[ruled(Answer::Accept), accept.clone(), again.clone()]), StandingKind::NeedsLook);
    assert_eq!(kind(&[ruled(Answer::Accept), decline, reread(accept)]), StandingKind::Accept);
    assert_eq!(kind(&[unsure, Fact::Dismissed { mail: 1 }, again]), StandingKind::Silent);
}

#[test]
fn journals_of_before_are_read() {
    let old = r#"{"fact":"ruled","answer":"accept","party":2,"delegate":null,"note":""}"#;
    let fact: Fact = serde_json::from_str(old).expect("a fact");
    assert_eq!(fact, Fact::Ruled { answer: Answer::Accept, party: Some(2), delegate: None, note: String::new(), mail: None });
    assert_eq!(serde_json::to_string(&fact).expect("JSON"), old);
    let again = reread(Fact::Answered(said(1, Answer::Accept, 10)));
    let text = serde_json::to_string(&again).expect("JSON");
    assert_eq!(serde_json::from_str::<Fact>(&text).expect("a fact"), again);
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let answer = prop::sample::select(vec![Answer::Accept, Answer::Decline, Answer::Delegate, Answer::Tentative, Answer::None]);
    (0..10u8, 0..6i64, 0..6i64, answer, any::<bool>(), any::<bool>()).prop_map(|(which, mail, second, answer, question, calendar)| {
        let said = Answered { question, calendar: calendar.then(|| (0, format!("{second}"))), ..said(mail, answer, second) };
        match which {
            0..=2 => Fact::Answered(said),
            3 => Fact::Looked { mail, why: vec![], guess: Some(said) },
            4 => Fact::Dismissed { mail },
            5 => ruled(if answer == Answer::None { Answer::Accept } else { answer }),
            6 => Fact::Bounced { mail, invalid: question, why: why() },
            7 => Fact::Away { mail, until: None },
            8 => reread(Fact::Answered(said)),
            _ => Fact::Unreachable { why: why() },
        }
    })
}

proptest! {
    #[test]
    fn what_a_machine_writes_never_changes_an_answer(facts in prop::collection::vec(any_fact(), 0..7), place in 0..8usize) {
        let machines = [Fact::Away { mail: 9, until: None }, Fact::Bounced { mail: 9, invalid: true, why: why() }, Fact::Bounced { mail: 9, invalid: false, why: why() }];
        for machine in machines {
            let mut with = facts.clone();
            with.insert(place.min(with.len()), machine);
            prop_assert_eq!(Standing::of(&with).answer, Standing::of(&facts).answer);
        }
    }

    #[test]
    fn answers_may_arrive_in_any_order(facts in prop::collection::vec((1..4i64, 0..4i64), 1..6), turn in 0..6usize) {
        let answers = [Answer::Accept, Answer::Decline, Answer::Tentative, Answer::Delegate];
        let mut facts: Vec<Fact> = facts.iter().enumerate().map(|(i, (a, s))| Fact::Answered(said(i as i64, answers[*a as usize], *s))).collect();
        let before = Standing::of(&facts);
        let by = turn % facts.len();
        facts.rotate_left(by);
        prop_assert_eq!(Standing::of(&facts), before);
    }

    #[test]
    fn reading_again_is_as_if_it_had_been_read_so_at_first(
        facts in prop::collection::vec(any_fact(), 0..7),
        word in any_fact().prop_filter("a mail's first word", |fact| fact.mail().is_some() && !matches!(fact, Fact::Reread { .. })),
        place in 0..8usize,
    ) {
        let of_ten = |mut fact: Fact| {
            match &mut fact {
                Fact::Answered(said) => said.mail = 10,
                Fact::Looked { mail, guess, .. } => {
                    *mail = 10;
                    guess.iter_mut().for_each(|said| said.mail = 10);
                }
                Fact::Away { mail, .. } | Fact::Bounced { mail, .. } => *mail = 10,
                _ => {}
            }
            fact
        };
        let (before, now) = (Fact::Looked { mail: 10, why: vec![], guess: None }, of_ten(word));
        let with = |fact: Fact, behind: Option<Fact>| {
            let mut facts = facts.clone();
            facts.insert(place.min(facts.len()), fact);
            facts.extend(behind);
            Standing::of(&facts)
        };
        prop_assert_eq!(with(before, Some(reread(now.clone()))), with(now, None));
    }

    #[test]
    fn an_open_look_always_shows_and_only_then_is_a_standing_unsure(facts in prop::collection::vec(any_fact(), 0..7)) {
        let standing = Standing::of(&facts);
        prop_assert_eq!(standing.sure, standing.kind != StandingKind::NeedsLook);
        let mut with = facts.clone();
        with.push(Fact::Looked { mail: 99, why: vec![], guess: None });
        prop_assert_eq!(Standing::of(&with).kind, StandingKind::NeedsLook);
        with.push(ruled(Answer::Decline));
        prop_assert_eq!(Standing::of(&with).kind, StandingKind::Decline);
    }
}
