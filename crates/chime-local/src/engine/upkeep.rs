//! What no caller of the API can do to a Chime: reset it, and keep and restore snapshots.

#[cfg(feature = "durable")]
use crate::Config;
use crate::engine::store::StoreError;
#[cfg(feature = "durable")]
use crate::engine::{service::initial_state, store::Store};
use crate::{LocalChime, Seed};

impl LocalChime {
    /// Sets up a Chime whose state is kept in a file, and survives the process.
    ///
    /// A file that is not there is made, and starts with the seed of the configuration. One that is
    /// there is taken as it is, snapshots and the mode of the clock included; then of the seed only
    /// the credentials count, until a [`reset`](Self::reset). Every change is on the disk before it
    /// is answered, and all calls wait meanwhile. Rules, faults and the last requests belong to the
    /// process and are not kept.
    ///
    /// # Errors
    /// If another Chime has the file open, if it cannot be read or written, or is none of ours; or
    /// if something is wrong with the configuration.
    #[cfg(feature = "durable")]
    pub fn open(config: Config, path: impl AsRef<std::path::Path>) -> Result<Self, StoreError> {
        config.validate()?;
        let store = Store::open(path.as_ref(), || initial_state(&config))?;
        Ok(Self::with_store(config, store))
    }

    /// Adds what no operation can make: a [`Seed`], an [`Organisation`](crate::Organisation) or an
    /// [`AwsAccount`](crate::AwsAccount).
    ///
    /// An account, a phone number, an order or a meeting of the same id makes way, an account with
    /// all that it had, and so does a user with the same address. A domain belongs to the
    /// organisation that was added last.
    ///
    /// # Errors
    /// All that is wrong with it; then nothing is added. Or if there is a file and it cannot be
    /// written.
    pub fn seed(&self, seed: impl Into<Seed>) -> Result<(), StoreError> {
        let seed = seed.into();
        let credentials = seed.credentials.clone();
        let mut store = self.inner().store();
        let state = &store.state;
        seed.validate_beside(&|owner, account, user| state.has_user(owner, account, user))?;
        store.state.plant(seed, self.clock().now());
        self.inner().keep(&mut store)?;
        self.inner().admit(&credentials);
        Ok(())
    }

    /// Releases a domain, as an administrator does in the console: the users with an address in it
    /// are suspended, and the account that had it can be deleted once it has no other. Of one that
    /// nobody has claimed, nothing happens.
    ///
    /// # Errors
    /// If there is a file and it cannot be written.
    pub fn release_domain(&self, domain: &str) -> Result<(), StoreError> {
        let mut store = self.inner().store();
        store.state.release(&domain.to_lowercase());
        self.inner().keep(&mut store)
    }

    /// Keeps how time goes, with the next call at the latest.
    pub(crate) fn keep_clock(&self) -> Result<(), StoreError> {
        self.inner().keep(&mut self.inner().store())
    }

    /// The present state as a seed: what it makes is the same, but for what only a server remembers,
    /// which are page tokens and the tokens of `CreateRoom`. Credentials are left out.
    #[must_use]
    pub fn export(&self) -> Seed {
        self.inner().settled().0.state.export()
    }

    /// Forgets everything and starts once more with what the configuration says: state, clock, who
    /// may call, and what goes wrong on purpose. Snapshots stay.
    ///
    /// # Errors
    /// If there is a file and it cannot be written; then nothing changes.
    pub fn reset(&self) -> Result<(), StoreError> {
        self.inner().start_over()
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
        let mut store = self.inner().store();
        self.inner().keep(&mut store)?;
        store.take_snapshot(name)
    }

    /// Puts the state of a snapshot in place of the present one; the clock goes as it did then, and
    /// what is made afterwards gets the ids that it got after the snapshot was taken.
    ///
    /// # Errors
    /// If there is no such snapshot, or if there is a file and it cannot be read or written.
    pub fn restore_snapshot(&self, name: &str) -> Result<(), StoreError> {
        let mut store = self.inner().store();
        store.restore_snapshot(name)?;
        self.clock().set_mode(store.state.clock);
        Ok(())
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
