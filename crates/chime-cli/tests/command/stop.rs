//! How a server stops.

use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::Server;
use crate::local::received;
use crate::{chime, result};

/// Signals a server to stop, and waits until it begins to: it closes the port first.
fn stop(server: &Server) {
    server.signal("-TERM");
    let address = server.url.strip_prefix("http://").unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < deadline, "the server does not stop");
        thread::yield_now();
    }
}

#[test]
fn a_second_signal_ends_a_server_that_waits_for_a_request() {
    let server = Server::start(chime("serve -q"));
    let mut stream = TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    let head =
        "POST /accounts HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.read_exact(&mut [0; 12]).unwrap();
    stop(&server);
    let (code, log) = server.log("-INT");
    assert_eq!((code, log.trim()), (Some(130), "stopped by a second signal"));
}

#[test]
fn a_server_that_stops_waits_for_the_receiver_of_its_events() {
    let receiver = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", receiver.local_addr().unwrap());
    let server = Server::start(chime(&format!("serve -q --events-url {url}")));
    for token in ["first", "second"] {
        let create =
            "meetings create-meeting --media-region us-east-1 --external-meeting-id standup";
        result(server.chime(&format!("{create} --client-request-token {token}")));
    }
    let mut events = BufReader::new(receiver.accept().unwrap().0);
    let receive = |events: &mut _, sequence| {
        let (head, _) = received(events);
        assert!(head.contains(&format!("x-chime-sequence: {sequence}")), "{head:?}");
    };
    let response = b"HTTP/1.1 204 No Content\r\n\r\n";
    receive(&mut events, 1);
    stop(&server);
    events.get_mut().write_all(response).unwrap();
    receive(&mut events, 2);
    events.get_mut().write_all(response).unwrap();
    // Signal 0 does nothing.
    assert_eq!(server.end("-0"), Some(0));
}
