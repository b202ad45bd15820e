//! Who may depend on whom.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::File;
use crate::Result;
use crate::ci::captured;

/// What may not be in the tree of a crate: all that it needs to be built, at any depth.
pub(super) struct Rule {
    pub(super) of: &'static str,
    /// Names of crates; a star at the end stands for any rest.
    without: &'static [&'static str],
    /// How many crates it may hold at most with the default features, those that serde's derive needs
    /// aside.
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

/// What everyone has who derives serde's traits.
const SERDE: [&str; 7] =
    ["proc-macro2", "quote", "serde", "serde_core", "serde_derive", "syn", "unicode-ident"];

/// Crates that few may name in a manifest, with those who may.
const NAMED_BY: &[(&str, &[&str])] = &[
    ("hyper-rustls", &["chime-transport", "tests"]),
    ("aws-sigv4", &["chime-transport", "tests"]),
    ("aws-credential-types", &["chime-transport", "tests"]),
    ("aws-config", &["chime-cli"]),
];

impl Rule {
    /// Reads the trees of the crate and compares them with the rule.
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
        Some(format!("{}: {count} crates in its tree, {most} at most", self.of))
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// The crates that someone gets who depends on `name` alone, with these features.
///
/// Not by `cargo metadata`: that one joins the features of all members, and so lays at the door of
/// one crate what another turned on.
pub(super) fn tree(name: &str, features: &[&str]) -> Result<BTreeSet<String>> {
    let format = ["--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let tree = ["tree", "--locked", "--package", name];
    Ok(first_words(&captured(&[&tree[..], features, &format].concat())?))
}

fn first_words(lines: &str) -> BTreeSet<String> {
    lines.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// Who names a crate in a manifest without being meant to.
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
                offences.push(format!("{}: names {name}, as only {allowed} may", file.path));
            }
        }
    }
    Ok(offences)
}

/// The crates in all tables of dependencies, those for tests and for one platform included.
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
    fn a_forbidden_crate_is_found_and_the_root_is_not_one() {
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
    fn a_tree_may_hold_so_many_and_what_serde_needs() {
        let names = |count: usize| {
            let mut tree: BTreeSet<String> = (0..count).map(|n| format!("crate{n}")).collect();
            tree.extend(SERDE.map(str::to_owned));
            tree.insert("chime-model".to_owned());
            tree
        };
        assert_eq!(rule("chime-model").too_many(&names(12)), None);
        let offence = rule("chime-model").too_many(&names(13));
        assert_eq!(offence.unwrap(), "chime-model: 13 crates in its tree, 12 at most");
    }

    #[test]
    fn whoever_names_a_crate_of_the_transport_is_found() {
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
                "crates/chime-cli/Cargo.toml: names hyper-rustls, as only chime-transport and tests may",
                "crates/chime-local/Cargo.toml: names aws-sigv4, as only chime-transport and tests may",
            ]
        );
    }
}
