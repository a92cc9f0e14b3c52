//! status, guests, show, review, record: what the organiser sees, and rules.

use super::{
    case::{CAMPAIGN, Case, LIST, TEMPLATE, config},
    relay::Relay,
};
use convoke::{
    model::{Answer, Fact, Verdict, standing::Answered},
    store::{Store, inbox, journal, views},
};
use jiff::Timestamp;
use serde_json::Value;

const STATUS: [&str; 10] =
    ["campaign", "deadline", "guests", "standing", "people", "delivery", "mail", "mailbox", "question", "unsubscribe"];
const STANDING: [&str; 7] = ["accept", "decline", "delegate", "tentative", "silent", "needs_look", "unreachable"];
const DELIVERY: [&str; 7] = ["queued", "sending", "sent", "uncertain", "failed", "bounced", "cancelled"];
const MAIL: [&str; 6] = ["recorded", "needs_look", "automatic", "bounces", "not_ours", "total"];
const GUEST: [&str; 15] = [
    "email",
    "name",
    "token",
    "language",
    "standing",
    "answer",
    "party",
    "delivery",
    "question",
    "unsubscribe",
    "delegate",
    "note",
    "evidence",
    "sure",
    "since",
];

/// Three guests whose letters are sent.
pub fn invited() -> Case {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    case
}

/// A mail that needs a look, as the mailbox loop files it: of a guest, or of nobody who is known.
pub(super) fn unclear(case: &Case, from: &str, guest: Option<&str>, said: &str, guess: Answer) {
    file(case, from, guest, said, guess, false);
}

fn file(case: &Case, from: &str, guest: Option<&str>, said: &str, guess: Answer, sure: bool) {
    let (from, guest, said) = (from.to_owned(), guest.map(str::to_owned), said.to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let store = Store::open(&case.path("gala.db")).expect("the database");
    let filed = store.write(move |conn| {
        let now = Timestamp::now();
        let row = views::guests(conn, None)?.into_iter().find(|row| Some(&row.email) == guest.as_ref());
        let verdict = Verdict { answer: guess, confidence: 0.6, evidence: vec![said.clone()], ..Verdict::silent() };
        let mail = inbox::Arrived {
            identity: format!("{from} {said}"),
            folder: "INBOX".into(),
            uid: 1,
            arrived: now,
            bucket: if sure { inbox::Bucket::Recorded } else { inbox::Bucket::NeedsLook },
            campaign: row.as_ref().map(|row| row.campaign),
            invitation: row.as_ref().map(|row| row.invitation),
            sender: from,
            subject: "Re: Gala".into(),
            said: said.clone(),
            verdict: Some(verdict),
            doubts: vec!["the words do not say it clearly".into()],
            raw: None,
        };
        let Some(id) = inbox::keep(conn, &mail, now)? else { return Ok(()) };
        if let Some(row) = row {
            let (party, question, unsubscribe, delegate, calendar) = (None, false, false, None, None);
            let guess = Answered {
                mail: id,
                answer: guess,
                party,
                question,
                unsubscribe,
                delegate,
                evidence: vec![said],
                at: now,
                uid: 1,
                calendar,
            };
            let looked = |guess| Fact::Looked { mail: id, why: mail.doubts, guess: Some(guess) };
            journal::append(conn, row.invitation, now, &if sure { Fact::Answered(guess) } else { looked(guess) })?;
        }
        Ok(())
    });
    runtime.block_on(filed).expect("filed");
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// The keys of a line of JSON in the order in which they are printed.
fn printed_keys<'a>(line: &str, known: &[&'a str]) -> Vec<&'a str> {
    let mut found: Vec<(usize, &str)> = known.iter().filter_map(|key| Some((line.find(&format!("\"{key}\":"))?, *key))).collect();
    found.sort();
    found.into_iter().map(|(_, key)| key).collect()
}

