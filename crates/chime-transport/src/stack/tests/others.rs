//! Our layers with layers of other crates in between, over our HTTP client and others.

use std::future::{Ready, pending, ready};
use std::sync::atomic::AtomicUsize;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::*;
use crate::sign::SigningScope;
use crate::{Body, HttpClient};

/// Retries once after every outcome, without a pause.
#[derive(Clone)]
struct Blindly(u32);

impl<E> tower::retry::Policy<Request<Bytes>, Response<Bytes>, E> for Blindly {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _: &mut Request<Bytes>,
        _: &mut Result<Response<Bytes>, E>,
    ) -> Option<Ready<()>> {
        self.0 = self.0.checked_sub(1)?;
        Some(ready(()))
    }

    fn clone_request(&mut self, request: &Request<Bytes>) -> Option<Request<Bytes>> {
        Some(request.clone())
    }
}

/// The behaviour of a server.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Server {
    /// Never accepts the connection.
    Silent,
    /// Refuses the connection.
    Refusing,
    /// Closes the connection after it has read the request.
    Closing,
    /// Never responds.
    Hanging,
    Responding(u16),
}

/// Returns a client of these servers, one for each connection.
fn client(servers: &[Server]) -> HttpClient {
    let servers: Arc<[Server]> = servers.into();
    let next = Arc::new(AtomicUsize::new(0));
    let connector = tower::service_fn(move |_| {
        let server = servers[next.fetch_add(1, Ordering::Relaxed)];
        async move {
            let (ours, theirs) = duplex(4096);
            match server {
                Server::Silent => pending().await,
                Server::Refusing => return Err(std::io::ErrorKind::ConnectionRefused.into()),
                server => drop(tokio::spawn(serve(theirs, server))),
            }
            Ok::<_, std::io::Error>(ours)
        }
    });
    HttpClient::with_connector(&Config::default(), connector)
}

