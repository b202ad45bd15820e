//! TLS: whose certificate is believed, and for which name.

use std::sync::Arc;

use chime_client::model::chime::*;
use chime_client::{Client, Config, Credentials, ErrorKind, TransportErrorKind};
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A server with a certificate of its own for `localhost`: its port and the certificate.
async fn serve(change: impl FnOnce(&mut CertificateParams)) -> (u16, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    change(&mut params);
    let certificate = params.self_signed(&key).unwrap();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
            let _ = stream.write_all(answer).await;
        }
    });
    (port, certificate.pem())
}

/// How a call to `url` ends that believes the authority `pem`.
async fn call(url: String, pem: &str) -> Result<(), TransportErrorKind> {
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.endpoint_url = Some(url);
    config.roots.extra = pem.as_bytes().to_vec();
    let client = Client::new(config).unwrap();
    let result = client.get_account(GetAccountRequest::new("a")).await;
    result.map(drop).map_err(|error| match error.into_kind() {
        ErrorKind::Transport(error) => error.kind(),
        other => panic!("{other:?}"),
    })
}

#[tokio::test]
async fn a_certificate_of_a_known_authority_is_believed() {
    let (port, pem) = serve(|_| ()).await;
    assert_eq!(call(format!("https://localhost:{port}"), &pem).await, Ok(()));
}

#[tokio::test]
async fn no_other_certificate_is_and_nothing_is_sent() {
    let never_sent = Err(TransportErrorKind::Connect);
    let (port, pem) = serve(|_| ()).await;
    let (_, stranger) = serve(|_| ()).await;
    assert_eq!(call(format!("https://localhost:{port}"), &stranger).await, never_sent, "unknown");
    assert_eq!(call(format!("https://127.0.0.1:{port}"), &pem).await, never_sent, "wrong name");
    let (port, pem) = serve(|params| {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    })
    .await;
    assert_eq!(call(format!("https://localhost:{port}"), &pem).await, never_sent, "expired");
}

#[tokio::test]
async fn a_bundle_that_cannot_be_read_is_told() {
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.roots.bundle = Some("/no/such/bundle.pem".into());
    config.max_attempts = 1;
    let client = Client::new(config).unwrap();
    let error = client.get_account(GetAccountRequest::new("a")).await.unwrap_err();
    let mut chain = vec![error.to_string()];
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        chain.push(error.to_string());
        source = error.source();
    }
    assert!(chain.iter().any(|line| line.contains("/no/such/bundle.pem")), "{chain:?}");
}
