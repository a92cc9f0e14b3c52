//! learned export, reread: what the organiser taught, and old mail in the light of new rules.

use super::{case::Case, relay::Relay};
use convoke::{
    model::{Answer, Fact, Verdict, standing::Answered},
    store::{Connection, Store, inbox, journal, views},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Three guests whose letters are sent.
fn invited() -> Case {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    case
}

/// A mail as an older program filed it: with what was understood then.
struct Filed {
    from: &'static str,
    body: &'static str,
    /// What the older program took it for, and whether it was sure.
    then: (Answer, bool),
    /// Why it waits beside its words.
    strange: Option<&'static str>,
    /// How many minutes ago it came.
    ago: i64,
    /// Some is the guest whose it is.
    guest: Option<&'static str>,
}

impl Default for Filed {
    fn default() -> Self {
        Self {
            from: "Ana Pop <ana@guests.example>",
            body: "I will come.",
            then: (Answer::Tentative, false),
            strange: None,
            ago: 0,
            guest: Some("ana@guests.example"),
        }
    }
}

fn change<T: Send + 'static>(case: &Case, change: impl FnOnce(&Connection) -> convoke::store::Result<T> + Send + 'static) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let store = Store::open(&case.path("gala.db")).expect("the database");
    runtime.block_on(store.write(change)).expect("written")
}

/// The row of the mail.
fn file(case: &Case, filed: Filed) -> i64 {
    let Filed { from, body, then: (answer, sure), strange, ago, guest } = filed;
    change(case, move |conn| {
        let now = Timestamp::now();
        let arrived = now - SignedDuration::from_mins(ago);
        let row = views::guests(conn, None)?.into_iter().find(|row| Some(row.email.as_str()) == guest);
        let mut doubts = if sure { Vec::new() } else { vec!["the words do not say it clearly".to_owned()] };
        let verdict =
            Verdict { answer, sure, confidence: 0.6, evidence: vec![body.to_owned()], doubts: doubts.clone(), ..Verdict::silent() };
        doubts.extend(strange.map(str::to_owned));
        let mail = inbox::Arrived {
            identity: format!("{from} {body} {ago}"),
            folder: "INBOX".into(),
            uid: 1,
            arrived,
            bucket: if sure { inbox::Bucket::Recorded } else { inbox::Bucket::NeedsLook },
            campaign: row.as_ref().map(|row| row.campaign),
            invitation: row.as_ref().map(|row| row.invitation),
            sender: from.split(['<', '>']).nth(1).unwrap_or(from).into(),
            subject: "Re: Gala".into(),
            said: body.into(),
            verdict: Some(verdict),
            doubts: doubts.clone(),
            raw: Some(format!("From: {from}\r\nSubject: Re: Gala\r\n\r\n{body}\r\n").into_bytes()),
        };
        let id = inbox::keep(conn, &mail, now)?.expect("a new mail");
        if let Some(row) = row {
            let (party, question, unsubscribe, delegate, calendar) = (None, false, false, None, None);
            let evidence = vec![body.to_owned()];
            let said = Answered { mail: id, answer, party, question, unsubscribe, delegate, evidence, at: arrived, uid: 1, calendar };
            let fact = if sure { Fact::Answered(said) } else { Fact::Looked { mail: id, why: doubts, guess: Some(said) } };
            journal::append(conn, row.invitation, now, &fact)?;
        }
        Ok(id)
    })
}

fn standing(case: &Case, email: &str) -> String {
    let said = case.call(&format!("guests --json --find {email}")).exit(0);
    said.objects()[0]["standing"].as_str().expect("a word").to_owned()
}

/// The standings and the buckets, and whether each adds up to its whole.
fn numbers(case: &Case) -> (Value, Value) {
    let said = case.call("status --json").exit(0);
    let status = said.objects().remove(0);
    let sum = |object: &Value| {
        object.as_object().expect("an object").iter().filter(|(key, _)| *key != "total").map(|(_, n)| n.as_u64().unwrap_or(0)).sum::<u64>()
    };
    assert_eq!(Some(sum(&status["standing"])), status["guests"].as_u64());
    assert_eq!(Some(sum(&status["mail"])), status["mail"]["total"].as_u64());
    (status["standing"].clone(), status["mail"].clone())
}

