//! Thread-local notes, which pass context to nested values during serialization. serde has no way to pass
//! context, and serialization never leaves its thread.

use std::cell::Cell;
use std::thread::LocalKey;

/// Sets the note to `value` while `serialize` runs.
pub(crate) fn noted<R>(
    note: &'static LocalKey<Cell<bool>>,
    value: bool,
    serialize: impl FnOnce() -> R,
) -> R {
    /// Restores the note, even if an implementation of `Serialize` panics.
    struct Restore(&'static LocalKey<Cell<bool>>, bool);

    impl Drop for Restore {
        fn drop(&mut self) {
            self.0.set(self.1);
        }
    }

    let _restore = Restore(note, note.replace(value));
    serialize()
}
