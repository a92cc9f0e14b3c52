//! review and record: what is shown before a key, and what a key may not settle.

use super::{answers::invited, case::Case};
use convoke::{
    model::{Address, Answer, Delegate, Fact, Verdict, standing::Answered},
    store::{Store, inbox, journal, views},
};
use jiff::{SignedDuration, Timestamp};

/// A mail as the mailbox loop files it.
struct Mail {
    from: &'static str,
    guest: Option<&'static str>,
    said: &'static str,
    answer: Answer,
    sure: bool,
    party: Option<u32>,
    delegate: Option<Delegate>,
    /// How many minutes ago it came.
    ago: i64,
}

/// A mail of Ana's that waits.
fn mail(said: &'static str, answer: Answer) -> Mail {
    let ana = "ana@guests.example";
    Mail { from: ana, guest: Some(ana), said, answer, sure: false, party: None, delegate: None, ago: 0 }
}

impl Mail {
    fn file(self, case: &Case) {
        let Self { from, guest, said, answer, sure, party, delegate, ago } = self;
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let store = Store::open(&case.path("gala.db")).expect("the database");
        let filed = store.write(move |conn| {
            let now = Timestamp::now();
            let at = now - SignedDuration::from_mins(ago);
            let row = views::guests(conn, None)?.into_iter().find(|row| Some(row.email.as_str()) == guest);
            let evidence = vec![said.to_owned()];
            let verdict = Verdict {
                answer,
                sure,
                confidence: 0.9,
                party,
                delegate: delegate.clone(),
                evidence: evidence.clone(),
                ..Verdict::silent()
            };
            let doubts = if sure { Vec::new() } else { vec!["please look".to_owned()] };
            let arrived = inbox::Arrived {
                identity: format!("{from} {said} {ago}"),
                folder: "INBOX".into(),
                uid: 1,
                arrived: at,
                bucket: if sure { inbox::Bucket::Recorded } else { inbox::Bucket::NeedsLook },
                campaign: row.as_ref().map(|row| row.campaign),
                invitation: row.as_ref().map(|row| row.invitation),
                sender: from.into(),
                subject: "Re: Gala".into(),
                said: said.into(),
                verdict: Some(verdict),
                doubts: doubts.clone(),
                raw: None,
            };
            let mail = inbox::keep(conn, &arrived, now)?.expect("a new mail");
            let Some(row) = row else { return Ok(()) };
            let (question, unsubscribe, calendar) = (false, false, None);
            let said = Answered { mail, answer, party, question, unsubscribe, delegate, evidence, at, uid: 1, calendar };
            let fact = if sure { Fact::Answered(said) } else { Fact::Looked { mail, why: doubts, guess: Some(said) } };
            journal::append(conn, row.invitation, now, &fact)
        });
        runtime.block_on(filed).expect("filed");
    }
}

/// Standing, party and the substitute's name of a guest, and the words that decided.
fn stands(case: &Case, email: &str) -> (String, Option<u64>, Option<String>, Vec<String>) {
    let guest = case.call(&format!("guests --json --find {email}")).exit(0).objects().remove(0);
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let words = guest["evidence"].as_array().expect("a list").iter().filter_map(text).collect();
    (text(&guest["standing"]).expect("a word"), guest["party"].as_u64(), text(&guest["delegate"]["name"]), words)
}

#[test]
fn an_old_mail_is_shown_with_its_time_and_with_what_came_since() {
    let case = invited();
    Mail { from: "nina@guests.example", ago: 120, ..mail("Unfortunately Ana cannot come that day.", Answer::Decline) }.file(&case);
    Mail { sure: true, ago: 60, ..mail("Yes, I am coming.", Answer::Accept) }.file(&case);
    let arrived = (Timestamp::now() - SignedDuration::from_mins(120)).strftime("Arrived: %Y-%m-%d ").to_string();
    case.call("review")
        .stdin("\nq\n")
        .exit(0)
        .stdout_has(&arrived)
        .stdout_has("So far:  accept\n")
        .stdout_has("UTC, the guest wrote: accept, “Yes, I am coming.”\n")
        .stdout_lacks("Enter");
    assert_eq!(stands(&case, "ana").0, "needs_look", "Enter decides nothing");
    case.call("review").stdin("a\n").exit(0);
    assert_eq!(stands(&case, "ana"), ("accept".into(), None, None, vec!["Yes, I am coming.".into()]));
    case.call("review").exit(0).stdout("Nothing needs a look.\n");
}