#[test]
fn what_was_ruled_is_exported_without_the_people_in_it() {
    let case = invited();
    case.call("learned export").exit(0).stdout("").stderr("");
    file(
        &case,
        Filed {
            body: "Perhaps I come with 2 friends, ask me on 0721 123 456.\nYours, ANA POP (ana@guests.example, https://x.example/ana)",
            ..Filed::default()
        },
    );
    file(
        &case,
        Filed {
            from: "Ben <ben@guests.example>",
            body: "Thank you, Town Hall!",
            then: (Answer::None, false),
            guest: Some("ben@guests.example"),
            ..Filed::default()
        },
    );
    case.call("learned export").exit(0).stdout("");
    case.call("review").stdin("a\nn\n").exit(0);

    let said = case.call("learned export").exit(0).stderr_has("read them before you give them away");
    let examples = said.objects();
    assert_eq!(examples.len(), 2, "{said}");
    let keys = ["id", "lang", "label", "party", "question", "unsubscribe", "hard", "text"];
    for (line, example) in said.stdout.lines().zip(&examples) {
        let mut places: Vec<usize> = keys.iter().map(|key| line.find(&format!("\"{key}\":")).expect("the key")).collect();
        let found = places.clone();
        places.sort_unstable();
        assert_eq!((found, example.as_object().map(serde_json::Map::len)), (places, Some(keys.len())), "{line}");
    }
    assert_eq!(
        examples[0]["text"].as_str(),
        Some("Perhaps I come with 2 friends, ask me on [NUMBER].\nYours, [NAME] [NAME] ([MAIL], [LINK])")
    );
    assert_eq!((examples[0]["label"].as_str(), examples[0]["hard"].as_bool()), (Some("accept"), Some(true)));
    assert_eq!((examples[1]["label"].as_str(), examples[1]["text"].as_str()), (Some("none"), Some("Thank you, [NAME] [NAME]!")));

    case.call("learned export --to own.jsonl").exit(0).stdout("2 examples written to own.jsonl.\n");
    assert_eq!(case.text("own.jsonl"), said.stdout);
    case.call("learned export --to own.jsonl").exit(2).stderr_has("own.jsonl exists and is not overwritten; name another file");
}

#[test]
fn a_mail_left_as_it_is_because_of_its_sender_teaches_nothing() {
    let case = invited();
    let strange = Some("the receiving server could not verify the sender");
    file(&case, Filed { body: "Yes, I will come.", then: (Answer::Accept, false), strange, ..Filed::default() });
    case.call("review").stdin("n\n").exit(0).stdout_has("left as it is");
    case.call("learned export").exit(0).stdout("");
    file(&case, Filed { body: "Yes, I will come.", then: (Answer::Accept, false), strange, ago: 5, ..Filed::default() });
    case.call("review").stdin("a\n").exit(0);
    case.call("learned export").exit(0).stdout_has("\"label\":\"accept\"").stdout_lacks("none");
}

#[test]
fn who_signs_a_mail_of_an_office_is_taken_out_and_a_short_text_is_in_the_listed_language() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port).list("email,name,language\noffice@guests.example,Secretariat,nl\n");
    case.call("send --yes 1").exit(0);
    file(
        &case,
        Filed {
            from: "Secretariat <office@guests.example>",
            body: "Ja, ik kom. Zie formulier online.\n\nMet vriendelijke groet,\nGheorghe Popa",
            guest: Some("office@guests.example"),
            ..Filed::default()
        },
    );
    case.call("review").stdin("a\n").exit(0);
    case.call("learned export")
        .exit(0)
        .stdout_has("\"lang\":\"nl\"")
        .stdout_has("groet,\\n[NAME] [NAME]\"")
        .stderr_has("whoever else is named, streets and house numbers may stand in the texts");
}

#[test]
fn a_ruling_of_what_was_heard_otherwise_teaches_nothing_unless_it_is_of_the_mail() {
    let case = invited();
    case.call("record ana@guests.example decline --by-mail")
        .exit(2)
        .stderr_has("ana@guests.example has written nothing in words; leave --by-mail out");
    file(&case, Filed { body: "Count me out.", then: (Answer::Accept, true), ..Filed::default() });
    case.call("record ana@guests.example tentative --note phone").exit(0);
    case.call("learned export").exit(0).stdout("");
    case.call("record ana@guests.example decline --by-mail").exit(0);
    let said = case.call("learned export").exit(0);
    let [example] = &said.objects()[..] else { panic!("one example\n{said}") };
    assert_eq!(
        (example["label"].as_str(), example["hard"].as_bool(), example["party"].is_null(), example["text"].as_str()),
        (Some("decline"), Some(true), true, Some("Count me out."))
    );
}

