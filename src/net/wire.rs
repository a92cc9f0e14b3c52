//! One connection, plain or under TLS, and how it is opened.

use super::{Account, Security, tls};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A byte stream to a server.
#[derive(Debug)]
pub(crate) struct Wire(Stream);

#[derive(Debug)]
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Why there is no connection. The words are for the organiser.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum NoWire {
    Unreachable(String),
    Tls(String),
    Timeout(String),
}

impl Wire {
    /// Resolves and connects, with TCP_NODELAY; under [`Security::Tls`] the handshake too.
    ///
    /// Each address that the name has is tried in turn; `patience` is for each of them, and for the handshake.
    pub async fn open(account: &Account, patience: Duration) -> Result<Self, NoWire> {
        let tcp = connect(account, patience).await?;
        let plain = Self(Stream::Plain(tcp));
        match account.security {
            Security::Tls => plain.secure(account, patience).await,
            Security::StartTls | Security::None => Ok(plain),
        }
    }

    /// The TLS handshake over a plain connection. The caller has seen to it that no plain text is left unread.
    pub async fn secure(self, account: &Account, patience: Duration) -> Result<Self, NoWire> {
        let Stream::Plain(tcp) = self.0 else { return Ok(self) };
        let host = &account.host;
        let ca = account.ca.clone();
        let config = tokio::task::spawn_blocking(move || tls::client_config(ca.as_deref()))
            .await
            .map_err(|e| NoWire::Unreachable(format!("TLS could not be prepared: {e}")))?
            .map_err(|e| NoWire::Tls(e.to_string()))?;
        let name = tls::server_name(host).ok_or_else(|| NoWire::Tls(format!("“{host}” cannot be the name of a server; check host")))?;
        match timeout(patience, TlsConnector::from(config).connect(name, tcp)).await {
            Err(_) => Err(NoWire::Timeout(format!("{host} did not finish the TLS handshake within {}", seconds(patience)))),
            Ok(Err(error)) => Err(match tls::explain(host, account.ca.is_some(), &error) {
                Some(words) => NoWire::Tls(words),
                None => {
                    NoWire::Unreachable(format!("{host} ended the connection during the TLS handshake ({error}); is this the right port?"))
                }
            }),
            Ok(Ok(stream)) => Ok(Self(Stream::Tls(Box::new(stream)))),
        }
    }
}

async fn connect(account: &Account, patience: Duration) -> Result<TcpStream, NoWire> {
    let Account { host, port, .. } = account;
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let name = idna::domain_to_ascii(bare).unwrap_or_else(|_| bare.to_owned());
    let name = if bare.parse::<std::net::IpAddr>().is_ok() { bare.to_owned() } else { name };
    let found = match timeout(patience, tokio::net::lookup_host((name.as_str(), *port))).await {
        Err(_) => return Err(NoWire::Timeout(format!("no name server told the address of {host} within {}", seconds(patience)))),
        Ok(Err(error)) => {
            let why = format!("the address of {host} was not found ({error}); check host and this machine's network");
            return Err(NoWire::Unreachable(why));
        }
        Ok(Ok(found)) => found,
    };
    let mut last = NoWire::Unreachable(format!("{host} has no address; check host"));
    for address in found.take(8) {
        if account.security == Security::None && !address.ip().is_loopback() {
            last = NoWire::Tls(format!(
                "security = \"none\" is only for a server on this machine, and {host} is elsewhere; set security = \"tls\" or \"starttls\""
            ));
            continue;
        }
        match timeout(patience, TcpStream::connect(address)).await {
            Err(_) => {
                last = NoWire::Timeout(format!("{host} port {port} did not answer within {}; check host and port", seconds(patience)));
            }
            Ok(Err(error)) => {
                last = NoWire::Unreachable(format!("{host} port {port} cannot be reached ({error}); check host, port and network"));
            }
            Ok(Ok(tcp)) => {
                tcp.set_nodelay(true).map_err(|e| NoWire::Unreachable(format!("{host}: {e}")))?;
                return Ok(tcp);
            }
        }
    }
    Err(last)
}

/// `30 s`, `1.5 s`.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{} s", (time.as_secs_f64() * 10.0).round() / 10.0)
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Stream::Plain(s) => Pin::new(s).poll_read(cx, buf),
            Stream::Tls(s) => Pin::new(s).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.0 {
            Stream::Plain(s) => Pin::new(s).poll_write(cx, buf),
            Stream::Tls(s) => Pin::new(s).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Stream::Plain(s) => Pin::new(s).poll_flush(cx),
            Stream::Tls(s) => Pin::new(s).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Stream::Plain(s) => Pin::new(s).poll_shutdown(cx),
            Stream::Tls(s) => Pin::new(s).poll_shutdown(cx),
        }
    }
}
