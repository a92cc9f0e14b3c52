//! `outbox resend` and `outbox confirm`: several letters in one call, all that were refused for good, all that are uncertain.

use super::{
    case::{CAMPAIGN, Case, TEMPLATE},
    relay::{HANG_UP, Relay},
};
use convoke::store::Connection;

const HEAD: &str = "email,name\n";

/// A list of guests of these first names.
fn list(names: &[&str]) -> String {
    names.iter().fold(HEAD.to_owned(), |list, name| format!("{list}{name}@guests.example,{name} Pop\n"))
}

/// Ana and Ben were refused because of the relay, Eva because there is no such mailbox, Ion by a relay that hung up on him before, Max
/// because of the relay, before he said no; Dan is uncertain, and Zoe has her letter.
fn evening() -> (Case, Relay) {
    let relay = Relay::saying(&[("DOT", HANG_UP)]);
    let case = Case::new().relay(relay.port).list(list(&["dan", "ion"]));
    case.call("send --yes 2").exit(3).stdout_has("2 uncertain");
    relay.says(&[("RCPT TO:<ion@", "550 5.7.1 blocked")]);
    case.call("outbox resend ion@guests.example").exit(0);
    case.call("send --yes 0").exit(3).stdout_has("1 uncertain, 1 failed");
    relay.says(&[
        ("RCPT TO:<ana@", "550 5.2.2 over quota"),
        ("RCPT TO:<ben@", "554 5.3.0 refused for now, and for good"),
        ("RCPT TO:<eva@", "550 5.1.1 no such user"),
        ("RCPT TO:<max@", "550 5.2.2 over quota"),
    ]);
    case.write("gala.csv", list(&["dan", "ion", "ana", "ben", "eva", "max", "zoe"]));
    case.call("send --yes 5")
        .exit(3)
        .stdout_has("1 sent, 0 waiting, 1 uncertain, 5 failed.")
        .stdout_has("`convoke outbox resend --failed`");
    case.call("record max@guests.example decline").exit(0);
    relay.says(&[]);
    (case, relay)
}

#[test]
fn all_letters_that_were_refused_for_good_are_sent_again_by_one_call() {
    let (case, relay) = evening();
    case.call("outbox").exit(0).stdout_has("`convoke outbox resend --failed` for all of them");
    let no = "127.0.0.1 refused the recipient (RCPT TO):";
    let told = format!(
        "Campaign gala: 5 letters were refused for good, 2 to send again now.\n  \
         ana@guests.example: {no} 550 5.2.2 over quota\n  \
         ben@guests.example: {no} 554 5.3.0 refused for now, and for good\n\
         Left out: 1, because the address does not exist; `convoke guests fix EMAIL --to NEW` invites at the right one:\n  \
         eva@guests.example: {no} 550 5.1.1 no such user\n\
         Left out: 1, because an earlier attempt may have left; look into your Sent folder, or ask the guest, then \
         `convoke outbox resend EMAIL`:\n  \
         ion@guests.example: {no} 550 5.7.1 blocked\n\
         Left out: 1, because the guest has said no, or asked for no more letters; `convoke outbox resend EMAIL` sends it all the same:\n  \
         max@guests.example: {no} 550 5.2.2 over quota\n\
         1 letter is uncertain, and not among them: `convoke outbox gala` says what to do.\n"
    );
    let question = "Type the number of letters (2) to send them: ";
    for typed in ["3\n", "", "yes\n"] {
        case.call("outbox resend --failed").stdin(typed).exit(2).stdout(&format!("{told}{question}")).stderr_has("nothing was queued");
    }
    case.call("outbox resend --failed --yes 5").exit(2).stderr_has("this call would queue 2 letters, not 5; nothing was queued");
    case.call("status --json").exit(0).stdout_has("\"queued\":0,");
    let done = "The letter to ana@guests.example is queued again.\nThe letter to ben@guests.example is queued again.\n\
        `convoke send gala` (or the daemon) delivers them.\n";
    case.call("outbox resend --failed").stdin("2\n").exit(0).stdout(&format!("{told}{question}{done}"));

    // Once more: nothing is left to do.
    case.call("outbox resend --failed")
        .exit(0)
        .stdout_has("Campaign gala: 3 letters were refused for good, 0 to send again now.\n")
        .stdout_lacks("queued again");
    case.call("outbox resend --failed --yes 2").exit(2).stderr_has("this call would queue 0 letters, not 2");
    case.call("send --yes 0").exit(3).stdout_has("3 sent, 0 waiting, 1 uncertain, 3 failed.");
    let letters = relay.recipients();
    let once = |name: &str| letters.iter().filter(|to| to.starts_with(name)).count();
    assert_eq!(["ana", "ben", "eva", "max", "zoe", "dan", "ion"].map(once), [1, 1, 0, 0, 1, 1, 1], "nobody has two: {letters:?}");
}

