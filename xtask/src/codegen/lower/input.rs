//! The hand-written files of a service, `decisions.toml` and `texts.toml`, and the check for missing entries.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::types::SHARED;
use crate::Result;
use crate::api::Api;
use crate::codegen::names::screaming;

/// The input for one service.
pub(crate) struct Source {
    /// The folder below `xtask/api`.
    pub(crate) folder: String,
    pub(crate) api: Api,
    pub(crate) decisions: Decisions,
    pub(crate) texts: Texts,
}

impl Source {
    /// Reads all services, sorted by folder.
    pub(crate) fn all(root: &Path) -> Result<Vec<Self>> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(root.join("xtask/api"))? {
            folders.push(entry?.file_name().into_string().map_err(|_| "a name is not UTF-8")?);
        }
        folders.sort();
        folders.into_iter().map(|folder| Self::read(root, folder)).collect()
    }

    fn read(root: &Path, folder: String) -> Result<Self> {
        let path = root.join("xtask/api").join(&folder);
        Ok(Self {
            api: Api::read(&path.join("facts.json"))?,
            decisions: toml(&path.join("decisions.toml"))?,
            texts: toml(&path.join("texts.toml"))?,
            folder,
        })
    }
}

fn toml<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?)
}

/// `decisions.toml`: facts that the API description does not contain, under the names of the API.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decisions {
    pub(crate) module: String,
    pub(crate) global_region: Option<String>,
    #[serde(default)]
    pub(crate) regions: Vec<String>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) retry: Retry,
    /// Operations whose idempotency token the client never fills in.
    #[serde(default)]
    pub(crate) given_tokens: Vec<String>,
    /// Members that are idempotency tokens, although the facts do not mark them.
    #[serde(default)]
    pub(crate) tokens: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) batches: BTreeMap<String, (String, String)>,
    /// The items of a page, for operations whose response has several lists.
    #[serde(default)]
    pub(crate) paging: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) ids: BTreeMap<String, Id>,
    #[serde(default)]
    pub(crate) id_conversions: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) sensitive: Sensitive,
    #[serde(default)]
    pub(crate) codes: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub(crate) examples: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) doc: String,
    pub(crate) operations: Vec<String>,
}

/// Every write without an idempotency token must be in one of the lists.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    #[serde(default)]
    pub(crate) safe: Vec<String>,
    #[serde(default, rename = "unsafe")]
    pub(crate) not_safe: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Id {
    pub(crate) doc: String,
    /// Members with other names that hold this id.
    #[serde(default)]
    pub(crate) members: Vec<String>,
    /// Whether it is the id of a phone number.
    #[serde(default)]
    pub(crate) phone_number: bool,
    /// Whether its text is sensitive, although the facts do not mark it.
    #[serde(default)]
    pub(crate) sensitive: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sensitive {
    pub(crate) members: Vec<String>,
}

impl Decisions {
    /// The group of an operation. An operation without a group is reported, and counts as shared.
    pub(super) fn group_of(&self, operation: &str) -> &str {
        let mut groups = self.groups.iter();
        let group = groups.find(|(_, group)| group.operations.iter().any(|it| it == operation));
        group.map_or(SHARED, |(name, _)| name)
    }

    /// The id type of a member with this name.
    pub(super) fn id_of(&self, member: &str) -> Option<&str> {
        self.ids
            .iter()
            .find(|(name, id)| *name == member || id.members.iter().any(|other| other == member))
            .map(|(name, _)| name.as_str())
    }
}

/// The member of an operation's request that holds the idempotency token.
pub(super) fn token<'a>(api: &'a Api, decisions: &Decisions, operation: &str) -> Option<&'a str> {
    if decisions.given_tokens.iter().any(|given| given == operation) {
        return None;
    }
    let input = api.operations.get(operation)?.input.as_ref()?;
    let decided = decisions.tokens.get(operation);
    let mut members = api.shapes.get(&input.shape)?.members();
    let token = members.find(|(name, it)| it.idempotency_token || decided == Some(name))?;
    Some(&token.0)
}

/// Problems in the files of all services, each with the file to edit.
#[derive(Default)]
pub(crate) struct Problems(BTreeSet<String>);

impl Problems {
    /// Adds a problem of a file in the folder of a service.
    pub(crate) fn add(&mut self, source: &Source, file: &str, problem: impl AsRef<str>) {
        let Source { folder, .. } = source;
        self.0.insert(format!("xtask/api/{folder}/{file}: {}", problem.as_ref()));
    }

    /// Fails with all problems, if there are any.
    pub(crate) fn finish(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(self.0.into_iter().collect::<Vec<_>>().join("\n").into())
    }
}

