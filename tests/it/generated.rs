//! What `cargo xtask codegen` printed for the tests.

pub(crate) mod operations;