#[test]
fn an_old_mail_that_reads_otherwise_is_shown_and_changes_nothing_until_told() {
    let case = invited();
    file(&case, Filed::default());
    file(
        &case,
        Filed {
            from: "Ben <ben@guests.example>",
            body: "No, I cannot come.",
            then: (Answer::Decline, true),
            guest: Some("ben@guests.example"),
            ..Filed::default()
        },
    );
    let before = numbers(&case);
    assert_eq!((before.0["needs_look"].as_u64(), before.1["needs_look"].as_u64()), (Some(1), Some(1)));
    let shown = case
        .call("reread")
        .exit(0)
        .stdout_has("Ana Pop <ana@guests.example>, ")
        .stdout_has(": tentative (not sure) → accept (sure)\n    “I will come")
        .stdout_has("2 mails read again: 1 differs. Nothing was changed; --apply writes it.\n")
        .stdout_lacks("ben@");
    assert_eq!(numbers(&case), before);
    assert_eq!(case.call("reread").exit(0).stdout, shown.stdout);
    let said = case.call("reread --json").exit(0);
    let [object] = &said.objects()[..] else { panic!("one difference\n{said}") };
    assert_eq!((object["before"]["answer"].as_str(), object["now"]["sure"].as_bool()), (Some("tentative"), Some(true)));
    assert_eq!((object["settled"].as_bool(), object["applied"].as_bool()), (Some(false), Some(false)));

    case.call("reread --apply").exit(0).stdout_has("1 differs. 1 difference written.\n");
    let after = numbers(&case);
    assert_eq!((after.0["accept"].as_u64(), after.0["needs_look"].as_u64()), (Some(1), Some(0)));
    assert_eq!((after.1["recorded"].as_u64(), after.1["needs_look"].as_u64()), (Some(2), Some(0)));
    case.call("show ana@guests.example").exit(0).stdout_has("  accept\n").stdout_has("  read again: answered: accept\n");
    case.call("review").exit(0).stdout("Nothing needs a look.\n");
    case.call("reread --apply").exit(0).stdout("2 mails read again: nothing differs.\n");
}

#[test]
fn a_mail_read_again_keeps_its_own_day() {
    let case = invited();
    file(&case, Filed { ago: 60, ..Filed::default() });
    file(&case, Filed { body: "Sorry, I cannot come.", then: (Answer::Decline, true), ago: 5, ..Filed::default() });
    assert_eq!(standing(&case, "ana"), "needs_look");
    case.call("reread --apply").exit(0).stdout_has("1 difference written");
    assert_eq!(standing(&case, "ana"), "decline", "the later mail is still the last word");
}

#[test]
fn a_ruling_and_a_look_that_was_left_stand_however_the_mail_reads_now() {
    let case = invited();
    file(&case, Filed::default());
    file(&case, Filed { from: "Ben <ben@guests.example>", guest: Some("ben@guests.example"), ..Filed::default() });
    case.call("review").stdin("d\nn\n").exit(0);
    let before = numbers(&case);
    assert_eq!((standing(&case, "ana"), standing(&case, "ben")), ("decline".into(), "silent".into()));
    case.call("reread --apply")
        .exit(0)
        .stdout_has("(your own word came after it, and stands)")
        .stdout_has("2 differ. 2 differences written.");
    assert_eq!(numbers(&case), before);
    assert_eq!((standing(&case, "ana"), standing(&case, "ben")), ("decline".into(), "silent".into()));
    case.call("review").exit(0).stdout("Nothing needs a look.\n");
    // A mail after the ruling is news, also when it is understood only later.
    file(&case, Filed { then: (Answer::Decline, true), body: "I will come after all.", ..Filed::default() });
    assert_eq!(standing(&case, "ana"), "decline");
    case.call("reread --apply").exit(0).stdout_has("1 difference written");
    assert_eq!(standing(&case, "ana"), "needs_look");
}

#[test]
fn a_mail_of_nobody_gets_another_guess_and_still_waits() {
    let case = invited();
    file(&case, Filed { from: "x@office.example", body: "I cannot come.", guest: None, ..Filed::default() });
    case.call("reread").exit(0).stdout_has("nobody we know, ").stdout_has("tentative (not sure) → decline (not sure)");
    case.call("reread --apply").exit(0).stdout_has("1 difference written");
    case.call("review --json").exit(0).stdout_has("\"answer\":\"decline\"");
    case.call("reread").exit(0).stdout("1 mail read again: nothing differs.\n");
}
