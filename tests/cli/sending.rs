//! `send`: what it shows, what it asks, what it queues, and how it ends. And what holds letters back.

use super::{
    case::{CAMPAIGN, Case, LIST, TEMPLATE, config},
    relay::{HANG_UP, Relay, SILENT},
};
use convoke::{
    model::Fact,
    net::smtp,
    store::{
        Store,
        inbox::{self, Arrived, Bucket},
        journal, views,
    },
};
use jiff::Timestamp;

const BAD_ROW: &str = "email,name,lang\nana@guests.example,Ana Pop,ro\nben at guests.example,Ben Hill,en\neva@guests.example,Eva Kos,en\n";

/// Three guests invited over a relay that takes everything.
fn invited() -> (Case, Relay) {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    (case, relay)
}

#[test]
fn the_number_is_typed_and_the_letters_leave() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send")
        .stdin("3\n")
        .exit(0)
        .stdout_has("Campaign gala: 3 guests in the list, 0 invited already, 3 to invite now.")
        .stdout_has("1 guest reads \"ro\", for which there is no invitation.ro.md; the letter is in \"en\".")
        .stdout_has("The first of them, to Ana Pop <ana@guests.example>:")
        .stdout_has("    Subject: Gala [#")
        .stdout_has("    Dear Ana Pop,\n")
        .stdout_has("Type the number of letters (3) to send them: ")
        .stdout_has("3 letters queued.\n3 sent, 0 waiting, 0 uncertain, 0 failed.\n");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example", "eva@guests.example"]);
    for letter in relay.letters() {
        assert_eq!(letter.matches("\r\nTo: ").count(), 1, "{letter}");
        assert!(!letter.contains("\r\nBcc:") && !letter.contains("\r\nCc:"), "{letter}");
    }
}

#[test]
fn a_wrong_number_queues_nothing() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 300")
        .exit(2)
        .stderr("convoke: this call would queue 3 letters, not 300; nothing was queued; look at --dry-run again\n");
    for typed in ["300\n", "yes\n", "\n", "", "3 letters\n", "-3\n"] {
        case.call("send").stdin(typed).exit(2).stderr_has("is not 3; nothing was queued (--yes 3 says it without asking)");
    }
    case.call("status").exit(2).stderr_has("nobody was invited yet");
    assert_eq!(relay.letters().len(), 0);
    case.call("send --yes 3").exit(0).stdout_has("3 sent, 0 waiting");
}

#[test]
fn a_dry_run_leaves_no_trace() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --dry-run").exit(0).stdout_has("3 to invite now").stdout_has("Dry run: nothing was queued.\n");
    assert!(!case.exists("gala.db"), "a dry run needs no database");
    case.call("send --yes 3").exit(0);
    case.call("send --dry-run").exit(0).stdout_has("3 guests in the list, 3 invited already, 0 to invite now");
    assert_eq!(relay.letters().len(), 3);
}

#[test]
fn a_limit_counts_and_the_rest_waits_for_another_day() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --limit 2 --yes 3").exit(2).stderr_has("would queue 2 letters, not 3;");
    case.call("send --limit 2 --yes 2").exit(0).stdout_has("1 more for later (--limit).").stdout_has("2 sent, 0 waiting");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example"]);
    case.call("send --yes 1").exit(0).stdout_has("2 invited already, 1 to invite now").stdout_has("3 sent");
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_second_send_of_the_same_list_queues_nothing() {
    let (case, relay) = invited();
    case.call("send").exit(0).stdout_has("3 invited already, 0 to invite now").stdout_lacks("queued").stdout_lacks("Type the number");
    case.call("send --yes 0").exit(0);
    case.call("send --yes 3").exit(2).stderr_has("would queue 0 letters, not 3");
    case.write(
        "gala.csv",
        "Email;Name\nBEN@Guests.Example;ben  HILL\neva@guests.example;Eva Kos\n\"Ana Pop\" <ana@guests.example>;Ana Pop\n",
    );
    case.call("send --yes 0").exit(0).stdout_has("3 invited already, 0 to invite now");
    assert_eq!(relay.letters().len(), 3);
}