#[test]
fn what_you_recorded_since_is_told_too() {
    let case = invited();
    case.call("record ana@guests.example accept --note phone").exit(0);
    Mail { ago: 60, ..mail("I fear I cannot.", Answer::Decline) }.file(&case);
    case.call("review").stdin("\nq\n").exit(0).stdout_has("UTC, you recorded: accept (phone)\n").stdout_lacks("Enter");
}

#[test]
fn the_mails_of_one_guest_are_decided_together() {
    let case = invited();
    let private = "anapop@mail.example";
    Mail { from: private, ago: 120, ..mail("Yes, I will come.", Answer::Accept) }.file(&case);
    Mail { from: "ben@guests.example", guest: Some("ben@guests.example"), ago: 60, ..mail("Fine.", Answer::Accept) }.file(&case);
    Mail { from: private, ..mail("Sorry, I must cancel.", Answer::Decline) }.file(&case);
    // Neither skipping nor leaving settles a mail, and no key settles one that was not shown.
    for keys in ["s\nq\n", "\nq\n", "q\n"] {
        case.call("review")
            .stdin(keys)
            .exit(0)
            .stdout_has("── 1 of 2 ─")
            .stdout_has("Mails:   2 wait, the newest stands last")
            .stdout_has("    Yes, I will come.\n\n─ mail 2 of 2\n")
            .stdout_has("    Sorry, I must cancel.\n");
        assert_eq!(case.call("review --json").exit(0).objects().len(), 3);
    }
    case.call("review").stdin("d\n\n").exit(0).stdout_has("[Enter accept, a accept, d");
    assert_eq!(stands(&case, "ana"), ("decline".into(), None, None, vec!["Sorry, I must cancel.".into()]));
    assert_eq!(stands(&case, "ben").0, "accept");
    case.call("review").exit(0).stdout("Nothing needs a look.\n");
}

#[test]
fn a_ruling_keeps_the_number_of_people() {
    let case = invited();
    Mail { sure: true, party: Some(3), ago: 60, ..mail("We come, the three of us.", Answer::Accept) }.file(&case);
    mail("I confirm that we are coming.", Answer::Accept).file(&case);
    case.call("review").stdin("\n").exit(0).stdout_has("So far:  accept, 3 people\n").stdout_has("q quit] accept, 3 people\n");
    assert_eq!(stands(&case, "ana").1, Some(3));
    case.call("status").exit(0).stdout_has("3 people come.");
    case.call("record ana@guests.example accept --note phone")
        .exit(0)
        .stdout("Ana Pop <ana@guests.example>: accept, 3 people, recorded by you.\n");
    case.call("record ana@guests.example accept --party 1")
        .exit(0)
        .stdout("Ana Pop <ana@guests.example>: accept, 1 person, recorded by you.\n");
    case.call("status").exit(0).stdout_has("1 person comes.");
}

#[test]
fn a_number_that_is_typed_is_how_many_come() {
    let case = invited();
    Mail { party: Some(2), ..mail("We would love to, all of us.", Answer::Tentative) }.file(&case);
    case.call("review")
        .stdin("0\n1001\n3x\nq\n")
        .exit(0)
        .stdout_has("t tentative, 1 to 1000 tentative with so many, n nothing to record")
        .stdout_has("0 people? A number is how many come in all, 1 to 1000\n")
        .stdout_has("1001 people? ");
    assert_eq!(stands(&case, "ana").0, "needs_look", "none of them is a number of people");
    case.call("review").stdin("12\n").exit(0).stdout_has("q quit] tentative, 12 people\n");
    assert_eq!((stands(&case, "ana").0.as_str(), stands(&case, "ana").1), ("tentative", Some(12)));
    Mail { from: "evi1980@mail.example", guest: None, ..mail("I bring my sisters.", Answer::None) }.file(&case);
    case.call("review").stdin("4\neva@guests.example\n").exit(0).stdout_has("1 to 1000 accept with so many");
    assert_eq!(stands(&case, "eva"), ("accept".into(), Some(4), None, vec!["I bring my sisters.".into()]));
}