fn sum(counts: &Value, names: &[&str]) -> u64 {
    names.iter().map(|name| counts[*name].as_u64().expect("a number")).sum()
}

#[test]
fn status_is_one_line_with_the_promised_keys_and_adds_up() {
    let case = invited();
    case.call("record ana@guests.example accept --party 3").exit(0);
    unclear(&case, "ben@guests.example", Some("ben@guests.example"), "hm, perhaps", Answer::Tentative);
    unclear(&case, "stranger@guests.example", None, "I come too", Answer::Accept);
    let said = case.call("status --json").exit(0);
    let [status] = &said.objects()[..] else { panic!("one line\n{said}") };
    let mut sorted = STATUS.to_vec();
    sorted.sort_unstable();
    let mut found = keys(status);
    found.sort_unstable();
    assert_eq!(found, sorted, "no key more, no key less");
    for (object, names) in
        [(status, STATUS.as_slice()), (&status["standing"], &STANDING), (&status["delivery"], &DELIVERY), (&status["mail"], &MAIL)]
    {
        assert_eq!(object.as_object().expect("an object").len(), names.len(), "{object}");
    }
    assert_eq!(printed_keys(&said.stdout, &STATUS), STATUS);
    let part = |key: &str, names| {
        let at = said.stdout.find(&format!("\"{key}\":{{")).expect("the part");
        printed_keys(said.stdout[at..].split('}').next().expect("its end"), names)
    };
    assert_eq!(
        (part("standing", &STANDING), part("delivery", &DELIVERY), part("mail", &MAIL)),
        (STANDING.to_vec(), DELIVERY.to_vec(), MAIL.to_vec())
    );
    assert_eq!((status["campaign"].as_str(), status["deadline"].as_str()), (Some("gala"), Some("2099-12-04")));
    assert_eq!((status["guests"].as_u64(), status["people"].as_u64()), (Some(3), Some(3)));
    assert_eq!(sum(&status["standing"], &STANDING), 3);
    assert_eq!(sum(&status["mail"], &MAIL[..5]), status["mail"]["total"].as_u64().expect("a number"));
    assert_eq!((status["standing"]["accept"].as_u64(), status["standing"]["needs_look"].as_u64()), (Some(1), Some(1)));
    assert_eq!(status["mail"]["needs_look"].as_u64(), Some(2));
    case.call("status")
        .exit(0)
        .stdout_has("gala: 3 guests, answers until 2099-12-04")
        .stdout_has("3 people come.")
        .stdout_has("`convoke review gala`");
}

#[test]
fn who_was_invited_to_another_start_is_told_apart() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    case.call("record ana@guests.example accept --party 2").exit(0);
    case.call("record ben@guests.example decline").exit(0);
    case.write("letters/invitation.en.md", TEMPLATE.replace("please come", "do come"));
    case.call("send --new-templates").exit(0).stdout_lacks("Careful");
    case.call("status").exit(0).stdout_has("2 people come.\nLetters:");
    case.write("gala.toml", CAMPAIGN.replace("2099-12-10", "2099-12-17"));
    case.call("send --new-templates").exit(0).stdout_has("Careful: who is invited already is told nothing of the new start;");
    let line = "Of these, 2 were invited to another start than 2099-12-17 19:00: convoke does not tell them of it.\n";
    case.call("status").exit(0).stdout_has(&format!("2 people come.\n{line}"));
    case.write("gala.csv", format!("{LIST}dan@guests.example,Dan Rus,en\n"));
    case.call("send --yes 1").exit(0);
    case.call("record dan@guests.example accept").exit(0);
    case.call("status").exit(0).stdout_has(&format!("3 people come.\n{line}"));
    case.write("gala.toml", CAMPAIGN);
    case.call("send --new-templates").exit(0);
    case.call("status").exit(0).stdout_has("Of these, 1 was invited to another start than 2099-12-10 19:00:");
}

