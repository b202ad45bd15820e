//! Files with seeds, rules and faults.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use chime_local::Seed;

use crate::failure::Failure;

/// Creates the failure of a file that cannot be read or is invalid.
pub(crate) type Wrong<'a> = &'a dyn Fn(&Path, &dyn Error) -> Failure;

/// Reads and parses a file.
pub(crate) fn read<T, E: Error>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, E>,
    wrong: Wrong<'_>,
) -> Result<T, Failure> {
    let text = fs::read_to_string(path).map_err(|error| wrong(path, &error))?;
    parse(&text).map_err(|error| wrong(path, &error))
}

/// Reads and merges seeds.
pub(crate) fn seed<'p>(
    paths: impl IntoIterator<Item = &'p PathBuf>,
    wrong: Wrong<'_>,
) -> Result<Seed, Failure> {
    let mut all = Seed::default();
    for path in paths {
        let seed = read(path, Seed::parse, wrong)?;
        all.merge(seed).map_err(|error| wrong(path, &error))?;
    }
    Ok(all)
}
