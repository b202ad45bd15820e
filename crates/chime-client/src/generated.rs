//! What `cargo xtask codegen` printed: a named method for every operation.

mod chime;
