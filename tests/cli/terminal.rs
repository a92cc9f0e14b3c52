//! The program in a terminal (of `script`, which is on every Linux), with standard output elsewhere.

use super::answers::{invited, unclear};
use convoke::model::Answer;
use std::{
    fs::{self, File},
    process::{Command, Stdio},
};

#[test]
fn review_hears_lines_where_its_questions_go_into_a_file() {
    let case = invited();
    unclear(&case, "ana@guests.example", Some("ana@guests.example"), "hm, perhaps", Answer::Tentative);
    unclear(&case, "ben@guests.example", Some("ben@guests.example"), "thank you", Answer::None);
    case.write("keys", "d\nq\n");
    // An endless prompt ends at a file of megabytes (the unit is that of the shell; the database stays far below), or after 20 s.
    let line = format!("ulimit -f 10000; exec timeout 20 {} review > told", env!("CARGO_BIN_EXE_convoke"));
    let ended = Command::new("script")
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(case.root())
        .stdin(File::open(case.path("keys")).expect("the keys"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("script, of util-linux");
    let told = fs::read_to_string(case.path("told")).expect("what it said");
    assert!(ended.success(), "{ended}: {} bytes", told.len());
    assert!(told.contains("── 1 of 2 ─") && told.contains("── 2 of 2 ─"), "{told}");
    case.call("guests --json --find ana").exit(0).stdout_has("\"standing\":\"decline\"");
    assert_eq!(case.call("review --json").exit(0).objects().len(), 1);
}
