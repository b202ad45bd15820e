//! Checks the rules of this repository about dependencies and files.

mod dependencies;
mod files;
mod layers;
mod toolchain;
mod words;

use std::fs;
use std::path::Path;

use crate::Result;

/// A text file of the repository: its path below the root, with slashes, and its text.
struct File {
    path: String,
    text: String,
}

/// Folders that are not part of the repository, by their path below the root.
const FOREIGN: [&str; 6] =
    [".git", "target", "fuzz/artifacts", "fuzz/corpus", "fuzz/coverage", "fuzz/target"];

/// Hidden folders of the repository. Others belong to editors and similar tools.
const HIDDEN: [&str; 3] = [".cargo", ".ci", ".github"];

/// Checks all rules, and fails with all offences.
pub(crate) fn run() -> Result<()> {
    let offences = offences()?;
    if !offences.is_empty() {
        return Err(offences.join("\n").into());
    }
    println!("all invariants hold");
    Ok(())
}

fn offences() -> Result<Vec<String>> {
    let root = crate::root();
    let mut files = Vec::new();
    collect(&root, &root, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));

    let mut offences = dependencies::misnamed(&files)?;
    for rule in dependencies::RULES {
        offences.extend(rule.check()?);
    }
    offences.extend(toolchain::offence()?);
    for file in &files {
        offences.extend(files::of_one(file));
        offences.extend(layers::of_one(file));
        offences.extend(words::of_one(file));
    }
    offences.extend(files::of_all(&files));
    Ok(offences)
}

/// Reads all files below `folder`. Skips files that are not UTF-8.
fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // In a linked work tree, `.git` is a file.
        if FOREIGN.iter().any(|foreign| path == root.join(foreign)) {
            continue;
        }
        if path.is_dir() {
            if !name.starts_with('.') || HIDDEN.contains(&&*name) {
                collect(root, &path, files)?;
            }
        } else if let Ok(text) = fs::read_to_string(&path) {
            let path = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            files.push(File { path, text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn all_invariants_hold() {
        let offences = super::offences().unwrap();
        assert!(offences.is_empty(), "\n{}", offences.join("\n"));
    }

    #[test]
    fn only_files_of_the_repository_are_found() {
        let root = crate::root();
        let mut files = Vec::new();
        super::collect(&root, &root, &mut files).unwrap();
        let found = |path: &str| files.iter().any(|file| file.path == path);
        assert!(found("Cargo.toml") && found(".ci/run") && found("xtask/src/invariants.rs"));
        assert!(!files.iter().any(|file| file.path.starts_with("target/")));
        assert!(!files.iter().any(|file| file.path.starts_with(".git/")));
    }
}
