//! The names of the profiles in the shared config and credentials files.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs};

/// Reads the names of all profiles. A file that cannot be read has none.
pub(super) fn names() -> Vec<String> {
    let text = |variable, file| {
        let path = env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
        let path = path.or_else(|| Some(env::home_dir()?.join(".aws").join(file)));
        let bytes = path.and_then(|path| fs::read(path).ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    named(&text("AWS_CONFIG_FILE", "config"), &text("AWS_SHARED_CREDENTIALS_FILE", "credentials"))
}

/// The headings of both files that name a profile: `[profile a]` in the first, `[a]` in the second,
/// and `[default]` in both.
fn named(config: &str, credentials: &str) -> Vec<String> {
    let in_config =
        headings(config).filter_map(|heading| match heading.split_once(char::is_whitespace) {
            Some(("profile", name)) => Some(unquoted(name)),
            _ => (heading == "default").then_some(heading),
        });
    let all: BTreeSet<&str> = in_config.chain(headings(credentials).map(unquoted)).collect();
    all.into_iter().map(str::to_owned).collect()
}

fn headings(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| Some(line.strip_prefix('[')?.split_once(']')?.0.trim()))
}

fn unquoted(name: &str) -> &str {
    let name = name.trim();
    let inside = |quote| name.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_profiles_are_found_in_both_files() {
        let config = "[default]\nregion = [x]\n[profile prod] # a\n[profile 'my team']\n\
            [sso-session s]\n[services local]\n [profile nested]\n[profile torn\n[bare]";
        let credentials = "[prod]\r\naws_access_key_id = a\r\n[ci]\r\n";
        assert_eq!(named(config, credentials), ["ci", "default", "my team", "prod"]);
        assert!(named("", "").is_empty());
    }
}
