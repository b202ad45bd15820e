//! Decodes the path, query, headers and body of a request to one structure.

mod json;
mod members;

use std::borrow::Cow;
use std::iter::Chain;
use std::slice::Iter;

use bytes::Bytes;
use chime_model::{Operation, Place, Rule, Shape, Violation, Violations, check};
use http::{HeaderMap, Request};
use serde_json::Value;

use self::json::Json;
use self::members::RequestVisitor;
use crate::router::{Parameter, Route};
use crate::text::query_pairs;

/// Decodes a request from its path, its query, its headers and its JSON body.
///
/// Unknown members are ignored, and null means unset. The body needs no `Content-Type`, and is
/// ignored if the operation has no body members.
///
/// # Errors
/// Returns the name of each member that is missing, repeated or of the wrong type. Constraints are
/// not checked; use [`chime_model::Validate`].
pub fn decode_request<O: Operation>(
    route: &Route<'_>,
    request: &Request<Bytes>,
) -> Result<O, Violations> {
    let parameters =
        parameters(route, request.uri().query().unwrap_or_default(), request.headers())?;
    let head = route.labels.iter().chain(&parameters);
    let has_body = O::SHAPE.body().next().is_some();
    let body: &[u8] = match request.body().trim_ascii() {
        body if has_body && !body.is_empty() => body,
        _ => b"{}",
    };
    let mut json = serde_json::Deserializer::from_slice(body);
    let visitor = RequestVisitor { structure: O::SHAPE, head: head.clone() };
    let decoded = visitor.deserialize(&mut json).and_then(|request| {
        json.end()?;
        Ok(request)
    });
    decoded.map_err(|_| violations::<O>(head, body))
}

/// The members of the path, the query and the headers.
type Head<'a> = Chain<Iter<'a, Parameter<'a>>, Iter<'a, Parameter<'a>>>;

/// The members of the query and the headers.
fn parameters<'a>(
    route: &Route<'_>,
    query: &'a str,
    headers: &'a HeaderMap,
) -> Result<Vec<Parameter<'a>>, Violation> {
    if let Some((member, _)) = route.labels.iter().find(|(_, text)| text.is_empty()) {
        return Err(Violation::new(member.name, Rule::PathSegment));
    }
    let mut found: Vec<Parameter<'a>> = Vec::new();
    for (name, value) in query_pairs(query) {
        let member =
            route.info.input.members.iter().find(
                |member| matches!(member.place, Place::Query(parameter) if parameter == name),
            );
        // If a parameter is repeated, the first value is used.
        if let Some(member) = member
            && found.iter().all(|(other, _)| other.name != member.name)
        {
            let not_text = || Violation::new(member.name, Rule::Type { expected: "UTF-8" });
            found.push((member, value.ok_or_else(not_text)?));
        }
    }
    for member in route.info.input.members {
        let Place::Header(name) = member.place else { continue };
        if let Some(value) = headers.get(name) {
            let text =
                value.to_str().map_err(|_| Violation::new(member.name, Rule::HeaderValue))?;
            found.push((member, Cow::Borrowed(text)));
        }
    }
    Ok(found)
}

/// Returns the number or the boolean that a text means as a value of this shape; `None` if it stays text.
fn typed(shape: &Shape, text: &str) -> Option<Value> {
    match shape {
        Shape::Integer(_) => text.parse::<i64>().ok().map(Value::from),
        Shape::Boolean => text.parse::<bool>().ok().map(Value::from),
        // Seconds since 1970.
        Shape::Timestamp(_) => text.parse().ok().map(Value::Number),
        _ => None,
    }
}

/// Lists the members because of which a request could not be decoded. Parses it again, because
/// decoding stops at the first error and does not name the member.
fn violations<O: Operation>(head: Head<'_>, body: &[u8]) -> Violations {
    let Ok(Json::Object(mut document)) = serde_json::from_slice(body) else {
        return Violation::new("", Rule::Type { expected: "a JSON object" }).into();
    };
    document.retain_mut(|(name, value)| {
        let member = O::SHAPE.body().find(|member| member.name == name);
        member.inspect(|member| value.drop_unknown(member.shape)).is_some()
    });
    for (member, text) in head {
        let value = typed(member.shape, text).unwrap_or_else(|| Value::from(text.as_ref()));
        document.push((member.name.to_owned(), Json::Scalar(value)));
    }
    let fallback = || Violation::new("", Rule::Type { expected: O::INFO.name }).into();
    check(O::SHAPE, &Json::Object(document)).err().unwrap_or_else(fallback)
}
