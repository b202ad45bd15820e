//! The results file on disk.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chime_client::model::OperationInfo;
use clap::ArgMatches;

use super::results::{self, Header, Results};
use super::rows::Row;
use super::{RESULTS, STDIN};
use crate::failure::Failure;

/// The path of the results: that of the flag, or the path of the rows with a suffix.
pub(super) fn path(from: &Path, given: &ArgMatches) -> Result<PathBuf, Failure> {
    match given.get_one::<PathBuf>(RESULTS) {
        Some(path) => Ok(path.clone()),
        None if from == Path::new(STDIN) => {
            Err(Failure::flag(RESULTS, "is required if the rows come from stdin"))
        }
        None => {
            let mut path = from.as_os_str().to_owned();
            path.push(".results.jsonl");
            Ok(path.into())
        }
    }
}

/// The header of the results file for these rows.
pub(super) fn header(info: &OperationInfo, rows: &[Row]) -> Header {
    // FNV-1a, folded to 16 bits.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for row in rows {
        for byte in serde_json::to_string(&row.input).unwrap_or_default().bytes().chain([b'\n']) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    let folded = [hash, hash >> 16, hash >> 32, hash >> 48].into_iter().fold(0, |a, b| a ^ b);
    Header {
        service: info.service.id.to_owned(),
        operation: info.name.to_owned(),
        rows: rows.len(),
        checksum: format!("{:04x}", folded & 0xffff),
    }
}

/// The results file.
#[derive(Debug)]
pub(super) struct ResultsFile {
    file: File,
    /// Whether what was flushed survives a power failure.
    is_synced: bool,
}

impl Write for ResultsFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.is_synced {
            true => self.file.sync_data(),
            false => Ok(()),
        }
    }
}

/// Opens the results file, for this process alone.
///
/// If the operation is not safe to retry, a row is synced to disk before it is sent. If a power failure lost
/// its line, the row would be sent twice, or again without its idempotency token.
pub(super) fn open(
    path: &Path,
    info: &OperationInfo,
    header: &Header,
    is_resumed: bool,
) -> Result<Results<ResultsFile>, Failure> {
    let refused = |reason: &str| Failure::flag(RESULTS, format!("{}: {reason}", path.display()));
    let failed = |error| Failure::file(RESULTS, path, error);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(refused("another process writes to it")),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(failed)?;
    if !is_resumed && !text.is_empty() {
        return Err(refused(
            "exists; pass --resume to continue its run, or name another file with --results",
        ));
    }
    let (rows, length) =
        results::replay(header, &text).map_err(|mismatch| refused(&mismatch.to_string()))?;
    // The last line may be incomplete.
    file.set_len(length as u64).map_err(failed)?;
    file.seek(SeekFrom::End(0)).map_err(failed)?;
    let is_synced = !info.idempotent || info.idempotency_token.is_some();
    let file = ResultsFile { file, is_synced };
    match rows {
        Some(rows) => Ok(Results::resume(rows, file)),
        None => Results::start(header, file).map_err(failed),
    }
}
