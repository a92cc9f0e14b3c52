//! placeholder
use super::{Exit, args::Rehearse};
use std::path::Path;
pub async fn run(_p: &Path, _o: &Rehearse, _json: bool) -> anyhow::Result<Exit> { Ok(Exit::Done) }
