//! How a server stops.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::Server;
use crate::chime;

/// Signals a server to stop, and waits until it begins to: it closes the port first.
fn stop(server: &Server) {
    server.signal("-TERM");
    let address = server.url.strip_prefix("http://").unwrap();
    while TcpStream::connect(address).is_ok() {}
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
