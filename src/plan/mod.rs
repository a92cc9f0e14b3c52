//! Who is due what and when, and how fast we may send; `now` is an argument.

pub mod invitees;
pub mod pace;
pub mod refusal;

pub use invitees::{Invitees, Known};
pub use pace::{Backoff, Pace};
