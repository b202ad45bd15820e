//! Joins facts, decisions and texts into the intermediate form for the printers.

mod form;
mod input;
mod types;

use std::collections::{BTreeMap, BTreeSet};

use self::types::Types;
use super::names::{field, screaming, variant};
use crate::Result;
use crate::api::{self, Api, Reference, Shape};

pub(crate) use self::form::*;
use self::input::Decisions;
pub(crate) use self::input::{Problems, Source};

/// Creates the model of a service. Adds missing decisions and texts to `problems`.
pub(crate) fn lower(source: &Source, problems: &mut Problems) -> Result<Model> {
    let Source { api, decisions, texts, .. } = source;
    input::check(source, problems);
    let mut lowering = Lowering {
        api,
        decisions,
        texts: input::TextSource::new(texts),
        types: Types::new(api, decisions)?,
    };
    let mut groups = lowering.groups();
    for (name, operation) in &api.operations.0 {
        lowering.operation(name, operation, &mut groups, decisions.group_of(name))?;
    }
    lowering.shared_types(&mut groups)?;
    for group in &mut groups {
        let order = decisions.groups.get(&group.name).map(|group| &group.operations[..]);
        sort_structures(group, order.unwrap_or_default());
    }
    groups.retain(|group| !group.structures.is_empty() || !group.enums.is_empty());

    let ids = lowering.ids();
    let texts = lowering.texts.finish(source, problems);
    Ok(Model {
        module: decisions.module.clone(),
        service: Service {
            id: api.metadata.service_id.clone(),
            full_name: api.metadata.service_full_name.clone(),
            api_version: api.metadata.api_version.clone(),
            endpoint_prefix: api.metadata.endpoint_prefix.clone(),
            signing_name: api
                .metadata
                .signing_name
                .clone()
                .unwrap_or_else(|| api.metadata.endpoint_prefix.clone()),
            global_region: decisions.global_region.clone(),
            regions: decisions.regions.clone(),
        },
        ids,
        id_conversions: decisions.id_conversions.clone().into_iter().collect(),
        common_errors: common_errors(&groups),
        shapes: lowering.types.shapes()?,
        groups,
        texts,
        examples: decisions.examples.clone(),
    })
}

/// Sorts structures: requests and responses in the order of the operations, then nested structures.
fn sort_structures(group: &mut Group, operations: &[String]) {
    let rank = |structure: &Structure| {
        operations
            .iter()
            .position(|name| {
                structure.name == format!("{name}Request")
                    || structure.name == format!("{name}Response")
            })
            .unwrap_or(operations.len())
    };
    group.structures.sort_by_key(|structure| {
        (rank(structure), structure.operation.is_none(), structure.name.clone())
    });
    group.enums.sort_by(|a, b| a.name.cmp(&b.name));
}

fn common_errors(groups: &[Group]) -> Vec<String> {
    let mut uses: BTreeMap<&[String], usize> = BTreeMap::new();
    for operation in
        groups.iter().flat_map(|group| &group.structures).filter_map(|s| s.operation.as_ref())
    {
        *uses.entry(&operation.errors).or_default() += 1;
    }
    uses.into_iter().max_by_key(|(_, count)| *count).map(|(e, _)| e.to_vec()).unwrap_or_default()
}

struct Lowering<'a> {
    api: &'a Api,
    decisions: &'a Decisions,
    texts: input::TextSource<'a>,
    types: Types<'a>,
}