/// Finds decisions that are missing, repeated, or about unknown names.
pub(super) fn check(source: &Source, problems: &mut Problems) {
    let Source { api, decisions, .. } = source;
    let mut add = |problem: String| problems.add(source, "decisions.toml", problem);
    let Decisions { groups, retry, batches, given_tokens, tokens, paging, .. } = decisions;

    let grouped: Vec<&String> = groups.values().flat_map(|group| &group.operations).collect();
    let named = [
        ("groups", grouped.clone()),
        ("retry.safe", retry.safe.iter().collect()),
        ("retry.unsafe", retry.not_safe.iter().collect()),
        ("given_tokens", given_tokens.iter().collect()),
        ("tokens", tokens.keys().collect()),
        ("batches", batches.keys().collect()),
        ("paging", paging.keys().collect()),
    ];
    for (table, names) in &named {
        for name in names.iter().filter(|name| api.operations.get(name).is_none()) {
            add(format!("{table}: {name} is not an operation"));
        }
    }
    for (name, operation) in &api.operations.0 {
        let count = |names: &[&String]| names.iter().filter(|other| **other == name).count();
        match count(&grouped) {
            1 => {}
            0 => add(format!("groups: {name} is in no group")),
            _ => add(format!("groups: {name} is in several groups")),
        }
        let decided = count(&named[1].1) + count(&named[2].1);
        let is_read = operation.http.method == "GET";
        let has_token = token(api, decisions, name).is_some();
        if decided > 1 {
            add(format!("retry: {name} is named twice"));
        } else if decided == 0 && !is_read && !has_token {
            add(format!(
                "retry: {name} writes without an idempotency token, but is in neither list"
            ));
        } else if retry.safe.contains(name) && (is_read || has_token) {
            add(format!("retry: {name} is always safe and must not be listed"));
        } else if operation.idempotent && !retry.safe.contains(name) {
            add(format!(
                "retry: {name} is idempotent in the API description, but is not listed as safe"
            ));
        }
    }

    let shapes = || api.shapes.0.iter();
    let members: BTreeSet<&str> =
        shapes().flat_map(|(_, shape)| shape.members()).map(|(name, _)| name.as_str()).collect();
    for (name, id) in &decisions.ids {
        if id.members.is_empty() && !members.contains(name.as_str()) {
            add(format!("ids: no member is named {name}"));
        }
        for member in id.members.iter().filter(|member| !members.contains(member.as_str())) {
            add(format!("ids.{name}: no member is named {member}"));
        }
    }
    for name in decisions.id_conversions.iter().flat_map(|(from, to)| [from, to]) {
        if !decisions.ids.contains_key(name) {
            add(format!("id_conversions: {name} is not an id"));
        }
    }
    for name in &decisions.sensitive.members {
        let found = name.split_once('.').is_some_and(|(structure, member)| {
            let input = structure.strip_suffix("Request").and_then(|it| api.operations.get(it));
            let input = input.and_then(|operation| operation.input.as_ref());
            let shape = input.map_or(structure, |input| &input.shape);
            let mut members = api.shapes.get(shape).into_iter().flat_map(|it| it.members());
            members.any(|(name, _)| name == member)
        });
        if !found {
            add(format!("sensitive.members: {name} does not exist"));
        }
    }
    for name in decisions.codes.keys() {
        if !shapes().any(|(other, shape)| other == name && shape.exception) {
            add(format!("codes: {name} is not an exception"));
        }
    }
}

/// `texts.toml`: the documentation of all items, in our words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Texts {
    operations: BTreeMap<String, String>,
    shapes: BTreeMap<String, String>,
    members: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
}

/// Looks up texts, and records which are missing and which are unused.
pub(super) struct TextSource<'a> {
    texts: &'a Texts,
    missing: BTreeSet<String>,
    used: BTreeSet<(&'static str, String)>,
    consts: BTreeMap<String, String>,
}

impl<'a> TextSource<'a> {
    pub(super) fn new(texts: &'a Texts) -> Self {
        let (missing, used, consts) = Default::default();
        Self { texts, missing, used, consts }
    }

    /// Returns the text of an operation, and the name of its constant.
    pub(super) fn operation(&mut self, name: &str) -> Result<(String, String)> {
        let text = self.take("operations", name);
        self.constant(name, text)
    }

    /// Returns the text of a member, and the name of its constant. Without a text of its own, a member has the
    /// text of all members with its name.
    pub(super) fn member(&mut self, structure: &str, member: &str) -> Result<(String, String)> {
        let own = format!("{structure}.{member}");
        let key = if self.texts.members.contains_key(&own) { own } else { member.to_owned() };
        let text = self.take("members", &key);
        self.constant(&key.replace('.', "_"), text)
    }

    pub(super) fn shape(&mut self, name: &str) -> Result<String> {
        Ok(self.take("shapes", name))
    }

    pub(super) fn value(&mut self, shape: &str, value: &str) -> Result<String> {
        Ok(self.take("values", &format!("{shape}.{value}")))
    }

    fn take(&mut self, table: &'static str, key: &str) -> String {
        self.used.insert((table, key.to_owned()));
        let text = self.table(table).get(key).map(|text| text.trim().to_owned());
        text.unwrap_or_else(|| {
            self.missing.insert(format!("{table}.{key}"));
            String::new()
        })
    }

    fn table(&self, table: &'static str) -> &'a BTreeMap<String, String> {
        match table {
            "operations" => &self.texts.operations,
            "shapes" => &self.texts.shapes,
            "members" => &self.texts.members,
            _ => &self.texts.values,
        }
    }

    fn constant(&mut self, key: &str, text: String) -> Result<(String, String)> {
        let name = key.split('_').map(screaming).collect::<Vec<_>>().join("_");
        let present = self.consts.entry(name.clone()).or_insert_with(|| text.clone());
        if *present != text {
            return Err(
                format!("two texts in texts.toml need a constant with the name {name}").into()
            );
        }
        Ok((name, text))
    }

    /// Reports missing and unused texts, and returns the constants.
    pub(super) fn finish(
        self,
        source: &Source,
        problems: &mut Problems,
    ) -> BTreeMap<String, String> {
        for missing in &self.missing {
            problems.add(source, "texts.toml", format!("lacks {missing}"));
        }
        for table in ["operations", "shapes", "members", "values"] {
            for key in self.table(table).keys() {
                if !self.used.contains(&(table, key.clone())) {
                    problems.add(source, "texts.toml", format!("{table}.{key} is unused"));
                }
            }
        }
        self.consts
    }
}
