//! Copies of sent letters in a real Sent folder: each once, read, and only of letters that were sent.

use super::dovecot::{self, Dovecot};
use super::imap::Imap;
use super::installation::{DESK, Installation, PASSWORD, Server};
use super::process::until;
use super::sink::{Faults, Sink};
use std::collections::BTreeSet;
use std::time::Duration;

const LIST: &str =
    "email,name,salutation,language\na@guest.example,Ana,Dragă Ana,ro\nb@guest.example,Bo,Dear Bo,en\nc@guest.example,Zoë,Liebe Zoë,de\n";
const FOLDER: &str = "Copii trimise";

#[test]
fn every_sent_letter_has_one_copy_and_a_copy_of_the_servers_own_proves_a_letter_in_doubt() {
    let dovecot = Dovecot::start(&dovecot::Options { tls: true, users: vec![(DESK.to_owned(), PASSWORD.to_owned())] });
    let sink = Sink::start(&Faults::default());
    let imap = Server { port: dovecot.imaps_port(), security: "tls", authority: Some(dovecot.authority()), signs_in: true };
    let house = Installation::create(&Server::plain(sink.port()), Some((&imap, &["INBOX"])), LIST);
    let config = std::fs::read_to_string(house.path("convoke.toml")).expect("the configuration");
    house.write("convoke.toml", &format!("{config}sent = {FOLDER:?}\n"));
    let look = || Imap::tls(dovecot.imaps_port(), dovecot.authority(), DESK, PASSWORD).expect("a session");

    // The folder is missing: the letters leave, and the copies wait.
    let ran = house.convoke(&["send", "--yes", "3"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(ran.err.contains(FOLDER) && ran.err.contains("`sent` in [imap]"), "{}", ran.err);

    look().command(&format!("CREATE \"{FOLDER}\"")).expect("a folder");
    for _ in 0..2 {
        let ran = house.convoke(&["send", "--yes", "0"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        let shown = look().snapshot(FOLDER).expect("the folder");
        assert_eq!((shown.messages, shown.unseen), (3, 0), "each letter once, read");
    }
    let copies = look().fetch_all(FOLDER).expect("the copies");
    let to: BTreeSet<String> = copies
        .iter()
        .flat_map(|(_, raw)| String::from_utf8_lossy(raw).lines().find(|line| line.starts_with("To: ")).map(str::to_owned))
        .collect();
    assert_eq!(to.len(), 3, "{to:?}");

    // A crash leaves a letter in doubt; the copy that lies there proves it.
    let database = rusqlite::Connection::open(house.path("convoke.db")).expect("the database");
    database.execute("UPDATE letter SET state = 'uncertain' WHERE id = 2", []).expect("a letter in doubt");
    assert_eq!(house.status()["delivery"]["uncertain"], 1);
    let daemon = house.daemon();
    until("the proof", Duration::from_secs(60), || (house.status()["delivery"]["sent"] == 3).then_some(()));
    daemon.stop();
    assert_eq!(look().snapshot(FOLDER).expect("the folder").messages, 3);
}
