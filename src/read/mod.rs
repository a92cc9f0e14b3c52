//! A message as it arrived: bytes in, [`Mail`](crate::model::Mail) out; never fails.

#![allow(dead_code, reason = "the callers are written by the lead")]

mod calendar;
mod tnef;
