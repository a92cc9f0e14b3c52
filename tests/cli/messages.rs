//! `read`: whatever lies in a folder, one object a message, and no message makes it fail.

use super::case::Case;

const YES: &[u8] = b"From: ana@guests.example\r\nSubject: Re: Gala\r\n\r\nI will come.\r\n";

/// Names and bytes of messages that are damaged, hostile or none at all.
fn malformed() -> Vec<(&'static str, Vec<u8>)> {
    let headed = |header: &str, body: &[u8]| [format!("From: ana@guests.example\r\n{header}\r\n\r\n").as_bytes(), body].concat();
    let nested = |depth: usize| {
        let part = |at| format!("--b{at}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n", at + 1);
        headed("Content-Type: multipart/mixed; boundary=b0", (0..depth).map(part).collect::<String>().as_bytes())
    };
    vec![
        ("empty", Vec::new()),
        ("nothing but zeros", vec![0; 5_000]),
        ("no message at all", (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()),
        ("a header only", b"From: ana@guests.example\r\nSubject: x".to_vec()),
        ("a body only", b"\r\n\r\nI will come.\r\n".to_vec()),
        ("three thousand parts deep", nested(3_000)),
        (
            "a part without an end",
            headed("Content-Type: multipart/mixed; boundary=x", b"--x\r\nContent-Type: text/plain\r\n\r\nI will come."),
        ),
        ("base64 that is none", headed("Content-Transfer-Encoding: base64", b"!!!! not base64 ====")),
        ("an unknown charset", headed("Content-Type: text/plain; charset=klingon-8", b"I will come \xFF\xFE")),
        ("a line of a megabyte", headed(&format!("Subject: {}", "x".repeat(1 << 20)), b"yes")),
        ("a hundred thousand headers", headed(&"X: y\r\n".repeat(100_000), b"yes")),
        ("a hundred thousand elements", headed("Content-Type: text/html", "<div>".repeat(100_000).as_bytes())),
        (
            "half a calendar",
            headed("Content-Type: text/calendar; method=REPLY", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nATTENDEE;PARTSTAT=ACC"),
        ),
        (
            "half a delivery notice",
            headed(
                "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
                b"--x\r\nContent-Type: message/delivery-status\r\n\r\nStatus: 9.9.9.9",
            ),
        ),
        ("half a winmail.dat", headed("Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: base64", b"eJ8+IgAAAAAA")),
        ("orders to the terminal", headed("Subject: \x1b[2Jx", b"I will come \x1b]0;owned\x07")),
    ]
}

#[test]
fn a_malformed_message_is_one_object_like_any_other() {
    let (case, messages) = (Case::bare(), malformed());
    let files: Vec<String> = (0..messages.len()).map(|number| format!("{number}.eml")).collect();
    for (file, (_, bytes)) in files.iter().zip(&messages) {
        case.write(file, bytes);
    }
    // All of them in one call: to start the program costs more than to read one.
    let read = || files.iter().fold(case.arg("read"), |call, file| call.arg(file));
    let (shown, said) = (read().exit(0), read().arg("--json").exit(0));
    assert!(![&shown, &said].iter().any(|said| said.stdout.contains(['\u{1b}', '\u{7}'])), "{shown}\n{said}");
    let objects = said.objects();
    assert_eq!(objects.len(), files.len(), "one object a message\n{said}");
    for ((object, file), (name, _)) in objects.iter().zip(&files).zip(&messages) {
        let (path, fields) = (object["path"].as_str(), object.as_object().map(serde_json::Map::len));
        assert_eq!((path, fields), (Some(file.as_str()), Some(16)), "{name}");
    }
}

#[test]
fn a_folder_is_read_in_name_order_with_its_boxes_and_without_its_links() {
    let box_of_two = b"From a\nFrom: a@b.example\n\nI will come.\n\nFrom b\nFrom: b@b.example\n\nNo, I cannot.\n";
    let case =
        Case::bare().file("in/b.eml", YES).file("in/a/2.mbox", box_of_two).file("in/notes.txt", "no mail").file("in/a/new/1:2,S", YES);
    std::os::unix::fs::symlink(".", case.path("in/loop")).expect("a link");
    let said = case.call("read in --json").exit(0);
    let paths: Vec<String> = said.objects().iter().map(|object| object["path"].as_str().expect("a path").to_owned()).collect();
    assert_eq!(paths, ["in/a/2.mbox#1", "in/a/2.mbox#2", "in/a/new/1:2,S", "in/b.eml"]);
}

#[test]
fn what_is_missing_is_told_and_the_rest_is_read() {
    let case = Case::bare().file("a.eml", YES).file("in/notes.txt", "no mail");
    let said = case.call("read no.eml a.eml --json").exit(1).stderr_has("cannot read no.eml: No such file or directory");
    assert_eq!(said.objects().len(), 1);
    case.call("read in").exit(0).stdout("").stderr_has("in: no message is in there");
    let said = case.call("read - --json").stdin("From: a@b.example\n\nyes\n").exit(0);
    assert_eq!(said.objects()[0]["path"].as_str(), Some("-"));
}
