//! Tests of connections over TCP.

use std::io::Read as _;
use std::thread;

use chime_client::model::chime::*;
use chime_client::{Client, Config, Credentials};
use tokio::runtime::Handle;
use tokio::select;
use tokio::sync::oneshot;

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_connection_and_leaves_no_task() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = Config::new(Credentials::new("AKID", "secret"));
    config.endpoint_url = Some(format!("http://{}", listener.local_addr().unwrap()));
    let client = Client::new(config).unwrap();
    let (asked, was_asked) = oneshot::channel();
    let (closed, was_closed) = oneshot::channel();
    // Not spawned as a task, so that the remaining tasks can be counted.
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
        outcome = client.chime().get_account(GetAccountRequest::new("a")) => panic!("{outcome:?}"),
        asked = was_asked => asked.unwrap(),
    }
    assert!(was_closed.await.unwrap());
    assert_eq!(tasks.num_alive_tasks(), before);
}