#[test]
fn a_dead_address_is_left_out_whatever_its_guest_has_answered_and_goes_where_it_is_named() {
    let relay = Relay::saying(&[("RCPT TO:<eva@", "550 5.1.1 no such user")]);
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(3).stdout_has("1 failed");
    case.call("record eva@guests.example accept --note telephone").exit(0);
    let database = Connection::open(case.path("gala.db")).expect("the database");
    database.execute("UPDATE letter SET state = 'bounced' WHERE rcpt_to LIKE 'ana@%'", []).expect("one came back");
    drop(database);
    relay.says(&[]);
    case.call("outbox resend --failed --yes 0").exit(0).stdout_has("1 letter was refused for good, 0 to send again now.\n").stdout_has(
        "Left out: 1, because the address does not exist; `convoke guests fix EMAIL --to NEW` invites at the right one:\n  eva@guests.example",
    ).stdout_has("1 letter came back, and is not among them: `convoke guests gala --delivery bounced` names the guests");
    case.call("outbox resend eva@guests.example")
        .exit(0)
        .stdout("The letter to eva@guests.example is queued again.\n`convoke send gala` (or the daemon) delivers it.\n");
    case.call("send --yes 0").exit(0).stdout_has("2 sent");
}

#[test]
fn several_are_sent_again_in_one_call_but_none_of_which_nobody_knows_whether_it_left() {
    let (case, relay) = evening();
    case.call("outbox resend ana@guests.example nobody@guests.example").exit(2).stderr_has("no guest has the address or token");
    case.call("status --json").exit(0).stdout_has("\"queued\":0,");
    case.call("outbox resend ana@guests.example dan@guests.example BEN@guests.example zoe@guests.example ana@guests.example")
        .exit(2)
        .stdout(
            "The letter to ana@guests.example is queued again.\nThe letter to ben@guests.example is queued again.\n\
             `convoke send gala` (or the daemon) delivers them.\n",
        )
        .stderr_has("the letter to dan@guests.example may have left, so it is not sent again together with others: look into your Sent")
        .stderr_has("then `convoke outbox confirm dan@guests.example` or `convoke outbox resend dan@guests.example`\n")
        .stderr_has("the newest letter to zoe@guests.example is sent, not uncertain or failed or bounced or cancelled\n");
    case.call("outbox resend ana@guests.example ben@guests.example")
        .exit(2)
        .stdout("")
        .stderr_has("the newest letter to ben@guests.example is queued, not uncertain");
    case.call("send --yes 0").exit(3).stdout_has("3 sent, 0 waiting, 1 uncertain, 3 failed.");
    case.call("outbox resend dan@guests.example dan@guests.example").exit(0).stdout_has("is queued again");
    let letters = relay.recipients();
    assert_eq!(letters.iter().filter(|to| to.starts_with("ana") || to.starts_with("ben")).count(), 2, "{letters:?}");
}

#[test]
fn letters_of_a_paused_campaign_that_are_queued_again_say_what_lets_them_go() {
    let relay = Relay::saying(&[("RCPT", "550 5.7.1 you may not send")]);
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(3).stdout_has("0 sent, 0 waiting, 0 uncertain, 3 failed.");
    case.call("status").exit(0).stdout_has("It paused itself");
    case.call("outbox resend --failed --yes 3")
        .exit(0)
        .stdout_has("The letter to eva@guests.example is queued again.\n")
        .stdout_has("\nThe campaign is paused: `convoke resume gala`, and then `convoke send gala` or a daemon that runs, lets them go.\n");
    relay.says(&[]);
    case.call("resume").exit(0);
    case.call("send --yes 0").exit(0).stdout_has("3 sent");
}

#[test]
fn a_letter_that_never_left_is_sent_again_with_the_event_as_it_is_now_and_one_that_may_have_left_as_it_was() {
    let relay = Relay::saying(&[("DOT", HANG_UP)]);
    let case = Case::new().relay(relay.port).list(list(&["dan"]));
    case.call("send --yes 1").exit(3).stdout_has("1 uncertain");
    relay.says(&[("RCPT TO:", "550 5.2.2 over quota")]);
    case.write("gala.csv", list(&["dan", "ana", "ben"]));
    case.call("send --yes 2").exit(3).stdout_has("2 failed");
    case.write("gala.toml", CAMPAIGN.replace("2099-12-10T", "2099-12-11T"));
    case.call("send --new-templates --yes 0").exit(3);
    relay.says(&[]);
    let before = relay.letters().len();
    case.call("outbox resend ana@guests.example").exit(0).stdout_lacks("Careful");
    case.call("outbox resend --failed --yes 1").exit(0).stdout_lacks("Careful");
    let as_it_was = "The letter to dan@guests.example is queued again.\nCareful: it goes as it was written, with another start or place than the event has now; ";
    case.call("outbox resend dan@guests.example").exit(0).stdout_has(as_it_was);
    case.call("send --yes 0").exit(0).stdout_has("3 sent, 0 waiting, 0 uncertain, 0 failed.");
    let letters = relay.letters().split_off(before);
    for (name, day) in [("ana", "11 December 2099"), ("ben", "11 December 2099"), ("dan", "10 December 2099")] {
        let letter = letters.iter().find(|letter| letter.starts_with(name)).expect("it was sent");
        assert!(letter.contains(day), "{name}: {letter}");
    }
}

