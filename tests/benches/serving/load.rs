//! An emulator under load, and the load generator.

use std::future::pending;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use bytes::Bytes;
use chime_client::{Config, Credentials};
use chime_local::{LocalChime, sample};
use chime_model::Operation;
use http::{Request, Response};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{self, Server, runtime};

const CALLS: usize = 500;

/// Starts an emulator that listens on a port.
pub(crate) fn listening(chime: LocalChime) -> Server {
    Server::start(async move |listener| chime.serve(listener, pending()).await.unwrap())
}

/// Signs a request with the credentials of the sample.
pub(crate) fn signed<O>(request: O) -> Request<Bytes>
where
    O: Operation + Serialize + Send + Sync + 'static,
{
    let key = Credentials::new(sample::ACCESS_KEY_ID, sample::SECRET_ACCESS_KEY);
    server::signed(Config::new(key), request)
}

/// The bytes of a request in HTTP/1.1.
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

/// Sends a request and returns the response, which must be a success.
pub(crate) fn response(server: &Server, request: &Request<Bytes>) -> Response<Bytes> {
    let mut stream = TcpStream::connect(server.0).unwrap();
    stream.write_all(&wire(request)).unwrap();
    let mut response = Vec::new();
    let mut chunk = [0; 4096];
    let (head, body) = loop {
        let read = stream.read(&mut chunk).unwrap();
        response.extend(&chunk[..read]);
        let text = String::from_utf8_lossy(&response).into_owned();
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

/// Measures the calls per second on all connections together.
pub(crate) fn calls_per_second(
    server: &Server,
    request: &Request<Bytes>,
    connections: usize,
) -> f64 {
    let (address, request) = (server.0, wire(request));
    runtime().block_on(async {
        let start = Instant::now();
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..connections {
            asking.spawn(ask(address, request.clone()));
        }
        asking.join_all().await;
        (connections * CALLS) as f64 / start.elapsed().as_secs_f64()
    })
}

/// Sends requests one after another. All responses have the length of the first one.
async fn ask(address: SocketAddr, request: Vec<u8>) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut response = vec![0; 64 * 1024];
    stream.write_all(&request).await.unwrap();
    let length = stream.read(&mut response).await.unwrap();
    for _ in 1..CALLS {
        stream.write_all(&request).await.unwrap();
        stream.read_exact(&mut response[..length]).await.unwrap();
        assert!(response.starts_with(b"HTTP/1.1 200"));
    }
}
