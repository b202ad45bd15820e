//! Tests of TLS: trusted certificates, names, and the version of HTTP.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chime_client::model::chime::*;
use chime_client::{CallOptions, Client, Config, Credentials, ErrorKind, TransportErrorKind};
use http::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rcgen::CertificateParams;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::{expire, mutual_tls, tls};

/// Passes each connection with a completed handshake to `serve`. Returns the port.
async fn listen<F>(
    acceptor: TlsAcceptor,
    serve: impl Fn(TlsStream<TcpStream>) -> F + Send + 'static,
) -> u16
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            tokio::spawn(serve(stream));
        }
    });
    port
}

/// Starts a server that sends one response per connection. Returns its port and certificate.
async fn serve(change: impl FnOnce(&mut CertificateParams)) -> (u16, String) {
    let (acceptor, pem) = tls(change, &[]);
    let port = listen(acceptor, async |mut stream| {
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        let response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let _ = stream.write_all(response).await;
    });
    (port.await, pem)
}

fn config(url: String, pem: &str) -> Config {
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.endpoint_url = Some(url);
    config.roots.extra_pem = pem.as_bytes().to_vec();
    config
}

/// Makes a call to `url` that trusts the root certificate `pem`.
async fn call(url: String, pem: &str) -> Result<(), TransportErrorKind> {
    let client = Client::new(config(url, pem)).unwrap();
    let result = client.chime().get_account(GetAccountRequest::new("a")).await;
    result.map(drop).map_err(|error| match error.into_kind() {
        ErrorKind::Transport(error) => error.kind(),
        other => panic!("{other:?}"),
    })
}

#[tokio::test]
async fn a_certificate_of_a_known_authority_is_trusted() {
    let (port, pem) = serve(|_| ()).await;
    assert_eq!(call(format!("https://localhost:{port}"), &pem).await, Ok(()));
}

#[tokio::test]
async fn invalid_certificates_are_refused_and_nothing_is_sent() {
    let never_sent = Err(TransportErrorKind::Connect);
    let (port, pem) = serve(|_| ()).await;
    let (_, unknown) = serve(|_| ()).await;
    assert_eq!(call(format!("https://localhost:{port}"), &unknown).await, never_sent, "unknown");
    assert_eq!(call(format!("https://127.0.0.1:{port}"), &pem).await, never_sent, "wrong name");
    let (port, pem) = serve(expire).await;
    assert_eq!(call(format!("https://localhost:{port}"), &pem).await, never_sent, "expired");
}

#[tokio::test]
async fn the_error_names_an_unusable_bundle() {
    let empty = std::env::temp_dir().join(format!("chime-no-bundle-{}.pem", std::process::id()));
    std::fs::write(&empty, "nothing of the kind").unwrap();
    for bundle in ["/no/such/bundle.pem".into(), empty.clone()] {
        let mut config = Config::new(Credentials::new("AKID", "secret"));
        config.roots.ca_bundle = Some(bundle.clone());
        let client = Client::new(config).unwrap();
        let error = client.chime().get_account(GetAccountRequest::new("a")).await.unwrap_err();
        assert_eq!(error.attempts().unwrap().made, 1);
        let mut chain = vec![error.to_string()];
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            chain.push(error.to_string());
            source = error.source();
        }
        let told = |line: &String| line.contains(bundle.to_str().unwrap());
        assert!(chain.iter().any(told), "{chain:?}");
    }
    std::fs::remove_file(&empty).unwrap();
}

#[tokio::test]
async fn a_bundle_replaces_the_systems_root_certificates() {
    let (port, pem) = serve(|_| ()).await;
    let bundle = std::env::temp_dir().join(format!("chime-bundle-{}.pem", std::process::id()));
    std::fs::write(&bundle, &pem).unwrap();
    let mut config = config(format!("https://localhost:{port}"), "");
    config.roots.ca_bundle = Some(bundle.clone());
    Client::new(config).unwrap().chime().get_account(GetAccountRequest::new("a")).await.unwrap();
    std::fs::remove_file(&bundle).unwrap();
}

