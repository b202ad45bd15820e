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
    /// Additional certificates in PEM form, such as that of a test server. Default: none.
    pub extra_pem: Vec<u8>,
}

impl Roots {
    pub(super) fn client_config(&self) -> io::Result<ClientConfig> {
        let mut store = RootCertStore::empty();
        match &self.ca_bundle {
            Some(path) => {
                let name = format!("CA bundle {}", path.display());
                let pem = std::fs::read(path)
                    .map_err(|error| invalid(format!("{name} cannot be read: {error}")))?;
                add_pem(&mut store, &pem, &name)?;
                if store.is_empty() {
                    return Err(invalid(format!("{name} contains no PEM certificate")));
                }
            }
            #[cfg(feature = "native-roots")]
            None => {
                store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
            #[cfg(not(feature = "native-roots"))]
            None => {}
        }
        add_pem(&mut store, &self.extra_pem, "the PEM text of the extra root certificates")?;
        if store.is_empty() {
            let message = "no trusted root certificates: the system has none or the feature \
                           `native-roots` is off; set AWS_CA_BUNDLE to a PEM file, or set \
                           Config::roots or Config::tls";
            return Err(invalid(message.to_owned()));
        }
        client_config(store)
    }
}

fn client_config(roots: RootCertStore) -> io::Result<ClientConfig> {
    let provider = rustls::crypto::ring::default_provider();
    let versions = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}

/// Adds all certificates of a PEM text.
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

/// An error of the settings, which is not retried.
fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// The HTTP versions of this build, in order of preference.
const VERSIONS: &[&[u8]] =
    if cfg!(feature = "http2") { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };

/// Offers the HTTP versions of this build, or those of them that `config` offers. Otherwise a server
/// could choose a version that this build does not support.
pub(super) fn with_alpn(mut config: Arc<ClientConfig>) -> Arc<ClientConfig> {
    let offered = &mut Arc::make_mut(&mut config).alpn_protocols;
    offered.retain(|name| VERSIONS.contains(&name.as_slice()));
    if offered.is_empty() {
        offered.extend(VERSIONS.iter().map(|name| name.to_vec()));
    }
    config
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn without_roots() -> ClientConfig {
        client_config(RootCertStore::empty()).unwrap()
    }

    #[test]
    fn the_http_versions_of_this_build_are_offered() {
        let only_2 = if cfg!(feature = "http2") { b"h2".as_slice() } else { b"http/1.1" };
        for (protocols, expected) in [
            (&[][..], VERSIONS),
            (&[b"h2", b"http/1.1"], VERSIONS),
            (&[b"http/1.1"], &[b"http/1.1"]),
            (&[b"h2"], &[only_2]),
        ] as [(&[&[u8]], &[&[u8]]); 4]
        {
            let mut config = without_roots();
            config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
            assert_eq!(with_alpn(Arc::new(config)).alpn_protocols, expected);
        }
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
