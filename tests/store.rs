//! The database: its schema from nothing and from every older one, what it keeps through errors, and who may open it.
//!
//! `tests/store/NNN.sql` is a database as version NNN wrote it, with a small campaign in it, and never changes. Whoever
//! adds a schema freezes one of it here.

#[path = "store/invited.rs"]
mod invited;
#[path = "store/outbox.rs"]
mod outbox;
#[path = "store/spelling.rs"]
mod spelling;
#[path = "store/tally.rs"]
mod tally;

use convoke::store::{
    Connection, Error, Store, backup, campaigns, editions,
    inbox::{self, Arrived, Bucket},
    lock::{Lock, NotLocked},
    views,
};
use convoke::work::edition::Editions;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::task::JoinSet;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn sql_files(folder: &str) -> BTreeMap<u32, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())).flatten();
    let files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "sql")).collect();
    files
        .iter()
        .map(|path| {
            let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            (number.unwrap_or_else(|| panic!("{} is not NNN.sql", path.display())), std::fs::read_to_string(path).expect("SQL"))
        })
        .collect()
}

/// The version, and every table, index and trigger as SQLite keeps it.
fn schema(path: &Path) -> (u32, Vec<(String, String)>) {
    let conn = Connection::open(path).expect("a database");
    let version = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).expect("a version");
    let mut all = conn
        .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name")
        .expect("the schema");
    let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("the schema");
    (version, rows.collect::<Result<_, _>>().expect("the schema"))
}

fn count(path: &Path, sql: &str) -> i64 {
    Connection::open(path).expect("a database").query_row(sql, [], |row| row.get(0)).expect("a number")
}

#[tokio::test]
async fn every_older_database_becomes_the_newest_and_keeps_what_it_holds() {
    let folder = folder();
    let fresh = folder.path().join("fresh.db");
    drop(Store::open(&fresh).expect("a new database"));
    let (newest, shape) = schema(&fresh);
    let shipped = sql_files("src/store/schema");
    let frozen = sql_files("tests/store");
    assert_eq!(shipped.keys().next_back(), Some(&newest), "the highest schema file is the version");
    assert_eq!(frozen.keys().collect::<Vec<_>>(), shipped.keys().collect::<Vec<_>>(), "each schema has its frozen database");

    for (version, sql) in frozen {
        let path = folder.path().join(format!("{version}.db"));
        Connection::open(&path).expect("a database").execute_batch(&sql).expect("the frozen database");
        assert_eq!(schema(&path).0, version, "tests/store/{version:03}.sql says which version it is");
        let store = Store::open(&path).expect("an older database opens");
        let status = store.read(|conn| views::status(conn, "workshop")).await.expect("status").expect("the campaign");
        assert_eq!((status.guests, status.people), (4, 2));
        for (word, guests) in [("accept", 2), ("needs_look", 1), ("unreachable", 1)] {
            assert_eq!(status.standing.get(word), guests, "{version}: {word}");
        }
        assert_eq!((status.delivery.get("sent"), status.delivery.get("bounced")), (3, 1));
        assert_eq!((status.mail.get("total"), status.mail.get("not_ours"), status.mail.get("recorded")), (6, 1, 3));
        let guests = store.read(|conn| views::guests(conn, None)).await.expect("guests");
        let femke = guests.iter().find(|guest| guest.email == "femke.bakker@ondernemers.example").expect("a guest");
        assert_eq!((femke.answer.as_str(), femke.evidence.as_slice()), ("accept", ["ik neem graag deel".to_owned()].as_slice()));
        let id = femke.invitation;
        let texts = store.read(move |conn| editions::letters(conn, id)).await.expect("her letters");
        let texts = Editions::default().texts(&store, texts).await.expect("their texts");
        let words = if version < 3 { "Geachte mevrouw Bakker" } else { "Beste Femke Bakker" };
        assert!(texts.len() == 1 && texts[0].contains(words), "{version}: a letter can be read as long as the database is: {texts:?}");
        let facts = store.read(move |conn| views::timeline(conn, id)).await.expect("a timeline");
        assert_eq!(facts.len(), 4, "invited, sent, no, yes: {facts:?}");
        assert!(facts.iter().filter(|moment| moment.mail.as_ref().is_some_and(|mail| mail.verdict.is_some())).count() == 2);
        drop(store);
        assert_eq!(schema(&path), (newest, shape.clone()), "from {version} and from nothing it is the same");
        tally::is_true(&Connection::open(&path).expect("a database"));
        let check: String = Connection::open(&path).unwrap().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok");
    }
}