impl Lowering<'_> {
    /// The groups of the decisions, and one for types that several groups use.
    fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = self
            .decisions
            .groups
            .iter()
            .map(|(name, group)| Group {
                name: name.clone(),
                doc: group.doc.clone(),
                enums: Vec::new(),
                structures: Vec::new(),
            })
            .collect();
        groups.push(Group {
            name: types::SHARED.to_owned(),
            doc: "The types that more than one group of resources uses.".to_owned(),
            enums: Vec::new(),
            structures: Vec::new(),
        });
        groups
    }

    fn ids(&self) -> Vec<Id> {
        let mut ids = Vec::new();
        for (name, id) in &self.decisions.ids {
            let kind = match id.phone_number {
                true => IdKind::PhoneNumber,
                false if self.types.is_sensitive_id(name) => IdKind::Sensitive,
                false => IdKind::Plain,
            };
            ids.push(Id { name: name.clone(), doc: id.doc.clone(), kind });
        }
        ids
    }

    fn operation(
        &mut self,
        name: &str,
        operation: &api::Operation,
        groups: &mut [Group],
        group: &str,
    ) -> Result<()> {
        let request = format!("{name}Request");
        let empty = Shape::default();
        let input = match &operation.input {
            Some(input) => self.api.shape(&input.shape)?,
            None => &empty,
        };
        let response = match &operation.output {
            Some(output) if self.api.shape(&output.shape)?.members().next().is_some() => {
                Some((output.shape.clone(), self.api.shape(&output.shape)?))
            }
            _ => None,
        };

        let uri = &operation.http.request_uri;
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let query: Vec<_> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let (doc_const, doc) = self.texts.operation(name)?;
        let paging = response.as_ref().and_then(|(_, response)| self.paging(name, input, response));
        let row = Operation {
            name: name.to_owned(),
            group: group.to_owned(),
            doc_const,
            method: variant(&operation.http.method.to_ascii_lowercase()),
            path: path.to_owned(),
            query,
            status: operation.http.response_code.unwrap_or(200),
            output: response.as_ref().map(|(name, _)| name.clone()),
            errors: error_variants(&operation.errors),
            paging,
            batch: self.decisions.batches.get(name).cloned(),
            idempotency_token: input::token(self.api, self.decisions, name).map(str::to_owned),
            idempotent: !self.decisions.retry.not_safe.contains(&name.to_owned()),
        };
        let deprecated = match (operation.deprecated, &operation.deprecated_since) {
            (true, Some(since)) => format!("\n\nDeprecated since {since}."),
            (true, None) => "\n\nDeprecated.".to_owned(),
            (false, _) => String::new(),
        };
        let doc = format!("{}{deprecated}\n\n`{} {uri}`", doc.trim_end(), operation.http.method);
        let structure = self.structure(&request, input, doc, Some(row))?;
        let target = groups
            .iter_mut()
            .find(|candidate| candidate.name == group)
            .ok_or_else(|| format!("no group is named {group}"))?;
        target.structures.push(structure);
        if let Some((response, shape)) = response {
            if shape.members().any(|(_, member)| member.location.is_some()) {
                return Err(format!("{response} has members outside of the body").into());
            }
            let doc = format!("The response to [`{request}`].");
            target.structures.push(self.structure(&response, shape, doc, None)?);
        }
        Ok(())
    }

    fn paging(&self, operation: &str, input: &Shape, output: &Shape) -> Option<Paging> {
        let has = |shape: &Shape, name| shape.members().any(|(member, _)| member == name);
        if !has(input, "NextToken") || !has(output, "NextToken") {
            return None;
        }
        let mut lists = output.members().filter(|(_, member)| {
            self.api.shapes.get(&member.shape).is_some_and(|shape| shape.kind == "list")
        });
        let items = match self.decisions.paging.get(operation) {
            Some(items) => items.clone(),
            None => lists.next()?.0.clone(),
        };
        let limit = has(input, "MaxResults").then(|| "MaxResults".to_owned());
        Some(Paging { items, limit })
    }

    fn structure(
        &mut self,
        name: &str,
        shape: &Shape,
        doc: String,
        operation: Option<Operation>,
    ) -> Result<Structure> {
        let token = operation.as_ref().and_then(|operation| operation.idempotency_token.clone());
        let fields = shape
            .members()
            .map(|(member, reference)| {
                // Optional, because the client fills in the token.
                let required = shape.required.contains(member) && token.as_ref() != Some(member);
                self.field(name, member, reference, required)
            })
            .collect::<Result<_>>()?;
        Ok(Structure { name: name.to_owned(), doc, fields, operation })
    }

    fn field(
        &mut self,
        structure: &str,
        member: &str,
        reference: &Reference,
        required: bool,
    ) -> Result<Field> {
        let wire_name = reference.location_name.clone().unwrap_or_else(|| member.to_owned());
        let place = match reference.location.as_deref() {
            Some("uri") => Place::Label(wire_name),
            Some("querystring") => Place::Query(wire_name),
            Some("header") => Place::Header(wire_name.to_ascii_lowercase()),
            None => Place::Body,
            Some(other) => {
                return Err(format!("{structure}.{member} has an unknown location: {other}").into());
            }
        };
        let (rust, shape) = self.types.member(structure, member, &reference.shape, &place)?;
        let (doc_const, doc) = self.texts.member(structure, member)?;
        Ok(Field {
            member: member.to_owned(),
            name: field(member),
            rust,
            required,
            place,
            shape,
            doc,
            doc_const,
        })
    }

    /// Adds enums and nested structures to the groups, each to the only group that uses it or to the shared group.
    fn shared_types(&mut self, groups: &mut [Group]) -> Result<()> {
        let homes = self.types.homes()?;
        for (name, home) in homes {
            let shape = self.api.shape(&name)?;
            let doc = self.texts.shape(&name)?;
            let target = groups
                .iter_mut()
                .find(|group| group.name == home)
                .ok_or_else(|| format!("no group is named {home}"))?;
            if shape.kind == "structure" {
                let structure = self.structure(&name, shape, doc, None)?;
                target.structures.push(structure);
            } else {
                let mut values: Vec<(String, String, String)> = Vec::new();
                for value in &shape.values {
                    let (variant, text) = (variant(value), self.texts.value(&name, value)?);
                    if values.iter().any(|(other, ..)| *other == variant) {
                        return Err(format!("{name} has two values named {variant}").into());
                    }
                    values.push((variant, value.clone(), text));
                }
                target.enums.push(Enum { name, doc, values });
            }
        }
        Ok(())
    }
}

