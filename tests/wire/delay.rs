//! A proxy in front of a server that passes everything on, later: a network with a round trip, which limits nothing else.
//! For what is under way when somebody dies, and for the bench of sending.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// How many chunks may be under way in one direction of one connection before reading waits for writing.
const UNDER_WAY: usize = 4096;

/// Ends with its process; bytes that were taken are delivered even when their sender is gone.
pub struct Delay {
    port: u16,
    open: Arc<AtomicUsize>,
}

impl Delay {
    /// Listens on a port of its own and passes on to `to`, each chunk of bytes `each_way` after it came.
    pub fn start(to: u16, each_way: Duration) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
        let port = listener.local_addr().expect("its address").port();
        let open = Arc::new(AtomicUsize::new(0));
        let counter = open.clone();
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect(("127.0.0.1", to)) else { continue };
                for (from, into) in [(&near, &far), (&far, &near)] {
                    let (Ok(from), Ok(into)) = (from.try_clone(), into.try_clone()) else { continue };
                    counter.fetch_add(1, Ordering::SeqCst);
                    one_way(from, into, each_way, counter.clone());
                }
            }
        });
        Self { port, open }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether nothing is under way any more.
    pub fn is_empty(&self) -> bool {
        self.open.load(Ordering::SeqCst) == 0
    }
}

/// One direction, to its end. What cannot be written is lost, as on a wire.
fn one_way(mut from: TcpStream, mut into: TcpStream, later: Duration, open: Arc<AtomicUsize>) {
    let _ = into.set_nodelay(true);
    let (put, take) = mpsc::sync_channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    thread::spawn(move || {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let chunk = bytes.get(..count).unwrap_or_default().to_vec();
            if put.send((Instant::now() + later, chunk)).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (due, chunk) in take {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if into.write_all(&chunk).is_err() {
                break;
            }
        }
        let _ = into.shutdown(Shutdown::Write);
        open.fetch_sub(1, Ordering::SeqCst);
    });
}