#[test]
fn the_one_who_comes_instead_is_kept() {
    let dan = || Delegate { name: Some("Dan Rus".into()), email: Some(Address::parse("dan@guests.example").expect("an address")) };
    let case = invited();
    Mail { sure: true, delegate: Some(dan()), ago: 60, ..mail("Dan Rus comes in my place.", Answer::Delegate) }.file(&case);
    for (ago, key) in [(30, "\n"), (20, "g\n"), (10, "n\n")] {
        Mail { from: "dan@guests.example", ago, ..mail("Yes, I will come.", Answer::Accept) }.file(&case);
        case.call("review")
            .stdin(key)
            .exit(0)
            .stdout_has("[Enter it stays delegate, sends Dan Rus <dan@guests.example>, a accept,")
            .stdout_has("q quit] left as it is\n");
        assert_eq!(stands(&case, "ana"), ("delegate".into(), None, Some("Dan Rus".into()), vec!["Dan Rus comes in my place.".into()]));
    }
    Mail { from: "dan@guests.example", ..mail("Sorry, I fell ill.", Answer::Decline) }.file(&case);
    case.call("review").stdin("\nq\n").exit(0).stdout_has("Guess:   decline").stdout_lacks("Enter");
    case.call("record ana@guests.example delegate --party 1 --note phone")
        .exit(0)
        .stdout("Ana Pop <ana@guests.example>: delegate, 1 person, sends Dan Rus <dan@guests.example>, recorded by you.\n");
    assert_eq!(stands(&case, "ana").2.as_deref(), Some("Dan Rus"));
    case.call("record ana@guests.example delegate --instead")
        .arg("Zoe Lee <zoe@guests.example>")
        .exit(0)
        .stdout("Ana Pop <ana@guests.example>: delegate, 1 person, sends Zoe Lee <zoe@guests.example>, recorded by you.\n");
    case.call("record ana@guests.example delegate --instead zoe@").exit(2).stderr_has("--instead \"zoe@\" has no address that can be");
    case.call("record ana@guests.example delegate --instead <>").exit(2);
    case.call("record ana@guests.example delegate --instead Ana@Guests.example")
        .exit(2)
        .stderr_has("ana@guests.example is the guest's own address; --instead says who comes in the guest's place");
    assert_eq!(stands(&case, "ana").2.as_deref(), Some("Zoe Lee"));
    case.call("record ana@guests.example accept --instead Zoe").exit(2).stderr_has("it goes with delegate only");
}

#[test]
fn a_mail_of_nobody_leaves_its_trace_with_the_guest_it_is_given_to() {
    let case = invited();
    let stranger = |said, answer| Mail { from: "evi1980@mail.example", guest: None, ..mail(said, answer) };
    Mail { party: Some(2), ..stranger("I will come with my husband.", Answer::Accept) }.file(&case);
    case.call("review").stdin("\neva@guests.example\n").exit(0).stdout_has("Whose is it (address or token)? accept, 2 people\n");
    assert_eq!(stands(&case, "eva"), ("accept".into(), Some(2), None, vec!["I will come with my husband.".into()]));
    case.call("guests --find eva").exit(0).stdout_has("I will come with my husband.");
    case.call("show eva@guests.example")
        .exit(0)
        .stdout_has("needs a look (perhaps accept): please look; you said whose it is\n")
        .stdout_has("from evi1980@mail.example\n")
        .stdout_has("“I will come with my husband.”\n")
        .stdout_has("you recorded: accept, 2 people\n");
    // Where the words that were found say something else than what was ruled, the mail itself is shown.
    stranger("Why not, count on Ben.", Answer::Decline).file(&case);
    case.call("review").stdin("a\nben@guests.example\n").exit(0);
    assert_eq!(stands(&case, "ben"), ("accept".into(), None, None, vec!["Why not, count on Ben.".into()]));
}

#[test]
fn a_mail_given_to_a_guest_who_has_written_settles_none_of_theirs() {
    let case = invited();
    let eva = || Mail { from: "eva@guests.example", guest: Some("eva@guests.example"), ..mail("Perhaps rather not.", Answer::Decline) };
    Mail { from: "evi1980@mail.example", guest: None, ago: 60, ..mail("I will come.", Answer::Accept) }.file(&case);
    eva().file(&case);
    case.call("review")
        .stdin("a\neva@guests.example\nq\n")
        .exit(0)
        .stdout_has("eva@guests.example has written already, or you have recorded an answer: look at all of it together.\n")
        .stdout_has("── 2 of 2 ─")
        .stdout_has("    I will come.\n\n─ mail 2 of 2\n");
    assert_eq!((stands(&case, "eva").0.as_str(), case.call("review --json").exit(0).objects().len()), ("needs_look", 2));
    case.call("review").stdin("a\n").exit(0);
    assert_eq!(stands(&case, "eva"), ("accept".into(), None, None, vec!["I will come.".into()]));

    Mail { sure: true, ago: 30, ..mail("No.", Answer::Decline) }.file(&case);
    Mail { from: "pop@mail.example", guest: None, ago: 60, ..mail("Yes.", Answer::Accept) }.file(&case);
    case.call("review").stdin("\nana@guests.example\nq\n").exit(0).stdout_has("the guest wrote: decline, “No.”\n");
    assert_eq!(stands(&case, "ana").0, "needs_look");
}