#[test]
fn who_was_invited_to_another_place_is_told_apart() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    let at = |place: &str| case.write("gala.toml", CAMPAIGN.replace("Town hall", place));
    case.call("send --yes 3").exit(0);
    case.call("record ana@guests.example accept --party 2").exit(0);
    at("Town Hall, room 2");
    case.call("send --new-templates").exit(0).stdout_lacks("Careful");
    case.call("status").exit(0).stdout_has("2 people come.\nLetters:");
    at("Opera");
    let careful = "Careful: who is invited already is told nothing of the new place;";
    case.call("send --new-templates").exit(0).stdout_has(careful).stdout_lacks("new start");
    let line = "Of these, 2 were invited to another place than Opera: convoke does not tell them of it.\n";
    case.call("status").exit(0).stdout_has(&format!("2 people come.\n{line}Letters:"));
}

#[test]
fn guests_as_json_in_the_promised_order() {
    let case = invited();
    let said = case.call("guests --json").exit(0);
    assert_eq!(said.objects().len(), 3);
    for (line, guest) in said.stdout.lines().zip(said.objects()) {
        assert_eq!(printed_keys(line, &GUEST), GUEST, "{line}");
        assert_eq!(guest.as_object().expect("an object").len(), GUEST.len(), "{line}");
        assert_eq!(
            (guest["standing"].as_str(), guest["answer"].as_str(), guest["delivery"].as_str()),
            (Some("silent"), Some("none"), Some("sent"))
        );
        assert_eq!(guest["token"].as_str().map(str::len), Some(12));
    }
}

#[test]
fn guests_are_filtered_and_sorted() {
    let case = invited();
    case.call("record eva@guests.example accept").exit(0);
    case.call("record ben@guests.example decline").exit(0);
    let emails = |line: &str| -> Vec<String> {
        let said = case.call(&format!("guests --json {line}")).exit(0);
        said.objects()
            .iter()
            .map(|guest| guest["email"].as_str().expect("an address").split('@').next().expect("a part").to_owned())
            .collect()
    };
    assert_eq!(emails(""), ["ana", "ben", "eva"]);
    assert_eq!(emails("--standing accept"), ["eva"]);
    assert_eq!(emails("--standing accept,decline"), ["ben", "eva"]);
    assert_eq!(emails("--standing silent --delivery sent"), ["ana"]);
    for written in ["needs look", "needs-look", "needs_look, silent"] {
        case.call("guests --standing").arg(written).exit(0);
    }
    assert_eq!(emails("--delivery failed"), [""; 0]);
    assert_eq!(emails("--find HILL"), ["ben"]);
    assert_eq!(emails("--find eva@"), ["eva"]);
    assert_eq!(emails("--sort standing"), ["eva", "ben", "ana"]);
    assert_eq!(emails("gala --sort email"), ["ana", "ben", "eva"]);
    assert_eq!(emails("--sort name"), ["ana", "ben", "eva"]);
    assert_eq!(emails("--sort since")[2], "ana");
    case.call("guests --standing yes").exit(2).stderr_has("--standing \"yes\" is none of: accept, decline,");
    case.call("guests --delivery lost").exit(2).stderr_has("--delivery \"lost\" is none of: queued, sending, sent,");
    case.call("guests --sort age").exit(2).stderr_has("invited, name, email, standing, since");
    case.call("guests").exit(0).stdout_has("Ana Pop").stdout_has("ben@guests.example").stdout_has("decline");
}

