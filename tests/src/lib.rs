//! The examples of the README, run as tests; the tests themselves are in `it`.
#![cfg_attr(doctest, doc = include_str!("../../README.md"))]
