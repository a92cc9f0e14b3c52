//! The program in a terminal (of `script`, which is on every Linux), also with standard output elsewhere.

use super::{
    answers::{invited, unclear},
    case::Case,
};
use convoke::model::Answer;
use std::{
    fs::{self, File},
    process::{Command, ExitStatus, Stdio},
};

/// Two guests of whom one mail each waits: the program would guess tentative of the first, and accept of the second.
fn waiting() -> Case {
    let case = invited();
    unclear(&case, "ana@guests.example", Some("ana@guests.example"), "hm, perhaps", Answer::Tentative);
    unclear(&case, "ben@guests.example", Some("ben@guests.example"), "with pleasure, I think", Answer::Accept);
    case
}

/// Runs `review` in a terminal, with these keys; what the terminal showed lies in the file "screen".
fn review(case: &Case, keys: &str, to: &str) -> ExitStatus {
    case.write("keys", keys);
    // An endless prompt ends at a file of megabytes (the unit is that of the shell; the database stays far below), or after 20 s.
    let line = format!("ulimit -f 10000; exec timeout 20 {} review{to}", env!("CARGO_BIN_EXE_convoke"));
    Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "screen"])
        .current_dir(case.root())
        .stdin(File::open(case.path("keys")).expect("the keys"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("script, of util-linux")
}

#[test]
fn review_hears_lines_where_its_questions_go_into_a_file() {
    let case = waiting();
    let ended = review(&case, "d\nq\n", " > told");
    let told = fs::read_to_string(case.path("told")).expect("what it said");
    assert!(ended.success(), "{ended}: {} bytes", told.len());
    assert!(told.contains("── 1 of 2 ─") && told.contains("── 2 of 2 ─"), "{told}");
    case.call("guests --json --find ana").exit(0).stdout_has("\"standing\":\"decline\"");
    assert_eq!(case.call("review --json").exit(0).objects().len(), 1);
}

#[test]
fn an_enter_right_behind_a_key_decides_nothing_about_the_next_guest() {
    let case = waiting();
    let ended = review(&case, "d\nq", "");
    let screen = fs::read_to_string(case.path("screen")).expect("what the terminal showed");
    assert!(ended.success(), "{ended}: {screen}");
    assert!(screen.contains("Enter right after a key does nothing; press it again to take the guess"), "{screen}");
    case.call("guests --json --find ana").exit(0).stdout_has("\"standing\":\"decline\"");
    case.call("guests --json --find ben").exit(0).stdout_has("\"standing\":\"needs_look\"");
    review(&case, "\n", "");
    case.call("guests --json --find ben").exit(0).stdout_has("\"standing\":\"accept\"");
}

#[test]
fn a_number_is_typed_with_an_enter_behind_it_and_can_be_taken_back() {
    let case = waiting();
    // 31, of which the last digit is taken back; then 4, which another key takes back.
    let ended = review(&case, "31\u{7f}\n4x\nq", "");
    let screen = fs::read_to_string(case.path("screen")).expect("what the terminal showed");
    assert!(ended.success(), "{ended}: {screen}");
    case.call("guests --json --find ana").exit(0).stdout_has("\"standing\":\"tentative\"").stdout_has("\"party\":3");
    // The Enter behind "4x" takes the guess, and no number.
    case.call("guests --json --find ben").exit(0).stdout_has("\"standing\":\"accept\"").stdout_has("\"party\":null");
}
