//! What needs a socket: connections over TCP, and through a proxy.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chime_client::model::chime::*;
use chime_client::{Client, Config, Credentials, ErrorKind, TransportErrorKind};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::select;
use tokio::sync::oneshot;

use crate::bytes::{OK, answer};

/// Answers the requests of each connection with these texts, then closes it. Tells its URL and how
/// many connections there were.
async fn serve(answers: &'static [&'static str]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(answer(stream, answers));
        }
    });
    (url, connections)
}

fn settings() -> Config {
    Config::new(Credentials::new("AKID", "secret"))
}

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_connection_and_leaves_no_task() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = settings();
    config.endpoint_url = Some(format!("http://{}", listener.local_addr().unwrap()));
    let client = Client::new(config).unwrap();
    let (asked, was_asked) = oneshot::channel();
    let (closed, was_closed) = oneshot::channel();
    // Not a task, so that those that are left can be counted.
    thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        asked.send(()).unwrap();
        closed.send(stream.read_to_end(&mut request).is_ok()).unwrap();
    });
    let tasks = Handle::current().metrics();
    let before = tasks.num_alive_tasks();
    select! {
        outcome = client.get_account(GetAccountRequest::new("a")) => panic!("{outcome:?}"),
        asked = was_asked => asked.unwrap(),
    }
    assert!(was_closed.await.unwrap());
    assert_eq!(tasks.num_alive_tasks(), before);
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel() {
    let (proxy, connections) = serve(&["HTTP/1.1 200 Connected\r\n\r\n", OK]).await;
    let mut config = settings();
    // A name that no resolver knows: only the proxy can lead there.
    config.endpoint_url = Some("http://service.invalid".to_owned());
    config.allow_plain_http = true;
    config.proxies.all = proxy;
    let client = Client::new(config).unwrap();
    client.get_account(GetAccountRequest::new("a")).await.unwrap();
    assert_eq!(connections.load(Ordering::Relaxed), 1);

    let (refusing, _) = serve(&["HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n"]).await;
    let mut config = settings();
    config.proxies.https = refusing;
    let client = Client::new(config).unwrap();
    let error = client.get_account(GetAccountRequest::new("a")).await.unwrap_err();
    let ErrorKind::Transport(error) = error.into_kind() else { panic!("transport") };
    assert_eq!(error.kind(), TransportErrorKind::Connect);
}
