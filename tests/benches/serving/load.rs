//! Servers under load, and what loads them.

use std::convert::Infallible;
use std::future::pending;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use chime_client::{Client, Config, Credentials};
use chime_local::{LocalChime, sample};
use chime_model::Operation;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

const CONNECTIONS: usize = 32;
const CALLS: usize = 500;

/// A server on a thread of its own, until the program ends.
pub(crate) struct Server(SocketAddr);

impl Server {
    pub(crate) fn chime(chime: LocalChime) -> Self {
        Self::start(async move |listener| chime.serve(listener, pending()).await.unwrap())
    }

    /// Reads what comes and answers that.
    pub(crate) fn hyper(answer: Response<Bytes>) -> Self {
        Self::start(async move |listener: TcpListener| {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let answer = answer.clone();
                let service = service_fn(move |request: Request<Incoming>| {
                    let answer = answer.clone().map(Full::new);
                    async move {
                        let _ = request.into_body().collect().await;
                        Ok::<_, Infallible>(answer)
                    }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        })
    }

    fn start<F: Future<Output = ()>>(
        serve: impl FnOnce(TcpListener) -> F + Send + 'static,
    ) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            runtime().block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                serve(listener).await;
            });
        });
        Self(receiver.recv().unwrap())
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A request as the client sends it. The signature holds for fifteen minutes.
pub(crate) fn signed<O>(request: O) -> Request<Bytes>
where
    O: Operation + Serialize + Send + Sync + 'static,
{
    let sent = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&sent);
    let connection = tower::service_fn(move |request: Request<Bytes>| {
        *kept.lock().unwrap() = Some(request);
        async { Ok::<_, Infallible>(Response::new(Bytes::from_static(b"{}"))) }
    });
    let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    let client = Client::with_connection(Config::new(key), connection).unwrap();
    let _ = runtime().block_on(client.send(request));
    sent.lock().unwrap().take().unwrap()
}

/// The request as it stands on the wire.
fn wire(request: &Request<Bytes>) -> Vec<u8> {
    let target = request.uri().path_and_query().unwrap();
    let mut text = format!("{} {target} HTTP/1.1\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    if !request.headers().contains_key("host") {
        text.extend(format!("host: {}\r\n", request.uri().authority().unwrap()).into_bytes());
    }
    let length = request.body().len();
    if length > 0 && !request.headers().contains_key("content-length") {
        text.extend(format!("content-length: {length}\r\n").into_bytes());
    }
    text.extend(b"\r\n");
    text.extend(request.body());
    text
}

/// One answer, which must be a success.
pub(crate) fn answer(server: &Server, request: &Request<Bytes>) -> Response<Bytes> {
    let mut stream = TcpStream::connect(server.0).unwrap();
    stream.write_all(&wire(request)).unwrap();
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    let (head, body) = loop {
        let read = stream.read(&mut chunk).unwrap();
        answer.extend(&chunk[..read]);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() == length.unwrap().parse::<usize>().unwrap() {
            break (head.to_owned(), body.to_owned());
        }
    };
    assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{body}");
    let mut response = Response::new(Bytes::from(body));
    for line in head.lines().skip(1) {
        let (name, value) = line.split_once(": ").unwrap();
        let name: http::HeaderName = name.parse().unwrap();
        if !["content-length", "date"].contains(&name.as_str()) {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
    }
    response
}

/// How many calls a second the server answers on all connections together.
pub(crate) fn calls_per_second(server: &Server, request: &Request<Bytes>) -> f64 {
    let (address, request) = (server.0, wire(request));
    runtime().block_on(async {
        let start = Instant::now();
        let mut connections = tokio::task::JoinSet::new();
        for _ in 0..CONNECTIONS {
            connections.spawn(ask(address, request.clone()));
        }
        connections.join_all().await;
        (CONNECTIONS * CALLS) as f64 / start.elapsed().as_secs_f64()
    })
}

/// Asks in turn. All answers have the length of the first one.
async fn ask(address: SocketAddr, request: Vec<u8>) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut answer = vec![0; 64 * 1024];
    stream.write_all(&request).await.unwrap();
    let length = stream.read(&mut answer).await.unwrap();
    for _ in 1..CALLS {
        stream.write_all(&request).await.unwrap();
        stream.read_exact(&mut answer[..length]).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
}