#[test]
fn a_guest_is_found_by_the_words_of_the_name() {
    let relay = Relay::kind();
    let list = "email,name\nstefan@guests.example,Ștefan Brânză\nmihai@guests.example,Mihai Popescu\nmaria@guests.example,Мария\n";
    let case = Case::new().relay(relay.port).list(list);
    case.call("send --yes 3").exit(0);
    let found = |text: &str| -> Vec<String> {
        let said = case.call("guests --json --find").arg(text).exit(0);
        said.objects().iter().map(|guest| guest["email"].as_str().expect("an address").replace("@guests.example", "")).collect()
    };
    for text in ["branza", "Stefan", "BRÂNZĂ, ștefan", "guests.example stef"] {
        assert_eq!(found(text), ["stefan"], "{text}");
    }
    assert_eq!(found("Popescu Mihai"), ["mihai"]);
    assert_eq!(found("Popescu Ștefan"), [""; 0]);
    assert_eq!(found("МАРИЯ"), ["maria"]);
    assert_eq!(found("").len(), 3);
    case.call("record")
        .arg("Mihai Popescu")
        .arg("accept")
        .exit(2)
        .stderr_has("no guest has the address or token \"Mihai Popescu\"; `convoke guests --find \"Mihai Popescu\"` looks for a name");
}

#[test]
fn guests_show_the_people_that_status_counts() {
    let case = invited();
    case.call("record ben@guests.example decline --party 4")
        .exit(2)
        .stderr_has("--party says how many come, and a guest who declines brings nobody; leave --party out");
    case.call("record ana@guests.example accept").exit(0);
    case.call("record ben@guests.example decline").exit(0);
    case.call("record eva@guests.example tentative --party 3").exit(0);
    let said = case.call("guests").exit(0);
    let row = |email: &'static str| -> Vec<&str> {
        said.stdout.lines().find(|line| line.contains(email)).expect("a row").split_whitespace().collect()
    };
    assert_eq!(row("ana@"), ["Ana", "Pop", "ana@guests.example", "accept", "1", "sent"]);
    assert_eq!(row("ben@"), ["Ben", "Hill", "ben@guests.example", "decline", "sent"]);
    assert_eq!(row("eva@"), ["Eva", "Kos", "eva@guests.example", "tentative", "sent"]);
    case.call("status").exit(0).stdout_has("1 person comes.");
}

#[test]
fn what_a_silent_guest_wrote_is_shown() {
    let case = invited();
    file(&case, "ana@guests.example", Some("ana@guests.example"), "You have the wrong Ana.", Answer::None, true);
    let said = case.call("guests --standing silent").exit(0);
    let row = said.stdout.lines().find(|line| line.contains("ana@")).expect("a row");
    assert!(row.contains("silent") && row.contains("You have the wrong Ana."), "{row}");
    for call in ["show ana@guests.example", "export"] {
        case.call(call).exit(0).stdout_has("You have the wrong Ana.");
    }
    case.call("status").exit(0).stdout_lacks("review");
}

#[test]
fn a_mailbox_that_was_never_read_is_told() {
    let never = "The mailbox was never read: `convoke run` reads it.\n";
    let case = invited();
    case.call("status").exit(0).stdout_lacks(never);
    case.write("convoke.toml", config(1) + "[maildir]\npath = \"Maildir\"\n");
    case.call("status").exit(0).stdout_has(never);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let store = Store::open(&case.path("gala.db")).expect("the database");
    let folder = format!("maildir:{}", case.path("Maildir").display());
    let read = folder.clone();
    runtime.block_on(store.write(move |conn| inbox::move_cursor(conn, &read, 1, 1, Timestamp::now()))).expect("read");
    drop(store);
    case.call("status").exit(0).stdout_has(&format!("{folder} read at ")).stdout_lacks(never);
}

#[test]
fn fixing_an_address_needs_a_guest_and_a_real_address() {
    let case = invited();
    case.call("guests fix no@guests.example --to new@guests.example").exit(2).stderr_has("no guest has the address or token");
    case.call("guests fix ana@guests.example --to nonsense").exit(2).stderr_has("--to \"nonsense\" is not an address");
    case.call("guests fix ana@guests.example --to Ana@guests.example").exit(2).stderr_has("is the guest's address already");
    case.call("guests fix ana@guests.example").exit(2);
    case.call("guests fix ana@guests.example --to ben@guests.example").exit(2).stderr_has("say --shared");
    case.call("status --json").exit(0).stdout_has("\"queued\":0,");
    case.call("guests fix ana@guests.example --to ben@guests.example --shared").exit(0);
    case.call("show ana@guests.example").exit(0).stdout_has("address mended: ana@guests.example is ben@guests.example");
}

