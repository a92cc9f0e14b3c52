//! What the lists leave out, and what they say of it.

use super::{
    answers::{invited, unclear},
    case::{Case, config},
};
use convoke::{
    model::Answer,
    store::{Connection, inbox},
};
use jiff::Timestamp;

#[test]
fn the_outbox_counts_what_it_does_not_show_and_others_letters_hide_none() {
    let case = invited();
    case.write("ball.toml", case.text("gala.toml").replacen("gala", "ball", 1));
    case.call("send ball.toml --yes 3").exit(0);
    let conn = Connection::open(case.path("gala.db")).expect("the database");
    // The other campaign has more failed letters than are shown.
    let rows = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10003)
        INSERT INTO invitation (campaign, token, listed, name_key, email, name, lang, guest, created, since)
            SELECT 2, 'many' || n, 'g' || n, '', 'g' || n, '', 'en', '{}', 0, 0 FROM n;
        INSERT INTO letter (invitation, campaign, kind, number, message_id, mail_from, rcpt_to, created, state, due, at)
            SELECT id, 2, 'invitation', 1, token, 'us', email, 0, 'failed', 0, 0 FROM invitation WHERE token LIKE 'many%';
        UPDATE letter SET state = 'failed', due = -1, why = '550 no' WHERE campaign = 1 AND rcpt_to LIKE 'ana%'";
    conn.execute_batch(rows).expect("rows");
    drop(conn);
    case.call("outbox gala").exit(0).stdout_has("ana@guests.example").stdout_lacks(" more");
    case.call("send gala --yes 0").exit(3).stdout_has("failed ana@guests.example: 550 no");
    case.call("outbox ball").exit(0).stdout_has("\n… and 3 more: `convoke outbox --json` prints all.\n");
    assert_eq!(case.call("outbox ball --json").exit(0).objects().len(), 10_003);
    let all = case.call("outbox").exit(0).stdout_has("\n… and 4 more");
    assert!(all.stdout.lines().next().is_some_and(|head| head.contains("campaign")), "letters of two campaigns are told apart");
}

#[test]
fn status_tells_of_the_folders_that_are_configured_and_names_the_campaign_in_its_hints() {
    let case = invited();
    case.write("convoke.toml", config(1) + "[mbox]\npath = \"answers.mbox\"\n");
    let (here, now) =
        (format!("mbox:{}", case.path("answers.mbox").canonicalize().unwrap_or(case.path("answers.mbox")).display()), Timestamp::now());
    let conn = Connection::open(case.path("gala.db")).expect("the database");
    for folder in ["mbox:/old/place", "INBOX", &here] {
        inbox::move_cursor(&conn, folder, 1, 1, now).expect("a cursor");
    }
    drop(conn);
    unclear(&case, "ana@guests.example", Some("ana@guests.example"), "hm, perhaps", Answer::Tentative);
    case.call("status")
        .exit(0)
        .stdout_has(&format!("{here} read at "))
        .stdout_lacks("/old/place")
        .stdout_lacks("INBOX")
        .stdout_has("`convoke review gala` goes through");
}

#[test]
fn what_guests_say_beside_their_answer_is_shown_and_counted() {
    let case: Case = invited();
    case.call("status").exit(0).stdout_lacks("something");
    case.call("status --json").exit(0).stdout_has("\"question\":0,\"unsubscribe\":0}");
    case.call("record ana@guests.example accept").exit(0);
    let conn = Connection::open(case.path("gala.db")).expect("the database");
    let marks = "UPDATE invitation SET question = 1 WHERE email LIKE 'ana%' OR email LIKE 'ben%';
        UPDATE invitation SET unsubscribe = 1 WHERE email LIKE 'ben%'";
    conn.execute_batch(marks).expect("marks");
    drop(conn);
    case.call("guests").exit(0).stdout_has("accept, asks something ").stdout_has("silent, asks something, wants no more letters ");
    case.call("status").exit(0).stdout_has("\n2 guests ask something, 1 wants no more letters: see `convoke guests gala`.\n");
    case.call("status --json").exit(0).stdout_has("\"question\":2,\"unsubscribe\":1}");
}

#[test]
fn one_person_is_no_people() {
    let case: Case = invited();
    case.call("record ana@guests.example accept --party 1").exit(0);
    case.call("record ben@guests.example accept --party 2").exit(0);
    case.call("show ana@guests.example").exit(0).stdout_has("accept, 1 person").stdout_lacks("people");
    case.call("show ben@guests.example").exit(0).stdout_has("accept, 2 people");
}
