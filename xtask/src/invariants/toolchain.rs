//! Checks that chime-model declares the oldest toolchain that its dependencies allow.
//!
//! Clippy's `incompatible_msrv` reads the same line and checks the code.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::dependencies;
use crate::Result;
use crate::ci::captured;

const MODEL: &str = "chime-model";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    rust_version: Option<String>,
}

/// Returns an offence if chime-model declares another toolchain than the newest one that its tree needs.
pub(super) fn offence() -> Result<Option<String>> {
    let metadata = captured(&["metadata", "--locked", "--format-version", "1"])?;
    let metadata: Metadata = serde_json::from_str(&metadata)?;
    let mut floors = BTreeMap::new();
    for package in metadata.packages {
        floors.insert(package.name, version(package.rust_version.as_deref()));
    }
    let declared = floors.get(MODEL).copied().unwrap_or_default();
    let tree = dependencies::tree(MODEL, &["--all-features"])?;
    let others = tree.iter().filter(|name| *name != MODEL);
    let needed = others.filter_map(|name| floors.get(name)).max().copied().unwrap_or_default();
    Ok(difference(declared, needed))
}

fn difference(declared: [u32; 2], needed: [u32; 2]) -> Option<String> {
    let [major, minor] = needed;
    (declared != needed)
        .then(|| format!("{MODEL}: its dependencies need rust-version {major}.{minor}"))
}

/// Parses the major and minor version. Without a text, it is the oldest version.
fn version(text: Option<&str>) -> [u32; 2] {
    let mut parts = text.unwrap_or_default().split('.').map(|part| part.parse().unwrap_or(0));
    [parts.next().unwrap_or(0), parts.next().unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(version(Some("1.88.0")) > version(Some("1.9")));
        assert_eq!(version(Some("1.88")), version(Some("1.88.1")));
        assert_eq!(version(None), [0, 0]);
    }

    #[test]
    fn any_other_version_than_the_needed_one_is_an_offence() {
        assert_eq!(difference([1, 88], [1, 88]), None);
        let told = "chime-model: its dependencies need rust-version 1.88";
        for declared in [[1, 85], [1, 94], [0, 0]] {
            assert_eq!(difference(declared, [1, 88]).as_deref(), Some(told));
        }
    }

    #[test]
    fn the_model_declares_what_its_dependencies_need() {
        assert_eq!(offence().unwrap(), None);
    }
}
