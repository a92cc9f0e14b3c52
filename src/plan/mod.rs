//! Who is due what and when, and how fast we may send; `now` is an argument.

pub mod crowd;
pub mod invitees;
pub mod limits;
mod names;
pub mod pace;
pub mod refusal;
pub mod speed;
pub mod streak;

pub use crowd::Crowd;
pub use invitees::{Invitees, Known};
pub use limits::{Limit, Limits};
pub use pace::{Backoff, Pace};
pub use speed::Speed;
pub use streak::Streak;
