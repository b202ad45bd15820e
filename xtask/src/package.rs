//! Packs every crate as `cargo publish` would, in the order of publishing.

use serde::Deserialize;

use crate::Result;
use crate::ci::{captured, cargo};

/// The crates, each after its dependencies, including development dependencies.
const ORDER: [&str; 6] =
    ["chime-model", "chime-wire", "chime-transport", "chime-local", "chime-client", "chime-cli"];

/// Files that every package needs in addition to its sources.
const FILES: [&str; 4] = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    /// Empty if the package is never published.
    publish: Option<Vec<String>>,
    dependencies: Vec<Dependency>,
    documentation: Option<String>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
}

/// Packs all crates without building them, and fails with a list of all problems. Needs no network once the
/// dependencies are fetched.
pub(crate) fn run() -> Result<()> {
    let metadata = captured(&["metadata", "--locked", "--no-deps", "--format-version", "1"])?;
    let Metadata { packages } = serde_json::from_str(&metadata)?;
    let mut problems = problems(&packages);
    for name in ORDER {
        let files = captured(&["package", "--list", "--allow-dirty", "--package", name])?;
        problems.extend(missing_files(name, &files));
    }
    if !problems.is_empty() {
        return Err(problems.join("\n").into());
    }
    // In one command, because each crate needs the ones before it in the registry.
    let names = ORDER.iter().flat_map(|name| ["--package", name]);
    let how = ["package", "--no-verify", "--allow-dirty", "--offline", "--locked", "--quiet"];
    cargo(&how.into_iter().chain(names).collect::<Vec<_>>())
}

/// Returns the problems of the order and the manifests.
fn problems(packages: &[Package]) -> Vec<String> {
    let position = |name: &str| ORDER.iter().position(|other| *other == name);
    let mut problems = Vec::new();
    for package in packages.iter().filter(|package| package.publish != Some(Vec::new())) {
        let name = &package.name;
        let Some(own) = position(name) else {
            problems.push(format!("{name}: missing in the order of publishing"));
            continue;
        };
        if package.documentation.as_deref() != Some(&*format!("https://docs.rs/{name}")) {
            problems.push(format!("{name}: `documentation` does not link to docs.rs"));
        }
        let later = package.dependencies.iter().filter(|of| position(&of.name) >= Some(own));
        let later = later.map(|of| &of.name).filter(|of| position(of).is_some());
        problems.extend(later.map(|of| format!("{name}: is published before {of}")));
    }
    problems
}

/// Returns a problem for each required file that is missing in the list of a package's files.
fn missing_files(name: &str, list: &str) -> Vec<String> {
    let missing = FILES.iter().filter(|file| !list.lines().any(|line| line == **file));
    missing.map(|file| format!("{name}: the package lacks {file}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[&str]) -> Package {
        let dependency = |name: &&str| Dependency { name: name.to_string() };
        Package {
            name: name.to_owned(),
            publish: None,
            dependencies: dependencies.iter().map(dependency).collect(),
            documentation: Some(format!("https://docs.rs/{name}")),
        }
    }

    #[test]
    fn a_crate_follows_its_dependencies() {
        let wire = package("chime-wire", &["serde", "chime-model"]);
        assert_eq!(problems(&[wire]), [""; 0]);
        let wire = package("chime-wire", &["chime-client"]);
        assert_eq!(problems(&[wire]), ["chime-wire: is published before chime-client"]);
    }

    #[test]
    fn a_new_crate_needs_a_position_and_a_link() {
        let tests = Package { publish: Some(Vec::new()), ..package("tests", &[]) };
        let other = package("chime-more", &[]);
        let unlinked = Package { documentation: None, ..package("chime-model", &[]) };
        assert_eq!(
            problems(&[tests, other, unlinked]),
            [
                "chime-more: missing in the order of publishing",
                "chime-model: `documentation` does not link to docs.rs",
            ]
        );
    }

    #[test]
    fn a_package_needs_its_licences() {
        assert_eq!(missing_files("a", &FILES.join("\n")), [""; 0]);
        let list = "Cargo.toml\nREADME.md\nLICENSE-MIT";
        assert_eq!(missing_files("a", list), ["a: the package lacks LICENSE-APACHE"]);
    }
}
