//! Mistakes of new users, each with all that they are told: `tests/data/mistakes/table.txt`.

use std::fmt::Write as _;
use std::path::Path;

use super::{chime, with_key};

const TABLE: &str = include_str!("../data/mistakes/table.txt");

/// Splits a command line into words as a shell does: at spaces outside of single quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (number, part) in line.split('\'').enumerate() {
        let mut parts = part.split(' ');
        let is_quoted = number % 2 == 1;
        if let (false, Some(first), Some(last)) = (is_quoted, parts.next(), words.last_mut()) {
            last.push_str(first);
            words.extend(parts.map(str::to_owned));
        } else if let Some(last) = words.last_mut() {
            last.push_str(part);
        }
    }
    words
}

/// Runs a line such as `NAME=value chime get-room`, in which `KEY` stands for credentials. Returns the exit
/// code and what was written to stderr, without the line breaks around it.
fn told(line: &str) -> String {
    let all = words(line);
    let start = all.iter().position(|word| word == "chime").unwrap();
    let mut command = chime("");
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/mistakes"));
    for setting in &all[..start] {
        match setting.split_once('=') {
            Some((name, value)) => command.env(name, value),
            None => {
                command = with_key(command);
                &mut command
            }
        };
    }
    let output = command.args(&all[start + 1..]).output().unwrap();
    assert!(output.stdout.is_empty(), "{line}");
    let code = output.status.code().unwrap();
    format!("{code} {}", String::from_utf8(output.stderr).unwrap().trim_matches('\n'))
}

#[test]
fn every_mistake_is_explained() {
    let mut found = String::new();
    let mut count = 0;
    for line in TABLE.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            write!(found, "$ {command}\n{}\n\n", told(command)).unwrap();
            count += 1;
        } else if line.starts_with("# ") {
            write!(found, "{line}\n\n").unwrap();
        }
    }
    assert!(count > 80, "{count}");
    for (number, (found, expected)) in (1..).zip(found.lines().zip(TABLE.lines())) {
        assert_eq!(found, expected, "line {number}");
    }
    assert_eq!(found.trim_end(), TABLE.trim_end());
}
