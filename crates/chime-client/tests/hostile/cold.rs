//! Many calls at once over a new HTTP/2 connection.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chime_client::model::chime::*;
use chime_client::{Attempts, Client, Config, Credentials, HttpClient};
use http::Response;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{DuplexStream, duplex};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::certificates::{tls, trusting};

/// Responds to requests, at most ten at the same time. The client learns this limit 10 ms after it may send.
async fn serve(acceptor: TlsAcceptor, stream: DuplexStream) {
    let stream = acceptor.accept(stream).await.unwrap();
    sleep(Duration::from_millis(10)).await;
    let service = tower::service_fn(async |_: http::Request<_>| {
        sleep(Duration::from_millis(1)).await;
        Ok::<_, Infallible>(Response::new("{}".to_owned()))
    });
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http2().max_concurrent_streams(10);
    let _ = server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).await;
}

#[tokio::test(start_paused = true)]
async fn calls_do_not_exceed_the_limit_of_a_server_before_they_know_it() {
    let (acceptor, pem) = tls(|_| (), &["h2"]);
    let connections = Arc::new(AtomicUsize::new(0));
    let connector = tower::service_fn(move |_| {
        let (acceptor, connections) = (acceptor.clone(), connections.clone());
        async move {
            // All calls share the first connection.
            if connections.fetch_add(1, Ordering::Relaxed) > 0 {
                std::future::pending().await
            }
            let (ours, theirs) = duplex(1 << 16);
            tokio::spawn(serve(acceptor, theirs));
            Ok::<_, Infallible>(ours)
        }
    });
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.endpoint_url = Some("https://localhost".to_owned());
    config.tls = Some(Arc::new(trusting(&[pem])));
    let http = HttpClient::with_connector(&config, connector);
    let client = Client::with_http_service(config, http).unwrap();
    let calls = [(); 100].map(|()| {
        let client = client.clone();
        let request = CreateAccountRequest::new("name");
        tokio::spawn(async move { client.send_for_response(request).await })
    });
    for call in calls {
        let response = call.await.unwrap().unwrap();
        // Only calls that sent more than one request have them.
        assert_eq!(response.extensions().get::<Attempts>(), None);
    }
}
