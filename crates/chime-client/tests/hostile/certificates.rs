//! Certificates that tests generate.

use std::sync::Arc;

use rcgen::{Certificate, CertificateParams, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

/// Creates an acceptor with a self-signed certificate for `localhost` that offers these protocols. Also returns
/// the certificate.
pub(crate) fn tls(
    change: impl FnOnce(&mut CertificateParams),
    protocols: &[&str],
) -> (TlsAcceptor, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.self_signed(&key).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    (TlsAcceptor::from(Arc::new(config)), certificate.pem())
}

/// Makes a certificate expired.
pub(crate) fn expire(params: &mut CertificateParams) {
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
}

/// The settings of a client that trusts these certificates only.
pub(crate) fn trusting(pems: &[String]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for pem in pems {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    }
    ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Creates the acceptor of a server that requires client certificates, the settings of a client that has one,
/// and the certificate of the server.
pub(crate) fn mutual_tls() -> (TlsAcceptor, ClientConfig, String) {
    let provider = Arc::new(ring::default_provider());
    let [server, client] = [(); 2].map(|()| {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        (params.self_signed(&key).unwrap(), PrivatePkcs8KeyDer::from(key.serialize_der()))
    });
    let trusting = |(certificate, _): &(Certificate, _)| {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        Arc::new(roots)
    };
    let verifier = WebPkiClientVerifier::builder_with_provider(trusting(&client), provider.clone());
    let client_config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trusting(&server))
        .with_client_auth_cert(vec![client.0.der().clone()], client.1.into())
        .unwrap();
    let server_config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![server.0.der().clone()], server.1.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(server_config)), client_config, server.0.pem())
}
