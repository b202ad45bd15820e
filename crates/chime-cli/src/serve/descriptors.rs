//! The limit of file descriptors. Each connection takes one.

/// Enough for all connections that a server accepts, and for files.
#[cfg(unix)]
const WANTED: u64 = 4_096;

/// Raises the limit for this process, as far as the system lets it.
#[cfg(unix)]
pub(super) fn raise_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < WANTED) {
        let current = Some(limit.maximum.map_or(WANTED, |maximum| maximum.min(WANTED)));
        // With a lower limit, a server closes idle connections when it runs out of descriptors.
        let _ = setrlimit(Resource::Nofile, Rlimit { current, ..limit });
    }
}

/// Does nothing: only Unix has this limit.
#[cfg(not(unix))]
pub(super) fn raise_limit() {}
