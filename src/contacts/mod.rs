//! placeholder
use crate::model::*;
#[derive(Clone)]
pub struct List { pub guests: Vec<Guest>, pub complaints: Vec<Complaint>, pub notes: Vec<String> }
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct Unreadable;
pub fn read(_file: &str, _bytes: &[u8]) -> Result<List, Unreadable> { Err(Unreadable) }
impl List { pub fn skipped_csv(&self) -> Vec<u8> { vec![] } }
