//! The steps: one file per labour, and the only rooms that combine the rooms below.
//!
//! A worker is a public step and a loop around it (in `daemon`, or in a command). Time is an argument;
//! a failure of a send is an outcome in the database, and what remains an error is trouble with the store.

mod about;
pub mod anonymous;
pub mod copies;
mod day;
pub mod door;
pub mod edition;
pub mod file;
pub mod folder;
mod haul;
mod identity;
pub mod invite;
pub mod learned;
pub mod maildir;
mod marked;
pub mod mbox;
mod memory;
mod proof;
pub mod receive;
pub mod reread;
pub mod rule;
pub mod send;

use jiff::Timestamp;

/// What a step did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// One unit of work; call again at once.
    Did,
    /// Nothing to do before `until` (None: nothing at all), unless somebody rings.
    Rest { until: Option<Timestamp> },
}
