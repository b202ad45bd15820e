//! What no caller of the API can do to a Chime: reset it, and keep and restore snapshots.

use crate::LocalChime;
use crate::store::StoreError;
#[cfg(feature = "durable")]
use crate::{Config, service::initial_state, store::Store};

impl LocalChime {
    /// Sets up a Chime whose state is kept in a file, and survives the process.
    ///
    /// A file that is not there is made, and starts with the organisations of the configuration. One
    /// that is there is taken as it is, snapshots included; then those organisations count for
    /// nothing until a [`reset`](Self::reset). Every change is on the disk before it is answered.
    ///
    /// # Errors
    /// If another Chime has the file open, if it cannot be read or written, or is none of ours.
    #[cfg(feature = "durable")]
    pub fn open(config: Config, path: impl AsRef<std::path::Path>) -> Result<Self, StoreError> {
        let store = Store::open(path.as_ref(), || initial_state(&config))?;
        Ok(Self::with_store(config, store))
    }

    /// Forgets everything and starts once more with what the configuration says. Snapshots stay.
    ///
    /// # Errors
    /// If there is a file and it cannot be written.
    pub fn reset(&self) -> Result<(), StoreError> {
        let initial = self.inner().initial_state();
        self.inner().store().replace(initial)
    }

    /// The names of the snapshots, in order.
    ///
    /// # Errors
    /// If there is a file and it cannot be read.
    pub fn snapshots(&self) -> Result<Vec<String>, StoreError> {
        self.inner().store().snapshots()
    }

    /// Keeps the present state under a name, beside the state itself: with a state file it is in
    /// the file too. A snapshot of the same name makes way.
    ///
    /// ```
    /// use chime_local::LocalChime;
    ///
    /// # fn main() -> Result<(), chime_local::StoreError> {
    /// let chime = LocalChime::sample();
    /// chime.take_snapshot("before")?;
    /// // … calls that change things …
    /// chime.restore_snapshot("before")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// If there is a file and it cannot be written.
    pub fn take_snapshot(&self, name: &str) -> Result<(), StoreError> {
        self.inner().store().take_snapshot(name)
    }

    /// Puts the state of a snapshot in place of the present one. The ids of what is made afterwards
    /// are the same as after the snapshot was taken.
    ///
    /// # Errors
    /// If there is no such snapshot, or if there is a file and it cannot be read or written.
    pub fn restore_snapshot(&self, name: &str) -> Result<(), StoreError> {
        self.inner().store().restore_snapshot(name)
    }

    /// Forgets a snapshot.
    ///
    /// # Errors
    /// If there is no such snapshot, or if there is a file and it cannot be written.
    pub fn remove_snapshot(&self, name: &str) -> Result<(), StoreError> {
        self.inner().store().remove_snapshot(name)
    }
}

#[cfg(test)]
mod tests;
