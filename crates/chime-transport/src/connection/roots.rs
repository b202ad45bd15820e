//! Whose certificates are believed.

use std::io;
use std::path::PathBuf;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The authorities whose certificates are believed; the system's, unless told otherwise.
///
/// They are read when the first connection over TLS is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// A PEM file in place of the system's authorities: `AWS_CA_BUNDLE`.
    pub bundle: Option<PathBuf>,
    /// More authorities in PEM form, such as that of a test server.
    pub extra: Vec<u8>,
}

impl Roots {
    /// The settings of TLS.
    pub(super) fn tls(&self) -> io::Result<ClientConfig> {
        let mut store = RootCertStore::empty();
        match &self.bundle {
            Some(path) => {
                let pem = std::fs::read(path)
                    .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
                add(&mut store, &pem)?;
                if store.is_empty() {
                    let error = format!("{}: there is no PEM certificate in it", path.display());
                    return Err(io::Error::new(io::ErrorKind::InvalidData, error));
                }
            }
            None => {
                let system = rustls_native_certs::load_native_certs();
                let (added, _) = store.add_parsable_certificates(system.certs);
                if added == 0 && self.extra.is_empty() {
                    return Err(io::Error::new(
                        io::ErrorKind::NotFound,
                        "the system has no certificates of authorities",
                    ));
                }
            }
        }
        add(&mut store, &self.extra)?;
        let provider = rustls::crypto::ring::default_provider();
        let versions = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        Ok(versions.with_root_certificates(store).with_no_client_auth())
    }
}

/// Adds all certificates of a PEM text; one that is none is an error.
fn add(store: &mut RootCertStore, pem: &[u8]) -> io::Result<()> {
    let invalid = |error: String| io::Error::new(io::ErrorKind::InvalidData, error);
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|e| invalid(format!("no certificate: {e}")))?;
        store.add(certificate).map_err(|e| invalid(format!("no authority: {e}")))?;
    }
    Ok(())
}
