//! Tests that need more than one crate, in one binary.
#![allow(missing_docs, reason = "a test is named after what it says")]

mod client;
mod generated;
mod model;
mod rules;
mod strategies;
mod wire;
