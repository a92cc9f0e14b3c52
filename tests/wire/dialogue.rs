//! A line dialogue over a loopback socket, plain or TLS: what the small raw clients of these tests speak through.

use super::authority::Authority;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

enum Link {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Link {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buf),
            Self::Tls(stream) => stream.read(buf),
        }
    }
}

impl Write for Link {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(buf),
            Self::Tls(stream) => stream.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// One connection. Every read waits 20 s at most.
pub struct Dialogue {
    link: BufReader<Link>,
}

impl Dialogue {
    pub fn plain(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(Self { link: BufReader::new(Link::Plain(stream)) })
    }

    pub fn tls(port: u16, authority: &Authority) -> io::Result<Self> {
        Self::plain(port)?.start_tls(authority)
    }

    /// Goes on in TLS; the server's name is `localhost`.
    pub fn start_tls(self, authority: &Authority) -> io::Result<Self> {
        let Link::Plain(stream) = self.link.into_inner() else { return Err(io::Error::other("this connection speaks TLS already")) };
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let mut connection = ClientConnection::new(authority.client(), name).map_err(io::Error::other)?;
        let mut stream = stream;
        while connection.is_handshaking() {
            connection.complete_io(&mut stream)?;
        }
        Ok(Self { link: BufReader::new(Link::Tls(Box::new(StreamOwned::new(connection, stream)))) })
    }

    /// Sends one line; the line end is added.
    pub fn say(&mut self, line: &str) -> io::Result<()> {
        self.send(format!("{line}\r\n").as_bytes())
    }

    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.link.get_mut().write_all(bytes)?;
        self.link.get_mut().flush()
    }

    /// The next line without its line end; the end of the connection is an error.
    pub fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        if self.link.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
    }

    pub fn exactly(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.link.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// A whole SMTP or LMTP reply: its code, and all its lines.
    pub fn reply(&mut self) -> io::Result<(u16, String)> {
        let mut all = String::new();
        loop {
            let line = self.line()?;
            all.push_str(&line);
            all.push('\n');
            if line.as_bytes().get(3) != Some(&b'-') {
                let code = line.get(..3).and_then(|code| code.parse().ok());
                return Ok((code.ok_or_else(|| io::Error::other(format!("not a reply: {line}")))?, all));
            }
        }
    }

    /// Reads a reply and refuses any but `code`.
    pub fn expect(&mut self, code: u16) -> io::Result<String> {
        let (found, text) = self.reply()?;
        if found == code { Ok(text) } else { Err(io::Error::other(text.trim_end().to_owned())) }
    }
}

/// A message as it goes after DATA: CRLF line ends, dots stuffed, with the final dot.
pub fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + 64);
    for line in raw.split_inclusive(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
}