#[test]
fn letters_are_written_from_the_templates_of_the_first_send() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("3 letters queued.");
    let relay = Relay::kind();
    case.write("convoke.toml", super::case::config(relay.port));
    case.write("gala.csv", format!("{LIST}zoe@guests.example,Zoe,en\n"));
    case.write("letters/invitation.en.md", TEMPLATE.replace("please come", "do come"));
    case.write("letters/invitation.ro.md", TEMPLATE);
    case.write("gala.toml", CAMPAIGN.replace("T19:00", "T18:00").replace("2099-12-04", "2099-12-01"));
    for call in ["send --yes 1", "send --dry-run"] {
        case.call(call).exit(2).stderr(
            "convoke: the letters of gala would not all be the same, because since its first `send` invitation.en.md was changed; \
             invitation.ro.md is new; the event's start was 2099-12-10T19:00:00+02:00[Europe/Bucharest] and is now \
             2099-12-10T18:00:00+02:00[Europe/Bucharest]; put it back, or say --new-templates: then letters that are queued stay as \
             they were, and guests invited from now on get the new; 3 letters that wait keep the old text; `convoke outbox cancel \
             --all --campaign gala` withdraws them; if it is another event, it needs a campaign file and a name of its own: gala \
             invites nobody a second time\n",
        );
    }
    assert_eq!(relay.letters().len(), 0, "it stops before anything leaves");

    // The deadline enters no letter: it may change. So may the files that are no templates.
    case.write("letters/invitation.en.md", TEMPLATE);
    std::fs::remove_file(case.path("letters/invitation.ro.md")).expect("removed");
    case.write("letters/README.md", "ours");
    case.write("gala.toml", CAMPAIGN.replace("2099-12-04", "2099-12-01"));
    case.call("send --dry-run").exit(0).stdout_has("3 invited already, 1 to invite now");

    case.write("letters/invitation.en.md", TEMPLATE.replace("please come", "do come"));
    case.call("send --new-templates --yes 1")
        .exit(0)
        .stdout_has(
            "guests invited from now on get what was changed: invitation.en.md was changed; 3 letters that wait keep the old text; \
             `convoke outbox cancel --all --campaign gala` withdraws them.\n",
        )
        .stdout_has("4 sent, 0 waiting");
    let said = |words: &str| relay.letters().iter().filter(|letter| letter.contains(words)).count();
    assert_eq!((said("please come"), said("do come")), (3, 1), "what was queued is as it was");
    case.call("send").exit(0).stdout_has("4 invited already, 0 to invite now");
    case.write("letters/invitation.en.md", TEMPLATE);
    case.call("send").exit(2).stderr_has("invitation.en.md was changed");
}

#[test]
fn the_next_event_in_the_file_of_the_last_one_is_told_that_it_invites_nobody() {
    let (case, relay) = invited();
    let own = "it needs a campaign file and a name of its own: gala invites nobody a second time";
    case.write("gala.toml", CAMPAIGN.replace("title = \"Gala\"", "title = \"Ball\""));
    case.call("send").exit(2).stderr_has(&format!("; if it is another event, {own}\n"));
    case.write("gala.toml", CAMPAIGN.replace("title = \"Gala\"", "title = \"Ball\"").replace("2099-12-10T", "2099-12-24T"));
    case.call("send").exit(2).stderr_has(&format!("; if it is another event, {own}\n"));
    case.call("send --new-templates --yes 0").exit(0).stdout_has(&format!("Careful: if it is another event, {own}.\n"));
    assert_eq!(relay.letters().len(), 3);
}

#[test]
fn new_rows_are_invited_and_lost_and_renamed_ones_are_told() {
    let (case, relay) = invited();
    case.write("gala.csv", "email,name\nana@guests.example,Ion Rus\nben@guests.example,Ben Hill\nzoe@guests.example,Zoe\n");
    case.call("send --yes 2")
        .exit(0)
        .stdout_has("3 guests in the list, 1 invited already, 2 to invite now")
        .stdout_has("eva@guests.example was invited and is no longer in the list; the invitation stands.")
        .stdout_has(
            "Careful: ana@guests.example was invited as \"Ana Pop\"; the list now says \"Ion Rus\", which is another guest: one more letter to this address.",
        );
    assert_eq!(relay.letters().len(), 5);
    case.call("status --json").exit(0).stdout_has("\"guests\":5");
}

#[test]
fn a_list_that_was_exported_again_or_corrected_invites_nobody_twice() {
    let (case, relay) = invited();
    case.write("gala.csv", "email,name\nana@guests.example,Dr. Ána Pop\nben@guests.example,HILL Ben\neva@guests.example,Eva Novak\n");
    for _ in 0..2 {
        case.call("send --yes 0")
            .exit(0)
            .stdout_has("3 guests in the list, 3 invited already, 0 to invite now")
            .stdout_has("eva@guests.example was invited as \"Eva Kos\"; the list now says \"Eva Novak\", which is taken for the same guest")
            .stdout_lacks("ana@guests.example")
            .stdout_lacks("Careful")
            .stdout_lacks("no longer in the list");
    }
    assert_eq!(relay.letters().len(), 3);
}

#[test]
fn letters_that_wait_are_withdrawn_and_written_anew() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("3 letters queued.");
    case.call("outbox cancel").exit(2);
    case.call("outbox cancel eva@guests.example --all").exit(2);
    case.call("outbox cancel eva@guests.example").exit(0).stdout_has("1 letter withdrawn. The next `convoke send` invites again");
    case.call("outbox cancel eva@guests.example")
        .exit(2)
        .stderr("convoke: no letter to eva@guests.example waits, so none can be withdrawn; the newest is cancelled\n");
    case.call("send --dry-run").exit(0).stdout_has("2 invited already, 1 to invite now");
    case.call("outbox cancel --all").exit(0).stdout_has("2 letters withdrawn.");
    case.call("outbox cancel --all").exit(0).stdout("No letter waits; nothing was withdrawn.\n");

    let relay = Relay::kind();
    case.write("convoke.toml", super::case::config(relay.port));
    case.write("gala.csv", "email,name\nzoe@guests.example,Zoe\nana@guests.example,Dr. Ana Pop\nben@guests.example,Ben Hill\n");
    case.write("letters/invitation.en.md", TEMPLATE.replace("please come", "do come"));
    case.call("send --new-templates --yes 3")
        .exit(0)
        .stdout_has("3 guests in the list, 0 invited already, 3 to invite now")
        .stdout_lacks("keep the old text")
        .stdout_lacks("no longer in the list")
        .stdout_has("3 sent, 0 waiting, 0 uncertain, 0 failed.");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example", "zoe@guests.example"]);
    let letters = relay.letters();
    assert!(letters.iter().all(|letter| letter.contains("do come") && !letter.contains("\r\nReferences:")), "{letters:#?}");
    assert!(letters.iter().any(|letter| letter.contains("Dear Dr. Ana Pop,")), "{letters:#?}");
    case.call("status --json").exit(0).stdout_has("\"guests\":4").stdout_has("\"cancelled\":1}");
    case.call("show ana@guests.example").exit(0).stdout_has("Dr. Ana Pop").stdout_has("  invitation 2 sent: ");
    case.call("send --yes 0").exit(0).stdout_has("3 invited already, 0 to invite now");
    assert_eq!(relay.letters().len(), 3);
}

