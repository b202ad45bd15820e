//! See [`chime_fuzz::events`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chime_fuzz::events(bytes));
