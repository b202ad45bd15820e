//! Tags of resources, for all services.

use std::collections::BTreeMap;

use chime_model::ServiceError;

use crate::engine::errors::{Result, bad_request};

/// The structure that a service has for a tag.
pub(crate) trait Tag: Clone {
    fn key(&self) -> &str;
}

/// Sorts tags by key. Of several tags with the same key, the last one remains.
pub(crate) fn by_key<T: Tag>(tags: impl IntoIterator<Item = T>) -> Vec<T> {
    let keyed = tags.into_iter().map(|tag| (tag.key().to_owned(), tag));
    keyed.collect::<BTreeMap<_, _>>().into_values().collect()
}

/// Checks the tags of a new resource and sorts them by key. API descriptions limit their number.
///
/// # Errors
/// If a key is reserved or duplicate.
pub(crate) fn new<T: Tag>(tags: Vec<T>) -> Result<Vec<T>> {
    if tags.iter().any(|tag| tag.key().to_ascii_lowercase().starts_with("aws:")) {
        return Err(bad_request("Tags: keys must not start with aws:"));
    }
    let count = tags.len();
    let sorted = by_key(tags);
    if sorted.len() < count {
        return Err(bad_request("Tags: keys must be unique"));
    }
    Ok(sorted)
}

/// Adds tags and sorts all of them by key. A tag replaces one with the same key. If any tag is refused,
/// nothing changes.
///
/// # Errors
/// If a key is reserved or duplicate, and `too_many` if the resource would have more than `most`
/// tags.
pub(crate) fn add<T: Tag>(
    tags: &mut Vec<T>,
    more: Vec<T>,
    most: usize,
    too_many: impl FnOnce() -> ServiceError,
) -> Result<()> {
    let all = by_key(tags.iter().cloned().chain(new(more)?));
    if all.len() > most {
        return Err(too_many());
    }
    *tags = all;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::errors::{CONFLICT, conflict};

    type Pair = (&'static str, &'static str);

    impl Tag for Pair {
        fn key(&self) -> &str {
            self.0
        }
    }

    #[test]
    fn a_tag_replaces_one_with_the_same_key_and_tags_have_a_limit() {
        let mut tags = Vec::new();
        let mut added = |more: &[Pair], most| {
            let outcome = add(&mut tags, more.to_vec(), most, || conflict(CONFLICT));
            (outcome.map_err(|error| error.message.unwrap()), tags.clone())
        };
        assert_eq!(added(&[("b", "v"), ("a", "v")], 2), (Ok(()), vec![("a", "v"), ("b", "v")]));
        let before = vec![("a", "w"), ("b", "v")];
        assert_eq!(added(&[("a", "w")], 2), (Ok(()), before.clone()));
        for (more, most, problem) in [
            (&[("a", "v"), ("c", "v")][..], 2, CONFLICT.to_owned()),
            (&[("a", "v"), ("a", "v")], 2, "Tags: keys must be unique".to_owned()),
            (&[("AWS:a", "v")], 9, "Tags: keys must not start with aws:".to_owned()),
        ] {
            assert_eq!(added(more, most), (Err(problem), before.clone()));
        }
    }
}
