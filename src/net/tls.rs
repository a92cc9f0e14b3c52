//! TLS: whom an account trusts, and what went wrong in words.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls::server::ParsedCertificate;
use rustls::{AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, InvalidMessage, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use std::sync::Arc;

/// Why the authority file of an account is of no use. The words are for the organiser.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadAuthority {
    #[error("the file named by ca holds no certificate; it must be a PEM file with -----BEGIN CERTIFICATE-----")]
    Empty,
    #[error("the file named by ca is not a readable PEM certificate: {0}")]
    Unreadable(String),
    #[error(
        "the certificates that this machine trusts could not be loaded ({0}); install ca-certificates, or name the server's authority with ca"
    )]
    Platform(String),
}

/// The TLS settings of one account: the authority in `ca` (PEM) alone, or else those that this machine trusts.
///
/// Made anew for each connection, so renewed certificates of the machine are seen without a restart. Reads
/// the machine's certificate store (a few ms of blocking I/O) when `ca` is `None`.
pub fn client_config(ca: Option<&[u8]>) -> Result<Arc<ClientConfig>, BadAuthority> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| BadAuthority::Platform(e.to_string()))?;
    let config = match ca {
        Some(pem) => builder.dangerous().with_custom_certificate_verifier(Arc::new(Named::of(pem, provider)?)).with_no_client_auth(),
        None => builder.with_platform_verifier().map_err(|e| BadAuthority::Platform(e.to_string()))?.with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

/// Trusts what the file under `ca` holds: authorities, or the server's own certificate.
///
/// Small private servers often bear a self-signed certificate that also calls itself an authority, as
/// `openssl req -x509` makes it. webpki refuses such a one as a server's, so where the server shows the very
/// certificate that the file holds, only its name is checked: naming it was the organiser's word, and the
/// handshake proves that the server has its key.
#[derive(Debug)]
struct Named {
    certificates: Vec<CertificateDer<'static>>,
    chain: Arc<WebPkiServerVerifier>,
}

impl Named {
    /// At most 1,000 certificates are taken from the file.
    fn of(pem: &[u8], provider: Arc<CryptoProvider>) -> Result<Self, BadAuthority> {
        let unreadable = |e: &dyn std::fmt::Display| BadAuthority::Unreadable(e.to_string());
        let (mut roots, mut certificates) = (RootCertStore::empty(), Vec::new());
        for certificate in CertificateDer::pem_slice_iter(pem).take(1000) {
            let certificate = certificate.map_err(|e| unreadable(&e))?;
            roots.add(certificate.clone()).map_err(|e| unreadable(&e))?;
            certificates.push(certificate);
        }
        if roots.is_empty() {
            return Err(BadAuthority::Empty);
        }
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().map_err(|e| unreadable(&e))?;
        Ok(Self { certificates, chain })
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(rustls::Error::InvalidCertificate(why)) if calls_itself_authority(&why) && self.certificates.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// rustls passes this verdict of webpki on without a variant of its own.
fn calls_itself_authority(why: &CertificateError) -> bool {
    matches!(why, CertificateError::Other(_)) && format!("{why:?}").contains("CaUsedAsEndEntity")
}

/// The name that the certificate must bear: an IP address, or a DNS name in ASCII.
pub(crate) fn server_name(host: &str) -> Option<ServerName<'static>> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    if let Ok(name) = ServerName::try_from(bare.to_owned()) {
        return Some(name);
    }
    let ascii = idna::domain_to_ascii(bare).ok()?;
    ServerName::try_from(ascii).ok()
}

/// What a failed handshake with `host` means, and the cure. `None`: it was the network, not TLS.
/// `private`: the account names its own authority.
pub(crate) fn explain(host: &str, private: bool, error: &std::io::Error) -> Option<String> {
    let tls = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(match tls {
        rustls::Error::InvalidCertificate(why) => explain_certificate(host, private, why),
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            format!("{host} does not speak TLS on this port; if it is port 587 or 143, set security = \"starttls\", else check the port")
        }
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure)
        | rustls::Error::PeerIncompatible(_) => {
            format!("{host} and this program have no TLS version or cipher in common ({tls}); the server must offer TLS 1.2 or 1.3")
        }
        _ => format!("the TLS handshake with {host} failed: {tls}"),
    })
}

fn explain_certificate(host: &str, private: bool, why: &CertificateError) -> String {
    use CertificateError as C;
    match why {
        C::NotValidForName | C::NotValidForNameContext { .. } => {
            format!("the certificate of {host} is for another name; check host, or ask the server's keeper which name to use")
        }
        C::Expired | C::ExpiredContext { .. } => {
            format!("the certificate of {host} has expired; its keeper must renew it (or the clock of this machine is wrong)")
        }
        C::NotValidYet | C::NotValidYetContext { .. } => {
            format!("the certificate of {host} is not valid yet; check the clock of this machine")
        }
        C::Revoked => format!("the certificate of {host} has been revoked; its keeper must replace it"),
        // A signature that does not fit: another authority that bears the same name.
        C::UnknownIssuer | C::BadSignature if private => {
            format!(
                "the certificate of {host} is not signed by the authority in the file named by ca; check that file, or leave ca out if the authority is a public one"
            )
        }
        C::UnknownIssuer | C::BadSignature => format!(
            "the certificate of {host} is signed by an authority that this machine does not know; if it is a private one, name its file under ca = …"
        ),
        other if calls_itself_authority(other) => format!(
            "the certificate of {host} is that of an authority, not of a server; name that very certificate under ca = …, or have its keeper install a server certificate"
        ),
        other => format!("the certificate of {host} is not acceptable: {other}; its keeper must replace it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_file_that_is_none_is_refused_in_words() {
        assert_eq!(client_config(Some(b"")).err(), Some(BadAuthority::Empty));
        assert_eq!(client_config(Some(b"hello")).err(), Some(BadAuthority::Empty));
        let cut = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(matches!(client_config(Some(cut)), Err(BadAuthority::Unreadable(_))));
    }

    #[test]
    fn names_are_dns_names_addresses_and_international() {
        for host in ["smtp.x.example", "127.0.0.1", "::1", "[::1]", "bücher.example"] {
            assert!(server_name(host).is_some(), "{host}");
        }
        for host in ["", "a b", "x\r\ny"] {
            assert!(server_name(host).is_none(), "{host}");
        }
    }
}
