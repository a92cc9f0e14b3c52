//! A certificate authority that lives as long as one test, and the certificate it gives to the servers.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::CertificateDer;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files `ca.pem`, `cert.pem` and `key.pem` of one folder.
pub struct Authority {
    folder: PathBuf,
    root: CertificateDer<'static>,
}

impl Authority {
    /// Writes the three files; the certificate is for `localhost` and 127.0.0.1.
    pub fn create(folder: &Path) -> Self {
        Self::with_key(folder, &KeyPair::generate().expect("a key"))
    }

    /// As [`Authority::create`], for a server that cannot do with any key.
    pub fn with_key(folder: &Path, key: &KeyPair) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "convoke test authority");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");

        let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("names");
        params.distinguished_name.push(DnType::CommonName, "localhost");
        let cert = params.signed_by(key, &issuer).expect("a certificate");

        let write = |name: &str, text: String| std::fs::write(folder.join(name), text).expect("a file in the test's folder");
        write("ca.pem", issuer.pem());
        write("cert.pem", cert.pem());
        write("key.pem", key.serialize_pem());
        Self { folder: folder.to_owned(), root: issuer.der().clone() }
    }

    /// For `ca = "…"` in convoke.toml.
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    pub fn cert(&self) -> PathBuf {
        self.folder.join("cert.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.join("key.pem")
    }

    /// What a client needs to trust this authority and nothing else.
    pub fn client(&self) -> Arc<rustls::ClientConfig> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root.clone()).expect("a root certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
        Arc::new(config.with_root_certificates(roots).with_no_client_auth())
    }
}