#[test]
fn who_asked_for_no_more_letters_is_named_before_another_campaign() {
    let (case, _relay) = invited();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let store = Store::open(&case.path("gala.db")).expect("the database");
    let complained = store.write(|conn| {
        let guests = views::guests(conn, None)?;
        let ben = guests.iter().find(|guest| guest.email == "ben@guests.example").expect("a guest");
        journal::append(conn, ben.invitation, Timestamp::now(), &Fact::Complained { mail: 1 })
    });
    runtime.block_on(complained).expect("written");
    drop(store);
    case.write("ball.toml", CAMPAIGN.replace("\"gala\"", "\"ball\""));
    for call in ["send ball --dry-run", "send ball --yes 3"] {
        case.call(call)
            .exit(0)
            .stdout_has("Careful: ben@guests.example asked for no more letters (campaign gala); take the row out, if you agree.\n")
            .stdout_lacks("ana@guests.example asked");
    }
    case.call("send ball --dry-run").exit(0).stdout_lacks("asked for no more letters");
}

#[test]
fn letters_that_wait_say_how_to_go_on() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("0 sent, 3 waiting");
    let how = "3 wait: `convoke send gala`, or a daemon that runs, goes on with them.\n";
    case.call("send --dry-run").exit(0).stdout_has("3 invited already, 0 to invite now").stdout_has(how);
    case.call("outbox").exit(0).stdout_has(how);
    case.call("status").exit(0).stdout_has(how);
    case.call("pause").exit(0);
    for call in ["send --dry-run", "outbox", "status"] {
        case.call(call).exit(0).stdout_lacks(how);
    }
}

#[test]
fn what_to_say_next_names_the_campaign() {
    let case = Case::new().file("ball.toml", CAMPAIGN.replace("\"gala\"", "\"ball\""));
    case.call("send gala --yes 3").exit(1).stderr_has("and `convoke send gala` goes on with them: ");
    case.call("send ball --limit 1 --yes 1").exit(1).stderr_has("and `convoke send ball` goes on with them: ");
    case.call("outbox")
        .exit(0)
        .stdout_has("\n3 wait: `convoke send gala`, or a daemon that runs, goes on with them.\n1 waits: `convoke send ball`, or a daemon");
    case.call("outbox ball").exit(0).stdout_has("1 waits: `convoke send ball`").stdout_lacks("convoke send gala");
    case.write("letters/invitation.en.md", TEMPLATE.replace("please come", "do come"));
    case.call("send ball --yes 2").exit(2).stderr_has("`convoke outbox cancel --all --campaign ball` withdraws it");
    case.call("outbox cancel --all").exit(2).stderr_has("there are several campaigns");
    case.call("outbox cancel --all --campaign ball").exit(0);
    case.call("outbox resend ana@guests.example --campaign ball").exit(0).stdout_has("`convoke send ball` (or the daemon) delivers it.");

    // Refused because of the sender: the one command that it tells is the one that works.
    let refuses = Relay::saying(&[("RCPT", "550 5.7.1 you may not send")]);
    case.write("convoke.toml", config(refuses.port));
    case.write("letters/invitation.en.md", TEMPLATE);
    case.call("send gala --yes 0").exit(3);
    case.call("status gala").exit(0).stdout_has("; settle it with the relay's keeper first. `convoke resume gala` lets the letters go.");
    case.call("resume gala").exit(0);
}

