//! Tags of resources, for all services.

use std::collections::BTreeMap;

use chime_model::ServiceError;

use crate::engine::errors::{Result, bad_request};

/// Tag values by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// Adds tags. A tag replaces one with the same key. If any tag is refused, nothing changes.
///
/// # Errors
/// If a key is reserved or duplicate, and `too_many` if the resource would have more than `most`
/// tags.
pub(crate) fn add(
    tags: &mut Tags,
    more: impl IntoIterator<Item = (String, String)>,
    most: usize,
    too_many: impl FnOnce() -> ServiceError,
) -> Result<()> {
    let mut added = Tags::new();
    for (key, value) in more {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(bad_request("Tags: keys must not start with aws:"));
        }
        if added.insert(key, value).is_some() {
            return Err(bad_request("Tags: keys must be unique"));
        }
    }
    let new = added.keys().filter(|key| !tags.contains_key(*key)).count();
    if tags.len() + new > most {
        return Err(too_many());
    }
    tags.extend(added);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::errors::conflict;

    fn pairs(keys: &[&str]) -> Vec<(String, String)> {
        keys.iter().map(|key| (key.to_string(), "v".to_owned())).collect()
    }

    #[test]
    fn a_tag_replaces_one_with_the_same_key_and_tags_have_a_limit() {
        let mut tags = Tags::new();
        let mut added = |more: Vec<(String, String)>, most| {
            let outcome = add(&mut tags, more, most, conflict);
            (outcome.map_err(|error| error.message.unwrap()), tags.clone())
        };
        assert_eq!(added(pairs(&["a", "b"]), 2).0, Ok(()));
        let (outcome, before) = added(vec![("a".to_owned(), "w".to_owned())], 2);
        assert_eq!((outcome, before.len(), before["a"].as_str()), (Ok(()), 2, "w"));
        for (keys, most, problem) in [
            (&["a", "c"][..], 2, conflict().message.unwrap()),
            (&["a", "a"], 2, "Tags: keys must be unique".to_owned()),
            (&["AWS:a"], 9, "Tags: keys must not start with aws:".to_owned()),
        ] {
            assert_eq!(added(pairs(keys), most), (Err(problem), before.clone()));
        }
    }
}
