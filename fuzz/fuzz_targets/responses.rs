//! See [`chime_fuzz::responses`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chime_fuzz::responses(bytes));