#[test]
fn a_list_with_a_wrong_row_stops_everything_until_it_is_skipped() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port).list(BAD_ROW);
    case.call("send --yes 2")
        .exit(1)
        .stderr_has(
            "./gala.csv, row 3, column email, \"ben at guests.example\": this is not an address, it has no @: write it as name@domain",
        )
        .stderr_has("--skip-bad");
    assert!(!case.exists("gala.skipped.csv"));
    case.call("send --skip-bad --dry-run").exit(0).stdout_has("2 to invite now");
    assert!(!case.exists("gala.skipped.csv"), "a dry run writes nothing");
    case.call("send --skip-bad --yes 99").exit(2).stderr_has("nothing was queued").stderr_lacks("written to");
    assert!(!case.exists("gala.skipped.csv"), "with a wrong number nothing happens");
    case.call("send --skip-bad --yes 2").exit(0).stderr_has("1 row left out, written to ./gala.skipped.csv");
    assert_eq!(relay.recipients(), ["ana@guests.example", "eva@guests.example"]);
    let skipped = case.text("gala.skipped.csv");
    assert!(skipped.contains("ben at guests.example,Ben Hill,en"), "{skipped}");

    // The same rows again: the same file. Other rows: another file, and the first stays as it is.
    case.call("send --skip-bad --yes 0").exit(0);
    case.write("gala.csv", format!("{BAD_ROW}nobody,Nobody,en\n"));
    case.call("send --skip-bad --yes 0").exit(0).stderr_has("2 rows left out, written to ./gala.skipped.2.csv");
    assert_eq!(case.text("gala.skipped.csv"), skipped);
}

#[test]
fn a_file_that_is_not_ours_is_never_written_over() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port).list(BAD_ROW).file("gala.skipped.csv", "my own notes");
    case.call("send --skip-bad --yes 2").exit(0).stderr_has("gala.skipped.2.csv");
    assert_eq!(case.text("gala.skipped.csv"), "my own notes");
}

#[test]
fn nobody_waits_minutes_or_without_a_word_for_a_silent_relay() {
    let relay = Relay::saying(&[("CONNECT", SILENT)]);
    let case = Case::new().relay(relay.port);
    let (asking, silent) = (format!("asking 127.0.0.1:{} …\n", relay.port), "127.0.0.1 gave no answer within 20 s");
    std::thread::scope(|scope| {
        scope.spawn(|| case.call("check").exit(1).stderr_has(&asking).stdout_has(&format!("FAILED  {silent}")));
        scope.spawn(|| case.call("send --test me@town.example").exit(1).stderr_has(&asking).stderr_has(silent));
    });
}

#[test]
fn a_test_letter_to_myself_is_not_counted() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --test me@town.example --as ben@guests.example")
        .exit(0)
        .stdout_has("Sent to me@town.example, written as to ben@guests.example")
        .stdout_has("It is not counted");
    assert_eq!(relay.recipients(), ["me@town.example"]);
    assert!(relay.letters()[0].contains("Dear Ben Hill,"), "{}", relay.letters()[0]);
    assert!(!case.exists("gala.db"));
    case.call("send --test me@town.example --yes 3").exit(2);
    case.call("send --as ben@guests.example").exit(2);
    case.call("send --test me").exit(2).stderr_has("--test \"me\" is not an address");
    case.call("send --test me@town.example --as no@guests.example").exit(2).stderr_has("has no guest no@guests.example");
    relay.says(&[("RCPT", "550 5.1.1 no such mailbox")]);
    let said = case.call("send --test me@town.example").exit(1);
    said.stderr_has("the letter to me@town.example was not taken: 127.0.0.1 refused the recipient")
        .stderr_has("550 5.1.1 no such mailbox; check the address");
}

#[test]
fn one_refused_address_stops_no_other() {
    let relay = Relay::saying(&[("RCPT TO:<ben@", "550 5.1.1 no such mailbox")]);
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3")
        .exit(3)
        .stdout_has("2 sent, 0 waiting, 0 uncertain, 1 failed.")
        .stdout_has("  failed ben@guests.example: ")
        .stdout_has("`convoke guests fix EMAIL --to NEW` for a wrong address");
    assert_eq!(relay.recipients(), ["ana@guests.example", "eva@guests.example"]);
    case.call("guests --standing unreachable").exit(0).stdout_has("ben@guests.example");
    case.call("outbox").exit(0).stdout_has("ben@guests.example").stdout_has("550");

    relay.says(&[]);
    case.call("guests fix ben@guests.example --to ben.hill@guests.example").exit(0).stdout(
        "ben@guests.example is now ben.hill@guests.example; a new invitation is queued. `convoke send gala` (or the daemon) delivers it.\n",
    );
    case.call("outbox").exit(0).stdout_has("ben.hill@guests.example").stdout_lacks("550").stdout_lacks("failed");
    case.call("send --yes 0")
        .exit(0)
        .stdout_has("3 invited already, 0 to invite now")
        .stdout_has("3 sent, 0 waiting, 0 uncertain, 0 failed.")
        .stdout_lacks("  failed ");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben.hill@guests.example", "eva@guests.example"]);
    case.call("outbox --json").exit(0).stdout("");
    case.call("status").exit(0).stdout_has("Letters: 3 sent.\n");
    case.call("guests --standing unreachable --json").exit(0).stdout("");
    case.call("show ben.hill@guests.example").exit(0).stdout_has("address mended: ben@guests.example is ben.hill@guests.example");
}

#[test]
fn one_guest_whose_server_is_busy_keeps_no_other_back() {
    let relay = Relay::saying(&[("RCPT TO:<ana@", "421 4.2.0 later")]);
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(3).stdout_has("2 sent, 1 waiting, 0 uncertain, 0 failed.").stdout_has("421 4.2.0 later");
    let waits = case.call("outbox --json").exit(0).objects();
    let ana = waits.iter().find(|letter| letter["email"] == "ana@guests.example").expect("it waits");
    assert_eq!(ana["attempts"], 1, "{ana}");
    let mut reached = relay.recipients();
    reached.dedup();
    assert_eq!(reached, ["ben@guests.example", "eva@guests.example"], "the others went, and the one waits");
}