#[test]
fn a_ruling_stands_with_its_note_and_can_be_changed() {
    let case = invited();
    case.call("record ana@guests.example accept --party 4 --note")
        .arg("by phone")
        .exit(0)
        .stdout("Ana Pop <ana@guests.example>: accept, 4 people, recorded by you.\n");
    case.call("show ana@guests.example")
        .exit(0)
        .stdout_has("  accept, 4 people (by phone)\n")
        .stdout_has("you recorded: accept, 4 people (by phone)");
    case.call("record Ana@Guests.Example decline").exit(0);
    let said = case.call("guests --json --find ana").exit(0);
    assert_eq!((said.objects()[0]["standing"].as_str(), said.objects()[0]["party"].as_u64()), (Some("decline"), None));
    case.call("record ben@guests.example delegate --note").arg("sends Zoe").exit(0);
    case.call("record eva@guests.example tentative").exit(0);
    case.call("status --json")
        .exit(0)
        .stdout_has("\"standing\":{\"accept\":0,\"decline\":1,\"delegate\":1,\"tentative\":1,\"silent\":0,")
        .stdout_has("\"people\":1,");
    case.call("record ana@guests.example perhaps").exit(2).stderr_has("accept, decline, delegate, tentative");
    case.call("record ana@guests.example accept --party 0").exit(2);
    case.call("record ana@guests.example accept --party many").exit(2);
}

#[test]
fn show_tells_the_whole_story() {
    let case = invited();
    unclear(&case, "ben@guests.example", Some("ben@guests.example"), "hm, perhaps", Answer::Tentative);
    case.call("show ben@guests.example")
        .exit(0)
        .stdout_has("Ben Hill <ben@guests.example>  [")
        .stdout_has("  needs look")
        .stdout_has("  invited at ben@guests.example\n")
        .stdout_has("  invitation sent: ")
        .stdout_has("  needs a look (perhaps tentative): the words do not say it clearly\n")
        .stdout_has("“hm, perhaps”");
    let said = case.call("show ben@guests.example --json").exit(0);
    let [story] = &said.objects()[..] else { panic!("one line\n{said}") };
    assert_eq!(story["guest"]["email"].as_str(), Some("ben@guests.example"));
    assert_eq!(story["timeline"].as_array().map(Vec::len), Some(3));
}

#[test]
fn review_takes_one_key_a_mail() {
    let case = invited();
    case.call("review").exit(0).stdout("Nothing needs a look.\n");
    unclear(&case, "ana@guests.example", Some("ana@guests.example"), "hm, perhaps", Answer::Tentative);
    unclear(&case, "ben@guests.example", Some("ben@guests.example"), "thank you", Answer::None);
    unclear(&case, "eva@guests.example", Some("eva@guests.example"), "with pleasure, I think", Answer::Accept);
    assert_eq!(case.call("review --json").exit(0).objects().len(), 3);

    case.call("review")
        .stdin("q\n")
        .exit(0)
        .stdout_has("── 1 of 3 ─")
        .stdout_has("Guest:   Ana Pop <ana@guests.example>")
        .stdout_has("    hm, perhaps\n");
    assert_eq!(case.call("review --json").exit(0).objects().len(), 3, "q decides nothing");

    // An unknown key asks again; Enter takes the guess; s leaves it; the end of the input ends it.
    case.call("review").stdin("x\nd\ns\n\n").exit(0).stdout_has("Guess:   accept (60 %)").stdout_has("skipped");
    let said = case.call("guests --json").exit(0);
    let standings: Vec<String> = said.objects().iter().map(|guest| guest["standing"].as_str().expect("a word").to_owned()).collect();
    assert_eq!(standings, ["decline", "needs_look", "accept"]);

    case.call("review").stdin("n\n").exit(0).stdout_has("left as it is");
    case.call("review").exit(0).stdout("Nothing needs a look.\n");
    case.call("status --json").exit(0).stdout_has("\"mail\":{\"recorded\":3,\"needs_look\":0,");
}