async fn serve(mut stream: DuplexStream, server: Server) {
    assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
    match server {
        Server::Responding(status) => {
            let head = format!("HTTP/1.1 {status} -\r\nconnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
        }
        Server::Hanging => pending().await,
        _ => {}
    }
}

fn full() -> Request<Bytes> {
    let options = CallOptions::new().idempotent(false).timeout(Duration::from_secs(2));
    let mut request = with(options);
    *request.uri_mut() = "http://localhost/accounts".parse().unwrap();
    request
}

#[tokio::test(start_paused = true)]
async fn a_deadline_tells_whether_the_request_was_sent() {
    for (server, expected) in [(Server::Hanging, true), (Server::Silent, false)] {
        let retry = RetryLayer::from_config(&config()).layer(client(&[server]));
        let error = retry.oneshot(full()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OperationTimeout);
        assert_eq!(error.may_have_acted(), expected, "{server:?}");
        let stop = if expected { Stop::Unsafe } else { Stop::Deadline };
        assert_eq!(error.attempts().unwrap().stop, stop);
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_layer_sent_before_is_not_forgotten() {
    for (first, expected) in [
        (Server::Closing, true),
        (Server::Responding(500), true),
        (Server::Refusing, false),
        (Server::Responding(403), false),
        (Server::Responding(503), false),
    ] {
        for second in [Server::Silent, Server::Refusing] {
            let service = ServiceBuilder::new()
                .layer(RetryLayer::from_config(&config()))
                .layer(tower::retry::RetryLayer::new(Blindly(1)))
                .service(client(&[first, second, second, second, second, second]));
            let error = service.oneshot(full()).await.unwrap_err();
            assert_eq!(error.may_have_acted(), expected, "{first:?}, {second:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_another_layer_does_not_hide_what_was_sent() {
    for (first, expected) in [(Server::Hanging, true), (Server::Silent, false)] {
        let service = ServiceBuilder::new()
            .layer(RetryLayer::from_config(&config()))
            .layer(tower::timeout::TimeoutLayer::new(Duration::from_millis(1500)))
            .service(client(&[first, Server::Silent]));
        let error = service.oneshot(full()).await.unwrap_err();
        assert_eq!(error.may_have_acted(), expected, "{first:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn retries_inside_retries_tell_the_outer_ones() {
    for (first, expected) in [(Server::Closing, true), (Server::Refusing, false)] {
        let service = ServiceBuilder::new()
            .layer(RetryLayer::from_config(&config()))
            .layer(RetryLayer::from_config(&config()))
            .service(client(&[first, Server::Responding(403)]));
        let mut request = full();
        request.extensions_mut().insert(CallOptions::new().idempotent(true));
        let response = service.oneshot(request).await.unwrap();
        let attempts = response.extensions().get::<Attempts>().unwrap();
        assert_eq!((attempts.made, attempts.may_have_acted), (1, expected), "{first:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn over_another_client_the_answer_is_cautious() {
    let hanging = tower::service_fn(|_| pending::<Result<Response<Bytes>, BoxError>>());
    let retry = RetryLayer::from_config(&config()).layer(hanging);
    assert!(retry.oneshot(full()).await.unwrap_err().may_have_acted());
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_of_another_client_was_not_sent() {
    /// Wraps an error as reqwest does.
    #[derive(Debug)]
    struct Wrapped(std::io::Error);
    impl std::fmt::Display for Wrapped {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("error sending request")
        }
    }
    impl std::error::Error for Wrapped {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    for (kind, expected) in [
        (std::io::ErrorKind::ConnectionRefused, false),
        (std::io::ErrorKind::ConnectionReset, true),
    ] {
        let failing = tower::service_fn(move |_: Request<Bytes>| {
            ready(Err::<Response<Bytes>, _>(Wrapped(kind.into())))
        });
        let retry = RetryLayer::from_config(&config()).layer(failing);
        let error = retry.oneshot(full()).await.unwrap_err();
        assert_eq!(error.may_have_acted(), expected, "{kind:?}");
        let kind = if expected { ErrorKind::Exchange } else { ErrorKind::Connect };
        assert_eq!(error.kind(), kind);
        assert_eq!(error.attempts().unwrap().made, if expected { 1 } else { 3 });
    }
}

/// A provider that returns credentials once, and never again.
struct Once(AtomicUsize);

impl Provider for Once {
    fn load(&self) -> Load<'_> {
        let loads = self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            if loads == 0 { Ok(Credentials::new("AKID", "secret")) } else { pending().await }
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_for_credentials_may_have_been_sent_before() {
    for (answer, expected) in [(Err("broken"), true), (Ok(500), true), (Ok(503), false)] {
        let mut config = config();
        config.credentials = Some(SharedProvider::uncached(Once(AtomicUsize::new(0))));
        let service = tower::service_fn(move |_: Request<Bytes>| ready(answer.map(status)));
        let endpoint = Endpoint::new("http://127.0.0.1:9", "us-east-1", "chime").unwrap();
        let transport = stack(&config, endpoint, service).unwrap();
        let options = CallOptions::new().idempotent(true).timeout(Duration::from_secs(2));
        let error = transport.oneshot(with(options)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OperationTimeout);
        assert_eq!(error.may_have_acted(), expected, "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn credentials_that_another_layer_waits_for_hide_nothing_that_it_sent_before() {
    for (first, expected) in [
        (Server::Closing, true),
        (Server::Responding(500), true),
        (Server::Refusing, false),
        (Server::Responding(403), false),
    ] {
        let provider = SharedProvider::uncached(Once(AtomicUsize::new(0)));
        let service = ServiceBuilder::new()
            .layer(RetryLayer::from_config(&config()))
            .layer(tower::retry::RetryLayer::new(Blindly(1)))
            .layer(SignLayer::new(provider, SigningScope::new("us-east-1", "chime")))
            .service(client(&[first]));
        let error = service.oneshot(full()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OperationTimeout);
        assert_eq!(error.may_have_acted(), expected, "{first:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_detached_task_sends_nothing_after_the_deadline() {
    let (came, mut has_come) = tokio::sync::mpsc::unbounded_channel();
    let connector = tower::service_fn(move |_| {
        let came = came.clone();
        async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let (ours, mut theirs) = duplex(4096);
            tokio::spawn(async move {
                let bytes = theirs.read(&mut [0; 4096]).await.unwrap_or_default();
                came.send(bytes).unwrap();
            });
            Ok::<_, std::io::Error>(ours)
        }
    });
    let client = HttpClient::with_connector(&Config::default(), connector);
    let detached = tower::service_fn(move |request: Request<Bytes>| {
        let exchange = tokio::spawn(client.clone().oneshot(request));
        async move { exchange.await.unwrap() }
    });
    let endpoint = Endpoint::new("http://127.0.0.1:9", "us-east-1", "chime").unwrap();
    let transport = stack(&config(), endpoint, detached).unwrap();
    let options = CallOptions::new().idempotent(false).timeout(Duration::from_secs(1));
    let error = transport.oneshot(with(options)).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_acted()), (ErrorKind::OperationTimeout, false));
    assert_eq!(has_come.recv().await, None, "not even a connection");
}

/// A body that cannot be read.
struct Streamed;

#[tokio::test(start_paused = true)]
async fn every_layer_carries_any_body_and_any_error() {
    let config = config();
    let statuses = Arc::new(std::sync::Mutex::new([0, 503, 429, 200].into_iter()));
    let service = tower::service_fn(move |request: Request<&'static str>| {
        assert_eq!(*request.body(), "a body");
        ready(match statuses.lock().unwrap().next().unwrap() {
            0 => Err(std::io::ErrorKind::ConnectionReset.into()),
            status => {
                Ok::<_, std::io::Error>(Response::builder().status(status).body(Streamed).unwrap())
            }
        })
    });
    let endpoint = Endpoint::new("http://127.0.0.1:9", "us-east-1", "chime").unwrap();
    let service = ServiceBuilder::new()
        .layer(RetryLayer::from_config(&config))
        .layer(HeadersLayer::from_config(&config))
        .layer(EndpointLayer::new(endpoint.clone()))
        .layer(SignLayer::from_config(&config, endpoint.scope().clone()).unwrap())
        .service(service);
    let response = service.oneshot(Request::new("a body")).await.unwrap();
    assert_eq!(response.extensions().get::<Attempts>().unwrap().made, 4);
}

#[tokio::test(start_paused = true)]
async fn the_client_returns_the_body_type_that_it_is_sent() {
    let mut request =
        Request::post("http://localhost/").body(Body::from(Bytes::from("{}"))).unwrap();
    *request.method_mut() = http::Method::POST;
    let response: Response<Body> =
        client(&[Server::Responding(204)]).oneshot(request).await.unwrap();
    assert!(response.body().as_ref().is_empty());
}