#[test]
fn a_campaign_under_a_new_name_in_the_same_file_invites_nobody_again() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(0);
    case.write("gala.toml", case.text("gala.toml").replacen("name = \"gala\"", "name = \"gala-2099\"", 1));
    case.call("send gala.toml --yes 3").exit(2).stderr_has("was sent as gala before").stderr_has("Put name = \"gala\" back");
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_failed_letter_is_told_with_its_own_address_until_the_next_one_fails_too() {
    let relay = Relay::saying(&[("RCPT TO:<ben", "550 5.1.1 no such mailbox")]);
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3").exit(3).stdout_has("  failed ben@guests.example: ");
    case.call("guests fix ben@guests.example --to ben.hill@guests.example").exit(0);
    case.call("send --yes 0").exit(3).stdout_has("1 failed.").stdout_has("  failed ben.hill@guests.example: ").stdout_lacks("ben@guests");
    let said = case.call("outbox --json").exit(0);
    let failed: Vec<_> = said.objects().iter().map(|letter| letter["email"].as_str().expect("an address").to_owned()).collect();
    assert_eq!(failed, ["ben.hill@guests.example"]);
}

#[test]
fn an_address_is_mended_without_the_campaign_file_and_a_paused_campaign_says_what_lets_the_letter_go() {
    let (case, relay) = invited();
    case.call("pause").exit(0);
    std::fs::remove_file(case.path("gala.toml")).expect("tidied up");
    std::fs::remove_dir_all(case.path("letters")).expect("tidied up");
    case.call("guests fix ben@guests.example --to ben.hill@guests.example").exit(0).stdout(
        "ben@guests.example is now ben.hill@guests.example; a new invitation is queued. The campaign is paused: `convoke resume gala`, \
         and then `convoke send gala` or a daemon that runs, lets it go.\n",
    );
    case.call("outbox").exit(0).stdout_has("ben.hill@guests.example");
    assert_eq!(relay.letters().len(), 3);
}

#[test]
fn an_address_that_is_mended_back_is_told_to_have_its_invitation_and_send_does_not_repeat_it() {
    let (case, relay) = invited();
    case.call("guests fix ben@guests.example --to ben.hill@guests.example").exit(0).stdout_lacks("Careful");
    case.call("guests fix ben.hill@guests.example --to ben@guests.example").exit(0).stdout_has(
        "\nCareful: an invitation has gone to ben@guests.example before, and this is one more; \
         `convoke outbox cancel ben@guests.example` withdraws it while it waits.\n",
    );
    case.call("outbox cancel ben@guests.example").exit(0).stdout_has("1 letter withdrawn.");
    case.call("send --yes 0").exit(0).stdout_has("3 invited already, 0 to invite now");
    assert_eq!(relay.letters().len(), 3, "nobody is invited twice");
    // Withdrawn before anything went to the address in use: the guest has no invitation there.
    case.call("guests fix ben@guests.example --to ben.hill@guests.example").exit(0);
    case.call("outbox cancel ben.hill@guests.example").exit(0);
    case.call("send --dry-run").exit(0).stdout_has("2 invited already, 1 to invite now");
}

#[test]
fn a_letter_that_waits_for_a_wrong_address_does_not_leave_once_that_is_mended() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("3 letters queued.");
    case.call("guests fix ben@guests.example --to ben.hill@guests.example").exit(0);
    case.call("status --json").exit(0).stdout_has("\"queued\":3,").stdout_has("\"cancelled\":0}");
    let relay = Relay::kind();
    case.write("convoke.toml", super::case::config(relay.port));
    case.call("send --yes 0").exit(0).stdout_has("3 sent, 0 waiting, 0 uncertain, 0 failed.");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben.hill@guests.example", "eva@guests.example"]);
    case.call("show ben.hill@guests.example").exit(0).stdout_has("  invitation cancelled\n").stdout_has("  invitation 2 sent: ");
}

#[test]
fn a_letter_put_off_waits_and_says_when() {
    let relay = Relay::saying(&[("RCPT TO:<ben@", "450 4.2.1 greylisted, come back later")]);
    let case = Case::new().relay(relay.port);
    case.call("send --yes 3")
        .exit(3)
        .stdout_has("2 sent, 1 waiting, 0 uncertain, 0 failed.")
        .stdout_has("1 waits: `convoke send gala`, or a daemon that runs, goes on with it.")
        .stdout_has("  queued ben@guests.example, next try 20")
        .stdout_has("greylisted");
    case.call("status --json").exit(0).stdout_has("\"queued\":1,\"sending\":0,\"sent\":2");
}

#[test]
fn a_limit_that_lasts_says_until_when() {
    let relay = Relay::kind();
    for limit in ["limits = [\"2/day\"]", "rate = \"2/day\""] {
        let case = Case::new().config(super::case::config(relay.port) + limit + "\n");
        case.call("send --yes 3")
            .exit(3)
            .stdout_has(" waiting, 0 uncertain, 0 failed.")
            .stdout_has("because `limits` or `rate` of the configuration allow no more before 20")
            .stdout_has(" in the last day): a daemon (`convoke run`), or `convoke send gala` then, goes on with ")
            .stdout_lacks("or a daemon that runs");
    }
    assert_eq!(relay.letters().len(), 3);
}