#[test]
fn review_says_what_stands_so_far() {
    let case = invited();
    case.call("record ana@guests.example accept").exit(0);
    unclear(&case, "ana@guests.example", Some("ana@guests.example"), "May my sister come too?", Answer::None);
    case.call("review")
        .stdin("n\n")
        .exit(0)
        .stdout_has("So far:  accept\n")
        .stdout_has("t tentative, 1 to 1000 accept with so many, n it stays accept, s skip");
    case.call("guests --standing accept --json").exit(0).stdout_has("ana@guests.example");
    unclear(&case, "ben@guests.example", Some("ben@guests.example"), "thank you", Answer::None);
    case.call("review")
        .stdin("q\n")
        .exit(0)
        .stdout_lacks("So far")
        .stdout_has("t tentative, 1 to 1000 accept with so many, n nothing to record, s skip");
}

#[test]
fn review_asks_whose_mail_a_strangers_is() {
    let case = invited();
    unclear(&case, "secretary@office.example", None, "Ben will come", Answer::Accept);
    case.call("review")
        .stdin("a\nnobody@guests.example\na\nben@guests.example\n")
        .exit(0)
        .stdout_has("nobody we know")
        .stdout_has("no guest has the address");
    case.call("guests --standing accept --json").exit(0).stdout_has("ben@guests.example");
    case.call("review").exit(0).stdout("Nothing needs a look.\n");
}

#[test]
fn a_hostile_name_does_not_speak_to_the_terminal() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port).list("email,name\nana@guests.example,\"Ana\u{1b}[2J\u{7}\"\n");
    case.call("send --yes 1").exit(0);
    unclear(&case, "ana@guests.example", Some("ana@guests.example"), "\u{1b}]0;owned\u{7}yes", Answer::Accept);
    for line in ["guests", "show ana@guests.example", "review", "status", "outbox", "send --yes 0"] {
        let said = case.call(line).exit(0);
        assert!(!said.stdout.contains(['\u{1b}', '\u{7}']) && !said.stderr.contains(['\u{1b}', '\u{7}']), "{said}");
    }
}

#[test]
fn commands_before_the_first_send_say_where_to_begin() {
    let case = Case::new();
    for line in [
        "status",
        "guests",
        "show a@b.example",
        "review",
        "record a@b.example accept",
        "outbox",
        "export",
        "reread",
        "learned export",
        "backup x.db",
        "pause",
        "resume",
    ] {
        case.call(line)
            .exit(2)
            .stderr("convoke: there is no database gala.db yet: nobody was invited; start with `convoke send CAMPAIGN`\n");
    }
    assert!(!case.exists("gala.db"));
}

#[test]
fn outbox_as_json_and_a_letter_sent_again() {
    let relay = Relay::saying(&[("RCPT TO:<ben@", "550 5.2.2 mailbox full")]);
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(3);
    let said = case.call("outbox --json").exit(0);
    let [letter] = &said.objects()[..] else { panic!("one letter\n{said}") };
    assert_eq!(
        (letter["email"].as_str(), letter["state"].as_str(), letter["campaign"].as_str()),
        (Some("ben@guests.example"), Some("failed"), Some("gala"))
    );
    case.call("outbox resend ana@guests.example")
        .exit(2)
        .stderr_has("the newest letter to ana@guests.example is sent, not uncertain or failed or bounced");
    case.call("outbox resend ben@guests.example").exit(0).stdout_has("is queued again");
    relay.says(&[]);
    case.call("send --yes 0").exit(0).stdout_has("3 sent, 0 waiting");
    assert_eq!(relay.recipients().len(), 3);
}
