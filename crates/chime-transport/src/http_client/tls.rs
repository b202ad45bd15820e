//! TLS settings: trusted root certificates and the protocols to offer.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Trusted root certificates. Default: the system's, with the feature `native-roots`.
///
/// They are read when the first TLS connection is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// A PEM file that replaces the system's certificates: `AWS_CA_BUNDLE`.
    pub ca_bundle: Option<PathBuf>,
    /// More certificates in PEM form, such as that of a test server. Default: none.
    pub extra_pem: Vec<u8>,
}

impl Roots {
    pub(super) fn client_config(&self) -> io::Result<ClientConfig> {
        let mut store = RootCertStore::empty();
        match &self.ca_bundle {
            Some(path) => {
                let name = format!("CA bundle {}", path.display());
                let pem = std::fs::read(path).map_err(|error| {
                    io::Error::new(error.kind(), format!("{name} cannot be read: {error}"))
                })?;
                add_pem(&mut store, &pem, &name)?;
                if store.is_empty() {
                    return Err(invalid(format!("{name} contains no PEM certificate")));
                }
            }
            None => add_system_roots(&mut store),
        }
        add_pem(&mut store, &self.extra_pem, "the PEM text of the extra root certificates")?;
        if store.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, NO_ROOTS));
        }
        let provider = rustls::crypto::ring::default_provider();
        let versions = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        Ok(versions.with_root_certificates(store).with_no_client_auth())
    }
}

#[cfg(feature = "native-roots")]
const NO_ROOTS: &str = "no trusted root certificates found on this system; set AWS_CA_BUNDLE to a \
                        PEM file or set Config::roots";
#[cfg(not(feature = "native-roots"))]
const NO_ROOTS: &str = "no trusted root certificates: set AWS_CA_BUNDLE to a PEM file, set \
                        Config::roots or Config::tls, or turn on the feature `native-roots`";

#[cfg(feature = "native-roots")]
fn add_system_roots(store: &mut RootCertStore) {
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
}

#[cfg(not(feature = "native-roots"))]
fn add_system_roots(_: &mut RootCertStore) {}

/// Adds every certificate of a PEM text.
fn add_pem(store: &mut RootCertStore, pem: &[u8], name: &str) -> io::Result<()> {
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate =
            certificate.map_err(|error| invalid(format!("{name} is not valid PEM: {error}")))?;
        store.add(certificate).map_err(|error| {
            invalid(format!("{name} contains an invalid root certificate: {error}"))
        })?;
    }
    Ok(())
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// Offers the HTTP versions of this build where `config` offers none.
pub(super) fn with_alpn(mut config: Arc<ClientConfig>) -> Arc<ClientConfig> {
    let can_http_2 = cfg!(feature = "http2");
    let is_offered = |name: &[u8]| can_http_2 || name != HTTP_2;
    let offered = &config.alpn_protocols;
    if !offered.is_empty() && offered.iter().all(|name| is_offered(name)) {
        return config;
    }
    // A server must not choose a version that this build does not speak.
    let protocols = &mut Arc::make_mut(&mut config).alpn_protocols;
    protocols.retain(|name| is_offered(name));
    if protocols.is_empty() {
        let known = [HTTP_2, HTTP_1].into_iter().filter(|name| is_offered(name));
        protocols.extend(known.map(<[u8]>::to_vec));
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(protocols: &[&[u8]]) -> Vec<Vec<u8>> {
        let provider = rustls::crypto::ring::default_provider();
        let mut config = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        with_alpn(Arc::new(config)).alpn_protocols.clone()
    }

    #[test]
    fn the_http_versions_of_this_build_are_offered() {
        let all: &[&[u8]] = if cfg!(feature = "http2") { &[HTTP_2, HTTP_1] } else { &[HTTP_1] };
        assert_eq!(offered(&[]), all);
        assert_eq!(offered(&[HTTP_2, HTTP_1]), all);
        assert_eq!(offered(&[HTTP_1]), [HTTP_1]);
        let only_2 = if cfg!(feature = "http2") { HTTP_2 } else { HTTP_1 };
        assert_eq!(offered(&[HTTP_2]), [only_2]);
    }

    #[cfg(not(feature = "native-roots"))]
    #[test]
    fn without_any_roots_the_error_tells_how_to_set_them() {
        let error = Roots::default().client_config().unwrap_err().to_string();
        assert!(error.contains("AWS_CA_BUNDLE") && error.contains("`native-roots`"), "{error}");
    }

    #[test]
    fn an_invalid_certificate_is_named() {
        let pem = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
        let error = Roots { extra_pem: pem, ..Roots::default() }.client_config().unwrap_err();
        let start = "the PEM text of the extra root certificates contains an invalid root";
        assert!(error.to_string().starts_with(start), "{error}");
    }
}
