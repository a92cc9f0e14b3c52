//! A message as it arrived: bytes in, [`Mail`](crate::model::Mail) out; never fails.

mod calendar;
mod said;
mod tnef;
mod tokens;
mod words;

pub use said::{Said, said};

/// What we know when reading.
#[derive(Clone, Copy, Default, Debug)]
pub struct Context<'a> {
    /// The text parts of the letters that we sent to this guest, and the prefilled bodies of their buttons.
    pub sent: &'a [String],
    /// The receiving server whose Authentication-Results we trust; None trusts nobody's.
    pub authserv_id: Option<&'a str>,
}

/// placeholder
pub fn mail(_raw: &[u8], _context: &Context<'_>) -> crate::model::Mail {
    unimplemented!()
}
