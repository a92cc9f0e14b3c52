//! A sign-in that is refused: said once for all folders, and seldom again, because servers lock out who is refused too often.

use super::{Daemon, House, PATIENCE, account, copyist};
use convoke::{
    daemon::Clock,
    net::imap::{ImapError, Mailbox, Timeouts},
    store::notes::Side,
    work::door::Door,
};
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

const WRONG: &str = "[AUTHENTICATIONFAILED] Authentication failed.";
/// Longer than a loop needs to come to the door.
const MOMENT: Duration = Duration::from_millis(300);

impl House {
    fn sign_ins(&self) -> usize {
        self.server.state().sign_ins.len()
    }

    /// Three folders, and the Sent folder.
    fn all_loops(&self) -> Daemon {
        let mut works = self.works(&["INBOX", "Work", "Lists"]);
        works.copyist = Some(copyist(self.server.port));
        Daemon::start(works)
    }

    /// Three come to the door at once, so many seconds after `began`; how many are let in.
    async fn knock(&self, door: &Door<ImapError>, began: Timestamp, seconds: i64) -> usize {
        let clock = Clock::starting_at(began + SignedDuration::from_secs(seconds));
        let (account, timeouts) = (account(self.server.port), Timeouts::default());
        let now = || clock.now();
        let enter = || door.enter(Mailbox::connect(&account, &timeouts), &now);
        let entered = tokio::join!(enter(), enter(), enter());
        let mut inside = 0;
        for entered in [entered.0, entered.1, entered.2] {
            match entered {
                Ok(_) => inside += 1,
                Err(error) => assert!(matches!(&error, ImapError::SignIn(why) if why.contains("refused the sign-in")), "{error}"),
            }
        }
        inside
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_once_for_all_folders_and_each_side_tells() {
    let house = House::with(1).await;
    house.server.state().shuts_out = Some(WRONG);
    let daemon = house.all_loops();
    for side in [Side::Mailbox, Side::Sent] {
        house.until_note(side, |why| why.contains(WRONG)).await;
    }
    tokio::time::sleep(MOMENT).await;
    assert_eq!(house.sign_ins(), 1);
    let until = async |side| house.note(side).await.expect("a note").until();
    assert_eq!(until(Side::Mailbox).await, until(Side::Sent).await, "the next try is one for all");
    assert!(house.status().await.reader.is_some_and(|trouble| trouble.permanent), "waiting changes nothing");
    daemon.end().await;
}

#[tokio::test]
async fn a_refused_account_is_tried_by_one_when_it_is_due_and_entered_by_all_when_that_one_is_let_in() {
    let house = House::with(1).await;
    let (door, began) = (Door::default(), Timestamp::now());
    house.server.state().shuts_out = Some(WRONG);
    for (seconds, tries) in [(0, 1), (0, 1), (50, 1), (70, 2), (180, 2), (200, 3)] {
        assert_eq!((house.knock(&door, began, seconds).await, house.sign_ins()), (0, tries), "after {seconds} s");
    }
    house.server.state().shuts_out = None;
    assert_eq!((house.knock(&door, began, 400).await, house.sign_ins()), (0, 3), "four minutes are not over");
    assert_eq!((house.knock(&door, began, 500).await, house.sign_ins()), (3, 6));
    // A refusal after that is a first one.
    house.server.state().shuts_out = Some(WRONG);
    for (seconds, tries) in [(600, 7), (650, 7), (670, 8)] {
        assert_eq!((house.knock(&door, began, seconds).await, house.sign_ins()), (0, tries), "after {seconds} s");
    }
}

#[tokio::test]
async fn one_connection_too_many_shuts_nobody_else_out() {
    let house = House::with(1).await;
    let (door, began) = (Door::default(), Timestamp::now());
    house.server.state().shuts_out = Some("[ALERT] Too many simultaneous connections. (Failure)");
    assert_eq!((house.knock(&door, began, 0).await, house.sign_ins()), (0, 1), "the others hear it");
    house.server.state().shuts_out = None;
    assert_eq!(house.knock(&door, began, 1).await, 3);
}

#[tokio::test]
async fn a_lost_connection_shuts_no_door() {
    let house = House::with(1).await;
    let (door, began) = (Door::default(), Timestamp::now());
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("its number").port();
    let (account, timeouts) = (account(free), Timeouts::default());
    let error = door.enter(Mailbox::connect(&account, &timeouts), &|| began).await.expect_err("nobody is there");
    assert_eq!(door.due(&error.into()), None);
    assert_eq!(house.knock(&door, began, 0).await, 3);
}

#[tokio::test]
async fn who_waits_at_the_door_goes_at_once_when_the_daemon_stops() {
    let house = House::with(1).await;
    house.server.state().mute = true;
    let daemon = house.all_loops();
    let began = Instant::now();
    while house.sign_ins() == 0 {
        assert!(began.elapsed() < PATIENCE, "nobody signs in");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(MOMENT).await;
    let asked = Instant::now();
    daemon.end().await;
    assert!(asked.elapsed() < Duration::from_secs(1), "it took {:?}", asked.elapsed());
    assert_eq!(house.sign_ins(), 1, "the others wait for the outcome");
}
