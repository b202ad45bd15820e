//! Notes to the values inside a value that is being serialized. A serializer has no room for them,
//! and serialization never leaves its thread.

use std::cell::Cell;
use std::thread::LocalKey;

/// Sets the note to `value` as long as `serialize` runs.
pub(crate) fn noted<R>(
    note: &'static LocalKey<Cell<bool>>,
    value: bool,
    serialize: impl FnOnce() -> R,
) -> R {
    /// Puts things back even if a foreign `Serialize` panics.
    struct Restore(&'static LocalKey<Cell<bool>>, bool);

    impl Drop for Restore {
        fn drop(&mut self) {
            self.0.set(self.1);
        }
    }

    let _restore = Restore(note, note.replace(value));
    serialize()
}
