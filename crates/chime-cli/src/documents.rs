//! Files with seeds, rules and faults.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use chime_local::Seed;

use crate::failure::Failure;

/// Creates the failure of a file that cannot be read or is invalid.
pub(crate) type ToFailure<'a> = &'a dyn Fn(&Path, &dyn Error) -> Failure;

/// Reads and parses a file.
pub(crate) fn read<T, E: Error>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, E>,
    to_failure: ToFailure<'_>,
) -> Result<T, Failure> {
    let text = fs::read_to_string(path).map_err(|error| to_failure(path, &error))?;
    parse(&text).map_err(|error| to_failure(path, &error))
}

/// Reads and merges seeds.
pub(crate) fn seed<'p>(
    paths: impl IntoIterator<Item = &'p PathBuf>,
    to_failure: ToFailure<'_>,
) -> Result<Seed, Failure> {
    let mut all = Seed::default();
    for path in paths {
        let seed = read(path, Seed::parse, to_failure)?;
        all.merge(seed).map_err(|error| to_failure(path, &error))?;
    }
    Ok(all)
}