#[test]
fn a_letter_that_cannot_be_written_anew_goes_as_it_was_which_is_told() {
    let relay = Relay::saying(&[("RCPT TO:", "550 5.2.2 over quota")]);
    let case = Case::new().relay(relay.port).list(list(&["ana"]));
    case.call("send --yes 1").exit(3).stdout_has("1 failed");
    case.write("gala.csv", "email,name,table\nana@guests.example,ana Pop,7\n");
    case.write("letters/invitation.en.md", TEMPLATE.replace("{{reply_buttons}}", "Your table: {{guest.table}}"));
    case.write("gala.toml", CAMPAIGN.replace("2099-12-10T", "2099-12-11T"));
    case.call("send --new-templates --yes 0").exit(3);
    relay.says(&[]);
    case.call("outbox resend --failed --yes 1").exit(0).stdout_has("\nCareful: it goes as it was written, ");
    case.call("send --yes 0").exit(0);
    let [letter] = &relay.letters()[..] else { panic!("one letter") };
    assert!(letter.contains("10 December 2099"), "{letter}");
}

#[test]
fn where_letters_were_refused_for_good_is_told_by_status() {
    let (case, _relay) = evening();
    case.call("status").exit(0).stdout_has("\n5 letters were refused for good: `convoke outbox` says what to do.\n");
    // How often one was tried that is not tried any more is not counted.
    let outbox = case.call("outbox").exit(0).stdout;
    let row = outbox.lines().find(|line| line.contains("ana@guests.example")).expect("her letter");
    assert_eq!(row.split_whitespace().take(4).collect::<Vec<_>>(), ["ana@guests.example", "invitation", "failed", "127.0.0.1"], "{outbox}");
}

#[test]
fn a_letter_in_the_hands_of_a_program_that_was_killed_is_no_riddle() {
    let (case, _relay) = two_in_doubt();
    let conn = Connection::open(case.path("gala.db")).expect("the database");
    conn.execute("UPDATE letter SET state = 'sending', first = at", []).expect("as a kill leaves it");
    for word in ["resend", "confirm"] {
        case.call(&format!("outbox {word} dan@guests.example"))
            .exit(2)
            .stderr_has("was stopped in the middle: the next `convoke send`, or the daemon, finds out which");
    }
}

#[test]
fn what_is_to_be_sent_again_must_be_said() {
    let relay = Relay::saying(&[("RCPT TO:<ben@", "550 5.2.2 over quota")]);
    let case = Case::new().relay(relay.port).file("ball.toml", CAMPAIGN.replace("\"gala\"", "\"ball\""));
    for name in ["gala", "ball"] {
        case.call("send").arg(name).arg("--yes").arg("3").exit(3).stdout_has("1 failed");
    }
    for (call, why) in [
        ("outbox resend", "<EMAIL>"),
        ("outbox resend --failed ben@guests.example", "cannot be used with"),
        ("outbox resend ben@guests.example --yes 1", "cannot be used with"),
        ("outbox resend --yes 1", "--failed"),
        ("outbox resend --failed --yes 1", "there are several campaigns; name one of: gala, ball"),
    ] {
        case.call(call).exit(2).stderr_has(why);
    }
    case.call("outbox resend --failed --yes 1 --campaign ball --json").exit(0).stdout("").stderr_has("is queued again.");
    case.call("outbox --json").exit(0).stdout_has("\"campaign\":\"gala\"").stdout_has("\"state\":\"queued\"");
}

/// Dan and Ion are uncertain, Zoe has her letter.
fn two_in_doubt() -> (Case, Relay) {
    let relay = Relay::saying(&[("DOT", HANG_UP)]);
    let case = Case::new().relay(relay.port).list(list(&["dan", "ion"]));
    case.call("send --yes 2").exit(3).stdout_has("2 uncertain");
    relay.says(&[]);
    case.write("gala.csv", list(&["dan", "ion", "zoe"]));
    case.call("send --yes 1").exit(3).stdout_has("1 sent, 0 waiting, 2 uncertain, 0 failed.");
    (case, relay)
}

