//! Tests of the client with faulty servers, in one binary.
#![allow(missing_docs, reason = "the name of a test is its documentation")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

mod bytes;
mod certificates;
#[cfg(feature = "http2")]
mod cold;
mod faults;
mod proxies;
mod sockets;
mod tls;
