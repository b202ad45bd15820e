//! Tags of resources, whatever service they are of.

use std::collections::BTreeMap;

use chime_model::ServiceError;

use crate::engine::errors::{Result, bad_request};

/// Values by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// Adds tags, each in place of one with the same key. Changes nothing if any of them is refused.
///
/// # Errors
/// If a key is reserved or repeated, and `too_many` if the resource would have more than `most`.
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
            return Err(bad_request("Tags: a key is there twice"));
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
    fn tags_replace_those_of_the_same_key_and_have_a_limit() {
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
            (&["a", "a"], 2, "Tags: a key is there twice".to_owned()),
            (&["AWS:a"], 9, "Tags: keys must not start with aws:".to_owned()),
        ] {
            assert_eq!(added(pairs(keys), most), (Err(problem), before.clone()));
        }
    }
}
