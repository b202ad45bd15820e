//! The names of profiles, as candidates.

use chime_client::Config;

/// Returns the names of all profiles in the shared config and credentials files, or none if a file
/// cannot be read.
pub(super) fn names() -> Vec<String> {
    Config::profile_names().unwrap_or_default()
}