/// The known members of exceptions. Any other member is an error, because it would be lost.
const EXCEPTION_MEMBERS: [&str; 5] =
    ["Code", "Message", "RequestId", "ResourceName", "RetryAfterSeconds"];

/// The exceptions of all services, by name.
pub(crate) fn exceptions(sources: &[Source]) -> Result<Vec<Exception>> {
    let mut exceptions: BTreeMap<&str, Exception> = BTreeMap::new();
    for Source { api, decisions, .. } in sources {
        for (name, shape) in api.shapes.0.iter().filter(|(_, shape)| shape.exception) {
            let status = shape.error.as_ref().map(|error| error.http_status_code);
            let status = status.ok_or_else(|| format!("{name} has no status"))?;
            let unknown = |(member, _): &&(String, _)| !EXCEPTION_MEMBERS.contains(&&**member);
            if let Some((member, _)) = shape.members().find(unknown) {
                return Err(format!("{name} has an unknown member: {member}").into());
            }
            let own_code = || vec![exception_variant(name)];
            let codes = decisions.codes.get(name).cloned().unwrap_or_else(own_code);
            let Some(known) = exceptions.get_mut(name.as_str()) else {
                exceptions.insert(name, Exception { name: name.clone(), status, codes });
                continue;
            };
            if (known.status, known.codes.first()) != (status, codes.first()) {
                return Err(format!("services differ in the status or the code of {name}").into());
            }
            known.codes.extend(codes);
        }
    }
    Ok(exceptions.into_values().collect())
}

pub(crate) fn exception_variant(name: &str) -> String {
    name.trim_end_matches("Exception").to_owned()
}

fn error_variants(errors: &[Reference]) -> Vec<String> {
    let names: BTreeSet<_> = errors.iter().map(|error| exception_variant(&error.shape)).collect();
    names.into_iter().collect()
}

/// The name of the static that describes a shape.
fn shape_static(shape: &str) -> String {
    screaming(shape)
}