#[test]
fn several_letters_count_as_sent_by_one_call_and_one_that_is_no_more_in_doubt_stops_no_other() {
    let (case, relay) = two_in_doubt();
    case.call("outbox confirm dan@guests.example nobody@guests.example").exit(2).stderr_has("no guest has the address or token");
    case.call("status --json").exit(0).stdout_has("\"uncertain\":2,");
    case.call("outbox confirm dan@guests.example zoe@guests.example ION@guests.example dan@guests.example")
        .exit(2)
        .stdout(
            "The letter to dan@guests.example counts as sent.\nThe letter to ion@guests.example counts as sent.\n\
             2 letters count as sent, 1 is left as it is.\n",
        )
        .stderr("convoke: the newest letter to zoe@guests.example is sent, not uncertain or queued\n");
    case.call("send --yes 0").exit(0).stdout_has("3 sent, 0 waiting, 0 uncertain, 0 failed.");
    assert_eq!(relay.letters().len(), 3, "nobody has two");
}

#[test]
fn all_letters_that_are_uncertain_count_as_sent_by_one_call() {
    let (case, relay) = two_in_doubt();
    case.call("outbox").exit(0).stdout_has("or `convoke outbox confirm --uncertain` where all of them have left");
    let question = "Type the number of letters (2) to count them as sent: ";
    for typed in ["3\n", "", "yes\n"] {
        case.call("outbox confirm --uncertain")
            .stdin(typed)
            .exit(2)
            .stdout_has("Campaign gala: 2 letters are uncertain, 2 to count as sent now.\n  dan@guests.example: ")
            .stdout_has(question)
            .stdout_lacks("zoe")
            .stdout_lacks("not among them")
            .stderr_has("is not 2; nothing was changed (--yes 2 says it without asking)");
    }
    case.call("outbox confirm --uncertain --yes 3")
        .exit(2)
        .stderr("convoke: this call would count 2 letters as sent, not 3; nothing was changed; look at `convoke outbox` again\n");
    case.call("status --json").exit(0).stdout_has("\"uncertain\":2,");
    case.call("outbox confirm --uncertain").stdin("2\n").exit(0).stdout_has(&format!(
        "{question}The letter to dan@guests.example counts as sent.\nThe letter to ion@guests.example counts as sent.\n\
         2 letters count as sent.\n"
    ));

    // Once more: nothing is left to do.
    case.call("outbox confirm --uncertain").exit(0).stdout("Campaign gala: 0 letters are uncertain, 0 to count as sent now.\n");
    case.call("outbox confirm --uncertain --yes 2").exit(2).stderr_has("would count 0 letters as sent, not 2");
    case.call("send --yes 0").exit(0).stdout_has("3 sent, 0 waiting, 0 uncertain, 0 failed.");
    assert_eq!(relay.letters().len(), 3, "nobody has two");
}

#[test]
fn letters_that_wait_in_a_restored_backup_are_confirmed_together_only_where_they_are_named() {
    let case = Case::new();
    case.call("send --yes 3").exit(1);
    case.call("backup kept.db").exit(0);
    std::fs::rename(case.path("kept.db"), case.path("gala.db")).expect("restored");
    case.call("outbox confirm --uncertain --yes 0").exit(0).stdout(
        "Campaign gala: 0 letters are uncertain, 0 to count as sent now.\n\
         3 letters wait in this backup, and are not among them: `convoke outbox confirm EMAIL` for each that has left.\n",
    );
    case.call("outbox confirm ana@guests.example ben@guests.example").exit(0).stdout_has("\n2 letters count as sent.\n");
    case.call("outbox confirm --uncertain").exit(0).stdout_has("\n1 letter waits in this backup, and is not among them: ");
    case.call("status --json").exit(0).stdout_has("\"queued\":1,").stdout_has("\"sent\":2,");
}

#[test]
fn what_is_to_count_as_sent_must_be_said() {
    let case = Case::new().file("ball.toml", CAMPAIGN.replace("\"gala\"", "\"ball\""));
    for name in ["gala", "ball"] {
        case.call("send").arg(name).arg("--yes").arg("3").exit(1);
    }
    for (call, why) in [
        ("outbox confirm", "<EMAIL>"),
        ("outbox confirm --uncertain ben@guests.example", "cannot be used with"),
        ("outbox confirm ben@guests.example --yes 1", "cannot be used with"),
        ("outbox confirm --yes 1", "--uncertain"),
        ("outbox confirm --uncertain --yes 1", "there are several campaigns; name one of: gala, ball"),
        ("outbox confirm ben@guests.example", "means several guests"),
    ] {
        case.call(call).exit(2).stderr_has(why);
    }
    case.call("outbox confirm --uncertain --yes 0 --campaign ball --json").exit(0).stdout("").stderr_has("Campaign ball: 0 letters");
}
