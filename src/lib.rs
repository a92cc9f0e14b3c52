//! convoke: invite people by email, in their language, and know who comes.
//!
//! # The house
//!
//! ```text
//!  5  cli            commands; the edge where errors become words and exit codes
//!  4  daemon         the loops, and the one place they start and stop
//!  2  work           the steps: the only rooms that combine the rooms below        config
//!     ──────────────────────────────────────────────────────────────────────────────
//!  1  contacts  compose  read  pair  judge  plan      store      net      sandbox
//!     └──────────── pure: values in, values out ────┘ └ SQLite ┘ └ sockets ┘ └ a mail server to rehearse against ┘
//!  0  model          nouns, and the laws between them
//! ```
//!
//! A room imports only from floors strictly below it; the rooms of floor 1 do not know one another. Floor 3 is kept for
//! pages in a browser. Time and chance are arguments: only `cli` and `daemon` read a clock or throw dice. SQL stands in
//! `store` alone. `tests/architecture.rs` holds all of this.
//!
//! # The data's way
//!
//! Out: contact list → [`contacts`] → guests → [`compose`] → letters → [`work::invite`] → the outbox in [`store`] (at that
//! instant a guest is *invited*) → [`work::send`] claims one, [`net`] speaks SMTP, and what the relay said is settled by
//! [`model::Delivery::after`].
//!
//! In: [`net`] fetches from the mailbox, by peeking → [`read`], [`judge`], [`pair`] → [`work::receive`] → one transaction with
//! the mail, the fact, the standing by [`model::Standing::of`], and the mailbox cursor (at that instant a mail is *received*)
//! → [`store::views`] → status, guests, export.
//!
//! Again, when told: [`work::reread`] reads what is kept by new rules, and what differs is one more fact that takes the place of
//! the mail's first; [`work::learned`] gives away what the organiser ruled on mails, by [`work::anonymous`] without the people.
//!
//! The two ways touch only in the journal of facts. If the lights go out: a letter that was claimed is *uncertain*, never
//! sent again by itself; a mail that was not committed is fetched again, and counts once.
//!
//! # Words
//!
//! Contact → Guest: a row as written → as believed. Letter: one rendered message to one guest; Delivery: where it is on its
//! way out. Mail: a message that arrived; Clue → Pairing: whose it is; Evidence → Verdict: what it says. Fact, Journal: what
//! happened to an invitation. Standing: what the organiser sees, folded from the facts. Step: one unit of background work.
//! Outgoing and incoming never share a word.

pub mod cli;
pub mod compose;
pub mod config;
pub mod contacts;
pub mod daemon;
pub mod judge;
pub mod model;
pub mod net;
pub mod pair;
pub mod plan;
pub mod read;
pub mod sandbox;
pub mod store;
pub mod work;
