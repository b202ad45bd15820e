//! What people write: `decisions.toml` and `docs.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::Result;
use crate::codegen::names::screaming;

/// `decisions.toml`: see there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decisions {
    pub(crate) description: String,
    pub(crate) module: String,
    pub(crate) global_region: Option<String>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) retry: Retry,
    pub(crate) batches: BTreeMap<String, (String, String)>,
    pub(crate) ids: BTreeMap<String, Id>,
    pub(crate) id_conversions: BTreeMap<String, String>,
    pub(crate) sensitive: Sensitive,
    pub(crate) codes: BTreeMap<String, Vec<String>>,
    pub(crate) examples: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) doc: String,
    pub(crate) operations: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retry {
    pub(crate) unsafe_to_repeat: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Id {
    pub(crate) doc: String,
    #[serde(default)]
    pub(crate) members: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sensitive {
    pub(crate) members: Vec<String>,
}

impl Decisions {
    pub(super) fn group_of(&self, operation: &str) -> Result<&str> {
        let group = self
            .groups
            .iter()
            .find(|(_, group)| group.operations.iter().any(|name| name == operation));
        let (name, _) =
            group.ok_or_else(|| format!("decisions.toml puts {operation} in no group"))?;
        Ok(name)
    }

    /// The id that a member of that name holds.
    pub(super) fn id_of(&self, member: &str) -> Option<&str> {
        self.ids
            .iter()
            .find(|(name, id)| *name == member || id.members.iter().any(|other| other == member))
            .map(|(name, _)| name.as_str())
    }
}

/// `docs.toml`: what each thing means, in our words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Texts {
    operations: BTreeMap<String, String>,
    shapes: BTreeMap<String, String>,
    members: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
}

/// Hands out texts, and knows at the end which are missing and which nobody asked for.
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

    /// The text of an operation, and the constant that holds it.
    pub(super) fn operation(&mut self, name: &str) -> Result<(String, String)> {
        let text = self.take("operations", name);
        self.constant(name, text)
    }

    /// The text of a member, its own or that of its name, and the constant that holds it.
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
            return Err(format!("two texts of docs.toml want to be the constant {name}").into());
        }
        Ok((name, text))
    }

    /// The constants, if every text was there and every text was asked for.
    pub(super) fn finish(self) -> Result<BTreeMap<String, String>> {
        let unused: Vec<String> = ["operations", "shapes", "members", "values"]
            .into_iter()
            .flat_map(|table| self.table(table).keys().map(move |key| (table, key.clone())))
            .filter(|entry| !self.used.contains(entry))
            .map(|(table, key)| format!("{table}.{key}"))
            .collect();
        if !self.missing.is_empty() || !unused.is_empty() {
            let missing: Vec<_> = self.missing.into_iter().collect();
            return Err(format!(
                "docs.toml lacks: {}\ndocs.toml has without use: {}",
                missing.join(", "),
                unused.join(", ")
            )
            .into());
        }
        Ok(self.consts)
    }
}
