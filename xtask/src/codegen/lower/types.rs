//! Maps shapes of the API to Rust types and to statics of the module `shapes`, and types to groups.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Container, Decisions, Place, RustType, ShapeStatic, ShapeValue, TimestampFormat, shape_static,
};
use crate::Result;
use crate::api::{Api, Shape};
use crate::codegen::names::screaming;

/// The group for types that more than one group uses.
pub(super) const SHARED: &str = "shared";

/// The Rust type of sensitive text.
const SENSITIVE: &str = "SensitiveString";

pub(super) struct Types<'a> {
    api: &'a Api,
    decisions: &'a Decisions,
    /// The shapes of all members of requests and responses, with the groups that use them.
    reached: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The formats of all timestamps.
    timestamps: BTreeSet<TimestampFormat>,
    /// The shapes of text that is sensitive by a decision of ours.
    sensitive: BTreeSet<String>,
    /// The shapes of members and of their items.
    used: BTreeSet<String>,
    sensitive_ids: BTreeSet<String>,
}

impl<'a> Types<'a> {
    pub(super) fn new(api: &'a Api, decisions: &'a Decisions) -> Result<Self> {
        let mut types = Self {
            api,
            decisions,
            reached: BTreeMap::new(),
            timestamps: BTreeSet::new(),
            sensitive: BTreeSet::new(),
            used: BTreeSet::new(),
            sensitive_ids: BTreeSet::new(),
        };
        for (name, id) in &decisions.ids {
            if id.sensitive || id.phone_number || types.is_sensitive_by_facts(name)? {
                types.sensitive_ids.insert(name.clone());
            }
        }
        for (name, operation) in &api.operations.0 {
            let group = decisions.group_of(name);
            for shape in [&operation.input, &operation.output].into_iter().flatten() {
                types.reach_members(api.shape(&shape.shape)?, group)?;
            }
        }
        Ok(types)
    }

    fn reach_members(&mut self, shape: &'a Shape, group: &'a str) -> Result<()> {
        for (_, reference) in shape.members() {
            self.reach(&reference.shape, group)?;
        }
        for reference in [&shape.member, &shape.key, &shape.value].into_iter().flatten() {
            self.reach(&reference.shape, group)?;
        }
        Ok(())
    }

    fn reach(&mut self, name: &'a str, group: &'a str) -> Result<()> {
        if self.reached.entry(name).or_default().insert(group) {
            self.reach_members(self.api.shape(name)?, group)?;
        }
        Ok(())
    }

    /// Returns the Rust type of a member, and the static that describes its shape.
    pub(super) fn member(
        &mut self,
        structure: &str,
        member: &str,
        shape: &str,
        place: &Place,
    ) -> Result<(RustType, String)> {
        let one = |item: &str| RustType { item: item.to_owned(), container: Container::None };
        if self.decisions.sensitive.members.contains(&format!("{structure}.{member}")) {
            self.sensitive.insert(shape.to_owned());
            return Ok((one(SENSITIVE), sensitive_static(shape)));
        }
        let facts = self.api.shape(shape)?;
        if facts.kind == "timestamp" {
            let format = timestamp_format(facts, place)?;
            self.timestamps.insert(format);
            return Ok((one("OffsetDateTime"), timestamp_static(format)));
        }
        let rust = match (&facts.member, &facts.value) {
            (Some(_), _) if matches!(place, Place::Query(_) | Place::Header(_)) => {
                return Err(format!("{structure}.{member} is a list outside of the body").into());
            }
            (Some(item), _) => {
                RustType { item: self.scalar(member, &item.shape)?, container: Container::List }
            }
            (None, Some(value)) => self.map(shape, facts, &value.shape)?,
            (None, None) => one(&self.scalar(member, shape)?),
        };
        // The facts do not mark every member that holds a sensitive id.
        let text = facts.member.as_ref().map_or(Ok(facts), |item| self.api.shape(&item.shape))?;
        if self.sensitive_ids.contains(&rust.item) && !text.sensitive {
            self.sensitive.insert(shape.to_owned());
            self.sensitive.extend(facts.member.as_ref().map(|item| item.shape.clone()));
            return Ok((rust, sensitive_static(shape)));
        }
        self.used.insert(shape.to_owned());
        for item in [&facts.member, &facts.key, &facts.value].into_iter().flatten() {
            self.used.insert(item.shape.clone());
        }
        Ok((rust, shape_static(shape)))
    }

    fn scalar(&self, member: &str, shape: &str) -> Result<String> {
        let facts = self.api.shape(shape)?;
        Ok(match facts.kind.as_str() {
            "string" if !facts.values.is_empty() => shape.to_owned(),
            "string" => match self.decisions.id_of(member) {
                Some(id) => id.to_owned(),
                None if facts.sensitive => SENSITIVE.to_owned(),
                None => "String".to_owned(),
            },
            "boolean" => "bool".to_owned(),
            "integer" => "i32".to_owned(),
            "float" => "f64".to_owned(),
            "structure" => shape.to_owned(),
            other => return Err(format!("{member} is a {other}, which has no Rust type").into()),
        })
    }

