//! Suggests a name in place of an unknown one.

use crate::names::kebab;

/// How similar a name must be to be suggested, from 0 to 1.
const ENOUGH: f64 = 0.75;

/// Returns the first of the names that are most similar to an unknown one; `None` if none is similar
/// enough. Case, underscores and dashes make no difference.
pub(crate) fn most_similar<T>(
    unknown: &str,
    names: impl IntoIterator<Item = T>,
    text: impl Fn(&T) -> &str,
) -> Option<T> {
    let plain = |name: &str| kebab(name).replace(['-', '_'], "");
    let unknown = plain(unknown);
    let mut best = None;
    let mut highest = ENOUGH;
    for name in names {
        let score = strsim::jaro_winkler(&unknown, &plain(text(&name)));
        if score > highest {
            (best, highest) = (Some(name), score);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_of_a_name_is_the_most_similar_one() {
        let names = ["get-room", "get-user", "list-rooms", "AccountId", "ClientRequestToken"];
        for (unknown, expected) in [
            ("get_room", Some("get-room")),
            ("GetRoom", Some("get-room")),
            ("list-room", Some("list-rooms")),
            ("acount-id", Some("AccountId")),
            ("accountID", Some("AccountId")),
            ("token", None),
            ("", None),
        ] {
            assert_eq!(most_similar(unknown, names, |name| name), expected, "{unknown}");
        }
    }
}
