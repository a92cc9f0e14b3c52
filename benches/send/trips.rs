//! How many round trips a letter takes, counted exactly: a server that answers only when the client has nothing more to say.

use super::dialogue::{Dialogue, GREETING, Next};
use super::place::{Place, Relay};
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// After this long without a byte the client waits for us.
const QUIET: Duration = Duration::from_millis(40);
const LETTERS: usize = 200;

/// Round trips for each letter, greeting and farewell included.
pub fn count(folder: PathBuf) -> Result<f64, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let place = Place::create(folder, LETTERS + 1)?;
    let relay = Relay { port, connections: 1, ca: None, dkim: None };
    // The first connection brings the one letter that makes the campaign known; the second all others.
    let server = thread::spawn(move || {
        let (mut trips, mut letters) = (0, 0);
        while letters < LETTERS {
            let found = listener.accept().and_then(|(stream, _)| serve(stream)).map_err(|error| error.to_string())?;
            // What brought only the first letter is not counted.
            if (letters, found.1) != (0, 1) {
                (trips, letters) = (trips + found.0, letters + found.1);
            }
        }
        Ok::<_, String>((trips, letters))
    });
    place.queue(&relay)?;
    let mut child =
        place.send().stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().map_err(|e| e.to_string())?;
    let status = child.wait().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("send ended with {status}"));
    }
    let (trips, letters) = server.join().map_err(|_| "the counting server failed".to_owned())??;
    Ok(trips as f64 / letters as f64)
}

/// Serves one connection to its end; how often the client waited for us, and how many letters it brought.
fn serve(mut stream: TcpStream) -> std::io::Result<(usize, usize)> {
    let mut dialogue = Dialogue::default();
    let (mut bytes, mut replies, mut trips) = (vec![0; 64 * 1024], GREETING.to_vec(), 0);
    stream.set_nodelay(true)?;
    let mut close = false;
    loop {
        stream.set_read_timeout(if replies.is_empty() { None } else { Some(QUIET) })?;
        match stream.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => close |= dialogue.take(bytes.get(..count).unwrap_or_default(), &mut replies) == Next::Close,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                trips += 1;
                stream.write_all(&replies)?;
                replies.clear();
                if close {
                    break;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok((trips, dialogue.letters))
}
