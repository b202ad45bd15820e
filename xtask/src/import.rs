//! Imports newer API descriptions: removes their prose, prints what changed, and writes them.

mod facts;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize as _;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::Result;
use crate::api::Api;

/// A description in this repository.
struct Present {
    path: PathBuf,
    api: Api,
}

impl Present {
    /// Reads all descriptions.
    fn all() -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for folder in fs::read_dir(crate::root().join("xtask/api"))? {
            let path = folder?.path().join("facts.json");
            all.push(Self { api: Api::read(&path)?, path });
        }
        all.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(all)
    }
}

/// Imports the descriptions in `file`, which is the description of one service or a wheel with all of them.
pub(crate) fn run(file: &Path) -> Result<()> {
    let named = |error: String| format!("{}: {error}", file.display());
    let bytes = fs::read(file).map_err(|error| named(error.to_string()))?;
    let all = Present::all()?;
    if source::is_wheel(&bytes) {
        for present in &all {
            let text = source::in_wheel(&bytes, &present.api.metadata.uid)
                .map_err(|error| named(error.to_string()))?;
            take(present, serde_json::from_slice(&text)?)?;
        }
    } else {
        let text = source::plain(bytes).map_err(|error| named(error.to_string()))?;
        let newer: Api = serde_json::from_slice(&text).map_err(|error| named(error.to_string()))?;
        take(find(&all, &newer)?, newer)?;
    }
    println!("next: `cargo xtask codegen`");
    Ok(())
}

/// Finds the description of the same service.
fn find<'a>(all: &'a [Present], newer: &Api) -> Result<&'a Present> {
    let id = &newer.metadata.service_id;
    let found = all.iter().find(|present| present.api.metadata.service_id == *id);
    Ok(found.ok_or_else(|| {
        format!("describes {id}, which has no folder with facts.json in xtask/api")
    })?)
}

fn take(present: &Present, newer: Api) -> Result<()> {
    let Present { path, api } = present;
    println!("{}:", api.metadata.service_id);
    let difference = facts::difference(&facts::of(api)?, &facts::of(&newer)?);
    difference.iter().for_each(|line| println!("{line}"));
    let text = print(&newer)?;
    if fs::read_to_string(path).is_ok_and(|written| written == text) {
        println!("nothing changed");
        return Ok(());
    }
    if difference.is_empty() {
        println!("no fact changed, only the order of members or the layout");
    }
    fs::write(path, text)?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Prints a description in its canonical form, in which a changed fact is a changed line.
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

    #[test]
    fn the_descriptions_are_in_the_canonical_form() {
        let all = Present::all().unwrap();
        assert_eq!(all.len(), 6);
        for Present { path, api } in all {
            let text = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
            assert!(text == print(&api).unwrap(), "{}", path.display());
            let facts = facts::of(&api).unwrap();
            assert!(facts.len() > 500);
            assert_eq!(facts::difference(&facts, &facts), [""; 0]);
        }
    }

    fn chime() -> String {
        fs::read_to_string(crate::root().join("xtask/api/chime/facts.json")).unwrap()
    }

    #[test]
    fn an_unknown_service_is_refused() {
        let other = chime().replace("\"serviceId\": \"Chime\"", "\"serviceId\": \"Other\"");
        let other: Api = serde_json::from_str(&other).unwrap();
        let error = find(&Present::all().unwrap(), &other).err().unwrap().to_string();
        assert!(error.starts_with("describes Other, which has no folder"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_refused_and_prose_is_dropped() {
        let text = chime();
        let with = |line: &str| text.replacen("{\n", &format!("{{\n {line},\n"), 1);
        let error = serde_json::from_str::<Api>(&with("\"novelty\": 1")).unwrap_err();
        assert!(error.to_string().contains("unknown field `novelty`"), "{error}");
        let prose = with("\"documentation\": \"<p>Prose</p>\"");
        let newer: Api = serde_json::from_str(&prose).unwrap();
        assert!(print(&newer).unwrap() == text.replace("\r\n", "\n"));
    }
}
