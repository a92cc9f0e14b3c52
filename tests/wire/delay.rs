//! A proxy in front of a server that passes everything on, later: a network with a round trip, for what is under way when somebody dies.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// Ends with the test process; bytes that were taken are delivered even when their sender is gone.
pub struct Delay {
    port: u16,
    open: Arc<AtomicUsize>,
}

impl Delay {
    /// Listens on a port of its own and passes on to `to`, each chunk of bytes `each_way` later.
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
                    let counter = counter.clone();
                    thread::spawn(move || {
                        pass(from, into, each_way);
                        counter.fetch_sub(1, Ordering::SeqCst);
                    });
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
fn pass(mut from: TcpStream, mut into: TcpStream, later: Duration) {
    let _ = into.set_nodelay(true);
    let mut bytes = [0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        thread::sleep(later);
        if into.write_all(bytes.get(..count).unwrap_or_default()).is_err() {
            break;
        }
    }
    let _ = into.shutdown(Shutdown::Write);
}
