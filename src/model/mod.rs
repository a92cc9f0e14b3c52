//! The nouns, and the laws between them. No I/O, no clock, no chance, no async.
//!
//! [`Delivery::after`] and [`Standing::of`] are the only two places where state changes.

pub mod address;
pub mod campaign;
pub mod delivery;
mod fold;
pub mod guest;
pub mod hours;
pub mod letter;
pub mod mail;
pub mod names;
pub mod standing;
mod titles;
pub mod verdict;
pub mod visible;
pub mod words;

pub use address::Address;
pub use campaign::{CalendarPolicy, Campaign, Event, Localised, Sender};
pub use delivery::{Delivery, Patience, Signal};
pub use guest::{Complaint, Guest, Lang, Token};
pub use hours::Hours;
pub use letter::{Kind, Letter, Stamp};
pub use mail::{Auto, Bounce, BounceClass, CalendarReply, Mail, MailKind};
pub use standing::{Fact, Standing, StandingKind};
pub use verdict::{Answer, Certainty, Delegate, Verdict};
