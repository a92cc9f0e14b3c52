//! placeholder
use super::{Exit, args::Demo};
pub async fn run(_o: &Demo, _json: bool) -> anyhow::Result<Exit> { Ok(Exit::Done) }
