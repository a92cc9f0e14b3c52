//! What is read once for many mails of a folder.

use super::edition::Editions;
use crate::{
    pair::Names,
    store::{
        self, Store, editions,
        inbox::{self, Holder},
    },
};
use std::sync::{Arc, Mutex, PoisonError};

/// What was sent, and the guests by their names; read again where there is more by now.
#[derive(Clone, Default)]
pub(super) struct Memory {
    pub editions: Editions,
    sent: Arc<Mutex<Arc<Sent>>>,
    names: Arc<Mutex<Names>>,
}

/// Subjects and texts that a mail of nobody may carry.
#[derive(Default)]
pub(super) struct Sent {
    /// The newest letter when they were read; 0 before there was one.
    newest: i64,
    pub subjects: Vec<String>,
    pub texts: Vec<String>,
}

impl Memory {
    pub async fn sent(&self, store: &Store) -> store::Result<Arc<Sent>> {
        let newest = store.read(editions::newest_letter).await?;
        let held = self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if held.newest == newest {
            return Ok(held);
        }
        let (subjects, samples) = store.read(|conn| Ok((editions::subjects(conn)?, editions::samples(conn)?))).await?;
        let texts = self.editions.texts(store, samples).await?;
        let sent = Arc::new(Sent { newest, subjects, texts });
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner) = sent.clone();
        Ok(sent)
    }

    /// Guests who may have this name, after the names of those invited meanwhile were read.
    pub async fn namesakes(&self, store: &Store, name: &str) -> store::Result<Vec<Holder>> {
        let alike = loop {
            let newest = self.names.lock().unwrap_or_else(PoisonError::into_inner).newest();
            let more = store.read(move |conn| inbox::names(conn, newest)).await?;
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            if more.is_empty() {
                break names.alike(name);
            }
            names.add(more);
        };
        let holders =
            store.read(move |conn| alike.into_iter().map(|invitation| inbox::by_id(conn, invitation)).collect::<store::Result<Vec<_>>>());
        Ok(holders.await?.into_iter().flatten().collect())
    }
}
