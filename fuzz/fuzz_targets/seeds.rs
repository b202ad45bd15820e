//! See [`chime_fuzz::seeds`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chime_fuzz::seeds(bytes));
