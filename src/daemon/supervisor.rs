//! What systemd wants to hear (sd_notify): ready, alive, stopping. Silent where nobody listens.

use super::rest;
use crate::store::Store;
use sd_notify::NotifyState;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Says that the daemon is ready, then feeds the watchdog, as long as the store answers.
pub(super) async fn report(store: Store, stop: CancellationToken) -> anyhow::Result<()> {
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    let every = sd_notify::watchdog_enabled().map_or(Duration::from_secs(3_600), |limit| limit / 3);
    while !rest(every, &stop).await {
        if store.read(|_| Ok(())).await.is_ok() {
            let _ = sd_notify::notify(&[NotifyState::Watchdog]);
        }
    }
    Ok(())
}

pub(super) fn stopping() {
    let _ = sd_notify::notify(&[NotifyState::Stopping]);
}
