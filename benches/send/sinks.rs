//! Who the letters are sent to: Postfix's smtp-sink, and a sink of our own that costs less and speaks TLS, which smtp-sink does not.

use super::authority::Authority;
use super::dialogue::{Dialogue, GREETING, Next};
use super::process::{self, Process, free_port, me, program, until};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

/// Both sinks, as processes of their own; they end with this value.
pub struct Sinks {
    pub plain: u16,
    pub own: u16,
    _processes: [Process; 2],
}

impl Sinks {
    pub fn start(folder: &Path, authority: &Authority) -> Self {
        let (plain, own) = (free_port(), free_port());
        let mut command = Command::new(program("smtp-sink", "postfix"));
        if me() == 0 {
            command.args(["-u", "nobody"]);
        }
        command.args([&format!("127.0.0.1:{plain}"), "256"]);
        let sink = Process::start("smtp-sink", &mut command, &folder.join("sink.log"));
        let mut command = Command::new(std::env::current_exe().expect("the path of this program"));
        command.args(["own-sink", &own.to_string()]).args([authority.cert(), authority.key()]);
        let ours = Process::start("our sink", &mut command, &folder.join("own-sink.log"));
        for port in [plain, own] {
            until("a sink to listen", Duration::from_secs(20), || TcpStream::connect(("127.0.0.1", port)).ok());
        }
        Self { plain, own, _processes: [sink, ours] }
    }
}

/// The sink that offers STARTTLS: `own-sink PORT CERT KEY`. It runs until it is ended.
pub fn own_sink(port: &str, cert: &str, key: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let certificate = CertificateDer::from_pem_file(cert).expect("the certificate");
    let key = PrivateKeyDer::from_pem_file(key).expect("its key");
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).expect("a certificate and its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let address = format!("127.0.0.1:{port}");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await.expect("the port");
        while let Ok((mut stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                stream.set_nodelay(true)?;
                stream.write_all(GREETING).await?;
                if speak(&mut stream, &mut Dialogue::offering_tls()).await? == Next::StartTls {
                    let mut stream = acceptor.accept(stream).await?;
                    speak(&mut stream, &mut Dialogue::default()).await?;
                    stream.shutdown().await?;
                }
                std::io::Result::Ok(())
            });
        }
    });
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, dialogue: &mut Dialogue) -> std::io::Result<Next> {
    let (mut bytes, mut replies) = (vec![0; 64 * 1024], Vec::new());
    loop {
        let count = stream.read(&mut bytes).await?;
        if count == 0 {
            return Ok(Next::Close);
        }
        let next = dialogue.take(bytes.get(..count).unwrap_or_default(), &mut replies);
        stream.write_all(&replies).await?;
        stream.flush().await?;
        replies.clear();
        if next != Next::Read {
            return Ok(next);
        }
    }
}

/// A folder for one run of the bench, which the sinks may walk through.
pub fn folder() -> tempfile::TempDir {
    process::folder("convoke-bench-")
}
