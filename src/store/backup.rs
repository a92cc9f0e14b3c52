//! A copy of the database while it is in use.

use super::{Error, Result, at, from_json, json, ms};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{
    Connection, OptionalExtension,
    backup::{Backup, StepResult},
};
use std::{path::Path, time::Duration};

/// How many pages are copied between two questions whether to go on.
const PAGES: i32 = 1_000;
/// The rest where the copy is locked.
const LOCKED: Duration = Duration::from_millis(5);

/// Copies the open database into a new file (SQLite's online backup): as it is at this moment, whatever others write meanwhile.
///
/// In the copy every campaign is paused, and says why: letters that leave after `now` still wait there, and guests who are invited
/// after it are not there at all, so that a copy which is put back would invite them twice. A campaign that is new there is paused, too.
/// False where `stop` said so before the end; what the file holds then is good for nothing.
pub fn copy(conn: &Connection, to: &Path, now: Timestamp, stop: impl Fn() -> bool) -> Result<bool> {
    let mut target = Connection::open(to)?;
    // A copy begins anew when somebody writes between two steps, unless a transaction holds what is read.
    let moment = conn.unchecked_transaction()?;
    moment.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    {
        let backup = Backup::new(&moment, &mut target)?;
        loop {
            if stop() {
                return Ok(false);
            }
            match backup.step(PAGES)? {
                StepResult::Done => break,
                StepResult::More => {}
                _ => std::thread::sleep(LOCKED),
            }
        }
    }
    drop(moment);
    let verdict: String = target.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(Error::Damaged(verdict));
    }
    // One file, also while it is changed.
    target.pragma_update(None, "journal_mode", "delete")?;
    pause(&target, now)?;
    Ok(true)
}

/// How the reason begins for which the campaigns of a copy are paused: letters that wait there may have left.
pub const RESTORED: &str = "this database is a backup of ";

/// For so long after the first `send` in a copy that was put back a campaign that is new there may be one of those it knows nothing of.
const DOUBTFUL: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The note of a copy.
const NOTE: &str = "restored";

/// What a copy knows of being one.
#[derive(serde::Serialize, serde::Deserialize)]
struct Restored {
    why: String,
    /// Milliseconds since 1970: when a campaign was first sent in the copy.
    met: Option<i64>,
}

fn pause(copy: &Connection, now: Timestamp) -> Result<()> {
    let why = format!(
        "{RESTORED}{}, and knows nothing of what was sent since: compare `convoke outbox` with your Sent folder, and say `convoke outbox confirm EMAIL` for each letter that has left",
        now.strftime("%Y-%m-%d %H:%M UTC")
    );
    let sql = "UPDATE campaign SET paused = 1, paused_why = CASE paused_why WHEN '' THEN ?1 ELSE paused_why || '; ' || ?1 END";
    copy.execute(sql, [&why])?;
    note(copy, &Restored { why, met: None })
}

fn note(conn: &Connection, restored: &Restored) -> Result<()> {
    conn.execute("INSERT OR REPLACE INTO note (key, value) VALUES (?1, ?2)", [NOTE, &json(restored)?])?;
    Ok(())
}

/// Why a campaign that is sent for the first time starts paused: the database is a copy that was put back, and the campaign may have
/// been sent after the copy was made. None in any other database, and a month later.
pub(super) fn doubt(conn: &Connection, now: Timestamp) -> Result<Option<String>> {
    let sql = "SELECT value FROM note WHERE key = ?1";
    let Some(known) = conn.query_row(sql, [NOTE], |row| row.get::<_, String>(0)).optional()? else { return Ok(None) };
    let known: Restored = from_json(&known)?;
    let Some(met) = known.met else {
        let met = Restored { met: Some(ms(now)), ..known };
        note(conn, &met)?;
        return Ok(Some(met.why));
    };
    Ok(Some(known.why).filter(|_| now.duration_since(at(met)) < DOUBTFUL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use std::{
        sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst},
        time::Instant,
    };

    /// 12 MB.
    fn filled(path: &Path) -> Connection {
        drop(Store::open(path).unwrap());
        let conn = Connection::open(path).unwrap();
        conn.execute_batch(
            "CREATE TABLE big (x); INSERT INTO big WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
             SELECT zeroblob(4000) FROM n; CREATE TABLE busy (x)",
        )
        .unwrap();
        conn
    }

    #[test]
    fn a_copy_beside_a_busy_writer_ends_and_is_of_one_moment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("convoke.db");
        let conn = filled(&path);
        let (done, begun) = (AtomicBool::new(false), Instant::now());
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let conn = Connection::open(&path).unwrap();
                while !done.load(SeqCst) && begun.elapsed() < Duration::from_secs(20) {
                    conn.execute("INSERT INTO busy VALUES (1)", []).unwrap();
                }
            });
            // Another commit lies between each two steps.
            let writes = || conn.query_row("SELECT count(*) FROM busy", [], |row| row.get::<_, i64>(0)).unwrap();
            let steps = AtomicU32::new(0);
            let watch = Connection::open(&path).unwrap();
            let count = || watch.query_row("SELECT count(*) FROM busy", [], |row| row.get::<_, i64>(0)).unwrap();
            let stop = || {
                steps.fetch_add(1, SeqCst);
                let before = count();
                while count() == before && begun.elapsed() < Duration::from_secs(20) {}
                begun.elapsed() >= Duration::from_secs(20)
            };
            assert!(writes() >= 0 && copy(&conn, &folder.path().join("copy.db"), Timestamp::UNIX_EPOCH, stop).unwrap(), "it ends");
            assert!(steps.load(SeqCst) >= 3);
            done.store(true, SeqCst);
            writer.join().unwrap();
        });
        let copy = Connection::open(folder.path().join("copy.db")).unwrap();
        assert_eq!(copy.query_row("SELECT count(*) FROM big", [], |row| row.get::<_, i64>(0)).unwrap(), 3_000);
    }

    #[test]
    fn a_copy_doubts_new_campaigns_for_a_month_after_the_first_send_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let conn = filled(&folder.path().join("convoke.db"));
        let after = |days: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * days);
        assert_eq!(doubt(&conn, after(0)).unwrap(), None, "no copy");
        let path = folder.path().join("copy.db");
        assert!(copy(&conn, &path, after(0), || false).unwrap());
        let copy = Connection::open(path).unwrap();
        for (days, doubted) in [(400, true), (429, true), (430, false), (431, false)] {
            assert_eq!(doubt(&copy, after(days)).unwrap().is_some_and(|why| why.starts_with(RESTORED)), doubted, "{days}");
        }
    }

    #[test]
    fn a_copy_that_is_asked_to_stop_stops() {
        let folder = tempfile::tempdir().unwrap();
        let conn = filled(&folder.path().join("convoke.db"));
        assert!(!copy(&conn, &folder.path().join("copy.db"), Timestamp::UNIX_EPOCH, || true).unwrap());
    }
}
