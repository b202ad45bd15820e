//! The client against servers that do not behave, in one binary.
#![allow(missing_docs, reason = "a test is named after what it says")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

mod bytes;
mod certificates;
mod faults;
mod proxies;
mod sockets;
mod tls;
