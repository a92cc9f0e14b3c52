//! Guests who ask for no more letters while some of ours to them wait.

use super::{
    case::{CAMPAIGN, Case, LIST, config},
    relay::Relay,
};
use convoke::{
    model::{Answer, Fact, Verdict, standing::Answered},
    store::{Store, inbox, journal, views},
};
use jiff::Timestamp;

/// Three guests whose letters of gala have left, and whose letters of ball wait.
fn two_campaigns() -> Case {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    case.write("convoke.toml", config(1));
    case.write("ball.toml", CAMPAIGN.replace("\"gala\"", "\"ball\""));
    case.call("send ball --yes 3").exit(1).stdout_has("3 letters queued.");
    case
}

/// What a mail of a guest of gala says, as the mailbox loop files it.
fn says(case: &Case, who: &'static str, fact: impl FnOnce(Answered) -> Fact + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let store = Store::open(&case.path("gala.db")).expect("the database");
    let filed = store.write(move |conn| {
        let now = Timestamp::now();
        let row =
            views::guests(conn, None)?.into_iter().find(|row| [&row.email, &row.name].iter().any(|word| *word == who)).expect("a guest");
        let (answer, said) = (Answer::Decline, "No. Write to me no more.");
        let verdict = Verdict { answer, unsubscribe: true, evidence: vec![said.into()], ..Verdict::silent() };
        let mail = inbox::Arrived {
            identity: who.into(),
            folder: "INBOX".into(),
            uid: 1,
            arrived: now,
            bucket: inbox::Bucket::NeedsLook,
            campaign: Some(row.campaign),
            invitation: Some(row.invitation),
            sender: row.email,
            subject: "Re: Gala".into(),
            said: said.into(),
            verdict: Some(verdict),
            doubts: vec!["please look".into()],
            raw: None,
        };
        let mail = inbox::keep(conn, &mail, now)?.expect("a new mail");
        let (party, delegate, calendar) = (None, None, None);
        let evidence = vec![said.to_owned()];
        let said = Answered { mail, answer, party, question: false, unsubscribe: true, delegate, evidence, at: now, uid: 1, calendar };
        journal::append(conn, row.invitation, now, &fact(said))
    });
    runtime.block_on(filed).expect("filed");
}

#[test]
fn who_asks_for_no_more_letters_gets_none_that_waits() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("3 letters queued.");
    says(&case, "ben@guests.example", |said| Fact::Complained { mail: said.mail });
    says(&case, "eva@guests.example", |said| Fact::Complained { mail: said.mail });
    for call in ["status", "outbox gala", "outbox", "send --dry-run"] {
        case.call(call)
            .exit(0)
            .stdout_has("1 waits: ")
            .stdout_has("2 letters wait for guests who have asked for no more letters since: they will be withdrawn instead of sent.\n");
    }
    case.call("outbox").exit(0).stdout_has("it will be withdrawn: the guest has asked for no more letters");
    case.call("review")
        .stdin("s\n")
        .exit(0)
        .stdout_has("A letter to ben@guests.example waits (campaign gala): it will be withdrawn instead of sent.\n");

    let relay = Relay::kind();
    case.write("convoke.toml", config(relay.port));
    case.call("send --yes 0")
        .exit(0)
        .stdout_has("1 sent, 0 waiting, 0 uncertain, 0 failed.")
        .stdout_has("  cancelled ben@guests.example: the guest had asked for no more letters before it left\n")
        .stdout_has("  cancelled eva@guests.example: the guest had asked for no more letters before it left\n")
        .stdout_has("because the guest had said no, or asked for no more letters;");
    assert_eq!(relay.recipients(), ["ana@guests.example"]);
    case.write("gala.csv", format!("{LIST}zoe@guests.example,Zoe,en\n"));
    case.call("send --yes 1").exit(0).stdout_has("3 invited already, 1 to invite now").stdout_lacks("  cancelled");
    case.call("status")
        .exit(0)
        .stdout_has("2 invitations were withdrawn, because the guests had asked for no more letters before; `convoke outbox`")
        .stdout_lacks("Careful");
    case.call("show ben@guests.example")
        .exit(0)
        .stdout_has("  invitation cancelled: the guest had asked for no more letters before it left");

    // The organiser knows better, and the wish is older than that.
    case.call("outbox resend ben@guests.example").exit(0);
    case.call("send --yes 0").exit(0).stdout_has("3 sent, 0 waiting");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example", "zoe@guests.example"]);
}

