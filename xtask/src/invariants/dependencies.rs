//! Checks the dependencies between crates.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::File;
use crate::Result;
use crate::ci::captured;

/// Crates that a crate must not depend on, directly or indirectly.
pub(super) struct Rule {
    pub(super) of: &'static str,
    /// Names of crates. A star at the end matches any suffix.
    without: &'static [&'static str],
    /// The maximum number of dependencies with the default features, not counting those of serde's derive.
    most: Option<usize>,
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        of: "chime-model",
        without: &["http*", "hyper*", "tokio*", "tower*", "aws-*"],
        most: Some(12),
    },
    Rule {
        of: "chime-wire",
        without: &["tokio*", "hyper*", "tower*", "aws-*", "mio", "socket2", "rustls*"],
        most: None,
    },
    Rule { of: "chime-transport", without: &["chime-*"], most: None },
    Rule { of: "chime-local", without: &["chime-client", "chime-transport", "aws-*"], most: None },
    Rule { of: "xtask", without: &["chime-*"], most: None },
];

/// The dependencies of every crate that derives serde's traits.
const SERDE: [&str; 7] =
    ["proc-macro2", "quote", "serde", "serde_core", "serde_derive", "syn", "unicode-ident"];

/// Crates that only some manifests may name, with the crates that may name them.
const NAMED_BY: &[(&str, &[&str])] = &[
    ("hyper-rustls", &["chime-transport", "tests"]),
    ("aws-sigv4", &["chime-transport", "tests"]),
    ("aws-credential-types", &["chime-transport", "tests"]),
    ("aws-config", &["chime-cli"]),
];

impl Rule {
    /// Compares the dependency trees of the crate with the rule.
    pub(super) fn check(&self) -> Result<Vec<String>> {
        let mut offences = self.forbidden(&tree(self.of, &["--all-features"])?);
        if self.most.is_some() {
            offences.extend(self.too_many(&tree(self.of, &[])?));
        }
        Ok(offences)
    }

    fn forbidden(&self, tree: &BTreeSet<String>) -> Vec<String> {
        let others = tree.iter().filter(|name| *name != self.of);
        others
            .filter(|name| self.without.iter().any(|pattern| fits(pattern, name)))
            .map(|name| format!("{}: depends on {name}", self.of))
            .collect()
    }

    fn too_many(&self, tree: &BTreeSet<String>) -> Option<String> {
        let others = tree.iter().filter(|name| *name != self.of);
        let count = others.filter(|name| !SERDE.contains(&name.as_str())).count();
        let most = self.most.filter(|most| count > *most)?;
        Some(format!("{}: {count} crates in its tree, the maximum is {most}", self.of))
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// The dependency tree of a crate with these features.
///
/// `cargo metadata` cannot be used: it unifies the features of all members, so a crate would get dependencies
/// from features that another member turned on.
pub(super) fn tree(name: &str, features: &[&str]) -> Result<BTreeSet<String>> {
    let format = ["--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let tree = ["tree", "--locked", "--package", name];
    Ok(first_words(&captured(&[&tree[..], features, &format].concat())?))
}

fn first_words(lines: &str) -> BTreeSet<String> {
    lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// Finds manifests that name a crate of [`NAMED_BY`] without permission.
pub(super) fn misnamed(files: &[File]) -> Result<Vec<String>> {
    let mut offences = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        let manifest: Table =
            file.text.parse().map_err(|error| format!("{}: {error}", file.path))?;
        let package = manifest.get("package").and_then(|package| package.get("name"));
        let package = package.and_then(Value::as_str).unwrap_or_default();
        for (name, allowed) in NAMED_BY {
            if !allowed.contains(&package) && named(&manifest).contains(*name) {
                let allowed = allowed.join(" and ");
                offences.push(format!("{}: names {name}, which only {allowed} may", file.path));
            }
        }
    }
    Ok(offences)
}

/// The crates in all dependency tables, including those for tests and for single platforms.
fn named(manifest: &Table) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (key, value) in manifest {
        let Value::Table(table) = value else { continue };
        if key.ends_with("dependencies") {
            for (name, said) in table {
                let renamed = said.get("package").and_then(Value::as_str);
                names.insert(renamed.unwrap_or(name).to_owned());
            }
        } else {
            names.extend(named(table));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(of: &str) -> &'static Rule {
        RULES.iter().find(|rule| rule.of == of).unwrap()
    }

    #[test]
    fn a_forbidden_crate_is_found_and_the_root_is_skipped() {
        let tree = first_words(
            "chime-transport v0.1.0 (/here)\nhttp v1.4.0\nchime-wire v0.1.0 (/there) (*)\n",
        );
        assert_eq!(
            rule("chime-transport").forbidden(&tree),
            ["chime-transport: depends on chime-wire"]
        );
        assert_eq!(
            rule("chime-model").forbidden(&first_words("http-body v1\nserde v1")),
            ["chime-model: depends on http-body"]
        );
        assert_eq!(rule("chime-local").forbidden(&first_words("tokio v1\nchime-wire v0")), [""; 0]);
    }

    #[test]
    fn the_size_of_a_tree_is_limited_without_the_crates_of_serde() {
        let names = |count: usize| {
            let mut tree: BTreeSet<String> = (0..count).map(|n| format!("crate{n}")).collect();
            tree.extend(SERDE.map(str::to_owned));
            tree.insert("chime-model".to_owned());
            tree
        };
        assert_eq!(rule("chime-model").too_many(&names(12)), None);
        let offence = rule("chime-model").too_many(&names(13));
        assert_eq!(offence.unwrap(), "chime-model: 13 crates in its tree, the maximum is 12");
    }

    #[test]
    fn manifests_that_name_a_restricted_crate_are_found() {
        let manifest = |package: &str, rest: &str| File {
            path: format!("crates/{package}/Cargo.toml"),
            text: format!("[package]\nname = \"{package}\"\n{rest}"),
        };
        let files = [
            manifest("chime-transport", "[dependencies]\nhyper-rustls.workspace = true"),
            manifest("chime-cli", "[dev-dependencies]\ntls = { package = \"hyper-rustls\" }"),
            manifest("chime-local", "[target.'cfg(unix)'.dependencies]\naws-sigv4 = \"1\""),
            manifest("chime-wire", "[dependencies]\nhttp = \"1\""),
        ];
        assert_eq!(
            misnamed(&files).unwrap(),
            [
                "crates/chime-cli/Cargo.toml: names hyper-rustls, which only chime-transport and tests may",
                "crates/chime-local/Cargo.toml: names aws-sigv4, which only chime-transport and tests may",
            ]
        );
    }
}