#[tokio::test]
async fn a_hanging_handshake_is_a_connect_error_and_the_call_is_retried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    let mut config = config(format!("https://localhost:{port}"), "");
    config.roots.extra_pem = tls(|_| (), &[]).1.into_bytes();
    config.connect_timeout = Some(Duration::from_millis(20));
    let mut again = config.clone();
    let client = Client::new(config).unwrap();
    // An operation that is not idempotent.
    let error = client.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
    assert!(!error.may_have_acted());
    let ErrorKind::Transport(error) = error.into_kind() else { panic!("transport") };
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.attempts().unwrap().made, 3);

    // A call may have a shorter timeout than its client.
    again.connect_timeout = None;
    let impatient = Client::new(again)
        .unwrap()
        .with_options(CallOptions::new().connect_timeout(Duration::from_millis(20)));
    let error =
        impatient.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
    let ErrorKind::Transport(error) = error.into_kind() else { panic!("transport") };
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    assert_eq!(error.attempts().unwrap().made, 3);
}

#[tokio::test]
async fn a_client_certificate_is_sent_if_the_tls_settings_have_one() {
    let (acceptor, with_certificate, pem) = mutual_tls();
    let port = listen(acceptor, async |mut stream| {
        assert!(stream.get_ref().1.peer_certificates().is_some());
        let _ = stream.read(&mut [0; 4096]).await;
        let response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let _ = stream.write_all(response).await;
    });
    let mut config = config(format!("https://localhost:{}", port.await), &pem);
    config.max_attempts = 1;
    let without = Client::new(config.clone()).unwrap();
    without.chime().get_account(GetAccountRequest::new("a")).await.unwrap_err();

    config.roots.extra_pem.clear();
    config.tls = Some(Arc::new(with_certificate));
    let with = Client::new(config).unwrap();
    with.chime().get_account(GetAccountRequest::new("a")).await.unwrap();
}

/// Makes three calls, one after another, to a server that supports both versions of HTTP and offers these.
/// Returns the versions of the requests on each connection.
async fn spoken(protocols: &[&str]) -> Vec<Vec<Version>> {
    let (acceptor, pem) = tls(|_| (), protocols);
    let connections = Arc::new(Mutex::new(Vec::new()));
    let all = connections.clone();
    let port = listen(acceptor, move |stream| {
        let all = all.clone();
        async move {
            let connection = all.lock().unwrap().len();
            all.lock().unwrap().push(Vec::new());
            let service = tower::service_fn(move |request: Request<_>| {
                all.lock().unwrap()[connection].push(request.version());
                std::future::ready(Ok::<_, Infallible>(Response::new("{}".to_owned())))
            });
            let server = auto::Builder::new(TokioExecutor::new());
            let service = TowerToHyperService::new(service);
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        }
    });
    let mut config = config(format!("https://localhost:{}", port.await), &pem);
    // Practically forever.
    config.pool.http2_ping_interval = Some(Duration::MAX);
    config.pool.http2_ping_timeout = Duration::MAX;
    config.pool.idle_timeout = Some(Duration::MAX);
    let client = Client::new(config).unwrap();
    for _ in 0..3 {
        client.chime().get_account(GetAccountRequest::new("a")).await.unwrap();
    }
    connections.lock().unwrap().clone()
}

#[tokio::test]
async fn http_2_is_used_if_the_server_offers_it() {
    let best = if cfg!(feature = "http2") { Version::HTTP_2 } else { Version::HTTP_11 };
    assert_eq!(spoken(&["h2", "http/1.1"]).await, [[best; 3]]);
    for protocols in [&["http/1.1"][..], &[]] {
        assert_eq!(spoken(protocols).await, [[Version::HTTP_11; 3]]);
    }
}

#[cfg(feature = "http2")]
#[tokio::test]
async fn an_http_2_connection_with_a_timed_out_attempt_is_not_reused() {
    let (acceptor, pem) = tls(|_| (), &["h2"]);
    let connections = Arc::new(Mutex::new(0));
    let counted = connections.clone();
    let port = listen(acceptor, move |stream| {
        *counted.lock().unwrap() += 1;
        let hangs = *counted.lock().unwrap() <= 2;
        async move {
            let service = tower::service_fn(move |_: Request<_>| async move {
                if hangs {
                    std::future::pending::<()>().await;
                }
                Ok::<_, Infallible>(Response::new("{}".to_owned()))
            });
            let server = auto::Builder::new(TokioExecutor::new());
            let service = TowerToHyperService::new(service);
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        }
    });
    let mut config = config(format!("https://localhost:{}", port.await), &pem);
    // The handshake has to end before, also on a busy machine.
    config.attempt_timeout = Some(Duration::from_secs(1));
    let client = Client::new(config).unwrap();
    let error = client.chime().create_account(CreateAccountRequest::new("name")).await.unwrap_err();
    assert!(error.may_have_acted(), "{error:?}");
    client.chime().get_account(GetAccountRequest::new("a")).await.unwrap();
    assert_eq!(*connections.lock().unwrap(), 3);
}
