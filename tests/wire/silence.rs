//! Servers that fall silent at the worst moment: they hold the connection and say nothing more.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

pub struct Silence {
    port: u16,
    reached: Receiver<()>,
}

impl Silence {
    /// An SMTP server that takes a whole message and never answers its dot.
    pub fn before_the_dot_is_answered() -> Self {
        Self::serve(|stream, reached| {
            let mut reader = BufReader::new(stream.try_clone()?);
            let say = |line: &str| (&stream).write_all(format!("{line}\r\n").as_bytes());
            say("220 silent.example ESMTP")?;
            let (mut line, mut data) = (String::new(), false);
            while reader.read_line(&mut line)? > 0 {
                match line.trim_end() {
                    "." if data => {
                        let _ = reached.send(());
                        break;
                    }
                    _ if data => {}
                    "DATA" => {
                        data = true;
                        say("354 go on")?;
                    }
                    "QUIT" => return say("221 bye"),
                    _ => say("250 fine")?,
                }
                line.clear();
            }
            hold(&mut reader)
        })
    }

    /// An IMAP server that greets and answers no command.
    pub fn after_the_greeting() -> Self {
        Self::serve(|stream, reached| {
            (&stream).write_all(b"* OK IMAP4rev1 ready\r\n")?;
            let _ = reached.send(());
            hold(&mut BufReader::new(stream))
        })
    }

    fn serve(talk: fn(TcpStream, &Sender<()>) -> std::io::Result<()>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
        let port = listener.local_addr().expect("its address").port();
        let (tell, reached) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let tell = tell.clone();
                std::thread::spawn(move || talk(stream, &tell));
            }
        });
        Self { port, reached }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until a client has met the silence.
    pub fn reached(&self, limit: Duration) {
        self.reached.recv_timeout(limit).expect("a client reaches the silent moment");
    }
}

/// Reads until the client gives up.
fn hold(reader: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    std::io::copy(reader, &mut std::io::sink()).map(drop)
}
