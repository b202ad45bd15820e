//! Checks for text that no file may contain: tests that do not run, paths of one machine, and package
//! registries.

use super::File;

/// Files whose examples need not run, each with its reason. None so far.
const UNRUN_EXAMPLES: &[&str] = &[];

/// Folders below the root of a disk that belong to one machine or one person.
const FOLDERS_OF_A_MACHINE: [&str; 4] = ["Users", "home", "root", "work"];

/// Words in the names of package registries. Each machine chooses its own registry.
const WORDS_OF_A_REGISTRY: [&str; 8] =
    ["crates", "debian", "mirror", "mirrors", "npmjs", "pypi", "pythonhosted", "registry"];

/// Returns the offences of a file, with their lines.
pub(super) fn of_one(file: &File) -> Vec<String> {
    let mut offences = Vec::new();
    for (number, line) in (1..).zip(file.text.lines()) {
        let said = [
            unrun_test(&file.path, line),
            unrun_example(&file.path, line),
            place_on_a_machine(line),
            registry(line),
        ];
        let said = said.into_iter().flatten();
        offences.extend(said.map(|what| format!("{}:{number}: {what}", file.path)));
    }
    offences
}

fn unrun_test(path: &str, line: &str) -> Option<String> {
    let attribute = line.trim_start().strip_prefix("#[")?;
    let of_tests = ["ignore", "should_panic"];
    let said = attribute.split(|c: char| !c.is_alphanumeric() && c != '_');
    // In `cfg_attr`, the attribute follows a condition.
    let said = said.take(if attribute.starts_with("cfg_attr") { usize::MAX } else { 1 });
    let word = said.into_iter().find(|word| path.ends_with(".rs") && of_tests.contains(word))?;
    Some(format!("`{word}`: tests must run, and must assert what they expect"))
}

fn unrun_example(path: &str, line: &str) -> Option<String> {
    let line = line.trim_start();
    let line = match path.rsplit_once('.')?.1 {
        "rs" => line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?,
        "md" => line,
        _ => return None,
    };
    let kind = line.trim_start().strip_prefix("```")?;
    let mut words = kind.split(|c: char| c == ',' || c.is_whitespace());
    let word = words.find(|word| *word == "no_run" || word.starts_with("ignore"))?;
    (!UNRUN_EXAMPLES.contains(&path)).then(|| format!("`{word}`: examples must run"))
}

fn place_on_a_machine(line: &str) -> Option<String> {
    FOLDERS_OF_A_MACHINE.iter().map(|folder| format!("/{folder}/")).find_map(|place| {
        line.match_indices(&place)
            // After a name or a brace, it is in the middle of another path.
            .any(|(at, _)| {
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.~}*".contains(c))
            })
            .then(|| format!("names {place}, a path of one machine"))
    })
}

fn registry(line: &str) -> Option<String> {
    line.split("://").skip(1).find_map(|rest| {
        let host = rest.split(|c: char| !c.is_alphanumeric() && !"-.@".contains(c)).next()?;
        let mut words = host.split(['-', '.', '@']);
        words
            .any(|word| WORDS_OF_A_REGISTRY.contains(&word.to_lowercase().as_str()))
            .then(|| format!("names {host}, a package registry"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, line: &str, offence: &str) {
        let text = format!("one\n{line}\nthree");
        let offences = of_one(&File { path: path.to_owned(), text });
        if offence.is_empty() {
            assert_eq!(offences, [""; 0], "{line}");
        } else {
            assert_eq!(offences, [format!("{path}:2: {offence}")], "{line}");
        }
    }

    #[test]
    fn tests_run() {
        let offence =
            |word: &str| format!("`{word}`: tests must run, and must assert what they expect");
        check("a.rs", "    #[test]", "");
        check("a.rs", "    #[ignore]", &offence("ignore"));
        check("a.rs", "    #[ignore = \"slow\"]", &offence("ignore"));
        check("a.rs", "    #[should_panic(expected = \"no\")]", &offence("should_panic"));
        check("a.rs", "    #[cfg_attr(windows, ignore)]", &offence("ignore"));
        check("a.rs", "    #[serde(ignore)]", "");
        check("a.rs", "// never #[ignore]", "");
        check("CONTRIBUTING.md", "#[ignore] is not used", "");
    }

    #[test]
    fn examples_run() {
        check("a.rs", "/// ```", "");
        check("a.rs", "//! ```compile_fail", "");
        check("a.rs", "    /// ```no_run", "`no_run`: examples must run");
        check("a.rs", "//! ```rust,ignore", "`ignore`: examples must run");
        check("a.rs", "/// ```ignore-windows", "`ignore-windows`: examples must run");
        check("README.md", "```rust, no_run", "`no_run`: examples must run");
        check("README.md", "```sh", "");
        check("a.toml", "```ignore", "");
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for folder in FOLDERS_OF_A_MACHINE {
            let offence = format!("names /{folder}/, a path of one machine");
            check("a.toml", &format!("path = \"/{folder}/me/chime\""), &offence);
            check("a.md", &format!("cd /{folder}/me"), &offence);
            check("a.rs", &format!("let path = \"file:///{folder}/me\";"), &offence);
            check("a.rs", &format!("let path = \"/accounts/{{id}}/{folder}/1\";"), "");
            check("a.md", &format!("see crates/{folder}/src and ./{folder}/src"), "");
        }
    }

    #[test]
    fn package_registries_are_found() {
        let offence = |host: &str| format!("names {host}, a package registry");
        for host in ["index.crates.example", "pypi-cache.example", "me@registry.example"] {
            check("a.toml", &format!("index = \"sparse+https://{host}/simple\""), &offence(host));
        }
        check(
            "Cargo.lock",
            "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
            "",
        );
        check("a.md", "published on crates.io; see https://docs.rs/chime-model", "");
    }
}
