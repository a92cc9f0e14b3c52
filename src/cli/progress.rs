//! A bar for long work, on a terminal only.

use crate::store::{Store, views};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often the numbers are asked for.
const EVERY: Duration = Duration::from_millis(250);

/// Shows how the waiting letters of a campaign go down, until `done`.
pub async fn letters(store: Store, campaign: i64, total: u64, done: CancellationToken) {
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} letters  {per_sec}  {eta} left  {msg}") {
        bar.set_style(style);
    }
    loop {
        let ended = tokio::time::timeout(EVERY, done.cancelled()).await.is_ok();
        let waiting =
            store.read(move |conn| Ok(views::in_state(conn, campaign, "queued")? + views::in_state(conn, campaign, "sending")?)).await;
        if let Ok(waiting) = waiting {
            bar.set_position(total.saturating_sub(waiting));
        }
        if ended {
            bar.finish_and_clear();
            return;
        }
    }
}
