//! Checks that the engine of chime-local, which serves any service, names no service.

use super::File;

/// The folder of the engine.
const ENGINE: &str = "crates/chime-local/src/engine";

/// The modules of chime-model that belong to one service.
const SERVICES: [&str; 6] =
    ["chime", "identity", "media_pipelines", "meetings", "messaging", "voice"];

/// Returns the forbidden names in a file of the engine, with their lines. Tests may name anything.
pub(super) fn of_one(file: &File) -> Vec<String> {
    let is_test = file.path.split(['/', '.']).any(|part| part.ends_with("tests"));
    if !file.path.starts_with(ENGINE) || !file.path.ends_with(".rs") || is_test {
        return Vec::new();
    }
    let code = file.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = (1..).zip(code.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"));
    let offence = |(number, line): (usize, &str)| {
        let what = outside(line)?;
        Some(format!("{}:{number}: names {what}; the engine must not name services", file.path))
    };
    lines.filter_map(offence).collect()
}

/// The first path in a line to an item outside of the engine.
fn outside(line: &str) -> Option<String> {
    let after = |prefix: &'static str| {
        let rest = line.split(prefix).skip(1);
        rest.map(move |rest| {
            (prefix, rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        })
    };
    let own = after("crate::").filter(|(_, name)| *name != Some("engine"));
    let model =
        after("chime_model::").filter(|(_, name)| name.is_some_and(|n| SERVICES.contains(&n)));
    own.chain(model).map(|(prefix, name)| format!("{prefix}{}", name.unwrap_or_default())).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offences(path: &str, text: &str) -> Vec<String> {
        of_one(&File { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn the_engine_names_no_service() {
        let path = "crates/chime-local/src/engine/core.rs";
        let offence =
            |what: &str| vec![format!("{path}:2: names {what}; the engine must not name services")];
        for (line, found) in [
            ("use crate::engine::ids::Ids;", Vec::new()),
            ("use chime_model::{Api, ServiceError};", Vec::new()),
            ("/// See [`Seed`](crate::Seed).", Vec::new()),
            ("use crate::chime::Chime;", offence("crate::chime")),
            ("let seed = crate::Seed::default();", offence("crate::Seed")),
            ("use crate::{Config, Seed};", offence("crate::")),
            ("use chime_model::meetings::API;", offence("chime_model::meetings")),
        ] {
            assert_eq!(offences(path, &format!("//! First.\n{line}\n")), found, "{line}");
        }
        let tested = "//! First.\n#[cfg(test)]\nmod tests {\n    use crate::sample;\n}\n";
        assert_eq!(offences(path, tested), [""; 0]);
        for path in
            ["crates/chime-local/src/family.rs", "crates/chime-local/src/engine/core/tests.rs"]
        {
            assert_eq!(offences(path, "use crate::chime::Chime;"), [""; 0]);
        }
    }
}
