//! A message as it arrived: bytes in, [`Mail`](crate::model::Mail) out; never fails.

mod calendar;
mod tnef;
