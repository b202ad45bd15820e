//! Calls the functions that `fuzz/` has for libFuzzer with random changes to valid input. `PROPTEST_CASES` sets
//! the number of inputs for each parser.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

#[allow(unreachable_pub, reason = "in `fuzz/`, it is a separate crate")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use fuzz::PARSERS;

/// Tokens that have a meaning in one of the formats.
const PIECES: &[&[u8]] = &[
    b"null",
    b"{}",
    b"[]",
    b"\"\"",
    b"-1",
    b"1e999",
    b"0.1",
    b"18446744073709551616",
    b"true",
    b"{\"\":",
    b"[[[[[[[[",
    b"\"\\ud800\"",
    b"\\u0000",
    b"\"",
    b",",
    b":",
    b"}",
    b"]",
    b"\n",
    b"\r\n",
    b"\0",
    b" = ",
    b"[",
    b"#",
    b"  ",
    b"%2F",
    b"%",
    b"/",
    b"?",
    b"&",
    b"\xff",
    b"\xef\xbb\xbf",
    "\u{fffd}".as_bytes(),
    b"+1",
    b"9999-12-31T23:59:60Z",
    b"0000-01-01T00:00:00Z",
    b"\xe2\x80\xa8",
];

/// A change to a text.
#[derive(Clone, Debug)]
enum Edit {
    Insert(Index, Vec<u8>),
    Delete(Index, usize),
    Replace(Index, u8),
    /// Copies a part of the text to another position.
    Copy(Index, usize, Index),
}

impl Edit {
    fn apply(&self, text: &mut Vec<u8>) {
        let at = |index: &Index, text: &[u8]| index.index(text.len() + 1);
        match self {
            Self::Insert(index, piece) => {
                let at = at(index, text);
                text.splice(at..at, piece.iter().copied());
            }
            Self::Delete(index, length) => {
                let from = at(index, text);
                text.drain(from..(from + length).min(text.len()));
            }
            Self::Replace(index, byte) => {
                if let Some(old) = text.len().checked_sub(1).map(|_| index.index(text.len())) {
                    text[old] = *byte;
                }
            }
            Self::Copy(index, length, to) => {
                let from = at(index, text);
                let part = text[from..(from + length).min(text.len())].to_vec();
                let to = at(to, text);
                text.splice(to..to, part);
            }
        }
    }
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<Index>;
    prop_oneof![
        (index(), select(PIECES)).prop_map(|(at, piece)| Edit::Insert(at, piece.to_vec())),
        (index(), vec(any::<u8>(), 1..4)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        (index(), 1..20_usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        (index(), any::<u8>()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        (index(), 1..80_usize, index()).prop_map(|(at, length, to)| Edit::Copy(at, length, to)),
    ]
}

/// Generates a sample with a few changes.
fn input(samples: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    (select(samples), vec(edit(), 0..6)).prop_map(|(sample, edits)| {
        let mut text = sample.as_bytes().to_vec();
        edits.iter().for_each(|edit| edit.apply(&mut text));
        text
    })
}

#[test]
fn parsers_keep_their_laws_for_any_input() {
    for (name, parse, samples) in PARSERS {
        let config = Config { failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new(config).run(&input(samples), |bytes| {
            parse(&bytes);
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn floats_are_read_exactly() {
    let (_, events, samples) = PARSERS[0];
    let long = samples[0].replacen("[1,", "[118446744073709551616,", 1);
    assert_ne!(long, samples[0]);
    events(long.as_bytes());
}

#[test]
fn every_parser_has_a_fuzz_target() {
    let manifest = include_str!("../../fuzz/Cargo.toml");
    for (name, ..) in PARSERS {
        let bin = format!("[[bin]]\nname = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"\n");
        assert!(manifest.contains(&bin), "{name}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), PARSERS.len());
}