    /// Returns the Rust type of a map. It redacts keys and values, because all maps of the services are sensitive.
    fn map(&self, name: &str, map: &Shape, value: &str) -> Result<RustType> {
        let key = map.key.as_ref().ok_or_else(|| format!("{name} is a map without keys"))?;
        let (key, facts) = (self.api.shape(&key.shape)?, self.api.shape(value)?);
        if !(map.sensitive || key.sensitive) || key.kind != "string" {
            return Err(format!("{name} is a map without sensitive text as keys").into());
        }
        let item = match facts.kind.as_str() {
            "string" => "String".to_owned(),
            _ => self.scalar(name, value)?,
        };
        Ok(RustType { item, container: Container::Map })
    }

    /// Whether an id is sensitive.
    pub(super) fn is_sensitive_id(&self, id: &str) -> bool {
        self.sensitive_ids.contains(id)
    }

    /// Whether the facts mark a member that holds this id as sensitive.
    fn is_sensitive_by_facts(&self, id: &str) -> Result<bool> {
        for (_, shape) in &self.api.shapes.0 {
            for (member, reference) in shape.members() {
                let facts = self.api.shape(&reference.shape)?;
                let item = facts.member.as_ref().map(|item| self.api.shape(&item.shape));
                let text = item.transpose()?.unwrap_or(facts);
                let is_text = text.kind == "string" && text.values.is_empty();
                if is_text && text.sensitive && self.decisions.id_of(member) == Some(id) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The types that need their own item, each with its group.
    pub(super) fn homes(&self) -> Result<Vec<(String, String)>> {
        let mut homes = Vec::new();
        for (name, groups) in &self.reached {
            let shape = self.api.shape(name)?;
            if shape.kind == "structure" || !shape.values.is_empty() {
                let mut groups = groups.iter();
                let home = match (groups.next(), groups.next()) {
                    (Some(only), None) => only,
                    _ => SHARED,
                };
                homes.push(((*name).to_owned(), home.to_owned()));
            }
        }
        Ok(homes)
    }

    /// The statics for all shapes that members have.
    pub(super) fn shapes(&self) -> Result<Vec<ShapeStatic>> {
        let mut statics = Vec::new();
        for name in &self.used {
            if let Some(value) = self.shape_value(name, self.api.shape(name)?)? {
                statics.push(ShapeStatic { name: shape_static(name), value });
            }
        }
        for name in &self.sensitive {
            if statics.iter().any(|it: &ShapeStatic| it.name == sensitive_static(name)) {
                continue;
            }
            let Shape { min, max, pattern, member, .. } = self.api.shape(name)?;
            let (min, max, pattern) = (*min, *max, pattern.clone());
            let value = match member {
                Some(item) => ShapeValue::List { item: sensitive_static(&item.shape), min, max },
                None => ShapeValue::Text { min, max, pattern, sensitive: true },
            };
            statics.push(ShapeStatic { name: sensitive_static(name), value });
        }
        statics.sort_by(|a, b| a.name.cmp(&b.name));
        statics.extend(self.timestamps.iter().map(|format| ShapeStatic {
            name: timestamp_static(*format),
            value: ShapeValue::Timestamp(*format),
        }));
        Ok(statics)
    }

    fn shape_value(&self, name: &str, shape: &Shape) -> Result<Option<ShapeValue>> {
        let (min, max) = (shape.min, shape.max);
        let item = |reference: &Option<crate::api::Reference>| {
            let item = reference.as_ref().ok_or_else(|| format!("{name} has no items"))?;
            Ok::<_, String>(shape_static(&item.shape))
        };
        Ok(Some(match shape.kind.as_str() {
            "string" if !shape.values.is_empty() => ShapeValue::Enumeration(name.to_owned()),
            "string" => {
                let pattern = shape.pattern.clone();
                ShapeValue::Text { min, max, pattern, sensitive: shape.sensitive }
            }
            "boolean" => ShapeValue::Boolean,
            "integer" => ShapeValue::Integer { min, max },
            "float" => ShapeValue::Float { min, max },
            // The format depends on the location of the member.
            "timestamp" => return Ok(None),
            "list" => ShapeValue::List { item: item(&shape.member)?, min, max },
            "map" => {
                ShapeValue::Map { key: item(&shape.key)?, value: item(&shape.value)?, min, max }
            }
            "structure" => ShapeValue::Structure(name.to_owned()),
            other => return Err(format!("{name} is an unknown kind: {other}").into()),
        }))
    }
}

/// The format in the REST-JSON protocol: that of the facts, or the default of the member's location.
fn timestamp_format(shape: &Shape, place: &Place) -> Result<TimestampFormat> {
    match (shape.timestamp_format.as_deref(), place) {
        (Some("iso8601"), _) | (None, Place::Query(_)) => Ok(TimestampFormat::Iso8601),
        (Some("unixTimestamp"), _) | (None, Place::Body) => Ok(TimestampFormat::EpochSeconds),
        _ => Err("a timestamp in a path, a header or an unknown format".into()),
    }
}

/// The name of the static for a shape whose text is sensitive by a decision of ours.
fn sensitive_static(shape: &str) -> String {
    format!("SENSITIVE_{}", shape_static(shape))
}

fn timestamp_static(format: TimestampFormat) -> String {
    screaming(&format!("{format:?}Time"))
}
