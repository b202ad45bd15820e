//! Tests that need more than one crate, in one binary.
#![allow(missing_docs, reason = "the name of a test is its documentation")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test may fail")]

mod batches;
mod client;
mod constraints;
mod cuts;
mod endpoints;
mod exchanges;
mod generated;
mod isolation;
mod lists;
mod model;
mod parsers;
mod rule_table;
mod scripted;
mod spans;
mod strategies;
mod waits;
mod wire;