#[test]
fn a_connection_that_dies_after_the_dot_leaves_an_uncertain_letter() {
    let relay = Relay::saying(&[("DOT", HANG_UP)]);
    let case = Case::new().relay(relay.port).list("email,name\nana@guests.example,Ana Pop\n");
    case.call("send --yes 1").exit(3).stdout_has("0 sent, 0 waiting, 1 uncertain").stdout_has(
        "What is uncertain may have left: the relay did not answer for it. It is not sent again by itself; `convoke outbox` says",
    );
    case.call("outbox").exit(0).stdout_has("uncertain").stdout_has("convoke outbox confirm EMAIL");
    case.call("send --yes 0").exit(3).stdout_has("1 uncertain");
    assert_eq!(relay.letters().len(), 1, "an uncertain letter is not sent again by itself");
    case.call("outbox confirm ana@guests.example").exit(0).stdout("The letter to ana@guests.example counts as sent.\n");
    case.call("outbox confirm ana@guests.example").exit(2).stderr_has("is sent, not uncertain");
    case.call("outbox --json").exit(0).stdout("");
}

#[test]
fn a_letter_in_doubt_that_is_sent_again_and_withdrawn_is_in_doubt_again() {
    let relay = Relay::saying(&[("DOT", HANG_UP)]);
    let case = Case::new().relay(relay.port).list("email,name\nana@guests.example,Ana Pop\n");
    case.call("send --yes 1").exit(3).stdout_has("1 uncertain");
    for _ in 0..2 {
        case.call("outbox resend ana@guests.example").exit(0);
        case.call("outbox cancel ana@guests.example")
            .exit(0)
            .stdout_has("1 letter that may have left before is not sent again: it is uncertain, bounced or failed, as before `resend`.")
            .stdout_lacks("The next `convoke send` invites");
        case.call("outbox").exit(0).stdout_has("uncertain").stdout_has("convoke outbox confirm EMAIL");
        case.call("send --dry-run").exit(0).stdout_has("1 invited already, 0 to invite now");
    }
    case.call("outbox confirm ana@guests.example").exit(0);
    case.call("status").exit(0).stdout_has("Letters: 1 sent.\n");
}

#[test]
fn a_letter_in_doubt_is_done_with_once_another_went_to_the_mended_address() {
    let relay = Relay::saying(&[("DOT", HANG_UP)]);
    let case = Case::new().relay(relay.port).list("email,name\nana@guests.example,Ana Pop\n");
    case.call("send --yes 1").exit(3).stdout_has("1 uncertain");
    relay.says(&[]);
    case.call("guests fix ana@guests.example --to ana.pop@guests.example").exit(0);
    case.call("outbox").exit(0).stdout_has("ana.pop@guests.example").stdout_lacks("ncertain");
    case.call("send --yes 0").exit(0).stdout_has("1 sent, 0 waiting, 0 uncertain, 0 failed.\n");
    case.call("outbox --json").exit(0).stdout("");
    case.call("status").exit(0).stdout_has("Letters: 1 sent.\n").stdout_lacks("`convoke outbox`");
    case.call("show ana.pop@guests.example").exit(0).stdout_has("  invitation uncertain: ").stdout_has("  invitation 2 sent: ");
}

#[test]
fn who_wrote_while_the_invitation_was_withdrawn_is_invited_after_the_look() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("3 letters queued.");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let store = Store::open(&case.path("gala.db")).expect("the database");
    let wrote = store.write(|conn| {
        let now = Timestamp::now();
        let guests = views::guests(conn, None)?;
        let ben = guests.iter().find(|guest| guest.email == "ben@guests.example").expect("a guest");
        let mail = Arrived {
            identity: "<1@guests.example> x".into(),
            folder: "INBOX".into(),
            uid: 1,
            arrived: now,
            bucket: Bucket::NeedsLook,
            campaign: Some(ben.campaign),
            invitation: Some(ben.invitation),
            sender: ben.email.clone(),
            subject: "Gala".into(),
            said: "Where can I park?".into(),
            verdict: None,
            doubts: vec!["it asks".into()],
            raw: None,
        };
        let id = inbox::keep(conn, &mail, now)?.expect("a new mail");
        journal::append(conn, ben.invitation, now, &Fact::Looked { mail: id, why: mail.doubts, guess: None })
    });
    runtime.block_on(wrote).expect("written");
    drop(store);
    case.call("outbox cancel --all").exit(0).stdout_has("3 letters withdrawn.");
    let relay = Relay::kind();
    case.write("convoke.toml", super::case::config(relay.port));
    let held = "ben@guests.example has written, and the invitation was withdrawn before it left: look at the mail (`convoke review gala`); \
                whoever is silent then is invited by the next `convoke send gala`.\n";
    case.call("send --yes 2").exit(0).stdout_has("2 sent, 0 waiting").stdout_has(held);
    case.call("send --yes 0").exit(0).stdout_has("0 to invite now").stdout_has(held);
    case.call("review").stdin("n\n").exit(0).stdout_has("left as it is");
    case.call("send --yes 1").exit(0).stdout_has("2 invited already, 1 to invite now").stdout_has("3 sent, 0 waiting").stdout_lacks(held);
    case.call("send --yes 0").exit(0).stdout_has("3 invited already, 0 to invite now");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example", "eva@guests.example"]);
}

