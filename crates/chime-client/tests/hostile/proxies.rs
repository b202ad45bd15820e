//! Tests of requests through a proxy.

use std::convert::Infallible;
use std::future::ready;

use chime_client::model::chime::*;
use chime_client::{Client, Config, Credentials, Error, ErrorKind, Proxies, TransportErrorKind};
use http::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use rcgen::SanType;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::bytes::OK;
use crate::certificates::tls;

/// A name that no resolver knows, so that it is only reachable through a proxy.
const HOST: &str = "service.invalid";

async fn listen() -> (TcpListener, Proxies) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxies = Proxies::all(format!("http://me:p@ss@{}", listener.local_addr().unwrap()));
    (listener, proxies)
}

/// A proxy that sends `response` to every request. Also returns the heads of the requests.
async fn proxy(response: &'static str) -> (Proxies, UnboundedReceiver<String>) {
    let (listener, proxies) = listen().await;
    let (seen, heads) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let seen = seen.clone();
            tokio::spawn(async move {
                while let Some(head) = read_head(&mut stream).await {
                    seen.send(head).unwrap();
                    stream.write_all(response.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (proxies, heads)
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

fn config(scheme: &str, proxies: Proxies) -> Config {
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.endpoint_url = Some(format!("{scheme}://{HOST}"));
    config.allow_plain_http = true;
    config.proxies = proxies;
    config
}

async fn get_account(config: Config) -> Result<GetAccountResponse, Error> {
    Client::new(config).unwrap().chime().get_account(GetAccountRequest::new("a")).await
}

/// An error with all of its sources.
fn chain(error: &dyn std::error::Error) -> String {
    format!("{error}: {}", error.source().map(chain).unwrap_or_default())
}

#[tokio::test]
async fn a_plain_http_request_goes_to_the_proxy_itself() {
    let (proxies, mut heads) = proxy(OK).await;
    let client = Client::new(config("http", proxies)).unwrap();
    for _ in 0..2 {
        client.chime().get_account(GetAccountRequest::new("a")).await.unwrap();
        let head = heads.recv().await.unwrap().to_ascii_lowercase();
        assert!(head.starts_with("get http://service.invalid/accounts/a http/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nhost: service.invalid\r\n"), "{head}");
        // me:p@ss
        assert!(head.contains("\r\nproxy-authorization: basic bwu6cebzcw==\r\n"), "{head}");
        let (_, signed) = head.split_once("signedheaders=").unwrap();
        assert!(!signed.split(',').next().unwrap().contains("proxy"), "{head}");
    }
}

#[tokio::test]
async fn a_loopback_host_is_reached_directly_and_gets_no_proxy_credentials() {
    // The proxy also plays the service.
    let (proxies, mut heads) = proxy(OK).await;
    let url = proxies.http.replace("me:p@ss@", "");
    let mut config = config("http", proxies);
    config.endpoint_url = Some(url);
    get_account(config).await.unwrap();
    let head = heads.recv().await.unwrap().to_ascii_lowercase();
    assert!(head.starts_with("get /accounts/a http/1.1\r\n"), "{head}");
    assert!(!head.contains("proxy-authorization"), "{head}");
}

#[tokio::test]
async fn the_error_for_a_refused_tunnel_has_the_status_and_no_secret() {
    for (response, status, attempts) in [
        ("HTTP/1.1 407 p@ss\r\ncontent-length: 0\r\n\r\n", "407 Proxy Authentication Required", 1),
        ("HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n", "403 Forbidden", 1),
        ("HTTP/1.1 429 No\r\ncontent-length: 0\r\n\r\n", "429 Too Many Requests", 3),
        ("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", "503 Service Unavailable", 3),
    ] {
        let (proxies, mut heads) = proxy(response).await;
        let mut config = config("https", proxies);
        // Without the feature `native-roots`, a client needs root certificates.
        config.roots.extra_pem = tls(|_| (), &[]).1.into_bytes();
        let error = get_account(config).await.unwrap_err();
        let chain = format!("{}{error:?}", chain(&error));
        let expected = format!("proxy refused the tunnel: HTTP {status}");
        assert!(chain.contains(&expected), "{chain}");
        assert!(!chain.contains("p@ss") && !chain.contains("bWU6cEBzcw"), "{chain}");
        let ErrorKind::Transport(error) = error.into_kind() else { panic!("transport") };
        assert_eq!(error.kind(), TransportErrorKind::Connect);
        assert_eq!(error.attempts().unwrap().made, attempts);
        let head = heads.recv().await.unwrap();
        assert!(head.starts_with("CONNECT service.invalid:443 HTTP/1.1\r\n"), "{head}");
        assert!(head.contains("\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n"), "{head}");
    }
}

#[tokio::test]
async fn the_error_for_an_unreachable_proxy_names_the_proxy_and_no_secret() {
    let proxies = Proxies::all("http://me:p@ss@127.0.0.1:1");
    let error = get_account(config("http", proxies)).await.unwrap_err();
    let chain = format!("{}{error:?}", chain(&error));
    let expected = "could not connect through the proxy http://127.0.0.1:1/";
    assert!(chain.contains(expected) && !chain.contains("p@ss"), "{chain}");
}

#[tokio::test]
async fn an_invalid_proxy_url_is_not_retried() {
    for url in ["socks5://proxy.invalid", "http://user:p/ss@proxy.invalid"] {
        let error = get_account(config("http", Proxies::all(url))).await.unwrap_err();
        assert!(chain(&error).contains("the configured proxy URL for http endpoints"), "{error:?}");
        assert_eq!(error.attempts().unwrap().made, 1);
    }
}

#[tokio::test]
async fn tls_and_http_2_go_through_a_tunnel() {
    let name = |params: &mut rcgen::CertificateParams| {
        params.subject_alt_names = vec![SanType::DnsName(HOST.try_into().unwrap())];
    };
    let (acceptor, pem) = tls(name, &["h2", "http/1.1"]);
    let (listener, proxies) = listen().await;
    let (seen, mut requests) = unbounded_channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_head(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        let service = tower::service_fn(move |request: Request<_>| {
            let has_credentials = request.headers().contains_key("proxy-authorization");
            seen.send((request.version(), has_credentials)).unwrap();
            ready(Ok::<_, Infallible>(Response::new("{}".to_owned())))
        });
        let stream = TokioIo::new(acceptor.accept(stream).await.unwrap());
        let server = auto::Builder::new(TokioExecutor::new());
        let _ = server.serve_connection(stream, TowerToHyperService::new(service)).await;
    });
    let mut config = config("https", proxies);
    config.roots.extra_pem = pem.into_bytes();
    get_account(config).await.unwrap();
    let best = if cfg!(feature = "http2") { Version::HTTP_2 } else { Version::HTTP_11 };
    assert_eq!(requests.recv().await, Some((best, false)));
}
