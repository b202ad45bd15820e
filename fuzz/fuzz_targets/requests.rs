//! See [`chime_fuzz::requests`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chime_fuzz::requests(bytes));