#[test]
fn a_letter_that_was_withdrawn_can_be_sent_after_all() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("3 letters queued.");
    case.call("outbox cancel ana@guests.example").exit(0).stdout_has("1 letter withdrawn. The next `convoke send` invites again");
    let said = case.call("record ana@guests.example accept").exit(0);
    let (_, rest) = said.stdout.split_once("The invitation was withdrawn before it left: `convoke outbox resend ").expect("a cure");
    let (token, _) = rest.split_once("` sends it.\n").expect("a cure");
    let relay = Relay::kind();
    case.write("convoke.toml", super::case::config(relay.port));
    case.call("send --yes 0").exit(0).stdout_has("2 sent, 0 waiting").stdout_lacks("ana@guests.example");
    case.call("outbox resend").arg(token).exit(0).stdout_has("The letter to ana@guests.example is queued again.");
    case.call("send --yes 0").exit(0).stdout_has("3 sent, 0 waiting");
    assert_eq!(relay.recipients(), ["ana@guests.example", "ben@guests.example", "eva@guests.example"]);
}

#[test]
fn who_says_no_while_the_invitation_waits_is_not_invited_and_it_is_told() {
    let case = Case::new();
    case.call("send --yes 3").exit(1).stdout_has("3 letters queued.");
    case.call("record ana@guests.example decline")
        .exit(0)
        .stdout_has("recorded by you.\nThe invitation that still waits will be withdrawn instead of sent.\n");
    for call in ["status", "outbox", "send --dry-run"] {
        case.call(call)
            .exit(0)
            .stdout_has("2 wait: `convoke send gala`, or a daemon that runs, goes on with them.\n")
            .stdout_has("1 letter waits for a guest who has said no since: it will be withdrawn instead of sent.\n");
    }
    case.call("outbox").exit(0).stdout_has("the guest has answered decline since: it will be withdrawn");
    let relay = Relay::kind();
    case.write("convoke.toml", super::case::config(relay.port));
    let told = "  cancelled ana@guests.example: the guest had answered decline before it left\n";
    case.call("send --yes 0").exit(0).stdout_has("2 sent, 0 waiting, 0 uncertain, 0 failed.").stdout_has(told);
    assert_eq!(relay.recipients(), ["ben@guests.example", "eva@guests.example"]);
    case.call("send --yes 0").exit(0).stdout_has("3 invited already, 0 to invite now").stdout_lacks("ana@guests.example");
    case.call("status").exit(0).stdout_has("1 invitation was withdrawn, because the guest had said no before").stdout_lacks("Careful");
    case.call("outbox").exit(0).stdout_has("cancelled").stdout_has("convoke outbox resend EMAIL");
    case.call("show ana@guests.example").exit(0).stdout_has("  invitation cancelled: the guest had answered decline before it left");

    // Ana comes after all.
    case.call("record ana@guests.example accept")
        .exit(0)
        .stdout_has("The invitation was withdrawn before it left: `convoke outbox resend ");
    case.call("status").exit(0).stdout_has("Careful: 1 guest of these does not say no any more, and has no invitation.");
    case.call("send --yes 0").exit(0).stdout_has("  cancelled ana@guests.example: ").stdout_has("; the answer is accept now");
    case.call("outbox resend ana@guests.example").exit(0);
    case.call("send --yes 0").exit(0).stdout_has("3 sent, 0 waiting").stdout_lacks("cancelled");
    case.call("status").exit(0).stdout_lacks("withdrawn");
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_paused_campaign_sends_nothing() {
    let (case, relay) = invited();
    case.call("pause").exit(0).stdout("gala is paused; 0 letters wait.\n");
    case.write("gala.csv", format!("{LIST}zoe@guests.example,Zoe,en\n"));
    case.call("send --yes 1")
        .exit(3)
        .stdout_has("3 sent, 1 waiting")
        .stdout_has(
            "The campaign is paused: `convoke resume gala`, and then `convoke send gala` or a daemon that runs, lets the letters go.",
        )
        .stdout_lacks("  queued ")
        .stdout_lacks("goes on with");
    assert_eq!(relay.letters().len(), 3);
    case.call("status").exit(0).stdout_has("gala (paused): 4 guests");
    case.call("resume gala")
        .exit(0)
        .stdout("gala is not paused any more; 1 letter waits: `convoke send gala`, or a daemon that runs, goes on with it.\n");
    case.call("send --yes 0").exit(0).stdout_has("4 sent, 0 waiting");
    assert_eq!(relay.letters().len(), 4);
}

#[test]
fn with_json_standard_output_is_json_only() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port);
    let said = case.call("send --yes 3 --json").exit(0);
    assert_eq!(said.objects(), [serde_json::json!({"sent": 3, "queued": 0, "uncertain": 0, "failed": 0})]);
    said.stderr_has("3 letters queued.");
}

