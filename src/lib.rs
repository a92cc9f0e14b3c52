//! convoke: invite people by email, in their language, and know who comes.

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