#[test]
fn a_wish_of_one_campaign_withdraws_no_letter_of_another_and_review_names_it() {
    let case = two_campaigns();
    says(&case, "ben@guests.example", |said| Fact::Complained { mail: said.mail });
    says(&case, "eva@guests.example", Fact::Answered);
    case.call("outbox ball").exit(0).stdout_has("3 wait: ").stdout_lacks("no more letters");
    case.call("review gala").stdin("s\n").exit(0).stdout_has(
        "Careful: the guest wants no more letters, and one to ben@guests.example waits (campaign ball): \
         `convoke outbox cancel ben@guests.example --campaign ball` withdraws it; as long as the row stands in the list, the next `convoke send ball` invites again.\n",
    );
    let relay = Relay::kind();
    case.write("convoke.toml", config(relay.port));
    case.call("send ball --yes 0").exit(0).stdout_has("3 sent, 0 waiting").stdout_lacks("  cancelled");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example", "eva@guests.example"]);
}

#[test]
fn a_wish_withdraws_no_letter_to_another_guest_at_the_address() {
    let case = Case::new().list("email,name\noffice@guests.example,Ana Pop\noffice@guests.example,Ben Hill\n");
    case.call("send --yes 2").exit(1).stdout_has("2 letters queued.");
    says(&case, "Ana Pop", |said| Fact::Complained { mail: said.mail });
    case.call("review")
        .stdin("s\n")
        .exit(0)
        .stdout_has("A letter to office@guests.example waits (campaign gala): it will be withdrawn instead of sent.\n")
        .stdout_has("and one to Ben Hill <office@guests.example> waits (campaign gala): `convoke outbox cancel ")
        .stdout_lacks("convoke outbox cancel office@guests.example");
    let relay = Relay::kind();
    case.write("convoke.toml", config(relay.port));
    case.call("send --yes 0").exit(0).stdout_has("1 sent, 0 waiting");
    let said = case.call("record office@guests.example accept").exit(2);
    let ana = said.stderr.lines().find(|line| line.contains("Ana Pop")).expect("a choice");
    let token = ana.split_whitespace().next().expect("a token");
    let cure = format!("`convoke outbox resend {token}` sends it.\n");
    case.call("record").arg(token).arg("accept").exit(0).stdout_has(&cure);
    assert_eq!(relay.recipients(), ["office@guests.example"]);
}

#[test]
fn who_comes_after_all_is_told_of_like_one_who_had_said_no() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("3 letters queued.");
    says(&case, "ben@guests.example", |said| Fact::Complained { mail: said.mail });
    let relay = Relay::kind();
    case.write("convoke.toml", config(relay.port));
    case.call("send --yes 0").exit(0).stdout_has("2 sent, 0 waiting");
    case.call("record ben@guests.example accept")
        .exit(0)
        .stdout_has("The invitation was withdrawn before it left: `convoke outbox resend ");
    case.call("status").exit(0).stdout_has("Careful: 1 guest of these does not say no any more, and has no invitation.");
}

#[test]
fn an_unsure_wish_withdraws_nothing_and_review_says_what_waits() {
    let case = two_campaigns();
    says(&case, "ben@guests.example", |said| Fact::Looked { mail: said.mail, why: vec!["please look".into()], guess: Some(said) });
    case.call("outbox").exit(0).stdout_has("3 wait: ").stdout_lacks("no more letters since");
    case.call("review gala").stdin("s\n").exit(0).stdout_has(
        "Careful: the guest may want no more letters, and one to ben@guests.example waits (campaign ball): \
         `convoke outbox cancel ben@guests.example --campaign ball` withdraws it; as long as the row stands in the list, the next `convoke send ball` invites again.\n",
    );
    case.call("outbox cancel ben@guests.example --campaign ball").exit(0).stdout_has("1 letter withdrawn.");
    case.call("review gala").stdin("s\n").exit(0).stdout_lacks("waits (campaign ball)");
}
