//! An embedded mail server on loopback, with guests who answer, to rehearse against.
//!
//! The real sender delivers to its SMTP side; every letter taken is handed to the [`Guests`], whose mails land in
//! the organiser's INBOX (a [`Store`]), which the real mailbox loop reads over its IMAP side.
//! No mail leaves the machine, and any user and password is let in: never bind it elsewhere.

mod answers;
mod calendar;
mod crowd;
mod dialect;
mod guests;
mod imap;
mod letter;
mod machines;
mod mailbox;
mod quotes;
mod smtp;
mod workshop;

pub use guests::{Client, Guests, Partstat, Phrase, Reaction, Vendor};
pub use mailbox::{Folder, Message, Store};
pub use smtp::Taken;
pub use workshop::{Expectations, Expected, MailTotals, workshop};

use crate::model::Address;
use jiff::Timestamp;
use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc},
    task::JoinSet,
};

/// The servers' clock, given by the caller.
pub(crate) type Clock = dyn Fn() -> Timestamp + Send + Sync;

/// Connections at a time on each side; more wait to be accepted.
const CONNECTIONS: usize = 64;
/// Letters that wait for the guests; the SMTP side waits when it is full.
const WAITING: usize = 256;

/// A running pair of servers with their guests. Dropping it stops everything.
#[derive(Debug)]
pub struct Sandbox {
    /// On 127.0.0.1, without TLS.
    pub smtp_port: u16,
    /// On 127.0.0.1, without TLS.
    pub imap_port: u16,
    post: Arc<smtp::Post>,
    store: Arc<Store>,
    _tasks: JoinSet<()>,
}

impl Sandbox {
    /// Starts both servers on free loopback ports.
    ///
    /// `now` is the servers' clock: it dates what arrives. A mail is always dated at least one second after
    /// the one before it, so that the order of the mails is also the order of their dates.
    /// `organiser` is whose mailbox it is: answers that name no other address go there.
    ///
    /// # Errors
    /// When a loopback port cannot be opened.
    pub async fn start(guests: Guests, now: impl Fn() -> Timestamp + Send + Sync + 'static, organiser: Address) -> std::io::Result<Self> {
        let now: Arc<Clock> = Arc::new(now);
        let store = Arc::new(Store::new());
        let smtp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let imap = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (smtp_port, imap_port) = (smtp.local_addr()?.port(), imap.local_addr()?.port());
        let (hand_over, letters) = mpsc::channel(WAITING);
        let guests = Arc::new(guests);
        let post = Arc::new(smtp::Post::new(Arc::clone(&guests), hand_over));

        let mut tasks = JoinSet::new();
        let at_smtp = Arc::clone(&post);
        tasks.spawn(serve(smtp, move |stream| smtp::session(stream, Arc::clone(&at_smtp))));
        let (at_imap, clock) = (Arc::clone(&store), Arc::clone(&now));
        tasks.spawn(serve(imap, move |stream| imap::session(stream, Arc::clone(&at_imap), Arc::clone(&clock))));
        let (for_guests, at_post) = (Arc::clone(&store), Arc::clone(&post));
        tasks.spawn(async move { react(&guests, letters, &for_guests, &*now, &organiser, &at_post).await });
        Ok(Self { smtp_port, imap_port, post, store, _tasks: tasks })
    }

    /// Every letter taken so far, in the order in which it came.
    pub fn letters(&self) -> Vec<Taken> {
        self.post.letters()
    }

    /// The organiser's mailbox, as the server holds it.
    pub fn mailbox(&self) -> &Arc<Store> {
        &self.store
    }

    /// True when every answer that the guests had to write to the letters taken so far is in the mailbox.
    ///
    /// A letter counts from before its 250 is written, so a sender that has its last receipt may ask.
    pub fn settled(&self) -> bool {
        *self.post.waiting.borrow() == 0
    }

    /// Waits until [`Sandbox::settled`]; returns at once where it is so already.
    pub async fn until_settled(&self) {
        // Fails only when the sender is gone, and it lives in `self`.
        let _ = self.post.waiting.subscribe().wait_for(|waiting| *waiting == 0).await;
    }
}

/// Accepts connections for ever; sessions end with the task.
async fn serve<F, S>(listener: TcpListener, session: S)
where
    S: Fn(TcpStream) -> F,
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut sessions = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors: let a session end first.
            tokio::task::yield_now().await;
            continue;
        };
        while sessions.try_join_next().is_some() {}
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "sandbox: no TCP_NODELAY");
        }
        let session = session(stream);
        sessions.spawn(async move {
            if let Err(error) = session.await {
                tracing::debug!(%error, "sandbox: a session broke");
            }
            drop(place);
        });
    }
}

/// The guests' own task: reads letters, writes answers.
async fn react(
    guests: &Guests,
    mut letters: mpsc::Receiver<Arc<Taken>>,
    store: &Store,
    now: &Clock,
    organiser: &Address,
    post: &smtp::Post,
) {
    let mut seen = std::collections::HashSet::new();
    while let Some(taken) = letters.recv().await {
        for guest in &taken.rcpt_to {
            let reactions = guests.reactions(guest);
            if reactions.is_empty() {
                continue;
            }
            let Some(letter) = letter::Opened::open(&taken, guest, organiser) else { continue };
            // A copy of a letter already answered, or a later letter to a guest who has answered.
            if letter.follows || !seen.insert((guest.clone(), letter.message_id.clone())) {
                continue;
            }
            for reaction in reactions {
                let at = store.tick(now());
                if let Some(mail) = answers::write(reaction, &letter, at) {
                    store.append(Folder::Inbox, mail, at, std::iter::empty());
                }
            }
        }
        post.dealt_with();
    }
}

/// A poisoned lock still holds whole values here: every critical section is one push or one read.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
