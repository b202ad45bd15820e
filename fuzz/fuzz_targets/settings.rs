//! See [`chime_fuzz::settings`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chime_fuzz::settings(bytes));