/// A database of version 4 with these rows besides, and as the program of today has opened it.
fn of_version_4(rows: &str) -> (TempDir, PathBuf) {
    let folder = folder();
    let path = folder.path().join("4.db");
    let conn = Connection::open(&path).expect("a database");
    conn.execute_batch(&sql_files("tests/store")[&4]).expect("the frozen database");
    conn.execute_batch(rows).expect("written");
    drop(conn);
    drop(Store::open(&path).expect("an older database opens"));
    (folder, path)
}

fn unwilling(path: &Path) -> [i64; 4] {
    [1, 3, 5, 16].map(|id| count(path, &format!("SELECT coalesce(unwilling, 0) FROM invitation WHERE id = {id}")))
}

/// The wishes that an older program had read count, and those it was not sure of do not.
#[tokio::test]
async fn a_wish_for_no_more_letters_outlives_the_change_of_the_schema() {
    let wishes = r#"UPDATE invitation SET unsubscribe = id <> 16;
        INSERT INTO fact (invitation, at, body) VALUES (1, 7000, '{"fact":"complained","mail":1}'),
            (3, 8000, '{"fact":"looked","mail":2,"why":[],"guess":{"unsubscribe":true}}'),
            (5, 9000, '{"fact":"answered","mail":3,"unsubscribe":true}');"#;
    let (_folder, path) = of_version_4(wishes);
    assert_eq!(unwilling(&path), [7000, 0, 9000, 0]);
}

/// As `Standing::unwilling` has it: who comes after all has overtaken the wish, until it is said again.
#[tokio::test]
async fn a_wish_that_was_overtaken_before_the_change_of_the_schema_is_none() {
    let wishes = r#"UPDATE invitation SET unsubscribe = 1;
        INSERT INTO fact (invitation, at, body) VALUES
            (1, 7000, '{"fact":"complained","mail":1}'), (1, 7100, '{"fact":"answered","mail":2,"answer":"accept","unsubscribe":false}'),
            (3, 7000, '{"fact":"complained","mail":3}'), (3, 7100, '{"fact":"ruled","answer":"tentative"}'),
            (5, 7000, '{"fact":"complained","mail":5}'), (5, 7100, '{"fact":"ruled","answer":"decline"}'),
            (16, 7000, '{"fact":"complained","mail":6}'), (16, 7100, '{"fact":"ruled","answer":"accept"}'),
            (16, 7200, '{"fact":"complained","mail":7}');"#;
    let (_folder, path) = of_version_4(wishes);
    assert_eq!(unwilling(&path), [0, 0, 7000, 7200]);
}

