//! The code that `cargo xtask codegen` generates for the tests.

pub(crate) mod operations;