#[test]
fn several_campaigns_and_several_guests_are_not_guessed_at() {
    let relay = Relay::kind();
    let ball = CAMPAIGN.replace("\"gala\"", "\"ball\"");
    let case = Case::new().relay(relay.port).file("ball.toml", ball);
    case.call("send --yes 3").exit(2).stderr("convoke: there are several campaigns; name one of: ball, gala\n");
    case.call("check --offline").exit(2).stderr_has("name one of: ball, gala");
    case.call("send dance --yes 3")
        .exit(2)
        .stderr("convoke: there is no campaign \"dance\" (known: ball, gala); name one of them, or a campaign file\n");
    case.call("send ball --yes 3").exit(0);
    case.call("status").exit(0).stdout_has("ball: 3 guests");
    case.call("send gala.toml --yes 3").exit(0);
    case.call("status").exit(2).stderr("convoke: there are several campaigns; name one of: ball, gala\n");
    case.call("status dance").exit(2).stderr_has("nobody was invited to a campaign \"dance\" (known: ball, gala)");
    let said = case
        .call("show ana@guests.example")
        .exit(2)
        .stderr_has("means several guests; use the token:")
        .stderr_has("Ana Pop <ana@guests.example>  (ball)");
    let token = said.stderr.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("a token").to_owned();
    case.call("show").arg(&token).exit(0).stdout_has(&format!("Ana Pop <ana@guests.example>  [{token}]"));
    case.call("show ana@guests.example --campaign gala").exit(0);
    case.call("record ana@guests.example accept").exit(2).stderr_has(&token);
    case.call("show anna@guests.example").exit(2).stderr_has("did you mean ana@guests.example?");
}

#[test]
fn an_office_mailbox_with_two_guests_is_told_apart_by_token() {
    let relay = Relay::kind();
    let case = Case::new().relay(relay.port).list("email,name\noffice@guests.example,Ana Pop\noffice@guests.example,Ben Hill\n");
    case.call("send --yes 2").exit(0);
    let said = case.call("record office@guests.example accept").exit(2).stderr_has("Ana Pop").stderr_has("Ben Hill");
    let ben = said.stderr.lines().find(|line| line.contains("Ben Hill")).expect("a choice");
    let token = ben.split_whitespace().next().expect("a token");
    case.call("record").arg(token).arg("accept").exit(0).stdout("Ben Hill <office@guests.example>: accept, recorded by you.\n");
    case.call("status --json").exit(0).stdout_has("\"standing\":{\"accept\":1,");
}

#[test]
fn a_guest_without_a_needed_field_stops_the_send_and_is_named() {
    let relay = Relay::kind();
    let template = TEMPLATE.replace("Dear {{guest.name}}", "{{guest.salutation}}");
    let case = Case::new()
        .relay(relay.port)
        .template(template)
        .list("email,name,salutation\na@guests.example,Ana,Dear Ana\nb@guests.example,Ben,\n");
    case.call("send --yes 2")
        .exit(1)
        .stderr_has("./letters/invitation.en.md, line 4, guest b@guests.example: guest.salutation is empty")
        .stderr_has("row 3");
    assert_eq!(relay.letters().len(), 0);
    case.call("status").exit(2);
}

#[test]
fn one_guest_at_whom_the_relay_hangs_up_keeps_no_other_back() {
    let hang_up = [("RCPT TO:<ana", HANG_UP)];
    let greylisting = [("RCPT TO:<ana", "450 4.7.1 Client host rejected: Greylisted, see http://postgrey.example/")];
    let quoting = "450 4.1.1 <ana@x>: Recipient address rejected: unverified address: host mx said: 554 5.7.1 Relay access denied";
    for rules in [hang_up, greylisting, [("RCPT TO:<ana", quoting)]] {
        let relay = Relay::saying(&rules);
        let case = Case::new().config(config(relay.port) + "connections = 1\n");
        case.call("send --yes 3").exit(3).stdout_has("2 sent, 1 waiting").stdout_has("queued ana@guests.example, next try ");
        assert_eq!(relay.recipients(), ["ben@guests.example", "eva@guests.example"]);
        let row = case.call("outbox --json").exit(0).objects().remove(0);
        assert!(row["attempts"] == 1 && row["why"] != "", "{row}");
    }
}

#[tokio::test]
async fn a_new_password_in_its_file_is_seen_at_the_next_sign_in() {
    // \0gala\0old
    let relay = Relay::saying(&[("AUTH PLAIN AGdhbGEAb2xk", "535 5.7.8 wrong")]);
    let text = config(relay.port) + "user = \"gala\"\npassword = { file = \"word\" }\n";
    let case = Case::new().config(text).file("word", "old\n");
    let config = convoke::config::load(&case.path("convoke.toml")).expect("a configuration");
    let account = config.smtp().and_then(|smtp| smtp.account(&Default::default())).expect("a password");
    let connect = async || smtp::Relay::connect(&account, "town.example", &smtp::Timeouts::quick()).await;
    assert!(matches!(connect().await, Err(smtp::Shut::SignIn { .. })));
    case.write("word", "new\n");
    connect().await.expect("the daemon signs in without a restart");
    case.write("word", "");
    assert!(matches!(connect().await, Err(smtp::Shut::NoCredentials(why)) if why.contains("which is empty")));
}
