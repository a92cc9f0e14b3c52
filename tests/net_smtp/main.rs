//! The SMTP client against a scripted server: every answer, every hang-up, every lie.

#[path = "../authority/mod.rs"]
mod authority;
mod doors;
mod letters;
mod pipelined;
mod server;
mod thresholds;
mod times;

use convoke::model::{Address, Signal};
use convoke::net::smtp::{Outcome, Relay, Timeouts};
use convoke::net::{Account, Auth, Secret, Security};
use std::time::Duration;

fn account(port: u16) -> Account {
    Account { host: "127.0.0.1".into(), port, security: Security::None, ca: None, user: None, auth: Auth::None }
}

fn with_password(port: u16) -> Account {
    Account { user: Some("ana".into()), auth: Auth::Password(Secret::new("pass")), ..account(port) }
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

/// Long enough for a busy machine; only silence is waited for with [`Timeouts::quick`].
fn patient() -> Timeouts {
    Timeouts::all(Duration::from_secs(20))
}

async fn relay(port: u16) -> Relay {
    Relay::connect(&account(port), "me.example", &patient()).await.unwrap()
}

const LETTER: &[u8] = b"Subject: hello\r\n\r\n.dot\r\nbye\r\n";

async fn deliver(relay: &mut Relay) -> Outcome {
    relay.deliver(&address("office@us.example"), &address("guest@them.example"), LETTER).await
}

fn word(signal: &Signal) -> &'static str {
    match signal {
        Signal::Accepted { .. } => "accepted",
        Signal::Deferred { .. } => "deferred",
        Signal::Rejected { .. } => "rejected",
        Signal::Unknown { .. } => "unknown",
        Signal::NotBegun { .. } => "not begun",
        _ => "no signal of a delivery",
    }
}

/// As they are offered; the dialogue must come to the same end with and without them.
const OFFERS: [&[&str]; 2] = [&[], &["PIPELINING", "8BITMIME", "SIZE 100000000", "DSN", "SMTPUTF8"]];
