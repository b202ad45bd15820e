//! Takes a newer API description: strips its prose, tells what changed and puts it in place.

mod facts;
mod source;

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize as _};
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::Result;
use crate::api::Api;

/// What this needs to know of `decisions.toml`: which description we go by now.
#[derive(Deserialize)]
struct Decisions {
    description: String,
}

/// Takes over the description in `file`, a newer one of the service that we have.
pub(crate) fn run(file: &Path) -> Result<()> {
    let folder = crate::root().join("xtask/api");
    let decisions: Decisions = toml::from_str(&fs::read_to_string(folder.join("decisions.toml"))?)?;
    let present = Api::read(&folder.join(&decisions.description))?;

    let named = |error: String| format!("{}: {error}", file.display());
    let bytes = fs::read(file).map_err(|error| named(error.to_string()))?;
    let text = source::description(bytes, &present.metadata.uid)
        .map_err(|error| named(error.to_string()))?;
    let newer = parse(&text, &present).map_err(|error| named(error.to_string()))?;

    let difference = facts::difference(&facts::of(&present)?, &facts::of(&newer)?);
    difference.iter().for_each(|line| println!("{line}"));

    let name = format!("{}.json", newer.metadata.uid);
    let text = print(&newer)?;
    if fs::read_to_string(folder.join(&name)).is_ok_and(|written| written == text) {
        println!("nothing changed");
        return Ok(());
    }
    fs::write(folder.join(&name), text)?;
    if difference.is_empty() {
        println!("no fact changed, only the order of members or the layout");
    }
    println!("wrote xtask/api/{name}");
    if name != decisions.description {
        println!("next: `description = \"{name}\"` in xtask/api/decisions.toml");
    }
    println!("next: `cargo xtask codegen`");
    Ok(())
}

/// Reads a description that has to be of the same service as `present`.
fn parse(text: &[u8], present: &Api) -> Result<Api> {
    let newer: Api = serde_json::from_slice(text)?;
    let (ours, theirs) = (&present.metadata.service_id, &newer.metadata.service_id);
    if ours != theirs {
        return Err(format!("describes the service {theirs}, and ours is {ours}").into());
    }
    Ok(newer)
}

/// The one form in which a description is kept, so that a change of facts is a change of lines.
fn print(api: &Api) -> Result<String> {
    let mut text = Vec::new();
    let layout = PrettyFormatter::with_indent(b" ");
    api.serialize(&mut Serializer::with_formatter(&mut text, layout))?;
    text.push(b'\n');
    Ok(String::from_utf8(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vendored() -> (String, Api) {
        let folder = crate::root().join("xtask/api");
        let decisions = fs::read_to_string(folder.join("decisions.toml")).unwrap();
        let decisions: Decisions = toml::from_str(&decisions).unwrap();
        let file = folder.join(decisions.description);
        (fs::read_to_string(&file).unwrap(), Api::read(&file).unwrap())
    }

    #[test]
    fn the_vendored_description_is_as_this_prints_it() {
        let (text, api) = vendored();
        assert!(text.replace("\r\n", "\n") == print(&api).unwrap());
    }

    #[test]
    fn the_vendored_description_does_not_differ_from_itself() {
        let facts = facts::of(&vendored().1).unwrap();
        assert!(facts.len() > 1_000);
        assert_eq!(facts::difference(&facts, &facts), [""; 0]);
    }

    #[test]
    fn another_service_is_refused() {
        let (text, present) = vendored();
        let other = text.replace("\"serviceId\": \"Chime\"", "\"serviceId\": \"Chime SDK Voice\"");
        let error = parse(other.as_bytes(), &present).unwrap_err();
        assert_eq!(error.to_string(), "describes the service Chime SDK Voice, and ours is Chime");
    }

    #[test]
    fn an_unknown_key_is_refused_and_prose_is_dropped() {
        let (text, present) = vendored();
        let with = |line: &str| text.replacen("{\n", &format!("{{\n {line},\n"), 1);
        let error = parse(with("\"novelty\": 1").as_bytes(), &present).unwrap_err();
        assert!(error.to_string().contains("unknown field `novelty`"), "{error}");
        let newer = parse(with("\"documentation\": \"<p>Prose</p>\"").as_bytes(), &present);
        assert!(print(&newer.unwrap()).unwrap() == text);
    }
}
