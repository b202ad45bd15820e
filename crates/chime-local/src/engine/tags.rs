//! Tags of resources, whatever service they are of.

use std::collections::BTreeMap;

/// Values by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// Why tags cannot be added.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A key that AWS reserves.
    Reserved,
    /// A key that the request has twice.
    Repeated,
    /// There would be more tags than a resource can have.
    TooMany,
}

/// Adds tags, each in place of one with the same key. Changes nothing if any of them is refused.
pub(crate) fn add(
    tags: &mut Tags,
    more: impl IntoIterator<Item = (String, String)>,
    most: usize,
) -> Result<(), Refused> {
    let mut added = Tags::new();
    for (key, value) in more {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Refused::Reserved);
        }
        if added.insert(key, value).is_some() {
            return Err(Refused::Repeated);
        }
    }
    let new = added.keys().filter(|key| !tags.contains_key(*key)).count();
    if tags.len() + new > most {
        return Err(Refused::TooMany);
    }
    tags.extend(added);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(keys: &[&str]) -> Vec<(String, String)> {
        keys.iter().map(|key| (key.to_string(), "v".to_owned())).collect()
    }

    #[test]
    fn tags_replace_those_of_the_same_key_and_have_a_limit() {
        let mut tags = Tags::new();
        assert_eq!(add(&mut tags, pairs(&["a", "b"]), 2), Ok(()));
        assert_eq!(add(&mut tags, [("a".to_owned(), "w".to_owned())], 2), Ok(()));
        assert_eq!((tags.len(), tags["a"].as_str()), (2, "w"));
        assert_eq!(add(&mut tags, pairs(&["a", "c"]), 2), Err(Refused::TooMany));
        assert_eq!(add(&mut tags, pairs(&["a", "a"]), 2), Err(Refused::Repeated));
        assert_eq!(add(&mut tags, pairs(&["AWS:a"]), 9), Err(Refused::Reserved));
        assert_eq!((tags.len(), tags["a"].as_str()), (2, "w"));
    }
}
