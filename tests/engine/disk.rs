//! A full disk: what the relay said is kept, no other letter is begun, and it is written as soon as there is room.

use super::{House, later};
use convoke::{
    daemon::{
        Clock,
        deliver::{self, Ended},
    },
    plan::Pace,
    store,
    work::send::{Sender, Terms},
};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Letters can be claimed, and what became of them cannot be saved.
const FULL: &str = "CREATE TRIGGER full BEFORE UPDATE OF state ON letter WHEN old.state = 'sending'
    BEGIN SELECT raise(ABORT, 'the disk is full'); END";

impl House {
    async fn sql(&self, sql: &'static str) {
        self.store.write(move |conn| Ok(conn.execute_batch(sql)?)).await.expect("it is done");
    }

    /// A `send` over one connection, which has just heard that the disk is full.
    async fn on_a_full_disk(&self, sender: &Sender, stop: &CancellationToken) -> JoinHandle<store::Result<Ended>> {
        self.sql(FULL).await;
        let drain = deliver::drain(sender.clone(), self.store.clone(), Clock::starting_at(later(60)), 1, stop.clone());
        let drain = tokio::spawn(drain);
        let began = Instant::now();
        while sender.refused().is_none() {
            assert!(began.elapsed() < Duration::from_secs(30), "the disk is not full");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        drain
    }
}

#[tokio::test]
async fn what_the_relay_said_is_written_when_there_is_room_again_and_the_rest_is_sent() {
    let house = House::with(20, |_| None, None).await;
    let sender = house.sender(Terms::new(Pace::free()));
    let drain = house.on_a_full_disk(&sender, &CancellationToken::new()).await;
    assert_eq!(house.arrived(), 1, "no other letter is begun");
    house.sql("DROP TRIGGER full").await;
    let ended = drain.await.expect("it does not fall over").expect("the disk takes it");
    assert_eq!((ended, house.arrived(), house.how_many("sent").await), (Ended::Quiet, 20, 20));
    assert_eq!((sender.refused(), sender.unsaved()), (None, Vec::new()));
}

#[tokio::test]
async fn a_send_that_ends_before_there_is_room_knows_what_the_relay_said() {
    let house = House::with(3, |_| None, None).await;
    let sender = house.sender(Terms::new(Pace::free()));
    let stop = CancellationToken::new();
    let drain = house.on_a_full_disk(&sender, &stop).await;
    stop.cancel();
    let error = drain.await.expect("it does not fall over").expect_err("the disk is still full").to_string();
    assert!(error.contains("the disk is full"), "{error}");
    assert_eq!((house.arrived(), house.how_many("sending").await, house.how_many("queued").await), (1, 1, 2));
    let heard: Vec<&str> = sender.unsaved().into_iter().map(|(_, heard)| heard).collect();
    assert_eq!(heard, ["accepted"]);
    house.sql("DROP TRIGGER full").await;
    sender.settled(&house.store).await.expect("it was kept");
    assert_eq!((house.how_many("sent").await, sender.unsaved()), (1, Vec::new()));
}
