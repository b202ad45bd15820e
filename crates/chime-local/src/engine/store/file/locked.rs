//! The file below the database, which stays locked while the database is reopened.

use std::io;
use std::ops::{Bound, Range};
use std::sync::Arc;

use redb::{BackendError, StorageBackend, StorageError};

use crate::engine::store::StoreError;

/// The part of the first page that redb has written when it creates a database and is interrupted. The magic
/// number before it comes last.
const HEADER: Range<usize> = 9..320;
const PAGE_BYTES: usize = 4096;
/// More than the size of a new database.
const MAX_NEW_BYTES: u64 = 1024 * 1024;

/// A locked file. It passes no lock methods on to redb, whose lock would end with each database.
#[derive(Clone, Debug)]
pub(super) struct LockedFile(Arc<dyn StorageBackend>);

impl LockedFile {
    pub(super) fn lock(file: impl StorageBackend) -> Result<Self, StoreError> {
        match file.try_lock_range(Bound::Unbounded, Bound::Unbounded) {
            Ok(true) | Err(BackendError::Unsupported) => Ok(Self(Arc::new(file))),
            Ok(false) => Err(StoreError::InUse),
            Err(error) => Err(StorageError::from(error).into()),
        }
    }

    /// Unlocks the file for a process that opens it next.
    pub(super) fn unlock(&self) -> io::Result<()> {
        self.0.close()
    }

    /// Whether the file is empty, or redb was interrupted when it created a database in it.
    pub(super) fn is_blank(&self) -> io::Result<bool> {
        let len = self.len()?;
        if len > MAX_NEW_BYTES {
            return Ok(false);
        }
        let mut bytes = vec![0; usize::try_from(len).unwrap_or_default()];
        self.read(0, &mut bytes)?;
        if bytes.len() > PAGE_BYTES {
            bytes[HEADER].fill(0);
        }
        Ok(bytes.iter().all(|byte| *byte == 0))
    }
}

impl StorageBackend for LockedFile {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}
