//! Which Rust type and which static of the module `shapes` belong to a shape of the API, and in
//! which group a type lives.

use std::collections::{BTreeMap, BTreeSet};

use super::{Decisions, RustType, ShapeStatic, ShapeValue, shape_static};
use crate::Result;
use crate::api::{Api, Shape};

/// The group of what more than one group holds.
pub(super) const SHARED: &str = "shared";

/// The shape that stands in for plain text which turned out to be sensitive.
const SENSITIVE: &str = "SensitiveString";

pub(super) struct Types<'a> {
    api: &'a Api,
    decisions: &'a Decisions,
    /// Every shape that a member of some request or response has, with the groups that reach it.
    reached: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Types<'a> {
    pub(super) fn new(api: &'a Api, decisions: &'a Decisions) -> Result<Self> {
        let mut types = Self { api, decisions, reached: BTreeMap::new() };
        for (name, operation) in &api.operations.0 {
            let group = decisions.group_of(name)?;
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
        if let Some(item) = &shape.member {
            self.reach(&item.shape, group)?;
        }
        Ok(())
    }

    fn reach(&mut self, name: &'a str, group: &'a str) -> Result<()> {
        if self.reached.entry(name).or_default().insert(group) {
            self.reach_members(self.api.shape(name)?, group)?;
        }
        Ok(())
    }

    /// The Rust type of a member, and the static that describes its shape.
    pub(super) fn member(
        &self,
        structure: &str,
        member: &str,
        shape: &str,
    ) -> Result<(RustType, String)> {
        if self.decisions.sensitive.members.contains(&format!("{structure}.{member}")) {
            let rust = RustType { item: SENSITIVE.to_owned(), list: false };
            return Ok((rust, shape_static(SENSITIVE)));
        }
        let facts = self.api.shape(shape)?;
        let (item, list) = match &facts.member {
            Some(item) => (item.shape.as_str(), true),
            None => (shape, false),
        };
        let item = self.scalar(member, item)?;
        Ok((RustType { item, list }, shape_static(shape)))
    }

    fn scalar(&self, member: &str, shape: &str) -> Result<String> {
        let facts = self.api.shape(shape)?;
        Ok(match facts.kind.as_str() {
            "string" if !facts.values.is_empty() => shape.to_owned(),
            "string" if facts.sensitive => SENSITIVE.to_owned(),
            "string" => self.decisions.id_of(member).unwrap_or("String").to_owned(),
            "boolean" => "bool".to_owned(),
            "integer" => "i32".to_owned(),
            "timestamp" if facts.timestamp_format.as_deref() == Some("iso8601") => {
                "OffsetDateTime".to_owned()
            }
            "structure" => shape.to_owned(),
            other => return Err(format!("{member} is a {other}, which has no Rust type").into()),
        })
    }

    /// The types that need an item of their own, each with the group where it lives.
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
        let mut names: BTreeSet<&str> = self.reached.keys().copied().collect();
        if !self.decisions.sensitive.members.is_empty() {
            names.insert(SENSITIVE);
        }
        names
            .into_iter()
            .map(|name| {
                let shape = self.api.shape(name)?;
                let (min, max) = (shape.min, shape.max);
                let value = match shape.kind.as_str() {
                    "string" if !shape.values.is_empty() => {
                        ShapeValue::Enumeration(name.to_owned())
                    }
                    "string" => ShapeValue::Text {
                        min,
                        max,
                        pattern: shape.pattern.clone(),
                        sensitive: shape.sensitive,
                    },
                    "boolean" => ShapeValue::Boolean,
                    "integer" => ShapeValue::Integer { min, max },
                    "timestamp" => ShapeValue::Timestamp,
                    "list" => {
                        let item = shape.member.as_ref().ok_or("a list without a member")?;
                        ShapeValue::List { item: shape_static(&item.shape), min, max }
                    }
                    "structure" => ShapeValue::Structure(name.to_owned()),
                    other => return Err(format!("{name} is an unknown kind: {other}").into()),
                };
                Ok(ShapeStatic { name: shape_static(name), value })
            })
            .collect()
    }
}
