//! A server whose clients open more connections than it may have file descriptors.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use super::Server;
use crate::chime;

/// Starts a server under a limit, as a flag of the shell's `ulimit`. Returns it with connections that send
/// nothing: more than the limit allows.
fn crowded(flag: &str) -> (Server, Vec<TcpStream>) {
    let serve = chime("serve -q");
    let mut command = Command::new("sh");
    command.env_clear();
    command.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.arg("-c").arg(format!("ulimit {flag} 64 && exec \"$0\" \"$@\""));
    command.arg(serve.get_program()).args(serve.get_args());
    let server = Server::start(command);
    let address = server.url.strip_prefix("http://").unwrap();
    let idle = (0..100).map(|_| TcpStream::connect(address).unwrap()).collect();
    (server, idle)
}

fn control_endpoint_responds(server: &Server) {
    let token = format!("Bearer {}", server.control_token());
    let answer = server.control("GET", "clock", &token, "");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn idle_connections_give_way_when_no_descriptor_is_left() {
    let (server, _idle) = crowded("-n");
    control_endpoint_responds(&server);
    assert_eq!(server.end("-TERM"), Some(0));
}

#[test]
fn a_server_raises_the_limit_that_it_may_raise() {
    let (server, mut idle) = crowded("-S -n");
    control_endpoint_responds(&server);
    let mut answer = String::new();
    idle[0].write_all(b"GET /accounts HTTP/1.0\r\nhost: x\r\n\r\n").unwrap();
    idle[0].read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 403 "), "{answer}");
}