/// A campaign that an older program paused at the end of its event, and that the organiser let go on, is not paused again.
#[tokio::test]
async fn the_end_of_an_event_that_was_told_before_the_change_of_the_schema_is_not_told_again() {
    let rows = "INSERT INTO note VALUES ('over 1', 'true');
        UPDATE letter SET state = 'queued', due = 0, created = 0, at = 0 WHERE id = 1";
    let later = "2099-01-01T00:00:00Z".parse().expect("a time");
    for (told, paused) in [(rows, vec![]), (&rows[rows.find("UPDATE").expect("both")..], vec![1])] {
        let (_folder, path) = of_version_4(told);
        let store = Store::open(&path).expect("the database");
        assert_eq!(store.read(move |conn| campaigns::over(conn, later)).await.expect("the campaigns"), paused, "{told}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_left_alone() {
    let folder = folder();
    let path = folder.path().join("newer.db");
    drop(Store::open(&path).expect("a new database"));
    let (version, _) = schema(&path);
    Connection::open(&path).expect("a database").pragma_update(None, "user_version", version + 1).expect("a version");
    let before = schema(&path);
    let refused = Store::open(&path).err().expect("a newer database is refused");
    assert!(matches!(refused, Error::TooNew), "{refused}");
    assert!(refused.to_string().contains("newer convoke"), "{refused}");
    assert_eq!(schema(&path), before);
}

#[tokio::test]
async fn what_is_no_database_is_refused_and_left_alone() {
    let folder = folder();
    let (missing, text) = (folder.path().join("missing.db"), folder.path().join("text.db"));
    assert!(matches!(Store::open_existing(&missing), Err(Error::Sqlite(_))));
    assert!(!missing.exists(), "looking makes no file");
    let words = "email,name\nana@post.example,Ana\n".repeat(100);
    std::fs::write(&text, &words).expect("a file");
    assert!(matches!(Store::open(&text), Err(Error::Sqlite(_))));
    assert_eq!(std::fs::read_to_string(&text).expect("the file"), words);
}

#[tokio::test]
async fn writes_that_wait_together_are_all_kept_but_the_one_that_fails() {
    const WRITES: usize = 400;
    let folder = folder();
    let path = folder.path().join("group.db");
    let store = Store::open(&path).expect("a new database");
    let mut writes = JoinSet::new();
    for number in 0..WRITES {
        let store = store.clone();
        writes.spawn(async move {
            let written = store
                .write(move |conn| {
                    conn.execute("INSERT INTO note (key, value) VALUES (?1, 'first')", [number])?;
                    if number % 7 == 3 {
                        // Two ways to fail after having written: a law of the database, and one's own.
                        if number % 2 == 0 {
                            conn.execute("INSERT INTO note (key, value) VALUES (?1, 'second')", [number])?;
                        }
                        return Err(Error::Unreadable("on purpose".into()));
                    }
                    Ok(number)
                })
                .await;
            // Told of success, another connection must see it: it is on the disk.
            let seen = store.read(move |conn| Ok(conn.prepare("SELECT 1 FROM note WHERE key = ?1")?.exists([number.to_string()])?));
            (number, written, seen.await.expect("a look"))
        });
    }
    let mut failed = 0;
    while let Some(write) = writes.join_next().await {
        let (number, written, seen) = write.expect("a write");
        assert_eq!(written.is_ok(), number % 7 != 3, "{number}: {written:?}");
        assert_eq!(seen, written.is_ok(), "{number}");
        failed += usize::from(written.is_err());
    }
    // The store is still open: what was promised does not wait for its end.
    assert_eq!(count(&path, "SELECT count(*) FROM note"), i64::try_from(WRITES - failed).expect("a number"));
    assert!(failed > 50);
}

#[tokio::test]
async fn a_write_waits_for_another_process_and_is_kept() {
    let folder = folder();
    let path = folder.path().join("busy.db");
    let store = Store::open(&path).expect("a new database");
    let other = Connection::open(&path).expect("another process");
    other.execute_batch("BEGIN IMMEDIATE; INSERT INTO note VALUES ('other', 'x')").expect("it writes");
    let waiting = store.clone();
    let write = tokio::spawn(async move { waiting.write(|conn| Ok(conn.execute("INSERT INTO note VALUES ('ours', 'x')", [])?)).await });
    // Another write of the other process is under way while ours waits.
    other.execute_batch("INSERT INTO note VALUES ('more', 'x'); COMMIT").expect("it ends");
    assert_eq!(write.await.expect("a write").expect("kept"), 1);
    assert_eq!(count(&path, "SELECT count(*) FROM note"), 3);
}

#[tokio::test]
async fn a_write_that_cannot_begin_says_why() {
    let folder = folder();
    let path = folder.path().join("locked.db");
    let store = Store::open(&path).expect("a new database");
    store.write(|conn| Ok(conn.busy_timeout(std::time::Duration::ZERO)?)).await.expect("no patience");
    let other = Connection::open(&path).expect("another process");
    other.execute_batch("BEGIN IMMEDIATE").expect("it writes");
    let refused = store.write(|conn| Ok(conn.execute("INSERT INTO note VALUES ('ours', 'x')", [])?)).await.expect_err("no lock");
    assert!(refused.to_string().contains("database is locked"), "{refused}");
    other.execute_batch("COMMIT").expect("it ends");
    store.write(|conn| Ok(conn.execute("INSERT INTO note VALUES ('ours', 'x')", [])?)).await.expect("kept");
}

#[tokio::test]
async fn the_journal_only_grows() {
    let folder = folder();
    let path = folder.path().join("journal.db");
    Connection::open(&path).expect("a database").execute_batch(&sql_files("tests/store")[&1]).expect("a campaign");
    let store = Store::open(&path).expect("it opens");
    let facts = count(&path, "SELECT count(*) FROM fact");
    assert!(facts > 4);
    for sql in ["UPDATE fact SET at = 0", "DELETE FROM fact", "UPDATE fact SET body = '{}' WHERE id = (SELECT min(id) FROM fact)"] {
        let refused = store.write(move |conn| Ok(conn.execute(sql, [])?)).await.expect_err("the journal is not changed");
        assert!(refused.to_string().contains("the journal only grows"), "{sql}: {refused}");
    }
    assert_eq!(count(&path, "SELECT count(*) FROM fact"), facts);
    assert_eq!(count(&path, "SELECT count(*) FROM fact WHERE at = 0 OR body = '{}'"), 0);
}

#[test]
fn one_process_holds_the_lock_and_says_who_it_is() {
    let folder = folder();
    let database = folder.path().join("convoke.db");
    let held = Lock::take(&database, "the daemon, process 4711").expect("the first takes it");
    for _ in 0..2 {
        match Lock::take(&database, "convoke send, process 4712") {
            Err(NotLocked::Held { who }) => assert_eq!(who, "the daemon, process 4711"),
            other => panic!("{other:?}"),
        }
    }
    drop(held);
    let next = Lock::take(&database, "me").expect("free again");
    match Lock::take(&database, "another") {
        Err(NotLocked::Held { who }) => assert_eq!(who, "me", "nothing of the longer name before it is left"),
        other => panic!("{other:?}"),
    }
    drop(next);
    let nowhere = folder.path().join("no/such/folder.db");
    let error = Lock::take(&nowhere, "me").expect_err("no folder");
    assert!(matches!(&error, NotLocked::Io { .. }) && error.to_string().contains("no/such/folder.db.lock"), "{error}");
}

#[test]
fn an_older_database_is_not_changed_under_the_process_that_works_on_it() {
    let folder = folder();
    let path = folder.path().join("4.db");
    Connection::open(&path).expect("a database").execute_batch(&sql_files("tests/store")[&4]).expect("the frozen database");
    let held = Lock::take(&path, "the daemon, process 4711").expect("nobody else has it");
    let refused = Store::open(&path).err().expect("the daemon runs");
    assert!(matches!(&refused, Error::Older { who } if who == "the daemon, process 4711"), "{refused}");
    assert_eq!(schema(&path).0, 4);
    drop(Store::open_under(&path, &held).expect("the daemon itself may"));
    assert!(schema(&path).0 > 4);
    drop(Store::open(&path).expect("where nothing is to be changed, the lock hinders nobody"));
    drop(held);

    let other = folder.path().join("other.db");
    Connection::open(&other).expect("a database").execute_batch(&sql_files("tests/store")[&4]).expect("the frozen database");
    drop(Store::open(&other).expect("no daemon runs"));
    drop(Lock::take(&other, "the daemon, process 4712").expect("the lock was given back"));
}

#[tokio::test]
async fn a_mail_counts_once_and_of_a_stranger_nothing_is_kept() {
    let folder = folder();
    let path = folder.path().join("mail.db");
    let store = Store::open(&path).expect("a new database");
    let now: Timestamp = "2026-11-30T12:00:00Z".parse().expect("a time");
    let mail = |bucket, uid| Arrived {
        identity: format!("<{uid}@post.example> d1"),
        folder: "INBOX".into(),
        uid,
        arrived: now,
        bucket,
        campaign: None,
        invitation: None,
        sender: "somebody@post.example".into(),
        subject: "private".into(),
        said: "private".into(),
        verdict: None,
        doubts: Vec::new(),
        raw: Some(b"private".to_vec()),
    };
    let keep = |mail: Arrived| store.write(move |conn| inbox::keep(conn, &mail, now));
    assert!(keep(mail(Bucket::NotOurs, 1)).await.expect("kept").is_some());
    assert!(keep(mail(Bucket::NeedsLook, 2)).await.expect("kept").is_some());
    let again = Arrived { folder: "Junk".into(), ..mail(Bucket::NeedsLook, 2) };
    assert_eq!(keep(again).await.expect("known"), None, "the same mail in another folder");
    assert_eq!(count(&path, "SELECT count(*) FROM mail"), 2);
    assert_eq!(count(&path, "SELECT count(*) FROM mail WHERE bucket = 'not_ours' AND sender || subject || said = '' AND raw IS NULL"), 1);
    assert_eq!(count(&path, "SELECT count(*) FROM mail WHERE bucket = 'needs_look' AND said = 'private' AND raw IS NOT NULL"), 1);
}

#[tokio::test]
async fn a_copy_is_made_while_writing_goes_on() {
    let folder = folder();
    let (path, copy) = (folder.path().join("convoke.db"), folder.path().join("copy.db"));
    Connection::open(&path).expect("a database").execute_batch(&sql_files("tests/store")[&1]).expect("a campaign");
    let store = Store::open(&path).expect("it opens");
    let to = copy.clone();
    let (copied, written) = tokio::join!(
        store.read(move |conn| backup::copy(conn, &to, Timestamp::UNIX_EPOCH, || false)),
        store.write(|conn| Ok(conn.execute("INSERT INTO note VALUES ('later', 'x')", [])?)),
    );
    assert!(copied.expect("a copy"), "it is whole");
    assert_eq!(written.expect("a write"), 1);
    assert_eq!(schema(&copy), schema(&path));
    assert_eq!(count(&copy, "SELECT count(*) FROM fact"), count(&path, "SELECT count(*) FROM fact"));
    drop(Store::open(&copy).expect("the copy is a database"));
    let paused =
        |path: &Path| count(path, "SELECT count(*) FROM campaign WHERE paused AND paused_why LIKE '%backup of 1970-01-01 00:00 UTC%'");
    assert_eq!(
        (paused(&path), paused(&copy)),
        (0, count(&copy, "SELECT count(*) FROM campaign")),
        "what left since is not known to the copy"
    );
}
