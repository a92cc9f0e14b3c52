//! A network with a round trip: a TCP proxy that passes everything on, later, without limiting how much is under way.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Starts it and gives its port. It ends with this process.
pub fn start(to: u16, each_way: Duration) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
    let port = listener.local_addr().expect("its address").port();
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(far) = TcpStream::connect(("127.0.0.1", to)) else { continue };
            for (from, into) in [(&near, &far), (&far, &near)] {
                if let (Ok(from), Ok(into)) = (from.try_clone(), into.try_clone()) {
                    one_way(from, into, each_way);
                }
            }
        }
    });
    port
}

/// Each chunk leaves `later` after it came; reading never waits for writing until 4096 chunks are under way.
fn one_way(mut from: TcpStream, mut into: TcpStream, later: Duration) {
    let _ = into.set_nodelay(true);
    let (put, take) = mpsc::sync_channel::<(Instant, Vec<u8>)>(4096);
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
    });
}
